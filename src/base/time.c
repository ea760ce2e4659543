/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Civil calendar in UTC and the written forms of times.  Day arithmetic after H. Hinnant, "chrono-Compatible Low-Level
   Date Algorithms": eras of 400 years that begin on 1 March. */
#include "base/time.h"

#include "base/buf.h"

#include <string.h>
#include <time.h>

#define DURATION_MAX INT64_C(315576000000) /* seconds: protobuf's Duration */

int64_t date_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

CivilDate date_to_civil(int64_t days)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);

    return (CivilDate){(int)(yoe + era * 400 + (month <= 2)), month, (int)(doy - (153 * mp + 2) / 5 + 1)};
}

bool date_is_valid(int year, int month, int day)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
    return day <= DAYS[month - 1] + (month == 2 && is_leap);
}

int date_weekday(int64_t days)
{
    int64_t d = (days + 4) % 7;

    return (int)(d < 0 ? d + 7 : d);
}

/* Exactly `n` digits at `*at`. */
static bool take_number(Str s, size_t *at, size_t n, int *out)
{
    int v = 0;

    if (s.n - *at < n) return false;
    for (size_t i = 0; i < n; i++, (*at)++) {
        if (s.p[*at] < '0' || s.p[*at] > '9') return false;
        v = v * 10 + (s.p[*at] - '0');
    }
    *out = v;
    return true;
}

static bool take_char(Str s, size_t *at, char c)
{
    if (*at >= s.n || s.p[*at] != c) return false;
    (*at)++;
    return true;
}

static bool take_date(Str s, size_t *at, int64_t *days)
{
    int y, m, d;

    if (!take_number(s, at, 4, &y) || !take_char(s, at, '-') || !take_number(s, at, 2, &m) ||
        !take_char(s, at, '-') || !take_number(s, at, 2, &d) || !date_is_valid(y, m, d))
        return false;
    *days = date_from_civil(y, m, d);
    return true;
}

bool date_parse(Str s, int64_t *days)
{
    size_t at = 0;

    return take_date(s, &at, days) && at == s.n;
}

/* The last `n` digits of `v`. */
static void put_digits(char *p, int n, int v)
{
    for (; n > 0; v /= 10) p[--n] = (char)('0' + v % 10);
}

/* "2026-01-31"; what a year of four digits cannot say is printf's. */
static void put_date(char *p, CivilDate c)
{
    put_digits(p, 4, c.year);
    put_digits(p + 5, 2, c.month);
    put_digits(p + 8, 2, c.day);
    p[4] = p[7] = '-';
}

static bool is_plain_year(CivilDate c)
{
    return c.year >= 0 && c.year <= 9999;
}

Str date_text(Arena *mem, int64_t days)
{
    CivilDate c = date_to_civil(days);

    if (is_plain_year(c)) {
        char *p = arena_alloc(mem, 11);
        put_date(p, c);
        return (Str){p, 10};
    }
    return str_fmt(mem, "%04d-%02d-%02d", c.year, c.month, c.day);
}

static bool take_clock(Str s, size_t *at, int64_t *seconds)
{
    int h, m, sec;

    if (!take_number(s, at, 2, &h) || !take_char(s, at, ':') || !take_number(s, at, 2, &m) || h > 23 ||
        m > 59)
        return false;
    *seconds = h * 3600 + m * 60;
    if (!take_char(s, at, ':')) return true;
    if (!take_number(s, at, 2, &sec) || sec > 59) return false;
    *seconds += sec;
    return true;
}

static bool take_fraction(Str s, size_t *at, uint32_t *ns)
{
    uint32_t unit = 100000000;
    size_t from;

    *ns = 0;
    if (!take_char(s, at, '.')) return true;
    for (from = *at; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9' && unit; (*at)++, unit /= 10)
        *ns += (uint32_t)(s.p[*at] - '0') * unit;
    return *at > from;
}

static bool take_offset(Str s, size_t *at, int64_t *seconds)
{
    int h, m, sign = 1;

    *seconds = 0;
    if (take_char(s, at, 'Z') || take_char(s, at, 'z')) return true;
    if (take_char(s, at, '-'))
        sign = -1;
    else if (!take_char(s, at, '+'))
        return false;
    if (!take_number(s, at, 2, &h) || !take_char(s, at, ':') || !take_number(s, at, 2, &m) || h > 23 ||
        m > 59)
        return false;
    *seconds = sign * (h * 3600 + m * 60);
    return true;
}

bool timestamp_parse(Str s, Val *out)
{
    size_t at = 0;
    int64_t days, seconds, offset;
    uint32_t ns;

    if (!take_date(s, &at, &days) || !(take_char(s, &at, 'T') || take_char(s, &at, 't'))) return false;
    if (s.n - at < 8 || !take_clock(s, &at, &seconds) || at < 19) return false;
    if (!take_fraction(s, &at, &ns) || !take_offset(s, &at, &offset) || at != s.n) return false;
    int64_t v = days * 86400 + seconds - offset;
    if (v < INT64_C(-62135596800) || v > INT64_C(253402300799)) return false;
    *out = val_timestamp(v, ns);
    return true;
}

/* ".5", ".500", shortest of 3, 6 or 9 digits; nothing for zero. */
static void add_fraction(Buf *b, uint32_t ns)
{
    if (ns == 0) return;
    if (ns % 1000000 == 0) {
        char *p = buf_room(b, 4);
        p[0] = '.';
        put_digits(p + 1, 3, (int)(ns / 1000000));
    } else if (ns % 1000 == 0)
        buf_addf(b, ".%06u", ns / 1000);
    else
        buf_addf(b, ".%09u", ns);
}

Str timestamp_text(Arena *mem, Val ts)
{
    int64_t days = ts.i / 86400, s = ts.i % 86400;
    Buf b = buf_new(mem, 64);

    if (s < 0) {
        days--;
        s += 86400;
    }
    CivilDate c = date_to_civil(days);
    if (is_plain_year(c)) {
        char *p = buf_room(&b, 19);
        put_date(p, c);
        put_digits(p + 11, 2, (int)(s / 3600));
        put_digits(p + 14, 2, (int)(s / 60 % 60));
        put_digits(p + 17, 2, (int)(s % 60));
        p[10] = 'T';
        p[13] = p[16] = ':';
    } else {
        buf_addf(&b, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, (int)(s / 3600),
                 (int)(s / 60 % 60), (int)(s % 60));
    }
    add_fraction(&b, ts.n);
    buf_add_c(&b, 'Z');
    return buf_str(&b);
}

bool time_of_day_parse(Str s, int64_t *seconds)
{
    size_t at = 0;

    return take_clock(s, &at, seconds) && at == s.n;
}

Str time_of_day_text(Arena *mem, int64_t seconds)
{
    if (seconds % 60)
        return str_fmt(mem, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
                       (int)(seconds % 60));
    return str_fmt(mem, "%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60));
}

/* Nanoseconds of a duration unit at `*at`. */
static bool take_unit(Str s, size_t *at, int64_t *ns)
{
    static const struct {
        Str name;
        int64_t ns;
    } UNITS[] = {
        {S_INIT("ns"), 1},
        {S_INIT("us"), 1000},
        {S_INIT("µs"), 1000},
        {S_INIT("ms"), 1000000},
        {S_INIT("s"), 1000000000},
        {S_INIT("m"), 60000000000},
        {S_INIT("h"), 3600000000000},
    };

    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++)
        if (str_starts(str_from(s, *at), UNITS[i].name)) {
            *at += UNITS[i].name.n;
            *ns = UNITS[i].ns;
            return true;
        }
    return false;
}

__extension__ typedef __int128 I128;

/* One "12.5h": adds its nanoseconds to *total. */
static bool take_duration_part(Str s, size_t *at, I128 *total)
{
    I128 whole = 0, part = 0, scale = 1;
    int64_t unit;
    size_t from = *at;

    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++)
        if ((whole = whole * 10 + (s.p[*at] - '0')) > INT64_MAX) return false;
    bool has_digits = *at > from;
    if (take_char(s, at, '.'))
        for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++, has_digits = true)
            if (scale < 1000000000000) {
                part = part * 10 + (s.p[*at] - '0');
                scale *= 10;
            }
    if (!has_digits || !take_unit(s, at, &unit)) return false;
    *total += whole * unit + part * unit / scale;
    return *total < (I128)INT64_MAX * 1000000000;
}

bool duration_parse(Str s, Val *out)
{
    size_t at = 0;
    I128 ns = 0;
    bool is_negative = take_char(s, &at, '-');

    if (!is_negative) (void)take_char(s, &at, '+');
    if (str_eq(str_from(s, at), S("0"))) {
        *out = val_duration(0, 0);
        return true;
    }
    if (at >= s.n) return false;
    while (at < s.n)
        if (!take_duration_part(s, &at, &ns)) return false;
    if (is_negative) ns = -ns;
    I128 seconds = ns / 1000000000, rest = ns % 1000000000;
    if (rest < 0) {
        seconds--;
        rest += 1000000000;
    }
    if (seconds > DURATION_MAX || seconds < -DURATION_MAX) return false;
    *out = val_duration((int64_t)seconds, (uint32_t)rest);
    return true;
}

Str duration_text(Arena *mem, Val d)
{
    Buf b = buf_new(mem, 64);
    int64_t s = d.i;
    uint32_t ns = d.n;

    if (s < 0 && ns) {
        s++;
        ns = 1000000000u - ns;
    }
    if (s == 0 && d.i < 0) buf_add_c(&b, '-');
    buf_add_i64(&b, s);
    add_fraction(&b, ns);
    buf_add_c(&b, 's');
    return buf_str(&b);
}

int64_t clock_now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_mono_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct timespec clock_after(int64_t ms)
{
    struct timespec at;

    clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += ms % 1000 * 1000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}
