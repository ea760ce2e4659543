/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conversions between kinds.  What does not fit or does not read is an error, never a neighbour of the value. */

#include "base/decimal.h"
#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "cel/bodies.h"
#include "cel/type.h"

#include <math.h>

static Err *out_of_range(CelRun *run)
{
    return cel_fail(run, "the number does not fit");
}

static Err *not_a(CelRun *run, Val v, const char *what)
{
    Str s = str_sub(val_str(v), 0, 40);
    return cel_fail(run, "'%.*s' is no %s", SFMT(s), what);
}

BODY(cel_same_value)
{
    (void)run, (void)n;
    *out = args[0];
    return NULL;
}

BODY(cel_type_of)
{
    (void)run, (void)n;
    *out = val_type(cel_kind_text(args[0]));
    return NULL;
}

BODY(cel_to_bool)
{
    static const char *const yes[] = {"true", "True", "TRUE", "t", "1"}, *const no[] = {"false", "False",
                                                                                        "FALSE", "f", "0"};
    Str s = val_str(args[0]);
    (void)n;
    for (size_t i = 0; i < 5; i++) {
        if (!str_eq_c(s, yes[i]) && !str_eq_c(s, no[i])) continue;
        *out = val_bool(str_eq_c(s, yes[i]));
        return NULL;
    }
    return not_a(run, args[0], "bool");
}

/* --- numbers ------------------------------------------------------------------------------------------------------------- */

static Err *double_to_int(CelRun *run, double d, Val *out)
{
    if (!(d > -9223372036854775808.0 && d < 9223372036854775808.0)) return out_of_range(run);
    *out = val_int((int64_t)d);
    return NULL;
}

static Err *decimal_to_int(CelRun *run, Val v, Val *out)
{
    int64_t i = v.i;
    (void)run;
    for (uint8_t p = v.places; p > 0; p--) i /= 10;
    *out = val_int(i);
    return NULL;
}

BODY(cel_to_int)
{
    int64_t i = 0;
    (void)n;
    switch (args[0].kind) {
    case VAL_UINT:
        if (args[0].u > INT64_MAX) return out_of_range(run);
        *out = val_int((int64_t)args[0].u);
        return NULL;
    case VAL_DOUBLE: return double_to_int(run, args[0].d, out);
    case VAL_DECIMAL: return decimal_to_int(run, args[0], out);
    case VAL_TEXT:
        if (!str_to_i64(val_str(args[0]), &i)) return not_a(run, args[0], "int");
        *out = val_int(i);
        return NULL;
    default: *out = val_int(args[0].i); return NULL; /* INT, TIMESTAMP, DURATION: seconds */
    }
}

static bool text_to_uint(Str s, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') return false;
        if (__builtin_mul_overflow(v, 10u, &v) || __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
            return false;
    }
    *out = v;
    return s.n > 0;
}

BODY(cel_to_uint)
{
    uint64_t u = 0;
    double d = args[0].d;
    (void)n;
    switch (args[0].kind) {
    case VAL_INT:
        if (args[0].i < 0) return out_of_range(run);
        *out = val_uint((uint64_t)args[0].i);
        return NULL;
    case VAL_DOUBLE:
        if (!(d >= 0 && d < 18446744073709551616.0)) return out_of_range(run);
        *out = val_uint((uint64_t)d);
        return NULL;
    case VAL_TEXT:
        if (!text_to_uint(val_str(args[0]), &u)) return not_a(run, args[0], "uint");
        *out = val_uint(u);
        return NULL;
    default: *out = args[0]; return NULL;
    }
}

/* Sign, digits, point, exponent and the names of the special values; strtod alone would take blanks and hexadecimals. */
static bool reads_as_double(Str s)
{
    static const char *const names[] = {"NaN",  "inf",  "+inf",     "-inf",     "Inf",
                                        "+Inf", "-Inf", "Infinity", "-Infinity"};
    bool has_digit = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq_c(s, names[i])) return true;
    for (size_t i = 0; i < s.n; i++) {
        if (!strchr("+-.eE0123456789", s.p[i]) || s.p[i] == '\0') return false;
        has_digit |= s.p[i] >= '0' && s.p[i] <= '9';
    }
    return has_digit;
}

static Err *text_to_double(CelRun *run, Val v, Val *out)
{
    char *end = NULL;
    if (v.n > 400 || !reads_as_double(val_str(v))) return not_a(run, v, "double");
    char *c = str_to_c(run->mem, val_str(v));
    *out = val_double(strtod(c, &end));
    return end == c + v.n ? NULL : not_a(run, v, "double");
}

BODY(cel_to_double)
{
    (void)n;
    switch (args[0].kind) {
    case VAL_INT: *out = val_double((double)args[0].i); return NULL;
    case VAL_UINT: *out = val_double((double)args[0].u); return NULL;
    case VAL_TEXT: return text_to_double(run, args[0], out);
    case VAL_DECIMAL: {
        Str text = decimal_text(run->mem, args[0].i, args[0].places);
        *out = val_double(strtod(str_to_c(run->mem, text), NULL));
        return NULL;
    }
    default: *out = args[0]; return NULL;
    }
}

/* --- texts ----------------------------------------------------------------------------------------------------------------- */

static Str uint_text(CelRun *run, uint64_t u)
{
    return str_fmt(run->mem, "%llu", (unsigned long long)u);
}

BODY(cel_to_string)
{
    Val v = args[0];
    Str s = {0};
    (void)n;
    TRY(cel_spend(run, v.kind == VAL_BYTES ? v.n / 64 + 2 : 2));
    switch (v.kind) {
    case VAL_BOOL: s = v.b ? S("true") : S("false"); break;
    case VAL_INT: s = str_fmt(run->mem, "%lld", (long long)v.i); break;
    case VAL_UINT: s = uint_text(run, v.u); break;
    case VAL_DOUBLE: s = cel_double_text(run->mem, v.d); break;
    case VAL_DECIMAL: s = decimal_text(run->mem, v.i, v.places); break;
    case VAL_DATE: s = date_text(run->mem, v.i); break;
    case VAL_TIME: s = time_of_day_text(run->mem, v.i); break;
    case VAL_TIMESTAMP: s = timestamp_text(run->mem, v); break;
    case VAL_DURATION: s = cel_duration_text(run->mem, v); break;
    case VAL_ID:
    case VAL_REF: s = id_text(run->mem, v.i); break;
    case VAL_BYTES:
        if (!utf8_is_valid(val_str(v))) return cel_fail(run, "bytes that are no text");
        s = val_str(v);
        break;
    default: s = val_str(v);
    }
    *out = val_text(s);
    return NULL;
}

BODY(cel_to_bytes)
{
    (void)run, (void)n;
    *out = val_bytes(val_str(args[0]));
    return NULL;
}

/* --- times ------------------------------------------------------------------------------------------------------------------ */

static Str zone_of(const CelRun *run)
{
    return run->scope->zone.n ? run->scope->zone : S("UTC");
}

BODY(cel_to_timestamp)
{
    (void)n;
    *out = args[0];
    switch (args[0].kind) {
    case VAL_TEXT:
        if (!timestamp_parse(val_str(args[0]), out)) return not_a(run, args[0], "timestamp");
        return NULL;
    case VAL_INT:
        *out = val_timestamp(args[0].i, 0);
        return cel_time_in_range(args[0].i) ? NULL : out_of_range(run);
    case VAL_DATE:
        *out = val_from_ms(zone_day_start(zone_of(run), args[0].i));
        return cel_time_in_range(out->i) ? NULL : out_of_range(run);
    default: return NULL;
    }
}

BODY(cel_to_duration)
{
    (void)n;
    *out = args[0];
    if (args[0].kind == VAL_INT) *out = val_duration(args[0].i, 0);
    if (args[0].kind == VAL_TEXT && !duration_parse(val_str(args[0]), out))
        return not_a(run, args[0], "duration");
    return cel_duration_in_range(out->i) ? NULL : out_of_range(run);
}

BODY(cel_to_date)
{
    int64_t days = 0;
    (void)n;
    *out = args[0];
    if (args[0].kind == VAL_TIMESTAMP) *out = val_date(zone_date(zone_of(run), val_ms(args[0])));
    if (args[0].kind != VAL_TEXT) return NULL;
    if (!date_parse(val_str(args[0]), &days)) return not_a(run, args[0], "date");
    *out = val_date(days);
    return NULL;
}

/* --- decimals and money ---------------------------------------------------------------------------------------------------- */

BODY(cel_to_decimal)
{
    int64_t scaled = 0;
    uint8_t places = 0;
    (void)n;
    if (args[0].kind == VAL_MONEY) {
        *out = val_decimal(args[0].i, args[0].places);
    } else if (args[0].kind == VAL_TEXT) {
        if (!decimal_parse(val_str(args[0]), &scaled, &places)) return not_a(run, args[0], "decimal");
        *out = val_decimal(scaled, places);
    } else if (!cel_as_decimal(args[0], out)) {
        return out_of_range(run);
    }
    return NULL;
}

BODY(cel_to_money)
{
    uint16_t currency = currency_pack(val_str(args[1]));
    TRY(cel_to_decimal(run, args, n, out));
    if (!currency) return not_a(run, args[1], "currency");
    *out = val_money(out->i, out->places, currency);
    return NULL;
}

BODY(cel_amount)
{
    (void)run, (void)n;
    *out = val_decimal(args[0].i, args[0].places);
    return NULL;
}

BODY(cel_currency)
{
    char code[4];
    (void)n;
    currency_unpack(args[0].aux, code);
    *out = args[0].aux ? val_text(str_copy(run->mem, str_c(code))) : val_text(S(""));
    return NULL;
}
