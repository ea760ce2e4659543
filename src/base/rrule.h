/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* How something repeats: the part of RFC 5545 (3.3.10) that people use for tasks and meetings.  FREQ is DAILY, WEEKLY or
   MONTHLY; with it INTERVAL, BYDAY (of weeks, days without a number), BYMONTHDAY (of months, one day, -1 the last), and COUNT
   or UNTIL. */

typedef enum RruleFreq { RRULE_DAILY = 1, RRULE_WEEKLY, RRULE_MONTHLY } RruleFreq;

typedef struct Rrule {
    RruleFreq freq;
    int interval;
    uint8_t days;  /* of WEEKLY: bits by weekday from Sunday; 0: that of the first */
    int month_day; /* of MONTHLY: 1 to 31, -1 the last, 0: that of the first */
    int64_t count; /* how often in all, counting the present one; 0: no end by it */
    int64_t until; /* the last moment, ms; 0: none */
} Rrule;

/** Reads a rule, with or without "RRULE:"; false for anything else, also for what is not understood. */
bool rrule_parse(Str s, Rrule *out);
/** Its shortest form; parsing gives the same rule. */
Str rrule_text(Arena *mem, const Rrule *rule);
/** The occurrence after `at`, ms, at the same local time in `zone`; -1 when there is none.  `count` is the caller's: each one
    that follows has one less.  A month without the day is passed over, as the standard says. */
int64_t rrule_next(const Rrule *rule, Str zone, int64_t at);
