/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/compile.h"
#include "core/rights.h"

/* Inside the compiler of conditions: rows in reach, scalars, and what compile.c (conditions) and compile_value.c (scalars) use
   of each other. */

/* A row in reach: the root, the variable of an exists(), or an item of a multi-valued field. */
typedef struct Row {
    Str var;            /* empty: the root */
    const Object *obj;  /* NULL for an item */
    const Field *items; /* the field an item belongs to */
    unsigned alias;
    const struct Row *up;
} Row;

typedef struct Compiler {
    Ctx *cx;
    unsigned next_alias;
    bool is_by_row;     /* related records are looked up by id, row by row ... */
    const CelNode *set; /* ... but for this comparison */
    unsigned steps; /* a condition inside a value is said twice, one inside that four times: both bounded */
    size_t bytes;
} Compiler;

#define COMPILE_STEPS_MAX 20000
#define COMPILE_BYTES_MAX (4u << 20)

typedef struct Scalar {
    Sql sql, currency; /* currency: of money columns */
    CelKind kind;
    uint8_t places;
    bool may_err;                         /* NULL is an error, not a null */
    bool is_mixed;                        /* NULL may be either: (c ? a : b) */
    bool is_const, has_currency, is_keys; /* is_keys: tags, "|a|b|" */
    Val val;                              /* of a constant */
    const Field *field;                   /* of a plain column */
    unsigned alias;
} Scalar;

/** Appends `node` as a condition; `is_exact` when null and false may not be mixed up. */
MUST_CHECK Err *gen_cond(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact);
MUST_CHECK Err *gen_scalar(Compiler *c, const Row *row, const CelNode *node, Scalar *out);
/** Counts what `part` has grown to; INVALID{error.cel.sql} when the whole has become too much. */
MUST_CHECK Err *compile_spend(Compiler *c, const CelNode *node, const Sql *part);
/** INVALID{error.cel.sql}: `what` cannot be said in SQL. */
Err *compile_refuse(Compiler *c, const CelNode *node, const char *what);
bool compile_is_const(const CelNode *node);
bool compile_is_scaled(CelKind kind);
/** The row of loop variable `var`, or NULL; the root row. */
const Row *row_named(const Row *row, Str var);
const Row *row_root(const Row *row);
void add_alias(Sql *q, unsigned alias);
void add_column(Sql *q, unsigned alias, Str name);
/** FROM "table" tN, or the rows of a past moment. */
MUST_CHECK Err *add_source(Compiler *c, Sql *q, const Object *obj, unsigned alias);
/** " AND tN.deleted_at IS NULL AND <rights>" */
MUST_CHECK Err *add_live(Compiler *c, Sql *q, const Object *obj, unsigned alias);
/** The scalar at `places`. */
void add_rescaled(Sql *q, const Scalar *s, uint8_t places);
/** startsWith, endsWith, contains: the calls that are conditions. */
bool compile_is_text_test(const CelNode *node);
