/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/val.h"

/* One interface over SQLite (a file in a data folder), PostgreSQL (a URL) and a scripted fake (tests).
   SQL text is the same for all: `?1 ?2 ...` are the binds (the PostgreSQL driver rewrites them), IS NOT DISTINCT FROM,
   ON CONFLICT ... DO UPDATE, RETURNING, CTEs, and the functions of db/functions (kith_*) that both databases have. */
typedef struct Db Db;         /* a database with its connections, its writer and its workers; one a process */
typedef struct DbConn DbConn; /* one connection, used by one thread at a time */
typedef struct DbRows DbRows; /* rows of one statement, in the arena given to db_query */

typedef enum DbCap {
    DB_CAP_SHARED = 1, /* several processes may serve this database: locks, sessions, node numbers are rows */
    DB_CAP_INLINE_READ, /* a short read may run on the calling thread without waiting */
    DB_CAP_FTS5,        /* full text by an FTS5 table */
    DB_CAP_TSVECTOR,    /* full text by tsvector('simple') with GIN */
    DB_CAP_CONCURRENT_INDEX,
    DB_CAP_TX_ID,         /* a transaction has a number and snapshots have an xmin (PostgreSQL's log order) */
    DB_CAP_STRICT_TABLES, /* STRICT tables of INTEGER, TEXT, BLOB read back by pragma functions; constraints only in
                             CREATE TABLE (SQLite); without it bigint, text, bytea and the catalogue of PostgreSQL */
} DbCap;

typedef struct DbOptions {
    Str dir;              /* data folder; SQLite keeps kith.db in it, locks it with flock */
    Str url;              /* postgres://... ; empty means SQLite in `dir` */
    unsigned connections; /* PostgreSQL: pool size, 0 = 16; SQLite: readers of workers, 0 = 4 */
    Str ship;             /* SQLite: folder its log is copied to (db/ship.h), or empty */
    int64_t ship_days;    /* how long what is copied there stays, 0 = for ever */
    int budget_ms;        /* of a person's statement, 0 = 5000 */
    unsigned
        cache_mb; /* SQLite: pages the writer keeps, 0 = 32; mass loading of a large database wants more */
} DbOptions;

/** Opens the database (creating the SQLite file), checks pragmas, registers functions, starts writer and workers.
    CONFLICT{error.db.locked} when another process owns the folder, UNAVAILABLE{error.db.unreachable}. */
MUST_CHECK Err *db_open(Arena *mem, const DbOptions *opt, Db **out);
/** Waits for queued units, stops the threads, closes everything. */
void db_close(Db *db);
bool db_can(const Db *db, DbCap cap);
bool db_conn_can(const DbConn *c, DbCap cap);

/** A unit of work: a pure function of `arg` and the database, so that it can be replayed.  It runs inside a
    transaction (a savepoint of the batch on SQLite, REPEATABLE READ on PostgreSQL); an error rolls it back. */
typedef Err *(*DbWork)(DbConn *c, void *arg);

/* --- statements ------------------------------------------------------------------------------------------------ */

/** Runs `sql`; `*changed` (may be NULL) gets the rows touched.
    Errors of every call here: CONFLICT{error.db.unique} with `field` = constraint or index name, CONFLICT{error.db.reference},
    CONFLICT{error.db.serialization} (replay), LIMIT{error.db.budget} (statement over its budget), LIMIT{error.db.full}
    (disk full), UNAVAILABLE{error.db.unreachable} (connection lost), INVALID{error.db.nul} (a NUL
    in a text bind), INTERNAL{error.db} (anything else).  A write whose commit was cut off and whose outcome cannot be
    learnt ends with UNAVAILABLE{error.db.outcome}.
    A failed statement dooms its unit on every driver (as PostgreSQL does): later ones fail, and the unit fails even
    when its work swallows the error; what may collide says ON CONFLICT.
    SQLite names a unique index by its columns; the driver looks the name up, and gives "table.col, table.col2" for a
    primary key without one.
    Binds: NULL, BOOL (0/1 on SQLite), INT, DOUBLE, TEXT, BYTES as they are; DECIMAL, MONEY, DATE, TIME, ID, REF as their
    integer; TIMESTAMP and DURATION as milliseconds.  As many binds as the highest ?N, or INTERNAL. */
MUST_CHECK Err *db_exec(Arena *mem, DbConn *c, Str sql, const Val *binds, size_t n, int64_t *changed);
MUST_CHECK Err *db_query(Arena *mem, DbConn *c, Str sql, const Val *binds, size_t n, DbRows **out);
/** Moves to the next row; `*has_row` false after the last.  Text and bytes stay valid as long as the arena. */
MUST_CHECK Err *db_next(DbRows *rows, bool *has_row);
/** Column `col` of the current row: NULL, INT, BOOL (PostgreSQL only), TEXT, BYTES, DOUBLE. */
Val db_val(const DbRows *rows, size_t col);
int64_t db_i64(const DbRows *rows, size_t col); /* 0 for null; BOOL as 0 or 1 */
Str db_str(const DbRows *rows, size_t col);     /* empty for null */
size_t db_columns(const DbRows *rows);

/** One value of the first row; NULL Val when there is no row. */
MUST_CHECK Err *db_one(Arena *mem, DbConn *c, Str sql, const Val *binds, size_t n, Val *out);

/** Runs `work(arg)` inside the unit in a savepoint: when it fails everything it did is rolled back, the unit may go on, and
    its error is returned.  An error that dooms the transaction itself (serialization, lost connection, INTERNAL) still
    dooms the unit. */
MUST_CHECK Err *db_attempt(Arena *mem, DbConn *c, DbWork work, void *arg);
/** The same for the many steps of mass work, of which few fail: without a savepoint.  A step that fails before it has written
    leaves nothing; when one fails later, the whole unit is run again from its start, and this is db_attempt. */
MUST_CHECK Err *db_try(Arena *mem, DbConn *c, DbWork work, void *arg);

/** Several statements without binds (schema). */
MUST_CHECK Err *db_script(Arena *mem, DbConn *c, Str sql);

/** A number that stays the same on this connection only while the database does: what was read under it still stands.  To
    be asked inside a unit after its first statement; 0 where the driver cannot tell (PostgreSQL) or the unit writes. */
uint64_t db_snapshot(DbConn *c);
/** A place for what a caller of ours keeps with the connection from unit to unit: made by `make`, ended with free(). */
void *db_conn_keep(DbConn *c, void *(*make)(void));

/** Budget in milliseconds of the statements that follow in this unit (0: none).  A unit begins with the budget of
    DbOptions, a background one with twelve times that. */
void db_set_budget(DbConn *c, int ms);

/* --- transactions and threads ----------------------------------------------------------------------------------- */

/** Called once when the unit is durable (`e` NULL) or has failed, on the writer or a worker thread. */
typedef void (*DbDone)(void *arg, Err *e);

typedef struct DbUnit {
    DbWork work;
    DbDone done;
    void *arg;
    Arena *mem;         /* where errors are made: the request's arena */
    bool is_read;       /* read-only transaction on a worker, not the writer */
    bool is_background; /* mass work: yields to people */
    bool is_bare;       /* outside any transaction, never replayed; only where DB_CAP_CONCURRENT_INDEX */
    bool is_plain;      /* set by db_submit_plain */
    int64_t wait_us;    /* set before `work`: how long it stood in the queue */
    struct DbUnit *next;
} DbUnit;

/** From now on every writing unit begins with `guard(c, mem, arg)`, inside its transaction; an error ends the unit.  For what
    other processes may have changed: only where DB_CAP_SHARED. */
typedef Err *(*DbGuard)(DbConn *c, Arena *mem, void *arg);
void db_guard(Db *db, DbGuard guard, void *arg);

/** Hands `unit` (which must live until `done`) to the writer (SQLite writes) or a worker.  Never blocks. */
void db_submit(Db *db, DbUnit *unit);

/** The same, waiting for the end: for the command line, jobs and tests.  Calling one from inside a unit is a bug. */
MUST_CHECK Err *db_write(Db *db, Arena *mem, DbWork work, void *arg);
MUST_CHECK Err *db_read(Db *db, Arena *mem, DbWork work, void *arg);

/** Read on the calling thread in one read transaction, on a reader nobody else uses meanwhile, opened when there is
    no idle one (SQLite only: DB_CAP_INLINE_READ). */
MUST_CHECK Err *db_read_inline(Db *db, Arena *mem, DbWork work, void *arg);
/** Opens one more idle reader for db_read_inline: once for each server thread, before the port is opened. */
MUST_CHECK Err *db_thread_open(Db *db, Arena *mem);

/** Runs `work(arg)` without any database on a worker thread (argon2, files): `done` as above. */
void db_submit_plain(Db *db, DbUnit *unit);

typedef struct DbStats {
    int64_t units, batches, replays, queue;
} DbStats;
DbStats db_stats(Db *db);

/* --- building SQL ------------------------------------------------------------------------------------------------ */

/* Text comes only from literals (sql_text refuses a variable), identifiers only from metadata, values only as binds. */
typedef struct Sql {
    Arena *mem;
    Buf text;
    Val *binds;
    size_t n, cap;
} Sql;

Sql sql_new(Arena *mem);
#define sql_text(q, lit) buf_add(&(q)->text, S(lit))
void sql_bind(Sql *q, Val v);                /* writes ?N and keeps the value */
void sql_ident(Sql *q, Str name);            /* quoted; only [A-Za-z0-9_], REQUIREd */
void sql_ident2(Sql *q, Str table, Str col); /* "table"."col" */
void sql_i64(Sql *q, int64_t v); /* a number of ours (a limit, an object number), never a user's value */
/** Appends `part` with its binds, renumbering them. */
void sql_append(Sql *q, const Sql *part);
MUST_CHECK Err *sql_exec(Arena *mem, DbConn *c, const Sql *q, int64_t *changed);
MUST_CHECK Err *sql_query(Arena *mem, DbConn *c, const Sql *q, DbRows **out);

/* --- named SQL --------------------------------------------------------------------------------------------------- */

/** Finds the block `-- name: NAME` in the embedded file `src/<module>.sql`; parameters `:a` become ?1.. in order of first
    use. */
Str sql_named(Arena *mem, Str file_text, Str name);
