/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom a deal still lacks: the roles its stage and pipeline want that none of its participants has.  Kept on the deal, so
   that lists, conditions and gates can ask for it; settled when participants come and go, when the deal moves, and by a job
   when a stage or pipeline wants others. */
#include "base/limits.h"
#include "core/store.h"
#include "core/write.h"
#include "mod/sales/sales_impl.h"

#define CHUNK 200

typedef struct Roles {
    VEC(Str) keys;
} Roles;

static bool has_role(const Roles *roles, Str key)
{
    for (size_t i = 0; i < roles->keys.n; i++)
        if (str_eq(roles->keys.p[i], key)) return true;
    return false;
}

/* "|a|b|", as lists of keys are stored. */
static void take_wanted(Arena *mem, Roles *roles, Str stored)
{
    while (stored.n) {
        Str key = str_cut(&stored, '|');
        if (key.n && !has_role(roles, key)) *vec_push(mem, &roles->keys) = str_copy(mem, key);
    }
}

static Err *taken_of(Ctx *cx, Id deal, Roles *out)
{
    Val bind = val_int(deal);
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(cx->mem, cx->db,
                 S("SELECT DISTINCT role FROM \"deal_contact\" WHERE deal = ?1 AND role IS NOT NULL AND "
                   "deleted_at IS NULL"),
                 &bind, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        *vec_push(cx->mem, &out->keys) = str_copy(cx->mem, db_str(rows, 0));
    }
}

static Err *put_missing(Ctx *cx, Record *deal, const Roles *wanted)
{
    Val *list = NEW_N(cx->mem, Val, wanted->keys.n + 1);
    Roles taken = {0};
    uint32_t n = 0;

    if (wanted->keys.n) TRY(taken_of(cx, deal->id, &taken));
    for (size_t i = 0; i < wanted->keys.n; i++)
        if (!has_role(&taken, wanted->keys.p[i])) list[n++] = val_text(wanted->keys.p[i]);
    record_set(deal, "missing_roles", n ? val_list(list, n) : val_null());
    return NULL;
}

Err *cover_at(Ctx *cx, Record *deal, Id stage, bool *has_team)
{
    Val binds[] = {val_int(stage), val_int(deal->id)};
    DbRows *rows = NULL;
    Roles wanted = {0};
    bool has = false;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT s.wanted_roles, p.wanted_roles, s.category, EXISTS (SELECT 1 FROM \"deal_split\" d WHERE "
          "d.deal = ?2 AND d.deleted_at IS NULL) FROM \"stage\" s JOIN \"pipeline\" p ON p.id = s.pipeline "
          "WHERE s.id = ?1"),
        binds, 2, &rows));
    TRY(db_next(rows, &has));
    if (has && str_eq(db_str(rows, 2), S("open"))) {
        take_wanted(cx->mem, &wanted, db_str(rows, 0));
        take_wanted(cx->mem, &wanted, db_str(rows, 1));
    }
    if (has && has_team) *has_team = db_i64(rows, 3) != 0;
    if (has) TRY(db_next(rows, &has));
    return put_missing(cx, deal, &wanted);
}

/* --- all deals of a stage or pipeline -------------------------------------------------------------------------------- */

Err *cover_after(Ctx *cx, Record *rec, const Record *before)
{
    ValPair *pair = NULL;

    if (!before || !sales_changed(rec, before, "wanted_roles")) return NULL;
    pair = NEW(cx->mem, ValPair);
    *pair = (ValPair){val_text(rec->obj->name), val_id(rec->id)};
    return job_add(cx, S("sales.cover"), val_map(pair, 1), cx->now, NULL);
}

typedef struct Recover {
    Store *store;
    Arena *mem, *chunk_mem;
    Str filter;
    Id *ids;
    size_t n, at;
} Recover;

static Err *find_deals(DbConn *c, void *arg)
{
    Recover *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);
    Query q = {0};

    TRY(query_parse(&cx, meta_object(cx.meta, S("deal")), run->filter, (Str){0}, &q));
    return record_ids(&cx, &q, 0, &run->ids, &run->n);
}

static Err *settle_chunk(DbConn *c, void *arg)
{
    Recover *run = arg;
    Ctx cx = ctx_system(run->store, run->chunk_mem, c);

    cx.batch = id_new(cx.now);
    for (size_t i = run->at; i < run->n && i < run->at + CHUNK; i++)
        settle_add(&cx, meta_object(cx.meta, S("deal")), run->ids[i]);
    return rollup_flush(&cx);
}

Err *cover_again(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *stage = val_get(arg, S("stage")), *pipeline = val_get(arg, S("pipeline"));
    const Val *id = stage ? stage : pipeline;
    Recover run = {.store = store, .mem = mem};

    if (!id || id->kind != VAL_TEXT) FAIL(mem, ERR_INVALID, "error.job.run", "argument of a coverage");
    run.filter =
        str_fmt(mem, "category == 'open' && %s == '%.*s'", stage ? "stage" : "pipeline", SFMT(val_str(*id)));
    TRY(job_read(store, mem, find_deals, &run));
    for (; run.at < run.n; run.at += CHUNK) {
        run.chunk_mem = arena_new(LIMIT_REQUEST_MEM);
        Err *e = job_unit(store, run.chunk_mem, settle_chunk, &run);
        if (e) e = err_copy(mem, e);
        arena_free(run.chunk_mem);
        if (e) return e;
        TRY(job_progress(store, mem, job, (int64_t)(run.at + CHUNK < run.n ? run.at + CHUNK : run.n),
                         (int64_t)run.n));
    }
    return NULL;
}
