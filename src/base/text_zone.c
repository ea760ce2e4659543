/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time zones.  Each thread keeps the calendars of the few it has met; everything else follows from the offset at an
   instant.  A zone that is not known counts as UTC: zone_is_valid is asked where it comes in. */
#include "base/text.h"

#include "base/text_kept.h"

#include <unicode/ucal.h>
#include <unicode/uenum.h>
#include <unicode/ustring.h>

#define DAY_MS INT64_C(86400000)

static bool to_wide(Str zone, UChar out[48])
{
    if (zone.n == 0 || zone.n >= 48) return false;
    for (size_t i = 0; i < zone.n; i++) {
        if ((signed char)zone.p[i] <= ' ') return false;
        out[i] = (UChar)zone.p[i];
    }
    out[zone.n] = 0;
    return true;
}

bool zone_is_valid(Str zone)
{
    UChar wide[48], canonical[64];
    UBool is_system = false;
    UErrorCode ec = U_ZERO_ERROR;

    if (!to_wide(zone, wide)) return false;
    ucal_getCanonicalTimeZoneID(wide, (int32_t)zone.n, canonical, 64, &is_system, &ec);
    return U_SUCCESS(ec) && is_system;
}

static void *open_calendar(Str zone)
{
    UChar wide[48];
    UErrorCode ec = U_ZERO_ERROR;

    if (!zone_is_valid(zone) || !to_wide(zone, wide)) return NULL;
    UCalendar *cal = ucal_open(wide, (int32_t)zone.n, "en", UCAL_GREGORIAN, &ec);
    REQUIRE(U_SUCCESS(ec));
    return cal;
}

static void close_calendar(void *cal)
{
    ucal_close(cal);
}

static UCalendar *calendar_get(Str zone)
{
    UCalendar *cal = text_kept(KEPT_CALENDAR, zone, open_calendar, close_calendar);

    return cal ? cal : text_kept(KEPT_CALENDAR, S("UTC"), open_calendar, close_calendar);
}

static int64_t offset_ms(Str zone, int64_t ms)
{
    UErrorCode ec = U_ZERO_ERROR;
    UCalendar *cal = calendar_get(zone);

    if (!cal) return 0;
    ucal_setMillis(cal, (UDate)ms, &ec);
    int64_t offset = ucal_get(cal, UCAL_ZONE_OFFSET, &ec) + (int64_t)ucal_get(cal, UCAL_DST_OFFSET, &ec);
    return U_SUCCESS(ec) ? offset : 0;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t zone_offset(Str zone, int64_t ms)
{
    return floor_div(offset_ms(zone, ms), 1000);
}

int64_t zone_date(Str zone, int64_t ms)
{
    return floor_div(ms + offset_ms(zone, ms), DAY_MS);
}

int64_t zone_time_of_day(Str zone, int64_t ms)
{
    int64_t local = ms + offset_ms(zone, ms);

    return (local - floor_div(local, DAY_MS) * DAY_MS) / 1000;
}

static bool is_first_moment(Str zone, int64_t days, int64_t ms)
{
    return zone_date(zone, ms) >= days && zone_date(zone, ms - 1) < days;
}

/* Midnight by the offset before or after; where the clock was moved over midnight, or a date was left out (Samoa, 30
   December 2011), the first moment that is not before the date. */
int64_t zone_day_start(Str zone, int64_t days)
{
    int64_t utc = days * DAY_MS, low = utc - 2 * DAY_MS, high = utc + 2 * DAY_MS;
    int64_t before = utc - offset_ms(zone, utc - DAY_MS), after = utc - offset_ms(zone, utc + DAY_MS);

    if (is_first_moment(zone, days, before)) return before;
    if (is_first_moment(zone, days, after)) return after;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (zone_date(zone, middle) >= days)
            high = middle;
        else
            low = middle;
    }
    return high;
}

Str zone_of_country(Arena *mem, Str country)
{
    UErrorCode ec = U_ZERO_ERROR;
    int32_t n = 0;

    if (country.n != 2) return (Str){0};
    UEnumeration *zones =
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, str_to_c(mem, country), NULL, &ec);
    if (U_FAILURE(ec)) return (Str){0};
    const char *zone = uenum_next(zones, &n, &ec);
    Str out = zone && U_SUCCESS(ec) && uenum_count(zones, &ec) == 1 ? str_copy(mem, (Str){zone, (size_t)n})
                                                                    : (Str){0};
    uenum_close(zones);
    return out;
}
