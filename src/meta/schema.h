/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "db/db.h"
#include "meta/meta.h"

/* Compares the metadata with the tables of a database and makes the changes. */

typedef enum StepKind {
    STEP_CREATE_TABLE = 1,
    STEP_ADD_COLUMN,
    STEP_CREATE_INDEX,
    STEP_DROP_INDEX,
    STEP_HIDE_COLUMN, /* its field is gone: renamed to hidden_NAME; shown again when the field comes back */
    STEP_ADD_REFERENCES,
} StepKind;
const char *step_kind_name(StepKind kind); /* "create table" ... */

typedef struct SchemaStep {
    StepKind kind;
    Str table, name; /* column or index */
    Str sql;
    Str cost, loss; /* for people, English: "reads 1,200 rows", "hides 15 values" ; empty when nothing */
} SchemaStep;

typedef struct SchemaPlan {
    SchemaStep *steps;
    size_t n;
} SchemaPlan;

/** What must be done so that the database fits `meta`; empty when nothing.  Reads only.  INVALID{error.meta.column} with
    file and line for each field whose column already holds another type. */
MUST_CHECK Err *schema_plan(Arena *mem, DbConn *c, const Meta *meta, SchemaPlan *out);
/** Does the steps of `plan` in the caller's transaction, which has no budget from then on.  Nothing is lost: only indexes are
    ever dropped. */
MUST_CHECK Err *schema_apply(Arena *mem, DbConn *c, const SchemaPlan *plan);
