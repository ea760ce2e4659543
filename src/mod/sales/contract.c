/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contracts: their number, and the deal of renewal that is made ahead of their end.  Each contract in force has a job for the day
   its renewal is due: nothing looks through the contracts every morning. */
#include "mod/sales/sales_impl.h"

#include "base/text.h"
#include "base/time.h"
#include "core/store.h"

#define RENEW_MAX 200 /* in one unit */

static bool is_active(const Record *rec)
{
    return str_eq(text_in(rec, "status"), S("active"));
}

/* The day from which the renewal is worked on; null when there is none to come. */
static Val renewal_day(const Record *rec)
{
    Val ends = record_get_val(rec, "ends_on"), notice = record_get_val(rec, "notice_days");
    bool is_done = val_same(ends, record_get_val(rec, "renewal_for"));

    if (val_is_null(ends) || is_done || !is_active(rec)) return val_null();
    return val_date(ends.i - (notice.kind == VAL_INT ? notice.i : 0));
}

Err *contract_before(Ctx *cx, Record *rec, const Record *before)
{
    Record *deal = NULL;

    (void)before;
    TRY(own_company_default(cx, rec));
    TRY(sales_read(cx, rec, "deal", &deal));
    if (deal && val_is_null(record_get_val(rec, "account")))
        record_set(rec, "account", record_get_val(deal, "account"));
    record_set(rec, "renew_on", renewal_day(rec));
    return NULL;
}

Err *contract_after(Ctx *cx, Record *rec, const Record *before)
{
    Val day = record_get_val(rec, "renew_on");

    if (val_is_null(day) || !sales_changed(rec, before, "renew_on")) return NULL;
    return job_add(cx, S("sales.renew"), val_map(NULL, 0), zone_day_start(cx->store->company->zone, day.i),
                   NULL);
}

/* --- renewals -------------------------------------------------------------------------------------------------------- */

static Str renewal_name(const Ctx *cx, const Record *contract)
{
    static const char *const WORDS[LANG_COUNT] = {"Renewal: ", "Продление: ", "Odnowienie: "};
    Str subject = text_in(contract, "subject");
    size_t at = 0;

    for (int i = 0; i < 200 && at < subject.n; i++) (void)utf8_next(subject, &at);
    return str_fmt(cx->mem, "%s%.*s", WORDS[lang_from(cx->store->company->locale)],
                   SFMT(str_sub(subject, 0, at)));
}

static Err *renew(Ctx *cx, const Record *contract)
{
    static const char *const COPIED[] = {"account", "contact", "owner", "amount"};
    static const char *const NAMES[] = {"renewal", "renewal_for"};
    Record *deal = record_new(cx->mem, meta_object(cx->meta, S("deal")));
    Val ends = record_get_val(contract, "ends_on");
    int64_t today = sales_today(cx);

    record_set(deal, "name", val_text(renewal_name(cx, contract)));
    for (size_t i = 0; i < sizeof COPIED / sizeof *COPIED; i++)
        if (!val_is_null(record_get_val(contract, COPIED[i])))
            record_set(deal, COPIED[i], record_get_val(contract, COPIED[i]));
    record_set(deal, "close_date", val_date(ends.i > today ? ends.i : today));
    record_set(deal, "next_step_at", val_date(today));
    TRY(record_create(cx, deal, NULL));
    return sales_set(cx, contract, NAMES, (Val[]){val_ref(deal->obj->number, deal->id), ends}, 2);
}

typedef struct Renewal {
    Store *store;
    Arena *mem;
    size_t n;
} Renewal;

static Err *renew_due(DbConn *c, void *arg)
{
    Renewal *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);
    Query q = {.limit = RENEW_MAX};
    Page page = {0};
    Str today = date_text(run->mem, sales_today(&cx));

    TRY(query_parse(&cx, meta_object(cx.meta, S("contract")),
                    str_fmt(run->mem, "renew_on <= date('%.*s')", SFMT(today)), S("renew_on"), &q));
    TRY(record_list(&cx, &q, &page));
    for (size_t i = 0; i < page.n; i++) TRY(renew(&cx, page.recs[i]));
    run->n = page.n;
    return NULL;
}

Err *contract_renew(Store *store, Arena *mem, Id job, const Val *arg)
{
    Renewal run = {.store = store, .mem = mem};

    (void)job;
    (void)arg;
    do TRY(job_unit(store, mem, renew_due, &run));
    while (run.n == RENEW_MAX);
    return NULL;
}
