/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mass changes: in one unit while they are few, else a job of many units that yield to people, all of one batch.  The job
   may be run twice: a record that already says what is asked is left as it is, one already deleted is passed over. */
#include "api/mass.h"

#include "base/limits.h"
#include "core/job.h"
#include "core/rights.h"
#include "core/session.h"
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
    json_text_or_null(w, job.error.n ? lang_text(rq->mem, rq->lang, job.error, NULL, 0) : (Str){0});
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

Err *mass_queue(Req *rq, Ctx *cx, const Mass *mass)
{
    ValPair pairs[] = {
        pair("object", val_text(mass->obj->name)),
        pair("filter", val_text(mass->filter.n ? mass->filter : S(""))),
        pair("delete", val_bool(mass->is_delete)),
        pair("set", mass->set),
        pair("user", val_id(cx->actor->user)),
        pair("batch", val_id(mass->batch)),
        pair("request", val_text(cx->request_id)),
    };
    Id id;

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
    return mass_find(&cx, &run->mass, 0);
}

static Err *apply(DbConn *c, void *arg)
{
    MassRun *run = arg;
    Ctx cx;

    TRY(begin(run, run->chunk_mem, c, &cx));
    return mass_apply(&cx, &run->mass, run->ids, run->n, &run->done);
}

/* The error outlives the chunk's memory. */
static Err *apply_chunk(MassRun *run)
{
    Err *e = job_unit(run->store, run->chunk_mem, apply, run);

    return e ? err_copy(run->mem, e) : NULL;
}

static Err *run_chunks(MassRun *run, Id job)
{
    for (size_t i = 0; i < run->mass.n_ids; i += CHUNK) {
        run->ids = run->mass.ids + i;
        run->n = run->mass.n_ids - i < CHUNK ? run->mass.n_ids - i : CHUNK;
        run->chunk_mem = arena_new(LIMIT_REQUEST_MEM);
        Err *e = apply_chunk(run);
        arena_free(run->chunk_mem);
        if (e) return e;
        TRY(job_progress(run->store, run->mem, job, (int64_t)(i + run->n), (int64_t)run->mass.n_ids));
    }
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
    run.mass = (Mass){.obj = meta_object(store->meta, val_str(*object)),
                      .batch = id_of(arg, "batch"),
                      .has_filter = true,
                      .filter = val_str(*filter),
                      .is_delete = is_delete->b,
                      .set = *set};
    if (!run.mass.obj) FAIL(mem, ERR_NOT_FOUND, "error.route", "no such object");
    TRY(db_read(store->db, mem, find, &run));
    TRY(job_progress(store, mem, job, 0, (int64_t)run.mass.n_ids));
    return run_chunks(&run, job);
}

static const JobKind JOBS[] = {{.name = "api.mass", .run = run_job}};

const Module mod_api = {.name = "api", .jobs = JOBS, .n_jobs = 1};
