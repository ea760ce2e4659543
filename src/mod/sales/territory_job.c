/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Re-alignment: which accounts would go where, shown before anything is written, and the job that moves them.  The database finds those that
   differ, by the same rules compiled; the ordinary write moves each, so that rights, history, live screens and undo are the same as ever. */
#include "mod/sales/territory.h"

#include "base/text.h"
#include "base/time.h"
#include "core/job.h"
#include "core/rights.h"
#include "core/session.h"
#include "core/store.h"

#define SHOWN 200
#define CHUNK 100

/* "FROM (SELECT id, territory, target ...) x WHERE target differs": accounts the actor may see. */
static Err *add_moves(Ctx *cx, Sql *q, const Claims *rules)
{
    const Object *account = meta_object(cx->meta, S("account"));

    sql_text(q, " FROM (SELECT t0.id AS id, t0.territory AS source, t0.open_amount_base AS amount, ");
    TRY(territory_case(cx, q, rules));
    sql_text(q, " AS target FROM \"account\" t0 WHERE t0.deleted_at IS NULL");
    TRY(rights_where(cx, q, account, 0, VERB_READ));
    sql_text(q, ") x WHERE x.source IS DISTINCT FROM x.target");
    if (rules->is_waiting) sql_text(q, " AND x.source IS NULL");
    return NULL;
}

static Err *may_move(Ctx *cx)
{
    if (rights_level(cx, meta_object(cx->meta, S("account")), VERB_UPDATE) == LEVEL_ALL &&
        rights_level(cx, meta_object(cx->meta, S("territory")), VERB_UPDATE) == LEVEL_ALL)
        return NULL;
    FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to change all accounts");
}

static Err *day_of(Ctx *cx, const Val *args, int64_t *day)
{
    const Val *v = val_get(args, S("day"));

    *day = zone_date(cx->store->company->zone, cx->now);
    if (v && v->kind == VAL_TEXT && !date_parse(val_str(*v), day))
        FAIL_FIELD(cx->mem, S("day"), "error.date", "%.*s", SFMT(val_str(*v)));
    return NULL;
}

static Val ref_or_null(const Ctx *cx, const char *object, Val id)
{
    return val_is_null(id) || !id.i ? val_null()
                                    : val_ref(meta_object(cx->meta, str_c(object))->number, id.i);
}

typedef VEC(Val) Vals;

/* How many go from where to where. */
static Err *summary(Ctx *cx, const Claims *rules, Vals *out, int64_t *moved)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT x.source, x.target, count(*)");
    TRY(add_moves(cx, &q, rules));
    sql_text(&q, " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        ValPair *pairs = NEW_N(cx->mem, ValPair, 3);
        pairs[0] = (ValPair){val_text(S("from")), ref_or_null(cx, "territory", db_val(rows, 0))};
        pairs[1] = (ValPair){val_text(S("to")), ref_or_null(cx, "territory", db_val(rows, 1))};
        pairs[2] = (ValPair){val_text(S("count")), val_int(db_i64(rows, 2))};
        *vec_push(cx->mem, out) = val_map(pairs, 3);
        *moved += db_i64(rows, 2);
    }
}

static Err *first_moves(Ctx *cx, const Claims *rules, Vals *out)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT x.id, x.source, x.target");
    TRY(add_moves(cx, &q, rules));
    sql_text(&q, " ORDER BY x.amount IS NULL, x.amount DESC, x.id LIMIT ");
    sql_i64(&q, SHOWN);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        ValPair *pairs = NEW_N(cx->mem, ValPair, 3);
        pairs[0] = (ValPair){val_text(S("account")), ref_or_null(cx, "account", db_val(rows, 0))};
        pairs[1] = (ValPair){val_text(S("from")), ref_or_null(cx, "territory", db_val(rows, 1))};
        pairs[2] = (ValPair){val_text(S("to")), ref_or_null(cx, "territory", db_val(rows, 2))};
        *vec_push(cx->mem, out) = val_map(pairs, 3);
    }
}

Err *territory_preview(Ctx *cx, const Val *args, Val *out)
{
    ValPair *pairs = NEW_N(cx->mem, ValPair, 4);
    Vals groups = {0}, moves = {0};
    Claims rules = {0};
    int64_t day = 0, moved = 0;

    TRY(may_move(cx));
    TRY(day_of(cx, args, &day));
    TRY(territory_rules(cx, day, &rules));
    TRY(summary(cx, &rules, &groups, &moved));
    TRY(first_moves(cx, &rules, &moves));
    pairs[0] = (ValPair){val_text(S("day")), val_date(day)};
    pairs[1] = (ValPair){val_text(S("moved")), val_int(moved)};
    pairs[2] = (ValPair){val_text(S("summary")), val_list(groups.p, groups.n)};
    pairs[3] = (ValPair){val_text(S("data")), val_list(moves.p, moves.n)};
    *out = val_map(pairs, 4);
    return NULL;
}

Err *territory_apply(Ctx *cx, const Val *args, Val *out)
{
    Id batch = id_new(cx->now), job = 0;
    ValPair pairs[] = {{val_text(S("user")), val_id(cx->actor->user)}, {val_text(S("batch")), val_id(batch)}};

    (void)args;
    TRY(may_move(cx));
    TRY(job_add(cx, S("territory.assign"), val_map(pairs, 2), cx->now, &job));
    *out = val_id(job);
    return NULL;
}

/* --- the job --------------------------------------------------------------------------------------------------------- */

typedef struct Assign {
    Store *store;
    Arena *tmp;
    Id user, batch, after;
    int64_t total, done;
    bool is_end;
} Assign;

static Err *begin(Assign *a, DbConn *c, Ctx *cx, Claims *rules)
{
    *cx = ctx_system(a->store, a->tmp, c);
    if (a->user) {
        Actor *actor;
        TRY(actor_of_user(cx, a->user, &actor));
        cx->actor = actor;
        cx->channel = CHANNEL_WEB;
    }
    cx->batch = a->batch;
    return territory_rules(cx, zone_date(a->store->company->zone, cx->now), rules);
}

static Err *count_moves(DbConn *c, void *arg)
{
    Assign *a = arg;
    Claims rules = {0};
    Vals groups = {0};
    Ctx cx;

    TRY(begin(a, c, &cx, &rules));
    return summary(&cx, &rules, &groups, &a->total);
}

/* Whoever no longer differs when his turn comes is left alone by the write itself. */
static Err *move_some(DbConn *c, void *arg)
{
    Assign *a = arg;
    Claims rules = {0};
    DbRows *rows;
    bool has;
    Ctx cx;

    TRY(begin(a, c, &cx, &rules));
    Sql q = sql_new(cx.mem);
    sql_text(&q, "SELECT x.id, x.target");
    TRY(add_moves(&cx, &q, &rules));
    sql_text(&q, " AND x.id > ");
    sql_bind(&q, val_int(a->after));
    sql_text(&q, " ORDER BY x.id LIMIT ");
    sql_i64(&q, CHUNK);
    TRY(sql_query(cx.mem, cx.db, &q, &rows));
    VEC(Id) ids = {0};
    VEC(Val) targets = {0};
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx.mem, &ids) = db_i64(rows, 0);
        *vec_push(cx.mem, &targets) = db_val(rows, 1);
    }
    const Object *account = meta_object(cx.meta, S("account"));
    cx.may_write_readonly = true;
    for (size_t i = 0; i < ids.n; i++) {
        Record *rec = record_new(cx.mem, account);
        rec->id = ids.p[i];
        record_set(rec, "territory", ref_or_null(&cx, "territory", targets.p[i]));
        TRY(record_update(&cx, rec, NULL));
    }
    a->is_end = ids.n < CHUNK;
    if (ids.n) a->after = ids.p[ids.n - 1];
    a->done += (int64_t)ids.n;
    return NULL;
}

static Err *in_unit(Assign *a, Arena *mem, DbWork work, bool is_read)
{
    a->tmp = arena_new(0);
    Err *e = is_read ? job_read(a->store, a->tmp, work, a) : job_unit(a->store, a->tmp, work, a);
    if (e) e = err_copy(mem, e);
    arena_free(a->tmp);
    return e;
}

static Id id_of(const Val *arg, Str name)
{
    const Val *v = val_get(arg, name);
    Id id = 0;

    return v && v->kind == VAL_TEXT && id_parse(val_str(*v), &id) ? id : 0;
}

Err *territory_assign(Store *store, Arena *mem, Id job, const Val *arg)
{
    Assign a = {.store = store, .user = id_of(arg, S("user")), .batch = id_of(arg, S("batch"))};

    if (!a.batch) a.batch = id_new(store_now(store));
    TRY(in_unit(&a, mem, count_moves, true));
    while (!a.is_end) {
        TRY(in_unit(&a, mem, move_some, false));
        TRY(job_progress(store, mem, job, a.done, a.total));
    }
    ValPair moved = {val_text(S("moved")), val_int(a.done)};
    return job_result(store, mem, job, val_map(&moved, 1));
}
