/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leads: when they were first answered, and turning one into account, contact and deal. */
#include "mod/sales/sales_impl.h"

static bool has_text(Val v, Str text)
{
    return v.kind == VAL_TEXT && str_eq(val_str(v), text);
}

/* Leaving "new" is the first answer; the clock of the unanswered stops. */
Err *lead_before(Ctx *cx, Record *rec, const Record *before)
{
    Val status = record_get_val(rec, "status");

    if (val_is_null(record_get_val(rec, "received_at"))) record_set(rec, "received_at", val_from_ms(cx->now));
    if (before && sales_changed(rec, before, "status") && !has_text(status, S("new")) &&
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
Err *lead_convert(Ctx *cx, Record *lead, const Val *params, Val *out)
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
