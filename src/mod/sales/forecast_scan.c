/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of the forecast, straight from the deals: open ones by the day they are expected to close, won ones by the day they were
   won.  For now that is two statements over covering indexes whatever the number of sellers and periods; for a moment of the past each runs
   over three sources (forecast_deals.c).  Sums are made by the database in the company's currency; only sums come here. */
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

/* A sum that does not fit is null, and then something was counted. */
static Err *sum_of(Ctx *cx, const DbRows *rows, size_t col, int64_t count, int64_t *out)
{
    Val v = db_val(rows, col);

    if (val_is_null(v) && count)
        FAIL(cx->mem, ERR_LIMIT, "error.number.digits", "a sum of more than 18 digits");
    *out = val_is_null(v) ? 0 : v.i;
    return NULL;
}

/* --- won ------------------------------------------------------------------------------------------------------------- */

static Err *scan_won(Forecast *fc, Source source)
{
    Ctx *cx = fc->cx;
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    int64_t sum = 0;
    bool has;

    sql_text(&q, "SELECT ");
    add_bearer(&q, fc);
    sql_text(&q, ", ");
    add_period(&q, fc, S("closed_on"), 0);
    sql_text(&q, ", kith_sum(t0.amount_base), count(t0.amount_base)");
    TRY(deals_from(cx, &q, fc->deal, fc->moment, source));
    sql_text(&q, " AND t0.status = 'won'");
    add_range(&q, fc, S("closed_on"), 0);
    if (source == SOURCE_DATES) {
        sql_text(&q, " AND t0.closed_on <= ");
        sql_bind(&q, val_int(fc->moment.day));
    }
    sql_text(&q, " GROUP BY 1, 2");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        fc->is_by_dates = fc->is_by_dates || source == SOURCE_DATES;
        TRY(sum_of(cx, rows, 2, db_i64(rows, 3), &sum));
        TRY(money_add(cx, &bearer_at(fc, rows)->own[db_i64(rows, 1)].closed, sum));
    }
}

/* --- open ------------------------------------------------------------------------------------------------------------ */

static void select_open(Sql *q, const Forecast *fc, Source source)
{
    sql_text(q, "SELECT ");
    add_bearer(q, fc);
    sql_text(q, ", ");
    add_period(q, fc, S("close_date"), fc->first);
    if (source ==
        SOURCE_DATES) /* what has been closed since had another stage and forecast than it ended with */
        sql_text(
            q,
            ", CASE WHEN t0.status = 'open' THEN t0.forecast END, CASE WHEN t0.status = 'open' THEN t0.stage "
            "END, kith_sum(t0.amount_base), kith_sum(CASE WHEN t0.status = 'open' THEN t0.weighted_base END)");
    else
        sql_text(q, ", t0.forecast, t0.stage, kith_sum(t0.amount_base), kith_sum(t0.weighted_base)");
    sql_text(q, ", count(t0.amount_base)");
}

static Err *add_open(Forecast *fc, Cell *cell, const DbRows *rows)
{
    Ctx *cx = fc->cx;
    Str forecast = db_str(rows, 2);
    Id stage = db_i64(rows, 3);
    int64_t amount = 0, weighted = db_i64(rows, 5);

    TRY(sum_of(cx, rows, 4, db_i64(rows, 6), &amount));
    if (str_eq(forecast, S("omitted"))) return NULL;
    int64_t expected = chain_expected(fc->chain, stage, amount);
    TRY(money_add(cx,
                  str_eq(forecast, S("commit"))      ? &cell->commit
                  : str_eq(forecast, S("best_case")) ? &cell->best_case
                                                     : &cell->pipeline,
                  amount));
    TRY(money_add(cx, &cell->weighted, stage ? weighted : expected));
    return money_add(cx, &cell->historical, expected);
}

static Err *scan_open(Forecast *fc, Source source)
{
    Ctx *cx = fc->cx;
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    select_open(&q, fc, source);
    TRY(deals_from(cx, &q, fc->deal, fc->moment, source));
    if (source == SOURCE_DATES) {
        sql_text(&q, " AND (t0.closed_on IS NULL OR t0.closed_on > ");
        sql_bind(&q, val_int(fc->moment.day));
        sql_text(&q, ")");
    } else {
        sql_text(&q, " AND t0.status = 'open'");
    }
    add_range(&q, fc, S("close_date"), fc->first);
    sql_text(&q, " GROUP BY 1, 2, 3, 4");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        fc->is_by_dates = fc->is_by_dates || source == SOURCE_DATES;
        TRY(add_open(fc, &bearer_at(fc, rows)->own[db_i64(rows, 1)], rows));
    }
}

Err *forecast_scan(Forecast *fc)
{
    if (fc->by == BY_FAMILY) TRY(load_families(fc));
    TRY(chain_load(fc->cx, fc->moment, &fc->chain));
    for (unsigned source = 0; source < moment_sources(fc->moment); source++) {
        TRY(scan_won(fc, (Source)source));
        TRY(scan_open(fc, (Source)source));
    }
    return NULL;
}
