/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* Str -> pointer, insertion order kept.  The zero value is empty; keys are not copied. */
typedef struct StrMapEntry {
    Str key;
    void *val;
} StrMapEntry;

typedef struct StrMap {
    StrMapEntry *entries;
    uint32_t *slots;
    size_t n, cap, n_slots;
} StrMap;

void *strmap_get(const StrMap *m, Str key);                 /* NULL when absent */
void strmap_put(Arena *mem, StrMap *m, Str key, void *val); /* replaces */

/* Growing array: `VEC(T)` declares { T *p; size_t n, cap; }, vec_push returns a pointer to the new zeroed element. */
#define VEC(T)         \
    struct {           \
        T *p;          \
        size_t n, cap; \
    }
#define vec_push(mem, v)                                                                           \
    ((v)->n == (v)->cap ? vec_grow_((mem), (void **)&(v)->p, &(v)->cap, sizeof *(v)->p) : (void)0, \
     (v)->p + (v)->n++)
void vec_grow_(Arena *mem, void **p, size_t *cap, size_t size);
