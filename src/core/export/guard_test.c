/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formula injection: what is guarded, what is left alone, and that import gets every text back. */
#include "base/tap.h"
#include "core/export/guard.h"
#include "core/test_prop.h"

TEST(formulas_get_an_apostrophe)
{
    static const char *const BAD[] = {"=1+1",   "+1+cmd|' /C calc'!A0",
                                      "-2+3+x", "@SUM(A1)",
                                      "\t=1",   "\r=1",
                                      "\n=1",   "=",
                                      "+",      "-",
                                      "-abc",   "'=1",
                                      "''@x"};

    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        Str s = str_c(BAD[i]), guarded = csv_guard(mem, s);
        CHECK_EQ_INT(guarded.p[0], '\'');
        CHECK(str_eq(str_from(guarded, 1), s));
    }
}

TEST(numbers_phones_and_texts_stay)
{
    static const char *const GOOD[] = {"",
                                       "a",
                                       "1",
                                       "-5",
                                       "-12,50",
                                       "+48 600 100 200",
                                       "+7 (916) 123-45-67",
                                       "it's =1",
                                       "O'Hara",
                                       "'quoted'",
                                       "a=b",
                                       "-1 234.5 ",
                                       "+48 600 100 200; +48 22 100"};

    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        CHECK_STR(csv_guard(mem, str_c(GOOD[i])), GOOD[i]);
        CHECK_STR(csv_unguard(str_c(GOOD[i])), GOOD[i]);
    }
}

TEST(any_text_comes_back)
{
    static const char LETTERS[] = "''=+-@\t\r\n1 5.,()x\"";

    Prop p = prop_start();

    for (int round = 0; round < 20000; round++) {
        char text[8];
        size_t n = prop_below(&p, 8);
        for (size_t i = 0; i < n; i++) text[i] = LETTERS[prop_below(&p, sizeof LETTERS - 1)];
        Str s = {text, n}, guarded = csv_guard(mem, s);
        bool runs = guarded.n && str_find_char(S("=@\t\r\n"), guarded.p[0]) >= 0;
        NEED(!runs && str_eq(csv_unguard(guarded), s));
    }
}
