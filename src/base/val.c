/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The value type's own operations: sameness, copies, currency codes.  Arithmetic is base/decimal and cel. */
#include "base/val.h"

#include "base/decimal.h"
#include "base/err.h"

int64_t val_ms(Val v)
{
    return v.i * 1000 + v.n / 1000000;
}

Val val_from_ms(int64_t ms)
{
    int64_t s = ms / 1000, rest = ms % 1000;

    if (rest < 0) {
        s--;
        rest += 1000;
    }
    return val_timestamp(s, (uint32_t)rest * 1000000u);
}

const Val *val_get(const Val *map, Str key)
{
    if (map->kind != VAL_MAP) return NULL;
    for (uint32_t i = 0; i < map->n; i++)
        if (map->map[i].key.kind == VAL_TEXT && str_eq(val_str(map->map[i].key), key))
            return &map->map[i].val;
    return NULL;
}

static bool list_same(Val a, Val b)
{
    if (a.n != b.n) return false;
    for (uint32_t i = 0; i < a.n; i++)
        if (!val_same(a.list[i], b.list[i])) return false;
    return true;
}

static bool map_has(Val m, ValPair pair)
{
    for (uint32_t i = 0; i < m.n; i++)
        if (val_same(m.map[i].key, pair.key)) return val_same(m.map[i].val, pair.val);
    return false;
}

static bool map_same(Val a, Val b)
{
    if (a.n != b.n) return false;
    for (uint32_t i = 0; i < a.n; i++)
        if (!map_has(b, a.map[i])) return false;
    return true;
}

bool val_same(Val a, Val b)
{
    if (a.kind != b.kind) return false;
    switch ((ValKind)a.kind) {
    case VAL_NULL: return true;
    case VAL_BOOL:
    case VAL_INT:
    case VAL_DATE:
    case VAL_TIME:
    case VAL_ID: return a.i == b.i;
    case VAL_UINT: return a.u == b.u;
    case VAL_DOUBLE: return a.d == b.d;
    case VAL_DECIMAL: return decimal_cmp(a.i, a.places, b.i, b.places) == 0;
    case VAL_MONEY: return a.aux == b.aux && decimal_cmp(a.i, a.places, b.i, b.places) == 0;
    case VAL_TEXT:
    case VAL_BYTES:
    case VAL_TYPE: return str_eq(val_str(a), val_str(b));
    case VAL_TIMESTAMP:
    case VAL_DURATION: return a.i == b.i && a.n == b.n;
    case VAL_REF: return a.i == b.i && a.aux == b.aux;
    case VAL_LIST: return list_same(a, b);
    case VAL_MAP: return map_same(a, b);
    }
    return false;
}

Val val_copy(Arena *mem, Val v)
{
    switch (v.kind) {
    case VAL_TEXT:
    case VAL_BYTES:
    case VAL_TYPE: v.p = str_copy(mem, val_str(v)).p; break;
    case VAL_LIST: {
        Val *items = NEW_N(mem, Val, v.n);
        for (uint32_t i = 0; i < v.n; i++) items[i] = val_copy(mem, v.list[i]);
        v.list = items;
        break;
    }
    case VAL_MAP: {
        ValPair *pairs = NEW_N(mem, ValPair, v.n);
        for (uint32_t i = 0; i < v.n; i++)
            pairs[i] = (ValPair){val_copy(mem, v.map[i].key), val_copy(mem, v.map[i].val)};
        v.map = pairs;
        break;
    }
    default: break;
    }
    return v;
}

const char *val_kind_name(ValKind kind)
{
    static const char *const NAMES[] = {"null",  "bool", "int",   "uint", "double",    "decimal",
                                        "money", "text", "bytes", "date", "timestamp", "duration",
                                        "time",  "id",   "ref",   "list", "map",       "type"};

    return NAMES[kind];
}

uint16_t currency_pack(Str code)
{
    unsigned packed = 0;

    if (code.n != 3) return 0;
    for (size_t i = 0; i < 3; i++) {
        if (code.p[i] < 'A' || code.p[i] > 'Z') return 0;
        packed = packed << 5 | (unsigned)(code.p[i] - 'A' + 1);
    }
    return (uint16_t)packed;
}

void currency_unpack(uint16_t packed, char out[4])
{
    for (int i = 2; i >= 0; i--, packed = (uint16_t)(packed >> 5))
        out[i] = packed & 31 ? (char)('A' + (packed & 31) - 1) : '?';
    out[3] = '\0';
}
