/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain against figures worked out by hand, and against simulation by its own definition: won = R + Q won. */
#include "mod/sales/markov.h"

#include "core/test_prop.h"

#include <math.h>

/* Lead, Qualified, Proposal, Negotiation; won, lost. */
static const double REFERENCE[] = {
    0, .6, 0,  0,  0,  .4, /* L */
    0, 0,  .5, 0,  0,  .5, /* Q */
    0, 0,  .1, .6, 0,  .3, /* P */
    0, 0,  0,  .2, .5, .3, /* N */
};

static bool is_near(double a, double b, double slack)
{
    return fabs(a - b) <= slack;
}

TEST(the_reference_chain_is_solved)
{
    static const double WON[] = {.125, .20833333, .41666667, .625};
    static const double STEPS[] = {2.18333, 1.97222, 1.94444, 1.25};
    static const double OPEN[] = {50000, 80000, 60000, 40000};
    double won[4], steps[4], forecast = 0;

    CHECK_OK(markov_solve(mem, 4, REFERENCE, won, steps));
    for (size_t i = 0; i < 4; i++) {
        CHECK(is_near(won[i], WON[i], 5e-9));
        CHECK(is_near(steps[i], STEPS[i], 5e-6));
        forecast += OPEN[i] * won[i];
    }
    CHECK(is_near(forecast, 72916.67, .005));
}

TEST(few_cases_are_drawn_to_what_was_expected)
{
    static const double PRIOR[] = {0, .4, .6};
    static const int64_t NONE[] = {0, 0, 0}, SOME[] = {0, 9, 1}, MANY[] = {0, 9000, 1000};
    double moves[3];

    markov_estimate(1, NONE, PRIOR, 10, moves);
    CHECK(is_near(moves[1], .4, 1e-12) && is_near(moves[2], .6, 1e-12));
    markov_estimate(1, SOME, PRIOR, 10, moves);
    CHECK(is_near(moves[1], (9 + 10 * .4) / 20, 1e-12) && is_near(moves[0], 0, 1e-12));
    markov_estimate(1, MANY, PRIOR, 10, moves);
    CHECK(is_near(moves[1], .9, 1e-3));
}

/* Counts of moves that go in circles too, and a prior that ends from every stage. */
static void draw(Prop *prop, size_t n, int64_t *counts, double *prior)
{
    size_t width = n + MARKOV_ENDS;

    for (size_t i = 0; i < n * width; i++) {
        counts[i] = (int64_t)prop_below(prop, 50);
        prior[i] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        prior[i * width + n] = (double)prop_below(prop, 101) / 100;
        prior[i * width + n + 1] = 1 - prior[i * width + n];
    }
}

TEST(what_is_found_fits_its_own_definition)
{
    Prop prop = prop_start();

    for (int round = 0; round < 200; round++) {
        size_t n = 1 + prop_below(&prop, 12), width = n + MARKOV_ENDS;
        int64_t counts[12 * 14];
        double prior[12 * 14], moves[12 * 14], won[12], steps[12];
        draw(&prop, n, counts, prior);
        markov_estimate(n, counts, prior, 10, moves);
        CHECK_OK(markov_solve(mem, n, moves, won, steps));
        for (size_t i = 0; i < n; i++) {
            double next = moves[i * width + n], more = 1;
            for (size_t j = 0; j < n; j++) {
                next += moves[i * width + j] * won[j];
                more += moves[i * width + j] * steps[j];
            }
            NEED(won[i] >= -1e-9 && won[i] <= 1 + 1e-9);
            NEED(is_near(next, won[i], 1e-9) && is_near(more, steps[i], 1e-6 * more));
        }
    }
}

TEST(what_is_no_chain_is_refused)
{
    static const double LOOP[] = {0, 1, 0, 0, 1, 0, 0, 0}; /* two stages that lead to each other */
    static const double STAY[] = {1, 0, 0};                /* one that is never left */
    static const double SHORT[] = {0, .5, .4};             /* does not add up */
    static const double BELOW[] = {0, 1.5, -.5}, NAN_ROW[] = {0, NAN, 1};
    double won[2], steps[2];

    CHECK_ERR(markov_solve(mem, 0, LOOP, won, steps), ERR_INTERNAL);
    CHECK_ERR(markov_solve(mem, 2, LOOP, won, steps), ERR_INTERNAL);
    CHECK_ERR(markov_solve(mem, 1, STAY, won, steps), ERR_INTERNAL);
    CHECK_ERR(markov_solve(mem, 1, SHORT, won, steps), ERR_INTERNAL);
    CHECK_ERR(markov_solve(mem, 1, BELOW, won, steps), ERR_INTERNAL);
    CHECK_ERR(markov_solve(mem, 1, NAN_ROW, won, steps), ERR_INTERNAL);
}
