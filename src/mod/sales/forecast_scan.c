/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of the forecast, straight from the deals: open ones by the day they are expected to close, won ones by the day they were
   won.  For now that is two statements over covering indexes whatever the number of sellers and periods; for a moment of the past each runs
   over three sources (forecast_deals.c).  Sums are in the company's currency.  Where the rows are at hand they are added up here as they
   come: a database that sorts all of them to make the groups takes three times as long.  From a server only sums are fetched. */
#include "mod/sales/forecast.h"

#include "base/decimal.h"

Err *money_add(Ctx *cx, int64_t *sum, int64_t more)
{
    Val out = {0};

    if (!decimal_add(val_decimal(*sum, 4), val_decimal(more, 4), &out))
        FAIL(cx->mem, ERR_LIMIT, "error.number.digits", "a sum of more than 18 digits");
    *sum = out.i;
    return NULL;
}

Bearer *bearer_of(Forecast *fc, Id id)
{
    Arena *mem = fc->cx->mem;
    uintptr_t at = (uintptr_t)strmap_get(&fc->index, (Str){(const char *)&id, sizeof id});

    if (at) return &fc->bearers.p[at - 1];
    Bearer *b = vec_push(mem, &fc->bearers);
    Id *key = NEW(mem, Id);
    *key = b->id = id;
    b->own = NEW_N(mem, Cell, fc->n);
    b->below = NEW_N(mem, Cell, fc->n);
    strmap_put(mem, &fc->index, (Str){(const char *)key, sizeof *key}, (void *)(uintptr_t)fc->bearers.n);
    return b;
}

/* --- whose it is ------------------------------------------------------------------------------------------------------- */

Id family_number(Forecast *fc, Str family)
{
    if (!family.n) return 0;
    for (size_t i = 0; i < fc->families.n; i++)
        if (str_eq(fc->families.p[i], family)) return (Id)i + 1;
    *vec_push(fc->cx->mem, &fc->families) = str_copy(fc->cx->mem, family);
    return (Id)fc->families.n;
}

/* The family of each product that has one. */
static Err *load_families(Forecast *fc)
{
    Ctx *cx = fc->cx;
    DbRows *rows;
    bool has;

    TRY(db_query(cx->mem, cx->db, S("SELECT id, family FROM \"product\" WHERE family IS NOT NULL"), NULL, 0,
                 &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Id *pair = NEW_N(cx->mem, Id, 2);
        pair[0] = db_i64(rows, 0);
        pair[1] = family_number(fc, db_str(rows, 1));
        strmap_put(cx->mem, &fc->family_of, (Str){(const char *)pair, sizeof *pair}, pair + 1);
    }
}

/* The bearer of a row whose first column is what add_bearer said. */
static Bearer *bearer_at(Forecast *fc, const DbRows *rows)
{
    Id id = db_i64(rows, 0);

    if (fc->by != BY_FAMILY) return bearer_of(fc, id);
    const Id *family = strmap_get(&fc->family_of, (Str){(const char *)&id, sizeof id});
    return bearer_of(fc, family ? *family : 0);
}

/* CASE WHEN day < end of the first THEN 0 ... END */
static void add_period(Sql *q, const Forecast *fc, Str column, size_t first)
{
    sql_text(q, "CASE");
    for (size_t i = first; i < fc->n; i++) {
        sql_text(q, " WHEN t0.");
        sql_ident(q, column);
        sql_text(q, " < ");
        sql_i64(q, fc->periods[i].end);
        sql_text(q, " THEN ");
        sql_i64(q, (int64_t)i);
    }
    sql_text(q, " END");
}

static void add_range(Sql *q, const Forecast *fc, Str column, size_t first)
{
    sql_text(q, " AND t0.");
    sql_ident(q, column);
    sql_text(q, " >= ");
    sql_bind(q, val_int(fc->periods[first].start));
    sql_text(q, " AND t0.");
    sql_ident(q, column);
    sql_text(q, " < ");
    sql_bind(q, val_int(fc->periods[fc->n - 1].end));
}

static void add_bearer(Sql *q, const Forecast *fc)
{
    static const char *const COLUMNS[] = {[BY_OWNER] = "owner_id",
                                          [BY_TEAM] = "team_id",
                                          [BY_TERRITORY] = "territory",
                                          [BY_FAMILY] = "product"};

    sql_text(q, "t0.");
    sql_ident(q, str_c(COLUMNS[fc->by]));
}

/* --- sums ------------------------------------------------------------------------------------------------------------ */

typedef enum Class { CLASS_PIPELINE, CLASS_BEST_CASE, CLASS_COMMIT, CLASS_OMITTED, CLASS_CLOSED } Class;

typedef struct Tally { /* of one bearer, period, class and stage */
    uint64_t key;      /* 0: free */
    int64_t amount, weighted;
} Tally;

typedef struct Tallies {
    Tally *slots;
    size_t n, n_slots; /* a power of two */
} Tallies;

#define PERIOD_BITS 6
#define CLASS_BITS  3
#define STAGE_BITS  10

_Static_assert(FORECAST_BACK + PERIODS_MAX < 1 << PERIOD_BITS, "periods fit");

static Tally *tally_slot(const Tallies *t, uint64_t key)
{
    size_t i = (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (t->n_slots - 1);

    while (t->slots[i].key && t->slots[i].key != key) i = (i + 1) & (t->n_slots - 1);
    return &t->slots[i];
}

static Tally *tally_of(Arena *mem, Tallies *t, uint64_t key)
{
    if (2 * (t->n + 1) > t->n_slots) {
        Tallies next = {NEW_N(mem, Tally, t->n_slots ? 2 * t->n_slots : 1024), t->n,
                        t->n_slots ? 2 * t->n_slots : 1024};
        for (size_t i = 0; i < t->n_slots; i++)
            if (t->slots[i].key) *tally_slot(&next, t->slots[i].key) = t->slots[i];
        *t = next;
    }
    Tally *found = tally_slot(t, key);
    if (!found->key) {
        found->key = key;
        t->n++;
    }
    return found;
}

static Err *too_large(Ctx *cx)
{
    FAIL(cx->mem, ERR_LIMIT, "error.number.digits", "a sum of more than 18 digits");
}

/* Adds what a row says: bearer, period or day, class, stage, amount, weighted amount, and how many where these are sums. */
static Err *add_row(Forecast *fc, Tallies *t, const DbRows *rows, bool is_summed, size_t *period)
{
    size_t bearer = (size_t)(bearer_at(fc, rows) - fc->bearers.p);
    int64_t when = db_i64(rows, 1);
    Id stage = db_i64(rows, 3);

    if (is_summed) {
        *period = (size_t)when;
        if (val_is_null(db_val(rows, 4)) && db_i64(rows, 6)) return too_large(fc->cx);
    } else if (when < fc->periods[*period].start || when >= fc->periods[*period].end) {
        for (*period = 0; when >= fc->periods[*period].end;) ++*period;
    }
    uint64_t key = (uint64_t)bearer << PERIOD_BITS | *period;
    key = key << CLASS_BITS | (uint64_t)db_i64(rows, 2);
    key = key << STAGE_BITS | (stage ? chain_stage(fc->chain, stage) + 1 : 0);
    Tally *tally = tally_of(fc->cx->mem, t, key + 1);
    if (__builtin_add_overflow(tally->amount, db_i64(rows, 4), &tally->amount) ||
        __builtin_add_overflow(tally->weighted, db_i64(rows, 5), &tally->weighted))
        return too_large(fc->cx);
    return NULL;
}

static Err *settle_tally(Forecast *fc, const Tally *t)
{
    uint64_t key = t->key - 1, stage = key & ((1 << STAGE_BITS) - 1);
    Class class = (Class)(key >> STAGE_BITS & ((1 << CLASS_BITS) - 1));
    size_t period = key >> (STAGE_BITS + CLASS_BITS) & ((1 << PERIOD_BITS) - 1);
    Cell *cell = &fc->bearers.p[key >> (STAGE_BITS + CLASS_BITS + PERIOD_BITS)].own[period];
    Ctx *cx = fc->cx;

    if (class == CLASS_OMITTED) return NULL;
    if (class == CLASS_CLOSED) return money_add(cx, &cell->closed, t->amount);
    int64_t expected = chain_expected(fc->chain, stage ? (size_t)stage - 1 : SIZE_MAX, t->amount);
    TRY(money_add(cx,
                  class == CLASS_COMMIT      ? &cell->commit
                  : class == CLASS_BEST_CASE ? &cell->best_case
                                             : &cell->pipeline,
                  t->amount));
    TRY(money_add(cx, &cell->weighted, stage ? t->weighted : expected));
    return money_add(cx, &cell->historical, expected);
}

/* --- statements ------------------------------------------------------------------------------------------------------ */

static void add_amounts(Sql *q, bool is_summed, bool has_weighted, Source source)
{
    if (is_summed)
        sql_text(q, ", kith_sum(t0.amount_base), ");
    else
        sql_text(q, ", t0.amount_base, ");
    if (!has_weighted) {
        sql_text(q, "0");
    } else {
        if (is_summed) sql_text(q, "kith_sum(");
        if (source == SOURCE_DATES)
            sql_text(q, "CASE WHEN t0.status = 'open' THEN t0.weighted_base END");
        else
            sql_text(q, "t0.weighted_base");
        if (is_summed) sql_text(q, ")");
    }
    if (is_summed) sql_text(q, ", count(t0.amount_base)");
}

/* What has been closed since had another stage and forecast than it ended with. */
static void add_class(Sql *q, bool is_won, Source source)
{
    if (is_won)
        sql_text(q, ", 4, 0");
    else if (source == SOURCE_DATES)
        sql_text(
            q,
            ", CASE WHEN t0.status <> 'open' THEN 0 WHEN t0.forecast = 'best_case' THEN 1 WHEN t0.forecast = "
            "'commit' THEN 2 WHEN t0.forecast = 'omitted' THEN 3 ELSE 0 END, CASE WHEN t0.status = 'open' THEN "
            "t0.stage END");
    else
        sql_text(
            q, ", CASE t0.forecast WHEN 'best_case' THEN 1 WHEN 'commit' THEN 2 WHEN 'omitted' THEN 3 ELSE 0 "
               "END, t0.stage");
}

static void add_standing(Sql *q, const Forecast *fc, bool is_won, Source source)
{
    if (is_won)
        sql_text(q, " AND t0.status = 'won'");
    else if (source != SOURCE_DATES)
        sql_text(q, " AND t0.status = 'open'");
    if (source != SOURCE_DATES) return;
    if (is_won)
        sql_text(q, " AND t0.closed_on <= ");
    else
        sql_text(q, " AND (t0.closed_on IS NULL OR t0.closed_on > ");
    sql_bind(q, val_int(fc->moment.day));
    if (!is_won) sql_text(q, ")");
}

static Err *scan(Forecast *fc, Source source, bool is_won)
{
    Ctx *cx = fc->cx;
    Sql q = sql_new(cx->mem);
    Str day = is_won ? S("closed_on") : S("close_date");
    size_t first = is_won ? 0 : fc->first, period = first;
    bool is_summed = !db_conn_can(cx->db, DB_CAP_INLINE_READ), has;
    Tallies tallies = {0};
    DbRows *rows;

    sql_text(&q, "SELECT ");
    add_bearer(&q, fc);
    sql_text(&q, ", ");
    if (is_summed)
        add_period(&q, fc, day, first);
    else {
        sql_text(&q, "t0.");
        sql_ident(&q, day);
    }
    add_class(&q, is_won, source);
    add_amounts(&q, is_summed, !is_won, source);
    TRY(deals_from(cx, &q, fc->deal, fc->moment, source));
    add_standing(&q, fc, is_won, source);
    add_range(&q, fc, day, first);
    if (is_summed) sql_text(&q, " GROUP BY 1, 2, 3, 4");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        fc->is_by_dates = fc->is_by_dates || source == SOURCE_DATES;
        TRY(add_row(fc, &tallies, rows, is_summed, &period));
    }
    for (size_t i = 0; i < tallies.n_slots; i++)
        if (tallies.slots[i].key) TRY(settle_tally(fc, &tallies.slots[i]));
    return NULL;
}

Err *forecast_scan(Forecast *fc)
{
    if (fc->by == BY_FAMILY) TRY(load_families(fc));
    TRY(chain_load(fc->cx, fc->moment, &fc->chain));
    for (unsigned source = 0; source < moment_sources(fc->moment); source++) {
        TRY(scan(fc, (Source)source, true));
        TRY(scan(fc, (Source)source, false));
    }
    return NULL;
}
