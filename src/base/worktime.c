/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Working time, day by day: the hours of the week, changed by what the country's year and the calendar's own exceptions say
   of the day.  Local hours become moments through the zone, so that a day on which clocks change is as long as it is. */
#include "base/worktime.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/text.h"
#include "base/time.h"

#define DAY_S    86400
#define HOUR_S   3600
#define DAYS_MAX 732 /* how far ahead is looked for working time */

typedef struct WorkYear {
    int year;
    Holiday *days;
    size_t n;
    struct WorkYear *next;
} WorkYear;

/* --- hours ----------------------------------------------------------------------------------------------------------- */

static bool clock_parse(Str s, int32_t *out)
{
    int64_t seconds;

    s = str_trim(s);
    if (str_eq(s, S("24:00"))) {
        *out = DAY_S;
        return true;
    }
    if (s.n == 4) {
        char padded[6] = {'0', s.p[0], s.p[1], s.p[2], s.p[3], 0};
        if (!time_of_day_parse((Str){padded, 5}, &seconds)) return false;
    } else if (!time_of_day_parse(s, &seconds)) {
        return false;
    }
    *out = (int32_t)seconds;
    return true;
}

bool work_hours_parse(Str s, WorkHours *out)
{
    Str rest = str_trim(s);
    int32_t last = 0;

    *out = (WorkHours){0};
    if (!rest.n) return true;
    while (rest.p) {
        Str span = str_cut(&rest, ','), from = str_cut(&span, '-');
        struct WorkSpan at = {0};
        if (out->n == WORK_SPANS || !clock_parse(from, &at.from) || !clock_parse(span, &at.to)) return false;
        if (at.from < last || at.to <= at.from) return false;
        out->spans[out->n++] = at;
        last = at.to;
    }
    return true;
}

Str work_hours_text(Arena *mem, const WorkHours *hours)
{
    Buf b = buf_new(mem, 200);

    for (uint32_t i = 0; i < hours->n; i++) {
        int32_t from = hours->spans[i].from / 60, to = hours->spans[i].to / 60;
        buf_addf(&b, "%s%02d:%02d-%02d:%02d", i ? ", " : "", from / 60, from % 60, to / 60, to % 60);
    }
    return buf_str(&b);
}

WorkCalendar work_calendar(Arena *mem, Str zone, Str country)
{
    WorkCalendar cal = {.mem = mem, .zone = zone, .country = country};

    for (int i = 1; i <= 5; i++) cal.week[i] = (WorkHours){{{9 * HOUR_S, 18 * HOUR_S}}, 1};
    return cal;
}

static void shorten(WorkHours *hours)
{
    if (!hours->n) return;
    struct WorkSpan *last = &hours->spans[hours->n - 1];

    last->to -= HOUR_S;
    if (last->to <= last->from) hours->n--;
}

/* --- days ------------------------------------------------------------------------------------------------------------ */

static const Holiday *holiday_on(WorkCalendar *cal, int64_t day)
{
    int year = date_to_civil(day).year;
    WorkYear *y = cal->years;

    if (!cal->country.n) return NULL;
    while (y && y->year != year) y = y->next;
    if (!y) {
        y = NEW(cal->mem, WorkYear);
        y->year = year;
        y->days = holidays_of(cal->mem, cal->country, year, &y->n);
        y->next = cal->years;
        cal->years = y;
    }
    for (size_t i = 0; i < y->n; i++)
        if (y->days[i].day == day) return &y->days[i];
    return NULL;
}

static const WorkException *exception_on(const WorkCalendar *cal, int64_t day)
{
    for (size_t i = 0; i < cal->n_days; i++)
        if (cal->days[i].from <= day && day <= cal->days[i].until) return &cal->days[i];
    return NULL;
}

/* A day worked against the week has the hours of the first working day of the week. */
static WorkHours hours_of_work(const WorkCalendar *cal, int weekday)
{
    for (int i = 0; i < 7; i++)
        if (cal->week[(weekday + i) % 7].n) return cal->week[(weekday + i) % 7];
    return (WorkHours){0};
}

static void apply_holiday(const WorkCalendar *cal, const Holiday *h, int weekday, WorkDay *out)
{
    out->holiday = h->name;
    switch (h->kind) {
    case HOLIDAY_MOVED: out->is_moved = true; __attribute__((fallthrough));
    case HOLIDAY_OFF:
        out->is_holiday = true;
        out->hours.n = 0;
        break;
    case HOLIDAY_WORK: out->hours = hours_of_work(cal, weekday); break;
    case HOLIDAY_WORK_SHORT: out->hours = hours_of_work(cal, weekday); __attribute__((fallthrough));
    case HOLIDAY_SHORT:
        out->is_short = true;
        shorten(&out->hours);
        break;
    }
}

static void apply_exception(const WorkCalendar *cal, const WorkException *x, int weekday, WorkDay *out)
{
    *out = (WorkDay){.hours = cal->week[weekday], .name = x->name};
    if (x->kind == HOLIDAY_OFF) {
        out->is_holiday = true;
        out->is_absent = x->is_personal;
        out->hours.n = 0;
        return;
    }
    out->is_short = x->kind == HOLIDAY_SHORT;
    if (x->hours.n)
        out->hours = x->hours;
    else if (x->kind == HOLIDAY_SHORT)
        shorten(&out->hours);
    else
        out->hours = hours_of_work(cal, weekday);
}

WorkDay work_day(WorkCalendar *cal, int64_t day)
{
    int weekday = date_weekday(day);
    WorkDay out = {.hours = cal->week[weekday]};
    const WorkException *x = exception_on(cal, day);
    const Holiday *h = x ? NULL : holiday_on(cal, day);

    if (x) apply_exception(cal, x, weekday, &out);
    if (h) apply_holiday(cal, h, weekday, &out);
    return out;
}

/* --- moments --------------------------------------------------------------------------------------------------------- */

static int64_t moment(const WorkCalendar *cal, int64_t day, int32_t second)
{
    int64_t utc = (day * DAY_S + second) * 1000;
    int64_t guess = utc - zone_offset(cal->zone, utc) * 1000;

    return utc - zone_offset(cal->zone, guess) * 1000;
}

bool work_is_open(WorkCalendar *cal, int64_t ms)
{
    return work_opens(cal, ms) == ms;
}

int64_t work_opens(WorkCalendar *cal, int64_t ms)
{
    int64_t first = zone_date(cal->zone, ms);

    for (int64_t day = first; day < first + DAYS_MAX; day++) {
        WorkDay d = work_day(cal, day);
        for (uint32_t i = 0; i < d.hours.n; i++) {
            int64_t from = moment(cal, day, d.hours.spans[i].from),
                    to = moment(cal, day, d.hours.spans[i].to);
            if (ms < to) return ms > from ? ms : from;
        }
    }
    return -1;
}

static int64_t overlap(int64_t a, int64_t b, int64_t from, int64_t to)
{
    int64_t low = a > from ? a : from, high = b < to ? b : to;

    return high > low ? high - low : 0;
}

int64_t work_between(WorkCalendar *cal, int64_t from, int64_t to)
{
    int64_t sum = 0;

    if (to <= from) return 0;
    int64_t last = zone_date(cal->zone, to);
    for (int64_t day = zone_date(cal->zone, from); day <= last; day++) {
        WorkDay d = work_day(cal, day);
        for (uint32_t i = 0; i < d.hours.n; i++)
            sum += overlap(moment(cal, day, d.hours.spans[i].from), moment(cal, day, d.hours.spans[i].to),
                           from, to);
    }
    return sum;
}

int64_t work_after(WorkCalendar *cal, int64_t from, int64_t ms)
{
    int64_t first = zone_date(cal->zone, from), left = ms;

    for (int64_t day = first; day < first + DAYS_MAX; day++) {
        WorkDay d = work_day(cal, day);
        for (uint32_t i = 0; i < d.hours.n; i++) {
            int64_t a = moment(cal, day, d.hours.spans[i].from), b = moment(cal, day, d.hours.spans[i].to);
            int64_t here = overlap(a, b, from, INT64_MAX);
            if (here > 0 && left <= here) return (a > from ? a : from) + left;
            left -= here;
        }
    }
    return -1;
}

int64_t work_days(WorkCalendar *cal, int64_t from, int64_t to)
{
    int64_t n = 0;

    for (int64_t day = from; day <= to; day++) n += work_day(cal, day).hours.n > 0;
    return n;
}
