/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/holiday.h"

/* Working time: hours of a week in a zone, less the holidays of a country, with exceptions of one's own.  Moments are ms
   since 1970, days are days since then.  Pure: everything follows from the calendar. */

#define WORK_SPANS 4

/* Hours of one day: seconds of the local day, in order, not overlapping. */
typedef struct WorkHours {
    struct WorkSpan {
        int32_t from, to;
    } spans[WORK_SPANS];
    uint32_t n; /* 0: a day off */
} WorkHours;

/** "09:00-13:00, 14:00-18:00"; empty is a day off; 24:00 may end a day.  False for anything else. */
bool work_hours_parse(Str s, WorkHours *out);
Str work_hours_text(Arena *mem, const WorkHours *hours);

typedef struct WorkException {
    int64_t from, until; /* days, both counted */
    HolidayKind kind;    /* OFF, SHORT or WORK */
    WorkHours hours;     /* of WORK and SHORT; none: the usual ones */
    Str name;
    bool is_personal; /* of the person, not of the calendar */
} WorkException;

typedef struct WorkCalendar {
    Arena *mem;                /* what is computed of a year is kept here */
    Str zone, country;         /* country empty: no public holidays */
    WorkHours week[7];         /* from Sunday */
    const WorkException *days; /* the first that holds of a day is the one meant */
    size_t n_days;
    struct WorkYear *years; /* filled as needed */
} WorkCalendar;

/** Monday to Friday, nine to six. */
WorkCalendar work_calendar(Arena *mem, Str zone, Str country);

typedef struct WorkDay {
    WorkHours hours;
    bool is_holiday;                    /* of the country, or a day off by exception */
    bool is_short, is_moved, is_absent; /* absent: off, he alone */
    Str holiday;                        /* key of holiday_name */
    Str name;                           /* of the exception */
} WorkDay;
WorkDay work_day(WorkCalendar *cal, int64_t day);

bool work_is_open(WorkCalendar *cal, int64_t ms);
/** The first working moment from `ms` on; -1 when there is none within two years. */
int64_t work_opens(WorkCalendar *cal, int64_t ms);
/** Working ms between two moments; 0 when `to` is not after `from`. */
int64_t work_between(WorkCalendar *cal, int64_t from, int64_t to);
/** The moment when `ms` of working time have passed since `from`; -1 when that takes more than two years of days. */
int64_t work_after(WorkCalendar *cal, int64_t from, int64_t ms);
/** Days with working hours among `from` .. `to`, both counted. */
int64_t work_days(WorkCalendar *cal, int64_t from, int64_t to);
