/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of day, month and year is a property of a column: one value above 12 decides it for all.  Read are also months by
   name in three languages, day numbers of spreadsheets and milliseconds since 1970, where the whole column is such. */
#include "base/text.h"
#include "base/time.h"
#include "core/import/impl.h"

#include <string.h>

typedef struct Parts {
    int64_t a, b, c;
    char separator;
    bool is_iso, is_named; /* named: a is the year, b the month, c the day */
    Str rest;              /* what stands behind: a time */
} Parts;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* A number of one to four digits at the beginning of `*s`. */
static bool take_number(Str *s, int64_t *out, size_t *digits)
{
    size_t n = 0;

    while (n < s->n && n < 5 && is_digit(s->p[n])) n++;
    *digits = n;
    if (n == 0 || n > 4 || !str_to_i64(str_sub(*s, 0, n), out)) return false;
    *s = str_from(*s, n);
    return true;
}

/* Three numbers parted by . / or -. */
static bool split_numbers(Str s, Parts *out)
{
    size_t first, second, third;

    if (!take_number(&s, &out->a, &first) || !s.n || str_find_char(S("./-"), s.p[0]) < 0) return false;
    out->separator = s.p[0];
    s = str_from(s, 1);
    if (!take_number(&s, &out->b, &second) || !s.n || s.p[0] != out->separator) return false;
    s = str_from(s, 1);
    if (!take_number(&s, &out->c, &third)) return false;
    out->is_iso = first == 4;
    out->rest = s;
    return second <= 2 && (out->is_iso ? third <= 2 : first <= 2 && third != 3 && third != 1);
}

static int month_of(Arena *mem, Str word)
{
    static const char *const MONTHS[12] = {
        "jan stycz sty янв", "feb lut фев", "mar mar мар", "apr kwi апр", "may maj май мая", "jun cze июн",
        "jul lip июл",       "aug sie авг", "sep wrz сен", "oct paz окт", "nov lis ноя",     "dec gru дек",
    };
    Str fold = text_fold(mem, word);

    for (int m = 0; m < 12; m++) {
        Str rest = str_c(MONTHS[m]);
        while (rest.n)
            if (str_starts(fold, str_cut(&rest, ' '))) return m + 1;
    }
    return 0;
}

/* "12 January 2026", "Jan 12, 2026", "12 января 2026 г." */
static bool split_named(Str s, Parts *out)
{
    Arena *mem = arena_new(0);
    Str rest = s, numbers[2] = {0};
    size_t n = 0;
    int month = 0;

    while (rest.n && !(month && n == 2)) {
        Str word = str_cut(&rest, ' ');
        while (word.n && str_find_char(S(",."), word.p[word.n - 1]) >= 0) word.n--;
        if (!word.n) continue;
        if (is_digit(word.p[0]) && n < 2)
            numbers[n++] = word;
        else if (!month)
            month = month_of(mem, word);
    }
    arena_free(mem);
    if (!month || n != 2 || !str_to_i64(numbers[0], &out->c) || !str_to_i64(numbers[1], &out->a))
        return false;
    *out = (Parts){.a = out->a, .b = month, .c = out->c, .is_iso = true, .is_named = true, .rest = rest};
    return numbers[1].n == 4;
}

static bool split(Str text, Parts *out)
{
    Str s = str_trim(text);

    *out = (Parts){0};
    if (s.n == 0 || s.n > 60) return false;
    return split_numbers(s, out) || split_named(s, out);
}

static bool is_all_digits(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!is_digit(s.p[i])) return false;
    return s.n > 0;
}

/* 45291 or 45291.5: days since the end of 1899. */
static bool is_serial(Str s)
{
    Str rest = s, whole = str_cut(&rest, '.');

    return whole.n == 5 && is_all_digits(whole) && (!rest.n || is_all_digits(rest));
}

void date_learn(Arena *mem, DateEvidence *e, Str value)
{
    Str s = str_trim(value);
    Parts p;

    if (s.n == 0) return;
    e->n++;
    if (split(s, &p)) {
        if (!e->example.n || !(e->dmy || e->mdy)) e->example = str_copy(mem, s);
        e->iso = e->iso || p.is_iso;
        if (p.is_iso) return;
        e->dmy = e->dmy || p.a > 12;
        e->mdy = e->mdy || p.b > 12;
        e->dots = e->dots || p.separator == '.';
        e->other = e->other || p.separator != '.';
    } else if (is_serial(s)) {
        e->serial = true;
    } else if (is_all_digits(s) && (s.n == 13 || s.n == 10)) {
        e->epoch = true;
    } else {
        if (!e->n_bad) e->bad = str_copy(mem, s);
        e->n_bad++;
    }
}

static Err *refuse(Arena *mem, const char *key, Str value)
{
    const char *why = str_eq_c(S("error.import.dates"), key)
                          ? "can be read in two ways, and so can all others of the column"
                          : "contradicts other dates of the column";

    return err_arg(err_new(mem, ERR_INVALID, key, "%.*s %s", SFMT(value), why), 0, value);
}

Err *date_decide(Arena *mem, const DateEvidence *e, Str wanted, DateOrder *out)
{
    bool is_written = e->dots || e->other, wants_dmy = str_eq(wanted, S("dmy"));

    if ((e->iso && is_written) || (e->dmy && e->mdy))
        return refuse(mem, "error.import.dates_mixed", e->example);
    *out = e->epoch && !e->iso && !is_written    ? DATE_EPOCH
           : e->serial && !e->iso && !is_written ? DATE_SERIAL
                                                 : DATE_ISO;
    if (e->iso || !is_written) return NULL;
    if (e->dmy || e->mdy)
        *out = e->dmy ? DATE_DMY : DATE_MDY;
    else if (wants_dmy || str_eq(wanted, S("mdy")))
        *out = wants_dmy ? DATE_DMY : DATE_MDY;
    else if (e->dots && !e->other)
        *out = DATE_DMY; /* nobody writes a month first with dots */
    else
        return refuse(mem, "error.import.dates", e->example);
    if (wanted.n && ((*out == DATE_DMY) != wants_dmy))
        return refuse(mem, "error.import.dates_mixed", e->example);
    return NULL;
}

/* " 14:05:09+03:00", "T14:05Z", " 2:05 PM" */
static bool read_time(Str s, int64_t *seconds, int32_t *offset)
{
    int64_t h = 0, m = 0, sec = 0, zh = 0, zm = 0;
    size_t n;

    s = str_trim(s);
    while (s.n && str_find_char(S("T,"), s.p[0]) >= 0) s = str_trim(str_from(s, 1));
    *seconds = -1;
    *offset = INT32_MIN;
    if (!s.n || !is_digit(s.p[0])) return s.n == 0 || str_find_char(S("+-"), s.p[0]) < 0;
    if (!take_number(&s, &h, &n) || !s.n || s.p[0] != ':') return false;
    s = str_from(s, 1);
    if (!take_number(&s, &m, &n)) return false;
    if (s.n && s.p[0] == ':') {
        s = str_from(s, 1);
        if (!take_number(&s, &sec, &n)) return false;
    }
    if (s.n && s.p[0] == '.')
        for (s = str_from(s, 1); s.n && is_digit(s.p[0]);) s = str_from(s, 1);
    s = str_trim(s);
    if (str_eq_nocase(str_sub(s, 0, 2), S("pm")) && h < 12)
        h += 12;
    else if (str_eq_nocase(str_sub(s, 0, 2), S("am")) && h == 12)
        h = 0;
    if (s.n && s.p[0] == 'Z') *offset = 0;
    if (s.n && (s.p[0] == '+' || s.p[0] == '-')) {
        int sign = s.p[0] == '-' ? -1 : 1;
        s = str_from(s, 1);
        if (!take_number(&s, &zh, &n)) return false;
        if (n == 4) {
            zm = zh % 100;
            zh /= 100;
        } else if (s.n && s.p[0] == ':') {
            s = str_from(s, 1);
            if (!take_number(&s, &zm, &n)) return false;
        }
        *offset = sign * (int32_t)(zh * 3600 + zm * 60);
    }
    *seconds = h * 3600 + m * 60 + sec;
    return h < 24 && m < 60 && sec < 60;
}

static bool read_number(Str s, DateOrder order, int64_t *days, int64_t *seconds, int32_t *offset)
{
    Str rest = s, whole = str_cut(&rest, '.');
    int64_t v;

    if (!str_to_i64(whole, &v)) return false;
    if (order == DATE_EPOCH) {
        int64_t at = whole.n > 10 ? v / 1000 : v;
        *days = at / 86400;
        *seconds = at % 86400;
        *offset = 0;
        return v >= 0;
    }
    if (!is_serial(s)) return false;
    *days = v - 25569;
    *seconds = -1;
    *offset = INT32_MIN;
    int64_t part, unit = 1;
    if (rest.n && rest.n <= 9 && str_to_i64(rest, &part)) {
        for (size_t i = 0; i < rest.n; i++) unit *= 10;
        *seconds = (part * 86400 + unit / 2) / unit % 86400;
    }
    return true;
}

bool date_read(Str text, DateOrder order, int64_t *days, int64_t *seconds, int32_t *offset)
{
    int64_t at_second = -1;
    int32_t at_offset = INT32_MIN;
    Parts p;

    if (!seconds) seconds = &at_second;
    if (!offset) offset = &at_offset;
    text = str_trim(text);
    if ((order == DATE_SERIAL || order == DATE_EPOCH) && !split(text, &p))
        return read_number(text, order, days, seconds, offset);
    if (!split(text, &p) || (p.is_iso != (order != DATE_DMY && order != DATE_MDY) && !p.is_named))
        return false;
    int64_t year = p.is_iso ? p.a : p.c, day = p.is_iso ? p.c : order == DATE_DMY ? p.a : p.b;
    int64_t month = order == DATE_MDY && !p.is_iso ? p.a : p.b;
    if (year < 100) year += year < 70 ? 2000 : 1900;
    if (month > 12 || day > 31 || !date_is_valid((int)year, (int)month, (int)day)) return false;
    *days = date_from_civil((int)year, (int)month, (int)day);
    return read_time(p.rest, seconds, offset);
}
