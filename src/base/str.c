/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text by value.  Nothing here knows locales: that is base/text. */
#include "base/str.h"

#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool str_eq_nocase(Str a, Str b)
{
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    return true;
}

int str_cmp(Str a, Str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;

    if (c) return c < 0 ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}

bool str_starts(Str s, Str prefix)
{
    return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix);
}

bool str_ends(Str s, Str suffix)
{
    return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

ptrdiff_t str_find(Str s, Str part)
{
    if (part.n == 0) return 0;
    if (part.n > s.n) return -1;
    const char *hit = memmem(s.p, s.n, part.p, part.n);
    return hit ? hit - s.p : -1;
}

ptrdiff_t str_find_char(Str s, char c)
{
    const char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

    return hit ? hit - s.p : -1;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

Str str_trim(Str s)
{
    while (s.n && is_space(s.p[0])) s = str_from(s, 1);
    while (s.n && is_space(s.p[s.n - 1])) s.n--;
    return s;
}

uint64_t str_hash(Str s)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (size_t i = 0; i < s.n; i++) h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    return h ^ (h >> 32);
}

bool str_to_i64(Str s, int64_t *out)
{
    bool is_negative = s.n && s.p[0] == '-';
    int64_t v = 0;

    if (is_negative) s = str_from(s, 1);
    if (s.n == 0) return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        if (__builtin_mul_overflow(v, 10, &v)) return false;
        if (__builtin_sub_overflow(v, s.p[i] - '0', &v)) return false;
    }
    if (!is_negative && v == INT64_MIN) return false;
    *out = is_negative ? v : -v;
    return true;
}

Str str_cut(Str *rest, char sep)
{
    ptrdiff_t at = str_find_char(*rest, sep);
    Str head = at < 0 ? *rest : str_sub(*rest, 0, (size_t)at);

    *rest = at < 0 ? (Str){0} : str_from(*rest, (size_t)at + 1);
    return head;
}

Str str_copy(Arena *mem, Str s)
{
    return (Str){str_to_c(mem, s), s.n};
}

char *str_to_c(Arena *mem, Str s)
{
    char *p = arena_alloc(mem, s.n + 1);

    if (s.n) memcpy(p, s.p, s.n);
    return p;
}

Str str_cat(Arena *mem, Str a, Str b)
{
    char *p = arena_alloc(mem, a.n + b.n + 1);

    if (a.n) memcpy(p, a.p, a.n);
    if (b.n) memcpy(p + a.n, b.p, b.n);
    return (Str){p, a.n + b.n};
}

Str str_lower_ascii(Arena *mem, Str s)
{
    char *p = str_to_c(mem, s);

    for (size_t i = 0; i < s.n; i++) p[i] = lower(p[i]);
    return (Str){p, s.n};
}

Str str_vfmt(Arena *mem, const char *fmt, va_list ap)
{
    char small[256];
    va_list again;

    va_copy(again, ap);
    int n = vsnprintf(small, sizeof small, fmt, ap);
    REQUIRE(n >= 0);
    char *p = arena_alloc(mem, (size_t)n + 1);
    if ((size_t)n < sizeof small)
        memcpy(p, small, (size_t)n);
    else
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (Str){p, (size_t)n};
}

Str str_fmt(Arena *mem, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    Str s = str_vfmt(mem, fmt, ap);
    va_end(ap);
    return s;
}

Str str_join(Arena *mem, const Str *parts, size_t n, Str sep)
{
    size_t total = n ? (n - 1) * sep.n : 0, at = 0;

    for (size_t i = 0; i < n; i++) total += parts[i].n;
    char *p = arena_alloc(mem, total + 1);
    for (size_t i = 0; i < n; i++) {
        if (i && sep.n) memcpy(p + at, sep.p, sep.n);
        if (i) at += sep.n;
        if (parts[i].n) memcpy(p + at, parts[i].p, parts[i].n);
        at += parts[i].n;
    }
    return (Str){p, total};
}

/* Length of the sequence led by `c`, 0 when `c` cannot lead one. */
static size_t utf8_length(unsigned char c)
{
    if (c < 0x80) return 1;
    if (c >= 0xC2 && c <= 0xDF) return 2;
    if (c >= 0xE0 && c <= 0xEF) return 3;
    if (c >= 0xF0 && c <= 0xF4) return 4;
    return 0;
}

static bool utf8_is_sequence(const unsigned char *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return false;
    if (n == 3 && p[0] == 0xE0 && p[1] < 0xA0) return false;
    if (n == 3 && p[0] == 0xED && p[1] > 0x9F) return false;
    if (n == 4 && p[0] == 0xF0 && p[1] < 0x90) return false;
    if (n == 4 && p[0] == 0xF4 && p[1] > 0x8F) return false;
    return true;
}

bool utf8_is_valid(Str s)
{
    const unsigned char *p = (const unsigned char *)s.p;

    for (size_t i = 0; i < s.n;) {
        uint64_t word;
        while (i + 8 <= s.n && (memcpy(&word, p + i, 8), (word & 0x8080808080808080u) == 0)) i += 8;
        if (i >= s.n) break;
        size_t n = utf8_length(p[i]);
        if (n == 0 || n > s.n - i || !utf8_is_sequence(p + i, n)) return false;
        i += n;
    }
    return true;
}

uint32_t utf8_next(Str s, size_t *at)
{
    const unsigned char *p = (const unsigned char *)s.p + *at;
    size_t n = utf8_length(p[0]);

    if (n == 0 || n > s.n - *at) n = 1;
    *at += n;
    if (n == 1) return p[0];
    if (n == 2) return (uint32_t)((p[0] & 0x1F) << 6 | (p[1] & 0x3F));
    if (n == 3) return (uint32_t)((p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F));
    return (uint32_t)((p[0] & 0x07) << 18 | (p[1] & 0x3F) << 12 | (p[2] & 0x3F) << 6 | (p[3] & 0x3F));
}

size_t utf8_put(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

size_t utf8_count(Str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}
