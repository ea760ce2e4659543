/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "db/backup.h"
#include "db/db.h"

#include <pthread.h>
#include <stdatomic.h>

/* What the drivers share, and nobody outside src/db includes.  A driver embeds the base structs as first member. */

typedef struct DbDriver {
    const char *name;
    unsigned caps; /* bits 1 << DbCap */
    Err *(*exec)(Arena *mem, DbConn *c, Str sql, const Val *binds, size_t n, int64_t *changed);
    Err *(*query)(Arena *mem, DbConn *c, Str sql, const Val *binds, size_t n, DbRows **out);
    Err *(*next)(DbRows *rows, bool *has_row);
    Err *(*end)(DbRows *rows); /* gives the statement back before the last row */
    Err *(*script)(Arena *mem, DbConn *c, Str sql);
    Err *(*back)(Arena *mem,
                 DbConn *c);         /* undoes and ends savepoint "attempt", also after a failed statement */
    void (*budget)(DbConn *c);       /* `c->budget_ms` has changed */
    uint64_t (*snapshot)(DbConn *c); /* NULL: cannot tell */
    void (*submit)(Db *db, DbUnit *unit);
    Err *(*read_inline)(Db *db, Arena *mem, DbWork work, void *arg); /* NULL: not offered */
    Err *(*thread_open)(Db *db, Arena *mem);
    Err *(*copy)(Arena *mem, Db *db, const char *to, DbCopyWatch *watch, DbCopyInfo *info);
    void (*close)(Db *db);
} DbDriver;

struct Db {
    const DbDriver *driver;
    int budget_ms;
    _Atomic int64_t units, batches, replays, queued;
    DbGuard guard;
    void *guard_arg;
    _Atomic int64_t fail_in; /* test hook: the step that many from now fails */
};

struct DbConn {
    const DbDriver *driver;
    Db *db;
    int budget_ms;
    uint64_t unit;  /* number of the unit that runs: rows of an earlier one are stale */
    bool is_failed; /* a statement of this unit has failed */
    bool
        is_light; /* tries of this unit have no savepoint: who runs it will run it again when one fails too late */
    bool is_too_light; /* one has */
    uint64_t n_writes; /* statements that may have written */
    void *kept;        /* db_conn_keep */
};

struct DbRows {
    DbConn *conn;
    Arena *mem;
    uint64_t unit;
    bool is_ended;
    size_t n;
    Val *vals;
};

#define DB_BUDGET_MS          5000
#define DB_BACKGROUND_BUDGETS 12
#define DB_CACHED_STATEMENTS  128

/* --- units ---------------------------------------------------------------------------------------------------- */

int64_t db_mono_us(void);

/** Called before each step that can fail; fails where a test asked for it (db_fail_step). */
MUST_CHECK Err *db_step(Arena *mem, Db *db);

/** Prepares `c` for a unit: number, budget, no failure. */
void db_unit_begin(DbConn *c, bool is_background);
/** Runs the work; an error of a statement that the work has swallowed comes back as INTERNAL. */
MUST_CHECK Err *db_unit_work(DbConn *c, Arena *mem, DbWork work, void *arg);
/** Tells the unit's owner, who may free it at once, and counts it. */
void db_unit_answer(Db *db, DbUnit *u, Err *e);
/** True on a thread that is inside a unit: it may not wait for another. */
bool db_is_in_unit(void);

/* --- queue and workers ------------------------------------------------------------------------------------------ */

typedef struct UnitList {
    DbUnit *first, *last;
} UnitList;

/* Units in order of arrival; people first.  At most `background_max` background units run at once. */
typedef struct Queue {
    pthread_mutex_t lock;
    pthread_cond_t come;
    UnitList people, background;
    unsigned background_running, background_max;
    bool is_closed;
    Db *db;
} Queue;

void queue_open(Queue *q, Db *db, unsigned background_max);
void queue_put(Queue *q, DbUnit *u);
/** Takes the next unit; NULL when there is none (`wait` false), or the queue is closed and empty. */
DbUnit *queue_take(Queue *q, bool wait);
/** A background unit that was taken has ended. */
void queue_background_ended(Queue *q);
/** Lets the takers finish what is queued and then get NULL. */
void queue_close(Queue *q);
void queue_free(Queue *q);

/* Threads that take from one queue; `run` is called with the worker's own state. */
typedef void (*PoolRun)(void *worker, DbUnit *u);

typedef struct Pool Pool;
/** Starts a thread for each of `n` workers, named `name`-1 and so on. */
MUST_CHECK Err *pool_open(Arena *mem, Db *db, const char *name, void *const *workers, unsigned n, PoolRun run,
                          Pool **out);
void pool_put(Pool *pool, DbUnit *u);
void pool_close(Pool *pool);

/** Starts a thread that gets no signals: they are the main thread's.  False when it cannot be started. */
bool db_thread_start(pthread_t *thread, void *(*main)(void *), void *arg);

#if KITH_TEST_HOOKS
/** Before and after SQLite is configured, where a test asks for failures: those of memory and of files. */
void sqlite_fault_memory(void);
void sqlite_fault_files(void);
#endif

/** malloc that aborts. */
void *db_alloc(size_t size);

/* --- group commit ------------------------------------------------------------------------------------------------ */

/* What the writer asks of a connection.  A guarded unit has a savepoint: after `unit_end` with an error it has left no trace.
   One that is not guarded and fails after it has written takes the transaction with it. */
typedef struct WriterOps {
    Err *(*begin)(Arena *mem, DbConn *c);
    Err *(*unit_begin)(Arena *mem, DbConn *c, bool is_guarded);
    Err *(*unit_end)(Arena *mem, DbConn *c, Err *e);
    Err *(*commit)(Arena *mem, DbConn *c);
    void (*rollback)(DbConn *c);
    bool (*is_lost)(DbConn *c); /* the transaction is gone with everything in it */
    void (*tidy)(DbConn *c);    /* after the answers: what nobody need wait for */
} WriterOps;

typedef struct Writer Writer;
/** Starts the one thread that writes through `c`. */
MUST_CHECK Err *writer_open(Arena *mem, Db *db, DbConn *c, const WriterOps *ops, Writer **out);
void writer_put(Writer *w, DbUnit *u);
void writer_close(Writer *w);

/* --- statement cache --------------------------------------------------------------------------------------------- */

/* Statements by text, least recently used out first; one in use is never dropped. */
typedef struct Stmt {
    Str text;
    uint64_t hash;
    void *handle;
    int64_t number; /* unlike any other of this cache */
    bool is_used;
    struct Stmt *chain, *newer, *older, *next_used;
} Stmt;

typedef struct StmtCache {
    Stmt **slots;
    size_t n, max, n_slots;
    Stmt *newest, *oldest, *used;
    int64_t made;
    void (*drop)(void *ctx, Stmt *s); /* frees `handle` */
    void *ctx;
} StmtCache;

void stmts_open(StmtCache *k, size_t max, void (*drop)(void *ctx, Stmt *s), void *ctx);
void stmts_close(StmtCache *k);
/** The cached statement of `text` marked as used, or NULL when there is none or it is in use. */
Stmt *stmts_get(StmtCache *k, Str text);
/** Adds one, in use.  When the text is there already (in use), the new one lives until it is given back. */
Stmt *stmts_add(StmtCache *k, Str text, void *handle);
void stmts_release(StmtCache *k, Stmt *s);
/** Gives back all that are in use, calling `reset` on each. */
void stmts_release_all(StmtCache *k, void (*reset)(Stmt *s));

/** The online copy of the SQLite file `from` into the new file `to` (backup.c). */
MUST_CHECK Err *sqlite_copy_file(Arena *mem, const char *from, const char *to, DbCopyWatch *watch,
                                 DbCopyInfo *info);

/* --- drivers ------------------------------------------------------------------------------------------------------ */

MUST_CHECK Err *sqlite_open(Arena *mem, const DbOptions *opt, Db **out);
MUST_CHECK Err *postgres_open(Arena *mem, const DbOptions *opt, Db **out);

/** Copies SQL text to `out` with each bind `?N` as `<mark>(N + shift)`; literals, quoted names and comments stay. */
void sql_renumber(Buf *out, Str text, char mark, size_t shift);
/** Bytes of the literal, quoted name or comment that starts at `at`; 0 when none does. */
size_t sql_skip(Str text, size_t at);
/** The integer that rows hold for `v`; false when `v` is of a kind that is no integer in rows. */
bool db_val_i64(Val v, int64_t *out);
