/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Jobs: rows that say what is to be done and when.  A runner claims one by a lease and counts the attempt; that number is
 * the fence, so one that lost its lease can no longer finish the job another has begun.  A crash leaves the row as it
 * is, and the lease's end gives it to the next.  Errors that may pass are tried again with growing waits. */

#include "core/job.h"

#include "base/log.h"
#include "base/time.h"
#include "core/layer.h"
#include "core/lease.h"
#include "core/rights.h"
#include "json/json.h"

#include <pthread.h>
#include <stdatomic.h>

#define LEASE_MS      INT64_C(120000)
#define POLL_MS       500
#define ATTEMPTS_MAX  5
#define WAIT_FIRST_MS INT64_C(5000)
#define WAIT_LAST_MS  INT64_C(3600000)

struct JobRunner {
    Arena *mem;
    Store *store;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool is_woken;
    atomic_bool is_stopping;
};

static _Thread_local JobRunner *runner_here;

/* --- rows ----------------------------------------------------------------------------------------------------------------- */

Err *job_add(Ctx *cx, Str kind, Val arg, int64_t due_ms, Id *out)
{
    Id id = id_new(cx->now);
    Val binds[] = {val_int(id),
                   val_text(kind),
                   cx->actor->user ? val_int(cx->actor->user) : val_null(),
                   val_text(json_text(cx->mem, arg)),
                   val_int(due_ms),
                   val_int(cx->now)};

    if (out) *out = id;
    return db_exec(cx->mem, cx->db,
                   S("INSERT INTO job (id, kind, owner, state, arg, due, lease, attempts, done, total, at) "
                     "VALUES (?1, ?2, ?3, 'waiting', ?4, ?5, 0, 0, 0, 0, ?6)"),
                   binds, 6, NULL);
}

Err *job_add_once(Ctx *cx, Str kind, Val arg, int64_t due_ms)
{
    Val binds[] = {val_int(due_ms), val_text(kind), val_text(json_text(cx->mem, arg))}, n = {0};

    TRY(db_one(cx->mem, cx->db,
               S("SELECT count(*) FROM job WHERE state = 'waiting' AND due = ?1 AND kind = ?2 AND arg = ?3"),
               binds, 3, &n));
    return n.kind == VAL_INT && n.i ? NULL : job_add(cx, kind, arg, due_ms, NULL);
}

Err *job_add_done(Ctx *cx, Id id, Str kind, Val arg, int64_t total, Val result)
{
    Val binds[] = {val_int(id),
                   val_text(kind),
                   cx->actor->user ? val_int(cx->actor->user) : val_null(),
                   val_text(json_text(cx->mem, arg)),
                   val_int(cx->now),
                   val_int(total),
                   val_text(json_text(cx->mem, result))};

    return db_exec(
        cx->mem, cx->db,
        S("INSERT INTO job (id, kind, owner, state, arg, due, lease, attempts, done, total, at, result) "
          "VALUES (?1, ?2, ?3, 'done', ?4, ?5, 0, 1, ?6, ?6, ?5, ?7)"),
        binds, 7, NULL);
}

static Err *no_job(Arena *mem)
{
    FAIL(mem, ERR_NOT_FOUND, "error.job.none", "no such job");
}

static Err *job_from_row(Arena *mem, const DbRows *rows, Job *out)
{
    *out = (Job){.id = db_i64(rows, 0),
                 .kind = db_str(rows, 1),
                 .owner = db_i64(rows, 2),
                 .state = db_str(rows, 3),
                 .due = db_i64(rows, 5),
                 .attempts = db_i64(rows, 6),
                 .done = db_i64(rows, 7),
                 .total = db_i64(rows, 8),
                 .error = db_str(rows, 9),
                 .result = db_str(rows, 10)};
    return json_parse(mem, db_str(rows, 4), &out->arg);
}

#define JOB_COLUMNS "id, kind, owner, state, arg, due, attempts, done, total, error, result"

static Err *read_job(Arena *mem, DbRows *rows, bool *has, Job *out)
{
    TRY(db_next(rows, has));
    if (!*has) return NULL;
    TRY(job_from_row(mem, rows, out));
    bool more = false;

    return db_next(rows, &more);
}

Err *job_get(Ctx *cx, Id id, Job *out)
{
    const Actor *actor = cx->actor;
    bool may_all = actor->is_system || (actor->rights && actor->rights->is_administrator);
    Val bind = val_int(id);
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(cx->mem, cx->db, S("SELECT " JOB_COLUMNS " FROM job WHERE id = ?1"), &bind, 1, &rows));
    TRY(read_job(cx->mem, rows, &has, out));
    return has && (may_all || out->owner == actor->user) ? NULL : no_job(cx->mem);
}

/* --- units of work --------------------------------------------------------------------------------------------------------- */

/* What a unit needs; every unit here is one statement or two. */
typedef struct Step {
    Arena *mem;
    Store *store;
    int64_t now;
    Job job;
    bool has;
    Err *outcome; /* of the run: NULL went well */
    bool is_stopping;
    Str paused; /* kinds that wait */
    int64_t done, total;
    Str result;
} Step;

static const Lease DUE = {
    .table = "job",
    .taken = "state = 'running', lease = ?2, error = NULL",
    .due = "((state = 'waiting' AND due <= ?1) OR (state = 'running' AND lease <= ?1)) AND "
           "instr(?3, ',' || kind || ',') = 0",
    .most = "1",
    .columns = JOB_COLUMNS,
};

static Err *claim_row(DbConn *c, Step *s)
{
    Val binds[] = {val_int(s->now), val_int(s->now + LEASE_MS), val_text(s->paused.n ? s->paused : S(","))};
    DbRows *rows = NULL;

    TRY(lease_take(s->mem, c, &DUE, binds, 3, &rows));
    return read_job(s->mem, rows, &s->has, &s->job);
}

/* ",kind,kind," of those that wait because a restore has paused them; empty else. */
static Err *paused_kinds(DbConn *c, Step *s)
{
    Buf b = buf_new(s->mem, 1u << 16);
    Val v;

    TRY(db_one(s->mem, c, S("SELECT value FROM setting WHERE name = 'jobs_paused'"), NULL, 0, &v));
    for (size_t i = 0; v.kind == VAL_TEXT && i < s->store->n_modules; i++)
        for (size_t j = 0; j < s->store->modules[i]->n_jobs; j++)
            if (s->store->modules[i]->jobs[j].is_outgoing)
                buf_addf(&b, ",%s,", s->store->modules[i]->jobs[j].name);
    s->paused = buf_str(&b);
    return NULL;
}

static Err *claim(DbConn *c, void *arg)
{
    TRY(paused_kinds(c, arg));
    return claim_row(c, arg);
}

Err *jobs_paused_at(Ctx *cx, int64_t *out)
{
    Str text;

    TRY(setting_get(cx, S("jobs_paused"), &text));
    if (!str_to_i64(text, out)) *out = 0;
    return NULL;
}

Err *jobs_resume(Ctx *cx, bool *were_paused)
{
    int64_t n = 0;

    TRY(db_exec(cx->mem, cx->db, S("DELETE FROM setting WHERE name = 'jobs_paused'"), NULL, 0, &n));
    *were_paused = n > 0;
    return NULL;
}

static int64_t wait_ms(int64_t attempts)
{
    int64_t wait = WAIT_FIRST_MS;

    for (int64_t i = 1; i < attempts && wait < WAIT_LAST_MS; i++) wait *= 4;
    return wait < WAIT_LAST_MS ? wait : WAIT_LAST_MS;
}

static bool may_pass(const Err *e)
{
    return e->code == ERR_UNAVAILABLE || e->code == ERR_CONFLICT || e->code == ERR_LIMIT ||
           e->code == ERR_INTERNAL;
}

/* The row after a run, if the attempt is still ours. */
static Err *finish(DbConn *c, void *arg)
{
    Step *s = arg;
    const Err *e = s->outcome;
    bool is_again = e && may_pass(e) && (s->is_stopping || s->job.attempts < ATTEMPTS_MAX);
    int64_t due = is_again && !s->is_stopping ? s->now + wait_ms(s->job.attempts) : s->now;
    Val binds[] = {val_int(s->job.id),
                   val_int(s->job.attempts),
                   val_text(!e         ? S("done")
                            : is_again ? S("waiting")
                                       : S("failed")),
                   val_int(e ? due : s->job.due),
                   e ? val_text(err_text(s->mem, e)) : val_null(),
                   val_int(e && s->is_stopping ? s->job.attempts - 1 : s->job.attempts)};

    return db_exec(s->mem, c,
                   S("UPDATE job SET state = ?3, due = ?4, error = ?5, attempts = ?6, lease = 0, "
                     "done = CASE WHEN ?3 = 'done' THEN total ELSE done END "
                     "WHERE id = ?1 AND attempts = ?2 AND state = 'running'"),
                   binds, 6, NULL);
}

static Err *set_progress(DbConn *c, void *arg)
{
    Step *s = arg;
    Val binds[] = {val_int(s->job.id), val_int(s->done), val_int(s->total), val_int(s->now + LEASE_MS)};

    return db_exec(s->mem, c,
                   S("UPDATE job SET done = ?2, total = ?3, lease = ?4 WHERE id = ?1 AND state = 'running'"),
                   binds, 4, NULL);
}

static Err *set_result(DbConn *c, void *arg)
{
    Step *s = arg;
    Val binds[] = {val_int(s->job.id), val_text(s->result)};

    return db_exec(s->mem, c, S("UPDATE job SET result = ?2 WHERE id = ?1"), binds, 2, NULL);
}

/* Only this process serves the database: what it left running when it died needs no lease to end. */
static Err *take_back(DbConn *c, void *arg)
{
    Step *s = arg;

    return db_exec(s->mem, c, S("UPDATE job SET lease = 0 WHERE state = 'running'"), NULL, 0, NULL);
}

Err *job_progress(Store *store, Arena *mem, Id id, int64_t done, int64_t total)
{
    Step s = {.mem = mem, .now = store_now(store), .job = {.id = id}, .done = done, .total = total};

    if (runner_here && atomic_load(&runner_here->is_stopping)) {
        FAIL(mem, ERR_UNAVAILABLE, "error.job.stopping", "the process is stopping");
    }
    return db_write(store->db, mem, set_progress, &s);
}

Err *job_result(Store *store, Arena *mem, Id id, Val result)
{
    Step s = {.mem = mem, .job = {.id = id}, .result = json_text(mem, result)};

    return db_write(store->db, mem, set_result, &s);
}

/* --- units of a job ------------------------------------------------------------------------------------------------------ */

struct JobAside {
    DbUnit unit;
    DbWork work;
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool is_done;
    Err *e;
};

static Err *unit_work(DbConn *c, void *arg)
{
    JobAside *a = arg;

    return a->work(c, a->arg);
}

static void unit_ended(void *arg, Err *e)
{
    JobAside *a = arg;

    pthread_mutex_lock(&a->lock);
    a->e = e;
    a->is_done = true;
    pthread_cond_signal(&a->ended);
    pthread_mutex_unlock(&a->lock);
}

static void begin_aside(Store *store, Arena *mem, JobAside *a, bool is_read)
{
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->ended, NULL);
    a->unit = (DbUnit){.work = unit_work,
                       .done = unit_ended,
                       .arg = a,
                       .mem = mem,
                       .is_read = is_read,
                       .is_background = true};
    db_submit(store->db, &a->unit);
}

Err *job_aside_end(JobAside *a)
{
    pthread_mutex_lock(&a->lock);
    while (!a->is_done) pthread_cond_wait(&a->ended, &a->lock);
    pthread_mutex_unlock(&a->lock);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->ended);
    return a->e;
}

static Err *run_and_wait(Store *store, Arena *mem, DbWork work, void *arg, bool is_read)
{
    JobAside a = {.work = work, .arg = arg};

    begin_aside(store, mem, &a, is_read);
    return job_aside_end(&a);
}

Err *job_unit(Store *store, Arena *mem, DbWork work, void *arg)
{
    TRY(run_and_wait(store, mem, work, arg, false));
    layer_follow(store, mem);
    store_committed(store);
    return NULL;
}

Err *job_read(Store *store, Arena *mem, DbWork work, void *arg)
{
    return run_and_wait(store, mem, work, arg, true);
}

JobAside *job_aside(Store *store, Arena *mem, DbWork work, void *arg)
{
    JobAside *a = NEW(mem, JobAside);

    a->work = work;
    a->arg = arg;
    begin_aside(store, mem, a, true);
    return a;
}

/* --- running ---------------------------------------------------------------------------------------------------------------- */

static const JobKind *job_kind(const Store *store, Str name)
{
    for (size_t j = 0; j < core_jobs.n_jobs; j++)
        if (str_eq_c(name, core_jobs.jobs[j].name)) return &core_jobs.jobs[j];
    for (size_t i = 0; i < store->n_modules; i++) {
        const Module *m = store->modules[i];

        for (size_t j = 0; j < m->n_jobs; j++)
            if (str_eq_c(name, m->jobs[j].name)) return &m->jobs[j];
    }
    return NULL;
}

static Err *run_claimed(Store *store, Arena *mem, const Job *job)
{
    const JobKind *kind = job_kind(store, job->kind);

    if (!kind) {
        return err_arg(err_new(mem, ERR_INVALID, "error.job.kind", "no job kind %.*s", SFMT(job->kind)), 0,
                       job->kind);
    }
    if (job->attempts > ATTEMPTS_MAX)
        FAIL(mem, ERR_INVALID, "error.job.attempts", "given up: it never came to an end");
    return kind->run(store, mem, job->id, &job->arg);
}

static void log_outcome(Arena *mem, const Job *job, const Err *e)
{
    if (!e) return;
    log_line(LOG_WARN, "job failed", "kind=%.*s attempt=%lld error=%.*s", SFMT(job->kind),
             (long long)job->attempts, SFMT(log_quote(mem, err_text(mem, e))));
}

/* Claims and runs one job in an arena of its own; `*has` false when nothing is due. */
static Err *run_one(Store *store, Arena *mem, bool *has)
{
    Arena *own = arena_new(0);
    Step s = {.mem = own, .store = store, .now = store_now(store)};
    Err *e = db_write(store->db, own, claim, &s);

    *has = !e && s.has;
    if (*has) {
        s.outcome = run_claimed(store, own, &s.job);
        s.now = store_now(store);
        s.is_stopping = runner_here && atomic_load(&runner_here->is_stopping);
        log_outcome(own, &s.job, s.outcome);
        e = db_write(store->db, own, finish, &s);
    }
    if (e) e = err_new(mem, e->code, "error.job.run", "%.*s", SFMT(err_text(mem, e)));
    arena_free(own);
    return e;
}

Err *job_run_due(Store *store, Arena *mem)
{
    for (bool has = true; has;) TRY(run_one(store, mem, &has));
    return NULL;
}

/* Sleeps until woken or the next look. */
static void wait_for_work(JobRunner *r)
{
    struct timespec until = clock_after(POLL_MS);

    pthread_mutex_lock(&r->lock);
    if (!r->is_woken) pthread_cond_timedwait(&r->woken, &r->lock, &until);
    r->is_woken = false;
    pthread_mutex_unlock(&r->lock);
}

static void *run_thread(void *arg)
{
    JobRunner *r = arg;

    runner_here = r;
    while (!atomic_load(&r->is_stopping)) {
        Arena *mem = arena_new(0);
        bool has = false;
        Err *e = run_one(r->store, mem, &has);

        if (e)
            log_line(LOG_ERROR, "jobs cannot be run", "error=%.*s", SFMT(log_quote(mem, err_text(mem, e))));
        arena_free(mem);
        if (!has && !atomic_load(&r->is_stopping)) wait_for_work(r);
    }
    return NULL;
}

Err *job_runner_start(Store *store, JobRunner **out)
{
    Arena *mem = arena_new(0);
    JobRunner *r = NEW(mem, JobRunner);
    Step s = {.mem = mem, .store = store};

    r->mem = mem;
    r->store = store;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->woken, NULL);
    *out = NULL;
    if (!db_can(store->db, DB_CAP_SHARED)) {
        Err *e = db_write(store->db, mem, take_back, &s);

        if (e) {
            e = err_new(store->mem, e->code, "error.job.run", "%.*s", SFMT(err_text(mem, e)));
            arena_free(mem);
            return e;
        }
    }
    REQUIRE(pthread_create(&r->thread, NULL, run_thread, r) == 0);
    *out = r;
    return NULL;
}

void job_runner_wake(JobRunner *r)
{
    pthread_mutex_lock(&r->lock);
    r->is_woken = true;
    pthread_cond_signal(&r->woken);
    pthread_mutex_unlock(&r->lock);
}

void job_runner_stop(JobRunner *r)
{
    if (!r) return;
    atomic_store(&r->is_stopping, true);
    job_runner_wake(r);
    pthread_join(r->thread, NULL);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->woken);
    arena_free(r->mem);
}
