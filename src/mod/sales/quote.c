/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quotes: sent, accepted, declined, put into another version; and the orders made of them and of deals.  What has been sent
   keeps its prices whatever the price book says later, and tells that it says otherwise. */
#include "mod/sales/offer.h"
#include "mod/sales/sales_impl.h"

#include "core/store.h"
#include "core/write.h"

#define VALID_DAYS 30
#define QUOTES_MAX 200 /* open quotes looked at when a price changes */

static bool has_status(const Record *rec, const char *status)
{
    return str_eq_c(text_in(rec, "status"), status);
}

static Err *need_lines(Ctx *cx, const Record *doc)
{
    Val n = record_get_val(doc, "lines_count");

    if (n.kind == VAL_INT && n.i > 0) return NULL;
    FAIL(cx->mem, ERR_CONFLICT, "error.document.empty", "it has no lines");
}

/* --- prices of open quotes ------------------------------------------------------------------------------------------- */

static Err *has_other_prices(Ctx *cx, const Record *quote, bool *out)
{
    Record **lines = NULL;
    size_t n = 0;

    *out = false;
    TRY(lines_of(cx, lines_object(cx, quote->obj), quote->id, &lines, &n));
    for (size_t i = 0; i < n && !*out; i++) {
        Val now = {0}, then = record_get_val(lines[i], "list_price");
        if (val_is_null(then)) continue;
        Err *e = line_list_price(cx, quote, lines[i], &now);
        if (e && e->code != ERR_INVALID) return e;
        *out = e || !val_same(now, then);
    }
    return NULL;
}

static Err *look_at_prices(Ctx *cx, const Record *quote)
{
    Record *next = record_copy(cx->mem, quote);
    bool is_other = false;

    TRY(has_other_prices(cx, quote, &is_other));
    record_set(next, "prices_changed", val_bool(is_other));
    return record_settle(cx, quote, next);
}

/* A price changed, came or went: open quotes with its product say so. */
Err *price_after(Ctx *cx, Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    Val binds[] = {record_get_val(rec, "product"), record_get_val(rec, "price_book"), val_int(QUOTES_MAX)};
    VEC(Id) ids = {0};
    DbRows *rows = NULL;
    bool has = false;

    (void)before;
    if (cx->is_quiet) return NULL;
    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT DISTINCT q.id FROM \"quote\" q JOIN \"quote_line\" l ON l.quote = q.id WHERE l.product = ?1 AND "
          "q.price_book = ?2 AND q.status IN ('draft', 'sent') AND q.deleted_at IS NULL AND l.deleted_at IS NULL "
          "ORDER BY q.id LIMIT ?3"),
        binds, 3, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &ids) = db_i64(rows, 0);
    }
    for (size_t i = 0; i < ids.n; i++) {
        Record *quote = NULL;
        TRY(record_get(&system, meta_object(cx->meta, S("quote")), ids.p[i], READ_LOCK, &quote));
        TRY(look_at_prices(cx, quote));
    }
    return NULL;
}

/* --- actions --------------------------------------------------------------------------------------------------------- */

Err *quote_reprice(Ctx *cx, Record *quote, const Val *params, Val *out)
{
    Record **lines = NULL;
    size_t n = 0;

    (void)params;
    if (!has_status(quote, "draft")) FAIL(cx->mem, ERR_CONFLICT, "error.document.fixed", "it is no draft");
    TRY(lines_of(cx, lines_object(cx, quote->obj), quote->id, &lines, &n));
    cx->hold++;
    for (size_t i = 0; i < n; i++) {
        static const char *const NAMES[] = {"price", "list_price"};
        Val price = {0};
        TRY(line_list_price(cx, quote, lines[i], &price));
        if (val_is_null(price)) continue;
        TRY(sales_set(cx, lines[i], NAMES, (Val[]){price, price}, 2));
    }
    cx->hold--;
    TRY(rollup_flush(cx));
    TRY(sales_set(cx, quote, (const char *const[]){"prices_changed"}, (Val[]){val_bool(false)}, 1));
    *out = sales_reply(cx, quote);
    return NULL;
}

static Val until_of(const Ctx *cx, const Record *quote, const Val *params)
{
    Val until = !val_is_null(params[0]) ? params[0] : record_get_val(quote, "expires_on");

    return val_is_null(until) ? val_date(sales_today(cx) + VALID_DAYS) : until;
}

/* As it will stand when it is sent. */
static Record *to_send(Ctx *cx, const Record *quote, const Val *params)
{
    Record *next = record_copy(cx->mem, quote);

    record_set(next, "expires_on", until_of(cx, quote, params));
    return next;
}

static Err *may_send(Ctx *cx, const Record *quote, Val until)
{
    if (!has_status(quote, "draft")) FAIL(cx->mem, ERR_CONFLICT, "error.quote.sent", "it has been sent");
    TRY(need_lines(cx, quote));
    if (until.i < sales_today(cx))
        FAIL_FIELD(cx->mem, S("expires_on"), "error.quote.past", "valid until a day that is past");
    return quote_allowed(cx, quote);
}

Err *quote_prepare(Ctx *cx, Record *quote, const Val *params, Prepared *out)
{
    Record *next = to_send(cx, quote, params);
    Val language = val_null();

    TRY(may_send(cx, quote, record_get_val(next, "expires_on")));
    return paper_prepare(cx, next, &language, out);
}

static Val sent_reply(Ctx *cx, const Record *quote, const Record *doc, Str url)
{
    ValPair *pairs = NEW_N(cx->mem, ValPair, 3);

    pairs[0] = (ValPair){val_text(S("quote")), val_ref(quote->obj->number, quote->id)};
    pairs[1] = (ValPair){val_text(S("document")), val_ref(doc->obj->number, doc->id)};
    pairs[2] = (ValPair){val_text(S("url")), val_text(url)};
    return val_map(pairs, 3);
}

/* Parameters: expires_on.  The reply has the address of the page for the customer, which is shown this once. */
Err *quote_send(Ctx *cx, Record *quote, const Val *params, Val *out)
{
    static const char *const NAMES[] = {"status", "sent_at", "expires_on", "prices_changed"};
    Record *next = to_send(cx, quote, params), *doc = NULL;
    Val until = record_get_val(next, "expires_on");
    bool is_other = false;
    Str url = {0};

    TRY(may_send(cx, quote, until));
    TRY(has_other_prices(cx, quote, &is_other));
    if (is_other)
        err_add(&cx->warnings,
                err_field(err_new(cx->mem, ERR_INVALID, "warning.prices_changed", "other prices"),
                          S("price_book")));
    TRY(paper_make(cx, next, S("proposal"), val_null(), &doc));
    TRY(offer_link(cx, doc, &url));
    Val vals[] = {val_text(S("sent")), val_from_ms(cx->now), until, val_bool(is_other)};
    TRY(sales_set(cx, quote, NAMES, vals, 4));
    *out = sent_reply(cx, quote, doc, url);
    return NULL;
}

static Err *may_answer(Ctx *cx, const Record *quote)
{
    if (has_status(quote, "sent")) return NULL;
    if (has_status(quote, "accepted"))
        FAIL(cx->mem, ERR_CONFLICT, "error.quote.accepted", "it has been accepted");
    if (has_status(quote, "draft")) FAIL(cx->mem, ERR_CONFLICT, "error.quote.draft", "it has not been sent");
    FAIL(cx->mem, ERR_CONFLICT, "error.quote.closed", "it is closed");
}

Err *quote_accept(Ctx *cx, Record *quote, const Val *params, Val *out)
{
    static const char *const NAMES[] = {"status", "answered_at"};
    Val until = record_get_val(quote, "expires_on");

    (void)params;
    TRY(may_answer(cx, quote));
    if (until.kind == VAL_DATE && until.i < sales_today(cx))
        FAIL(cx->mem, ERR_CONFLICT, "error.quote.expired", "it is no longer valid");
    TRY(sales_set(cx, quote, NAMES, (Val[]){val_text(S("accepted")), val_from_ms(cx->now)}, 2));
    TRY(offer_answered(cx, quote, "accepted", NULL));
    *out = sales_reply(cx, quote);
    return NULL;
}

/* Parameters: reason. */
Err *quote_decline(Ctx *cx, Record *quote, const Val *params, Val *out)
{
    static const char *const NAMES[] = {"status", "answered_at", "decline_reason"};

    TRY(may_answer(cx, quote));
    TRY(sales_set(cx, quote, NAMES, (Val[]){val_text(S("declined")), val_from_ms(cx->now), params[0]}, 3));
    TRY(offer_answered(cx, quote, "declined", NULL));
    *out = sales_reply(cx, quote);
    return NULL;
}

/* The next version: a draft of the same number that takes the place of this one. */
Err *quote_revise(Ctx *cx, Record *quote, const Val *params, Val *out)
{
    Record *next = NULL;
    Val revision = record_get_val(quote, "revision");

    (void)params;
    if (has_status(quote, "accepted"))
        FAIL(cx->mem, ERR_CONFLICT, "error.quote.accepted", "it has been accepted");
    if (has_status(quote, "superseded"))
        FAIL(cx->mem, ERR_CONFLICT, "error.quote.closed", "it has a later version");
    cx->may_write_readonly = true;
    next = document_copy(cx, quote, quote->obj);
    record_set(next, "number", record_get_val(quote, "number"));
    record_set(next, "revision", val_int(revision.kind == VAL_INT ? revision.i + 1 : 2));
    record_set(next, "previous", val_ref(quote->obj->number, quote->id));
    TRY(sales_set(cx, quote, (const char *const[]){"status"}, (Val[]){val_text(S("superseded"))}, 1));
    TRY(record_create(cx, next, NULL));
    TRY(lines_copy(cx, quote, next));
    *out = sales_reply(cx, next);
    return NULL;
}

/* --- orders ---------------------------------------------------------------------------------------------------------- */

/* The order that a quote or deal has led to already, unless it was cancelled. */
static Err *check_not_ordered(Ctx *cx, const Record *quote)
{
    Val bind = val_int(quote->id), n = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT count(*) FROM \"order\" WHERE quote = ?1 AND deleted_at IS NULL AND status <> 'cancelled'"),
        &bind, 1, &n));
    if (n.i) FAIL(cx->mem, ERR_CONFLICT, "error.quote.ordered", "there is an order already");
    return NULL;
}

static Err *make_order(Ctx *cx, const Record *quote, Record **out)
{
    Record *order = document_copy(cx, quote, meta_object(cx->meta, S("order"))), *deal = NULL;

    TRY(sales_read(cx, quote, "deal", &deal));
    if (deal) origin_copy(order, deal); /* a quote knows none of its own */
    record_set(order, "quote", val_ref(quote->obj->number, quote->id));
    TRY(record_create(cx, order, NULL));
    TRY(lines_copy(cx, quote, order));
    *out = order;
    return NULL;
}

Err *quote_order(Ctx *cx, Record *quote, const Val *params, Val *out)
{
    Record *order = NULL;

    (void)params;
    if (!has_status(quote, "accepted"))
        FAIL(cx->mem, ERR_CONFLICT, "error.quote.not_accepted", "it is not accepted");
    TRY(check_not_ordered(cx, quote));
    cx->may_write_readonly = true;
    TRY(make_order(cx, quote, &order));
    *out = sales_reply(cx, order);
    return NULL;
}

/* A deal without a currency of its own is ordered in that of its lines. */
static Err *from_deal(Ctx *cx, Record *deal, const char *object, Val *out)
{
    Record *doc = document_copy(cx, deal, meta_object(cx->meta, str_c(object))), **lines = NULL;
    size_t n = 0;

    TRY(lines_of(cx, lines_object(cx, deal->obj), deal->id, &lines, &n));
    if (!n) FAIL(cx->mem, ERR_CONFLICT, "error.document.empty", "it has no lines");
    if (val_is_null(record_get_val(deal, "account")))
        FAIL_FIELD(cx->mem, S("account"), "error.required", "the deal has no account");
    cx->may_write_readonly = true;
    Val price = record_get_val(lines[0], "price"), id = {0};
    char code[4];
    currency_unpack(price.aux, code);
    Val bind = val_text(str_copy(cx->mem, str_c(code)));
    TRY(db_one(cx->mem, cx->db, S("SELECT id FROM \"currency\" WHERE code = ?1 AND deleted_at IS NULL"),
               &bind, 1, &id));
    if (id.kind == VAL_INT)
        record_set(doc, "currency", val_ref(meta_object(cx->meta, S("currency"))->number, id.i));
    record_set(doc, "deal", val_ref(deal->obj->number, deal->id));
    record_set(doc, "with_tax", val_bool(false));
    TRY(record_create(cx, doc, NULL));
    TRY(lines_copy(cx, deal, doc));
    *out = sales_reply(cx, doc);
    return NULL;
}

Err *deal_quote(Ctx *cx, Record *deal, const Val *params, Val *out)
{
    (void)params;
    return from_deal(cx, deal, "quote", out);
}

Err *deal_order(Ctx *cx, Record *deal, const Val *params, Val *out)
{
    (void)params;
    return from_deal(cx, deal, "order", out);
}
