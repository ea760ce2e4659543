/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/query.h"

/* Inside core: what lists and aggregates share. */

/** Field `name` the actor may read; INVALID with `param` as the field otherwise. */
MUST_CHECK Err *query_field(Ctx *cx, const Object *obj, Str name, const char *param, Field **out);
/** Appends " WHERE ..." over alias t0: live or deleted, filter, search, rights. */
MUST_CHECK Err *query_where(Ctx *cx, Sql *sql, const Query *q);
