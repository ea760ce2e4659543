/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots come and go under readers who never wait: each reader finds one whole, and the last who holds an old one frees it. */
#include "base/tap.h"
#include "core/snapshot.h"

#include <pthread.h>

static bool put(Store *store, int64_t generation)
{
    Arena *mem = arena_new(0);
    Meta *meta = NEW(mem, Meta);

    *meta = (Meta){.mem = mem, .generation = generation, .n_objects = (size_t)generation};
    if (meta_put(store, meta, mem)) return true;
    arena_free(mem);
    return false;
}

static Store *store_new(Arena *mem)
{
    Store *store = NEW(mem, Store);

    arena_defer(mem, snapshots_free, store);
    CHECK(put(store, 1));
    return store;
}

TEST(an_old_one_stays_as_long_as_it_is_held)
{
    Store *store = store_new(mem);
    Arena *first = arena_new(0), *second = arena_new(0);
    const Meta *old = meta_now(store, first);

    meta_hold(old, second);
    CHECK(put(store, 2));
    CHECK_EQ_INT(store_meta(store)->generation, 2);
    CHECK_EQ_INT(store->generation, 2);
    arena_free(first);
    CHECK_EQ_INT(old->generation, 1);
    CHECK_EQ_INT(meta_count(store), 2);
    arena_free(second);
    CHECK_EQ_INT(meta_count(store), 1);
    CHECK(put(store, 3));
    CHECK_EQ_INT(meta_count(store), 1);
}

TEST(too_many_that_are_held_refuse_another)
{
    Store *store = store_new(mem);
    Arena *holder = arena_new(0);
    int64_t n = 1;

    while (n < STORE_SNAPSHOTS + 10) {
        meta_now(store, holder);
        if (!put(store, ++n)) break;
    }
    CHECK_EQ_INT(n, STORE_SNAPSHOTS + 1);
    CHECK_EQ_INT(store_meta(store)->generation, STORE_SNAPSHOTS);
    arena_free(holder);
    CHECK_EQ_INT(meta_count(store), 1);
    CHECK(put(store, n));
}

typedef struct Reader {
    Store *store;
    atomic_bool is_over;
    _Atomic int64_t seen, broken;
} Reader;

static void *read_on(void *arg)
{
    Reader *r = arg;
    Arena *mem = arena_new(0);
    int64_t last = 0;

    while (!r->is_over) {
        const Meta *meta = meta_now(r->store, mem);
        if ((int64_t)meta->n_objects != meta->generation || meta->generation < last) r->broken++;
        last = meta->generation;
        r->seen++;
        arena_rewind(mem);
    }
    arena_free(mem);
    return NULL;
}

TEST(readers_meet_swaps)
{
    Reader r = {.store = store_new(mem)};
    pthread_t threads[4];

    for (size_t i = 0; i < 4; i++) REQUIRE(pthread_create(&threads[i], NULL, read_on, &r) == 0);
    for (int64_t n = 2; n < 3000 || r.seen < 3000; n++) CHECK(put(r.store, n));
    r.is_over = true;
    for (size_t i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    CHECK_EQ_INT(r.broken, 0);
    CHECK_EQ_INT(meta_count(r.store), 1);
}
