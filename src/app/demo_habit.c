/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Customers of the demo who order again and again: some as ever, some late, some who have given up one of two product families, and some
   who have fallen silent, so that there is something to find. */
#include "app/demo_impl.h"

#include "base/text.h"

#define EVERY  2 /* of the customers */
#define ORDERS 7
#define NUMBER 50001

typedef enum Habit { HABIT_STEADY, HABIT_GIVES_UP, HABIT_LATE, HABIT_SILENT, HABITS } Habit;

typedef struct Regular {
    Demo *d;
    Ctx *cx;
    const DemoAccount *a;
    const DemoProduct *products[2];
    Habit habit;
    size_t number;
    int64_t interval, last; /* days */
} Regular;

static Err *add_line(const Regular *r, Id order, const DemoProduct *product, size_t position, int64_t at)
{
    Record *rec = demo_record(r->d, r->cx, "order_line", r->a->user, at);

    demo_ref(r->cx, rec, "order", "order", order);
    demo_ref(r->cx, rec, "product", "product", product->id);
    record_set(rec, "position", val_int((int64_t)position + 1));
    demo_text(rec, "name", words_part(product->line, 3));
    demo_text(rec, "unit", words_part(product->line, 4));
    record_set(rec, "quantity", val_decimal((int64_t)(2 + (r->number + position) % 5) * 1000, 3));
    demo_money(r->d, rec, "price", product->price);
    return record_create(r->cx, rec, NULL);
}

/* The k-th from the end. */
static Err *add_order(const Regular *r, size_t k)
{
    int64_t day = r->last - (int64_t)k * r->interval, at = zone_day_start(r->d->zone, day) + 12 * HOUR_MS;
    bool has_second = r->habit != HABIT_GIVES_UP || k >= 3;

    if (at < r->a->made) return NULL;
    Record *rec = demo_record(r->d, r->cx, "order", r->a->user, at);
    demo_text(rec, "number", str_fmt(r->cx->mem, "%zu", NUMBER + r->number * ORDERS + k));
    demo_ref(r->cx, rec, "account", "account", r->a->id);
    demo_ref(r->cx, rec, "currency", "currency", r->d->currency_id);
    record_set(rec, "date", val_date(day));
    demo_choice(rec, "status", k ? "closed" : "delivered");
    demo_owner(r->d, r->cx, rec, r->a->user);
    TRY(record_create(r->cx, rec, NULL));
    TRY(add_line(r, rec->id, r->products[0], 0, at));
    return has_second ? add_line(r, rec->id, r->products[1], 1, at) : NULL;
}

/* Two products of different families. */
static void choose_products(Regular *r, Rng *rng)
{
    const Demo *d = r->d;
    size_t first = rng_below(rng, d->n_products), second = first;

    for (size_t i = 0; i < d->n_products && second == first; i++) {
        size_t other = (first + i) % d->n_products;
        if (!str_eq(words_part(d->products[first].line, 1), words_part(d->products[other].line, 1)))
            second = other;
    }
    r->products[0] = &d->products[first];
    r->products[1] = &d->products[second];
}

Err *demo_make_habit(Demo *d, Ctx *cx, size_t i)
{
    Rng rng = rng_new(d->seed, "habit", i);
    Regular r = {.d = d, .cx = cx, .a = &d->accounts[i], .number = i};

    if (!r.a->customer_since || i % EVERY) return NULL;
    r.habit = (Habit)(i / EVERY % HABITS);
    r.interval = rng_between(&rng, 12, 30);
    r.last = d->today - (r.habit == HABIT_SILENT ? 3 * r.interval
                         : r.habit == HABIT_LATE ? r.interval + 2
                                                 : rng_between(&rng, 1, r.interval - 2));
    choose_products(&r, &rng);
    for (size_t k = ORDERS; k-- > 0;) TRY(add_order(&r, k));
    return NULL;
}
