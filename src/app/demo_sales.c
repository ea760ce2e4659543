/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deals and leads of the demo.  Each deal is opened, moved through its stages and closed by updates at their own times, so that
   it has the history a real one has. */
#include "app/demo_impl.h"

#include "base/text.h"

#define LINES_MAX 5

/* --- deals ----------------------------------------------------------------------------------------------------------- */

typedef enum Fate { FATE_OPEN, FATE_WON, FATE_LOST } Fate;

typedef struct Dealing {
    Demo *d;
    Ctx *cx;
    Rng *rng;
    DemoDeal *deal;
    const DemoAccount *a;
    Record *rec;
    Fate fate;
    int64_t close_day;
    size_t product, n_lines, stage;
    int64_t quantity[LINES_MAX], discount[LINES_MAX], amount;
    size_t products[LINES_MAX];
} Dealing;

static size_t fresh_accounts(const Demo *d)
{
    return d->n_accounts > 20 ? 4 + (d->n_accounts >= 600 ? 8 : 0) : 1;
}

static bool fits(const Dealing *m, const DemoAccount *a)
{
    if (!a->id || a->kind == KIND_OTHER || a->made > m->deal->opened) return false;
    return m->fate != FATE_WON || (a->customer_since && a->customer_since <= m->close_day);
}

/* One that fits the fate; the first customers, made first of all, fit any. */
static void pick_account(Dealing *m)
{
    Demo *d = m->d;
    size_t at = 7 + rng_below(m->rng, 3);

    for (int i = 0; i < 30; i++) {
        size_t k = rng_below(m->rng, d->n_accounts);
        if (!fits(m, &d->accounts[k])) continue;
        at = k;
        break;
    }
    if (at >= d->n_accounts) at = d->n_accounts - 1;
    m->deal->account = (uint32_t)at;
    m->a = &d->accounts[at];
    if (m->deal->opened < m->a->made) m->deal->opened = m->a->made + HOUR_MS;
}

static void close_on(Dealing *m, int64_t day)
{
    m->close_day = day;
    m->deal->ended = zone_day_start(m->d->zone, day) + 9 * HOUR_MS + rng_between(m->rng, 0, 480) * MINUTE_MS;
    if (m->deal->ended >= m->d->now) m->deal->ended = demo_moment(m->d, m->rng, day);
}

/* Deals that make today alive come first; the others are spread over a year. */
static void decide(Dealing *m, size_t i)
{
    Demo *d = m->d;
    size_t fresh = fresh_accounts(d);
    unsigned open_share = d->n_deals > 5000 ? 16 : 36;

    if (i < fresh) {
        m->a = &d->accounts[d->n_accounts - 1 - i];
        m->deal->account = (uint32_t)(d->n_accounts - 1 - i);
        m->fate = FATE_WON;
        m->deal->opened = m->a->made + (d->now - m->a->made) / 8;
        close_on(m, m->a->customer_since);
        if (m->deal->ended <= m->deal->opened)
            m->deal->ended = m->deal->opened + (d->now - m->deal->opened) / 2;
        m->close_day = zone_date(d->zone, m->deal->ended);
        return;
    }
    m->fate = i < fresh + 2                    ? FATE_WON
              : i == fresh + 2                 ? FATE_LOST
              : rng_chance(m->rng, open_share) ? FATE_OPEN
              : rng_chance(m->rng, 46)         ? FATE_WON
                                               : FATE_LOST;
    if (m->fate == FATE_OPEN) {
        m->deal->opened = demo_moment(d, m->rng, d->today - rng_between(m->rng, 0, 100));
        int64_t opened = zone_date(d->zone, m->deal->opened), close = d->today + rng_between(m->rng, -8, 90);
        m->close_day = close > opened ? close : opened + 14;
    } else {
        close_on(m, i < fresh + 3 ? d->today : d->today - rng_between(m->rng, 1, 350));
        m->deal->opened = demo_moment(d, m->rng, m->close_day - rng_between(m->rng, 7, 80));
        if (m->deal->opened < d->start + 3 * DAY_MS) m->deal->opened = d->start + 3 * DAY_MS;
    }
    pick_account(m);
}

static int64_t quantity_of(const Demo *d, Rng *rng, int64_t price)
{
    int64_t most = 0;

    for (size_t i = 0; i < d->n_products; i++)
        if (d->products[i].price > most) most = d->products[i].price;
    return price * 20 < most  ? rng_between(rng, 2, 30)
           : price * 5 < most ? rng_between(rng, 1, 8)
                              : rng_between(rng, 1, 2);
}

static void plan_lines(Dealing *m)
{
    static const uint8_t DISCOUNTS[] = {0, 0, 0, 0, 3, 5, 5, 10};

    bool is_home = m->a->kind == KIND_PERSON || m->a->kind == KIND_HOUSEHOLD;
    m->n_lines = is_home ? 1 : rng_chance(m->rng, 82) ? 1 + rng_below(m->rng, LINES_MAX - 1) : 0;
    for (size_t i = 0; i < m->n_lines; i++) {
        m->products[i] = (m->product + i * 7) % m->d->n_products;
        int64_t price = m->d->products[m->products[i]].price;
        m->quantity[i] = is_home ? rng_between(m->rng, 1, 2) : quantity_of(m->d, m->rng, price);
        m->discount[i] = DISCOUNTS[rng_below(m->rng, sizeof DISCOUNTS)];
        m->amount += price * m->quantity[i] / 100 * (100 - m->discount[i]);
    }
    int64_t unit = m->d->products[11].price / 2; /* half a computer */
    if (!m->n_lines) m->amount = unit * rng_between(m->rng, 2, 30);
}

static void name_deal(Dealing *m)
{
    Arena *mem = m->cx->mem;
    bool is_home = m->a->kind == KIND_PERSON || m->a->kind == KIND_HOUSEHOLD;
    Str line = m->d->products[m->product].line, form = words_pick(m->d->words, "deal_names", m->rng);

    if (is_home) form = S("{product}");
    form = words_put(mem, form, "product", words_part(line, 3));
    demo_text(m->rec, "name", words_put(mem, form, "family", words_part(line, 1)));
}

static void set_amount(Dealing *m)
{
    bool is_foreign = m->d->foreign && !m->n_lines && rng_chance(m->rng, 35);

    if (is_foreign)
        record_set(m->rec, "amount", val_money(rng_between(m->rng, 8, 240) * 1000000, 4, m->d->foreign));
    else
        demo_money(m->d, m->rec, "amount", m->amount);
}

static Err *open_deal(Dealing *m, size_t i)
{
    static const char *const CRITERIA[] = {"price", "quality", "time", "service", "terms"};
    Demo *d = m->d;
    int64_t opened = zone_date(d->zone, m->deal->opened);

    m->rec = demo_record(d, m->cx, "deal", m->deal->user, m->deal->opened);
    name_deal(m);
    demo_ref(m->cx, m->rec, "account", "account", m->a->id);
    demo_ref(m->cx, m->rec, "contact", "contact", m->deal->contact);
    demo_ref(m->cx, m->rec, "stage", "stage", d->stages[0]);
    demo_ref(m->cx, m->rec, "product", "product", d->products[m->product].id);
    demo_owner(d, m->cx, m->rec, m->deal->user);
    record_set(m->rec, "opened_on", val_date(opened));
    record_set(m->rec, "close_date",
               val_date(m->fate == FATE_OPEN ? m->close_day : m->close_day + rng_between(m->rng, 0, 12)));
    set_amount(m);
    demo_source(d, m->rec, m->deal->source);
    demo_referral(d, m->cx, m->rec, "deal referral", i, m->a);
    demo_tags(d, m->cx, m->rec, m->rng, 14);
    if (rng_chance(m->rng, 50)) {
        Val *list = NEW_N(m->cx->mem, Val, 2);
        size_t first = rng_below(m->rng, 5);
        list[0] = val_text(str_c(CRITERIA[first]));
        list[1] = val_text(str_c(CRITERIA[(first + 2) % 5]));
        record_set(m->rec, "decision_criteria", val_list(list, 1 + rng_below(m->rng, 2)));
    }
    TRY(record_create(m->cx, m->rec, NULL));
    m->deal->id = m->rec->id;
    return NULL;
}

static Err *make_line(Dealing *m, size_t i)
{
    const DemoProduct *p = &m->d->products[m->products[i]];
    Record *rec =
        demo_record(m->d, m->cx, "deal_line", m->deal->user, m->deal->opened + (int64_t)(i + 1) * MINUTE_MS);

    demo_ref(m->cx, rec, "deal", "deal", m->deal->id);
    demo_ref(m->cx, rec, "product", "product", p->id);
    record_set(rec, "position", val_int((int64_t)i + 1));
    demo_text(rec, "name", words_part(p->line, 3));
    demo_text(rec, "unit", words_part(p->line, 4));
    record_set(rec, "quantity", val_decimal(m->quantity[i] * 1000, 3));
    demo_money(m->d, rec, "price", p->price);
    if (m->discount[i]) record_set(rec, "discount", val_decimal(m->discount[i] * 10000, 4));
    return record_create(m->cx, rec, NULL);
}

static Err *make_participants(Dealing *m)
{
    static const char *const ROLES[] = {"decision_maker", "champion", "technical", "user"};
    size_t n = m->a->n_contacts ? 1 + rng_below(m->rng, m->a->n_contacts) : 0;

    for (size_t i = 0; i < n && i < 3; i++) {
        Record *rec =
            demo_record(m->d, m->cx, "deal_contact", m->deal->user, m->deal->opened + 10 * MINUTE_MS);
        demo_ref(m->cx, rec, "deal", "deal", m->deal->id);
        demo_ref(m->cx, rec, "contact", "contact", m->a->contacts[i]);
        demo_choice(rec, "role", ROLES[i]);
        TRY(record_create(m->cx, rec, NULL));
    }
    return NULL;
}

static Record *next_of(Dealing *m, int64_t ms)
{
    Record *rec = demo_record(m->d, m->cx, "deal", m->deal->user, ms);

    rec->id = m->deal->id;
    return rec;
}

static Err *move_deal(Dealing *m)
{
    static const char *const FORECASTS[] = {"pipeline", "pipeline", "best_case", "commit"};
    Demo *d = m->d;
    int64_t end = m->fate == FATE_OPEN ? d->now : m->deal->ended, from = m->deal->opened + 30 * MINUTE_MS;
    size_t last = m->fate == FATE_WON ? d->n_stages - 1 : rng_below(m->rng, d->n_stages);

    if (m->fate == FATE_OPEN && d->now - m->deal->opened < 3 * DAY_MS) last = 0;
    for (size_t i = 1; i <= last; i++) {
        Record *rec = next_of(m, from + (end - from) / (int64_t)(last + 2) * (int64_t)i);
        demo_ref(m->cx, rec, "stage", "stage", d->stages[i]);
        if (i == last && m->fate == FATE_OPEN) demo_choice(rec, "forecast", FORECASTS[i < 4 ? i : 3]);
        TRY(record_update(m->cx, rec, NULL));
    }
    m->stage = last;
    return NULL;
}

static void explain_loss(Dealing *m, Record *rec)
{
    const Yaml *notes = yaml_get(m->d->words, S("lost_notes"));
    size_t at = rng_below(m->rng, notes->n);
    const Yaml *texts = notes->items[at];

    record_set(rec, "lost_reason", val_text(notes->keys[at]));
    demo_text(rec, "lost_note", texts->items[rng_below(m->rng, texts->n)]->text);
    if (str_eq(notes->keys[at], S("competitor")))
        demo_ref(m->cx, rec, "competitor", "account", m->d->accounts[rng_below(m->rng, 3)].id);
}

static Err *finish_deal(Dealing *m)
{
    Demo *d = m->d;
    int64_t ms = m->fate == FATE_OPEN ? d->now - rng_between(m->rng, 10, 2000) * MINUTE_MS : m->deal->ended;
    Record *rec;

    if (m->fate == FATE_OPEN && (!rng_chance(m->rng, 74) || ms < m->deal->opened + HOUR_MS)) return NULL;
    rec = next_of(m, ms);
    if (m->fate == FATE_OPEN) {
        demo_text(rec, "next_step", words_pick(d->words, "next_steps", m->rng));
        record_set(rec, "next_step_at", val_date(d->today + rng_between(m->rng, -3, 16)));
        return record_update(m->cx, rec, NULL);
    }
    demo_ref(m->cx, rec, "stage", "stage", m->fate == FATE_WON ? d->won : d->lost);
    record_set(rec, "close_date", val_date(m->close_day));
    demo_ms(rec, "closed_at", m->deal->ended);
    if (m->fate == FATE_LOST) explain_loss(m, rec);
    return record_update(m->cx, rec, NULL);
}

Err *demo_make_deal(Demo *d, Ctx *cx, size_t i)
{
    Rng rng = rng_new(d->seed, "deal", i);
    DemoDeal *deal = &d->deals[i];
    Dealing m = {.d = d, .cx = cx, .rng = &rng, .deal = deal, .product = rng_below(&rng, d->n_products)};

    *deal = (DemoDeal){.source = 0};
    decide(&m, i);
    if ((m.fate == FATE_WON && !d->won) || (m.fate == FATE_LOST && !d->lost)) m.fate = FATE_OPEN;
    if (m.fate == FATE_OPEN) deal->ended = 0;
    deal->user = m.a->user;
    deal->source = rng_chance(&rng, 60) ? m.a->source : demo_pick_source(&rng);
    deal->contact = m.a->n_contacts ? m.a->contacts[rng_below(&rng, m.a->n_contacts)] : 0;
    plan_lines(&m);
    TRY(open_deal(&m, i));
    for (size_t k = 0; k < m.n_lines; k++) TRY(make_line(&m, k));
    TRY(make_participants(&m));
    TRY(move_deal(&m));
    return finish_deal(&m);
}

/* --- leads ----------------------------------------------------------------------------------------------------------- */

typedef struct Asking {
    Demo *d;
    Ctx *cx;
    Rng *rng;
    DemoLead *lead;
    Record *rec;
    const DemoDeal *deal; /* what it became, or NULL */
    int64_t received;
    bool is_today; /* came and was answered today */
} Asking;

static int64_t received_at(Asking *m, size_t i, bool is_new)
{
    static const int MINUTES[] = {6, 18, 43, 75, 130, 210, 320, 1500, 1900, 3100, 4600, 7300};

    if (m->deal) {
        int64_t asked =
            demo_hour(m->d, m->rng, zone_date(m->d->zone, m->deal->opened) - rng_between(m->rng, 1, 3));
        return asked < m->deal->opened ? asked : m->deal->opened - 2 * HOUR_MS;
    }
    if (m->is_today) return m->d->now - rng_between(m->rng, 25, 240) * MINUTE_MS;
    if (is_new) return m->d->now - (i < 12 ? MINUTES[i] : rng_between(m->rng, 400, 9000)) * MINUTE_MS;
    return demo_moment(m->d, m->rng, m->d->today - rng_between(m->rng, 1, 200)) - HOUR_MS;
}

static Err *lead_person(Asking *m, size_t i)
{
    Demo *d = m->d;
    Arena *mem = m->cx->mem;
    DemoPerson who = demo_person(d, m->cx, m->rng, NULL);
    Str city = words_list(d->words, "cities")->items[words_weighted(d->words, "cities", 5, m->rng)]->text,
        industry;
    Phone phone = words_phone(mem, m->rng, d->country, words_part(city, 2));
    Str company = demo_company(d, m->cx, d->n_accounts + 211 + i, &industry),
        domain = words_pick(d->words, "mail", m->rng);
    bool is_firm = rng_chance(m->rng, 72);

    if (is_firm) {
        Str form = words_list(d->words, "forms")->items[words_weighted(d->words, "forms", 3, m->rng)]->text;
        demo_text(m->rec, "company", words_put(mem, words_part(form, 1), "name", company));
        domain = str_cat(mem, words_latin(mem, company, '-'), S(".example"));
        demo_text(m->rec, "job_title", words_part(words_pick(d->words, "jobs", m->rng), 0));
        TRY(demo_industry(m->cx, m->rec, industry));
    }
    TRY(demo_name(m->cx, m->rec, "name", &who));
    m->lead->phone = str_copy(d->mem, phone.mobile);
    demo_text(m->rec, "country", d->country);
    demo_text(m->rec, "region", words_part(city, 1));
    demo_text(m->rec, "language", words_text(d->words, "language"));
    TRY(demo_json(m->cx, m->rec, "phones", val_text(phone.mobile)));
    if (!rng_chance(m->rng, 70)) return NULL;
    return demo_json(m->cx, m->rec, "emails",
                     val_text(str_fmt(mem, "%.*s@%.*s", SFMT(who.mail), SFMT(domain))));
}

static Err *lead_of_deal(Asking *m)
{
    const DemoAccount *a = &m->d->accounts[m->deal->account];

    demo_text(m->rec, "company", a->name);
    demo_text(m->rec, "country", m->d->country);
    m->lead->phone = a->phone;
    return demo_json(m->cx, m->rec, "phones", val_text(a->phone));
}

static Err *receive(Asking *m, size_t i, bool is_new)
{
    Demo *d = m->d;
    const Yaml *asks = words_list(d->words, "leads");
    Str line = asks->items[(i + rng_below(m->rng, 3)) % asks->n]->text;
    size_t product = rng_below(m->rng, d->n_products);

    m->rec = demo_record(d, m->cx, "lead", DEMO_USERS, m->received);
    demo_text(m->rec, "title", words_part(line, 0));
    demo_text(m->rec, "request", words_part(line, 1));
    if (!is_new || !rng_chance(m->rng, 30)) demo_owner(d, m->cx, m->rec, m->lead->user);
    demo_source(d, m->rec, m->deal ? m->deal->source : demo_pick_source(m->rng));
    demo_referral(d, m->cx, m->rec, "lead referral", i, m->deal ? &d->accounts[m->deal->account] : NULL);
    demo_tags(d, m->cx, m->rec, m->rng, 8);
    demo_ms(m->rec, "received_at", m->received);
    if (rng_chance(m->rng, 40)) demo_ref(m->cx, m->rec, "product", "product", d->products[product].id);
    if (rng_chance(m->rng, 35))
        demo_money(d, m->rec, "budget", d->products[11].price * rng_between(m->rng, 1, 12));
    TRY(m->deal ? lead_of_deal(m) : lead_person(m, i));
    TRY(record_create(m->cx, m->rec, NULL));
    m->lead->id = m->rec->id;
    return NULL;
}

static Record *next_lead(Asking *m, int64_t ms)
{
    Record *rec = demo_record(m->d, m->cx, "lead", m->lead->user, ms);

    rec->id = m->lead->id;
    return rec;
}

static Err *answer(Asking *m)
{
    static const char *const RATINGS[] = {"hot", "warm", "warm", "cold"};
    int64_t ms = m->received + rng_between(m->rng, 4, rng_chance(m->rng, 70) ? 90 : 1500) * MINUTE_MS;

    if (m->deal && ms >= m->deal->opened) ms = (m->received + m->deal->opened) / 2;
    int64_t first = zone_day_start(m->d->zone, m->d->today);
    if (m->is_today && ms < first) ms = first;
    if (ms > m->d->now) ms = (m->received + m->d->now) / 2;
    if (m->is_today && ms < first) ms = first + (m->d->now - first) / 2;
    if (ms < m->received) ms = m->received;
    m->lead->from = ms;
    Record *rec = next_lead(m, ms);
    demo_choice(rec, "status", "working");
    demo_choice(rec, "rating", RATINGS[rng_below(m->rng, 4)]);
    demo_ms(rec, "answered_at", ms);
    return record_update(m->cx, rec, NULL);
}

static Err *settle(Asking *m, bool is_good)
{
    static const char *const REASONS[] = {"no_need", "no_budget",       "no_contact", "competitor",
                                          "spam",    "not_our_profile", "duplicate"};
    int64_t ms = m->deal ? m->deal->opened : m->lead->from + rng_between(m->rng, 120, 9000) * MINUTE_MS;
    DemoAccount *a = m->deal ? &m->d->accounts[m->deal->account] : NULL;

    if (ms > m->d->now) ms = m->d->now;
    m->lead->till = ms;
    Record *rec = next_lead(m, ms);
    demo_choice(rec, "status", is_good ? "qualified" : "unqualified");
    if (!is_good) demo_choice(rec, "unqualified_reason", REASONS[rng_below(m->rng, 7)]);
    if (m->deal) {
        demo_ref(m->cx, rec, "deal", "deal", m->deal->id);
        demo_ref(m->cx, rec, "account", "account", a->id);
        demo_ref(m->cx, rec, "contact", "contact", m->deal->contact);
        demo_ms(rec, "converted_at", ms);
    }
    return record_update(m->cx, rec, NULL);
}

Err *demo_make_lead(Demo *d, Ctx *cx, size_t i)
{
    Rng rng = rng_new(d->seed, "lead", i);
    DemoLead *lead = &d->leads[i];
    Asking m = {.d = d, .cx = cx, .rng = &rng, .lead = lead};
    size_t n_new = d->n_leads / 5 < 40 ? d->n_leads / 5 : 40, at = rng_below(&rng, 100);
    bool is_new = i < n_new, is_today = !is_new && i < n_new + 5, is_working = at < 34 || is_today,
         is_good = at < 72;

    *lead = (DemoLead){.user = (uint8_t)(rng_chance(&rng, 50) ? 10 : demo_seller(d, &rng))};
    if (!is_new && !is_working && is_good && rng_chance(&rng, 60))
        m.deal = &d->deals[(i * 13 + 5) % d->n_deals];
    if (m.deal) lead->user = m.deal->user;
    m.is_today = is_today;
    m.received = received_at(&m, i, is_new);
    TRY(receive(&m, i, is_new));
    if (is_new) return NULL;
    TRY(answer(&m));
    return is_working ? NULL : settle(&m, is_good);
}
