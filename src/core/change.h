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
/** The log after `after`, oldest first, under the actor's rights; `*last` is where to go on. */
MUST_CHECK Err *change_feed(Ctx *cx, Cursor after, size_t limit, Change **out, size_t *n, Cursor *last);
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
/** Takes back every change of `batch` that nothing has followed, newest first, as a new batch. */
MUST_CHECK Err *batch_undo(Ctx *cx, Id batch, UndoResult *out);
/** The actor's newest batch that is neither undone nor an undo; 0 when none. */
MUST_CHECK Err *batch_last(Ctx *cx, Id *out);

/** The record as it was at `at` (ms), exact, from the log; NOT_FOUND when it did not exist or may not be seen. */
MUST_CHECK Err *record_at(Ctx *cx, const Object *obj, Id id, int64_t at, Record **out);
