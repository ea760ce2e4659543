/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What assignment rules would have done: the leads of a time that is over, one after another, each at the moment it came, with
   the rules that are switched on and the one that is looked at.  Nothing is written.  Turns begin anew; of open leads only
   those given out in the simulation are counted, for who had what on each day is no more known to it than to anybody. */
#include "base/text.h"
#include "base/time.h"
#include "core/job.h"
#include "core/store.h"
#include "mod/sales/assign.h"
#include "mod/sales/sales_impl.h"

#define LEADS_MAX   50000
#define PAGE_LEADS  500
#define SAMPLES_MAX 20
#define MONTH_MS    (INT64_C(30) * 86400000)

typedef struct Simulation {
    Store *store;
    Arena *mem;
    Id rule;
    Lang lang; /* of who asked */
    int64_t from, to;
    Val result;
    AssignRule *rules;
    size_t n_rules;
    int64_t leads, changed, unmatched, unassigned;
    VEC(Val) samples;
} Simulation;

/* --- counting -------------------------------------------------------------------------------------------------------- */

static ValPair pair(const char *key, Val v)
{
    return (ValPair){val_text(str_c(key)), v};
}

static Val map_of(Arena *mem, const ValPair *pairs, size_t n)
{
    ValPair *own = NEW_N(mem, ValPair, n);

    for (size_t i = 0; i < n; i++) own[i] = pairs[i];
    return val_map(own, n);
}

static Val named(Arena *mem, const char *object, Id id, Str label)
{
    ValPair pairs[] = {pair("object", val_text(str_c(object))), pair("id", val_id(id)),
                       pair("label", val_text(label))};

    return id ? map_of(mem, pairs, 3) : val_null();
}

static void sample(Simulation *s, const Record *lead, const AssignChoice *choice, Str why)
{
    Val was = lead->vals[SYS_OWNER];
    ValPair pairs[] = {pair("lead", named(s->mem, "lead", lead->id, str_copy(s->mem, lead->label))),
                       pair("was", val_is_null(was) ? val_null() : val_id(was.i)),
                       pair("would_be", named(s->mem, "user", choice->member->user, choice->member->name)),
                       pair("why", val_text(str_copy(s->mem, why)))};

    if (s->samples.n < SAMPLES_MAX) *vec_push(s->mem, &s->samples) = map_of(s->mem, pairs, 4);
}

static Err *replay(Simulation *s, Ctx *cx, const Record *lead)
{
    Val came = record_get_val(lead, "received_at"), was = lead->vals[SYS_OWNER];
    AssignChoice choice = {0};
    bool fits = false, is_met = false;

    s->leads++;
    for (size_t i = 0; i < s->n_rules && !choice.member; i++) {
        TRY(assign_meets(cx, &s->rules[i], lead, &fits));
        if (!fits) continue;
        is_met = true;
        s->rules[i].matched++;
        TRY(assign_choose(cx, &s->rules[i], val_ms(came), 0, &choice));
    }
    s->unmatched += !is_met;
    s->unassigned += !choice.member;
    if (!choice.member) return NULL;
    choice.member->got++;
    choice.member->open++;
    if (!val_is_null(was) && was.i == choice.member->user) return NULL;
    s->changed++;
    sample(s, lead, &choice, assign_why(cx, &choice, s->lang));
    return NULL;
}

/* --- the leads ------------------------------------------------------------------------------------------------------- */

static Str moment(Arena *mem, int64_t ms)
{
    return timestamp_text(mem, val_from_ms(ms));
}

/* A lead as the rules saw it: without a responsible person. */
static Err *replay_page(Simulation *s, Ctx *cx, Str token, Str *next)
{
    Query q = {.limit = PAGE_LEADS, .page_token = token};
    Page page = {0};
    Str filter = str_fmt(cx->mem, "received_at >= timestamp('%.*s') && received_at < timestamp('%.*s')",
                         SFMT(moment(cx->mem, s->from)), SFMT(moment(cx->mem, s->to)));

    TRY(query_parse(cx, meta_object(cx->meta, S("lead")), filter, S("received_at"), &q));
    TRY(record_list(cx, &q, &page));
    for (size_t i = 0; i < page.n; i++) TRY(replay(s, cx, page.recs[i]));
    *next = page.next_token;
    return NULL;
}

static Val people_of(Simulation *s, const AssignRule *rule)
{
    Val *list = NEW_N(s->mem, Val, rule->n + 1);
    size_t n = 0;

    for (size_t i = 0; i <= rule->n; i++) {
        const AssignMember *m = i < rule->n ? &rule->members[i] : &rule->fallback;
        ValPair pairs[] = {pair("user", named(s->mem, "user", m->user, m->name)),
                           pair("count", val_int(m->got)), pair("is_fallback", val_bool(i == rule->n))};
        if (m->user) list[n++] = map_of(s->mem, pairs, 3);
    }
    return val_list(list, n);
}

static Val result_of(Simulation *s)
{
    Val *rules = NEW_N(s->mem, Val, s->n_rules);

    for (size_t i = 0; i < s->n_rules; i++) {
        const AssignRule *r = &s->rules[i];
        ValPair pairs[] = {pair("rule", named(s->mem, "assignment_rule", r->id, r->name)),
                           pair("matched", val_int(r->matched)), pair("people", people_of(s, r))};
        rules[i] = map_of(s->mem, pairs, 3);
    }
    ValPair pairs[] = {
        pair("from", val_from_ms(s->from)),         pair("to", val_from_ms(s->to)),
        pair("leads", val_int(s->leads)),           pair("changed", val_int(s->changed)),
        pair("unmatched", val_int(s->unmatched)),   pair("unassigned", val_int(s->unassigned)),
        pair("rules", val_list(rules, s->n_rules)), pair("samples", val_list(s->samples.p, s->samples.n))};
    return map_of(s->mem, pairs, sizeof pairs / sizeof *pairs);
}

static Err *simulate(DbConn *c, void *arg)
{
    Simulation *s = arg;
    Ctx cx = ctx_system(s->store, s->mem, c);
    Str token = {0};

    TRY(assign_rules(&cx, s->rule, 0, &s->rules, &s->n_rules));
    do TRY(replay_page(s, &cx, token, &token));
    while (token.n && s->leads < LEADS_MAX);
    s->result = result_of(s);
    return NULL;
}

Err *assignment_simulate(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *rule = val_get(arg, S("rule")), *from = val_get(arg, S("from")), *to = val_get(arg, S("to")),
              *lang = val_get(arg, S("lang"));
    Simulation s = {.store = store, .mem = mem};

    if (!rule || !from || !to || from->kind != VAL_INT || to->kind != VAL_INT ||
        !id_parse(val_str(*rule), &s.rule))
        FAIL(mem, ERR_INVALID, "error.job.run", "argument of a simulation");
    if (lang && lang->kind == VAL_TEXT) s.lang = lang_from(val_str(*lang));
    s.from = from->i;
    s.to = to->i;
    TRY(job_read(store, mem, simulate, &s));
    return job_result(store, mem, job, s.result);
}

/* --- the action ------------------------------------------------------------------------------------------------------ */

Err *assignment_rule_simulate(Ctx *cx, Record *rule, const Val *params, Val *out)
{
    Str zone = cx->store->company->zone;
    int64_t to = val_is_null(params[1]) ? cx->now : zone_day_start(zone, params[1].i + 1);
    int64_t from = val_is_null(params[0]) ? to - MONTH_MS : zone_day_start(zone, params[0].i);
    ValPair pairs[] = {pair("rule", val_id(rule->id)), pair("from", val_int(from)), pair("to", val_int(to)),
                       pair("lang", val_text(lang_code(cx->actor->lang)))};
    ValPair *reply = NEW_N(cx->mem, ValPair, 1);
    Id job = 0;

    if (to <= from) FAIL_FIELD(cx->mem, S("to"), "error.assign.period", "the period ends before it begins");
    TRY(job_add(cx, S("sales.simulate"), val_map(pairs, 4), cx->now, &job));
    reply[0] = pair("operation", val_id(job));
    *out = val_map(reply, 1);
    return NULL;
}
