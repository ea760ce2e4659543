/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person leaves: what he is responsible for goes on with somebody else, all of it one batch that can be taken back.  What
   goes on is said by the objects (`hand_over` of their files); what is finished stays with who did it.  Beside the records
   these are all places where somebody names him who answers for something: heads, fall-backs, drop folders. */
#include "core/compile.h"
#include "core/job.h"
#include "core/session.h"
#include "core/store.h"
#include "mod/system/system_impl.h"

#define CHUNK   100
#define AT_ONCE 300 /* more than that is left to a job */
#define NAMED   50  /* of those that could not go over */

typedef struct HandOver {
    Store *store;
    Arena *tmp;
    Id user, batch; /* who does it */
    Id from, to;
    bool leaves, is_end;
    size_t object, field; /* where it is, */
    Id after;             /* and behind which record */
    int64_t done, n_left;
    Val left[NAMED]; /* records that could not go over */
} HandOver;

/* --- what goes over -------------------------------------------------------------------------------------------------- */

/* Names of persons that are theirs alone (absences, quotas, keys) go when the person does: those stay. */
static bool names_responsible(const Object *obj, const Field *f)
{
    if (f->index == SYS_OWNER) return obj->has_owner;
    return f->index >= SYS_COUNT && f->type == FIELD_USER && !f->is_readonly && !f->is_computed &&
           f->on_delete != ON_DELETE_CASCADE;
}

static bool goes_over(const Object *obj, const Field *f)
{
    return !obj->is_private && !obj->is_internal && names_responsible(obj, f);
}

/* "FROM t WHERE field is his and it is still to be done" */
static Err *add_his(Ctx *cx, Sql *q, const Object *obj, const Field *f, Id from)
{
    sql_text(q, " FROM ");
    sql_ident(q, obj->table);
    sql_text(q, " t0 WHERE t0.deleted_at IS NULL AND t0.");
    sql_ident(q, f->column);
    sql_text(q, " = ");
    sql_bind(q, val_int(from));
    if (!obj->hand_over.tree) return NULL;
    Ctx system = ctx_as_system(cx);
    sql_text(q, " AND ");
    return compile_filter(&system, q, obj, 0, obj->hand_over.tree, false);
}

static Err *count_his(Ctx *cx, Id from, int64_t *total)
{
    *total = 0;
    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        const Object *obj = cx->meta->objects[i];
        for (size_t k = 0; k < obj->n_fields; k++) {
            Sql q = sql_new(cx->mem);
            DbRows *rows;
            bool has;
            if (!goes_over(obj, &obj->fields[k])) continue;
            sql_text(&q, "SELECT count(*)");
            TRY(add_his(cx, &q, obj, &obj->fields[k], from));
            TRY(sql_query(cx->mem, cx->db, &q, &rows));
            TRY(db_next(rows, &has));
            *total += has ? db_i64(rows, 0) : 0;
            TRY(db_next(rows, &has));
        }
    }
    return NULL;
}

/* --- going over ------------------------------------------------------------------------------------------------------ */

typedef struct GiveOne {
    Ctx *cx, own;
    Record *rec;
} GiveOne;

static Err *give_one(DbConn *c, void *arg)
{
    GiveOne *one = arg;

    one->own = *one->cx;
    one->own.db = c;
    TRY(record_update(&one->own, one->rec, NULL));
    return NULL;
}

/* One that is refused (the successor is in that team already) is named and holds up none of the others. */
static Err *give(Ctx *cx, HandOver *h, const Object *obj, const Field *f, Id id)
{
    Record *rec = record_new(cx->mem, obj);
    GiveOne one = {.cx = cx, .rec = rec};

    rec->id = id;
    rec->vals[f->index] = val_ref(meta_object(cx->meta, S("user"))->number, h->to);
    rec->is_set[f->index] = 1;
    Err *e = db_attempt(cx->mem, cx->db, give_one, &one);
    if (!e) {
        ctx_join(cx, &one.own);
        h->done++;
        return NULL;
    }
    if (e->code != ERR_INVALID && e->code != ERR_CONFLICT && e->code != ERR_DENIED) return e;
    if (h->n_left < NAMED) h->left[h->n_left] = val_ref(obj->number, id);
    h->n_left++;
    return NULL;
}

static Err *next_ids(Ctx *cx, const HandOver *h, const Object *obj, const Field *f, Id *ids, size_t *n)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    *n = 0;
    sql_text(&q, "SELECT t0.id");
    TRY(add_his(cx, &q, obj, f, h->from));
    sql_text(&q, " AND t0.id > ");
    sql_bind(&q, val_int(h->after));
    sql_text(&q, " ORDER BY t0.id LIMIT ");
    sql_i64(&q, CHUNK);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        ids[(*n)++] = db_i64(rows, 0);
    }
}

static bool is_over(const Ctx *cx, const HandOver *h)
{
    return h->object == cx->meta->n_objects;
}

static void step_on(const Ctx *cx, HandOver *h)
{
    h->after = 0;
    if (++h->field < cx->meta->objects[h->object]->n_fields) return;
    h->field = 0;
    h->object++;
}

/* The next chunk; nothing fires: he to whom it goes is told once, not of each record. */
static Err *give_some(Ctx *cx, HandOver *h)
{
    Id ids[CHUNK];
    size_t n = 0;

    while (!is_over(cx, h) && n == 0) {
        const Object *obj = cx->meta->objects[h->object];
        const Field *f = &obj->fields[h->field];
        if (goes_over(obj, f)) TRY(next_ids(cx, h, obj, f, ids, &n));
        for (size_t i = 0; i < n; i++) TRY(give(cx, h, obj, f, ids[i]));
        if (n == CHUNK)
            h->after = ids[n - 1];
        else
            step_on(cx, h);
    }
    return NULL;
}

static Err *close_access(Ctx *cx, const HandOver *h)
{
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("user")));

    if (!h->leaves) return NULL;
    rec->id = h->from;
    record_set(rec, "is_active", val_bool(false));
    record_set(rec, "may_sign_in", val_bool(false));
    return record_update(cx, rec, NULL);
}

static Val result(Ctx *cx, const HandOver *h)
{
    ValPair *pairs = NEW_N(cx->mem, ValPair, 3);
    size_t named = h->n_left < NAMED ? (size_t)h->n_left : NAMED;
    Val *left = NEW_N(cx->mem, Val, named + 1);

    for (size_t i = 0; i < named; i++) left[i] = h->left[i];
    pairs[0] = (ValPair){val_text(S("records")), val_int(h->done)};
    pairs[1] = (ValPair){val_text(S("left")), val_int(h->n_left)};
    pairs[2] = (ValPair){val_text(S("skipped")), val_list(left, named)};
    return val_map(pairs, 3);
}

/* --- as a job -------------------------------------------------------------------------------------------------------- */

static Err *as_who_asked(HandOver *h, DbConn *c, Ctx *cx)
{
    Actor *actor;

    *cx = ctx_system(h->store, h->tmp, c);
    TRY(actor_of_user(cx, h->user, &actor));
    cx->actor = actor;
    cx->channel = CHANNEL_WEB;
    cx->batch = h->batch;
    cx->is_quiet = true;
    return NULL;
}

/* What fails after a chunk was counted is counted again when the chunk is: the unit works on a copy. */
static Err *chunk_unit(DbConn *c, void *arg)
{
    HandOver *h = arg, next = *h;
    Ctx cx;

    TRY(as_who_asked(h, c, &cx));
    TRY(give_some(&cx, &next));
    next.is_end = is_over(&cx, &next);
    if (next.is_end) TRY(close_access(&cx, &next));
    *h = next;
    return NULL;
}

static Err *count_unit(DbConn *c, void *arg)
{
    HandOver *h = arg;
    Ctx cx;

    TRY(as_who_asked(h, c, &cx));
    return count_his(&cx, h->from, &h->done);
}

static Err *in_unit(HandOver *h, Arena *mem, DbWork work, bool is_read)
{
    h->tmp = arena_new(0);
    Err *e = is_read ? job_read(h->store, h->tmp, work, h) : job_unit(h->store, h->tmp, work, h);
    if (e) e = err_copy(mem, e);
    arena_free(h->tmp);
    return e;
}

static Id id_of(const Val *arg, const char *name)
{
    const Val *v = val_get(arg, str_c(name));
    Id id = 0;

    return v && v->kind == VAL_TEXT && id_parse(val_str(*v), &id) ? id : 0;
}

Err *hand_over_job(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *leaves = val_get(arg, S("leaves"));
    HandOver h = {.store = store,
                  .user = id_of(arg, "user"),
                  .batch = id_of(arg, "batch"),
                  .from = id_of(arg, "from"),
                  .to = id_of(arg, "to"),
                  .leaves = leaves && leaves->kind == VAL_BOOL && leaves->b};
    int64_t total = 0;

    TRY(in_unit(&h, mem, count_unit, true));
    total = h.done;
    h.done = 0;
    while (!h.is_end) {
        TRY(in_unit(&h, mem, chunk_unit, false));
        TRY(job_progress(store, mem, job, h.done + h.n_left, total));
    }
    Ctx cx = {.mem = mem};
    return job_result(store, mem, job, result(&cx, &h));
}

/* --- the action ------------------------------------------------------------------------------------------------------ */

static Err *check_successor(Ctx *cx, Id from, Id to)
{
    Record *user;

    if (from == to) FAIL_FIELD(cx->mem, S("to"), "error.hand_over.self", "to himself");
    TRY(record_get(cx, meta_object(cx->meta, S("user")), to, 0, &user));
    if (!record_get_val(user, "is_active").b)
        FAIL_FIELD(cx->mem, S("to"), "error.hand_over.inactive", "the successor does not work here");
    return NULL;
}

static Err *leave_to_job(Ctx *cx, const HandOver *h, Val *out)
{
    ValPair args[] = {{val_text(S("user")), val_id(cx->actor->user)},
                      {val_text(S("batch")), val_id(cx->batch)},
                      {val_text(S("from")), val_id(h->from)},
                      {val_text(S("to")), val_id(h->to)},
                      {val_text(S("leaves")), val_bool(h->leaves)}};
    ValPair *pair = NEW(cx->mem, ValPair);
    Id job = 0;

    TRY(job_add(cx, S("system.hand_over"), val_map(args, sizeof args / sizeof *args), cx->now, &job));
    *pair = (ValPair){val_text(S("operation")), val_id(job)};
    *out = val_map(pair, 1);
    return NULL;
}

Err *user_hand_over(Ctx *cx, Record *rec, const Val *params, Val *out)
{
    HandOver h = {.from = rec->id, .to = params[0].i, .leaves = val_is_null(params[1]) || !params[1].b};
    int64_t total = 0;

    TRY(check_successor(cx, h.from, h.to));
    TRY(count_his(cx, h.from, &total));
    if (total > AT_ONCE) return leave_to_job(cx, &h, out);
    bool was_quiet = cx->is_quiet;
    cx->is_quiet = true;
    while (!is_over(cx, &h)) TRY(give_some(cx, &h));
    TRY(close_access(cx, &h));
    cx->is_quiet = was_quiet;
    if (h.n_left)
        err_add(&cx->warnings, err_arg(err_new(cx->mem, ERR_INVALID, "warning.hand_over.left", "some stayed"),
                                       0, str_fmt(cx->mem, "%lld", (long long)h.n_left)));
    *out = result(cx, &h);
    return NULL;
}
