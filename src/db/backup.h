/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "db/db.h"

#include <stdatomic.h>

/* Copies of a whole database: of SQLite a file like kith.db, of PostgreSQL what pg_dump writes (custom format). */

typedef struct DbCopyWatch {
    _Atomic int64_t done, total; /* bytes; total is a guess on PostgreSQL */
    atomic_bool must_stop;       /* set by whoever no longer wants the copy */
} DbCopyWatch;

/* What the copy holds, read in the copy's own snapshot.  Zero and empty where there is nothing yet. */
typedef struct DbCopyInfo {
    int64_t epoch, tx, seq; /* the last change */
    int64_t moment;         /* ms: nothing later is in the copy */
    int64_t generation;     /* of the metadata it was written in */
    Str version;            /* of the program the database belongs to */
    Str ship; /* SQLite: where its log's segments begin for this copy ("chain/number"), or empty */
} DbCopyInfo;

/** Copies the database as it is at one moment into the new file `to`, while others read and write; not synced.
    UNAVAILABLE{error.backup.stopped} when told to stop, LIMIT{error.db.full}, UNAVAILABLE{error.backup.tool} when pg_dump
    cannot be run or fails. */
MUST_CHECK Err *db_copy(Arena *mem, Db *db, Str to, DbCopyWatch *watch, DbCopyInfo *info);

/** "kith.db" or "kith.dump". */
const char *db_copy_name(const Db *db);

/** PostgreSQL at `url`: CONFLICT{error.restore.occupied} unless it has no tables. */
MUST_CHECK Err *db_pg_is_empty(Arena *mem, Str url);
/** Fills the empty PostgreSQL database at `url` from `file`, wholly or not at all; with an empty `url` only reads the
    file through.  UNAVAILABLE{error.backup.tool}. */
MUST_CHECK Err *db_pg_restore(Arena *mem, Str file, Str url);
/** Makes a database of a new name beside `url` for a trial and gives its URL; drops it again. */
MUST_CHECK Err *db_pg_scratch(Arena *mem, Str url, Str *scratch);
void db_pg_scratch_drop(Arena *mem, Str url, Str scratch);
