/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The demo company itself (teams, users, products, rates) and its customers: accounts with people, legal details, consents. */
#include "app/demo_impl.h"

#include "base/text.h"
#include "base/time.h"
#include "core/seed.h"

/* --- the company ----------------------------------------------------------------------------------------------------- */

static Err *find_id(Ctx *cx, Str sql, Str what, Id *out)
{
    Val bind = val_text(what), v;

    TRY(db_one(cx->mem, cx->db, sql, &bind, 1, &v));
    *out = v.kind == VAL_INT ? v.i : 0;
    return NULL;
}

Err *demo_make_names(Demo *d, Ctx *cx, size_t i)
{
    (void)i;
    return seed_rename(cx, lang_from(words_text(d->words, "language")), 0);
}

static Err *make_teams(Demo *d, Ctx *cx)
{
    const Yaml *names = words_list(d->words, "teams");

    for (size_t i = 0; i < DEMO_TEAMS; i++) {
        Record *rec = demo_record(d, cx, "team", DEMO_USERS, d->start);
        demo_text(rec, "name", names->items[i]->text);
        if (i) demo_ref(cx, rec, "parent", "team", d->teams[0]);
        TRY(record_create(cx, rec, NULL));
        d->teams[i] = rec->id;
    }
    return NULL;
}

/* `text`, or with a number when a living record has it already: what was kept of an earlier demo. */
static Err *free_email(Ctx *cx, Str local, Str domain, Str *out)
{
    Id taken = 0;

    for (int n = 1;; n++) {
        *out = n == 1 ? str_fmt(cx->mem, "%.*s@%.*s", SFMT(local), SFMT(domain))
                      : str_fmt(cx->mem, "%.*s%d@%.*s", SFMT(local), n, SFMT(domain));
        TRY(find_id(cx, S("SELECT id FROM \"user\" WHERE email = ?1 AND deleted_at IS NULL"), *out, &taken));
        if (!taken) return NULL;
    }
}

/* The heads of the teams stand first in their team. */
static Id manager_of(const Demo *d, size_t i, unsigned team)
{
    if (i == 0) return 0;
    for (size_t k = 1; k < i; k++)
        if (d->users[k].team == team) return d->users[k].id;
    return d->users[0].id;
}

static Err *make_user(Demo *d, Ctx *cx, size_t i)
{
    Rng rng = rng_new(d->seed, "user", i);
    DemoPerson who = demo_person(d, cx, &rng, NULL);
    Str line = words_list(d->words, "users")->items[i]->text, email;
    unsigned team = (unsigned)demo_words_number(line, 1);
    Id manager = manager_of(d, i, team);
    bool leads = i == 0 || manager == d->users[0].id;

    TRY(free_email(cx, who.mail, words_text(d->words, "user_mail"), &email));
    Str city = words_list(d->words, "cities")->items[0]->text;
    Phone phone = words_phone(cx->mem, &rng, d->country, words_part(city, 2));
    Record *rec = demo_record(d, cx, "user", DEMO_USERS, d->start + (int64_t)i * MINUTE_MS);
    demo_text(rec, "name", str_fmt(cx->mem, "%.*s %.*s", SFMT(who.given), SFMT(who.family)));
    demo_text(rec, "email", email);
    demo_text(rec, "job_title", words_part(line, 0));
    demo_text(rec, "language", words_text(d->words, "language"));
    demo_text(rec, "zone", d->zone);
    demo_ref(cx, rec, "role", "role", leads ? d->role_manager : d->role_sales);
    demo_ref(cx, rec, "manager", "user", manager);
    demo_ref(cx, rec, "team", "team", d->teams[team]);
    record_set(rec, "may_sign_in", val_bool(false));
    TRY(demo_json(cx, rec, "phone", val_text(phone.mobile)));
    TRY(record_create(cx, rec, NULL));
    d->users[i] = (DemoUser){rec->id, team};
    return NULL;
}

static Err *set_head(Demo *d, Ctx *cx, unsigned team)
{
    for (size_t i = 0; i < DEMO_USERS; i++) {
        if (d->users[i].team != team) continue;
        Record *rec = demo_record(d, cx, "team", 0, d->start + HOUR_MS);
        rec->id = d->teams[team];
        demo_ref(cx, rec, "manager", "user", d->users[i].id);
        return record_update(cx, rec, NULL);
    }
    return NULL;
}

/* --- products -------------------------------------------------------------------------------------------------------- */

static Err *make_product(Demo *d, Ctx *cx, size_t i)
{
    Str line = words_list(d->words, "products")->items[i]->text, code = words_part(line, 0);
    int64_t price = demo_words_number(line, 5) * 10000, vat = 0;
    Record *rec = demo_record(d, cx, "product", 0, d->start + 2 * HOUR_MS + (int64_t)i * MINUTE_MS);
    Id taken;

    for (int n = 2;; n++) {
        TRY(find_id(cx, S("SELECT id FROM \"product\" WHERE code = ?1 AND deleted_at IS NULL"), code,
                    &taken));
        if (!taken) break;
        code = str_fmt(cx->mem, "%.*s-%d", SFMT(words_part(line, 0)), n);
    }
    demo_text(rec, "code", code);
    demo_text(rec, "family", words_part(line, 1));
    demo_text(rec, "kind", words_part(line, 2));
    demo_text(rec, "name", words_part(line, 3));
    demo_text(rec, "unit", words_part(line, 4));
    demo_money(d, rec, "price", price);
    demo_money(d, rec, "cost", price / 100 * demo_words_number(line, 6));
    if (str_to_i64(words_text(d->words, "vat"), &vat)) record_set(rec, "vat", val_decimal(vat * 10000, 4));
    TRY(record_create(cx, rec, NULL));
    d->products[i] = (DemoProduct){rec->id, price, line};
    return NULL;
}

/* --- rates ----------------------------------------------------------------------------------------------------------- */

/* What a euro was worth about, by 100: enough for made-up deals. */
static int64_t per_euro(uint16_t currency)
{
    static const struct {
        const char *code;
        int64_t worth;
    } WORTH[] = {{"EUR", 100}, {"USD", 109}, {"GBP", 85}, {"PLN", 428}, {"RUB", 9600}};

    for (size_t i = 0; i < sizeof WORTH / sizeof *WORTH; i++)
        if (currency_pack(str_c(WORTH[i].code)) == currency) return WORTH[i].worth;
    return 0;
}

static Err *make_rate(Demo *d, Ctx *cx, uint16_t currency, bool *is_known)
{
    int64_t ours = per_euro(d->store->company->currency_code), theirs = per_euro(currency),
            day = d->today - 1100;
    char code[4];
    Id id, rate;

    *is_known = currency == d->store->company->currency_code;
    if (*is_known || !ours || !theirs) return NULL;
    currency_unpack(currency, code);
    Str name = str_copy(cx->mem, str_c(code));
    TRY(find_id(cx, S("SELECT id FROM \"currency\" WHERE code = ?1 AND deleted_at IS NULL"), name, &id));
    if (!id) return NULL;
    *is_known = true;
    Val binds[] = {val_int(id), val_int(day)}, v;
    TRY(db_one(cx->mem, cx->db,
               S("SELECT id FROM \"rate\" WHERE currency = ?1 AND date <= ?2 AND deleted_at IS NULL"), binds,
               2, &v));
    rate = v.kind == VAL_INT ? v.i : 0;
    if (rate) return NULL;
    Record *rec = demo_record(d, cx, "rate", DEMO_USERS, d->start);
    demo_ref(cx, rec, "currency", "currency", id);
    record_set(rec, "date", val_date(day));
    record_set(rec, "rate", val_decimal(ours * INT64_C(10000000000) / theirs, 10));
    return record_create(cx, rec, NULL);
}

/* Prices are in the currency of the country when its worth is known here, else in the company's. */
static Err *choose_currency(Demo *d, Ctx *cx)
{
    uint16_t own = d->store->company->currency_code,
             country = currency_pack(words_text(d->words, "currency"));
    bool is_english = str_eq(d->country, S("US"));
    bool is_known;
    char code[4];

    d->currency =
        is_english && (own == currency_pack(S("EUR")) || own == currency_pack(S("GBP"))) ? own : country;
    TRY(make_rate(d, cx, d->currency, &is_known));
    if (!is_known) d->currency = own;
    currency_unpack(d->currency, code);
    TRY(find_id(cx, S("SELECT id FROM \"currency\" WHERE code = ?1 AND deleted_at IS NULL"),
                str_copy(cx->mem, str_c(code)), &d->currency_id));
    d->foreign = currency_pack(d->currency == currency_pack(S("EUR")) ? S("USD") : S("EUR"));
    TRY(make_rate(d, cx, d->foreign, &is_known));
    if (!is_known || d->foreign == d->currency) d->foreign = 0;
    return NULL;
}

Err *demo_make_basics(Demo *d, Ctx *cx, size_t i)
{
    (void)i;
    TRY(choose_currency(d, cx));
    TRY(find_id(cx, S("SELECT id FROM \"role\" WHERE key = ?1 AND deleted_at IS NULL"), S("sales"),
                &d->role_sales));
    TRY(find_id(cx, S("SELECT id FROM \"role\" WHERE key = ?1 AND deleted_at IS NULL"), S("manager"),
                &d->role_manager));
    TRY(make_teams(d, cx));
    for (size_t k = 0; k < DEMO_USERS; k++) TRY(make_user(d, cx, k));
    for (unsigned team = 0; team < DEMO_TEAMS; team++) TRY(set_head(d, cx, team));
    for (size_t k = 0; k < d->n_products; k++) TRY(make_product(d, cx, k));
    return NULL;
}

/* --- accounts -------------------------------------------------------------------------------------------------------- */

typedef struct Making {
    Demo *d;
    Ctx *cx;
    Rng *rng;
    DemoAccount *a;
    Record *rec;
    Str city, domain, legal, region;
    DemoPerson who; /* of a person, sole trader, household */
} Making;

static AccountKind kind_of(uint64_t seed, size_t i)
{
    size_t at = (i * 37 + (size_t)(seed % 100)) % 100; /* every share is met even among few */

    if (i < 7) return KIND_OTHER;
    if (i < 10 || at < 66) return KIND_COMPANY;
    if (at < 78) return KIND_SOLE_TRADER;
    if (at < 84) return KIND_PUBLIC;
    return at < 96 ? KIND_PERSON : KIND_HOUSEHOLD;
}

/* Most customers are older than the demo; the last few came this week. */
static void account_times(Making *m, size_t i)
{
    Demo *d = m->d;
    DemoAccount *a = m->a;
    int64_t start = d->today - 390;
    size_t fresh = d->n_accounts > 20 ? 4 + (d->n_accounts >= 600 ? 8 : 0) : 1;

    if (i + fresh >= d->n_accounts && i >= 10) {
        int64_t back = (int64_t)(d->n_accounts - 1 - i) / 2;
        int64_t first = zone_day_start(d->zone, d->today);
        a->made = back ? demo_moment(d, m->rng, d->today - 1 - (back < 4 ? back : 4))
                       : first + (d->now - first) / 3;
        a->customer_since = d->today - (back < 4 ? back : 4);
        return;
    }
    bool is_old = rng_chance(m->rng, 60) || i < 10;
    int64_t day =
        is_old ? rng_between(m->rng, start, start + 40) : rng_between(m->rng, start + 40, d->today - 12);
    bool is_customer = rng_chance(m->rng, is_old ? 75 : 35) && a->kind != KIND_OTHER;
    a->made = demo_moment(d, m->rng, day);
    if (is_customer || (i >= 7 && i < 10))
        a->customer_since = is_old ? day - rng_between(m->rng, 30, 1200) : day + rng_between(m->rng, 10, 45);
    if (a->customer_since > d->today - 9) a->customer_since = 0;
}

static void other_account(Making *m, size_t i)
{
    static const char *const LISTS[] = {"competitors",   "competitors",    "competitors",   "partner_names",
                                        "partner_names", "supplier_names", "supplier_names"};
    static const char *const ROLES[] = {"competitor", "competitor", "competitor", "partner",
                                        "partner",    "supplier",   "supplier"};
    static const uint8_t AT[] = {0, 1, 2, 0, 1, 0, 1};
    Val *role = NEW(m->cx->mem, Val);

    *role = val_text(str_c(ROLES[i]));
    record_set(m->rec, "roles", val_list(role, 1));
    m->a->name = m->legal = words_list(m->d->words, LISTS[i])->items[AT[i]]->text;
    m->domain = str_cat(m->cx->mem, words_latin(m->cx->mem, m->a->name, '-'), S(".example"));
}

static Err *company_account(Making *m, size_t i)
{
    Arena *mem = m->cx->mem;
    Str industry, base = demo_company(m->d, m->cx, i, &industry);
    Str form = words_list(m->d->words, "forms")->items[words_weighted(m->d->words, "forms", 3, m->rng)]->text;
    bool is_sole = m->a->kind == KIND_SOLE_TRADER;

    if (is_sole) form = words_text(m->d->words, "sole_form");
    if (is_sole) m->who = demo_person(m->d, m->cx, m->rng, NULL);
    m->a->name = words_put(mem, words_put(mem, words_part(form, 1), "name", base), "person", m->who.full);
    m->legal = words_put(mem, words_put(mem, words_part(form, 2), "name", base), "person", m->who.full);
    demo_text(m->rec, "legal_form", words_part(form, 0));
    m->domain = str_cat(
        mem,
        words_latin(mem, is_sole ? str_fmt(mem, "%.*s %.*s", SFMT(base), SFMT(m->who.family)) : base, '-'),
        S(".example"));
    return demo_industry(m->cx, m->rec, industry);
}

/* A branch of a company made before, in another city. */
static void make_branch(Making *m, size_t i)
{
    Demo *d = m->d;
    size_t up = 7 + rng_below(m->rng, i > 17 ? i / 20 * 20 - 7 : 1);

    if (up >= i || d->accounts[up].kind != KIND_COMPANY || !d->accounts[up].id ||
        d->accounts[up].city == m->a->city || !rng_chance(m->rng, 14))
        return;
    Str name = words_put(m->cx->mem, words_text(d->words, "branch_form"), "name", d->accounts[up].name);
    m->a->name = words_put(m->cx->mem, name, "city", words_part(m->city, 0));
    demo_ref(m->cx, m->rec, "parent", "account", d->accounts[up].id);
}

static Err *public_account(Making *m)
{
    Arena *mem = m->cx->mem;
    Str line = words_pick(m->d->words, "public_bodies", m->rng),
        form = words_text(m->d->words, "public_form");
    int number = 1 + (int)rng_below(m->rng, 180);
    Str base = words_put(mem, words_part(line, 0), "n", str_fmt(mem, "%d", number));

    m->a->name = words_put(mem, words_part(form, 1), "name", base);
    m->legal = words_put(mem, words_part(form, 2), "name", base);
    demo_text(m->rec, "legal_form", words_part(form, 0));
    m->domain = str_cat(mem, words_latin(mem, base, '-'), S(".example"));
    return demo_industry(m->cx, m->rec, words_part(line, 1));
}

static void person_account(Making *m)
{
    Demo *d = m->d;

    m->who = demo_person(d, m->cx, m->rng, NULL);
    m->domain = words_pick(d->words, "mail", m->rng);
    m->a->name = m->who.full;
    if (m->a->kind == KIND_HOUSEHOLD) {
        const Yaml *list = words_list(d->words, "family");
        Str family = m->who.family;
        for (size_t i = 0; i < list->n; i++) /* a family is named by its plural in Russian */
            if (str_eq(words_part(list->items[i]->text, 1), family) ||
                str_eq(words_part(list->items[i]->text, 0), family))
                family = words_part(list->items[i]->text, 0);
        bool adds = str_eq(d->country, S("RU")) && (str_ends(family, S("в")) || str_ends(family, S("н")));
        if (adds)
            family = str_cat(m->cx->mem, family, S("ых"));
        else if (str_eq(d->country, S("RU")) && str_ends(family, S("ий")))
            family = str_cat(m->cx->mem, str_sub(family, 0, family.n - 4), S("их"));
        m->a->name = words_put(m->cx->mem, words_text(d->words, "household_form"), "family", family);
        return;
    }
    demo_choice(m->rec, "gender", m->who.is_female ? "female" : "male");
    record_set(m->rec, "birth_date", val_date(d->today - rng_between(m->rng, 21 * 365, 65 * 365)));
}

static Val identifier(Ctx *cx, Str country, const char *kind, Str value)
{
    static const char *const KEYS[] = {"country", "kind", "value"};
    const Str values[] = {country, str_c(kind), value};

    return demo_map(cx, KEYS, values, 3);
}

static Val identifiers(Making *m)
{
    Arena *mem = m->cx->mem;
    Str country = m->d->country, region = words_part(m->city, 3);
    bool is_sole = m->a->kind == KIND_SOLE_TRADER;
    Val *list = NEW_N(mem, Val, 3);
    size_t n = 0;

    if (str_eq(country, S("RU"))) {
        list[n++] = identifier(m->cx, country, "INN", ident_inn(mem, m->rng, region, is_sole));
        if (!is_sole) list[n++] = identifier(m->cx, country, "KPP", ident_kpp(mem, m->rng, region));
        list[n++] =
            identifier(m->cx, country, is_sole ? "OGRNIP" : "OGRN", ident_ogrn(mem, m->rng, region, is_sole));
    } else if (str_eq(country, S("PL"))) {
        list[n++] = identifier(m->cx, country, "NIP", ident_nip(mem, m->rng));
        list[n++] = identifier(m->cx, country, "REGON", ident_regon(mem, m->rng));
        if (!is_sole && m->a->kind != KIND_PUBLIC)
            list[n++] = identifier(m->cx, country, "KRS", ident_krs(mem, m->rng));
    } else {
        list[n++] = identifier(m->cx, country, "EIN", ident_ein(mem, m->rng));
    }
    return val_list(list, n);
}

static bool is_organisation(const DemoAccount *a)
{
    return a->kind != KIND_PERSON && a->kind != KIND_HOUSEHOLD;
}

static Err *fill_business(Making *m)
{
    static const char *const SIZES[] = {"micro", "small", "medium", "large"};
    static const int STAFF[] = {3, 18, 90, 400};
    Rng *rng = m->rng;
    size_t size = m->a->kind == KIND_SOLE_TRADER ? 0
                  : rng_below(rng, 10) < 2       ? 0
                  : rng_below(rng, 10) < 6       ? 1
                  : rng_below(rng, 10) < 8       ? 2
                                                 : 3;
    int64_t staff = 1 + rng_between(rng, STAFF[size] / 2, STAFF[size] * 2);

    demo_choice(m->rec, "size", SIZES[size]);
    record_set(m->rec, "employees", val_int(staff));
    record_set(m->rec, "year_established",
               val_int(date_to_civil(m->d->today).year - rng_between(rng, 2, 28)));
    bool is_own =
        m->d->currency == m->d->store->company->currency_code; /* a converted turnover may be too long */
    if (rng_chance(rng, 60) && is_own)
        demo_money(m->d, m->rec, "annual_revenue",
                   staff * m->d->products[11].price * rng_between(rng, 12, 40));
    demo_text(m->rec, "website", str_cat(m->cx->mem, S("https://"), m->domain));
    return demo_json(m->cx, m->rec, "identifiers", identifiers(m));
}

static void fill_standing(Making *m)
{
    Rng *rng = m->rng;
    bool is_customer = m->a->customer_since != 0;
    size_t at = rng_below(rng, 10);

    if (m->a->kind == KIND_OTHER) return;
    demo_choice(m->rec, "class", at < 2 ? "A" : at < 5 ? "B" : "C");
    if (is_customer) record_set(m->rec, "customer_since", val_date(m->a->customer_since));
    if (is_customer) {
        Val *role = NEW(m->cx->mem, Val);
        *role = val_text(S("customer"));
        record_set(m->rec, "roles", val_list(role, 1));
    }
    if (rng_chance(rng, 35)) demo_text(m->rec, "description", words_pick(m->d->words, "descriptions", rng));
    demo_tags(m->d, m->cx, m->rec, rng, 30);
}

static Err *fill_reach(Making *m)
{
    Arena *mem = m->cx->mem;
    Phone phone = words_phone(mem, m->rng, m->d->country, words_part(m->city, 2));
    bool is_firm = is_organisation(m->a);
    static const char *const BOXES[] = {"info", "office", "zakaz", "mail"};
    const char *box = BOXES[rng_below(m->rng, 4)];
    if (str_eq(m->d->country, S("RU")) == false && str_eq_c(S("zakaz"), box)) box = "hello";
    Str mail = is_firm ? str_fmt(mem, "%s@%.*s", box, SFMT(m->domain))
                       : str_fmt(mem, "%.*s%d@%.*s", SFMT(m->who.mail), (int)rng_below(m->rng, 90) + 10,
                                 SFMT(m->domain));

    m->a->phone = str_copy(m->d->mem, is_firm ? phone.fixed : phone.mobile);
    TRY(demo_json(m->cx, m->rec, "phones", val_text(m->a->phone)));
    TRY(demo_json(m->cx, m->rec, "emails", val_text(mail)));
    return demo_address(m->d, m->cx, m->rec, m->rng, m->city, is_firm && m->a->kind != KIND_PUBLIC);
}

static Err *save_account(Making *m)
{
    static const char *const KINDS[] = {"company", "sole_trader", "public_body",
                                        "person",  "household",   "company"};

    demo_text(m->rec, "name", m->a->name);
    demo_choice(m->rec, "kind", KINDS[m->a->kind]);
    demo_owner(m->d, m->cx, m->rec, m->a->user);
    TRY(record_create(m->cx, m->rec, NULL));
    m->a->id = m->rec->id;
    m->a->name = str_copy(m->d->mem, m->a->name);
    return NULL;
}

/* --- legal details --------------------------------------------------------------------------------------------------- */

static void fill_bank(Making *m, Record *rec)
{
    Arena *mem = m->cx->mem;
    Str bank = words_pick(m->d->words, "banks", m->rng), code = words_part(bank, 1);
    bool is_russian = str_eq(m->d->country, S("RU")), is_polish = str_eq(m->d->country, S("PL"));

    demo_text(rec, "bank_name", words_part(bank, 0));
    if (!is_polish) demo_text(rec, "bank_code", code);
    if (is_russian)
        demo_text(rec, "bank_account", ident_account(mem, m->rng, code));
    else if (is_polish)
        demo_text(rec, "bank_account", ident_iban(mem, m->rng, code));
    else
        demo_text(rec, "bank_account", words_digits(mem, m->rng, 10));
}

static Err *make_requisite(Making *m)
{
    Record *rec = demo_record(m->d, m->cx, "requisite", m->a->user, m->a->made + 20 * MINUTE_MS);
    DemoPerson head = m->a->kind == KIND_SOLE_TRADER ? m->who : demo_person(m->d, m->cx, m->rng, NULL);
    static const char *const ADDRESS[] = {"addresses", "identifiers"};

    demo_text(rec, "name", m->a->name);
    demo_text(rec, "full_name", m->legal);
    demo_ref(m->cx, rec, "account", "account", m->a->id);
    demo_text(rec, "country", m->d->country);
    for (size_t i = 0; i < 2; i++) record_set(rec, ADDRESS[i], record_get_val(m->rec, ADDRESS[i]));
    demo_text(rec, "director", head.full);
    if (m->a->kind == KIND_COMPANY) {
        demo_text(rec, "director_title", words_text(m->d->words, "director_title"));
        demo_text(rec, "acts_under", words_text(m->d->words, "acts_under"));
    }
    demo_choice(rec, "tax_regime", rng_chance(m->rng, 70) ? "vat" : "simplified_income");
    record_set(rec, "is_main", val_bool(true));
    fill_bank(m, rec);
    return record_create(m->cx, rec, NULL);
}

/* --- people ---------------------------------------------------------------------------------------------------------- */

static Err *make_consent(Making *m, const char *field, Id id, int64_t ms)
{
    Record *rec = demo_record(m->d, m->cx, "consent", DEMO_USERS, ms);
    bool is_marketing = rng_chance(m->rng, 40);

    demo_ref(m->cx, rec, field, field, id);
    demo_choice(rec, "purpose", is_marketing ? "marketing" : "processing");
    demo_choice(rec, "channel", is_marketing ? "email" : "any");
    demo_ms(rec, "given_at", ms);
    demo_choice(rec, "proof", "web_form");
    demo_text(rec, "proof_note", words_text(m->d->words, "consent_note"));
    if (is_marketing && rng_chance(m->rng, 15)) demo_ms(rec, "withdrawn_at", ms + (m->d->now - ms) / 2);
    demo_owner(m->d, m->cx, rec, m->a->user);
    return record_create(m->cx, rec, NULL);
}

static Err *join(Making *m, Id contact, Str role, bool is_main, int64_t ms)
{
    Record *rec = demo_record(m->d, m->cx, "account_contact", m->a->user, ms);

    demo_ref(m->cx, rec, "account", "account", m->a->id);
    demo_ref(m->cx, rec, "contact", "contact", contact);
    demo_text(rec, "role", role);
    record_set(rec, "is_main", val_bool(is_main));
    return record_create(m->cx, rec, NULL);
}

static Err *fill_contact(Making *m, Record *rec, const DemoPerson *who, Str *mobile)
{
    Arena *mem = m->cx->mem;
    Phone phone = words_phone(mem, m->rng, m->d->country, words_part(m->city, 2));
    Str domain = m->a->kind == KIND_HOUSEHOLD ? words_pick(m->d->words, "mail", m->rng) : m->domain;
    int64_t born = m->d->today - rng_between(m->rng, 23 * 365, 62 * 365);

    TRY(demo_name(m->cx, rec, "name", who));
    TRY(demo_json(m->cx, rec, "phones", val_text(phone.mobile)));
    TRY(demo_json(m->cx, rec, "emails", val_text(str_fmt(mem, "%.*s@%.*s", SFMT(who->mail), SFMT(domain)))));
    demo_choice(rec, "gender", who->is_female ? "female" : "male");
    if (rng_chance(m->rng, 55)) record_set(rec, "birth_date", val_date(born));
    demo_text(rec, "language", words_text(m->d->words, "language"));
    demo_text(rec, "country", m->d->country);
    demo_text(rec, "region", m->region);
    demo_tags(m->d, m->cx, rec, m->rng, 8);
    *mobile = phone.mobile;
    return NULL;
}

static Err *make_contact(Making *m, size_t k, const DemoPerson *who)
{
    const Yaml *jobs = words_list(m->d->words, "jobs");
    Str job = jobs->items[k == 0 ? rng_below(m->rng, 3) : 3 + rng_below(m->rng, jobs->n - 3)]->text, mobile;
    int64_t ms = m->a->made + (30 + (int64_t)k * 7) * MINUTE_MS;
    bool is_firm = m->a->kind != KIND_HOUSEHOLD;
    Record *rec = demo_record(m->d, m->cx, "contact", m->a->user, ms);

    TRY(fill_contact(m, rec, who, &mobile));
    demo_ref(m->cx, rec, "account", "account", m->a->id);
    demo_owner(m->d, m->cx, rec, m->a->user);
    if (is_firm) {
        demo_text(rec, "job_title", words_part(job, 0));
        demo_text(rec, "department", words_part(job, 1));
        if (k) demo_ref(m->cx, rec, "reports_to", "contact", m->a->contacts[0]);
    }
    TRY(record_create(m->cx, rec, NULL));
    m->a->contacts[k] = rec->id;
    m->a->phones[k] = str_copy(m->d->mem, mobile);
    m->a->n_contacts = (uint8_t)(k + 1);
    if (rng_chance(m->rng, 45)) TRY(make_consent(m, "contact", rec->id, ms + 5 * MINUTE_MS));
    return join(m, m->a->contacts[k], is_firm ? words_part(job, 2) : S("member"), k == 0, ms);
}

static Err *make_people(Making *m)
{
    size_t n = m->a->kind == KIND_PERSON        ? 0
               : m->a->kind == KIND_SOLE_TRADER ? rng_below(m->rng, 2)
               : m->a->kind == KIND_HOUSEHOLD   ? 2
                                                : 1 + rng_below(m->rng, 4);

    for (size_t k = 0; k < n; k++) {
        bool is_family = m->a->kind == KIND_HOUSEHOLD;
        DemoPerson who =
            is_family && k == 0 ? m->who : demo_person(m->d, m->cx, m->rng, is_family ? &m->who : NULL);
        TRY(make_contact(m, k, &who));
    }
    if (m->a->kind == KIND_PERSON && rng_chance(m->rng, 50))
        return make_consent(m, "account", m->a->id, m->a->made + 5 * MINUTE_MS);
    return NULL;
}

Err *demo_make_account(Demo *d, Ctx *cx, size_t i)
{
    Rng rng = rng_new(d->seed, "account", i);
    DemoAccount *a = &d->accounts[i];
    Making m = {.d = d, .cx = cx, .rng = &rng, .a = a};

    *a = (DemoAccount){.kind = (uint8_t)kind_of(d->seed, i),
                       .user = (uint8_t)demo_seller(d, &rng),
                       .source = demo_pick_source(&rng)};
    a->city = (uint8_t)words_weighted(d->words, "cities", 5, &rng);
    m.city = words_list(d->words, "cities")->items[a->city]->text;
    m.region = words_part(m.city, 1);
    account_times(&m, i);
    m.rec = demo_record(d, cx, "account", a->user, a->made);
    if (a->kind == KIND_OTHER)
        other_account(&m, i);
    else if (a->kind == KIND_PUBLIC)
        TRY(public_account(&m));
    else if (is_organisation(a))
        TRY(company_account(&m, i));
    else
        person_account(&m);
    if (a->kind == KIND_COMPANY && i >= 20) make_branch(&m, i);
    if (is_organisation(a)) TRY(fill_business(&m));
    fill_standing(&m);
    TRY(fill_reach(&m));
    if (a->kind != KIND_OTHER) demo_source(d, m.rec, a->source);
    demo_referral(d, cx, m.rec, "account referral", i, a);
    TRY(save_account(&m));
    if (is_organisation(a) && a->kind != KIND_OTHER) TRY(make_requisite(&m));
    if (a->kind != KIND_OTHER) TRY(make_people(&m));
    return demo_make_ties(d, cx, i);
}
