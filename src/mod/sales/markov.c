/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Absorbing Markov chains of a few dozen stages: Gaussian elimination with partial pivoting over (I - Q | R 1).  A library of
   linear algebra would bring more to install than these lines.  A chain that never ends is found by walking back from the ends
   before anything is divided, so the system solved is never singular. */
#include "mod/sales/markov.h"

#include <math.h>

#define ROW_SLACK 1e-9

void markov_estimate(size_t n, const int64_t *counts, const double *prior, double m, double *moves)
{
    size_t width = n + MARKOV_ENDS;

    for (size_t i = 0; i < n; i++) {
        int64_t ended = 0;
        for (size_t j = 0; j < width; j++) ended += counts[i * width + j];
        for (size_t j = 0; j < width; j++)
            moves[i * width + j] =
                ((double)counts[i * width + j] + m * prior[i * width + j]) / ((double)ended + m);
    }
}

static Err *check_rows(Arena *mem, size_t n, const double *moves)
{
    size_t width = n + MARKOV_ENDS;

    for (size_t i = 0; i < n; i++) {
        double sum = 0;
        for (size_t j = 0; j < width; j++) {
            double p = moves[i * width + j];
            if (!(p >= 0 && p <= 1))
                FAIL(mem, ERR_INTERNAL, "error.internal", "move %zu to %zu is no probability", i, j);
            sum += p;
        }
        if (fabs(sum - 1) > ROW_SLACK)
            FAIL(mem, ERR_INTERNAL, "error.internal", "the moves of stage %zu do not add up to one", i);
    }
    return NULL;
}

static bool reaches(size_t n, const double *row, const uint8_t *ends)
{
    for (size_t j = 0; j < n; j++)
        if (row[j] > 0 && ends[j]) return true;
    return row[n] + row[n + 1] > 0;
}

static Err *check_ends(Arena *mem, size_t n, const double *moves)
{
    uint8_t *ends = NEW_N(mem, uint8_t, n);
    bool is_grown = true;

    while (is_grown) {
        is_grown = false;
        for (size_t i = 0; i < n; i++) {
            if (ends[i] || !reaches(n, moves + i * (n + MARKOV_ENDS), ends)) continue;
            ends[i] = 1;
            is_grown = true;
        }
    }
    for (size_t i = 0; i < n; i++)
        if (!ends[i]) FAIL(mem, ERR_INTERNAL, "error.internal", "stage %zu leads to no end", i);
    return NULL;
}

/* Rows of the system: n coefficients of I - Q, the probability of being won in one step, and one step. */
static double *system_rows(Arena *mem, size_t n, const double *moves)
{
    size_t width = n + 2;
    double *a = NEW_N(mem, double, n *width);

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) a[i * width + j] = (i == j) - moves[i * (n + MARKOV_ENDS) + j];
        a[i * width + n] = moves[i * (n + MARKOV_ENDS) + n];
        a[i * width + n + 1] = 1;
    }
    return a;
}

static void swap_rows(double *a, size_t width, size_t i, size_t j)
{
    for (size_t k = 0; k < width && i != j; k++) {
        double x = a[i * width + k];
        a[i * width + k] = a[j * width + k];
        a[j * width + k] = x;
    }
}

static Err *eliminate(Arena *mem, double *a, size_t n)
{
    size_t width = n + 2;

    for (size_t c = 0; c < n; c++) {
        size_t pivot = c;
        for (size_t i = c + 1; i < n; i++)
            if (fabs(a[i * width + c]) > fabs(a[pivot * width + c])) pivot = i;
        if (fabs(a[pivot * width + c]) < 1e-300)
            FAIL(mem, ERR_INTERNAL, "error.internal", "column %zu is singular", c);
        swap_rows(a, width, c, pivot);
        for (size_t i = 0; i < n; i++) {
            double by = i == c ? 0 : a[i * width + c] / a[c * width + c];
            for (size_t k = c; by != 0 && k < width; k++) a[i * width + k] -= by * a[c * width + k];
        }
    }
    return NULL;
}

Err *markov_solve(Arena *mem, size_t n, const double *moves, double *won, double *steps)
{
    size_t width = n + 2;

    if (!n) FAIL(mem, ERR_INTERNAL, "error.internal", "a chain without stages");
    TRY(check_rows(mem, n, moves));
    TRY(check_ends(mem, n, moves));
    double *a = system_rows(mem, n, moves);
    TRY(eliminate(mem, a, n));
    for (size_t i = 0; i < n; i++) {
        won[i] = a[i * width + n] / a[i * width + i];
        steps[i] = a[i * width + n + 1] / a[i * width + i];
    }
    return NULL;
}
