/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/tap.h"
#include "core/record.h"
#include "core/store.h"
#include "db/test_db.h"

/* Installations for tests, with all object files and what a new company starts with. */

/** A new one on SQLite (or PostgreSQL), closed with the arena; Russian company in roubles. */
Store *test_store(Arena *mem, bool is_postgres, const struct Module *const *modules, size_t n_modules);

/** Runs `work` in a unit as the system. */
typedef Err *(*TestWork)(Ctx *cx, void *arg);
Err *test_write(Store *store, Arena *mem, TestWork work, void *arg);
Err *test_read(Store *store, Arena *mem, TestWork work, void *arg);

/** TEST_STORE(name) { ... }: the same test on both databases, with `store` open. */
#define TEST_STORE(name_)                                   \
    static void body_##name_(Arena *mem, Store *store);     \
    TEST(name_##_sqlite)                                    \
    {                                                       \
        body_##name_(mem, test_store(mem, false, NULL, 0)); \
    }                                                       \
    TEST(name_##_postgres)                                  \
    {                                                       \
        body_##name_(mem, test_store(mem, true, NULL, 0));  \
    }                                                       \
    static void body_##name_(__attribute__((unused)) Arena *mem, Store *store)
