/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/query.h"

/* Inside core: what lists and aggregates share. */

/** Field `name` the actor may read; INVALID with `param` as the field otherwise. */
MUST_CHECK Err *query_field(Ctx *cx, const Object *obj, Str name, const char *param, Field **out);
/** The checked tree of `text` over fields the actor may read, of type `wanted` (NULL any); what is wrong with it names `param`. */
MUST_CHECK Err *query_expr(Ctx *cx, const Object *obj, Str text, const CelType *wanted, const char *param,
                           CelNode **out);
/** Appends " WHERE ..." over alias t0: live or deleted, filter, search, rights. */
MUST_CHECK Err *query_where(Ctx *cx, Sql *sql, const Query *q);
/** Appends the value of a group over alias t0, and what such a column holds as a value. */
MUST_CHECK Err *aggregate_group(Ctx *cx, Sql *q, const Aggregate *a, const Group *g);
Val aggregate_group_value(const Group *g, Val v);
