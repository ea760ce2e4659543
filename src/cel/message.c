/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Message literals.  Kith has no protocol buffers; the well-known types that CEL turns into plain values at once are known,
   because expressions written for other CEL programs use them: google.protobuf.Int64Value{value: 1} is 1. */

#include "cel/run.h"

typedef struct Message {
    const char *name;
    uint8_t kind;     /* CelKind of `value` */
    int64_t min, max; /* of whole numbers */
} Message;

static const Message wrappers[] = {
    {"BoolValue", CEL_T_BOOL, 0, 0},
    {"BytesValue", CEL_T_BYTES, 0, 0},
    {"DoubleValue", CEL_T_DOUBLE, 0, 0},
    {"FloatValue", CEL_T_DOUBLE, 0, 0},
    {"Int32Value", CEL_T_INT, INT32_MIN, INT32_MAX},
    {"Int64Value", CEL_T_INT, INT64_MIN, INT64_MAX},
    {"StringValue", CEL_T_STRING, 0, 0},
    {"UInt32Value", CEL_T_UINT, 0, UINT32_MAX},
    {"UInt64Value", CEL_T_UINT, 0, -1},
};

static const Val *field(const Val *items, size_t n, const char *name)
{
    for (size_t i = 0; i + 1 < n; i += 2)
        if (str_eq_c(val_str(items[i]), name)) return &items[i + 1];
    return NULL;
}

static Val zero_of(CelKind kind)
{
    switch (kind) {
    case CEL_T_BOOL: return val_bool(false);
    case CEL_T_BYTES: return val_bytes(S(""));
    case CEL_T_DOUBLE: return val_double(0);
    case CEL_T_STRING: return val_text(S(""));
    case CEL_T_UINT: return val_uint(0);
    default: return val_int(0);
    }
}

static Err *wrong_field(CelRun *run)
{
    return cel_fail(run, "a wrong field of a message");
}

static Err *make_wrapper(CelRun *run, const Message *m, const Val *items, size_t n, Val *out)
{
    const Val *v = field(items, n, "value");
    *out = zero_of(m->kind);
    if (n > 2 || (n == 2 && !v)) return wrong_field(run);
    if (!v) return NULL;
    if (v->kind != out->kind) return wrong_field(run);
    *out = *v;
    bool is_small =
        m->kind == CEL_T_INT ? v->i >= m->min && v->i <= m->max : m->max < 0 || v->u <= (uint64_t)m->max;
    if ((m->kind == CEL_T_INT || m->kind == CEL_T_UINT) && !is_small)
        return cel_fail(run, "the number does not fit");
    if (str_eq_c(S("FloatValue"), m->name)) out->d = (double)(float)v->d;
    return NULL;
}

/* Struct{fields: map}, ListValue{values: list}: the map or list. */
static Err *make_container(CelRun *run, const char *name, Val empty, const Val *items, size_t n, Val *out)
{
    const Val *v = field(items, n, name);
    *out = v ? *v : empty;
    return n > 2 || (n && !v) || out->kind != empty.kind ? wrong_field(run) : NULL;
}

static Err *make_value(CelRun *run, const Val *items, size_t n, Val *out)
{
    static const struct {
        const char *name;
        uint8_t kind;
    } fields[] = {{"number_value", VAL_DOUBLE},
                  {"string_value", VAL_TEXT},
                  {"bool_value", VAL_BOOL},
                  {"struct_value", VAL_MAP},
                  {"list_value", VAL_LIST}};
    *out = val_null();
    if (n > 2) return wrong_field(run);
    if (n == 0 || field(items, n, "null_value")) return NULL;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const Val *v = field(items, n, fields[i].name);
        if (!v) continue;
        *out = *v;
        return v->kind == fields[i].kind ? NULL : wrong_field(run);
    }
    return wrong_field(run);
}

/* Timestamp and Duration of seconds and nanos. */
static Err *make_moment(CelRun *run, bool is_duration, const Val *items, size_t n, Val *out)
{
    const Val *s = field(items, n, "seconds"), *ns = field(items, n, "nanos");
    int64_t seconds = s ? s->i : 0, nanos = ns ? ns->i : 0;
    if ((s && s->kind != VAL_INT) || (ns && ns->kind != VAL_INT) || n != (s ? 2u : 0u) + (ns ? 2u : 0u))
        return wrong_field(run);
    bool fits = is_duration ? cel_duration_in_range(seconds) : cel_time_in_range(seconds);
    if (!fits || nanos > 999999999 || nanos < (is_duration ? -999999999 : 0))
        return cel_fail(run, "the time does not fit");
    if (nanos < 0) {
        nanos += 1000000000;
        seconds--;
    }
    *out = is_duration ? val_duration(seconds, (uint32_t)nanos) : val_timestamp(seconds, (uint32_t)nanos);
    return NULL;
}

/* `name` without the package, with a container that may hold part of it; empty when it is another's. */
static Str well_known(CelRun *run, Str name)
{
    Str package = S("google.protobuf.");
    if (str_starts(name, S("."))) name = str_from(name, 1);
    if (str_starts(name, package)) return str_from(name, package.n);
    if (!run->scope->has_dotted_names) return (Str){0};
    if (str_eq(run->scope->container, S("google.protobuf"))) return name;
    bool is_outer = str_eq(run->scope->container, S("google")) && str_starts(name, S("protobuf."));
    return is_outer ? str_from(name, 9) : (Str){0};
}

Err *cel_message(CelRun *run, Str name, const Val *items, size_t n, Val *out)
{
    Str known = well_known(run, name);
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++)
        if (str_eq_c(known, wrappers[i].name)) return make_wrapper(run, &wrappers[i], items, n, out);
    if (str_eq(known, S("Struct"))) return make_container(run, "fields", val_map(NULL, 0), items, n, out);
    if (str_eq(known, S("ListValue"))) return make_container(run, "values", val_list(NULL, 0), items, n, out);
    if (str_eq(known, S("Value"))) return make_value(run, items, n, out);
    if (str_eq(known, S("Timestamp"))) return make_moment(run, false, items, n, out);
    if (str_eq(known, S("Duration"))) return make_moment(run, true, items, n, out);
    return cel_fail(run, "no message %.*s", SFMT(name));
}
