/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/demo.h"
#include "app/demo_words.h"

/* Inside the demo: what is being made and what was made already. */

#define DEMO_TEAMS      4
#define DEMO_USERS      11
#define DEMO_STAGES_MAX 20
#define DAY_MS          INT64_C(86400000)
#define HOUR_MS         INT64_C(3600000)
#define MINUTE_MS       INT64_C(60000)

typedef struct DemoUser {
    Id id;
    unsigned team;
} DemoUser;

typedef struct DemoProduct {
    Id id;
    int64_t price; /* scaled by 10^4 */
    Str line;      /* of the words */
} DemoProduct;

typedef enum AccountKind {
    KIND_COMPANY,
    KIND_SOLE_TRADER,
    KIND_PUBLIC,
    KIND_PERSON,
    KIND_HOUSEHOLD,
    KIND_OTHER
} AccountKind;

#define DEMO_CONTACTS_MAX 4
typedef struct DemoAccount {
    Id id;
    int64_t made;           /* ms */
    int64_t customer_since; /* days; 0: not yet */
    Str name, phone;
    Id contacts[DEMO_CONTACTS_MAX];
    Str phones[DEMO_CONTACTS_MAX];
    uint8_t n_contacts, user, city, kind, source;
} DemoAccount;

typedef struct DemoDeal {
    Id id, contact, invoice;
    int64_t opened, ended; /* ms; `ended` 0 while open */
    uint32_t account;
    uint8_t user, source;
} DemoDeal;

typedef struct DemoLead {
    Id id;
    int64_t from, till; /* ms: when somebody worked on it; 0: nobody has */
    Str phone;
    uint8_t user;
} DemoLead;

typedef struct Demo {
    Store *store;
    Arena *mem; /* lives as long as the load */
    const Yaml *words;
    Str country, zone;
    uint64_t seed;
    int64_t now, today, start; /* ms, days, ms when the company began with Kith */
    Id batch;
    uint16_t currency, foreign; /* packed; foreign 0: none */
    Id currency_id;
    Id teams[DEMO_TEAMS];
    DemoUser users[DEMO_USERS + 1]; /* the last is the administrator, when there is one */
    size_t n_users;
    Id role_sales, role_manager;
    Id stages[DEMO_STAGES_MAX]; /* open ones in order */
    size_t n_stages;
    Id won, lost;
    DemoProduct *products;
    size_t n_products;
    DemoAccount *accounts;
    size_t n_accounts;
    DemoDeal *deals;
    size_t n_deals;
    DemoLead *leads;
    size_t n_leads;
    size_t n_activities;
} Demo;

/* --- writing one record ---------------------------------------------------------------------------------------------- */

/** A new record of `object`, written by `user` (index; above n_users: by nobody) at `ms`: sets actor and time of `cx`. */
Record *demo_record(Demo *d, Ctx *cx, const char *object, size_t user, int64_t ms);
void demo_text(Record *rec, const char *field, Str text); /* empty text is left out */
void demo_choice(Record *rec, const char *field, const char *key);
void demo_ref(Ctx *cx, Record *rec, const char *field, const char *object, Id id);
void demo_owner(Demo *d, Ctx *cx, Record *rec, size_t user);
void demo_money(Demo *d, Record *rec, const char *field, int64_t scaled);
void demo_ms(Record *rec, const char *field, int64_t ms);
/** As the API would take it: phones, e-mails, addresses, identifiers. */
MUST_CHECK Err *demo_json(Ctx *cx, Record *rec, const char *field, Val json);
Val demo_map(Ctx *cx, const char *const *keys, const Str *values, size_t n);
/** A random working moment of day `day`, not after now. */
int64_t demo_moment(const Demo *d, Rng *rng, int64_t day);
/** The same without the bound. */
int64_t demo_hour(const Demo *d, Rng *rng, int64_t day);
/** A responsible salesperson. */
size_t demo_seller(const Demo *d, Rng *rng);
void demo_tags(Demo *d, Ctx *cx, Record *rec, Rng *rng, unsigned percent);
/** Source with UTM; the number can be given again for another record. */
uint8_t demo_pick_source(Rng *rng);
void demo_source(Demo *d, Record *rec, uint8_t source);

/** Who recommended us, when the source of `rec` says that somebody did: a customer of before cx->now, or one of his people.
    `self`: the account that cannot have been; may be NULL. */
void demo_referral(Demo *d, Ctx *cx, Record *rec, const char *kind, size_t i, const DemoAccount *self);

typedef struct DemoPerson {
    bool is_female;
    Str family, given, middle;
    Str full; /* as the language writes it */
    Str mail; /* local part */
} DemoPerson;
DemoPerson demo_person(Demo *d, Ctx *cx, Rng *rng, const DemoPerson *relative);
MUST_CHECK Err *demo_name(Ctx *cx, Record *rec, const char *field, const DemoPerson *who);
/** Name of company `i` without legal form, and the code of its industry. */
Str demo_company(Demo *d, Ctx *cx, size_t i, Str *industry);
MUST_CHECK Err *demo_address(Demo *d, Ctx *cx, Record *rec, Rng *rng, Str city, bool is_office);
MUST_CHECK Err *demo_industry(Ctx *cx, Record *rec, Str code);

/* --- what is made, thing `i` of its kind, in a unit ------------------------------------------------------------------ */

/** The names of what the company began with, in the language of the demo. */
MUST_CHECK Err *demo_make_names(Demo *d, Ctx *cx, size_t i);
MUST_CHECK Err *demo_make_basics(Demo *d, Ctx *cx, size_t i);
MUST_CHECK Err *demo_make_account(Demo *d, Ctx *cx, size_t i);
/** Links of account `i` and its people to those made before. */
MUST_CHECK Err *demo_make_ties(Demo *d, Ctx *cx, size_t i);
MUST_CHECK Err *demo_make_deal(Demo *d, Ctx *cx, size_t i);
/** Offer, or order and invoice, of deal `i`; then what was paid for it. */
/** Needs, competitors, team and playbooks of deal `i`. */
MUST_CHECK Err *demo_make_details(Demo *d, Ctx *cx, size_t i);
MUST_CHECK Err *demo_make_papers(Demo *d, Ctx *cx, size_t i);
MUST_CHECK Err *demo_make_payment(Demo *d, Ctx *cx, size_t i);
/** Orders of account `i`, when it is one that orders again and again. */
MUST_CHECK Err *demo_make_habit(Demo *d, Ctx *cx, size_t i);
/** Plans of sales for the quarter `i` before this one. */
MUST_CHECK Err *demo_make_quotas(Demo *d, Ctx *cx, size_t i);
MUST_CHECK Err *demo_make_lead(Demo *d, Ctx *cx, size_t i);
MUST_CHECK Err *demo_make_activity(Demo *d, Ctx *cx, size_t i);

/* --- the mark of what is demo ---------------------------------------------------------------------------------------- */

typedef struct DemoMark {
    char state; /* 0 none, 'l' loading, 'r' ready, 'd' being removed */
    Id batch, removal, job;
} DemoMark;
MUST_CHECK Err *demo_mark_get(Ctx *cx, DemoMark *out);
MUST_CHECK Err *demo_mark_set(Ctx *cx, const DemoMark *mark);
/** Removes the records of `mark`; the busy flag is the caller's. */
MUST_CHECK Err *demo_take_away(Store *store, Arena *mem, DemoMark mark, const DemoOptions *opt,
                               DemoReport *out);
