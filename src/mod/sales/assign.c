/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who gets a lead: rules in order, people of a rule in turn.  Turns follow the smooth weighted round robin (I. Sysoev, nginx):
   everybody who may adds his weight, the highest is chosen and pays the sum back, so that shares are exact and whoever was
   away is not flooded when he returns.  The turns of a rule stand in one row, written by each decision before the open leads are
   counted: two decisions at once collide there on PostgreSQL and the later is made again. */
#include "mod/sales/assign.h"

#include "base/text.h"
#include "core/compile.h"
#include "core/store.h"
#include "core/write.h"
#include "mod/sales/sales_impl.h"

/* --- reading rules --------------------------------------------------------------------------------------------------- */

static Str text_of(const Record *rec, const char *field)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_TEXT ? val_str(v) : (Str){0};
}

static int64_t number_of(const Record *rec, const char *field, int64_t otherwise)
{
    Val v = record_get_val(rec, field);

    return val_is_null(v) ? otherwise : v.i;
}

Err *assign_condition(Ctx *cx, Str text, CelNode **out)
{
    CelEnv env = object_cel_env(meta_object(cx->meta, S("lead")));

    *out = NULL;
    if (!str_trim(text).n) return NULL;
    TRY(cel_parse(cx->mem, text, out));
    return cel_check(cx->mem, &env, *out, &cel_bool);
}

static AssignHow how_of(Str s)
{
    return str_eq(s, S("user"))         ? ASSIGN_USER
           : str_eq(s, S("weighted"))   ? ASSIGN_WEIGHTED
           : str_eq(s, S("least_open")) ? ASSIGN_LEAST_OPEN
                                        : ASSIGN_ROUND_ROBIN;
}

/* Rows: id, name, is_active, own weight, weight in the rule. */
static Err *take_members(Ctx *cx, AssignRule *rule, DbRows *rows)
{
    VEC(AssignMember) list = {0};
    bool has = false;

    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        Val own = db_val(rows, 3), here = db_val(rows, 4);
        int64_t weight = val_is_null(here) ? (val_is_null(own) ? 1 : own.i) : here.i;
        *vec_push(cx->mem, &list) = (AssignMember){.user = db_i64(rows, 0),
                                                   .name = str_copy(cx->mem, db_str(rows, 1)),
                                                   .is_active = db_i64(rows, 2) == 1,
                                                   .weight = weight};
    }
    rule->members = list.p;
    rule->n = list.n;
    return NULL;
}

static Err *read_people(Ctx *cx, AssignRule *rule, Id team, Id person)
{
    Val binds[] = {val_int(rule->id), val_int(team), val_int(person)};
    DbRows *rows = NULL;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT u.id, u.name, u.is_active, u.lead_capacity, (SELECT MAX(m.weight) FROM \"assignment_member\" m "
          "WHERE m.rule = ?1 AND m.person = u.id AND m.deleted_at IS NULL) FROM \"user\" u WHERE u.deleted_at IS "
          "NULL AND (u.id = ?3 OR (?2 <> 0 AND u.team_id = ?2) OR EXISTS (SELECT 1 FROM \"assignment_member\" n "
          "WHERE n.rule = ?1 AND n.person = u.id AND n.deleted_at IS NULL)) ORDER BY u.name, u.id"),
        binds, 3, &rows));
    return take_members(cx, rule, rows);
}

static Err *read_fallback(Ctx *cx, AssignRule *rule, Id user)
{
    AssignRule one = {0};

    if (!user) return NULL;
    TRY(read_people(cx, &one, 0, user));
    if (one.n && one.members[0].is_active) rule->fallback = one.members[0];
    return NULL;
}

static Err *read_rule(Ctx *cx, const Record *rec, AssignRule *out)
{
    bool is_fixed;

    *out = (AssignRule){.id = rec->id, .name = text_of(rec, "name"), .how = how_of(text_of(rec, "how"))};
    is_fixed = out->how == ASSIGN_USER;
    Val only = record_get_val(rec, "only_working");
    out->only_working = only.kind == VAL_BOOL && only.b;
    out->reassign_after = number_of(rec, "reassign_after", 0);
    out->reassign_max = number_of(rec, "reassign_max", 3);
    Err *e = assign_condition(cx, text_of(rec, "condition"), &out->condition);
    if (e) return e;
    if (is_fixed) {
        AssignRule one = {0};
        TRY(read_people(cx, &one, 0, number_of(rec, "person", 0)));
        out->members = one.members;
        out->n = one.n;
    } else {
        TRY(read_people(cx, out, number_of(rec, "of_team", 0), 0));
    }
    return read_fallback(cx, out, number_of(rec, "fallback", 0));
}

Err *assign_rules(Ctx *cx, Id also, Id only, AssignRule **out, size_t *n)
{
    Ctx system = ctx_as_system(cx);
    Query q = {.limit = 200};
    Page page = {0};
    Id named = only ? only : also;
    Str is_named = named ? str_fmt(cx->mem, "id == '%.*s'", SFMT(id_text(cx->mem, named))) : (Str){0};
    Str what = only    ? is_named
               : named ? str_cat(cx->mem, is_named, S(" || is_active == true"))
                       : S("is_active == true");

    *n = 0;
    TRY(query_parse(&system, meta_object(cx->meta, S("assignment_rule")), what, S("position,name"), &q));
    TRY(record_list(&system, &q, &page));
    *out = NEW_N(cx->mem, AssignRule, page.n + 1);
    for (size_t i = 0; i < page.n; i++) TRY(read_rule(cx, page.recs[i], &(*out)[(*n)++]));
    return NULL;
}

Err *assign_meets(Ctx *cx, const AssignRule *rule, const Record *lead, bool *out)
{
    Ctx system = ctx_as_system(cx);
    RecordScope inner = {&system, lead};
    CelScope scope = record_scope(&inner);
    Val v = {0};

    *out = rule->condition == NULL;
    if (*out) return NULL;
    Err *e = cel_eval(cx->mem, rule->condition, &scope, &v);
    *out = !e && v.kind == VAL_BOOL && v.b; /* a condition that errs is not met */
    return e && e->code != ERR_INVALID && e->code != ERR_LIMIT ? e : NULL;
}

/* --- who may --------------------------------------------------------------------------------------------------------- */

static Err *look_at(Ctx *cx, const AssignRule *rule, AssignMember *m, int64_t at, Id excluded)
{
    m->out = !m->is_active                                ? OUT_INACTIVE
             : m->weight == 0 && rule->how != ASSIGN_USER ? OUT_NO_WEIGHT
             : m->user == excluded                        ? OUT_EXCLUDED
                                                          : OUT_NOT;
    if (m->out) return NULL;
    if (!m->has_calendar) TRY(calendar_of_user(cx, m->user, &m->calendar));
    m->has_calendar = true;
    if (work_day(&m->calendar, zone_date(m->calendar.zone, at)).is_absent)
        m->out = OUT_ABSENT;
    else if (rule->only_working && !work_is_open(&m->calendar, at))
        m->out = OUT_CLOSED;
    return NULL;
}

static AssignMember *next_in_turn(AssignRule *rule)
{
    bool is_even = rule->how != ASSIGN_WEIGHTED, is_least = rule->how == ASSIGN_LEAST_OPEN;
    AssignMember *best = NULL;
    int64_t sum = 0;

    for (size_t i = 0; i < rule->n; i++) {
        AssignMember *m = &rule->members[i];
        if (m->out) continue;
        m->turn += is_even ? 1 : m->weight;
        sum += is_even ? 1 : m->weight;
        bool is_better =
            !best || (is_least && m->open != best->open ? m->open < best->open : m->turn > best->turn);
        if (is_better) best = m;
    }
    if (best) best->turn -= sum;
    return best;
}

Err *assign_choose(Ctx *cx, AssignRule *rule, int64_t at, Id excluded, AssignChoice *out)
{
    *out = (AssignChoice){.rule = rule};
    for (size_t i = 0; i < rule->n; i++) TRY(look_at(cx, rule, &rule->members[i], at, excluded));
    out->member = next_in_turn(rule);
    if (!out->member && rule->fallback.user && rule->fallback.user != excluded) {
        out->member = &rule->fallback;
        out->is_fallback = true;
    }
    return NULL;
}

/* --- turns, as they are kept ----------------------------------------------------------------------------------------- */

static Str turns_key(Ctx *cx, const AssignRule *rule)
{
    return str_fmt(cx->mem, "assign.%.*s", SFMT(id_text(cx->mem, rule->id)));
}

/* "id=turn;id=turn" */
static Err *load_turns(Ctx *cx, AssignRule *rule)
{
    Str rest = {0};
    Id user = 0;

    TRY(setting_get(cx, turns_key(cx, rule), &rest));
    while (rest.n) {
        Str one = str_cut(&rest, ';'), id = str_cut(&one, '=');
        if (!id_parse(id, &user)) continue;
        for (size_t i = 0; i < rule->n; i++)
            if (rule->members[i].user == user && !str_to_i64(one, &rule->members[i].turn))
                rule->members[i].turn = 0;
    }
    return NULL;
}

static Err *save_turns(Ctx *cx, const AssignRule *rule)
{
    Buf b = buf_new(cx->mem, 1u << 20);

    for (size_t i = 0; i < rule->n; i++)
        buf_addf(&b, "%s%.*s=%lld", i ? ";" : "", SFMT(id_text(cx->mem, rule->members[i].user)),
                 (long long)rule->members[i].turn);
    return setting_set(cx, turns_key(cx, rule), buf_str(&b));
}

static Err *count_open(Ctx *cx, AssignRule *rule)
{
    if (rule->how != ASSIGN_LEAST_OPEN) return NULL;
    for (size_t i = 0; i < rule->n; i++) {
        Val bind = val_int(rule->members[i].user), v = {0};
        TRY(db_one(cx->mem, cx->db,
                   S("SELECT COUNT(*) FROM \"lead\" WHERE owner_id = ?1 AND deleted_at IS NULL AND status IN "
                     "('new', 'working')"),
                   &bind, 1, &v));
        rule->members[i].open = v.i;
    }
    return NULL;
}

/* The row of turns is written before open leads are counted: whoever decides at the same time waits, or begins anew. */
static Err *choose_for_good(Ctx *cx, AssignRule *rule, Id excluded, AssignChoice *out)
{
    TRY(load_turns(cx, rule));
    if (rule->how == ASSIGN_LEAST_OPEN) TRY(save_turns(cx, rule));
    TRY(count_open(cx, rule));
    TRY(assign_choose(cx, rule, cx->now, excluded, out));
    return rule->how == ASSIGN_USER || out->is_fallback || !out->member ? NULL : save_turns(cx, rule);
}

/* --- why ------------------------------------------------------------------------------------------------------------- */

static const char *const HOW[][LANG_COUNT] = {
    {"always the same person", "всегда одному человеку", "zawsze ta sama osoba"},
    {"in turn", "по очереди", "po kolei"},
    {"in turn by weight", "по очереди с весами", "po kolei według wag"},
    {"fewest open leads", "меньше всего в работе", "najmniej otwartych leadów"},
};
static const char *const FALLBACK[LANG_COUNT] = {"nobody else could", "больше некому", "nikt inny nie mógł"};
static const char *const PASSED[LANG_COUNT] = {"Passed over", "Пропущены", "Pominięto"};
static const char *const WHY_OUT[][LANG_COUNT] = {
    {"", "", ""},
    {"does not work here", "не работает", "nie pracuje"},
    {"weight 0", "вес 0", "waga 0"},
    {"has not answered", "не ответил", "brak odpowiedzi"},
    {"absent", "отсутствует", "nieobecność"},
    {"outside working hours", "нерабочее время", "poza godzinami pracy"},
};

Str assign_why(Ctx *cx, const AssignChoice *choice, Lang lang)
{
    Buf b = buf_new(cx->mem, 4000);
    size_t n = 0;

    buf_addf(&b, "%.*s: %s", SFMT(choice->rule->name),
             choice->is_fallback ? FALLBACK[lang] : HOW[choice->rule->how][lang]);
    if (choice->member) buf_addf(&b, " → %.*s", SFMT(choice->member->name));
    for (size_t i = 0; i < choice->rule->n; i++) {
        const AssignMember *m = &choice->rule->members[i];
        if (!m->out) continue;
        buf_addf(&b, "%s%.*s (%s)", n++ ? ", " : str_to_c(cx->mem, str_fmt(cx->mem, ". %s: ", PASSED[lang])),
                 SFMT(m->name), WHY_OUT[m->out][lang]);
    }
    return buf_str(&b);
}

/* --- in the write of a lead ------------------------------------------------------------------------------------------ */

static void give(Ctx *cx, Record *rec, const AssignChoice *choice)
{
    const Object *user = meta_object(cx->meta, S("user")),
                 *rule = meta_object(cx->meta, S("assignment_rule"));
    Val times = record_get_val(rec, "assignments");

    record_set(rec, "owner", val_ref(user->number, choice->member->user));
    record_set(rec, "assignment_rule", val_ref(rule->number, choice->rule->id));
    record_set(rec, "assigned_at", val_from_ms(cx->now));
    record_set(rec, "assignments", val_int(val_is_null(times) ? 1 : times.i + 1));
    record_set(rec, "assign_why", val_text(assign_why(cx, choice, lang_from(cx->store->company->locale))));
}

Err *lead_assign(Ctx *cx, Record *rec)
{
    AssignRule *rules = NULL;
    AssignChoice choice = {0};
    size_t n = 0;
    bool fits = false;

    if (!val_is_null(rec->vals[SYS_OWNER]) || cx->is_quiet) return NULL;
    TRY(assign_rules(cx, 0, 0, &rules, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(assign_meets(cx, &rules[i], rec, &fits));
        if (!fits) continue;
        TRY(choose_for_good(cx, &rules[i], 0, &choice));
        if (!choice.member) continue;
        give(cx, rec, &choice);
        return rec->is_set[SYS_TEAM] ? NULL : compute_team(cx, rec);
    }
    return NULL;
}

Err *assign_give(Ctx *cx, AssignRule *rule, Id excluded, Record *next, bool *out)
{
    AssignChoice choice = {0};

    TRY(choose_for_good(cx, rule, excluded, &choice));
    *out = choice.member != NULL;
    if (*out) give(cx, next, &choice);
    return NULL;
}

/* --- passing on ------------------------------------------------------------------------------------------------------ */

static Err *rule_of(Ctx *cx, Val ref, AssignRule **out)
{
    size_t n = 0;

    *out = NULL;
    if (val_is_null(ref)) return NULL;
    Err *e = assign_rules(cx, 0, ref.i, out, &n);
    if (!n) *out = NULL;
    return e;
}

/* After an assignment: looked at again when his working minutes are over. */
Err *lead_watch(Ctx *cx, const Record *rec, const Record *before)
{
    Val ref = record_get_val(rec, "assignment_rule"), owner = rec->vals[SYS_OWNER];
    WorkCalendar cal = {0};
    AssignRule *rule = NULL;

    if (val_is_null(ref) || val_is_null(owner) || cx->is_quiet || !sales_changed(rec, before, "assigned_at"))
        return NULL;
    TRY(rule_of(cx, ref, &rule));
    if (!rule || !rule->reassign_after) return NULL;
    TRY(calendar_of_user(cx, owner.i, &cal));
    int64_t due = work_after(&cal, cx->now, rule->reassign_after * 60000);
    if (due < 0) return NULL;
    ValPair pairs[] = {{val_text(S("lead")), val_id(rec->id)},
                       {val_text(S("owner")), val_id(owner.i)},
                       {val_text(S("at")), val_int(cx->now)}};
    return job_add(cx, S("sales.reassign"), val_map(pairs, 3), due, NULL);
}

typedef struct Reassign {
    Store *store;
    Arena *mem;
    Id lead, owner;
    int64_t at;
} Reassign;

static bool still_waits(const Reassign *run, const Record *lead)
{
    Val at = record_get_val(lead, "assigned_at"), owner = lead->vals[SYS_OWNER];

    return val_is_null(record_get_val(lead, "answered_at")) && str_eq(text_of(lead, "status"), S("new")) &&
           !val_is_null(at) && val_ms(at) == run->at && !val_is_null(owner) && owner.i == run->owner;
}

static Err *reassign(DbConn *c, void *arg)
{
    Reassign *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);
    AssignRule *rule = NULL;
    Record *lead = NULL;
    bool is_given = false;

    Err *e = record_get(&cx, meta_object(cx.meta, S("lead")), run->lead, READ_LOCK, &lead);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    if (!still_waits(run, lead)) return NULL;
    TRY(rule_of(&cx, record_get_val(lead, "assignment_rule"), &rule));
    if (!rule || number_of(lead, "assignments", 0) > rule->reassign_max) return NULL;
    if (number_of(lead, "assignments", 0) == rule->reassign_max) rule->n = 0; /* the fall-back's turn */
    Record *next = record_new(run->mem, lead->obj);
    next->id = lead->id;
    record_set(next, "assignments", record_get_val(lead, "assignments"));
    TRY(assign_give(&cx, rule, run->owner, next, &is_given));
    return is_given ? record_update(&cx, next, NULL) : NULL;
}

Err *lead_reassign(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *lead = val_get(arg, S("lead")), *owner = val_get(arg, S("owner")), *at = val_get(arg, S("at"));
    Reassign run = {.store = store, .mem = mem};

    (void)job;
    if (!lead || !owner || !at || at->kind != VAL_INT || !id_parse(val_str(*lead), &run.lead) ||
        !id_parse(val_str(*owner), &run.owner))
        FAIL(mem, ERR_INVALID, "error.job.run", "argument of a reassignment");
    run.at = at->i;
    return job_unit(store, mem, reassign, &run);
}

Err *assignment_rule_before(Ctx *cx, Record *rec, const Record *before)
{
    CelNode *tree = NULL;

    if (!sales_changed(rec, before, "condition")) return NULL;
    Err *e = assign_condition(cx, text_of(rec, "condition"), &tree);
    return e ? err_field(e, S("condition")) : NULL;
}
