/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Periods of the forecast, by arithmetic on months alone. */
#include "mod/sales/period.h"

#include "base/time.h"

static const int MONTHS[] = {[PERIOD_MONTH] = 1, [PERIOD_QUARTER] = 3, [PERIOD_YEAR] = 12};
static const char *const KINDS[] = {
    [PERIOD_MONTH] = "month", [PERIOD_QUARTER] = "quarter", [PERIOD_YEAR] = "year"};

/* Months since the year 0. */
static int month_of(int64_t day)
{
    CivilDate d = date_to_civil(day);

    return d.year * 12 + d.month - 1;
}

static Period period_from(int month, PeriodKind kind)
{
    int next = month + MONTHS[kind];

    return (Period){kind, date_from_civil(month / 12, month % 12 + 1, 1),
                    date_from_civil(next / 12, next % 12 + 1, 1)};
}

Period period_of(int64_t day, PeriodKind kind, int first_month)
{
    int month = month_of(day), offset = kind == PERIOD_MONTH ? 0 : first_month - 1;

    return period_from(month - (month - offset + 12) % MONTHS[kind], kind);
}

Period period_step(Period p, int n)
{
    return period_from(month_of(p.start) + n * MONTHS[p.kind], p.kind);
}

static bool number(Str s, size_t at, size_t n, int *out)
{
    *out = 0;
    for (size_t i = at; i < at + n; i++) {
        if (i >= s.n || s.p[i] < '0' || s.p[i] > '9') return false;
        *out = *out * 10 + (s.p[i] - '0');
    }
    return true;
}

bool period_parse(Str s, int first_month, Period *out)
{
    int year = 0, part = 0;

    if (!number(s, 0, 4, &year) || year < 1900 || year > 2999) return false;
    int begins = year * 12 - (first_month > 1 ? 13 - first_month : 0);
    if (s.n == 4) {
        *out = period_from(begins, PERIOD_YEAR);
        return true;
    }
    if (s.n != 7 || s.p[4] != '-') return false;
    if (s.p[5] == 'Q' && number(s, 6, 1, &part) && part >= 1 && part <= 4) {
        *out = period_from(begins + (part - 1) * 3, PERIOD_QUARTER);
        return true;
    }
    if (!number(s, 5, 2, &part) || part < 1 || part > 12) return false;
    *out = period_from(year * 12 + part - 1, PERIOD_MONTH);
    return true;
}

Str period_text(Arena *mem, Period p, int first_month)
{
    int month = month_of(p.start), shift = first_month > 1 ? 13 - first_month : 0, fiscal = month + shift;

    switch (p.kind) {
    case PERIOD_MONTH: return str_fmt(mem, "%04d-%02d", month / 12, month % 12 + 1);
    case PERIOD_QUARTER: return str_fmt(mem, "%04d-Q%d", fiscal / 12, fiscal % 12 / 3 + 1);
    default: return str_fmt(mem, "%04d", fiscal / 12);
    }
}

Str period_kind_text(PeriodKind kind)
{
    return str_c(KINDS[kind]);
}

bool period_kind_parse(Str s, PeriodKind *out)
{
    for (unsigned i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (!str_eq_c(s, KINDS[i])) continue;
        *out = (PeriodKind)i;
        return true;
    }
    return false;
}

static Err *no_period(Arena *mem, Str text)
{
    Err *e = err_new(mem, ERR_INVALID, "error.period", "%.*s is no period", SFMT(text));

    return err_field(err_arg(e, 0, text), S("period"));
}

Err *periods_parse(Arena *mem, Str text, int first_month, Period *out, size_t *n)
{
    ptrdiff_t dots = str_find(text, S(".."));
    Str first = dots < 0 ? text : str_sub(text, 0, (size_t)dots);
    Str last = dots < 0 ? text : str_from(text, (size_t)dots + 2);
    Period end;

    *n = 0;
    if (!period_parse(first, first_month, &out[0]) || !period_parse(last, first_month, &end) ||
        end.kind != out[0].kind || end.start < out[0].start)
        return no_period(mem, text);
    for (*n = 1; out[*n - 1].start < end.start; (*n)++) {
        if (*n == PERIODS_MAX)
            return err_field(err_new(mem, ERR_INVALID, "error.period.many", "more than %d", PERIODS_MAX),
                             S("period"));
        out[*n] = period_step(out[*n - 1], 1);
    }
    return NULL;
}
