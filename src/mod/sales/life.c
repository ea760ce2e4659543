/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a customer: its phase and its step on the ladder from neutral buyer to partner, by rules in CEL.  They are asked when the account
   is written, soon after an order or a deal of it has changed, and every night, because time alone moves customers too.  What is chosen by
   hand is locked and stays until somebody unlocks it.  What the job moves is a derived change, like a roll-up: it stands in the log and in
   the past of the account, and neither hinders an undo nor whoever is editing. */
#include "mod/sales/sales_impl.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "core/compile.h"
#include "core/query_impl.h"
#include "core/rights.h"
#include "core/store.h"
#include "core/write.h"
#include "mod/sales/forecast.h"

#include <stdlib.h>

#define CHUNK  100
#define MONTHS 12

static const char *const FIELDS[] = {"phase", "ladder"};
enum { N_FIELDS = 2 };

typedef struct LifeRule {
    CelNode *condition;
    Str to[N_FIELDS]; /* empty: says nothing of it */
} LifeRule;

typedef VEC(LifeRule) LifeRules;

/* --- rules ----------------------------------------------------------------------------------------------------------- */

static Err *parse(Ctx *cx, Str text, CelNode **out)
{
    CelEnv env = object_cel_env(meta_object(cx->meta, S("account")));

    TRY(cel_parse(cx->mem, text, out));
    return cel_check(cx->mem, &env, *out, &cel_bool);
}

static Err *read_rules(Ctx *cx, LifeRules *out)
{
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT condition, COALESCE(phase, ''), COALESCE(ladder, '') FROM \"life_rule\" WHERE deleted_at IS "
          "NULL AND is_active = 1 ORDER BY position, id LIMIT 200"),
        NULL, 0, &rows));
    for (;;) {
        LifeRule rule = {0};
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        for (size_t i = 0; i < N_FIELDS; i++) rule.to[i] = str_copy(cx->mem, db_str(rows, i + 1));
        Err *e = parse(cx, str_copy(cx->mem, db_str(rows, 0)), &rule.condition);
        if (!e) *vec_push(cx->mem, out) = rule; /* a field of the others has gone since */
    }
}

/* It is asked of one account in memory and of all in the database. */
Err *life_rule_before(Ctx *cx, Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    Query q = {0};

    if (!sales_changed(rec, before, "condition")) return NULL;
    Err *e =
        query_parse(&system, meta_object(cx->meta, S("account")), text_in(rec, "condition"), (Str){0}, &q);
    return e ? err_field(e, S("condition")) : NULL;
}

Err *life_rule_after(Ctx *cx, Record *rec, const Record *before)
{
    (void)rec;
    (void)before;
    return job_add(cx, S("sales.life"), val_map(NULL, 0), cx->now, NULL);
}

/* --- one account ----------------------------------------------------------------------------------------------------- */

static Err *apply_rules(Ctx *cx, Record *account, const LifeRules *rules)
{
    Ctx system = ctx_as_system(cx);
    RecordScope inner = {&system, account};
    CelScope scope = record_scope(&inner);
    bool is_set[N_FIELDS] = {false};

    for (size_t i = 0; i < rules->n && !(is_set[0] && is_set[1]); i++) {
        const LifeRule *r = &rules->p[i];
        Val v = {0};
        Err *e = cel_eval(cx->mem, r->condition, &scope, &v);
        if (e || v.kind != VAL_BOOL || !v.b) continue; /* what errs does not hold */
        for (size_t k = 0; k < N_FIELDS; k++) {
            if (is_set[k] || !r->to[k].n) continue;
            record_set(account, FIELDS[k], val_text(r->to[k]));
            is_set[k] = true;
        }
    }
    return NULL;
}

static bool is_locked(const Record *account)
{
    Val v = record_get_val(account, "life_locked");

    return v.kind == VAL_BOOL && v.b;
}

static void note_day(Ctx *cx, Record *rec, const Record *before)
{
    if (sales_changed(rec, before, "phase")) record_set(rec, "phase_since", val_date(sales_today(cx)));
}

/* What is given by a person, or comes with an import, is meant to stay. */
static bool is_chosen(const Record *rec, const Record *before)
{
    bool is_chosen = false;

    for (size_t i = 0; i < N_FIELDS; i++) {
        const Field *f = object_field(rec->obj, str_c(FIELDS[i]));
        is_chosen = is_chosen || (rec->is_set[f->index] && !val_is_null(rec->vals[f->index]) &&
                                  sales_changed(rec, before, FIELDS[i]));
    }
    return is_chosen;
}

Err *life_of_account(Ctx *cx, Record *rec, const Record *before)
{
    const Field *lock = object_field(rec->obj, S("life_locked"));
    LifeRules rules = {0};

    if (is_chosen(rec, before) && !rec->is_set[lock->index]) record_set(rec, "life_locked", val_bool(true));
    if (!is_locked(rec)) {
        TRY(read_rules(cx, &rules));
        TRY(apply_rules(cx, rec, &rules));
    }
    note_day(cx, rec, before);
    return NULL;
}

/* An order or a deal may move its customer: soon, and not in this transaction, where its sums are not known yet. */
Err *life_note(Ctx *cx, Record *rec, const Record *before)
{
    const char *state = str_eq(rec->obj->name, S("deal")) ? "category" : "status";
    Val account = record_get_val(rec, "account");

    if (cx->is_quiet || val_is_null(account)) return NULL;
    if (!sales_changed(rec, before, state) && !sales_changed(rec, before, "account")) return NULL;
    ValPair pair = {val_text(S("account")), val_id(account.i)};
    return job_add(cx, S("sales.life"), val_map(&pair, 1), cx->now, NULL);
}

/* --- all of them ----------------------------------------------------------------------------------------------------- */

typedef struct Life {
    Store *store;
    Arena *mem, *chunk_mem;
    VEC(Id) ids;
    size_t at;
} Life;

static Err *add_case(Ctx *cx, Sql *q, const LifeRules *rules, size_t field)
{
    const Object *account = meta_object(cx->meta, S("account"));
    bool has = false;

    for (size_t i = 0; i < rules->n; i++) {
        if (!rules->p[i].to[field].n) continue;
        if (!has) sql_text(q, "CASE");
        sql_text(q, " WHEN ");
        TRY(compile_filter(cx, q, account, 0, rules->p[i].condition, false));
        sql_text(q, " THEN ");
        sql_bind(q, val_text(rules->p[i].to[field]));
        has = true;
    }
    if (has) sql_text(q, " ELSE ");
    sql_text(q, "t0.");
    sql_ident(q, str_c(FIELDS[field]));
    if (has) sql_text(q, " END");
    return NULL;
}

/* Accounts that the rules would have elsewhere: the database finds them. */
static Err *find_moved(DbConn *c, void *arg)
{
    Life *life = arg;
    Ctx cx = ctx_system(life->store, life->mem, c);
    Sql q = sql_new(life->mem);
    LifeRules rules = {0};
    DbRows *rows = NULL;
    bool has = false;

    TRY(read_rules(&cx, &rules));
    sql_text(&q, "SELECT x.id FROM (SELECT t0.id AS id, t0.phase AS phase, t0.ladder AS ladder, ");
    TRY(add_case(&cx, &q, &rules, 0));
    sql_text(&q, " AS to_phase, ");
    TRY(add_case(&cx, &q, &rules, 1));
    sql_text(
        &q,
        " AS to_ladder FROM \"account\" t0 WHERE t0.deleted_at IS NULL AND t0.life_locked IS DISTINCT FROM 1) "
        "x WHERE x.phase IS DISTINCT FROM x.to_phase OR x.ladder IS DISTINCT FROM x.to_ladder ORDER BY x.id");
    TRY(sql_query(life->mem, c, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        *vec_push(life->mem, &life->ids) = db_i64(rows, 0);
    }
}

static Err *move_one(Ctx *cx, Id id, const LifeRules *rules)
{
    const Object *obj = meta_object(cx->meta, S("account"));
    Record *stored = NULL;

    Err *e = record_get(cx, obj, id, READ_LOCK, &stored);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    if (is_locked(stored)) return goals_refresh(cx, stored);
    Record *next = record_copy(cx->mem, stored);
    TRY(apply_rules(cx, next, rules));
    note_day(cx, next, stored);
    TRY(write_derived(cx, stored, next));
    return goals_refresh(cx, next);
}

static Err *move_chunk(DbConn *c, void *arg)
{
    Life *life = arg;
    Ctx cx = ctx_system(life->store, life->chunk_mem, c);
    LifeRules rules = {0};

    cx.batch = id_new(cx.now);
    TRY(read_rules(&cx, &rules));
    for (size_t i = life->at; i < life->ids.n && i < life->at + CHUNK; i++)
        TRY(move_one(&cx, life->ids.p[i], &rules));
    return NULL;
}

static Err *tomorrow(DbConn *c, void *arg)
{
    Life *life = arg;
    Ctx cx = ctx_system(life->store, life->mem, c);

    return sales_again(&cx, S("sales.life"));
}

Err *life_move(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *one = val_get(arg, S("account"));
    Life life = {.store = store, .mem = mem};
    Id id = 0;

    if (one && one->kind == VAL_TEXT && id_parse(val_str(*one), &id))
        *vec_push(mem, &life.ids) = id;
    else
        TRY(job_read(store, mem, find_moved, &life));
    for (; life.at < life.ids.n; life.at += CHUNK) {
        life.chunk_mem = arena_new(LIMIT_REQUEST_MEM);
        Err *e = job_unit(store, life.chunk_mem, move_chunk, &life);
        if (e) e = err_copy(mem, e);
        arena_free(life.chunk_mem);
        if (e) return e;
        TRY(job_progress(store, mem, job, (int64_t)life.at, (int64_t)life.ids.n));
    }
    return id ? NULL : job_unit(store, mem, tomorrow, &life);
}

/* --- the flow -------------------------------------------------------------------------------------------------------- */

typedef struct Move {
    int64_t month; /* 12 * year + month - 1 */
    Str from, to;
    int64_t count;
} Move;

typedef VEC(Move) Moves;

static void add_move(Ctx *cx, Moves *moves, int64_t month, Str from, Str to)
{
    for (size_t i = 0; i < moves->n; i++) {
        Move *m = &moves->p[i];
        if (m->month != month || !str_eq(m->from, from) || !str_eq(m->to, to)) continue;
        m->count++;
        return;
    }
    *vec_push(cx->mem, moves) = (Move){month, str_copy(cx->mem, from), str_copy(cx->mem, to), 1};
}

/* A row that was replaced and the one that came in its place, where they differ in the field. */
static Err *read_moves(Ctx *cx, Str field, int64_t from, Moves *out)
{
    const Object *account = meta_object(cx->meta, S("account"));
    Sql q = sql_new(cx->mem);
    DbRows *rows = NULL;
    bool has = false;

    sql_text(&q, "SELECT p.valid_until, p.");
    sql_ident(&q, field);
    sql_text(&q, ", n.");
    sql_ident(&q, field);
    sql_text(
        &q,
        " FROM \"account_past\" p JOIN \"account\" t0 ON t0.id = p.id JOIN (SELECT id, valid_from, phase, ladder "
        "FROM \"account_past\" UNION ALL SELECT id, valid_from, phase, ladder FROM \"account\") n ON n.id = p.id "
        "AND n.valid_from = p.valid_until WHERE t0.deleted_at IS NULL AND p.valid_until >= ");
    sql_bind(&q, val_int(from));
    sql_text(&q, " AND n.");
    sql_ident(&q, field);
    sql_text(&q, " IS DISTINCT FROM p.");
    sql_ident(&q, field);
    TRY(rights_where(cx, &q, account, 0, VERB_READ));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        CivilDate d = date_to_civil(zone_date(cx->store->company->zone, db_i64(rows, 0)));
        add_move(cx, out, 12 * (int64_t)d.year + d.month - 1, db_str(rows, 1), db_str(rows, 2));
    }
}

static int by_month(const void *a, const void *b)
{
    const Move *x = a, *y = b;

    if (x->month != y->month) return x->month < y->month ? -1 : 1;
    return (x->count < y->count) - (x->count > y->count);
}

static Val text_or_null(Str s)
{
    return s.n ? val_text(s) : val_null();
}

static Val month_val(Arena *mem, int64_t month)
{
    return val_text(str_fmt(mem, "%04d-%02d", (int)(month / 12), (int)(month % 12) + 1));
}

Err *life_flow(Ctx *cx, const Val *args, Val *out)
{
    const Object *account = meta_object(cx->meta, S("account"));
    Str by = forecast_arg(args, "by");
    Field *f = NULL;
    Moves moves = {0};

    if (!by.n) by = S("phase");
    if (!str_eq(by, S("phase")) && !str_eq(by, S("ladder")))
        FAIL_FIELD(cx->mem, S("by"), "error.group", "%.*s", SFMT(by));
    if (!rights_may(cx, account, VERB_READ))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to read accounts");
    TRY(query_field(cx, account, by, "by", &f));
    CivilDate today = date_to_civil(sales_today(cx));
    int64_t last = 12 * (int64_t)today.year + today.month - 1, first = last - MONTHS + 1;
    int64_t day = date_from_civil((int)(first / 12), (int)(first % 12) + 1, 1);
    TRY(read_moves(cx, by, zone_day_start(cx->store->company->zone, day), &moves));
    if (moves.n) qsort(moves.p, moves.n, sizeof *moves.p, by_month);
    Val *rows = NEW_N(cx->mem, Val, moves.n + 1), *months = NEW_N(cx->mem, Val, MONTHS);
    for (size_t i = 0; i < MONTHS; i++) months[i] = month_val(cx->mem, first + (int64_t)i);
    for (size_t i = 0; i < moves.n; i++) {
        const Move *m = &moves.p[i];
        ValPair *pairs = NEW_N(cx->mem, ValPair, 4);
        pairs[0] = (ValPair){val_text(S("month")), month_val(cx->mem, m->month)};
        pairs[1] = (ValPair){val_text(S("from")), text_or_null(m->from)};
        pairs[2] = (ValPair){val_text(S("to")), text_or_null(m->to)};
        pairs[3] = (ValPair){val_text(S("count")), val_int(m->count)};
        rows[i] = val_map(pairs, 4);
    }
    ValPair *reply = NEW_N(cx->mem, ValPair, 3);
    reply[0] = (ValPair){val_text(S("by")), val_text(by)};
    reply[1] = (ValPair){val_text(S("months")), val_list(months, MONTHS)};
    reply[2] = (ValPair){val_text(S("data")), val_list(rows, moves.n)};
    *out = val_map(reply, 3);
    return NULL;
}
