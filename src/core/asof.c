/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The past of lists.  Each object's past table holds replaced rows with the interval they stood for; a live row stands
   since its `valid_from`.  One record at a moment is change.c's: it comes from the log and is exact in every field. */
#include "core/asof.h"

static bool is_kept(const Ctx *cx, const Field *f)
{
    return !cx->as_of || field_in_past(f);
}

/* Columns both tables have. */
static void add_columns(const Ctx *cx, Sql *q, const Object *obj)
{
    Column columns[FIELD_COLUMNS_MAX];
    bool is_first = true;

    for (size_t i = 0; i < obj->n_fields; i++) {
        if (!is_kept(cx, &obj->fields[i]) || !field_in_past(&obj->fields[i])) continue;
        size_t n = field_columns(&obj->fields[i], columns);
        for (size_t k = 0; k < n; k++) {
            if (!is_first) sql_text(q, ", ");
            is_first = false;
            sql_ident(q, columns[k].name);
        }
    }
}

static Str past_table(Ctx *cx, const Object *obj)
{
    return str_cat(cx->mem, obj->table, S("_past"));
}

static void add_table(Sql *q, Str table, Str column)
{
    sql_text(q, " FROM ");
    sql_ident(q, table);
    if (!column.n) return;
    sql_text(q, " INDEXED BY ");
    sql_ident(q, str_fmt(q->mem, "ix_%.*s_%.*s", SFMT(table), SFMT(column)));
}

Err *asof_source_by(Ctx *cx, Sql *q, const Object *obj, unsigned alias, Str column)
{
    sql_text(q, "(SELECT ");
    add_columns(cx, q, obj);
    add_table(q, obj->table, column);
    sql_text(q, " WHERE valid_from <= ");
    sql_bind(q, val_int(cx->as_of));
    sql_text(q, " UNION ALL SELECT ");
    add_columns(cx, q, obj);
    add_table(q, past_table(cx, obj), column);
    sql_text(q, " WHERE valid_from <= ");
    sql_bind(q, val_int(cx->as_of));
    sql_text(q, " AND valid_until > ");
    sql_bind(q, val_int(cx->as_of));
    sql_text(q, ") t");
    sql_i64(q, alias);
    return NULL;
}

Err *asof_source(Ctx *cx, Sql *q, const Object *obj, unsigned alias)
{
    if (cx->as_of) return asof_source_by(cx, q, obj, alias, (Str){0});
    sql_ident(q, obj->table);
    sql_text(q, " t");
    sql_i64(q, alias);
    return NULL;
}

Err *asof_keep(Ctx *cx, const Object *obj, Id id)
{
    Sql q = sql_new(cx->mem);

    sql_text(&q, "INSERT INTO ");
    sql_ident(&q, past_table(cx, obj));
    sql_text(&q, " (");
    add_columns(cx, &q, obj);
    sql_text(&q, ", valid_from, valid_until) SELECT ");
    add_columns(cx, &q, obj);
    sql_text(&q, ", valid_from, ");
    sql_bind(&q, val_int(cx->now));
    sql_text(&q, " FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " WHERE id = ");
    sql_bind(&q, val_int(id));
    sql_text(&q, " AND valid_from < ");
    sql_bind(&q, val_int(cx->now));
    return sql_exec(cx->mem, cx->db, &q, NULL);
}
