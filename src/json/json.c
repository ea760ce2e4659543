/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strict reader and streaming writer of JSON (RFC 8259).  Own, because money must stay exact: numbers are read from their
   digits into 64-bit integers or scaled decimals, never through a float.  Text without escapes is a view of the input. */
#include "json/json.h"

#include "base/decimal.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/time.h"

#include <math.h>
#include <string.h>

typedef struct Reader {
    Arena *mem;
    Str text;
    size_t at;
    unsigned depth;
    bool takes_nul;
} Reader;

static Err *fail(Reader *r, const char *key, const char *what)
{
    return err_at(err_new(r->mem, ERR_INVALID, key, "%s at byte %zu", what, r->at), (ptrdiff_t)r->at);
}

static void skip_space(Reader *r)
{
    while (r->at < r->text.n) {
        char c = r->text.p[r->at];
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
        r->at++;
    }
}

static char peek(const Reader *r)
{
    return r->at < r->text.n ? r->text.p[r->at] : '\0';
}

static bool take(Reader *r, char c)
{
    if (peek(r) != c || r->at >= r->text.n) return false;
    r->at++;
    return true;
}

static bool take_hex4(Reader *r, uint32_t *out)
{
    uint32_t v = 0;

    for (int i = 0; i < 4; i++, r->at++) {
        char c = peek(r);
        if (c >= '0' && c <= '9')
            v = v << 4 | (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            v = v << 4 | (uint32_t)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            v = v << 4 | (uint32_t)(c - 'A' + 10);
        else
            return false;
    }
    *out = v;
    return true;
}

/* After "\u": one code point, surrogate pairs joined. */
static Err *take_unicode(Reader *r, Buf *b)
{
    uint32_t cp, low;
    char out[4];

    if (!take_hex4(r, &cp)) return fail(r, "error.json.syntax", "four hexadecimal digits expected");
    if (cp >= 0xDC00 && cp <= 0xDFFF) return fail(r, "error.json.syntax", "lone surrogate");
    if (cp >= 0xD800 && cp <= 0xDBFF) {
        if (!take(r, '\\') || !take(r, 'u') || !take_hex4(r, &low) || low < 0xDC00 || low > 0xDFFF)
            return fail(r, "error.json.syntax", "lone surrogate");
        cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
    }
    if (cp == 0 && !r->takes_nul) return fail(r, "error.json.nul", "NUL character");
    buf_add_n(b, out, utf8_put(out, cp));
    return NULL;
}

static Err *take_escape(Reader *r, Buf *b)
{
    static const char FROM[] = "\"\\/bfnrt", TO[] = "\"\\/\b\f\n\r\t";
    char c = peek(r);
    const char *hit = c ? strchr(FROM, c) : NULL;

    if (hit) {
        r->at++;
        buf_add_c(b, TO[hit - FROM]);
        return NULL;
    }
    if (!take(r, 'u')) return fail(r, "error.json.syntax", "unknown escape");
    return take_unicode(r, b);
}

static Err *read_escaped(Reader *r, size_t from, Str *out)
{
    Buf b = buf_new(r->mem, r->text.n + 1);

    buf_add_n(&b, r->text.p + from, r->at - from);
    for (;;) {
        if (r->at >= r->text.n) return fail(r, "error.json.syntax", "text is not closed");
        unsigned char c = (unsigned char)r->text.p[r->at];
        if (c < 0x20) return fail(r, "error.json.syntax", "control character in text");
        r->at++;
        if (c == '"') break;
        if (c != '\\')
            buf_add_c(&b, (char)c);
        else
            TRY(take_escape(r, &b));
    }
    *out = buf_str(&b);
    if (!out->p) out->p = "";
    return NULL;
}

/* After the opening quote. */
static Err *read_text(Reader *r, Str *out)
{
    size_t from = r->at;

    for (; r->at < r->text.n; r->at++) {
        unsigned char c = (unsigned char)r->text.p[r->at];
        if (c == '"') {
            *out = (Str){r->text.p + from, r->at - from};
            r->at++;
            return NULL;
        }
        if (c == '\\') return read_escaped(r, from, out);
        if (c < 0x20) return fail(r, "error.json.syntax", "control character in text");
    }
    return fail(r, "error.json.syntax", "text is not closed");
}

static void skip_digits(Reader *r)
{
    while (peek(r) >= '0' && peek(r) <= '9') r->at++;
}

static Err *read_number(Reader *r, Val *out)
{
    size_t from = r->at, digits;
    bool is_whole = true;
    int64_t v;
    uint8_t places;

    take(r, '-');
    digits = r->at;
    skip_digits(r);
    if (r->at == digits) return fail(r, "error.json.syntax", "value expected");
    if (r->text.p[digits] == '0' && r->at - digits > 1) return fail(r, "error.json.syntax", "leading zero");
    if (take(r, '.')) {
        is_whole = false;
        digits = r->at;
        skip_digits(r);
        if (r->at == digits) return fail(r, "error.json.syntax", "digit expected after the point");
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        is_whole = false;
        r->at++;
        if (peek(r) == '+' || peek(r) == '-') r->at++;
        digits = r->at;
        skip_digits(r);
        if (r->at == digits) return fail(r, "error.json.syntax", "digit expected in the exponent");
    }
    Str s = {r->text.p + from, r->at - from};
    if (is_whole && str_to_i64(s, &v))
        *out = val_int(v);
    else if (decimal_parse(s, &v, &places))
        *out = val_decimal(v, places);
    else
        return fail(r, "error.json.number", "number beyond 18 digits");
    return NULL;
}

static Err *read_value(Reader *r, Val *out);

typedef struct Items {
    Val *p;
    size_t n, cap;
} Items;

static Err *read_list(Reader *r, Val *out)
{
    Items items = {0};

    skip_space(r);
    if (!take(r, ']')) {
        do {
            Val v;
            TRY(read_value(r, &v));
            *vec_push(r->mem, &items) = v;
            skip_space(r);
        } while (take(r, ','));
        if (!take(r, ']')) return fail(r, "error.json.syntax", "comma or ] expected");
    }
    *out = val_list(items.p, items.n);
    return NULL;
}

typedef struct Pairs {
    ValPair *p;
    size_t n, cap;
} Pairs;

/* Few keys are compared one by one, many through a table, so that a hostile object costs no square. */
static bool has_key(Reader *r, const Pairs *pairs, StrMap *seen, Str key)
{
    if (pairs->n < 16) {
        for (size_t i = 0; i < pairs->n; i++)
            if (str_eq(val_str(pairs->p[i].key), key)) return true;
        return false;
    }
    if (seen->n == 0)
        for (size_t i = 0; i < pairs->n; i++) strmap_put(r->mem, seen, val_str(pairs->p[i].key), r);
    if (strmap_get(seen, key)) return true;
    strmap_put(r->mem, seen, key, r);
    return false;
}

static Err *read_pair(Reader *r, Pairs *pairs, StrMap *seen)
{
    ValPair pair;
    Str key;

    skip_space(r);
    if (!take(r, '"')) return fail(r, "error.json.syntax", "key expected");
    TRY(read_text(r, &key));
    if (has_key(r, pairs, seen, key))
        return err_arg(fail(r, "error.json.duplicate", "duplicate key"), 0, key);
    skip_space(r);
    if (!take(r, ':')) return fail(r, "error.json.syntax", "colon expected");
    pair.key = val_text(key);
    TRY(read_value(r, &pair.val));
    *vec_push(r->mem, pairs) = pair;
    return NULL;
}

static Err *read_obj(Reader *r, Val *out)
{
    Pairs pairs = {0};
    StrMap seen = {0};

    skip_space(r);
    if (!take(r, '}')) {
        do {
            TRY(read_pair(r, &pairs, &seen));
            skip_space(r);
        } while (take(r, ','));
        if (!take(r, '}')) return fail(r, "error.json.syntax", "comma or } expected");
    }
    *out = val_map(pairs.p, pairs.n);
    return NULL;
}

static bool take_word(Reader *r, Str word)
{
    if (!str_starts(str_from(r->text, r->at), word)) return false;
    r->at += word.n;
    return true;
}

static Err *read_nested(Reader *r, Val *out)
{
    bool is_obj = r->text.p[r->at++] == '{';

    if (++r->depth > LIMIT_JSON_DEPTH) return fail(r, "error.json.depth", "nested too deep");
    TRY(is_obj ? read_obj(r, out) : read_list(r, out));
    r->depth--;
    return NULL;
}

static Err *read_value(Reader *r, Val *out)
{
    Str s;

    skip_space(r);
    switch (peek(r)) {
    case '{':
    case '[': return read_nested(r, out);
    case '"':
        r->at++;
        TRY(read_text(r, &s));
        *out = val_text(s);
        return NULL;
    case 't':
        *out = val_bool(true);
        return take_word(r, S("true")) ? NULL : fail(r, "error.json.syntax", "value expected");
    case 'f':
        *out = val_bool(false);
        return take_word(r, S("false")) ? NULL : fail(r, "error.json.syntax", "value expected");
    case 'n':
        *out = val_null();
        return take_word(r, S("null")) ? NULL : fail(r, "error.json.syntax", "value expected");
    default: return read_number(r, out);
    }
}

static Err *parse(Reader *r, Val *out)
{
    if (r->text.n > UINT32_MAX) return fail(r, "error.json.size", "too long");
    if (!utf8_is_valid(r->text)) return fail(r, "error.json.utf8", "not UTF-8");
    if (r->text.n && memchr(r->text.p, '\0', r->text.n)) return fail(r, "error.json.nul", "NUL character");
    TRY(read_value(r, out));
    skip_space(r);
    if (r->at != r->text.n) return fail(r, "error.json.syntax", "nothing may follow the value");
    return NULL;
}

Err *json_parse(Arena *mem, Str text, Val *out)
{
    Reader r = {.mem = mem, .text = text};

    return parse(&r, out);
}

Err *json_parse_nul(Arena *mem, Str text, Val *out)
{
    Reader r = {.mem = mem, .text = text, .takes_nul = true};

    return parse(&r, out);
}

/* --- writer -------------------------------------------------------------------------------------------------------- */

JsonWriter json_writer(Buf *b)
{
    return (JsonWriter){.b = b};
}

static void separate(JsonWriter *w)
{
    uint64_t bit = UINT64_C(1) << w->depth;

    if (w->after_key)
        w->after_key = false;
    else if (w->has_item & bit)
        buf_add_c(w->b, ',');
    w->has_item |= bit;
}

static void open_level(JsonWriter *w, char c)
{
    separate(w);
    buf_add_c(w->b, c);
    REQUIRE(w->depth < 63);
    w->depth++;
    w->has_item &= ~(UINT64_C(1) << w->depth);
}

static void close_level(JsonWriter *w, char c)
{
    REQUIRE(w->depth > 0 && !w->after_key);
    w->depth--;
    buf_add_c(w->b, c);
}

void json_open_obj(JsonWriter *w)
{
    open_level(w, '{');
}
void json_close_obj(JsonWriter *w)
{
    close_level(w, '}');
}
void json_open_list(JsonWriter *w)
{
    open_level(w, '[');
}
void json_close_list(JsonWriter *w)
{
    close_level(w, ']');
}

static void add_escaped(Buf *b, unsigned char c)
{
    static const char FROM[] = "\"\\\b\f\n\r\t", TO[] = "\"\\bfnrt";
    const char *hit = strchr(FROM, c);

    if (c && hit) {
        buf_add_c(b, '\\');
        buf_add_c(b, TO[hit - FROM]);
    } else {
        buf_addf(b, "\\u%04x", c);
    }
}

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/* True when no byte of `s` needs an escape; looked at eight at a time. */
static bool is_plain(Str s)
{
    size_t i = 0;

    for (; i + 8 <= s.n; i += 8) {
        uint64_t x, quote, slash;
        memcpy(&x, s.p + i, 8);
        quote = x ^ EACH_BYTE('"');
        slash = x ^ EACH_BYTE('\\');
        uint64_t hit = ((x - EACH_BYTE(0x20)) & ~x) | ((quote - EACH_BYTE(1)) & ~quote) |
                       ((slash - EACH_BYTE(1)) & ~slash);
        if (hit & EACH_BYTE(0x80)) return false;
    }
    for (; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == '"' || c == '\\') return false;
    }
    return true;
}

static void add_quoted(Buf *b, Str s)
{
    size_t from = 0;
    char *p = is_plain(s) ? buf_room(b, s.n + 2) : NULL;

    if (p) {
        p[0] = '"';
        if (s.n) memcpy(p + 1, s.p, s.n);
        p[s.n + 1] = '"';
        return;
    }
    buf_add_c(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        buf_add_n(b, s.p + from, i - from);
        add_escaped(b, c);
        from = i + 1;
    }
    if (s.n > from) buf_add_n(b, s.p + from, s.n - from);
    buf_add_c(b, '"');
}

void json_key(JsonWriter *w, Str key)
{
    separate(w);
    add_quoted(w->b, key);
    buf_add_c(w->b, ':');
    w->after_key = true;
}

void json_name(JsonWriter *w, Str name)
{
    separate(w);
    char *p = buf_room(w->b, name.n + 3);
    w->after_key = true;
    if (!p) return;
    p[0] = '"';
    memcpy(p + 1, name.p, name.n);
    p[name.n + 1] = '"';
    p[name.n + 2] = ':';
}

void json_str(JsonWriter *w, Str s)
{
    separate(w);
    add_quoted(w->b, s);
}

void json_i64(JsonWriter *w, int64_t v)
{
    separate(w);
    buf_add_i64(w->b, v);
}

void json_bool(JsonWriter *w, bool v)
{
    json_raw(w, v ? S("true") : S("false"));
}

void json_null(JsonWriter *w)
{
    json_raw(w, S("null"));
}

void json_raw(JsonWriter *w, Str text)
{
    separate(w);
    buf_add(w->b, text);
}

static void write_double(JsonWriter *w, double d)
{
    if (isfinite(d))
        json_raw(w, str_fmt(w->b->mem, "%.17g", d));
    else
        json_str(w, isnan(d) ? S("NaN") : d > 0 ? S("Infinity") : S("-Infinity"));
}

static void write_decimal(JsonWriter *w, Val v)
{
    char out[32];
    size_t n = decimal_format(v.i, v.places, out);

    json_str(w, (Str){out, n});
}

static void write_money(JsonWriter *w, Val v)
{
    char code[4];

    json_open_obj(w);
    json_key(w, S("amount"));
    write_decimal(w, v);
    json_key(w, S("currency"));
    currency_unpack(v.aux, code);
    if (v.aux)
        json_str(w, str_c(code));
    else
        json_null(w);
    json_close_obj(w);
}

static void write_list(JsonWriter *w, Val v)
{
    json_open_list(w);
    for (uint32_t i = 0; i < v.n; i++) json_val(w, v.list[i]);
    json_close_list(w);
}

static void write_map(JsonWriter *w, Val v)
{
    json_open_obj(w);
    for (uint32_t i = 0; i < v.n; i++) {
        Val key = v.map[i].key;
        json_key(w, key.kind == VAL_TEXT ? val_str(key) : json_text(w->b->mem, key));
        json_val(w, v.map[i].val);
    }
    json_close_obj(w);
}

static void write_id(JsonWriter *w, int64_t id)
{
    char out[ID_TEXT + 1];

    id_format(id, out);
    json_str(w, (Str){out, ID_TEXT});
}

void json_val(JsonWriter *w, Val v)
{
    Arena *mem = w->b->mem;

    switch ((ValKind)v.kind) {
    case VAL_NULL: json_null(w); return;
    case VAL_BOOL: json_bool(w, v.b); return;
    case VAL_INT: json_i64(w, v.i); return;
    case VAL_UINT: json_raw(w, str_fmt(mem, "%llu", (unsigned long long)v.u)); return;
    case VAL_DOUBLE: write_double(w, v.d); return;
    case VAL_DECIMAL: write_decimal(w, v); return;
    case VAL_MONEY: write_money(w, v); return;
    case VAL_TEXT:
    case VAL_BYTES:
    case VAL_TYPE: json_str(w, val_str(v)); return;
    case VAL_DATE: json_str(w, date_text(mem, v.i)); return;
    case VAL_TIMESTAMP: json_str(w, timestamp_text(mem, v)); return;
    case VAL_DURATION: json_str(w, duration_text(mem, v)); return;
    case VAL_TIME: json_str(w, time_of_day_text(mem, v.i)); return;
    case VAL_ID:
    case VAL_REF: write_id(w, v.i); return;
    case VAL_LIST: write_list(w, v); return;
    case VAL_MAP: write_map(w, v); return;
    }
}

Str json_text(Arena *mem, Val v)
{
    Buf b = buf_new(mem, LIMIT_REPLY);
    JsonWriter w = json_writer(&b);

    json_val(&w, v);
    return buf_str(&b);
}
