/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "db/db.h"
#include "meta/meta.h"

/* Compares the metadata with the tables of a database and makes the changes. */

typedef enum StepKind { STEP_CREATE_TABLE = 1, STEP_ADD_COLUMN, STEP_CREATE_INDEX, STEP_DROP_INDEX, STEP_HIDE_COLUMN } StepKind;

typedef struct SchemaStep {
    StepKind kind;
    Str table, name;           /* column or index */
    Str sql;
    Str cost, loss;            /* for people, English: "reads 1,200 rows", "hides 15 values" ; empty when nothing */
} SchemaStep;

typedef struct SchemaPlan {
    SchemaStep *steps;
    size_t n;
} SchemaPlan;

/** What must be done so that the database fits `meta`; empty when nothing.  Reads only. */
MUST_CHECK Err *schema_plan(Arena *mem, DbConn *c, const Meta *meta, SchemaPlan *out);
/** Does the additive steps of `plan` in the caller's transaction. */
MUST_CHECK Err *schema_apply(Arena *mem, DbConn *c, const SchemaPlan *plan);
