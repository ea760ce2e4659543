/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Money of the demo: offers of open deals, orders and invoices of won ones, what was paid and what is overdue, and plans of sales.
   Documents have numbers of their own, so that those of the company begin at one when the demo goes. */
#include "app/demo_impl.h"

#include "base/text.h"
#include "base/time.h"

typedef struct Paper {
    Demo *d;
    Ctx *cx;
    Rng *rng;
    const DemoDeal *deal;
    const DemoAccount *a;
    size_t i;
    int64_t day; /* its date */
} Paper;

static Str paper_number(Ctx *cx, size_t i)
{
    return str_fmt(cx->mem, "%zu", 10001 + i);
}

static int64_t noon(const Paper *p, int64_t day)
{
    return zone_day_start(p->d->zone, day) + 12 * HOUR_MS;
}

static Record *paper_new(Paper *p, const char *object, const char *status)
{
    Record *rec = demo_record(p->d, p->cx, object, p->deal->user, noon(p, p->day));

    demo_text(rec, "number", paper_number(p->cx, p->i));
    demo_ref(p->cx, rec, "account", "account", p->a->id);
    demo_ref(p->cx, rec, "contact", "contact", p->deal->contact);
    demo_ref(p->cx, rec, "deal", "deal", p->deal->id);
    demo_ref(p->cx, rec, "currency", "currency", p->d->currency_id);
    record_set(rec, "date", val_date(p->day));
    demo_choice(rec, "status", status);
    demo_owner(p->d, p->cx, rec, p->deal->user);
    return rec;
}

/* The lines of the deal, as lines of the paper `to`. */
static Err *copy_lines(Paper *p, const char *object, const char *to, Id id, size_t *n)
{
    const Object *from = meta_object(p->cx->meta, S("deal_line"));
    static const char *const KEPT[] = {"product", "name",     "quantity", "unit",
                                       "price",   "discount", "position"};
    Val bind = val_int(p->deal->id);
    VEC(Id) ids = {0};
    DbRows *rows;
    bool has;

    TRY(db_query(p->cx->mem, p->cx->db,
                 S("SELECT id FROM deal_line WHERE deal = ?1 AND deleted_at IS NULL ORDER BY position, id"),
                 &bind, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(p->cx->mem, &ids) = db_i64(rows, 0);
    }
    for (size_t i = 0; i < ids.n; i++) {
        Record *line = NULL, *rec = demo_record(p->d, p->cx, object, p->deal->user, noon(p, p->day));
        TRY(record_get(p->cx, from, ids.p[i], 0, &line));
        for (size_t k = 0; k < sizeof KEPT / sizeof *KEPT; k++)
            record_set(rec, KEPT[k], record_get_val(line, KEPT[k]));
        demo_ref(p->cx, rec, to, to, id);
        TRY(record_create(p->cx, rec, NULL));
    }
    *n = ids.n;
    return NULL;
}

static Err *make_offer(Paper *p)
{
    bool is_sent = rng_chance(p->rng, 70);
    size_t n;

    p->day = zone_date(p->d->zone, p->d->now - rng_between(p->rng, 1, 12) * DAY_MS);
    if (noon(p, p->day) < p->deal->opened) p->day = p->d->today;
    Record *rec = paper_new(p, "quote", is_sent ? "sent" : "draft");
    record_set(rec, "expires_on", val_date(p->day + 14));
    if (is_sent) demo_ms(rec, "sent_at", p->cx->now);
    TRY(record_create(p->cx, rec, NULL));
    return copy_lines(p, "quote_line", "quote", rec->id, &n);
}

static Err *make_order(Paper *p, Id *out)
{
    int64_t age = p->d->today - p->day;
    size_t n;
    Record *rec = paper_new(p, "order", age > 40 ? "closed" : age > 12 ? "delivered" : "confirmed");

    TRY(record_create(p->cx, rec, NULL));
    *out = rec->id;
    return copy_lines(p, "order_line", "order", rec->id, &n);
}

static Err *make_invoice(Paper *p, Id order, Id *out)
{
    size_t n;

    p->day += rng_between(p->rng, 0, 4);
    if (p->day > p->d->today) p->day = p->d->today;
    Record *rec = paper_new(p, "invoice", "issued");
    demo_ref(p->cx, rec, "order", "order", order);
    record_set(rec, "payment_days", val_int(p->a->kind == KIND_PERSON ? 3 : 14));
    demo_ms(rec, "issued_at", p->cx->now);
    TRY(record_create(p->cx, rec, NULL));
    *out = rec->id;
    return copy_lines(p, "invoice_line", "invoice", rec->id, &n);
}

Err *demo_make_papers(Demo *d, Ctx *cx, size_t i)
{
    Rng rng = rng_new(d->seed, "papers", i);
    DemoDeal *deal = &d->deals[i];
    Paper p = {.d = d, .cx = cx, .rng = &rng, .deal = deal, .a = &d->accounts[deal->account], .i = i};
    Record *rec = NULL;
    Id order = 0;

    TRY(record_get(cx, meta_object(cx->meta, S("deal")), deal->id, 0, &rec));
    if (!record_get_val(rec, "lines_count").i) return NULL;
    Str category = val_str(record_get_val(rec, "category"));
    if (str_eq(category, S("open"))) return rng_chance(&rng, 35) ? make_offer(&p) : NULL;
    if (!str_eq(category, S("won"))) return NULL;
    p.day = record_get_val(rec, "closed_on").i;
    TRY(make_order(&p, &order));
    return make_invoice(&p, order, &deal->invoice);
}

/* --- what was paid --------------------------------------------------------------------------------------------------- */

/* Most pay; a few pay a part, and a few have to be reminded. */
static unsigned part_paid(Rng *rng, bool is_due)
{
    if (!is_due && !rng_chance(rng, 40)) return 0;
    return rng_chance(rng, 86) ? 100 : rng_chance(rng, 40) ? 50 : 0;
}

Err *demo_make_payment(Demo *d, Ctx *cx, size_t i)
{
    Rng rng = rng_new(d->seed, "payment", i);
    const DemoDeal *deal = &d->deals[i];
    Record *invoice = NULL;

    if (!deal->invoice) return NULL;
    TRY(record_get(cx, meta_object(cx->meta, S("invoice")), deal->invoice, 0, &invoice));
    int64_t date = record_get_val(invoice, "date").i, due = record_get_val(invoice, "due_date").i;
    unsigned part = part_paid(&rng, due < d->today);
    int64_t day = date + rng_between(&rng, 0, due - date + 6);
    Val gross = record_get_val(invoice, "gross");
    if (!part || gross.i < 1000000) return NULL;
    if (day > d->today) day = d->today;
    if (part < 100) gross.i = gross.i / 1000000 * part * 10000; /* a round sum */
    Record *payment = demo_record(d, cx, "payment", deal->user, zone_day_start(d->zone, day) + 10 * HOUR_MS);
    demo_text(payment, "number", paper_number(cx, i));
    demo_ref(cx, payment, "account", "account", d->accounts[deal->account].id);
    record_set(payment, "date", val_date(day));
    record_set(payment, "amount", gross);
    demo_owner(d, cx, payment, deal->user);
    TRY(record_create(cx, payment, NULL));
    Record *allotment = demo_record(d, cx, "allotment", deal->user, cx->now);
    demo_ref(cx, allotment, "payment", "payment", payment->id);
    demo_ref(cx, allotment, "invoice", "invoice", deal->invoice);
    record_set(allotment, "amount", gross);
    return record_create(cx, allotment, NULL);
}

/* --- plans ----------------------------------------------------------------------------------------------------------- */

static Err *make_quota(Demo *d, Ctx *cx, int64_t start, const char *whose, const char *object, Id id,
                       int64_t amount)
{
    Record *rec = demo_record(d, cx, "quota", 0, d->start);

    demo_choice(rec, "period_kind", "quarter");
    record_set(rec, "period_start", val_date(start));
    demo_ref(cx, rec, whose, object, id);
    demo_money(d, rec, "amount", amount);
    return record_create(cx, rec, NULL);
}

static int64_t quarter_start(int64_t today, int back)
{
    CivilDate day = date_to_civil(today);
    int quarter = day.year * 4 + (day.month - 1) / 3 - back;

    return date_from_civil(quarter / 4, quarter % 4 * 3 + 1, 1);
}

Err *demo_make_quotas(Demo *d, Ctx *cx, size_t i)
{
    Rng rng = rng_new(d->seed, "quota", i);
    int64_t start = quarter_start(d->today, (int)i), unit = d->products[11].price, of_team[DEMO_TEAMS] = {0};

    for (size_t u = 1; u < DEMO_USERS - 1; u++) {
        int64_t amount = unit * rng_between(&rng, 6, 14) * (int64_t)(1 + d->n_deals / 1000);
        of_team[d->users[u].team] += amount;
        TRY(make_quota(d, cx, start, "person", "user", d->users[u].id, amount));
    }
    for (size_t t = 0; t < DEMO_TEAMS; t++)
        if (of_team[t]) TRY(make_quota(d, cx, start, "sales_team", "team", d->teams[t], of_team[t]));
    return NULL;
}
