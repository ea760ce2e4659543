/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions over one record in memory: its fields, records its references lead to (each read once a unit), lists of
   records that refer to it. */
#include "core/compile.h"

#include "core/query.h"
#include "core/read.h"
#include "core/store.h"

#define RELATED_MAX 1000

typedef struct RecordCache {
    Record **recs;
    size_t n, cap;
} RecordCache;

static Err *cached_record(Ctx *cx, const Object *obj, Id id, Record **out)
{
    if (!cx->cache) cx->cache = NEW(cx->mem, RecordCache);
    RecordCache *cache = cx->cache;
    for (size_t i = 0; i < cache->n; i++)
        if (cache->recs[i]->id == id) {
            *out = cache->recs[i];
            return NULL;
        }
    TRY(record_get(cx, obj, id, 0, out));
    if (cache->n == cache->cap) vec_grow_(cx->mem, (void **)&cache->recs, &cache->cap, sizeof *cache->recs);
    cache->recs[cache->n++] = *out;
    return NULL;
}

/* Records whose `via` refers to `id`, as references; those the actor may not see are left out. */
static bool related_list(Ctx *cx, const Inverse *via, Id id, Val *out)
{
    Sql q = sql_new(cx->mem);
    VEC(Val) refs = {0};
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT t0.id FROM ");
    sql_ident(&q, via->object->table);
    sql_text(&q, " t0 WHERE t0.deleted_at IS NULL AND t0.");
    sql_ident(&q, via->field->column);
    sql_text(&q, " = ");
    sql_bind(&q, val_int(id));
    if (rights_where(cx, &q, via->object, 0, VERB_READ)) return false;
    sql_text(&q, " LIMIT ");
    sql_i64(&q, RELATED_MAX);
    if (sql_query(cx->mem, cx->db, &q, &rows)) return false;
    for (;;) {
        if (db_next(rows, &has)) return false;
        if (!has) break;
        *vec_push(cx->mem, &refs) = val_ref(via->object->number, db_i64(rows, 0));
    }
    *out = val_list(refs.p, refs.n);
    return true;
}

static Val link_refs(Ctx *cx, Val links)
{
    Val *refs = NEW_N(cx->mem, Val, links.n);

    for (uint32_t i = 0; i < links.n; i++) refs[i] = *val_get(&links.list[i], S("id"));
    return val_list(refs, links.n);
}

static bool value_of(Ctx *cx, const Record *rec, Str name, Val *out)
{
    const Field *f = object_field(rec->obj, name);

    if (!f) {
        const Inverse *via = object_inverse(rec->obj, name);
        return via && related_list(cx, via, rec->id, out);
    }
    if (f->type == FIELD_LINKS) {
        Record *copy = record_copy(cx->mem, rec);
        if (val_is_null(rec->vals[f->index]) && links_load_of(cx, &copy, 1, f)) return false;
        *out = link_refs(cx, copy->vals[f->index]);
        return true;
    }
    if (f->index == SYS_ID) { /* a step through it leads here */
        *out = val_ref(rec->obj->number, rec->id);
        return true;
    }
    if (f->is_computed && !f->is_stored && f->formula.tree) {
        RecordScope inner = {cx, rec};
        CelScope scope = record_scope(&inner);
        if (cel_eval(cx->mem, f->formula.tree, &scope, out)) *out = val_null();
        return true;
    }
    *out = rec->vals[f->index];
    return true;
}

static bool scope_ident(void *arg, Arena *mem, Str name, Val *out)
{
    RecordScope *scope = arg;

    (void)mem;
    return value_of(scope->cx, scope->rec, name, out);
}

static bool scope_field(void *arg, Arena *mem, Val object, Str name, Val *out)
{
    RecordScope *scope = arg;
    Record *rec;

    (void)mem;
    if (object.kind != VAL_REF || object.aux >= 1024 || !scope->cx->meta->by_number[object.aux]) return false;
    Err *e = cached_record(scope->cx, scope->cx->meta->by_number[object.aux], object.i, &rec);
    if (e) { /* what may not be seen is null */
        *out = val_null();
        return true;
    }
    return value_of(scope->cx, rec, name, out);
}

CelScope record_scope(RecordScope *scope)
{
    const Actor *actor = scope->cx->actor;

    return (CelScope){.arg = scope,
                      .ident = scope_ident,
                      .field = scope_field,
                      .now_ms = scope->cx->now,
                      .zone = actor->is_system ? scope->cx->store->company->zone : actor->zone,
                      .me = actor->user,
                      .my_team = actor->team};
}
