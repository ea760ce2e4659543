/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* Public holidays of a country: computed from base/holidays.csv, and moved working days from base/workdays.csv.  Both files
   name their sources.  Days are days since 1970-01-01. */
typedef enum HolidayKind {
    HOLIDAY_OFF = 1,    /* a holiday */
    HOLIDAY_MOVED,      /* off in place of another day */
    HOLIDAY_SHORT,      /* worked an hour less */
    HOLIDAY_WORK,       /* worked, though the week says otherwise */
    HOLIDAY_WORK_SHORT, /* that, and an hour less */
} HolidayKind;

typedef struct Holiday {
    int64_t day;
    HolidayKind kind;
    bool has_origin;
    int64_t origin; /* of MOVED: the day it stands for */
    Str name;       /* key for holiday_name; empty when it has none */
    Str source;     /* of what the yearly file says */
} Holiday;

/** Easter Sunday of `year`: Gregorian (Meeus/Jones/Butcher), and that of the Orthodox churches as a Gregorian date (Meeus). */
int64_t easter_western(int year);
int64_t easter_orthodox(int year);

/** The days of `year` in `country` (ISO code) that differ from the week, by date, one entry a day. */
Holiday *holidays_of(Arena *mem, Str country, int year, size_t *n);
/** Whether holidays of the country are known. */
bool holidays_are_known(Str country);
/** Name of a holiday in `lang` (en, ru, pl); empty for an unknown key. */
Str holiday_name(Str key, Str lang);
