/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A rate that comes, changes or goes restates the rows whose day it covers and no others, without touching their version. */
#include "core/change.h"
#include "core/job.h"
#include "core/query.h"
#include "core/test_store.h"
#include "core/write.h"

#include "base/text.h"

#define NOW   INT64_C(1900000000000) /* 2030-03-17 */
#define DEALS 5

typedef struct World {
    Store *store;
    Arena *mem;
    int64_t today;
    Id usd, account, deals[DEALS], product;
    Id rate; /* the one a step makes or names */
    int64_t date, value;
    int64_t base[DEALS], account_base, product_base, sum;
    int64_t version, updated_at, changes;
} World;

static Record *start(Ctx *cx, const char *object)
{
    return record_new(cx->mem, meta_object(cx->meta, str_c(object)));
}

static Val usd(int64_t amount)
{
    return val_money(amount * 10000, 4, currency_pack(S("USD")));
}

static Err *add_rate(Ctx *cx, void *arg)
{
    World *w = arg;
    Record *rate = start(cx, "rate");

    record_set(rate, "currency", val_ref(meta_object(cx->meta, S("currency"))->number, w->usd));
    record_set(rate, "date", val_date(w->date));
    record_set(rate, "rate", val_decimal(w->value * INT64_C(10000000000), 10));
    TRY(record_create(cx, rate, NULL));
    w->rate = rate->id;
    return NULL;
}

static Err *add_deal(Ctx *cx, World *w, size_t i, Val close_date)
{
    Record *deal = start(cx, "deal");

    record_set(deal, "name", val_text(str_fmt(cx->mem, "Deal %zu", i)));
    record_set(deal, "account", val_ref(meta_object(cx->meta, S("account"))->number, w->account));
    record_set(deal, "amount", usd(100));
    record_set(deal, "probability", val_decimal(500000, 4));
    record_set(deal, "close_date", close_date);
    Val stage;
    TRY(db_one(cx->mem, cx->db, S("SELECT min(id) FROM stage"), NULL, 0, &stage));
    record_set(deal, "stage", val_ref(meta_object(cx->meta, S("stage"))->number, stage.i));
    TRY(record_create(cx, deal, NULL));
    w->deals[i] = deal->id;
    return NULL;
}

/* Days of the deals against today: long ago, two days ago, today, in ten days, never. */
static Err *fill(Ctx *cx, void *arg)
{
    World *w = arg;
    Record *account = start(cx, "account"), *product = start(cx, "product");
    Val id;

    TRY(db_one(cx->mem, cx->db, S("SELECT id FROM currency WHERE code = 'USD'"), NULL, 0, &id));
    w->usd = id.i;
    w->date = w->today - 100;
    w->value = 10;
    TRY(add_rate(cx, w));
    record_set(account, "name", val_text(S("Customer")));
    TRY(record_create(cx, account, NULL));
    w->account = account->id;
    const int64_t days[] = {-50, -2, 0, 10};
    for (size_t i = 0; i < 4; i++) TRY(add_deal(cx, w, i, val_date(w->today + days[i])));
    TRY(add_deal(cx, w, 4, val_null()));
    record_set(product, "name", val_text(S("Thing")));
    record_set(product, "price", usd(7));
    TRY(record_create(cx, product, NULL));
    w->product = product->id;
    return NULL;
}

static Err *read_bases(Ctx *cx, void *arg)
{
    World *w = arg;
    Record *account, *deal;
    Aggregate a = {0};
    AggregateRow *rows;
    size_t n;
    Val v;

    for (size_t i = 0; i < DEALS; i++) {
        Val bind = val_int(w->deals[i]);
        TRY(db_one(cx->mem, cx->db, S("SELECT amount_base FROM deal WHERE id = ?1"), &bind, 1, &v));
        w->base[i] = v.i / 10000;
        TRY(db_one(cx->mem, cx->db, S("SELECT weighted_base FROM deal WHERE id = ?1"), &bind, 1, &v));
        CHECK_EQ_INT(v.i / 10000, w->base[i] / 2);
    }
    Val bind = val_int(w->product);
    TRY(db_one(cx->mem, cx->db, S("SELECT price_base FROM product WHERE id = ?1"), &bind, 1, &v));
    w->product_base = v.i / 10000;
    TRY(record_get(cx, meta_object(cx->meta, S("account")), w->account, 0, &account));
    w->account_base = record_get_val(account, "open_amount").i / 10000;
    TRY(record_get(cx, meta_object(cx->meta, S("deal")), w->deals[2], 0, &deal));
    w->version = deal->version;
    w->updated_at = val_ms(deal->vals[SYS_UPDATED_AT]);
    a.query.obj = meta_object(cx->meta, S("deal"));
    TRY(query_parse(cx, a.query.obj, (Str){0}, (Str){0}, &a.query));
    TRY(aggregate_parse(cx, &a, (Str){0}, S("sum(amount)")));
    TRY(record_aggregate(cx, &a, &rows, &n));
    w->sum = rows[0].measures[0].i / 10000;
    TRY(db_one(cx->mem, cx->db, S("SELECT count(*) FROM change WHERE derived = 1 AND channel = 5"), NULL, 0,
               &v));
    w->changes = v.i;
    return NULL;
}

static Err *sum_before(Ctx *cx, void *arg)
{
    cx->as_of = NOW + 500;
    return read_bases(cx, arg);
}

static void work(World *w, int64_t seconds)
{
    w->store->clock_ms += seconds * 1000;
    CHECK_OK(job_run_due(w->store, w->mem));
    CHECK_OK(test_read(w->store, w->mem, read_bases, w));
}

static void expect(const World *w, const int64_t *bases, int64_t product)
{
    int64_t sum = 0;

    for (size_t i = 0; i < DEALS; i++) {
        CHECK_EQ_INT(w->base[i], bases[i]);
        sum += bases[i];
    }
    CHECK_EQ_INT(w->product_base, product);
    CHECK_EQ_INT(w->account_base, sum); /* roll-ups follow */
    CHECK_EQ_INT(w->sum, sum);
    CHECK_EQ_INT(w->version, 1); /* derived: no version, no time */
    CHECK_EQ_INT(w->updated_at, NOW);
}

static World *open_world(Arena *mem, Store *store)
{
    World *w = NEW(mem, World);

    store->clock_ms = NOW;
    *w = (World){.store = store, .mem = mem, .today = zone_date(store->company->zone, NOW)};
    CHECK_OK(test_write(store, mem, fill, w));
    work(w, 3);
    expect(w, (int64_t[]){1000, 1000, 1000, 1000, 1000}, 70);
    return w;
}

static void put_rate(World *w, int64_t days, int64_t value)
{
    w->date = w->today + days;
    w->value = value;
    CHECK_OK(test_write(w->store, w->mem, add_rate, w));
}

TEST_STORE(new_rate_restates_what_it_covers)
{
    World *w = open_world(mem, store);

    put_rate(w, -10, 20); /* in force today: all but the old one */
    work(w, 3);
    expect(w, (int64_t[]){1000, 2000, 2000, 2000, 2000}, 140);
    put_rate(w, -60, 30); /* ends where the next begins */
    work(w, 3);
    expect(w, (int64_t[]){3000, 2000, 2000, 2000, 2000}, 140);
    int64_t changes = w->changes;
    put_rate(w, -20, 40); /* covers no row */
    work(w, 3);
    expect(w, (int64_t[]){3000, 2000, 2000, 2000, 2000}, 140);
    CHECK_EQ_INT(w->changes, changes);
    CHECK_OK(test_read(store, mem, sum_before, w)); /* what was known then */
    CHECK_EQ_INT(w->sum, 5000);
}

TEST_STORE(rate_of_a_day_to_come_waits)
{
    World *w = open_world(mem, store);

    put_rate(w, 2, 50);
    work(w, 3);
    expect(w, (int64_t[]){1000, 1000, 1000, 1000, 1000}, 70);
    work(w, 2 * 86400); /* what has not been closed by then */
    expect(w, (int64_t[]){1000, 1000, 1000, 5000, 5000}, 350);
}

static Err *change_rate(Ctx *cx, void *arg)
{
    World *w = arg;
    Record *rate = start(cx, "rate");

    rate->id = w->rate;
    record_set(rate, "rate", val_decimal(w->value * INT64_C(10000000000), 10));
    record_set(rate, "date", val_date(w->date));
    return record_update(cx, rate, NULL);
}

static Err *delete_rate(Ctx *cx, void *arg)
{
    World *w = arg;

    cx->batch = id_new(cx->now);
    w->version = cx->batch;
    return record_delete(cx, meta_object(cx->meta, S("rate")), w->rate, NULL);
}

static Err *undo_last(Ctx *cx, void *arg)
{
    UndoResult out;

    TRY(batch_undo(cx, *(Id *)arg, &out));
    CHECK_EQ_INT(out.undone, 1);
    return NULL;
}

TEST_STORE(changed_and_deleted_rates_restate)
{
    World *w = open_world(mem, store);

    put_rate(w, -10, 20);
    work(w, 3);
    w->value = 25;
    CHECK_OK(test_write(store, mem, change_rate, w));
    work(w, 3);
    expect(w, (int64_t[]){1000, 2500, 2500, 2500, 2500}, 175);
    w->date = w->today - 1; /* moved: the day before yesterday falls back to the older one */
    CHECK_OK(test_write(store, mem, change_rate, w));
    work(w, 3);
    expect(w, (int64_t[]){1000, 1000, 2500, 2500, 2500}, 175);
    CHECK_OK(test_write(store, mem, delete_rate, w));
    Id batch = w->version;
    work(w, 3);
    expect(w, (int64_t[]){1000, 1000, 1000, 1000, 1000}, 70);
    CHECK_OK(test_write(store, mem, undo_last, &batch));
    work(w, 3);
    expect(w, (int64_t[]){1000, 1000, 2500, 2500, 2500}, 175);
}
