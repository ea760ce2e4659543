/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random writes, alone and in batches, with undos between: replaying the log gives the rows, lists and records as of a past
   moment are those seen then, roll-ups are what they would be computed afresh, and undoing all leads back to the start. */
#include "core/change.h"
#include "core/query.h"
#include "core/test_prop.h"
#include "core/write.h"

#include "base/time.h"
#include "core/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PER_OBJECT 10
#define MILLIS     14000
#define LISTS_MAX  24
#define BODY       60 /* units of the part that is undone whole */

static const char *const OBJECTS[] = {"account", "contact", "deal", "deal_line", "lead", "activity"};
#define N_OBJECTS (sizeof OBJECTS / sizeof *OBJECTS)

/* A list and its figures as they were at `at`. */
typedef struct Seen {
    const Object *obj;
    int64_t at;
    Str filter, order, group, measures, figures;
    Id *ids;
    size_t n;
    Record *rec; /* one of them, whole */
} Seen;

typedef struct Row {
    const Object *obj;
    Id id;
    int64_t version;
    Val *vals;
} Row;

typedef struct World {
    Arena *mem;
    Store *store;
    Prop p;
    PropPool pool;
    Cursor cursor;
    VEC(Row) rows; /* replayed from the log */
    VEC(Seen) seen;
    VEC(Id) batches;
    unsigned done, refused, undone, skipped, compared, refused_lists, figures;
} World;

static Err *fill(Ctx *cx, void *arg)
{
    World *world = arg;
    Prop p = world->p;
    PropPool *pool = NEW(cx->mem, PropPool);

    TRY(prop_world(cx, &p, pool, PER_OBJECT));
    world->pool = *pool;
    return NULL;
}

static const Object *random_object(World *world)
{
    return meta_object(store_meta(world->store), str_c(OBJECTS[prop_below(&world->p, N_OBJECTS)]));
}

static Id random_id(World *world, const Object *obj)
{
    const struct PropIds *ids = &world->pool.ids[obj->number];

    return ids->p[prop_below(&world->p, (unsigned)ids->n)];
}

/* --- writing --------------------------------------------------------------------------------------------------------- */

typedef enum Deed { DEED_CREATE, DEED_UPDATE, DEED_DELETE, DEED_RESTORE, DEED_UNDO } Deed;

typedef struct Op {
    Deed deed;
    Record *rec;
    Id batch;
    UndoResult undo;
} Op;

typedef struct Unit {
    World *world;
    Op ops[6];
    size_t n;
    bool is_batch;
    unsigned done, refused;
    Id batches[6];
    size_t n_batches;
} Unit;

typedef struct Try {
    Ctx *cx;
    Op *op;
} Try;

static Err *do_op(DbConn *c, void *arg)
{
    Try *t = arg;
    Op *op = t->op;
    Record *rec = op->rec ? record_copy(t->cx->mem, op->rec) : NULL;

    (void)c;
    switch (op->deed) {
    case DEED_CREATE: return record_create(t->cx, rec, NULL);
    case DEED_UPDATE: return record_update(t->cx, rec, NULL);
    case DEED_DELETE: return record_delete(t->cx, rec->obj, rec->id, NULL);
    case DEED_RESTORE: return record_restore(t->cx, rec->obj, rec->id);
    case DEED_UNDO: return batch_undo(t->cx, op->batch, &op->undo);
    }
    return NULL;
}

static bool is_refusal(const Err *e)
{
    return e->code == ERR_INVALID || e->code == ERR_CONFLICT || e->code == ERR_NOT_FOUND ||
           e->code == ERR_DENIED;
}

static Err *run_op(Ctx *cx, Unit *unit, Op *op)
{
    struct Pending *saved = rollup_save(cx);
    bool had_row = cx->has_batch_row;
    Try t = {cx, op};
    Err *e = db_attempt(cx->mem, cx->db, do_op, &t);

    if (!e) {
        unit->done++;
        return NULL;
    }
    if (!is_refusal(e)) return e;
    cx->pending = saved;
    cx->has_batch_row = had_row;
    unit->refused++;
    return NULL;
}

static Err *run_unit(Ctx *cx, void *arg)
{
    Unit *unit = arg;

    unit->done = unit->refused = 0;
    unit->n_batches = 0;
    cx->may_write_readonly = true;
    if (unit->is_batch) cx->hold++;
    if (unit->is_batch) cx->batch = id_new(cx->now);
    for (size_t i = 0; i < unit->n; i++) {
        if (!unit->is_batch) {
            cx->batch = 0;
            cx->has_batch_row = false;
        }
        unsigned before = unit->done;
        TRY(run_op(cx, unit, &unit->ops[i]));
        bool is_new = unit->done > before && cx->batch && unit->ops[i].deed != DEED_UNDO;
        for (size_t k = 0; k < unit->n_batches; k++) is_new = is_new && unit->batches[k] != cx->batch;
        if (is_new) unit->batches[unit->n_batches++] = cx->batch;
        if (unit->ops[i].deed == DEED_UNDO) cx->channel = CHANNEL_SYSTEM, cx->is_quiet = false;
    }
    if (unit->is_batch) cx->hold--;
    return rollup_flush(cx);
}

static Op random_op(Arena *mem, World *world, bool may_undo)
{
    Prop *p = &world->p;
    const Object *obj = random_object(world);
    unsigned what = prop_below(p, 16);
    Op op = {.deed = DEED_UPDATE, .rec = record_new(mem, obj)};

    if (may_undo && what == 0 && world->batches.n) {
        size_t back = prop_below(p, world->batches.n < 8 ? (unsigned)world->batches.n : 8);
        op.deed = DEED_UNDO;
        op.batch = world->batches.p[world->batches.n - 1 - back];
        return op;
    }
    if (what <= 2) {
        op.deed = DEED_CREATE;
        op.rec->id = id_new(world->store->clock_ms);
        prop_fill(mem, p, &world->pool, op.rec, 8);
        return op;
    }
    op.rec->id = random_id(world, obj);
    if (what <= 4)
        op.deed = DEED_DELETE;
    else if (what <= 6)
        op.deed = DEED_RESTORE;
    else
        prop_fill(mem, p, &world->pool, op.rec, 1);
    return op;
}

static void random_unit(Arena *mem, World *world, bool may_undo)
{
    Unit unit = {.world = world, .is_batch = prop_one_in(&world->p, 3)};

    world->store->clock_ms += prop_one_in(&world->p, 4) ? 0 : 1 + prop_below(&world->p, 3000);
    unit.n = 1 + prop_below(&world->p, 5);
    for (size_t i = 0; i < unit.n; i++) unit.ops[i] = random_op(mem, world, may_undo && !unit.is_batch);
    CHECK_OK(test_write(world->store, mem, run_unit, &unit));
    for (size_t i = 0; i < unit.n_batches; i++) *vec_push(world->mem, &world->batches) = unit.batches[i];
    for (size_t i = 0; i < unit.n; i++) {
        world->undone += (unsigned)unit.ops[i].undo.undone;
        world->skipped += (unsigned)unit.ops[i].undo.n_skipped;
    }
    world->done += unit.done;
    world->refused += unit.refused;
}

/* A new record may be picked by later writes once it is surely there. */
static Err *find_new(Ctx *cx, void *arg)
{
    World *world = arg;

    for (size_t i = 0; i < N_OBJECTS; i++) {
        const Object *obj = meta_object(cx->meta, str_c(OBJECTS[i]));
        struct PropIds *ids = &world->pool.ids[obj->number];
        Sql q = sql_new(cx->mem);
        DbRows *rows;
        bool has;
        ids->n = 0;
        sql_text(&q, "SELECT id FROM ");
        sql_ident(&q, obj->table);
        sql_text(&q, " ORDER BY id");
        TRY(sql_query(cx->mem, cx->db, &q, &rows));
        for (;;) {
            TRY(db_next(rows, &has));
            if (!has) break;
            prop_pool_add(world->mem, &world->pool, obj, db_i64(rows, 0));
        }
    }
    return NULL;
}

/* --- the log --------------------------------------------------------------------------------------------------------- */

static Row *row_of(World *world, const Object *obj, Id id)
{
    for (size_t i = 0; i < world->rows.n; i++)
        if (world->rows.p[i].id == id && world->rows.p[i].obj == obj) return &world->rows.p[i];
    Row *row = vec_push(world->mem, &world->rows);
    row->obj = obj;
    row->id = id;
    row->vals = NEW_N(world->mem, Val, obj->n_fields);
    return row;
}

static void differs(const Object *obj, Id id, const Field *f, Arena *mem, const char *what)
{
    (void)mem;
    printf("# %.*s %lld %.*s: %s\n", SFMT(obj->name), (long long)id, SFMT(f->name), what);
}

static Err *replay(Ctx *cx, void *arg)
{
    World *world = arg;

    for (;;) {
        Change *changes;
        size_t n;
        TRY(change_feed(cx, world->cursor, 500, &changes, &n, &world->cursor));
        if (n == 0) return NULL;
        for (size_t i = 0; i < n; i++) {
            Row *row = row_of(world, changes[i].obj, changes[i].record);
            if (!changes[i].is_derived) CHECK_EQ_INT(changes[i].version, row->version + 1);
            row->version = changes[i].version;
            for (size_t k = 0; k < changes[i].n; k++) {
                const FieldChange *fc = &changes[i].fields[k];
                bool fits =
                    changes[i].kind == CHANGE_CREATE || val_same(fc->before, row->vals[fc->field->index]);
                if (!CHECK(fits))
                    differs(row->obj, row->id, fc->field, cx->mem, "the value before is another");
                row->vals[fc->field->index] = val_copy(world->mem, fc->after);
            }
        }
    }
}

static bool is_logged(const Field *f)
{
    return !f->is_secret && f->type != FIELD_LINKS && !(f->is_computed && !f->is_stored) &&
           f->index > SYS_VERSION && f->index != SYS_UPDATED_AT && f->index != SYS_UPDATED_BY;
}

static bool is_checked(const Object *obj)
{
    for (size_t i = 0; i < N_OBJECTS; i++)
        if (str_eq_c(obj->name, OBJECTS[i])) return true;
    return obj->is_link;
}

static void compare_record(Ctx *cx, const Record *rec, const Val *vals, const char *what)
{
    for (size_t i = 0; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        if (is_logged(f) && !CHECK(val_same(rec->vals[i], vals[i])))
            differs(rec->obj, rec->id, f, cx->mem, what);
    }
}

static Err *check_rows(Ctx *cx, void *arg)
{
    World *world = arg;

    for (size_t i = 0; i < world->rows.n; i++) {
        const Row *row = &world->rows.p[i];
        Record *rec;
        if (!is_checked(row->obj)) continue;
        TRY(record_get(cx, row->obj, row->id, READ_DELETED, &rec));
        CHECK_EQ_INT(rec->version, row->version);
        compare_record(cx, rec, row->vals, "the row differs from the log");
        world->compared++;
        for (size_t k = 0; k < row->obj->n_fields; k++) {
            const Field *f = &row->obj->fields[k];
            Val v;
            if (f->type != FIELD_ROLLUP) continue;
            TRY(rollup_value(cx, f, rec->id, &v));
            if (!CHECK(val_same(v, rec->vals[k])))
                printf("# %.*s %lld %.*s: roll-up %lld, computed %lld\n", SFMT(rec->obj->name),
                       (long long)rec->id, SFMT(f->name), (long long)rec->vals[k].i, (long long)v.i);
        }
    }
    return NULL;
}

/* --- the past -------------------------------------------------------------------------------------------------------- */

static Err *list(Ctx *cx, const Seen *seen, Id **ids, size_t *n)
{
    Query q = {.limit = 200};
    Page page;

    TRY(query_parse(cx, seen->obj, seen->filter, seen->order, &q));
    TRY(record_list(cx, &q, &page));
    *ids = NEW_N(cx->mem, Id, page.n + 1);
    *n = page.n;
    for (size_t i = 0; i < page.n; i++) (*ids)[i] = page.recs[i]->id;
    return NULL;
}

static bool is_question(const Err *e)
{
    return e && e->code == ERR_INVALID &&
           (str_eq_c(e->key, "error.cel.sql") || str_eq_c(e->key, "error.cel.type"));
}

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const Str *)a, *(const Str *)b);
}

static void add_value(Buf *b, Val v)
{
    if (v.kind == VAL_TEXT)
        buf_add(b, val_str(v));
    else
        buf_addf(b, "%d:%lld", v.kind, (long long)v.i);
    buf_add_c(b, ' ');
}

/* Groups in any order: they are given as sorted lines. */
static Err *figures(Ctx *cx, Arena *mem, const Seen *seen, Str *out)
{
    Aggregate a = {.query = {.obj = seen->obj}};
    AggregateRow *rows;
    size_t n;

    TRY(query_parse(cx, seen->obj, seen->filter, S("id"), &a.query));
    TRY(aggregate_parse(cx, &a, seen->group, seen->measures));
    TRY(record_aggregate(cx, &a, &rows, &n));
    Str *lines = NEW_N(cx->mem, Str, n + 1);
    for (size_t i = 0; i < n; i++) {
        Buf b = buf_new(cx->mem, 4096);
        for (size_t k = 0; k < a.n_groups; k++) add_value(&b, rows[i].groups[k]);
        for (size_t k = 0; k < a.n_measures; k++) add_value(&b, rows[i].measures[k]);
        lines[i] = buf_str(&b);
    }
    if (n) qsort(lines, n, sizeof *lines, by_text);
    *out = str_join(mem, lines, n, S("\n"));
    return NULL;
}

static void choose_figures(World *world, Seen *seen)
{
    static const char *const GROUPS[] = {"", "owner", "team", "month(created_at)"};
    static const struct {
        const char *object, *field;
    } SUMS[] = {
        {"account", "annual_revenue"}, {"deal", "amount"}, {"deal_line", "quantity"}, {"lead", "budget"}};

    seen->group = str_c(GROUPS[prop_below(&world->p, 4)]);
    seen->measures = S("count()");
    for (size_t i = 0; i < sizeof SUMS / sizeof *SUMS; i++)
        if (str_eq_c(seen->obj->name, SUMS[i].object))
            seen->measures = str_fmt(world->mem, "count(),sum(%s),avg(%s),max(%s)", SUMS[i].field,
                                     SUMS[i].field, SUMS[i].field);
}

static Err *see(Ctx *cx, void *arg)
{
    World *world = arg;
    static const char *const ORDERS[] = {"id",         "-updated_at", "owner,-id",
                                         "created_at", "-version,id", "team,-created_at"};
    Seen seen = {.obj = random_object(world), .at = cx->now};
    Id *ids;

    seen.filter = prop_one_in(&world->p, 3)
                      ? S("")
                      : prop_condition(world->mem, &world->p, seen.obj, prop_below(&world->p, 3));
    seen.order = str_c(ORDERS[prop_below(&world->p, 6)]);
    if (seen.obj->label_field && prop_one_in(&world->p, 2))
        seen.order = str_fmt(world->mem, "-%.*s", SFMT(seen.obj->label_field->name));
    Err *e = list(cx, &seen, &ids, &seen.n);
    if (is_question(e)) return NULL;
    TRY(e);
    choose_figures(world, &seen);
    TRY(figures(cx, world->mem, &seen, &seen.figures));
    seen.ids = NEW_N(world->mem, Id, seen.n + 1);
    memcpy(seen.ids, ids, seen.n * sizeof *ids);
    if (seen.n) {
        TRY(record_get(cx, seen.obj, ids[prop_below(&world->p, (unsigned)seen.n)], 0, &seen.rec));
        Record *copy = record_copy(world->mem, seen.rec);
        for (size_t i = 0; i < seen.obj->n_fields; i++) copy->vals[i] = val_copy(world->mem, copy->vals[i]);
        seen.rec = copy;
    }
    if (world->seen.n < LISTS_MAX)
        *vec_push(world->mem, &world->seen) = seen;
    else
        world->seen.p[prop_below(&world->p, LISTS_MAX)] = seen;
    return NULL;
}

static Err *look_back_figures(Ctx *then, World *world, const Seen *seen)
{
    Str now;

    TRY(figures(then, then->mem, seen, &now));
    world->figures++;
    if (!CHECK(str_eq(now, seen->figures)))
        printf("# %.*s as of %lld where %.*s by %.*s: %.*s\n%.*s\n  then\n%.*s\n", SFMT(seen->obj->name),
               (long long)seen->at, SFMT(seen->filter), SFMT(seen->group), SFMT(seen->measures), SFMT(now),
               SFMT(seen->figures));
    return NULL;
}

static Err *look_back(Ctx *cx, World *world, const Seen *seen)
{
    Ctx then = *cx;
    Record *rec;
    Id *ids;
    size_t n;

    then.as_of = then.now = seen->at;
    Err *e = list(&then, seen, &ids, &n);
    if (is_question(e)) {
        world->refused_lists++;
    } else {
        TRY(e);
        bool is_same = n == seen->n && memcmp(ids, seen->ids, n * sizeof *ids) == 0;
        if (!CHECK(is_same))
            printf("# %.*s as of %lld where %.*s order %.*s: %zu records, then %zu\n", SFMT(seen->obj->name),
                   (long long)seen->at, SFMT(seen->filter), SFMT(seen->order), n, seen->n);
        TRY(look_back_figures(&then, world, seen));
    }
    if (!seen->rec) return NULL;
    TRY(record_at(cx, seen->obj, seen->rec->id, seen->at, &rec));
    CHECK_EQ_INT(rec->version, seen->rec->version);
    compare_record(cx, rec, seen->rec->vals, "the past record differs");
    for (unsigned i = SYS_UPDATED_AT; i <= SYS_UPDATED_BY; i++)
        CHECK(val_same(rec->vals[i], seen->rec->vals[i]));
    return NULL;
}

static Err *look_back_all(Ctx *cx, void *arg)
{
    World *world = arg;

    for (size_t i = 0; i < world->seen.n; i++) TRY(look_back(cx, world, &world->seen.p[i]));
    return NULL;
}

/* --- tests ----------------------------------------------------------------------------------------------------------- */

static void check_all(Arena *mem, World *world)
{
    CHECK_OK(test_read(world->store, mem, replay, world));
    CHECK_OK(test_read(world->store, mem, check_rows, world));
    CHECK_OK(test_read(world->store, mem, look_back_all, world));
}

static void open_world(Arena *mem, World *world, Store *store)
{
    world->mem = mem;
    world->store = store;
    world->p = prop_start();
    store->clock_ms = PROP_NOW;
    CHECK_OK(test_write(store, mem, fill, world));
}

static void burst(World *world, unsigned units, bool may_undo)
{
    for (unsigned i = 0; i < units; i++) {
        Arena *scratch = arena_new(0);
        random_unit(scratch, world, may_undo);
        CHECK_OK(test_read(world->store, scratch, find_new, world));
        arena_free(scratch);
    }
}

TEST_STORE(log_and_past_tell_what_was)
{
    World world = {0};
    const char *given = getenv("KITH_PROP_MS");
    int64_t until = clock_now_ms() + (given ? strtoll(given, NULL, 10) : MILLIS);

    open_world(mem, &world, store);
    while (clock_now_ms() < until) {
        Arena *scratch = arena_new(0);
        burst(&world, 6, true);
        CHECK_OK(test_read(store, scratch, see, &world));
        CHECK_OK(test_read(store, scratch, see, &world));
        store->clock_ms++;
        check_all(scratch, &world);
        arena_free(scratch);
    }
    printf(
        "# %u writes, %u refused, %u undone, %u skipped, %u rows compared, %u figures of the past, %u lists refused as of\n",
        world.done, world.refused, world.undone, world.skipped, world.compared, world.figures,
        world.refused_lists);
    CHECK(world.done > 10);
    CHECK(world.figures > 0);
    CHECK(world.compared > 100);
}

typedef struct Undoing {
    Id batch;
    UndoResult out;
} Undoing;

static Err *undo_one(Ctx *cx, void *arg)
{
    Undoing *undoing = arg;

    return batch_undo(cx, undoing->batch, &undoing->out);
}

static void keep_start(World *world, Row **start, size_t *n)
{
    *n = world->rows.n;
    *start = NEW_N(world->mem, Row, *n);
    for (size_t i = 0; i < *n; i++) {
        const Row *row = &world->rows.p[i];
        (*start)[i] = *row;
        (*start)[i].vals = NEW_N(world->mem, Val, row->obj->n_fields);
        memcpy((*start)[i].vals, row->vals, row->obj->n_fields * sizeof(Val));
    }
}

TEST_STORE(undoing_all_leads_back)
{
    World world = {0};
    Row *start;
    size_t n;

    open_world(mem, &world, store);
    CHECK_OK(test_read(store, mem, replay, &world));
    keep_start(&world, &start, &n);
    burst(&world, BODY, false);
    for (size_t i = world.batches.n; i-- > 0;) {
        Undoing undoing = {.batch = world.batches.p[i]};
        store->clock_ms += 1000;
        Err *e = test_write(store, mem, undo_one, &undoing);
        if (e && e->code == ERR_NOT_FOUND) continue; /* its writes changed nothing */
        CHECK_OK(e);
        for (size_t k = 0; k < undoing.out.n_skipped; k++) {
            const Skipped *s = &undoing.out.skipped[k];
            printf("# skipped in batch %zu of %zu: %.*s %lld %.*s\n", i, world.batches.n, SFMT(s->obj->name),
                   (long long)s->id, SFMT(s->reason));
        }
        CHECK_EQ_INT(undoing.out.n_skipped, 0);
    }
    check_all(mem, &world);
    for (size_t i = 0; i < world.rows.n; i++) {
        const Row *row = &world.rows.p[i];
        if (!is_checked(row->obj)) continue;
        if (i >= n) {
            if (!CHECK(!val_is_null(row->vals[SYS_DELETED_AT])))
                printf("# %.*s %lld is still there\n", SFMT(row->obj->name), (long long)row->id);
            continue;
        }
        for (size_t k = 0; k < row->obj->n_fields; k++) {
            bool is_same = val_same(row->vals[k], start[i].vals[k]);
            if (k == SYS_DELETED_AT) is_same = val_is_null(row->vals[k]) == val_is_null(start[i].vals[k]);
            if (!CHECK(is_same))
                differs(row->obj, row->id, &row->obj->fields[k], mem, "is not as at the start");
        }
    }
    CHECK(world.batches.n > BODY / 2);
}
