/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tap.h"
#include "db/db.h"

/* Databases for tests of any layer.  All is closed and removed when the arena is freed or the program ends. */

/** A SQLite database in a fresh temporary folder. */
Db *test_db_sqlite(Arena *mem);
/** The folder, for tests that look at the file. */
Str test_db_dir(Arena *mem);

/** An empty PostgreSQL database: in the server of $KITH_TEST_PG (a URL) when that is set, else in a cluster of this
    program's own, started at the first call; skips the test when PostgreSQL is not installed. */
Db *test_db_postgres(Arena *mem);
Str test_db_postgres_url(Arena *mem);

/** TEST_DB(name) { CHECK(...) }: the same test on both, with `db` open and empty. */
#define TEST_DB(name_)                            \
    static void body_##name_(Arena *mem, Db *db); \
    TEST(name_##_sqlite)                          \
    {                                             \
        body_##name_(mem, test_db_sqlite(mem));   \
    }                                             \
    TEST(name_##_postgres)                        \
    {                                             \
        body_##name_(mem, test_db_postgres(mem)); \
    }                                             \
    static void body_##name_(__attribute__((unused)) Arena *mem, __attribute__((unused)) Db *db)
