/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long exports as jobs: who asked and what he said is the argument; it is understood again when it runs, under his rights of then. */
#include "core/export/impl.h"

#include "core/job.h"
#include "core/rights.h"
#include "core/session.h"
#include "core/snapshot.h"
#include "core/store.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TELL_MS 500

Val export_job_arg(Ctx *cx, const Object *obj, const Val *in, Id note)
{
    ValPair *pairs = NEW_N(cx->mem, ValPair, 4);

    pairs[0] = (ValPair){val_text(S("user")), val_id(cx->actor->user)};
    pairs[1] = (ValPair){val_text(S("object")), obj ? val_text(obj->name) : val_null()};
    pairs[2] = (ValPair){val_text(S("request")), in ? *in : val_null()};
    pairs[3] = (ValPair){val_text(S("note")), val_id(note)};
    return val_map(pairs, 4);
}

typedef struct Work {
    Store *store;
    Arena *mem;
    const Val *arg;
    Id job, user, note;
    ExportSpec spec;
    bool is_all;
    char *path;
    int64_t rows, told;
    Val result;
} Work;

static Id id_of(const Val *arg, const char *key)
{
    const Val *v = val_get(arg, str_c(key));
    Id id = 0;

    return v && v->kind == VAL_TEXT && id_parse(val_str(*v), &id) ? id : 0;
}

static Err *enter(Work *w, DbConn *db, Ctx *cx)
{
    Actor *actor;

    *cx = ctx_system(w->store, w->mem, db);
    TRY(actor_of_user(cx, w->user, &actor));
    cx->actor = actor;
    return NULL;
}

static Err *understand(DbConn *db, void *arg)
{
    Work *w = arg;
    const Val *object = val_get(w->arg, S("object")), *request = val_get(w->arg, S("request"));
    const Object *obj;
    Ctx cx;

    TRY(enter(w, db, &cx));
    if (w->is_all) {
        bool may = cx.actor->rights && cx.actor->rights->is_administrator;
        if (may) return NULL;
        FAIL(w->mem, ERR_DENIED, "error.denied", "the full export is an administrator's");
    }
    obj =
        object && object->kind == VAL_TEXT ? meta_object(meta_now(w->store, w->mem), val_str(*object)) : NULL;
    if (!obj || !request || request->kind != VAL_MAP)
        FAIL(w->mem, ERR_INVALID, "error.job.run", "argument of an export");
    return export_parse(&cx, obj, request, &w->spec);
}

static int64_t tick(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Progress now and then; an error of it (the process stops) stops the work. */
static Err *tell(void *arg, int64_t done, int64_t total)
{
    Work *w = arg;
    int64_t now = tick();

    if (w->told && now - w->told < TELL_MS) return NULL;
    w->told = now;
    return job_progress(w->store, w->mem, w->job, done, total);
}

static Err *end(DbConn *db, void *arg)
{
    Work *w = arg;
    struct stat st = {0};
    Str name;
    Ctx cx;

    TRY(enter(w, db, &cx));
    (void)stat(w->path, &st);
    name = w->is_all ? export_all_name(w->mem, w->store) : export_file_name(w->mem, &w->spec, cx.now);
    TRY(export_result(&cx, w->is_all ? NULL : &w->spec, w->job, name, st.st_size, w->rows, &w->result));
    return export_note_rows(&cx, w->note, w->rows);
}

static Err *make(Work *w)
{
    ExportJob job = {
        .store = w->store, .user = w->is_all ? 0 : w->user, .spec = w->spec, .check = tell, .arg = w};

    if (w->is_all) return export_all_packed(&job, w->mem, w->path, &w->rows);
    return export_to_file(&job, w->mem, w->path, &w->rows);
}

static Err *run(Store *store, Arena *mem, Id id, const Val *arg, bool is_all)
{
    Work w = {.store = store,
              .mem = mem,
              .arg = arg,
              .job = id,
              .user = id_of(arg, "user"),
              .note = id_of(arg, "note"),
              .is_all = is_all};

    TRY(db_read(store->db, mem, understand, &w));
    TRY(export_path(mem, store, id, &w.path));
    Err *e = make(&w);
    if (!e) e = db_write(store->db, mem, end, &w);
    if (!e) e = export_keep_apart(store, mem, id, w.path);
    if (!e) e = job_result(store, mem, id, w.result);
    if (e) (void)unlink(w.path);
    return e;
}

static Err *run_list(Store *store, Arena *mem, Id id, const Val *arg)
{
    return run(store, mem, id, arg, false);
}

static Err *run_all(Store *store, Arena *mem, Id id, const Val *arg)
{
    return run(store, mem, id, arg, true);
}

static const JobKind JOBS[] = {{.name = "export.list", .run = run_list},
                               {.name = "export.all", .run = run_all}};

const Module mod_export = {.name = "export", .jobs = JOBS, .n_jobs = 2};
