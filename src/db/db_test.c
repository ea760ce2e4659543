/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The interface, with one body for every database. */

#include "db/driver.h"
#include "db/test_db.h"

#include "base/tap.h"

#include <unistd.h>

typedef struct Script {
    Arena *mem;
    Str sql;
} Script;

static Err *script_work(DbConn *c, void *arg)
{
    Script *s = arg;

    return db_script(s->mem, c, s->sql);
}

static Str replace(Arena *mem, Str s, Str what, Str by)
{
    Buf b = buf_new(mem, 1 << 16);
    ptrdiff_t at;

    for (; (at = str_find(s, what)) >= 0; s = str_from(s, (size_t)at + what.n)) {
        buf_add(&b, str_sub(s, 0, (size_t)at));
        buf_add(&b, by);
    }
    buf_add(&b, s);
    return buf_str(&b);
}

/* Schema text for either database: `bigint` is INTEGER on SQLite, whose tables are STRICT. */
static void script(Arena *mem, Db *db, const char *sql)
{
    bool is_sqlite = db_can(db, DB_CAP_FTS5);
    Script s = {mem, replace(mem, str_c(sql), S("STRICT"), is_sqlite ? S("STRICT") : S(""))};

    if (is_sqlite) s.sql = replace(mem, s.sql, S("bigint"), S("INTEGER"));

    CHECK_OK(db_write(db, mem, script_work, &s));
}

typedef struct One {
    Arena *mem;
    Str sql;
    const Val *binds;
    size_t n;
    Val out;
    int64_t changed;
} One;

static Err *one_work(DbConn *c, void *arg)
{
    One *o = arg;

    return db_one(o->mem, c, o->sql, o->binds, o->n, &o->out);
}

static Err *exec_work(DbConn *c, void *arg)
{
    One *o = arg;

    return db_exec(o->mem, c, o->sql, o->binds, o->n, &o->changed);
}

static Val one(Arena *mem, Db *db, const char *sql)
{
    One o = {.mem = mem, .sql = str_c(sql)};

    CHECK_OK(db_read(db, mem, one_work, &o));
    return o.out;
}

static Err *exec(Arena *mem, Db *db, const char *sql)
{
    One o = {.mem = mem, .sql = str_c(sql)};

    return db_write(db, mem, exec_work, &o);
}

static void create(Arena *mem, Db *db, const char *columns)
{
    script(mem, db, str_to_c(mem, str_fmt(mem, "CREATE TABLE t (%s) STRICT", columns)));
}

/* --- values */

static Err *round_trip_work(DbConn *c, void *arg)
{
    Arena *mem = arg;
    const char *type = db_conn_can(c, DB_CAP_FTS5) ? "blob" : "bytea";
    const char *real = db_conn_can(c, DB_CAP_FTS5) ? "real" : "float8";
    const Val binds[] = {val_int(INT64_MIN),
                         val_text(S("Żółć, 'ёж' ?1")),
                         val_bytes(S("\0\1\377")),
                         val_double(-0.125),
                         val_null(),
                         val_text(S("")),
                         val_bool(true)};
    DbRows *rows = NULL;
    bool has_row = false;

    TRY(db_script(
        mem, c,
        str_fmt(mem, "CREATE TABLE t (a bigint, b text, c %s, d %s, e text, f text, g bigint)", type, real)));
    TRY(db_exec(mem, c, S("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5, ?6, CASE WHEN ?7 THEN 1 END)"), binds, 7,
                NULL));
    TRY(db_query(mem, c, S("SELECT a, b, c, d, e, f, g, '?1' FROM t WHERE b = ?1 -- ?2"), &binds[1], 1,
                 &rows));
    TRY(db_next(rows, &has_row));
    NEED(has_row);
    CHECK_EQ_INT(db_columns(rows), 8);
    CHECK_EQ_INT(db_i64(rows, 0), INT64_MIN);
    CHECK_STR(db_str(rows, 1), "Żółć, 'ёж' ?1");
    CHECK(val_same(db_val(rows, 2), binds[2]));
    CHECK(db_val(rows, 3).d == -0.125);
    CHECK(val_is_null(db_val(rows, 4)));
    CHECK(db_val(rows, 5).kind == VAL_TEXT && db_str(rows, 5).n == 0);
    CHECK_EQ_INT(db_i64(rows, 6), 1);
    CHECK_STR(db_str(rows, 7), "?1");
    TRY(db_next(rows, &has_row));
    CHECK(!has_row);
    return db_next(rows, &has_row);
}

TEST_DB(values_round_trip)
{
    CHECK_OK(db_write(db, mem, round_trip_work, mem));
}

static Err *time_work(DbConn *c, void *arg)
{
    Arena *mem = arg;
    const Val binds[] = {val_timestamp(-2, 500000000), val_money(12345, 2, 7), val_ref(3, 77), val_date(-1)};
    Val v;

    TRY(db_one(mem, c, S("SELECT ?1"), binds, 1, &v));
    CHECK_EQ_INT(v.i, -1500);
    TRY(db_one(mem, c, S("SELECT ?1 + ?2 + ?3"), &binds[1], 3, &v));
    CHECK_EQ_INT(v.i, 12345 + 77 - 1);
    return NULL;
}

TEST_DB(values_of_fields_are_integers)
{
    CHECK_OK(db_read(db, mem, time_work, mem));
}

TEST_DB(changed_rows_are_counted)
{
    One o = {.mem = mem, .sql = S("UPDATE t SET a = a + 1 WHERE a > 1")};

    create(mem, db, "a bigint");
    CHECK_OK(exec(mem, db, "INSERT INTO t VALUES (1), (2), (3)"));
    CHECK_OK(db_write(db, mem, exec_work, &o));
    CHECK_EQ_INT(o.changed, 2);
}

TEST_DB(no_row_is_null)
{
    create(mem, db, "a bigint");
    CHECK(val_is_null(one(mem, db, "SELECT a FROM t")));
}

/* --- errors */

TEST_DB(unique_error_names_the_index)
{
    Err *e;

    create(mem, db, "id bigint PRIMARY KEY, a text, b text, deleted bigint");
    script(mem, db,
           "CREATE UNIQUE INDEX t_a_live ON t (a) WHERE deleted IS NULL;"
           "CREATE UNIQUE INDEX t_a_b ON t (a, b); CREATE UNIQUE INDEX t_lower ON t (lower(b))");
    CHECK_OK(exec(mem, db, "INSERT INTO t VALUES (1, 'x', 'y', NULL), (2, 'z', 'w', 5)"));
    e = exec(mem, db, "INSERT INTO t VALUES (3, 'x', 'q', NULL)");
    CHECK_ERR(e, ERR_CONFLICT);
    CHECK_STR(e->key, "error.db.unique");
    CHECK_STR(e->field, "t_a_live");
    e = exec(mem, db, "INSERT INTO t VALUES (3, 'z', 'w', 6)");
    CHECK_ERR(e, ERR_CONFLICT);
    CHECK(str_eq_c(e->field, "t_a_b") || str_eq_c(e->field, "t_lower"));
    e = exec(mem, db, "INSERT INTO t VALUES (3, 'k', 'W', 6)");
    CHECK_STR(e->field, "t_lower");
    e = exec(mem, db, "INSERT INTO t VALUES (1, 'k', 'l', 6)");
    CHECK_STR(e->key, "error.db.unique");
}

TEST_DB(bad_statement_is_an_error)
{
    CHECK_ERR(exec(mem, db, "INSERT INTO nowhere VALUES (1)"), ERR_INTERNAL);
    CHECK_ERR(exec(mem, db, "SELECT ?1"), ERR_INTERNAL);
}

static Err *read_only_work(DbConn *c, void *arg)
{
    return db_exec(arg, c, S("INSERT INTO t VALUES (1)"), NULL, 0, NULL);
}

TEST_DB(reader_cannot_write)
{
    create(mem, db, "a bigint");
    CHECK_ERR(db_read(db, mem, read_only_work, mem), ERR_INTERNAL);
    CHECK_EQ_INT(one(mem, db, "SELECT count(*) FROM t").i, 0);
}

static Err *slow_work(DbConn *c, void *arg)
{
    Val v;

    db_set_budget(c, 50);
    return db_one(arg, c,
                  S("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) "
                    "SELECT count(*) FROM n"),
                  NULL, 0, &v);
}

TEST_DB(budget_ends_a_slow_statement)
{
    Err *e = db_read(db, mem, slow_work, mem);

    CHECK_ERR(e, ERR_LIMIT);
    CHECK_STR(e->key, "error.db.budget");
    e = db_write(db, mem, slow_work, mem);
    CHECK_ERR(e, ERR_LIMIT);
    CHECK_EQ_INT(one(mem, db, "SELECT 1").i, 1);
}

static Err *swallow_work(DbConn *c, void *arg)
{
    Arena *mem = arg;
    Val v;

    TRY(db_exec(mem, c, S("INSERT INTO t VALUES (1)"), NULL, 0, NULL));
    CHECK_ERR(db_exec(mem, c, S("INSERT INTO t VALUES (1)"), NULL, 0, NULL), ERR_CONFLICT);
    CHECK_ERR(db_one(mem, c, S("SELECT 1"), NULL, 0, &v), ERR_INTERNAL);
    return NULL;
}

TEST_DB(failed_statement_dooms_the_unit)
{
    create(mem, db, "a bigint PRIMARY KEY");
    CHECK_ERR(db_write(db, mem, swallow_work, mem), ERR_INTERNAL);
    CHECK_EQ_INT(one(mem, db, "SELECT count(*) FROM t").i, 0);
}

TEST_DB(references_are_checked)
{
    script(mem, db,
           "CREATE TABLE a (id bigint PRIMARY KEY) STRICT;"
           "CREATE TABLE b (a bigint REFERENCES a (id)) STRICT;"
           "CREATE TABLE d (a bigint REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED) STRICT");
    CHECK_STR(exec(mem, db, "INSERT INTO b VALUES (1)")->key, "error.db.reference");
    CHECK_STR(exec(mem, db, "INSERT INTO d VALUES (1)")->key, "error.db.reference");
    CHECK_OK(exec(mem, db, "INSERT INTO a VALUES (1)"));
    CHECK_OK(exec(mem, db, "INSERT INTO d VALUES (1)"));
    CHECK_ERR(exec(mem, db, "DELETE FROM a"), ERR_CONFLICT);
}

/* --- units */

typedef struct Row {
    Arena *mem;
    int64_t a;
    bool is_refused;
    Err *e;
    bool is_answered;
    DbUnit unit;
} Row;

static Err *row_work(DbConn *c, void *arg)
{
    Row *r = arg;
    Val v = val_int(r->a);

    TRY(db_exec(r->mem, c, S("INSERT INTO t VALUES (?1)"), &v, 1, NULL));
    if (r->is_refused) FAIL(r->mem, ERR_INVALID, "test.refused", "row %d", (int)r->a);
    return NULL;
}

static void row_done(void *arg, Err *e)
{
    Row *r = arg;

    r->e = e;
    r->is_answered = true;
}

static Err *hold_work(DbConn *c, void *arg)
{
    (void)c;
    usleep((useconds_t)(*(int *)arg) * 1000);
    return NULL;
}

static void hold_done(void *arg, Err *e)
{
    (void)arg;
    REQUIRE(!e);
}

static Row *submit_rows(Arena *mem, Db *db, int n)
{
    Row *rows = NEW_N(mem, Row, (size_t)n);

    for (int i = 0; i < n; i++) {
        rows[i] = (Row){.mem = arena_new(0), .a = i, .is_refused = i % 3 == 1};
        rows[i].unit = (DbUnit){.work = row_work, .done = row_done, .arg = &rows[i], .mem = rows[i].mem};
        db_submit(db, &rows[i].unit);
    }
    return rows;
}

static void free_rows(Row *rows, int n)
{
    for (int i = 0; i < n; i++) arena_free(rows[i].mem);
}

/* One SQLite batch, as the writer is held meanwhile; on PostgreSQL a transaction each. */
TEST_DB(a_refused_unit_leaves_no_trace_in_its_batch)
{
    int ms = 50;
    DbUnit hold = {.work = hold_work, .done = hold_done, .arg = &ms, .mem = mem};
    Row *rows;

    create(mem, db, "a bigint");
    db_submit(db, &hold);
    rows = submit_rows(mem, db, 30);
    while (db_stats(db).units < 32) usleep(1000);
    CHECK_EQ_INT(one(mem, db, "SELECT count(*) FROM t").i, 20);
    CHECK_EQ_INT(one(mem, db, "SELECT count(*) FROM t WHERE a % 3 = 1").i, 0);
    for (int i = 0; i < 30; i++) CHECK(rows[i].is_answered && !rows[i].e == !rows[i].is_refused);
    free_rows(rows, 30);
}

/* --- attempts */

static Err *insert(DbConn *c, Arena *mem, int64_t a)
{
    Val v = val_int(a);

    return db_exec(mem, c, S("INSERT INTO t VALUES (?1)"), &v, 1, NULL);
}

static Err *good_step(DbConn *c, void *arg)
{
    return insert(c, arg, 2);
}

static Err *taken_step(DbConn *c, void *arg)
{
    TRY(insert(c, arg, 3));
    db_set_budget(c, 1000);
    return insert(c, arg, 1);
}

static Err *refused_step(DbConn *c, void *arg)
{
    TRY(insert(c, arg, 4));
    FAIL(arg, ERR_INVALID, "test.refused", "no");
}

static Err *outer_step(DbConn *c, void *arg)
{
    TRY(insert(c, arg, 5));
    CHECK_ERR(db_attempt(arg, c, taken_step, arg), ERR_CONFLICT);
    return insert(c, arg, 6);
}

static Err *broken_step(DbConn *c, void *arg)
{
    return db_exec(arg, c, S("INSERT INTO nowhere VALUES (1)"), NULL, 0, NULL);
}

static Err *attempts_work(DbConn *c, void *arg)
{
    TRY(insert(c, arg, 1));
    TRY(db_attempt(arg, c, good_step, arg));
    CHECK_ERR(db_attempt(arg, c, taken_step, arg), ERR_CONFLICT);
    CHECK_ERR(db_attempt(arg, c, refused_step, arg), ERR_INVALID);
    TRY(db_attempt(arg, c, outer_step, arg));
    return insert(c, arg, 7);
}

static Err *broken_work(DbConn *c, void *arg)
{
    TRY(insert(c, arg, 8));
    CHECK_ERR(db_attempt(arg, c, broken_step, arg), ERR_INTERNAL);
    return NULL;
}

TEST_DB(a_failed_attempt_leaves_the_unit_whole)
{
    create(mem, db, "a bigint PRIMARY KEY");
    CHECK_OK(db_write(db, mem, attempts_work, mem));
    CHECK_EQ_INT(one(mem, db, "SELECT kith_sum(a) FROM t").i, 1 + 2 + 5 + 6 + 7);
    CHECK_ERR(db_write(db, mem, broken_work, mem), ERR_INTERNAL);
    CHECK_EQ_INT(one(mem, db, "SELECT kith_sum(a) FROM t").i, 1 + 2 + 5 + 6 + 7);
}

static Err *clear_work(DbConn *c, void *arg)
{
    return db_exec(arg, c, S("DELETE FROM t"), NULL, 0, NULL);
}

typedef struct Tries {
    Arena *mem;
    int runs;
    bool has_late; /* one of the steps fails after it has written */
} Tries;

static Err *idle_step(DbConn *c, void *arg)
{
    (void)c;
    FAIL(arg, ERR_INVALID, "test.refused", "no");
}

static Err *tries_work(DbConn *c, void *arg)
{
    Tries *t = arg;

    t->runs++;
    TRY(insert(c, t->mem, 1));
    TRY(db_try(t->mem, c, good_step, t->mem));
    CHECK_ERR(db_try(t->mem, c, idle_step, t->mem), ERR_INVALID);
    if (!t->has_late) return insert(c, t->mem, 7);
    Err *e = db_try(t->mem, c, refused_step, t->mem);
    CHECK_ERR(e, t->runs == 1 ? ERR_INTERNAL : ERR_INVALID);
    if (e->code == ERR_INTERNAL) return e;
    e = db_try(t->mem, c, taken_step, t->mem);
    CHECK_ERR(e, ERR_CONFLICT);
    return insert(c, t->mem, 7);
}

TEST_DB(a_try_that_fails_late_runs_its_unit_again)
{
    Tries early = {.mem = mem}, late = {.mem = mem, .has_late = true};

    create(mem, db, "a bigint PRIMARY KEY");
    CHECK_OK(db_write(db, mem, tries_work, &early));
    CHECK_EQ_INT(early.runs, 1);
    CHECK_EQ_INT(one(mem, db, "SELECT kith_sum(a) FROM t").i, 1 + 2 + 7);
    CHECK_OK(db_write(db, mem, clear_work, mem));
    CHECK_OK(db_write(db, mem, tries_work, &late));
    CHECK_EQ_INT(late.runs, 2);
    CHECK_EQ_INT(one(mem, db, "SELECT kith_sum(a) FROM t").i, 1 + 2 + 7);
}

/* --- threads */

static Err *plain_work(DbConn *c, void *arg)
{
    Row *r = arg;

    CHECK(c == NULL);
    r->a = 42;
    return NULL;
}

TEST_DB(plain_work_has_no_connection)
{
    Row *r = NEW(mem, Row);

    r->unit = (DbUnit){.work = plain_work, .done = row_done, .arg = r, .mem = mem};
    db_submit_plain(db, &r->unit);
    while (db_stats(db).units < 1) usleep(500);
    CHECK(r->is_answered && !r->e);
    CHECK_EQ_INT(r->a, 42);
}

/* Closing lets what is queued end well. */
TEST(closing_waits_for_what_is_queued)
{
    DbOptions opt = {.dir = test_db_dir(mem)};
    Db *db = NULL;
    Row *rows;

    CHECK_OK(db_open(mem, &opt, &db));
    create(mem, db, "a bigint");
    rows = submit_rows(mem, db, 30);
    db_close(db);
    for (int i = 0; i < 30; i++) CHECK(rows[i].is_answered);
    free_rows(rows, 30);
    CHECK_OK(db_open(mem, &opt, &db));
    CHECK_EQ_INT(one(mem, db, "SELECT count(*) FROM t").i, 20);
    db_close(db);
}

static Err *nul_work(DbConn *c, void *arg)
{
    const Val v = val_text(S("a\0b"));
    Val out;

    return db_one(arg, c, S("SELECT ?1"), &v, 1, &out);
}

TEST_DB(text_with_nul_is_refused)
{
    Err *e = db_read(db, mem, nul_work, mem);

    CHECK_ERR(e, ERR_INVALID);
    CHECK_STR(e->key, "error.db.nul");
}

static Err *write_inside_work(DbConn *c, void *arg)
{
    (void)c;
    CHECK(db_is_in_unit());
    (void)arg;
    return NULL;
}

TEST_DB(a_unit_knows_that_it_is_one)
{
    CHECK_OK(db_write(db, mem, write_inside_work, NULL));
    CHECK(!db_is_in_unit());
}
