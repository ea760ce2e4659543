/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/read.h"

/* What every read of an object says again, made once for each state of the metadata: never what depends on a caller, a value or the clock. */
typedef struct Plan {
    Arena *mem;
    bool is_fixed;     /* `columns` says it all but for the clock; else the list is written each time */
    Sql columns;       /* of all fields, of alias t0 */
    uint8_t *moving;   /* PlanClock by bind of `columns`, NULL when none moves */
    Str zone;          /* the company's, when the plan was made */
    uint8_t *is_live;  /* as in Select */
    Sql label;         /* "SELECT number, id, label, size, type FROM table t0 WHERE t0.id" */
    Sql unnamed_label; /* the same where the label is hidden */
    _Atomic int64_t n_rows, holds_until;
} Plan;

/** Appends the columns of all fields of `obj` at alias t0, with what the clock says now; false when they have to be written
    anew, and nothing was appended. */
bool plan_columns(Ctx *cx, Sql *q, const Plan *plan);
/** The plan of `obj`; lives as long as the metadata `obj` is of. */
Plan *plan_of(Ctx *cx, const Object *obj);
/** About how many rows the table has, deleted ones too: counted at most every ten minutes, where that takes milliseconds, else
    guessed. */
MUST_CHECK Err *plan_rows(Ctx *cx, const Object *obj, int64_t *out);
