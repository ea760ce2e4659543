/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

#include <string.h>

/* A growing byte buffer with a maximum.  Past it nothing more is added and `is_over` stays set. */
typedef struct Buf {
    Arena *mem;
    char *p;
    size_t n, cap, max;
    bool is_over;
} Buf;

Buf buf_new(Arena *mem, size_t max);
void buf_add_i64(Buf *b, int64_t v);
void buf_addf(Buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
Str buf_str(const Buf *b);
/** The slow side of buf_room: grows to hold `n` more bytes; false, and `is_over`, when that passes the maximum. */
bool buf_grow(Buf *b, size_t n);

/* Here, because replies are written a few bytes at a time. */

/** Makes room for `n` more bytes and returns where to write them, or NULL when that passes the maximum. */
static inline char *buf_room(Buf *b, size_t n)
{
    if (n > b->cap - b->n && !buf_grow(b, n)) return NULL;
    char *p = b->p + b->n;
    b->n += n;
    return p;
}

static inline void buf_add_n(Buf *b, const void *p, size_t n)
{
    char *to = n ? buf_room(b, n) : NULL;

    if (to) memcpy(to, p, n);
}

static inline void buf_add(Buf *b, Str s)
{
    buf_add_n(b, s.p, s.n);
}

static inline void buf_add_c(Buf *b, char c)
{
    char *to = buf_room(b, 1);

    if (to) *to = c;
}
