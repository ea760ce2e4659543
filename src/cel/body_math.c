/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The math extension, over int, uint, double, decimal and, where it makes sense, money. */

#include "base/decimal.h"
#include "cel/bodies.h"

#include <math.h>

static bool is_countable(Val v)
{
    return v.kind == VAL_INT || v.kind == VAL_UINT || v.kind == VAL_DOUBLE || v.kind == VAL_DECIMAL ||
           v.kind == VAL_MONEY;
}

static bool is_moment(Val v)
{
    return v.kind == VAL_DATE || v.kind == VAL_TIMESTAMP || v.kind == VAL_DURATION;
}

/* The greatest (sign 1) or least (-1) of the arguments or of one list. */
static Err *extreme(CelRun *run, const Val *args, size_t n, int sign, Val *out)
{
    bool is_list = n == 1 && args[0].kind == VAL_LIST;
    const Val *items = is_list ? args[0].list : args;
    size_t count = is_list ? args[0].n : n;
    if (count == 0) return cel_fail(run, "an empty list has no greatest or least");
    for (size_t i = 0; i < count; i++) {
        int order = 0;
        Str kind = cel_kind_text(items[i]);
        if (!is_countable(items[i]) && !is_moment(items[i]))
            return cel_fail(run, "%.*s is no number", SFMT(kind));
        if (i > 0) TRY(cel_compare(run, items[i], *out, &order));
        if (i == 0 || order == sign) *out = items[i];
    }
    return cel_spend(run, count);
}

BODY(cel_greatest)
{
    return extreme(run, args, n, 1, out);
}

BODY(cel_least)
{
    return extreme(run, args, n, -1, out);
}

/* --- rounding -------------------------------------------------------------------------------------------------------------- */

typedef enum Rounding { ROUND_DOWN, ROUND_UP, ROUND_HALF, ROUND_ZERO } Rounding;

static Err *round_exact(CelRun *run, Val v, Rounding how, Val *out)
{
    int64_t whole = v.i, rest = 0, unit = 1;
    for (uint8_t p = v.places; p > 0; p--) unit *= 10;
    whole = v.i / unit;
    rest = v.i % unit;
    if (how == ROUND_DOWN && rest < 0) whole--;
    if (how == ROUND_UP && rest > 0) whole++;
    if (how == ROUND_HALF && !decimal_rescale(v.i, v.places, 0, &whole))
        return cel_fail(run, "the number does not fit");
    *out = v;
    out->i = whole;
    out->places = 0;
    return NULL;
}

static Err *round_any(CelRun *run, Val v, Rounding how, Val *out)
{
    if (v.kind != VAL_DOUBLE) return round_exact(run, v, how, out);
    switch (how) {
    case ROUND_DOWN: *out = val_double(floor(v.d)); return NULL;
    case ROUND_UP: *out = val_double(ceil(v.d)); return NULL;
    case ROUND_HALF: *out = val_double(round(v.d)); return NULL;
    case ROUND_ZERO: *out = val_double(trunc(v.d)); return NULL;
    }
    return NULL;
}

BODY(cel_ceil)
{
    (void)n;
    return round_any(run, args[0], ROUND_UP, out);
}

BODY(cel_floor)
{
    (void)n;
    return round_any(run, args[0], ROUND_DOWN, out);
}

/* round(x) and, of decimals and money, round(x, places). */
BODY(cel_round)
{
    int64_t scaled = 0;
    if (n == 1) return round_any(run, args[0], ROUND_HALF, out);
    if (args[1].i < 0 || args[1].i > DECIMAL_PLACES_MAX) return cel_fail(run, "places are 0 to 18");
    *out = args[0];
    if (args[1].i >= args[0].places) return NULL;
    if (!decimal_rescale(args[0].i, args[0].places, (uint8_t)args[1].i, &scaled))
        return cel_fail(run, "the number does not fit");
    out->i = scaled;
    out->places = (uint8_t)args[1].i;
    return NULL;
}

BODY(cel_trunc)
{
    (void)n;
    return round_any(run, args[0], ROUND_ZERO, out);
}

/* --- signs ----------------------------------------------------------------------------------------------------------------- */

BODY(cel_abs)
{
    (void)n;
    *out = args[0];
    if (args[0].kind == VAL_UINT) return NULL;
    if (args[0].kind == VAL_DOUBLE)
        out->d = fabs(args[0].d);
    else if (args[0].i < 0)
        return cel_negate(run, args[0], out);
    return NULL;
}

BODY(cel_sign)
{
    Val v = args[0];
    (void)run, (void)n;
    *out = v;
    switch (v.kind) {
    case VAL_DOUBLE: out->d = isnan(v.d) ? v.d : (v.d > 0) - (v.d < 0); return NULL;
    case VAL_UINT: out->u = v.u > 0; return NULL;
    case VAL_INT: out->i = (v.i > 0) - (v.i < 0); return NULL;
    default: *out = val_decimal((v.i > 0) - (v.i < 0), 0); return NULL;
    }
}

BODY(cel_sqrt)
{
    double d = args[0].kind == VAL_INT    ? (double)args[0].i
               : args[0].kind == VAL_UINT ? (double)args[0].u
                                          : args[0].d;
    (void)run, (void)n;
    *out = val_double(sqrt(d));
    return NULL;
}

BODY(cel_is_nan)
{
    (void)run, (void)n;
    *out = val_bool(isnan(args[0].d));
    return NULL;
}

BODY(cel_is_inf)
{
    (void)run, (void)n;
    *out = val_bool(isinf(args[0].d));
    return NULL;
}

BODY(cel_is_finite)
{
    (void)run, (void)n;
    *out = val_bool(isfinite(args[0].d));
    return NULL;
}

/* --- bits -------------------------------------------------------------------------------------------------------------------- */

BODY(cel_bit_and)
{
    (void)run, (void)n;
    *out = args[0];
    out->u &= args[1].u;
    return NULL;
}

BODY(cel_bit_or)
{
    (void)run, (void)n;
    *out = args[0];
    out->u |= args[1].u;
    return NULL;
}

BODY(cel_bit_xor)
{
    (void)run, (void)n;
    *out = args[0];
    out->u ^= args[1].u;
    return NULL;
}

BODY(cel_bit_not)
{
    (void)run, (void)n;
    *out = args[0];
    out->u = ~args[0].u;
    return NULL;
}

static Err *shift(CelRun *run, const Val *args, bool is_left, Val *out)
{
    int64_t by = args[1].i;
    if (by < 0) return cel_fail(run, "a shift by less than nothing");
    *out = args[0];
    if (by > 63)
        out->u = 0;
    else
        out->u = is_left ? args[0].u << by : args[0].u >> by;
    return NULL;
}

BODY(cel_bit_left)
{
    (void)n;
    return shift(run, args, true, out);
}

BODY(cel_bit_right)
{
    (void)n;
    return shift(run, args, false, out);
}
