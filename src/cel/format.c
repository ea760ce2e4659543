/* SPDX-License-Identifier: GPL-3.0-or-later */
/* string.format: %s %d %f %e %b %o %x %X %% with a precision where it has one.  Independent of the locale. */

#include "base/decimal.h"
#include "cel/bodies.h"

#include <math.h>

#define PRECISION_MAX 1000

static Err *add_value(CelRun *run, Buf *b, Val v, unsigned depth);

static Err *no_verb(CelRun *run, char verb, Val v)
{
    Str kind = cel_kind_text(v);
    return cel_fail(run, "%%%c does not take %.*s", verb, SFMT(kind));
}

/* --- %s ------------------------------------------------------------------------------------------------------------------------ */

static Err *add_list(CelRun *run, Buf *b, Val v, unsigned depth)
{
    buf_add_c(b, '[');
    for (uint32_t i = 0; i < v.n; i++) {
        if (i > 0) buf_add(b, S(", "));
        TRY(add_value(run, b, v.list[i], depth + 1));
    }
    buf_add_c(b, ']');
    return NULL;
}

typedef struct Entry {
    Str key;
    Val val;
} Entry;

static int compare_entries(const void *a, const void *b)
{
    const Entry *x = a, *y = b;
    return str_cmp(x->key, y->key);
}

/* Entries in the order of their written keys. */
static Err *add_map(CelRun *run, Buf *b, Val v, unsigned depth)
{
    TRY(cel_spend(run, v.n * 4u + 1));
    Entry *entries = NEW_N(run->mem, Entry, v.n + 1u);
    for (uint32_t i = 0; i < v.n; i++) {
        Buf key = buf_new(run->mem, CEL_TEXT_MAX);
        TRY(add_value(run, &key, v.map[i].key, depth + 1));
        entries[i] = (Entry){buf_str(&key), v.map[i].val};
    }
    qsort(entries, v.n, sizeof *entries, compare_entries);
    buf_add_c(b, '{');
    for (uint32_t i = 0; i < v.n; i++) {
        if (i > 0) buf_add(b, S(", "));
        buf_add(b, entries[i].key);
        buf_add(b, S(": "));
        TRY(add_value(run, b, entries[i].val, depth + 1));
    }
    buf_add_c(b, '}');
    return NULL;
}

/* Bytes as text: each run of what is no UTF-8 is one U+FFFD. */
static void add_bytes(Buf *b, Str s)
{
    bool was_bad = false;
    for (size_t i = 0; i < s.n;) {
        size_t len = 1;
        while (len < 4 && i + len < s.n && !utf8_is_valid(str_sub(s, i, len))) len++;
        bool is_good = utf8_is_valid(str_sub(s, i, len));
        if (is_good)
            buf_add(b, str_sub(s, i, len));
        else if (!was_bad)
            buf_add(b, S("\xEF\xBF\xBD"));
        i += is_good ? len : 1;
        was_bad = !is_good;
    }
}

static Err *add_plain(CelRun *run, Buf *b, Val v)
{
    Val text;
    switch (v.kind) {
    case VAL_NULL: buf_add(b, S("null")); return NULL;
    case VAL_TYPE: buf_add(b, val_str(v)); return NULL;
    case VAL_BYTES: add_bytes(b, val_str(v)); return NULL;
    case VAL_MONEY:
        buf_add(b, decimal_text(run->mem, v.i, v.places));
        if (!v.aux) return NULL;
        TRY(cel_currency(run, &v, 1, &text));
        buf_add_c(b, ' ');
        buf_add(b, val_str(text));
        return NULL;
    default:
        TRY(cel_to_string(run, &v, 1, &text));
        buf_add(b, val_str(text));
        return NULL;
    }
}

static Err *add_value(CelRun *run, Buf *b, Val v, unsigned depth)
{
    bool is_text = v.kind == VAL_TEXT || v.kind == VAL_BYTES;
    if (depth > CEL_VALUE_DEPTH) return cel_fail(run, "a value too deep");
    TRY(cel_spend(run, is_text ? v.n / 8 + 1 : 4));
    if (v.kind == VAL_LIST) return add_list(run, b, v, depth);
    if (v.kind == VAL_MAP) return add_map(run, b, v, depth);
    if (v.kind == CEL_VAL_OPTIONAL) return no_verb(run, 's', v);
    return add_plain(run, b, v);
}

/* --- numbers --------------------------------------------------------------------------------------------------------------------- */

static bool magnitude(Val v, uint64_t *out, bool *is_negative)
{
    *is_negative = v.kind == VAL_INT && v.i < 0;
    if (v.kind == VAL_BOOL)
        *out = v.b;
    else if (v.kind == VAL_INT)
        *out = *is_negative ? 0 - (uint64_t)v.i : (uint64_t)v.i;
    else if (v.kind == VAL_UINT)
        *out = v.u;
    else
        return false;
    return true;
}

static void add_digits(Buf *b, uint64_t u, unsigned base, bool is_upper)
{
    const char *digits = is_upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char out[64];
    size_t n = sizeof out;
    do out[--n] = digits[u % base];
    while (u /= base);
    buf_add_n(b, out + n, sizeof out - n);
}

static Err *add_integer(CelRun *run, Buf *b, char verb, Val v)
{
    unsigned base = verb == 'b' ? 2 : verb == 'o' ? 8 : verb == 'd' ? 10 : 16;
    uint64_t u = 0;
    bool is_negative = false;
    if ((v.kind == VAL_BOOL && verb != 'b') || !magnitude(v, &u, &is_negative)) return no_verb(run, verb, v);
    if (is_negative) buf_add_c(b, '-');
    add_digits(b, u, base, verb == 'X');
    return NULL;
}

static Err *add_hex(CelRun *run, Buf *b, char verb, Val v)
{
    if (v.kind != VAL_TEXT && v.kind != VAL_BYTES) return add_integer(run, b, verb, v);
    TRY(cel_spend(run, v.n / 4 + 1));
    for (uint32_t i = 0; i < v.n; i++) {
        unsigned char c = (unsigned char)v.p[i];
        add_digits(b, c >> 4, 16, verb == 'X');
        add_digits(b, c & 15, 16, verb == 'X');
    }
    return NULL;
}

/* %d also takes doubles and decimals, written as they are. */
static Err *add_decimal(CelRun *run, Buf *b, Val v)
{
    if (v.kind == VAL_DOUBLE || v.kind == VAL_DECIMAL || v.kind == VAL_MONEY) return add_value(run, b, v, 0);
    return add_integer(run, b, 'd', v);
}

static Err *add_double(CelRun *run, Buf *b, char verb, int precision, Val v)
{
    Val d;
    if (v.kind == VAL_MONEY) v.kind = VAL_DECIMAL;
    if (v.kind != VAL_DOUBLE && v.kind != VAL_INT && v.kind != VAL_UINT && v.kind != VAL_DECIMAL)
        return no_verb(run, verb, v);
    TRY(cel_spend(run, (size_t)precision / 8 + 40));
    if (v.kind == VAL_DECIMAL && verb == 'f' && precision <= DECIMAL_PLACES_MAX) {
        int64_t scaled = 0;
        if (!decimal_rescale(v.i, v.places, (uint8_t)precision, &scaled))
            return cel_fail(run, "the number does not fit");
        buf_add(b, decimal_text(run->mem, scaled, (uint8_t)precision));
        return NULL;
    }
    TRY(cel_to_double(run, &v, 1, &d));
    if (isfinite(d.d))
        buf_addf(b, verb == 'f' ? "%.*f" : "%.*e", precision, d.d);
    else
        buf_add(b, cel_double_text(run->mem, d.d));
    return NULL;
}

/* --- the pattern ------------------------------------------------------------------------------------------------------------------- */

static bool take_precision(Str s, size_t *at, int *out)
{
    *out = 6;
    if (*at >= s.n || s.p[*at] != '.') return true;
    size_t from = ++*at;
    for (*out = 0; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9' && *out <= PRECISION_MAX; (*at)++)
        *out = *out * 10 + (s.p[*at] - '0');
    return *at > from && *out <= PRECISION_MAX;
}

static Err *add_verb(CelRun *run, Buf *b, char verb, int precision, Val v)
{
    switch (verb) {
    case 's': return add_value(run, b, v, 0);
    case 'd': return add_decimal(run, b, v);
    case 'f':
    case 'e': return add_double(run, b, verb, precision, v);
    case 'x':
    case 'X': return add_hex(run, b, verb, v);
    case 'b':
    case 'o': return add_integer(run, b, verb, v);
    default: return cel_fail(run, "an unknown %% in the pattern");
    }
}

BODY(cel_format)
{
    Str s = val_str(args[0]);
    Buf b = buf_new(run->mem, CEL_TEXT_MAX);
    size_t used = 0;
    (void)n;
    TRY(cel_spend(run, s.n / 8 + 1));
    for (size_t at = 0; at < s.n;) {
        int precision = 0;
        char c = s.p[at++];
        if (c != '%' || (at < s.n && s.p[at] == '%')) {
            at += c == '%';
            buf_add_c(&b, c);
            continue;
        }
        if (!take_precision(s, &at, &precision) || at >= s.n) return cel_fail(run, "a bad %% in the pattern");
        if (used >= args[1].n) return cel_fail(run, "too few values for the pattern");
        TRY(add_verb(run, &b, s.p[at++], precision, args[1].list[used++]));
    }
    return cel_from_buf(run, &b, out);
}
