/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settling: what a record draws from its parts by more than a sum (a document's totals from its lines, what is owed from
   payments) is computed by a hook of its module, once at the end of the unit, whatever was written, came or went.  What it
   writes is derived, like a roll-up: no version, no time.  Records are locked first, in order of their ids, so that two
   units cannot each miss what the other adds. */
#include "core/module.h"
#include "core/pending.h"
#include "core/store.h"
#include "core/write.h"

#include <stdlib.h>
#include <string.h>

void settle_add(Ctx *cx, const Object *obj, Id id)
{
    Pending *pending = pending_of(cx);

    if (!id || (pending->settling.obj == obj && pending->settling.id == id)) return;
    *vec_push(cx->mem, &pending->settles) = (Settle){obj, id};
}

static void add_referred(Ctx *cx, const Record *rec, const char *field)
{
    const Field *f = rec ? object_field(rec->obj, str_c(field)) : NULL;

    REQUIRE(!rec || (f && f->target));
    if (rec && !val_is_null(rec->vals[f->index])) settle_add(cx, f->target, rec->vals[f->index].i);
}

void settle_note(Ctx *cx, const Record *before, const Record *after)
{
    const Object *obj = after ? after->obj : before->obj;

    for (size_t m = 0; m < cx->store->n_modules; m++)
        for (size_t i = 0; i < cx->store->modules[m]->n_hooks; i++) {
            const Hook *hook = &cx->store->modules[m]->hooks[i];
            if (!hook->settles[0] || !str_eq_c(obj->name, hook->object)) continue;
            for (size_t k = 0; k < HOOK_SETTLES && hook->settles[k]; k++) {
                add_referred(cx, before, hook->settles[k]);
                add_referred(cx, after, hook->settles[k]);
            }
        }
}

void settle_self(Ctx *cx, const Record *rec)
{
    for (size_t m = 0; m < cx->store->n_modules; m++)
        for (size_t i = 0; i < cx->store->modules[m]->n_hooks; i++) {
            const Hook *hook = &cx->store->modules[m]->hooks[i];
            if (hook->settle && str_eq_c(rec->obj->name, hook->object)) settle_add(cx, rec->obj, rec->id);
        }
}

static int by_id(const void *a, const void *b)
{
    const Settle *x = a, *y = b;

    return (x->id > y->id) - (x->id < y->id);
}

static Err *settle_one(Ctx *cx, const Settle *due)
{
    Ctx system = ctx_as_system(cx);
    Record *before = NULL, *rec = NULL;

    Err *e = record_get(&system, due->obj, due->id, READ_LOCK, &before);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    rec = record_copy(cx->mem, before);
    cx->pending->settling = *due;
    for (size_t m = 0; m < cx->store->n_modules; m++)
        for (size_t i = 0; i < cx->store->modules[m]->n_hooks; i++) {
            const Hook *hook = &cx->store->modules[m]->hooks[i];
            if (hook->settle && str_eq_c(due->obj->name, hook->object)) TRY(hook->settle(cx, rec, before));
        }
    TRY(write_derived(cx, before, rec));
    cx->pending->settling = (Settle){0};
    return NULL;
}

Err *settle_flush(Ctx *cx)
{
    Settle *dues = cx->pending->settles.p;
    size_t n = cx->pending->settles.n;

    memset(&cx->pending->settles, 0, sizeof cx->pending->settles);
    if (n) qsort(dues, n, sizeof *dues, by_id);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || dues[i].id != dues[i - 1].id) TRY(settle_one(cx, &dues[i]));
    return NULL;
}

Err *record_settle(Ctx *cx, const Record *before, Record *rec)
{
    return write_derived(cx, before, rec);
}
