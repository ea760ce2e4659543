/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/query.h"
#include "core/session.h"
#include "core/snapshot.h"
#include "core/test_prop.h"
#include "db/db.h"

#include <stdlib.h>
#include <unistd.h>

/* One installation on SQLite for the life of the program, with a little of everything in it, and a person whose role lets him
   see some of it: what he asks is compiled together with his rights and executed. */

#define FUZZ_RECORDS 12
#define FUZZ_OBJECTS 6

typedef struct FuzzStore {
    Arena *mem;
    Store *store;
    Id user;
    const Object *objects[FUZZ_OBJECTS];
    Id *seen[FUZZ_OBJECTS]; /* what he may see, in order of id */
    size_t n_seen[FUZZ_OBJECTS];
} FuzzStore;

typedef Err *(*FuzzWork)(Ctx *cx, void *arg);

typedef struct FuzzStep {
    FuzzStore *fs;
    Arena *mem;
    FuzzWork work;
    void *arg;
    bool is_person;
} FuzzStep;

static inline Err *fuzz_run(DbConn *c, void *arg)
{
    FuzzStep *step = arg;
    Ctx cx = ctx_system(step->fs->store, step->mem, c);
    Actor *actor = NULL;

    if (step->is_person) {
        TRY(actor_of_user(&cx, step->fs->user, &actor));
        cx.actor = actor;
    }
    return step->work(&cx, step->arg);
}

/** Reads on this thread as the person with the role. */
static inline Err *fuzz_ask(FuzzStore *fs, Arena *mem, FuzzWork work, void *arg)
{
    FuzzStep step = {fs, mem, work, arg, true};

    return db_read_inline(fs->store->db, mem, fuzz_run, &step);
}

static inline Err *fuzz_fill(Ctx *cx, void *arg)
{
    static const char RIGHTS[] =
        "{\"masked\":false,\"account\":{\"read\":\"own\",\"fields\":{\"annual_revenue\":\"hidden\"}},"
        "\"contact\":{\"read\":\"team\"},\"deal\":{\"read\":\"all\",\"limit\":\"amount != null\"},"
        "\"deal_line\":{\"read\":\"all\"},\"lead\":{\"read\":\"own\",\"also\":\"source != null\"},"
        "\"activity\":{\"read\":\"all\"},\"user\":{\"read\":\"all\"},\"stage\":{\"read\":\"all\"}}";
    FuzzStore *fs = arg;
    Prop p = {1};
    PropPool *pool = NEW(cx->mem, PropPool);
    const Object *role = meta_object(cx->meta, S("role")), *user = meta_object(cx->meta, S("user"));
    Record *rec = record_new(cx->mem, role), *who = record_new(cx->mem, user);

    TRY(prop_world(cx, &p, pool, FUZZ_RECORDS));
    record_set(rec, "name", val_text(S("Fuzz")));
    TRY(record_create(cx, rec, NULL));
    Val binds[] = {val_text(str_c(RIGHTS)), val_int(rec->id)};
    TRY(db_exec(cx->mem, cx->db, S("UPDATE role SET rights = ?1 WHERE id = ?2"), binds, 2, NULL));
    who->id = fs->user = pool->ids[user->number].p[1];
    record_set(who, "role", val_ref(role->number, rec->id));
    return record_update(cx, who, NULL);
}

static inline Err *fuzz_see(Ctx *cx, void *arg)
{
    FuzzStore *fs = arg;

    for (size_t i = 0; i < FUZZ_OBJECTS; i++) {
        Query q = {0};
        TRY(query_parse(cx, fs->objects[i], S(""), S("id"), &q));
        TRY(record_ids(cx, &q, 0, &fs->seen[i], &fs->n_seen[i]));
    }
    return NULL;
}

static inline bool fuzz_may_see(const FuzzStore *fs, size_t object, Id id)
{
    for (size_t i = 0; i < fs->n_seen[object]; i++)
        if (fs->seen[object][i] == id) return true;
    return false;
}

static FuzzStore *fuzz_open_store;
static char fuzz_folder[] = "/tmp/kith-fuzz-XXXXXX";

static inline void fuzz_close(void)
{
    char path[64];
    static const char *const FILES[] = {"kith.db", "kith.db-wal", "kith.db-shm", "kith.lock", "files", ""};

    store_close(fuzz_open_store->store);
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        snprintf(path, sizeof path, "%s/%s", fuzz_folder, FILES[i]);
        if (remove(path) != 0) continue;
    }
}

static inline void fuzz_need(Arena *mem, const Err *e)
{
    if (e) fprintf(stderr, "%.*s\n", SFMT(err_text(mem, e)));
    REQUIRE(!e);
}

/** The installation, made at the first call. */
static inline FuzzStore *fuzz_store(void)
{
    static const char *const NAMES[FUZZ_OBJECTS] = {"account",   "contact", "deal",
                                                    "deal_line", "lead",    "activity"};
    InitOptions init = {.currency = S("RUB"),
                        .country = S("RU"),
                        .language = S("ru"),
                        .company = S("Fuzz"),
                        .zone = S("Europe/Moscow")};

    if (fuzz_open_store) return fuzz_open_store;
    Arena *mem = arena_new(0);
    FuzzStore *fs = NEW(mem, FuzzStore);
    StoreOptions opt = {.db.dir = str_c(mkdtemp(fuzz_folder)), .clock_ms = PROP_NOW};

    fs->mem = mem;
    fuzz_need(mem, store_init(mem, &opt, &init, &fs->store));
    for (size_t i = 0; i < FUZZ_OBJECTS; i++) {
        fs->objects[i] = meta_object(store_meta(fs->store), str_c(NAMES[i]));
        REQUIRE(fs->objects[i]);
    }
    FuzzStep step = {fs, mem, fuzz_fill, fs, false};
    fuzz_need(mem, db_write(fs->store->db, mem, fuzz_run, &step));
    fuzz_need(mem, fuzz_ask(fs, mem, fuzz_see, fs));
    REQUIRE(fs->n_seen[2] > 0 && fs->n_seen[2] < FUZZ_RECORDS);
    fuzz_open_store = fs;
    atexit(fuzz_close);
    return fs;
}

/** An error that a question may have: one that says what is wrong with it. */
static inline void fuzz_check_error(const Err *e)
{
    REQUIRE(!e || e->code == ERR_INVALID || e->code == ERR_LIMIT || e->code == ERR_NOT_FOUND ||
            e->code == ERR_DENIED);
}
