/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recurrence rules: reading them strictly, and the next occurrence by the calendar of a zone, so that nine o'clock stays nine
   o'clock when clocks change. */
#include "base/rrule.h"

#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"

#define DAY_S      86400
#define MONTHS_MAX 1200 /* looked through for one that has the day */

static const char DAYS[7][3] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

/* --- reading --------------------------------------------------------------------------------------------------------- */

static bool number(Str s, int64_t low, int64_t high, int64_t *out)
{
    return s.n && s.n <= 6 && s.p[0] != '+' && str_to_i64(s, out) && *out >= low && *out <= high;
}

static bool read_days(Str s, uint8_t *out)
{
    for (bool more = true; more;) {
        Str day = str_cut(&s, ',');
        size_t i = 0;
        while (i < 7 && !str_eq_c(day, DAYS[i])) i++;
        if (i == 7 || *out & 1u << i) return false;
        *out = (uint8_t)(*out | 1u << i);
        more = s.p != NULL && s.n > 0;
    }
    return true;
}

static bool digits(Str s, size_t at, size_t n, int *out)
{
    *out = 0;
    for (size_t i = at; i < at + n; i++) {
        if (i >= s.n || s.p[i] < '0' || s.p[i] > '9') return false;
        *out = *out * 10 + (s.p[i] - '0');
    }
    return true;
}

/* 20261231 (its end, in UTC) or 20261231T235959Z. */
static bool read_until(Str s, int64_t *out)
{
    int y = 0, mo = 0, d = 0, h = 23, mi = 59, sec = 59;
    bool has_time = s.n == 16 && s.p[8] == 'T' && s.p[15] == 'Z';

    if (s.n != 8 && !has_time) return false;
    if (!digits(s, 0, 4, &y) || !digits(s, 4, 2, &mo) || !digits(s, 6, 2, &d) || y < 1970 ||
        !date_is_valid(y, mo, d))
        return false;
    if (has_time && (!digits(s, 9, 2, &h) || !digits(s, 11, 2, &mi) || !digits(s, 13, 2, &sec))) return false;
    if (h > 23 || mi > 59 || sec > 59) return false;
    *out = (date_from_civil(y, mo, d) * DAY_S + h * 3600 + mi * 60 + sec) * 1000;
    return *out > 0;
}

static bool read_freq(Str s, RruleFreq *out)
{
    *out = str_eq(s, S("DAILY"))     ? RRULE_DAILY
           : str_eq(s, S("WEEKLY"))  ? RRULE_WEEKLY
           : str_eq(s, S("MONTHLY")) ? RRULE_MONTHLY
                                     : 0;
    return *out != 0;
}

static bool read_part(Str name, Str value, Rrule *r)
{
    int64_t n = 0;

    if (str_eq(name, S("FREQ"))) return !r->freq && read_freq(value, &r->freq);
    if (str_eq(name, S("BYDAY"))) return !r->days && read_days(value, &r->days);
    if (str_eq(name, S("UNTIL"))) return !r->until && read_until(value, &r->until);
    if (str_eq(name, S("COUNT"))) return !r->count && number(value, 1, 9999, &r->count);
    if (str_eq(name, S("INTERVAL"))) {
        if (r->interval || !number(value, 1, 999, &n)) return false;
        r->interval = (int)n;
        return true;
    }
    if (str_eq(name, S("BYMONTHDAY"))) {
        if (r->month_day || !number(value, -1, 31, &n) || !n) return false;
        r->month_day = (int)n;
        return true;
    }
    return str_eq(name, S("WKST")) && str_eq(value, S("MO"));
}

bool rrule_parse(Str s, Rrule *out)
{
    Rrule r = {0};

    *out = r;
    if (str_starts(s, S("RRULE:"))) s = str_from(s, 6);
    if (!s.n || s.n > 200 || s.p[s.n - 1] == ';') return false;
    while (s.n) {
        Str value = str_cut(&s, ';'), name = {0};
        if (str_find_char(value, '=') < 0) return false;
        name = str_cut(&value, '=');
        if (!read_part(name, value, &r)) return false;
    }
    bool is_good = r.freq && !(r.count && r.until) && (!r.days || r.freq == RRULE_WEEKLY) &&
                   (!r.month_day || r.freq == RRULE_MONTHLY);
    if (!is_good) return false;
    if (!r.interval) r.interval = 1;
    *out = r;
    return true;
}

Str rrule_text(Arena *mem, const Rrule *r)
{
    static const char *const FREQ[] = {"", "DAILY", "WEEKLY", "MONTHLY"};
    Buf b = buf_new(mem, 400);

    buf_addf(&b, "FREQ=%s", FREQ[r->freq]);
    if (r->interval > 1) buf_addf(&b, ";INTERVAL=%d", r->interval);
    for (int i = 1, n = 0; i <= 7; i++)
        if (r->days >> i % 7 & 1) buf_addf(&b, "%s%s", n++ ? "," : ";BYDAY=", DAYS[i % 7]);
    if (r->month_day) buf_addf(&b, ";BYMONTHDAY=%d", r->month_day);
    if (r->count) buf_addf(&b, ";COUNT=%lld", (long long)r->count);
    if (r->until) {
        int64_t s = r->until / 1000, rest = s % DAY_S;
        CivilDate d = date_to_civil(s / DAY_S);
        buf_addf(&b, ";UNTIL=%04d%02d%02dT%02d%02d%02dZ", d.year, d.month, d.day, (int)(rest / 3600),
                 (int)(rest / 60 % 60), (int)(rest % 60));
    }
    return buf_str(&b);
}

/* --- the next one ---------------------------------------------------------------------------------------------------- */

/* The first day after `day` that is marked, in this week (which begins on Monday) or `interval` weeks on. */
static int64_t next_in_weeks(const Rrule *r, int64_t day)
{
    int today = (date_weekday(day) + 6) % 7; /* from Monday */

    if (!r->days) return day + 7 * r->interval;
    for (int i = today + 1; i < 7; i++)
        if (r->days >> (i + 1) % 7 & 1) return day - today + i;
    for (int i = 0; i < 7; i++)
        if (r->days >> (i + 1) % 7 & 1) return day - today + 7 * r->interval + i;
    return day;
}

static int64_t next_in_months(const Rrule *r, int64_t day)
{
    CivilDate d = date_to_civil(day);
    int month = d.month - 1, wanted = r->month_day ? r->month_day : d.day;

    for (int step = r->interval; step <= MONTHS_MAX; step += r->interval) {
        int y = d.year + (month + step) / 12, m = (month + step) % 12 + 1;
        if (wanted < 0) return date_from_civil(m == 12 ? y + 1 : y, m % 12 + 1, 1) - 1;
        if (date_is_valid(y, m, wanted)) return date_from_civil(y, m, wanted);
    }
    return -1;
}

/* The moment when clocks in `zone` show `seconds` of `day`; where they skip it, what they show instead. */
static int64_t local_moment(Str zone, int64_t day, int64_t seconds)
{
    int64_t local = day * DAY_S + seconds,
            offset = zone_offset(zone, (local - zone_offset(zone, local * 1000)) * 1000);

    return (local - offset) * 1000;
}

int64_t rrule_next(const Rrule *r, Str zone, int64_t at)
{
    int64_t day = zone_date(zone, at), seconds = zone_time_of_day(zone, at);
    int64_t next = r->freq == RRULE_DAILY    ? day + r->interval
                   : r->freq == RRULE_WEEKLY ? next_in_weeks(r, day)
                                             : next_in_months(r, day);

    if (next <= day || r->count == 1) return -1;
    int64_t ms = local_moment(zone, next, seconds);
    return r->until && ms > r->until ? -1 : ms;
}
