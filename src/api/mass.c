/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mass changes: in one unit while they are few, else a job of many units that yield to people, all of one batch.  Few are
   also what follows a deletion: references cleared, records that go along.  The job may be run twice: a record that already
   says what is asked is left as it is, one already deleted is passed over. */
#include "api/mass.h"

#include "api/drop.h"
#include "api/import.h"

#include "base/limits.h"
#include "core/job.h"
#include "core/rights.h"
#include "core/session.h"
#include "core/snapshot.h"
#include "core/write.h"

#define CHUNK 200

Err *mass_find(Ctx *cx, Mass *mass, size_t max)
{
    Query q = {0};

    if (!mass->has_filter) return NULL;
    TRY(query_parse(cx, mass->obj, mass->filter, (Str){0}, &q));
    return record_ids(cx, &q, max, &mass->ids, &mass->n_ids);
}

static Err *apply_one(Ctx *cx, const Mass *mass, Id id)
{
    Record *stored;

    if (mass->is_delete) return record_delete(cx, mass->obj, id, NULL);
    TRY(record_get(cx, mass->obj, id, READ_LINKS, &stored));
    Record *rec = record_copy(cx->mem, stored);
    TRY(record_from_json(cx, mass->obj, &mass->set, rec));
    return record_update(cx, rec, NULL);
}

Err *mass_apply(Ctx *cx, const Mass *mass, const Id *ids, size_t n, size_t *done)
{
    *done = 0;
    cx->hold++;
    for (size_t i = 0; i < n; i++) {
        Err *e = apply_one(cx, mass, ids[i]);
        if (e && e->code == ERR_NOT_FOUND && mass->has_filter) continue; /* went along with another */
        if (e) return e;
        (*done)++;
    }
    cx->hold--;
    return rollup_flush(cx);
}

/* --- as a job -------------------------------------------------------------------------------------------------------- */

static ValPair pair(const char *key, Val v)
{
    return (ValPair){val_text(str_c(key)), v};
}

/* What people read of a failed job: the text of the first key in "INVALID error.x: detail".  The detail is for the log, and a text
   with places to fill has lost what filled them; then it is said in general. */
static Str failure_text(Req *rq, Str error)
{
    for (ptrdiff_t at; (at = str_find(error, S("error."))) >= 0;) {
        error = str_from(error, (size_t)at);
        Str key = str_cut(&error, ':');
        Str text = lang_text(rq->mem, rq->lang, key, NULL, 0);
        bool is_whole = !str_eq(text, key) && str_find_char(text, '{') < 0;
        if (is_whole && !str_eq(key, S("error.job.run"))) return text;
    }
    return lang_text(rq->mem, rq->lang, S("error.internal"), NULL, 0);
}

Err *operation_to_json(Req *rq, Ctx *cx, Id id, int status)
{
    JsonWriter *w = reply_begin(rq, status);
    Job job;

    TRY(job_get(cx, id, &job));
    json_open_obj(w);
    json_pair_val(w, "id", val_id(job.id));
    json_pair_str(w, "kind", job.kind);
    json_pair_str(w, "state", job.state);
    json_pair_i64(w, "done", job.done);
    json_pair_i64(w, "total", job.total);
    json_key_c(w, "error");
    json_text_or_null(w, job.error.n ? failure_text(rq, job.error) : (Str){0});
    json_key_c(w, "result");
    if (job.result.n)
        json_raw(w, job.result);
    else
        json_null(w);
    const Val *batch = val_get(&job.arg, S("batch"));
    json_key_c(w, "batch");
    if (batch)
        json_val(w, *batch);
    else
        json_null(w);
    json_close_obj(w);
    return NULL;
}

static Val ids_val(Arena *mem, const Mass *mass)
{
    Val *list = NEW_N(mem, Val, mass->n_ids);

    for (size_t i = 0; i < mass->n_ids; i++) list[i] = val_text(id_text(mem, mass->ids[i]));
    return mass->has_filter ? val_null() : val_list(list, mass->n_ids);
}

Err *mass_is_long(Ctx *cx, const Mass *mass, bool *out)
{
    int64_t followers = 0, room = LIMIT_BATCH - (int64_t)mass->n_ids;

    *out = room < 0;
    if (*out || !mass->is_delete) return NULL;
    TRY(delete_followers(cx, mass->obj, mass->ids, mass->n_ids, room + 1, &followers));
    *out = followers > room;
    return NULL;
}

/* What would be refused is refused at once, while the records are named. */
static Err *check_deletes(Ctx *cx, const Mass *mass)
{
    for (size_t i = 0; mass->is_delete && !mass->has_filter && i < mass->n_ids; i++) {
        size_t none;
        TRY(delete_follow(cx, mass->obj, mass->ids[i], 0, &none));
    }
    return NULL;
}

Err *mass_queue(Req *rq, Ctx *cx, const Mass *mass)
{
    ValPair pairs[] = {
        pair("ids", ids_val(cx->mem, mass)),
        pair("object", val_text(mass->obj->name)),
        pair("filter", val_text(mass->filter.n ? mass->filter : S(""))),
        pair("delete", val_bool(mass->is_delete)),
        pair("set", mass->set),
        pair("user", val_id(cx->actor->user)),
        pair("batch", val_id(mass->batch)),
        pair("request", val_text(cx->request_id)),
    };
    Id id;

    TRY(check_deletes(cx, mass));
    TRY(job_add(cx, S("api.mass"), val_map(pairs, sizeof pairs / sizeof *pairs), cx->now, &id));
    return operation_to_json(rq, cx, id, 202);
}

typedef struct MassRun {
    Store *store;
    Arena *mem, *chunk_mem;
    Mass mass;
    Id user;
    Str request;
    const Id *ids;
    size_t n, done;
    size_t at,
        followed; /* of a deletion: how far what follows is done, and how much of it the last unit did */
    int64_t total, passed;
} MassRun;

static Err *begin(MassRun *run, Arena *mem, DbConn *c, Ctx *cx)
{
    Actor *actor;

    *cx = ctx_system(run->store, mem, c);
    TRY(actor_of_user(cx, run->user, &actor));
    cx->actor = actor;
    cx->channel = CHANNEL_WEB;
    cx->batch = run->mass.batch;
    cx->request_id = run->request;
    return NULL;
}

static Err *find(DbConn *c, void *arg)
{
    MassRun *run = arg;
    Ctx cx;

    TRY(begin(run, run->mem, c, &cx));
    db_set_budget(c, 60000);
    if (!run->mass.n_ids) TRY(mass_find(&cx, &run->mass, 0));
    run->total = 0;
    for (size_t i = 0, n; run->mass.is_delete && i < run->mass.n_ids; i += n) {
        int64_t followers;
        n = run->mass.n_ids - i < CHUNK ? run->mass.n_ids - i : CHUNK;
        TRY(delete_followers(&cx, run->mass.obj, run->mass.ids + i, n, INT64_MAX, &followers));
        run->total += followers;
    }
    run->total += (int64_t)run->mass.n_ids;
    return NULL;
}

/* One unit's worth of what follows the chunk's records. */
static Err *follow(DbConn *c, void *arg)
{
    MassRun *run = arg;
    size_t at = run->at, done = 0, more;
    Ctx cx;

    TRY(begin(run, run->chunk_mem, c, &cx));
    cx.hold++;
    for (; at < run->n; at++) {
        Err *e = delete_follow(&cx, run->mass.obj, run->ids[at], CHUNK - done, &more);
        if (e && e->code == ERR_NOT_FOUND) continue;
        if (e) return e;
        done += more;
        if (done >= CHUNK) break;
    }
    cx.hold--;
    TRY(rollup_flush(&cx));
    run->followed = done;
    run->at = at;
    return NULL;
}

static Err *apply(DbConn *c, void *arg)
{
    MassRun *run = arg;
    Ctx cx;

    TRY(begin(run, run->chunk_mem, c, &cx));
    return mass_apply(&cx, &run->mass, run->ids, run->n, &run->done);
}

/* One unit in memory of its own; the error outlives it. */
static Err *in_unit(MassRun *run, DbWork work)
{
    run->chunk_mem = arena_new(LIMIT_REQUEST_MEM);
    Err *e = job_unit(run->store, run->chunk_mem, work, run);
    if (e) e = err_copy(run->mem, e);
    arena_free(run->chunk_mem);
    return e;
}

static Err *progress(MassRun *run, Id job, size_t done)
{
    run->passed += (int64_t)done;
    if (run->total < run->passed) run->total = run->passed;
    return job_progress(run->store, run->mem, job, run->passed, run->total);
}

static Err *run_chunks(MassRun *run, Id job)
{
    for (size_t i = 0; i < run->mass.n_ids; i += CHUNK) {
        run->ids = run->mass.ids + i;
        run->n = run->mass.n_ids - i < CHUNK ? run->mass.n_ids - i : CHUNK;
        for (run->at = 0; run->mass.is_delete && run->at < run->n;) {
            TRY(in_unit(run, follow));
            TRY(progress(run, job, run->followed));
        }
        TRY(in_unit(run, apply));
        TRY(progress(run, job, run->n));
    }
    return NULL;
}

static Err *read_ids(Arena *mem, const Val *ids, Mass *mass)
{
    if (!ids || ids->kind != VAL_LIST) return NULL;
    mass->ids = NEW_N(mem, Id, ids->n);
    for (uint32_t i = 0; i < ids->n; i++)
        if (ids->list[i].kind != VAL_TEXT || !id_parse(val_str(ids->list[i]), &mass->ids[mass->n_ids++]))
            FAIL(mem, ERR_INVALID, "error.job.run", "argument of a mass change");
    return NULL;
}

static Id id_of(const Val *arg, const char *key)
{
    const Val *v = val_get(arg, str_c(key));
    Id id = 0;

    return v && v->kind == VAL_TEXT && id_parse(val_str(*v), &id) ? id : 0;
}

static Err *run_job(Store *store, Arena *mem, Id job, const Val *arg)
{
    MassRun run = {.store = store, .mem = mem, .user = id_of(arg, "user")};
    const Val *object = val_get(arg, S("object")), *filter = val_get(arg, S("filter")),
              *is_delete = val_get(arg, S("delete")), *set = val_get(arg, S("set")),
              *request = val_get(arg, S("request"));

    if (!object || !filter || !is_delete || !set || !request)
        FAIL(mem, ERR_INVALID, "error.job.run", "argument of a mass change");
    run.request = val_str(*request);
    run.mass = (Mass){.obj = meta_object(meta_now(store, mem), val_str(*object)),
                      .batch = id_of(arg, "batch"),
                      .has_filter = true,
                      .filter = val_str(*filter),
                      .is_delete = is_delete->b,
                      .set = *set};
    if (!run.mass.obj) FAIL(mem, ERR_NOT_FOUND, "error.route", "no such object");
    TRY(read_ids(mem, val_get(arg, S("ids")), &run.mass));
    TRY(db_read(store->db, mem, find, &run));
    TRY(job_progress(store, mem, job, 0, run.total));
    return run_chunks(&run, job);
}

static const JobKind JOBS[] = {{.name = "api.mass", .run = run_job},
                               {.name = "import.run", .run = import_job},
                               {.name = "drop.look", .run = drop_job}};

const Module mod_api = {.name = "api", .jobs = JOBS, .n_jobs = sizeof JOBS / sizeof *JOBS};
