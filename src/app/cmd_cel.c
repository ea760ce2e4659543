/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `kith cel`: expressions from standard input evaluated one a line, for trying them out and for the public conformance
   suite.  Values carry their types in both directions, because JSON cannot tell 1 from 1u from 1.0.  A bad line answers
   with an error and the next is read. */

#include "app/cmd_cel.h"

#include "base/decimal.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/time.h"
#include "cel/run.h"
#include "json/json.h"

#include <math.h>

#define LINE_MAX  (1u << 20)
#define DEPTH_MAX 64 /* of an answered value */

typedef struct Line {
    Arena *mem;
    Str *names;
    Val *values;
    size_t n;
    bool is_checked, is_strict;
    Str expr, container, zone;
    int64_t now_ms, me;
} Line;

static Err *bad(Arena *mem, const char *what)
{
    return err_new(mem, ERR_INVALID, "error.cel.line", "%s", what);
}

/* --- typed values in ------------------------------------------------------------------------------------------------------- */

static Err *read_value(Arena *mem, Val json, Val *out);

static bool read_bytes(Arena *mem, Str hex, Val *out)
{
    static const char digits[] = "0123456789abcdef";
    char *p = arena_alloc(mem, hex.n / 2 + 1);
    if (hex.n % 2) return false;
    for (size_t i = 0; i < hex.n; i++) {
        const char *d = hex.p[i] ? strchr(digits, hex.p[i] | 0x20) : NULL;
        if (!d) return false;
        p[i / 2] = (char)(p[i / 2] << 4 | (d - digits));
    }
    *out = val_bytes((Str){p, hex.n / 2});
    return true;
}

static bool read_uint(Arena *mem, Str s, Val *out)
{
    char *end = NULL, *c = str_to_c(mem, s);
    *out = val_uint(strtoull(c, &end, 10));
    return s.n > 0 && s.n <= 20 && s.p[0] >= '0' && s.p[0] <= '9' && end == c + s.n;
}

static bool read_double(Arena *mem, Str s, Val *out)
{
    char *end = NULL, *c = str_to_c(mem, s);
    *out = val_double(strtod(c, &end));
    return s.n > 0 && end == c + s.n;
}

/* What is written as text, by the name of its type. */
static bool read_text(Arena *mem, Str type, Str s, Val *out)
{
    int64_t i = 0;
    uint8_t places = 0;
    if (str_eq(type, S("string"))) return *out = val_text(s), true;
    if (str_eq(type, S("type"))) return *out = val_type(s), true;
    if (str_eq(type, S("int"))) return str_to_i64(s, &i) && (*out = val_int(i), true);
    if (str_eq(type, S("uint"))) return read_uint(mem, s, out);
    if (str_eq(type, S("double"))) return read_double(mem, s, out);
    if (str_eq(type, S("bytes"))) return read_bytes(mem, s, out);
    if (str_eq(type, S("timestamp"))) return timestamp_parse(s, out);
    if (str_eq(type, S("duration"))) return duration_parse(s, out);
    if (str_eq(type, S("decimal")))
        return decimal_parse(s, &i, &places) && (*out = val_decimal(i, places), true);
    if (str_eq(type, S("date"))) return date_parse(s, &i) && (*out = val_date(i), true);
    if (str_eq(type, S("time"))) return time_of_day_parse(s, &i) && (*out = val_time_of_day(i), true);
    if (str_eq(type, S("id"))) return id_parse(s, &i) && (*out = val_id(i), true);
    return false;
}

static Err *read_list(Arena *mem, Val json, Val *out)
{
    Val *items = NEW_N(mem, Val, json.n + 1u);
    for (uint32_t i = 0; i < json.n; i++) TRY(read_value(mem, json.list[i], &items[i]));
    *out = val_list(items, json.n);
    return NULL;
}

static Err *read_map(Arena *mem, Val json, Val *out)
{
    ValPair *pairs = NEW_N(mem, ValPair, json.n + 1u);
    for (uint32_t i = 0; i < json.n; i++) {
        Val pair = json.list[i];
        if (pair.kind != VAL_LIST || pair.n != 2) return bad(mem, "an entry of a map is [key, value]");
        TRY(read_value(mem, pair.list[0], &pairs[i].key));
        TRY(read_value(mem, pair.list[1], &pairs[i].val));
    }
    *out = val_map(pairs, json.n);
    return NULL;
}

static bool read_money(Val json, Val *out)
{
    const Val *amount = val_get(&json, S("amount")), *currency = val_get(&json, S("currency"));
    int64_t scaled = 0;
    uint8_t places = 0;
    if (!amount || amount->kind != VAL_TEXT || !decimal_parse(val_str(*amount), &scaled, &places))
        return false;
    *out = val_money(scaled, places,
                     currency && currency->kind == VAL_TEXT ? currency_pack(val_str(*currency)) : 0);
    return true;
}

static Err *read_value(Arena *mem, Val json, Val *out)
{
    if (json.kind != VAL_MAP || json.n != 1) return bad(mem, "a typed value is an object with one key");
    Str type = val_str(json.map[0].key);
    Val v = json.map[0].val;
    if (v.kind == VAL_INT && !str_eq(type, S("bool"))) v = val_text(str_fmt(mem, "%lld", (long long)v.i));
    if (v.kind == VAL_DECIMAL) v = val_text(decimal_text(mem, v.i, v.places));
    if (str_eq(type, S("list")) && v.kind == VAL_LIST) return read_list(mem, v, out);
    if (str_eq(type, S("map")) && v.kind == VAL_LIST) return read_map(mem, v, out);
    bool is_plain =
        (str_eq(type, S("bool")) && v.kind == VAL_BOOL) || (str_eq(type, S("null")) && v.kind == VAL_NULL);
    *out = v;
    if (is_plain) return NULL;
    if (str_eq(type, S("money")) && v.kind == VAL_MAP && read_money(v, out)) return NULL;
    if (v.kind == VAL_TEXT && read_text(mem, type, val_str(v), out)) return NULL;
    return bad(mem, "a typed value that does not read");
}

/* --- typed values out -------------------------------------------------------------------------------------------------------- */

static Err *write_value(Arena *mem, Buf *b, Val v, unsigned depth);

static void write_code_unit(Buf *b, uint32_t unit)
{
    buf_addf(b, "\\u%04x", unit);
}

/* All in ASCII, so that no reader sees the end of a line inside a value. */
static void write_string(Buf *b, Str s)
{
    buf_add_c(b, '"');
    for (size_t at = 0; at < s.n;) {
        uint32_t c = utf8_next(s, &at);
        if (c > 0xFFFF) {
            write_code_unit(b, 0xD800 + ((c - 0x10000) >> 10));
            write_code_unit(b, 0xDC00 + ((c - 0x10000) & 0x3FF));
        } else if (c < 32 || c > 126) {
            write_code_unit(b, c);
        } else {
            if (c == '"' || c == '\\') buf_add_c(b, '\\');
            buf_add_c(b, (char)c);
        }
    }
    buf_add_c(b, '"');
}

/* The shortest text that reads as the same double, with a point or exponent. */
static Str double_text(Arena *mem, double d)
{
    if (isnan(d)) return S("nan");
    if (isinf(d)) return d < 0 ? S("-inf") : S("inf");
    Str s = cel_double_text(mem, d);
    bool is_whole = str_find_char(s, '.') < 0 && str_find_char(s, 'e') < 0;
    return is_whole ? str_cat(mem, s, S(".0")) : s;
}

static Str hex_text(Arena *mem, Str s)
{
    Buf b = buf_new(mem, s.n * 2 + 1);
    for (size_t i = 0; i < s.n; i++) buf_addf(&b, "%02x", (unsigned char)s.p[i]);
    return buf_str(&b);
}

static Str value_text(Arena *mem, Val v)
{
    switch (v.kind) {
    case VAL_INT: return str_fmt(mem, "%lld", (long long)v.i);
    case VAL_UINT: return str_fmt(mem, "%llu", (unsigned long long)v.u);
    case VAL_DOUBLE: return double_text(mem, v.d);
    case VAL_DECIMAL: return decimal_text(mem, v.i, v.places);
    case VAL_BYTES: return hex_text(mem, val_str(v));
    case VAL_DATE: return date_text(mem, v.i);
    case VAL_TIME: return time_of_day_text(mem, v.i);
    case VAL_TIMESTAMP: return timestamp_text(mem, v);
    case VAL_DURATION: return cel_duration_text(mem, v);
    case VAL_ID:
    case VAL_REF: return id_text(mem, v.i);
    default: return val_str(v);
    }
}

static const char *type_key(Val v)
{
    switch (v.kind) {
    case VAL_TEXT: return "string";
    case VAL_REF: return "id";
    default: return val_kind_name(v.kind);
    }
}

static Err *write_list(Arena *mem, Buf *b, Val v, unsigned depth)
{
    buf_add(b, S("{\"list\": ["));
    for (uint32_t i = 0; i < v.n; i++) {
        if (i > 0) buf_add(b, S(", "));
        TRY(write_value(mem, b, v.list[i], depth + 1));
    }
    buf_add(b, S("]}"));
    return NULL;
}

static Err *write_map(Arena *mem, Buf *b, Val v, unsigned depth)
{
    buf_add(b, S("{\"map\": ["));
    for (uint32_t i = 0; i < v.n; i++) {
        buf_add(b, i > 0 ? S(", [") : S("["));
        TRY(write_value(mem, b, v.map[i].key, depth + 1));
        buf_add(b, S(", "));
        TRY(write_value(mem, b, v.map[i].val, depth + 1));
        buf_add(b, S("]"));
    }
    buf_add(b, S("]}"));
    return NULL;
}

static void write_money(Arena *mem, Buf *b, Val v)
{
    char code[4];
    currency_unpack(v.aux, code);
    buf_addf(b, "{\"money\": {\"amount\": \"%.*s\"", SFMT(decimal_text(mem, v.i, v.places)));
    if (v.aux) buf_addf(b, ", \"currency\": \"%s\"", code);
    buf_add(b, S("}}"));
}

static Err *write_optional(Arena *mem, Buf *b, Val v, unsigned depth)
{
    buf_add(b, S("{\"optional\": "));
    if (v.n)
        TRY(write_value(mem, b, v.list[0], depth + 1));
    else
        buf_add(b, S("null"));
    buf_add_c(b, '}');
    return NULL;
}

static Err *write_value(Arena *mem, Buf *b, Val v, unsigned depth)
{
    if (depth > DEPTH_MAX) return bad(mem, "the value is too deep");
    switch (v.kind) {
    case VAL_NULL: buf_add(b, S("{\"null\": null}")); return NULL;
    case VAL_BOOL: buf_addf(b, "{\"bool\": %s}", v.b ? "true" : "false"); return NULL;
    case VAL_LIST: return write_list(mem, b, v, depth);
    case VAL_MAP: return write_map(mem, b, v, depth);
    case VAL_MONEY: write_money(mem, b, v); return NULL;
    case CEL_VAL_OPTIONAL: return write_optional(mem, b, v, depth);
    default: break;
    }
    buf_addf(b, "{\"%s\": ", type_key(v));
    write_string(b, value_text(mem, v));
    buf_add_c(b, '}');
    return NULL;
}

/* --- one line ------------------------------------------------------------------------------------------------------------------ */

static Err *read_string_key(Line *l, const Val *json, const char *key, Str *out)
{
    const Val *v = val_get(json, str_c(key));
    if (!v || v->kind == VAL_NULL) return NULL;
    if (v->kind != VAL_TEXT) return bad(l->mem, "expr, container, now, zone and me are texts");
    *out = val_str(*v);
    return NULL;
}

static Err *read_bool_key(Line *l, const Val *json, const char *key, bool *out)
{
    const Val *v = val_get(json, str_c(key));
    if (!v) return NULL;
    if (v->kind != VAL_BOOL) return bad(l->mem, "check and strict are true or false");
    *out = v->b;
    return NULL;
}

static Err *read_bindings(Line *l, const Val *json)
{
    const Val *v = val_get(json, S("bindings"));
    if (!v || v->kind == VAL_NULL) return NULL;
    if (v->kind != VAL_MAP) return bad(l->mem, "bindings are an object");
    l->names = NEW_N(l->mem, Str, v->n + 1u);
    l->values = NEW_N(l->mem, Val, v->n + 1u);
    for (l->n = 0; l->n < v->n; l->n++) {
        l->names[l->n] = val_str(v->map[l->n].key);
        TRY(read_value(l->mem, v->map[l->n].val, &l->values[l->n]));
    }
    return NULL;
}

static Err *read_line(Line *l, Str text)
{
    Val json, moment;
    Str now = {0}, me = {0};
    TRY(json_parse_nul(l->mem, text, &json));
    if (json.kind != VAL_MAP || !val_get(&json, S("expr")))
        return bad(l->mem, "a line is an object with expr");
    TRY(read_string_key(l, &json, "expr", &l->expr));
    TRY(read_string_key(l, &json, "container", &l->container));
    TRY(read_string_key(l, &json, "zone", &l->zone));
    TRY(read_string_key(l, &json, "now", &now));
    TRY(read_string_key(l, &json, "me", &me));
    TRY(read_bool_key(l, &json, "check", &l->is_checked));
    TRY(read_bool_key(l, &json, "strict", &l->is_strict));
    if (now.n && !timestamp_parse(now, &moment)) return bad(l->mem, "now is RFC 3339");
    if (me.n && !id_parse(me, &l->me)) return bad(l->mem, "me is an id");
    l->now_ms = now.n ? val_ms(moment) : clock_now_ms();
    return read_bindings(l, &json);
}

static const Val *find_binding(const Line *l, Str name)
{
    for (size_t i = 0; i < l->n; i++)
        if (str_eq(l->names[i], name)) return &l->values[i];
    return NULL;
}

/* Types the public suite knows are left to run time, as its declarations are not given; ours are declared by the value. */
static const CelType *binding_type(void *arg, Str name)
{
    const Line *l = arg;
    const Val *v = find_binding(l, name);
    if (!v) return NULL;
    switch (v->kind) {
    case VAL_DECIMAL: return &cel_decimal;
    case VAL_MONEY: return &cel_money;
    case VAL_DATE: return &cel_date;
    case VAL_TIME: return &cel_time;
    case VAL_ID: return &cel_id;
    case VAL_INT: return l->is_strict ? &cel_int : &cel_dyn;
    case VAL_TEXT: return l->is_strict ? &cel_string : &cel_dyn;
    case VAL_BOOL: return l->is_strict ? &cel_bool : &cel_dyn;
    case VAL_TIMESTAMP: return l->is_strict ? &cel_timestamp : &cel_dyn;
    case VAL_DURATION: return l->is_strict ? &cel_duration : &cel_dyn;
    default: return &cel_dyn;
    }
}

static bool binding_value(void *arg, Arena *mem, Str name, Val *out)
{
    const Val *v = find_binding(arg, name);
    (void)mem;
    if (v) *out = *v;
    return v != NULL;
}

static Err *evaluate(Line *l, Val *out)
{
    CelNode *root = NULL;
    CelEnv env = {.arg = l,
                  .container = l->container,
                  .zone = l->zone,
                  .ident = binding_type,
                  .is_dynamic = !l->is_strict};
    CelScope scope = {.arg = l,
                      .ident = binding_value,
                      .now_ms = l->now_ms,
                      .zone = l->zone,
                      .me = l->me,
                      .has_dotted_names = !l->is_strict,
                      .container = l->container};
    TRY(cel_parse(l->mem, l->expr, &root));
    if (l->is_checked) TRY(cel_check(l->mem, &env, root, NULL));
    return cel_eval(l->mem, root, &scope, out);
}

static Err *answer(Arena *mem, Str text, Buf *b)
{
    Line l = {.mem = mem, .is_checked = true};
    Val v;
    TRY(read_line(&l, text));
    TRY(evaluate(&l, &v));
    buf_add(b, S("{\"value\": "));
    TRY(write_value(mem, b, v, 0));
    buf_add(b, S("}\n"));
    return b->is_over ? bad(mem, "the value is too large") : NULL;
}

static Str answer_line(Arena *mem, Str text)
{
    Buf b = buf_new(mem, LIMIT_REPLY);
    Err *e = text.n > LINE_MAX ? bad(mem, "the line is too long") : answer(mem, text, &b);
    if (!e) return buf_str(&b);
    b = buf_new(mem, LIMIT_REPLY);
    buf_add(&b, S("{\"error\": "));
    write_string(&b, e->detail);
    buf_add(&b, S("}\n"));
    return buf_str(&b);
}

Err *cmd_cel(Arena *mem, FILE *in, FILE *out)
{
    Arena *own = arena_new(LIMIT_REQUEST_MEM);
    char *line = NULL;
    size_t room = 0;
    bool is_written = true;
    for (ssize_t n; is_written && (n = getline(&line, &room, in)) >= 0; arena_reset(own)) {
        Str text = str_trim((Str){line, (size_t)n});
        if (text.n == 0) continue;
        Str reply = answer_line(own, text);
        is_written = fwrite(reply.p, 1, reply.n, out) == reply.n && fflush(out) == 0;
    }
    free(line);
    arena_free(own);
    if (!is_written) FAIL(mem, ERR_UNAVAILABLE, "error.io", "the answer cannot be written");
    return NULL;
}
