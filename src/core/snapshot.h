/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/store.h"

/* The metadata in memory: immutable snapshots, of which one is current.  Whoever works by one holds it until his memory
   ends; an old one goes with the last who holds it.  Taking and letting go are one atomic addition each. */

/** The metadata as it is now; it stays as long as `mem`. */
const Meta *meta_now(Store *store, Arena *mem);
/** The same snapshot, held by the caller, for `mem` too. */
void meta_hold(const Meta *meta, Arena *mem);
/** The current one without holding it: while a store is opened, and in tests that change nothing. */
const Meta *store_meta(const Store *store);
/** Makes `meta`, which lives in `mem`, current; the old one goes when nobody holds it any more.  False when too many old
    ones are still held: nothing has changed then.  One at a time. */
bool meta_put(Store *store, Meta *meta, Arena *mem);
/** Gives `meta`, which lives in `mem`, to `holder` alone: nobody else sees it. */
void meta_give(Store *store, Meta *meta, Arena *mem, Arena *holder);
/** How many snapshots there are, the current one included. */
size_t meta_count(const Store *store);
/** Frees what is left: when the store ends. */
void snapshots_free(void *arg);

/** The place of what core/plan keeps of `obj` with its snapshot. */
typedef struct PlanPlace {
    struct Plan *_Atomic plan;
} PlanPlace;
PlanPlace *snapshot_plan(const Object *obj);
