/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports whose numbers are counts and sums of lists: each column is a filter and a measure of an object, asked as any aggregate is
   (under the caller's rights), and some columns are computed from others.  The filter of a column is told with it, so that a number
   leads to the very list it was counted from. */
#include "mod/sales/figures.h"

#include "base/decimal.h"
#include "base/text.h"
#include "base/time.h"
#include "core/query_impl.h"
#include "core/rights.h"
#include "core/store.h"
#include "mod/sales/forecast.h"

#include <stdlib.h>

#define COLUMNS_MAX 16
#define GROUPS_MAX  2
#define ROWS_MAX    2000

typedef struct FigureColumn {
    const char *key, *kind;
    const char *object, *filter; /* object NULL: computed */
    const char *day;             /* the field the period is about; NULL: not of a period */
    const char *measure;
} FigureColumn;

typedef struct Spec {
    const char *object; /* the one `filter` is about */
    const char *group;  /* always by this; NULL: as asked */
    const FigureColumn *columns;
    size_t n;
    size_t order;                          /* the column rows are sorted by */
    void (*compute)(Ctx *cx, Val *values); /* the columns without object */
} Spec;

typedef struct FigureRow {
    Val groups[GROUPS_MAX];
    Val values[COLUMNS_MAX];
    Val order; /* the greatest first, null last */
    size_t found;
} FigureRow;

typedef struct Figures {
    Ctx *cx;
    const Spec *spec;
    Str filter;
    Str groups[GROUPS_MAX];
    size_t n_groups;
    Period period;
    VEC(FigureRow *) rows;
    StrMap index;
    FigureRow total;
} Figures;

void pairs_put(Ctx *cx, Pairs *pairs, const char *key, Val v)
{
    *vec_push(cx->mem, pairs) = (ValPair){val_text(str_c(key)), v};
}

Val pairs_map(const Pairs *pairs)
{
    return val_map(pairs->p, pairs->n);
}

/* --- conditions and periods ------------------------------------------------------------------------------------------ */

Str both_conditions(Arena *mem, Str a, Str b)
{
    if (!a.n) return b;
    if (!b.n) return a;
    return str_fmt(mem, "(%.*s) && (%.*s)", SFMT(a), SFMT(b));
}

Str period_condition(Ctx *cx, const Object *obj, const char *field, Period p)
{
    const Field *f = object_field(obj, str_c(field));
    Arena *mem = cx->mem;

    if (f && f->result == FIELD_TIMESTAMP) {
        Str from = timestamp_text(mem, val_from_ms(zone_day_start(cx->actor->zone, p.start)));
        Str until = timestamp_text(mem, val_from_ms(zone_day_start(cx->actor->zone, p.end)));
        return str_fmt(mem, "%s >= timestamp('%.*s') && %s < timestamp('%.*s')", field, SFMT(from), field,
                       SFMT(until));
    }
    return str_fmt(mem, "%s >= date('%.*s') && %s <= date('%.*s')", field, SFMT(date_text(mem, p.start)),
                   field, SFMT(date_text(mem, p.end - 1)));
}

Err *report_period(Ctx *cx, const Val *args, Period *out, Period *before, Val *told)
{
    int64_t today = zone_date(cx->store->company->zone, cx->now);
    Period asked[PERIODS_MAX] = {0};
    int first_month = 1;
    size_t n = 0;

    TRY(fiscal_month(cx, &first_month));
    TRY(forecast_periods(cx, forecast_arg(args, "period"), today, first_month, asked, &n));
    *out = asked[0];
    out->end = asked[n - 1].end;
    *before = (Period){asked[0].kind, period_step(asked[0], -(int)n).start, asked[0].start};
    Pairs pairs = {0};
    pairs_put(cx, &pairs, "period", val_text(period_text(cx->mem, asked[0], first_month)));
    pairs_put(cx, &pairs, "until", val_text(period_text(cx->mem, asked[n - 1], first_month)));
    pairs_put(cx, &pairs, "start", val_date(out->start));
    pairs_put(cx, &pairs, "end", val_date(out->end - 1));
    pairs_put(cx, &pairs, "before", val_date(before->start));
    *told = pairs_map(&pairs);
    return NULL;
}

Err *period_report(Ctx *cx, const Val *args, Val *out)
{
    Period period, before;

    return report_period(cx, args, &period, &before, out);
}

/* --- rows ------------------------------------------------------------------------------------------------------------ */

static bool is_bucket(Str group)
{
    return str_eq(group, S("day")) || str_eq(group, S("week")) || str_eq(group, S("month")) ||
           str_eq(group, S("quarter")) || str_eq(group, S("year"));
}

/* What a column's object is grouped by: a bare "month" is the month of its own day. */
static Str group_text(Arena *mem, const FigureColumn *c, Str group)
{
    return is_bucket(group) ? str_fmt(mem, "%.*s(%s)", SFMT(group), c->day) : group;
}

static Str groups_text(const Figures *f, const FigureColumn *c)
{
    Str out = {0};

    for (size_t i = 0; i < f->n_groups; i++) {
        Str one = group_text(f->cx->mem, c, f->groups[i]);
        out = i ? str_fmt(f->cx->mem, "%.*s,%.*s", SFMT(out), SFMT(one)) : one;
    }
    return out;
}

/* Open deals have no day: they are not told by month. */
static bool can_group(const Figures *f, const FigureColumn *c)
{
    for (size_t i = 0; i < f->n_groups; i++)
        if (is_bucket(f->groups[i]) && !c->day) return false;
    return true;
}

static FigureRow *row_of(Figures *f, const Val *groups)
{
    Arena *mem = f->cx->mem;
    Str key = {0};

    if (!f->n_groups) return &f->total;
    for (size_t i = 0; i < f->n_groups; i++) {
        Val v = groups[i];
        key = v.kind == VAL_TEXT
                  ? str_fmt(mem, "%.*s|t%.*s", SFMT(key), SFMT(val_str(v)))
                  : str_fmt(mem, "%.*s|%d:%lld", SFMT(key), v.kind, v.kind ? (long long)v.i : 0);
    }
    FigureRow *row = strmap_get(&f->index, key);
    if (row) return row;
    row = NEW(mem, FigureRow);
    for (size_t i = 0; i < f->n_groups; i++) row->groups[i] = groups[i];
    row->found = f->rows.n;
    strmap_put(mem, &f->index, key, row);
    *vec_push(mem, &f->rows) = row;
    return row;
}

static Str column_filter(const Figures *f, const FigureColumn *c)
{
    const Object *obj = meta_object(f->cx->meta, str_c(c->object));
    Str filter = c->filter ? str_c(c->filter) : (Str){0};

    if (c->day) filter = both_conditions(f->cx->mem, filter, period_condition(f->cx, obj, c->day, f->period));
    return str_eq_c(str_c(c->object), f->spec->object) ? both_conditions(f->cx->mem, f->filter, filter)
                                                       : filter;
}

static bool is_alike(const FigureColumn *a, const FigureColumn *b)
{
    return a->object && b->object && str_eq_c(str_c(a->object), b->object) &&
           str_eq_c(str_c(a->filter ? a->filter : ""), b->filter ? b->filter : "") &&
           str_eq_c(str_c(a->day ? a->day : ""), b->day ? b->day : "");
}

static Val told(Ctx *cx, Val v)
{
    return v.kind == VAL_MONEY ? forecast_money(cx, v.i) : v;
}

/* Columns over the same rows are one question. */
static Err *ask_alike(Figures *f, size_t first, bool *done)
{
    const FigureColumn *c = &f->spec->columns[first];
    const Object *obj = meta_object(f->cx->meta, str_c(c->object));
    size_t asked[8], n_asked = 0, n = 0;
    Aggregate a = {0};
    AggregateRow *rows = NULL;
    Str measures = {0};

    for (size_t i = first; i < f->spec->n; i++) {
        if (done[i] || !is_alike(c, &f->spec->columns[i])) continue;
        const char *m = f->spec->columns[i].measure;
        measures = n_asked ? str_fmt(f->cx->mem, "%.*s,%s", SFMT(measures), m) : str_c(m);
        asked[n_asked++] = i;
        done[i] = true;
    }
    if (!rights_may(f->cx, obj, VERB_READ) || !can_group(f, c)) return NULL;
    TRY(query_parse(f->cx, obj, column_filter(f, c), (Str){0}, &a.query));
    TRY(aggregate_parse(f->cx, &a, groups_text(f, c), measures));
    TRY(record_aggregate(f->cx, &a, &rows, &n));
    if (n > ROWS_MAX) FAIL(f->cx->mem, ERR_LIMIT, "error.group.buckets", "%zu groups", n);
    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < n_asked; i++)
            row_of(f, rows[r].groups)->values[asked[i]] = told(f->cx, rows[r].measures[i]);
    return NULL;
}

static Err *ask_all(Figures *f)
{
    bool done[COLUMNS_MAX] = {0};

    for (size_t i = 0; i < f->spec->n; i++)
        if (f->spec->columns[i].object && !done[i]) TRY(ask_alike(f, i, done));
    return NULL;
}

/* Sums of nothing are null; counts of nothing, where another column has something, are 0. */
static void finish_row(const Figures *f, FigureRow *row)
{
    for (size_t i = 0; i < f->spec->n; i++) {
        const FigureColumn *c = &f->spec->columns[i];
        bool is_count = c->object && str_eq_c(str_c(c->measure), "count()") && can_group(f, c);
        if (is_count && val_is_null(row->values[i])) row->values[i] = val_int(0);
    }
    if (f->spec->compute) f->spec->compute(f->cx, row->values);
    row->order = row->values[f->spec->order];
}

/* --- order ----------------------------------------------------------------------------------------------------------- */

static int greatest_first(Val a, Val b)
{
    if (val_is_null(a) || val_is_null(b)) return val_is_null(a) - val_is_null(b);
    return (a.i < b.i) - (a.i > b.i);
}

static int by_order(const void *x, const void *y)
{
    const FigureRow *a = *(FigureRow *const *)x, *b = *(FigureRow *const *)y;
    int d = 0;

    for (size_t i = 0; i < GROUPS_MAX && !d; i++)
        if (a->groups[i].kind == VAL_DATE && b->groups[i].kind == VAL_DATE)
            d = -greatest_first(a->groups[i], b->groups[i]);
    if (!d) d = greatest_first(a->order, b->order);
    return d ? d : (a->found > b->found) - (a->found < b->found);
}

Err *stage_ranks(Ctx *cx, StageRanks *out)
{
    DbRows *rows;
    bool has;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT s.id, s.pipeline, s.position, s.category FROM \"stage\" s JOIN \"pipeline\" p ON "
          "p.id = s.pipeline WHERE s.deleted_at IS NULL AND p.deleted_at IS NULL ORDER BY p.is_default "
          "DESC, p.position, p.id, s.position, s.id"),
        NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Str category = db_str(rows, 3);
        *vec_push(cx->mem, out) = (StageRank){db_i64(rows, 0), db_i64(rows, 1), db_i64(rows, 2),
                                              str_eq(category, S("open")), str_eq(category, S("won"))};
    }
}

/* Rows of stages stand as on the board. */
static Err *order_stages(Figures *f)
{
    StageRanks ranks = {0};

    TRY(stage_ranks(f->cx, &ranks));
    for (size_t r = 0; r < f->rows.n; r++) {
        f->rows.p[r]->order = val_null();
        for (size_t i = 0; i < ranks.n; i++)
            if (ranks.p[i].id == f->rows.p[r]->groups[0].i)
                f->rows.p[r]->order = val_int((int64_t)(ranks.n - i));
    }
    return NULL;
}

/* --- reply ----------------------------------------------------------------------------------------------------------- */

static Val columns_of(const Figures *f)
{
    Ctx *cx = f->cx;
    VEC(Val) out = {0};

    for (size_t i = 0; i < f->spec->n; i++) {
        const FigureColumn *c = &f->spec->columns[i];
        Pairs pairs = {0};
        pairs_put(cx, &pairs, "key", val_text(str_c(c->key)));
        pairs_put(cx, &pairs, "kind", val_text(str_c(c->kind)));
        if (c->object) {
            pairs_put(cx, &pairs, "object", val_text(str_c(c->object)));
            pairs_put(cx, &pairs, "filter", val_text(column_filter(f, c)));
            if (can_group(f, c)) pairs_put(cx, &pairs, "groups", val_text(groups_text(f, c)));
        }
        *vec_push(cx->mem, &out) = pairs_map(&pairs);
    }
    return val_list(out.p, out.n);
}

static Val row_map(const Figures *f, const FigureRow *row, bool is_total)
{
    Pairs pairs = {0};

    for (size_t i = 0; i < f->n_groups && !is_total; i++)
        *vec_push(f->cx->mem, &pairs) = (ValPair){val_text(f->groups[i]), row->groups[i]};
    for (size_t i = 0; i < f->spec->n; i++) pairs_put(f->cx, &pairs, f->spec->columns[i].key, row->values[i]);
    return pairs_map(&pairs);
}

static Err *parse_groups(Figures *f, Str text)
{
    while (text.p && str_trim(text).n) {
        Str one = str_trim(str_cut(&text, ','));
        if (f->n_groups == GROUPS_MAX)
            FAIL_FIELD(f->cx->mem, S("group_by"), "error.group.many", "at most two");
        f->groups[f->n_groups++] = one;
    }
    return NULL;
}

static Val groups_list(const Figures *f)
{
    Val *out = NEW_N(f->cx->mem, Val, GROUPS_MAX);

    for (size_t i = 0; i < f->n_groups; i++) out[i] = val_text(f->groups[i]);
    return val_list(out, f->n_groups);
}

static Err *figures(Ctx *cx, const Spec *spec, const Val *args, Val *out)
{
    const Object *obj = meta_object(cx->meta, str_c(spec->object));
    Figures *f = NEW(cx->mem, Figures);
    VEC(Val) rows = {0};
    Pairs pairs = {0};
    Val period;
    Period before;

    *f = (Figures){.cx = cx, .spec = spec, .filter = str_trim(forecast_arg(args, "filter"))};
    if (!rights_may(cx, obj, VERB_READ))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to read %s", spec->object);
    TRY(report_period(cx, args, &f->period, &before, &period));
    TRY(ask_all(f));
    finish_row(f, &f->total);
    TRY(parse_groups(f, spec->group ? str_c(spec->group) : forecast_arg(args, "group_by")));
    if (f->n_groups) TRY(ask_all(f));
    for (size_t i = 0; i < f->rows.n; i++) finish_row(f, f->rows.p[i]);
    if (spec->group) TRY(order_stages(f));
    if (f->rows.n) qsort(f->rows.p, f->rows.n, sizeof *f->rows.p, by_order);
    for (size_t i = 0; i < f->rows.n; i++) *vec_push(cx->mem, &rows) = row_map(f, f->rows.p[i], false);
    pairs_put(cx, &pairs, "period", period);
    pairs_put(cx, &pairs, "currency", val_text(cx->store->company->currency));
    pairs_put(cx, &pairs, "object", val_text(str_c(spec->object)));
    pairs_put(cx, &pairs, "groups", groups_list(f));
    pairs_put(cx, &pairs, "columns", columns_of(f));
    pairs_put(cx, &pairs, "data", val_list(rows.p, rows.n));
    pairs_put(cx, &pairs, "total", row_map(f, &f->total, true));
    *out = pairs_map(&pairs);
    return NULL;
}

/* --- what is computed ------------------------------------------------------------------------------------------------ */

Val divided(Wide num, Wide den, uint8_t places)
{
    if (!den) return val_null();
    for (uint8_t i = 0; i < places; i++) num *= 10;
    bool is_below = (num < 0) != (den < 0);
    Wide a = num < 0 ? -num : num, b = den < 0 ? -den : den, q = (a + b / 2) / b;
    if (q > DECIMAL_MAX) return val_null();
    return val_decimal(is_below ? -(int64_t)q : (int64_t)q, places);
}

static int64_t number(Val v)
{
    return val_is_null(v) ? 0 : v.i;
}

/* An amount of money divided by a number, at the places of the amount. */
static Val money_each(Val sum, Wide by)
{
    Val v = val_is_null(sum) ? val_null() : divided(sum.i, by, 0);

    return val_is_null(v) ? v : val_money(v.i, sum.places, sum.aux);
}

enum {
    SALES_OPENED,
    SALES_WON,
    SALES_LOST,
    SALES_RATE,
    SALES_AMOUNT,
    SALES_AVERAGE,
    SALES_DAYS,
    SALES_LOST_AMOUNT,
    SALES_OPEN,
    SALES_OPEN_AMOUNT,
    SALES_VELOCITY
};

static const FigureColumn SALES[] = {
    {"opened", "integer", "deal", NULL, "opened_on", "count()"},
    {"won", "integer", "deal", "category == 'won'", "closed_on", "count()"},
    {"lost", "integer", "deal", "category == 'lost'", "closed_on", "count()"},
    {"win_rate", "percent", NULL, NULL, NULL, NULL},
    {"amount", "money", "deal", "category == 'won'", "closed_on", "sum(amount)"},
    {"average", "money", NULL, NULL, NULL, NULL},
    {"days", "decimal", "deal", "category == 'won'", "closed_on", "avg(cycle_days)"},
    {"lost_amount", "money", "deal", "category == 'lost'", "closed_on", "sum(amount)"},
    {"open", "integer", "deal", "category == 'open'", NULL, "count()"},
    {"open_amount", "money", "deal", "category == 'open'", NULL, "sum(amount)"},
    {"velocity", "money", NULL, NULL, NULL, NULL},
};

/* Velocity: open deals x win rate x average amount / days to win, an amount a day.  The number won is in the rate and under the
   average, and falls out. */
static void compute_sales(Ctx *cx, Val *v)
{
    int64_t won = number(v[SALES_WON]), closed = won + number(v[SALES_LOST]);

    (void)cx;
    v[SALES_RATE] = divided((Wide)won * 100, closed, 2);
    v[SALES_AVERAGE] = money_each(v[SALES_AMOUNT], won);
    if (val_is_null(v[SALES_DAYS]) || v[SALES_DAYS].i <= 0 || val_is_null(v[SALES_OPEN])) return;
    Val amount = v[SALES_AMOUNT];
    if (val_is_null(amount)) return;
    Val a_day = divided((Wide)number(v[SALES_OPEN]) * amount.i * 100, (Wide)closed * v[SALES_DAYS].i, 0);
    if (!val_is_null(a_day)) v[SALES_VELOCITY] = val_money(a_day.i, amount.places, amount.aux);
}

static const FigureColumn STAGES[] = {
    {"visits", "integer", "stage_visit", NULL, "left_at", "count()"},
    {"stay", "decimal", "stage_visit", NULL, "left_at", "avg(days)"},
    {"longest", "integer", "stage_visit", NULL, "left_at", "max(days)"},
    {"standing", "integer", "deal", "category == 'open'", NULL, "count()"},
    {"standing_amount", "money", "deal", "category == 'open'", NULL, "sum(amount)"},
    {"since", "timestamp", "deal", "category == 'open'", NULL, "min(stage_since)"},
};

enum { ACT_CALLS, ACT_MEETINGS, ACT_TASKS, ACT_ALL, ACT_OPENED, ACT_WON, ACT_AMOUNT, ACT_EACH };

static const FigureColumn ACTIVITY[] = {
    {"calls", "integer", "activity", "kind == 'call' && status == 'done'", "happened_at", "count()"},
    {"meetings", "integer", "activity", "kind == 'meeting' && status == 'done'", "happened_at", "count()"},
    {"tasks", "integer", "activity", "kind == 'task' && status == 'done'", "happened_at", "count()"},
    {"activities", "integer", "activity", "kind != 'note' && status == 'done'", "happened_at", "count()"},
    {"opened", "integer", "deal", NULL, "opened_on", "count()"},
    {"won", "integer", "deal", "category == 'won'", "closed_on", "count()"},
    {"amount", "money", "deal", "category == 'won'", "closed_on", "sum(amount)"},
    {"per_won", "decimal", NULL, NULL, NULL, NULL},
};

static void compute_activity(Ctx *cx, Val *v)
{
    (void)cx;
    v[ACT_EACH] = divided(number(v[ACT_ALL]), number(v[ACT_WON]), 1);
}

enum {
    COST_SUM,
    COST_CLICKS,
    COST_LEADS,
    COST_LEAD,
    COST_CUSTOMERS,
    COST_CUSTOMER,
    COST_REVENUE,
    COST_RETURN
};

static const FigureColumn COSTS[] = {
    {"cost", "money", "advertising_cost", NULL, "month", "sum(amount)"},
    {"clicks", "integer", "advertising_cost", NULL, "month", "sum(clicks)"},
    {"leads", "integer", "lead", NULL, "received_at", "count()"},
    {"cost_per_lead", "money", NULL, NULL, NULL, NULL},
    {"customers", "integer", "account", NULL, "customer_since", "count()"},
    {"cost_per_customer", "money", NULL, NULL, NULL, NULL},
    {"revenue", "money", "deal", "category == 'won'", "closed_on", "sum(amount)"},
    {"return", "percent", NULL, NULL, NULL, NULL},
};

/* Return: what came in above what was spent, in percent of it. */
static void compute_costs(Ctx *cx, Val *v)
{
    Val cost = v[COST_SUM];

    (void)cx;
    v[COST_LEAD] = money_each(cost, number(v[COST_LEADS]));
    v[COST_CUSTOMER] = money_each(cost, number(v[COST_CUSTOMERS]));
    if (val_is_null(cost)) return;
    v[COST_RETURN] = divided(((Wide)number(v[COST_REVENUE]) - cost.i) * 100, cost.i, 1);
}

#define COLUMNS(list) .columns = (list), .n = sizeof(list) / sizeof *(list)

Err *sales_report(Ctx *cx, const Val *args, Val *out)
{
    static const Spec SPEC = {
        .object = "deal", COLUMNS(SALES), .order = SALES_AMOUNT, .compute = compute_sales};

    return figures(cx, &SPEC, args, out);
}

Err *stages_report(Ctx *cx, const Val *args, Val *out)
{
    static const Spec SPEC = {.object = "stage_visit", .group = "stage", COLUMNS(STAGES)};

    return figures(cx, &SPEC, args, out);
}

Err *activity_report(Ctx *cx, const Val *args, Val *out)
{
    static const Spec SPEC = {
        .object = "activity", COLUMNS(ACTIVITY), .order = ACT_ALL, .compute = compute_activity};

    return figures(cx, &SPEC, args, out);
}

Err *lead_costs_report(Ctx *cx, const Val *args, Val *out)
{
    static const Spec SPEC = {
        .object = "advertising_cost", COLUMNS(COSTS), .order = COST_SUM, .compute = compute_costs};

    return figures(cx, &SPEC, args, out);
}
