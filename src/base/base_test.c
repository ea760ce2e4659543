/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arena, text, decimals, ids, times and the small containers. */
#include "base/buf.h"
#include "base/decimal.h"
#include "base/id.h"
#include "base/map.h"
#include "base/tap.h"
#include "base/time.h"

#include <string.h>

static void count_up(void *arg)
{
    ++*(int *)arg;
}

TEST(arena_grows_and_defers)
{
    Arena *a = arena_new(0);
    int calls = 0;

    arena_defer(a, count_up, &calls);
    char *p = arena_alloc(a, 10);
    memcpy(p, "0123456789", 10);
    for (size_t n = 10; n < 100000; n *= 2) p = arena_grow(a, p, n, n * 2);
    CHECK(memcmp(p, "0123456789", 10) == 0);
    CHECK(p[10] == 0 && p[50000] == 0);
    arena_reset(a);
    CHECK_EQ_INT(calls, 1);
    CHECK_EQ_INT(arena_used(a), 0);
    arena_free(a);
    CHECK_EQ_INT(calls, 1);
}

TEST(arena_rewind_keeps_its_chunks)
{
    Arena *a = arena_new(0);
    int calls = 0;
    char *first = arena_alloc(a, 100), *large = arena_alloc(a, 300000);

    arena_defer(a, count_up, &calls);
    memset(first, 'x', 100);
    memset(large, 'x', 300000);
    arena_rewind(a);
    CHECK_EQ_INT(calls, 1);
    CHECK_EQ_INT(arena_used(a), 0);
    first = arena_alloc(a, 100);
    large = arena_alloc(a, 300000);
    CHECK(first[0] == 0 && first[99] == 0);
    CHECK(large[0] == 0 && large[299999] == 0);
    CHECK(arena_alloc(a, 3000000) != NULL);
    arena_free(a);
}

TEST(str_basics)
{
    Str rest = S("a,b,,c");

    CHECK_STR(str_cut(&rest, ','), "a");
    CHECK_STR(str_cut(&rest, ','), "b");
    CHECK_STR(str_cut(&rest, ','), "");
    CHECK_STR(str_cut(&rest, ','), "c");
    CHECK(rest.p == NULL);
    CHECK_STR(str_trim(S(" \t x y\n")), "x y");
    CHECK_EQ_INT(str_find(S("abcabc"), S("ca")), 2);
    CHECK_EQ_INT(str_find(S("abc"), S("x")), -1);
    CHECK(str_cmp(S("a"), S("ab")) < 0 && str_cmp(S("b"), S("ab")) > 0);
    int64_t v;
    CHECK(str_to_i64(S("-9223372036854775808"), &v) && v == INT64_MIN);
    CHECK(!str_to_i64(S("9223372036854775808"), &v) && !str_to_i64(S("1x"), &v) && !str_to_i64(S(""), &v));
}

TEST(utf8_validation)
{
    CHECK(utf8_is_valid(S("zażółć Ёлка 🎄")));
    CHECK(!utf8_is_valid(S("\xC0\x80")));
    CHECK(!utf8_is_valid(S("\xED\xA0\x80")));
    CHECK(!utf8_is_valid(S("\xF4\x90\x80\x80")));
    CHECK(!utf8_is_valid(S("abc\xE2\x82")));
    CHECK_EQ_INT(utf8_count(S("Ёлка🎄")), 5);
    size_t at = 0;
    CHECK_EQ_INT(utf8_next(S("🎄"), &at), 0x1F384);
    CHECK_EQ_INT(at, 4);
}

TEST(buf_keeps_its_maximum)
{
    Buf b = buf_new(mem, 5);

    buf_add(&b, S("abc"));
    buf_add(&b, S("def"));
    CHECK(b.is_over);
    CHECK_STR(buf_str(&b), "abc");
}

TEST(decimal_text_and_rounding)
{
    int64_t v;
    uint8_t places;

    CHECK(decimal_parse(S("-12.50"), &v, &places) && v == -1250 && places == 2);
    CHECK(decimal_parse(S("1e3"), &v, &places) && v == 1000 && places == 0);
    CHECK(decimal_parse(S("2.5E-3"), &v, &places) && v == 25 && places == 4);
    CHECK(decimal_parse(S("0e-400"), &v, &places) && v == 0);
    CHECK(!decimal_parse(S("1234567890123456789"), &v, &places));
    CHECK(!decimal_parse(S("1."), &v, &places) && !decimal_parse(S(".5"), &v, &places) &&
          !decimal_parse(S("1e99"), &v, &places));
    CHECK_STR(decimal_text(mem, -5, 2), "-0.05");
    CHECK_STR(decimal_text(mem, 1054, 0), "1054");
    CHECK(decimal_rescale(125, 2, 1, &v) && v == 13);
    CHECK(decimal_rescale(-125, 2, 1, &v) && v == -13);
    CHECK(!decimal_rescale(DECIMAL_MAX, 0, 1, &v));
    CHECK_EQ_INT(decimal_cmp(10, 1, 100, 2), 0);
    CHECK(decimal_times(INT64_C(2000000000000), INT64_C(935000000000), 10, &v) &&
          v == INT64_C(187000000000000));
}

TEST(decimal_arithmetic)
{
    Val v;

    CHECK(decimal_add(val_decimal(15, 1), val_decimal(25, 2), &v) && v.i == 175 && v.places == 2);
    CHECK(decimal_mul(val_decimal(15, 1), val_decimal(25, 2), &v) && v.i == 375 && v.places == 3);
    CHECK(decimal_div(val_decimal(1, 0), val_decimal(3, 0), &v) && v.i == 333333 && v.places == 6);
    CHECK(!decimal_div(val_decimal(1, 0), val_decimal(0, 0), &v));
    CHECK(!decimal_add(val_decimal(DECIMAL_MAX, 0), val_decimal(1, 0), &v));
}

TEST(ids_grow_whatever_the_clock)
{
    Id a = id_new(1800000000000), b = id_new(1700000000000), back;

    CHECK(b > a);
    for (int i = 0; i < 10000; i++) {
        Id c = id_new(1800000000000);
        if (c <= b) CHECK(c > b);
        b = c;
    }
    Str text = id_text(mem, a);
    CHECK_EQ_INT(text.n, 13);
    CHECK(id_parse(text, &back) && back == a);
    CHECK(!id_parse(S("0000000000000"), &back) && !id_parse(S("zzzzzzzzzzzzz"), &back) &&
          !id_parse(S("abc"), &back));
    CHECK_EQ_INT(id_ms(a), 1800000000000);
}

TEST(times_written_and_read)
{
    Val v;
    int64_t d;

    CHECK(timestamp_parse(S("2026-11-21T10:00:00.250+03:00"), &v));
    CHECK_STR(timestamp_text(mem, v), "2026-11-21T07:00:00.250Z");
    CHECK(timestamp_parse(S("0001-01-01T00:00:00Z"), &v));
    CHECK_STR(timestamp_text(mem, v), "0001-01-01T00:00:00Z");
    CHECK(timestamp_parse(S("9999-12-31T23:59:59.999999999Z"), &v));
    CHECK_STR(timestamp_text(mem, v), "9999-12-31T23:59:59.999999999Z");
    CHECK(!timestamp_parse(S("2026-02-29T00:00:00Z"), &v) && !timestamp_parse(S("2026-01-01 00:00:00Z"), &v));
    CHECK(date_parse(S("2024-02-29"), &d));
    CHECK_STR(date_text(mem, d), "2024-02-29");
    CHECK_STR(date_text(mem, -719162), "0001-01-01");
    CHECK_EQ_INT(date_weekday(0), 4);
    CHECK(duration_parse(S("-1h30m0.5s"), &v));
    CHECK_STR(duration_text(mem, v), "-5400.500s");
    CHECK(duration_parse(S("1.5s"), &v) && v.i == 1 && v.n == 500000000);
    CHECK(!duration_parse(S("1x"), &v) && !duration_parse(S(""), &v));
    CHECK_EQ_INT(val_ms(val_from_ms(-1)), -1);
}

TEST(map_keeps_order_and_finds)
{
    StrMap m = {0};
    int values[300];

    for (int i = 0; i < 300; i++) strmap_put(mem, &m, str_fmt(mem, "key%d", i), &values[i]);
    strmap_put(mem, &m, S("key7"), &values[8]);
    CHECK_EQ_INT(m.n, 300);
    CHECK(strmap_get(&m, S("key299")) == &values[299] && strmap_get(&m, S("key7")) == &values[8]);
    CHECK(strmap_get(&m, S("nothing")) == NULL);
    CHECK_STR(m.entries[42].key, "key42");
}

TEST(currency_packs)
{
    char code[4];

    currency_unpack(currency_pack(S("PLN")), code);
    CHECK_STR(str_c(code), "PLN");
    CHECK_EQ_INT(currency_pack(S("pln")), 0);
}
