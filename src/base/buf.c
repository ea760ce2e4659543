/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing buffer in an arena, with a maximum and a sticky overflow. */
#include "base/buf.h"

#include "base/err.h"

#include <stdarg.h>
#include <string.h>

Buf buf_new(Arena *mem, size_t max)
{
    return (Buf){.mem = mem, .max = max};
}

bool buf_grow(Buf *b, size_t n)
{
    if (b->is_over || n > b->max - b->n) {
        b->is_over = true;
        return false;
    }
    size_t cap = b->cap ? b->cap : 64;
    while (cap - b->n < n) cap *= 2;
    if (cap > b->max) cap = b->max;
    b->p = arena_grow(b->mem, b->p, b->cap, cap);
    b->cap = cap;
    return true;
}

void buf_add_i64(Buf *b, int64_t v)
{
    char out[20];
    size_t i = sizeof out;
    uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

    do out[--i] = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0) buf_add_c(b, '-');
    buf_add_n(b, out + i, sizeof out - i);
}

void buf_addf(Buf *b, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    Str s = str_vfmt(b->mem, fmt, ap);
    va_end(ap);
    buf_add(b, s);
}

Str buf_str(const Buf *b)
{
    return (Str){b->p, b->n};
}
