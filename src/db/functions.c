/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The SQL functions of SQLite, on 128-bit integers; functions_pg.c holds their twins.  A test compares both with one
 * reference on random numbers.  An argument that is no integer (or no text) counts as null: the compiler of
 * expressions never makes one. */

#include "db/functions.h"

#include "base/arena.h"
#include "base/decimal.h"
#include "base/text.h"

#include <sqlite3.h>

__extension__ typedef __int128 Wide;

#define POWERS   38
#define COMPARED 19 /* places two numbers may differ in to be compared: 10^38 holds both */

static Wide power10(int64_t n)
{
    Wide p = 1;

    for (; n > 0; n--) p *= 10;
    return p;
}

static Wide wide_abs(Wide x)
{
    return x < 0 ? -x : x;
}

static bool is_int(sqlite3_value *v)
{
    return sqlite3_value_type(v) == SQLITE_INTEGER;
}

static bool are_ints(int n, sqlite3_value **v)
{
    for (int i = 0; i < n; i++)
        if (!is_int(v[i])) return false;
    return true;
}

static void give_decimal(sqlite3_context *cx, Wide x)
{
    if (wide_abs(x) <= DECIMAL_MAX) sqlite3_result_int64(cx, (int64_t)x);
}

static void give_int(sqlite3_context *cx, Wide x)
{
    if (x >= INT64_MIN && x <= INT64_MAX) sqlite3_result_int64(cx, (int64_t)x);
}

/* a * 10^shift / b rounded, digit by digit so that nothing overflows; b is a 64-bit number and not 0. */
static bool divide(Wide a, Wide b, int64_t shift, Wide *out)
{
    bool is_negative = (a < 0) != (b < 0);
    Wide rest = wide_abs(a), by = wide_abs(b), q = rest / by;

    rest %= by;
    for (; shift > 0; shift--) {
        if (q > DECIMAL_MAX) return false;
        q = q * 10 + rest * 10 / by;
        rest = rest * 10 % by;
    }
    if (rest >= by - rest) q++;
    *out = is_negative ? -q : q;
    return true;
}

static void fn_add(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (are_ints(n, v)) give_decimal(cx, (Wide)sqlite3_value_int64(v[0]) + sqlite3_value_int64(v[1]));
}

static void fn_sub(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (are_ints(n, v)) give_decimal(cx, (Wide)sqlite3_value_int64(v[0]) - sqlite3_value_int64(v[1]));
}

static void fn_neg(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (are_ints(n, v)) give_decimal(cx, -(Wide)sqlite3_value_int64(v[0]));
}

/* a * b is below 2^126, so a divisor of 10^38 (below 2^127) leaves room for the comparison with a half. */
static void fn_mul(sqlite3_context *cx, int n, sqlite3_value **v)
{
    int64_t drop;
    Wide x;

    if (!are_ints(n, v)) return;
    drop = sqlite3_value_int64(v[2]);
    if (drop < 0 || drop > POWERS) return;
    x = (Wide)sqlite3_value_int64(v[0]) * sqlite3_value_int64(v[1]);
    if (divide(x, power10(drop), 0, &x)) give_decimal(cx, x);
}

static void fn_div(sqlite3_context *cx, int n, sqlite3_value **v)
{
    int64_t shift;
    Wide x;

    if (!are_ints(n, v) || sqlite3_value_int64(v[1]) == 0) return;
    shift = sqlite3_value_int64(v[2]);
    if (shift < 0 || shift > POWERS) return;
    if (divide(sqlite3_value_int64(v[0]), sqlite3_value_int64(v[1]), shift, &x)) give_decimal(cx, x);
}

static void fn_rescale(sqlite3_context *cx, int n, sqlite3_value **v)
{
    int64_t by;
    Wide x;

    if (!are_ints(n, v)) return;
    by = sqlite3_value_int64(v[1]);
    if (by < -POWERS || by > POWERS) return;
    if (divide(sqlite3_value_int64(v[0]), by < 0 ? power10(-by) : 1, by > 0 ? by : 0, &x))
        give_decimal(cx, x);
}

/* Which of two numbers is greater where the second has `shift` places more than the first (fewer below 0). */
static void fn_cmp(sqlite3_context *cx, int n, sqlite3_value **v)
{
    int64_t shift;
    Wide a, b;

    if (!are_ints(n, v)) return;
    shift = sqlite3_value_int64(v[2]);
    if (shift < -COMPARED || shift > COMPARED) return;
    a = (Wide)sqlite3_value_int64(v[0]) * power10(shift > 0 ? shift : 0);
    b = (Wide)sqlite3_value_int64(v[1]) * power10(shift < 0 ? -shift : 0);
    sqlite3_result_int(cx, a < b ? -1 : a > b);
}

static void fn_mod(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (!are_ints(n, v) || sqlite3_value_int64(v[1]) == 0) return;
    give_decimal(cx, (Wide)sqlite3_value_int64(v[0]) % sqlite3_value_int64(v[1]));
}

static void fn_iadd(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (are_ints(n, v)) give_int(cx, (Wide)sqlite3_value_int64(v[0]) + sqlite3_value_int64(v[1]));
}

static void fn_isub(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (are_ints(n, v)) give_int(cx, (Wide)sqlite3_value_int64(v[0]) - sqlite3_value_int64(v[1]));
}

static void fn_imul(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (are_ints(n, v)) give_int(cx, (Wide)sqlite3_value_int64(v[0]) * sqlite3_value_int64(v[1]));
}

static void fn_ineg(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (are_ints(n, v)) give_int(cx, -(Wide)sqlite3_value_int64(v[0]));
}

static void fn_idiv(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (!are_ints(n, v) || sqlite3_value_int64(v[1]) == 0) return;
    give_int(cx, (Wide)sqlite3_value_int64(v[0]) / sqlite3_value_int64(v[1]));
}

static void fn_imod(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (!are_ints(n, v) || sqlite3_value_int64(v[1]) == 0) return;
    give_int(cx, (Wide)sqlite3_value_int64(v[0]) % sqlite3_value_int64(v[1]));
}

/* --- aggregates: the sum of 2^63 numbers of 63 bits fits 128 */

/* SQLite aligns its memory to 8 bytes, gcc wants 16. */
typedef Wide WideAt8 __attribute__((aligned(8)));

typedef struct Total {
    WideAt8 sum;
    int64_t n, shift;
    bool is_bad;
} Total;

static void total_step(sqlite3_context *cx, int n, sqlite3_value **v)
{
    Total *t = sqlite3_aggregate_context(cx, sizeof *t);

    if (!t) {
        sqlite3_result_error_nomem(cx);
        return;
    }
    if (n > 1) {
        if (is_int(v[1]))
            t->shift = sqlite3_value_int64(v[1]);
        else
            t->is_bad = true;
    }
    if (!is_int(v[0])) return;
    t->sum += sqlite3_value_int64(v[0]);
    t->n++;
}

static void sum_end(sqlite3_context *cx)
{
    const Total *t = sqlite3_aggregate_context(cx, 0);

    if (t && t->n) give_decimal(cx, t->sum);
}

static void avg_end(sqlite3_context *cx)
{
    const Total *t = sqlite3_aggregate_context(cx, 0);
    Wide x;

    if (!t || t->n == 0 || t->is_bad || t->shift < 0 || t->shift > POWERS) return;
    if (divide(t->sum, t->n, t->shift, &x)) give_decimal(cx, x);
}

/* --- text */

static Str value_str(sqlite3_value *v)
{
    const char *p = (const char *)sqlite3_value_text(v);

    return (Str){p, p ? (size_t)sqlite3_value_bytes(v) : 0};
}

static bool are_texts(int n, sqlite3_value **v)
{
    for (int i = 0; i < n; i++)
        if (sqlite3_value_type(v[i]) != SQLITE_TEXT) return false;
    return true;
}

static void fn_starts(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (are_texts(n, v)) sqlite3_result_int(cx, str_starts(value_str(v[0]), value_str(v[1])));
}

static void fn_ends(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (are_texts(n, v)) sqlite3_result_int(cx, str_ends(value_str(v[0]), value_str(v[1])));
}

static void fn_contains(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (are_texts(n, v)) sqlite3_result_int(cx, str_find(value_str(v[0]), value_str(v[1])) >= 0);
}

static void fn_len(sqlite3_context *cx, int n, sqlite3_value **v)
{
    if (are_texts(n, v)) sqlite3_result_int64(cx, (sqlite3_int64)utf8_count(value_str(v[0])));
}

static void fn_strpos(sqlite3_context *cx, int n, sqlite3_value **v)
{
    Str s;
    ptrdiff_t at;

    if (!are_texts(n, v)) return;
    s = value_str(v[0]);
    at = str_find(s, value_str(v[1]));
    sqlite3_result_int64(cx, at < 0 ? 0 : (sqlite3_int64)utf8_count(str_sub(s, 0, (size_t)at)) + 1);
}

static void with_arena(sqlite3_context *cx, sqlite3_value *v, Str (*fn)(Arena *mem, Str s))
{
    Arena *mem;
    Str s;

    if (sqlite3_value_type(v) != SQLITE_TEXT) return;
    mem = arena_new(0);
    s = fn(mem, value_str(v));
    sqlite3_result_text64(cx, s.n ? s.p : "", s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
    arena_free(mem);
}

static void fn_lower(sqlite3_context *cx, int n, sqlite3_value **v)
{
    (void)n;
    with_arena(cx, v[0], str_lower_ascii);
}

static void fn_fold(sqlite3_context *cx, int n, sqlite3_value **v)
{
    (void)n;
    with_arena(cx, v[0], text_fold);
}

/* --- of several */

static int compare(sqlite3_value *a, sqlite3_value *b)
{
    if (is_int(a) && is_int(b)) {
        int64_t x = sqlite3_value_int64(a), y = sqlite3_value_int64(b);

        return (x > y) - (x < y);
    }
    if (sqlite3_value_type(a) == SQLITE_TEXT || sqlite3_value_type(a) == SQLITE_BLOB)
        return str_cmp(value_str(a), value_str(b));
    return (sqlite3_value_double(a) > sqlite3_value_double(b)) -
           (sqlite3_value_double(a) < sqlite3_value_double(b));
}

static void give_extreme(sqlite3_context *cx, int n, sqlite3_value **v, int sign)
{
    sqlite3_value *best = NULL;

    for (int i = 0; i < n; i++) {
        if (sqlite3_value_type(v[i]) == SQLITE_NULL) continue;
        if (!best || sign * compare(v[i], best) > 0) best = v[i];
    }
    if (best) sqlite3_result_value(cx, best);
}

static void fn_greatest(sqlite3_context *cx, int n, sqlite3_value **v)
{
    give_extreme(cx, n, v, 1);
}

static void fn_least(sqlite3_context *cx, int n, sqlite3_value **v)
{
    give_extreme(cx, n, v, -1);
}

static const struct {
    const char *name;
    int n;
    void (*fn)(sqlite3_context *, int, sqlite3_value **);
    void (*end)(sqlite3_context *); /* aggregates */
} functions[] = {
    {"kith_add", 2, fn_add, NULL},           {"kith_sub", 2, fn_sub, NULL},
    {"kith_neg", 1, fn_neg, NULL},           {"kith_mul", 3, fn_mul, NULL},
    {"kith_div", 3, fn_div, NULL},           {"kith_rescale", 2, fn_rescale, NULL},
    {"kith_cmp", 3, fn_cmp, NULL},           {"kith_mod", 2, fn_mod, NULL},
    {"kith_iadd", 2, fn_iadd, NULL},         {"kith_isub", 2, fn_isub, NULL},
    {"kith_imul", 2, fn_imul, NULL},         {"kith_ineg", 1, fn_ineg, NULL},
    {"kith_idiv", 2, fn_idiv, NULL},         {"kith_imod", 2, fn_imod, NULL},
    {"kith_sum", 1, total_step, sum_end},    {"kith_avg", 2, total_step, avg_end},
    {"kith_starts", 2, fn_starts, NULL},     {"kith_ends", 2, fn_ends, NULL},
    {"kith_contains", 2, fn_contains, NULL}, {"kith_len", 1, fn_len, NULL},
    {"kith_lower", 1, fn_lower, NULL},       {"kith_fold", 1, fn_fold, NULL},
    {"char_length", 1, fn_len, NULL},        {"strpos", 2, fn_strpos, NULL},
    {"greatest", -1, fn_greatest, NULL},     {"least", -1, fn_least, NULL},
};

int functions_add_sqlite(sqlite3 *db)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        bool is_aggregate = functions[i].end != NULL;
        int rc = sqlite3_create_function_v2(db, functions[i].name, functions[i].n, flags, NULL,
                                            is_aggregate ? NULL : functions[i].fn,
                                            is_aggregate ? functions[i].fn : NULL, functions[i].end, NULL);

        if (rc != SQLITE_OK) return rc;
    }
    return SQLITE_OK;
}
