/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/read.h"

/* What every read of an object says again, made once for each state of the metadata: never what depends on a caller, a value or the clock. */
typedef struct Plan {
    Arena *mem;
    bool
        is_fixed; /* `columns` says it all; else a live formula holds a value, and the list is written each time */
    Sql columns;       /* of all fields, of alias t0 */
    uint8_t *is_live;  /* as in Select */
    Sql label;         /* "SELECT number, id, label, size, type FROM table t0 WHERE t0.id" */
    Sql unnamed_label; /* the same where the label is hidden */
    _Atomic int64_t n_rows, holds_until;
} Plan;

/** The plan of `obj`; lives as long as the metadata `obj` is of. */
Plan *plan_of(Ctx *cx, const Object *obj);
/** About how many rows the table has, deleted ones too: counted at most every ten minutes, where that takes milliseconds, else
    guessed. */
MUST_CHECK Err *plan_rows(Ctx *cx, const Object *obj, int64_t *out);
