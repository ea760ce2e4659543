/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CEL to SQL.  Two kinds of code come out of a checked tree: conditions (true, false, and NULL where the evaluator has an
   error) and scalars (a column, a bind, arithmetic), where decimals are integers with places known at compile time.

   `==`, `!=` and `in` never fail in CEL while SQL's give NULL for null.  Where only truth is asked for (`is_exact` false) the
   plain form is written, because an index can serve it; below a negation the exact one is.  An operand that may itself be an
   error (arithmetic) is told apart from a null column by `may_err`.

   A step to another record is a scalar subselect under the actor's rights; a comparison of such a step becomes an IN over
   the other table where only truth is asked for.  What SQL cannot say is refused, never evaluated in memory. */
#include "core/compile.h"

#include "base/decimal.h"
#include "core/asof.h"
#include "core/record.h"
#include "core/rights.h"
#include "core/store.h"

/* A row in reach: the root, the variable of an exists(), or an item of a multi-valued field. */
typedef struct Row {
    Str var;                /* empty: the root */
    const Object *obj;      /* NULL for an item */
    const Field *items;     /* the field an item belongs to */
    unsigned alias;
    const struct Row *up;
} Row;

typedef struct Compiler {
    Ctx *cx;
    unsigned next_alias;
} Compiler;

typedef struct Scalar {
    Sql sql, currency;      /* currency: of money columns */
    CelKind kind;
    uint8_t places;
    bool may_err, is_const, has_currency;
    Val val;                /* of a constant */
    const Field *field;     /* of a plain column */
    unsigned alias;
} Scalar;

static Err *gen_cond(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact);
static Err *gen_scalar(Compiler *c, const Row *row, const CelNode *node, Scalar *out);

static Err *refuse(Compiler *c, const CelNode *node, const char *what)
{
    Err *e = err_new(c->cx->mem, ERR_INVALID, "error.cel.sql", "%s cannot be used in a condition over many records", what);

    return err_arg(err_at(e, (ptrdiff_t)node->at), 0, str_c(what));
}

static void add_alias(Sql *q, unsigned alias)
{
    sql_text(q, "t");
    sql_i64(q, alias);
}

static void add_column(Sql *q, unsigned alias, Str name)
{
    add_alias(q, alias);
    sql_text(q, ".");
    sql_ident(q, name);
}

/* --- constants ------------------------------------------------------------------------------------------------------- */

static bool is_const(const CelNode *node)
{
    if (node->op == CEL_IDENT) return str_eq(node->name, S("now"));
    if (node->op == CEL_COMPREHENSION || node->op == CEL_STRUCT) return false;
    for (unsigned i = 0; i < node->n; i++)
        if (!is_const(node->args[i])) return false;
    return true;
}

static bool no_ident(void *arg, Arena *mem, Str name, Val *out)
{
    (void)arg, (void)mem, (void)name, (void)out;
    return false;
}

static bool no_field(void *arg, Arena *mem, Val object, Str name, Val *out)
{
    (void)arg, (void)mem, (void)object, (void)name, (void)out;
    return false;
}

/* A constant as its column form: ids, days, milliseconds, scaled decimals are integers. */
static Val const_bind(Val v)
{
    switch (v.kind) {
    case VAL_BOOL: return val_int(v.b);
    case VAL_DECIMAL:
    case VAL_MONEY:
    case VAL_DATE:
    case VAL_TIME:
    case VAL_ID:
    case VAL_REF: return val_int(v.i);
    case VAL_TIMESTAMP: return val_int(val_ms(v));
    case VAL_DURATION: return val_int(val_ms(v));
    default: return v;
    }
}

static CelKind kind_of_val(Val v)
{
    switch (v.kind) {
    case VAL_BOOL: return CEL_T_BOOL;
    case VAL_INT: return CEL_T_INT;
    case VAL_DECIMAL: return CEL_T_DECIMAL;
    case VAL_MONEY: return CEL_T_MONEY;
    case VAL_TEXT: return CEL_T_STRING;
    case VAL_DATE: return CEL_T_DATE;
    case VAL_TIME: return CEL_T_TIME;
    case VAL_TIMESTAMP: return CEL_T_TIMESTAMP;
    case VAL_DURATION: return CEL_T_DURATION;
    case VAL_ID:
    case VAL_REF: return CEL_T_ID;
    case VAL_NULL: return CEL_T_NULL;
    default: return CEL_T_DYN;
    }
}

static uint8_t const_places(Val v)
{
    return v.kind == VAL_DECIMAL || v.kind == VAL_MONEY ? v.places : v.kind == VAL_DURATION ? 3 : 0;
}

static void scalar_const(Compiler *c, Val v, Scalar *out)
{
    out->sql = sql_new(c->cx->mem);
    if (val_is_null(v)) sql_text(&out->sql, "NULL");
    else sql_bind(&out->sql, const_bind(v));
    out->is_const = true;
    out->val = v;
    out->kind = kind_of_val(v);
    out->places = const_places(v);
}

static Err *gen_const(Compiler *c, const CelNode *node, Scalar *out)
{
    const Actor *actor = c->cx->actor;
    CelScope scope = {.ident = no_ident, .field = no_field, .now_ms = c->cx->now, .zone = actor->zone, .me = actor->user,
                      .my_team = actor->team};
    Val v;
    Err *e = cel_eval(c->cx->mem, node, &scope, &v);

    if (e && e->code == ERR_LIMIT) return e;
    if (e) { /* an error is NULL in SQL */
        scalar_const(c, val_null(), out);
        out->may_err = true;
        return NULL;
    }
    if (v.kind == VAL_LIST || v.kind == VAL_MAP || v.kind == VAL_DOUBLE || v.kind == VAL_UINT || v.kind == VAL_TYPE)
        return refuse(c, node, val_kind_name((ValKind)v.kind));
    scalar_const(c, v, out);
    return NULL;
}

/* --- rows and columns ------------------------------------------------------------------------------------------------ */

static const Row *row_named(const Row *row, Str var)
{
    for (; row; row = row->up)
        if (row->var.n && str_eq(row->var, var)) return row;
    return NULL;
}

static const Row *row_root(const Row *row)
{
    while (row->var.n) row = row->up;
    return row;
}

/* The kind a stored value has in SQL. */
static CelKind kind_of_field(const Field *f)
{
    switch (f->result) {
    case FIELD_INTEGER:
    case FIELD_AUTONUMBER: return CEL_T_INT;
    case FIELD_DECIMAL:
    case FIELD_PERCENT: return CEL_T_DECIMAL;
    case FIELD_MONEY: return CEL_T_MONEY;
    case FIELD_BOOLEAN: return CEL_T_BOOL;
    case FIELD_DATE: return CEL_T_DATE;
    case FIELD_TIME: return CEL_T_TIME;
    case FIELD_TIMESTAMP: return CEL_T_TIMESTAMP;
    case FIELD_DURATION: return CEL_T_DURATION;
    case FIELD_REFERENCE:
    case FIELD_USER:
    case FIELD_FILE:
    case FIELD_ANY_REFERENCE: return CEL_T_ID;
    case FIELD_MULTICHOICE:
    case FIELD_TAGS:
    case FIELD_EMAILS:
    case FIELD_PHONES:
    case FIELD_HANDLES:
    case FIELD_ADDRESSES:
    case FIELD_IDENTIFIER:
    case FIELD_LINKS: return CEL_T_LIST;
    default: return CEL_T_STRING;
    }
}

/* A system field holds its own id column as an ID. */
static CelKind kind_of_column(const Field *f)
{
    return f->is_system && f->index == SYS_ID ? CEL_T_ID : kind_of_field(f);
}

static Err *gen_field(Compiler *c, unsigned alias, const Object *obj, const Field *f, const CelNode *node, Scalar *out)
{
    if (!c->cx->actor->is_system && rights_field(c->cx, f) == FIELD_HIDDEN)
        return err_arg(err_at(err_new(c->cx->mem, ERR_INVALID, "error.cel.unknown", "unknown field %.*s", SFMT(f->name)),
                              (ptrdiff_t)node->at), 0, f->name);
    if (f->is_computed && !f->is_stored) {
        Row root = {.obj = obj, .alias = alias};
        if (!f->formula.tree) return refuse(c, node, "this field");
        return gen_scalar(c, &root, f->formula.tree, out);
    }
    if (f->type == FIELD_JSON || f->type == FIELD_LINKS || f->is_secret || (c->cx->as_of && !field_in_past(f)))
        return refuse(c, node, field_type_name(f->type));
    out->sql = sql_new(c->cx->mem);
    add_column(&out->sql, alias, f->column);
    out->kind = kind_of_column(f);
    out->places = f->result == FIELD_DURATION ? 0 : f->result == FIELD_MONEY ? 4 : f->places;
    out->field = f;
    out->alias = alias;
    if (out->kind == CEL_T_MONEY) {
        out->has_currency = true;
        out->currency = sql_new(c->cx->mem);
        add_column(&out->currency, alias, str_cat(c->cx->mem, f->column, S("_currency")));
    }
    return NULL;
}

static Err *gen_item_column(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    out->sql = sql_new(c->cx->mem);
    out->kind = CEL_T_STRING;
    if (str_eq(node->name, S("main"))) {
        add_column(&out->sql, row->alias, S("is_main"));
        out->kind = CEL_T_BOOL;
        return NULL;
    }
    if (!str_eq(node->name, S("value")) && !str_eq(node->name, S("label"))) return refuse(c, node, "this part of an item");
    add_column(&out->sql, row->alias, node->name);
    return NULL;
}

static Err *gen_name_part(Compiler *c, const Scalar *base, const CelNode *node, Scalar *out)
{
    static const char *const PARTS[] = {"family", "given", "middle", "prefix"};

    for (size_t i = 0; i < 4; i++)
        if (str_eq_c(node->name, PARTS[i])) {
            out->sql = sql_new(c->cx->mem);
            out->kind = CEL_T_STRING;
            add_column(&out->sql, base->alias, str_fmt(c->cx->mem, "%.*s_%s", SFMT(base->field->column), PARTS[i]));
            return NULL;
        }
    return refuse(c, node, "this part of a name");
}

/* FROM "table" tN, or the rows of a past moment. */
static Err *add_source(Compiler *c, Sql *q, const Object *obj, unsigned alias)
{
    return asof_source(c->cx, q, obj, alias);
}

/* " AND tN.deleted_at IS NULL AND <rights>" */
static Err *add_live(Compiler *c, Sql *q, const Object *obj, unsigned alias)
{
    sql_text(q, " AND ");
    add_column(q, alias, S("deleted_at"));
    sql_text(q, " IS NULL");
    if (c->cx->actor->is_system) return NULL;
    return rights_where(c->cx, q, obj, alias, VERB_READ);
}

/* The scalar of `name` of the record `base` points to. */
static Err *gen_step(Compiler *c, const Scalar *base, const Object *target, const CelNode *node, Scalar *out)
{
    unsigned alias = ++c->next_alias;
    const Field *f = object_field(target, node->name);
    Scalar inner = {0};

    if (!f) return refuse(c, node, "this field");
    TRY(gen_field(c, alias, target, f, node, &inner));
    *out = inner;
    out->field = NULL;
    out->sql = sql_new(c->cx->mem);
    sql_text(&out->sql, "(SELECT ");
    sql_append(&out->sql, &inner.sql);
    sql_text(&out->sql, " FROM ");
    TRY(add_source(c, &out->sql, target, alias));
    sql_text(&out->sql, " WHERE ");
    add_column(&out->sql, alias, S("id"));
    sql_text(&out->sql, " = ");
    sql_append(&out->sql, &base->sql);
    TRY(add_live(c, &out->sql, target, alias));
    sql_text(&out->sql, ")");
    out->has_currency = false;
    return NULL;
}

static Err *gen_select(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    const CelNode *of = node->args[0];
    const Row *var = of->op == CEL_IDENT ? row_named(row, of->name) : NULL;
    Scalar base = {0};

    if (var && var->items) return gen_item_column(c, var, node, out);
    if (var) {
        const Field *f = object_field(var->obj, node->name);
        return f ? gen_field(c, var->alias, var->obj, f, node, out) : refuse(c, node, "this field");
    }
    TRY(gen_scalar(c, row, of, &base));
    if (base.field && base.field->type == FIELD_PERSON_NAME) return gen_name_part(c, &base, node, out);
    if (base.kind == CEL_T_ID && of->type && of->type->tag) return gen_step(c, &base, of->type->tag, node, out);
    return refuse(c, node, "this step");
}

static Err *gen_ident(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    const Row *root = row_root(row);
    const Field *f = object_field(root->obj, node->name);

    if (row_named(row, node->name)) return refuse(c, node, "a whole record");
    return f ? gen_field(c, root->alias, root->obj, f, node, out) : refuse(c, node, "this name");
}

/* --- arithmetic ------------------------------------------------------------------------------------------------------ */

static void add_rescaled(Sql *q, const Scalar *s, uint8_t places)
{
    if (s->places == places) {
        sql_append(q, &s->sql);
        return;
    }
    sql_text(q, "kith_rescale(");
    sql_append(q, &s->sql);
    sql_text(q, ", ");
    sql_i64(q, (int64_t)places - s->places);
    sql_text(q, ")");
}

#define CALL2(q, fn, a, pa, b, pb)  \
    do {                            \
        sql_text(q, fn "(");        \
        add_rescaled(q, a, pa);     \
        sql_text(q, ", ");          \
        add_rescaled(q, b, pb);     \
        sql_text(q, ")");           \
    } while (0)

static bool is_scaled(CelKind kind)
{
    return kind == CEL_T_DECIMAL || kind == CEL_T_MONEY;
}

static uint8_t larger(uint8_t a, uint8_t b)
{
    return a > b ? a : b;
}

static Err *gen_int_op(Compiler *c, const CelNode *node, const Scalar *a, const Scalar *b, Scalar *out)
{
    Sql *q = &out->sql;

    out->kind = CEL_T_INT;
    switch (node->op) {
    case CEL_ADD: CALL2(q, "kith_iadd", a, 0, b, 0); return NULL;
    case CEL_SUB: CALL2(q, "kith_isub", a, 0, b, 0); return NULL;
    case CEL_MUL: CALL2(q, "kith_imul", a, 0, b, 0); return NULL;
    case CEL_DIV: CALL2(q, "kith_idiv", a, 0, b, 0); return NULL;
    case CEL_MOD: CALL2(q, "kith_imod", a, 0, b, 0); return NULL;
    default: return refuse(c, node, "this operator");
    }
}

/* Money keeps its currency: two amounts meet only in one currency, else the result is an error (NULL). */
static Err *money_operands(Compiler *c, const CelNode *node, Scalar *a, Scalar *b)
{
    if (a->kind == CEL_T_MONEY && b->kind == CEL_T_MONEY && (!a->has_currency || !b->has_currency))
        return refuse(c, node, "arithmetic of these amounts");
    if (!(a->has_currency && b->has_currency)) return NULL;
    Sql q = sql_new(c->cx->mem);
    sql_text(&q, "CASE WHEN ");
    sql_append(&q, &a->currency);
    sql_text(&q, " = ");
    sql_append(&q, &b->currency);
    sql_text(&q, " THEN ");
    sql_append(&q, &b->sql);
    sql_text(&q, " END");
    b->sql = q;
    return NULL;
}

static Err *gen_decimal_op(Compiler *c, const CelNode *node, Scalar *a, Scalar *b, Scalar *out)
{
    Sql *q = &out->sql;
    uint8_t places = larger(a->places, b->places);

    out->kind = a->kind == CEL_T_MONEY || b->kind == CEL_T_MONEY ? CEL_T_MONEY : CEL_T_DECIMAL;
    TRY(money_operands(c, node, a, b));
    out->places = places;
    switch (node->op) {
    case CEL_ADD: CALL2(q, "kith_add", a, places, b, places); return NULL;
    case CEL_SUB: CALL2(q, "kith_sub", a, places, b, places); return NULL;
    case CEL_MUL:
        out->places = decimal_mul_places(a->places, b->places);
        sql_text(q, "kith_mul(");
        sql_append(q, &a->sql);
        sql_text(q, ", ");
        sql_append(q, &b->sql);
        sql_text(q, ", ");
        sql_i64(q, a->places + b->places - out->places);
        sql_text(q, ")");
        return NULL;
    case CEL_DIV:
        out->places = decimal_div_places(a->places);
        if (a->kind == CEL_T_MONEY && b->kind == CEL_T_MONEY) out->kind = CEL_T_DECIMAL;
        sql_text(q, "kith_div(");
        sql_append(q, &a->sql);
        sql_text(q, ", ");
        sql_append(q, &b->sql);
        sql_text(q, ", ");
        sql_i64(q, out->places + b->places - a->places);
        sql_text(q, ")");
        return NULL;
    default: return refuse(c, node, "this operator");
    }
}

/* date +- days(n), timestamp +- duration, differences. */
static Err *gen_time_op(Compiler *c, const CelNode *node, const Scalar *a, const Scalar *b, Scalar *out)
{
    bool is_add = node->op == CEL_ADD;
    Sql *q = &out->sql;

    if (node->op != CEL_ADD && node->op != CEL_SUB) return refuse(c, node, "this operator on times");
    if (a->kind == CEL_T_DATE && b->kind == CEL_T_DURATION) {
        if (!b->is_const || val_is_null(b->val)) return refuse(c, node, "a date moved by a field");
        sql_text(q, "kith_iadd(");
        sql_append(q, &a->sql);
        sql_text(q, ", ");
        sql_i64(q, (is_add ? 1 : -1) * (b->val.i / 86400));
        sql_text(q, ")");
        out->kind = CEL_T_DATE;
        return NULL;
    }
    if (a->kind == CEL_T_DATE && b->kind == CEL_T_DATE && !is_add) {
        sql_text(q, "kith_imul(86400, kith_isub(");
        sql_append(q, &a->sql);
        sql_text(q, ", ");
        sql_append(q, &b->sql);
        sql_text(q, "))");
        out->kind = CEL_T_DURATION;
        return NULL;
    }
    uint8_t pa = a->kind == CEL_T_TIMESTAMP ? 0 : 3, pb = b->kind == CEL_T_TIMESTAMP ? 0 : 3;
    out->places = 3;
    out->kind = CEL_T_DURATION;
    if ((a->kind == CEL_T_TIMESTAMP) != (b->kind == CEL_T_TIMESTAMP)) {
        out->kind = CEL_T_TIMESTAMP;
        out->places = 0;
    }
    if (is_add) CALL2(q, "kith_iadd", a, pa, b, pb);
    else CALL2(q, "kith_isub", a, pa, b, pb);
    return NULL;
}

static bool is_time(CelKind kind)
{
    return kind == CEL_T_DATE || kind == CEL_T_TIMESTAMP || kind == CEL_T_DURATION;
}

static Err *gen_arithmetic(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    Scalar a = {0}, b = {0};

    TRY(gen_scalar(c, row, node->args[0], &a));
    TRY(gen_scalar(c, row, node->args[1], &b));
    out->sql = sql_new(c->cx->mem);
    out->may_err = true;
    if (a.kind == CEL_T_INT && b.kind == CEL_T_INT) return gen_int_op(c, node, &a, &b, out);
    if (is_time(a.kind) && is_time(b.kind)) return gen_time_op(c, node, &a, &b, out);
    if ((is_scaled(a.kind) || a.kind == CEL_T_INT) && (is_scaled(b.kind) || b.kind == CEL_T_INT))
        return gen_decimal_op(c, node, &a, &b, out);
    if (a.kind == CEL_T_STRING && b.kind == CEL_T_STRING && node->op == CEL_ADD) {
        sql_text(&out->sql, "(");
        sql_append(&out->sql, &a.sql);
        sql_text(&out->sql, " || ");
        sql_append(&out->sql, &b.sql);
        sql_text(&out->sql, ")");
        out->kind = CEL_T_STRING;
        return NULL;
    }
    return refuse(c, node, "this operator on these values");
}

static Err *gen_negative(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    Scalar a = {0};

    TRY(gen_scalar(c, row, node->args[0], &a));
    if (a.kind != CEL_T_INT && !is_scaled(a.kind)) return refuse(c, node, "minus on this value");
    *out = a;
    out->field = NULL;
    out->may_err = true;
    out->sql = sql_new(c->cx->mem);
    if (a.kind == CEL_T_INT) sql_text(&out->sql, "kith_isub(0, ");
    else sql_text(&out->sql, "kith_sub(0, ");
    sql_append(&out->sql, &a.sql);
    sql_text(&out->sql, ")");
    return NULL;
}

/* --- functions ------------------------------------------------------------------------------------------------------- */

static Err *gen_or_value(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    Scalar a = {0}, b = {0};

    TRY(gen_scalar(c, row, node->args[0], &a));
    TRY(gen_scalar(c, row, node->args[1], &b));
    uint8_t places = larger(a.places, b.places);
    *out = a;
    out->field = NULL;
    out->places = places;
    out->may_err = b.may_err;
    out->sql = sql_new(c->cx->mem);
    sql_text(&out->sql, "coalesce(");
    add_rescaled(&out->sql, &a, places);
    sql_text(&out->sql, ", ");
    add_rescaled(&out->sql, &b, places);
    sql_text(&out->sql, ")");
    return NULL;
}

static bool has_fold_column(const Field *f)
{
    Column columns[FIELD_COLUMNS_MAX];
    size_t n = field_columns(f, columns);

    for (size_t i = 0; i < n; i++)
        if (columns[i].role == COLUMN_FOLD) return true;
    return false;
}

static Err *gen_fold(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    Scalar a = {0};

    TRY(gen_scalar(c, row, node->args[0], &a));
    out->sql = sql_new(c->cx->mem);
    out->kind = CEL_T_STRING;
    out->may_err = true;
    if (a.field && has_fold_column(a.field)) {
        add_column(&out->sql, a.alias, str_cat(c->cx->mem, a.field->column, S("_fold")));
        return NULL;
    }
    if (!db_conn_can(c->cx->db, DB_CAP_FTS5)) return refuse(c, node, "fold() of a field that is not searchable");
    sql_text(&out->sql, "kith_fold(");
    sql_append(&out->sql, &a.sql);
    sql_text(&out->sql, ")");
    return NULL;
}

static Err *gen_size(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    Scalar a = {0};

    TRY(gen_scalar(c, row, node->args[0], &a));
    if (a.kind != CEL_T_STRING) return refuse(c, node, "size() of this");
    out->sql = sql_new(c->cx->mem);
    sql_text(&out->sql, "kith_len(");
    sql_append(&out->sql, &a.sql);
    sql_text(&out->sql, ")");
    out->kind = CEL_T_INT;
    out->may_err = true;
    return NULL;
}

static Err *gen_lower(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    Scalar a = {0};

    TRY(gen_scalar(c, row, node->args[0], &a));
    out->sql = sql_new(c->cx->mem);
    sql_text(&out->sql, "kith_lower(");
    sql_append(&out->sql, &a.sql);
    sql_text(&out->sql, ")");
    out->kind = CEL_T_STRING;
    out->may_err = true;
    return NULL;
}

static Err *gen_money_part(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    Scalar a = {0};

    TRY(gen_scalar(c, row, node->args[0], &a));
    if (!a.has_currency) return refuse(c, node, "this amount");
    out->may_err = true;
    if (str_eq(node->name, S("currency"))) {
        out->sql = a.currency;
        out->kind = CEL_T_STRING;
        return NULL;
    }
    out->sql = a.sql;
    out->kind = CEL_T_DECIMAL;
    out->places = a.places;
    return NULL;
}

static Err *gen_call(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    if (str_eq(node->name, S("orValue"))) return gen_or_value(c, row, node, out);
    if (str_eq(node->name, S("fold"))) return gen_fold(c, row, node, out);
    if (str_eq(node->name, S("size"))) return gen_size(c, row, node, out);
    if (str_eq(node->name, S("lowerAscii"))) return gen_lower(c, row, node, out);
    if (str_eq(node->name, S("amount")) || str_eq(node->name, S("currency"))) return gen_money_part(c, row, node, out);
    return refuse(c, node, str_to_c(c->cx->mem, node->name));
}

/* --- scalars --------------------------------------------------------------------------------------------------------- */

static Err *gen_case(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    Scalar a = {0}, b = {0};

    TRY(gen_scalar(c, row, node->args[1], &a));
    TRY(gen_scalar(c, row, node->args[2], &b));
    uint8_t places = larger(a.places, b.places);
    *out = a.kind == CEL_T_NULL ? b : a;
    out->field = NULL;
    out->is_const = false;
    out->has_currency = false;
    out->places = places;
    out->may_err = true;
    out->sql = sql_new(c->cx->mem);
    sql_text(&out->sql, "CASE WHEN ");
    TRY(gen_cond(c, &out->sql, row, node->args[0], true));
    sql_text(&out->sql, " THEN ");
    add_rescaled(&out->sql, &a, places);
    sql_text(&out->sql, " WHEN NOT ");
    TRY(gen_cond(c, &out->sql, row, node->args[0], true));
    sql_text(&out->sql, " THEN ");
    add_rescaled(&out->sql, &b, places);
    sql_text(&out->sql, " END");
    return NULL;
}

/* A condition as the number 1, 0 or NULL. */
static Err *gen_bool_value(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    out->sql = sql_new(c->cx->mem);
    out->kind = CEL_T_BOOL;
    out->may_err = true;
    sql_text(&out->sql, "CASE WHEN ");
    TRY(gen_cond(c, &out->sql, row, node, true));
    sql_text(&out->sql, " THEN 1 WHEN NOT ");
    TRY(gen_cond(c, &out->sql, row, node, true));
    sql_text(&out->sql, " THEN 0 END");
    return NULL;
}

static Err *gen_scalar(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    *out = (Scalar){0};
    if (is_const(node)) return gen_const(c, node, out);
    switch (node->op) {
    case CEL_IDENT: return gen_ident(c, row, node, out);
    case CEL_SELECT: return node->is_test ? gen_bool_value(c, row, node, out) : gen_select(c, row, node, out);
    case CEL_ADD:
    case CEL_SUB:
    case CEL_MUL:
    case CEL_DIV:
    case CEL_MOD: return gen_arithmetic(c, row, node, out);
    case CEL_NEG: return gen_negative(c, row, node, out);
    case CEL_COND: return gen_case(c, row, node, out);
    case CEL_CALL:
        if (node->type && node->type->kind == CEL_T_BOOL && !str_eq(node->name, S("orValue")))
            return gen_bool_value(c, row, node, out);
        return gen_call(c, row, node, out);
    case CEL_AND:
    case CEL_OR:
    case CEL_NOT:
    case CEL_EQ:
    case CEL_NE:
    case CEL_LT:
    case CEL_LE:
    case CEL_GT:
    case CEL_GE:
    case CEL_IN:
    case CEL_COMPREHENSION: return gen_bool_value(c, row, node, out);
    default: return refuse(c, node, "this");
    }
}

/* --- comparisons ----------------------------------------------------------------------------------------------------- */

static bool are_comparable(const Scalar *a, const Scalar *b)
{
    bool na = is_scaled(a->kind) || a->kind == CEL_T_INT, nb = is_scaled(b->kind) || b->kind == CEL_T_INT;

    return a->kind == b->kind || (na && nb) || a->kind == CEL_T_NULL || b->kind == CEL_T_NULL;
}

/* Both sides at one scale.  A constant is rescaled here when that is exact, so that a bare column stays bare. */
static void align(Compiler *c, Scalar *a, Scalar *b)
{
    Scalar *fixed = a->is_const ? b : a, *moving = a->is_const ? a : b;
    int64_t v;

    if (moving->is_const && (moving->val.kind == VAL_INT || is_scaled(moving->kind)) && moving->places <= fixed->places &&
        decimal_rescale(moving->val.i, moving->places, fixed->places, &v)) {
        moving->sql = sql_new(c->cx->mem);
        sql_bind(&moving->sql, val_int(v));
        moving->places = fixed->places;
    }
    if (moving->is_const && moving->kind == CEL_T_DURATION && fixed->places == 0 && moving->val.n == 0) {
        moving->sql = sql_new(c->cx->mem);
        sql_bind(&moving->sql, val_int(moving->val.i));
        moving->places = 0;
    }
}

static void add_pair(Sql *q, const Scalar *a, const Scalar *b, const char *op)
{
    uint8_t places = larger(a->places, b->places);

    add_rescaled(q, a, places);
    buf_add(&q->text, str_c(op));
    add_rescaled(q, b, places);
}

/* ".. AND currencies agree" of two amounts that both have one; a constant with a currency compares with the column's. */
static void add_currency_test(Sql *q, const Scalar *a, const Scalar *b)
{
    const Scalar *column = a->has_currency ? a : b, *other = a->has_currency ? b : a;
    char code[4];

    if (!column->has_currency) return;
    if (other->has_currency) {
        sql_text(q, " AND ");
        sql_append(q, &column->currency);
        sql_text(q, " = ");
        sql_append(q, &other->currency);
    } else if (other->is_const && other->val.kind == VAL_MONEY && other->val.aux) {
        currency_unpack(other->val.aux, code);
        sql_text(q, " AND ");
        sql_append(q, &column->currency);
        sql_text(q, " = ");
        sql_bind(q, val_text(str_copy(q->mem, str_c(code))));
    }
}

/* CASE WHEN <operands that may err> IS NULL THEN NULL ELSE ( ... opened; closed by close_guard. */
static bool open_guard(Sql *q, const Scalar *a, const Scalar *b, bool is_exact)
{
    if (!is_exact || (!a->may_err && !b->may_err)) return false;
    sql_text(q, "CASE WHEN ");
    if (a->may_err) {
        sql_append(q, &a->sql);
        sql_text(q, " IS NULL");
    }
    if (a->may_err && b->may_err) sql_text(q, " OR ");
    if (b->may_err) {
        sql_append(q, &b->sql);
        sql_text(q, " IS NULL");
    }
    sql_text(q, " THEN NULL ELSE ");
    return true;
}

static void add_equal(Sql *q, const Scalar *a, const Scalar *b, bool is_exact)
{
    bool a_null = a->is_const && val_is_null(a->val), b_null = b->is_const && val_is_null(b->val);
    bool is_guarded = open_guard(q, a, b, is_exact);

    sql_text(q, "(");
    if (a_null || b_null) {
        sql_append(q, a_null ? &b->sql : &a->sql);
        sql_text(q, " IS NULL");
    } else if (a->is_const || b->is_const) {
        if (is_exact) {
            sql_append(q, a->is_const ? &b->sql : &a->sql);
            sql_text(q, " IS NOT NULL AND ");
        }
        add_pair(q, a, b, " = ");
        add_currency_test(q, a, b);
    } else {
        add_pair(q, a, b, " IS NOT DISTINCT FROM ");
        if (a->has_currency && b->has_currency) {
            sql_text(q, " AND ");
            sql_append(q, &a->currency);
            sql_text(q, " IS NOT DISTINCT FROM ");
            sql_append(q, &b->currency);
        }
    }
    sql_text(q, ")");
    if (is_guarded) sql_text(q, " END");
}

/* (c ? a : b) == x is c ? (a == x) : (b == x): keeps null and error apart. */
static Err *gen_equal_case(Compiler *c, Sql *q, const Row *row, const CelNode *node, const CelNode *cond, const CelNode *other)
{
    CelNode one = *node, two = *node;
    CelNode *args1[2] = {cond->args[1], (CelNode *)(uintptr_t)other}, *args2[2] = {cond->args[2], (CelNode *)(uintptr_t)other};

    one.args = args1;
    two.args = args2;
    sql_text(q, "CASE WHEN ");
    TRY(gen_cond(c, q, row, cond->args[0], true));
    sql_text(q, " THEN ");
    TRY(gen_cond(c, q, row, &one, true));
    sql_text(q, " WHEN NOT ");
    TRY(gen_cond(c, q, row, cond->args[0], true));
    sql_text(q, " THEN ");
    TRY(gen_cond(c, q, row, &two, true));
    sql_text(q, " END");
    return NULL;
}

static Err *gen_equal(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    bool is_not = node->op == CEL_NE;
    Scalar a = {0}, b = {0};

    if (is_not) {
        CelNode same = *node;
        same.op = CEL_EQ;
        sql_text(q, "NOT ");
        return gen_equal(c, q, row, &same, true);
    }
    if (node->args[0]->op == CEL_COND && !is_const(node->args[0]))
        return gen_equal_case(c, q, row, node, node->args[0], node->args[1]);
    if (node->args[1]->op == CEL_COND && !is_const(node->args[1]))
        return gen_equal_case(c, q, row, node, node->args[1], node->args[0]);
    TRY(gen_scalar(c, row, node->args[0], &a));
    TRY(gen_scalar(c, row, node->args[1], &b));
    if (a.kind == CEL_T_LIST || b.kind == CEL_T_LIST) {
        if (a.kind != CEL_T_NULL && b.kind != CEL_T_NULL) return refuse(c, node, "comparing lists");
    } else if (!are_comparable(&a, &b)) {
        return refuse(c, node, "comparing these values");
    }
    align(c, &a, &b);
    add_equal(q, &a, &b, is_exact);
    return NULL;
}

static Err *gen_less(Compiler *c, Sql *q, const Row *row, const CelNode *node)
{
    static const char *const OPS[] = {" < ", " <= ", " > ", " >= "};
    Scalar a = {0}, b = {0};

    TRY(gen_scalar(c, row, node->args[0], &a));
    TRY(gen_scalar(c, row, node->args[1], &b));
    if (!are_comparable(&a, &b) || a.kind == CEL_T_LIST) return refuse(c, node, "comparing these values");
    align(c, &a, &b);
    bool both = a.has_currency && b.has_currency;
    bool with_code = (a.has_currency && b.is_const && b.val.kind == VAL_MONEY && b.val.aux) ||
                     (b.has_currency && a.is_const && a.val.kind == VAL_MONEY && a.val.aux);
    if (both || with_code) { /* another currency is an error */
        sql_text(q, "CASE WHEN 1 = 1");
        add_currency_test(q, &a, &b);
        sql_text(q, " THEN ");
    }
    sql_text(q, "(");
    add_pair(q, &a, &b, OPS[node->op - CEL_LT]);
    sql_text(q, ")");
    if (both || with_code) sql_text(q, " END");
    return NULL;
}

/* account.industry == x where only truth is asked: account IN (SELECT id FROM account WHERE industry = x). */
static bool is_step(const Row *row, const CelNode *node)
{
    if (node->op != CEL_SELECT || node->is_test) return false;
    const CelNode *of = node->args[0];
    if (of->op == CEL_IDENT && row_named(row, of->name)) return false;
    return of->type && of->type->kind == CEL_T_ID && of->type->tag;
}

static Err *gen_step_in(Compiler *c, Sql *q, const Row *row, const CelNode *node, unsigned side)
{
    const CelNode *step = node->args[side];
    const Object *target = step->args[0]->type->tag;
    Row inner = {.obj = target, .alias = ++c->next_alias};
    CelNode field = *step, same = *node;
    CelNode *args[2] = {node->args[0], node->args[1]};
    Scalar base = {0};

    TRY(gen_scalar(c, row, step->args[0], &base));
    field.op = CEL_IDENT;
    field.args = NULL;
    field.n = 0;
    args[side] = &field;
    same.args = args;
    sql_text(q, "(");
    sql_append(q, &base.sql);
    sql_text(q, " IN (SELECT ");
    add_column(q, inner.alias, S("id"));
    sql_text(q, " FROM ");
    TRY(add_source(c, q, target, inner.alias));
    sql_text(q, " WHERE ");
    TRY(gen_cond(c, q, &inner, &same, false));
    TRY(add_live(c, q, target, inner.alias));
    sql_text(q, "))");
    return NULL;
}

static bool is_null_const(const CelNode *node)
{
    return node->op == CEL_LITERAL && val_is_null(node->lit);
}

static Err *gen_compare(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    bool is_plain = !is_exact && node->op != CEL_NE && !is_null_const(node->args[0]) && !is_null_const(node->args[1]);

    if (is_plain && is_step(row, node->args[0]) && is_const(node->args[1])) return gen_step_in(c, q, row, node, 0);
    if (is_plain && is_step(row, node->args[1]) && is_const(node->args[0])) return gen_step_in(c, q, row, node, 1);
    if (node->op == CEL_EQ || node->op == CEL_NE) return gen_equal(c, q, row, node, is_exact);
    return gen_less(c, q, row, node);
}

/* --- in -------------------------------------------------------------------------------------------------------------- */

static Err *gen_in_list(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    const CelNode *list = node->args[1];
    Scalar left = {0};

    if (list->n == 0) {
        sql_text(q, "1 = 0");
        return NULL;
    }
    TRY(gen_scalar(c, row, node->args[0], &left));
    sql_text(q, "(");
    for (unsigned i = 0; i < list->n; i++) {
        Scalar item = {0};
        Scalar side = left;
        if (i) sql_text(q, " OR ");
        TRY(gen_scalar(c, row, list->args[i], &item));
        if (!are_comparable(&side, &item)) return refuse(c, node, "comparing these values");
        align(c, &side, &item);
        add_equal(q, &side, &item, is_exact);
    }
    sql_text(q, ")");
    return NULL;
}

/* 'x' in tags: the column holds |a|b|. */
static Err *gen_in_field(Compiler *c, Sql *q, const Row *row, const CelNode *node)
{
    Scalar item = {0}, list = {0};

    TRY(gen_scalar(c, row, node->args[0], &item));
    TRY(gen_scalar(c, row, node->args[1], &list));
    if (!list.field || (list.field->type != FIELD_TAGS && list.field->type != FIELD_MULTICHOICE))
        return refuse(c, node, "in over this");
    if (item.kind != CEL_T_STRING) return refuse(c, node, "in with this");
    sql_text(q, "(coalesce(instr(");
    sql_append(q, &list.sql);
    sql_text(q, ", '|' || ");
    sql_append(q, &item.sql);
    sql_text(q, " || '|'), 0) > 0)");
    return NULL;
}

static Err *gen_in(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    if (node->args[1]->op == CEL_LIST) return gen_in_list(c, q, row, node, is_exact);
    return gen_in_field(c, q, row, node);
}

/* --- exists, all ----------------------------------------------------------------------------------------------------- */

/* What a comprehension ranges over: records that refer to a row, records linked to it, or items of its field. */
typedef struct Range {
    const Row *from;
    const Field *items, *links;
    const Inverse *via;        /* records of via->object whose via->field refers to the row */
} Range;

static Err *find_range(Compiler *c, const Row *row, const CelNode *node, Range *out)
{
    Str name = node->name;

    out->from = row_root(row);
    if (node->op == CEL_SELECT && node->args[0]->op == CEL_IDENT) {
        out->from = row_named(row, node->args[0]->name);
        if (!out->from || !out->from->obj) return refuse(c, node, "this list");
    } else if (node->op != CEL_IDENT) {
        return refuse(c, node, "this list");
    }
    const Field *f = object_field(out->from->obj, name);
    if (f && rights_field(c->cx, f) == FIELD_HIDDEN) return refuse(c, node, "this list");
    if (f && f->type == FIELD_LINKS) out->links = f;
    else if (f && (f->type == FIELD_EMAILS || f->type == FIELD_PHONES || f->type == FIELD_HANDLES || f->type == FIELD_IDENTIFIER))
        out->items = f;
    else if (!f) out->via = object_inverse(out->from->obj, name);
    if (!out->links && !out->items && !out->via) return refuse(c, node, "this list");
    return NULL;
}

/* "FROM ... WHERE <joined to the row>" for one more alias; `inner` is the row of the loop variable. */
static Err *add_range(Compiler *c, Sql *q, const Range *range, Row *inner)
{
    unsigned link;

    inner->alias = ++c->next_alias;
    if (range->items) {
        sql_text(q, "item ");
        add_alias(q, inner->alias);
        sql_text(q, " WHERE ");
        add_column(q, inner->alias, S("record"));
        sql_text(q, " = ");
        add_column(q, range->from->alias, S("id"));
        sql_text(q, " AND ");
        add_column(q, inner->alias, S("field"));
        sql_text(q, " = ");
        sql_bind(q, val_text(range->items->column));
        inner->items = range->items;
        return NULL;
    }
    inner->obj = range->links ? range->links->target : range->via->object;
    TRY(add_source(c, q, inner->obj, inner->alias));
    if (!range->links) {
        sql_text(q, " WHERE ");
        add_column(q, inner->alias, range->via->field->column);
        sql_text(q, " = ");
        add_column(q, range->from->alias, S("id"));
        return add_live(c, q, inner->obj, inner->alias);
    }
    link = ++c->next_alias;
    sql_text(q, " JOIN ");
    TRY(add_source(c, q, range->links->through, link));
    sql_text(q, " ON ");
    add_column(q, link, range->links->far->column);
    sql_text(q, " = ");
    add_column(q, inner->alias, S("id"));
    sql_text(q, " AND ");
    add_column(q, link, S("deleted_at"));
    sql_text(q, " IS NULL WHERE ");
    add_column(q, link, range->links->near->column);
    sql_text(q, " = ");
    add_column(q, range->from->alias, S("id"));
    return add_live(c, q, inner->obj, inner->alias);
}

typedef enum Wanted { WANT_TRUE, WANT_FALSE, WANT_NULL } Wanted;

static Err *add_exists(Compiler *c, Sql *q, const Row *row, const CelNode *node, Wanted wanted)
{
    Row inner = {.var = node->var, .up = row};
    Range range = {0};

    TRY(find_range(c, row, node->args[0], &range));
    sql_text(q, "EXISTS (SELECT 1 FROM ");
    TRY(add_range(c, q, &range, &inner));
    sql_text(q, " AND ");
    if (wanted == WANT_FALSE) sql_text(q, "NOT ");
    sql_text(q, "(");
    TRY(gen_cond(c, q, &inner, node->args[1], wanted != WANT_TRUE));
    sql_text(q, ")");
    if (wanted == WANT_NULL) sql_text(q, " IS NULL");
    sql_text(q, ")");
    return NULL;
}

static Err *gen_comprehension(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    bool is_all = str_eq(node->name, S("all"));

    if (!is_all && !str_eq(node->name, S("exists"))) return refuse(c, node, str_to_c(c->cx->mem, node->name));
    if (!is_all && !is_exact) return add_exists(c, q, row, node, WANT_TRUE);
    sql_text(q, "CASE WHEN ");
    TRY(add_exists(c, q, row, node, is_all ? WANT_FALSE : WANT_TRUE));
    if (is_all) sql_text(q, " THEN (1 = 0) WHEN ");
    else sql_text(q, " THEN (1 = 1) WHEN ");
    TRY(add_exists(c, q, row, node, WANT_NULL));
    if (is_all) sql_text(q, " THEN NULL ELSE (1 = 1) END");
    else sql_text(q, " THEN NULL ELSE (1 = 0) END");
    return NULL;
}

/* --- conditions ------------------------------------------------------------------------------------------------------ */

static Err *gen_logic(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    sql_text(q, "(");
    for (unsigned i = 0; i < node->n; i++) {
        if (i && node->op == CEL_AND) sql_text(q, " AND ");
        if (i && node->op == CEL_OR) sql_text(q, " OR ");
        TRY(gen_cond(c, q, row, node->args[i], is_exact));
    }
    sql_text(q, ")");
    return NULL;
}

static Err *gen_has(Compiler *c, Sql *q, const Row *row, const CelNode *node)
{
    CelNode plain = *node;
    Scalar a = {0};

    plain.is_test = false;
    TRY(gen_scalar(c, row, &plain, &a));
    sql_text(q, "(");
    sql_append(q, &a.sql);
    sql_text(q, " IS NOT NULL)");
    return NULL;
}

static Err *gen_text_test(Compiler *c, Sql *q, const Row *row, const CelNode *node)
{
    Scalar a = {0}, b = {0};

    if (node->n != 2) return refuse(c, node, str_to_c(c->cx->mem, node->name));
    TRY(gen_scalar(c, row, node->args[0], &a));
    TRY(gen_scalar(c, row, node->args[1], &b));
    if (a.kind != CEL_T_STRING || b.kind != CEL_T_STRING) return refuse(c, node, "this test of text");
    if (str_eq(node->name, S("startsWith"))) sql_text(q, "(kith_starts(");
    else if (str_eq(node->name, S("endsWith"))) sql_text(q, "(kith_ends(");
    else sql_text(q, "(kith_contains(");
    sql_append(q, &a.sql);
    sql_text(q, ", ");
    sql_append(q, &b.sql);
    sql_text(q, ") = 1)");
    return NULL;
}

static bool is_text_test(const CelNode *node)
{
    return str_eq(node->name, S("startsWith")) || str_eq(node->name, S("endsWith")) || str_eq(node->name, S("contains"));
}

/* A boolean scalar (a field, orValue(...), a constant) as a condition. */
static Err *gen_flag(Compiler *c, Sql *q, const Row *row, const CelNode *node)
{
    Scalar a = {0};

    TRY(gen_scalar(c, row, node, &a));
    if (a.kind != CEL_T_BOOL && a.kind != CEL_T_NULL) return refuse(c, node, "this as a condition");
    sql_text(q, "(");
    sql_append(q, &a.sql);
    sql_text(q, " = 1)");
    return NULL;
}

static Err *gen_cond_case(Compiler *c, Sql *q, const Row *row, const CelNode *node)
{
    sql_text(q, "CASE WHEN ");
    TRY(gen_cond(c, q, row, node->args[0], true));
    sql_text(q, " THEN ");
    TRY(gen_cond(c, q, row, node->args[1], true));
    sql_text(q, " WHEN NOT ");
    TRY(gen_cond(c, q, row, node->args[0], true));
    sql_text(q, " THEN ");
    TRY(gen_cond(c, q, row, node->args[2], true));
    sql_text(q, " END");
    return NULL;
}

static Err *gen_cond(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    if (is_const(node)) return gen_flag(c, q, row, node);
    switch (node->op) {
    case CEL_AND:
    case CEL_OR: return gen_logic(c, q, row, node, is_exact);
    case CEL_NOT:
        sql_text(q, "NOT (");
        TRY(gen_cond(c, q, row, node->args[0], true));
        sql_text(q, ")");
        return NULL;
    case CEL_EQ:
    case CEL_NE:
    case CEL_LT:
    case CEL_LE:
    case CEL_GT:
    case CEL_GE: return gen_compare(c, q, row, node, is_exact);
    case CEL_IN: return gen_in(c, q, row, node, is_exact);
    case CEL_COND: return gen_cond_case(c, q, row, node);
    case CEL_COMPREHENSION: return gen_comprehension(c, q, row, node, is_exact);
    case CEL_SELECT: return node->is_test ? gen_has(c, q, row, node) : gen_flag(c, q, row, node);
    case CEL_CALL: return is_text_test(node) ? gen_text_test(c, q, row, node) : gen_flag(c, q, row, node);
    default: return gen_flag(c, q, row, node);
    }
}

Err *compile_filter(Ctx *cx, Sql *q, const Object *obj, unsigned alias, const CelNode *node, bool is_exact)
{
    Compiler c = {.cx = cx, .next_alias = alias + 100};
    Row root = {.obj = obj, .alias = alias};

    return gen_cond(&c, q, &root, node, is_exact);
}

Err *compile_value(Ctx *cx, Sql *q, const Object *obj, unsigned alias, const CelNode *node, uint8_t *places)
{
    Compiler c = {.cx = cx, .next_alias = alias + 100};
    Row root = {.obj = obj, .alias = alias};
    Scalar s = {0};

    TRY(gen_scalar(&c, &root, node, &s));
    *places = s.places;
    sql_append(q, &s.sql);
    return NULL;
}
