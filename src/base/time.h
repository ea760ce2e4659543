/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/val.h"

#include <time.h>

/* Calendar arithmetic in UTC (proleptic Gregorian) and the written forms.  Zones are base/text's (ICU). */
typedef struct CivilDate {
    int year;
    int month; /* 1-12 */
    int day;   /* 1-31 */
} CivilDate;

int64_t date_from_civil(int year, int month, int day); /* days since 1970-01-01 */
CivilDate date_to_civil(int64_t days);
bool date_is_valid(int year, int month, int day);
int date_weekday(int64_t days); /* 0 Sunday .. 6 */

bool date_parse(Str s, int64_t *days); /* YYYY-MM-DD only, years 1-9999 */
Str date_text(Arena *mem, int64_t days);
bool timestamp_parse(Str s, Val *out);  /* RFC 3339 with any offset, up to nanoseconds */
Str timestamp_text(Arena *mem, Val ts); /* RFC 3339 in UTC, "Z", shortest fraction of 0,3,6,9 digits */
bool time_of_day_parse(Str s, int64_t *seconds); /* HH:MM[:SS] */
Str time_of_day_text(Arena *mem, int64_t seconds);
bool duration_parse(Str s, Val *out); /* CEL: "1h30m", "-1.5s", units h m s ms us ns */
Str duration_text(Arena *mem, Val d); /* CEL: seconds with "s", "5400s", "1.5s" */

/** The wall clock `ms` from now, as waits with a deadline take it. */
struct timespec clock_after(int64_t ms);
int64_t clock_mono_us(void); /* for spans only: counts from some moment, whatever is done to the wall clock */
int64_t clock_now_ms(void);  /* the wall clock; only the app and tests call it */
