/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

/* CEL to SQL: the second back end of expressions, which must agree with cel_eval. */

/** Appends the condition `node` (checked, BOOL) over rows of `obj` at alias `t<alias>`.  Where the outcome is only asked to
    be true, null and false may be mixed up unless `is_exact`.  What cannot be pushed down: INVALID{error.cel.sql}. */
MUST_CHECK Err *compile_filter(Ctx *cx, Sql *q, const Object *obj, unsigned alias, const CelNode *node,
                               bool is_exact);

/** compile_filter at alias t0 for rows met one by one: a related record is looked up by its id instead of in a set of all
    that fit, but for the comparison `set` (may be NULL). */
MUST_CHECK Err *compile_row_filter(Ctx *cx, Sql *q, const Object *obj, const CelNode *node,
                                   const CelNode *set);

/** Appends the scalar value of `node`; decimals come scaled by `*places`. */
MUST_CHECK Err *compile_value(Ctx *cx, Sql *q, const Object *obj, unsigned alias, const CelNode *node,
                              uint8_t *places);

/** CelScope over one record: fields, references followed as the system or as the actor. */
typedef struct RecordScope {
    Ctx *cx;
    const Record *rec;
} RecordScope;
CelScope record_scope(RecordScope *scope);
