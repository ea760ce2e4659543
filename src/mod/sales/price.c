/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prices: which book holds for a document, and what a product costs by it on a day for a quantity.  A book in another
   currency is converted at the rate of the day; without one that is an error, not a guess. */
#include "mod/sales/sales_impl.h"

#include "base/decimal.h"
#include "core/store.h"

#define BUNDLE_DEPTH 5
#define ONE_RATE     INT64_C(10000000000) /* of the company's currency */

__extension__ typedef __int128 Wide;

static Err *exchange_rate(Ctx *cx, uint16_t currency, int64_t day, int64_t *out)
{
    char code[4];
    Val rate = {0};

    *out = ONE_RATE;
    if (currency == cx->store->company->currency_code) return NULL;
    currency_unpack(currency, code);
    Val binds[] = {val_text(str_copy(cx->mem, str_c(code))), val_int(day)};
    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT r.rate FROM \"rate\" r JOIN \"currency\" c ON c.id = r.currency WHERE c.code = ?1 AND "
          "r.date <= ?2 AND r.deleted_at IS NULL ORDER BY r.date DESC LIMIT 1"),
        binds, 2, &rate));
    if (rate.kind != VAL_INT)
        return err_arg(
            err_field(err_new(cx->mem, ERR_INVALID, "error.rate.missing", "no rate of %s", code), S("price")),
            0, val_str(binds[0]));
    *out = rate.i;
    return NULL;
}

Err *price_convert(Ctx *cx, Val price, uint16_t currency, int64_t day, Val *out)
{
    int64_t from = 0, to = 0;

    *out = price;
    if (price.kind != VAL_MONEY || !currency || price.aux == currency) return NULL;
    TRY(exchange_rate(cx, price.aux, day, &from));
    TRY(exchange_rate(cx, currency, day, &to));
    REQUIRE(to > 0);
    Wide exact = (Wide)price.i * from, whole = exact / to, rest = exact % to;
    if (2 * (rest < 0 ? -rest : rest) >= to) whole += exact < 0 ? -1 : 1;
    if (whole > DECIMAL_MAX || whole < -DECIMAL_MAX)
        FAIL_FIELD(cx->mem, S("price"), "error.money.large", "the price does not fit");
    *out = val_money((int64_t)whole, 4, currency);
    return NULL;
}

/* A price with tax in a document without, or the other way round: four places, as unit prices have. */
static Val price_in_mode(Val price, bool has_tax, bool wants_tax, Val vat)
{
    Wide percent = vat.kind == VAL_DECIMAL ? vat.i : 0, hundred = 1000000;
    Wide exact = (Wide)price.i * (wants_tax ? hundred + percent : hundred);
    Wide by = wants_tax ? hundred : hundred + percent;

    if (has_tax == wants_tax || percent == 0) return price;
    Wide whole = (exact + by / 2) / by;
    return whole > DECIMAL_MAX ? price : val_money((int64_t)whole, 4, price.aux);
}

static Err *book_price(Ctx *cx, Id book, Id product, int64_t quantity, int64_t day, Val *out)
{
    Val binds[] = {val_int(product), val_int(book), val_int(quantity), val_int(day)};
    DbRows *rows = NULL;
    bool has = false;

    *out = val_null();
    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT price, price_currency FROM \"price\" WHERE product = ?1 AND price_book = ?2 AND deleted_at IS NULL "
          "AND min_quantity <= ?3 AND (starts_on IS NULL OR starts_on <= ?4) AND (ends_on IS NULL OR "
          "ends_on >= ?4) ORDER BY min_quantity DESC, COALESCE(starts_on, -1000000) DESC, id DESC LIMIT 1"),
        binds, 4, &rows));
    TRY(db_next(rows, &has));
    if (!has) return NULL;
    *out = val_money(db_i64(rows, 0), 4, currency_pack(db_str(rows, 1)));
    return db_next(rows, &has);
}

static Err *list_price(Ctx *cx, const PriceAsk *ask, Id id, int64_t quantity, int depth, Val *out);

typedef struct BundlePart {
    Id product;
    int64_t quantity;
} BundlePart;

/* A bundle without a price of its own costs what its parts cost. */
static Err *bundle_price(Ctx *cx, const PriceAsk *ask, Id bundle, int64_t quantity, int depth, Val *out)
{
    VEC(BundlePart) parts = {0};
    Val bind = val_int(bundle);
    DbRows *rows = NULL;
    bool has = false;
    int64_t sum = 0;

    *out = val_null();
    if (depth > BUNDLE_DEPTH) FAIL_FIELD(cx->mem, S("product"), "error.bundle.cycle", "bundles in bundles");
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT product, quantity FROM \"bundle_item\" WHERE bundle = ?1 AND deleted_at IS NULL"),
                 &bind, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &parts) = (BundlePart){db_i64(rows, 0), db_i64(rows, 1)};
    }
    for (size_t i = 0; i < parts.n; i++) {
        int64_t each = 0, wanted = 0;
        Val price = {0};
        if (!decimal_times(quantity, parts.p[i].quantity, 3, &wanted)) wanted = quantity;
        TRY(list_price(cx, ask, parts.p[i].product, wanted, depth + 1, &price));
        if (price.kind != VAL_MONEY) return NULL;
        if (!decimal_times(price.i, parts.p[i].quantity, 3, &each) ||
            __builtin_add_overflow(sum, each, &sum) || sum > DECIMAL_MAX)
            FAIL_FIELD(cx->mem, S("price"), "error.money.large", "the price does not fit");
    }
    if (parts.n) *out = val_money(sum, 4, ask->currency);
    return NULL;
}

static Err *list_price(Ctx *cx, const PriceAsk *ask, Id id, int64_t quantity, int depth, Val *out)
{
    Ctx system = ctx_as_system(cx);
    Record *product = NULL;
    Val price = {0};
    bool has_tax = false;

    *out = val_null();
    Err *e = record_get(&system, meta_object(cx->meta, S("product")), id, READ_DELETED, &product);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    if (ask->book) TRY(book_price(cx, ask->book->id, id, quantity, ask->day, &price));
    if (!val_is_null(price)) {
        Val mode = record_get_val(ask->book, "with_tax");
        has_tax = mode.kind == VAL_BOOL && mode.b;
    } else {
        price = record_get_val(product, "price");
    }
    if (val_is_null(price)) return bundle_price(cx, ask, id, quantity, depth, out);
    TRY(price_convert(cx, price, ask->currency, ask->day, &price));
    *out = price_in_mode(price, has_tax, ask->with_tax, ask->vat);
    return NULL;
}

Err *price_find(Ctx *cx, const PriceAsk *ask, Id product, int64_t quantity, Val *out)
{
    return list_price(cx, ask, product, quantity, 0, out);
}

/* Whoever it is for most exactly: own company, class, country; then the currency that is asked for. */
Err *price_book_choose(Ctx *cx, Id company, const Record *account, Id currency, int64_t day, Id *out)
{
    Val class = account ? record_get_val(account, "class") : val_null();
    Val country = account ? record_get_val(account, "country") : val_null();
    Val binds[] = {val_int(company), class.kind == VAL_TEXT ? class : val_text(S("")),
                   country.kind == VAL_TEXT ? country : val_text(S("")), val_int(day), val_int(currency)};
    Val id = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT id FROM \"price_book\" WHERE deleted_at IS NULL AND is_active = 1 AND (own_company IS NULL OR "
          "own_company = ?1) AND (account_class IS NULL OR account_class = ?2) AND (country IS NULL OR country = ?3) "
          "AND (starts_on IS NULL OR starts_on <= ?4) AND (ends_on IS NULL OR ends_on >= ?4) ORDER BY "
          "CASE WHEN currency = ?5 THEN 0 ELSE 1 END, CASE WHEN own_company IS NULL THEN 1 ELSE 0 END + CASE WHEN "
          "account_class IS NULL THEN 1 ELSE 0 END + CASE WHEN country IS NULL THEN 1 ELSE 0 END, "
          "COALESCE(starts_on, -1000000) DESC, id LIMIT 1"),
        binds, 5, &id));
    *out = id.kind == VAL_INT ? id.i : 0;
    return NULL;
}
