/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Types of CEL values: the constants, the made ones, and their names for people. */

#include "cel/type.h"
#include "base/buf.h"

const CelType cel_dyn = {.kind = CEL_T_DYN};
const CelType cel_null = {.kind = CEL_T_NULL};
const CelType cel_bool = {.kind = CEL_T_BOOL};
const CelType cel_int = {.kind = CEL_T_INT};
const CelType cel_uint = {.kind = CEL_T_UINT};
const CelType cel_double = {.kind = CEL_T_DOUBLE};
const CelType cel_decimal = {.kind = CEL_T_DECIMAL};
const CelType cel_money = {.kind = CEL_T_MONEY};
const CelType cel_string = {.kind = CEL_T_STRING};
const CelType cel_bytes = {.kind = CEL_T_BYTES};
const CelType cel_date = {.kind = CEL_T_DATE};
const CelType cel_time = {.kind = CEL_T_TIME};
const CelType cel_timestamp = {.kind = CEL_T_TIMESTAMP};
const CelType cel_duration = {.kind = CEL_T_DURATION};
const CelType cel_id = {.kind = CEL_T_ID};
const CelType cel_type = {.kind = CEL_T_TYPE};
static const CelType list_dyn = {.kind = CEL_T_LIST, .elem = &cel_dyn};
static const CelType map_dyn = {.kind = CEL_T_MAP, .elem = &cel_dyn, .key = &cel_dyn};
static const CelType optional_dyn = {.kind = CEL_T_OPTIONAL, .elem = &cel_dyn};
static const CelType object_dyn = {.kind = CEL_T_OBJECT};
static const CelType error = {.kind = CEL_T_ERROR};

static const CelType *const plain[] = {
    [CEL_T_DYN] = &cel_dyn,           [CEL_T_ERROR] = &error,
    [CEL_T_NULL] = &cel_null,         [CEL_T_BOOL] = &cel_bool,
    [CEL_T_INT] = &cel_int,           [CEL_T_UINT] = &cel_uint,
    [CEL_T_DOUBLE] = &cel_double,     [CEL_T_DECIMAL] = &cel_decimal,
    [CEL_T_MONEY] = &cel_money,       [CEL_T_STRING] = &cel_string,
    [CEL_T_BYTES] = &cel_bytes,       [CEL_T_DATE] = &cel_date,
    [CEL_T_TIME] = &cel_time,         [CEL_T_TIMESTAMP] = &cel_timestamp,
    [CEL_T_DURATION] = &cel_duration, [CEL_T_ID] = &cel_id,
    [CEL_T_LIST] = &list_dyn,         [CEL_T_MAP] = &map_dyn,
    [CEL_T_TYPE] = &cel_type,         [CEL_T_OBJECT] = &object_dyn,
    [CEL_T_OPTIONAL] = &optional_dyn,
};

static const char *const names[] = {
    [CEL_T_DYN] = "dyn",
    [CEL_T_ERROR] = "error",
    [CEL_T_NULL] = "null_type",
    [CEL_T_BOOL] = "bool",
    [CEL_T_INT] = "int",
    [CEL_T_UINT] = "uint",
    [CEL_T_DOUBLE] = "double",
    [CEL_T_DECIMAL] = "decimal",
    [CEL_T_MONEY] = "money",
    [CEL_T_STRING] = "string",
    [CEL_T_BYTES] = "bytes",
    [CEL_T_DATE] = "date",
    [CEL_T_TIME] = "time",
    [CEL_T_TIMESTAMP] = "google.protobuf.Timestamp",
    [CEL_T_ID] = "id",
    [CEL_T_DURATION] = "google.protobuf.Duration",
    [CEL_T_LIST] = "list",
    [CEL_T_MAP] = "map",
    [CEL_T_TYPE] = "type",
    [CEL_T_OBJECT] = "object",
    [CEL_T_OPTIONAL] = "optional_type",
};

const CelType *cel_plain(CelKind kind)
{
    return plain[kind];
}

Str cel_kind_name(CelKind kind)
{
    return str_c(names[kind]);
}

bool cel_kind_named(Str name, CelKind *out)
{
    for (CelKind k = CEL_T_NULL; k <= CEL_T_OPTIONAL; k++) {
        if (k == CEL_T_OBJECT || !str_eq_c(name, names[k])) continue;
        *out = k;
        return true;
    }
    return false;
}

static const CelType *made(Arena *mem, CelKind kind, const CelType *key, const CelType *elem)
{
    CelType *t = NEW(mem, CelType);
    *t = (CelType){.kind = kind, .key = key, .elem = elem};
    return t;
}

const CelType *cel_list_of(Arena *mem, const CelType *elem)
{
    return made(mem, CEL_T_LIST, NULL, elem);
}

const CelType *cel_map_of(Arena *mem, const CelType *key, const CelType *elem)
{
    return made(mem, CEL_T_MAP, key, elem);
}

const CelType *cel_optional_of(Arena *mem, const CelType *elem)
{
    return made(mem, CEL_T_OPTIONAL, NULL, elem);
}

static void add_type(Buf *b, const CelType *t, unsigned depth)
{
    bool is_made = depth < 8 && t->elem && t->elem->kind != CEL_T_DYN;
    if (t->kind == CEL_T_OBJECT || (t->kind == CEL_T_ID && t->object.n)) {
        buf_add(b, t->object.n ? t->object : S("object"));
        return;
    }
    buf_add(b, cel_kind_name(t->kind));
    if (!is_made) return;
    buf_add_c(b, '(');
    if (t->key) {
        add_type(b, t->key, depth + 1);
        buf_add(b, S(", "));
    }
    add_type(b, t->elem, depth + 1);
    buf_add_c(b, ')');
}

Str cel_type_text(Arena *mem, const CelType *t)
{
    Buf b = buf_new(mem, 4096);
    add_type(&b, t ? t : &cel_dyn, 0);
    return buf_str(&b);
}
