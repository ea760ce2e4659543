/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of reads that are the same for everybody, kept by object: writing the names of seventy columns costs more than
   fetching the row.  A plan is made by whoever needs it first and never changes, but for the number of rows, which is a
   hint.  Rights, masks of fields and binds are never in it. */
#include "core/plan.h"

#include "base/time.h"
#include "core/snapshot.h"

#define COUNT_MS    INT64_C(600000) /* a count holds for so long, */
#define GUESS_MS    INT64_C(10000)  /* a guess for so long: by then more is in memory */
#define COUNT_FIRST 20000
#define COUNT_STEP  4
#define COUNT_MAX   1280000
#define COUNT_US    20000

static const Field *own_label(const Object *obj)
{
    const Field *f = obj->label_field;

    if (!f || f->type == FIELD_REFERENCE || f->type == FIELD_LINKS || (f->is_computed && !f->is_stored))
        return NULL;
    return f;
}

static Sql label_select(Arena *mem, const Object *obj, const Field *f)
{
    Sql q = sql_new(mem);

    sql_text(&q, "SELECT ");
    sql_i64(&q, obj->number);
    sql_text(&q, ", t0.id, ");
    if (f) {
        sql_text(&q, "CAST(t0.");
        sql_ident(&q, f->column);
        sql_text(&q, " AS TEXT)");
    } else {
        sql_text(&q, "NULL");
    }
    if (str_eq(obj->name, S("file")))
        sql_text(&q, ", t0.size, t0.type");
    else
        sql_text(&q, ", CAST(NULL AS BIGINT), CAST(NULL AS TEXT)");
    sql_text(&q, " FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " t0 WHERE t0.id");
    return q;
}

static Plan *plan_new(const Ctx *cx, const Object *obj)
{
    Arena *mem = arena_new(0);
    Plan *plan = NEW(mem, Plan);
    Ctx own = *cx;
    Select sel = {.obj = obj};

    own.mem = mem;
    own.cache = NULL;
    own.as_of = 0;
    plan->mem = mem;
    plan->columns = sql_new(mem);
    select_write(&own, &plan->columns, 0, &sel);
    plan->is_live = sel.is_live;
    plan->is_fixed = plan->columns.n == 0;
    plan->label = label_select(mem, obj, own_label(obj));
    plan->unnamed_label = label_select(mem, obj, NULL);
    return plan;
}

Plan *plan_of(Ctx *cx, const Object *obj)
{
    PlanPlace *place = snapshot_plan(obj);
    Plan *plan = atomic_load_explicit(&place->plan, memory_order_acquire), *none = NULL;

    if (plan) return plan;
    plan = plan_new(cx, obj);
    if (atomic_compare_exchange_strong(&place->plan, &none, plan)) return plan;
    arena_free(plan->mem);
    return none;
}

static Err *count_to(Ctx *cx, const Object *obj, int64_t most, int64_t *out)
{
    Sql q = sql_new(cx->mem);
    Val n, limit = val_int(most);

    sql_text(&q, "SELECT count(*) FROM (SELECT 1 FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " LIMIT ?1) c");
    TRY(db_one(cx->mem, cx->db, buf_str(&q.text), &limit, 1, &n));
    *out = n.i;
    return NULL;
}

/* In steps of four times as many, while that is quick: on a cold disk a million would be nobody's hint for seconds. */
static Err *guess_rows(Ctx *cx, const Object *obj, int64_t *out, bool *is_sure)
{
    int64_t begin = clock_mono_us(), most = COUNT_FIRST;

    for (;; most *= COUNT_STEP) {
        TRY(count_to(cx, obj, most, out));
        *is_sure = *out < most || most >= COUNT_MAX;
        if (*is_sure) return NULL;
        if (clock_mono_us() - begin > COUNT_US) break;
    }
    *out *= COUNT_STEP;
    return NULL;
}

Err *plan_rows(Ctx *cx, const Object *obj, int64_t *out)
{
    Plan *plan = plan_of(cx, obj);
    int64_t until = atomic_load_explicit(&plan->holds_until, memory_order_relaxed);
    bool is_sure = false;

    *out = atomic_load_explicit(&plan->n_rows, memory_order_relaxed);
    if (cx->now < until) return NULL;
    atomic_store_explicit(&plan->holds_until, cx->now + COUNT_MS, memory_order_relaxed);
    TRY(guess_rows(cx, obj, out, &is_sure));
    atomic_store_explicit(&plan->n_rows, *out, memory_order_relaxed);
    if (!is_sure) atomic_store_explicit(&plan->holds_until, cx->now + GUESS_MS, memory_order_relaxed);
    return NULL;
}
