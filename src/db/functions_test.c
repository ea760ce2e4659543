/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The SQL functions against a reference in 128 bits, on seeded random numbers with many edges, on both databases; and
 * the two against each other where the reference has no room (long shifts). */

#include "db/functions.h"
#include "db/test_db.h"

#include "base/decimal.h"
#include "base/tap.h"

__extension__ typedef __int128 Wide;

#define ROWS 3000

typedef struct Case {
    Val a, b, s;
} Case;

static uint64_t seed;

static uint64_t next_random(void)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t x = seed;

    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static int64_t power(uint64_t n)
{
    int64_t p = 1;

    while (n--) p *= 10;
    return p;
}

static Val random_number(void)
{
    static const int64_t edges[] = {0,
                                    1,
                                    2,
                                    3,
                                    5,
                                    7,
                                    15,
                                    25,
                                    DECIMAL_MAX,
                                    DECIMAL_MAX - 1,
                                    DECIMAL_MAX + 1,
                                    INT64_MAX,
                                    INT64_MAX - 1,
                                    INT64_MIN,
                                    INT64_MIN + 1,
                                    3037000500};
    uint64_t how = next_random() % 12;
    int64_t x;

    if (how == 0) return val_null();
    if (how < 4)
        x = edges[next_random() % (sizeof edges / sizeof *edges)];
    else if (how < 6)
        x = power(next_random() % 19) * (next_random() % 2 ? 5 : 1);
    else
        x = (int64_t)(next_random() >> (next_random() % 63 + 1));
    return val_int(next_random() % 2 && x != INT64_MIN ? -x : x);
}

static Val random_shift(void)
{
    return next_random() % 20 ? val_int((int64_t)(next_random() % 20)) : val_null();
}

static Case *random_cases(Arena *mem)
{
    Case *cases = NEW_N(mem, Case, ROWS);

    seed = 20261121;
    for (int i = 0; i < ROWS; i++) cases[i] = (Case){random_number(), random_number(), random_shift()};
    return cases;
}

/* --- the reference */

static Val decimal_or_null(Wide x)
{
    return x >= -DECIMAL_MAX && x <= DECIMAL_MAX ? val_int((int64_t)x) : val_null();
}

static Val int_or_null(Wide x)
{
    return x >= INT64_MIN && x <= INT64_MAX ? val_int((int64_t)x) : val_null();
}

static Wide wide_power(int64_t n)
{
    Wide p = 1;

    while (n-- > 0) p *= 10;
    return p;
}

static Val rounded(Wide a, Wide b)
{
    Wide q = a / b, twice = a % b * 2;

    if ((twice < 0 ? -twice : twice) >= (b < 0 ? -b : b)) q += (a < 0) == (b < 0) ? 1 : -1;
    return decimal_or_null(q);
}

static Val ref_add(Wide a, Wide b, int64_t s)
{
    (void)s;
    return decimal_or_null(a + b);
}
static Val ref_sub(Wide a, Wide b, int64_t s)
{
    (void)s;
    return decimal_or_null(a - b);
}
static Val ref_neg(Wide a, Wide b, int64_t s)
{
    (void)s, (void)b;
    return decimal_or_null(-a);
}
static Val ref_mul(Wide a, Wide b, int64_t s)
{
    return rounded(a * b, wide_power(s));
}
static Val ref_div(Wide a, Wide b, int64_t s)
{
    return b ? rounded(a * wide_power(s), b) : val_null();
}
static Val ref_cmp(Wide a, Wide b, int64_t s)
{
    Wide x = a * wide_power(s);

    return val_int(x < b ? -1 : x > b);
}

static Val ref_up(Wide a, Wide b, int64_t s)
{
    (void)b;
    return decimal_or_null(a * wide_power(s));
}
static Val ref_down(Wide a, Wide b, int64_t s)
{
    (void)b;
    return rounded(a, wide_power(s));
}
static Val ref_mod(Wide a, Wide b, int64_t s)
{
    (void)s;
    return b ? decimal_or_null(a % b) : val_null();
}
static Val ref_iadd(Wide a, Wide b, int64_t s)
{
    (void)s;
    return int_or_null(a + b);
}
static Val ref_isub(Wide a, Wide b, int64_t s)
{
    (void)s;
    return int_or_null(a - b);
}
static Val ref_imul(Wide a, Wide b, int64_t s)
{
    (void)s;
    return int_or_null(a * b);
}
static Val ref_ineg(Wide a, Wide b, int64_t s)
{
    (void)s, (void)b;
    return int_or_null(-a);
}
static Val ref_idiv(Wide a, Wide b, int64_t s)
{
    (void)s;
    return b ? int_or_null(a / b) : val_null();
}
static Val ref_imod(Wide a, Wide b, int64_t s)
{
    (void)s;
    return b ? int_or_null(a % b) : val_null();
}

enum { USES_A = 1, USES_B = 2, USES_S = 4 };

static const struct {
    const char *name;
    Val (*ref)(Wide a, Wide b, int64_t s);
    unsigned uses;
} columns[] = {
    {"kith_add(a, b)", ref_add, USES_A | USES_B},
    {"kith_sub(a, b)", ref_sub, USES_A | USES_B},
    {"kith_neg(a)", ref_neg, USES_A},
    {"kith_mul(a, b, s)", ref_mul, USES_A | USES_B | USES_S},
    {"kith_div(a, b, s)", ref_div, USES_A | USES_B | USES_S},
    {"kith_rescale(a, s)", ref_up, USES_A | USES_S},
    {"kith_rescale(a, -s)", ref_down, USES_A | USES_S},
    {"kith_cmp(a, b, s)", ref_cmp, USES_A | USES_B | USES_S},
    {"kith_mod(a, b)", ref_mod, USES_A | USES_B},
    {"kith_iadd(a, b)", ref_iadd, USES_A | USES_B},
    {"kith_isub(a, b)", ref_isub, USES_A | USES_B},
    {"kith_imul(a, b)", ref_imul, USES_A | USES_B},
    {"kith_ineg(a)", ref_ineg, USES_A},
    {"kith_idiv(a, b)", ref_idiv, USES_A | USES_B},
    {"kith_imod(a, b)", ref_imod, USES_A | USES_B},
};
#define COLUMNS (sizeof columns / sizeof *columns)

static Val expected(const Case *c, size_t col)
{
    unsigned uses = columns[col].uses;

    if ((uses & USES_A && val_is_null(c->a)) || (uses & USES_B && val_is_null(c->b)) ||
        (uses & USES_S && val_is_null(c->s)))
        return val_null();
    return columns[col].ref(c->a.i, c->b.i, c->s.i);
}

/* --- running */

typedef struct Run {
    Arena *mem;
    const Case *cases;
    Str select;
    Val *out;
    size_t n;
} Run;

static Err *fill(DbConn *c, const Run *r)
{
    const char *type = db_conn_can(c, DB_CAP_FTS5) ? "INTEGER" : "bigint";

    TRY(db_script(r->mem, c,
                  str_fmt(r->mem, "CREATE TABLE t (i %s, a %s, b %s, s %s)", type, type, type, type)));
    for (int i = 0; i < ROWS; i++) {
        const Val binds[] = {val_int(i), r->cases[i].a, r->cases[i].b, r->cases[i].s};

        TRY(db_exec(r->mem, c, S("INSERT INTO t VALUES (?1, ?2, ?3, ?4)"), binds, 4, NULL));
    }
    return NULL;
}

static Err *run_work(DbConn *c, void *arg)
{
    Run *r = arg;
    DbRows *rows = NULL;
    bool has_row = false;

    TRY(fill(c, r));
    TRY(db_query(r->mem, c, r->select, NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has_row));
        if (!has_row) return NULL;
        for (size_t col = 0; col < db_columns(rows); col++) r->out[r->n++] = db_val(rows, col);
    }
}

static Val *compute(Arena *mem, Db *db, const Case *cases, Str select)
{
    Run r = {.mem = mem, .cases = cases, .select = select, .out = NEW_N(mem, Val, ROWS * COLUMNS)};

    CHECK_OK(db_write(db, mem, run_work, &r));
    return r.out;
}

static Str all_columns(Arena *mem)
{
    Str parts[COLUMNS];

    for (size_t i = 0; i < COLUMNS; i++) parts[i] = str_c(columns[i].name);
    return str_fmt(mem, "SELECT %.*s FROM t ORDER BY i", SFMT(str_join(mem, parts, COLUMNS, S(", "))));
}

static bool is_same(Val a, Val b)
{
    return a.kind == b.kind && (val_is_null(a) || a.i == b.i);
}

TEST_DB(numbers_agree_with_the_reference)
{
    const Case *cases = random_cases(mem);
    const Val *got = compute(mem, db, cases, all_columns(mem));
    int wrong = 0;

    for (size_t i = 0; i < ROWS; i++) {
        for (size_t col = 0; col < COLUMNS && wrong < 10; col++) {
            Val want = expected(&cases[i], col), is = got[i * COLUMNS + col];

            if (is_same(want, is)) continue;
            wrong++;
            printf("# %s of %lld %lld %lld: %s %lld, not %s %lld\n", columns[col].name,
                   (long long)cases[i].a.i, (long long)cases[i].b.i, (long long)cases[i].s.i,
                   val_kind_name(is.kind), (long long)is.i, val_kind_name(want.kind), (long long)want.i);
        }
    }
    CHECK_EQ_INT(wrong, 0);
}

static const char wide_select[] =
    "SELECT kith_div(a, b, s * 2), kith_mul(a, b, s * 2), kith_rescale(a, s * 2), kith_rescale(a, -2 * s), "
    "kith_div(a, b, 39), kith_mul(a, b, -1) FROM t ORDER BY i";

TEST(long_shifts_agree_between_databases)
{
    const Case *cases = random_cases(mem);
    const Val *lite = compute(mem, test_db_sqlite(mem), cases, str_c(wide_select));
    const Val *pg = compute(mem, test_db_postgres(mem), cases, str_c(wide_select));
    int wrong = 0, given = 0;

    for (size_t i = 0; i < ROWS * 6; i++) {
        wrong += !is_same(lite[i], pg[i]);
        given += !val_is_null(lite[i]);
    }
    CHECK_EQ_INT(wrong, 0);
    CHECK(given > 1000);
}

/* --- single values */

typedef struct Single {
    Arena *mem;
    Str sql;
    Val out;
} Single;

static Err *single_work(DbConn *c, void *arg)
{
    Single *s = arg;

    return db_one(s->mem, c, s->sql, NULL, 0, &s->out);
}

static Str value(Arena *mem, Db *db, const char *expression)
{
    Single s = {.mem = mem, .sql = str_cat(mem, S("SELECT "), str_c(expression))};

    CHECK_OK(db_read(db, mem, single_work, &s));
    if (s.out.kind == VAL_INT) return str_fmt(mem, "%lld", (long long)s.out.i);
    return val_is_null(s.out) ? S("null") : val_str(s.out);
}

TEST_DB(sum_and_average)
{
    CHECK_STR(value(mem, db, "kith_sum(x) FROM (SELECT 999999999999999998 AS x UNION ALL SELECT 1) AS r"),
              "999999999999999999");
    CHECK_STR(value(mem, db, "kith_sum(x) FROM (SELECT 999999999999999998 AS x UNION ALL SELECT 2) AS r"),
              "null");
    CHECK_STR(value(mem, db, "kith_sum(x) FROM (SELECT 5 AS x UNION ALL SELECT NULL) AS r"), "5");
    CHECK_STR(value(mem, db, "kith_sum(x) FROM (SELECT 5 AS x) AS r WHERE x > 5"), "null");
    CHECK_STR(
        value(mem, db, "kith_avg(x, 2) FROM (SELECT 1 AS x UNION ALL SELECT 1 UNION ALL SELECT 0) AS r"),
        "67");
    CHECK_STR(value(mem, db, "kith_avg(x, 0) FROM (SELECT -1 AS x UNION ALL SELECT -2) AS r"), "-2");
    CHECK_STR(value(mem, db, "kith_avg(x, 1) FROM (SELECT 3 AS x UNION ALL SELECT NULL) AS r"), "30");
    CHECK_STR(value(mem, db, "kith_avg(x, 1) FROM (SELECT 3 AS x) AS r WHERE x > 5"), "null");
    CHECK_STR(value(mem, db, "kith_avg(x, 18) FROM (SELECT 3 AS x) AS r"), "null");
    CHECK_STR(value(mem, db,
                    "kith_avg(x, 0) FROM (SELECT 999999999999999999 AS x UNION ALL "
                    "SELECT 999999999999999999) AS r"),
              "999999999999999999");
}

TEST_DB(texts_by_code_points)
{
    CHECK_STR(value(mem, db, "kith_starts('ёжик', 'ё')"), "1");
    CHECK_STR(value(mem, db, "kith_starts('ёжик', 'ж')"), "0");
    CHECK_STR(value(mem, db, "kith_starts('a', '')"), "1");
    CHECK_STR(value(mem, db, "kith_starts(NULL, 'a')"), "null");
    CHECK_STR(value(mem, db, "kith_ends('ёжик', 'ик')"), "1");
    CHECK_STR(value(mem, db, "kith_ends('ик', 'ёжик')"), "0");
    CHECK_STR(value(mem, db, "kith_ends('ик', '')"), "1");
    CHECK_STR(value(mem, db, "kith_ends('ик', NULL)"), "null");
    CHECK_STR(value(mem, db, "kith_contains('100% ёж_', '% ёж_')"), "1");
    CHECK_STR(value(mem, db, "kith_contains('100% ёж', 'Ёж')"), "0");
    CHECK_STR(value(mem, db, "kith_contains('', '')"), "1");
    CHECK_STR(value(mem, db, "kith_contains('a', NULL)"), "null");
    CHECK_STR(value(mem, db, "kith_len('Żółć😀')"), "5");
    CHECK_STR(value(mem, db, "kith_len(NULL)"), "null");
    CHECK_STR(value(mem, db, "kith_lower('ABC ŻЁ İ')"), "abc ŻЁ İ");
    CHECK_STR(value(mem, db, "kith_lower(NULL)"), "null");
    CHECK_STR(value(mem, db, "instr('аёж', 'ж')"), "3");
    CHECK_STR(value(mem, db, "strpos('аёж', 'я')"), "0");
    CHECK_STR(value(mem, db, "strpos('аёж', 'ж')"), "3");
    CHECK_STR(value(mem, db, "char_length('аёж')"), "3");
    CHECK_STR(value(mem, db, "greatest(1, NULL, 3, 2)"), "3");
    CHECK_STR(value(mem, db, "least(5, NULL, 3)"), "3");
    CHECK_STR(value(mem, db, "least('b', 'a')"), "a");
}

/* Several processes that start at once make the functions one after the other. */
TEST(functions_are_made_once)
{
    Str url = test_db_postgres_url(mem);
    DbOptions opt = {.url = url, .connections = 1};
    Db *first = NULL, *second = NULL;

    CHECK_OK(db_open(mem, &opt, &first));
    CHECK_OK(db_open(mem, &opt, &second));
    CHECK_STR(value(mem, second, "kith_add(2, 3)"), "5");
    db_close(first);
    db_close(second);
}

TEST(fold_on_sqlite)
{
    CHECK_STR(value(mem, test_db_sqlite(mem), "kith_fold('ABC')"), "abc");
}
