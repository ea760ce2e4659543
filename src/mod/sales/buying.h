/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

/* How customers buy, from their orders: each against his own habit.

   The usual interval is the median of the days between consecutive days with an order (two orders of one day are one
   purchase); three purchases are needed to know it.  The next purchase is expected that many days after the last one,
   half a day counted as one.  Who is silent for longer than twice his interval has stopped buying.  The same is asked of
   each product family by itself: a family that was given up by a customer who still buys is partial defection (Buckinx and Van den
   Poel 2005, European Journal of Operational Research 164, 252-268, who show that it comes before the loss of the whole customer);
   the median instead of the mean keeps one long pause from hiding the next. */

typedef enum BuyState {
    BUY_NEW,  /* fewer than three purchases: no habit to compare with */
    BUY_ON,   /* the next one is not expected yet */
    BUY_DUE,  /* it is expected, or late by less than an interval */
    BUY_LOST, /* silent for longer than BUY_FACTOR intervals */
    BUY_STATES
} BuyState;

#define BUY_FACTOR  2
#define BUY_LEAST   3
#define BUY_HISTORY 1826 /* days back that are looked at */

typedef struct BuyAsk {
    int64_t day;    /* orders after it are not counted */
    int64_t window; /* days of `recent` and of `earlier` before it; 0: 180 */
    Id account;     /* 0: all */
    bool by_family;
} BuyAsk;

typedef struct Buyer { /* a customer, or what he buys of one family */
    Id account, owner;
    Str family;                     /* empty: products without one; not of a customer */
    int64_t purchases, first, last; /* days with an order */
    int64_t usual_twice;            /* twice the interval, so that half days stay exact */
    int64_t expected, silent;       /* day; days since the last */
    int64_t net, recent, earlier;   /* money of 4 places in the company's currency */
    BuyState state;
} Buyer;

/** Purchases by orders that were not cancelled, of accounts the actor may see, by account and family.
    INVALID (an unknown field) when he may not read what it is counted from. */
MUST_CHECK Err *buyers_read(Ctx *cx, const BuyAsk *ask, Buyer **out, size_t *n);
/** What customers buy of each family, but not of those who have stopped buying altogether. */
MUST_CHECK Err *families_read(Ctx *cx, const BuyAsk *ask, Buyer **out, size_t *n);
/** Its name in the API: new, buying, due, lost. */
const char *buy_state_name(BuyState state);
/** Median of the gaps between `n` days in ascending order, twice; 0 for fewer than BUY_LEAST days.  Sorts in `gaps`, of n. */
int64_t buy_interval_twice(const int64_t *days, size_t n, int64_t *gaps);

/** Report: {as_of, group_by, counts: {new, buying, due, lost}, data}; arguments group_by (account, family), as_of (a day), state,
    account. */
Err *buying_report(Ctx *cx, const Val *args, Val *out);
