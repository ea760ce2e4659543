/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* Durable work: a row with a due time, a lease and a retry rule; at least once, safe to run twice. */

typedef struct Job {
    Id id, owner;
    Str kind, state; /* waiting running done failed */
    Val arg;
    int64_t due, done, total, attempts;
    Str error, result; /* result: JSON */
} Job;

MUST_CHECK Err *job_add(Ctx *cx, Str kind, Val arg, int64_t due_ms, Id *out);
/** The same, unless one like it waits for that moment already. */
MUST_CHECK Err *job_add_once(Ctx *cx, Str kind, Val arg, int64_t due_ms);
/** A job that has been done within this unit already: a caller is answered the same as by one that takes longer. */
MUST_CHECK Err *job_add_done(Ctx *cx, Id id, Str kind, Val arg, int64_t total, Val result);
/** NOT_FOUND{error.job.none} also for another's job, unless the actor is the system or an administrator. */
MUST_CHECK Err *job_get(Ctx *cx, Id id, Job *out);
/** Progress of a running job, in a unit of its own; also extends the lease (two minutes), so a long job calls it at
    least every minute.  UNAVAILABLE{error.job.stopping} when the process is stopping: the job returns it and is run
    again later. */
MUST_CHECK Err *job_progress(Store *store, Arena *mem, Id id, int64_t done, int64_t total);
/** Keeps what the job gives back, as JSON. */
MUST_CHECK Err *job_result(Store *store, Arena *mem, Id id, Val result);

/** Runs `work` of a job as one unit that yields to people, waits until it is durable and tells the live feed. */
MUST_CHECK Err *job_unit(Store *store, Arena *mem, DbWork work, void *arg);
/** The same for a read. */
MUST_CHECK Err *job_read(Store *store, Arena *mem, DbWork work, void *arg);

typedef struct JobAside JobAside;
/** Begins a read of a job beside whoever asks; until its end nobody else uses `mem`. */
JobAside *job_aside(Store *store, Arena *mem, DbWork work, void *arg);
/** Waits for its end, once. */
MUST_CHECK Err *job_aside_end(JobAside *a);

/** The kinds of work core itself knows; every store has them. */
extern const Module core_jobs;
/** Outgoing jobs run again after a restore; `*were_paused` tells whether they did not. */
MUST_CHECK Err *jobs_resume(Ctx *cx, bool *were_paused);
/** When they were paused, ms; 0 when they run.  Whatever reaches the outside without a job asks this first. */
MUST_CHECK Err *jobs_paused_at(Ctx *cx, int64_t *out);

/* Runs due jobs on its own thread until stopped. */
typedef struct JobRunner JobRunner;
MUST_CHECK Err *job_runner_start(Store *store, JobRunner **out);
void job_runner_stop(JobRunner *runner);
/** Looks for work at once: called after a commit that added a job. */
void job_runner_wake(JobRunner *runner);
/** Runs everything due now on this thread: tests and command line. */
MUST_CHECK Err *job_run_due(Store *store, Arena *mem);
