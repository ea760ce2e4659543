/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* How the amount of a deal is shared. */

#define SPLIT_WHOLE INT64_C(1000000) /* 100 %: percents have four places */

typedef struct SplitPart {
    int64_t percent; /* none below zero */
    bool is_revenue; /* else it stands beside the revenue */
    int64_t order;   /* breaks ties: the least first */
    int64_t amount;  /* filled: a multiple of the unit */
} SplitPart;

/** Sum of the revenue percents of `parts`; 0 when there are none. */
int64_t split_percents(const SplitPart *parts, size_t n);
/** Fills the amounts.  Revenue parts whose percents come to SPLIT_WHOLE sum to `amount` (largest remainder); an overlay is
    its percent of it, half away from zero to `unit`. */
void split_amounts(Arena *mem, int64_t amount, int64_t unit, SplitPart *parts, size_t n);
