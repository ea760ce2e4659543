/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Merging: children move, the others go, then the one that stays takes their values; in this order, since a value that must be
 * unique is free only when its holder has gone. */

#include "core/match/merge.h"

#include "core/match/match_impl.h"
#include "core/read.h"
#include "core/value_impl.h"
#include "core/write.h"

/* --- children -------------------------------------------------------------------------------------------------------- */

typedef struct Move {
    Ctx *cx; /* the system in the actor's name */
    const Merge *m;
    const Field *field; /* that refers */
    Id child;
} Move;

static bool is_going(const Merge *m, Id id)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->ids[i] == id) return true;
    return false;
}

static bool may_refer(const Field *f, const Object *obj)
{
    if (f->type == FIELD_REFERENCE || f->type == FIELD_USER) return f->target == obj;
    if (f->type != FIELD_ANY_REFERENCE) return false;
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i] == obj) return true;
    return f->n_targets == 0;
}

static Err *set_reference(DbConn *c, void *arg)
{
    Move *mv = arg;
    Record *rec = record_new(mv->cx->mem, mv->field->object);
    bool is_self = mv->field->object == mv->m->obj && mv->child == mv->m->into;

    (void)c;
    rec->id = mv->child;
    rec->vals[mv->field->index] = is_self ? val_null() : val_ref(mv->m->obj->number, mv->m->into);
    rec->is_set[mv->field->index] = 1;
    return record_update(mv->cx, rec, NULL);
}

/* A child that would stand twice (the same person at the same account) is one too many. */
static Err *move_child(Move *mv)
{
    Err *e = db_attempt(mv->cx->mem, mv->cx->db, set_reference, mv);

    if (!e || e->code != ERR_CONFLICT || !str_eq(e->key, S("error.unique"))) return e;
    return record_delete(mv->cx, mv->field->object, mv->child, NULL);
}

static Err *children_of(Ctx *cx, const Merge *m, const Field *f, size_t max, Id **out, size_t *n)
{
    VEC(Id) ids = {0};
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT id FROM ");
    sql_ident(&q, f->object->table);
    sql_text(&q, " WHERE deleted_at IS NULL AND ");
    if (f->type == FIELD_ANY_REFERENCE) {
        sql_ident(&q, f->role_columns[COLUMN_OBJECT]);
        sql_text(&q, " = ");
        sql_i64(&q, m->obj->number);
        sql_text(&q, " AND ");
    }
    sql_ident(&q, f->column);
    sql_ids(&q, m->ids, m->n);
    sql_text(&q, " ORDER BY id LIMIT ");
    sql_i64(&q, (int64_t)max);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        Id id = db_i64(rows, 0);
        if (f->object != m->obj || !is_going(m, id)) *vec_push(cx->mem, &ids) = id;
    }
    *out = ids.p;
    *n = ids.n;
    return NULL;
}

static Err *move_field(Ctx *cx, const Merge *m, const Field *f, size_t max, size_t *moved)
{
    Id *ids = NULL;
    size_t n = 0;

    TRY(children_of(cx, m, f, max - *moved, &ids, &n));
    for (size_t i = 0; i < n; i++) {
        Move mv = {cx, m, f, ids[i]};
        TRY(move_child(&mv));
    }
    *moved += n;
    return NULL;
}

static bool is_moved(const Merge *m, const Field *f)
{
    return !f->is_computed && !f->is_system && may_refer(f, m->obj);
}

Err *merge_move(Ctx *cx, const Merge *m, size_t max, size_t *moved)
{
    Ctx system = ctx_as_system(cx);
    Actor who = *system.actor;

    who.user = cx->actor->user;
    system.actor = &who;
    system.may_write_readonly = true;
    system.hold++;
    *moved = 0;
    for (size_t i = 0; i < cx->meta->n_objects; i++)
        for (size_t k = SYS_COUNT; k < cx->meta->objects[i]->n_fields && *moved < max; k++) {
            const Field *f = &cx->meta->objects[i]->fields[k];
            if (is_moved(m, f)) TRY(move_field(&system, m, f, max, moved));
        }
    system.hold--;
    system.may_write_readonly = cx->may_write_readonly;
    TRY(rollup_flush(&system));
    ctx_join(cx, &system);
    return NULL;
}

Err *merge_count(Ctx *cx, const Merge *m, size_t max, size_t *out)
{
    *out = 0;
    for (size_t i = 0; i < cx->meta->n_objects; i++)
        for (size_t k = SYS_COUNT; k < cx->meta->objects[i]->n_fields && *out < max; k++) {
            const Field *f = &cx->meta->objects[i]->fields[k];
            Id *ids = NULL;
            size_t n = 0;
            if (is_moved(m, f)) TRY(children_of(cx, m, f, max - *out, &ids, &n));
            *out += n;
        }
    return NULL;
}

/* --- values ---------------------------------------------------------------------------------------------------------- */

static bool is_list(const Field *f)
{
    return f->type == FIELD_PHONES || f->type == FIELD_EMAILS || f->type == FIELD_HANDLES ||
           f->type == FIELD_ADDRESSES || f->type == FIELD_IDENTIFIER || f->type == FIELD_TAGS ||
           f->type == FIELD_MULTICHOICE;
}

static Val inner(Val item)
{
    return item.kind == VAL_MAP ? pair_get(item, "value") : item;
}

static bool holds(Val list, Val item)
{
    for (uint32_t i = 0; i < list.n; i++)
        if (val_same(inner(list.list[i]), inner(item))) return true;
    return false;
}

/* An item of another record is not the main one here. */
static Val as_second(Arena *mem, Val item)
{
    Val copy = item;

    if (item.kind != VAL_MAP) return item;
    copy.map = NEW_N(mem, ValPair, item.n);
    for (uint32_t i = 0; i < item.n; i++) {
        copy.map[i] = item.map[i];
        if (str_eq(val_str(item.map[i].key), S("main"))) copy.map[i].val = val_bool(false);
    }
    return copy;
}

static Val united(Arena *mem, Val own, Val other)
{
    if (val_is_null(own) || own.kind != VAL_LIST) return other;
    if (other.kind != VAL_LIST) return own;
    Val all = val_list(NEW_N(mem, Val, (size_t)own.n + other.n), own.n);
    for (uint32_t i = 0; i < own.n; i++) all.list[i] = own.list[i];
    for (uint32_t i = 0; i < other.n; i++)
        if (!holds(all, other.list[i])) all.list[all.n++] = as_second(mem, other.list[i]);
    return all;
}

static const MergeChoice *choice_of(const Merge *m, const Field *f)
{
    for (size_t i = 0; i < m->n_choices; i++)
        if (m->choices[i].field == f) return &m->choices[i];
    return NULL;
}

static Val merged_value(Ctx *cx, const Merge *m, const Field *f, const Record *into, Record *const *others)
{
    const MergeChoice *choice = choice_of(m, f);
    Val v = into->vals[f->index];

    for (size_t i = 0; i < m->n; i++) {
        Val theirs = others[i]->vals[f->index];
        if (choice)
            v = choice->from == others[i]->id ? theirs : v;
        else if (is_list(f))
            v = united(cx->mem, v, theirs);
        else if (val_is_null(v))
            v = theirs;
    }
    return v;
}

static bool is_taken(const Ctx *cx, const Field *f)
{
    bool is_own = f->index == SYS_OWNER || f->index >= SYS_COUNT;

    return is_own && !f->is_computed && !f->is_secret && !f->is_readonly && f->type != FIELD_LINKS &&
           f->type != FIELD_AUTONUMBER && (cx->actor->is_system || rights_field(cx, f) == FIELD_WRITE);
}

static Err *take_values(Ctx *cx, const Merge *m, const Record *into, Record *const *others)
{
    Record *rec = record_new(cx->mem, m->obj);

    rec->id = into->id;
    for (size_t i = 0; i < m->obj->n_fields; i++) {
        const Field *f = &m->obj->fields[i];
        if (!is_taken(cx, f)) continue;
        Val v = merged_value(cx, m, f, into, others);
        bool is_self = v.kind == VAL_REF && v.aux == m->obj->number && (v.i == m->into || is_going(m, v.i));
        rec->vals[i] = is_self ? val_null() : v;
        rec->is_set[i] = !val_same(rec->vals[i], into->vals[i]);
    }
    return record_update(cx, rec, NULL);
}

/* --- the whole ------------------------------------------------------------------------------------------------------- */

static Err *look_up(Ctx *cx, const Merge *m, Record **into, Record **others)
{
    if (m->n == 0 || is_going(m, m->into))
        FAIL(cx->mem, ERR_INVALID, "error.merge.same", "a record is not merged with itself");
    TRY(read_for(cx, m->obj, m->into, READ_LOCK, VERB_UPDATE, into));
    for (size_t i = 0; i < m->n; i++)
        TRY(read_for(cx, m->obj, m->ids[i], READ_LOCK, VERB_DELETE, &others[i]));
    return NULL;
}

Err *merge_check(Ctx *cx, const Merge *m)
{
    Record *into = NULL, **others = NEW_N(cx->mem, Record *, m->n);

    return look_up(cx, m, &into, others);
}

Err *record_merge(Ctx *cx, const Merge *m, Record **out)
{
    Record *into = NULL, **others = NEW_N(cx->mem, Record *, m->n);
    Id *all = NEW_N(cx->mem, Id, m->n + 1);
    size_t moved = 0;

    TRY(look_up(cx, m, &into, others));
    if (!cx->batch) cx->batch = id_new(cx->now);
    TRY(merge_move(cx, m, MERGE_CHILDREN_MAX, &moved));
    if (moved == MERGE_CHILDREN_MAX)
        FAIL(cx->mem, ERR_LIMIT, "error.merge.children", "more than %d records refer to them",
             MERGE_CHILDREN_MAX);
    for (size_t i = 0; i < m->n; i++) {
        all[i] = m->ids[i];
        TRY(record_delete(cx, m->obj, m->ids[i], NULL));
    }
    all[m->n] = m->into;
    TRY(take_values(cx, m, into, others));
    TRY(duplicates_mark(cx, m->obj, all, m->n + 1, DUPLICATE_MERGED));
    return record_get(cx, m->obj, m->into, READ_LINKS, out);
}

/* --- where it went --------------------------------------------------------------------------------------------------- */

#define STEPS_MAX 50

/* Records merged with `id`; a merge that was taken back is none. */
static Err *merged_with(Ctx *cx, const Object *obj, Id id, Id *out, size_t *n)
{
    Val binds[] = {val_int(obj->number), val_int(id), val_int(DUPLICATE_MERGED)};
    DbRows *rows = NULL;
    bool has = true;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT d.a, d.b FROM duplicate d LEFT JOIN batch t ON t.id = d.batch "
          "WHERE d.object = ?1 AND (d.a = ?2 OR d.b = ?2) AND d.state = ?3 AND t.undone_by IS NULL ORDER BY d.at DESC"),
        binds, 3, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has || *n == STEPS_MAX) return NULL;
        Id other = db_i64(rows, 0) == id ? db_i64(rows, 1) : db_i64(rows, 0);
        bool is_known = false;
        for (size_t i = 0; i < *n; i++) is_known = is_known || out[i] == other;
        if (!is_known) out[(*n)++] = other;
    }
}

Err *merge_survivor(Ctx *cx, const Object *obj, Id id, Id *out)
{
    Id known[STEPS_MAX] = {id};
    size_t n = 1;

    *out = 0;
    for (size_t at = 0; at < n; at++) {
        Record *rec = NULL;
        Err *e = at ? record_get(cx, obj, known[at], 0, &rec) : NULL;
        if (e && e->code != ERR_NOT_FOUND) return e;
        if (rec) {
            *out = known[at];
            return NULL;
        }
        TRY(merged_with(cx, obj, known[at], known, &n));
    }
    return NULL;
}
