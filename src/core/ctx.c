/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contexts: who asks, when, in which transaction. */
#include "core/ctx.h"

#include "core/snapshot.h"

static const Actor SYSTEM = {.is_system = true, .zone = S_INIT("UTC")};

Ctx ctx_system(Store *store, Arena *mem, DbConn *db)
{
    return (Ctx){.mem = mem,
                 .store = store,
                 .meta = meta_now(store, mem),
                 .db = db,
                 .actor = &SYSTEM,
                 .now = store_now(store),
                 .channel = CHANNEL_SYSTEM};
}

Ctx ctx_as_system(const Ctx *cx)
{
    Ctx system = *cx;

    system.actor = &SYSTEM;
    system.cache = NULL;
    return system;
}

void ctx_join(Ctx *cx, const Ctx *from)
{
    cx->batch = from->batch;
    cx->has_batch_row = from->has_batch_row;
    cx->tx = from->tx;
    cx->seq = from->seq;
    cx->pending = from->pending;
    cx->warnings = from->warnings;
}
