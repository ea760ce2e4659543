/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON in and out: exactness, refusals, bounds. */
#include "base/tap.h"
#include "json/json.h"

static void check_trip(Arena *mem, Str in, const char *out)
{
    Val v;

    CHECK_OK(json_parse(mem, in, &v));
    CHECK_STR(json_text(mem, v), out);
}

static void check_refused(Arena *mem, Str in, const char *key)
{
    Val v;
    Err *e = json_parse(mem, in, &v);

    if (CHECK_ERR(e, ERR_INVALID)) CHECK_STR(e->key, key);
}

TEST(round_trips)
{
    check_trip(mem, S(" {\"a\": [1, -2, true, false, null, \"x\"], \"b\": {}} "),
               "{\"a\":[1,-2,true,false,null,\"x\"],\"b\":{}}");
    check_trip(mem, S("\"\\u0416\\ud83c\\udf84\\n\\\"\\/\""), "\"Ж🎄\\n\\\"/\"");
    check_trip(mem, S("[]"), "[]");
}

TEST(numbers_stay_exact)
{
    check_trip(mem, S("[1054.10, 1e2, 9223372036854775807, -0.5]"),
               "[\"1054.10\",\"100\",9223372036854775807,\"-0.5\"]");
    check_refused(mem, S("1234567890.12345678901"), "error.json.number");
    check_refused(mem, S("01"), "error.json.syntax");
    check_refused(mem, S("1."), "error.json.syntax");
    check_refused(mem, S("-"), "error.json.syntax");
    check_refused(mem, S("+1"), "error.json.syntax");
}

TEST(refusals)
{
    check_refused(mem, S("{\"a\":1,\"a\":2}"), "error.json.duplicate");
    check_refused(mem, S("[1,]"), "error.json.syntax");
    check_refused(mem, S("[1] x"), "error.json.syntax");
    check_refused(mem, S("\"a\tb\""), "error.json.syntax");
    check_refused(mem, S("\"\\u0000\""), "error.json.nul");
    check_refused(mem, S("\"\\ud800x\""), "error.json.syntax");
    check_refused(mem, S("\"\xff\""), "error.json.utf8");
    check_refused(mem, S("[\"a"), "error.json.syntax");
    check_refused(mem, S(""), "error.json.syntax");
    check_refused(mem, S("nul"), "error.json.syntax");
}

TEST(depth_is_bounded)
{
    char deep[200];

    for (int i = 0; i < 100; i++) deep[i] = '[', deep[100 + i] = ']';
    check_refused(mem, (Str){deep, 200}, "error.json.depth");
    Val v;
    CHECK_OK(json_parse(mem, (Str){deep + 100 - 32, 64}, &v));
}

TEST(many_keys_and_a_duplicate)
{
    Buf b = buf_new(mem, 1u << 20);

    buf_add_c(&b, '{');
    for (int i = 0; i < 5000; i++) buf_addf(&b, "\"k%d\":%d,", i, i);
    buf_add(&b, S("\"k77\":1}"));
    check_refused(mem, buf_str(&b), "error.json.duplicate");
}
