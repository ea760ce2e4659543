/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The SQL functions of PostgreSQL: numeric inside, NULL for what does not fit, as functions.c has them.  One script,
 * made anew when its number grows; the number is kept as a comment on one of the functions, and an advisory lock lets
 * processes that start together take turns.  round(a / b) half away from zero is sign * div(2|a| + |b|, 2|b|), which is
 * exact where numeric's own division is not. */

#include "db/functions.h"
#include "db/pg.h"

#define BODY " LANGUAGE sql IMMUTABLE PARALLEL SAFE AS "

static const char *const script[] = {
    "CREATE OR REPLACE FUNCTION kith_fit(numeric) RETURNS bigint" BODY
    "$$SELECT CASE WHEN abs($1) <= 999999999999999999 THEN $1::bigint END$$",
    "CREATE OR REPLACE FUNCTION kith_ifit(numeric) RETURNS bigint" BODY
    "$$SELECT CASE WHEN $1 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN $1::bigint END$$",
    "CREATE OR REPLACE FUNCTION kith_round_div(numeric, numeric) RETURNS bigint" BODY
    "$$SELECT kith_fit(sign($1) * sign($2) * div(2 * abs($1) + abs($2), NULLIF(2 * abs($2), 0)))$$",
    "CREATE OR REPLACE FUNCTION kith_power(bigint) RETURNS numeric" BODY
    "$$SELECT CASE WHEN $1 BETWEEN 0 AND 38 THEN trunc(power(10::numeric, $1::numeric)) END$$",

    "CREATE OR REPLACE FUNCTION kith_add(bigint, bigint) RETURNS bigint" BODY
    "$$SELECT kith_fit($1::numeric + $2::numeric)$$",
    "CREATE OR REPLACE FUNCTION kith_sub(bigint, bigint) RETURNS bigint" BODY
    "$$SELECT kith_fit($1::numeric - $2::numeric)$$",
    "CREATE OR REPLACE FUNCTION kith_neg(bigint) RETURNS bigint" BODY "$$SELECT kith_fit(-($1::numeric))$$",
    "CREATE OR REPLACE FUNCTION kith_mul(bigint, bigint, bigint) RETURNS bigint" BODY
    "$$SELECT kith_round_div($1::numeric * $2::numeric, kith_power($3))$$",
    "CREATE OR REPLACE FUNCTION kith_div(bigint, bigint, bigint) RETURNS bigint" BODY
    "$$SELECT kith_round_div($1::numeric * kith_power($3), $2::numeric)$$",
    "CREATE OR REPLACE FUNCTION kith_rescale(bigint, bigint) RETURNS bigint" BODY
    "$$SELECT CASE WHEN $2 < 0 THEN kith_round_div($1::numeric, kith_power(-$2)) "
    "ELSE kith_fit($1::numeric * kith_power($2)) END$$",
    "CREATE OR REPLACE FUNCTION kith_cmp(bigint, bigint, bigint) RETURNS bigint" BODY
    "$$SELECT sign($1::numeric * kith_power(($3 + abs($3)) / 2) - "
    "$2::numeric * kith_power((abs($3) - $3) / 2))::bigint$$",
    "CREATE OR REPLACE FUNCTION kith_mod(bigint, bigint) RETURNS bigint" BODY
    "$$SELECT kith_fit(mod($1::numeric, NULLIF($2, 0)::numeric))$$",

    "CREATE OR REPLACE FUNCTION kith_iadd(bigint, bigint) RETURNS bigint" BODY
    "$$SELECT kith_ifit($1::numeric + $2::numeric)$$",
    "CREATE OR REPLACE FUNCTION kith_isub(bigint, bigint) RETURNS bigint" BODY
    "$$SELECT kith_ifit($1::numeric - $2::numeric)$$",
    "CREATE OR REPLACE FUNCTION kith_imul(bigint, bigint) RETURNS bigint" BODY
    "$$SELECT kith_ifit($1::numeric * $2::numeric)$$",
    "CREATE OR REPLACE FUNCTION kith_ineg(bigint) RETURNS bigint" BODY "$$SELECT kith_ifit(-($1::numeric))$$",
    "CREATE OR REPLACE FUNCTION kith_idiv(bigint, bigint) RETURNS bigint" BODY
    "$$SELECT kith_ifit(div($1::numeric, NULLIF($2, 0)::numeric))$$",
    "CREATE OR REPLACE FUNCTION kith_imod(bigint, bigint) RETURNS bigint" BODY
    "$$SELECT mod($1::numeric, NULLIF($2, 0)::numeric)::bigint$$",

    "CREATE OR REPLACE AGGREGATE kith_sum(bigint) (SFUNC = int8_sum, STYPE = numeric, FINALFUNC = kith_fit, "
    "COMBINEFUNC = numeric_add, PARALLEL = SAFE)",
    "CREATE OR REPLACE FUNCTION kith_avg_add(numeric[], bigint, bigint) RETURNS numeric[]" BODY
    "$$SELECT CASE WHEN $2 IS NULL THEN $1 ELSE ARRAY[$1[1] + $2, $1[2] + 1, kith_power($3)] END$$",
    "CREATE OR REPLACE FUNCTION kith_avg_end(numeric[]) RETURNS bigint" BODY
    "$$SELECT kith_round_div($1[1] * $1[3], NULLIF($1[2], 0))$$",
    "CREATE OR REPLACE AGGREGATE kith_avg(bigint, bigint) (SFUNC = kith_avg_add, STYPE = numeric[], "
    "FINALFUNC = kith_avg_end, INITCOND = '{0,0,1}', PARALLEL = SAFE)",

    "CREATE OR REPLACE FUNCTION kith_starts(text, text) RETURNS bigint" BODY
    "$$SELECT starts_with($1, $2)::int::bigint$$",
    "CREATE OR REPLACE FUNCTION kith_ends(text, text) RETURNS bigint" BODY
    "$$SELECT (right($1, char_length($2)) = $2 COLLATE \"C\")::int::bigint$$",
    "CREATE OR REPLACE FUNCTION kith_contains(text, text) RETURNS bigint" BODY
    "$$SELECT (strpos($1, $2) > 0)::int::bigint$$",
    "CREATE OR REPLACE FUNCTION kith_len(text) RETURNS bigint" BODY "$$SELECT char_length($1)::bigint$$",
    "CREATE OR REPLACE FUNCTION kith_lower(text) RETURNS text" BODY "$$SELECT lower($1 COLLATE \"C\")$$",
    "CREATE OR REPLACE FUNCTION instr(text, text) RETURNS bigint" BODY "$$SELECT strpos($1, $2)::bigint$$",
};

static Err *version(Arena *mem, Pg *c, int64_t *out)
{
    Val v;

    TRY(pg_run(mem, c, "SELECT obj_description(to_regprocedure('kith_fit(numeric)'), 'pg_proc')", &v));
    *out = 0;
    if (v.kind == VAL_TEXT) (void)str_to_i64(val_str(v), out);
    return NULL;
}

static Err *install(Arena *mem, Pg *c)
{
    int64_t have;

    TRY(pg_run(mem, c, "SELECT pg_advisory_xact_lock(7521962890175053)", NULL));
    TRY(version(mem, c, &have));
    if (have >= FUNCTIONS_POSTGRES_VERSION) return NULL;
    for (size_t i = 0; i < sizeof script / sizeof *script; i++) TRY(pg_run(mem, c, script[i], NULL));
    return pg_run(mem, c,
                  str_to_c(mem, str_fmt(mem, "COMMENT ON FUNCTION kith_fit(numeric) IS '%d'",
                                        FUNCTIONS_POSTGRES_VERSION)),
                  NULL);
}

Err *pg_functions_install(Arena *mem, Pg *c)
{
    int64_t have;
    Err *e;

    TRY(version(mem, c, &have));
    if (have >= FUNCTIONS_POSTGRES_VERSION) return NULL;
    TRY(pg_run(mem, c, "BEGIN", NULL));
    e = install(mem, c);
    TRY(pg_run(mem, c, e ? "ROLLBACK" : "COMMIT", NULL));
    return e;
}
