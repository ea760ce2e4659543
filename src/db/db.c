/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The public face: hands each call to the driver, and holds what all drivers share: the rule that a failed statement
 * dooms its unit, waiting for a unit's end, and the counters.  Knows no database by name but in db_open. */

#include "db/driver.h"
#include "db/fake.h"

#include "base/fault.h"

static _Thread_local unsigned unit_depth;

Err *db_open(Arena *mem, const DbOptions *opt, Db **out)
{
    DbOptions o = *opt;
    bool is_postgres = str_starts(o.url, S("postgres://")) || str_starts(o.url, S("postgresql://"));

    if (o.budget_ms == 0) o.budget_ms = DB_BUDGET_MS;
    if (o.url.n && !is_postgres)
        FAIL(mem, ERR_INVALID, "error.db.url", "a database URL begins with postgres://");
    if (is_postgres)
        TRY(postgres_open(mem, &o, out));
    else
        TRY(sqlite_open(mem, &o, out));
    return NULL;
}

void db_close(Db *db)
{
    if (db) db->driver->close(db);
}

bool db_can(const Db *db, DbCap cap)
{
    return db->driver->caps >> cap & 1;
}

bool db_conn_can(const DbConn *c, DbCap cap)
{
    return c->driver->caps >> cap & 1;
}

/* --- statements */

#if KITH_TEST_HOOKS
void db_fail_step(Db *db, int64_t n)
{
    atomic_store(&db->fail_in, n);
}

bool db_fail_pending(const Db *db)
{
    return atomic_load(&db->fail_in) > 0;
}

Err *db_step(Arena *mem, Db *db)
{
    if (atomic_load_explicit(&db->fail_in, memory_order_relaxed) > 0 &&
        atomic_fetch_sub(&db->fail_in, 1) == 1)
        FAIL(mem, ERR_INTERNAL, "error.db", "a failure the test asked for");
    if (fault_now(FAULT_STEP)) FAIL(mem, ERR_INTERNAL, "error.db", "a failure the test asked for");
    return NULL;
}
#else
Err *db_step(Arena *mem, Db *db)
{
    (void)mem, (void)db;
    return NULL;
}
#endif

static Err *note(DbConn *c, Err *e)
{
    if (e) c->is_failed = true;
    return e;
}

static Err *check_may_run(Arena *mem, DbConn *c)
{
    if (c->is_failed) FAIL(mem, ERR_INTERNAL, "error.db", "an earlier statement of this unit has failed");
    return note(c, db_step(mem, c->db));
}

/* PostgreSQL cannot store a NUL in text: refused on both. */
static Err *check_binds(Arena *mem, DbConn *c, const Val *binds, size_t n)
{
    TRY(check_may_run(mem, c));
    for (size_t i = 0; i < n; i++)
        if (binds[i].kind == VAL_TEXT && binds[i].n && memchr(binds[i].p, '\0', binds[i].n))
            return note(c,
                        err_new(mem, ERR_INVALID, "error.db.nul", "bind %zu holds a NUL character", i + 1));
    return NULL;
}

Err *db_exec(Arena *mem, DbConn *c, Str sql, const Val *binds, size_t n, int64_t *changed)
{
    int64_t ignored;

    TRY(check_binds(mem, c, binds, n));
    c->n_writes++;
    return note(c, c->driver->exec(mem, c, sql, binds, n, changed ? changed : &ignored));
}

Err *db_query(Arena *mem, DbConn *c, Str sql, const Val *binds, size_t n, DbRows **out)
{
    TRY(check_binds(mem, c, binds, n));
    c->n_writes += !str_starts(sql, S("SELECT "));
    TRY(note(c, c->driver->query(mem, c, sql, binds, n, out)));
    (*out)->conn = c;
    (*out)->mem = mem;
    (*out)->unit = c->unit;
    return NULL;
}

Err *db_next(DbRows *rows, bool *has_row)
{
    *has_row = false;
    if (rows->is_ended) return NULL;
    REQUIRE(rows->unit == rows->conn->unit);
    TRY(check_may_run(rows->mem, rows->conn));
    TRY(note(rows->conn, rows->conn->driver->next(rows, has_row)));
    rows->is_ended = !*has_row;
    return NULL;
}

Err *db_one(Arena *mem, DbConn *c, Str sql, const Val *binds, size_t n, Val *out)
{
    DbRows *rows = NULL;
    bool has_row = false;

    *out = val_null();
    TRY(db_query(mem, c, sql, binds, n, &rows));
    TRY(db_next(rows, &has_row));
    if (!has_row) return NULL;
    *out = db_val(rows, 0);
    rows->is_ended = true;
    return note(c, c->driver->end(rows));
}

Err *db_script(Arena *mem, DbConn *c, Str sql)
{
    TRY(check_may_run(mem, c));
    c->n_writes++;
    return note(c, c->driver->script(mem, c, sql));
}

uint64_t db_snapshot(DbConn *c)
{
    return c->driver->snapshot ? c->driver->snapshot(c) : 0;
}

void *db_conn_keep(DbConn *c, void *(*make)(void))
{
    if (!c->kept) c->kept = make();
    return c->kept;
}

void db_set_budget(DbConn *c, int ms)
{
    c->budget_ms = ms;
    if (c->driver->budget) c->driver->budget(c);
}

Val db_val(const DbRows *rows, size_t col)
{
    REQUIRE(col < rows->n);
    return rows->vals[col];
}

int64_t db_i64(const DbRows *rows, size_t col)
{
    Val v = db_val(rows, col);

    if (v.kind == VAL_BOOL) return v.b;
    REQUIRE(v.kind == VAL_INT || v.kind == VAL_NULL);
    return v.i;
}

Str db_str(const DbRows *rows, size_t col)
{
    Val v = db_val(rows, col);

    if (v.kind == VAL_NULL) return (Str){0};
    REQUIRE(v.kind == VAL_TEXT || v.kind == VAL_BYTES);
    return val_str(v);
}

size_t db_columns(const DbRows *rows)
{
    return rows->n;
}

bool db_val_i64(Val v, int64_t *out)
{
    switch ((ValKind)v.kind) {
    case VAL_BOOL: *out = v.b; return true;
    case VAL_INT:
    case VAL_DECIMAL:
    case VAL_MONEY:
    case VAL_DATE:
    case VAL_TIME:
    case VAL_ID:
    case VAL_REF: *out = v.i; return true;
    case VAL_UINT:
        REQUIRE(v.u <= INT64_MAX);
        *out = (int64_t)v.u;
        return true;
    case VAL_TIMESTAMP:
    case VAL_DURATION: *out = v.i * 1000 + v.n / 1000000; return true;
    case VAL_NULL:
    case VAL_DOUBLE:
    case VAL_TEXT:
    case VAL_BYTES:
    case VAL_LIST:
    case VAL_MAP:
    case VAL_TYPE: return false;
    }
    return false;
}

/* --- units */

bool db_is_in_unit(void)
{
    return unit_depth > 0;
}

void db_unit_begin(DbConn *c, bool is_background)
{
    c->unit++;
    c->is_failed = c->is_too_light = false;
    c->budget_ms = c->db->budget_ms * (is_background ? DB_BACKGROUND_BUDGETS : 1);
    if (c->driver->budget) c->driver->budget(c);
}

static bool dooms_transaction(const Err *e)
{
    return e->code == ERR_INTERNAL || e->code == ERR_UNAVAILABLE ||
           str_eq(e->key, S("error.db.serialization")) || str_eq(e->key, S("error.db.budget")) ||
           str_eq(e->key, S("error.db.full"));
}

Err *db_attempt(Arena *mem, DbConn *c, DbWork work, void *arg)
{
    Err *e;

    TRY(db_exec(mem, c, S("SAVEPOINT attempt"), NULL, 0, NULL));
    e = work(c, arg);
    if (!e) return db_exec(mem, c, S("RELEASE SAVEPOINT attempt"), NULL, 0, NULL);
    if (dooms_transaction(e)) {
        c->is_failed = true;
        return e;
    }
    c->is_failed = false;
    TRY(note(c, c->driver->back(mem, c)));
    return e;
}

Err *db_try(Arena *mem, DbConn *c, DbWork work, void *arg)
{
    uint64_t before = c->n_writes;

    if (!c->is_light) return db_attempt(mem, c, work, arg);
    Err *e = work(c, arg);
    if (!e || dooms_transaction(e) || (c->n_writes == before && !c->is_failed)) return e;
    c->is_failed = c->is_too_light = true;
    FAIL(mem, ERR_INTERNAL, "error.db", "the unit runs again with savepoints");
}

Err *db_unit_work(DbConn *c, Arena *mem, DbWork work, void *arg)
{
    Err *e;

    unit_depth++;
    e = work(c, arg);
    unit_depth--;
    if (!e && c && c->is_failed)
        FAIL(mem, ERR_INTERNAL, "error.db", "the unit went on after a failed statement");
    return e;
}

void db_guard(Db *db, DbGuard guard, void *arg)
{
    REQUIRE(db_can(db, DB_CAP_SHARED));
    db->guard_arg = arg;
    db->guard = guard;
}

void db_unit_answer(Db *db, DbUnit *u, Err *e)
{
    u->done(u->arg, e);
    atomic_fetch_add(&db->units, 1);
}

void db_submit(Db *db, DbUnit *unit)
{
    unit->is_plain = false;
    REQUIRE(!unit->is_bare || db_can(db, DB_CAP_CONCURRENT_INDEX));
    db->driver->submit(db, unit);
}

void db_submit_plain(Db *db, DbUnit *unit)
{
    unit->is_plain = true;
    db->driver->submit(db, unit);
}

typedef struct Wait {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    DbWork work;
    void *arg;
    Err *e;
    bool is_done;
} Wait;

static Err *wait_work(DbConn *c, void *arg)
{
    const Wait *w = arg;

    return w->work(c, w->arg);
}

static void wait_done(void *arg, Err *e)
{
    Wait *w = arg;

    pthread_mutex_lock(&w->lock);
    w->e = e;
    w->is_done = true;
    pthread_cond_signal(&w->ended);
    pthread_mutex_unlock(&w->lock);
}

static Err *run_and_wait(Db *db, Arena *mem, DbWork work, void *arg, bool is_read)
{
    Wait w = {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER, .work = work, .arg = arg};
    DbUnit unit = {.work = wait_work, .done = wait_done, .arg = &w, .mem = mem, .is_read = is_read};

    REQUIRE(!db_is_in_unit());
    db_submit(db, &unit);
    pthread_mutex_lock(&w.lock);
    while (!w.is_done) pthread_cond_wait(&w.ended, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.ended);
    pthread_mutex_destroy(&w.lock);
    return w.e;
}

Err *db_write(Db *db, Arena *mem, DbWork work, void *arg)
{
    return run_and_wait(db, mem, work, arg, false);
}

Err *db_read(Db *db, Arena *mem, DbWork work, void *arg)
{
    return run_and_wait(db, mem, work, arg, true);
}

Err *db_read_inline(Db *db, Arena *mem, DbWork work, void *arg)
{
    REQUIRE(db_can(db, DB_CAP_INLINE_READ));
    REQUIRE(!db_is_in_unit());
    atomic_fetch_add(&db->units, 1);
    return db->driver->read_inline(db, mem, work, arg);
}

Err *db_thread_open(Db *db, Arena *mem)
{
    return db->driver->thread_open ? db->driver->thread_open(db, mem) : NULL;
}

DbStats db_stats(Db *db)
{
    return (DbStats){
        .units = atomic_load(&db->units),
        .batches = atomic_load(&db->batches),
        .replays = atomic_load(&db->replays),
        .queue = atomic_load(&db->queued),
    };
}
