/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"
#include "base/str.h"

/* Months, quarters and years of a company whose fiscal year may begin in any month.  A fiscal year is named by the calendar year
   it ends in; months are the calendar's. */
typedef enum PeriodKind { PERIOD_MONTH, PERIOD_QUARTER, PERIOD_YEAR } PeriodKind;

typedef struct Period {
    PeriodKind kind;
    int64_t start, end; /* its first day, and the first day after it */
} Period;

#define PERIODS_MAX 36

/** The period of `kind` that holds `day`; `first_month` (1-12) is where fiscal years begin. */
Period period_of(int64_t day, PeriodKind kind, int first_month);
/** The one `n` later (earlier when negative). */
Period period_step(Period p, int n);
/** "2017-07", "2017-Q3", "2017"; false when it is none. */
bool period_parse(Str s, int first_month, Period *out);
Str period_text(Arena *mem, Period p, int first_month);
/** "month", "quarter", "year", and back. */
Str period_kind_text(PeriodKind kind);
bool period_kind_parse(Str s, PeriodKind *out);
/** One period or "a..b", at most PERIODS_MAX: INVALID{period} otherwise. */
MUST_CHECK Err *periods_parse(Arena *mem, Str text, int first_month, Period *out, size_t *n);
