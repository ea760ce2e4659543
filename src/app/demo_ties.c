/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who knows whom in the demo: who recommended us, and links between accounts and between people.  A tie leads only to somebody
   who was there before, so that every past of the company makes sense too.  Its own chance, so that what else is made does not
   depend on it. */
#include "app/demo_impl.h"

#include "base/text.h"

#define TRIES 20

typedef struct Tying {
    Demo *d;
    Ctx *cx;
    Rng rng;
    size_t at; /* of the account */
    const DemoAccount *a;
} Tying;

/* --- who recommended us ---------------------------------------------------------------------------------------------- */

void demo_referral(Demo *d, Ctx *cx, Record *rec, const char *kind, size_t i, const DemoAccount *self)
{
    Rng rng = rng_new(d->seed, kind, i);

    if (!str_eq(val_str(record_get_val(rec, "source")), S("referral"))) return;
    for (int n = 0; n < TRIES; n++) {
        const DemoAccount *by = &d->accounts[rng_below(&rng, d->n_accounts)];
        bool was_customer = by->customer_since && by->customer_since <= zone_date(d->zone, cx->now);
        if (by == self || !by->id || !was_customer || by->made + DAY_MS > cx->now) continue;
        if (by->n_contacts && rng_chance(&rng, 50))
            demo_ref(cx, rec, "referred_by", "contact", by->contacts[rng_below(&rng, by->n_contacts)]);
        else
            demo_ref(cx, rec, "referred_by", "account", by->id);
        return;
    }
}

/* --- links ----------------------------------------------------------------------------------------------------------- */

static Err *link_accounts(Tying *t, Id account, const char *kind, Id other)
{
    Record *rec = demo_record(t->d, t->cx, "account_link", t->a->user, t->a->made + HOUR_MS);

    demo_ref(t->cx, rec, "account", "account", account);
    demo_choice(rec, "kind", kind);
    demo_ref(t->cx, rec, "other", "account", other);
    record_set(rec, "since", val_date(zone_date(t->d->zone, t->a->made)));
    return record_create(t->cx, rec, NULL);
}

static Err *link_people(Tying *t, Id contact, const char *kind, Id other)
{
    Record *rec = demo_record(t->d, t->cx, "contact_link", t->a->user, t->a->made + HOUR_MS);

    demo_ref(t->cx, rec, "contact", "contact", contact);
    demo_choice(rec, "kind", kind);
    demo_ref(t->cx, rec, "other", "contact", other);
    return record_create(t->cx, rec, NULL);
}

/* A company that was there before; NULL when chance finds none. */
static const DemoAccount *older_company(Tying *t)
{
    for (int n = 0; n < TRIES && t->at > 7; n++) {
        const DemoAccount *a = &t->d->accounts[7 + rng_below(&t->rng, t->at - 7)];
        if (a->id && a->kind == KIND_COMPANY && a->made + DAY_MS < t->a->made) return a;
    }
    return NULL;
}

/* The partners and suppliers stand third to sixth in the demo. */
static Err *tie_account(Tying *t)
{
    const DemoAccount *all = t->d->accounts, *other = older_company(t);
    Id partner = all[3 + rng_below(&t->rng, 2)].id, supplier = all[5 + rng_below(&t->rng, 2)].id;

    if (t->a->kind == KIND_SOLE_TRADER)
        return other && rng_chance(&t->rng, 50) ? link_accounts(t, t->a->id, "advises", other->id) : NULL;
    if (t->a->kind != KIND_COMPANY) return NULL;
    switch (rng_below(&t->rng, 12)) {
    case 0: return link_accounts(t, partner, "partner", t->a->id);
    case 1: return link_accounts(t, t->a->id, "buys_through", partner);
    case 2: return link_accounts(t, supplier, "supplier", t->a->id);
    case 3: return other ? link_accounts(t, t->a->id, "subsidiary", other->id) : NULL;
    default: return NULL;
    }
}

static Err *tie_people(Tying *t)
{
    const DemoAccount *a = t->a, *other = older_company(t);
    bool knows = other && other->n_contacts && rng_chance(&t->rng, 25);

    if (a->kind == KIND_HOUSEHOLD)
        return a->n_contacts > 1 ? link_people(t, a->contacts[1], "spouse", a->contacts[0]) : NULL;
    if (a->n_contacts > 2 && rng_chance(&t->rng, 40))
        TRY(link_people(t, a->contacts[2], "assistant", a->contacts[0]));
    if (!knows || !a->n_contacts) return NULL;
    return link_people(t, a->contacts[0], rng_chance(&t->rng, 60) ? "former_colleague" : "friend",
                       other->contacts[rng_below(&t->rng, other->n_contacts)]);
}

Err *demo_make_ties(Demo *d, Ctx *cx, size_t i)
{
    Tying t = {.d = d, .cx = cx, .rng = rng_new(d->seed, "tie", i), .at = i, .a = &d->accounts[i]};

    if (i < 7) return NULL;
    TRY(tie_account(&t));
    return tie_people(&t);
}
