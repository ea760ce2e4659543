/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Roll-ups: a parent's count, sum, average, least and greatest over the records that refer to it.  A write notes the parents
   it touches; at the end of the unit each is locked (in id order, so that two units cannot wait for each other) and its
   roll-ups are brought up to date once: counts by what the unit added, the others read again through the index. */
#include "core/compile.h"
#include "core/pending.h"
#include "core/read.h"
#include "core/store.h"
#include "core/value.h"
#include "core/write.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 32

static bool is_counted(Ctx *cx, const Field *rollup, const Record *child)
{
    Ctx system = ctx_as_system(cx);
    RecordScope inner = {&system, child};
    CelScope scope = record_scope(&inner);
    Val v;

    if (!child || !val_is_null(child->vals[SYS_DELETED_AT])) return false;
    if (!rollup->rollup_filter.tree) return true;
    return !cel_eval(cx->mem, rollup->rollup_filter.tree, &scope, &v) && v.kind == VAL_BOOL && v.b;
}

static Id parent_of(const Field *rollup, const Record *child)
{
    return child ? child->vals[rollup->rollup_via->index].i : 0;
}

Pending *pending_of(Ctx *cx)
{
    if (!cx->pending) cx->pending = NEW(cx->mem, Pending);
    return cx->pending;
}

static void add_due(Ctx *cx, const Field *rollup, Id parent, int64_t delta)
{
    if (parent) *vec_push(cx->mem, &pending_of(cx)->dues) = (Due){rollup, parent, delta};
}

/* What comes later is appended, beyond the lengths that are kept here. */
struct Pending *rollup_save(const Ctx *cx)
{
    Pending *saved = NEW(cx->mem, Pending);

    if (!cx->pending) return saved;
    *saved = *cx->pending;
    saved->dues.cap = saved->dues.n;
    saved->docs.cap = saved->docs.n;
    saved->settles.cap = saved->settles.n;
    return saved;
}

static bool feeds_differently(const Field *rollup, const Record *before, const Record *after)
{
    const Field *v = rollup->rollup_value;

    if (rollup->rollup == ROLLUP_COUNT || !v || !before || !after) return false;
    if (!val_same(before->vals[v->index], after->vals[v->index])) return true;
    const Field *day = after->obj->rate_date;
    return v->result == FIELD_MONEY && day && !val_same(before->vals[day->index], after->vals[day->index]);
}

static void note(Ctx *cx, const Field *rollup, const Record *before, const Record *after)
{
    Id from = is_counted(cx, rollup, before) ? parent_of(rollup, before) : 0;
    Id to = is_counted(cx, rollup, after) ? parent_of(rollup, after) : 0;

    if (from == to) {
        if (to && feeds_differently(rollup, before, after)) add_due(cx, rollup, to, 0);
        return;
    }
    add_due(cx, rollup, from, -1);
    add_due(cx, rollup, to, 1);
}

Err *rollup_note(Ctx *cx, const Record *before, const Record *after)
{
    const Object *child = after ? after->obj : before->obj;

    for (size_t i = 0; i < child->n_rollups; i++) note(cx, child->rollups[i], before, after);
    settle_note(cx, before, after);
    return NULL;
}

void rollup_note_base(Ctx *cx, const Record *rec, const Field *f)
{
    for (size_t i = 0; i < rec->obj->n_rollups; i++) {
        const Field *rollup = rec->obj->rollups[i];
        if (rollup->rollup != ROLLUP_COUNT && rollup->rollup_value == f && is_counted(cx, rollup, rec))
            add_due(cx, rollup, parent_of(rollup, rec), 0);
    }
}

/* --- computing ------------------------------------------------------------------------------------------------------- */

static Str measured_column(const Field *rollup)
{
    const Field *v = rollup->rollup_value;
    Column columns[FIELD_COLUMNS_MAX];
    Str column = S("id");
    size_t n = v ? field_columns(v, columns) : 0;

    for (size_t i = 0; i < n; i++)
        if (i == 0 || columns[i].role == COLUMN_BASE) column = columns[i].name;
    return column;
}

/* The filter stands inside the measure, not in WHERE: the children of one parent are few, while an index on what the
   filter names (all open deals) would hold a large part of the table, and planners have picked it. */
static Err *add_measure(Ctx *system, Sql *q, const Field *rollup)
{
    const Field *v = rollup->rollup_value;

    switch (rollup->rollup) {
    case ROLLUP_COUNT: sql_text(q, "count("); break;
    case ROLLUP_SUM: sql_text(q, "kith_sum("); break;
    case ROLLUP_AVG: sql_text(q, "kith_avg("); break;
    case ROLLUP_MIN: sql_text(q, "min("); break;
    case ROLLUP_MAX: sql_text(q, "max("); break;
    }
    if (rollup->rollup_filter.tree) {
        sql_text(q, "CASE WHEN ");
        TRY(compile_filter(system, q, rollup->rollup_object, 0, rollup->rollup_filter.tree, false));
        sql_text(q, " THEN ");
    }
    sql_text(q, "t0.");
    sql_ident(q, measured_column(rollup));
    if (rollup->rollup_filter.tree) sql_text(q, " END");
    if (rollup->rollup == ROLLUP_AVG) {
        sql_text(q, ", ");
        sql_i64(q, (int64_t)rollup->places - (v ? v->places : 0));
    }
    sql_text(q, ")");
    return NULL;
}

static Val rollup_fit(Ctx *cx, const Field *rollup, Val v)
{
    bool is_sum = rollup->rollup == ROLLUP_SUM || rollup->rollup == ROLLUP_COUNT;

    if (val_is_null(v)) v = is_sum ? val_int(0) : val_null();
    if (val_is_null(v)) return v;
    switch (rollup->result) {
    case FIELD_MONEY: return val_money(v.i, 4, cx->store->company->currency_code);
    case FIELD_DECIMAL:
    case FIELD_PERCENT: return val_decimal(v.i, rollup->places);
    case FIELD_DATE: return val_date(v.i);
    case FIELD_TIMESTAMP: return val_from_ms(v.i);
    case FIELD_DURATION: return val_duration(v.i, 0);
    default: return v;
    }
}

Val rollup_of_none(Ctx *cx, const Field *f)
{
    return rollup_fit(cx, f, val_null());
}

Err *rollup_value(Ctx *cx, const Field *f, Id id, Val *out)
{
    Ctx system = ctx_as_system(cx);
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT ");
    TRY(add_measure(&system, &q, f));
    sql_text(&q, " FROM ");
    sql_ident(&q, f->rollup_object->table);
    sql_text(&q, " t0 WHERE t0.deleted_at IS NULL AND t0.");
    sql_ident(&q, f->rollup_via->column);
    sql_text(&q, " = ");
    sql_bind(&q, val_int(id));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    TRY(db_next(rows, &has));
    *out = rollup_fit(cx, f, has ? db_val(rows, 0) : val_null());
    return has ? db_next(rows, &has) : NULL;
}

/* --- flushing -------------------------------------------------------------------------------------------------------- */

static int by_parent(const void *a, const void *b)
{
    const Due *x = a, *y = b;

    if (x->parent != y->parent) return x->parent < y->parent ? -1 : 1;
    return (x->rollup->index > y->rollup->index) - (x->rollup->index < y->rollup->index);
}

/* In order of parents, each roll-up once. */
static size_t merge_dues(Due *dues, size_t n)
{
    size_t kept = 0;

    if (n) qsort(dues, n, sizeof *dues, by_parent);
    for (size_t i = 0; i < n; i++)
        if (kept && dues[kept - 1].parent == dues[i].parent && dues[kept - 1].rollup == dues[i].rollup)
            dues[kept - 1].delta += dues[i].delta;
        else
            dues[kept++] = dues[i];
    return kept;
}

static Err *apply_due(Ctx *cx, const Due *due, Record *parent)
{
    Val *v = &parent->vals[due->rollup->index];

    if (due->rollup->rollup != ROLLUP_COUNT) return rollup_value(cx, due->rollup, due->parent, v);
    *v = val_int((val_is_null(*v) ? 0 : v->i) + due->delta);
    return NULL;
}

/* All that is due for the parent of due[0]; returns how many entries were its. */
static Err *flush_parent(Ctx *cx, const Due *due, size_t n, size_t *used)
{
    Ctx system = ctx_as_system(cx);
    Record *before, *parent;

    for (*used = 0; *used < n && due[*used].parent == due->parent; ++*used) {}
    Err *e = record_get(&system, due->rollup->object, due->parent, READ_DELETED | READ_LOCK, &before);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    parent = record_copy(cx->mem, before);
    for (size_t i = 0; i < *used; i++) TRY(apply_due(&system, &due[i], parent));
    return write_derived(cx, before, parent);
}

static Err *flush_dues(Ctx *cx)
{
    Due *dues = cx->pending->dues.p;
    size_t n = merge_dues(dues, cx->pending->dues.n);

    memset(&cx->pending->dues, 0, sizeof cx->pending->dues);
    for (size_t i = 0, used; i < n; i += used) TRY(flush_parent(cx, dues + i, n - i, &used));
    return NULL;
}

Err *rollup_flush(Ctx *cx)
{
    if (cx->hold || !cx->pending) return NULL;
    for (unsigned round = 0; cx->pending->dues.n || cx->pending->settles.n; round++) {
        REQUIRE(round < ROUNDS_MAX); /* the loader refuses cycles */
        if (cx->pending->dues.n)
            TRY(flush_dues(cx));
        else
            TRY(settle_flush(cx));
    }
    return search_flush(cx, cx->pending);
}
