/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Territories: which one an account belongs to by the rules in CEL, on every write of the account and for all accounts when rules have
   changed.  Of the rules that fit the highest priority wins, then the deepest territory, then the older one.  A rule counts from its day; until
   then accounts that have a territory stay where they are.  Open deals go with their account, closed ones stay where they were won. */
#include "mod/sales/territory.h"
#include "mod/sales/sales_impl.h"

#include "base/text.h"
#include "core/job.h"
#include "core/store.h"

#include <stdlib.h>

/* --- rules ----------------------------------------------------------------------------------------------------------- */

static Err *parse_rule(Ctx *cx, Str source, CelNode **out)
{
    const Object *account = meta_object(cx->meta, S("account"));
    CelEnv env = object_cel_env(account);
    Err *e = cel_parse(cx->mem, source, out);

    if (!e) e = cel_check(cx->mem, &env, *out, &cel_bool);
    return e ? err_field(e, S("rule")) : NULL;
}

static int strongest_first(const void *a, const void *b)
{
    const Claim *x = a, *y = b;

    if (x->priority != y->priority) return x->priority < y->priority ? 1 : -1;
    if (x->depth != y->depth) return x->depth < y->depth ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

static Err *read_rules(Ctx *cx, Claims *rules)
{
    DbRows *rows;
    bool has;

    TRY(db_query(
        cx->mem, cx->db,
        S("WITH RECURSIVE r(id, depth) AS (SELECT id, 0 FROM \"territory\" WHERE parent IS NULL UNION ALL SELECT t.id, "
          "r.depth + 1 FROM \"territory\" t JOIN r ON t.parent = r.id WHERE r.depth < 64) SELECT t.id, t.rule, t.priority, "
          "t.effective_on, r.depth FROM \"territory\" t JOIN r ON r.id = t.id WHERE t.deleted_at IS NULL AND "
          "t.is_active = 1 AND t.rule IS NOT NULL"),
        NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Claim *rule = vec_push(cx->mem, rules);
        rule->id = db_i64(rows, 0);
        rule->source = str_copy(cx->mem, db_str(rows, 1));
        rule->priority = db_i64(rows, 2);
        rule->effective_on = db_i64(rows, 3);
        rule->has_day = !val_is_null(db_val(rows, 3));
        rule->depth = db_i64(rows, 4);
    }
}

Err *territory_rules(Ctx *cx, int64_t day, Claims *rules)
{
    size_t n = 0;

    TRY(read_rules(cx, rules));
    for (size_t i = 0; i < rules->n; i++) {
        Claim rule = rules->p[i];
        if (rule.has_day && rule.effective_on > day) {
            rules->is_waiting = true;
            continue;
        }
        TRY(parse_rule(cx, rule.source, &rule.tree));
        rules->p[n++] = rule;
    }
    rules->n = n;
    if (n) qsort(rules->p, n, sizeof *rules->p, strongest_first);
    return NULL;
}

Err *territory_case(Ctx *cx, Sql *q, const Claims *rules)
{
    const Object *account = meta_object(cx->meta, S("account"));
    Ctx system = ctx_as_system(cx);

    if (!rules->n) {
        sql_text(q, "CAST(NULL AS BIGINT)");
        return NULL;
    }
    sql_text(q, "CASE");
    for (size_t i = 0; i < rules->n; i++) {
        sql_text(q, " WHEN ");
        TRY(compile_filter(&system, q, account, 0, rules->p[i].tree, false));
        sql_text(q, " THEN ");
        sql_i64(q, rules->p[i].id);
    }
    sql_text(q, " END");
    return NULL;
}

/* --- territories ----------------------------------------------------------------------------------------------------- */

/* A rule works in both ways: over one account in memory and over all in the database. */
static Err *check_rule(Ctx *cx, Str source)
{
    Claim rule = {.id = 1};
    Claims rules = {.p = &rule, .n = 1};
    Sql q = sql_new(cx->mem);

    TRY(parse_rule(cx, source, &rule.tree));
    Err *e = territory_case(cx, &q, &rules);
    return e ? err_field(e, S("rule")) : NULL;
}

Err *territory_before(Ctx *cx, Record *rec, const Record *before)
{
    Val rule = record_get_val(rec, "rule");

    if (!val_is_null(rule) && sales_changed(rec, before, "rule")) return check_rule(cx, val_str(rule));
    return NULL;
}

static bool moves_accounts(const Record *rec, const Record *before)
{
    static const char *const FIELDS[] = {"rule",      "parent",       "priority",
                                         "is_active", "effective_on", "deleted_at"};

    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++)
        if (sales_changed(rec, before, FIELDS[i])) return true;
    return false;
}

/* On the day the rule counts from: accounts are looked at anew.  Before that day the job finds nothing to do. */
Err *territory_after(Ctx *cx, Record *rec, const Record *before)
{
    Val day = record_get_val(rec, "effective_on");
    ValPair user = {val_text(S("user")), val_id(cx->actor->user)};
    Id job = 0;

    if (cx->is_quiet || !moves_accounts(rec, before) || val_is_null(day)) return NULL;
    int64_t due = zone_day_start(cx->store->company->zone, day.i);
    return job_add(cx, S("territory.assign"), val_map(&user, 1), due > cx->now ? due : cx->now, &job);
}

/* --- accounts -------------------------------------------------------------------------------------------------------- */

static Err *fitting(Ctx *cx, const Record *rec, const Claims *rules, Val *out)
{
    const Object *territory = meta_object(cx->meta, S("territory"));
    Ctx system = ctx_as_system(cx);
    RecordScope at = {&system, rec};
    CelScope scope = record_scope(&at);

    *out = val_null();
    for (size_t i = 0; i < rules->n; i++) {
        Val v = {0};
        Err *e = cel_eval(cx->mem, rules->p[i].tree, &scope, &v);
        if (e || v.kind != VAL_BOOL || !v.b) continue; /* what errs does not fit */
        *out = val_ref(territory->number, rules->p[i].id);
        return NULL;
    }
    return NULL;
}

static int64_t today(const Ctx *cx)
{
    return zone_date(cx->store->company->zone, cx->now);
}

Err *territory_of_account(Ctx *cx, Record *rec, const Record *before)
{
    Claims rules = {0};
    Val fit;

    (void)before;
    TRY(territory_rules(cx, today(cx), &rules));
    if (rules.is_waiting && !val_is_null(record_get_val(rec, "territory"))) return NULL;
    TRY(fitting(cx, rec, &rules, &fit));
    record_set(rec, "territory", fit);
    return NULL;
}

/* --- deals ----------------------------------------------------------------------------------------------------------- */

typedef VEC(Id) Ids;

static Err *open_deals(Ctx *cx, Id account, Ids *out)
{
    Val bind = val_int(account);
    DbRows *rows;
    bool has;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT id FROM \"deal\" WHERE account = ?1 AND status = 'open' AND deleted_at IS NULL ORDER BY id"),
        &bind, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        *vec_push(cx->mem, out) = db_i64(rows, 0);
    }
}

Err *territory_to_deals(Ctx *cx, Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    const Object *deal = meta_object(cx->meta, S("deal"));
    Ids ids = {0};
    Err *e = NULL;

    if (!before || !deal || !sales_changed(rec, before, "territory")) return NULL;
    TRY(open_deals(cx, rec->id, &ids));
    for (size_t i = 0; !e && i < ids.n; i++) {
        Record *next = record_new(cx->mem, deal);
        next->id = ids.p[i];
        record_set(next, "territory", record_get_val(rec, "territory"));
        e = record_update(&system, next, NULL);
    }
    ctx_join(cx, &system);
    return e;
}

Err *territory_of_deal(Ctx *cx, Record *rec, const Record *before)
{
    const Object *territory = meta_object(cx->meta, S("territory"));
    Val account = record_get_val(rec, "account"), category = record_get_val(rec, "category"), v = {0};
    bool is_open = category.kind != VAL_TEXT || str_eq(val_str(category), S("open"));

    if (before && !is_open && !sales_changed(rec, before, "account")) return NULL;
    if (!val_is_null(account)) {
        Val bind = val_int(account.i);
        TRY(db_one(cx->mem, cx->db, S("SELECT territory FROM \"account\" WHERE id = ?1"), &bind, 1, &v));
    }
    record_set(rec, "territory", v.kind == VAL_INT ? val_ref(territory->number, v.i) : val_null());
    return NULL;
}
