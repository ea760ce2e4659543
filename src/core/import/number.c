/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers as people write them: "1 234,56 zł", "$1,234.50", "1'000".  How thousands are parted is a property of a column. */
#include "base/buf.h"
#include "core/import/impl.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Between the first and the last digit of a number stand digits, points, commas, apostrophes and blanks (in UTF-8 also those that
   do not break a line): "12-15", "1e3" and "3 of 4" are no numbers. */
bool is_number_like(Str s)
{
    size_t first = 0, last = s.n;

    while (first < last && !is_digit(s.p[first])) first++;
    while (last > first && !is_digit(s.p[last - 1])) last--;
    for (size_t i = first; i < last; i++) {
        Str rest = str_from(s, i);
        if (str_starts(rest, S("\xc2\xa0")))
            i += 1;
        else if (str_starts(rest, S("\xe2\x80\xaf")) || str_starts(rest, S("\xe2\x80\x89")))
            i += 2;
        else if (!is_digit(s.p[i]) && str_find_char(S(" .,'"), s.p[i]) < 0)
            return false;
    }
    return first < last && str_find_char(str_sub(s, 0, first), '(') < 0;
}

/* Whether each `mark` of the number is followed by three digits and then no digit, and stands before any other mark. */
static bool is_grouped(Str s, char mark, bool *has)
{
    bool is_after_other = false;

    for (size_t i = 0; i < s.n; i++) {
        bool is_mark = s.p[i] == mark, is_other = !is_mark && (s.p[i] == '.' || s.p[i] == ',');
        size_t digits = 0;
        while (is_mark && i + 1 + digits < s.n && is_digit(s.p[i + 1 + digits])) digits++;
        if (is_mark && (digits != 3 || is_after_other)) return false;
        is_after_other = is_after_other || is_other;
        *has = *has || is_mark;
    }
    return true;
}

void number_learn(NumberEvidence *e, Str value)
{
    for (size_t m = 0; m < 2; m++)
        if (!e->is_broken[m]) e->is_broken[m] = !is_grouped(value, ",."[m], &e -> has[m]);
}

/* "1,234" is a thousand unless another value says "0,5".  A point counts as such a mark only where whole numbers are expected:
   "1.234" is else a fraction. */
char number_grouping(const NumberEvidence *e, bool is_whole)
{
    for (size_t m = 0; m < (is_whole ? 2 : 1); m++)
        if (e->has[m] && !e->is_broken[m]) return ",."[m];
    return 0;
}

/* The last of point and comma parts the fraction; the rest is grouping. */
Str plain_number(Arena *mem, Str s, char grouping)
{
    ptrdiff_t point = -1;
    size_t marks = 0;
    Buf b = buf_new(mem, s.n + 2);

    while (s.n && !is_digit(s.p[s.n - 1])) s.n--; /* "12 руб." */
    for (size_t i = 0; i < s.n; i++) {
        bool is_mark = (s.p[i] == '.' || s.p[i] == ',') && s.p[i] != grouping;
        if (is_mark) marks = point >= 0 && s.p[i] == s.p[point] ? marks + 1 : 0;
        if (is_mark) point = (ptrdiff_t)i;
    }
    if (marks) point = -1; /* "1.234.567" */
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (is_digit(c) || (c == '-' && b.n == 0))
            buf_add_c(&b, c);
        else if ((ptrdiff_t)i == point)
            buf_add_c(&b, '.');
    }
    return buf_str(&b);
}
