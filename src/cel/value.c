/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values at run time: kinds, equality, order.  Numbers are one line whatever their kind: an integer beside a double is
   compared as a double, beside a decimal exactly.  Equality never fails and null equals only null; order fails on what
   has none. */

#include "base/decimal.h"
#include "base/time.h"
#include "cel/run.h"
#include "cel/type.h"

#include <math.h>

CelKind cel_kind_of(Val v)
{
    static const uint8_t kinds[] = {
        [VAL_NULL] = CEL_T_NULL,
        [VAL_BOOL] = CEL_T_BOOL,
        [VAL_INT] = CEL_T_INT,
        [VAL_UINT] = CEL_T_UINT,
        [VAL_DOUBLE] = CEL_T_DOUBLE,
        [VAL_DECIMAL] = CEL_T_DECIMAL,
        [VAL_MONEY] = CEL_T_MONEY,
        [VAL_TEXT] = CEL_T_STRING,
        [VAL_BYTES] = CEL_T_BYTES,
        [VAL_DATE] = CEL_T_DATE,
        [VAL_TIMESTAMP] = CEL_T_TIMESTAMP,
        [VAL_DURATION] = CEL_T_DURATION,
        [VAL_TIME] = CEL_T_TIME,
        [VAL_ID] = CEL_T_ID,
        [VAL_REF] = CEL_T_ID,
        [VAL_LIST] = CEL_T_LIST,
        [VAL_MAP] = CEL_T_MAP,
        [VAL_TYPE] = CEL_T_TYPE,
    };
    return v.kind == CEL_VAL_OPTIONAL ? CEL_T_OPTIONAL : (CelKind)kinds[v.kind];
}

Str cel_kind_text(Val v)
{
    return cel_kind_name(cel_kind_of(v));
}

Val cel_none(void)
{
    return (Val){.kind = CEL_VAL_OPTIONAL};
}

Val cel_some(CelRun *run, Val v)
{
    Val *item = NEW(run->mem, Val);
    *item = v;
    return (Val){.kind = CEL_VAL_OPTIONAL, .n = 1, .list = item};
}

/* --- numbers ----------------------------------------------------------------------------------------------------------- */

static bool is_number(Val v)
{
    return v.kind == VAL_INT || v.kind == VAL_UINT || v.kind == VAL_DOUBLE || v.kind == VAL_DECIMAL;
}

static double to_double(Val v)
{
    switch (v.kind) {
    case VAL_INT: return (double)v.i;
    case VAL_UINT: return (double)v.u;
    case VAL_DECIMAL: return (double)v.i / pow(10, v.places);
    default: return v.d;
    }
}

static int compare_doubles(double a, double b)
{
    if (isnan(a) || isnan(b)) return 2;
    return a < b ? -1 : a > b;
}

static int compare_int_uint(int64_t a, uint64_t b)
{
    if (a < 0 || b > INT64_MAX) return -1;
    return a < (int64_t)b ? -1 : a > (int64_t)b;
}

static int compare_decimal_uint(Val a, uint64_t b)
{
    if (b > INT64_MAX) return -1;
    return decimal_cmp(a.i, a.places, (int64_t)b, 0);
}

static int compare_numbers(Val a, Val b)
{
    if (a.kind == VAL_DOUBLE || b.kind == VAL_DOUBLE) return compare_doubles(to_double(a), to_double(b));
    if (a.kind == VAL_UINT && b.kind == VAL_UINT) return a.u < b.u ? -1 : a.u > b.u;
    if (a.kind == VAL_UINT) return -compare_numbers(b, a);
    if (b.kind == VAL_UINT)
        return a.kind == VAL_INT ? compare_int_uint(a.i, b.u) : compare_decimal_uint(a, b.u);
    return decimal_cmp(a.i, a.kind == VAL_DECIMAL ? a.places : 0, b.i, b.kind == VAL_DECIMAL ? b.places : 0);
}

bool cel_as_int(Val v, int64_t *out)
{
    int64_t i = 0;
    if (v.kind == VAL_INT)
        i = v.i;
    else if (v.kind == VAL_UINT && v.u <= INT64_MAX)
        i = (int64_t)v.u;
    else if (v.kind == VAL_DOUBLE && v.d > -9.2e18 && v.d < 9.2e18 && floor(v.d) == v.d)
        i = (int64_t)v.d;
    else
        return false;
    *out = i;
    return true;
}

bool cel_as_decimal(Val v, Val *out)
{
    if (v.kind == VAL_INT && v.i >= -DECIMAL_MAX && v.i <= DECIMAL_MAX)
        *out = val_decimal(v.i, 0);
    else if (v.kind == VAL_DECIMAL)
        *out = v;
    else
        return false;
    return true;
}

/* Go's and JavaScript's choice between plain and exponent notation. */
Str cel_double_text(Arena *mem, double d)
{
    char out[40];
    if (isnan(d)) return S("NaN");
    if (isinf(d)) return d < 0 ? S("-Infinity") : S("Infinity");
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(out, sizeof out, "%.*e", digits - 1, d);
        if (strtod(out, NULL) != d) continue;
        int exponent = (int)strtol(strchr(out, 'e') + 1, NULL, 10);
        if (d != 0 && (exponent < -4 || exponent >= 21)) break;
        int places = digits - 1 - exponent;
        return str_fmt(mem, "%.*f", places > 0 ? places : 0, d);
    }
    return str_copy(mem, str_c(out));
}

Str cel_duration_text(Arena *mem, Val d)
{
    Str s = duration_text(mem, d);
    size_t n = s.n - 1;
    if (str_find_char(s, '.') < 0) return s;
    while (s.p[n - 1] == '0') n--;
    return str_cat(mem, str_sub(s, 0, n), S("s"));
}

/* --- equality ------------------------------------------------------------------------------------------------------------ */

static bool equal(CelRun *run, Val a, Val b, unsigned depth);

static bool is_reference(Val v)
{
    return v.kind == VAL_ID || v.kind == VAL_REF;
}

/* Bare amounts and numbers stand for the currency of what they are compared with. */
static bool is_bare(Val v)
{
    return v.kind == VAL_INT || v.kind == VAL_DECIMAL || (v.kind == VAL_MONEY && v.aux == 0);
}

static bool can_compare_money(Val a, Val b)
{
    if (a.kind == VAL_MONEY && b.kind == VAL_MONEY) return a.aux == b.aux || a.aux == 0 || b.aux == 0;
    return (a.kind == VAL_MONEY && is_bare(b)) || (b.kind == VAL_MONEY && is_bare(a));
}

static int compare_money(Val a, Val b)
{
    return decimal_cmp(a.i, a.kind == VAL_INT ? 0 : a.places, b.i, b.kind == VAL_INT ? 0 : b.places);
}

static bool equal_lists(CelRun *run, Val a, Val b, unsigned depth)
{
    if (a.n != b.n) return false;
    for (uint32_t i = 0; i < a.n; i++)
        if (!equal(run, a.list[i], b.list[i], depth + 1)) return false;
    return true;
}

const Val *cel_map_find(CelRun *run, Val map, Val key)
{
    for (uint32_t i = 0; i < map.n && run->left >= 0; i++)
        if (equal(run, map.map[i].key, key, 0)) return &map.map[i].val;
    return NULL;
}

static bool equal_maps(CelRun *run, Val a, Val b, unsigned depth)
{
    if (a.n != b.n) return false;
    for (uint32_t i = 0; i < a.n; i++) {
        const Val *other = cel_map_find(run, b, a.map[i].key);
        if (!other || !equal(run, a.map[i].val, *other, depth + 1)) return false;
    }
    return true;
}

static bool equal_texts(CelRun *run, Val a, Val b)
{
    if (a.n != b.n) return false;
    run->left -= a.n / 64;
    return a.n == 0 || memcmp(a.p, b.p, a.n) == 0;
}

static bool equal_same_kind(CelRun *run, Val a, Val b, unsigned depth)
{
    switch (a.kind) {
    case VAL_NULL: return true;
    case VAL_BOOL: return a.b == b.b;
    case VAL_TEXT:
    case VAL_BYTES:
    case VAL_TYPE: return equal_texts(run, a, b);
    case VAL_TIMESTAMP:
    case VAL_DURATION: return a.i == b.i && a.n == b.n;
    case VAL_REF: return a.i == b.i && (a.aux == b.aux || a.aux == 0 || b.aux == 0);
    case VAL_LIST:
    case CEL_VAL_OPTIONAL: return equal_lists(run, a, b, depth);
    case VAL_MAP: return equal_maps(run, a, b, depth);
    default: return a.i == b.i;
    }
}

/* Every step is paid for; without budget the answer is false and the next cel_spend fails. */
static bool equal(CelRun *run, Val a, Val b, unsigned depth)
{
    if (--run->left < 0 || depth > CEL_VALUE_DEPTH) return false;
    if (is_number(a) && is_number(b)) return compare_numbers(a, b) == 0;
    if (a.kind == VAL_MONEY || b.kind == VAL_MONEY)
        return can_compare_money(a, b) && compare_money(a, b) == 0;
    if (is_reference(a) && is_reference(b) && a.kind != b.kind) return a.i == b.i;
    return a.kind == b.kind && equal_same_kind(run, a, b, depth);
}

bool cel_equal(CelRun *run, Val a, Val b)
{
    return equal(run, a, b, 0);
}

/* --- order --------------------------------------------------------------------------------------------------------------- */

static int compare_moments(Val a, Val b)
{
    if (a.i != b.i) return a.i < b.i ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}

static int sign(int v)
{
    return v < 0 ? -1 : v > 0;
}

static bool compare_same_kind(Val a, Val b, int *out)
{
    switch (a.kind) {
    case VAL_BOOL: *out = (int)a.b - (int)b.b; return true;
    case VAL_TEXT:
    case VAL_BYTES: *out = sign(str_cmp(val_str(a), val_str(b))); return true;
    case VAL_TIMESTAMP:
    case VAL_DURATION: *out = compare_moments(a, b); return true;
    case VAL_DATE:
    case VAL_TIME: *out = a.i < b.i ? -1 : a.i > b.i; return true;
    default: return false;
    }
}

Err *cel_compare(CelRun *run, Val a, Val b, int *out)
{
    Str x = cel_kind_text(a), y = cel_kind_text(b);
    if (a.kind == VAL_TEXT || a.kind == VAL_BYTES) run->left -= a.n / 64;
    if (is_number(a) && is_number(b)) {
        *out = compare_numbers(a, b);
    } else if (a.kind == VAL_MONEY || b.kind == VAL_MONEY) {
        if (!can_compare_money(a, b)) return cel_fail(run, "amounts of different currencies have no order");
        *out = compare_money(a, b);
    } else if (a.kind != b.kind || !compare_same_kind(a, b, out)) {
        return cel_fail(run, "%.*s and %.*s have no order", SFMT(x), SFMT(y));
    }
    return NULL;
}
