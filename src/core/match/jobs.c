/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Long work on duplicates: the scan of an object, and merging all groups that are sure enough. */

#include "core/job.h"
#include "core/match/match_impl.h"
#include "core/match/merge.h"
#include "core/session.h"

static const Object *object_of(Store *store, const Val *arg)
{
    const Val *name = val_get(arg, S("object"));
    const Object *obj = name && name->kind == VAL_TEXT ? meta_object(store->meta, val_str(*name)) : NULL;

    return obj && features_wanted(obj) ? obj : NULL;
}

/* --- scan ------------------------------------------------------------------------------------------------------------ */

typedef struct Told {
    Store *store;
    Arena *mem;
    Id job;
} Told;

static Err *tell(void *arg, int64_t done, int64_t total)
{
    Told *t = arg;

    return job_progress(t->store, t->mem, t->job, done, total);
}

static Err *run_scan(Store *store, Arena *mem, Id job, const Val *arg)
{
    Told told = {store, mem, job};
    DuplicateScan scan = {.store = store,
                          .mem = mem,
                          .obj = object_of(store, arg),
                          .least = DUPLICATE_LEAST,
                          .keeps = true,
                          .progress = tell,
                          .arg = &told};

    if (!scan.obj) FAIL(mem, ERR_INVALID, "error.job.run", "argument of a scan");
    TRY(duplicates_scan(&scan));
    ValPair found = {val_text(S("groups")), val_int((int64_t)scan.n)};
    return job_result(store, mem, job, val_map(&found, 1));
}

/* --- merging in bulk ------------------------------------------------------------------------------------------------- */

typedef struct Bulk {
    Store *store;
    Arena *mem, *tmp; /* of the job; of one group */
    const Object *obj;
    double least;
    Id user;
    size_t refused;
    int64_t merged;
    bool is_end;
} Bulk;

/* The one with most fields filled stays; among equals the oldest. */
static size_t fullest(const DuplicateGroup *g)
{
    size_t best = 0, most = 0;

    for (size_t i = 0; i < g->n; i++) {
        size_t filled = 0;
        for (size_t k = SYS_COUNT; k < g->recs[i]->obj->n_fields; k++)
            filled += !val_is_null(g->recs[i]->vals[k]);
        if (filled > most || (filled == most && g->recs[i]->id < g->recs[best]->id)) best = i;
        if (filled > most) most = filled;
    }
    return best;
}

static Err *begin(Bulk *b, DbConn *c, Ctx *cx)
{
    Actor *actor;

    *cx = ctx_system(b->store, b->tmp, c);
    TRY(actor_of_user(cx, b->user, &actor));
    cx->actor = actor;
    cx->channel = CHANNEL_WEB;
    return NULL;
}

static Err *merge_next(DbConn *c, void *arg)
{
    Bulk *b = arg;
    DuplicateGroup *groups;
    Record *merged;
    size_t n, total;
    Ctx cx;

    TRY(begin(b, c, &cx));
    TRY(duplicates_list(&cx, b->obj, DUPLICATE_OPEN, b->refused, 1, &groups, &n, &total));
    b->is_end = n == 0 || groups[0].score < b->least;
    if (b->is_end) return NULL;
    size_t best = fullest(&groups[0]);
    Merge m = {.obj = b->obj, .into = groups[0].recs[best]->id, .n = groups[0].n - 1};
    Id *ids = NEW_N(b->tmp, Id, groups[0].n);
    for (size_t i = 0, k = 0; i < groups[0].n; i++)
        if (i != best) ids[k++] = groups[0].recs[i]->id;
    m.ids = ids;
    return record_merge(&cx, &m, &merged);
}

/* A group that is refused (a right, a rule of the object) is passed over and counted. */
static Err *merge_one(Bulk *b)
{
    b->tmp = arena_new(0);
    Err *e = job_unit(b->store, b->tmp, merge_next, b);
    bool is_fatal = e && e->code != ERR_INVALID && e->code != ERR_DENIED && e->code != ERR_CONFLICT &&
                    e->code != ERR_LIMIT && e->code != ERR_NOT_FOUND;
    if (is_fatal) e = err_copy(b->mem, e);
    b->merged += !e && !b->is_end;
    b->refused += e && !is_fatal;
    arena_free(b->tmp);
    return is_fatal ? e : NULL;
}

static Err *run_merge(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *user = val_get(arg, S("user")), *least = val_get(arg, S("least"));
    Bulk b = {.store = store, .mem = mem, .obj = object_of(store, arg)};

    if (!b.obj || !user || user->kind != VAL_TEXT || !id_parse(val_str(*user), &b.user) || !least ||
        least->kind != VAL_INT)
        FAIL(mem, ERR_INVALID, "error.job.run", "argument of a merge");
    b.least = (double)least->i / 1000000;
    while (!b.is_end) {
        TRY(merge_one(&b));
        TRY(job_progress(store, mem, job, b.merged, 0));
    }
    ValPair result[] = {{val_text(S("merged")), val_int(b.merged)},
                        {val_text(S("refused")), val_int((int64_t)b.refused)}};
    return job_result(store, mem, job, val_map(result, 2));
}

static const JobKind JOBS[] = {{.name = "duplicates.scan", .run = run_scan},
                               {.name = "duplicates.merge", .run = run_merge}};

const Module mod_match = {.name = "match", .jobs = JOBS, .n_jobs = sizeof JOBS / sizeof *JOBS};
