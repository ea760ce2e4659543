/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jobs run once when all goes well, again when it does not, and by another when their runner died. */
#include "core/job.h"
#include "core/test_store.h"

#include <stdatomic.h>
#include <unistd.h>

static atomic_int runs, failures_left;

static Err *run_count(Store *store, Arena *mem, Id job, const Val *arg)
{
    Val out = val_int(arg->i * 2);

    atomic_fetch_add(&runs, 1);
    TRY(job_progress(store, mem, job, 1, 4));
    if (atomic_load(&failures_left) > 0) {
        atomic_fetch_sub(&failures_left, 1);
        FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", "not now");
    }
    return job_result(store, mem, job, out);
}

static Err *run_refuse(Store *store, Arena *mem, Id job, const Val *arg)
{
    (void)store, (void)job, (void)arg;
    atomic_fetch_add(&runs, 1);
    FAIL(mem, ERR_INVALID, "error.number.type", "never");
}

static const JobKind KINDS[] = {{"count", run_count}, {"refuse", run_refuse}};
static const Module MODULE = {.name = "test", .jobs = KINDS, .n_jobs = 2};
static const Module *const MODULES[] = {&MODULE};

typedef struct Work {
    const char *kind;
    int64_t due;
    Id id;
    Job job;
} Work;

static Err *put(Ctx *cx, void *arg)
{
    Work *w = arg;

    return job_add(cx, str_c(w->kind), val_int(21), w->due ? w->due : cx->now, &w->id);
}

static Err *look(Ctx *cx, void *arg)
{
    Work *w = arg;

    return job_get(cx, w->id, &w->job);
}

#define TEST_JOBS(name_)                                       \
    static void body_##name_(Arena *mem, Store *store);        \
    TEST(name_##_sqlite)                                       \
    {                                                          \
        body_##name_(mem, test_store(mem, false, MODULES, 1)); \
    }                                                          \
    TEST(name_##_postgres)                                     \
    {                                                          \
        body_##name_(mem, test_store(mem, true, MODULES, 1));  \
    }                                                          \
    static void body_##name_(Arena *mem, Store *store)

static Work *add(Store *store, Arena *mem, const char *kind, int64_t due)
{
    Work *w = NEW(mem, Work);

    atomic_store(&runs, 0);
    *w = (Work){.kind = kind, .due = due};
    CHECK_OK(test_write(store, mem, put, w));
    return w;
}

static const Job *see(Store *store, Arena *mem, Work *w)
{
    CHECK_OK(test_read(store, mem, look, w));
    return &w->job;
}

TEST_JOBS(runs_once)
{
    Work *w = add(store, mem, "count", 0);

    CHECK_STR(see(store, mem, w)->state, "waiting");
    CHECK_OK(job_run_due(store, mem));
    CHECK_STR(see(store, mem, w)->state, "done");
    CHECK_STR(w->job.result, "42");
    CHECK_EQ_INT(w->job.done, 4);
    CHECK_EQ_INT(w->job.total, 4);
    CHECK_OK(job_run_due(store, mem));
    CHECK_EQ_INT(atomic_load(&runs), 1);
}

TEST_JOBS(waits_until_due)
{
    store->clock_ms = INT64_C(1900000000000);
    Work *w = add(store, mem, "count", store->clock_ms + 10);

    CHECK_OK(job_run_due(store, mem));
    CHECK_EQ_INT(atomic_load(&runs), 0);
    store->clock_ms += 10;
    CHECK_OK(job_run_due(store, mem));
    CHECK_STR(see(store, mem, w)->state, "done");
}

TEST_JOBS(tries_again_with_growing_waits)
{
    store->clock_ms = INT64_C(1900000000000);
    Work *w = add(store, mem, "count", 0);

    atomic_store(&failures_left, 2);
    CHECK_OK(job_run_due(store, mem));
    CHECK_STR(see(store, mem, w)->state, "waiting");
    CHECK_EQ_INT(w->job.due - store->clock_ms, 5000);
    CHECK(str_find(w->job.error, S("not now")) > 0);
    store->clock_ms += 5000;
    CHECK_OK(job_run_due(store, mem));
    CHECK_EQ_INT(see(store, mem, w)->due - store->clock_ms, 20000);
    store->clock_ms += 20000;
    CHECK_OK(job_run_due(store, mem));
    CHECK_STR(see(store, mem, w)->state, "done");
    CHECK_EQ_INT(atomic_load(&runs), 3);
    CHECK_EQ_INT(w->job.error.n, 0);
}

TEST_JOBS(gives_up)
{
    store->clock_ms = INT64_C(1900000000000);
    Work *w = add(store, mem, "count", 0);

    atomic_store(&failures_left, 100);
    for (int i = 0; i < 10; i++) {
        CHECK_OK(job_run_due(store, mem));
        store->clock_ms += 3600000;
    }
    atomic_store(&failures_left, 0);
    CHECK_EQ_INT(atomic_load(&runs), 5);
    CHECK_STR(see(store, mem, w)->state, "failed");
    w = add(store, mem, "refuse", 0);
    CHECK_OK(job_run_due(store, mem));
    CHECK_STR(see(store, mem, w)->state, "failed");
    CHECK_EQ_INT(atomic_load(&runs), 1);
    w = add(store, mem, "nothing", 0);
    CHECK_OK(job_run_due(store, mem));
    CHECK_STR(see(store, mem, w)->state, "failed");
}

static Err *crash(Ctx *cx, void *arg)
{
    Val binds[] = {val_int(((Work *)arg)->id), val_int(cx->now + 60000)};

    return db_exec(cx->mem, cx->db,
                   S("UPDATE job SET state = 'running', attempts = 1, lease = ?2 WHERE id = ?1"), binds, 2,
                   NULL);
}

TEST_JOBS(lease_of_a_dead_runner_ends)
{
    store->clock_ms = INT64_C(1900000000000);
    Work *w = add(store, mem, "count", 0);

    CHECK_OK(test_write(store, mem, crash, w));
    CHECK_OK(job_run_due(store, mem));
    CHECK_EQ_INT(atomic_load(&runs), 0);
    store->clock_ms += 60001;
    CHECK_OK(job_run_due(store, mem));
    CHECK_EQ_INT(atomic_load(&runs), 1);
    CHECK_STR(see(store, mem, w)->state, "done");
    CHECK_EQ_INT(w->job.attempts, 2);
}

TEST_JOBS(runner_thread)
{
    JobRunner *runner = NULL;

    CHECK_OK(job_runner_start(store, &runner));
    Work *w = add(store, mem, "count", 0);

    job_runner_wake(runner);
    for (int i = 0; i < 200 && !str_eq(see(store, mem, w)->state, S("done")); i++) usleep(20000);
    CHECK_STR(see(store, mem, w)->state, "done");
    job_runner_stop(runner);
    CHECK_EQ_INT(atomic_load(&runs), 1);
}

static Err *look_as_other(Ctx *cx, void *arg)
{
    Actor *other = NEW(cx->mem, Actor);

    other->user = 77;
    cx->actor = other;
    return look(cx, arg);
}

TEST_JOBS(others_do_not_see_it)
{
    Work *w = add(store, mem, "count", 0);

    CHECK_ERR(test_read(store, mem, look_as_other, w), ERR_NOT_FOUND);
    w->id = 1;
    CHECK_ERR(test_read(store, mem, look, w), ERR_NOT_FOUND);
}
