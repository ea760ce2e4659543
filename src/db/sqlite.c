/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The SQLite driver: one file in a data folder that this process owns (flock), one connection that writes (writer.c)
 * and readers that cannot.  Readers of the worker pool belong to their thread; those of db_read_inline lie on a stack
 * of idle ones.  Every connection waits for a busy file, bounds its caches and checks the clock while a statement
 * runs.  What one statement does is here; opening is at the end. */

#include "db/driver.h"
#include "db/functions.h"
#include "db/lock.h"
#include "db/ship.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#define READERS         4
#define BUSY_MS         "5000"
#define PROGRESS_OPS    2000
#define CACHE_MB        32
#define PAGES_OF_MB     256
#define WAL_PAGES       4000        /* of 4 KiB: when the log is moved into the file */
#define MASS_PAGES      1000        /* a commit of so many is mass work, */
#define WAL_PAGES_MASS  16000       /* whose next commits will write most of these pages again */
#define WAL_PAGES_MAX   40000       /* beyond WAL_PAGES, when readers are waited for */
#define WAL_PAGES_SHIP  262144      /* when a log that cannot be shipped is given up */
#define SAVEPOINT_BYTES (120 << 10) /* SQLite writes this in one piece, and cannot beyond 128 KiB */

typedef struct Sqlite {
    DbConn base;
    sqlite3 *db;
    StmtCache stmts;
    int64_t deadline; /* of the running statement, microseconds; 0: none */
    bool is_in_transaction, is_writer;
    bool is_stuck; /* a transaction could not be rolled back: it must be, before anything is committed */
    int wal_pages; /* in the log after the last commit */
    struct Sqlite *next_idle;
    int last_pages;  /* of wal_pages, what the last commit added */
    bool is_guarded; /* the running unit has a savepoint */
    bool is_dirty;   /* it has written, or tried to */
} Sqlite;

typedef struct SqliteRows {
    DbRows base;
    Stmt *stmt;
    int64_t deadline;
} SqliteRows;

typedef struct SqliteDb {
    Db base;
    char *path;
    unsigned cache_mb;
    int lock;
    Sqlite *writing;
    Writer *writer;
    Pool *readers;
    Sqlite **reading;
    unsigned n_reading;
    pthread_mutex_t idle_lock;
    Sqlite *idle;
    Ship *ship;         /* copies the log away, or NULL */
    atomic_uint copies; /* being made: nobody waits for their readers */
} SqliteDb;

/* --- errors */

static Str column_list_index(Arena *mem, Sqlite *c, Str list);

/* "UNIQUE constraint failed: deal.code, deal.team" or "UNIQUE constraint failed: index 'name'". */
static Str unique_name(Arena *mem, Sqlite *c, Str message)
{
    ptrdiff_t at = str_find(message, S(": "));
    Str rest = at < 0 ? message : str_from(message, (size_t)at + 2);

    if (!str_starts(rest, S("index '"))) return column_list_index(mem, c, rest);
    return str_sub(rest, 7, rest.n - 8);
}

static bool is_disk_full(Sqlite *c, int rc)
{
    int cause = sqlite3_system_errno(c->db);

    if ((rc & 0xff) == SQLITE_FULL) return true;
    return (rc & 0xff) == SQLITE_IOERR && (cause == ENOSPC || cause == EDQUOT || cause == EFBIG);
}

static Err *fail(Arena *mem, Sqlite *c, int rc, Str sql)
{
    Str message = str_copy(mem, str_c(sqlite3_errmsg(c->db)));
    Str start = str_sub(sql, 0, 300);

#define DETAIL "sqlite %d: %.*s: %.*s", rc, SFMT(message), SFMT(start)
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return err_field(err_new(mem, ERR_CONFLICT, "error.db.unique", DETAIL), unique_name(mem, c, message));
    case SQLITE_CONSTRAINT_FOREIGNKEY: FAIL(mem, ERR_CONFLICT, "error.db.reference", DETAIL);
    default: break;
    }
    if (is_disk_full(c, rc)) FAIL(mem, ERR_LIMIT, "error.db.full", DETAIL);
    switch (rc & 0xff) {
    case SQLITE_INTERRUPT: FAIL(mem, ERR_LIMIT, "error.db.budget", DETAIL);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN: FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", DETAIL);
    default: FAIL(mem, ERR_INTERNAL, "error.db", DETAIL);
    }
#undef DETAIL
}

/* --- statements */

static void drop_stmt(void *ctx, Stmt *s)
{
    (void)ctx;
    sqlite3_finalize(s->handle);
}

static void reset_stmt(Stmt *s)
{
    sqlite3_reset(s->handle);
}

static void release(Sqlite *c, Stmt *s)
{
    sqlite3_reset(s->handle);
    stmts_release(&c->stmts, s);
}

/* True while the clock has not passed the deadline of the running statement. */
static int on_progress(void *arg)
{
    const Sqlite *c = arg;

    return c->deadline && db_mono_us() > c->deadline;
}

static int64_t deadline_of(const Sqlite *c)
{
    return c->base.budget_ms > 0 ? db_mono_us() + (int64_t)c->base.budget_ms * 1000 : 0;
}

static bool is_lost(const Sqlite *c)
{
    return c->is_stuck || (c->is_in_transaction && sqlite3_get_autocommit(c->db));
}

/* A failed statement dooms its unit, whose savepoint is rolled back: nothing has to be undone by the statement itself.
 * OR FAIL tells SQLite so, which else copies every page a statement touches once more before touching it. */
static Str without_undo(Arena *mem, Str sql)
{
    static const Str insert = S_INIT("INSERT INTO "), update = S_INIT("UPDATE ");

    if (str_starts(sql, insert)) return str_cat(mem, S("INSERT OR FAIL INTO "), str_from(sql, insert.n));
    if (str_starts(sql, update)) return str_cat(mem, S("UPDATE OR FAIL "), str_from(sql, update.n));
    return sql;
}

static Err *prepare(Arena *mem, Sqlite *c, Str sql, Stmt **out)
{
    sqlite3_stmt *handle = NULL;
    const char *tail = NULL;
    int rc;

    if (is_lost(c)) FAIL(mem, ERR_INTERNAL, "error.db", "the transaction is gone");
    *out = stmts_get(&c->stmts, sql);
    if (*out) return NULL;
    Str text = without_undo(mem, sql);
    rc = sqlite3_prepare_v3(c->db, text.p, (int)text.n, SQLITE_PREPARE_PERSISTENT, &handle, &tail);
    if (rc != SQLITE_OK) return fail(mem, c, rc, sql);
    if (!handle || str_trim(str_from(text, (size_t)(tail - text.p))).n) {
        sqlite3_finalize(handle);
        FAIL(mem, ERR_INTERNAL, "error.db", "not one statement: %.*s", SFMT(str_sub(sql, 0, 300)));
    }
    *out = stmts_add(&c->stmts, sql, handle);
    return NULL;
}

static int bind_bytes(sqlite3_stmt *st, int at, Val v, void (*lifetime)(void *))
{
    const char *p = v.n ? v.p : "";

    if (v.kind == VAL_TEXT) return sqlite3_bind_text64(st, at, p, v.n, lifetime, SQLITE_UTF8);
    return sqlite3_bind_blob64(st, at, p, v.n, lifetime);
}

static int bind_one(sqlite3_stmt *st, int at, Val v, void (*lifetime)(void *))
{
    int64_t i;

    if (v.kind == VAL_TEXT || v.kind == VAL_BYTES) return bind_bytes(st, at, v, lifetime);
    if (v.kind == VAL_NULL) return sqlite3_bind_null(st, at);
    if (v.kind == VAL_DOUBLE) return sqlite3_bind_double(st, at, v.d);
    REQUIRE(db_val_i64(v, &i));
    return sqlite3_bind_int64(st, at, i);
}

static Err *bind_all(Arena *mem, Sqlite *c, Str sql, sqlite3_stmt *st, const Val *binds, size_t n,
                     void (*lifetime)(void *))
{
    if ((size_t)sqlite3_bind_parameter_count(st) != n)
        FAIL(mem, ERR_INTERNAL, "error.db", "%zu binds for %d: %.*s", n, sqlite3_bind_parameter_count(st),
             SFMT(str_sub(sql, 0, 300)));
    for (size_t i = 0; i < n; i++) {
        int rc = bind_one(st, (int)i + 1, binds[i], lifetime);

        if (rc != SQLITE_OK) return fail(mem, c, rc, sql);
    }
    return NULL;
}

/* A prepared statement with its binds.  `lifetime` says whether the texts outlive the statement's run. */
static Err *start(Arena *mem, Sqlite *c, Str sql, const Val *binds, size_t n, void (*lifetime)(void *),
                  Stmt **out)
{
    Err *e;

    TRY(prepare(mem, c, sql, out));
    if (!sqlite3_stmt_readonly((*out)->handle)) c->is_dirty = true;
    e = bind_all(mem, c, sql, (*out)->handle, binds, n, lifetime);
    if (e) release(c, *out);
    c->deadline = deadline_of(c);
    return e;
}

static Err *sqlite_exec_stmt(Arena *mem, DbConn *base, Str sql, const Val *binds, size_t n, int64_t *changed)
{
    Sqlite *c = (Sqlite *)base;
    Stmt *s = NULL;
    Err *e = NULL;
    int64_t before;
    int rc;

    TRY(start(mem, c, sql, binds, n, SQLITE_STATIC, &s));
    before = sqlite3_total_changes64(c->db);
    do rc = sqlite3_step(s->handle);
    while (rc == SQLITE_ROW);
    *changed = sqlite3_total_changes64(c->db) > before ? sqlite3_changes64(c->db) : 0;
    if (rc != SQLITE_DONE) e = fail(mem, c, rc, sql);
    release(c, s);
    return e;
}

static Err *sqlite_query(Arena *mem, DbConn *base, Str sql, const Val *binds, size_t n, DbRows **out)
{
    Sqlite *c = (Sqlite *)base;
    SqliteRows *r = NEW(mem, SqliteRows);

    TRY(start(mem, c, sql, binds, n, SQLITE_TRANSIENT, &r->stmt));
    r->deadline = c->deadline;
    r->base.n = (size_t)sqlite3_column_count(r->stmt->handle);
    *out = &r->base;
    return NULL;
}

static Str value_copy(Arena *mem, sqlite3_value *v)
{
    const void *p = sqlite3_value_blob(v);
    size_t n = (size_t)sqlite3_value_bytes(v);

    return n ? str_copy(mem, (Str){p, n}) : S("");
}

/* The value is looked at on the thread that owns the connection, so it needs no protection. */
static Val column(Arena *mem, sqlite3_stmt *st, int i)
{
    sqlite3_value *v = sqlite3_column_value(st, i);

    switch (sqlite3_value_type(v)) {
    case SQLITE_INTEGER: return val_int(sqlite3_value_int64(v));
    case SQLITE_FLOAT: return val_double(sqlite3_value_double(v));
    case SQLITE_TEXT: return val_text(value_copy(mem, v));
    case SQLITE_BLOB: return val_bytes(value_copy(mem, v));
    default: return val_null();
    }
}

/* A changed schema can give a `SELECT *` other columns than when it was prepared. */
static void size_rows(SqliteRows *r)
{
    size_t n = (size_t)sqlite3_column_count(r->stmt->handle);

    if (r->base.vals && n == r->base.n) return;
    r->base.n = n;
    r->base.vals = NEW_N(r->base.mem, Val, n);
}

static Err *sqlite_next(DbRows *rows, bool *has_row)
{
    SqliteRows *r = (SqliteRows *)rows;
    Sqlite *c = (Sqlite *)rows->conn;
    sqlite3_stmt *st = r->stmt->handle;
    Err *e = NULL;
    int rc;

    c->deadline = r->deadline;
    rc = sqlite3_step(st);
    *has_row = rc == SQLITE_ROW;
    if (*has_row) {
        size_rows(r);
        for (size_t i = 0; i < rows->n; i++) rows->vals[i] = column(rows->mem, st, (int)i);
        return NULL;
    }
    rows->is_ended = true;
    if (rc != SQLITE_DONE) e = fail(rows->mem, c, rc, str_c(sqlite3_sql(st)));
    release(c, r->stmt);
    return e;
}

/* A statement that writes is run to its end: references are checked there. */
static Err *finish(Arena *mem, Sqlite *c, Stmt *s)
{
    int rc = SQLITE_DONE;
    Err *e = NULL;

    if (!sqlite3_stmt_readonly(s->handle)) do
            rc = sqlite3_step(s->handle);
        while (rc == SQLITE_ROW);
    if (rc != SQLITE_DONE) e = fail(mem, c, rc, str_c(sqlite3_sql(s->handle)));
    release(c, s);
    return e;
}

static Err *sqlite_end(DbRows *rows)
{
    return finish(rows->mem, (Sqlite *)rows->conn, ((SqliteRows *)rows)->stmt);
}

static Err *sqlite_script(Arena *mem, DbConn *base, Str sql)
{
    Sqlite *c = (Sqlite *)base;
    char *text = str_to_c(mem, sql);
    int rc;

    if (is_lost(c)) FAIL(mem, ERR_INTERNAL, "error.db", "the transaction is gone");
    c->deadline = deadline_of(c);
    c->is_dirty = true;
    rc = sqlite3_exec(c->db, text, NULL, NULL, NULL);
    return rc == SQLITE_OK ? NULL : fail(mem, c, rc, sql);
}

/* Runs our own statement (BEGIN and the like), outside the rules for units. */
static Err *run(Arena *mem, Sqlite *c, const char *sql)
{
    int64_t ignored;

    return sqlite_exec_stmt(mem, &c->base, str_c(sql), NULL, 0, &ignored);
}

/* Reads the names of one column of a pragma's rows; nothing on an error: this only makes a message better. */
static Str pragma_names(Arena *mem, Sqlite *c, Str sql, Str arg, Str before)
{
    Val bind = val_text(arg);
    Buf b = buf_new(mem, 1 << 16);
    Stmt *s = NULL;

    if (start(mem, c, sql, &bind, 1, SQLITE_STATIC, &s)) return (Str){0};
    while (sqlite3_step(s->handle) == SQLITE_ROW) {
        if (b.n) buf_add(&b, S(", "));
        buf_add(&b, before);
        buf_add(&b, value_copy(mem, sqlite3_column_value(s->handle, 0)));
    }
    release(c, s);
    return buf_str(&b);
}

/* The name of the unique index over exactly the columns "t.a, t.b"; the list itself when there is none. */
static Str column_list_index(Arena *mem, Sqlite *c, Str list)
{
    ptrdiff_t dot = str_find_char(list, '.');
    Str table, names, name;

    if (dot < 0 || is_lost(c)) return list;
    table = str_sub(list, 0, (size_t)dot);
    names =
        pragma_names(mem, c, S("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND origin <> 'pk'"),
                     table, (Str){0});
    while (names.n) {
        name = str_trim(str_cut(&names, ','));
        if (str_eq(pragma_names(mem, c, S("SELECT name FROM pragma_index_info(?1) ORDER BY seqno"), name,
                                str_cat(mem, table, S("."))),
                   list))
            return name;
    }
    return list;
}

/* --- transactions */

static Err *sqlite_back(Arena *mem, DbConn *base)
{
    TRY(run(mem, (Sqlite *)base, "ROLLBACK TO attempt"));
    return run(mem, (Sqlite *)base, "RELEASE attempt");
}

static void rollback(Sqlite *c)
{
    stmts_release_all(&c->stmts, reset_stmt);
    c->is_in_transaction = c->is_stuck = false;
    if (sqlite3_get_autocommit(c->db)) return;
    if (sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK) return;
    log_line(LOG_ERROR, "rollback failed", "error=%d", sqlite3_extended_errcode(c->db));
    c->is_stuck = !sqlite3_get_autocommit(c->db);
}

static Err *begin(Arena *mem, Sqlite *c, const char *how)
{
    c->base.budget_ms = 0;
    if (c->is_stuck) rollback(c);
    c->is_in_transaction = false;
    TRY(run(mem, c, how));
    c->is_in_transaction = true;
    return NULL;
}

static Err *write_begin(Arena *mem, DbConn *base)
{
    return begin(mem, (Sqlite *)base, "BEGIN IMMEDIATE");
}

static Err *write_unit_begin(Arena *mem, DbConn *base, bool is_guarded)
{
    Sqlite *c = (Sqlite *)base;

    c->is_guarded = is_guarded;
    c->is_dirty = false;
    return is_guarded ? run(mem, c, "SAVEPOINT unit") : NULL;
}

/* After this is_lost is true: the batch runs again. */
static void give_up(Sqlite *c)
{
    rollback(c);
    c->is_in_transaction = true;
}

static Err *check_deferred(Arena *mem, Sqlite *c)
{
    int open = 0, ignored = 0;
    int rc = sqlite3_db_status(c->db, SQLITE_DBSTATUS_DEFERRED_FKS, &open, &ignored, 0);

    if (rc != SQLITE_OK) return fail(mem, c, rc, S("deferred references"));
    if (open) FAIL(mem, ERR_CONFLICT, "error.db.reference", "a deferred reference has no target");
    return NULL;
}

static Err *write_unit_end(Arena *mem, DbConn *base, Err *e)
{
    Sqlite *c = (Sqlite *)base;
    Err *back;

    while (!e && c->stmts.used) e = finish(mem, c, c->stmts.used);
    stmts_release_all(&c->stmts, reset_stmt);
    if (is_lost(c)) return e ? e : err_new(mem, ERR_INTERNAL, "error.db", "the transaction is gone");
    c->base.budget_ms = 0;
    if (!e) e = check_deferred(mem, c);
    if (!c->is_guarded) {
        if (e && (c->is_dirty || c->base.is_too_light)) give_up(c);
        return e;
    }
    if (!e) e = run(mem, c, "RELEASE unit");
    if (!e) return NULL;
    back = run(mem, c, "ROLLBACK TO unit");
    if (!back) back = run(mem, c, "RELEASE unit");
    if (back) give_up(c);
    return e;
}

static Err *write_commit(Arena *mem, DbConn *base)
{
    Sqlite *c = (Sqlite *)base;

    c->base.budget_ms = 0;
    TRY(db_step(mem, c->base.db));
    TRY(run(mem, c, "COMMIT"));
    c->is_in_transaction = false;
    return NULL;
}

static void write_rollback(DbConn *base)
{
    rollback((Sqlite *)base);
}

static bool write_is_lost(DbConn *base)
{
    return is_lost((Sqlite *)base);
}

static int on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
    Sqlite *c = arg;
    Ship *ship = ((SqliteDb *)c->base.db)->ship;

    (void)db, (void)name;
    c->last_pages = pages > c->wal_pages ? pages - c->wal_pages : pages;
    c->wal_pages = pages;
    if (ship) ship_note_commit(ship, pages);
    return SQLITE_OK;
}

/* Moves the log into the file.  Normally whatever readers allow; a log that readers have kept growing is waited for, so
   that it can begin anew. */
static void write_tidy(DbConn *base)
{
    Sqlite *c = (Sqlite *)base;
    SqliteDb *db = (SqliteDb *)c->base.db;
    unsigned cache_mb = db->cache_mb;
    int enough = c->last_pages < MASS_PAGES ? WAL_PAGES : WAL_PAGES_MASS;
    int rc, how;

    if (cache_mb > CACHE_MB) enough = (int)cache_mb * PAGES_OF_MB;
    if (c->wal_pages < enough) return;
    bool insists = c->wal_pages > enough + WAL_PAGES_MAX && atomic_load(&db->copies) == 0;
    how = insists ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
    if (db->ship && !ship_flush(db->ship)) {
        if (c->wal_pages < WAL_PAGES_SHIP) return;
        ship_break(db->ship);
    }
    c->deadline = 0;
    rc = sqlite3_wal_checkpoint_v2(c->db, NULL, how, NULL, NULL);
    if (rc != SQLITE_OK && rc != SQLITE_BUSY) log_line(LOG_ERROR, "checkpoint failed", "error=%d", rc);
    c->wal_pages = 0;
}

static const WriterOps writer_ops = {
    .begin = write_begin,
    .unit_begin = write_unit_begin,
    .unit_end = write_unit_end,
    .commit = write_commit,
    .rollback = write_rollback,
    .is_lost = write_is_lost,
    .tidy = write_tidy,
};

static Err *read_unit(Sqlite *c, Arena *mem, DbWork work, void *arg, bool is_background)
{
    Err *e = begin(mem, c, "BEGIN");

    if (e) return e;
    db_unit_begin(&c->base, is_background);
    e = db_unit_work(&c->base, mem, work, arg);
    stmts_release_all(&c->stmts, reset_stmt);
    if (is_lost(c) || run(mem, c, "COMMIT")) rollback(c);
    c->is_in_transaction = false;
    return e;
}

/* Counts the commits this connection has met. */
static uint64_t sqlite_snapshot(DbConn *base)
{
    Sqlite *c = (Sqlite *)base;
    unsigned version = 0;

    if (c->is_writer || sqlite3_txn_state(c->db, "main") != SQLITE_TXN_READ) return 0;
    if (sqlite3_file_control(c->db, "main", SQLITE_FCNTL_DATA_VERSION, &version) != SQLITE_OK) return 0;
    return UINT64_C(1) << 32 | version;
}

/* --- connections */

static Err *fail_open(Arena *mem, Sqlite *c, int rc, const char *what)
{
    if ((rc & 0xff) == SQLITE_NOTADB || (rc & 0xff) == SQLITE_CORRUPT)
        FAIL(mem, ERR_INTERNAL, "error.db.damaged", "%s is damaged or no database (%s: %s): restore a backup",
             ((const SqliteDb *)c->base.db)->path, what, sqlite3_errmsg(c->db));
    return fail(mem, c, rc, str_c(what));
}

static const char *const common_pragmas[] = {
    "PRAGMA busy_timeout = " BUSY_MS,
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    NULL,
};

/* The journal of a unit's savepoint must be able to leave memory: one kept there is a list of kilobytes that SQLite walks
 * at the end of every statement, so that a unit of a thousand writes would take the square of its time. */
static const char *const writer_pragmas[] = {
    "PRAGMA temp_store = FILE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = FAST",
    "PRAGMA mmap_size = 0",
    "PRAGMA journal_size_limit = 67108864",
    NULL,
};

static const char *const reader_pragmas[] = {
    "PRAGMA temp_store = MEMORY",
    "PRAGMA query_only = ON",
    "PRAGMA cache_size = -2000",
    "PRAGMA mmap_size = 2147418112",
    NULL,
};

static Err *run_pragmas(Arena *mem, Sqlite *c, const char *const *list)
{
    for (; *list; list++) {
        int rc = sqlite3_exec(c->db, *list, NULL, NULL, NULL);

        if (rc != SQLITE_OK) return fail_open(mem, c, rc, *list);
    }
    return NULL;
}

/* A pragma that SQLite does not accept is ignored in silence: what we rely upon is read back. */
static Err *check_pragma(Arena *mem, Sqlite *c, const char *sql, Str expected)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(c->db, sql, -1, &st, NULL);
    Str got = {0};

    if (rc == SQLITE_OK) rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) got = str_copy(mem, str_c((const char *)sqlite3_column_text(st, 0)));
    sqlite3_finalize(st);
    if (rc != SQLITE_ROW) return fail_open(mem, c, rc, sql);
    if (!str_eq(got, expected)) FAIL(mem, ERR_INTERNAL, "error.db", "%s is %.*s", sql, SFMT(got));
    return NULL;
}

static Err *check_pragmas(Arena *mem, Sqlite *c, bool is_writer)
{
    TRY(check_pragma(mem, c, "PRAGMA foreign_keys", S("1")));
    TRY(check_pragma(mem, c, "PRAGMA busy_timeout", S(BUSY_MS)));
    TRY(check_pragma(mem, c, "PRAGMA journal_mode", S("wal")));
    if (is_writer) return check_pragma(mem, c, "PRAGMA synchronous", S("2"));
    return check_pragma(mem, c, "PRAGMA query_only", S("1"));
}

static Err *set_cache(Arena *mem, Sqlite *c)
{
    const SqliteDb *db = (const SqliteDb *)c->base.db;
    Str sql = str_fmt(mem, "PRAGMA cache_size = -%u", db->cache_mb * 1024);
    int rc = sqlite3_exec(c->db, str_to_c(mem, sql), NULL, NULL, NULL);

    return rc == SQLITE_OK ? NULL : fail_open(mem, c, rc, "cache_size");
}

static Err *configure(Arena *mem, Sqlite *c, bool is_writer)
{
    static const int options[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
    };
    int rc;

    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_limit(c->db, SQLITE_LIMIT_ATTACHED, 0);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        rc = sqlite3_db_config(c->db, options[i][0], options[i][1], NULL);
        if (rc != SQLITE_OK) return fail_open(mem, c, rc, "sqlite3_db_config");
    }
    rc = functions_add_sqlite(c->db);
    if (rc != SQLITE_OK) return fail_open(mem, c, rc, "functions");
    TRY(run_pragmas(mem, c, common_pragmas));
    TRY(run_pragmas(mem, c, is_writer ? writer_pragmas : reader_pragmas));
    if (is_writer) TRY(set_cache(mem, c));
    TRY(check_pragmas(mem, c, is_writer));
    sqlite3_progress_handler(c->db, PROGRESS_OPS, on_progress, c);
    if (is_writer) sqlite3_wal_hook(c->db, on_commit, c);
    return NULL;
}

static void conn_close(Sqlite *c)
{
    if (!c) return;
    stmts_close(&c->stmts);
    if (sqlite3_close(c->db) != SQLITE_OK) log_line(LOG_ERROR, "database connection not closed", NULL);
    free(c->base.kept);
    free(c);
}

static Err *conn_open(Arena *mem, SqliteDb *db, bool is_writer, Sqlite **out)
{
    int flags =
        SQLITE_OPEN_NOMUTEX | (is_writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    Sqlite *c = db_alloc(sizeof *c);
    int rc = sqlite3_open_v2(db->path, &c->db, flags, NULL);
    Err *e;

    if (!c->db) out_of_memory();
    c->base.driver = db->base.driver;
    c->base.db = &db->base;
    c->is_writer = is_writer;
    stmts_open(&c->stmts, DB_CACHED_STATEMENTS, drop_stmt, c);
    e = rc == SQLITE_OK ? configure(mem, c, is_writer) : fail_open(mem, c, rc, "open");
    if (e) {
        conn_close(c);
        return e;
    }
    *out = c;
    return NULL;
}

/* --- reading on the calling thread */

static void idle_push(SqliteDb *db, Sqlite *c)
{
    pthread_mutex_lock(&db->idle_lock);
    c->next_idle = db->idle;
    db->idle = c;
    pthread_mutex_unlock(&db->idle_lock);
}

static Sqlite *idle_pop(SqliteDb *db)
{
    Sqlite *c;

    pthread_mutex_lock(&db->idle_lock);
    c = db->idle;
    if (c) db->idle = c->next_idle;
    pthread_mutex_unlock(&db->idle_lock);
    return c;
}

static Err *sqlite_read_inline(Db *base, Arena *mem, DbWork work, void *arg)
{
    SqliteDb *db = (SqliteDb *)base;
    Sqlite *c = idle_pop(db);
    Err *e;

    if (!c) TRY(conn_open(mem, db, false, &c));
    e = read_unit(c, mem, work, arg, false);
    idle_push(db, c);
    return e;
}

static Err *sqlite_thread_open(Db *base, Arena *mem)
{
    SqliteDb *db = (SqliteDb *)base;
    Sqlite *c = NULL;

    TRY(conn_open(mem, db, false, &c));
    idle_push(db, c);
    return NULL;
}

/* --- the database */

static void run_on_worker(void *state, DbUnit *u)
{
    Sqlite *c = state;
    Err *e;

    if (u->is_plain)
        e = db_unit_work(NULL, u->mem, u->work, u->arg);
    else
        e = read_unit(c, u->mem, u->work, u->arg, u->is_background);
    db_unit_answer(c->base.db, u, e);
}

static void sqlite_submit(Db *base, DbUnit *unit)
{
    SqliteDb *db = (SqliteDb *)base;

    if (unit->is_read || unit->is_plain)
        pool_put(db->readers, unit);
    else
        writer_put(db->writer, unit);
}

static Err *sqlite_copy(Arena *mem, Db *base, const char *to, DbCopyWatch *watch, DbCopyInfo *info)
{
    SqliteDb *db = (SqliteDb *)base;

    atomic_fetch_add(&db->copies, 1);
    if (db->ship) info->ship = ship_position(mem, db->ship);
    Err *e = sqlite_copy_file(mem, db->path, to, watch, info);

    atomic_fetch_sub(&db->copies, 1);
    return e;
}

static void sqlite_close(Db *base)
{
    SqliteDb *db = (SqliteDb *)base;
    Sqlite *c;

    pool_close(db->readers);
    writer_close(db->writer);
    ship_close(db->ship); /* before the last connection empties the log */
    for (unsigned i = 0; i < db->n_reading; i++) conn_close(db->reading[i]);
    while ((c = idle_pop(db))) conn_close(c);
    conn_close(db->writing);
    if (db->lock >= 0) close(db->lock);
    pthread_mutex_destroy(&db->idle_lock);
    free(db->reading);
    free(db->path);
    free(db);
}

static const DbDriver sqlite_driver = {
    .name = "sqlite",
    .caps = 1u << DB_CAP_INLINE_READ | 1u << DB_CAP_FTS5 | 1u << DB_CAP_STRICT_TABLES,
    .exec = sqlite_exec_stmt,
    .query = sqlite_query,
    .next = sqlite_next,
    .end = sqlite_end,
    .script = sqlite_script,
    .back = sqlite_back,
    .snapshot = sqlite_snapshot,
    .submit = sqlite_submit,
    .read_inline = sqlite_read_inline,
    .thread_open = sqlite_thread_open,
    .copy = sqlite_copy,
    .close = sqlite_close,
};

static Err *open_threads(Arena *mem, SqliteDb *db, unsigned n)
{
    db->reading = db_alloc(n * sizeof(Sqlite *));
    TRY(conn_open(mem, db, true, &db->writing));
    for (; db->n_reading < n; db->n_reading++) TRY(conn_open(mem, db, false, &db->reading[db->n_reading]));
    TRY(writer_open(mem, &db->base, &db->writing->base, &writer_ops, &db->writer));
    return pool_open(mem, &db->base, "kith-read", (void *const *)db->reading, n, run_on_worker, &db->readers);
}

/* Once in a process, before SQLite starts: no memory statistics, which all threads would have to lock; a unit's savepoint
 * goes to a file only when it is larger than what people's writes touch. */
static void configure_library(void)
{
    if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, SAVEPOINT_BYTES) != SQLITE_OK)
        log_line(LOG_WARN, "sqlite was started before", NULL);
#if KITH_TEST_HOOKS
    sqlite_fault_memory();
    sqlite_fault_files();
#endif
}

/* The data is nobody else's business: SQLite gives its own files the rights of this one. */
static Err *create_file(Arena *mem, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", "cannot open %s: %s", path,
             strerrordesc_np(errno));
    close(fd);
    return NULL;
}

static char *path_of(Str dir)
{
    static const char file[] = "/kith.db";
    char *path = db_alloc(dir.n + sizeof file);

    memcpy(path, dir.p, dir.n);
    memcpy(path + dir.n, file, sizeof file);
    return path;
}

Err *sqlite_open(Arena *mem, const DbOptions *opt, Db **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    SqliteDb *db = db_alloc(sizeof *db);
    Err *e;

    pthread_once(&once, configure_library);

    db->base.driver = &sqlite_driver;
    db->base.budget_ms = opt->budget_ms;
    db->path = path_of(opt->dir);
    db->cache_mb = opt->cache_mb ? opt->cache_mb : CACHE_MB;
    pthread_mutex_init(&db->idle_lock, NULL);
    e = lock_folder(mem, opt->dir, &db->lock);
    if (!e) e = create_file(mem, db->path);
    if (!e && opt->ship.n) e = ship_open(mem, str_c(db->path), opt->ship, opt->ship_days, &db->ship);
    if (!e && !opt->ship.n) ship_forget(mem, str_c(db->path));
    if (!e) e = open_threads(mem, db, opt->connections ? opt->connections : READERS);
    if (e) {
        sqlite_close(&db->base);
        return e;
    }
    *out = &db->base;
    return NULL;
}
