/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* The bytes of a SQLite database at one moment, in the order of its file, while others read and write: many pages at once, past
   SQLite's page cache.  The moment is held by a read transaction until the arena ends. */

typedef struct Snapshot Snapshot;
struct sqlite3;

/** Takes the moment; everything is closed with `mem`.  UNAVAILABLE{error.db}. */
MUST_CHECK Err *snapshot_open(Arena *mem, const char *path, Snapshot **out);
/** For questions about the same moment. */
struct sqlite3 *snapshot_db(const Snapshot *s);
/** Size of the database. */
int64_t snapshot_size(const Snapshot *s);
/** Reads `n` bytes at `at`, whole pages both. */
MUST_CHECK Err *snapshot_read(Arena *mem, const Snapshot *s, int64_t at, char *p, size_t n);
