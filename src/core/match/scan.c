/* SPDX-License-Identifier: GPL-3.0-or-later */

/* All records of an object compared with one another: read in chunks, compared in memory, and the pairs found put in the place of
 * the open ones in units that yield to people. */

#include "core/match/match_impl.h"
#include "core/query.h"

#define READ_CHUNK  500
#define WRITE_CHUNK 500
#define KEPT_MAX    200000

typedef struct Scan {
    DuplicateScan *in;
    Arena *mem, *tmp; /* of the scan; of the chunk */
    Features fs;
    Linkage *rows;
    Weights w;
    Pair *pairs;
    size_t n, from; /* pairs; the next to store */
    Str token;
    int64_t done, total;
    bool is_end;
} Scan;

static Err *read_chunk(DbConn *c, void *arg)
{
    Scan *s = arg;
    Ctx cx = ctx_system(s->in->store, s->tmp, c);
    Query q = {.obj = s->in->obj, .limit = READ_CHUNK, .page_token = s->token, .only = s->fs.only};
    Str values[FEATURES_MAX];
    Page page;

    TRY(query_parse(&cx, s->in->obj, (Str){0}, S("id"), &q));
    q.limit = READ_CHUNK;
    q.page_token = s->token;
    q.only = s->fs.only;
    if (!s->token.n) TRY(record_count(&cx, &q, 0, &s->total));
    TRY(record_list(&cx, &q, &page));
    for (size_t i = 0; i < page.n; i++) {
        features_values(s->tmp, &s->fs, page.recs[i], values);
        linkage_add(s->rows, page.recs[i]->id, values);
    }
    s->done += (int64_t)page.n;
    s->token = str_copy(s->mem, page.next_token);
    s->is_end = !page.next_token.n;
    return NULL;
}

static Err *tell(Scan *s, int64_t done, int64_t total)
{
    return s->in->progress ? s->in->progress(s->in->arg, done, total) : NULL;
}

/* An error outlives the memory of its chunk. */
static Err *in_chunk(Scan *s, Err *(*run)(Db *, Arena *, DbWork, void *), DbWork work)
{
    s->tmp = arena_new(0);
    Err *e = run(s->in->store->db, s->tmp, work, s);
    if (e) e = err_copy(s->in->mem, e);
    arena_free(s->tmp);
    return e;
}

static Err *read_rows(Scan *s)
{
    while (!s->is_end) {
        TRY(in_chunk(s, db_read, read_chunk));
        TRY(tell(s, s->done, s->total * 2));
    }
    return NULL;
}

/* --- storing --------------------------------------------------------------------------------------------------------- */

static Err *clear_open(DbConn *c, void *arg)
{
    Scan *s = arg;
    Ctx cx = ctx_system(s->in->store, s->tmp, c);
    Val binds[] = {val_int(s->in->obj->number), val_int(DUPLICATE_OPEN)};
    Str at = str_fmt(s->tmp, "match.%.*s.at", SFMT(s->in->obj->name));

    TRY(weights_save(&cx, &s->fs, &s->w));
    TRY(setting_set(&cx, at, str_fmt(s->tmp, "%lld", (long long)cx.now)));
    return db_exec(s->tmp, c, S("DELETE FROM duplicate WHERE object = ?1 AND state = ?2"), binds, 2, NULL);
}

static Err *store_chunk(DbConn *c, void *arg)
{
    Scan *s = arg;
    Ctx cx = ctx_system(s->in->store, s->tmp, c);

    for (size_t i = s->from; i < s->n && i < s->from + WRITE_CHUNK; i++)
        TRY(duplicates_add(&cx, s->in->obj, linkage_id(s->rows, s->pairs[i].a),
                           linkage_id(s->rows, s->pairs[i].b), (double)s->pairs[i].score));
    return NULL;
}

static Err *keep(Scan *s)
{
    if (s->n > KEPT_MAX) s->n = KEPT_MAX;
    TRY(in_chunk(s, db_write, clear_open));
    for (; s->from < s->n; s->from += WRITE_CHUNK) {
        TRY(in_chunk(s, db_write, store_chunk));
        TRY(tell(s, s->done + s->done * (int64_t)s->from / (int64_t)s->n, s->done * 2));
    }
    return NULL;
}

static Err *scan_all(Scan *s)
{
    TRY(read_rows(s));
    linkage_learn(s->rows, &s->w);
    TRY(tell(s, s->done + s->done / 3, s->done * 2));
    TRY(linkage_pairs(s->rows, &s->w, s->in->least, &s->pairs, &s->n));
    linkage_clusters(s->rows, s->pairs, s->n, &s->in->clusters, &s->in->n);
    return s->in->keeps ? keep(s) : NULL;
}

Err *duplicates_scan(DuplicateScan *scan)
{
    Scan s = {.in = scan, .mem = scan->mem};

    features_of(s.mem, scan->obj, &s.fs);
    s.rows = linkage_new(s.mem, s.fs.kinds, s.fs.n);
    return scan_all(&s);
}
