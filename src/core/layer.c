/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata changes while the program serves: files and what the database says make a new snapshot, whole, and it takes
   the place of the old.  Nobody waits for it: who works by the old one goes on (core/snapshot).  A process learns of the
   changes of others by the log (the feed), and at the latest when it writes: every writing unit reads the generation first. */
#include "core/layer.h"

#include "base/log.h"
#include "base/time.h"
#include "core/session.h"
#include "meta/yaml.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GENERATION     S("generation")
#define ROLLED_BACK_MS 60000 /* a unit that wanted another generation so long ago is not at work any more */

/* --- files ----------------------------------------------------------------------------------------------------------- */

static Err *read_text(Arena *mem, Str path, Str *out)
{
    Buf b = buf_new(mem, YAML_MAX_BYTES + 1);
    char part[16384];
    size_t n;
    FILE *f = fopen(str_to_c(mem, path), "re");

    if (!f) FAIL(mem, ERR_UNAVAILABLE, "error.store.file", "%.*s: %s", SFMT(path), strerror(errno));
    while ((n = fread(part, 1, sizeof part, f)) > 0) buf_add_n(&b, part, n);
    fclose(f);
    *out = buf_str(&b);
    return NULL;
}

static int is_object_file(const struct dirent *entry)
{
    return str_ends(str_c(entry->d_name), S(".yaml"));
}

/* The site's own files: site/NAME.yaml in the data folder, in order of their names. */
static Err *site_sources(Store *store, MetaSource **out, size_t *n)
{
    Str dir = str_fmt(store->mem, "%.*s/site", SFMT(store->dir));
    struct dirent **found;
    int count = scandir(str_to_c(store->mem, dir), &found, is_object_file, alphasort);
    Err *e = NULL;

    *n = 0;
    if (count <= 0) return NULL;
    *out = NEW_N(store->mem, MetaSource, (size_t)count);
    for (int i = 0; i < count; i++) {
        MetaSource *source = &(*out)[*n];
        source->path = str_fmt(store->mem, "site/%s", found[i]->d_name);
        source->layer = S("site");
        if (!e)
            e = read_text(store->mem, str_fmt(store->mem, "%.*s/%s", SFMT(dir), found[i]->d_name),
                          &source->text);
        ++*n;
        free(found[i]);
    }
    free(found);
    return e;
}

static Err *read_sources(Store *store)
{
    MetaSource *site = NULL, *all;
    size_t n, n_site;
    const MetaSource *built_in = meta_builtin(store->mem, &n);

    TRY(site_sources(store, &site, &n_site));
    all = NEW_N(store->mem, MetaSource, n + n_site);
    memcpy(all, built_in, n * sizeof *all);
    if (n_site) memcpy(all + n, site, n_site * sizeof *all);
    store->sources = all;
    store->n_sources = n + n_site;
    return NULL;
}

/* --- snapshots --------------------------------------------------------------------------------------------------------- */

static SiteOption option_of_row(Arena *mem, const DbRows *rows)
{
    SiteOption o = {.object = str_copy(mem, db_str(rows, 0)),
                    .field = str_copy(mem, db_str(rows, 1)),
                    .key = str_copy(mem, db_str(rows, 2)),
                    .color = str_copy(mem, db_str(rows, 3)),
                    .position = db_i64(rows, 7),
                    .has_position = !val_is_null(db_val(rows, 7)),
                    .is_hidden = db_i64(rows, 8) != 0,
                    .is_gone = !val_is_null(db_val(rows, 9))};

    o.label.text[LANG_EN] = str_copy(mem, db_str(rows, 4));
    o.label.text[LANG_RU] = str_copy(mem, db_str(rows, 5));
    o.label.text[LANG_PL] = str_copy(mem, db_str(rows, 6));
    return o;
}

/* The living first, so that an option made again is the new one. */
static Err *read_options(Arena *mem, DbConn *c, SiteOption **out, size_t *n)
{
    VEC(SiteOption) found = {0};
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(
        mem, c,
        S("SELECT \"object\", \"field\", \"key\", \"color\", \"label_en\", \"label_ru\", \"label_pl\", \"position\", "
          "\"hidden\", deleted_at FROM \"choice_option\" ORDER BY deleted_at IS NOT NULL, id"),
        NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(mem, &found) = option_of_row(mem, rows);
    }
    *out = found.p;
    *n = found.n;
    return NULL;
}

typedef struct More {
    const SiteOption *p;
    size_t n;
} More;

static Err *load(const Store *store, Arena *mem, DbConn *c, More more, Meta **out)
{
    SiteOption *found = NULL;
    size_t n = 0;

    if (c) TRY(read_options(mem, c, &found, &n));
    SiteOption *all = NEW_N(mem, SiteOption, n + more.n + 1);
    for (size_t i = 0; i < n; i++) all[i] = found[i];
    for (size_t i = 0; i < more.n; i++) all[n + i] = more.p[i];
    return meta_load_site(mem, store->sources, store->n_sources, all, n + more.n, out);
}

/* Of the files alone, or with what the database says: all it holds lives in memory of its own. */
static Err *build(Store *store, Arena *errs, DbConn *c, int64_t generation)
{
    Arena *mem = arena_new(0);
    Meta *meta = NULL;
    Err *e = load(store, mem, c, (More){0}, &meta);

    if (e) {
        e = err_copy(errs, e);
        arena_free(mem);
        return e;
    }
    meta->generation = generation;
    if (meta_put(store, meta, mem)) return NULL;
    arena_free(mem);
    FAIL(errs, ERR_LIMIT, "error.meta.held", "too many states of the metadata are still in use");
}

Err *layer_preview(Store *store, Arena *holder, DbConn *c, const SiteOption *more, size_t n, const Meta **out)
{
    Arena *mem = arena_new(0);
    Meta *meta = NULL;
    Err *e = load(store, mem, c, (More){more, n}, &meta);

    if (e) {
        e = err_copy(holder, e);
        arena_free(mem);
        return e;
    }
    meta->generation = 0; /* of no generation: nothing is kept by it */
    meta_give(store, meta, mem, holder);
    *out = meta;
    return NULL;
}

Err *layer_load(Store *store)
{
    pthread_mutex_init(&store->meta_lock, NULL);
    arena_defer(store->mem, snapshots_free, store);
    TRY(read_sources(store));
    return build(store, store->mem, NULL, 1);
}

static Err *read_generation(Arena *mem, DbConn *c, int64_t *out)
{
    Val name = val_text(GENERATION), v = val_null();

    *out = 1;
    TRY(db_one(mem, c, S("SELECT value FROM setting WHERE name = ?1"), &name, 1, &v));
    if (v.kind == VAL_TEXT && !str_to_i64(val_str(v), out)) *out = 1;
    return NULL;
}

/* --- staying up to date ------------------------------------------------------------------------------------------------ */

Err *layer_changed(Ctx *cx)
{
    Store *store = cx->store;
    int64_t generation = 1;

    TRY(read_generation(cx->mem, cx->db, &generation));
    TRY(setting_set(cx, GENERATION, str_fmt(cx->mem, "%lld", (long long)++generation)));
    atomic_store(&store->generation_wanted, generation);
    atomic_store(&store->wanted_at, clock_now_ms());
    return NULL;
}

bool layer_is_behind(const Store *store)
{
    return atomic_load_explicit(&store->generation_wanted, memory_order_relaxed) >
           atomic_load_explicit(&store->generation, memory_order_relaxed);
}

/* The unit that wanted more has been rolled back. */
static void want_no_more(Store *store, int64_t found)
{
    int64_t wanted = atomic_load(&store->generation_wanted);

    if (wanted > found && clock_now_ms() - atomic_load(&store->wanted_at) > ROLLED_BACK_MS)
        atomic_compare_exchange_strong(&store->generation_wanted, &wanted, found);
}

static Err *renew(Store *store, Arena *mem, DbConn *c, int64_t generation)
{
    if (atomic_load(&store->generation) >= generation) return NULL; /* another thread has done it meanwhile */
    TRY(build(store, mem, c, generation));
    log_line(LOG_INFO, "metadata", "generation=%lld", (long long)generation);
    return NULL;
}

Err *layer_catch_up(Store *store, Arena *mem, DbConn *c)
{
    int64_t found = 1;

    TRY(read_generation(mem, c, &found));
    if (found <= atomic_load(&store->generation)) {
        want_no_more(store, found);
        return NULL;
    }
    pthread_mutex_lock(&store->meta_lock);
    Err *e = renew(store, mem, c, found);
    pthread_mutex_unlock(&store->meta_lock);
    if (!e) session_cache_drop(store); /* rights are made for one state of the metadata */
    return e;
}

typedef struct Refresh {
    Store *store;
    Arena *mem;
} Refresh;

static Err *refresh(DbConn *c, void *arg)
{
    const Refresh *r = arg;

    return layer_catch_up(r->store, r->mem, c);
}

Err *layer_refresh(Store *store, Arena *mem, bool is_told)
{
    Refresh r = {store, mem};

    return is_told || layer_is_behind(store) ? db_read(store->db, mem, refresh, &r) : NULL;
}

void layer_follow(Store *store, Arena *mem)
{
    Err *e = layer_refresh(store, mem, false);

    if (e) log_line(LOG_WARN, "metadata", "error=%.*s", SFMT(log_quote(mem, err_text(mem, e))));
}

static Err *guard(DbConn *c, Arena *mem, void *store)
{
    return layer_catch_up(store, mem, c);
}

void layer_watch(Store *store)
{
    if (db_can(store->db, DB_CAP_SHARED)) db_guard(store->db, guard, store);
}
