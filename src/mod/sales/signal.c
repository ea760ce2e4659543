/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals as people meet them: rules checked when they are written, the words of a signal, and the three things one does with it: make
   the task, close it with a result, dismiss it.  Winning back a customer is the same signal taken up from the customer's side, so that
   reason, task and result stand in one place whoever saw it first. */
#include "mod/sales/signal.h"
#include "mod/sales/sales_impl.h"

#include "base/decimal.h"
#include "base/text.h"
#include "base/time.h"
#include "core/shown.h"
#include "core/store.h"
#include "mod/sales/forecast.h"

#define RULES_MAX 200

/* --- rules ----------------------------------------------------------------------------------------------------------- */

static Err *parse_condition(Ctx *cx, const Object *obj, Str text, CelNode **out)
{
    CelEnv env = object_cel_env(obj);

    TRY(cel_parse(cx->mem, text, out));
    return cel_check(cx->mem, &env, *out, &cel_bool);
}

/* It is asked of all records in the database. */
Err *signal_rule_before(Ctx *cx, Record *rec, const Record *before)
{
    Str name = text_in(rec, "object"), condition = text_in(rec, "condition");
    const Object *obj = meta_object(cx->meta, name);
    Ctx system = ctx_as_system(cx);
    Query q = {0};

    (void)before;
    if (!str_eq(text_in(rec, "kind"), S("condition")) || !name.n || !condition.n) return NULL;
    if (!obj || (!str_eq(name, S("account")) && !object_field(obj, S("account"))))
        FAIL_FIELD(cx->mem, S("object"), "error.signal.object", "%.*s has no account", SFMT(name));
    Err *e = query_parse(&system, obj, condition, (Str){0}, &q);
    return e ? err_field(e, S("condition")) : NULL;
}

Err *signal_rule_after(Ctx *cx, Record *rec, const Record *before)
{
    (void)rec;
    (void)before;
    return job_add(cx, S("sales.signals"), val_map(NULL, 0), cx->now, NULL);
}

static Err *rule_of(Ctx *cx, const Record *rec, SignalRule *out)
{
    Val days = record_get_val(rec, "days"), percent = record_get_val(rec, "percent");

    *out = (SignalRule){.id = rec->id,
                        .kind = text_in(rec, "kind"),
                        .sign = text_in(rec, "sign"),
                        .object = text_in(rec, "object"),
                        .reason = text_in(rec, "reason"),
                        .next_step = text_in(rec, "next_step"),
                        .days = val_is_null(days) ? 180 : days.i,
                        .percent = val_is_null(percent) ? 500000 : percent.i};
    Str text = text_in(rec, "condition");
    const Object *obj = meta_object(cx->meta, out->object);
    if (!str_eq(out->kind, S("condition")) || !obj || !text.n) return NULL;
    Err *e = parse_condition(cx, obj, text, &out->condition);
    if (e) out->condition = NULL; /* a field has gone since: the rule finds nothing */
    return NULL;
}

Err *signal_rules(Ctx *cx, Str kind, SignalRule **out, size_t *n)
{
    Ctx system = ctx_as_system(cx);
    Query q = {0};
    Page page = {0};
    Str filter = kind.n ? str_fmt(cx->mem, "kind == '%.*s'", SFMT(kind)) : S("is_active == true");

    *n = 0;
    TRY(query_parse(&system, meta_object(cx->meta, S("signal_rule")), filter, S("position,name"), &q));
    q.limit = RULES_MAX;
    TRY(record_list(&system, &q, &page));
    *out = NEW_N(cx->mem, SignalRule, page.n + 1);
    for (size_t i = 0; i < page.n; i++) TRY(rule_of(cx, page.recs[i], &(*out)[(*n)++]));
    return NULL;
}

/* --- words ----------------------------------------------------------------------------------------------------------- */

static Lang words_lang(const Ctx *cx)
{
    return lang_from(cx->store->company->locale);
}

static Str money_words(Ctx *cx, int64_t amount)
{
    Val v = forecast_money(cx, amount);

    return str_fmt(cx->mem, "%.*s %.*s", SFMT(shown_number(cx->mem, v.i, v.places, 2, words_lang(cx))),
                   SFMT(cx->store->company->currency));
}

static Str days_words(Arena *mem, int64_t twice)
{
    return twice % 2 ? decimal_text(mem, twice * 5, 1) : str_fmt(mem, "%lld", (long long)twice / 2);
}

static Str day_words(const Ctx *cx, int64_t day)
{
    return shown_day(cx->mem, day, words_lang(cx));
}

static Str word_of(Ctx *cx, const Finding *f, Str name)
{
    const Buyer *b = f->buyer;

    if (str_eq(name, S("family"))) return f->family;
    if (str_eq(name, S("record"))) return f->record;
    if (str_eq(name, S("now"))) return money_words(cx, b ? b->recent : f->value);
    if (str_eq(name, S("days"))) return str_fmt(cx->mem, "%lld", (long long)(f->rule ? f->rule->days : 0));
    if (str_eq(name, S("expected"))) return day_words(cx, b ? b->expected : f->day);
    if (!b) return (Str){0};
    if (str_eq(name, S("last"))) return day_words(cx, b->last);
    if (str_eq(name, S("usual"))) return days_words(cx->mem, b->usual_twice);
    if (str_eq(name, S("silent"))) return str_fmt(cx->mem, "%lld", (long long)b->silent);
    if (str_eq(name, S("before"))) return money_words(cx, b->earlier);
    return (Str){0};
}

static Str filled(Ctx *cx, const Finding *f, Str text, size_t max)
{
    Buf b = buf_new(cx->mem, 8u << 10);

    while (text.p && text.n) {
        buf_add(&b, str_cut(&text, '{'));
        if (text.p) buf_add(&b, word_of(cx, f, str_cut(&text, '}')));
    }
    Str out = str_trim(buf_str(&b));
    if (out.n <= max) return out;
    while (max && ((unsigned char)out.p[max] & 0xC0) == 0x80) max--;
    return str_sub(out, 0, max);
}

Record *signal_made(Ctx *cx, const Finding *f)
{
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("signal")));
    uint16_t account = meta_object(cx->meta, S("account"))->number;
    const SignalRule *rule = f->rule;
    Str reason = filled(cx, f, rule->reason, 350), next = filled(cx, f, rule->next_step, 180);

    record_set(rec, "reason", val_text(reason.n ? reason : rule->kind));
    record_set(rec, "account", val_ref(account, f->account));
    record_set(rec, "kind", val_text(rule->kind));
    record_set(rec, "sign", val_text(rule->sign));
    record_set(rec, "status", val_text(S("open")));
    if (f->family.n) record_set(rec, "family", val_text(f->family));
    record_set(rec, "about", f->about ? val_ref(f->about_object, f->about) : val_ref(account, f->account));
    if (f->value) record_set(rec, "value", val_money(f->value, 4, cx->store->company->currency_code));
    if (next.n) record_set(rec, "next_step", val_text(next));
    if (rule->id) record_set(rec, "rule", val_ref(meta_object(cx->meta, S("signal_rule"))->number, rule->id));
    record_set(rec, "owner",
               f->owner ? val_ref(meta_object(cx->meta, S("user"))->number, f->owner) : val_null());
    return rec;
}

/* --- actions --------------------------------------------------------------------------------------------------------- */

static Record *changed(Ctx *cx, const Record *signal)
{
    Record *next = record_new(cx->mem, signal->obj);

    cx->may_write_readonly = true;
    next->id = signal->id;
    return next;
}

static Err *must_be_open(Ctx *cx, const Record *signal)
{
    Str status = text_in(signal, "status");

    if (str_eq(status, S("open")) || str_eq(status, S("taken"))) return NULL;
    FAIL(cx->mem, ERR_CONFLICT, "error.signal.closed", "it is %.*s", SFMT(status));
}

static Err *due_days(Ctx *cx, const Record *signal, int64_t *out)
{
    Record *rule = NULL;
    Val days = val_null();

    TRY(sales_read(cx, signal, "rule", &rule));
    if (rule) days = record_get_val(rule, "due_days");
    *out = val_is_null(days) ? 1 : days.i;
    return NULL;
}

static Err *make_task(Ctx *cx, const Record *signal, Val subject, Val due_on, Record **out)
{
    Record *task = record_new(cx->mem, meta_object(cx->meta, S("activity")));
    Val owner = signal->vals[SYS_OWNER], proposed = record_get_val(signal, "next_step");
    int64_t days = 0;

    TRY(due_days(cx, signal, &days));
    if (val_is_null(owner) && cx->actor->user)
        owner = val_ref(meta_object(cx->meta, S("user"))->number, cx->actor->user);
    if (val_is_null(subject)) subject = val_is_null(proposed) ? record_get_val(signal, "reason") : proposed;
    int64_t day = val_is_null(due_on) ? sales_today(cx) + days : due_on.i;
    record_set(task, "kind", val_text(S("task")));
    record_set(task, "subject", subject);
    record_set(task, "body", record_get_val(signal, "reason"));
    record_set(task, "about", record_get_val(signal, "account"));
    record_set(task, "due_at", val_from_ms(zone_day_start(cx->store->company->zone, day + 1) - 60000));
    record_set(task, "owner", owner);
    *out = task;
    return record_create(cx, task, NULL);
}

static Err *take(Ctx *cx, const Record *signal, Val subject, Val due_on, Record *next, Val *task)
{
    Record *made = NULL;

    TRY(make_task(cx, signal, subject, due_on, &made));
    *task = val_ref(made->obj->number, made->id);
    record_set(next, "task", *task);
    record_set(next, "next_step", record_get_val(made, "subject"));
    record_set(next, "status", val_text(S("taken")));
    return record_update(cx, next, NULL);
}

Err *signal_take(Ctx *cx, Record *signal, const Val *params, Val *out)
{
    ValPair *pair = NEW(cx->mem, ValPair);

    TRY(must_be_open(cx, signal));
    pair->key = val_text(S("task"));
    *out = val_map(pair, 1);
    return take(cx, signal, params[0], params[1], changed(cx, signal), &pair->val);
}

Err *signal_close(Ctx *cx, Record *signal, const Val *params, Val *out)
{
    static const char *const FIELDS[] = {"result", "cause", "note"};
    Record *next = changed(cx, signal);

    TRY(must_be_open(cx, signal));
    for (size_t i = 0; i < 3; i++)
        if (!val_is_null(params[i])) record_set(next, FIELDS[i], params[i]);
    record_set(next, "status", val_text(S("done")));
    record_set(next, "closed_at", val_from_ms(cx->now));
    *out = val_map(NULL, 0);
    return record_update(cx, next, NULL);
}

Err *signal_dismiss(Ctx *cx, Record *signal, const Val *params, Val *out)
{
    Record *next = changed(cx, signal);

    TRY(must_be_open(cx, signal));
    if (!val_is_null(params[0])) record_set(next, "note", params[0]);
    record_set(next, "status", val_text(S("dismissed")));
    record_set(next, "closed_at", val_from_ms(cx->now));
    *out = val_map(NULL, 0);
    return record_update(cx, next, NULL);
}

/* --- winning back ---------------------------------------------------------------------------------------------------- */

/* The one that stands: found by a rule or taken up before. */
static Err *standing(Ctx *cx, Id account, Str kind, Str family, Record **out)
{
    const Object *obj = meta_object(cx->meta, S("signal"));
    Val binds[] = {val_int(account), val_text(kind), family.n ? val_text(family) : val_null()}, id = {0};

    *out = NULL;
    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT id FROM \"signal\" WHERE account = ?1 AND kind = ?2 AND family IS NOT DISTINCT FROM ?3 "
          "AND status IN ('open', 'taken') AND ended_at IS NULL AND deleted_at IS NULL ORDER BY id LIMIT 1"),
        binds, 3, &id));
    return id.kind == VAL_INT ? record_get(cx, obj, id.i, 0, out) : NULL;
}

static Err *said_so(Ctx *cx, const Record *account, Str kind, Str family, Record **out)
{
    BuyAsk ask = {.day = sales_today(cx), .account = account->id, .by_family = family.n > 0};
    SignalRule none = {.kind = kind, .sign = S("risk"), .reason = S("{record} {family}")}, *rules = NULL;
    Val owner = account->vals[SYS_OWNER];
    Finding f = {.rule = &none,
                 .account = account->id,
                 .owner = val_is_null(owner) ? cx->actor->user : owner.i,
                 .family = family,
                 .record = record_text(cx->mem, account)};
    Buyer *buyers = NULL;
    size_t n = 0;

    TRY(buyers_read(cx, &ask, &buyers, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(buyers[i].family, family)) f.buyer = &buyers[i];
    f.value = f.buyer ? f.buyer->net : 0;
    TRY(signal_rules(cx, kind, &rules, &n));
    if (n && f.buyer) f.rule = &rules[0];
    none.id = 0;
    *out = signal_made(cx, &f);
    cx->may_write_readonly = true;
    return record_create(cx, *out, NULL);
}

Err *account_win_back(Ctx *cx, Record *account, const Val *params, Val *out)
{
    Str family = params[0].kind == VAL_TEXT ? str_trim(val_str(params[0])) : (Str){0};
    Str kind = family.n ? S("family_lost") : S("silent");
    ValPair *pairs = NEW_N(cx->mem, ValPair, 2);
    Record *signal = NULL;

    TRY(standing(cx, account->id, kind, family, &signal));
    if (!signal) TRY(said_so(cx, account, kind, family, &signal));
    if (str_eq(text_in(signal, "status"), S("taken")))
        FAIL(cx->mem, ERR_CONFLICT, "error.signal.taken", "a task is on its way");
    Record *next = changed(cx, signal);
    if (!val_is_null(params[1])) record_set(next, "cause", params[1]);
    if (!val_is_null(params[4])) record_set(next, "note", params[4]);
    pairs[0] = (ValPair){val_text(S("signal")), val_ref(signal->obj->number, signal->id)};
    pairs[1].key = val_text(S("task"));
    *out = val_map(pairs, 2);
    return take(cx, signal, params[2], params[3], next, &pairs[1].val);
}
