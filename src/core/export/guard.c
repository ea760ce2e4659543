/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that a spreadsheet would take for a formula.  What stands behind leading apostrophes decides, so that a text which
   begins with one itself is told from one that was given it. */
#include "core/export/guard.h"

static bool is_trigger(char c)
{
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r' || c == '\n';
}

/* A sign, then digits and what stands between them in amounts and phones: no letter, no second sign that calculates. */
static bool is_number_or_phone(Str s)
{
    bool has_digit = false;

    if (s.n < 2 || (s.p[0] != '+' && s.p[0] != '-')) return false;
    for (size_t i = 1; i < s.n; i++) {
        Str rest = str_from(s, i);
        if (s.p[i] >= '0' && s.p[i] <= '9')
            has_digit = true;
        else if (str_starts(rest, S("\xc2\xa0")))
            i++;
        else if (str_find_char(S(" .,()-;+#"), s.p[i]) < 0)
            return false;
        if (s.p[i] == '+' && (s.p[0] != '+' || s.p[i - 1] != ' ')) return false;
    }
    return has_digit;
}

static bool is_dangerous(Str s)
{
    return s.n && is_trigger(s.p[0]) && !is_number_or_phone(s);
}

static Str without_apostrophes(Str s)
{
    while (s.n && s.p[0] == '\'') s = str_from(s, 1);
    return s;
}

Str csv_guard(Arena *mem, Str s)
{
    return is_dangerous(without_apostrophes(s)) ? str_cat(mem, S("'"), s) : s;
}

Str csv_unguard(Str s)
{
    return s.n && s.p[0] == '\'' && is_dangerous(without_apostrophes(s)) ? str_from(s, 1) : s;
}
