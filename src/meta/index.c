/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which indexes the tables of an object have.  A name in the database says the whole definition (columns, and a hash of
 * what is not in them), so that a changed rule is another index and comparing names is comparing definitions. */

#include "meta/index.h"

#include "meta/field.h"

#define NAME_MAX_BYTES 60
#define LIVE           S("\"deleted_at\" IS NULL")

static Str short_hash(Arena *mem, Str s)
{
    return str_fmt(mem, "%08x", (unsigned)(str_hash(s) & 0xffffffffU));
}

/* PostgreSQL cuts names at 63 bytes; a long one keeps its head and a hash of the whole. */
static Str fit_name(Arena *mem, Str name)
{
    if (name.n <= NAME_MAX_BYTES) return name;
    return str_fmt(mem, "%.*s_%.*s", NAME_MAX_BYTES - 9, name.p, SFMT(short_hash(mem, name)));
}

Str index_db_name(Arena *mem, const Object *obj, const Index *ix)
{
    Buf b = buf_new(mem, 4096);
    Str definition = {0};

    for (size_t i = 0; i < ix->n; i++) buf_addf(&b, "_%.*s", SFMT(ix->fields[i]->column));
    if (!ix->is_unique)
        return fit_name(mem, str_fmt(mem, "ix_%.*s%.*s", SFMT(obj->table), SFMT(buf_str(&b))));
    for (size_t i = 0; i < ix->n; i++) buf_addf(&b, "_%.*s", SFMT(field_unique_column(ix->fields[i])));
    buf_add(&b, ix->filter.source);
    definition = buf_str(&b);
    return fit_name(mem, str_fmt(mem, "ux_%.*s_%.*s_%.*s", SFMT(obj->table), SFMT(ix->name),
                                 SFMT(short_hash(mem, definition))));
}

static WantedIndex *add_index(Arena *mem, IndexList *list, Str table, Str where)
{
    WantedIndex *ix = vec_push(mem, list);

    *ix = (WantedIndex){.table = table, .where = where};
    return ix;
}

static void add_column(Arena *mem, WantedIndex *ix, Str column)
{
    for (size_t i = 0; i < ix->n; i++) {
        if (str_eq(ix->columns[i], column)) return;
    }
    ix->columns = arena_grow(mem, ix->columns, ix->n * sizeof(Str), (ix->n + 1) * sizeof(Str));
    ix->columns[ix->n++] = column;
}

/* Name from table and columns; `id` and the owner columns at the end say nothing. */
static void name_index(Arena *mem, WantedIndex *ix, size_t n_named)
{
    Buf b = buf_new(mem, 4096);

    buf_addf(&b, "ix_%.*s", SFMT(ix->table));
    for (size_t i = 0; i < n_named; i++) buf_addf(&b, "_%.*s", SFMT(ix->columns[i]));
    ix->name = fit_name(mem, buf_str(&b));
}

static void add_tail(Arena *mem, WantedIndex *ix, bool with_owner)
{
    size_t n_named = ix->n;

    add_column(mem, ix, S("id"));
    if (with_owner) {
        add_column(mem, ix, S("owner_id"));
        add_column(mem, ix, S("team_id"));
    }
    name_index(mem, ix, n_named);
}

static void add_past_tail(Arena *mem, WantedIndex *ix)
{
    size_t n_named = ix->n;

    add_column(mem, ix, S("id"));
    add_column(mem, ix, S("valid_from"));
    add_column(mem, ix, S("valid_until"));
    name_index(mem, ix, n_named);
}

static bool is_reference(const Field *f)
{
    return f->type == FIELD_REFERENCE || f->type == FIELD_USER || f->type == FIELD_FILE;
}

/* The label orders lists and pickers, so it is always indexed. */
static bool has_index(const Field *f)
{
    return f->is_indexed || f->object->label_field == f;
}

static void field_index(Arena *mem, IndexList *list, const Field *f, Str table, bool is_past)
{
    WantedIndex *ix = add_index(mem, list, table, is_past ? (Str){0} : LIVE);

    add_column(mem, ix, is_reference(f) ? f->column : field_sort_column(f));
    if (f->type == FIELD_ANY_REFERENCE) add_column(mem, ix, f->role_columns[COLUMN_OBJECT]);
    if (is_past)
        add_past_tail(mem, ix);
    else
        add_tail(mem, ix, f->is_indexed || !is_reference(f));
}

/* Records are found by what people call them, whatever the letters: imports, references by name. */
static void fold_index(Arena *mem, IndexList *list, const Field *f)
{
    Column columns[FIELD_COLUMNS_MAX];
    size_t n = field_columns(f, columns);

    for (size_t i = 0; i < n; i++) {
        if (columns[i].role != COLUMN_FOLD) continue;
        WantedIndex *ix = add_index(mem, list, f->object->table, LIVE);
        add_column(mem, ix, columns[i].name);
        add_tail(mem, ix, false);
    }
}

/* Conditions compare amounts as they are written, lists sort them in the company's currency. */
static void amount_index(Arena *mem, IndexList *list, const Field *f)
{
    if (f->result != FIELD_MONEY || !f->is_indexed) return;
    WantedIndex *ix = add_index(mem, list, f->object->table, LIVE);
    add_column(mem, ix, f->column);
    add_tail(mem, ix, false);
}

static void field_indexes(Arena *mem, IndexList *list, const Object *obj, Str past)
{
    Column columns[FIELD_COLUMNS_MAX];

    for (size_t i = 0; i < obj->n_fields; i++) {
        const Field *f = &obj->fields[i];
        bool is_wanted = !f->is_system && (has_index(f) || is_reference(f) || f->type == FIELD_ANY_REFERENCE);

        if (!is_wanted || !field_columns(f, columns)) continue;
        field_index(mem, list, f, obj->table, false);
        amount_index(mem, list, f);
        if (obj->label_field == f) fold_index(mem, list, f);
        if (field_in_past(f)) field_index(mem, list, f, past, true);
    }
}

static void simple_index(Arena *mem, IndexList *list, Str table, Str where, const Str *columns, size_t n)
{
    WantedIndex *ix = add_index(mem, list, table, where);

    for (size_t i = 0; i < n; i++) add_column(mem, ix, columns[i]);
    name_index(mem, ix, 1);
}

static void system_indexes(Arena *mem, IndexList *list, const Object *obj, Str past)
{
    const Str owner[] = {S("owner_id"), S("id")}, team[] = {S("team_id"), S("id")};
    const Str updated[] = {S("updated_at"), S("id"), S("owner_id"), S("team_id")};
    const Str versions[] = {S("id"), S("valid_from")}, until[] = {S("valid_until"), S("id")};

    if (obj->has_owner) {
        simple_index(mem, list, obj->table, LIVE, owner, 2);
        simple_index(mem, list, obj->table, LIVE, team, 2);
    }
    simple_index(mem, list, obj->table, LIVE, updated, 4);
    simple_index(mem, list, past, (Str){0}, versions, 2);
    simple_index(mem, list, past, (Str){0}, until, 2);
}

static void declared_index(Arena *mem, IndexList *list, const Object *obj, const Index *index)
{
    Str where = LIVE, filter = {0};
    WantedIndex *ix = NULL;

    if (index->filter.tree && index_filter_sql(mem, obj, index->filter.tree, &filter)) {
        where = str_fmt(mem, "%.*s AND %.*s", SFMT(where), SFMT(filter));
    }
    ix = add_index(mem, list, obj->table, where);
    for (size_t i = 0; i < index->n; i++) {
        add_column(mem, ix,
                   index->is_unique ? field_unique_column(index->fields[i])
                                    : field_sort_column(index->fields[i]));
    }
    ix->is_unique = index->is_unique;
    if (!index->is_unique) add_tail(mem, ix, true);
    ix->name = index->db_name;
}

IndexList object_indexes(Arena *mem, const Object *obj)
{
    IndexList list = {0};
    Str past = str_cat(mem, obj->table, S("_past"));

    system_indexes(mem, &list, obj, past);
    field_indexes(mem, &list, obj, past);
    for (size_t i = 0; i < obj->n_indexes; i++) declared_index(mem, &list, obj, &obj->indexes[i]);
    return list;
}

static bool literal_sql(Arena *mem, const Field *f, Val v, Str *out)
{
    if (v.kind == VAL_TEXT && type_info(f->result)->column == COLUMN_TEXT &&
        str_find_char(val_str(v), '\'') < 0) {
        *out = str_fmt(mem, "'%.*s'", SFMT(val_str(v)));
    } else if (v.kind == VAL_BOOL && f->result == FIELD_BOOLEAN) {
        *out = v.b ? S("1") : S("0");
    } else if (v.kind == VAL_INT && f->result == FIELD_INTEGER) {
        *out = str_fmt(mem, "%lld", (long long)v.i);
    } else {
        return false;
    }
    return true;
}

static bool comparison_sql(Arena *mem, const Object *obj, const CelNode *node, Str *out)
{
    const CelNode *a = node->args[0], *b = node->args[1];
    const Field *f = a->op == CEL_IDENT ? object_field(obj, a->name) : NULL;
    Str literal = {0};
    bool is_equal = node->op == CEL_EQ;

    if (!f || b->op != CEL_LITERAL || !type_info(f->result)->is_scalar || (f->is_computed && !f->is_stored))
        return false;
    if (b->lit.kind == VAL_NULL) {
        *out = str_fmt(mem, "\"%.*s\" IS %sNULL", SFMT(f->column), is_equal ? "" : "NOT ");
        return true;
    }
    if (!literal_sql(mem, f, b->lit, &literal)) return false;
    if (is_equal)
        *out = str_fmt(mem, "\"%.*s\" = %.*s", SFMT(f->column), SFMT(literal));
    else
        *out = str_fmt(mem, "(\"%.*s\" IS NULL OR \"%.*s\" <> %.*s)", SFMT(f->column), SFMT(f->column),
                       SFMT(literal));
    return true;
}

bool index_filter_sql(Arena *mem, const Object *obj, const CelNode *filter, Str *out)
{
    Str a = {0}, b = {0};

    if (filter->op == CEL_EQ || filter->op == CEL_NE) return comparison_sql(mem, obj, filter, out);
    if (filter->op == CEL_IDENT && filter->type && filter->type->kind == CEL_T_BOOL) {
        *out = str_fmt(mem, "\"%.*s\" = 1", SFMT(filter->name));
        return true;
    }
    if (filter->op != CEL_AND) return false;
    for (size_t i = 0; i < filter->n; i++) {
        if (!index_filter_sql(mem, obj, filter->args[i], &b)) return false;
        a = a.n ? str_fmt(mem, "%.*s AND %.*s", SFMT(a), SFMT(b)) : b;
    }
    *out = a;
    return true;
}
