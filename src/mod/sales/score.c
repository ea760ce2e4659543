/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores of leads: the points of the rules that are true of it, each halved every so many days where the rule says so, and
   how much of the fit rules it meets as a grade.  Kept with every write of the lead; when a rule changes, and every night
   while a rule fades, a job goes through all of them and writes those that differ, as derived changes. */
#include "base/limits.h"
#include "base/text.h"
#include "core/compile.h"
#include "core/rights.h"
#include "core/store.h"
#include "core/write.h"
#include "mod/sales/sales_impl.h"

#include <math.h>

#define DAY_MS  INT64_C(86400000)
#define CHUNK   500
#define REASONS 3

typedef struct ScoreRule {
    Str name;
    CelNode *condition;
    int64_t points, half_life;
    Str since;
    bool is_fit;
} ScoreRule;

typedef struct ScoreRules {
    ScoreRule *p;
    size_t n;
    int64_t best_fit; /* points of all fit rules that give some */
    bool fades;
} ScoreRules;

/* --- rules ----------------------------------------------------------------------------------------------------------- */

static Err *take_rule(Ctx *cx, const DbRows *rows, ScoreRules *out)
{
    ScoreRule r = {.name = str_copy(cx->mem, db_str(rows, 0)),
                   .points = db_i64(rows, 2),
                   .half_life = db_i64(rows, 3),
                   .since = str_copy(cx->mem, db_str(rows, 4)),
                   .is_fit = str_eq(db_str(rows, 5), S("fit"))};

    Err *e = assign_condition(cx, str_copy(cx->mem, db_str(rows, 1)), &r.condition);
    if (e || !r.condition) return NULL; /* of a field that is no more */
    out->p = arena_grow(cx->mem, out->p, out->n * sizeof r, (out->n + 1) * sizeof r);
    out->p[out->n++] = r;
    if (r.is_fit && r.points > 0) out->best_fit += r.points;
    out->fades = out->fades || (r.half_life > 0 && !r.is_fit);
    return NULL;
}

static Err *load_rules(Ctx *cx, ScoreRules *out)
{
    DbRows *rows = NULL;
    bool has = false;

    *out = (ScoreRules){0};
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT name, condition, points, half_life, decays_from, kind FROM \"score_rule\" WHERE "
                   "is_active = 1 AND deleted_at IS NULL ORDER BY position, id"),
                 NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        TRY(take_rule(cx, rows, out));
    }
}

/* --- one lead -------------------------------------------------------------------------------------------------------- */

typedef struct Reason {
    Str name;
    int64_t points;
} Reason;

static int64_t points_now(const ScoreRule *r, const Record *lead, int64_t now)
{
    if (!r->half_life) return r->points;
    const Field *f = object_field(lead->obj, r->since);
    Val since = f ? lead->vals[f->index] : val_null();
    if (since.kind != VAL_TIMESTAMP) return 0;
    double days = (double)(now - val_ms(since)) / (double)DAY_MS;
    return llround((double)r->points * exp2(-(days > 0 ? days : 0) / (double)r->half_life));
}

static Err *is_met(Ctx *cx, const ScoreRule *r, const Record *lead, bool *out)
{
    Ctx system = ctx_as_system(cx);
    RecordScope inner = {&system, lead};
    CelScope scope = record_scope(&inner);
    Val v = {0};

    Err *e = cel_eval(cx->mem, r->condition, &scope, &v);
    *out = !e && v.kind == VAL_BOOL && v.b;
    return e && e->code != ERR_INVALID && e->code != ERR_LIMIT ? e : NULL;
}

static int64_t size_of(int64_t points)
{
    return points < 0 ? -points : points;
}

/* The three that weigh most, in order. */
static void note_reason(Reason *top, Reason r)
{
    for (int i = 0; i < REASONS; i++)
        if (size_of(r.points) > size_of(top[i].points)) {
            Reason next = top[i];
            top[i] = r;
            r = next;
        }
}

static Val reasons_text(Arena *mem, const Reason *top)
{
    Buf b = buf_new(mem, 4000);

    for (int i = 0; i < REASONS && top[i].points; i++)
        buf_addf(&b, "%s%+lld %.*s", i ? "\n" : "", (long long)top[i].points, SFMT(top[i].name));
    return b.n ? val_text(buf_str(&b)) : val_null();
}

static Val grade_of(const ScoreRules *rules, int64_t fit)
{
    if (rules->best_fit <= 0) return val_null();
    int64_t quarters = fit * 4 / rules->best_fit;
    return val_text(quarters >= 3 ? S("A") : quarters >= 2 ? S("B") : quarters >= 1 ? S("C") : S("D"));
}

static Err *score_one(Ctx *cx, const ScoreRules *rules, Record *lead)
{
    Reason top[REASONS] = {0};
    int64_t score = 0, fit = 0;
    bool has_score = false, fits = false;

    for (size_t i = 0; i < rules->n; i++) {
        const ScoreRule *r = &rules->p[i];
        has_score = has_score || !r->is_fit;
        TRY(is_met(cx, r, lead, &fits));
        int64_t points = fits ? points_now(r, lead, cx->now) : 0;
        if (r->is_fit) {
            fit += points;
            continue;
        }
        score += points;
        note_reason(top, (Reason){r->name, points});
    }
    record_set(lead, "score", has_score ? val_int(score) : val_null());
    record_set(lead, "score_why", reasons_text(cx->mem, top));
    record_set(lead, "grade", grade_of(rules, fit));
    return NULL;
}

Err *lead_score(Ctx *cx, Record *lead)
{
    ScoreRules rules = {0};

    TRY(load_rules(cx, &rules));
    return score_one(cx, &rules, lead);
}

/* --- all of them ----------------------------------------------------------------------------------------------------- */

typedef struct Rescore {
    Store *store;
    Arena *mem, *chunk_mem;
    Id *ids;
    size_t n, at;
    bool fades;
} Rescore;

static Err *find_all(DbConn *c, void *arg)
{
    Rescore *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);
    Query q = {.obj = meta_object(cx.meta, S("lead"))};

    return record_ids(&cx, &q, 0, &run->ids, &run->n);
}

static bool differs(const Record *a, const Record *b)
{
    return !val_same(record_get_val(a, "score"), record_get_val(b, "score")) ||
           !val_same(record_get_val(a, "score_why"), record_get_val(b, "score_why")) ||
           !val_same(record_get_val(a, "grade"), record_get_val(b, "grade"));
}

static Err *rescore_id(Ctx *cx, const ScoreRules *rules, Id id)
{
    Record *stored = NULL;

    Err *e = record_get(cx, meta_object(cx->meta, S("lead")), id, READ_LOCK, &stored);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    Record *next = record_copy(cx->mem, stored);
    TRY(score_one(cx, rules, next));
    return differs(stored, next) ? write_derived(cx, stored, next) : NULL;
}

static Err *rescore_chunk(DbConn *c, void *arg)
{
    Rescore *run = arg;
    Ctx cx = ctx_system(run->store, run->chunk_mem, c);
    ScoreRules rules = {0};

    cx.batch = id_new(cx.now);
    TRY(load_rules(&cx, &rules));
    run->fades = rules.fades;
    for (size_t i = run->at; i < run->n && i < run->at + CHUNK; i++)
        TRY(rescore_id(&cx, &rules, run->ids[i]));
    return NULL;
}

Err *sales_again(Ctx *cx, Str kind)
{
    Str zone = cx->store->company->zone;
    int64_t due = zone_day_start(zone, zone_date(zone, cx->now) + 1);
    Val binds[] = {val_text(kind), val_int(due)}, v = {0};

    TRY(db_one(cx->mem, cx->db,
               S("SELECT COUNT(*) FROM job WHERE kind = ?1 AND state = 'waiting' AND due = ?2"), binds, 2,
               &v));
    return v.kind == VAL_INT && v.i ? NULL : job_add(cx, kind, val_map(NULL, 0), due, NULL);
}

static Err *again_tomorrow(DbConn *c, void *arg)
{
    Rescore *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);

    return sales_again(&cx, S("sales.rescore"));
}

Err *lead_rescore(Store *store, Arena *mem, Id job, const Val *arg)
{
    Rescore run = {.store = store, .mem = mem};

    (void)arg;
    TRY(job_read(store, mem, find_all, &run));
    for (; run.at < run.n; run.at += CHUNK) {
        run.chunk_mem = arena_new(LIMIT_REQUEST_MEM);
        Err *e = job_unit(store, run.chunk_mem, rescore_chunk, &run);
        if (e) e = err_copy(mem, e);
        arena_free(run.chunk_mem);
        if (e) return e;
        TRY(job_progress(store, mem, job, (int64_t)(run.at + CHUNK < run.n ? run.at + CHUNK : run.n),
                         (int64_t)run.n));
    }
    return run.fades ? job_unit(store, mem, again_tomorrow, &run) : NULL;
}

Err *score_rule_before(Ctx *cx, Record *rec, const Record *before)
{
    Val text = record_get_val(rec, "condition");
    CelNode *tree = NULL;

    if (!sales_changed(rec, before, "condition") || text.kind != VAL_TEXT) return NULL;
    Err *e = assign_condition(cx, val_str(text), &tree);
    return e ? err_field(e, S("condition")) : NULL;
}

Err *score_rule_after(Ctx *cx, Record *rec, const Record *before)
{
    (void)rec;
    (void)before;
    return job_add(cx, S("sales.rescore"), val_map(NULL, 0), cx->now, NULL);
}
