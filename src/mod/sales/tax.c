/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which tax rate holds for a line: what its product says, in the seller's country, on the day of the document. */
#include "mod/sales/sales_impl.h"

static const struct {
    const char *kind; /* of tax_rate and tax_class */
    TaxKind tax;
} KINDS[] = {
    {"standard", TAX_STANDARD}, {"reduced", TAX_REDUCED}, {"second_reduced", TAX_REDUCED},
    {"special", TAX_REDUCED},   {"zero", TAX_ZERO},       {"exempt", TAX_EXEMPT},
    {"reverse", TAX_REVERSE},   {"outside", TAX_OUTSIDE},
};

static const char *const NAMES[TAX_KINDS] = {"standard", "reduced", "zero", "exempt", "reverse", "outside"};

const char *tax_kind_name(TaxKind tax)
{
    return NAMES[tax];
}

TaxKind tax_kind_from(Val name)
{
    for (size_t i = 0; name.kind == VAL_TEXT && i < sizeof KINDS / sizeof *KINDS; i++)
        if (str_eq_c(val_str(name), KINDS[i].kind)) return KINDS[i].tax;
    return TAX_OUTSIDE;
}

/* The rate of `kind` in force on `day`; the country's own before one that holds anywhere. */
static Err *rate_in_force(Ctx *cx, Val country, Str kind, int64_t day, Id *out)
{
    Val binds[] = {val_text(kind), country.kind == VAL_TEXT ? country : val_text(S("")), val_int(day)},
        id = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT id FROM \"tax_rate\" WHERE deleted_at IS NULL AND kind = ?1 AND is_active = 1 AND "
          "(country = ?2 OR country IS NULL) AND (starts_on IS NULL OR starts_on <= ?3) AND (ends_on IS NULL "
          "OR ends_on >= ?3) ORDER BY CASE WHEN country IS NULL THEN 1 ELSE 0 END, "
          "COALESCE(starts_on, -1000000) DESC, id LIMIT 1"),
        binds, 3, &id));
    *out = id.kind == VAL_INT ? id.i : 0;
    return NULL;
}

/* The company's usual rate, as it stands on the day: another year has another row of the same kind. */
static Err *usual_rate(Ctx *cx, const Record *company, int64_t day, Id *out)
{
    Record *rate = NULL;

    *out = 0;
    TRY(sales_read(cx, company, "tax_rate", &rate));
    if (!rate) return NULL;
    Val kind = record_get_val(rate, "kind"), until = record_get_val(rate, "ends_on");
    Val from = record_get_val(rate, "starts_on");
    bool holds = (val_is_null(from) || from.i <= day) && (val_is_null(until) || until.i >= day);
    *out = rate->id;
    if (holds || kind.kind != VAL_TEXT) return NULL;
    TRY(rate_in_force(cx, record_get_val(rate, "country"), val_str(kind), day, out));
    if (!*out) *out = rate->id;
    return NULL;
}

static Err *pick(Ctx *cx, const Record *company, const Record *product, int64_t day, Id *out)
{
    Val class = product ? record_get_val(product, "tax_class") : val_null();

    *out = 0;
    if (class.kind == VAL_TEXT && company)
        return rate_in_force(cx, record_get_val(company, "country"), val_str(class), day, out);
    if (product && !val_is_null(record_get_val(product, "vat"))) return NULL;
    return company ? usual_rate(cx, company, day, out) : NULL;
}

Err *tax_choose(Ctx *cx, Record *line, const Record *company, const Record *product, int64_t day)
{
    Id id = 0;

    if (!val_is_null(record_get_val(line, "tax_rate")) || !val_is_null(record_get_val(line, "vat")))
        return NULL;
    TRY(pick(cx, company, product, day, &id));
    if (id)
        record_set(line, "tax_rate", val_ref(meta_object(cx->meta, S("tax_rate"))->number, id));
    else if (product)
        record_set(line, "vat", record_get_val(product, "vat"));
    return NULL;
}

static bool is_other_rate(const Record *line, const Record *before)
{
    return before && sales_changed(line, before, "vat") && !sales_changed(line, before, "tax_rate");
}

/* A percent typed over that of the chosen rate takes its place. */
Err *tax_apply(Ctx *cx, Record *line, const Record *before)
{
    Record *rate = NULL;
    Val vat = record_get_val(line, "vat");

    TRY(sales_read(cx, line, "tax_rate", &rate));
    if (rate && is_other_rate(line, before) && !val_same(vat, record_get_val(rate, "rate"))) {
        record_set(line, "tax_rate", val_null());
        rate = NULL;
    }
    if (rate) {
        record_set(line, "vat", record_get_val(rate, "rate"));
        TaxKind kind = tax_kind_from(record_get_val(rate, "kind"));
        record_set(line, "tax_kind", val_text(str_c(tax_kind_name(kind))));
        return NULL;
    }
    TaxKind kind = val_is_null(vat) ? TAX_OUTSIDE : vat.i ? TAX_STANDARD : TAX_ZERO;
    record_set(line, "tax_kind", val_text(str_c(tax_kind_name(kind))));
    return NULL;
}
