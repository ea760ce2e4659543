/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking an import back, updates included, in units that yield to people.  The number of the new batch is on the record before
   the first unit, so that what was cut off goes on. */
#include "core/change.h"
#include "core/import/impl.h"
#include "core/job.h"
#include "core/session.h"
#include "core/store.h"

#define CHUNK 200

typedef struct Taking {
    const ImportBack *back;
    Arena *mem;
    Id batch, number;
    UndoRun *run;
    UndoPart *part;
    Arena *part_mem;
} Taking;

static Err *begin(Taking *t, Arena *mem, DbConn *c, Ctx *cx)
{
    Actor *actor;

    *cx = ctx_system(t->back->store, mem, c);
    if (!t->back->user) return NULL;
    TRY(actor_of_user(cx, t->back->user, &actor));
    cx->actor = actor;
    return NULL;
}

static Err *mark_begun(DbConn *c, void *arg)
{
    Taking *t = arg;
    Ctx cx;

    TRY(begin(t, t->mem, c, &cx));
    TRY(import_run_batch(&cx, t->back->run, t->back->is_redo, &t->batch, &t->number));
    const RunField fields[] = {
        {"state", val_text(t->back->is_redo ? S("redoing") : S("undoing"))},
        {t->back->is_redo ? "batch" : "undo_batch", val_text(id_text(t->mem, t->number))},
    };
    return import_run_set(&cx, t->back->run, fields, 2);
}

static Err *look(DbConn *c, void *arg)
{
    Taking *t = arg;
    Ctx cx;

    TRY(begin(t, t->mem, c, &cx));
    return undo_plan(&cx, t->mem, t->batch, t->number, &t->run);
}

static Err *take(DbConn *c, void *arg)
{
    Taking *t = arg;
    Ctx cx;

    arena_free(t->part_mem);
    t->part_mem = arena_new(0);
    TRY(begin(t, t->part_mem, c, &cx));
    return undo_chunk(&cx, t->run, CHUNK, &t->part);
}

static Err *mark_ended(DbConn *c, void *arg)
{
    Taking *t = arg;
    Ctx cx = ctx_system(t->back->store, t->mem, c);
    const RunField field = {"state", val_text(t->back->is_redo ? S("done") : S("undone"))};

    return import_run_set(&cx, t->back->run, &field, 1);
}

static Err *take_all(Taking *t)
{
    int64_t total;

    while (!undo_is_ended(t->run)) {
        Err *e = job_unit(t->back->store, t->mem, take, t);
        if (e) return err_copy(t->mem, e); /* it stands in the memory of the part */
        undo_note(t->run, t->part);
        UndoResult so_far = undo_result(t->run, &total);
        if (t->back->progress)
            TRY(t->back->progress(t->back->arg, so_far.undone + (int64_t)so_far.n_skipped, total));
    }
    return NULL;
}

Err *import_take_back(const ImportBack *back, Arena *mem, UndoResult *out)
{
    Taking t = {.back = back, .mem = mem};

    TRY(job_unit(back->store, mem, mark_begun, &t));
    TRY(job_read(back->store, mem, look, &t));
    Err *e = take_all(&t);
    arena_free(t.part_mem);
    if (e) return e;
    *out = undo_result(t.run, NULL);
    return job_unit(back->store, mem, mark_ended, &t);
}
