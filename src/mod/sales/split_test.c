/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shares of an amount: parts sum to the whole, none is further than a unit from what its percent says, and nothing depends
   on the order they are told in. */
#include "mod/sales/split.h"

#include "base/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

__extension__ typedef __int128 Wide;

#define PARTS  12
#define ROUNDS 5000

TEST(three_equal_shares_of_a_hundred)
{
    SplitPart parts[] = {{.percent = 333333, .is_revenue = true, .order = 1},
                         {.percent = 333334, .is_revenue = true, .order = 2},
                         {.percent = 333333, .is_revenue = true, .order = 3},
                         {.percent = 125000, .order = 4}};

    CHECK_EQ_INT(split_percents(parts, 4), SPLIT_WHOLE);
    split_amounts(mem, 1000000, 100, parts, 4); /* 100.00 */
    CHECK_EQ_INT(parts[0].amount, 333300);
    CHECK_EQ_INT(parts[1].amount, 333400);
    CHECK_EQ_INT(parts[2].amount, 333300);
    CHECK_EQ_INT(parts[3].amount, 125000);
    split_amounts(mem, 1000000, 10000, parts, 4); /* a currency without pennies */
    CHECK_EQ_INT(parts[3].amount, 130000);
    CHECK_EQ_INT(parts[0].amount + parts[1].amount + parts[2].amount, 1000000);
}

TEST(an_overlay_alone_takes_nothing)
{
    SplitPart parts[] = {{.percent = 500000, .order = 1}};

    CHECK_EQ_INT(split_percents(parts, 1), 0);
    split_amounts(mem, 101, 1, parts, 1);
    CHECK_EQ_INT(parts[0].amount, 51);
}

static uint64_t state;

static int64_t below(int64_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int64_t)(state % (uint64_t)n);
}

/* Percents of `n` parts that come to the whole. */
static void random_parts(SplitPart *parts, size_t n)
{
    int64_t rest = SPLIT_WHOLE;

    for (size_t i = 0; i < n; i++) {
        bool is_last = i + 1 == n;
        int64_t percent = is_last ? rest : below(rest + 1);
        parts[i] = (SplitPart){.percent = percent, .is_revenue = true, .order = (int64_t)i * 7 + 1};
        rest -= percent;
    }
}

static void reversed(SplitPart *parts, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        SplitPart kept = parts[i];
        parts[i] = parts[n - 1 - i];
        parts[n - 1 - i] = kept;
    }
}

static void check_round(Arena *mem, int64_t amount, int64_t unit, SplitPart *parts, size_t n)
{
    int64_t sum = 0;
    SplitPart again[PARTS];

    split_amounts(mem, amount, unit, parts, n);
    for (size_t i = 0; i < n; i++) {
        Wide off = (Wide)parts[i].amount * SPLIT_WHOLE - (Wide)amount * parts[i].percent;
        again[i] = parts[i];
        sum += parts[i].amount;
        NEED(parts[i].amount % unit == 0);
        NEED(off < (Wide)unit * SPLIT_WHOLE && off > -(Wide)unit * SPLIT_WHOLE);
    }
    NEED(sum == amount);
    reversed(again, n);
    split_amounts(mem, amount, unit, again, n);
    reversed(again, n);
    for (size_t i = 0; i < n; i++) NEED(again[i].amount == parts[i].amount);
}

TEST(parts_sum_to_the_whole)
{
    static const int64_t UNITS[] = {1, 10, 100, 10000};
    const char *given = getenv("KITH_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) / 86400;

    printf("# KITH_SEED=%llu\n", (unsigned long long)seed);
    state = seed * 2654435761u + 88172645463325252u;
    for (int round = 0; round < ROUNDS; round++) {
        Arena *tmp = arena_new(0);
        SplitPart parts[PARTS];
        size_t n = 1 + (size_t)below(PARTS);
        int64_t unit = UNITS[below(4)], amount = below(round % 2 ? 1000 : INT64_C(90000000000000)) * unit;

        random_parts(parts, n);
        check_round(tmp, amount, unit, parts, n);
        arena_free(tmp);
    }
}
