/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quotes, orders and invoices: what they take from the company, the customer and the price book when they are made, when they
   may no longer be changed, and their totals.  Totals are settled at the end of the unit, from all lines at once, because
   the discount and the tax of a document are split among its lines. */
#include "mod/sales/sales_impl.h"

#include "base/decimal.h"
#include "base/text.h"
#include "base/time.h"
#include "core/store.h"
#include "core/write.h"

#define LINES_MAX 5000

/* --- reading --------------------------------------------------------------------------------------------------------- */

Str text_in(const Record *rec, const char *field)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_TEXT ? val_str(v) : (Str){0};
}

int64_t sales_today(const Ctx *cx)
{
    return zone_date(cx->store->company->zone, cx->now);
}

Err *sales_read(Ctx *cx, const Record *rec, const char *field, Record **out)
{
    Ctx system = ctx_as_system(cx);
    Val ref = record_get_val(rec, field);
    const Field *f = object_field(rec->obj, str_c(field));

    *out = NULL;
    if (val_is_null(ref)) return NULL;
    Err *e = record_get(&system, f->target, ref.i, READ_DELETED, out);
    return e && e->code == ERR_NOT_FOUND ? NULL : e;
}

const Object *lines_object(const Ctx *cx, const Object *obj)
{
    return meta_object(cx->meta, str_fmt(cx->mem, "%.*s_line", SFMT(obj->name)));
}

Err *lines_of(Ctx *cx, const Object *lines, Id doc, Record ***out, size_t *n)
{
    Ctx system = ctx_as_system(cx);
    Query q = {0};
    Page page = {0};
    Str filter = str_fmt(cx->mem, "%.*s == '%.*s'", SFMT(lines->parent->name), SFMT(id_text(cx->mem, doc)));

    system.as_of = 0;
    TRY(query_parse(&system, lines, filter, S("position"), &q));
    q.limit = LINES_MAX;
    TRY(record_list(&system, &q, &page));
    if (page.next_token.n) FAIL(cx->mem, ERR_LIMIT, "error.document.lines", "more than %d lines", LINES_MAX);
    *out = page.recs;
    *n = page.n;
    return NULL;
}

Err *document_currency(Ctx *cx, const Record *doc, uint16_t *out)
{
    Record *currency = NULL;

    *out = cx->store->company->currency_code;
    if (!object_field(doc->obj, S("currency"))) return NULL;
    TRY(sales_read(cx, doc, "currency", &currency));
    uint16_t code = currency ? currency_pack(text_in(currency, "code")) : 0;
    if (code) *out = code;
    return NULL;
}

static uint8_t places_of(uint16_t currency)
{
    char code[4];
    int places = 0;

    currency_unpack(currency, code);
    places = currency_places(str_c(code));
    return places < 0 || places > 4 ? 2 : (uint8_t)places;
}

static bool is_true(const Record *rec, const char *field)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_BOOL && v.b;
}

static bool has_field(const Record *rec, const char *field)
{
    return object_field(rec->obj, str_c(field)) != NULL;
}

/* --- what may be changed --------------------------------------------------------------------------------------------- */

static bool is_fixed(const Record *doc)
{
    Str status = has_field(doc, "status") ? text_in(doc, "status") : (Str){0};

    if (str_eq(doc->obj->name, S("order")))
        return str_eq(status, S("closed")) || str_eq(status, S("cancelled"));
    return status.n && !str_eq(status, S("draft")) && !str_eq(doc->obj->name, S("deal"));
}

static Err *refuse_fixed(Ctx *cx, Str field)
{
    return err_field(err_new(cx->mem, ERR_CONFLICT, "error.document.fixed", "it is no draft"), field);
}

/* What stands in a document that has gone out. */
static const char *const FIXED[] = {
    "kind",     "own_company", "account",         "date",   "currency", "with_tax",
    "rounding", "discount",    "discount_amount", "credits"};

static Err *check_fixed(Ctx *cx, const Record *rec, const Record *before)
{
    bool is_quote = str_eq(rec->obj->name, S("quote"));

    if (!before) return NULL;
    bool loses = !val_is_null(record_get_val(before, "number")) && sales_changed(rec, before, "number");
    if (loses && (is_fixed(before) || val_is_null(record_get_val(rec, "number"))))
        return refuse_fixed(cx, S("number"));
    if (!is_fixed(before) || (is_quote && cx->channel == CHANNEL_UNDO)) return NULL;
    for (size_t i = 0; i < sizeof FIXED / sizeof *FIXED; i++)
        if (has_field(rec, FIXED[i]) && sales_changed(rec, before, FIXED[i]))
            return refuse_fixed(cx, str_c(FIXED[i]));
    return NULL;
}

Err *document_delete(Ctx *cx, Record *rec, const Record *before)
{
    (void)before;
    bool is_invoice = str_eq(rec->obj->name, S("invoice")),
         as_it_came = cx->is_quiet && cx->channel == CHANNEL_IMPORT;

    if (is_invoice && !as_it_came && !val_is_null(record_get_val(rec, "number")) &&
        !str_eq(text_in(rec, "kind"), S("proforma")))
        FAIL(cx->mem, ERR_CONFLICT, "error.invoice.numbered", "it has a number");
    return NULL;
}

/* A line goes with its draft only; with its document it goes anyhow. */
Err *line_delete(Ctx *cx, Record *rec, const Record *before)
{
    Record *doc = NULL;

    (void)before;
    TRY(sales_read(cx, rec, str_to_c(cx->mem, rec->obj->parent->name), &doc));
    bool follows = doc && !val_is_null(record_get_val(doc, "deleted_at"));
    return doc && !follows && !cx->actor->is_system && is_fixed(doc) ? refuse_fixed(cx, S("status")) : NULL;
}

/* --- what a new document takes --------------------------------------------------------------------------------------- */

static void take(Record *rec, const char *field, const Record *from, const char *source)
{
    if (from && val_is_null(record_get_val(rec, field))) record_set(rec, field, record_get_val(from, source));
}

Err *own_company_default(Ctx *cx, Record *rec)
{
    Val id = {0};

    if (!val_is_null(record_get_val(rec, "own_company"))) return NULL;
    TRY(db_one(cx->mem, cx->db,
               S("SELECT id FROM \"own_company\" WHERE deleted_at IS NULL ORDER BY is_main DESC, id LIMIT 1"),
               NULL, 0, &id));
    if (id.kind == VAL_INT)
        record_set(rec, "own_company", val_ref(meta_object(cx->meta, S("own_company"))->number, id.i));
    return NULL;
}

static Err *choose_book(Ctx *cx, Record *rec, const Record *account)
{
    Val company = record_get_val(rec, "own_company"), currency = record_get_val(rec, "currency");
    Id book = 0;

    if (!val_is_null(record_get_val(rec, "price_book")) || cx->is_quiet) return NULL;
    TRY(price_book_choose(cx, val_is_null(company) ? 0 : company.i, account,
                          val_is_null(currency) ? 0 : currency.i, record_get_val(rec, "date").i, &book));
    if (book) record_set(rec, "price_book", val_ref(meta_object(cx->meta, S("price_book"))->number, book));
    return NULL;
}

static Err *take_defaults(Ctx *cx, Record *rec)
{
    Record *deal = NULL, *account = NULL, *own = NULL, *book = NULL;

    TRY(own_company_default(cx, rec));
    TRY(sales_read(cx, rec, "deal", &deal));
    take(rec, "account", deal, "account");
    take(rec, "contact", deal, "contact");
    TRY(sales_read(cx, rec, "account", &account));
    TRY(sales_read(cx, rec, "own_company", &own));
    TRY(choose_book(cx, rec, account));
    TRY(sales_read(cx, rec, "price_book", &book));
    take(rec, "currency", book, "currency");
    take(rec, "currency", account, "currency");
    take(rec, "currency", own, "currency");
    take(rec, "with_tax", book, "with_tax");
    take(rec, "rounding", own, "rounding");
    if (val_is_null(record_get_val(rec, "with_tax"))) record_set(rec, "with_tax", val_bool(false));
    if (val_is_null(record_get_val(rec, "rounding"))) record_set(rec, "rounding", val_text(S("line")));
    return NULL;
}

static Err *check_currency(Ctx *cx, const Record *rec)
{
    Val amount = record_get_val(rec, "discount_amount");
    uint16_t currency = 0;

    TRY(document_currency(cx, rec, &currency));
    if (amount.kind == VAL_MONEY && amount.i && amount.aux != currency)
        FAIL_FIELD(cx->mem, S("discount_amount"), "error.document.currency",
                   "another currency than the document's");
    return NULL;
}

/* The currency of lines is that of their document. */
static Err *check_moved(Ctx *cx, const Record *rec, const Record *before)
{
    Val count = record_get_val(rec, "lines_count");

    if (before && count.kind == VAL_INT && count.i > 0 && sales_changed(rec, before, "currency"))
        FAIL_FIELD(cx->mem, S("currency"), "error.document.has_lines", "lines are in another currency");
    return NULL;
}

Err *document_before(Ctx *cx, Record *rec, const Record *before)
{
    TRY(check_fixed(cx, rec, before));
    TRY(take_defaults(cx, rec));
    TRY(check_moved(cx, rec, before));
    return check_currency(cx, rec);
}

Err *document_store(Ctx *cx, Record *rec, const Record *before)
{
    Val date = record_get_val(rec, "date");

    (void)before;
    if (date.kind == VAL_DATE && !val_is_null(record_get_val(rec, "number")))
        record_set(rec, "year", val_int(date_to_civil(date.i).year));
    if (!val_is_null(record_get_val(rec, "number"))) return NULL;
    return number_take(cx, rec, rec->obj->name);
}

/* --- lines ----------------------------------------------------------------------------------------------------------- */

static Err *next_position(Ctx *cx, Record *line, Id doc)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows = NULL;
    bool has = false;

    if (!val_is_null(record_get_val(line, "position"))) return NULL;
    sql_text(&q, "SELECT COALESCE(max(position), 0) + 1 FROM ");
    sql_ident(&q, line->obj->table);
    sql_text(&q, " WHERE deleted_at IS NULL AND ");
    sql_ident(&q, line->obj->parent->column);
    sql_text(&q, " = ");
    sql_bind(&q, val_int(doc));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    TRY(db_next(rows, &has));
    record_set(line, "position", val_int(has ? db_i64(rows, 0) : 1));
    return has ? db_next(rows, &has) : NULL;
}

static Err *ask_of(Ctx *cx, const Record *doc, const Record *line, Record **book, PriceAsk *ask)
{
    Val vat = record_get_val(line, "vat");
    bool is_document = has_field(doc, "price_book");

    *book = NULL;
    *ask = (PriceAsk){.vat = vat, .day = sales_today(cx)};
    if (!is_document) return NULL;
    TRY(sales_read(cx, doc, "price_book", book));
    TRY(document_currency(cx, doc, &ask->currency));
    ask->book = *book;
    ask->with_tax = is_true(doc, "with_tax");
    ask->day = record_get_val(doc, "date").i;
    return NULL;
}

Err *line_list_price(Ctx *cx, const Record *doc, const Record *line, Val *out)
{
    Val product = record_get_val(line, "product"), quantity = record_get_val(line, "quantity");
    Record *book = NULL;
    PriceAsk ask = {0};

    *out = val_null();
    if (val_is_null(product) || val_is_null(quantity)) return NULL;
    TRY(ask_of(cx, doc, line, &book, &ask));
    return price_find(cx, &ask, product.i, quantity.i, out);
}

/* A price that was typed stays; one that came from the list follows the quantity. */
static Err *take_price(Ctx *cx, Record *line, const Record *before, const Record *doc)
{
    Val price = record_get_val(line, "price"), found = {0};
    bool is_new = sales_changed(line, before, "product");
    bool is_typed = before ? sales_changed(line, before, "price") : !val_is_null(price);
    bool was_listed =
        before && val_same(record_get_val(before, "price"), record_get_val(before, "list_price"));

    if (val_is_null(record_get_val(line, "product")) || (before && is_typed)) return NULL;
    if (!is_new && !(was_listed && sales_changed(line, before, "quantity"))) return NULL;
    if (is_typed && !val_is_null(record_get_val(line, "list_price"))) return NULL; /* a copy of a line */
    Err *e = line_list_price(cx, doc, line, &found);
    if (e && is_typed && e->code == ERR_INVALID) return NULL; /* nothing to compare a typed price with */
    if (e) return e;
    record_set(line, "list_price", found);
    if (!is_typed && !val_is_null(found)) record_set(line, "price", found);
    return NULL;
}

static Err *take_product(Ctx *cx, Record *line, const Record *before, const Record *doc,
                         const Record *product)
{
    if (!product || !sales_changed(line, before, "product")) return NULL;
    bool is_other = before && !val_is_null(record_get_val(before, "product"));
    static const char *const TAKEN[] = {"name", "unit", "cost", "term"};

    for (size_t i = 0; i < sizeof TAKEN / sizeof *TAKEN; i++) {
        if (is_other && !sales_changed(line, before, TAKEN[i])) record_set(line, TAKEN[i], val_null());
        take(line, TAKEN[i], product, TAKEN[i]);
    }
    if (is_other && !sales_changed(line, before, "vat") && !sales_changed(line, before, "tax_rate")) {
        record_set(line, "tax_rate", val_null());
        record_set(line, "vat", val_null());
    }
    const Field *period = object_field(line->obj, S("period"));
    if (!line->is_set[period->index] && !val_is_null(record_get_val(product, "period")))
        record_set(line, "period", record_get_val(product, "period"));
    Val cost = record_get_val(line, "cost");
    uint16_t currency = 0;
    TRY(document_currency(cx, doc, &currency));
    if (cost.kind == VAL_MONEY && has_field(doc, "currency") && cost.aux != currency) {
        Err *e = price_convert(cx, cost, currency, sales_today(cx), &cost);
        record_set(line, "cost", e ? val_null() : cost);
    }
    return NULL;
}

static Err *check_line_money(Ctx *cx, const Record *line, uint16_t currency)
{
    static const char *const MONEY[] = {"price", "discount_amount"};

    for (size_t i = 0; i < 2; i++) {
        Val v = record_get_val(line, MONEY[i]);
        if (v.kind == VAL_MONEY && v.i && v.aux != currency)
            return err_field(err_new(cx->mem, ERR_INVALID, "error.document.currency", "another currency"),
                             str_c(MONEY[i]));
    }
    return NULL;
}

static Charge period_of(const Record *line)
{
    Str period = text_in(line, "period");

    return str_eq(period, S("month")) ? CHARGE_MONTH : str_eq(period, S("year")) ? CHARGE_YEAR : CHARGE_ONCE;
}

static LineIn line_in(const Record *line)
{
    Val term = record_get_val(line, "term");
    LineIn in = {.quantity = record_get_val(line, "quantity").i,
                 .price = record_get_val(line, "price").i,
                 .discount = record_get_val(line, "discount").i,
                 .discount_amount = record_get_val(line, "discount_amount").i,
                 .tax = tax_kind_from(record_get_val(line, "tax_kind")),
                 .rate = record_get_val(line, "vat").i,
                 .period = period_of(line)};

    if (term.kind == VAL_INT) in.term = term.i;
    return in;
}

static void line_put(Record *line, const LineOut *out, bool with_tax, uint16_t currency)
{
    bool recurs = period_of(line) != CHARGE_ONCE;

    record_set(line, "total", val_money(with_tax ? out->gross : out->net, 4, currency));
    record_set(line, "net", val_money(out->net, 4, currency));
    record_set(line, "tax", val_money(out->tax, 4, currency));
    record_set(line, "gross", val_money(out->gross, 4, currency));
    record_set(line, "mrr", recurs ? val_money(out->mrr, 4, currency) : val_null());
    record_set(line, "arr", recurs ? val_money(out->arr, 4, currency) : val_null());
}

static Err *problem_of(Ctx *cx, LineProblem problem, const Record *line)
{
    Str name = line ? text_in(line, "name") : (Str){0};
    const char *key = problem == LINE_DISCOUNT ? "error.line.discount" : "error.line.large";

    return err_arg(err_field(err_new(cx->mem, ERR_INVALID, key, "line %.*s", SFMT(name)),
                             problem == LINE_DISCOUNT ? S("discount_amount") : S("quantity")),
                   0, name);
}

/* The line by itself; what the document changes about it comes when that is settled. */
static Err *line_compute(Ctx *cx, Record *line, const Record *doc, uint16_t currency)
{
    bool is_document = has_field(doc, "with_tax");
    DocumentIn in = {.places = places_of(currency), .is_with_tax = is_document && is_true(doc, "with_tax")};
    LineIn one = line_in(line);
    LineOut out = {0};
    DocumentOut all = {0};
    size_t bad = 0;

    LineProblem problem = document_calculate(cx->mem, &in, &one, 1, &out, &all, &bad);
    if (problem) return problem_of(cx, problem, line);
    line_put(line, &out, in.is_with_tax, currency);
    return NULL;
}

static Err *line_tax(Ctx *cx, Record *line, const Record *before, const Record *doc, const Record *product)
{
    bool is_document = has_field(doc, "own_company");
    Record *own = NULL;

    if (is_document) TRY(sales_read(cx, doc, "own_company", &own));
    if (!before || sales_changed(line, before, "product"))
        TRY(tax_choose(cx, line, own, product,
                       is_document ? record_get_val(doc, "date").i : sales_today(cx)));
    return tax_apply(cx, line, before);
}

Err *line_before(Ctx *cx, Record *rec, const Record *before)
{
    Record *doc = NULL, *product = NULL;
    uint16_t currency = 0;

    TRY(sales_read(cx, rec, str_to_c(cx->mem, rec->obj->parent->name), &doc));
    if (!doc) return NULL; /* validation names what is missing */
    bool may = cx->is_quiet || (cx->may_write_readonly && !before);
    if (!may && is_fixed(doc)) return refuse_fixed(cx, S("status"));
    TRY(next_position(cx, rec, doc->id));
    TRY(sales_read(cx, rec, "product", &product));
    TRY(take_product(cx, rec, before, doc, product));
    TRY(line_tax(cx, rec, before, doc, product));
    TRY(take_price(cx, rec, before, doc));
    Val price = record_get_val(rec, "price");
    if (val_is_null(price) || val_is_null(record_get_val(rec, "quantity"))) return NULL;
    TRY(document_currency(cx, doc, &currency));
    if (has_field(doc, "currency"))
        TRY(check_line_money(cx, rec, currency));
    else
        currency = price.aux ? price.aux : currency;
    return line_compute(cx, rec, doc, currency);
}

/* --- totals ---------------------------------------------------------------------------------------------------------- */

static Val money_text(Arena *mem, int64_t v)
{
    return val_text(decimal_text(mem, v, 4));
}

static Val taxes_val(Arena *mem, const DocumentOut *out)
{
    Val *list = NEW_N(mem, Val, out->n_taxes + 1);

    for (size_t i = 0; i < out->n_taxes; i++) {
        const TaxTotal *t = &out->taxes[i];
        ValPair *pairs = NEW_N(mem, ValPair, 5);

        pairs[0] = (ValPair){val_text(S("kind")), val_text(str_c(tax_kind_name(t->tax)))};
        pairs[1] = (ValPair){val_text(S("rate")), money_text(mem, t->rate)};
        pairs[2] = (ValPair){val_text(S("net")), money_text(mem, t->net)};
        pairs[3] = (ValPair){val_text(S("tax")), money_text(mem, t->amount)};
        pairs[4] = (ValPair){val_text(S("gross")), money_text(mem, t->gross)};
        list[i] = val_map(pairs, 5);
    }
    return val_list(list, out->n_taxes);
}

static void put_recurring(Record *doc, const DocumentOut *out, uint16_t currency)
{
    record_set(doc, "once", val_money(out->once, 4, currency));
    record_set(doc, "mrr", val_money(out->mrr, 4, currency));
    record_set(doc, "arr", val_money(out->arr, 4, currency));
    record_set(doc, "tcv", val_money(out->tcv, 4, currency));
}

static void put_totals(Ctx *cx, Record *doc, const DocumentOut *out, size_t n, uint16_t currency)
{
    record_set(doc, "lines_count", val_int((int64_t)n));
    record_set(doc, "discount_total", val_money(out->discount, 4, currency));
    record_set(doc, "net", val_money(out->net, 4, currency));
    record_set(doc, "tax", val_money(out->tax, 4, currency));
    record_set(doc, "gross", val_money(out->gross, 4, currency));
    record_set(doc, "taxes", taxes_val(cx->mem, out));
    if (has_field(doc, "once")) put_recurring(doc, out, currency);
}

static Err *put_lines(Ctx *cx, Record *const *lines, const LineOut *outs, size_t n, bool with_tax,
                      uint16_t currency)
{
    for (size_t i = 0; i < n; i++) {
        Record *after = record_copy(cx->mem, lines[i]);

        line_put(after, &outs[i], with_tax, currency);
        TRY(record_settle(cx, lines[i], after));
    }
    return NULL;
}

static Err *compute_lines(Ctx *cx, Record *doc, Record *const *lines, size_t n)
{
    LineIn *ins = NEW_N(cx->mem, LineIn, n + 1);
    LineOut *outs = NEW_N(cx->mem, LineOut, n + 1);
    DocumentOut out = {0};
    uint16_t currency = 0;
    size_t bad = 0;

    TRY(document_currency(cx, doc, &currency));
    DocumentIn in = {.places = places_of(currency),
                     .is_with_tax = is_true(doc, "with_tax"),
                     .rounding =
                         str_eq(text_in(doc, "rounding"), S("document")) ? ROUND_DOCUMENT : ROUND_LINE,
                     .discount = record_get_val(doc, "discount").i,
                     .discount_amount = record_get_val(doc, "discount_amount").i};
    for (size_t i = 0; i < n; i++) ins[i] = line_in(lines[i]);
    LineProblem problem = document_calculate(cx->mem, &in, ins, n, outs, &out, &bad);
    if (problem) return problem_of(cx, problem, bad < n ? lines[bad] : NULL);
    put_totals(cx, doc, &out, n, currency);
    return put_lines(cx, lines, outs, n, in.is_with_tax, currency);
}

static void warn_once(Ctx *cx, const char *key, const Record *account)
{
    Str name = str_copy(cx->mem, record_text(cx->mem, account));

    for (const Err *w = cx->warnings; w; w = w->next)
        if (str_eq_c(w->key, key)) return;
    Err *warning = err_new(cx->mem, ERR_INVALID, key, "credit limit of %.*s", SFMT(name));
    err_add(&cx->warnings, err_arg(err_field(warning, S("account")), 0, name));
}

/* Money the customer would owe with this document, in company currency, is more than his limit; or there is no rate to say
   whether it is. */
static Err *warn_of_limit(Ctx *cx, const Record *doc)
{
    Record *account = NULL;
    Val gross = record_get_val(doc, "gross"), limit = {0}, base = {0};

    if (cx->is_quiet || !has_field(doc, "once")) return NULL;
    TRY(sales_read(cx, doc, "account", &account));
    if (!account || val_is_null(record_get_val(account, "credit_limit"))) return NULL;
    uint16_t own = cx->store->company->currency_code;
    Err *e = price_convert(cx, record_get_val(account, "credit_limit"), own, sales_today(cx), &limit);
    if (!e) e = price_convert(cx, gross, own, sales_today(cx), &base);
    if (e && e->code != ERR_INVALID) return e;
    Val owed = record_get_val(account, "owed");
    if (e)
        warn_once(cx, "warning.credit_unknown", account);
    else if (base.i + (owed.kind == VAL_MONEY ? owed.i : 0) > limit.i)
        warn_once(cx, "warning.credit_limit", account);
    return NULL;
}

Err *document_settle(Ctx *cx, Record *rec, const Record *before)
{
    Record **lines = NULL;
    size_t n = 0;

    (void)before;
    TRY(lines_of(cx, lines_object(cx, rec->obj), rec->id, &lines, &n));
    TRY(compute_lines(cx, rec, lines, n));
    return is_fixed(rec) ? NULL : warn_of_limit(cx, rec);
}

/* --- deals ----------------------------------------------------------------------------------------------------------- */

/* What its lines come to, in their currency; nothing when they are in several. */
static bool sum_deal(Record *const *lines, size_t n, DocumentOut *out, uint16_t *currency)
{
    for (size_t i = 0; i < n; i++) {
        Val net = record_get_val(lines[i], "net");
        bool recurs = period_of(lines[i]) != CHARGE_ONCE;

        if (net.kind != VAL_MONEY) continue;
        if (*currency && *currency != net.aux) return false;
        *currency = net.aux;
        if (__builtin_add_overflow(out->net, net.i, &out->net)) return false;
        if (!recurs) out->once += net.i;
        if (recurs) out->mrr += record_get_val(lines[i], "mrr").i;
        if (recurs) out->arr += record_get_val(lines[i], "arr").i;
    }
    out->tcv = out->net;
    return *currency != 0;
}

static Err *accepted_amount(Ctx *cx, Id deal, Val *out)
{
    Val bind = val_int(deal);
    DbRows *rows = NULL;
    bool has = false;

    *out = val_null();
    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT net, net_currency FROM \"quote\" WHERE deal = ?1 AND status = 'accepted' AND deleted_at IS NULL "
          "ORDER BY answered_at DESC, id DESC LIMIT 1"),
        &bind, 1, &rows));
    TRY(db_next(rows, &has));
    if (!has) return NULL;
    if (!val_is_null(db_val(rows, 0))) *out = val_money(db_i64(rows, 0), 4, currency_pack(db_str(rows, 1)));
    return db_next(rows, &has);
}

Err *deal_settle(Ctx *cx, Record *rec, const Record *before)
{
    Str from = text_in(rec, "amount_from");
    Val count = record_get_val(rec, "lines_count"), amount = {0};
    bool had = !val_is_null(record_get_val(rec, "tcv")), has = count.kind == VAL_INT && count.i > 0;
    bool has_team = false;
    DocumentOut out = {0};
    Record **lines = NULL;
    uint16_t currency = 0;
    size_t n = 0;

    (void)before;
    if (had || has) {
        TRY(lines_of(cx, lines_object(cx, rec->obj), rec->id, &lines, &n));
        if (sum_deal(lines, n, &out, &currency))
            put_recurring(rec, &out, currency);
        else
            for (size_t i = 0; i < 4; i++)
                record_set(rec, (const char *[]){"once", "mrr", "arr", "tcv"}[i], val_null());
    }
    if (str_eq(from, S("lines")) && currency) amount = val_money(out.net, 4, currency);
    if (str_eq(from, S("lines")) && !currency) amount = record_get_val(rec, "lines_total");
    if (str_eq(from, S("quote"))) TRY(accepted_amount(cx, rec->id, &amount));
    if (!val_is_null(amount)) record_set(rec, "amount", amount);
    TRY(cover_at(cx, rec, record_get_val(rec, "stage").i, &has_team));
    return has_team ? deal_settle_team(cx, rec) : NULL;
}

/* --- copies ---------------------------------------------------------------------------------------------------------- */

static void copy_named(Record *to, const Record *from, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (has_field(to, names[i]) && has_field(from, names[i]))
            record_set(to, names[i], record_get_val(from, names[i]));
}

void origin_copy(Record *to, const Record *from)
{
    static const char *const ORIGIN[] = {"source",       "utm_source",  "utm_medium",    "utm_campaign",
                                         "utm_term",     "utm_content", "gclid",         "yclid",
                                         "landing_page", "referrer",    "first_touch_at"};

    copy_named(to, from, ORIGIN, sizeof ORIGIN / sizeof *ORIGIN);
}

Record *document_copy(Ctx *cx, const Record *from, const Object *to)
{
    static const char *const COPIED[] = {"own_company",     "account",  "contact",  "deal",     "currency",
                                         "price_book",      "with_tax", "rounding", "discount", "owner",
                                         "discount_amount", "note",     "terms"};
    Record *rec = record_new(cx->mem, to);

    copy_named(rec, from, COPIED, sizeof COPIED / sizeof *COPIED);
    origin_copy(rec, from);
    return rec;
}

Err *lines_copy(Ctx *cx, const Record *from, const Record *doc)
{
    static const char *const COPIED[] = {
        "position",        "product",  "name", "quantity", "unit", "price", "discount", "list_price",
        "discount_amount", "tax_rate", "vat",  "period",   "term", "cost",  "note"};
    const Object *obj = lines_object(cx, doc->obj);
    Record **lines = NULL;
    size_t n = 0;

    TRY(lines_of(cx, lines_object(cx, from->obj), from->id, &lines, &n));
    cx->hold++;
    for (size_t i = 0; i < n; i++) {
        Record *line = record_new(cx->mem, obj);

        copy_named(line, lines[i], COPIED, sizeof COPIED / sizeof *COPIED);
        record_set(line, str_to_c(cx->mem, obj->parent->name), val_ref(doc->obj->number, doc->id));
        TRY(record_create(cx, line, NULL));
    }
    cx->hold--;
    return rollup_flush(cx);
}

Err *sales_set(Ctx *cx, const Record *rec, const char *const *names, const Val *vals, size_t n)
{
    Record *next = record_new(cx->mem, rec->obj);

    next->id = rec->id;
    for (size_t i = 0; i < n; i++) record_set(next, names[i], vals[i]);
    cx->may_write_readonly = true;
    return record_update(cx, next, NULL);
}

Val sales_reply(Ctx *cx, const Record *rec)
{
    ValPair *pair = NEW(cx->mem, ValPair);

    *pair = (ValPair){val_text(rec->obj->name), val_ref(rec->obj->number, rec->id)};
    return val_map(pair, 1);
}
