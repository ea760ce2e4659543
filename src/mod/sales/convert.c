/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turning a lead into account (company or person), contact and deal, in one batch: one undo takes it back.  Which value goes
   where the object file says (converts_to), so that a site's own fields go along; where the lead came from goes with every
   one.  What happened on the lead is seen on the new records too, and stays on the lead. */
#include "mod/sales/sales_impl.h"

#include "core/match/duplicates.h"
#include "core/read.h"
#include "core/write.h"

#define MATCHES_MAX 5

static const char *const ORIGIN[] = {"source",      "utm_source", "utm_medium",    "utm_campaign", "utm_term",
                                     "utm_content", "gclid",      "yclid",         "landing_page", "referrer",
                                     "referred_by", "owner",      "first_touch_at"};
#define ORIGINS (sizeof ORIGIN / sizeof *ORIGIN)

typedef struct Conversion {
    Ctx *cx;
    const Record *lead;
    bool is_person; /* the account is the person himself */
    Id account, contact, deal;
} Conversion;

static const Object *object_of(const Conversion *m, const char *name)
{
    return meta_object(m->cx->meta, str_c(name));
}

static Val ref_to(const Conversion *m, const char *object, Id id)
{
    return id ? val_ref(object_of(m, object)->number, id) : val_null();
}

/* --- what goes where ------------------------------------------------------------------------------------------------- */

static void copy_origin(Record *to, const Record *from)
{
    for (size_t i = 0; i < ORIGINS; i++) {
        const Field *a = object_field(to->obj, str_c(ORIGIN[i])),
                    *b = object_field(from->obj, str_c(ORIGIN[i]));
        if (a && b && a->type == b->type && !val_is_null(from->vals[b->index]))
            record_set(to, ORIGIN[i], from->vals[b->index]);
    }
}

static bool has_contact(const Conversion *m)
{
    return !m->is_person && !val_is_null(record_get_val(m->lead, "name"));
}

/* How the person is reached belongs to the person. */
static bool is_kept_back(const Conversion *m, const Record *to, const Field *f)
{
    bool is_reach = f->type == FIELD_PHONES || f->type == FIELD_EMAILS || f->type == FIELD_HANDLES;
    bool is_place = f->type == FIELD_ADDRESSES;

    if (to->obj == object_of(m, "account")) return is_reach && has_contact(m);
    return is_place && to->obj == object_of(m, "contact");
}

static void copy_declared(const Conversion *m, Record *to)
{
    for (size_t i = 0; i < m->lead->obj->n_fields; i++) {
        const Field *f = &m->lead->obj->fields[i];
        if (val_is_null(m->lead->vals[i])) continue;
        for (size_t k = 0; k < f->n_converts_to; k++) {
            const Field *into = f->converts_to[k];
            if (into->object != to->obj || to->is_set[into->index] || is_kept_back(m, to, f)) continue;
            to->vals[into->index] = m->lead->vals[i];
            to->is_set[into->index] = 1;
        }
    }
}

static Str person_text(const Conversion *m)
{
    Val name = record_get_val(m->lead, "name");
    Str parts[2] = {{0}, {0}};
    const Val *given = val_get(&name, S("given")), *family = val_get(&name, S("family"));

    if (given && given->kind == VAL_TEXT) parts[0] = val_str(*given);
    if (family && family->kind == VAL_TEXT) parts[1] = val_str(*family);
    return str_trim(str_join(m->cx->mem, parts, 2, S(" ")));
}

static Record *draft_account(const Conversion *m)
{
    Record *account = record_new(m->cx->mem, object_of(m, "account"));
    Val company = record_get_val(m->lead, "company");
    Str text = m->is_person ? person_text(m) : val_str(company);

    record_set(account, "name", text.n ? val_text(text) : record_get_val(m->lead, "title"));
    record_set(account, "kind", val_text(m->is_person ? S("person") : S("company")));
    copy_declared(m, account);
    copy_origin(account, m->lead);
    return account;
}

static Record *draft_contact(const Conversion *m)
{
    Record *contact = record_new(m->cx->mem, object_of(m, "contact"));

    copy_declared(m, contact);
    copy_origin(contact, m->lead);
    if (m->account) record_set(contact, "account", ref_to(m, "account", m->account));
    return contact;
}

/* --- making, or attaching -------------------------------------------------------------------------------------------- */

/* What the record lacks is filled from the draft, where the caller may change it. */
static Err *fill_empty(Conversion *m, const Record *stored, const Record *draft)
{
    Record *rec = record_new(m->cx->mem, stored->obj);
    Record *mine = NULL;
    bool has_news = false;

    for (size_t i = SYS_COUNT; i < stored->obj->n_fields; i++) {
        bool is_empty =
            val_is_null(stored->vals[i]) || (stored->vals[i].kind == VAL_LIST && !stored->vals[i].n);
        if (!draft->is_set[i] || !is_empty || val_is_null(draft->vals[i])) continue;
        rec->vals[i] = draft->vals[i];
        rec->is_set[i] = 1;
        has_news = true;
    }
    if (!has_news) return NULL;
    Err *e = read_for(m->cx, stored->obj, stored->id, 0, VERB_UPDATE, &mine);
    if (e) return e->code == ERR_DENIED || e->code == ERR_NOT_FOUND ? NULL : e;
    rec->id = stored->id;
    return record_update(m->cx, rec, NULL);
}

static Err *attach(Conversion *m, const char *object, Id id, Record *draft)
{
    Record *stored = NULL;

    TRY(record_get(m->cx, object_of(m, object), id, 0, &stored));
    for (size_t i = 0; i < ORIGINS; i++) { /* where a customer first came from stays */
        const Field *f = object_field(draft->obj, str_c(ORIGIN[i]));
        if (f) draft->is_set[f->index] = 0;
    }
    return fill_empty(m, stored, draft);
}

static Err *settle_account(Conversion *m)
{
    Record *draft = draft_account(m);

    if (m->account) return attach(m, "account", m->account, draft);
    TRY(record_create(m->cx, draft, NULL));
    m->account = draft->id;
    return NULL;
}

static Err *settle_contact(Conversion *m)
{
    Record *draft = draft_contact(m);

    if (m->contact) return attach(m, "contact", m->contact, draft);
    if (!has_contact(m)) return NULL;
    TRY(record_create(m->cx, draft, NULL));
    m->contact = draft->id;
    return NULL;
}

static Err *make_deal(Conversion *m, Val name, Val amount)
{
    Record *deal = record_new(m->cx->mem, object_of(m, "deal"));

    record_set(deal, "name", val_is_null(name) ? record_get_val(m->lead, "title") : name);
    record_set(deal, "account", ref_to(m, "account", m->account));
    if (m->contact) record_set(deal, "contact", ref_to(m, "contact", m->contact));
    if (!val_is_null(amount)) record_set(deal, "amount", amount);
    copy_declared(m, deal);
    copy_origin(deal, m->lead);
    TRY(record_create(m->cx, deal, NULL));
    m->deal = deal->id;
    return NULL;
}

static Err *close_lead(Conversion *m)
{
    Record *next = record_new(m->cx->mem, m->lead->obj);

    next->id = m->lead->id;
    record_set(next, "status", val_text(S("qualified")));
    record_set(next, "account", ref_to(m, "account", m->account));
    if (m->contact) record_set(next, "contact", ref_to(m, "contact", m->contact));
    if (m->deal) record_set(next, "deal", ref_to(m, "deal", m->deal));
    record_set(next, "converted_at", val_from_ms(m->cx->now));
    return record_update(m->cx, next, NULL);
}

/* --- what happened so far -------------------------------------------------------------------------------------------- */

static Err *ids_of(Conversion *m, const Object *obj, const char *field, Id **out, size_t *n)
{
    Query q = {0};

    TRY(query_parse(m->cx, obj,
                    str_fmt(m->cx->mem, "%s == '%.*s'", field, SFMT(id_text(m->cx->mem, m->lead->id))),
                    (Str){0}, &q));
    return record_ids(m->cx, &q, 0, out, n);
}

static Err *point_on(Conversion *m, const Object *obj, Id id)
{
    static const char *const TO[] = {"account", "contact", "deal"};
    const Id ids[] = {m->account, m->contact, m->deal};
    Record *stored = NULL, *rec = record_new(m->cx->mem, obj);

    TRY(record_get(m->cx, obj, id, 0, &stored));
    rec->id = id;
    for (size_t i = 0; i < 3; i++) {
        const Field *f = object_field(obj, str_c(TO[i]));
        if (f && ids[i] && val_is_null(stored->vals[f->index]))
            record_set(rec, TO[i], ref_to(m, TO[i], ids[i]));
    }
    return record_update(m->cx, rec, NULL);
}

/* A file belongs to one record: the new one gets an entry of its own for the same content. */
static Err *copy_file(Conversion *m, const Object *obj, Id id)
{
    static const char *const COPIED[] = {"name", "type", "size", "hash", "description"};
    Record *stored = NULL, *rec = record_new(m->cx->mem, obj);

    TRY(record_get(m->cx, obj, id, 0, &stored));
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        record_set(rec, COPIED[i], record_get_val(stored, COPIED[i]));
    record_set(rec, "owner", stored->vals[SYS_OWNER]);
    record_set(rec, "about", m->deal ? ref_to(m, "deal", m->deal) : ref_to(m, "account", m->account));
    return record_create(m->cx, rec, NULL);
}

static Err *carry(Conversion *m, const char *object, const char *field,
                  Err *(*one)(Conversion *m, const Object *obj, Id id))
{
    const Object *obj = object_of(m, object);
    Id *ids = NULL;
    size_t n = 0;

    TRY(ids_of(m, obj, field, &ids, &n));
    for (size_t i = 0; i < n; i++) TRY(one(m, obj, ids[i]));
    return NULL;
}

/* As the system, in his name: what others did on the lead goes along too. */
static Err *carry_over(const Conversion *m)
{
    Ctx system = ctx_as_system(m->cx);
    Actor who = *system.actor;
    Conversion own = *m;

    who.user = m->cx->actor->user;
    system.actor = &who;
    system.hold++;
    own.cx = &system;
    TRY(carry(&own, "activity", "lead", point_on));
    TRY(carry(&own, "consent", "lead", point_on));
    TRY(carry(&own, "file", "about", copy_file));
    system.hold--;
    TRY(rollup_flush(&system));
    ctx_join(m->cx, &system);
    return NULL;
}

/* --- the actions ----------------------------------------------------------------------------------------------------- */

static Err *begin(Ctx *cx, const Record *lead, bool as_person, Conversion *out)
{
    *out = (Conversion){.cx = cx, .lead = lead};
    out->is_person = as_person || val_is_null(record_get_val(lead, "company"));
    if (val_is_null(record_get_val(lead, "converted_at"))) return NULL;
    FAIL(cx->mem, ERR_CONFLICT, "error.lead.converted", "the lead has been converted");
}

/* The company a contact acts for is the account, unless another is named. */
static Err *account_of_contact(Conversion *m)
{
    Record *contact = NULL;

    if (m->account || !m->contact) return NULL;
    TRY(record_get(m->cx, object_of(m, "contact"), m->contact, 0, &contact));
    Val account = record_get_val(contact, "account");
    if (!val_is_null(account)) m->account = account.i;
    return NULL;
}

static bool is_true(Val v, bool otherwise)
{
    return v.kind == VAL_BOOL ? v.b : otherwise;
}

Err *lead_convert(Ctx *cx, Record *lead, const Val *params, Val *out)
{
    Conversion m = {0};

    TRY(begin(cx, lead, is_true(params[5], false), &m));
    if (!cx->batch) cx->batch = id_new(cx->now);
    cx->may_write_readonly = true;
    m.account = val_is_null(params[0]) ? 0 : params[0].i;
    m.contact = val_is_null(params[4]) ? 0 : params[4].i;
    TRY(account_of_contact(&m));
    TRY(settle_account(&m));
    TRY(settle_contact(&m));
    if (is_true(params[1], true)) TRY(make_deal(&m, params[2], params[3]));
    TRY(close_lead(&m));
    TRY(carry_over(&m));
    ValPair *pairs = NEW_N(cx->mem, ValPair, 4);
    pairs[0] = (ValPair){val_text(S("account")), ref_to(&m, "account", m.account)};
    pairs[1] = (ValPair){val_text(S("contact")), ref_to(&m, "contact", m.contact)};
    pairs[2] = (ValPair){val_text(S("deal")), ref_to(&m, "deal", m.deal)};
    pairs[3] = (ValPair){val_text(S("batch")), val_id(cx->batch)};
    *out = val_map(pairs, 4);
    return NULL;
}

/* --- matches --------------------------------------------------------------------------------------------------------- */

static Val match_of(Ctx *cx, const Likely *like)
{
    Val *fields = NEW_N(cx->mem, Val, like->n_fields);
    ValPair *pairs = NEW_N(cx->mem, ValPair, 5);

    for (size_t i = 0; i < like->n_fields; i++) fields[i] = val_text(like->fields[i]->name);
    pairs[0] = (ValPair){val_text(S("object")), val_text(like->rec->obj->name)};
    pairs[1] = (ValPair){val_text(S("id")), val_id(like->rec->id)};
    pairs[2] = (ValPair){val_text(S("label")), val_text(like->rec->label)};
    pairs[3] = (ValPair){val_text(S("score")), val_text(str_fmt(cx->mem, "%.4f", like->score))};
    pairs[4] = (ValPair){val_text(S("fields")), val_list(fields, like->n_fields)};
    return val_map(pairs, 5);
}

static Err *matches_of(Ctx *cx, const Record *draft, Val *out)
{
    Likely *found = NULL;
    size_t n = 0;

    TRY(duplicates_like(cx, draft, MATCHES_MAX, &found, &n));
    Val *list = NEW_N(cx->mem, Val, n);
    for (size_t i = 0; i < n; i++) list[i] = match_of(cx, &found[i]);
    *out = val_list(list, n);
    return NULL;
}

Err *lead_matches(Ctx *cx, Record *lead, const Val *params, Val *out)
{
    ValPair *pairs = NEW_N(cx->mem, ValPair, 2);
    Conversion m = {0};

    TRY(begin(cx, lead, is_true(params[0], false), &m));
    pairs[0].key = val_text(S("accounts"));
    TRY(matches_of(cx, draft_account(&m), &pairs[0].val));
    pairs[1].key = val_text(S("contacts"));
    TRY(matches_of(cx, draft_contact(&m), &pairs[1].val));
    *out = val_map(pairs, 2);
    return NULL;
}
