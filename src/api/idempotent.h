/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/spine.h"

/** Inside the unit of a write with Idempotency-Key: claims the key, or finds the reply of 24 hours at most and puts it
    into `rq` with `is_answered`.  INVALID{error.idempotency} (422) when the key was used for another request. */
MUST_CHECK Err *idempotent_begin(Req *rq, Ctx *cx);
/** Keeps the reply under the key, in the same transaction. */
MUST_CHECK Err *idempotent_end(Req *rq, Ctx *cx);
