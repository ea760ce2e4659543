/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Fresh installations for the tests of core and of what stands on it. */

#include "core/test_store.h"

static void close_store(void *store)
{
    store_close(store);
}

Store *test_store(Arena *mem, bool is_postgres, const struct Module *const *modules, size_t n_modules)
{
    StoreOptions opt = {.modules = modules, .n_modules = n_modules};
    InitOptions init = {.currency = S("RUB"),
                        .country = S("RU"),
                        .language = S("ru"),
                        .company = S("Пример"),
                        .zone = S("Europe/Moscow")};
    Store *store = NULL;

    opt.db.dir = test_db_dir(mem);
    if (is_postgres) opt.db.url = test_db_postgres_url(mem);
    CHECK_OK(store_init(mem, &opt, &init, &store));
    arena_defer(mem, close_store, store);
    return store;
}

typedef struct Step {
    Store *store;
    Arena *mem;
    TestWork work;
    void *arg;
} Step;

static Err *run_step(DbConn *c, void *arg)
{
    Step *step = arg;
    Ctx cx = ctx_system(step->store, step->mem, c);

    return step->work(&cx, step->arg);
}

Err *test_write(Store *store, Arena *mem, TestWork work, void *arg)
{
    Step step = {store, mem, work, arg};

    return db_write(store->db, mem, run_step, &step);
}

Err *test_read(Store *store, Arena *mem, TestWork work, void *arg)
{
    Step step = {store, mem, work, arg};

    return db_read(store->db, mem, run_step, &step);
}
