/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/id.h"
#include "db/db.h"
#include "meta/meta.h"

typedef struct Store Store;
typedef struct Rights Rights;

typedef enum Channel {
    CHANNEL_WEB = 1,
    CHANNEL_API,
    CHANNEL_IMPORT,
    CHANNEL_CLI,
    CHANNEL_SYSTEM,
    CHANNEL_UNDO,
    CHANNEL_FORM
} Channel;

/* Who is asking: loaded once a request from the session or key. */
typedef struct Actor {
    Id user; /* 0: nobody */
    Id team;
    Id role;
    Str name, email;
    Lang lang;
    Str zone; /* IANA */
    const Rights *rights;
    bool is_system; /* rights do not apply: formulas, roll-ups, jobs, the command line */
} Actor;

/* The context of one unit of work or read: everything it may depend on besides the database. */
typedef struct Ctx {
    Arena *mem;
    Store *store;
    const Meta *meta;
    DbConn *db;
    const Actor *actor;
    int64_t now; /* ms; bound once */
    Str request_id;
    Channel channel;
    Id batch; /* undone as a whole; 0: each record's change is a batch of its own */
    Id cause;
    int64_t as_of;             /* reads: 0 live, else ms of the past moment */
    bool may_write_readonly;   /* actions and hooks */
    bool is_quiet;             /* restore, import of old data: no automation */
    struct RecordCache *cache; /* records followed by expressions, of this unit */
    struct Seen *seen; /* what a unit of many records has looked up (core/seen.h); NULL: nothing is kept */
    const struct Prepared *prepared; /* of the action that runs; NULL: nothing */
    struct Pending *pending;         /* roll-ups to bring up to date at the end */
    unsigned hold;                   /* above 0 roll-ups wait for rollup_flush: batches */
    struct Err *warnings;            /* what the caller is to know of a write that was done all the same */
    int64_t tx, seq;                 /* place in the log; 0 until the first change */
    bool has_batch_row;
} Ctx;

/** A context for the system itself (no rights), for jobs, command line and tests. */
Ctx ctx_system(Store *store, Arena *mem, DbConn *db);
/** The same context acting as the system: for formulas, roll-ups, labels of what rules read. */
Ctx ctx_as_system(const Ctx *cx);
/** Takes over into `cx` what a context made from it has begun: batch, place in the log, pending roll-ups. */
void ctx_join(Ctx *cx, const Ctx *from);
