/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* A growing byte buffer with a maximum.  Past it nothing more is added and `is_over` stays set. */
typedef struct Buf {
    Arena *mem;
    char *p;
    size_t n, cap, max;
    bool is_over;
} Buf;

Buf buf_new(Arena *mem, size_t max);
void buf_add(Buf *b, Str s);
void buf_add_c(Buf *b, char c);
void buf_add_n(Buf *b, const void *p, size_t n);
void buf_add_i64(Buf *b, int64_t v);
void buf_addf(Buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Makes room for `n` more bytes and returns where to write them, or NULL when that passes the maximum. */
char *buf_room(Buf *b, size_t n);
Str buf_str(const Buf *b);
