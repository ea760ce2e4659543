/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Record ids: 41 bits of milliseconds since 2020-01-01, 10 of node, 12 of sequence.  One atomic holds the last id, so
   ids grow even when the clock goes back; when the sequence of a millisecond is used up, the time part runs ahead. */
#include "base/id.h"

#include "base/err.h"

#include <stdatomic.h>

#define EPOCH_MS  INT64_C(1577836800000)
#define NODE_BITS 10
#define SEQ_BITS  12

static const char ALPHABET[] = "0123456789abcdefghjkmnpqrstvwxyz";
static _Atomic int64_t last_id;
static _Atomic unsigned node_number;

void id_init(unsigned node, Id last)
{
    REQUIRE(node < (1u << NODE_BITS));
    atomic_store(&node_number, node);
    int64_t seen = atomic_load(&last_id);
    while (last > seen && !atomic_compare_exchange_weak(&last_id, &seen, last)) {}
}

static int64_t next_after(int64_t last, int64_t fresh, int64_t node)
{
    if (fresh > last) return fresh;
    int64_t tick = last >> (NODE_BITS + SEQ_BITS), seq = last & ((1 << SEQ_BITS) - 1);
    int64_t same = tick << (NODE_BITS + SEQ_BITS) | node << SEQ_BITS | (seq + 1);
    if (seq + 1 < (1 << SEQ_BITS) && same > last) return same;
    return (tick + 1) << (NODE_BITS + SEQ_BITS) | node << SEQ_BITS;
}

Id id_new(int64_t ms)
{
    int64_t node = atomic_load_explicit(&node_number, memory_order_relaxed);
    int64_t tick = ms > EPOCH_MS ? ms - EPOCH_MS : 1;
    int64_t fresh = tick << (NODE_BITS + SEQ_BITS) | node << SEQ_BITS;
    int64_t last = atomic_load(&last_id), id;

    do id = next_after(last, fresh, node);
    while (!atomic_compare_exchange_weak(&last_id, &last, id));
    return id;
}

void id_format(Id id, char out[ID_TEXT + 1])
{
    uint64_t u = (uint64_t)id;

    for (int i = ID_TEXT - 1; i >= 0; i--, u >>= 5) out[i] = ALPHABET[u & 31];
    out[ID_TEXT] = '\0';
}

Str id_text(Arena *mem, Id id)
{
    char *p = arena_alloc(mem, ID_TEXT + 1);

    id_format(id, p);
    return (Str){p, ID_TEXT};
}

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
    if (c == 'i' || c == 'l') c = '1';
    if (c == 'o') c = '0';
    for (int i = 0; i < 32; i++)
        if (ALPHABET[i] == c) return i;
    return -1;
}

bool id_parse(Str s, Id *out)
{
    uint64_t v = 0;

    if (s.n != ID_TEXT) return false;
    for (size_t i = 0; i < ID_TEXT; i++) {
        int d = digit_of(s.p[i]);
        if (d < 0 || (i == 0 && d > 7)) return false;
        v = v << 5 | (uint64_t)d;
    }
    if (v == 0 || v > INT64_MAX) return false;
    *out = (Id)v;
    return true;
}

int64_t id_ms(Id id)
{
    return (id >> (NODE_BITS + SEQ_BITS)) + EPOCH_MS;
}
