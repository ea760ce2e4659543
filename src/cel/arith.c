/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic: every overflow is an error, nothing wraps and nothing turns into a double by itself.  A whole number beside
   a decimal is a decimal; money adds with its own currency or a bare number, and multiplies with numbers only.  A date
   plus whole days is a date. */

#include "base/decimal.h"
#include "base/time.h"
#include "cel/run.h"

#include <math.h>

#define SECONDS_OF_DAY 86400
#define TIME_MIN       INT64_C(-62135596800)
#define TIME_MAX       INT64_C(253402300799)
#define SECONDS_MAX    INT64_C(315576000000)

bool cel_time_in_range(int64_t seconds)
{
    return seconds >= TIME_MIN && seconds <= TIME_MAX;
}

bool cel_duration_in_range(int64_t seconds)
{
    return seconds >= -SECONDS_MAX && seconds <= SECONDS_MAX;
}

static Err *overflow(CelRun *run)
{
    return cel_fail(run, "the result does not fit");
}

static Err *no_operator(CelRun *run, CelOp op, Val a, Val b)
{
    static const char *const names[] = {
        [CEL_ADD] = "+", [CEL_SUB] = "-", [CEL_MUL] = "*", [CEL_DIV] = "/", [CEL_MOD] = "%"};
    Str x = cel_kind_text(a), y = cel_kind_text(b);
    return cel_fail(run, "no %.*s %s %.*s", SFMT(x), names[op], SFMT(y));
}

static Err *int_arithmetic(CelRun *run, CelOp op, int64_t a, int64_t b, Val *out)
{
    int64_t v = 0;
    bool is_over = false;
    if ((op == CEL_DIV || op == CEL_MOD) && b == 0) return cel_fail(run, "division by zero");
    switch (op) {
    case CEL_ADD: is_over = __builtin_add_overflow(a, b, &v); break;
    case CEL_SUB: is_over = __builtin_sub_overflow(a, b, &v); break;
    case CEL_MUL: is_over = __builtin_mul_overflow(a, b, &v); break;
    default:
        is_over = a == INT64_MIN && b == -1;
        if (!is_over) v = op == CEL_DIV ? a / b : a % b;
    }
    *out = val_int(v);
    return is_over ? overflow(run) : NULL;
}

static Err *uint_arithmetic(CelRun *run, CelOp op, uint64_t a, uint64_t b, Val *out)
{
    uint64_t v = 0;
    bool is_over = false;
    if ((op == CEL_DIV || op == CEL_MOD) && b == 0) return cel_fail(run, "division by zero");
    switch (op) {
    case CEL_ADD: is_over = __builtin_add_overflow(a, b, &v); break;
    case CEL_SUB: is_over = __builtin_sub_overflow(a, b, &v); break;
    case CEL_MUL: is_over = __builtin_mul_overflow(a, b, &v); break;
    default: v = op == CEL_DIV ? a / b : a % b;
    }
    *out = val_uint(v);
    return is_over ? overflow(run) : NULL;
}

__attribute__((no_sanitize("float-divide-by-zero"))) static double divide(double a, double b)
{
    return a / b;
}

static Err *double_arithmetic(CelRun *run, CelOp op, Val a, Val b, Val *out)
{
    switch (op) {
    case CEL_ADD: *out = val_double(a.d + b.d); return NULL;
    case CEL_SUB: *out = val_double(a.d - b.d); return NULL;
    case CEL_MUL: *out = val_double(a.d * b.d); return NULL;
    case CEL_DIV: *out = val_double(divide(a.d, b.d)); return NULL;
    default: return no_operator(run, op, a, b);
    }
}

static Err *decimal_arithmetic(CelRun *run, CelOp op, Val a, Val b, Val *out)
{
    bool fits = false;
    switch (op) {
    case CEL_ADD: fits = decimal_add(a, b, out); break;
    case CEL_SUB: fits = decimal_sub(a, b, out); break;
    case CEL_MUL: fits = decimal_mul(a, b, out); break;
    case CEL_DIV:
        if (b.i == 0) return cel_fail(run, "division by zero");
        fits = decimal_div(a, b, out);
        break;
    default: return no_operator(run, op, a, b);
    }
    return fits ? NULL : overflow(run);
}

/* A whole number that is no decimal: one of those has 18 digits. */
static bool is_too_long(Val v)
{
    return v.kind == VAL_INT && (v.i > DECIMAL_MAX || v.i < -DECIMAL_MAX);
}

/* --- money ------------------------------------------------------------------------------------------------------------- */

/* The number in an amount or a number; false for anything else. */
static bool bare(Val v, Val *out)
{
    if (v.kind == VAL_MONEY) {
        *out = val_decimal(v.i, v.places);
        return true;
    }
    return cel_as_decimal(v, out);
}

static uint16_t currency_of(Val v)
{
    return v.kind == VAL_MONEY ? v.aux : 0;
}

static bool money_may(CelOp op, Val a, Val b)
{
    bool both = a.kind == VAL_MONEY && b.kind == VAL_MONEY;
    if (op == CEL_MUL) return !both;
    return op == CEL_ADD || op == CEL_SUB || (op == CEL_DIV && a.kind == VAL_MONEY);
}

static Err *money_arithmetic(CelRun *run, CelOp op, Val a, Val b, Val *out)
{
    Val x, y;
    if (money_may(op, a, b) && (is_too_long(a) || is_too_long(b))) return overflow(run);
    if (!bare(a, &x) || !bare(b, &y) || !money_may(op, a, b)) return no_operator(run, op, a, b);
    uint16_t ca = currency_of(a), cb = currency_of(b);
    if (ca && cb && ca != cb) return cel_fail(run, "amounts of different currencies");
    TRY(decimal_arithmetic(run, op, x, y, out));
    bool is_ratio = op == CEL_DIV && b.kind == VAL_MONEY;
    if (!is_ratio) *out = val_money(out->i, out->places, ca ? ca : cb);
    return NULL;
}

/* --- texts and lists ----------------------------------------------------------------------------------------------------- */

static Err *concat_text(CelRun *run, Val a, Val b, Val *out)
{
    size_t n = (size_t)a.n + b.n;
    TRY(cel_spend(run, n / 16 + 1));
    char *p = arena_alloc(run->mem, n + 1);
    if (a.n) memcpy(p, a.p, a.n);
    if (b.n) memcpy(p + a.n, b.p, b.n);
    *out = a;
    out->p = p;
    out->n = (uint32_t)n;
    return NULL;
}

static Err *concat_list(CelRun *run, Val a, Val b, Val *out)
{
    Val *items = NULL;
    TRY(cel_items(run, (size_t)a.n + b.n, &items));
    for (uint32_t i = 0; i < a.n; i++) items[i] = a.list[i];
    for (uint32_t i = 0; i < b.n; i++) items[a.n + i] = b.list[i];
    *out = val_list(items, (size_t)a.n + b.n);
    return NULL;
}

/* --- times --------------------------------------------------------------------------------------------------------------- */

/* a + sign * b of (seconds, nanoseconds) pairs. */
static void add_moments(Val a, Val b, int sign, int64_t *s, uint32_t *ns)
{
    int64_t seconds = a.i + sign * b.i, nanos = (int64_t)a.n + sign * (int64_t)b.n;
    if (nanos < 0) {
        nanos += 1000000000;
        seconds--;
    } else if (nanos >= 1000000000) {
        nanos -= 1000000000;
        seconds++;
    }
    *s = seconds;
    *ns = (uint32_t)nanos;
}

static Err *move_moment(CelRun *run, Val a, Val b, int sign, Val *out)
{
    int64_t s;
    uint32_t ns;
    add_moments(a, b, sign, &s, &ns);
    *out = val_timestamp(s, ns);
    return cel_time_in_range(s) ? NULL : overflow(run);
}

static Err *add_durations(CelRun *run, Val a, Val b, int sign, Val *out)
{
    int64_t s;
    uint32_t ns;
    add_moments(a, b, sign, &s, &ns);
    *out = val_duration(s, ns);
    return cel_duration_in_range(s) ? NULL : overflow(run);
}

/* Two moments lie at most 292 years apart: a duration of that many nanoseconds fits 64 bits everywhere. */
static Err *between_moments(CelRun *run, Val a, Val b, Val *out)
{
    int64_t s;
    uint32_t ns;
    add_moments(a, b, -1, &s, &ns);
    *out = val_duration(s, ns);
    return s > INT64_MIN / 1000000000 && s < INT64_MAX / 1000000000 ? NULL : overflow(run);
}

static Err *move_date(CelRun *run, Val date, Val d, int sign, Val *out)
{
    if (d.n || d.i % SECONDS_OF_DAY) return cel_fail(run, "a date moves by whole days only");
    *out = val_date(date.i + sign * (d.i / SECONDS_OF_DAY));
    return cel_time_in_range(out->i * SECONDS_OF_DAY) ? NULL : overflow(run);
}

static Err *time_arithmetic(CelRun *run, CelOp op, Val a, Val b, Val *out)
{
    int sign = op == CEL_SUB ? -1 : 1;
    if (op != CEL_ADD && op != CEL_SUB) return no_operator(run, op, a, b);
    if (op == CEL_ADD && a.kind == VAL_DURATION && b.kind != VAL_DURATION)
        return time_arithmetic(run, op, b, a, out);
    if (b.kind == VAL_DURATION) {
        if (a.kind == VAL_TIMESTAMP) return move_moment(run, a, b, sign, out);
        if (a.kind == VAL_DURATION) return add_durations(run, a, b, sign, out);
        if (a.kind == VAL_DATE) return move_date(run, a, b, sign, out);
    }
    if (op == CEL_SUB && a.kind == b.kind && a.kind == VAL_TIMESTAMP) return between_moments(run, a, b, out);
    if (op == CEL_SUB && a.kind == b.kind && a.kind == VAL_DATE) {
        *out = val_duration((a.i - b.i) * SECONDS_OF_DAY, 0);
        return NULL;
    }
    return no_operator(run, op, a, b);
}

static bool is_time(Val v)
{
    return v.kind == VAL_TIMESTAMP || v.kind == VAL_DURATION || v.kind == VAL_DATE;
}

Err *cel_arithmetic(CelRun *run, CelOp op, Val a, Val b, Val *out)
{
    Val x, y;
    if (is_time(a) && is_time(b)) return time_arithmetic(run, op, a, b, out);
    if (a.kind == VAL_MONEY || b.kind == VAL_MONEY) return money_arithmetic(run, op, a, b, out);
    if (a.kind == b.kind) {
        switch (a.kind) {
        case VAL_INT: return int_arithmetic(run, op, a.i, b.i, out);
        case VAL_UINT: return uint_arithmetic(run, op, a.u, b.u, out);
        case VAL_DOUBLE: return double_arithmetic(run, op, a, b, out);
        case VAL_DECIMAL: return decimal_arithmetic(run, op, a, b, out);
        case VAL_TEXT:
        case VAL_BYTES:
            if (op == CEL_ADD) return concat_text(run, a, b, out);
            break;
        case VAL_LIST:
            if (op == CEL_ADD) return concat_list(run, a, b, out);
            break;
        default: break;
        }
    } else if (a.kind == VAL_DECIMAL || b.kind == VAL_DECIMAL) {
        if (op != CEL_MOD && (is_too_long(a) || is_too_long(b))) return overflow(run);
        if (cel_as_decimal(a, &x) && cel_as_decimal(b, &y)) return decimal_arithmetic(run, op, x, y, out);
    }
    return no_operator(run, op, a, b);
}

Err *cel_negate(CelRun *run, Val v, Val *out)
{
    Str kind = cel_kind_text(v);
    *out = v;
    switch (v.kind) {
    case VAL_INT:
        if (v.i == INT64_MIN) return overflow(run);
        out->i = -v.i;
        return NULL;
    case VAL_DOUBLE: out->d = -v.d; return NULL;
    case VAL_DECIMAL:
    case VAL_MONEY: out->i = -v.i; return NULL;
    default: return cel_fail(run, "%.*s has no negative", SFMT(kind));
    }
}
