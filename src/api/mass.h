/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/spine.h"
#include "core/rights.h"

/* One change, or the deletion, of many records. */
typedef struct Mass {
    const Object *obj;
    Id batch;
    Id *ids;
    size_t n_ids;
    Str filter;
    bool has_filter;
    bool is_delete;
    Val set;
} Mass;

/** DENIED unless the actor may `verb` the object and, for more than one record, change many. */
MUST_CHECK Err *mass_allowed(Ctx *cx, const Object *obj, Verb verb, size_t n);
/** Fills `ids` from the filter, at most `max` (0: all); nothing when they were given. */
MUST_CHECK Err *mass_find(Ctx *cx, Mass *mass, size_t max);
/** Changes or deletes `ids` in this unit; a record that has gone meanwhile is passed over when the filter found it. */
MUST_CHECK Err *mass_apply(Ctx *cx, const Mass *mass, const Id *ids, size_t n, size_t *done);
/** Whether it is more than one unit should do: too many records, or too many that follow those deleted. */
MUST_CHECK Err *mass_is_long(Ctx *cx, const Mass *mass, bool *out);
/** Leaves the work to a job and answers 202 with its operation. */
MUST_CHECK Err *mass_queue(Req *rq, Ctx *cx, const Mass *mass);
/** Writes the operation {"id","done","total","state",...} of a job. */
MUST_CHECK Err *operation_to_json(Req *rq, Ctx *cx, Id id, int status);
