/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small table without chains: a record takes the place of another, which is then looked up again. */
#include "core/seen.h"

#include <string.h>

static size_t place_of(Id id)
{
    return (size_t)((uint64_t)id * UINT64_C(0x9E3779B97F4A7C15) >> 55);
}

static bool is_kept(const Ctx *cx)
{
    return cx->seen && cx->seen->actor == cx->actor && !cx->as_of;
}

void seen_begin(Ctx *cx)
{
    cx->seen = NEW(cx->mem, Seen);
    cx->seen->actor = cx->actor;
}

void seen_forget(Ctx *cx)
{
    if (!cx->seen) return;
    cx->seen->user = 0;
    memset(cx->seen->refs, 0, sizeof cx->seen->refs);
}

bool seen_has(const Ctx *cx, const Object *obj, Id id)
{
    return is_kept(cx) && cx->seen->refs[place_of(id)].id == id && cx->seen->refs[place_of(id)].obj == obj;
}

void seen_add(Ctx *cx, const Object *obj, Id id)
{
    if (!is_kept(cx)) return;
    cx->seen->refs[place_of(id)].obj = obj;
    cx->seen->refs[place_of(id)].id = id;
}

bool seen_team(const Ctx *cx, Id user, Val *out)
{
    if (!is_kept(cx) || !user || cx->seen->user != user) return false;
    *out = cx->seen->team;
    return true;
}

void seen_add_team(Ctx *cx, Id user, Val team)
{
    if (!is_kept(cx)) return;
    cx->seen->user = user;
    cx->seen->team = team;
}
