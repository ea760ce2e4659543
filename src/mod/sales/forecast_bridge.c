/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bridge: how the open deals expected in a period became those of a later day.  Each deal that is in it on either day falls into exactly one
   part, with its amount of the day it was in (of both days for one that stayed), so that start and parts make the end exactly. */
#include "mod/sales/forecast.h"

#include "core/read.h"
#include "core/store.h"

#include <stdlib.h>

typedef enum Part { ADDED, WON, LOST, SLIPPED_OUT, SLIPPED_IN, GROWN, SHRUNK, PARTS } Part;
static const char *const PART_NAMES[] = {"added",      "won",   "lost",  "slipped_out",
                                         "slipped_in", "grown", "shrunk"};

typedef struct InPeriod {
    Id id;
    int64_t amount;
} InPeriod;
typedef VEC(InPeriod) InPeriods;

typedef struct Bridge {
    Ctx *cx;
    const Object *deal;
    Moment from, to;
    Period period;
    int64_t start, end, parts[PARTS], counts[PARTS];
} Bridge;

static void add_open(Sql *q, Moment m, Source source)
{
    if (source != SOURCE_DATES) {
        sql_text(q, " AND t0.status = 'open' AND (t0.forecast IS NULL OR t0.forecast <> 'omitted')");
        return;
    }
    sql_text(q, " AND (t0.closed_on IS NULL OR t0.closed_on > ");
    sql_bind(q, val_int(m.day));
    sql_text(q, ") AND (t0.status <> 'open' OR t0.forecast IS NULL OR t0.forecast <> 'omitted')");
}

static int by_id(const void *a, const void *b)
{
    const InPeriod *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

/* The deals of the period on that day, by id. */
static Err *load(const Bridge *br, Moment m, InPeriods *out)
{
    Ctx *cx = br->cx;

    for (unsigned source = 0; source < moment_sources(m); source++) {
        Sql q = sql_new(cx->mem);
        DbRows *rows;
        bool has;
        sql_text(&q, "SELECT t0.id, t0.amount_base");
        TRY(deals_from(cx, &q, br->deal, m, (Source)source));
        add_open(&q, m, (Source)source);
        sql_text(&q, " AND t0.close_date >= ");
        sql_bind(&q, val_int(br->period.start));
        sql_text(&q, " AND t0.close_date < ");
        sql_bind(&q, val_int(br->period.end));
        TRY(sql_query(cx->mem, cx->db, &q, &rows));
        for (;;) {
            TRY(db_next(rows, &has));
            if (!has) break;
            *vec_push(cx->mem, out) = (InPeriod){db_i64(rows, 0), db_i64(rows, 1)};
        }
    }
    if (out->n) qsort(out->p, out->n, sizeof *out->p, by_id);
    return NULL;
}

/* --- the other day of deals that are in the period on one day only --------------------------------------------------- */

typedef enum State { NOT_THERE, OPEN, CLOSED_WON, CLOSED_LOST } State;

static State state_of(Str category, Source source, Moment m, Val closed_on)
{
    if (source == SOURCE_DATES && !val_is_null(closed_on) && closed_on.i > m.day) return OPEN;
    return str_eq(category, S("won")) ? CLOSED_WON : str_eq(category, S("lost")) ? CLOSED_LOST : OPEN;
}

#define IDS_AT_ONCE 512

static int by_number(const void *a, const void *b)
{
    Id x = *(const Id *)a, y = *(const Id *)b;

    return (x > y) - (x < y);
}

/* Sets states[i] of ids[i], which are in order. */
static Err *load_states(const Bridge *br, Moment m, const Id *ids, size_t n, State *states)
{
    Ctx *cx = br->cx;

    for (unsigned source = 0; source < moment_sources(m); source++) {
        Sql q = sql_new(cx->mem);
        DbRows *rows;
        bool has;
        sql_text(&q, "SELECT t0.id, t0.status, t0.closed_on");
        TRY(deals_from(cx, &q, br->deal, m, (Source)source));
        sql_text(&q, " AND t0.id");
        sql_ids(&q, ids, n);
        TRY(sql_query(cx->mem, cx->db, &q, &rows));
        for (;;) {
            TRY(db_next(rows, &has));
            if (!has) break;
            const Id id = db_i64(rows, 0);
            const Id *at = bsearch(&id, ids, n, sizeof *ids, by_number);
            if (at) states[at - ids] = state_of(db_str(rows, 1), (Source)source, m, db_val(rows, 2));
        }
    }
    return NULL;
}

static Err *add_part(Bridge *br, Part part, int64_t amount)
{
    br->counts[part]++;
    return money_add(br->cx, &br->parts[part], amount);
}

/* Deals that were in and are not: what became of them. */
static Err *settle_gone(Bridge *br, const InPeriods *gone)
{
    static const Part PART_OF[] = {
        [NOT_THERE] = LOST, [OPEN] = SLIPPED_OUT, [CLOSED_WON] = WON, [CLOSED_LOST] = LOST};

    for (size_t i = 0; i < gone->n; i += IDS_AT_ONCE) {
        size_t n = gone->n - i < IDS_AT_ONCE ? gone->n - i : IDS_AT_ONCE;
        Id ids[IDS_AT_ONCE];
        State states[IDS_AT_ONCE] = {0};
        for (size_t k = 0; k < n; k++) ids[k] = gone->p[i + k].id;
        TRY(load_states(br, br->to, ids, n, states));
        for (size_t k = 0; k < n; k++) TRY(add_part(br, PART_OF[states[k]], -gone->p[i + k].amount));
    }
    return NULL;
}

/* Deals that are in and were not: new ones, those reopened, and those that slipped in. */
static Err *settle_come(Bridge *br, const InPeriods *come)
{
    for (size_t i = 0; i < come->n; i += IDS_AT_ONCE) {
        size_t n = come->n - i < IDS_AT_ONCE ? come->n - i : IDS_AT_ONCE;
        Id ids[IDS_AT_ONCE];
        State states[IDS_AT_ONCE] = {0};
        for (size_t k = 0; k < n; k++) ids[k] = come->p[i + k].id;
        TRY(load_states(br, br->from, ids, n, states));
        for (size_t k = 0; k < n; k++)
            TRY(add_part(br, states[k] == OPEN ? SLIPPED_IN : ADDED, come->p[i + k].amount));
    }
    return NULL;
}

static Err *settle_stayed(Bridge *br, int64_t before, int64_t after)
{
    if (after == before) return NULL;
    return add_part(br, after > before ? GROWN : SHRUNK, after - before);
}

static Err *compare(Bridge *br, const InPeriods *a, const InPeriods *b)
{
    Ctx *cx = br->cx;
    InPeriods gone = {0}, come = {0};
    size_t i = 0, k = 0;

    for (size_t x = 0; x < a->n; x++) TRY(money_add(cx, &br->start, a->p[x].amount));
    for (size_t x = 0; x < b->n; x++) TRY(money_add(cx, &br->end, b->p[x].amount));
    while (i < a->n || k < b->n) {
        if (k == b->n || (i < a->n && a->p[i].id < b->p[k].id)) {
            *vec_push(cx->mem, &gone) = a->p[i++];
        } else if (i == a->n || b->p[k].id < a->p[i].id) {
            *vec_push(cx->mem, &come) = b->p[k++];
        } else {
            TRY(settle_stayed(br, a->p[i].amount, b->p[k].amount));
            i++;
            k++;
        }
    }
    TRY(settle_gone(br, &gone));
    return settle_come(br, &come);
}

/* --- the answer ------------------------------------------------------------------------------------------------------ */

static Val part_val(const Bridge *br, const char *name, int64_t amount, int64_t count)
{
    ValPair *pairs = NEW_N(br->cx->mem, ValPair, 3);

    pairs[0] = (ValPair){val_text(S("part")), val_text(str_c(name))};
    pairs[1] = (ValPair){val_text(S("amount")), forecast_money(br->cx, amount)};
    pairs[2] = (ValPair){val_text(S("count")), val_int(count)};
    return val_map(pairs, 3);
}

static Err *parse(Bridge *br, const Val *args, int *first_month)
{
    Ctx *cx = br->cx;
    Period periods[PERIODS_MAX];
    size_t n = 0;

    TRY(forecast_allowed(cx, &br->deal));
    if (!forecast_arg(args, "from").n)
        return err_arg(err_field(err_new(cx->mem, ERR_INVALID, "error.required", "from"), S("from")), 0,
                       S("from"));
    TRY(moment_parse(cx, forecast_arg(args, "from"), "from", &br->from));
    TRY(moment_parse(cx, forecast_arg(args, "to"), "to", &br->to));
    if (br->to.at && (!br->from.at || br->from.at > br->to.at))
        FAIL_FIELD(cx->mem, S("to"), "error.forecast.order", "to is before from");
    TRY(fiscal_month(cx, first_month));
    TRY(forecast_periods(cx, forecast_arg(args, "period"), br->to.day, *first_month, periods, &n));
    br->period = periods[0];
    br->period.end = periods[n - 1].end;
    return NULL;
}

Err *bridge_report(Ctx *cx, const Val *args, Val *out)
{
    Bridge br = {.cx = cx};
    InPeriods a = {0}, b = {0};
    int first_month = 1;
    Val *parts = NEW_N(cx->mem, Val, PARTS + 2);
    ValPair *pairs = NEW_N(cx->mem, ValPair, 5);

    TRY(parse(&br, args, &first_month));
    TRY(load(&br, br.from, &a));
    TRY(load(&br, br.to, &b));
    TRY(compare(&br, &a, &b));
    parts[0] = part_val(&br, "start", br.start, (int64_t)a.n);
    for (size_t i = 0; i < PARTS; i++) parts[i + 1] = part_val(&br, PART_NAMES[i], br.parts[i], br.counts[i]);
    parts[PARTS + 1] = part_val(&br, "end", br.end, (int64_t)b.n);
    pairs[0] = (ValPair){val_text(S("from")), val_from_ms(br.from.at ? br.from.at : cx->now)};
    pairs[1] = (ValPair){val_text(S("to")), val_from_ms(br.to.at ? br.to.at : cx->now)};
    pairs[2] = (ValPair){val_text(S("period")), forecast_period(cx, br.period, first_month)};
    pairs[3] = (ValPair){val_text(S("currency")), val_text(cx->store->company->currency)};
    pairs[4] = (ValPair){val_text(S("parts")), val_list(parts, PARTS + 2)};
    *out = val_map(pairs, 5);
    return NULL;
}
