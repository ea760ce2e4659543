/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* The one value type, from the wire to the row. */
typedef enum ValKind {
    VAL_NULL,
    VAL_BOOL,
    VAL_INT,
    VAL_UINT,      /* CEL only */
    VAL_DOUBLE,    /* CEL only */
    VAL_DECIMAL,   /* i scaled by 10^places */
    VAL_MONEY,     /* i scaled by 10^places, aux = packed currency (0: bare) */
    VAL_TEXT,      /* p, n */
    VAL_BYTES,     /* p, n */
    VAL_DATE,      /* i = days since 1970-01-01 */
    VAL_TIMESTAMP, /* i = seconds since 1970, n = nanoseconds 0..999999999 */
    VAL_DURATION,  /* i = seconds (floor), n = nanoseconds 0..999999999 */
    VAL_TIME,      /* i = seconds of the day */
    VAL_ID,        /* i */
    VAL_REF,       /* i = id, aux = object number (0: unknown) */
    VAL_LIST,      /* list, n */
    VAL_MAP,       /* map, n */
    VAL_TYPE,      /* p, n: the type's name */
} ValKind;

typedef struct Val Val;
typedef struct ValPair ValPair;

struct Val {
    uint8_t kind;
    uint8_t places;
    uint16_t aux;
    uint32_t n;
    union {
        bool b;
        int64_t i;
        uint64_t u;
        double d;
        const char *p;
        Val *list;
        ValPair *map;
    };
};

struct ValPair {
    Val key, val;
};

_Static_assert(sizeof(Val) == 16, "a Val is two words");

static inline Val val_null(void)
{
    return (Val){0};
}
static inline Val val_bool(bool b)
{
    return (Val){.kind = VAL_BOOL, .i = b};
}
static inline Val val_int(int64_t i)
{
    return (Val){.kind = VAL_INT, .i = i};
}
static inline Val val_uint(uint64_t u)
{
    return (Val){.kind = VAL_UINT, .u = u};
}
static inline Val val_double(double d)
{
    return (Val){.kind = VAL_DOUBLE, .d = d};
}
static inline Val val_text(Str s)
{
    return (Val){.kind = VAL_TEXT, .n = (uint32_t)s.n, .p = s.p};
}
static inline Val val_bytes(Str s)
{
    return (Val){.kind = VAL_BYTES, .n = (uint32_t)s.n, .p = s.p};
}
static inline Val val_id(int64_t id)
{
    return (Val){.kind = VAL_ID, .i = id};
}
static inline Val val_ref(uint16_t object, int64_t id)
{
    return (Val){.kind = VAL_REF, .aux = object, .i = id};
}
static inline Val val_date(int64_t days)
{
    return (Val){.kind = VAL_DATE, .i = days};
}
static inline Val val_time_of_day(int64_t s)
{
    return (Val){.kind = VAL_TIME, .i = s};
}
static inline Val val_decimal(int64_t scaled, uint8_t places)
{
    return (Val){.kind = VAL_DECIMAL, .places = places, .i = scaled};
}
static inline Val val_money(int64_t scaled, uint8_t places, uint16_t currency)
{
    return (Val){.kind = VAL_MONEY, .places = places, .aux = currency, .i = scaled};
}
static inline Val val_timestamp(int64_t s, uint32_t ns)
{
    return (Val){.kind = VAL_TIMESTAMP, .n = ns, .i = s};
}
static inline Val val_duration(int64_t s, uint32_t ns)
{
    return (Val){.kind = VAL_DURATION, .n = ns, .i = s};
}
static inline Val val_list(Val *items, size_t n)
{
    return (Val){.kind = VAL_LIST, .n = (uint32_t)n, .list = items};
}
static inline Val val_map(ValPair *pairs, size_t n)
{
    return (Val){.kind = VAL_MAP, .n = (uint32_t)n, .map = pairs};
}
static inline Val val_type(Str name)
{
    return (Val){.kind = VAL_TYPE, .n = (uint32_t)name.n, .p = name.p};
}

static inline bool val_is_null(Val v)
{
    return v.kind == VAL_NULL;
}
static inline Str val_str(Val v)
{
    return (Str){v.p, v.n};
} /* of TEXT, BYTES, TYPE */

/** Milliseconds since 1970 of a TIMESTAMP, and back: how rows hold time. */
int64_t val_ms(Val v);
Val val_from_ms(int64_t ms);

/** The value under text key `key` of a MAP, or NULL. */
const Val *val_get(const Val *map, Str key);

/** Same kind and same content, deeply; decimals compare by number (1.0 is 1.00), money also by currency. */
bool val_same(Val a, Val b);

/** A copy whose text, lists and maps live in `mem`. */
Val val_copy(Arena *mem, Val v);

const char *val_kind_name(ValKind kind);

/** Currency code of three capitals packed into 16 bits; 0 when it is not one.  Back into `out[4]`, terminated. */
uint16_t currency_pack(Str code);
void currency_unpack(uint16_t packed, char out[4]);
