/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking back a batch.  A record is put back only when nothing has changed it since; what is skipped is named.  The undo is a
   batch of its own, so that it can be undone in turn.  A plan holds a few words for each record, decided before anything is
   undone: what the undo changes along the way is not somebody else's change.  What the records held is read chunk by chunk,
   so that a batch of a hundred thousand rows goes in many units. */
#include "core/change.h"
#include "core/read.h"
#include "core/store.h"
#include "core/value.h"
#include "core/write.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 500 /* records looked at together */

/* What was deleted comes back first, what was made goes last: a value put back may refer to the one and no longer to the
   other. */
typedef enum Phase { COMES_BACK, IS_PUT_BACK, GOES, PHASES } Phase;

typedef struct Step {
    Id record;
    const Object *obj;
    int64_t last; /* version after the last change of the batch */
    ChangeKind first;
    Phase phase;
    bool is_done; /* or skipped */
} Step;

/* Where the next chunk begins: rounds over the steps in order of phases, as long as a round gets something done. */
typedef struct Place {
    size_t at;
    int phase;
    int64_t undone; /* when the round began */
} Place;

struct UndoRun {
    Arena *mem;
    Id batch;
    VEC(Step) steps; /* newest first */
    VEC(Skipped) skipped;
    UndoResult out;
    Place place;
    bool is_ended;
};

struct UndoPart {
    size_t *done; /* steps */
    size_t n;
    Place next;
    bool is_last;
    VEC(Skipped) skipped;
};

/* What a record held before and after the batch, in the fields it changed. */
typedef struct Trace {
    Id record;
    const Object *obj;
    uint8_t *is_set;
    Val *before, *after;
} Trace;

typedef struct Traces {
    Trace *p; /* in order of records */
    size_t n;
} Traces;

/* --- what the batch did ---------------------------------------------------------------------------------------------- */

static int by_record(const void *a, const void *b)
{
    const Trace *x = a, *y = b;

    return (x->record > y->record) - (x->record < y->record);
}

static Trace *trace_of(const Traces *traces, Id record)
{
    Trace key = {.record = record};

    return bsearch(&key, traces->p, traces->n, sizeof key, by_record);
}

static const Field *logged_field(const Object *obj, Val entry)
{
    for (size_t i = 0; i < obj->n_fields; i++)
        if (str_eq(obj->fields[i].column, val_str(entry.list[0]))) return &obj->fields[i];
    return NULL;
}

/* Newest first: the value that stays is the oldest `before`. */
static Err *trace_row(Ctx *cx, Trace *trace, Str text)
{
    Val body;

    TRY(json_parse(cx->mem, text, &body));
    for (uint32_t i = 0; i < body.n; i++) {
        const Field *f = logged_field(trace->obj, body.list[i]);
        if (!f || body.list[i].n < 3) continue;
        if (!trace->is_set[f->index])
            trace->after[f->index] = value_from_log(cx->mem, f, body.list[i].list[2]);
        trace->before[f->index] = value_from_log(cx->mem, f, body.list[i].list[1]);
        trace->is_set[f->index] = 1;
    }
    return NULL;
}

static Traces traces_new(Arena *mem, const Step *steps, const size_t *which, size_t n)
{
    Traces traces = {NEW_N(mem, Trace, n), n};

    for (size_t i = 0; i < n; i++) {
        const Step *step = &steps[which[i]];
        size_t fields = step->obj->n_fields;
        traces.p[i] = (Trace){step->record, step->obj, NEW_N(mem, uint8_t, fields), NEW_N(mem, Val, fields),
                              NEW_N(mem, Val, fields)};
    }
    if (n) qsort(traces.p, n, sizeof *traces.p, by_record);
    return traces;
}

/* Traces of at most CHUNK of the steps. */
static Err *traces_load(Ctx *cx, Id batch, Traces *traces)
{
    Sql q = sql_new(cx->mem);
    Id *ids = NEW_N(cx->mem, Id, traces->n);
    DbRows *rows;
    bool has;

    for (size_t i = 0; i < traces->n; i++) ids[i] = traces->p[i].record;
    sql_text(&q, "SELECT record, body FROM change WHERE record");
    sql_ids(&q, ids, traces->n);
    sql_text(&q, " AND batch = ");
    sql_bind(&q, val_int(batch));
    sql_text(&q, " AND derived = 0 ORDER BY epoch DESC, tx DESC, seq DESC");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        TRY(trace_row(cx, trace_of(traces, db_i64(rows, 0)), db_str(rows, 1)));
    }
}

/* Every change raises the version, so that the first is the least; newest first. */
static Err *read_steps(Ctx *cx, UndoRun *run)
{
    Val bind = val_int(run->batch);
    DbRows *rows;
    bool has;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT object, record, max(version), min(version * 10 + kind), "
          "min(CASE WHEN kind > 2 THEN version * 10 + kind END) FROM change WHERE batch = ?1 AND derived = 0 "
          "GROUP BY object, record ORDER BY max(tx) DESC, max(seq) DESC, record DESC"),
        &bind, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        int64_t number = db_i64(rows, 0), moved = db_i64(rows, 4) % 10;
        const Object *obj = number > 0 && number < 1024 ? cx->meta->by_number[number] : NULL;
        if (!obj) continue;
        Step *step = vec_push(run->mem, &run->steps);
        *step = (Step){db_i64(rows, 1), obj,  db_i64(rows, 2), (ChangeKind)(db_i64(rows, 3) % 10),
                       IS_PUT_BACK,     false};
        if (step->first == CHANGE_CREATE || moved == CHANGE_RESTORE)
            step->phase = GOES;
        else if (moved == CHANGE_DELETE)
            step->phase = COMES_BACK;
    }
}

/* --- what may be taken back ------------------------------------------------------------------------------------------ */

static Err *skip(Ctx *cx, Arena *mem, const Step *step, const char *reason, Skipped *out)
{
    Record *rec;

    *out = (Skipped){.obj = step->obj, .id = step->record, .reason = str_c(reason)};
    Err *e = record_get(cx, step->obj, step->record, READ_DELETED, &rec);
    if (!e) out->label = str_copy(mem, record_text(cx->mem, rec));
    return e && e->code == ERR_NOT_FOUND ? NULL : e;
}

/* Changed since, but only by what has been taken back again: the record stands as the batch left it. */
static Err *stands_again(Ctx *cx, const Step *step, const Trace *trace, bool *out)
{
    Val binds[] = {val_int(step->record), val_int(step->last)}, n;
    Record *rec;

    *out = false;
    TRY(record_get(cx, step->obj, step->record, READ_DELETED, &rec));
    for (size_t i = SYS_OWNER; i < step->obj->n_fields; i++) {
        Val now = rec->vals[i], then = trace->after[i];
        bool is_same = i == SYS_DELETED_AT ? val_is_null(now) == val_is_null(then) : val_same(now, then);
        if (trace->is_set[i] && !is_same) return NULL;
    }
    TRY(db_one(cx->mem, cx->db,
               S("SELECT count(*) FROM change c JOIN batch b ON b.id = c.batch WHERE c.record = ?1 AND "
                 "c.version > ?2 AND c.derived = 0 AND b.undone_by IS NULL AND b.undo_of IS NULL"),
               binds, 2, &n));
    *out = n.i == 0;
    return NULL;
}

static Err *skip_changed(Ctx *cx, UndoRun *run, const size_t *which, size_t n)
{
    Traces traces = traces_new(cx->mem, run->steps.p, which, n);
    bool stands;

    if (n == 0) return NULL;
    TRY(traces_load(cx, run->batch, &traces));
    for (size_t i = 0; i < n; i++) {
        Step *step = &run->steps.p[which[i]];
        TRY(stands_again(cx, step, trace_of(&traces, step->record), &stands));
        if (stands) continue;
        step->is_done = true;
        TRY(skip(cx, run->mem, step, "undo.changed", vec_push(run->mem, &run->skipped)));
    }
    return NULL;
}

/* At most CHUNK steps of one object. */
static Err *look(Ctx *cx, UndoRun *run, const size_t *which, size_t n)
{
    int64_t *versions = NEW_N(cx->mem, int64_t, n);
    size_t *changed = NEW_N(cx->mem, size_t, n), n_changed = 0;
    Id *ids = NEW_N(cx->mem, Id, n);

    for (size_t i = 0; i < n; i++) ids[i] = run->steps.p[which[i]].record;
    TRY(record_versions(cx, run->steps.p[which[0]].obj, ids, n, versions));
    for (size_t i = 0; i < n; i++) {
        Step *step = &run->steps.p[which[i]];
        if (versions[i] == step->last) continue;
        if (versions[i]) {
            changed[n_changed++] = which[i];
            continue;
        }
        step->is_done = true;
        *vec_push(run->mem, &run->skipped) =
            (Skipped){.obj = step->obj, .id = step->record, .reason = S("undo.gone")};
    }
    return skip_changed(cx, run, changed, n_changed);
}

static Err *look_at(Ctx *cx, UndoRun *run, const Object *obj)
{
    size_t which[CHUNK], n = 0;

    for (size_t i = 0; i < run->steps.n; i++) {
        if (run->steps.p[i].obj != obj || run->steps.p[i].is_done) continue;
        which[n++] = i;
        if (n < CHUNK) continue;
        TRY(look(cx, run, which, n));
        n = 0;
    }
    return n ? look(cx, run, which, n) : NULL;
}

static Err *look_at_all(Ctx *cx, UndoRun *run)
{
    for (size_t i = 0; i < cx->meta->n_objects; i++) TRY(look_at(cx, run, cx->meta->objects[i]));
    return NULL;
}

static int by_id(const void *a, const void *b)
{
    const Id *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* An undo that goes on after a crash: what it has taken back already. */
static Err *note_done(Ctx *cx, UndoRun *run)
{
    Val bind = val_int(run->out.batch);
    VEC(Id) ids = {0};
    DbRows *rows;
    bool has;

    TRY(db_query(cx->mem, cx->db,
                 S("SELECT DISTINCT record FROM change WHERE batch = ?1 AND derived = 0 ORDER BY record"),
                 &bind, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &ids) = db_i64(rows, 0);
    }
    for (size_t i = 0; ids.n && i < run->steps.n; i++) {
        Step *step = &run->steps.p[i];
        if (!bsearch(&step->record, ids.p, ids.n, sizeof *ids.p, by_id)) continue;
        step->is_done = true;
        run->out.undone++;
    }
    return NULL;
}

static Err *may_undo(Ctx *cx, Id batch, Id undo)
{
    Val bind = val_int(batch);
    DbRows *rows;
    bool has;

    TRY(db_query(cx->mem, cx->db, S("SELECT actor, undone_by FROM batch WHERE id = ?1"), &bind, 1, &rows));
    TRY(db_next(rows, &has));
    bool is_his = has && (cx->actor->is_system || cx->actor->rights->is_administrator ||
                          db_i64(rows, 0) == cx->actor->user);
    bool is_undone = has && db_i64(rows, 1) != 0 && db_i64(rows, 1) != undo;
    if (has) TRY(db_next(rows, &has));
    if (!is_his) FAIL(cx->mem, ERR_NOT_FOUND, "error.batch.none", "no such batch");
    if (is_undone) FAIL(cx->mem, ERR_CONFLICT, "error.batch.undone", "already undone");
    return NULL;
}

Err *undo_plan(Ctx *cx, Arena *mem, Id batch, Id undo, UndoRun **out)
{
    UndoRun *run = NEW(mem, UndoRun);

    *out = run;
    run->mem = mem;
    run->batch = batch;
    run->out.batch = undo ? undo : id_new(cx->now);
    TRY(may_undo(cx, batch, undo));
    TRY(read_steps(cx, run));
    if (undo) TRY(note_done(cx, run));
    run->place.undone = run->out.undone;
    return look_at_all(cx, run);
}

/* --- taking back ----------------------------------------------------------------------------------------------------- */

typedef struct Attempt {
    Ctx *cx;
    const Step *step;
    const Trace *trace;
    bool is_alone;
} Attempt;

static Err *put_back(Ctx *cx, const Attempt *a)
{
    const Object *obj = a->step->obj;
    Record *rec = record_new(cx->mem, obj);

    rec->id = a->step->record;
    for (size_t i = SYS_OWNER; i < obj->n_fields; i++) {
        if (!a->trace->is_set[i] || obj->fields[i].is_computed || i == SYS_DELETED_AT) continue;
        rec->vals[i] = a->trace->before[i];
        rec->is_set[i] = 1;
    }
    return record_update(cx, rec, NULL);
}

static Err *take_step(DbConn *c, void *arg)
{
    const Attempt *a = arg;
    const Step *step = a->step;
    Record *now;

    (void)c;
    if (step->phase == COMES_BACK) TRY(record_restore(a->cx, step->obj, step->record));
    if (step->phase != GOES) return put_back(a->cx, a);
    Err *e = record_get(a->cx, step->obj, step->record, 0, &now);
    if (e && e->code == ERR_NOT_FOUND) return NULL; /* it went along with another */
    if (e) return e;
    if (step->first != CHANGE_CREATE) TRY(put_back(a->cx, a));
    return record_delete(a->cx, step->obj, step->record, &(WriteOptions){.is_alone = a->is_alone});
}

/* A step refused for a reason of the data may be tried again when others are done; what it did is rolled back. */
static Err *try_step(Attempt *a, bool *is_done)
{
    Ctx *cx = a->cx;
    struct Pending *saved = rollup_save(cx);
    Err *e = db_try(cx->mem, cx->db, take_step, a);

    *is_done = !e;
    if (!e) return NULL;
    cx->pending = saved;
    bool is_grave = e->code == ERR_INTERNAL || e->code == ERR_UNAVAILABLE || e->code == ERR_LIMIT ||
                    str_eq(e->key, S("error.db.serialization"));
    return is_grave ? e : NULL;
}

/* It goes, and nothing is put back into it before: what it held need not be read. */
static bool only_goes(const Step *step)
{
    return step->phase == GOES && step->first == CHANGE_CREATE;
}

/* Which of the steps are about records that nothing refers to, asked for all of an object at once.  Only where every step is a
   plain going: what is put back may refer to any of the others. */
static Err *find_alone(Ctx *cx, const UndoRun *run, const size_t *which, size_t n, uint8_t *is_alone)
{
    uint8_t *is_referred = NEW_N(cx->mem, uint8_t, n), *is_asked = NEW_N(cx->mem, uint8_t, n);
    size_t *of = NEW_N(cx->mem, size_t, n);
    Id *ids = NEW_N(cx->mem, Id, n);

    for (size_t i = 0; i < n; i++)
        if (!only_goes(&run->steps.p[which[i]])) return NULL;
    for (size_t i = 0; i < n; i++) {
        const Object *obj = run->steps.p[which[i]].obj;
        size_t count = 0;
        if (is_asked[i]) continue;
        for (size_t k = i; k < n; k++) {
            if (run->steps.p[which[k]].obj != obj) continue;
            is_asked[k] = 1;
            of[count] = k;
            ids[count++] = run->steps.p[which[k]].record;
        }
        memset(is_referred, 0, count);
        TRY(delete_referred(cx, obj, ids, count, is_referred));
        for (size_t k = 0; k < count; k++) is_alone[of[k]] = !is_referred[k];
    }
    return NULL;
}

/* Traces of those steps that need one. */
static Err *needed_traces(Ctx *cx, const UndoRun *run, const size_t *which, size_t n, Traces *out)
{
    size_t *needed = NEW_N(cx->mem, size_t, n), count = 0;

    for (size_t i = 0; i < n; i++)
        if (!only_goes(&run->steps.p[which[i]])) needed[count++] = which[i];
    *out = traces_new(cx->mem, run->steps.p, needed, count);
    return count ? traces_load(cx, run->batch, out) : NULL;
}

static Err *try_some(Ctx *cx, const UndoRun *run, const size_t *which, size_t n, UndoPart *part)
{
    uint8_t *is_alone = NEW_N(cx->mem, uint8_t, n);
    Traces traces = {0};
    bool is_done;

    TRY(needed_traces(cx, run, which, n, &traces));
    TRY(find_alone(cx, run, which, n, is_alone));
    for (size_t i = 0; i < n; i++) {
        const Step *step = &run->steps.p[which[i]];
        Attempt attempt = {cx, step, only_goes(step) ? NULL : trace_of(&traces, step->record), is_alone[i]};
        TRY(try_step(&attempt, &is_done));
        if (is_done) part->done[part->n++] = which[i];
    }
    return NULL;
}

/* The next steps from `place` on, at most `max`, all of one phase; none when the round is over. */
static size_t next_steps(const UndoRun *run, Place *place, size_t max, size_t *which)
{
    size_t n = 0;

    for (; place->phase < PHASES && n == 0; place->phase += n == 0 || place->at == run->steps.n) {
        if (place->at == run->steps.n) place->at = 0;
        for (; place->at < run->steps.n && n < max; place->at++) {
            const Step *step = &run->steps.p[place->at];
            if (!step->is_done && (int)step->phase == place->phase) which[n++] = place->at;
        }
    }
    return n;
}

/* The number of the new batch, and whose undo it is; the batch is undone from the first chunk on. */
static Err *begin_undo(Ctx *cx, const UndoRun *run)
{
    Val binds[] = {val_int(run->batch), val_int(run->out.batch), val_int(cx->actor->user), val_int(cx->now),
                   val_int(CHANNEL_UNDO)};

    cx->batch = run->out.batch;
    cx->has_batch_row = true;
    cx->channel = CHANNEL_UNDO;
    cx->is_quiet = true;
    cx->may_write_readonly = true;
    TRY(db_exec(cx->mem, cx->db,
                S("INSERT INTO batch (id, actor, at, channel, undo_of) VALUES (?2, ?3, ?4, ?5, ?1) "
                  "ON CONFLICT (id) DO NOTHING"),
                binds, 5, NULL));
    return db_exec(cx->mem, cx->db, S("UPDATE batch SET undone_by = ?2 WHERE id = ?1"), binds, 2, NULL);
}

static Err *name_refused(Ctx *cx, const UndoRun *run, UndoPart *part)
{
    part->is_last = true;
    for (size_t i = 0; i < run->steps.n; i++)
        if (!run->steps.p[i].is_done)
            TRY(skip(cx, run->mem, &run->steps.p[i], "undo.refused", vec_push(run->mem, &part->skipped)));
    return NULL;
}

/* Goes on within this round; the end of one is a chunk of its own, so that `run` knows all that is done. */
static Err *take_more(Ctx *cx, const UndoRun *run, size_t limit, UndoPart *part)
{
    size_t which[CHUNK];

    for (size_t left = limit; left;) {
        size_t n = next_steps(run, &part->next, left < CHUNK ? left : CHUNK, which);
        if (n == 0) return NULL;
        TRY(try_some(cx, run, which, n, part));
        left -= n;
    }
    return NULL;
}

Err *undo_chunk(Ctx *cx, const UndoRun *run, size_t limit, UndoPart **out)
{
    UndoPart *part = NEW(run->mem, UndoPart);
    size_t most = limit <= run->steps.n ? limit : run->steps.n + 1;

    *out = part;
    part->done = NEW_N(run->mem, size_t, most + 1);
    part->next = run->place;
    TRY(begin_undo(cx, run));
    bool is_over = run->place.phase == PHASES;
    if (is_over && run->place.undone == run->out.undone) return name_refused(cx, run, part);
    if (is_over) part->next = (Place){.undone = run->out.undone};
    cx->hold++;
    TRY(take_more(cx, run, most, part));
    cx->hold--;
    return rollup_flush(cx);
}

void undo_note(UndoRun *run, const UndoPart *part)
{
    for (size_t i = 0; i < part->n; i++) run->steps.p[part->done[i]].is_done = true;
    run->out.undone += (int64_t)part->n;
    run->place = part->next;
    run->is_ended = part->is_last;
    for (size_t i = 0; i < part->skipped.n; i++) *vec_push(run->mem, &run->skipped) = part->skipped.p[i];
}

bool undo_is_ended(const UndoRun *run)
{
    return run->is_ended;
}

UndoResult undo_result(const UndoRun *run, int64_t *total)
{
    UndoResult out = run->out;

    out.skipped = run->skipped.p;
    out.n_skipped = run->skipped.n;
    if (total) *total = (int64_t)run->steps.n;
    return out;
}

Err *batch_undo(Ctx *cx, Id batch, UndoResult *out)
{
    UndoRun *run;
    UndoPart *part;

    *out = (UndoResult){0};
    TRY(undo_plan(cx, cx->mem, batch, 0, &run));
    while (!undo_is_ended(run)) {
        TRY(undo_chunk(cx, run, SIZE_MAX, &part));
        undo_note(run, part);
    }
    *out = undo_result(run, NULL);
    return NULL;
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
