/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts: the standard functions, the strings extension and the encoders.  Positions count code points. */

#include "base/text.h"
#include "cel/bodies.h"
#include "cel/regex.h"

BODY(cel_size_text)
{
    Str s = val_str(args[0]);
    (void)n;
    *out = val_int((int64_t)(args[0].kind == VAL_BYTES ? s.n : utf8_count(s)));
    return cel_spend(run, s.n / 16);
}

/* Searching is bounded by the product of both lengths. */
static Err *pay_search(CelRun *run, Val where, Val what)
{
    return cel_spend(run, (size_t)where.n * (what.n / 64 + 1u) / 16 + 1);
}

BODY(cel_contains)
{
    (void)n;
    TRY(pay_search(run, args[0], args[1]));
    *out = val_bool(args[1].n == 0 || str_find(val_str(args[0]), val_str(args[1])) >= 0);
    return NULL;
}

BODY(cel_starts_with)
{
    (void)n;
    *out = val_bool(args[1].n == 0 || str_starts(val_str(args[0]), val_str(args[1])));
    return cel_spend(run, args[1].n / 64);
}

BODY(cel_ends_with)
{
    (void)n;
    *out = val_bool(args[1].n == 0 || str_ends(val_str(args[0]), val_str(args[1])));
    return cel_spend(run, args[1].n / 64);
}

static Err *compile(CelRun *run, Str pattern)
{
    if (run->regex && pattern.p == run->pattern.p && pattern.n == run->pattern.n) return NULL;
    TRY(cel_spend(run, pattern.n * 4 + 1));
    Err *e = regex_compile(run->mem, pattern, &run->regex);
    if (e) {
        run->regex = NULL;
        return cel_fail(run, "%.*s", SFMT(e->detail));
    }
    run->pattern = pattern;
    return cel_spend(run, regex_size(run->regex));
}

BODY(cel_matches)
{
    (void)n;
    TRY(compile(run, val_str(args[1])));
    TRY(cel_spend(run, regex_size(run->regex) / 3 + 1));
    *out = val_bool(regex_search(run->mem, run->regex, val_str(args[0]), &run->left));
    return cel_spend(run, 1);
}

/* --- positions ------------------------------------------------------------------------------------------------------------- */

/* Byte offset of code point `at`; false beyond the end (the end itself is a position). */
static bool offset_of(Str s, int64_t at, size_t *out)
{
    size_t i = 0;
    if (at < 0) return false;
    for (; at > 0 && i < s.n; at--) (void)utf8_next(s, &i);
    *out = i;
    return at == 0;
}

static Err *no_position(CelRun *run, int64_t at)
{
    return cel_fail(run, "no position %lld", (long long)at);
}

BODY(cel_char_at)
{
    Str s = val_str(args[0]);
    size_t at = 0, next = 0;
    (void)n;
    TRY(cel_spend(run, s.n / 16 + 1));
    if (!offset_of(s, args[1].i, &at)) return no_position(run, args[1].i);
    next = at;
    if (at < s.n) (void)utf8_next(s, &next);
    *out = val_text(str_sub(s, at, next - at));
    return NULL;
}

BODY(cel_index_of)
{
    Str s = val_str(args[0]), part = val_str(args[1]);
    size_t from = 0;
    TRY(pay_search(run, args[0], args[1]));
    if (n > 2 && !offset_of(s, args[2].i, &from)) return no_position(run, args[2].i);
    ptrdiff_t at = part.n == 0 ? 0 : str_find(str_from(s, from), part);
    *out = val_int(at < 0 ? -1 : (int64_t)utf8_count(str_sub(s, 0, from + (size_t)at)));
    return NULL;
}

BODY(cel_last_index_of)
{
    Str s = val_str(args[0]), part = val_str(args[1]);
    size_t from = s.n;
    TRY(pay_search(run, args[0], args[1]));
    if (n > 2 && !offset_of(s, args[2].i, &from)) return no_position(run, args[2].i);
    *out = val_int(-1);
    if (part.n > s.n) return NULL;
    if (from > s.n - part.n) from = s.n - part.n;
    for (size_t at = from + 1; at-- > 0;) {
        if (part.n && memcmp(s.p + at, part.p, part.n) != 0) continue;
        *out = val_int((int64_t)utf8_count(str_sub(s, 0, at)));
        return NULL;
    }
    return NULL;
}

BODY(cel_substring)
{
    Str s = val_str(args[0]);
    size_t from = 0, to = s.n;
    TRY(cel_spend(run, s.n / 16 + 1));
    if (!offset_of(s, args[1].i, &from)) return no_position(run, args[1].i);
    if (n > 2 && !offset_of(s, args[2].i, &to)) return no_position(run, args[2].i);
    if (to < from) return cel_fail(run, "the end lies before the beginning");
    *out = val_text(str_sub(s, from, to - from));
    return NULL;
}

/* --- making texts ---------------------------------------------------------------------------------------------------------- */

/* Bytes for a result that will be paid for: `size` of them. */
static Err *room(CelRun *run, size_t size, char **out)
{
    if (size > CEL_TEXT_MAX) return cel_spend(run, INT32_MAX);
    TRY(cel_spend(run, size / 16 + 1));
    *out = arena_alloc(run->mem, size + 1);
    return NULL;
}

BODY(cel_join)
{
    Str separator = n > 1 ? val_str(args[1]) : S("");
    Buf b = buf_new(run->mem, CEL_TEXT_MAX);
    TRY(cel_spend(run, args[0].n));
    for (uint32_t i = 0; i < args[0].n; i++) {
        Val item = args[0].list[i];
        Str kind = cel_kind_text(item);
        if (item.kind != VAL_TEXT) return cel_fail(run, "join wants texts, not %.*s", SFMT(kind));
        TRY(cel_spend(run, (item.n + separator.n) / 8));
        if (i > 0) buf_add(&b, separator);
        buf_add(&b, val_str(item));
    }
    return cel_from_buf(run, &b, out);
}

static Err *map_ascii(CelRun *run, Val v, char from, char to, Val *out)
{
    char *p = NULL;
    TRY(room(run, v.n, &p));
    for (uint32_t i = 0; i < v.n; i++) p[i] = v.p[i] >= from && v.p[i] <= to ? (char)(v.p[i] ^ 0x20) : v.p[i];
    *out = val_text((Str){p, v.n});
    return NULL;
}

BODY(cel_lower_ascii)
{
    (void)n;
    return map_ascii(run, args[0], 'A', 'Z', out);
}

BODY(cel_upper_ascii)
{
    (void)n;
    return map_ascii(run, args[0], 'a', 'z', out);
}

/* Where `what` is next at or behind `at`; the empty text is before every character and at the end. */
static size_t find_from(Str s, Str what, size_t at, bool is_first)
{
    if (what.n == 0) {
        if (!is_first && at < s.n)
            (void)utf8_next(s, &at);
        else if (!is_first)
            return SIZE_MAX;
        return at;
    }
    ptrdiff_t i = str_find(str_from(s, at), what);
    return i < 0 ? SIZE_MAX : at + (size_t)i;
}

BODY(cel_replace)
{
    Str s = val_str(args[0]), what = val_str(args[1]), with = val_str(args[2]);
    int64_t limit = n > 3 ? args[3].i : -1;
    Buf b = buf_new(run->mem, CEL_TEXT_MAX);
    size_t done = 0;
    TRY(pay_search(run, args[0], args[1]));
    for (bool is_first = true; limit != 0; limit--, is_first = false) {
        size_t at = find_from(s, what, done, is_first);
        if (at == SIZE_MAX) break;
        TRY(cel_spend(run, (at - done + with.n) / 8 + 1));
        buf_add(&b, str_sub(s, done, at - done));
        buf_add(&b, with);
        done = at + what.n;
    }
    TRY(cel_spend(run, (s.n - done) / 8));
    buf_add(&b, str_from(s, done));
    return cel_from_buf(run, &b, out);
}

/* The next piece of a split: up to the separator, or one character when that is empty. */
static Str next_piece(Str s, Str separator, size_t *at, bool *is_last)
{
    size_t from = *at, end = from;
    if (separator.n == 0) {
        if (end < s.n) (void)utf8_next(s, &end);
        *is_last = end >= s.n;
        *at = end;
        return str_sub(s, from, end - from);
    }
    ptrdiff_t i = str_find(str_from(s, from), separator);
    *is_last = i < 0;
    end = i < 0 ? s.n : from + (size_t)i;
    *at = end + separator.n;
    return str_sub(s, from, end - from);
}

BODY(cel_split)
{
    Str s = val_str(args[0]), separator = val_str(args[1]);
    int64_t limit = n > 2 ? args[2].i : -1;
    VEC(Val) parts = {0};
    size_t at = 0;
    bool is_last = limit == 0 || (s.n == 0 && separator.n == 0);
    TRY(pay_search(run, args[0], args[1]));
    while (!is_last) {
        TRY(cel_spend(run, 1));
        Str piece = str_from(s, at);
        if (limit > 0 && (int64_t)parts.n == limit - 1)
            is_last = true;
        else
            piece = next_piece(s, separator, &at, &is_last);
        *vec_push(run->mem, &parts) = val_text(piece);
    }
    *out = val_list(parts.p, parts.n);
    return NULL;
}

static bool is_space(uint32_t c)
{
    return (c >= 9 && c <= 13) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

BODY(cel_trim)
{
    Str s = val_str(args[0]);
    size_t from = s.n, to = 0;
    (void)n;
    for (size_t at = 0; at < s.n;) {
        size_t begin = at;
        if (is_space(utf8_next(s, &at))) continue;
        if (from > begin) from = begin;
        to = at;
    }
    *out = val_text(to > from ? str_sub(s, from, to - from) : S(""));
    return cel_spend(run, s.n / 16 + 1);
}

BODY(cel_reverse_text)
{
    Str s = val_str(args[0]);
    char *p = NULL;
    (void)n;
    TRY(room(run, s.n, &p));
    for (size_t at = 0, next = 0; at < s.n; at = next) {
        (void)utf8_next(s, &next);
        memcpy(p + s.n - next, s.p + at, next - at);
    }
    *out = val_text((Str){p, s.n});
    return NULL;
}

BODY(cel_quote)
{
    static const char from[] = "\a\b\f\n\r\t\v\\\"", to[] = "abfnrtv\\\"";
    Buf b = buf_new(run->mem, CEL_TEXT_MAX);
    (void)n;
    TRY(cel_spend(run, args[0].n / 8 + 1));
    buf_add_c(&b, '"');
    for (uint32_t i = 0; i < args[0].n; i++) {
        char c = args[0].p[i];
        const char *escape = c ? strchr(from, c) : NULL;
        if (escape) buf_add_c(&b, '\\');
        buf_add_c(&b, escape ? to[escape - from] : c);
    }
    buf_add_c(&b, '"');
    return cel_from_buf(run, &b, out);
}

BODY(cel_fold)
{
    (void)n;
    TRY(cel_spend(run, args[0].n / 4 + 1));
    *out = val_text(text_fold(run->mem, val_str(args[0])));
    return NULL;
}

/* --- base64 ------------------------------------------------------------------------------------------------------------------ */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

BODY(cel_base64_encode)
{
    const unsigned char *s = (const unsigned char *)args[0].p;
    size_t count = args[0].n, to = 0;
    char *p = NULL;
    (void)n;
    TRY(room(run, (count + 2) / 3 * 4, &p));
    for (size_t i = 0; i < count; i += 3) {
        uint32_t v = (uint32_t)s[i] << 16 | (i + 1 < count ? (uint32_t)s[i + 1] << 8 : 0) |
                     (i + 2 < count ? s[i + 2] : 0u);
        p[to++] = base64[v >> 18];
        p[to++] = base64[v >> 12 & 63];
        p[to++] = i + 1 < count ? base64[v >> 6 & 63] : '=';
        p[to++] = i + 2 < count ? base64[v & 63] : '=';
    }
    *out = val_text((Str){p, to});
    return NULL;
}

/* Padding may be left out. */
BODY(cel_base64_decode)
{
    Str s = val_str(args[0]);
    char *p = NULL;
    uint32_t v = 0;
    size_t to = 0, bits = 0, i = 0;
    (void)n;
    TRY(room(run, s.n, &p));
    for (; i < s.n && s.p[i] != '='; i++) {
        const char *digit = s.p[i] ? strchr(base64, s.p[i]) : NULL;
        if (!digit) return cel_fail(run, "no base64");
        v = v << 6 | (uint32_t)(digit - base64);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        p[to++] = (char)(v >> bits & 255);
    }
    size_t padding = s.n - i;
    while (i < s.n && s.p[i] == '=') i++;
    if (i < s.n || bits == 6 || (padding && s.n % 4)) return cel_fail(run, "no base64");
    *out = val_bytes((Str){p, to});
    return NULL;
}
