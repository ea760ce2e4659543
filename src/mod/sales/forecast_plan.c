/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people say beside the deals: quotas, and amounts a manager puts in place of the sum.  Both are records of their own, read as they stood
   at the moment and under the caller's rights.  A quota of a longer period that nobody set is the sum of those of the shorter ones in it. */
#include "mod/sales/forecast.h"

#include "core/asof.h"
#include "core/rights.h"

static const char *const WHO[] = {[BY_OWNER] = "person",
                                  [BY_TEAM] = "sales_team",
                                  [BY_TERRITORY] = "territory",
                                  [BY_FAMILY] = "product_family"};

/* " FROM object t0 WHERE" as it stood, of the periods asked for. */
static Err *plans_from(Forecast *fc, Sql *q, const Object *obj, Str who)
{
    Ctx *cx = fc->cx;

    sql_text(q, " FROM ");
    cx->as_of = fc->moment.at;
    Err *e = asof_source(cx, q, obj, 0);
    if (!e) {
        sql_text(q, " WHERE t0.deleted_at IS NULL AND t0.");
        sql_ident(q, who);
        sql_text(q, " IS NOT NULL AND t0.period_start >= ");
        sql_bind(q, val_int(fc->periods[fc->first].start));
        sql_text(q, " AND t0.period_start < ");
        sql_bind(q, val_int(fc->periods[fc->n - 1].end));
        e = rights_where(cx, q, obj, 0, VERB_READ);
    }
    cx->as_of = 0;
    return e;
}

static Period period_at(const Forecast *fc, Str kind, int64_t start)
{
    PeriodKind k = PERIOD_MONTH;

    (void)period_kind_parse(kind, &k);
    return period_of(start, k, fc->first_month);
}

/* --- quotas ---------------------------------------------------------------------------------------------------------- */

static Err *load_quotas(Forecast *fc)
{
    Ctx *cx = fc->cx;
    const Object *obj = meta_object(cx->meta, S("quota"));
    Str who = str_c(WHO[fc->by]);
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    if (!obj || !rights_may(cx, obj, VERB_READ)) return NULL;
    sql_text(&q, "SELECT t0.");
    sql_ident(&q, who);
    sql_text(&q, ", t0.period_kind, t0.period_start, t0.amount_base");
    TRY(plans_from(fc, &q, obj, who));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Quota quota = {period_at(fc, db_str(rows, 1), db_i64(rows, 2)), db_i64(rows, 3)};
        Id whose = fc->by == BY_FAMILY ? family_number(fc, db_str(rows, 0)) : db_i64(rows, 0);
        *vec_push(cx->mem, &bearer_of(fc, whose)->quotas) = quota;
    }
}

static Err *quota_of(Ctx *cx, const Bearer *b, Period p, int64_t *sum, bool *is_set)
{
    bool is_own = false;

    for (size_t i = 0; i < b->quotas.n; i++) {
        const Quota *quota = &b->quotas.p[i];
        if (quota->period.kind != p.kind || quota->period.start != p.start) continue;
        is_own = *is_set = true;
        TRY(money_add(cx, sum, quota->amount));
    }
    if (is_own || p.kind == PERIOD_MONTH) return NULL;
    Period part = {p.kind - 1, p.start, p.start};
    part = period_step(part, 0);
    for (; part.start < p.end; part = period_step(part, 1)) TRY(quota_of(cx, b, part, sum, is_set));
    return NULL;
}

/* --- adjustments ----------------------------------------------------------------------------------------------------- */

static void put_adjustment(Forecast *fc, const DbRows *rows)
{
    Period p = period_at(fc, db_str(rows, 1), db_i64(rows, 2));

    for (size_t i = fc->first; i < fc->n; i++) {
        if (fc->periods[i].kind != p.kind || fc->periods[i].start != p.start) continue;
        Adjustment *a = NEW(fc->cx->mem, Adjustment);
        *a = (Adjustment){db_i64(rows, 3), str_copy(fc->cx->mem, db_str(rows, 4)), db_i64(rows, 5),
                          db_i64(rows, 6)};
        bearer_of(fc, db_i64(rows, 0))->own[i].adjusted = a;
    }
}

/* The last one made counts. */
static Err *load_adjustments(Forecast *fc)
{
    Ctx *cx = fc->cx;
    const Object *obj = meta_object(cx->meta, S("forecast_change"));
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    if (fc->by != BY_OWNER || !obj || !rights_may(cx, obj, VERB_READ)) return NULL;
    sql_text(&q, "SELECT t0.person, t0.period_kind, t0.period_start, t0.amount_base, t0.note, t0.created_by, "
                 "t0.created_at");
    TRY(plans_from(fc, &q, obj, S("person")));
    sql_text(&q, " ORDER BY t0.created_at, t0.id");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        put_adjustment(fc, rows);
    }
}

Err *forecast_plans(Forecast *fc)
{
    TRY(load_quotas(fc));
    TRY(load_adjustments(fc));
    for (size_t b = 0; b < fc->bearers.n; b++)
        for (size_t i = fc->first; i < fc->n; i++) {
            Cell *cell = &fc->bearers.p[b].own[i];
            TRY(quota_of(fc->cx, &fc->bearers.p[b], fc->periods[i], &cell->quota, &cell->has_quota));
        }
    return NULL;
}
