/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live row of a record: insert, update of what differs, derived update; the replaced row goes to the past table. */
#include "base/text.h"
#include "core/asof.h"
#include "core/change.h"
#include "core/store.h"
#include "core/value.h"
#include "core/write.h"

int64_t money_day(Ctx *cx, const Record *rec)
{
    int64_t today = zone_date(cx->store->company->zone, cx->now);
    const Field *f = rec->obj->rate_date;

    if (!f || val_is_null(rec->vals[f->index]) || rec->vals[f->index].i > today) return today;
    return rec->vals[f->index].i;
}

static bool is_stored(const Field *f)
{
    return f->type != FIELD_LINKS && !f->is_secret && !(f->is_computed && !f->is_stored);
}

static Err *binds_of(Ctx *cx, const Record *rec, const Field *f, Val *binds, size_t *n)
{
    Val base = val_null(), v = rec->vals[f->index];

    if (f->result == FIELD_MONEY) {
        Err *e = money_base(cx, v, money_day(cx, rec), &base);
        if (e) return err_field(e, f->name);
    }
    *n = value_binds(cx, f, v, base, binds);
    return NULL;
}

Err *row_insert(Ctx *cx, const Record *rec)
{
    Sql q = sql_new(cx->mem), values = sql_new(cx->mem);
    Column columns[FIELD_COLUMNS_MAX];
    Val binds[FIELD_COLUMNS_MAX];
    size_t n = 0;

    sql_text(&q, "INSERT INTO ");
    sql_ident(&q, rec->obj->table);
    sql_text(&q, " (valid_from");
    sql_bind(&values, val_int(cx->now));
    for (size_t i = 0; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        if (!is_stored(f) || val_is_null(rec->vals[i])) continue;
        field_columns(f, columns);
        TRY(binds_of(cx, rec, f, binds, &n));
        for (size_t k = 0; k < n; k++) {
            sql_text(&q, ", ");
            sql_ident(&q, columns[k].name);
            sql_text(&values, ", ");
            sql_bind(&values, binds[k]);
        }
    }
    sql_text(&q, ") VALUES (");
    sql_append(&q, &values);
    sql_text(&q, ")");
    return sql_exec(cx->mem, cx->db, &q, NULL);
}

static bool is_changed(const Record *before, const Record *rec, const Field *f)
{
    if (!is_stored(f)) return false;
    if (!val_same(before->vals[f->index], rec->vals[f->index])) return true;
    const Field *day = rec->obj->rate_date; /* another day, another rate */
    return day && f->result == FIELD_MONEY && !val_same(before->vals[day->index], rec->vals[day->index]);
}

Err *row_update(Ctx *cx, const Record *before, const Record *rec)
{
    Sql q = sql_new(cx->mem);
    Column columns[FIELD_COLUMNS_MAX];
    Val binds[FIELD_COLUMNS_MAX];
    size_t n = 0;

    TRY(asof_keep(cx, rec->obj, rec->id));
    sql_text(&q, "UPDATE ");
    sql_ident(&q, rec->obj->table);
    sql_text(&q, " SET valid_from = ");
    sql_bind(&q, val_int(cx->now));
    for (size_t i = 0; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        if (!is_changed(before, rec, f)) continue;
        field_columns(f, columns);
        TRY(binds_of(cx, rec, f, binds, &n));
        for (size_t k = 0; k < n; k++) {
            sql_text(&q, ", ");
            sql_ident(&q, columns[k].name);
            sql_text(&q, " = ");
            sql_bind(&q, binds[k]);
        }
    }
    sql_text(&q, " WHERE id = ");
    sql_bind(&q, val_int(rec->id));
    return sql_exec(cx->mem, cx->db, &q, NULL);
}

Err *write_derived(Ctx *cx, const Record *before, Record *rec)
{
    TRY(compute_formulas(cx, rec));
    bool is_same = true;
    for (size_t i = 0; i < rec->obj->n_fields; i++)
        is_same = is_same && val_same(before->vals[i], rec->vals[i]);
    if (is_same) return NULL;
    TRY(row_update(cx, before, rec));
    TRY(change_add(cx, before, rec, CHANGE_UPDATE, true));
    return rollup_note(cx, before, rec);
}
