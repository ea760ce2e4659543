/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What lines of a document come to: pure arithmetic, exact, without a database.  Money is scaled by 10^4 and rounded to
   the places of its currency, percents by 10^4, quantities by 10^3; rounding is half away from zero.  The rules stand in
   docs/guide/money.md. */

typedef enum TaxKind {
    TAX_STANDARD,
    TAX_REDUCED,
    TAX_ZERO,    /* taxed, at nothing: the seller keeps his right to deduct */
    TAX_EXEMPT,  /* not taxed by law */
    TAX_REVERSE, /* the buyer accounts for it */
    TAX_OUTSIDE, /* outside the scope of the tax */
    TAX_KINDS,
} TaxKind;

typedef enum Charge { CHARGE_ONCE, CHARGE_MONTH, CHARGE_YEAR } Charge;
typedef enum Rounding { ROUND_LINE, ROUND_DOCUMENT } Rounding;

typedef struct LineIn {
    int64_t quantity, price;
    int64_t discount;        /* percent of quantity x price */
    int64_t discount_amount; /* taken off besides */
    TaxKind tax;
    int64_t rate; /* percent; heeded only where the kind has a rate */
    Charge period;
    int64_t term; /* how many periods; 0 counts as 1 */
} LineIn;

typedef struct LineOut {
    int64_t list;     /* quantity x price x term */
    int64_t discount; /* of the line itself */
    int64_t share;    /* its part of the discount of the document */
    int64_t net, tax, gross;
    int64_t mrr, arr; /* net a month and a year, of a recurring line */
} LineOut;

typedef struct TaxTotal {
    TaxKind tax;
    int64_t rate, net, amount, gross;
} TaxTotal;

typedef struct DocumentIn {
    uint8_t places;   /* of the currency: 0 to 4 */
    bool is_with_tax; /* prices hold the tax */
    Rounding rounding;
    int64_t discount, discount_amount; /* of the whole document: percent, amount */
} DocumentIn;

typedef struct DocumentOut {
    int64_t discount; /* of lines and document together */
    int64_t net, tax, gross;
    int64_t mrr, arr, once, tcv; /* tcv == net == once + what recurs over its terms */
    TaxTotal *taxes;             /* by kind, then by falling rate */
    size_t n_taxes;
} DocumentOut;

typedef enum LineProblem {
    LINE_FINE,
    LINE_TOO_LARGE, /* does not fit 18 digits */
    LINE_DISCOUNT,  /* more is taken off than there is */
} LineProblem;

/** Fills `lines_out[n]` and `*out`.  On a problem `*bad` is the line, or `n` when it is the document's. */
LineProblem document_calculate(Arena *mem, const DocumentIn *doc, const LineIn *lines, size_t n,
                               LineOut *lines_out, DocumentOut *out, size_t *bad);

/** Splits `amount` in proportion to `weights` (none below zero, one above) so that the parts, whole multiples of `unit`, sum
    to it: what rounding down leaves goes to the largest remainders, then to the largest weights, then to the least `order`
    (NULL: the place). */
void amount_split(Arena *mem, int64_t amount, int64_t unit, const int64_t *weights, const int64_t *order,
                  size_t n, int64_t *parts);
