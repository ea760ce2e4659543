/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

/* What one unit has looked up of the records others refer to: the rows of an import name the same accounts and people over and
   over.  Holds for one actor, and only until the unit changes a record: a new one hides none that was there. */
#define SEEN_SLOTS 512

typedef struct Seen {
    const Actor *actor;
    const Object
        *rules_of; /* by what duplicates of this object are found; whoever the actor, whatever changes */
    void *rules;
    Id user; /* whose team is known */
    Val team;
    struct {
        const Object *obj;
        Id id;
    } refs[SEEN_SLOTS]; /* live, and the actor may see them */
} Seen;

/** From now on `cx` keeps what it looks up. */
void seen_begin(Ctx *cx);
/** A record has changed. */
void seen_forget(Ctx *cx);
bool seen_has(const Ctx *cx, const Object *obj, Id id);
void seen_add(Ctx *cx, const Object *obj, Id id);
/** The team of `user`, when it is known. */
bool seen_team(const Ctx *cx, Id user, Val *out);
void seen_add_team(Ctx *cx, Id user, Val team);
