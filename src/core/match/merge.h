/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

/* Making one record of several.  Everything that refers to the others then refers to the one that stays, the others go to the bin,
   all in the batch cx->batch, so that undoing the batch parts them again. */

typedef struct MergeChoice {
    const Field *field;
    Id from; /* whose value is taken */
} MergeChoice;

typedef struct Merge {
    const Object *obj;
    Id into;       /* stays */
    const Id *ids; /* go */
    size_t n;
    const MergeChoice
        *choices; /* of fields not named: its own value, else the first of the others; lists are united */
    size_t n_choices;
} Merge;

/** Moves at most `max` records that refer to those that go; `*moved` of them.  A link that the one that stays has already
    is deleted.  As the system in the actor's name: who may merge a record need not see all its children. */
MUST_CHECK Err *merge_move(Ctx *cx, const Merge *m, size_t max, size_t *moved);
/** How many records refer to those that go, counted up to about `max`. */
MUST_CHECK Err *merge_count(Ctx *cx, const Merge *m, size_t max, size_t *out);
/** Whether the actor may merge them: what record_merge looks at first. */
MUST_CHECK Err *merge_check(Ctx *cx, const Merge *m);
/** Merges in one unit; `*out` is the record that stays.  Needs the right to change it and to delete the others.
    INVALID{error.merge.same} when it is among those that go or none go; LIMIT{error.merge.children} when more than
    MERGE_CHILDREN_MAX refer to them: merge_move in units of its own comes first. */
#define MERGE_CHILDREN_MAX 1000
MUST_CHECK Err *record_merge(Ctx *cx, const Merge *m, Record **out);
/** Leaves a merge of many children to a job of many units, as the actor and as batch `batch`; undo takes it back whole. */
MUST_CHECK Err *merge_queue(Ctx *cx, const Merge *m, Id batch, Id *job);
/** The live record that `id` was merged into, perhaps by way of others, as the actor may see it; 0 when it was not. */
MUST_CHECK Err *merge_survivor(Ctx *cx, const Object *obj, Id id, Id *out);
