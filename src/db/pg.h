/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "db/driver.h"

#include <libpq-fe.h>

/* The PostgreSQL driver's inside: postgres.c is one connection and its statements, pg_unit.c units, replays and the
   database, pg_functions.c the SQL functions. */

typedef struct PgDb PgDb;

typedef struct Pg {
    DbConn base;
    PgDb *db;
    PGconn *link; /* NULL: not connected */
    StmtCache stmts;
    int server_budget; /* statement_timeout as the server has it */
    bool is_lost;      /* the connection broke during this unit */
    bool must_replay;  /* a statement of this unit failed in a way that a new try may cure */
    bool has_gate; /* holds the lock of units that must run alone, or a share of it, until the unit's end */
    bool must_forget; /* the cached statements no longer fit the schema */
} Pg;

struct PgDb {
    Db base;
    char *url;
    Pool *pool;
    Pg **conns;
    unsigned n;
    _Atomic int64_t down_until; /* while the server is away, units fail at once until then */
    _Atomic int64_t backoff_us;
};

void pg_init(Pg *c, PgDb *db);
/** Connects when there is no connection.  UNAVAILABLE{error.db.unreachable}. */
MUST_CHECK Err *pg_connect(Arena *mem, Pg *c);
void pg_disconnect(Pg *c);
/** Forgets every prepared statement, here and on the server. */
void pg_forget(Pg *c);

/** Runs SQL text of ours by the simple protocol; `value` (may be NULL) gets the first value of the last result. */
MUST_CHECK Err *pg_run(Arena *mem, Pg *c, const char *sql, Val *value);
/** An error from a result (NULL: from the connection); sets the flags of `c`. */
Err *pg_fail(Arena *mem, Pg *c, const PGresult *r, Str sql);

MUST_CHECK Err *pg_exec(Arena *mem, DbConn *base, Str sql, const Val *binds, size_t n, int64_t *changed);
MUST_CHECK Err *pg_query(Arena *mem, DbConn *base, Str sql, const Val *binds, size_t n, DbRows **out);
MUST_CHECK Err *pg_next(DbRows *rows, bool *has_row);
MUST_CHECK Err *pg_end(DbRows *rows);
MUST_CHECK Err *pg_back(Arena *mem, DbConn *base);
MUST_CHECK Err *pg_script(Arena *mem, DbConn *base, Str sql);

/** The copy by pg_dump (backup_pg.c). */
MUST_CHECK Err *pg_copy(Arena *mem, Db *base, const char *to, DbCopyWatch *watch, DbCopyInfo *info);
/** Makes or renews our SQL functions when the database has none or older ones. */
MUST_CHECK Err *pg_functions_install(Arena *mem, Pg *c);
