/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Regular expressions: syntax, classes, assertions, bounds, and that hostile patterns stay linear. */

#include "base/buf.h"
#include "base/tap.h"
#include "cel/regex.h"

static int match(Arena *mem, const char *pattern, const char *text)
{
    Regex *re = NULL;
    int64_t left = 1000000;
    if (regex_compile(mem, str_c(pattern), &re) != NULL) return -1;
    return regex_search(mem, re, str_c(text), &left);
}

TEST(matches)
{
    static const struct {
        const char *pattern, *text;
        int wanted;
    } cases[] = {
        {"", "", 1},
        {"a", "xax", 1},
        {"^a$", "xa", 0},
        {"a|b|cd", "xcdx", 1},
        {"a{2,3}$", "aaaa", 1},
        {"^a{2,3}$", "aaaa", 0},
        {"a{,3}", "a{,3}", 1},
        {"a{2}", "a", 0},
        {"[^a-c]", "abc", 0},
        {"[]x]", "]", 1},
        {"[a-]", "-", 1},
        {"\\D", "123", 0},
        {"[\\d\\s]+$", "1 2", 1},
        {"[^\\d]", "12", 0},
        {"[[:^digit:]]", "12", 0},
        {"\\x41\\x{42}", "AB", 1},
        {"\\Qa.b\\E", "a.b", 1},
        {"\\Qa.b\\E", "axb", 0},
        {"(?i)STRASSE", "strasse", 1},
        {"(?i)^[а-я]+$", "ЁЖ", 0},
        {"(?i:a)b", "Ab", 1},
        {"(?i:a)b", "AB", 0},
        {"(?P<n>x)(?<m>y)", "xy", 1},
        {"a.c", "a\nc", 0},
        {"(?s)a.c", "a\nc", 1},
        {"(?m)^c", "a\nc", 1},
        {"\\bфу", "фу", 0},
        {"x*?", "", 1},
        {"(a*)*", "b", 1},
        {"(|a)+$", "aa", 1},
        {"()*", "", 1},
        {"a\\", "a", -1},
        {"(a", "a", -1},
        {"a)", "a", -1},
        {"*a", "a", -1},
        {"a**", "a", -1},
        {"[b-a]", "a", -1},
        {"[a", "a", -1},
        {"\\1", "a", -1},
        {"(?!a)", "a", -1},
        {"[[:what:]]", "a", -1},
        {"a{3,2}", "a", -1},
        {"^$", "", 1},
        {"\\A\\z", "x", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!CHECK_EQ_INT(match(mem, cases[i].pattern, cases[i].text), cases[i].wanted))
            printf("# %s on %s\n", cases[i].pattern, cases[i].text);
}

TEST(hostile_patterns_are_refused_or_paid_for)
{
    Buf text = buf_new(mem, 1u << 20);
    Regex *re = NULL;
    int64_t left = 10000;
    for (int i = 0; i < 100000; i++) buf_add_c(&text, 'a');
    CHECK_OK(regex_compile(mem, S("(a?){500}(a*)*b"), &re));
    CHECK(!regex_search(mem, re, buf_str(&text), &left));
    CHECK(left < 0);
    CHECK_EQ_INT(match(mem, "((((){1000}){1000}){1000}){1000}", "a"), 1);
    CHECK_EQ_INT(match(mem, "(((a{1000}){1000}){1000}){1000}", "a"), -1);
}
