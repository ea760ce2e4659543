/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Long work on duplicates: the scan of an object, and merging all groups that are sure enough. */

#include "base/limits.h"
#include "core/job.h"
#include "core/match/match_impl.h"
#include "core/match/merge.h"
#include "core/session.h"
#include "core/snapshot.h"

static const Object *object_of(Store *store, Arena *mem, const Val *arg)
{
    const Val *name = val_get(arg, S("object"));
    const Object *obj =
        name && name->kind == VAL_TEXT ? meta_object(meta_now(store, mem), val_str(*name)) : NULL;

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
                          .obj = object_of(store, mem, arg),
                          .least = DUPLICATE_LEAST,
                          .keeps = true,
                          .progress = tell,
                          .arg = &told};

    if (!scan.obj) FAIL(mem, ERR_INVALID, "error.job.run", "argument of a scan");
    TRY(duplicates_scan(&scan));
    ValPair found = {val_text(S("groups")), val_int((int64_t)scan.n)};
    return job_result(store, mem, job, val_map(&found, 1));
}

/* --- merging ---------------------------------------------------------------------------------------------------------- */

#define MOVED 200 /* children a unit */

/* One merge in as many units as its children need. */
typedef struct Whole {
    Store *store;
    Arena *tmp; /* of the unit */
    Merge m;
    Id user, batch;
    size_t moved;
    bool is_done; /* by an earlier run of the job */
} Whole;

static Err *begin(Store *store, Arena *mem, DbConn *c, Id user, Ctx *cx)
{
    Actor *actor;

    *cx = ctx_system(store, mem, c);
    TRY(actor_of_user(cx, user, &actor));
    cx->actor = actor;
    cx->channel = CHANNEL_WEB;
    return NULL;
}

static Err *look_whether_done(DbConn *c, void *arg)
{
    Whole *w = arg;
    Val bind = val_int(w->batch), n;

    TRY(db_one(w->tmp, c, S("SELECT count(*) FROM duplicate WHERE batch = ?1"), &bind, 1, &n));
    w->is_done = n.i > 0;
    return NULL;
}

static Err *move_some(DbConn *c, void *arg)
{
    Whole *w = arg;
    Ctx cx;

    TRY(begin(w->store, w->tmp, c, w->user, &cx));
    cx.batch = w->batch;
    TRY(merge_check(&cx, &w->m));
    return merge_move(&cx, &w->m, MOVED, &w->moved);
}

static Err *merge_rest(DbConn *c, void *arg)
{
    Whole *w = arg;
    Record *merged;
    Ctx cx;

    TRY(begin(w->store, w->tmp, c, w->user, &cx));
    cx.batch = w->batch;
    return record_merge(&cx, &w->m, &merged);
}

static Err *in_unit(Whole *w, Arena *mem, DbWork work)
{
    w->tmp = arena_new(LIMIT_REQUEST_MEM);
    Err *e = job_unit(w->store, w->tmp, work, w);
    if (e) e = err_copy(mem, e);
    arena_free(w->tmp);
    return e;
}

/* `job` is told of the children that have moved; 0 none. */
static Err *merge_whole(Whole *w, Arena *mem, Id job)
{
    int64_t moved = 0;

    TRY(in_unit(w, mem, look_whether_done));
    if (w->is_done) return NULL;
    do {
        TRY(in_unit(w, mem, move_some));
        moved += (int64_t)w->moved;
        if (job) TRY(job_progress(w->store, mem, job, moved, 0));
    } while (w->moved == MOVED);
    return in_unit(w, mem, merge_rest);
}

static Id id_in(const Val *v)
{
    Id id = 0;

    return v && v->kind == VAL_TEXT && id_parse(val_str(*v), &id) ? id : 0;
}

static void read_merge(Arena *mem, const Val *arg, Merge *m)
{
    const Val *ids = val_get(arg, S("ids")), *choose = val_get(arg, S("choose"));
    Id *list = NEW_N(mem, Id, ids ? ids->n : 0);
    MergeChoice *choices = NEW_N(mem, MergeChoice, choose ? choose->n : 0);

    m->into = id_in(val_get(arg, S("into")));
    for (uint32_t i = 0; ids && i < ids->n; i++) list[m->n++] = id_in(&ids->list[i]);
    for (uint32_t i = 0; choose && i < choose->n; i++) {
        const Field *f = object_field(m->obj, val_str(choose->map[i].key));
        if (f) choices[m->n_choices++] = (MergeChoice){f, id_in(&choose->map[i].val)};
    }
    m->ids = list;
    m->choices = choices;
}

static Err *run_merge_one(Store *store, Arena *mem, Id job, const Val *arg)
{
    Whole w = {.store = store, .m = {.obj = object_of(store, mem, arg)}};

    w.user = id_in(val_get(arg, S("user")));
    w.batch = id_in(val_get(arg, S("batch")));
    if (!w.m.obj || !w.user || !w.batch) FAIL(mem, ERR_INVALID, "error.job.run", "argument of a merge");
    read_merge(mem, arg, &w.m);
    TRY(merge_whole(&w, mem, job));
    ValPair merged = {val_text(S("record")), val_id(w.m.into)};
    return job_result(store, mem, job, val_map(&merged, 1));
}

Err *merge_queue(Ctx *cx, const Merge *m, Id batch, Id *job)
{
    Val ids = val_list(NEW_N(cx->mem, Val, m->n), (uint32_t)m->n);
    Val choose = val_map(NEW_N(cx->mem, ValPair, m->n_choices), (uint32_t)m->n_choices);

    for (size_t i = 0; i < m->n; i++) ids.list[i] = val_id(m->ids[i]);
    for (size_t i = 0; i < m->n_choices; i++)
        choose.map[i] = (ValPair){val_text(m->choices[i].field->name), val_id(m->choices[i].from)};
    ValPair pairs[] = {{val_text(S("object")), val_text(m->obj->name)},
                       {val_text(S("into")), val_id(m->into)},
                       {val_text(S("ids")), ids},
                       {val_text(S("choose")), choose},
                       {val_text(S("user")), val_id(cx->actor->user)},
                       {val_text(S("batch")), val_id(batch)}};
    return job_add(cx, S("duplicates.merge_one"), val_map(pairs, sizeof pairs / sizeof *pairs), cx->now, job);
}

/* --- merging in bulk ------------------------------------------------------------------------------------------------- */

typedef struct Bulk {
    Store *store;
    Arena *tmp; /* of one group */
    const Object *obj;
    double least;
    Id user;
    size_t refused; /* groups to pass over */
    int64_t merged;
    Merge next;
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

static Err *find_next(DbConn *c, void *arg)
{
    Bulk *b = arg;
    DuplicateGroup *groups;
    size_t n, total;
    Ctx cx;

    TRY(begin(b->store, b->tmp, c, b->user, &cx));
    TRY(duplicates_list(&cx, b->obj, DUPLICATE_OPEN, b->refused, 1, &groups, &n, &total));
    b->is_end = n == 0 || groups[0].score < b->least;
    if (b->is_end) return NULL;
    size_t best = fullest(&groups[0]);
    Id *ids = NEW_N(b->tmp, Id, groups[0].n);
    b->next = (Merge){.obj = b->obj, .into = groups[0].recs[best]->id, .ids = ids};
    for (size_t i = 0; i < groups[0].n; i++)
        if (i != best) ids[b->next.n++] = groups[0].recs[i]->id;
    return NULL;
}

static bool is_refusal(const Err *e)
{
    return e->code == ERR_INVALID || e->code == ERR_DENIED || e->code == ERR_CONFLICT ||
           e->code == ERR_LIMIT || e->code == ERR_NOT_FOUND;
}

/* A group that is refused (a right, a rule of the object) is passed over and counted. */
static Err *merge_next(Bulk *b, Arena *mem)
{
    b->tmp = arena_new(0);
    Err *e = job_read(b->store, b->tmp, find_next, b);
    if (!e && !b->is_end) {
        Whole w = {.store = b->store, .m = b->next, .user = b->user, .batch = id_new(store_now(b->store))};
        e = merge_whole(&w, b->tmp, 0);
        b->merged += !e;
    }
    bool is_passed = e && is_refusal(e);
    b->refused += is_passed;
    if (e) e = err_copy(mem, e);
    arena_free(b->tmp);
    return is_passed ? NULL : e;
}

static Err *run_merge(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *least = val_get(arg, S("least"));
    Bulk b = {.store = store, .obj = object_of(store, mem, arg), .user = id_in(val_get(arg, S("user")))};

    if (!b.obj || !b.user || !least || least->kind != VAL_INT)
        FAIL(mem, ERR_INVALID, "error.job.run", "argument of a merge");
    b.least = (double)least->i / 1000000;
    while (!b.is_end) {
        TRY(merge_next(&b, mem));
        TRY(job_progress(store, mem, job, b.merged, 0));
    }
    ValPair result[] = {{val_text(S("merged")), val_int(b.merged)},
                        {val_text(S("refused")), val_int((int64_t)b.refused)}};
    return job_result(store, mem, job, val_map(result, 2));
}

static const JobKind JOBS[] = {{.name = "duplicates.scan", .run = run_scan},
                               {.name = "duplicates.merge_one", .run = run_merge_one},
                               {.name = "duplicates.merge", .run = run_merge}};

const Module mod_match = {.name = "match", .jobs = JOBS, .n_jobs = sizeof JOBS / sizeof *JOBS};
