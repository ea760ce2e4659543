/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holidays against published figures, and working time against counting by hand. */
#include "base/tap.h"
#include "base/text.h"
#include "base/time.h"
#include "base/worktime.h"

static int64_t day(const char *text)
{
    int64_t out = 0;

    REQUIRE(date_parse(str_c(text), &out));
    return out;
}

static int64_t at(const char *text)
{
    Val v;

    REQUIRE(timestamp_parse(str_c(text), &v));
    return val_ms(v);
}

static int64_t year_of_work(Arena *mem, const char *country, int year)
{
    WorkCalendar cal = work_calendar(mem, S("UTC"), str_c(country));

    return work_days(&cal, date_from_civil(year, 1, 1), date_from_civil(year, 12, 31));
}

static bool is_off(Arena *mem, const char *country, const char *date)
{
    WorkCalendar cal = work_calendar(mem, S("UTC"), str_c(country));

    return work_day(&cal, day(date)).hours.n == 0;
}

TEST(easter)
{
    CHECK(easter_western(2026) == day("2026-04-05") && easter_western(2027) == day("2027-03-28"));
    CHECK(easter_western(2025) == day("2025-04-20") && easter_western(2038) == day("2038-04-25"));
    CHECK(easter_orthodox(2026) == day("2026-04-12") && easter_orthodox(2027) == day("2027-05-02"));
    CHECK(easter_orthodox(2025) == day("2025-04-20") && easter_orthodox(2024) == day("2024-05-05"));
}

TEST(russia)
{
    static const char *const OFF[] = {"2026-01-01", "2026-01-08", "2026-01-09", "2026-02-23", "2026-03-09",
                                      "2026-05-01", "2026-05-11", "2026-06-12", "2026-11-04", "2026-12-31",
                                      "2027-01-08", "2027-02-22", "2027-02-23", "2027-03-08", "2027-05-03",
                                      "2027-05-10", "2027-06-14", "2027-11-04", "2027-11-05", "2027-12-31"};
    static const char *const SHORT[] = {"2026-04-30", "2026-05-08", "2026-06-11", "2026-11-03",
                                        "2027-02-20", "2027-04-30", "2027-06-11", "2027-11-03"};
    WorkCalendar cal = work_calendar(mem, S("Europe/Moscow"), S("RU"));
    int64_t n_short = 0;

    CHECK(year_of_work(mem, "RU", 2026) == 247 && year_of_work(mem, "RU", 2027) == 247);
    for (size_t i = 0; i < sizeof OFF / sizeof *OFF; i++) CHECK(is_off(mem, "RU", OFF[i]));
    for (size_t i = 0; i < sizeof SHORT / sizeof *SHORT; i++) {
        WorkDay d = work_day(&cal, day(SHORT[i]));
        CHECK(d.is_short && d.hours.n == 1 && d.hours.spans[0].to == 17 * 3600);
    }
    for (int64_t d = day("2026-01-01"); d <= day("2027-12-31"); d++) n_short += work_day(&cal, d).is_short;
    CHECK(n_short == 8);
    CHECK(!is_off(mem, "RU", "2027-02-20") && !is_off(mem, "RU", "2027-11-12") &&
          is_off(mem, "RU", "2027-11-13"));
    WorkDay moved = work_day(&cal, day("2026-03-09"));
    CHECK(moved.is_moved && moved.is_holiday);
    CHECK_STR(holiday_name(moved.holiday, S("ru")), "Международный женский день");
}

TEST(poland)
{
    static const char *const OFF[] = {"2026-01-01", "2026-01-06", "2026-04-06", "2026-05-01", "2026-06-04",
                                      "2026-11-11", "2026-12-24", "2026-12-25", "2027-03-29", "2027-05-03",
                                      "2027-05-27", "2027-11-01", "2027-12-24"};
    size_t n;

    CHECK(year_of_work(mem, "PL", 2026) == 253 && year_of_work(mem, "PL", 2027) == 253);
    for (size_t i = 0; i < sizeof OFF / sizeof *OFF; i++) CHECK(is_off(mem, "PL", OFF[i]));
    CHECK(!is_off(mem, "PL", "2024-12-24") && is_off(mem, "PL", "2025-12-24"));
    (void)holidays_of(mem, S("PL"), 2026, &n);
    CHECK(n == 14);
    CHECK(holidays_are_known(S("PL")) && holidays_are_known(S("SE")) && !holidays_are_known(S("US")));
}

TEST(europe)
{
    /* Saturdays, first Mondays, Orthodox Easter, holidays that move on. */
    CHECK(is_off(mem, "SE", "2026-06-19") == false && is_off(mem, "SE", "2026-06-20"));
    CHECK(is_off(mem, "IE", "2026-02-02") && is_off(mem, "IE", "2030-02-01") &&
          !is_off(mem, "IE", "2030-02-04"));
    CHECK(is_off(mem, "IE", "2026-10-26") && is_off(mem, "IE", "2026-05-04"));
    CHECK(is_off(mem, "GR", "2026-02-23") && is_off(mem, "GR", "2026-04-10") &&
          is_off(mem, "GR", "2026-06-01"));
    CHECK(is_off(mem, "BG", "2026-12-28") && is_off(mem, "BG", "2027-12-27") &&
          is_off(mem, "BG", "2027-12-28"));
    CHECK(is_off(mem, "DK", "2023-05-05") && !is_off(mem, "DK", "2024-04-26"));
    CHECK(is_off(mem, "DE", "2026-10-03") && is_off(mem, "FR", "2026-07-14") &&
          is_off(mem, "IT", "2026-06-02"));
}

TEST(hours)
{
    WorkHours h;

    CHECK(work_hours_parse(S(""), &h) && h.n == 0);
    CHECK(work_hours_parse(S(" 9:00-13:00,14:00 - 18:30 "), &h) && h.n == 2);
    CHECK_STR(work_hours_text(mem, &h), "09:00-13:00, 14:00-18:30");
    CHECK(work_hours_parse(S("00:00-24:00"), &h) && h.spans[0].to == 86400);
    CHECK(!work_hours_parse(S("18:00-09:00"), &h) && !work_hours_parse(S("9-18"), &h));
    CHECK(!work_hours_parse(S("09:00-12:00,11:00-13:00"), &h) && !work_hours_parse(S("09:00-12:00,"), &h));
    CHECK(!work_hours_parse(S("1:00-2:00,3:00-4:00,5:00-6:00,7:00-8:00,9:00-10:00"), &h));
}

TEST(working_time_between_moments)
{
    WorkCalendar cal = work_calendar(mem, S("Europe/Warsaw"), S("PL"));
    const int64_t hour = INT64_C(3600000);

    /* Friday 17:00 to Monday 10:00; over 24-27 December 2026; within one day; never negative. */
    CHECK(work_between(&cal, at("2026-03-13T16:00:00Z"), at("2026-03-16T09:00:00Z")) == 2 * hour);
    CHECK(work_between(&cal, at("2026-12-23T16:00:00Z"), at("2026-12-28T09:00:00Z")) == 2 * hour);
    CHECK(work_between(&cal, at("2026-03-10T07:00:00Z"), at("2026-03-10T23:00:00Z")) == 9 * hour);
    CHECK(work_between(&cal, at("2026-03-11T09:00:00Z"), at("2026-03-10T09:00:00Z")) == 0);
    /* The clocks go forward on 29 March 2026: Friday and Monday are nine hours each. */
    CHECK(work_between(&cal, at("2026-03-27T00:00:00Z"), at("2026-03-30T22:00:00Z")) == 18 * hour);
    CHECK(work_after(&cal, at("2026-03-13T16:00:00Z"), 2 * hour) == at("2026-03-16T09:00:00Z"));
    CHECK(work_after(&cal, at("2026-03-14T12:00:00Z"), 0) == at("2026-03-16T08:00:00Z"));
    CHECK(work_after(&cal, at("2026-03-27T16:30:00Z"), hour) == at("2026-03-30T07:30:00Z"));
    CHECK(work_opens(&cal, at("2026-12-24T09:00:00Z")) == at("2026-12-28T08:00:00Z"));
    CHECK(work_is_open(&cal, at("2026-03-10T08:00:00Z")) && !work_is_open(&cal, at("2026-03-10T17:00:00Z")));
    for (int i = 0; i < 7; i++) cal.week[i].n = 0;
    CHECK(work_opens(&cal, at("2026-03-10T08:00:00Z")) == -1 && work_after(&cal, 0, hour) == -1);
}

/* What work_after gives is where work_between has grown by as much, for any start and length. */
TEST(there_and_back)
{
    WorkCalendar cal = work_calendar(mem, S("Europe/Moscow"), S("RU"));
    int64_t seed = 20261122, bad = 0;

    for (int i = 0; i < 200; i++) {
        seed = (seed * 1103515245 + 12345) % INT64_C(2147483648);
        int64_t from = at("2026-01-01T00:00:00Z") + seed * 25, ms = seed % (60 * 3600) * 1000 + 1000;
        int64_t to = work_after(&cal, from, ms);
        bad += work_between(&cal, from, to) != ms || !work_is_open(&cal, to - 1);
    }
    CHECK(bad == 0);
}

TEST(exceptions)
{
    int64_t stock = day("2026-03-10"), saturday = day("2026-03-14"), holiday = day("2026-11-11");
    int64_t leave = day("2026-07-01"), eve = day("2026-03-12");
    WorkException days[] = {{stock, stock, HOLIDAY_OFF, {{{0}}, 0}, S_INIT("Stocktaking"), false},
                            {saturday, saturday, HOLIDAY_WORK, {{{36000, 50400}}, 1}, {0}, false},
                            {holiday, holiday, HOLIDAY_WORK, {{{0}}, 0}, {0}, false},
                            {eve, eve, HOLIDAY_SHORT, {{{0}}, 0}, {0}, false},
                            {leave, leave + 13, HOLIDAY_OFF, {{{0}}, 0}, {0}, true}};
    WorkCalendar cal = work_calendar(mem, S("Europe/Warsaw"), S("PL"));

    cal.days = days;
    cal.n_days = 5;
    CHECK(work_day(&cal, stock).is_holiday && work_day(&cal, stock).hours.n == 0);
    CHECK_STR(work_day(&cal, stock).name, "Stocktaking");
    CHECK(work_day(&cal, saturday).hours.spans[0].to == 50400 && work_day(&cal, holiday).hours.n == 1);
    CHECK(work_day(&cal, eve).hours.spans[0].to == 17 * 3600);
    CHECK(work_between(&cal, at("2026-03-09T23:00:00Z"), at("2026-03-10T23:00:00Z")) == 0);
    CHECK(work_days(&cal, leave, leave + 14) == 1);
}
