/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Invoices and what is owed by them.  An invoice gets its number when it is issued and keeps it, also when it is cancelled or
   corrected.  What is open is its gross less what payments are allotted to it and what credit notes take off: settled from
   those, never typed. */
#include "mod/sales/sales_impl.h"

#include "base/decimal.h"
#include "core/store.h"
#include "core/write.h"

#define PAYMENT_DAYS 14

__extension__ typedef __int128 Wide;

static bool is_kind(const Record *invoice, const char *kind)
{
    return str_eq_c(text_in(invoice, "kind"), kind);
}

static bool has_status(const Record *rec, const char *status)
{
    return str_eq_c(text_in(rec, "status"), status);
}

static bool is_standing(const Record *invoice)
{
    return !has_status(invoice, "draft") && !has_status(invoice, "cancelled");
}

/* --- writing --------------------------------------------------------------------------------------------------------- */

/* Days from the invoice, the customer or the own company. */
static Err *due_day(Ctx *cx, const Record *rec, int64_t *out)
{
    Record *account = NULL, *own = NULL;
    Val days = record_get_val(rec, "payment_days");

    TRY(sales_read(cx, rec, "account", &account));
    TRY(sales_read(cx, rec, "own_company", &own));
    if (val_is_null(days) && account) days = record_get_val(account, "payment_days");
    if (val_is_null(days) && own) days = record_get_val(own, "payment_days");
    *out = record_get_val(rec, "date").i + (val_is_null(days) ? PAYMENT_DAYS : days.i);
    return NULL;
}

static Err *check_credits(Ctx *cx, const Record *rec)
{
    Record *target = NULL;

    if (!is_kind(rec, "credit_note")) return NULL;
    TRY(sales_read(cx, rec, "credits", &target));
    if (!target) FAIL_FIELD(cx->mem, S("credits"), "error.required", "what does it correct?");
    if (!is_kind(target, "invoice") || !is_standing(target))
        FAIL_FIELD(cx->mem, S("credits"), "error.invoice.credits", "only an issued invoice is corrected");
    return NULL;
}

Err *invoice_before(Ctx *cx, Record *rec, const Record *before)
{
    int64_t due = 0;

    TRY(document_before(cx, rec, before));
    TRY(check_credits(cx, rec));
    if (record_get_val(rec, "date").kind != VAL_DATE) return NULL;
    bool is_moved = before && !sales_changed(rec, before, "due_date") &&
                    (sales_changed(rec, before, "date") || sales_changed(rec, before, "payment_days"));
    if (!is_moved && !val_is_null(record_get_val(rec, "due_date"))) return NULL;
    TRY(due_day(cx, rec, &due));
    record_set(rec, "due_date", val_date(due));
    return NULL;
}

/* A draft has no number; one brought in from elsewhere has its own. */
Err *invoice_store(Ctx *cx, Record *rec, const Record *before)
{
    bool is_numbered = !val_is_null(record_get_val(rec, "number"));

    if (is_numbered) return document_store(cx, rec, before);
    return has_status(rec, "draft") ? NULL : number_take(cx, rec, text_in(rec, "kind"));
}

/* --- what is open ---------------------------------------------------------------------------------------------------- */

static Err *sum_of(Ctx *cx, Str sql, Id id, int64_t *sum, Val *last)
{
    Val bind = val_int(id);
    DbRows *rows = NULL;
    bool has = false;

    *sum = 0;
    *last = val_null();
    TRY(db_query(cx->mem, cx->db, sql, &bind, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        if (__builtin_add_overflow(*sum, db_i64(rows, 0), sum) || *sum > DECIMAL_MAX)
            FAIL(cx->mem, ERR_INVALID, "error.money.large", "the sum does not fit");
        if (val_is_null(*last) || db_i64(rows, 1) > last->i) *last = val_date(db_i64(rows, 1));
    }
}

static Err *read_paid(Ctx *cx, Id invoice, int64_t *paid, int64_t *credited, Val *last)
{
    Val ignored = {0};

    TRY(sum_of(cx,
               S("SELECT a.amount, p.date FROM \"allotment\" a JOIN \"payment\" p ON p.id = a.payment WHERE "
                 "a.invoice = ?1 AND a.deleted_at IS NULL AND p.deleted_at IS NULL"),
               invoice, paid, last));
    return sum_of(
        cx,
        S("SELECT COALESCE(gross, 0), date FROM \"invoice\" WHERE credits = ?1 AND kind = 'credit_note' AND "
          "status NOT IN ('draft', 'cancelled') AND deleted_at IS NULL"),
        invoice, credited, &ignored);
}

static void put_closed(Record *rec)
{
    static const char *const NAMES[] = {"open", "open_due", "paid_on"};

    for (size_t i = 0; i < 3; i++) record_set(rec, NAMES[i], val_null());
}

static Err *settle_open(Ctx *cx, Record *rec, Val gross)
{
    int64_t paid = 0, credited = 0;
    Val last = {0};

    TRY(read_paid(cx, rec->id, &paid, &credited, &last));
    int64_t open = gross.i - paid - credited;
    if (paid > gross.i) FAIL(cx->mem, ERR_CONFLICT, "error.invoice.overpaid", "more is paid than owed");
    if (credited > gross.i)
        FAIL(cx->mem, ERR_CONFLICT, "error.invoice.over_credited", "more is credited than charged");
    record_set(rec, "paid", val_money(paid, 4, gross.aux));
    record_set(rec, "credited", val_money(credited, 4, gross.aux));
    record_set(rec, "open", val_money(open, 4, gross.aux));
    record_set(rec, "open_due", open > 0 ? record_get_val(rec, "due_date") : val_null());
    record_set(rec, "paid_on", open > 0 ? val_null() : last);
    record_set(rec, "status",
               val_text(open <= 0        ? S("paid")
                        : open < gross.i ? S("part_paid")
                                         : S("issued")));
    return NULL;
}

Err *invoice_settle(Ctx *cx, Record *rec, const Record *before)
{
    TRY(document_settle(cx, rec, before));
    Val gross = record_get_val(rec, "gross");
    bool counts = is_standing(rec) && !is_kind(rec, "proforma") && gross.kind == VAL_MONEY;
    int64_t sign = is_kind(rec, "credit_note") ? -1 : 1;

    record_set(rec, "counted", counts ? val_money(sign * gross.i, 4, gross.aux) : val_null());
    if (counts && sign > 0) return settle_open(cx, rec, gross);
    put_closed(rec);
    return NULL;
}

/* What of an order has been invoiced: quantities of invoices that stand or are being written, less what was credited. */
Err *invoice_line_before(Ctx *cx, Record *rec, const Record *before)
{
    Record *invoice = NULL;
    Val quantity = record_get_val(rec, "quantity");

    TRY(line_before(cx, rec, before));
    TRY(sales_read(cx, rec, "invoice", &invoice));
    if (!invoice || quantity.kind != VAL_DECIMAL) return NULL;
    bool counts = !has_status(invoice, "cancelled") && !is_kind(invoice, "proforma");
    int64_t sign = is_kind(invoice, "credit_note") ? -1 : 1;
    record_set(rec, "invoiced_quantity", val_decimal(counts ? sign * quantity.i : 0, 3));
    return NULL;
}

/* --- making ---------------------------------------------------------------------------------------------------------- */

static int64_t left_of(Val whole, int64_t part, int64_t of)
{
    int64_t out = 0;
    Wide exact = (Wide)whole.i * part;

    if (of <= 0 || part >= of) return whole.i;
    out = (int64_t)(exact / of);
    return out - out % 100; /* a discount is money: two places at least */
}

static Err *invoice_lines(Ctx *cx, const Record *order, const Record *invoice, size_t *made)
{
    static const char *const COPIED[] = {"position", "product",    "name",     "unit", "price",
                                         "discount", "list_price", "tax_rate", "vat",  "period",
                                         "term",     "cost",       "note"};
    Record **lines = NULL;
    size_t n = 0;

    TRY(lines_of(cx, meta_object(cx->meta, S("order_line")), order->id, &lines, &n));
    cx->hold++;
    for (size_t i = 0; i < n; i++) {
        Val quantity = record_get_val(lines[i], "quantity"), done = record_get_val(lines[i], "invoiced");
        int64_t left = quantity.i - (done.kind == VAL_DECIMAL ? done.i : 0);
        Val off = record_get_val(lines[i], "discount_amount");
        if (left <= 0) continue;
        Record *line = record_new(cx->mem, meta_object(cx->meta, S("invoice_line")));
        for (size_t k = 0; k < sizeof COPIED / sizeof *COPIED; k++)
            record_set(line, COPIED[k], record_get_val(lines[i], COPIED[k]));
        record_set(line, "quantity", val_decimal(left, 3));
        if (off.kind == VAL_MONEY)
            record_set(line, "discount_amount", val_money(left_of(off, left, quantity.i), 4, off.aux));
        record_set(line, "order_line", val_ref(lines[i]->obj->number, lines[i]->id));
        record_set(line, "invoice", val_ref(invoice->obj->number, invoice->id));
        TRY(record_create(cx, line, NULL));
        ++*made;
    }
    cx->hold--;
    return rollup_flush(cx);
}

/* Parameters: kind.  A draft of what is not yet invoiced. */
Err *order_invoice(Ctx *cx, Record *order, const Val *params, Val *out)
{
    Record *invoice = document_copy(cx, order, meta_object(cx->meta, S("invoice")));
    size_t made = 0;

    if (has_status(order, "cancelled"))
        FAIL(cx->mem, ERR_CONFLICT, "error.order.cancelled", "it is cancelled");
    cx->may_write_readonly = true;
    if (params[0].kind == VAL_TEXT && str_eq(val_str(params[0]), S("proforma")))
        record_set(invoice, "kind", val_text(S("proforma")));
    record_set(invoice, "order", val_ref(order->obj->number, order->id));
    TRY(record_create(cx, invoice, NULL));
    TRY(invoice_lines(cx, order, invoice, &made));
    if (!made) FAIL(cx->mem, ERR_CONFLICT, "error.order.invoiced", "all of it is invoiced");
    *out = sales_reply(cx, invoice);
    return NULL;
}

/* Parameters: date. */
Err *invoice_issue(Ctx *cx, Record *invoice, const Val *params, Val *out)
{
    static const char *const NAMES[] = {"status", "issued_at", "date"};
    Val count = record_get_val(invoice, "lines_count");
    Val date = !val_is_null(params[0]) ? params[0] : record_get_val(invoice, "date");

    if (!has_status(invoice, "draft"))
        FAIL(cx->mem, ERR_CONFLICT, "error.invoice.issued", "it has been issued");
    if (count.kind != VAL_INT || count.i == 0)
        FAIL(cx->mem, ERR_CONFLICT, "error.document.empty", "it has no lines");
    TRY(sales_set(cx, invoice, NAMES, (Val[]){val_text(S("issued")), val_from_ms(cx->now), date}, 3));
    *out = sales_reply(cx, invoice);
    return NULL;
}

/* Parameters: reason.  It keeps its number, and what it charged may be charged anew. */
Err *invoice_cancel(Ctx *cx, Record *invoice, const Val *params, Val *out)
{
    static const char *const NAMES[] = {"status", "reason"};
    Val paid = record_get_val(invoice, "paid"), credited = record_get_val(invoice, "credited");
    Record **lines = NULL;
    size_t n = 0;

    if (has_status(invoice, "cancelled"))
        FAIL(cx->mem, ERR_CONFLICT, "error.invoice.cancelled", "it is cancelled");
    if ((paid.kind == VAL_MONEY && paid.i) || (credited.kind == VAL_MONEY && credited.i))
        FAIL(cx->mem, ERR_CONFLICT, "error.invoice.touched", "there are payments or credit notes");
    TRY(sales_set(cx, invoice, NAMES, (Val[]){val_text(S("cancelled")), params[0]}, 2));
    TRY(lines_of(cx, meta_object(cx->meta, S("invoice_line")), invoice->id, &lines, &n));
    cx->is_quiet = true; /* its lines are fixed, but they count no longer */
    for (size_t i = 0; i < n; i++)
        TRY(sales_set(cx, lines[i], (const char *const[]){"invoiced_quantity"}, (Val[]){val_decimal(0, 3)},
                      1));
    cx->is_quiet = false;
    *out = sales_reply(cx, invoice);
    return NULL;
}

static Err *credit_lines(Ctx *cx, const Record *invoice, const Record *note)
{
    static const char *const COPIED[] = {
        "position",   "product",  "name",   "quantity", "unit", "price", "discount",        "vat",
        "list_price", "tax_rate", "period", "term",     "cost", "note",  "discount_amount", "order_line"};
    Record **lines = NULL;
    size_t n = 0;

    TRY(lines_of(cx, meta_object(cx->meta, S("invoice_line")), invoice->id, &lines, &n));
    cx->hold++;
    for (size_t i = 0; i < n; i++) {
        Record *line = record_new(cx->mem, lines[i]->obj);
        for (size_t k = 0; k < sizeof COPIED / sizeof *COPIED; k++)
            record_set(line, COPIED[k], record_get_val(lines[i], COPIED[k]));
        record_set(line, "credited_line", val_ref(lines[i]->obj->number, lines[i]->id));
        record_set(line, "invoice", val_ref(note->obj->number, note->id));
        TRY(record_create(cx, line, NULL));
    }
    cx->hold--;
    return rollup_flush(cx);
}

/* Parameters: reason.  A draft that takes everything back; what is to stay is taken out of it before it is issued. */
Err *invoice_credit(Ctx *cx, Record *invoice, const Val *params, Val *out)
{
    Record *note = document_copy(cx, invoice, invoice->obj);

    if (!is_standing(invoice) || !is_kind(invoice, "invoice"))
        FAIL(cx->mem, ERR_CONFLICT, "error.invoice.credits", "only an issued invoice is corrected");
    cx->may_write_readonly = true;
    record_set(note, "kind", val_text(S("credit_note")));
    record_set(note, "credits", val_ref(invoice->obj->number, invoice->id));
    record_set(note, "order", record_get_val(invoice, "order"));
    record_set(note, "reason", params[0]);
    TRY(record_create(cx, note, NULL));
    TRY(credit_lines(cx, invoice, note));
    *out = sales_reply(cx, note);
    return NULL;
}
