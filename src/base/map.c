/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Open addressing over an insertion-ordered array; tables are small and live in arenas. */
#include "base/map.h"

#include "base/err.h"

#include <string.h>

static size_t slot_of(const StrMap *m, Str key)
{
    size_t i = str_hash(key) & (m->n_slots - 1);

    while (m->slots[i] && !str_eq(m->entries[m->slots[i] - 1].key, key)) i = (i + 1) & (m->n_slots - 1);
    return i;
}

void *strmap_get(const StrMap *m, Str key)
{
    if (m->n == 0) return NULL;
    uint32_t at = m->slots[slot_of(m, key)];
    return at ? m->entries[at - 1].val : NULL;
}

static void grow_slots(Arena *mem, StrMap *m)
{
    m->n_slots = m->n_slots ? m->n_slots * 2 : 16;
    m->slots = NEW_N(mem, uint32_t, m->n_slots);
    for (size_t i = 0; i < m->n; i++) m->slots[slot_of(m, m->entries[i].key)] = (uint32_t)i + 1;
}

void strmap_put(Arena *mem, StrMap *m, Str key, void *val)
{
    if ((m->n + 1) * 2 > m->n_slots) grow_slots(mem, m);
    size_t slot = slot_of(m, key);
    if (m->slots[slot]) {
        m->entries[m->slots[slot] - 1].val = val;
        return;
    }
    if (m->n == m->cap) vec_grow_(mem, (void **)&m->entries, &m->cap, sizeof *m->entries);
    m->entries[m->n++] = (StrMapEntry){key, val};
    m->slots[slot] = (uint32_t)m->n;
}

void vec_grow_(Arena *mem, void **p, size_t *cap, size_t size)
{
    size_t n = *cap ? *cap * 2 : 8;

    REQUIRE(n < SIZE_MAX / size);
    *p = arena_grow(mem, *p, *cap * size, n * size);
    *cap = n;
}
