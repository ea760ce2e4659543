/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sales: what a deal takes from its stage, what a lead's first answer is, and turning a lead into a customer. */
#include "mod/sales/sales.h"

#include "base/text.h"
#include "core/query.h"
#include "core/store.h"

/* --- deal ------------------------------------------------------------------------------------------------------------ */

static bool is_changed(const Record *rec, const Record *before, const char *field)
{
    return !before || !val_same(record_get_val(rec, field), record_get_val(before, field));
}

/* The first stage of the default pipeline, for a deal made without one. */
static Err *default_stage(Ctx *cx, Record *rec)
{
    const Object *stage = meta_object(cx->meta, S("stage"));
    Val id;

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT s.id FROM \"stage\" s JOIN \"pipeline\" p ON p.id = s.pipeline WHERE s.deleted_at IS NULL "
          "AND p.deleted_at IS NULL ORDER BY p.is_default DESC, p.position, p.id, s.position LIMIT 1"),
        NULL, 0, &id));
    if (id.kind == VAL_INT) record_set(rec, "stage", val_ref(stage->number, id.i));
    return NULL;
}

/* Now; of old data brought in, the day it says. */
static Val closing_time(Ctx *cx, const Record *rec)
{
    Val day = record_get_val(rec, "close_date");

    if (!cx->is_quiet || val_is_null(day)) return val_from_ms(cx->now);
    return val_from_ms(zone_day_start(cx->store->company->zone, day.i));
}

static void set_status(Ctx *cx, Record *rec, const Record *before, const Record *stage)
{
    Val closed = record_get_val(stage, "is_closed"), won = record_get_val(stage, "is_won");
    bool is_closed = closed.kind == VAL_BOOL && closed.b, is_won = won.kind == VAL_BOOL && won.b;
    bool was_closed = before && !val_is_null(record_get_val(before, "closed_at"));

    record_set(rec, "status", val_text(is_won ? S("won") : is_closed ? S("lost") : S("open")));
    if (!is_closed)
        record_set(rec, "closed_at", val_null());
    else if (!was_closed && val_is_null(record_get_val(rec, "closed_at")))
        record_set(rec, "closed_at", closing_time(cx, rec));
    if (is_closed && !was_closed && !cx->is_quiet && !is_changed(rec, before, "close_date"))
        record_set(rec, "close_date", val_date(zone_date(cx->store->company->zone, cx->now)));
}

static Err *deal_before(Ctx *cx, Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    Record *stage;

    if (val_is_null(record_get_val(rec, "stage"))) TRY(default_stage(cx, rec));
    Val ref = record_get_val(rec, "stage");
    if (val_is_null(ref) || !is_changed(rec, before, "stage")) return NULL;
    Err *e = record_get(&system, meta_object(cx->meta, S("stage")), ref.i, 0, &stage);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e; /* validation names the missing stage */
    record_set(rec, "pipeline", record_get_val(stage, "pipeline"));
    bool is_given =
        !before ? !val_is_null(record_get_val(rec, "probability")) : is_changed(rec, before, "probability");
    if (!is_given) record_set(rec, "probability", record_get_val(stage, "probability"));
    set_status(cx, rec, before, stage);
    return NULL;
}

/* The first won deal makes a prospect a customer. */
static Err *deal_after(Ctx *cx, Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    Actor who = *system.actor;
    Val ref = record_get_val(rec, "account"), status = record_get_val(rec, "status");
    Record *account;

    if (val_is_null(ref) || !str_eq(val_str(status), S("won")) || !is_changed(rec, before, "status"))
        return NULL;
    TRY(record_get(&system, meta_object(cx->meta, S("account")), ref.i, READ_DELETED, &account));
    if (!val_is_null(record_get_val(account, "customer_since"))) return NULL;
    who.user = cx->actor->user;
    system.actor = &who;
    Record *next = record_new(cx->mem, account->obj);
    Val roles[] = {val_text(S("customer"))};
    next->id = account->id;
    Val day = record_get_val(rec, "close_date");
    record_set(next, "customer_since",
               val_is_null(day) ? val_date(zone_date(cx->store->company->zone, cx->now)) : day);
    record_set(next, "roles", val_list(roles, 1));
    Err *e = record_update(&system, next, NULL);
    ctx_join(cx, &system);
    return e;
}

static bool is_empty_rec(Val v)
{
    return val_is_null(v) || (v.kind == VAL_LIST && v.n == 0);
}

/* --- lines ----------------------------------------------------------------------------------------------------------- */

/* A line takes name and price from its product unless given. */
static Err *line_before(Ctx *cx, Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    Val ref = record_get_val(rec, "product");
    Record *product;

    if (val_is_null(ref) || !is_changed(rec, before, "product")) return NULL;
    Err *e = record_get(&system, meta_object(cx->meta, S("product")), ref.i, 0, &product);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    if (is_empty_rec(record_get_val(rec, "name"))) record_set(rec, "name", record_get_val(product, "name"));
    if (is_empty_rec(record_get_val(rec, "price")))
        record_set(rec, "price", record_get_val(product, "price"));
    return NULL;
}

/* --- lead ------------------------------------------------------------------------------------------------------------ */

static bool has_text(Val v, Str text)
{
    return v.kind == VAL_TEXT && str_eq(val_str(v), text);
}

/* Leaving "new" is the first answer; the clock of the unanswered stops. */
static Err *lead_before(Ctx *cx, Record *rec, const Record *before)
{
    Val status = record_get_val(rec, "status");

    if (val_is_null(record_get_val(rec, "received_at"))) record_set(rec, "received_at", val_from_ms(cx->now));
    if (before && is_changed(rec, before, "status") && !has_text(status, S("new")) &&
        val_is_null(record_get_val(rec, "answered_at")))
        record_set(rec, "answered_at", val_from_ms(cx->now));
    return NULL;
}

static void copy_fields(Record *to, const Record *from, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const Field *a = object_field(to->obj, str_c(names[i])),
                    *b = object_field(from->obj, str_c(names[i]));
        if (a && b && a->type == b->type && !val_is_null(from->vals[b->index]))
            record_set(to, names[i], from->vals[b->index]);
    }
}

static const char *const ORIGIN[] = {"source",   "utm_source",  "utm_medium",  "utm_campaign",
                                     "utm_term", "utm_content", "referred_by", "owner",
                                     "region",   "country",     "language",    "zone"};
#define ORIGINS (sizeof ORIGIN / sizeof *ORIGIN)

static Str person_text(Ctx *cx, Val name)
{
    Str parts[2] = {{0}, {0}};
    const Val *given = val_get(&name, S("given")), *family = val_get(&name, S("family"));

    if (given && given->kind == VAL_TEXT) parts[0] = val_str(*given);
    if (family && family->kind == VAL_TEXT) parts[1] = val_str(*family);
    return str_trim(str_join(cx->mem, parts, 2, S(" ")));
}

static Err *make_account(Ctx *cx, const Record *lead, Id given, Id *out)
{
    Val company = record_get_val(lead, "company"), name = record_get_val(lead, "name");
    static const char *const REACH[] = {"phones", "emails", "handles", "website", "addresses"};
    Record *account = record_new(cx->mem, meta_object(cx->meta, S("account")));

    *out = given;
    if (given) return NULL;
    bool is_person = val_is_null(company);
    Str text = is_person ? person_text(cx, name) : val_str(company);
    record_set(account, "name", val_text(text.n ? text : val_str(record_get_val(lead, "title"))));
    record_set(account, "kind", val_text(is_person ? S("person") : S("company")));
    copy_fields(account, lead, ORIGIN, ORIGINS);
    if (is_person) copy_fields(account, lead, REACH, sizeof REACH / sizeof *REACH);
    TRY(record_create(cx, account, NULL));
    *out = account->id;
    return NULL;
}

static Err *make_contact(Ctx *cx, const Record *lead, Id account, Id *out)
{
    static const char *const COPIED[] = {"name",    "job_title", "phones",   "emails",
                                         "handles", "website",   "addresses"};
    Record *contact = record_new(cx->mem, meta_object(cx->meta, S("contact")));

    *out = 0;
    if (val_is_null(record_get_val(lead, "name")) || val_is_null(record_get_val(lead, "company")))
        return NULL;
    copy_fields(contact, lead, COPIED, sizeof COPIED / sizeof *COPIED);
    copy_fields(contact, lead, ORIGIN, ORIGINS);
    record_set(contact, "account", val_ref(meta_object(cx->meta, S("account"))->number, account));
    TRY(record_create(cx, contact, NULL));
    *out = contact->id;
    return NULL;
}

static Err *make_deal(Ctx *cx, const Record *lead, Id account, Id contact, Val name, Val amount, Id *out)
{
    Record *deal = record_new(cx->mem, meta_object(cx->meta, S("deal")));

    record_set(deal, "name", val_is_null(name) ? record_get_val(lead, "title") : name);
    record_set(deal, "account", val_ref(meta_object(cx->meta, S("account"))->number, account));
    if (contact) record_set(deal, "contact", val_ref(meta_object(cx->meta, S("contact"))->number, contact));
    if (!val_is_null(amount)) record_set(deal, "amount", amount);
    copy_fields(deal, lead, ORIGIN, ORIGINS);
    TRY(record_create(cx, deal, NULL));
    *out = deal->id;
    return NULL;
}

static Err *close_lead(Ctx *cx, const Record *lead, Id account, Id contact, Id deal)
{
    Record *next = record_new(cx->mem, lead->obj);

    next->id = lead->id;
    record_set(next, "status", val_text(S("qualified")));
    record_set(next, "account", val_ref(meta_object(cx->meta, S("account"))->number, account));
    if (contact) record_set(next, "contact", val_ref(meta_object(cx->meta, S("contact"))->number, contact));
    if (deal) record_set(next, "deal", val_ref(meta_object(cx->meta, S("deal"))->number, deal));
    record_set(next, "converted_at", val_from_ms(cx->now));
    return record_update(cx, next, NULL);
}

static ValPair made(Ctx *cx, const char *object, Id id)
{
    return (ValPair){val_text(str_c(object)),
                     id ? val_ref(meta_object(cx->meta, str_c(object))->number, id) : val_null()};
}

/* Account (made or given), contact and deal from a lead, in one batch: one undo takes it back. */
static Err *lead_convert(Ctx *cx, Record *lead, const Val *params, Val *out)
{
    bool wants_deal = params[1].kind != VAL_BOOL || params[1].b;
    Id account, contact, deal = 0;

    if (!val_is_null(record_get_val(lead, "converted_at")))
        FAIL(cx->mem, ERR_CONFLICT, "error.lead.converted", "the lead has been converted");
    if (!cx->batch) cx->batch = id_new(cx->now);
    cx->may_write_readonly = true;
    TRY(make_account(cx, lead, val_is_null(params[0]) ? 0 : params[0].i, &account));
    TRY(make_contact(cx, lead, account, &contact));
    if (wants_deal) TRY(make_deal(cx, lead, account, contact, params[2], params[3], &deal));
    TRY(close_lead(cx, lead, account, contact, deal));
    ValPair *pairs = NEW_N(cx->mem, ValPair, 3);
    pairs[0] = made(cx, "account", account);
    pairs[1] = made(cx, "contact", contact);
    pairs[2] = made(cx, "deal", deal);
    *out = val_map(pairs, 3);
    return NULL;
}

static const ActionParam CONVERT[] = {
    {.name = "account",
     .type = FIELD_REFERENCE,
     .target = "account",
     .label = {"Existing account (empty: a new one)", "Существующий клиент (пусто — создать нового)",
               "Istniejący kontrahent (puste – nowy)"}},
    {.name = "create_deal",
     .type = FIELD_BOOLEAN,
     .label = {"Create a deal", "Создать сделку", "Utwórz szansę sprzedaży"}},
    {.name = "deal_name",
     .type = FIELD_TEXT,
     .label = {"Name of the deal", "Название сделки", "Nazwa szansy"}},
    {.name = "amount", .type = FIELD_MONEY, .label = {"Amount", "Сумма", "Kwota"}},
};

static const Action ACTIONS[] = {
    {.object = "lead",
     .name = "convert",
     .icon = "user-check",
     .label = {"Convert", "Преобразовать", "Przekształć"},
     .right = "update",
     .params = CONVERT,
     .n_params = sizeof CONVERT / sizeof *CONVERT,
     .run = lead_convert},
};

static const Hook HOOKS[] = {
    {.object = "deal", .before_write = deal_before, .after_write = deal_after},
    {.object = "deal_line", .before_write = line_before},
    {.object = "lead", .before_write = lead_before},
};

const Module mod_sales = {
    .name = "sales",
    .actions = ACTIONS,
    .n_actions = sizeof ACTIONS / sizeof *ACTIONS,
    .hooks = HOOKS,
    .n_hooks = sizeof HOOKS / sizeof *HOOKS,
};
