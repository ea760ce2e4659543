/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Items of a record: a row for each phone, e-mail, handle and identifier, and for names a duplicate rule takes, in the form under
 * which two writings of one thing agree.  Finding who has a number, and who may be the same, is a look into their index. */

#include "core/item.h"

#include "base/text.h"
#include "core/value_impl.h"

Str item_norm(Arena *mem, const Field *f, Str value)
{
    Str norm = value;

    if (f->result == FIELD_EMAILS || f->result == FIELD_HANDLES) norm = text_fold(mem, value);
    return f->result == FIELD_HANDLES && str_starts(norm, S("@")) ? str_from(norm, 1) : norm;
}

bool has_items(const Field *f)
{
    return !f->is_secret && (f->result == FIELD_EMAILS || f->result == FIELD_PHONES ||
                             f->result == FIELD_HANDLES || f->result == FIELD_IDENTIFIER);
}

bool is_matched_by_name(const Field *f)
{
    const Object *obj = f->object;

    for (size_t i = 0; i < obj->n_duplicates; i++) {
        const Duplicate *d = &obj->duplicates[i];

        for (size_t j = 0; str_eq(d->how, S("name")) && j < d->n; j++)
            if (d->fields[j] == f) return true;
    }
    return f == obj->label_field && str_eq(obj->name, S("account"));
}

static void add_row(Sql *q, const Record *rec, const Field *f, int64_t n, const Val *cells)
{
    if (q->n) sql_text(q, ", ");
    sql_text(q, "(");
    sql_bind(q, val_int(rec->id));
    sql_text(q, ", ");
    sql_i64(q, rec->obj->number);
    sql_text(q, ", ");
    sql_bind(q, val_text(f->column));
    sql_text(q, ", ");
    sql_i64(q, n);
    for (size_t i = 0; i < 4; i++) {
        sql_text(q, ", ");
        sql_bind(q, cells[i]);
    }
    sql_text(q, ")");
}

static void add_list_rows(Ctx *cx, Sql *q, const Record *rec, const Field *f)
{
    Val list = rec->vals[f->index];

    for (uint32_t i = 0; list.kind == VAL_LIST && i < list.n; i++) {
        Val item = list.list[i], value = pair_get(item, "value"), main = pair_get(item, "main");
        bool is_ident = f->result == FIELD_IDENTIFIER;
        Val label = pair_get(item, is_ident ? "kind" : "label");
        bool is_main = is_ident ? i == 0 : main.kind == VAL_BOOL && main.b;

        if (value.kind != VAL_TEXT) continue;
        Val norm = val_text(item_norm(cx->mem, f, val_str(value)));

        add_row(q, rec, f, i, (Val[]){value, label, val_int(is_main), norm});
    }
}

static void add_name_row(Ctx *cx, Sql *q, const Record *rec, const Field *f)
{
    Str text = value_text(cx->mem, f, rec->vals[f->index], LANG_EN);
    Str key = text_name_key(cx->mem, text);

    if (key.n) add_row(q, rec, f, 0, (Val[]){val_text(text), val_null(), val_int(1), val_text(key)});
}

static Sql item_rows(Ctx *cx, const Record *rec)
{
    Sql q = sql_new(cx->mem);
    const Object *obj = rec->obj;

    for (size_t i = 0; i < obj->n_fields; i++) {
        const Field *f = &obj->fields[i];

        if (val_is_null(rec->vals[i])) continue;
        if (has_items(f))
            add_list_rows(cx, &q, rec, f);
        else if (is_matched_by_name(f))
            add_name_row(cx, &q, rec, f);
    }
    return q;
}

static bool items_differ(const Record *rec, const Record *before)
{
    for (size_t i = 0; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];

        if ((has_items(f) || is_matched_by_name(f)) && !val_same(rec->vals[i], before->vals[i])) return true;
    }
    return false;
}

Err *items_remove(Ctx *cx, Id id)
{
    Val bind = val_int(id);

    return db_exec(cx->mem, cx->db, S("DELETE FROM item WHERE record = ?1"), &bind, 1, NULL);
}

static Err *insert_items(Ctx *cx, const Record *rec)
{
    Sql rows = item_rows(cx, rec), q = sql_new(cx->mem);

    if (!rows.n) return NULL;
    sql_text(&q, "INSERT INTO item (record, object, field, n, value, label, is_main, norm) VALUES ");
    sql_append(&q, &rows);
    return sql_exec(cx->mem, cx->db, &q, NULL);
}

Err *items_put(Ctx *cx, const Record *rec, const Record *before)
{
    if (before && !items_differ(rec, before)) return NULL;
    if (before) TRY(items_remove(cx, rec->id));
    return insert_items(cx, rec);
}

#define ASKED_MAX 512 /* forms in one statement */

static Err *ask_there(Ctx *cx, const Object *obj, const Str *norms, size_t n, StrMap *out)
{
    Sql q = sql_new(cx->mem);
    size_t size = 1;
    DbRows *rows;
    bool has;

    while (size < n) size *= 2; /* few statements are prepared */
    sql_text(&q, "SELECT v.column1 FROM (VALUES ");
    for (size_t i = 0; i < size; i++) {
        if (i) sql_text(&q, ", ");
        sql_text(&q, "(");
        sql_bind(&q, val_text(norms[i < n ? i : n - 1]));
        sql_text(&q, ")");
    }
    sql_text(&q, ") v WHERE EXISTS (SELECT 1 FROM item i WHERE i.norm = v.column1 AND i.object = ");
    sql_i64(&q, obj->number);
    sql_text(&q, ")");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        strmap_put(cx->mem, out, db_str(rows, 0), out);
    }
}

Err *items_there(Ctx *cx, const Object *obj, const Str *norms, size_t n, StrMap *out)
{
    for (size_t at = 0; at < n; at += ASKED_MAX)
        TRY(ask_there(cx, obj, norms + at, n - at < ASKED_MAX ? n - at : ASKED_MAX, out));
    return NULL;
}

void items_norms(Arena *mem, const Record *rec, Str **out, size_t *n)
{
    VEC(Str) norms = {0};

    for (size_t i = 0; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        Val list = rec->vals[i];

        if (val_is_null(list)) continue;
        for (uint32_t k = 0; has_items(f) && list.kind == VAL_LIST && k < list.n; k++) {
            Val value = pair_get(list.list[k], "value");
            if (value.kind == VAL_TEXT) *vec_push(mem, &norms) = item_norm(mem, f, val_str(value));
        }
        if (!has_items(f) && is_matched_by_name(f)) {
            Str key = text_name_key(mem, value_text(mem, f, list, LANG_EN));
            if (key.n) *vec_push(mem, &norms) = key;
        }
    }
    *out = norms.p;
    *n = norms.n;
}
