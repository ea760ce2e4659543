/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Undoing a batch in many units: all of it comes back but what was changed since, a unit may be replayed, and after a
   crash the same undo goes on.  What one unit undoes is watched by replay_prop_test. */
#include "core/change.h"
#include "core/test_store.h"

#define RECORDS 60
#define CHUNK   7

typedef struct World {
    Store *store;
    Id batch, undo;
    Id ids[RECORDS];
    UndoRun *run;
    UndoPart *part;
    Arena *mem;
    int64_t deals; /* open ones of the first account */
} World;

static Record *make(Ctx *cx, const char *object)
{
    return record_new(cx->mem, meta_object(cx->meta, str_c(object)));
}

static Err *first_stage(Ctx *cx, Val *out)
{
    TRY(db_one(cx->mem, cx->db, S("SELECT min(id) FROM stage"), NULL, 0, out));
    *out = val_ref(meta_object(cx->meta, S("stage"))->number, out->i);
    return NULL;
}

/* Half accounts; half deals, all of the first of them. */
static Err *create_all(Ctx *cx, void *arg)
{
    World *w = arg;
    Val stage;

    TRY(first_stage(cx, &stage));
    for (size_t i = 0; i < RECORDS; i++) {
        Record *rec = make(cx, i < RECORDS / 2 ? "account" : "deal");
        record_set(rec, "name", val_text(str_fmt(cx->mem, "Number %zu", i)));
        if (i >= RECORDS / 2) record_set(rec, "stage", stage);
        if (i >= RECORDS / 2)
            record_set(rec, "account", val_ref(meta_object(cx->meta, S("account"))->number, w->ids[0]));
        TRY(record_create(cx, rec, NULL));
        w->ids[i] = rec->id;
    }
    w->batch = cx->batch;
    return NULL;
}

static Err *rename_one(Ctx *cx, void *arg)
{
    World *w = arg;
    Record *rec = make(cx, "account");

    rec->id = w->ids[3];
    record_set(rec, "name", val_text(S("Another name")));
    return record_update(cx, rec, NULL);
}

static Err *plan(Ctx *cx, void *arg)
{
    World *w = arg;

    return undo_plan(cx, w->mem, w->batch, w->undo, &w->run);
}

static Err *chunk(Ctx *cx, void *arg)
{
    World *w = arg;

    return undo_chunk(cx, w->run, CHUNK, &w->part);
}

static Err *fail_after(Ctx *cx, void *arg)
{
    TRY(chunk(cx, arg));
    FAIL(cx->mem, ERR_INVALID, "error.required", "after all was done");
}

static Err *count_deals(Ctx *cx, void *arg)
{
    World *w = arg;
    Record *rec;

    TRY(record_get(cx, meta_object(cx->meta, S("account")), w->ids[0], READ_DELETED, &rec));
    w->deals = record_get_val(rec, "open_deals").i;
    return NULL;
}

static unsigned run_to_end(World *w, unsigned stop)
{
    unsigned units = 0;

    while (!undo_is_ended(w->run) && units < stop) {
        if (!CHECK(!test_write(w->store, w->mem, chunk, w))) break;
        undo_note(w->run, w->part);
        units++;
    }
    return units;
}

TEST_STORE(a_batch_is_undone_in_units)
{
    World w = {.store = store, .mem = mem};
    int64_t total = 0;

    CHECK_OK(test_write(w.store, mem, create_all, &w));
    CHECK_OK(test_write(w.store, mem, rename_one, &w));
    CHECK_OK(test_read(w.store, mem, plan, &w));
    w.undo = undo_result(w.run, &total).batch;
    CHECK_EQ_INT(total, RECORDS);
    CHECK_ERR(test_write(w.store, mem, fail_after, &w), ERR_INVALID);
    run_to_end(&w, 2);
    CHECK_OK(test_read(w.store, mem, plan, &w)); /* as after a crash */
    CHECK_EQ_INT(undo_result(w.run, NULL).undone, 2 * CHUNK);
    CHECK_OK(test_read(w.store, mem, count_deals, &w));
    CHECK_EQ_INT(w.deals, RECORDS / 2 - 2 * CHUNK); /* newest first */
    CHECK(run_to_end(&w, 1000) >= (RECORDS - 2 * CHUNK) / CHUNK);
    UndoResult out = undo_result(w.run, NULL);
    CHECK_EQ_INT(out.undone, RECORDS - 1);
    if (CHECK_EQ_INT(out.n_skipped, 1)) CHECK(out.skipped[0].id == w.ids[3]);
    CHECK_OK(test_read(w.store, mem, count_deals, &w));
    CHECK_EQ_INT(w.deals, 0);
    w.undo = 0;
    CHECK_ERR(test_read(w.store, mem, plan, &w), ERR_CONFLICT);
}
