/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Text by value: `n` bytes at `p`, valid UTF-8 (checked once, at the door), not terminated.  The zero value is empty. */
typedef struct Str {
    const char *p;
    size_t n;
} Str;

#define S(lit) ((Str){"" lit, sizeof(lit) - 1})
#define S_INIT(lit)             \
    {                           \
        "" lit, sizeof(lit) - 1 \
    }
/* For printf's "%.*s". */
#define SFMT(s) (int)(s).n, ((s).p ? (s).p : "")

/** Value of a hexadecimal digit in either case, -1 for any other character. */
static inline int hex_digit(int c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A view of a C string; NULL is empty. */
static inline Str str_c(const char *c)
{
    return c ? (Str){c, strlen(c)} : (Str){0};
}

static inline bool str_eq(Str a, Str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_eq_c(Str a, const char *b)
{
    return str_eq(a, str_c(b));
}

/* Clamped to `s`. */
static inline Str str_sub(Str s, size_t from, size_t n)
{
    if (from > s.n) from = s.n;
    if (n > s.n - from) n = s.n - from;
    return (Str){s.p ? s.p + from : NULL, n};
}

/* The rest from `from` on. */
static inline Str str_from(Str s, size_t from)
{
    return str_sub(s, from, s.n);
}

bool str_eq_nocase(Str a, Str b); /* ASCII letters only */
int str_cmp(Str a, Str b);        /* by bytes, which is by code point */
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
ptrdiff_t str_find(Str s, Str part); /* byte offset or -1 */
ptrdiff_t str_find_char(Str s, char c);
Str str_trim(Str s); /* without ASCII white space at both ends */
uint64_t str_hash(Str s);
bool str_to_i64(Str s, int64_t *out); /* whole string, decimal, no overflow; false otherwise */

/** Cuts `*rest` at the first `sep`: returns what stands before it and leaves what follows in `*rest`; at the end
    `*rest` becomes the zero Str (p NULL). */
Str str_cut(Str *rest, char sep);

Str str_copy(Arena *mem, Str s);
char *str_to_c(Arena *mem, Str s); /* terminated copy */
Str str_cat(Arena *mem, Str a, Str b);
Str str_lower_ascii(Arena *mem, Str s);
Str str_fmt(Arena *mem, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
Str str_vfmt(Arena *mem, const char *fmt, __builtin_va_list ap) __attribute__((format(printf, 2, 0)));
Str str_join(Arena *mem, const Str *parts, size_t n, Str sep);

bool utf8_is_valid(Str s); /* RFC 3629: no surrogates, no overlong forms */
/** Decodes the code point at `*at` (valid UTF-8) and moves `*at` past it. */
uint32_t utf8_next(Str s, size_t *at);
/** Writes `cp` at `out` (room for 4), returns the bytes written. */
size_t utf8_put(char *out, uint32_t cp);
size_t utf8_count(Str s); /* code points */
