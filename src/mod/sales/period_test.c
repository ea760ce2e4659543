/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Periods of calendar and fiscal years: names, bounds, steps. */
#include "mod/sales/period.h"

#include "base/tap.h"
#include "base/time.h"

static void check(Arena *mem, const char *name, int first_month, const char *start, const char *end)
{
    Period p = {0};

    NEED(period_parse(str_c(name), first_month, &p));
    CHECK_STR(date_text(mem, p.start), start);
    CHECK_STR(date_text(mem, p.end), end);
    CHECK_STR(period_text(mem, p, first_month), name);
    for (int64_t day = p.start; day < p.end; day += 13)
        CHECK(period_of(day, p.kind, first_month).start == p.start);
    CHECK(period_of(p.end - 1, p.kind, first_month).start == p.start &&
          period_of(p.end, p.kind, first_month).start == p.end);
    CHECK(period_step(period_step(p, 5), -5).start == p.start && period_step(p, 1).start == p.end);
}

TEST(years_that_are_the_calendars)
{
    check(mem, "2017-07", 1, "2017-07-01", "2017-08-01");
    check(mem, "2017-12", 1, "2017-12-01", "2018-01-01");
    check(mem, "2017-Q3", 1, "2017-07-01", "2017-10-01");
    check(mem, "2017-Q4", 1, "2017-10-01", "2018-01-01");
    check(mem, "2017", 1, "2017-01-01", "2018-01-01");
}

TEST(years_that_begin_in_another_month)
{
    check(mem, "2017-07", 4, "2017-07-01", "2017-08-01");
    check(mem, "2017-Q1", 4, "2016-04-01", "2016-07-01");
    check(mem, "2017-Q4", 4, "2017-01-01", "2017-04-01");
    check(mem, "2017", 4, "2016-04-01", "2017-04-01");
    check(mem, "2017-Q2", 12, "2017-03-01", "2017-06-01");
    check(mem, "2017", 12, "2016-12-01", "2017-12-01");
    check(mem, "2018-Q3", 2, "2017-08-01", "2017-11-01");
}

TEST(what_is_no_period)
{
    static const char *const BAD[] = {"",        "17",     "2017-",      "2017-Q5", "2017-Q0", "2017-13",
                                      "2017-00", "2017-7", "2017-07-01", "x017",    "0017"};
    Period p, many[PERIODS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) CHECK(!period_parse(str_c(BAD[i]), 1, &p));
    CHECK_ERR(periods_parse(mem, S("2017-02..2017-01"), 1, many, &n), ERR_INVALID);
    CHECK_ERR(periods_parse(mem, S("2017-Q1..2017-12"), 1, many, &n), ERR_INVALID);
    CHECK_ERR(periods_parse(mem, S("2010-01..2017-12"), 1, many, &n), ERR_INVALID);
    CHECK_OK(periods_parse(mem, S("2015-01..2017-12"), 1, many, &n));
    CHECK_EQ_INT(n, 36);
    CHECK_STR(period_text(mem, many[35], 1), "2017-12");
}
