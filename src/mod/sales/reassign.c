/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An assignment rule applied to leads that came before it: those of some days that are still new and unanswered, for which it
   is the first rule that fits.  Each is given as a new one would be, in one batch, which is taken back as one. */
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "core/job.h"
#include "core/session.h"
#include "core/store.h"
#include "mod/sales/assign.h"
#include "mod/sales/sales_impl.h"

#define CHUNK    100
#define MONTH_MS (INT64_C(30) * 86400000)

typedef struct Again {
    Store *store;
    Arena *mem, *chunk_mem;
    Id rule, user, batch;
    int64_t from, to;
    bool with_taken; /* also leads somebody has */
    Id *ids;
    size_t n, at;
    int64_t changed;
} Again;

static Str moment(Arena *mem, int64_t ms)
{
    return timestamp_text(mem, val_from_ms(ms));
}

static Err *find_leads(DbConn *c, void *arg)
{
    Again *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);
    Query q = {0};
    Str filter = str_fmt(run->mem,
                         "status == 'new' && answered_at == null && received_at >= timestamp('%.*s') && "
                         "received_at < timestamp('%.*s')%s",
                         SFMT(moment(run->mem, run->from)), SFMT(moment(run->mem, run->to)),
                         run->with_taken ? "" : " && owner == null");

    TRY(query_parse(&cx, meta_object(cx.meta, S("lead")), filter, S("received_at"), &q));
    return record_ids(&cx, &q, 0, &run->ids, &run->n);
}

/* The first rule the lead meets, or NULL. */
static Err *rule_for(Ctx *cx, AssignRule *rules, size_t n, const Record *lead, AssignRule **out)
{
    bool fits = false;

    *out = NULL;
    for (size_t i = 0; i < n && !fits; i++) {
        TRY(assign_meets(cx, &rules[i], lead, &fits));
        if (fits) *out = &rules[i];
    }
    return NULL;
}

static bool is_waiting(const Again *run, const Record *lead)
{
    return val_is_null(record_get_val(lead, "answered_at")) && str_eq(text_in(lead, "status"), S("new")) &&
           (run->with_taken || val_is_null(lead->vals[SYS_OWNER]));
}

static Err *give_again(Again *run, Ctx *cx, AssignRule *rules, size_t n, Id id)
{
    Ctx system = ctx_as_system(cx);
    Record *lead = NULL;
    AssignRule *rule = NULL;
    bool is_given = false;

    Err *e = record_get(&system, meta_object(cx->meta, S("lead")), id, READ_LOCK, &lead);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    if (!is_waiting(run, lead)) return NULL;
    TRY(rule_for(cx, rules, n, lead, &rule));
    if (!rule || rule->id != run->rule) return NULL;
    Record *next = record_new(cx->mem, lead->obj);
    next->id = id;
    record_set(next, "assignments", record_get_val(lead, "assignments"));
    TRY(assign_give(cx, rule, 0, next, &is_given));
    if (!is_given || val_same(next->vals[SYS_OWNER], lead->vals[SYS_OWNER])) return NULL;
    run->changed++;
    cx->may_write_readonly = true;
    return record_update(cx, next, NULL);
}

static Err *give_chunk(DbConn *c, void *arg)
{
    Again *run = arg;
    Ctx cx = ctx_system(run->store, run->chunk_mem, c);
    AssignRule *rules = NULL;
    Actor *actor = NULL;
    size_t n = 0;
    int64_t changed = run->changed;

    if (run->user) TRY(actor_of_user(&cx, run->user, &actor));
    if (actor) cx.actor = actor;
    if (actor) cx.channel = CHANNEL_WEB;
    cx.batch = run->batch;
    TRY(assign_rules(&cx, run->rule, 0, &rules, &n));
    for (size_t i = run->at; i < run->n && i < run->at + CHUNK; i++) {
        Err *e = give_again(run, &cx, rules, n, run->ids[i]);
        if (e) run->changed = changed; /* the unit begins anew or fails */
        if (e) return e;
    }
    return NULL;
}

static Id id_in(const Val *arg, Str name)
{
    const Val *v = val_get(arg, name);
    Id id = 0;

    return v && v->kind == VAL_TEXT && id_parse(val_str(*v), &id) ? id : 0;
}

static int64_t number_in(const Val *arg, Str name)
{
    const Val *v = val_get(arg, name);

    return v && v->kind == VAL_INT ? v->i : 0;
}

Err *assignment_reassign(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *taken = val_get(arg, S("taken"));
    Again run = {.store = store,
                 .mem = mem,
                 .rule = id_in(arg, S("rule")),
                 .user = id_in(arg, S("user")),
                 .batch = id_in(arg, S("batch")),
                 .from = number_in(arg, S("from")),
                 .to = number_in(arg, S("to")),
                 .with_taken = taken && taken->kind == VAL_BOOL && taken->b};

    TRY(job_read(store, mem, find_leads, &run));
    for (; run.at < run.n; run.at += CHUNK) {
        run.chunk_mem = arena_new(LIMIT_REQUEST_MEM);
        Err *e = job_unit(store, run.chunk_mem, give_chunk, &run);
        if (e) e = err_copy(mem, e);
        arena_free(run.chunk_mem);
        if (e) return e;
        TRY(job_progress(store, mem, job, (int64_t)(run.at + CHUNK < run.n ? run.at + CHUNK : run.n),
                         (int64_t)run.n));
    }
    ValPair pairs[] = {{val_text(S("leads")), val_int((int64_t)run.n)},
                       {val_text(S("changed")), val_int(run.changed)},
                       {val_text(S("batch")), val_id(run.batch)}};
    return job_result(store, mem, job, val_map(pairs, 3));
}

Err *assignment_rule_reassign(Ctx *cx, Record *rule, const Val *params, Val *out)
{
    Str zone = cx->store->company->zone;
    int64_t to = val_is_null(params[1]) ? cx->now + 1 : zone_day_start(zone, params[1].i + 1);
    int64_t from = val_is_null(params[0]) ? to - MONTH_MS : zone_day_start(zone, params[0].i);
    ValPair pairs[] = {{val_text(S("rule")), val_id(rule->id)},
                       {val_text(S("user")), cx->actor->user ? val_id(cx->actor->user) : val_null()},
                       {val_text(S("batch")), val_id(id_new(cx->now))},
                       {val_text(S("from")), val_int(from)},
                       {val_text(S("to")), val_int(to)},
                       {val_text(S("taken")), params[2].kind == VAL_BOOL ? params[2] : val_bool(false)}};
    ValPair *reply = NEW(cx->mem, ValPair);
    Id job = 0;

    if (to <= from) FAIL_FIELD(cx->mem, S("to"), "error.assign.period", "the period ends before it begins");
    TRY(job_add(cx, S("sales.apply_rule"), val_map(pairs, sizeof pairs / sizeof *pairs), cx->now, &job));
    *reply = (ValPair){val_text(S("operation")), val_id(job)};
    *out = val_map(reply, 1);
    return NULL;
}
