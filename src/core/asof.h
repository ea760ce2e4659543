/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

/** Appends `"table" tN`, or with cx->as_of the union of the live rows unchanged since and the past rows of that moment. */
MUST_CHECK Err *asof_source(Ctx *cx, Sql *q, const Object *obj, unsigned alias);

/** The same along the indexes of `column` in both tables; empty: as the planner likes.  SQLite only. */
MUST_CHECK Err *asof_source_by(Ctx *cx, Sql *q, const Object *obj, unsigned alias, Str column);

/** Keeps the row of `id` as it stands in the past table until `until` (now); nothing when it has stood no time at all. */
MUST_CHECK Err *asof_keep(Ctx *cx, const Object *obj, Id id);
