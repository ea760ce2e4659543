/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chunked bump allocator.  Chunks double up to 1 MiB; larger requests get a chunk of their own.  Under ASan the unused
   part of every chunk is poisoned, with a gap after each allocation; with KITH_MALLOC defined every allocation is a
   malloc of its own, for valgrind. */
#include "base/arena.h"

#include "base/err.h"
#include "base/fault.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#define GAP 16
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)0)
#define GAP                               0
#endif

#define CHUNK_FIRST (8u << 10)
#define CHUNK_MAX   (1u << 20)
#define CHUNK_KEPT  (32u << 10)

typedef struct Chunk {
    struct Chunk *prev;
    size_t size, used;
    _Alignas(16) char data[];
} Chunk;

typedef struct Deferral {
    struct Deferral *prev;
    void (*fn)(void *);
    void *arg;
} Deferral;

struct Arena {
    Chunk *chunk, *spare; /* spare: of arena_rewind, the one used first on top */
    Deferral *deferred;
    size_t used, cap, next_size;
};

static size_t round_up(size_t n)
{
    return (n + 15) & ~(size_t)15;
}

static void *needed(void *p)
{
    if (!p) out_of_memory();
    return p;
}

static Chunk *chunk_new(size_t size)
{
    Chunk *c = needed(fault_now(FAULT_CHUNK) ? NULL : malloc(sizeof(Chunk) + size));

    c->prev = NULL;
    c->size = size;
    c->used = 0;
    ASAN_POISON_MEMORY_REGION(c->data, size);
    return c;
}

static void chunk_free(Chunk *c)
{
    ASAN_UNPOISON_MEMORY_REGION(c->data, c->size);
    free(c);
}

Arena *arena_new(size_t cap)
{
    Arena *mem = needed(calloc(1, sizeof *mem));

    mem->cap = cap ? cap : SIZE_MAX;
    mem->next_size = CHUNK_FIRST;
    return mem;
}

static void run_deferrals(Arena *mem)
{
    while (mem->deferred) {
        Deferral *d = mem->deferred;
        mem->deferred = d->prev;
        d->fn(d->arg);
    }
}

static void free_all(Chunk *c)
{
    while (c) {
        Chunk *prev = c->prev;
        chunk_free(c);
        c = prev;
    }
}

void arena_free(Arena *mem)
{
    if (!mem) return;
    run_deferrals(mem);
    free_all(mem->chunk);
    free_all(mem->spare);
    free(mem);
}

void arena_reset(Arena *mem)
{
    run_deferrals(mem);
    while (mem->chunk && mem->chunk->prev) {
        Chunk *prev = mem->chunk->prev;
        if (mem->chunk->size <= CHUNK_KEPT) { /* chunks grow: what took this much will again */
            mem->chunk->prev = prev->prev;
            chunk_free(prev);
            continue;
        }
        chunk_free(mem->chunk);
        mem->chunk = prev;
    }
    if (mem->chunk) {
        ASAN_POISON_MEMORY_REGION(mem->chunk->data, mem->chunk->size);
        mem->chunk->used = 0;
    }
    mem->used = 0;
    mem->next_size = mem->chunk ? mem->chunk->size * 2 : CHUNK_FIRST;
}

void arena_rewind(Arena *mem)
{
    run_deferrals(mem);
    for (Chunk *c = mem->chunk; c; c = mem->chunk) {
        mem->chunk = c->prev;
        ASAN_POISON_MEMORY_REGION(c->data, c->size);
        c->used = 0;
        c->prev = mem->spare;
        mem->spare = c;
    }
    mem->used = 0;
}

static void arena_add_chunk(Arena *mem, size_t need)
{
    if (mem->spare && mem->spare->size >= need) {
        Chunk *c = mem->spare;
        mem->spare = c->prev;
        c->prev = mem->chunk;
        mem->chunk = c;
        return;
    }
    size_t size = mem->next_size > need ? mem->next_size : need;
    Chunk *c = chunk_new(size);

    c->prev = mem->chunk;
    mem->chunk = c;
    if (mem->next_size < CHUNK_MAX) mem->next_size *= 2;
}

void *arena_alloc(Arena *mem, size_t size)
{
    REQUIRE(size < SIZE_MAX / 2);
    size_t need = round_up(size ? size : 1) + GAP;
    REQUIRE(need <= mem->cap - mem->used);
#ifdef KITH_MALLOC
    arena_add_chunk(mem, need);
#else
    if (!mem->chunk || mem->chunk->size - mem->chunk->used < need) arena_add_chunk(mem, need);
#endif
    char *p = mem->chunk->data + mem->chunk->used;
    ASAN_UNPOISON_MEMORY_REGION(p, size);
    mem->chunk->used += need;
    mem->used += need;
    memset(p, 0, size);
    return p;
}

void *arena_alloc_n(Arena *mem, size_t n, size_t size)
{
    size_t total;

    REQUIRE(!__builtin_mul_overflow(n, size, &total));
    return arena_alloc(mem, total);
}

/* The last allocation of the chunk grows where it is. */
static bool grow_in_place(Arena *mem, char *p, size_t old, size_t size)
{
    Chunk *c = mem->chunk;
    size_t had = round_up(old ? old : 1) + GAP, need = round_up(size) + GAP;

    if (!c || p + had != c->data + c->used || c->size - c->used < need - had) return false;
    REQUIRE(need - had <= mem->cap - mem->used);
    c->used += need - had;
    mem->used += need - had;
    ASAN_UNPOISON_MEMORY_REGION(p, size);
    memset(p + old, 0, size - old);
    return true;
}

void *arena_grow(Arena *mem, void *p, size_t old, size_t size)
{
    if (p && size <= old) return p;
    if (p && grow_in_place(mem, p, old, size)) return p;
    void *q = arena_alloc(mem, size);
    if (old) memcpy(q, p, old);
    return q;
}

void arena_defer(Arena *mem, void (*fn)(void *), void *arg)
{
    Deferral *d = NEW(mem, Deferral);

    d->fn = fn;
    d->arg = arg;
    d->prev = mem->deferred;
    mem->deferred = d;
}

size_t arena_used(const Arena *mem)
{
    return mem->used;
}
