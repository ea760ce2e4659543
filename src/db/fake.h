/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "db/db.h"

/* For tests: a scripted database, and failures put into a real one. */

/** A database without any data: it expects the statements told by fake_expect and fake_fail, in that order, and gives
    back what they say.  Units run on the calling thread, inside db_submit.  Freed with the arena; db_close is allowed. */
Db *fake_open(Arena *mem, unsigned caps); /* bits 1 << DbCap */

/** The next statement must contain `part`; it answers `n_rows` rows of `n_columns` values (row by row), or as db_exec
    `changed` rows touched. */
void fake_expect(Db *db, const char *part, const Val *vals, size_t n_rows, size_t n_columns, int64_t changed);
/** The next statement must contain `part`; it fails with this error (`field` may be NULL). */
void fake_fail(Db *db, const char *part, ErrCode code, const char *key, const char *field);
/** The next end of a unit fails: a commit that cannot be made. */
void fake_fail_commit(Db *db, ErrCode code, const char *key);

/** What went otherwise than scripted: a statement nobody expected, expected ones that never came; empty when all is
    as it should be.  An unexpected statement also fails with INTERNAL{error.db}. */
Str fake_complaint(Arena *mem, const Db *db);
/** Bind `i` of the `nth` statement that ran (both from 0), for looking at what was written. */
Val fake_bind(const Db *db, size_t nth, size_t i);
size_t fake_count(const Db *db);

#if KITH_TEST_HOOKS
/** From now on the n-th step (statement, row, commit) of any connection of `db`, a real one, fails with
    INTERNAL{error.db}; 0: none.  Not in a release build. */
void db_fail_step(Db *db, int64_t n);
/** True when the failure asked for has not happened yet: `n` was beyond the last step. */
bool db_fail_pending(const Db *db);
#endif
