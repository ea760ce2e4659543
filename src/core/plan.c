/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts of reads that are the same for everybody, kept by object: writing the names of seventy columns costs more than
   fetching the row.  A plan is made by whoever needs it first and never changes, but for the number of rows, which is a
   hint.  Rights and masks of fields are never in it, and of the binds of live formulas only those the clock does not move;
   which ones it moves is found by writing the columns at two moments. */
#include "core/plan.h"

#include "base/text.h"
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

/* Where a bind comes from. */
typedef enum PlanClock { PLAN_STILL, PLAN_NOW, PLAN_TODAY } PlanClock;

static Val clock_bind(PlanClock clock, Str zone, int64_t now)
{
    return val_int(clock == PLAN_NOW ? now : zone_date(zone, now));
}

static Sql columns_at(const Ctx *cx, const Object *obj, Arena *mem, int64_t now, uint8_t **is_live)
{
    Ctx own = *cx;
    Select sel = {.obj = obj};
    Sql q = sql_new(mem);

    own.mem = mem;
    own.cache = NULL;
    own.as_of = 0;
    own.now = now;
    select_write(&own, &q, 0, &sel);
    *is_live = sel.is_live;
    return q;
}

/* The same in both, or what the clock said each time: false when it is neither. */
static bool find_clock(Str zone, const int64_t *moments, const Val *first, const Val *second, uint8_t *clock)
{
    for (unsigned k = PLAN_NOW; k <= PLAN_TODAY; k++) {
        if (!val_same(*first, clock_bind(k, zone, moments[0]))) continue;
        if (!val_same(*second, clock_bind(k, zone, moments[1]))) continue;
        *clock = (uint8_t)k;
        return true;
    }
    return val_same(*first, *second);
}

static void plan_list(const Ctx *cx, const Object *obj, Plan *plan)
{
    const int64_t moments[] = {INT64_C(1234567890123), INT64_C(1600000000457)};
    uint8_t *is_live;

    plan->zone = str_copy(plan->mem, cx->store->company->zone);
    plan->columns = columns_at(cx, obj, plan->mem, moments[0], &plan->is_live);
    if (!plan->columns.n) {
        plan->is_fixed = true;
        return;
    }
    Sql other = columns_at(cx, obj, plan->mem, moments[1], &is_live);
    plan->is_fixed = other.n == plan->columns.n && str_eq(buf_str(&other.text), buf_str(&plan->columns.text));
    plan->moving = NEW_N(plan->mem, uint8_t, plan->columns.n);
    for (size_t i = 0; i < plan->columns.n && plan->is_fixed; i++)
        plan->is_fixed =
            find_clock(plan->zone, moments, &plan->columns.binds[i], &other.binds[i], &plan->moving[i]);
}

bool plan_columns(Ctx *cx, Sql *q, const Plan *plan)
{
    Str zone = cx->store->company->zone;
    Sql now = plan->columns;

    if (!plan->is_fixed || !str_eq(zone, plan->zone)) return false;
    if (now.n) now.binds = NEW_N(cx->mem, Val, now.n);
    for (size_t i = 0; i < now.n; i++)
        now.binds[i] = plan->moving[i] ? clock_bind(plan->moving[i], zone, cx->now) : plan->columns.binds[i];
    sql_append(q, &now);
    return true;
}

static Plan *plan_new(const Ctx *cx, const Object *obj)
{
    Arena *mem = arena_new(0);
    Plan *plan = NEW(mem, Plan);

    plan->mem = mem;
    plan_list(cx, obj, plan);
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
