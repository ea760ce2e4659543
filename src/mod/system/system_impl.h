/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mod/system/system.h"

/* What the files of this module share: hooks (core/module.h says when they run). */

/** Hours are hours, the zone is one; written one way. */
Err *calendar_before(Ctx *cx, Record *rec, const Record *before);
Err *calendar_day_before(Ctx *cx, Record *rec, const Record *before);

/** user:hand_over {to, stays}: gives {records, left, skipped}, or {operation} when there is much. */
Err *user_hand_over(Ctx *cx, Record *rec, const Val *params, Val *out);
Err *hand_over_job(Store *store, Arena *mem, Id job, const Val *arg);
