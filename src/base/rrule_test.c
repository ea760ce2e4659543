/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recurrence rules: what is read, what is refused, and the next occurrence across clocks, weeks and months. */
#include "base/rrule.h"

#include "base/tap.h"
#include "base/time.h"

static int64_t ms_of(const char *text)
{
    Val v = {0};

    REQUIRE(timestamp_parse(str_c(text), &v));
    return val_ms(v);
}

static Str text_of(Arena *mem, int64_t ms)
{
    return ms < 0 ? S("none") : timestamp_text(mem, val_from_ms(ms));
}

TEST(reading)
{
    static const char *const GOOD[][2] = {
        {"RRULE:FREQ=DAILY;INTERVAL=1", "FREQ=DAILY"},
        {"INTERVAL=2;FREQ=WEEKLY;BYDAY=SU,MO", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU"},
        {"FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3"},
        {"FREQ=DAILY;UNTIL=20261231", "FREQ=DAILY;UNTIL=20261231T235959Z"},
        {"FREQ=WEEKLY;WKST=MO;UNTIL=20261231T090000Z", "FREQ=WEEKLY;UNTIL=20261231T090000Z"},
    };
    static const char *const BAD[] = {"",
                                      "FREQ",
                                      "FREQ=YEARLY",
                                      "FREQ=DAILY;",
                                      "INTERVAL=2",
                                      "FREQ=DAILY;FREQ=DAILY",
                                      "FREQ=DAILY;INTERVAL=0",
                                      "FREQ=DAILY;BYDAY=MO",
                                      "FREQ=WEEKLY;BYDAY=1MO",
                                      "FREQ=WEEKLY;BYDAY=MO,MO",
                                      "FREQ=WEEKLY;BYDAY=",
                                      "FREQ=MONTHLY;BYMONTHDAY=32",
                                      "FREQ=MONTHLY;BYMONTHDAY=0",
                                      "FREQ=DAILY;COUNT=2;UNTIL=20261231",
                                      "FREQ=DAILY;UNTIL=20260231",
                                      "FREQ=DAILY;UNTIL=20261231T240000Z",
                                      "FREQ=DAILY;COUNT=-1",
                                      "freq=daily",
                                      "FREQ=DAILY;X=1"};
    Rrule r, again;

    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        CHECK(rrule_parse(str_c(GOOD[i][0]), &r));
        CHECK_STR(rrule_text(mem, &r), GOOD[i][1]);
        CHECK(rrule_parse(rrule_text(mem, &r), &again));
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) CHECK(!rrule_parse(str_c(BAD[i]), &r));
}

TEST(the_next_one)
{
    static const char *const CASES[][4] = {
        {"FREQ=DAILY", "Europe/Warsaw", "2026-03-28T08:00:00Z",
         "2026-03-29T07:00:00Z"}, /* clocks change: nine stays nine */
        {"FREQ=DAILY;INTERVAL=3", "UTC", "2026-02-27T23:30:00Z", "2026-03-02T23:30:00Z"},
        {"FREQ=WEEKLY", "UTC", "2026-01-01T10:00:00Z", "2026-01-08T10:00:00Z"},
        {"FREQ=WEEKLY;BYDAY=MO,FR", "UTC", "2026-11-20T10:00:00Z", "2026-11-23T10:00:00Z"},
        {"FREQ=WEEKLY;BYDAY=MO,FR", "UTC", "2026-11-23T10:00:00Z", "2026-11-27T10:00:00Z"},
        {"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", "UTC", "2026-11-22T10:00:00Z", "2026-11-30T10:00:00Z"},
        {"FREQ=WEEKLY;BYDAY=TU", "Asia/Tokyo", "2026-11-23T15:30:00Z",
         "2026-11-30T15:30:00Z"}, /* Tuesday there */
        {"FREQ=MONTHLY", "UTC", "2026-01-31T10:00:00Z", "2026-03-31T10:00:00Z"},
        {"FREQ=MONTHLY;BYMONTHDAY=-1", "UTC", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z"},
        {"FREQ=MONTHLY;INTERVAL=12", "UTC", "2024-02-29T10:00:00Z", "2028-02-29T10:00:00Z"},
        {"FREQ=DAILY;UNTIL=20260301", "UTC", "2026-03-01T10:00:00Z", "none"},
        {"FREQ=DAILY;UNTIL=20260301", "UTC", "2026-02-28T10:00:00Z", "2026-03-01T10:00:00Z"},
        {"FREQ=DAILY;COUNT=1", "UTC", "2026-02-28T10:00:00Z", "none"},
    };
    Rrule r;

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        CHECK(rrule_parse(str_c(CASES[i][0]), &r));
        CHECK_STR(text_of(mem, rrule_next(&r, str_c(CASES[i][1]), ms_of(CASES[i][2]))), CASES[i][3]);
    }
}
