/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>

/* Memory with one named lifetime (process, connection, request, job, batch): allocated piece by piece, freed whole. */
typedef struct Arena Arena;

/** A new arena that may hold at most `cap` bytes (0: no bound).  Going past the cap is a bug and aborts. */
Arena *arena_new(size_t cap);

/** Runs the deferrals, newest first, then frees everything.  NULL is ignored. */
void arena_free(Arena *mem);

/** Runs the deferrals and empties the arena but keeps its newest chunk of moderate size for use again. */
void arena_reset(Arena *mem);

/** The same, but keeps every chunk: for many pieces of work that need about as much each. */
void arena_rewind(Arena *mem);

/** `size` zeroed bytes aligned to 16.  Aborts when memory runs out. */
void *arena_alloc(Arena *mem, size_t size) __attribute__((malloc, returns_nonnull, alloc_size(2)));

/** Grows `p` of `old` bytes to `size` bytes, in place when it was the last allocation; new bytes are zero. */
void *arena_grow(Arena *mem, void *p, size_t old, size_t size);

/** Calls `fn(arg)` when the arena is freed or reset: how foreign handles get the arena's lifetime. */
void arena_defer(Arena *mem, void (*fn)(void *), void *arg);

/** Bytes handed out so far. */
size_t arena_used(const Arena *mem);

#define NEW(mem, T)      ((T *)arena_alloc((mem), sizeof(T)))
#define NEW_N(mem, T, n) ((T *)arena_alloc_n((mem), (n), sizeof(T)))

/** `n` zeroed elements of `size` bytes; aborts on overflow of the product. */
void *arena_alloc_n(Arena *mem, size_t n, size_t size);
