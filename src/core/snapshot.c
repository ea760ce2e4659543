/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots of the metadata, counted in two halves.  The word all look at holds the place of the current snapshot and how
   often it has been taken: finding it and counting oneself is one addition, so nobody can hold what has gone.  Each snapshot
   counts how often it was let go; when it is replaced, what was taken is set off against that, and whoever brings the balance
   to zero frees it.  While it is current a bias keeps the balance away from zero. */
#include "core/snapshot.h"

#include "core/plan.h"

#define TAKEN_BITS 48
#define TAKEN_MASK ((UINT64_C(1) << TAKEN_BITS) - 1)
#define BIAS       (INT64_C(1) << 56)

struct Snapshot {
    Store *store;
    Meta *meta;
    Arena *mem;
    size_t place;
    _Atomic int64_t balance; /* let go less taken, and BIAS while it is current */
    PlanPlace plans[1024];
};

static Snapshot *at_place(const Store *store, size_t place)
{
    return atomic_load_explicit(&store->snapshots[place], memory_order_acquire);
}

static void snapshot_free(Snapshot *s)
{
    Arena *mem = s->mem;

    for (size_t i = 0; i < sizeof s->plans / sizeof *s->plans; i++) {
        const Plan *plan = atomic_load(&s->plans[i].plan);
        if (plan) arena_free(plan->mem);
    }
    if (s->place < STORE_SNAPSHOTS)
        atomic_store_explicit(&s->store->snapshots[s->place], NULL, memory_order_release);
    arena_free(mem);
}

static void settle(Snapshot *s, int64_t change)
{
    if (atomic_fetch_add_explicit(&s->balance, change, memory_order_acq_rel) + change == 0) snapshot_free(s);
}

static void let_go(void *arg)
{
    settle(arg, 1);
}

const Meta *meta_now(Store *store, Arena *mem)
{
    uint64_t head = atomic_fetch_add_explicit(&store->snapshot, 1, memory_order_acq_rel);
    Snapshot *s = at_place(store, head >> TAKEN_BITS);

    if (!s) return NULL; /* a store opened bare */
    arena_defer(mem, let_go, s);
    return s->meta;
}

void meta_hold(const Meta *meta, Arena *mem)
{
    Snapshot *s = meta->owner;

    if (!s) return;
    atomic_fetch_sub_explicit(&s->balance, 1, memory_order_relaxed);
    arena_defer(mem, let_go, s);
}

const Meta *store_meta(const Store *store)
{
    return at_place(store, atomic_load_explicit(&store->snapshot, memory_order_acquire) >> TAKEN_BITS)->meta;
}

static bool find_place(const Store *store, size_t *out)
{
    for (*out = 0; *out < STORE_SNAPSHOTS; ++*out)
        if (!at_place(store, *out)) return true;
    return false;
}

static Snapshot *snapshot_new(Store *store, Meta *meta, Arena *mem, size_t place, int64_t balance)
{
    Snapshot *s = NEW(mem, Snapshot);

    s->store = store;
    s->meta = meta;
    s->mem = mem;
    s->place = place;
    atomic_init(&s->balance, balance);
    meta->owner = s;
    return s;
}

void meta_give(Store *store, Meta *meta, Arena *mem, Arena *holder)
{
    arena_defer(holder, let_go, snapshot_new(store, meta, mem, STORE_SNAPSHOTS, -1));
}

bool meta_put(Store *store, Meta *meta, Arena *mem)
{
    size_t place = 0;

    if (!find_place(store, &place)) return false;
    Snapshot *s = snapshot_new(store, meta, mem, place, BIAS);
    Snapshot *old = at_place(store, atomic_load(&store->snapshot) >> TAKEN_BITS);
    atomic_store_explicit(&store->snapshots[place], s, memory_order_release);
    uint64_t head =
        atomic_exchange_explicit(&store->snapshot, (uint64_t)place << TAKEN_BITS, memory_order_acq_rel);
    atomic_store(&store->generation, meta->generation);
    if (old) settle(old, -BIAS - (int64_t)(head & TAKEN_MASK));
    return true;
}

size_t meta_count(const Store *store)
{
    size_t n = 0;

    for (size_t i = 0; i < STORE_SNAPSHOTS; i++) n += at_place(store, i) != NULL;
    return n;
}

void snapshots_free(void *arg)
{
    Store *store = arg;

    for (size_t i = 0; i < STORE_SNAPSHOTS; i++) {
        Snapshot *s = at_place(store, i);
        if (s) snapshot_free(s);
    }
}

PlanPlace *snapshot_plan(const Object *obj)
{
    Snapshot *s = obj->meta->owner;

    return &s->plans[obj->number];
}
