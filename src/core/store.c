/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An installation: opening it, making its tables, the settings every part asks for.  What a new company starts with is
   core/seed.c. */
#include "core/store.h"
#include "core/fill.h"

#include "base/embed.h"
#include "base/text.h"
#include "base/time.h"
#include "core/backup.h"
#include "core/layer.h"
#include "core/rights.h"
#include "core/seed.h"
#include "core/session.h"
#include "core/write.h"
#include "meta/schema.h"

#include <sodium.h>

#define NODE_LEASE_MS (10 * 60 * 1000)
#define NODES         1024

int64_t store_now(const Store *store)
{
    return store->clock_ms ? store->clock_ms : clock_now_ms();
}

void store_listen(Store *store, void (*fn)(void *arg), void *arg)
{
    size_t n = store->n_listeners;

    REQUIRE(n < STORE_LISTENERS);
    store->listeners[n] = (struct StoreListener){fn, arg};
    store->n_listeners = n + 1;
}

void store_committed(Store *store)
{
    for (size_t i = 0, n = store->n_listeners; i < n; i++) store->listeners[i].fn(store->listeners[i].arg);
}

/* --- settings -------------------------------------------------------------------------------------------------------- */

Err *setting_get(Ctx *cx, Str name, Str *out)
{
    Val bind = val_text(name), v;

    TRY(db_one(cx->mem, cx->db, S("SELECT value FROM setting WHERE name = ?1"), &bind, 1, &v));
    *out = v.kind == VAL_TEXT ? val_str(v) : (Str){0};
    return NULL;
}

Err *setting_set(Ctx *cx, Str name, Str value)
{
    Val binds[] = {val_text(name), val_text(value)};

    return db_exec(
        cx->mem, cx->db,
        S("INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2"),
        binds, 2, NULL);
}

Err *company_load(Ctx *cx, Company *out)
{
    DbRows *rows;
    bool has;

    *out = (Company){.locale = S("en"), .zone = S("UTC")};
    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT o.name, c.code, o.country, o.language, o.zone FROM \"own_company\" o JOIN \"currency\" c "
          "ON c.id = o.currency WHERE o.deleted_at IS NULL ORDER BY o.is_main DESC, o.id LIMIT 1"),
        NULL, 0, &rows));
    TRY(db_next(rows, &has));
    if (!has) return NULL;
    out->name = str_copy(cx->mem, db_str(rows, 0));
    out->currency = str_copy(cx->mem, db_str(rows, 1));
    out->country = str_copy(cx->mem, db_str(rows, 2));
    out->locale = str_copy(cx->mem, db_str(rows, 3));
    if (db_str(rows, 4).n) out->zone = str_copy(cx->mem, db_str(rows, 4));
    out->currency_code = currency_pack(out->currency);
    return db_next(rows, &has);
}

static bool company_is(const Company *a, const Company *b)
{
    return str_eq(a->name, b->name) && str_eq(a->currency, b->currency) && str_eq(a->country, b->country) &&
           str_eq(a->locale, b->locale) && str_eq(a->zone, b->zone);
}

/* Publishes a snapshot of `company`.  Other threads may be reading the last one: it stays until the store goes. */
static void company_publish(Store *store, const Company *company)
{
    const Company *last = atomic_load(&store->company);

    if (company_is(company, last)) return;
    Arena *mem = arena_new(0);
    Company *own = NEW(mem, Company);
    *own = (Company){.name = str_copy(mem, company->name),
                     .currency = str_copy(mem, company->currency),
                     .country = str_copy(mem, company->country),
                     .locale = str_copy(mem, company->locale),
                     .zone = str_copy(mem, company->zone),
                     .currency_code = company->currency_code,
                     .mem = mem};
    do own->older = last;
    while (!atomic_compare_exchange_weak(&store->company, &last, own));
}

static void free_companies(void *arg)
{
    Store *store = arg;
    const Company *at = atomic_load(&store->company);

    while (at && at->mem) {
        const Company *older = at->older;
        arena_free(at->mem);
        at = older;
    }
}

Err *company_refresh(Ctx *cx)
{
    Company company;

    TRY(company_load(cx, &company));
    company_publish(cx->store, &company);
    return NULL;
}

/* --- tables ---------------------------------------------------------------------------------------------------------- */

static Str system_sql(Arena *mem, Str name)
{
    const Embed *file = embed_find(S("core/system.sql"));

    REQUIRE(file != NULL);
    return sql_named(mem, (Str){(const char *)file->data, file->size}, name);
}

static Err *make_sequences(Store *store, DbConn *c)
{
    for (size_t i = 0; i < store_meta(store)->n_objects; i++)
        for (size_t k = 0; k < store_meta(store)->objects[i]->n_fields; k++) {
            const Field *f = &store_meta(store)->objects[i]->fields[k];
            Sql q = sql_new(store->mem);
            if (f->type != FIELD_AUTONUMBER) continue;
            sql_text(&q, "CREATE SEQUENCE IF NOT EXISTS ");
            sql_ident(&q, number_sequence(store->mem, f));
            TRY(sql_exec(store->mem, c, &q, NULL));
        }
    return NULL;
}

static Err *apply_schema(DbConn *c, void *arg)
{
    Store *store = arg;
    SchemaPlan plan;

    TRY(db_script(store->mem, c, system_sql(store->mem, S("tables"))));
    TRY(db_script(store->mem, c,
                  system_sql(store->mem, db_conn_can(c, DB_CAP_FTS5) ? S("fts5") : S("tsvector"))));
    TRY(schema_plan(store->mem, c, store_meta(store), &plan));
    TRY(schema_apply(store->mem, c, &plan));
    return db_conn_can(c, DB_CAP_TX_ID) ? make_sequences(store, c) : NULL;
}

/* --- node number ----------------------------------------------------------------------------------------------------- */

typedef struct NodeClaim {
    Store *store;
    Arena *mem;
    Str token;
    int64_t number;
} NodeClaim;

/* The lowest number nobody holds; held by a lease that store_renew extends. */
static Err *claim_node(DbConn *c, void *arg)
{
    NodeClaim *claim = arg;
    int64_t now = clock_now_ms();
    Val v;

    Val expired = val_int(now);
    TRY(db_exec(claim->mem, c, S("DELETE FROM node WHERE lease < ?1"), &expired, 1, NULL));
    TRY(db_one(claim->mem, c,
               S("SELECT min(n.number) FROM (SELECT 0 AS number UNION ALL SELECT number + 1 FROM node) n "
                 "WHERE NOT EXISTS (SELECT 1 FROM node m WHERE m.number = n.number)"),
               NULL, 0, &v));
    if (v.kind != VAL_INT || v.i >= NODES)
        FAIL(claim->mem, ERR_UNAVAILABLE, "error.store.nodes", "all node numbers are taken");
    claim->number = v.i;
    Val binds[] = {v, val_int(now + NODE_LEASE_MS), val_text(claim->token)};
    return db_exec(claim->mem, c, S("INSERT INTO node (number, lease, token) VALUES (?1, ?2, ?3)"), binds, 3,
                   NULL);
}

static Err *take_node(Store *store)
{
    NodeClaim claim = {.store = store, .mem = store->mem};
    unsigned char random[16];
    char hex[33];

    if (!db_can(store->db, DB_CAP_SHARED)) return NULL;
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(hex, sizeof hex, random, sizeof random);
    claim.token = str_copy(store->mem, str_c(hex));
    for (int tries = 0; tries < 20; tries++) {
        Err *e = db_write(store->db, store->mem, claim_node, &claim);
        if (!e) break;
        if (e->code != ERR_CONFLICT || tries == 19) return e;
    }
    store->node = claim.number;
    store->node_token = claim.token;
    return NULL;
}

typedef struct Renewal {
    Store *store;
    Arena *mem;
    int64_t lease;
} Renewal;

static Err *set_lease(DbConn *c, void *arg)
{
    Renewal *r = arg;
    int64_t changed;

    Val binds[] = {val_int(r->lease), val_text(r->store->node_token)};
    TRY(db_exec(r->mem, c, S("UPDATE node SET lease = ?1 WHERE token = ?2"), binds, 2, &changed));
    if (changed == 0)
        FAIL(r->mem, ERR_UNAVAILABLE, "error.store.nodes", "the lease of the node number was lost");
    return NULL;
}

Err *store_renew(Store *store, Arena *mem)
{
    Renewal r = {store, mem, clock_now_ms() + NODE_LEASE_MS};

    return store->node_token.n ? db_write(store->db, mem, set_lease, &r) : NULL;
}

/* --- opening --------------------------------------------------------------------------------------------------------- */

typedef struct Opening {
    Store *store;
    bool is_empty;
    Id last;
} Opening;

/* A database knows the latest version of the program that has worked on it; an older one might not understand it. */
static Err *check_version(Arena *mem, DbConn *c)
{
    Val v;

    TRY(db_one(mem, c, S("SELECT value FROM setting WHERE name = 'version'"), NULL, 0, &v));
    if (v.kind == VAL_TEXT && version_is_later(val_str(v), S(KITH_VERSION)))
        return err_arg(err_new(mem, ERR_CONFLICT, "error.store.newer",
                               "the database was made by Kith %.*s and this is " KITH_VERSION
                               ": use that version or a later one; only backup works here",
                               SFMT(val_str(v))),
                       0, str_copy(mem, val_str(v)));
    return NULL;
}

static Err *note_version(DbConn *c, void *arg)
{
    Store *store = arg;
    Val bind = val_text(S(KITH_VERSION));

    return db_exec(
        store->mem, c,
        S("INSERT INTO setting (name, value) VALUES ('version', ?1) ON CONFLICT (name) DO UPDATE SET "
          "value = ?1 WHERE setting.value <> ?1"),
        &bind, 1, NULL);
}

static Err *look(DbConn *c, void *arg)
{
    Opening *open = arg;
    Arena *mem = open->store->mem;
    Val v;

    if (db_conn_can(c, DB_CAP_SHARED))
        TRY(db_one(mem, c, S("SELECT CAST(to_regclass('setting') AS text)"), NULL, 0, &v));
    else
        TRY(db_one(mem, c, S("SELECT name FROM sqlite_schema WHERE name = 'setting'"), NULL, 0, &v));
    open->is_empty = val_is_null(v);
    if (open->is_empty) return NULL;
    TRY(db_one(mem, c, S("SELECT value FROM setting WHERE name = 'epoch'"), NULL, 0, &v));
    open->is_empty = v.kind != VAL_TEXT;
    return check_version(mem, c);
}

/* The highest id in use, over all objects, the log and jobs. */
static Err *last_id(Ctx *cx, Id *out)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    if (db_conn_can(cx->db, DB_CAP_TX_ID))
        sql_text(&q, "SELECT max(id) FROM batch UNION ALL SELECT max(id) FROM job");
    else
        sql_text(
            &q,
            "SELECT max(id) FROM batch UNION ALL SELECT max(id) FROM job UNION ALL SELECT max(tx) FROM change WHERE epoch = (SELECT max(epoch) FROM change)");
    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        sql_text(&q, " UNION ALL SELECT max(id) FROM ");
        sql_ident(&q, cx->meta->objects[i]->table);
    }
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (*out = 0;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        if (db_i64(rows, 0) > *out) *out = db_i64(rows, 0);
    }
}

static Err *read_state(DbConn *c, void *arg)
{
    Opening *open = arg;
    Store *store = open->store;
    Ctx cx = ctx_system(store, store->mem, c);
    Str epoch;

    TRY(setting_get(&cx, S("epoch"), &epoch));
    if (!str_to_i64(epoch, &store->epoch)) store->epoch = 1;
    TRY(company_refresh(&cx));
    return last_id(&cx, &open->last);
}

static Err *read_layer(DbConn *c, void *arg)
{
    Store *store = arg;

    return layer_catch_up(store, store->mem, c);
}

static Str secret_path(Arena *mem, const StoreOptions *opt)
{
    return opt->secret_key.n ? opt->secret_key : str_cat(mem, opt->db.dir, S("/secret.key"));
}

static Err *open_common(Arena *mem, const StoreOptions *opt, Store **out)
{
    static const Company NONE = {.locale = {"en", 2}, .zone = {"UTC", 3}};
    Store *store = NEW(mem, Store);

    REQUIRE(sodium_init() >= 0);
    store->mem = mem;
    atomic_init(&store->company, &NONE);
    arena_defer(mem, free_companies, store);
    store->dir = opt->db.dir;
    store->url = opt->db.url;
    store->secret_key = secret_path(mem, opt);
    store->ship = opt->db.ship;
    store->modules = opt->modules;
    store->n_modules = opt->n_modules;
    store->clock_ms = opt->clock_ms;
    store->keeps_schema = opt->keeps_schema;
    TRY(layer_load(store));
    TRY(db_open(mem, &opt->db, &store->db));
    *out = store;
    return NULL;
}

static Err *finish_open(Store *store)
{
    Opening open = {.store = store};

    if (store->keeps_schema) return NULL; /* nothing is read that the tables may not hold yet */
    TRY(db_write(store->db, store->mem, apply_schema, store));
    TRY(db_write(store->db, store->mem, note_version, store));
    TRY(db_read(store->db, store->mem, read_layer, store));
    layer_watch(store);
    TRY(take_node(store));
    TRY(db_read(store->db, store->mem, read_state, &open));
    id_init((unsigned)store->node, open.last);
    return fill_all(store);
}

static Err *close_with(Store *store, Err *e)
{
    if (e) db_close(store->db);
    return e;
}

Err *store_open(Arena *mem, const StoreOptions *opt, Store **out)
{
    Opening open = {0};
    Store *store;

    TRY(open_common(mem, opt, &store));
    open.store = store;
    Err *e = db_read(store->db, mem, look, &open);
    if (!e && open.is_empty)
        e = err_new(mem, ERR_NOT_FOUND, "error.store.empty", "the database has not been initialised");
    if (!e) e = finish_open(store);
    *out = e ? NULL : store;
    return close_with(store, e);
}

Err *store_open_bare(Arena *mem, const StoreOptions *opt, Store **out)
{
    Store *store = NEW(mem, Store);

    REQUIRE(sodium_init() >= 0);
    store->mem = mem;
    store->dir = opt->db.dir;
    store->secret_key = secret_path(mem, opt);
    *out = store;
    return db_open(mem, &opt->db, &store->db);
}

static Company company_of(const InitOptions *init)
{
    return (Company){.name = init->company,
                     .currency = init->currency,
                     .country = init->country,
                     .locale = init->language,
                     .zone = init->zone.n ? init->zone : S("UTC"),
                     .currency_code = currency_pack(init->currency)};
}

Err *store_setup(Ctx *cx, const InitOptions *init)
{
    Company company, first = company_of(init);

    TRY(company_load(cx, &company));
    if (company.currency_code) return NULL;
    if (!currency_pack(init->currency) || currency_places(init->currency) < 0)
        FAIL_FIELD(cx->mem, S("currency"), "error.currency", "unknown currency %.*s", SFMT(init->currency));
    if (init->zone.n && !zone_is_valid(init->zone))
        FAIL_FIELD(cx->mem, S("zone"), "error.zone", "unknown zone %.*s", SFMT(init->zone));
    company_publish(cx->store, &first); /* amounts and sort keys of the first records need it */
    TRY(seed_all(cx, init));
    return fill_mark(cx);
}

typedef struct Init {
    Store *store;
    Arena *mem;
    const InitOptions *opt;
} Init;

static Err *seed(DbConn *c, void *arg)
{
    Init *init = arg;
    Ctx cx = ctx_system(init->store, init->mem, c);

    TRY(setting_set(&cx, S("epoch"), S("1")));
    return init->opt ? store_setup(&cx, init->opt) : fill_mark(&cx);
}

static Err *reload(DbConn *c, void *arg)
{
    Init *init = arg;
    Ctx cx = ctx_system(init->store, init->mem, c);

    return company_refresh(&cx);
}

Err *store_reload(Store *store, Arena *mem)
{
    Init init = {.store = store, .mem = mem};

    return db_read(store->db, mem, reload, &init);
}

Err *store_init(Arena *mem, const StoreOptions *opt, const InitOptions *init, Store **out)
{
    Opening open = {0};
    Init job = {.opt = init, .mem = mem};
    Store *store;

    TRY(open_common(mem, opt, &store));
    open.store = job.store = store;
    Err *e = db_read(store->db, mem, look, &open);
    if (!e && !open.is_empty)
        e = err_new(mem, ERR_CONFLICT, "error.store.ready", "the database is initialised already");
    if (!e) {
        store->epoch = 1;
        e = db_write(store->db, mem, apply_schema, store);
    }
    if (!e) e = db_write(store->db, mem, seed, &job);
    if (!e) e = finish_open(store);
    *out = e ? NULL : store;
    return close_with(store, e);
}

static Err *release_node(DbConn *c, void *arg)
{
    Renewal *r = arg;
    Val bind = val_text(r->store->node_token);

    return db_exec(r->mem, c, S("DELETE FROM node WHERE token = ?1"), &bind, 1, NULL);
}

void store_close(Store *store)
{
    Renewal r = {.store = store, .mem = store->mem};

    session_cache_drop(store);
    if (store->node_token.n && db_write(store->db, store->mem, release_node, &r)) {
    } /* the lease runs out by itself */
    db_close(store->db);
}
