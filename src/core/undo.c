/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking back a batch.  A record is put back only when nothing has changed it since; what is skipped is named.  The undo is a batch of its own, so that it can be undone in turn. */
#include "core/change.h"
#include "core/read.h"
#include "core/store.h"
#include "core/value.h"

#include <string.h>

typedef struct Step {
    Id record;
    const Object *obj;
    int64_t version, last; /* before the first change of the batch, after its last */
    ChangeKind first;
    bool is_done;      /* or skipped */
    Record *rec;       /* the record as it is now */
    uint8_t *is_set;   /* fields to put back */
    Val *vals, *after; /* what they held before and after the batch */
} Step;

typedef struct Undo {
    Ctx *cx;
    UndoResult *out;
    VEC(Step) steps;
    VEC(Skipped) skipped;
} Undo;

static Step *step_of(Undo *u, const Object *obj, Id record)
{
    for (size_t i = 0; i < u->steps.n; i++)
        if (u->steps.p[i].record == record) return &u->steps.p[i];
    Step *step = vec_push(u->cx->mem, &u->steps);
    step->record = record;
    step->obj = obj;
    step->is_set = NEW_N(u->cx->mem, uint8_t, obj->n_fields);
    step->vals = NEW_N(u->cx->mem, Val, obj->n_fields);
    step->after = NEW_N(u->cx->mem, Val, obj->n_fields);
    return step;
}

static const Field *logged_field(const Object *obj, Val entry)
{
    for (size_t i = 0; i < obj->n_fields; i++)
        if (str_eq(obj->fields[i].column, val_str(entry.list[0]))) return &obj->fields[i];
    return NULL;
}

/* Newest first: the value that stays is the oldest `before`. */
static Err *note_row(Undo *u, const DbRows *rows)
{
    int64_t number = db_i64(rows, 0);
    const Object *obj = number > 0 && number < 1024 ? u->cx->meta->by_number[number] : NULL;
    Val body;

    if (!obj) return NULL;
    Step *step = step_of(u, obj, db_i64(rows, 1));
    if (!step->last) step->last = db_i64(rows, 2);
    step->first = (ChangeKind)db_i64(rows, 3);
    TRY(json_parse(u->cx->mem, db_str(rows, 4), &body));
    for (uint32_t i = 0; i < body.n; i++) {
        const Field *f = logged_field(obj, body.list[i]);
        if (!f || body.list[i].n < 3) continue;
        if (!step->is_set[f->index])
            step->after[f->index] = value_from_log(u->cx->mem, f, body.list[i].list[2]);
        step->vals[f->index] = value_from_log(u->cx->mem, f, body.list[i].list[1]);
        step->is_set[f->index] = 1;
    }
    return NULL;
}

static Err *read_steps(Undo *u, Id batch)
{
    Val bind = val_int(batch);
    DbRows *rows;
    bool has;

    TRY(db_query(u->cx->mem, u->cx->db,
                 S("SELECT object, record, version, kind, body FROM change WHERE batch = ?1 AND derived = 0 "
                   "ORDER BY epoch DESC, tx DESC, seq DESC"),
                 &bind, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        TRY(note_row(u, rows));
    }
}

static void skip(Undo *u, const Step *step, const char *reason)
{
    Skipped *s = vec_push(u->cx->mem, &u->skipped);

    s->obj = step->obj;
    s->id = step->record;
    s->reason = str_c(reason);
    if (step->rec) s->label = record_text(u->cx->mem, step->rec);
}

static Err *put_back(Undo *u, Step *step)
{
    Record *rec = record_new(u->cx->mem, step->obj);

    rec->id = step->record;
    for (size_t i = SYS_OWNER; i < step->obj->n_fields; i++) {
        if (!step->is_set[i] || step->obj->fields[i].is_computed || i == SYS_DELETED_AT) continue;
        rec->vals[i] = step->vals[i];
        rec->is_set[i] = 1;
    }
    return record_update(u->cx, rec, NULL);
}

typedef struct Attempt {
    Undo *u;
    Step *step;
} Attempt;

/* 0: was deleted and comes back; 1: values; 2: was made or restored and goes. */
static int phase_of(const Step *step)
{
    bool was_deleted = step->is_set[SYS_DELETED_AT] && val_is_null(step->vals[SYS_DELETED_AT]);
    bool was_live = step->is_set[SYS_DELETED_AT] && !was_deleted;

    if (step->first == CHANGE_CREATE || was_live) return 2;
    return was_deleted ? 0 : 1;
}

static Err *undo_step(DbConn *c, void *arg)
{
    Attempt *a = arg;
    Undo *u = a->u;
    Step *step = a->step;
    Record *now;

    (void)c;
    if (phase_of(step) == 0) TRY(record_restore(u->cx, step->obj, step->record));
    if (phase_of(step) < 2) return put_back(u, step);
    Err *e = record_get(u->cx, step->obj, step->record, 0, &now);
    if (e && e->code == ERR_NOT_FOUND) return NULL; /* it went along with another */
    if (e) return e;
    if (step->first != CHANGE_CREATE) TRY(put_back(u, step));
    return record_delete(u->cx, step->obj, step->record, NULL);
}

/* Changed since, but only by what has been taken back again: the record stands as the batch left it. */
static Err *stands_again(Undo *u, const Step *step, bool *out)
{
    Val binds[] = {val_int(step->record), val_int(step->last)}, n;

    *out = false;
    for (size_t i = SYS_OWNER; i < step->obj->n_fields; i++) {
        Val now = step->rec->vals[i], then = step->after[i];
        bool is_same = i == SYS_DELETED_AT ? val_is_null(now) == val_is_null(then) : val_same(now, then);
        if (step->is_set[i] && !is_same) return NULL;
    }
    TRY(db_one(u->cx->mem, u->cx->db,
               S("SELECT count(*) FROM change c JOIN batch b ON b.id = c.batch WHERE c.record = ?1 AND "
                 "c.version > ?2 AND c.derived = 0 AND b.undone_by IS NULL AND b.undo_of IS NULL"),
               binds, 2, &n));
    *out = n.i == 0;
    return NULL;
}

/* Looks at the record before anything is undone: what this undo changes along the way is not somebody else's change. */
static Err *look(Undo *u, Step *step)
{
    Err *e = record_get(u->cx, step->obj, step->record, READ_DELETED, &step->rec);
    if (e && e->code != ERR_NOT_FOUND) return e;
    bool is_same = !e && step->rec->version == step->last;

    if (!e && !is_same) TRY(stands_again(u, step, &is_same));
    if (is_same) return NULL;
    step->is_done = true;
    skip(u, step, e ? "undo.gone" : "undo.changed");
    return NULL;
}

/* A step refused for a reason of the data may be tried again when others are done; what it did is rolled back. */
static Err *try_step(Undo *u, Step *step)
{
    Attempt attempt = {u, step};

    u->cx->pending =
        NULL; /* each step brings its roll-ups up to date itself, inside what may be rolled back */
    Err *e = db_attempt(u->cx->mem, u->cx->db, undo_step, &attempt);
    if (!e) {
        step->is_done = true;
        u->out->undone++;
        return NULL;
    }
    if (e->code == ERR_INTERNAL || e->code == ERR_UNAVAILABLE || e->code == ERR_LIMIT ||
        str_eq(e->key, S("error.db.serialization")))
        return e;
    u->cx->pending = NULL;
    return NULL;
}

/* What was deleted comes back first, what was made goes last: a value put back may refer to the one and no longer to the
   other.  Within each, newest first; what is refused is tried again as long as others get done. */
static Err *take_steps(Undo *u)
{
    for (int64_t before = -1; before != u->out->undone;) {
        before = u->out->undone;
        for (int phase = 0; phase < 3; phase++)
            for (size_t i = 0; i < u->steps.n; i++)
                if (!u->steps.p[i].is_done && phase_of(&u->steps.p[i]) == phase)
                    TRY(try_step(u, &u->steps.p[i]));
    }
    for (size_t i = 0; i < u->steps.n; i++)
        if (!u->steps.p[i].is_done) skip(u, &u->steps.p[i], "undo.refused");
    return NULL;
}

static Err *may_undo(Ctx *cx, Id batch)
{
    Val bind = val_int(batch);
    DbRows *rows;
    bool has;

    TRY(db_query(cx->mem, cx->db, S("SELECT actor, undone_by FROM batch WHERE id = ?1"), &bind, 1, &rows));
    TRY(db_next(rows, &has));
    bool is_his = has && (cx->actor->is_system || cx->actor->rights->is_administrator ||
                          db_i64(rows, 0) == cx->actor->user);
    bool is_undone = has && db_i64(rows, 1) != 0;
    if (has) TRY(db_next(rows, &has));
    if (!is_his) FAIL(cx->mem, ERR_NOT_FOUND, "error.batch.none", "no such batch");
    if (is_undone) FAIL(cx->mem, ERR_CONFLICT, "error.batch.undone", "already undone");
    return NULL;
}

Err *batch_undo(Ctx *cx, Id batch, UndoResult *out)
{
    Undo u = {.cx = cx, .out = out};

    *out = (UndoResult){0};
    TRY(may_undo(cx, batch));
    TRY(read_steps(&u, batch));
    cx->batch = id_new(cx->now);
    cx->has_batch_row = false;
    cx->channel = CHANNEL_UNDO;
    cx->is_quiet = true;
    cx->may_write_readonly = true;
    for (size_t i = 0; i < u.steps.n; i++) TRY(look(&u, &u.steps.p[i]));
    TRY(take_steps(&u));
    out->batch = cx->batch;
    out->skipped = u.skipped.p;
    out->n_skipped = u.skipped.n;
    Val binds[] = {val_int(batch), val_int(cx->batch), val_int(cx->actor->user), val_int(cx->now),
                   val_int(CHANNEL_UNDO)};
    TRY(db_exec(cx->mem, cx->db,
                S("INSERT INTO batch (id, actor, at, channel, undo_of) VALUES (?2, ?3, ?4, ?5, ?1) "
                  "ON CONFLICT (id) DO UPDATE SET undo_of = ?1"),
                binds, 5, NULL));
    return db_exec(cx->mem, cx->db, S("UPDATE batch SET undone_by = ?2 WHERE id = ?1"), binds, 2, NULL);
}

Err *batch_last(Ctx *cx, Id *out)
{
    Val bind = val_int(cx->actor->user), v;

    TRY(db_one(cx->mem, cx->db,
               S("SELECT max(id) FROM batch WHERE actor = ?1 AND undone_by IS NULL AND undo_of IS NULL"),
               &bind, 1, &v));
    *out = v.kind == VAL_INT ? v.i : 0;
    return NULL;
}
