/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Money received and what it settles.  A payment is allotted to invoices; what is left of it stays to the customer's credit. */
#include "mod/sales/sales_impl.h"

#include "base/decimal.h"
#include "core/store.h"
#include "core/write.h"

Err *payment_before(Ctx *cx, Record *rec, const Record *before)
{
    Val amount = record_get_val(rec, "amount"), allotted = record_get_val(rec, "allotted");

    TRY(own_company_default(cx, rec));
    if (!before || amount.kind != VAL_MONEY || allotted.kind != VAL_MONEY || !allotted.i) return NULL;
    if (amount.aux != allotted.aux)
        FAIL_FIELD(cx->mem, S("amount"), "error.document.currency", "another currency");
    return NULL;
}

Err *payment_settle(Ctx *cx, Record *rec, const Record *before)
{
    Val bind = val_int(rec->id), amount = record_get_val(rec, "amount");
    DbRows *rows = NULL;
    bool has = false;
    int64_t sum = 0;

    (void)before;
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT amount FROM \"allotment\" WHERE payment = ?1 AND deleted_at IS NULL"), &bind, 1,
                 &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        if (__builtin_add_overflow(sum, db_i64(rows, 0), &sum)) sum = INT64_MAX;
    }
    if (sum > amount.i)
        return err_field(
            err_new(cx->mem, ERR_CONFLICT, "error.payment.over", "more is allotted than was paid"),
            S("amount"));
    record_set(rec, "allotted", val_money(sum, 4, amount.aux));
    record_set(rec, "credit", val_money(amount.i - sum, 4, amount.aux));
    return NULL;
}

Err *allotment_before(Ctx *cx, Record *rec, const Record *before)
{
    Record *payment = NULL, *invoice = NULL;
    Val amount = record_get_val(rec, "amount");

    (void)before;
    TRY(sales_read(cx, rec, "payment", &payment));
    TRY(sales_read(cx, rec, "invoice", &invoice));
    if (!payment || !invoice || amount.kind != VAL_MONEY) return NULL;
    Val open = record_get_val(invoice, "open"), paid = record_get_val(payment, "amount");
    if (val_is_null(open))
        FAIL_FIELD(cx->mem, S("invoice"), "error.invoice.not_owed", "nothing is owed by it");
    if (amount.aux != open.aux || amount.aux != paid.aux)
        FAIL_FIELD(cx->mem, S("amount"), "error.document.currency", "another currency");
    if (!val_same(record_get_val(payment, "account"), record_get_val(invoice, "account")))
        FAIL_FIELD(cx->mem, S("invoice"), "error.payment.account", "of another account");
    return NULL;
}

static Err *allot(Ctx *cx, const Record *payment, Id invoice, Val amount)
{
    const Object *obj = meta_object(cx->meta, S("allotment"));
    Record *rec = record_new(cx->mem, obj);

    record_set(rec, "payment", val_ref(payment->obj->number, payment->id));
    record_set(rec, "invoice", val_ref(meta_object(cx->meta, S("invoice"))->number, invoice));
    record_set(rec, "amount", amount);
    return record_create(cx, rec, NULL);
}

Err *payment_allot_to(Ctx *cx, const Record *payment, const Record *invoice)
{
    Val open = record_get_val(invoice, "open"), amount = record_get_val(payment, "amount");
    int64_t paid = 0;

    if (open.kind != VAL_MONEY || open.i <= 0 || open.aux != amount.aux ||
        !decimal_rescale(amount.i, amount.places, open.places, &paid))
        return NULL;
    if (paid < open.i) open.i = paid;
    return allot(cx, payment, invoice->id, open);
}

static Err *check_amount(Ctx *cx, Val amount, Val open, bool keeps_rest)
{
    if (val_is_null(open) || open.i <= 0)
        FAIL(cx->mem, ERR_CONFLICT, "error.invoice.not_owed", "nothing is owed by it");
    if (amount.aux != open.aux)
        FAIL_FIELD(cx->mem, S("amount"), "error.document.currency", "another currency");
    if (amount.i <= 0) FAIL_FIELD(cx->mem, S("amount"), "error.payment.zero", "nothing is paid");
    if (amount.i <= open.i || keeps_rest) return NULL;
    return err_arg(
        err_field(err_new(cx->mem, ERR_INVALID, "error.payment.large", "more than is owed"), S("amount")), 0,
        decimal_text(cx->mem, open.i / 100, 2));
}

/* Parameters: amount (what is open), date (today), method, number, keep_rest. */
Err *invoice_pay(Ctx *cx, Record *invoice, const Val *params, Val *out)
{
    Val open = record_get_val(invoice, "open"), amount = val_is_null(params[0]) ? open : params[0];
    bool keeps_rest = params[4].kind == VAL_BOOL && params[4].b;
    Record *payment = record_new(cx->mem, meta_object(cx->meta, S("payment")));

    if (amount.kind == VAL_MONEY && amount.aux == 0) amount.aux = open.aux;
    TRY(check_amount(cx, amount, open, keeps_rest));
    record_set(payment, "account", record_get_val(invoice, "account"));
    record_set(payment, "own_company", record_get_val(invoice, "own_company"));
    record_set(payment, "amount", amount);
    record_set(payment, "date", val_is_null(params[1]) ? val_date(sales_today(cx)) : params[1]);
    if (!val_is_null(params[2])) record_set(payment, "method", params[2]);
    if (!val_is_null(params[3])) record_set(payment, "number", params[3]);
    TRY(record_create(cx, payment, NULL));
    TRY(allot(cx, payment, invoice->id, amount.i > open.i ? open : amount));
    *out = sales_reply(cx, payment);
    return NULL;
}

typedef struct Owed {
    Id invoice;
    int64_t open;
} Owed;

/* Parameters: invoice.  Allots what is left of a payment to that invoice, or to the customer's, first due first. */
Err *payment_allot(Ctx *cx, Record *payment, const Val *params, Val *out)
{
    Val credit = record_get_val(payment, "credit");
    char code[4];
    VEC(Owed) owed = {0};
    DbRows *rows = NULL;
    bool has = false;

    if (credit.kind != VAL_MONEY || credit.i <= 0)
        FAIL(cx->mem, ERR_CONFLICT, "error.payment.spent", "nothing is left");
    currency_unpack(credit.aux, code);
    Val binds[] = {record_get_val(payment, "account"), val_text(str_copy(cx->mem, str_c(code))),
                   val_int(val_is_null(params[0]) ? 0 : params[0].i)};
    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT id, open FROM \"invoice\" WHERE account = ?1 AND open_due IS NOT NULL AND open_currency = ?2 AND "
          "deleted_at IS NULL AND (CAST(?3 AS BIGINT) = 0 OR id = ?3) ORDER BY open_due, id LIMIT 1000"),
        binds, 3, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &owed) = (Owed){db_i64(rows, 0), db_i64(rows, 1)};
    }
    if (!owed.n) FAIL(cx->mem, ERR_CONFLICT, "error.payment.nothing", "no open invoice");
    for (size_t i = 0; i < owed.n && credit.i > 0; i++) {
        int64_t part = owed.p[i].open < credit.i ? owed.p[i].open : credit.i;
        TRY(allot(cx, payment, owed.p[i].invoice, val_money(part, 4, credit.aux)));
        credit.i -= part;
    }
    *out = sales_reply(cx, payment);
    return NULL;
}
