/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holidays.  What the law fixes for every year is a rule in holidays.csv; what a government moves year by year is a line of
   workdays.csv with its source and the day it was looked up, because forecasts of such moves have turned out wrong.  The
   files are read once a process into tables that point into the embedded bytes. */
#include "base/holiday.h"

#include "base/embed.h"
#include "base/err.h"
#include "base/map.h"
#include "base/time.h"

#include <pthread.h>
#include <stdlib.h>

#define RULES_MAX 480
#define MOVED_MAX 400
#define NAMES_MAX 160
#define CELLS     8

typedef enum RuleHow { RULE_FIXED = 1, RULE_EASTER, RULE_ORTHODOX, RULE_WEEKDAY } RuleHow;

typedef struct Rule {
    Str country, name;
    int from, until; /* years */
    RuleHow how;
    int month, day, offset;
    int weekday,
        unless; /* first such weekday on or after the date; the date itself when it is `unless` (-1: never) */
    bool moves_on; /* from a weekend to the next working day */
    bool has_short_eve;
} Rule;

typedef struct Moved {
    Str country, source;
    int64_t day, origin;
    HolidayKind kind;
    bool has_origin;
} Moved;

typedef struct HolidayName {
    Str key, en, ru, pl;
} HolidayName;

static Rule rules[RULES_MAX];
static Moved moved[MOVED_MAX];
static HolidayName names[NAMES_MAX];
static size_t n_rules, n_moved, n_names;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* --- Easter ---------------------------------------------------------------------------------------------------------- */

int64_t easter_western(int year)
{
    int a = year % 19, b = year / 100, c = year % 100, d = b / 4, e = b % 4, f = (b + 8) / 25;
    int g = (b - f + 1) / 3, h = (19 * a + b - d - g + 15) % 30, i = c / 4, k = c % 4;
    int l = (32 + 2 * e + 2 * i - h - k) % 7, m = (a + 11 * h + 22 * l) / 451;
    int n = h + l - 7 * m + 114;

    return date_from_civil(year, n / 31, n % 31 + 1);
}

int64_t easter_orthodox(int year)
{
    int a = year % 4, b = year % 7, c = year % 19, d = (19 * c + 15) % 30;
    int e = (2 * a + 4 * b - d + 34) % 7, n = d + e + 114;

    return date_from_civil(year, n / 31, n % 31 + 1) + year / 100 - year / 400 - 2;
}

/* --- the files ------------------------------------------------------------------------------------------------------- */

static size_t cells_of(Str line, Str *cells)
{
    size_t n = 0;

    while (line.p && n < CELLS) cells[n++] = str_trim(str_cut(&line, ','));
    for (size_t i = n; i < CELLS; i++) cells[i] = (Str){0};
    return n;
}

/* The next line that says something; false at the end. */
static bool next_line(Str *rest, Str *cells)
{
    while (rest->p) {
        Str line = str_trim(str_cut(rest, '\n'));
        if (line.n == 0 || line.p[0] == '#') continue;
        (void)cells_of(line, cells);
        return true;
    }
    return false;
}

static Str text_of_file(const char *path)
{
    const Embed *file = embed_find(str_c(path));

    REQUIRE(file != NULL && !file->is_gzip);
    return (Str){(const char *)file->data, file->size};
}

static int number(Str s, int otherwise)
{
    int64_t v;

    if (s.n && s.p[0] == '+') s = str_from(s, 1);
    return str_to_i64(s, &v) ? (int)v : otherwise;
}

/* "MM-DD", "easter+50", "orthodox-2", "10-31>6" (the first Saturday from 31 October on), "02-01>1|5" (that, but the day itself
   when it is a Friday). */
static bool rule_parse(Str text, Rule *out)
{
    Str rest = text;

    out->unless = -1;
    if (str_starts(text, S("easter")) || str_starts(text, S("orthodox"))) {
        bool is_western = str_starts(text, S("easter"));
        out->how = is_western ? RULE_EASTER : RULE_ORTHODOX;
        out->offset = number(str_from(text, is_western ? 6 : 8), 0);
        return true;
    }
    Str date = str_cut(&rest, '>'), month = str_cut(&date, '-');
    out->how = rest.p ? RULE_WEEKDAY : RULE_FIXED;
    out->month = number(month, 0);
    out->day = number(date, 0);
    if (rest.p) {
        out->weekday = number(str_cut(&rest, '|'), -1);
        if (rest.p) out->unless = number(rest, -1);
    }
    return date_is_valid(2024, out->month, out->day) && out->weekday >= 0;
}

static void read_rules(void)
{
    Str rest = text_of_file("base/holidays.csv"), cells[CELLS];

    while (next_line(&rest, cells)) {
        REQUIRE(n_rules < RULES_MAX);
        Rule *r = &rules[n_rules++];
        r->country = cells[0];
        REQUIRE(rule_parse(cells[1], r));
        r->name = cells[2];
        r->from = number(cells[3], 0);
        r->until = number(cells[4], 9999);
        r->moves_on = str_find(cells[5], S("moves")) >= 0;
        r->has_short_eve = str_find(cells[5], S("eve")) >= 0;
    }
}

static HolidayKind kind_of(Str s)
{
    return str_eq(s, S("off"))     ? HOLIDAY_MOVED
           : str_eq(s, S("short")) ? HOLIDAY_SHORT
           : str_eq(s, S("work"))  ? HOLIDAY_WORK
                                   : HOLIDAY_WORK_SHORT;
}

static void read_moved(void)
{
    Str rest = text_of_file("base/workdays.csv"), cells[CELLS];

    while (next_line(&rest, cells)) {
        REQUIRE(n_moved < MOVED_MAX);
        Moved *m = &moved[n_moved++];
        m->country = cells[0];
        REQUIRE(date_parse(cells[1], &m->day));
        m->kind = kind_of(cells[2]);
        m->has_origin = date_parse(cells[3], &m->origin);
        m->source = cells[5];
    }
}

static void read_names(void)
{
    Str rest = text_of_file("base/holiday_names.csv"), cells[CELLS];

    while (next_line(&rest, cells)) {
        REQUIRE(n_names < NAMES_MAX);
        names[n_names++] = (HolidayName){cells[0], cells[1], cells[2], cells[3]};
    }
}

static void read_all(void)
{
    read_rules();
    read_moved();
    read_names();
}

/* --- a year ---------------------------------------------------------------------------------------------------------- */

typedef VEC(Holiday) Holidays;

static int64_t rule_day(const Rule *r, int year)
{
    if (r->how == RULE_EASTER) return easter_western(year) + r->offset;
    if (r->how == RULE_ORTHODOX) return easter_orthodox(year) + r->offset;
    int64_t day = date_from_civil(year, r->month, r->day);
    int weekday = date_weekday(day);
    if (r->how == RULE_FIXED || weekday == r->unless) return day;
    return day + (r->weekday - weekday + 7) % 7;
}

static bool is_weekend(int64_t day)
{
    int weekday = date_weekday(day);

    return weekday == 0 || weekday == 6;
}

static Holiday *find(const Holidays *list, int64_t day)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->p[i].day == day) return &list->p[i];
    return NULL;
}

static bool is_free(const Holidays *list, int64_t day)
{
    const Holiday *h = find(list, day);

    return h ? h->kind <= HOLIDAY_MOVED : is_weekend(day);
}

static bool is_in_force(const Rule *r, Str country, int year)
{
    return str_eq(r->country, country) && r->from <= year && year <= r->until;
}

static void add(Arena *mem, Holidays *list, Holiday h)
{
    Holiday *old = find(list, h.day);

    if (old)
        *old = h;
    else
        *vec_push(mem, list) = h;
}

static void add_moved(Arena *mem, Str country, int year, Holidays *list)
{
    int64_t first = date_from_civil(year, 1, 1), end = date_from_civil(year + 1, 1, 1);

    for (size_t i = 0; i < n_moved; i++) {
        const Moved *m = &moved[i];
        if (!str_eq(m->country, country) || m->day < first || m->day >= end) continue;
        add(mem, list, (Holiday){m->day, m->kind, m->has_origin, m->origin, {0}, m->source});
    }
}

/* A holiday that falls on a weekend gives the next working day. */
static void move_on(Arena *mem, Str country, int year, Holidays *list)
{
    for (size_t i = 0; i < n_rules; i++) {
        if (!rules[i].moves_on || !is_in_force(&rules[i], country, year)) continue;
        int64_t origin = rule_day(&rules[i], year), day = origin;
        if (!is_weekend(origin)) continue;
        while (is_free(list, day)) day++;
        add(mem, list, (Holiday){day, HOLIDAY_MOVED, true, origin, rules[i].name, {0}});
    }
}

static void shorten_eves(Arena *mem, Str country, int year, Holidays *list)
{
    for (size_t i = 0; i < n_rules; i++) {
        const Rule *r = &rules[i];
        if (!r->has_short_eve) continue;
        bool is_next = r->month == 1 && r->day == 1; /* whose eve is of this year */
        int64_t eve = rule_day(r, year + is_next) - 1;
        if (!is_in_force(r, country, year + is_next) || is_free(list, eve)) continue;
        if (!find(list, eve)) add(mem, list, (Holiday){.day = eve, .kind = HOLIDAY_SHORT});
    }
}

static int by_day(const void *a, const void *b)
{
    int64_t x = ((const Holiday *)a)->day, y = ((const Holiday *)b)->day;

    return (x > y) - (x < y);
}

Holiday *holidays_of(Arena *mem, Str country, int year, size_t *n)
{
    Holidays list = {0};

    REQUIRE(pthread_once(&once, read_all) == 0);
    for (size_t i = 0; i < n_rules; i++)
        if (is_in_force(&rules[i], country, year))
            add(mem, &list,
                (Holiday){.day = rule_day(&rules[i], year), .kind = HOLIDAY_OFF, .name = rules[i].name});
    add_moved(mem, country, year, &list);
    move_on(mem, country, year, &list);
    shorten_eves(mem, country, year, &list);
    if (list.n) qsort(list.p, list.n, sizeof *list.p, by_day);
    *n = list.n;
    return list.p;
}

bool holidays_are_known(Str country)
{
    REQUIRE(pthread_once(&once, read_all) == 0);
    for (size_t i = 0; i < n_rules; i++)
        if (str_eq(rules[i].country, country)) return true;
    return false;
}

Str holiday_name(Str key, Str lang)
{
    REQUIRE(pthread_once(&once, read_all) == 0);
    for (size_t i = 0; i < n_names; i++)
        if (str_eq(names[i].key, key))
            return str_eq(lang, S("ru")) ? names[i].ru : str_eq(lang, S("pl")) ? names[i].pl : names[i].en;
    return (Str){0};
}
