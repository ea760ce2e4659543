/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parser and source text: what is parsed prints as expected and parses again to the same text. */

#include "base/limits.h"
#include "base/tap.h"
#include "cel/cel.h"

static Str text_of(Arena *mem, Str source)
{
    CelNode *root = NULL;
    Err *e = cel_parse(mem, source, &root);
    return e ? e->detail : cel_text(mem, root);
}

TEST(text_has_canonical_spacing_and_no_needless_parentheses)
{
    static const char *const cases[][2] = {
        {"a+b*c", "a + b * c"},
        {"(a+b)*c", "(a + b) * c"},
        {"a-(b-c)", "a - (b - c)"},
        {"(a-b)-c", "a - b - c"},
        {"a&&(b||c)&&d", "a && (b || c) && d"},
        {"!(a==b)", "!(a == b)"},
        {"- -1", "--1"},
        {"-(!a)", "-(!a)"},
        {"!(-1)", "!(-1)"},
        {"(-1).x", "(-1).x"},
        {"a?b:c?d:e", "a ? b : c ? d : e"},
        {"(a?b:c)?d:e", "(a ? b : c) ? d : e"},
        {"x.f( 1 ,2)[ 0 ].y", "x.f(1, 2)[0].y"},
        {"has(a.b)", "has(a.b)"},
        {"a.exists( x , x>1 )", "a.exists(x, x > 1)"},
        {"a.existsOne(i,v,v>i)", "a.exists_one(i, v, v > i)"},
        {"cel.bind(x,1,x+x)", "cel.bind(x, 1, x + x)"},
        {"[1,?a]", "[1, ?a]"},
        {"{'a':1,?'b':c}", "{'a': 1, ?'b': c}"},
        {"a.?b[?c]", "a.?b[?c]"},
        {"math . abs(x)", "math.abs(x)"},
        {"\"it's\\n\"", "'it\\'s\\n'"},
        {"b'\\xff'", "b'\\377'"},
        {"1.50", "1.50"},
        {".a.b", ".a.b"},
        {"a.`b-c`", "a.`b-c`"},
        {"google.protobuf.Value{x:1}", "google.protobuf.Value{x: 1}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Str once = text_of(mem, str_c(cases[i][0]));
        CHECK_STR(once, cases[i][1]);
        CHECK_STR(text_of(mem, once), cases[i][1]);
    }
}

TEST(error_names_the_place)
{
    CelNode *root = NULL;
    Err *e = cel_parse(mem, S("a == == b"), &root);
    CHECK_ERR(e, ERR_INVALID);
    CHECK_EQ_INT(e->at, 5);
    CHECK_STR(e->key, "error.cel.syntax");
}

static Str repeat(Arena *mem, const char *part, size_t n, const char *last)
{
    Buf b = buf_new(mem, 1u << 20);
    for (size_t i = 0; i < n; i++) buf_add(&b, str_c(part));
    buf_add(&b, str_c(last));
    return buf_str(&b);
}

TEST(size_is_bounded)
{
    CelNode *root = NULL;
    CHECK_OK(cel_parse(mem, repeat(mem, "a && ", 500, "a"), &root));
    CHECK(root->depth <= 11);
    CHECK_OK(cel_parse(mem, repeat(mem, "a + ", 200, "a"), &root));
    CHECK_OK(cel_parse(
        mem, repeat(mem, "[", 0, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"),
        &root));
    CHECK_STR(cel_parse(mem, repeat(mem, "a + ", 300, "a"), &root)->key, "error.cel.size");
    CHECK_STR(cel_parse(mem, repeat(mem, "(", 100, ""), &root)->key, "error.cel.size");
    CHECK_STR(cel_parse(mem, repeat(mem, "[", 5000, ""), &root)->key, "error.cel.size");
    CHECK_STR(cel_parse(mem, repeat(mem, "!", 5000, ""), &root)->key, "error.cel.size");
    CHECK_STR(cel_parse(mem, repeat(mem, "a || ", 1100, "a"), &root)->key, "error.cel.size");
    CHECK_STR(cel_parse(mem, repeat(mem, " ", LIMIT_CEL_TEXT, "1"), &root)->key, "error.cel.size");
}

TEST(bad_utf8_is_refused)
{
    CelNode *root = NULL;
    CHECK_ERR(cel_parse(mem, S("'\xff'"), &root), ERR_INVALID);
}
