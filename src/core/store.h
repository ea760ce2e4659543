/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

#include <pthread.h>
#include <stdatomic.h>

/* What the process works by of the company: an immutable snapshot, replaced whole when the company changes.  A snapshot
   lives as long as the store, so that whoever holds one may go on. */
typedef struct Company {
    Str name, currency, country, locale; /* locale: language of sorting, "ru" */
    Str zone;
    uint16_t currency_code;
    Arena *mem;
    const struct Company *older;
} Company;

struct Module;
struct Plan;
typedef struct Snapshot Snapshot;

#define STORE_LISTENERS 4
#define STORE_SNAPSHOTS 256

/* One open installation: database, metadata snapshot, company settings, clock.  One a process. */
struct Store {
    Arena *mem;
    Db *db;
    const MetaSource *sources; /* object files: built in, and the site's */
    size_t n_sources;
    Snapshot *_Atomic snapshots[STORE_SNAPSHOTS];
    _Atomic uint64_t snapshot;  /* core/snapshot.c: which one is current, and how often it was taken */
    _Atomic int64_t generation; /* of the current metadata */
    _Atomic int64_t generation_wanted, wanted_at; /* a unit of ours has made it so, and when it did */
    pthread_mutex_t meta_lock;                    /* one builds a snapshot at a time */
    _Atomic(const Company *) company;
    atomic_bool company_is_stale; /* a commit has changed it: store_reload is due */
    int64_t epoch;                /* raised by a restore */
    bool keeps_schema;
    int64_t node; /* of ids; leased in a table where several processes share the database */
    Str node_token;
    Str dir, public_url, url;
    Str secret_key;        /* file of the keys of sealed secrets */
    Str ship;              /* folder the log and new contents of files are copied to, or empty */
    int64_t session_hours; /* how long a sign-in lasts; 0: thirty days */
    Str backup_dir, backup_at, backup_keep; /* settings of the process */
    uint64_t limit_import, limit_file;      /* bytes of a file to import, of any other */
    Str drop_root;      /* the folder below which files are taken for import; empty: none are */
    int64_t drop_every; /* ms from one look to the next */
    const struct Module *const *modules;
    size_t n_modules;
    int64_t clock_ms;      /* tests: fixed clock, 0 = the real one */
    bool webhooks_private; /* setting of the process: webhooks may reach private addresses */
    struct StoreListener {
        void (*fn)(void *arg);
        void *arg;
    } listeners[STORE_LISTENERS]; /* told that the log has grown: store_listen */
    _Atomic size_t n_listeners;
};

typedef struct StoreOptions {
    DbOptions db;
    const struct Module *const *modules;
    size_t n_modules;
    int64_t clock_ms;
    Str secret_key;    /* file of the keys of secrets; empty: secret.key of the data folder */
    bool keeps_schema; /* the tables are taken as they are: for looking at the plan */
} StoreOptions;

/** Opens the database, loads the metadata (built-in files and the site's), takes a node number.
    NOT_FOUND{error.store.empty} when the database has not been initialised, CONFLICT{error.store.newer} when a later
    version of the program has worked on it. */
MUST_CHECK Err *store_open(Arena *mem, const StoreOptions *opt, Store **out);
/** Opens the database and looks at nothing in it: for a backup, also of a newer version. */
MUST_CHECK Err *store_open_bare(Arena *mem, const StoreOptions *opt, Store **out);
void store_close(Store *store);

typedef struct InitOptions {
    Str currency, country, language, company, zone;
} InitOptions;

/** Creates the tables and, with `init`, what a company starts with; without it the first page of the browser asks
    (store_setup).  CONFLICT{error.store.ready} when the tables are there already. */
MUST_CHECK Err *store_init(Arena *mem, const StoreOptions *opt, const InitOptions *init, Store **out);
/** In a write unit: the first records of a company, unless it has them.  After the commit store_reload must follow. */
MUST_CHECK Err *store_setup(Ctx *cx, const InitOptions *init);
/** Reads the company again after it has changed and puts the new snapshot in the place of the old. */
MUST_CHECK Err *store_reload(Store *store, Arena *mem);
/** The same inside a read of one's own. */
MUST_CHECK Err *company_refresh(Ctx *cx);

/** Extends the lease of the node number; to be called every minute. */
MUST_CHECK Err *store_renew(Store *store, Arena *mem);

/** From now on, as long as the store is open, `fn(arg)` is called after each commit of this process that may have grown the
    log; by whichever thread it was, so it only wakes another.  Called while the process starts. */
void store_listen(Store *store, void (*fn)(void *arg), void *arg);
/** Tells the listeners. */
void store_committed(Store *store);

/** The current time of the store, ms. */
int64_t store_now(const Store *store);

/** Company settings and other single values: table `setting`. */
MUST_CHECK Err *setting_get(Ctx *cx, Str name, Str *out);
MUST_CHECK Err *setting_set(Ctx *cx, Str name, Str value);
/** The company as the database has it now, in the memory of `cx`; without a currency before the setup. */
MUST_CHECK Err *company_load(Ctx *cx, Company *out);
