/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An import at work: rows are read apart, then written in units of a few hundred that yield to people, each row in an attempt of
   its own, so that a refused one takes nothing with it.  A preview goes the same way without writing, in two halves that go on
   beside each other.  Memory is that of a unit: the file may be of any length. */
#include "base/limits.h"
#include "core/import/parts.h"
#include "core/item.h"
#include "core/job.h"
#include "core/match/duplicates.h"
#include "core/rights.h"
#include "core/seen.h"
#include "core/session.h"
#include "core/store.h"
#include "core/write.h"

#include <string.h>

#define LIKELY_SHOWN 5

#define CHUNK         200
#define PREVIEW_CHUNK 1000
#define CHUNK_BYTES   (16u << 20)
#define NOTES_MAX     1000
#define LATER_MAX     100000

enum { OUT_NONE, OUT_CREATED, OUT_UPDATED, OUT_SAME };

static Str note_text(Work *w, const Err *what)
{
    return w->job->reason ? w->job->reason(w->tmp, NULL, what, w->job->lang) : what->detail;
}

void work_note(Work *w, const Err *what)
{
    Str text = note_text(w, what);
    ImportNote *n = strmap_get(&w->chunk_notes, text);

    if (!n && w->chunk_notes.n + w->notes.n >= NOTES_MAX && !strmap_get(&w->notes, text)) return;
    if (!n) {
        n = NEW(w->tmp, ImportNote);
        n->text = str_copy(w->tmp, text);
        strmap_put(w->tmp, &w->chunk_notes, n->text, n);
    }
    n->n++;
}

void note_taken(Work *w, const Target *t, Str cell, const Found *found)
{
    bool is_form = str_eq_c(str_c(found->how), "legal form"),
         is_spaces = str_eq_c(str_c(found->how), "spaces");
    Err *e = err_new(w->tmp, ERR_INVALID,
                     is_form     ? "import.note.form"
                     : is_spaces ? "import.note.spaces"
                                 : "import.note.letters",
                     "%.*s: \"%.*s\" taken as \"%.*s\", the same but for %s", SFMT(t->heading), SFMT(cell),
                     SFMT(found->text), found->how);

    work_note(w, err_arg(err_arg(err_arg(e, 0, t->heading), 1, cell), 2, found->text));
}

/* --- units ------------------------------------------------------------------------------------------------------------- */

typedef struct Call {
    Work *w;
    Err *(*fn)(Work *w);
} Call;

/* In whose name, as what: quiet, so that nothing automated fires. */
static Err *begin(Work *w, DbConn *c, Ctx *cx)
{
    Actor *actor;

    *cx = ctx_system(w->job->store, w->tmp, c);
    cx->meta = w->plan->meta; /* held by the import: what is changed meanwhile is not for its rows */
    cx->channel = CHANNEL_IMPORT;
    cx->batch = w->job->batch;
    cx->is_quiet = true;
    if (w->job->user) {
        TRY(actor_of_user(cx, w->job->user, &actor));
        cx->actor = actor;
        cx->may_write_readonly = actor->rights->is_administrator;
    }
    seen_begin(cx);
    w->cx = cx;
    return NULL;
}

/* The unit may be tried again: what the try before it found and made is forgotten. */
static Err *run_call(DbConn *c, void *arg)
{
    Call *call = arg;
    Work *w = call->w;
    Ctx cx;

    if (w->tmp)
        arena_rewind(w->tmp);
    else
        w->tmp = arena_new(LIMIT_REQUEST_MEM);
    w->chunk_notes = (StrMap){0};
    w->chunk = (ImportReport){0};
    w->standing_by = NULL;
    finders_begin(w);
    TRY(begin(w, c, &cx));
    Err *e = call->fn(w);
    w->cx = NULL;
    return e;
}

static Err *unit(Work *w, Err *(*fn)(Work *w), bool is_read)
{
    Call call = {w, fn};
    Err *e = (is_read ? job_read : job_unit)(w->job->store, w->mem, run_call, &call);

    return e ? err_copy(w->mem, e) : NULL; /* of the unit's memory, which ends with the next */
}

/* --- the note of a row ------------------------------------------------------------------------------------------------------ */

/* What no field takes is kept as a note on the record; where there can be none, in its description. */
static Err *write_note(RowWork *rw)
{
    Work *w = rw->w;
    const Object *activity = meta_object(w->plan->meta, S("activity"));
    Record *note;
    Val v;

    if (!rw->kept.n) return NULL;
    if (!rw->rec->obj->has_timeline || !activity) {
        work_note(w, err_arg(err_new(w->tmp, ERR_INVALID, "import.note.lost",
                                     "there is no place for a note on %.*s", SFMT(rw->rec->obj->name)),
                             0, label_in(&rw->rec->obj->label, w->job->lang)));
        return NULL;
    }
    note = record_new(w->tmp, activity);
    record_set(note, "kind", val_text(S("note")));
    record_set(note, "status", val_text(S("done")));
    record_set(note, "about", val_ref(rw->rec->obj->number, rw->rec->id));
    TRY(value_from_json(w->cx, object_field(activity, S("body")), val_text(buf_str(&rw->kept)), &v));
    record_set(note, "body", v);
    if (rw->rec->obj->has_owner && !val_is_null(rw->rec->vals[SYS_OWNER]))
        record_set(note, "owner", rw->rec->vals[SYS_OWNER]);
    note->vals[SYS_CREATED_AT] = rw->rec->vals[SYS_CREATED_AT];
    note->vals[SYS_CREATED_BY] = rw->rec->vals[SYS_CREATED_BY];
    return record_create(w->cx, note, &(WriteOptions){.keep_times = true});
}

/* --- rows --------------------------------------------------------------------------------------------------------------- */

static bool is_matched(const ImportPlan *plan, const Field *f)
{
    for (size_t i = 0; i < plan->n_match; i++)
        if (plan->match[i] == f) return true;
    return f && f->is_system && f->index == SYS_ID;
}

static bool is_read(const RowWork *rw, const Field *f)
{
    return f && (f->index == SYS_ID && f->is_system ? rw->id != 0 : rw->rec->is_set[f->index] != 0);
}

/* Everything that has not been read yet, or only what the record is found by. */
static Err *fill(RowWork *rw, bool only_match)
{
    const ImportPlan *plan = rw->w->plan;
    Err *problems = NULL;

    for (size_t i = 0; i < plan->n_groups; i++) {
        const FieldGroup *g = &plan->groups[i];
        if (is_read(rw, g->field) || (only_match && !is_matched(plan, g->field))) continue;
        Err *e = row_group(rw, g, !only_match && !rw->before);
        if (e) err_add(&problems, e);
    }
    return problems;
}

static Err *too_many(RowWork *rw, const Found *found)
{
    Str text = note_candidates(rw, rw->w->plan->obj, found);

    return err_arg(
        err_new(rw->w->tmp, ERR_CONFLICT, "error.import.matches", "several records agree: %.*s", SFMT(text)),
        0, text);
}

static void reset_row(RowWork *rw)
{
    Work *w = rw->w;

    rw->rec = record_new(w->tmp, w->plan->obj);
    rw->kept = buf_new(w->tmp, 1u << 20);
    rw->pending.n = 0;
    rw->consents.n = 0;
    rw->is_coming = NEW_N(w->tmp, uint8_t, w->plan->obj->n_fields);
}

/* What the row is found by; the second time the answer of the first. */
static Err *read_match(RowWork *rw)
{
    if (rw->rec) return rw->refusal;
    reset_row(rw);
    if (rw->w->plan->n_match) rw->refusal = fill(rw, true);
    return rw->refusal;
}

/* Finds what the row is about, then reads it whole. */
static Err *prepare(RowWork *rw)
{
    Work *w = rw->w;
    Found found = {0};
    Id gone = 0;

    if (rw->row->problem) return rw->row->problem;
    TRY(row_is_wanted(rw));
    TRY(read_match(rw));
    TRY(find_match(w, rw->rec, &found));
    if (found.n > 1) return too_many(rw, &found);
    if (!found.n && (w->plan->restores || w->is_preview)) TRY(find_deleted(w, rw->rec, &gone));
    rw->gone = gone;
    if (gone && w->plan->restores && !w->is_preview) TRY(record_restore(w->cx, w->plan->obj, gone));
    if (gone && w->plan->restores) found = (Found){.ids = {gone}, .n = 1};
    if (found.n)
        TRY(record_get(w->cx, w->plan->obj, found.ids[0], READ_LINKS | (gone ? READ_DELETED : 0),
                       &rw->before));
    if (rw->before) reset_row(rw); /* cells are read in the light of what stands there */
    TRY(fill(rw, false));
    TRY(row_close(rw));
    rw->rec->id = rw->before ? rw->before->id : 0;
    if (rw->before && w->plan->mode == IMPORT_CREATE)
        FAIL(w->tmp, ERR_CONFLICT, "error.import.exists", "there is such a record already");
    if (!rw->before && w->plan->mode == IMPORT_UPDATE)
        FAIL(w->tmp, ERR_INVALID, "error.import.none", "no record to update");
    return NULL;
}

static Err *write_row(DbConn *c, void *arg)
{
    RowWork *rw = arg;
    Work *w = rw->w;

    (void)c;
    rw->before = NULL;
    TRY(prepare(rw));
    if (rw->before) {
        int64_t version = rw->before->version;
        TRY(record_update(w->cx, rw->rec, NULL));
        rw->outcome = rw->rec->version == version && !rw->gone ? OUT_SAME : OUT_UPDATED;
    } else {
        row_rest(rw);
        TRY(record_create(w->cx, rw->rec, &(WriteOptions){.keep_times = true}));
        TRY(write_note(rw));
        rw->outcome = OUT_CREATED;
    }
    TRY(consents_write(rw));
    for (size_t i = 0; i < rw->pending.n; i++) TRY(state_pend(w, rw->row, rw->rec->id, &rw->pending.p[i]));
    return NULL;
}

static bool is_fatal(const Err *e)
{
    return e->code == ERR_INTERNAL || e->code == ERR_UNAVAILABLE || e->code == ERR_LIMIT ||
           str_eq(e->key, S("error.db.serialization"));
}

Str reasons_text(const Work *w, const Err *e)
{
    Buf b = buf_new(w->tmp, 64u << 10);

    for (const Err *p = e; p; p = p->next) {
        buf_addf(&b, "%s", p == e ? "" : "; ");
        if (w->job->reason) {
            buf_add(&b, w->job->reason(w->tmp, w->plan->obj, p, w->job->lang));
            continue;
        }
        buf_addf(&b, "%.*s", SFMT(p->detail.n ? p->detail : p->key));
        if (p->field.n && str_find(p->detail, p->field) < 0) buf_addf(&b, " (%.*s)", SFMT(p->field));
    }
    return buf_str(&b);
}

static Err *refuse(Work *w, const Row *row, const Err *e)
{
    w->chunk.refused++;
    return state_refuse(w, row, reasons_text(w, e));
}

static bool is_left_out(const Err *e)
{
    return str_eq(e->key, S("import.note.skipped"));
}

static Err *do_row(Work *w, const Row *row)
{
    RowWork rw = {.w = w, .row = row};
    struct Pending *saved = rollup_save(w->cx);
    Err *e = db_try(w->tmp, w->cx->db, write_row, &rw);

    if (e && is_fatal(e)) return e;
    if (e) {
        w->cx->pending = saved;
        seen_forget(w->cx); /* it may have made what it then referred to */
        if (!is_left_out(e)) return refuse(w, row, e);
        work_note(w, e);
        return NULL;
    }
    if (rw.outcome == OUT_CREATED) finder_made(w, rw.rec);
    w->chunk.created += rw.outcome == OUT_CREATED;
    w->chunk.updated += rw.outcome == OUT_UPDATED;
    w->chunk.unchanged += rw.outcome == OUT_SAME;
    w->chunk.restored += rw.outcome == OUT_UPDATED && rw.gone != 0;
    return NULL;
}

static Err *write_rows(Work *w)
{
    TRY(state_is_pausing(w->cx, w->job->run, &w->is_asked));
    if (w->is_asked) return NULL;
    w->cx->hold++;
    for (size_t i = 0; i < w->n_rows; i++) TRY(do_row(w, &w->rows[i]));
    w->cx->hold--;
    TRY(rollup_flush(w->cx));
    return state_save(w, w->position + (int64_t)w->n_rows);
}

/* --- references to rows that came later ------------------------------------------------------------------------------------- */

typedef struct Settling {
    Work *w;
    const PendingRow *row;
} Settling;

static const Target *target_of(const ImportPlan *plan, Str path)
{
    for (size_t i = 0; i < plan->n_targets; i++)
        if (str_eq(plan->targets[i].path, path)) return &plan->targets[i];
    return NULL;
}

static Err *settle(DbConn *c, void *arg)
{
    Settling *s = arg;
    Work *w = s->w;
    const Target *t = target_of(w->plan, s->row->path);
    Record *rec = record_new(w->tmp, w->plan->obj);
    Found found;

    (void)c;
    if (!t) return NULL;
    TRY(find_records(w, t->to, t->by, s->row->text, &found));
    if (!found.n) return bad_cell(w, t, "error.import.reference", s->row->text);
    if (found.n > 1)
        return err_arg(bad_cell(w, t, "error.import.ambiguous", s->row->text), 1,
                       str_fmt(w->tmp, "%zu", found.n));
    if (found.how) note_taken(w, t, s->row->text, &found);
    rec->id = s->row->record;
    rec->vals[t->field->index] = val_ref(t->to->number, found.ids[0]);
    rec->is_set[t->field->index] = 1;
    return record_update(w->cx, rec, NULL);
}

static Err *settle_rows(Work *w)
{
    PendingRow *rows;
    size_t n;

    TRY(state_pending(w, CHUNK, &rows, &n));
    w->n_rows = n;
    w->cx->hold++;
    for (size_t i = 0; i < n; i++) {
        Settling s = {w, &rows[i]};
        struct Pending *saved = rollup_save(w->cx);
        Err *e = db_try(w->tmp, w->cx->db, settle, &s);
        if (e && is_fatal(e)) return e;
        if (e) {
            w->cx->pending = saved;
            seen_forget(w->cx);
            TRY(refuse(w, &rows[i].row, e));
        }
        TRY(state_settle(w, &rows[i]));
    }
    w->cx->hold--;
    TRY(rollup_flush(w->cx));
    return state_save(w, w->position);
}

/* --- the preview of a row ----------------------------------------------------------------------------------------------------- */

static bool is_waited_for(const RowWork *rw, Str field)
{
    const Field *f = object_field(rw->rec->obj, field);

    return f && rw->is_coming[f->index];
}

/* Without what is wrong only because a record of this import is not there yet. */
static Err *without_coming(const RowWork *rw, Err *e)
{
    Err *kept = NULL;

    for (Err *p = e, *next; p; p = next) {
        next = p->next;
        p->next = NULL;
        if (!p->field.n || !is_waited_for(rw, p->field)) err_add(&kept, p);
    }
    return kept;
}

static Err *check_new(RowWork *rw)
{
    Record *rec = record_copy(rw->w->tmp, rw->rec);

    for (size_t i = SYS_COUNT; i < rec->obj->n_fields; i++) /* numbers are not drawn for a look */
        if (rec->obj->fields[i].type == FIELD_AUTONUMBER && val_is_null(rec->vals[i]))
            rec->vals[i] = val_int(0);
    return record_create(rw->w->cx, rec, &(WriteOptions){.keep_times = true, .check_only = true});
}

static Err *check_changed(RowWork *rw, bool *is_same)
{
    Ctx *cx = rw->w->cx;
    Record *next = record_copy(rw->w->tmp, rw->before);

    *is_same = true;
    memset(next->is_set, 0, next->obj->n_fields);
    for (size_t i = SYS_OWNER; i < next->obj->n_fields; i++) {
        const Field *f = &next->obj->fields[i];
        if (!rw->rec->is_set[i] || f->is_computed ||
            (f->is_readonly && !cx->may_write_readonly && !cx->actor->is_system))
            continue;
        *is_same = *is_same && val_same(next->vals[i], rw->rec->vals[i]);
        next->vals[i] = rw->rec->vals[i];
        next->is_set[i] = 1;
    }
    *is_same = *is_same && !rw->has_photo;
    if (*is_same && !rw->gone) return NULL;
    *is_same = false;
    if (!rights_may(cx, next->obj, VERB_UPDATE))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to update");
    TRY(hooks_before(cx, next, rw->before));
    TRY(compute_formulas(cx, next));
    return validate_record(cx, next, rw->before);
}

/* Other records this one may be, as forms and the API find them. */
static Err *note_likely(RowWork *rw, bool *is_likely)
{
    Work *w = rw->w;
    Likely *found;
    size_t n;

    TRY(duplicates_like(w->cx, rw->rec, LIKELY_SHOWN, &found, &n));
    Val *matches = NEW_N(w->tmp, Val, n);
    for (size_t i = 0; i < n; i++) {
        ValPair *pairs = NEW_N(w->tmp, ValPair, 4);
        pairs[0] = (ValPair){val_text(S("object")), val_text(rw->rec->obj->name)};
        pairs[1] = (ValPair){val_text(S("id")), val_text(id_text(w->tmp, found[i].rec->id))};
        pairs[2] = (ValPair){val_text(S("label")), val_text(record_text(w->tmp, found[i].rec))};
        pairs[3] = (ValPair){val_text(S("score")), val_text(str_fmt(w->tmp, "%.4f", found[i].score))};
        matches[i] = val_map(pairs, 4);
    }
    if (n) rw->matches = val_list(matches, (uint32_t)n);
    *is_likely = n > 0;
    return NULL;
}

static void keep_later(RowWork *rw)
{
    Work *w = rw->w;

    for (size_t i = 0; i < rw->pending.n && w->later.n < LATER_MAX; i++)
        *vec_push(w->mem, &w->later) =
            (Later){rw->pending.p[i].target, str_copy(w->mem, rw->pending.p[i].text), rw->row->line};
}

/* One row of the chunk: looked at in its turn, told when all have been, so that the database is asked for many at once. */
typedef struct Looked {
    RowWork rw;
    Err *e;
    bool is_same, is_again;
} Looked;

/* The rows are read and checked by one thread; another tells of those before them, a thousand at a time: who is like a new one,
   what is counted and shown.  Each has its unit, its memory and its counts; what was looked at is handed over whole. */
typedef struct Preview {
    Work *looking, telling;
    Call call;
    Arena *rows[2]; /* of those looked at, and of those told of */
    Arena *idle;    /* what telling reads, or nobody: the other's `tmp` by turns */
    JobAside *aside;
} Preview;

static void note_coming(Looked *l)
{
    Work *w = l->rw.w;
    Str key = w->plan->n_match ? match_key(w, w->mem, l->rw.rec, 0) : (Str){0};

    l->is_again = key.n && strmap_get(&w->touched, key);
    if (key.n && !l->is_again) strmap_put(w->mem, &w->touched, key, w);
    coming_add(w->job->coming, w->tmp, l->rw.rec->obj, l->rw.rec);
}

static Err *look_at(Looked *l)
{
    RowWork *rw = &l->rw;
    Err *e = prepare(rw);

    if (e && is_fatal(e)) return e;
    if (!rw->rec) reset_row(rw);
    if (!e) e = without_coming(rw, rw->before ? check_changed(rw, &l->is_same) : check_new(rw));
    if (e && is_fatal(e)) return e;
    keep_later(rw);
    if (e && is_left_out(e)) work_note(rw->w, e);
    l->e = e;
    if (!e && !rw->before) note_coming(l);
    return NULL;
}

static Err *tell_new(Looked *l, bool is_met)
{
    RowWork *rw = &l->rw;
    Work *w = rw->w;
    bool is_likely = false;

    if (is_met) TRY(note_likely(rw, &is_likely));
    w->chunk.created += !l->is_again;
    w->chunk.updated += l->is_again;
    w->chunk.duplicates += is_likely && !l->is_again;
    w->chunk.deleted += rw->gone != 0;
    sample_row(rw, l->is_again ? "changed" : rw->gone ? "deleted" : is_likely ? "duplicate" : "new", NULL);
    return NULL;
}

static void tell_refused(const Looked *l, RowWork *rw)
{
    Work *w = rw->w;
    bool is_conflict =
        str_eq(l->e->key, S("error.import.matches")) || str_eq(l->e->key, S("error.import.ambiguous"));

    w->chunk.refused += !is_conflict;
    w->chunk.conflicts += is_conflict;
    sample_row(rw, is_conflict ? "conflict" : "refused", l->e);
}

static Err *tell_row(Looked *l, bool is_met)
{
    RowWork *rw = &l->rw;
    Work *w = rw->w;

    if (l->e && is_left_out(l->e)) return NULL; /* noted by who looked */
    if (l->e) {
        tell_refused(l, rw);
        return NULL;
    }
    if (!rw->before) return tell_new(l, is_met);
    w->chunk.updated += !l->is_same;
    w->chunk.unchanged += l->is_same;
    w->chunk.restored += rw->gone != 0;
    w->chunk.deleted += rw->gone != 0;
    sample_row(rw, l->is_same ? "unchanged" : rw->gone ? "deleted" : "changed", NULL);
    return NULL;
}

/* What each row is found by, before any of them is looked for. */
static Err *read_matches(Work *w, Looked *list, Record **recs)
{
    bool is_early = w->plan->n_match == 1 && has_items(w->plan->match[0]);
    size_t n = 0;

    for (size_t i = 0; i < w->n_rows; i++) {
        RowWork *rw = &list[i].rw;
        *rw = (RowWork){.w = w, .row = &w->rows[i]};
        if (rw->row->problem || !is_early) continue; /* references may be to rows before */
        Err *e = read_match(rw);
        if (e && is_fatal(e)) return e;
        if (!e) recs[n++] = rw->rec;
    }
    return ask_standing(w, recs, n);
}

static Err *look_at_rows(Work *w)
{
    Record **recs = NEW_N(w->tmp, Record *, w->n_rows);

    w->looked = NEW_N(w->tmp, Looked, w->n_rows);
    TRY(read_matches(w, w->looked, recs));
    for (size_t i = 0; i < w->n_rows; i++) TRY(look_at(&w->looked[i]));
    return NULL;
}

static Err *tell_rows(Work *w)
{
    Looked *list = w->looked;
    Record **recs = NEW_N(w->tmp, Record *, w->n_rows);
    uint8_t *is_met = NEW_N(w->tmp, uint8_t, w->n_rows);
    size_t n = 0;

    for (size_t i = 0; i < w->n_rows; i++) {
        list[i].rw.w = w;
        if (!list[i].e && !list[i].rw.before) recs[n++] = list[i].rw.rec;
    }
    TRY(duplicates_met(w->cx, recs, n, is_met));
    n = 0;
    for (size_t i = 0; i < w->n_rows; i++) {
        bool is_new = !list[i].e && !list[i].rw.before;
        TRY(tell_row(&list[i], is_new && is_met[n]));
        n += is_new;
    }
    return NULL;
}

/* What was neither there nor came with a later row. */
static Err *look_at_later(Work *w)
{
    for (size_t i = 0; i < w->later.n; i++) {
        const Later *l = &w->later.p[i];
        Row row = {.line = l->line};
        RowWork rw = {.w = w, .row = &row};
        if (coming_has(w->job->coming, w->tmp, l->target->to, l->text)) continue;
        reset_row(&rw);
        w->chunk.refused++;
        sample_row(&rw, "refused", bad_cell(w, l->target, "error.import.reference", l->text));
    }
    return NULL;
}

/* --- the whole ----------------------------------------------------------------------------------------------------------------- */

static void add_up(Work *w)
{
    const ImportReport *more = &w->chunk;
    ImportReport *sum = &w->sum;

    sum->created += more->created;
    sum->updated += more->updated;
    sum->unchanged += more->unchanged;
    sum->refused += more->refused;
    sum->restored += more->restored;
    sum->conflicts += more->conflicts;
    sum->deleted += more->deleted;
    sum->duplicates += more->duplicates;
    for (size_t i = 0; i < w->chunk_notes.n; i++) {
        const ImportNote *note = w->chunk_notes.entries[i].val;
        ImportNote *known = strmap_get(&w->notes, note->text);
        if (!known) {
            known = NEW(w->mem, ImportNote);
            known->text = str_copy(w->mem, note->text);
            strmap_put(w->mem, &w->notes, known->text, known);
        }
        known->n += note->n;
    }
    finders_commit(w);
}

static void free_arena(void *arena)
{
    arena_free(arena);
}

/* The next rows, as many as fit a unit. */
static Err *read_rows(Work *w, Arena *mem, size_t max)
{
    bool has = true;

    w->rows = NEW_N(mem, Row, max);
    for (w->n_rows = 0; w->n_rows < max && arena_used(mem) < CHUNK_BYTES; w->n_rows++) {
        TRY(rows_next(w->job->feed, mem, &w->rows[w->n_rows], &has));
        if (!has) return NULL;
    }
    return NULL;
}

static Err *skip_done(Work *w)
{
    Arena *tmp = arena_new(0);
    bool has = true;
    Err *e = NULL;

    for (int64_t i = 0; !e && has && i < w->position; i++) {
        Row row;
        arena_reset(tmp);
        e = rows_next(w->job->feed, tmp, &row, &has);
    }
    if (e) e = err_copy(w->mem, e);
    arena_free(tmp);
    return e;
}

static Err *told(Work *w)
{
    const ImportJob *job = w->job;

    return job->progress ? job->progress(job->arg, job->before + w->position, job->total) : NULL;
}

static Err *each_chunk(Work *w, Arena *rows_mem, bool *has)
{
    arena_rewind(rows_mem);
    TRY(read_rows(w, rows_mem, CHUNK));
    *has = w->n_rows > 0;
    if (!*has) return NULL;
    TRY(unit(w, write_rows, false));
    if (w->is_asked) return NULL;
    add_up(w);
    w->position += (int64_t)w->n_rows;
    return told(w);
}

static Err *all_rows(Work *w)
{
    Arena *rows_mem = arena_new(0);
    bool has = true;
    Err *e = NULL;

    while (!e && has && !w->is_asked) e = each_chunk(w, rows_mem, &has);
    if (e) e = err_copy(w->mem, e);
    arena_free(rows_mem);
    return e;
}

/* --- the two halves of a preview ----------------------------------------------------------------------------------------- */

static Err *end_telling(Preview *p)
{
    if (!p->aside) return NULL;
    Err *e = job_aside_end(p->aside);
    p->aside = NULL;
    if (e) return err_copy(p->looking->mem, e);
    add_up(&p->telling);
    return NULL;
}

/* Looking goes on in the memory of the rows that have been told of. */
static void begin_telling(Preview *p)
{
    Work *w = p->looking;
    Arena *tmp = w->tmp, *rows = p->rows[0];

    p->telling.looked = w->looked;
    p->telling.n_rows = w->n_rows;
    w->tmp = p->idle;
    p->idle = tmp;
    p->rows[0] = p->rows[1];
    p->rows[1] = rows;
    p->call = (Call){&p->telling, tell_rows};
    p->aside = job_aside(w->job->store, p->telling.mem, run_call, &p->call);
}

static Err *preview_chunk(Preview *p, bool *has)
{
    Work *w = p->looking;

    arena_rewind(p->rows[0]);
    TRY(read_rows(w, p->rows[0], PREVIEW_CHUNK));
    *has = w->n_rows > 0;
    if (!*has) return NULL;
    TRY(unit(w, look_at_rows, true));
    add_up(w);
    TRY(end_telling(p));
    begin_telling(p);
    w->position += (int64_t)w->n_rows;
    return told(w);
}

/* Those that waited for rows after them are told of last. */
static Err *tell_rest(Preview *p)
{
    p->telling.later.p = p->looking->later.p;
    p->telling.later.n = p->looking->later.n;
    TRY(unit(&p->telling, look_at_later, true));
    add_up(&p->telling);
    return NULL;
}

static Err *preview_rows(Work *w)
{
    Preview p = {.looking = w, .rows = {arena_new(0), arena_new(0)}};
    bool has = true;
    Err *e = NULL;

    p.telling = (Work){.job = w->job, .plan = w->plan, .mem = arena_new(0), .is_preview = true};
    arena_defer(w->mem, free_arena, p.telling.mem);
    while (!e && has) e = preview_chunk(&p, &has);
    Err *last = end_telling(&p);
    if (!e) e = last ? last : tell_rest(&p);
    w->sum = p.telling.sum;
    w->samples = p.telling.samples;
    w->reasons = p.telling.reasons;
    if (e) e = err_copy(w->mem, e);
    for (size_t i = 0; i < 2; i++) arena_free(p.rows[i]);
    arena_free(p.idle);
    arena_free(p.telling.tmp);
    return e;
}

/* --- from the beginning to the end -------------------------------------------------------------------------------------------- */

static Err *finish(Work *w)
{
    for (w->n_rows = 1; w->n_rows;) {
        TRY(unit(w, settle_rows, false));
        add_up(w);
        TRY(told(w));
    }
    return NULL;
}

static Err *load_state(Work *w)
{
    TRY(state_load(w->cx, w));
    if (w->cx->actor->is_system || w->cx->actor->rights->is_administrator) return NULL;
    for (size_t i = 0; i < w->plan->n_targets; i++) {
        const Field *f = w->plan->targets[i].field;
        bool is_own = f && f->is_readonly && !(f->is_system && f->index == SYS_ID);
        if (is_own)
            return err_arg(err_new(w->tmp, ERR_DENIED, "error.import.authors",
                                   "%.*s is written by administrators only", SFMT(w->plan->targets[i].path)),
                           0, w->plan->targets[i].heading);
    }
    return NULL;
}

/* Columns that go nowhere are named: nothing is lost in silence. */
static void note_left(Work *w)
{
    const ImportPlan *plan = w->plan;
    int64_t n = plan->keeps_rest ? w->sum.updated + w->sum.unchanged
                                 : w->sum.created + w->sum.updated + w->sum.unchanged;

    for (size_t i = 0; i < plan->n_left && n > 0; i++) {
        if (!plan->left_says[i]) continue;
        const char *key = plan->keeps_rest ? "import.note.left_there" : "import.note.left";
        Err *e = err_arg(err_new(w->mem, ERR_INVALID, key, "%.*s: not brought in", SFMT(plan->left[i])), 0,
                         plan->left[i]);
        ImportNote *note = NEW(w->mem, ImportNote);
        *note = (ImportNote){w->job->reason ? w->job->reason(w->mem, NULL, e, w->job->lang) : e->detail, n};
        strmap_put(w->mem, &w->notes, note->text, note);
    }
}

static ImportNote option_note(Work *w, const NewOption *o)
{
    Str label = label_in(&o->field->label, w->job->lang);
    Err *e = err_new(w->mem, ERR_INVALID, "import.note.option", "%.*s: new option \"%.*s\"",
                     SFMT(o->field->name), SFMT(o->text));

    e = err_arg(err_arg(e, 0, label), 1, o->text);
    return (ImportNote){w->job->reason ? w->job->reason(w->mem, NULL, e, w->job->lang) : e->detail, o->rows};
}

static void report(Work *w, ImportReport *out)
{
    note_left(w);
    *out = w->sum;
    out->total = w->position;
    out->is_paused = w->is_asked;
    out->notes = NEW_N(w->mem, ImportNote, w->notes.n + w->plan->new_options.n + 1);
    for (size_t i = 0; i < w->plan->new_options.n; i++)
        out->notes[out->n_notes++] = option_note(w, w->plan->new_options.entries[i].val);
    for (size_t i = 0; i < w->notes.n; i++)
        out->notes[out->n_notes++] = *(ImportNote *)w->notes.entries[i].val;
    out->samples = val_list(w->samples.p, w->samples.n);
    Val *reasons = NEW_N(w->mem, Val, w->reasons.n + 1);
    for (size_t i = 0; i < w->reasons.n; i++) {
        const Reason *r = w->reasons.entries[i].val;
        ValPair *pairs = NEW_N(w->mem, ValPair, 2);
        pairs[0] = (ValPair){val_text(S("text")), val_text(r->text)};
        pairs[1] = (ValPair){val_text(S("rows")), val_int(r->n)};
        reasons[i] = val_map(pairs, 2);
    }
    out->reasons = val_list(reasons, w->reasons.n);
}

static Err *run(const ImportJob *job, Arena *mem, bool is_preview, ImportReport *out)
{
    Work w = {.job = job, .plan = job->plan, .mem = mem, .is_preview = is_preview};

    *out = (ImportReport){0};
    Err *e = unit(&w, load_state, true);
    if (!e && is_preview) w.position = 0;
    if (!e && is_preview) w.sum = (ImportReport){0};
    if (!e) e = rows_rewind(job->feed);
    if (!e) e = skip_done(&w);
    if (!e) e = is_preview ? preview_rows(&w) : all_rows(&w);
    if (!e && !is_preview && !w.is_asked) e = finish(&w);
    arena_free(w.tmp);
    if (!e) report(&w, out);
    return e;
}

Err *import_apply(const ImportJob *job, Arena *mem, ImportReport *out)
{
    return run(job, mem, false, out);
}

Err *import_preview(const ImportJob *job, Arena *mem, ImportReport *out)
{
    return run(job, mem, true, out);
}
