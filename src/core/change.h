/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

typedef enum ChangeKind { CHANGE_CREATE = 1, CHANGE_UPDATE, CHANGE_DELETE, CHANGE_RESTORE } ChangeKind;

/* Order of the log: (epoch, tx, seq). */
typedef struct Cursor {
    int64_t epoch, tx, seq;
} Cursor;

typedef struct FieldChange {
    const Field *field;
    Val before, after;
} FieldChange;

typedef struct Change {
    Cursor cursor;
    int64_t at;
    Id batch, cause, record, actor;
    Str request;
    const Object *obj;
    int64_t version;
    ChangeKind kind;
    Channel channel;
    bool is_derived;
    FieldChange *fields;
    size_t n;
} Change;

/** Appends one change; `before` NULL for a creation.  Fields that are equal are left out; nothing is written when none is
    left.  Secrets never enter. */
MUST_CHECK Err *change_add(Ctx *cx, const Record *before, const Record *after, ChangeKind kind,
                           bool is_derived);

/* A column that is no field's own value (an amount in company currency). */
typedef struct ColumnChange {
    Str column;
    Val before, after;
} ColumnChange;
/** Appends a derived change of columns: it keeps the trail and moves the live feed; readers of fields pass over it. */
MUST_CHECK Err *change_add_columns(Ctx *cx, const Record *rec, const ColumnChange *columns, size_t n);

/** Newest first changes of one record the actor may see; `before` 0 or the seq to go on from. */
MUST_CHECK Err *change_history(Ctx *cx, const Object *obj, Id id, const Cursor *before, size_t limit,
                               Change **out, size_t *n);
/** The same of several records, which the caller has found the actor may see; without derived changes. */
MUST_CHECK Err *change_of(Ctx *cx, const Id *ids, size_t n_ids, const Cursor *before, size_t limit,
                          Change **out, size_t *n);
/** Ends a statement "SELECT columns" with the next `limit` rows of the log after `after`, in its order, as far as no unit that
    still runs can come before them. */
void change_next(const Ctx *cx, Sql *q, Cursor after, size_t limit);
/** The log after `after`, oldest first, under the actor's rights; `*last` is where to go on. */
MUST_CHECK Err *change_feed(Ctx *cx, Cursor after, size_t limit, Change **out, size_t *n, Cursor *last);
/** What of the log after `after` is news to somebody outside, oldest first: of at most `limit` rows those of the objects
    `numbers` (`n_numbers` 0: of all) that are neither derived nor part of an import or of taking one back.  No rights are
    applied.  `*last` is where to go on, `*is_end` that nothing is left now. */
MUST_CHECK Err *change_news(Ctx *cx, Cursor after, const uint16_t *numbers, size_t n_numbers, size_t limit,
                            Change **out, size_t *n, Cursor *last, bool *is_end);
MUST_CHECK Err *change_last(Ctx *cx, Cursor *out);
Str cursor_text(Arena *mem, Cursor c);
bool cursor_parse(Str s, Cursor *out);

typedef struct Skipped {
    const Object *obj;
    Id id;
    Str label, reason; /* reason: message key */
} Skipped;
typedef struct UndoResult {
    int64_t undone;
    Skipped *skipped;
    size_t n_skipped;
    Id batch; /* of the undo itself: undo it to redo */
} UndoResult;
/** Takes back every change of `batch` that nothing has followed, newest first, as a new batch, all in this unit. */
MUST_CHECK Err *batch_undo(Ctx *cx, Id batch, UndoResult *out);

/* The same of a batch too large for one unit: undo_plan once, then units of undo_chunk, each followed by undo_note when it
   is durable, until undo_is_ended. */
typedef struct UndoRun UndoRun;
typedef struct UndoPart UndoPart;
/** Looks at every record of `batch` and decides what may be taken back; writes nothing.  `mem` holds the run and what it
    gives.  `undo` is the number of the new batch, 0 for a fresh one; after a crash the same number goes on where it was.
    NOT_FOUND{error.batch.none} when it is not his, CONFLICT{error.batch.undone}. */
MUST_CHECK Err *undo_plan(Ctx *cx, Arena *mem, Id batch, Id undo, UndoRun **out);
/** Takes back at most `limit` more records in this unit; changes nothing in `run`, so that the unit can be replayed. */
MUST_CHECK Err *undo_chunk(Ctx *cx, const UndoRun *run, size_t limit, UndoPart **out);
/** The unit of `part` is durable: counts it and moves on. */
void undo_note(UndoRun *run, const UndoPart *part);
bool undo_is_ended(const UndoRun *run);
/** Counts so far; `skipped` is complete when it has ended.  `*total` (may be NULL) gets the records of the batch. */
UndoResult undo_result(const UndoRun *run, int64_t *total);

/** The actor's newest batch that is neither undone nor an undo; 0 when none. */
MUST_CHECK Err *batch_last(Ctx *cx, Id *out);

/** The record as it was at `at` (ms), exact, from the log; NOT_FOUND when it did not exist or may not be seen. */
MUST_CHECK Err *record_at(Ctx *cx, const Object *obj, Id id, int64_t at, Record **out);
/** The record as it was right after `change`, in the bin or not; links are today's.  NOT_FOUND when it may not be seen. */
MUST_CHECK Err *record_after(Ctx *cx, const Change *change, Record **out);
