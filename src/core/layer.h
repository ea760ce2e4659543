/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/snapshot.h"

/* The site's layer kept in the database: records of object choice_option say what the site has changed about the options of
   choices.  A change of theirs raises the generation (a setting) in its own transaction; each process builds a new snapshot
   when it finds a generation it does not know. */

/** Reads the object files and makes the first snapshot, without what the database says. */
MUST_CHECK Err *layer_load(Store *store);
/** In a write unit: what has been written changes the metadata. */
MUST_CHECK Err *layer_changed(Ctx *cx);
/** Whether a unit of this process has changed the metadata since the current snapshot was made. */
bool layer_is_behind(const Store *store);
/** In any unit: when the database is at a later generation, makes a snapshot of it current.  LIMIT{error.meta.held} when
    too many old ones are still held. */
MUST_CHECK Err *layer_catch_up(Store *store, Arena *mem, DbConn *c);
/** The same in a read of its own, never inside a unit: when this process knows that it is behind, or `is_told` so. */
MUST_CHECK Err *layer_refresh(Store *store, Arena *mem, bool is_told);
/** After a commit of this process, on a thread that may wait: works by the new metadata when that has changed it.  What goes
    wrong is logged, and tried again by the feed. */
void layer_follow(Store *store, Arena *mem);
/** Metadata with some options more, for `holder` alone: what a preview works by. */
MUST_CHECK Err *layer_preview(Store *store, Arena *holder, DbConn *c, const SiteOption *more, size_t n,
                              const Meta **out);
/** From now on every writing unit reads the generation first, where other processes may raise it. */
void layer_watch(Store *store);
