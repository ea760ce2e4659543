/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* How likely a deal is won from the stage it stands in: an absorbing Markov chain (Kemeny & Snell, Finite Markov Chains,
   chapter III).  Pure numbers: it knows neither deals nor the database. */

/* The two ends beside the stages: columns n and n + 1 of a row of moves. */
#define MARKOV_ENDS 2

/** Estimates rows of moves from counts: (k + m p0) / (n + m), where a row's counts are of stays that have ended, so that what is
    still open is no loss.  `counts` and `prior` are n rows of n + MARKOV_ENDS; so is `moves`, which is filled. */
void markov_estimate(size_t n, const int64_t *counts, const double *prior, double m, double *moves);

/** B = (I - Q)^-1 R: `won[i]` the probability of the first end from stage i, `steps[i]` the expected number of steps to any end.
    INTERNAL for no stages, for a row that is no distribution, and for stages from which no end is reached. */
MUST_CHECK Err *markov_solve(Arena *mem, size_t n, const double *moves, double *won, double *steps);
