/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/map.h"
#include "core/ctx.h"

/* Inside core: what a unit has put off to its end (rollup_flush): parents whose roll-ups are due, and search entries, which
   the full-text index takes cheaply only in rising order of their ids. */
typedef struct Due {
    const Field *rollup; /* field of the parent's object */
    Id parent;
    int64_t delta; /* of a count */
} Due;

typedef struct SearchDoc {
    Id id;
    size_t order;    /* of coming, so that the last one counts */
    uint16_t object; /* number */
    bool is_new;     /* there was no entry before */
    Str tokens;      /* empty: the entry goes */
} SearchDoc;

typedef struct Settle {
    const Object *obj;
    Id id;
} Settle;

typedef struct Pending {
    VEC(Due) dues;
    VEC(SearchDoc) docs;
    VEC(Settle) settles;
    Settle settling; /* the one that is settled now: what it writes does not call for it again */
} Pending;

/** The list of this unit, made when there is none. */
Pending *pending_of(Ctx *cx);
/** Settles what is noted (core/settle.c). */
MUST_CHECK Err *settle_flush(Ctx *cx);
/** Writes the search entries of `pending`, in order of their ids, and empties it. */
MUST_CHECK Err *search_flush(Ctx *cx, Pending *pending);
