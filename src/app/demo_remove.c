/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking the demo company away.  Made by the demo is what its batch created.  Kept is what somebody has changed since, what
   records of people refer to, and what the kept ones refer to in turn; the rest is deleted, children first.  What the demo
   called by names of its language gets those of the company's back. */
#include "app/demo_impl.h"

#include "core/change.h"
#include "core/seed.h"
#include "core/write.h"

#include <stdlib.h>

#define STEP 60

typedef struct Thing {
    Id id;
    uint16_t object;
    bool is_kept;
} Thing;

typedef struct Removal {
    Store *store;
    Arena *mem, *tmp; /* of the whole, of one unit */
    DemoMark mark;
    VEC(Thing) things; /* in the order they were made */
    size_t *by_id;     /* places in `things`, by id */
    VEC(size_t) queue; /* kept ones whose references are still to be followed */
    size_t from, to;   /* of one unit */
    int64_t removed;
    bool keeps_rates;
} Removal;

/* --- what was made --------------------------------------------------------------------------------------------------- */

static _Thread_local const Thing *sorted_things;

static int by_id(const void *a, const void *b)
{
    Id x = sorted_things[*(const size_t *)a].id, y = sorted_things[*(const size_t *)b].id;

    return x < y ? -1 : x > y;
}

static Err *read_made(Removal *r, Ctx *cx)
{
    Val bind = val_int(r->mark.batch);
    DbRows *rows;
    bool has;

    r->things.n = 0;
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT record, object FROM change WHERE batch = ?1 AND kind = 1 ORDER BY epoch, tx, seq"),
                 &bind, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(r->mem, &r->things) = (Thing){db_i64(rows, 0), (uint16_t)db_i64(rows, 1), false};
    }
    r->by_id = NEW_N(r->mem, size_t, r->things.n + 1);
    for (size_t i = 0; i < r->things.n; i++) r->by_id[i] = i;
    sorted_things = r->things.p;
    if (r->things.n) qsort(r->by_id, r->things.n, sizeof *r->by_id, by_id);
    return NULL;
}

static Thing *find_thing(const Removal *r, Id id)
{
    size_t low = 0, high = r->things.n;

    while (low < high) {
        size_t mid = (low + high) / 2;
        Thing *t = &r->things.p[r->by_id[mid]];
        if (t->id == id) return t;
        if (t->id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* --- what is kept ---------------------------------------------------------------------------------------------------- */

static void keep(Removal *r, Id id)
{
    Thing *t = find_thing(r, id);

    if (!t || t->is_kept) return;
    t->is_kept = true;
    *vec_push(r->mem, &r->queue) = (size_t)(t - r->things.p);
}

static Err *keep_rows(Removal *r, DbRows *rows)
{
    bool has;

    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        keep(r, db_i64(rows, 0));
    }
}

/* A record somebody deleted is not kept: there is nothing to show. */
static Err *keep_changed(Removal *r, Ctx *cx)
{
    Val binds[] = {val_int(r->mark.batch), val_int(r->mark.removal)};
    DbRows *rows;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT DISTINCT c.record FROM change c WHERE c.derived = 0 AND c.batch <> ?1 AND c.batch <> ?2 AND c.record IN "
          "(SELECT m.record FROM change m WHERE m.batch = ?1 AND m.kind = 1)"),
        binds, 2, &rows));
    return keep_rows(r, rows);
}

static bool is_reference(const Field *f)
{
    bool is_ref = f->type == FIELD_REFERENCE || f->type == FIELD_USER || f->type == FIELD_ANY_REFERENCE ||
                  f->type == FIELD_FILE;

    return is_ref && (f->index >= SYS_COUNT || f->index == SYS_OWNER || f->index == SYS_TEAM);
}

/* Of the records of object `f->object` that are not the demo's: what they refer to by `f`.  What the program has made by itself and nobody
   has touched (a signal) goes along. */
static Err *keep_referred(Removal *r, Ctx *cx, const Field *f)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;

    sql_text(&q, "SELECT DISTINCT ");
    sql_ident(&q, f->column);
    sql_text(&q, " FROM ");
    sql_ident(&q, f->object->table);
    sql_text(&q, " WHERE deleted_at IS NULL AND ");
    sql_ident(&q, f->column);
    sql_text(&q, " IN (SELECT record FROM change WHERE kind = 1 AND batch = ");
    sql_bind(&q, val_int(r->mark.batch));
    sql_text(&q, ") AND id NOT IN (SELECT record FROM change WHERE kind = 1 AND batch = ");
    sql_bind(&q, val_int(r->mark.batch));
    sql_text(&q, ") AND NOT (version = 1 AND EXISTS (SELECT 1 FROM change c WHERE c.record = ");
    sql_ident(&q, f->object->table);
    sql_text(&q, ".id AND c.kind = 1 AND c.channel = ");
    sql_i64(&q, CHANNEL_SYSTEM);
    sql_text(&q, "))");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    return keep_rows(r, rows);
}

static Err *follow_kept(Removal *r, Ctx *cx, const Thing *t)
{
    const Object *obj = cx->meta->by_number[t->object];
    Record *rec;

    if (!obj) return NULL;
    Err *e = record_get(cx, obj, t->id, 0, &rec);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    for (size_t i = 0; i < obj->n_fields; i++)
        if (is_reference(&obj->fields[i]) && rec->vals[i].kind == VAL_REF) keep(r, rec->vals[i].i);
    return NULL;
}

static Err *look(DbConn *c, void *arg)
{
    Removal *r = arg;
    Ctx cx = ctx_system(r->store, r->mem, c);

    db_set_budget(c, 0);
    TRY(read_made(r, &cx));
    r->queue.n = 0;
    TRY(keep_changed(r, &cx));
    for (size_t i = 0; i < cx.meta->n_objects; i++)
        for (size_t k = 0; k < cx.meta->objects[i]->n_fields; k++)
            if (is_reference(&cx.meta->objects[i]->fields[k]))
                TRY(keep_referred(r, &cx, &cx.meta->objects[i]->fields[k]));
    for (size_t i = 0; i < r->queue.n; i++) TRY(follow_kept(r, &cx, &r->things.p[r->queue.p[i]]));
    return NULL;
}

/* --- deleting -------------------------------------------------------------------------------------------------------- */

typedef struct OneThing {
    Ctx *cx;
    const Object *obj;
    Id id;
} OneThing;

static Err *delete_one(DbConn *c, void *arg)
{
    OneThing *one = arg;

    (void)c;
    return record_delete(one->cx, one->obj, one->id, NULL);
}

/* Rates stay as long as a record that counts by them. */
static bool stays(const Removal *r, const Ctx *cx, const Thing *t)
{
    const Object *obj = cx->meta->by_number[t->object];

    return t->is_kept || !obj || (r->keeps_rates && str_eq(obj->name, S("rate")));
}

static Err *delete_step(DbConn *c, void *arg)
{
    Removal *r = arg;
    Ctx cx = ctx_system(r->store, r->tmp, c);

    cx.channel = CHANNEL_IMPORT; /* as it came */
    cx.is_quiet = true;
    cx.batch = r->mark.removal;
    cx.hold++;
    for (size_t i = r->from; i < r->to; i++) {
        Thing *t = &r->things.p[r->things.n - 1 - i];
        if (stays(r, &cx, t)) continue;
        OneThing one = {&cx, cx.meta->by_number[t->object], t->id};
        struct Pending *saved = rollup_save(&cx);
        Err *e = db_attempt(cx.mem, c, delete_one, &one);
        if (e && e->code == ERR_CONFLICT && str_eq(e->key, S("error.delete.used"))) {
            cx.pending = saved;
            t->is_kept = true; /* somebody has just begun to use it */
        } else if (e && e->code != ERR_NOT_FOUND) {
            return e;
        }
    }
    cx.hold--;
    return rollup_flush(&cx);
}

static Err *end_removal(DbConn *c, void *arg)
{
    Removal *r = arg;
    Ctx cx = ctx_system(r->store, r->mem, c);
    DemoMark none = {0};

    cx.channel = CHANNEL_SYSTEM;
    cx.is_quiet = true;
    cx.batch = r->mark.removal;
    TRY(seed_rename(&cx, lang_from(r->store->company->locale), r->mark.batch));
    return demo_mark_set(&cx, &none);
}

static Err *begin_removal(DbConn *c, void *arg)
{
    Removal *r = arg;
    Ctx cx = ctx_system(r->store, r->mem, c);

    r->mark.state = 'd';
    return demo_mark_set(&cx, &r->mark);
}

static Err *delete_all(Removal *r, const DemoOptions *opt)
{
    for (r->from = 0; r->from < r->things.n; r->from = r->to) {
        r->to = r->from + STEP < r->things.n ? r->from + STEP : r->things.n;
        TRY(db_write(r->store->db, r->tmp, delete_step, r));
        store_committed(r->store);
        if (opt->progress) TRY(opt->progress(opt->arg, (int64_t)r->to, (int64_t)r->things.n));
        arena_reset(r->tmp);
    }
    return NULL;
}

Err *demo_take_away(Store *store, Arena *mem, DemoMark mark, const DemoOptions *opt, DemoReport *out)
{
    Removal r = {.store = store, .mem = mem, .tmp = arena_new(0), .mark = mark};

    arena_defer(mem, (void (*)(void *))arena_free, r.tmp);
    TRY(db_write(store->db, mem, begin_removal, &r));
    TRY(db_read(store->db, mem, look, &r));
    r.keeps_rates = r.queue.n > 0;
    TRY(delete_all(&r, opt));
    for (size_t i = 0; i < r.things.n; i++) out->kept += r.things.p[i].is_kept;
    out->removed = (int64_t)r.things.n - out->kept;
    return db_write(store->db, mem, end_removal, &r);
}
