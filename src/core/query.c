/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists.  A page is one statement in two steps: ids in order (from an index where there is one), then the columns of those
   records.  Paging is by key: the token carries the last sort values and id.  Nulls come last in both directions, so a list
   sorted by one field is two ranges, the values and then the nulls. */
#include "core/query.h"

#include "base/limits.h"
#include "core/asof.h"
#include "core/compile.h"
#include "core/path.h"
#include "core/query_impl.h"
#include "core/read.h"
#include "core/search.h"
#include "core/store.h"
#include "core/value.h"

#include <sodium.h>
#include <string.h>

/* --- parsing --------------------------------------------------------------------------------------------------------- */

static Err *unknown_field(Ctx *cx, const char *param, Str name)
{
    return err_arg(
        err_field(err_new(cx->mem, ERR_INVALID, "error.field.unknown", "unknown field %.*s", SFMT(name)),
                  str_c(param)),
        0, name);
}

Err *query_field(Ctx *cx, const Object *obj, Str name, const char *param, Field **out)
{
    Field *f = object_field(obj, name);

    if (!f || rights_field(cx, f) == FIELD_HIDDEN) return unknown_field(cx, param, name);
    *out = f;
    return NULL;
}

typedef struct EnvGuard {
    CelEnv inner;
    Ctx *cx;
    const Object *obj;
} EnvGuard;

/* A hidden field is answered like an unknown one, at every step of a path. */
static const CelType *guard_ident(void *arg, Str name)
{
    EnvGuard *g = arg;
    const Field *f = object_field(g->obj, name);

    if (f && rights_field(g->cx, f) == FIELD_HIDDEN) return NULL;
    return g->inner.ident(g->inner.arg, name);
}

static const CelType *guard_field(void *arg, const CelType *type, Str name)
{
    EnvGuard *g = arg;
    const Object *obj = type->tag ? type->tag : NULL;
    const Field *f = obj && meta_object(g->cx->meta, obj->name) == obj ? object_field(obj, name) : NULL;

    if (f && rights_field(g->cx, f) == FIELD_HIDDEN) return NULL;
    return g->inner.field(g->inner.arg, type, name);
}

Err *query_expr(Ctx *cx, const Object *obj, Str text, const CelType *wanted, const char *param, CelNode **out)
{
    EnvGuard guard = {.inner = object_cel_env(obj), .cx = cx, .obj = obj};
    CelEnv env = guard.inner;

    env.arg = &guard;
    env.ident = guard_ident;
    env.field = guard_field;
    env.zone =
        cx->actor->is_system ? cx->store->company->zone : cx->actor->zone; /* of days written beside times */
    Err *e = cel_parse(cx->mem, text, out);
    if (!e) e = cel_check(cx->mem, &env, *out, wanted);
    return e ? err_field(e, str_c(param)) : NULL;
}

Err *query_parse(Ctx *cx, const Object *obj, Str filter, Str order_by, Query *q)
{
    q->obj = obj;
    q->filter_text = filter;
    q->order_text = order_by.n ? order_by : obj->order_by;
    if (str_trim(filter).n) TRY(query_expr(cx, obj, filter, &cel_bool, "filter", &q->filter));
    Str rest = q->order_text;
    while (rest.p && str_trim(rest).n) {
        Str term = str_trim(str_cut(&rest, ','));
        bool is_descending = str_starts(term, S("-"));
        if (q->n_order == sizeof q->order / sizeof *q->order)
            FAIL_FIELD(cx->mem, S("order_by"), "error.order.many", "at most four terms");
        OrderTerm *t = &q->order[q->n_order++];
        t->is_descending = is_descending;
        TRY(query_field(cx, obj, str_from(term, is_descending), "order_by", &t->field));
        if (!t->field->is_sortable && !t->field->is_system && t->field != obj->label_field)
            FAIL_FIELD(cx->mem, S("order_by"), "error.order.field", "%.*s is not sortable",
                       SFMT(t->field->name));
        if (t->field->index == SYS_ID) rest = (Str){0};
    }
    return NULL;
}

/* --- sort keys ------------------------------------------------------------------------------------------------------- */

/* The column an order goes by: the collation key where there is one, the amount in company currency for money. */
static Column sort_column(const Field *f)
{
    Column columns[FIELD_COLUMNS_MAX];
    size_t n = field_columns(f, columns), pick = 0;

    for (size_t i = 0; i < n; i++)
        if (columns[i].role == COLUMN_KEY || columns[i].role == COLUMN_BASE) pick = i;
    return columns[pick];
}

static bool is_reference(const Field *f)
{
    return (f->result == FIELD_REFERENCE || f->result == FIELD_USER) && f->target && f->index != SYS_ID;
}

/* References sort by the name of what they point to; of what the actor may not see nothing is learnt: it counts as null. */
static Err *add_target_key(Ctx *cx, Sql *q, const Field *f)
{
    const Field *label = f->target->label_field;

    sql_text(q, "(SELECT t900.");
    sql_ident(q, sort_column(label).name);
    sql_text(q, " FROM ");
    sql_ident(q, f->target->table);
    sql_text(q, " t900 WHERE t900.id = t0.");
    sql_ident(q, f->column);
    if (rights_field(cx, label) == FIELD_HIDDEN) sql_text(q, " AND 1 = 0");
    TRY(rights_where(cx, q, f->target, 900, VERB_READ));
    sql_text(q, ")");
    return NULL;
}

static Err *add_key(Ctx *cx, Sql *q, const Field *f)
{
    Column column = sort_column(f);

    if (is_reference(f) && f->target->label_field) return add_target_key(cx, q, f);
    if (f->is_computed && !f->is_stored) {
        Ctx system = ctx_as_system(cx);
        uint8_t places;
        if (!f->formula.tree) return unknown_field(cx, "order_by", f->name);
        return compile_value(&system, q, f->object, 0, f->formula.tree, &places);
    }
    sql_text(q, "t0.");
    sql_ident(q, column.name);
    return NULL;
}

static bool is_never_null(const Field *f)
{
    return f->is_system && f->index != SYS_OWNER && f->index != SYS_TEAM && f->index != SYS_DELETED_AT &&
           f->index != SYS_CREATED_BY && f->index != SYS_UPDATED_BY;
}

/* --- page tokens ----------------------------------------------------------------------------------------------------- */

typedef struct Token {
    Val keys[4];
    Id id;
    int64_t now;
    bool in_nulls;
} Token;

static Str query_hash(Ctx *cx, const Query *q)
{
    Str parts[] = {
        q->obj->name, q->filter_text, q->order_text, q->search,
        str_fmt(cx->mem, "%lld %lld %d", (long long)cx->actor->user, (long long)cx->as_of, q->is_deleted)};

    return str_fmt(cx->mem, "%016llx", (unsigned long long)str_hash(str_join(cx->mem, parts, 5, S("\x1f"))));
}

static Str b64(Arena *mem, Str s)
{
    size_t n = sodium_base64_encoded_len(s.n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    char *out = arena_alloc(mem, n);

    sodium_bin2base64(out, n, (const unsigned char *)s.p, s.n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return str_c(out);
}

static bool unb64(Arena *mem, Str s, Str *out)
{
    char *p = arena_alloc(mem, s.n + 1);
    size_t n;

    if (sodium_base642bin((unsigned char *)p, s.n, s.p ? s.p : "", s.n, NULL, &n, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING))
        return false;
    *out = (Str){p, n};
    return true;
}

static Str write_token(Ctx *cx, const Query *q, const Token *t)
{
    Buf b = buf_new(cx->mem, 64u << 10);
    JsonWriter w = json_writer(&b);

    json_open_list(&w);
    json_str(&w, query_hash(cx, q));
    json_i64(&w, t->now);
    json_str(&w, id_text(cx->mem, t->id));
    json_bool(&w, t->in_nulls);
    for (size_t i = 0; i < q->n_order; i++) {
        Val key = t->keys[i];
        json_val(&w,
                 key.kind == VAL_BYTES ? val_list((Val[]){val_text(b64(cx->mem, val_str(key)))}, 1) : key);
    }
    json_close_list(&w);
    return b64(cx->mem, buf_str(&b));
}

static Err *read_token(Ctx *cx, const Query *q, Token *t)
{
    Str text;
    Val v;

    if (!unb64(cx->mem, q->page_token, &text) || json_parse(cx->mem, text, &v) || v.kind != VAL_LIST ||
        v.n != 4 + q->n_order || v.list[0].kind != VAL_TEXT ||
        !str_eq(val_str(v.list[0]), query_hash(cx, q)) || v.list[1].kind != VAL_INT ||
        v.list[2].kind != VAL_TEXT || !id_parse(val_str(v.list[2]), &t->id) || v.list[3].kind != VAL_BOOL)
        FAIL_FIELD(cx->mem, S("page_token"), "error.page_token", "token of another question");
    t->now = v.list[1].i;
    t->in_nulls = v.list[3].b;
    for (size_t i = 0; i < q->n_order; i++) {
        Val key = v.list[4 + i];
        if (key.kind == VAL_LIST && key.n == 1 && key.list[0].kind == VAL_TEXT) {
            if (!unb64(cx->mem, val_str(key.list[0]), &text))
                FAIL_FIELD(cx->mem, S("page_token"), "error.page_token", "bad key");
            key = val_bytes(text);
        }
        t->keys[i] = key;
    }
    return NULL;
}

/* --- conditions ------------------------------------------------------------------------------------------------------ */

static Err *add_where(Ctx *cx, Sql *sql, const Query *q, const Path *path)
{
    sql_text(sql, " WHERE ");
    if (q->is_deleted)
        sql_text(sql, "t0.deleted_at IS NOT NULL");
    else
        sql_text(sql, "t0.deleted_at IS NULL");
    if (q->filter) {
        sql_text(sql, " AND ");
        if (path->is_by_row)
            TRY(compile_row_filter(cx, sql, q->obj, q->filter, path->set));
        else
            TRY(compile_filter(cx, sql, q->obj, 0, q->filter, false));
    }
    if (q->search.n) TRY(search_where(cx, sql, q->obj, 0, q->search));
    return rights_where(cx, sql, q->obj, 0, VERB_READ);
}

Err *query_where(Ctx *cx, Sql *sql, const Query *q)
{
    return add_where(cx, sql, q, &(Path){0});
}

static bool goes_down(const Query *q)
{
    return q->n_order > 0 && q->order[0].is_descending;
}

static void add_direction(Sql *sql, bool is_descending)
{
    if (is_descending) sql_text(sql, " DESC");
}

static void add_after(Sql *sql, bool is_descending)
{
    if (is_descending)
        sql_text(sql, " < ");
    else
        sql_text(sql, " > ");
}

/* One arm of a list sorted by one field: its values, or its nulls. */
static Err *add_arm(Ctx *cx, Sql *sql, const Query *q, const Path *path, const Token *after, bool is_nulls)
{
    const OrderTerm *t = q->n_order ? &q->order[0] : NULL;
    bool down = goes_down(q);

    sql_text(sql, "SELECT ");
    sql_i64(sql, is_nulls);
    sql_text(sql, " AS r, ");
    /* The key also where it is null: both arms must have its type. */
    if (!t)
        sql_text(sql, "NULL");
    else
        TRY(add_key(cx, sql, t->field));
    sql_text(sql, " AS k, t0.id AS id FROM ");
    TRY(path_source(cx, sql, q, path));
    TRY(add_where(cx, sql, q, path));
    if (t && !is_never_null(t->field)) {
        sql_text(sql, " AND ");
        TRY(add_key(cx, sql, t->field));
        if (is_nulls)
            sql_text(sql, " IS NULL");
        else
            sql_text(sql, " IS NOT NULL");
    }
    if (after && t && !is_nulls) {
        sql_text(sql, " AND (");
        TRY(add_key(cx, sql, t->field));
        sql_text(sql, ", t0.id)");
        add_after(sql, down);
        sql_text(sql, "(");
        sql_bind(sql, after->keys[0]);
        sql_text(sql, ", ");
        sql_bind(sql, val_int(after->id));
        sql_text(sql, ")");
    } else if (after) {
        sql_text(sql, " AND t0.id");
        add_after(sql, down);
        sql_bind(sql, val_int(after->id));
    }
    sql_text(sql, " ORDER BY ");
    if (t && !is_nulls) {
        sql_text(sql, "k");
        add_direction(sql, down);
        sql_text(sql, ", ");
    }
    sql_text(sql, "id");
    add_direction(sql, down);
    sql_text(sql, " LIMIT ");
    sql_i64(sql, (int64_t)q->limit + 1);
    return NULL;
}

static void add_after_few(Sql *sql, const Sql *key, const Token *after, bool down)
{
    sql_text(sql, " AND (");
    sql_append(sql, key);
    if (after->in_nulls) {
        sql_text(sql, " IS NULL AND t0.id");
        add_after(sql, down);
        sql_bind(sql, val_int(after->id));
        sql_text(sql, ")");
        return;
    }
    sql_text(sql, " IS NULL OR (");
    sql_append(sql, key);
    sql_text(sql, ", t0.id)");
    add_after(sql, down);
    sql_text(sql, "(");
    sql_bind(sql, after->keys[0]);
    sql_text(sql, ", ");
    sql_bind(sql, val_int(after->id));
    sql_text(sql, "))");
}

/* Values and nulls together, sorted: where few rows are left to sort. */
static Err *add_few(Ctx *cx, Sql *sql, const Query *q, const Path *path, const Token *after)
{
    bool down = goes_down(q);
    Sql key = sql_new(cx->mem);

    TRY(add_key(cx, &key, q->order[0].field));
    sql_text(sql, "SELECT * FROM (SELECT CASE WHEN ");
    sql_append(sql, &key);
    sql_text(sql, " IS NULL THEN 1 ELSE 0 END AS r, ");
    sql_append(sql, &key);
    sql_text(sql, " AS k, t0.id AS id FROM ");
    TRY(path_source(cx, sql, q, path));
    TRY(add_where(cx, sql, q, path));
    if (after) add_after_few(sql, &key, after, down);
    sql_text(sql, " ORDER BY r, k");
    add_direction(sql, down);
    sql_text(sql, ", id");
    add_direction(sql, down);
    sql_text(sql, " LIMIT ");
    sql_i64(sql, (int64_t)q->limit + 1);
    sql_text(sql, ") f");
    return NULL;
}

/* Columns r, k, id. */
static Err *add_one_key(Ctx *cx, Sql *sql, const Query *q, const Path *path, const Token *after)
{
    bool has_nulls = q->n_order && !is_never_null(q->order[0].field);
    bool skip_values = after && after->in_nulls;

    if (has_nulls && path->is_few) return add_few(cx, sql, q, path, after);
    if (!skip_values) {
        sql_text(sql, "SELECT * FROM (");
        TRY(add_arm(cx, sql, q, path, after, false));
        sql_text(sql, ") a");
    }
    if (!has_nulls) return NULL;
    if (!skip_values) sql_text(sql, " UNION ALL ");
    sql_text(sql, "SELECT * FROM (");
    TRY(add_arm(cx, sql, q, path, skip_values ? after : NULL, true));
    sql_text(sql, ") b");
    return NULL;
}

static void add_name(Sql *sql, size_t i)
{
    sql_text(sql, "k");
    sql_i64(sql, (int64_t)i);
}

/* Several terms: (k0 after v0) or (k0 same and k1 after v1) ...; null is after every value. */
static Err *add_after_keys(Ctx *cx, Sql *sql, const Query *q, const Token *after)
{
    sql_text(sql, " AND (");
    for (size_t i = 0; i <= q->n_order; i++) {
        if (i) sql_text(sql, " OR ");
        sql_text(sql, "(1 = 1");
        for (size_t k = 0; k < i; k++) {
            sql_text(sql, " AND ");
            TRY(add_key(cx, sql, q->order[k].field));
            if (val_is_null(after->keys[k])) {
                sql_text(sql, " IS NULL");
            } else {
                sql_text(sql, " = ");
                sql_bind(sql, after->keys[k]);
            }
        }
        sql_text(sql, " AND ");
        if (i == q->n_order) {
            sql_text(sql, "t0.id");
            add_after(sql, goes_down(q));
            sql_bind(sql, val_int(after->id));
        } else if (val_is_null(after->keys[i])) {
            sql_text(sql, "1 = 0");
        } else {
            sql_text(sql, "(");
            TRY(add_key(cx, sql, q->order[i].field));
            add_after(sql, q->order[i].is_descending);
            sql_bind(sql, after->keys[i]);
            sql_text(sql, " OR ");
            TRY(add_key(cx, sql, q->order[i].field));
            sql_text(sql, " IS NULL)");
        }
        sql_text(sql, ")");
    }
    sql_text(sql, ")");
    return NULL;
}

static void add_order(Sql *sql, const Query *q, bool is_outer)
{
    sql_text(sql, " ORDER BY ");
    for (size_t i = 0; i < q->n_order; i++) {
        sql_text(sql, "CASE WHEN ");
        add_name(sql, i);
        sql_text(sql, " IS NULL THEN 1 ELSE 0 END, ");
        add_name(sql, i);
        add_direction(sql, q->order[i].is_descending);
        sql_text(sql, ", ");
    }
    if (is_outer)
        sql_text(sql, "p.id");
    else
        sql_text(sql, "id");
    add_direction(sql, goes_down(q));
}

/* Columns k0, k1, ..., id. */
static Err *add_many_keys(Ctx *cx, Sql *sql, const Query *q, const Path *path, const Token *after)
{
    sql_text(sql, "SELECT * FROM (SELECT ");
    for (size_t i = 0; i < q->n_order; i++) {
        TRY(add_key(cx, sql, q->order[i].field));
        sql_text(sql, " AS ");
        add_name(sql, i);
        sql_text(sql, ", ");
    }
    sql_text(sql, "t0.id AS id FROM ");
    TRY(path_source(cx, sql, q, path));
    TRY(add_where(cx, sql, q, path));
    if (after) TRY(add_after_keys(cx, sql, q, after));
    sql_text(sql, ") s");
    add_order(sql, q, false);
    sql_text(sql, " LIMIT ");
    sql_i64(sql, (int64_t)q->limit + 1);
    return NULL;
}

static size_t key_columns(const Query *q)
{
    return q->n_order > 1 ? q->n_order + 1 : 3;
}

/* The columns of the records of page p; `past` reads them from the rows that were replaced. */
static void add_columns_of(Ctx *cx, Sql *sql, const Query *q, Select *sel, bool is_past)
{
    sql_text(sql, "SELECT p.*, ");
    read_select(cx, sql, 0, sel);
    sql_text(sql, " FROM p JOIN ");
    if (is_past)
        sql_ident(sql, str_cat(cx->mem, q->obj->table, S("_past")));
    else
        sql_ident(sql, q->obj->table);
    sql_text(sql, " t0 ON t0.id = p.id AND t0.valid_from <= ");
    sql_bind(sql, val_int(cx->as_of));
    if (!is_past) return;
    sql_text(sql, " AND t0.valid_until > ");
    sql_bind(sql, val_int(cx->as_of));
}

/* A page of the past: each record's row is in one of two tables, so each is looked into by id.  A join with the union of
   both would be built for all rows first. */
static Err *add_past_page(Ctx *cx, Sql *sql, const Query *q, const Token *after, Select *sel)
{
    Path path;

    TRY(path_choose(cx, q, &path));
    sql_text(sql, "WITH p AS MATERIALIZED (");
    TRY(add_one_key(cx, sql, q, &path, after));
    sql_text(sql, ") ");
    add_columns_of(cx, sql, q, sel, false);
    sql_text(sql, " UNION ALL ");
    add_columns_of(cx, sql, q, sel, true);
    sql_text(sql, " ORDER BY 1, 2");
    add_direction(sql, goes_down(q));
    sql_text(sql, ", 3");
    add_direction(sql, goes_down(q));
    sql_text(sql, " LIMIT ");
    sql_i64(sql, (int64_t)q->limit + 1);
    return NULL;
}

static Err *add_page(Ctx *cx, Sql *sql, const Query *q, const Token *after, Select *sel)
{
    Path path;

    if (cx->as_of && q->n_order <= 1) return add_past_page(cx, sql, q, after, sel);
    TRY(path_choose(cx, q, &path));
    sql_text(sql, "SELECT p.*, ");
    read_select(cx, sql, 0, sel);
    sql_text(sql, " FROM (");
    if (q->n_order > 1)
        TRY(add_many_keys(cx, sql, q, &path, after));
    else
        TRY(add_one_key(cx, sql, q, &path, after));
    sql_text(sql, ") p JOIN ");
    TRY(asof_source(cx, sql, q->obj, 0));
    sql_text(sql, " ON t0.id = p.id");
    if (q->n_order > 1) {
        add_order(sql, q, true);
    } else {
        sql_text(sql, " ORDER BY p.r, p.k");
        add_direction(sql, goes_down(q));
        sql_text(sql, ", p.id");
        add_direction(sql, goes_down(q));
    }
    sql_text(sql, " LIMIT ");
    sql_i64(sql, (int64_t)q->limit + 1);
    return NULL;
}

/* --- running --------------------------------------------------------------------------------------------------------- */

static void token_of_row(const Query *q, const DbRows *rows, Token *t)
{
    bool is_many = q->n_order > 1;

    t->in_nulls = !is_many && db_i64(rows, 0) == 1;
    for (size_t i = 0; i < q->n_order; i++) t->keys[i] = db_val(rows, is_many ? i : 1);
    t->id = db_i64(rows, is_many ? q->n_order : 2);
}

static Err *read_page(Ctx *cx, Query *q, const Sql *sql, const Select *sel, Page *out)
{
    Token last = {.now = cx->now};
    DbRows *rows;
    bool has;

    out->recs = NEW_N(cx->mem, Record *, q->limit);
    TRY(sql_query(cx->mem, cx->db, sql, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        if (out->n == q->limit) {
            out->next_token = write_token(cx, q, &last);
            continue;
        }
        out->recs[out->n++] = read_row(cx, rows, key_columns(q), sel);
        token_of_row(q, rows, &last);
    }
    return NULL;
}

Err *record_list(Ctx *cx, Query *q, Page *out)
{
    Sql sql = sql_new(cx->mem);
    Select sel = {.obj = q->obj, .only = q->only};
    Token after = {0};
    bool has_token = q->page_token.n > 0;

    *out = (Page){.total = -1};
    if (!rights_may(cx, q->obj, VERB_READ))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to read %.*s", SFMT(q->obj->name));
    if (q->limit == 0) q->limit = LIMIT_PAGE_DEFAULT;
    if (has_token) {
        TRY(read_token(cx, q, &after));
        cx->now = after.now;
    }
    TRY(add_page(cx, &sql, q, has_token ? &after : NULL, &sel));
    TRY(read_page(cx, q, &sql, &sel, out));
    if (q->total == TOTAL_NONE) return NULL;
    return record_count(cx, q, q->total == TOTAL_FAST ? LIMIT_TOTAL_FAST : 0, &out->total);
}

Err *record_count(Ctx *cx, const Query *q, int64_t max, int64_t *out)
{
    Sql sql = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    if (max)
        sql_text(&sql, "SELECT count(*) FROM (SELECT 1 FROM ");
    else
        sql_text(&sql, "SELECT count(*) FROM ");
    TRY(asof_source(cx, &sql, q->obj, 0));
    TRY(query_where(cx, &sql, q));
    if (max) {
        sql_text(&sql, " LIMIT ");
        sql_i64(&sql, max);
        sql_text(&sql, ") c");
    }
    TRY(sql_query(cx->mem, cx->db, &sql, &rows));
    TRY(db_next(rows, &has));
    *out = has ? db_i64(rows, 0) : 0;
    return has ? db_next(rows, &has) : NULL;
}

Err *record_ids(Ctx *cx, const Query *q, size_t max, Id **ids, size_t *n)
{
    Sql sql = sql_new(cx->mem);
    VEC(Id) found = {0};
    DbRows *rows;
    bool has;

    if (!rights_may(cx, q->obj, VERB_READ))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to read %.*s", SFMT(q->obj->name));
    sql_text(&sql, "SELECT t0.id FROM ");
    TRY(asof_source(cx, &sql, q->obj, 0));
    TRY(query_where(cx, &sql, q));
    sql_text(&sql, " ORDER BY t0.id");
    if (max) {
        sql_text(&sql, " LIMIT ");
        sql_i64(&sql, (int64_t)max);
    }
    TRY(sql_query(cx->mem, cx->db, &sql, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &found) = db_i64(rows, 0);
    }
    *ids = found.p;
    *n = found.n;
    return NULL;
}
