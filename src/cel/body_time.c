/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of moments, dates and durations, and the clock, which comes from the scope and never from the machine. */

#include "base/text.h"
#include "base/time.h"
#include "cel/bodies.h"

#define DAY 86400

/* A moment as the clock on the wall of its zone shows it. */
typedef struct Local {
    int64_t days, second; /* of the day */
} Local;

/* "+02:00", "-09:30", "02:00": an offset in seconds; false when it is a zone's name. */
static bool parse_offset(Str zone, int64_t *out)
{
    int64_t seconds = 0;
    bool is_negative = str_starts(zone, S("-"));
    if (is_negative || str_starts(zone, S("+"))) zone = str_from(zone, 1);
    if (zone.n != 5 || zone.p[2] != ':' || !time_of_day_parse(zone, &seconds)) return false;
    *out = is_negative ? -seconds : seconds;
    return true;
}

static Err *find_offset(CelRun *run, const Val *args, size_t n, int64_t *out)
{
    Str zone = n > 1 ? val_str(args[1]) : S("UTC");
    if (parse_offset(zone, out)) return NULL;
    if (!zone_is_valid(zone)) return cel_fail(run, "no time zone %.*s", SFMT(str_sub(zone, 0, 40)));
    *out = zone_offset(zone, val_ms(args[0]));
    return NULL;
}

static Err *local_of(CelRun *run, const Val *args, size_t n, Local *out)
{
    int64_t offset = 0;
    if (args[0].kind == VAL_DATE) {
        *out = (Local){args[0].i, 0};
        return NULL;
    }
    TRY(find_offset(run, args, n, &offset));
    int64_t s = args[0].i + offset;
    out->days = s / DAY - (s % DAY < 0);
    out->second = s - out->days * DAY;
    return NULL;
}

#define GETTER(name, expression)                 \
    BODY(name)                                   \
    {                                            \
        Local at;                                \
        TRY(local_of(run, args, n, &at));        \
        CivilDate date = date_to_civil(at.days); \
        (void)date;                              \
        *out = val_int(expression);              \
        return NULL;                             \
    }

GETTER(cel_get_full_year, date.year)
GETTER(cel_get_month, date.month - 1)
GETTER(cel_get_date, date.day)
GETTER(cel_get_day_of_month, date.day - 1)
GETTER(cel_get_day_of_week, date_weekday(at.days))
GETTER(cel_get_day_of_year, at.days - date_from_civil(date.year, 1, 1))
GETTER(cel_get_hours, at.second / 3600)
GETTER(cel_get_minutes, at.second / 60 % 60)
GETTER(cel_get_seconds, at.second % 60)

BODY(cel_get_milliseconds)
{
    int64_t offset = 0;
    TRY(find_offset(run, args, n, &offset));
    *out = val_int(args[0].n / 1000000);
    return NULL;
}

/* --- durations ------------------------------------------------------------------------------------------------------------- */

/* Whole seconds towards zero; they are stored rounded down. */
static int64_t whole_seconds(Val d)
{
    return d.i < 0 && d.n ? d.i + 1 : d.i;
}

BODY(cel_duration_hours)
{
    (void)run, (void)n;
    *out = val_int(whole_seconds(args[0]) / 3600);
    return NULL;
}

BODY(cel_duration_minutes)
{
    (void)run, (void)n;
    *out = val_int(whole_seconds(args[0]) / 60);
    return NULL;
}

BODY(cel_duration_seconds)
{
    (void)run, (void)n;
    *out = val_int(whole_seconds(args[0]));
    return NULL;
}

BODY(cel_duration_milliseconds)
{
    int64_t ns = args[0].n;
    (void)run, (void)n;
    if (args[0].i < 0 && ns) ns -= 1000000000;
    *out = val_int(ns / 1000000);
    return NULL;
}

/* --- the clock and the caller ------------------------------------------------------------------------------------------------ */

BODY(cel_today)
{
    Str zone = run->scope->zone;
    (void)args, (void)n;
    *out = val_date(zone_date(zone.n ? zone : S("UTC"), run->scope->now_ms));
    return NULL;
}

BODY(cel_now)
{
    (void)args, (void)n;
    *out = val_from_ms(run->scope->now_ms);
    return NULL;
}

BODY(cel_days)
{
    (void)n;
    if (args[0].i > INT32_MAX || args[0].i < INT32_MIN || !cel_duration_in_range(args[0].i * DAY))
        return cel_fail(run, "too many days");
    *out = val_duration(args[0].i * DAY, 0);
    return NULL;
}

BODY(cel_me)
{
    (void)args, (void)n;
    *out = run->scope->me ? val_id(run->scope->me) : val_null();
    return NULL;
}

BODY(cel_my_team)
{
    (void)args, (void)n;
    *out = run->scope->my_team ? val_id(run->scope->my_team) : val_null();
    return NULL;
}
