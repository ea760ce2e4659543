/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of day, month and year is a property of a column: one value above 12 decides it for all. */
#include "base/time.h"
#include "core/import.h"

typedef struct Parts {
    int64_t a, b, c;
    char separator;
    bool is_iso;
} Parts;

/* Three numbers parted by . / or -; a time of day after a blank or T is left out. */
static bool split(Str text, Parts *out)
{
    static const char SEPARATORS[] = "./-";
    Str s = str_trim(text);
    ptrdiff_t end = str_find_char(s, 'T');

    if (end < 0) end = str_find_char(s, ' ');
    if (end > 0) s = str_sub(s, 0, (size_t)end);
    for (size_t i = 0; i < 3; i++) {
        Str rest = s, a = str_cut(&rest, SEPARATORS[i]), b = str_cut(&rest, SEPARATORS[i]);
        if (!rest.p || !str_to_i64(a, &out->a) || !str_to_i64(b, &out->b) || !str_to_i64(rest, &out->c))
            continue;
        out->separator = SEPARATORS[i];
        out->is_iso = a.n == 4;
        return out->a >= 0 && out->b >= 0 && out->c >= 0;
    }
    return false;
}

static Err *refuse(Arena *mem, const char *key, Str value)
{
    const char *why = str_eq_c(S("error.import.date"), key) ? "is not a date"
                      : str_eq_c(S("error.import.dates"), key)
                          ? "can be read in two ways, and so can all others of the column"
                          : "contradicts other dates of the column";

    return err_arg(err_new(mem, ERR_INVALID, key, "%.*s %s", SFMT(value), why), 0, value);
}

typedef struct Evidence {
    bool iso, dmy, mdy, dots, other;
    Str example;
} Evidence;

static Err *collect(Arena *mem, const Str *values, size_t n, Evidence *out)
{
    for (size_t i = 0; i < n; i++) {
        Parts p;
        if (str_trim(values[i]).n == 0) continue;
        out->example = values[i];
        if (!split(values[i], &p)) return refuse(mem, "error.import.date", values[i]);
        if (p.is_iso) {
            out->iso = true;
            continue;
        }
        if (p.a > 12) out->dmy = true;
        if (p.b > 12) out->mdy = true;
        if (p.separator == '.')
            out->dots = true;
        else
            out->other = true;
    }
    return NULL;
}

Err *date_order_of(Arena *mem, const Str *values, size_t n, Str wanted, DateOrder *out)
{
    Evidence e = {0};

    TRY(collect(mem, values, n, &e));
    if ((e.iso && (e.dots || e.other)) || (e.dmy && e.mdy))
        return refuse(mem, "error.import.dates_mixed", e.example);
    *out = DATE_ISO;
    if (e.iso || !(e.dots || e.other)) return NULL;
    if (e.dmy || e.mdy)
        *out = e.dmy ? DATE_DMY : DATE_MDY;
    else if (str_eq(wanted, S("dmy")))
        *out = DATE_DMY;
    else if (str_eq(wanted, S("mdy")))
        *out = DATE_MDY;
    else if (e.dots && !e.other)
        *out = DATE_DMY; /* nobody writes a month first with dots */
    else
        return refuse(mem, "error.import.dates", e.example);
    if (wanted.n && ((*out == DATE_DMY) != str_eq(wanted, S("dmy"))))
        return refuse(mem, "error.import.dates_mixed", e.example);
    return NULL;
}

bool date_read(Str text, DateOrder order, int64_t *days)
{
    Parts p;

    if (!split(text, &p) || p.is_iso != (order == DATE_ISO)) return false;
    int64_t year = order == DATE_ISO ? p.a : p.c, day = order == DATE_ISO   ? p.c
                                                        : order == DATE_DMY ? p.a
                                                                            : p.b;
    int64_t month = order == DATE_MDY ? p.a : p.b;
    if (year < 100) year += year < 70 ? 2000 : 1900;
    if (year > 9999 || month > 12 || day > 31 || !date_is_valid((int)year, (int)month, (int)day))
        return false;
    *days = date_from_civil((int)year, (int)month, (int)day);
    return true;
}
