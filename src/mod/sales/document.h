/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/query.h"
#include "mod/sales/line.h"

/* Inside sales: what quotes, orders, invoices and their lines share. */

/** The record field `field` of `rec` refers to, as the system sees it; NULL when there is none or it is gone. */
MUST_CHECK Err *sales_read(Ctx *cx, const Record *rec, const char *field, Record **out);
/** Lines of document `doc`, in order. */
MUST_CHECK Err *lines_of(Ctx *cx, const Object *lines, Id doc, Record ***out, size_t *n);
/** The object of the lines of documents of `obj`: "quote" -> quote_line. */
const Object *lines_object(const Ctx *cx, const Object *obj);
/** Code of the currency a field refers to; the company's when it refers to none. */
MUST_CHECK Err *document_currency(Ctx *cx, const Record *doc, uint16_t *out);
/** Today in the company's zone. */
int64_t sales_today(const Ctx *cx);
Str text_in(const Record *rec, const char *field); /* empty for null */

/** Takes the next number of `kind` for `rec`, by its own company and date: sets number and year. */
MUST_CHECK Err *number_take(Ctx *cx, Record *rec, Str kind);
/** "Q-{yyyy}-{nnnn}" of day `day` and count `n`. */
Str number_form(Arena *mem, Str form, int64_t day, int64_t n);

TaxKind tax_kind_from(Val name); /* of a tax_rate or line; outside when it names none */
const char *tax_kind_name(TaxKind tax);
/** Chooses the tax rate of a line that has none: by its product, or the usual one of `company`; both may be NULL. */
MUST_CHECK Err *tax_choose(Ctx *cx, Record *line, const Record *company, const Record *product, int64_t day);
/** Percent and kind from the line's tax rate. */
MUST_CHECK Err *tax_apply(Ctx *cx, Record *line, const Record *before);

/* For whom a price is asked. */
typedef struct PriceAsk {
    const Record *book; /* NULL: the product's own price */
    uint16_t currency;  /* 0: that of the price */
    bool with_tax;
    Val vat; /* percent between prices with and without tax */
    int64_t day;
} PriceAsk;

/** Price of one `product` when `quantity` (three places) are taken; null when there is none.  INVALID{error.rate.missing}
    when it is in a currency without a rate. */
MUST_CHECK Err *price_find(Ctx *cx, const PriceAsk *ask, Id product, int64_t quantity, Val *out);
MUST_CHECK Err *price_convert(Ctx *cx, Val price, uint16_t currency, int64_t day, Val *out);
/** The book that fits best; 0 none. */
MUST_CHECK Err *price_book_choose(Ctx *cx, Id company, const Record *account, Id currency, int64_t day,
                                  Id *out);
/** The price of a line by the book of its document as of now; null when there is none. */
MUST_CHECK Err *line_list_price(Ctx *cx, const Record *doc, const Record *line, Val *out);

/** A new record of `to` with what `from` has alike: parties, currency, discounts, origin. */
Record *document_copy(Ctx *cx, const Record *from, const Object *to);
/** Copies where a customer came from: what both records have of it. */
void origin_copy(Record *to, const Record *from);
/** Copies the lines of `from` to `doc`. */
MUST_CHECK Err *lines_copy(Ctx *cx, const Record *from, const Record *doc);
/** Stores some fields of `rec` given by name and value, as an action does. */
MUST_CHECK Err *sales_set(Ctx *cx, const Record *rec, const char *const *names, const Val *vals, size_t n);
/** Stores `rec`, made or changed, as the system under the name of who acts. */
MUST_CHECK Err *sales_save(Ctx *cx, Record *rec);
/** {"<object>": reference} as the reply of an action. */
Val sales_reply(Ctx *cx, const Record *rec);
