/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/map.h"
#include "core/ctx.h"
#include "mod/sales/period.h"

/* Inside the forecast: what its files share. */

/* A moment as the forecast looks at it: deals as the log has them then; those the log does not reach back to, by their own dates. */
typedef struct Moment {
    int64_t at;  /* ms; 0: now */
    int64_t day; /* the company's */
} Moment;

/** Reads "2017-07-15" (the end of that day in the company's zone) or an RFC 3339 time; now for empty text and the future. */
MUST_CHECK Err *moment_parse(Ctx *cx, Str text, const char *param, Moment *out);
/** The month in which the fiscal year of the main company begins, 1-12. */
MUST_CHECK Err *fiscal_month(Ctx *cx, int *out);

/* Which deals a statement reads, and how: each is one pass over one table. */
typedef enum Source {
    SOURCE_ROWS,  /* live rows, or with a moment those that have stood since */
    SOURCE_PAST,  /* replaced rows that stood at the moment */
    SOURCE_DATES, /* rows the log does not reach back to: by opened_on and closed_on */
    SOURCE_COUNT
} Source;

/** How many of the sources there are to read: only the first for now. */
unsigned moment_sources(Moment m);
/** Appends ` FROM table t0 WHERE ...`: not deleted, readable by the actor, standing at the moment.  With SOURCE_DATES the condition on
    the dates of the category is the caller's. */
MUST_CHECK Err *deals_from(Ctx *cx, Sql *q, const Object *deal, Moment m, Source source);

typedef struct Chain Chain;

#define FORECAST_BACK 8 /* periods before the first one that the trend is drawn from */

typedef struct Adjustment { /* what somebody put in place of a sum */
    int64_t amount;
    Str note;
    Id by;
    int64_t at;
} Adjustment;

typedef struct Cell { /* money of 4 places in the company's currency */
    int64_t pipeline, best_case, commit, closed, weighted, historical, trend, quota, forecast;
    bool has_quota, has_trend;
    Adjustment *adjusted; /* NULL none */
} Cell;

typedef struct Quota {
    Period period;
    int64_t amount;
} Quota;

/* Whose numbers a row holds: a person, a team, a territory, a product family (by its place among the names); 0 nobody.  Its cells are those of all periods. */
typedef struct Bearer {
    Id id, parent;
    unsigned depth;
    bool is_parent;
    Cell *own, *below; /* without and with all that report to it */
    VEC(Quota) quotas;
} Bearer;

typedef enum ForecastBy { BY_OWNER, BY_TEAM, BY_TERRITORY, BY_FAMILY } ForecastBy;

typedef struct Forecast {
    Ctx *cx;
    const Object *deal;
    Moment moment;
    ForecastBy by;
    int first_month;
    Period periods[FORECAST_BACK + PERIODS_MAX];
    bool is_by_dates; /* some numbers come from the dates of deals the log does not reach back to */
    size_t first, n;  /* those asked for are periods[first] to periods[n - 1] */
    VEC(Bearer) bearers;
    StrMap index;      /* number of a bearer + 1 by the bytes of its id */
    VEC(Str) families; /* BY_FAMILY: bearer n is the n-th, from 1 */
    StrMap family_of;  /* number of the family by the bytes of a product's id */
    Chain *chain;
    Cell *total; /* made by forecast_roll_up */
} Forecast;

/** The bearer of `id`, made when it is not there; valid until the next one is made. */
Bearer *bearer_of(Forecast *fc, Id id);
/** The number of a product family; 0 for none. */
Id family_number(Forecast *fc, Str family);
/** Adds to `*sum`; LIMIT{error.forecast.sum} beyond 18 digits. */
MUST_CHECK Err *money_add(Ctx *cx, int64_t *sum, int64_t more);

/** Fills pipeline ... closed, weighted and historical of all bearers. */
MUST_CHECK Err *forecast_scan(Forecast *fc);
/** Fills quotas and adjustments. */
MUST_CHECK Err *forecast_plans(Forecast *fc);
/** Sums up along the hierarchy and computes trend and forecast. */
MUST_CHECK Err *forecast_roll_up(Forecast *fc);

/* Probabilities to win by stage. */
/** Estimated from how deals have moved until `m`. */
MUST_CHECK Err *chain_load(Ctx *cx, Moment m, Chain **out);
/** The place of a stage among those of the chain, below 400; one that is none of them: their number. */
size_t chain_stage(const Chain *chain, Id stage);
/** `amount` times the probability from the stage at that place; past the last: of a stage nobody knows. */
int64_t chain_expected(const Chain *chain, size_t stage, int64_t amount);

/** Argument `name` of a report; empty when not given. */
Str forecast_arg(const Val *args, const char *name);
/** DENIED or INVALID when the actor may not read what a forecast is made of. */
MUST_CHECK Err *forecast_allowed(Ctx *cx, const Object **deal);
/** The periods `text` says; the quarter of `today` for none. */
MUST_CHECK Err *forecast_periods(Ctx *cx, Str text, int64_t today, int first_month, Period *out, size_t *n);
/** As the API gives them: money in the company's currency, {period, start, end}. */
Val forecast_money(const Ctx *cx, int64_t amount);
Val forecast_period(Ctx *cx, Period p, int first_month);

/** Reports: core/module.h. */
Err *forecast_report(Ctx *cx, const Val *args, Val *out);
Err *bridge_report(Ctx *cx, const Val *args, Val *out);
