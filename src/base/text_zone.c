/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time zones.  Each thread keeps a calendar for the few zones it has met; everything else follows from the offset at an
   instant.  A zone that is not known counts as UTC: zone_is_valid is asked where it comes in. */
#include "base/text.h"

#include <pthread.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#define CALENDARS 16
#define DAY_MS    INT64_C(86400000)

typedef struct Calendars {
    struct {
        char zone[48];
        UCalendar *cal;
    } slots[CALENDARS];
    size_t n, next;
} Calendars;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static _Thread_local Calendars *own;

static void calendars_free(void *arg)
{
    Calendars *all = arg;

    for (size_t i = 0; i < all->n; i++) ucal_close(all->slots[i].cal);
    free(all);
}

static void make_key(void)
{
    REQUIRE(pthread_key_create(&key, calendars_free) == 0);
}

static Calendars *calendars_get(void)
{
    if (own) return own;
    pthread_once(&once, make_key);
    own = calloc(1, sizeof *own);
    REQUIRE(own != NULL);
    REQUIRE(pthread_setspecific(key, own) == 0);
    return own;
}

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

static UCalendar *calendar_get(Str zone)
{
    Calendars *all = calendars_get();
    UChar wide[48];
    UErrorCode ec = U_ZERO_ERROR;

    for (size_t i = 0; i < all->n; i++)
        if (str_eq_c(zone, all->slots[i].zone)) return all->slots[i].cal;
    if (!zone_is_valid(zone)) {
        if (str_eq(zone, S("UTC"))) return NULL;
        return calendar_get(S("UTC"));
    }
    to_wide(zone, wide);
    size_t at = all->n < CALENDARS ? all->n++ : all->next++ % CALENDARS;
    if (all->slots[at].cal) ucal_close(all->slots[at].cal);
    memcpy(all->slots[at].zone, zone.p, zone.n);
    all->slots[at].zone[zone.n] = 0;
    all->slots[at].cal = ucal_open(wide, (int32_t)zone.n, "en", UCAL_GREGORIAN, &ec);
    REQUIRE(U_SUCCESS(ec));
    return all->slots[at].cal;
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
