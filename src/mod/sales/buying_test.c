/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The usual interval: the median of the gaps, whatever one long pause does. */
#include "mod/sales/buying.h"

#include "base/tap.h"

static int64_t twice(const int64_t *days, size_t n)
{
    int64_t gaps[16];

    return buy_interval_twice(days, n, gaps);
}

TEST(three_purchases_make_a_habit)
{
    (void)mem;
    CHECK_EQ_INT(twice((const int64_t[]){10}, 1), 0);
    CHECK_EQ_INT(twice((const int64_t[]){10, 20}, 2), 0);
    CHECK_EQ_INT(twice((const int64_t[]){10, 20, 30}, 3), 20);
    CHECK_EQ_INT(twice(NULL, 0), 0);
}

TEST(the_middle_of_the_gaps_counts)
{
    (void)mem;
    CHECK_EQ_INT(twice((const int64_t[]){0, 10, 21, 400}, 4), 22);
    CHECK_EQ_INT(twice((const int64_t[]){0, 10, 21}, 3), 21);
    CHECK_EQ_INT(twice((const int64_t[]){0, 300, 310, 320, 330}, 5), 20);
}
