/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of documents: what they take from their product. */
#include "mod/sales/sales_impl.h"

static bool is_empty_rec(Val v)
{
    return val_is_null(v) || (v.kind == VAL_LIST && v.n == 0);
}

/* A line takes name and price from its product unless given. */
Err *line_before(Ctx *cx, Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    Val ref = record_get_val(rec, "product");
    Record *product;

    if (val_is_null(ref) || !sales_changed(rec, before, "product")) return NULL;
    Err *e = record_get(&system, meta_object(cx->meta, S("product")), ref.i, 0, &product);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    if (is_empty_rec(record_get_val(rec, "name"))) record_set(rec, "name", record_get_val(product, "name"));
    if (is_empty_rec(record_get_val(rec, "price")))
        record_set(rec, "price", record_get_val(product, "price"));
    return NULL;
}
