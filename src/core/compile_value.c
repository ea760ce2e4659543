/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CEL to SQL, scalars: a column, a bind, arithmetic, a step to another record (a subselect under the actor's rights).
   Decimals are integers with places known here; ids, days and milliseconds are integers. */
#include "core/compile_impl.h"

#include "base/decimal.h"
#include "core/asof.h"
#include "core/record.h"
#include "core/store.h"

Err *compile_refuse(Compiler *c, const CelNode *node, const char *what)
{
    Err *e = err_new(c->cx->mem, ERR_INVALID, "error.cel.sql",
                     "%s cannot be used in a condition over many records", what);

    return err_arg(err_at(e, (ptrdiff_t)node->at), 0, str_c(what));
}

void add_alias(Sql *q, unsigned alias)
{
    sql_text(q, "t");
    sql_i64(q, alias);
}

void add_column(Sql *q, unsigned alias, Str name)
{
    add_alias(q, alias);
    sql_text(q, ".");
    sql_ident(q, name);
}

/* --- constants ------------------------------------------------------------------------------------------------------- */

bool compile_is_const(const CelNode *node)
{
    if (node->op == CEL_IDENT) return str_eq(node->name, S("now"));
    if (node->op == CEL_COMPREHENSION || node->op == CEL_STRUCT) return false;
    for (unsigned i = 0; i < node->n; i++)
        if (!compile_is_const(node->args[i])) return false;
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
    if (val_is_null(v))
        sql_text(&out->sql, "NULL");
    else
        sql_bind(&out->sql, const_bind(v));
    out->is_const = true;
    out->val = v;
    out->kind = kind_of_val(v);
    out->places = const_places(v);
    if (v.kind != VAL_MONEY || !v.aux) return;
    char code[4];
    currency_unpack(v.aux, code);
    out->has_currency = true;
    out->currency = sql_new(c->cx->mem);
    sql_bind(&out->currency, val_text(str_copy(c->cx->mem, str_c(code))));
}

static Err *gen_const(Compiler *c, const CelNode *node, Scalar *out)
{
    const Actor *actor = c->cx->actor;
    Str zone = actor->is_system ? c->cx->store->company->zone : actor->zone;
    CelScope scope = {.ident = no_ident,
                      .field = no_field,
                      .now_ms = c->cx->now,
                      .zone = zone,
                      .me = actor->user,
                      .my_team = actor->team};
    Val v;
    Err *e = cel_eval(c->cx->mem, node, &scope, &v);

    if (e && e->code == ERR_LIMIT) return e;
    if (e) { /* an error is NULL in SQL */
        scalar_const(c, val_null(), out);
        out->may_err = true;
        return NULL;
    }
    if (v.kind == VAL_LIST || v.kind == VAL_MAP || v.kind == VAL_DOUBLE || v.kind == VAL_UINT ||
        v.kind == VAL_TYPE)
        return compile_refuse(c, node, val_kind_name((ValKind)v.kind));
    scalar_const(c, v, out);
    return NULL;
}

/* --- rows and columns ------------------------------------------------------------------------------------------------ */

const Row *row_named(const Row *row, Str var)
{
    for (; row; row = row->up)
        if (row->var.n && str_eq(row->var, var)) return row;
    return NULL;
}

const Row *row_root(const Row *row)
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

static Err *gen_field(Compiler *c, unsigned alias, const Object *obj, const Field *f, const CelNode *node,
                      Scalar *out)
{
    if (!c->cx->actor->is_system && rights_field(c->cx, f) == FIELD_HIDDEN)
        return err_arg(
            err_at(err_new(c->cx->mem, ERR_INVALID, "error.cel.unknown", "unknown field %.*s", SFMT(f->name)),
                   (ptrdiff_t)node->at),
            0, f->name);
    if (f->is_computed && !f->is_stored) {
        Row root = {.obj = obj, .alias = alias};
        if (!f->formula.tree) return compile_refuse(c, node, "this field");
        TRY(gen_scalar(c, &root, f->formula.tree, out));
        out->may_err = out->is_mixed = false; /* a formula that errs is null */
        return NULL;
    }
    if (f->type == FIELD_JSON || f->type == FIELD_LINKS || f->is_secret ||
        (c->cx->as_of && !field_in_past(f)))
        return compile_refuse(c, node, field_type_name(f->type));
    out->sql = sql_new(c->cx->mem);
    add_column(&out->sql, alias, f->column);
    out->kind = kind_of_column(f);
    out->places = f->result == FIELD_DURATION ? 0 : f->result == FIELD_MONEY ? 4 : f->places;
    out->field = f;
    out->is_keys = f->type == FIELD_TAGS || f->type == FIELD_MULTICHOICE;
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
    if (!str_eq(node->name, S("value")) && !str_eq(node->name, S("label")))
        return compile_refuse(c, node, "this part of an item");
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
            add_column(&out->sql, base->alias,
                       str_fmt(c->cx->mem, "%.*s_%s", SFMT(base->field->column), PARTS[i]));
            return NULL;
        }
    return compile_refuse(c, node, "this part of a name");
}

/* FROM "table" tN, or the rows of a past moment. */
Err *add_source(Compiler *c, Sql *q, const Object *obj, unsigned alias)
{
    return asof_source(c->cx, q, obj, alias);
}

/* " AND tN.deleted_at IS NULL AND <rights>" */
Err *add_live(Compiler *c, Sql *q, const Object *obj, unsigned alias)
{
    sql_text(q, " AND ");
    add_column(q, alias, S("deleted_at"));
    sql_text(q, " IS NULL");
    if (c->cx->actor->is_system) return NULL;
    return rights_where(c->cx, q, obj, alias, VERB_READ);
}

/* (SELECT part FROM target WHERE id = base) */
static Err *add_step(Compiler *c, Sql *q, const Scalar *base, const Object *target, unsigned alias,
                     const Sql *part)
{
    sql_text(q, "(SELECT ");
    sql_append(q, part);
    sql_text(q, " FROM ");
    TRY(add_source(c, q, target, alias));
    sql_text(q, " WHERE ");
    add_column(q, alias, S("id"));
    sql_text(q, " = ");
    sql_append(q, &base->sql);
    TRY(add_live(c, q, target, alias));
    sql_text(q, ")");
    return NULL;
}

/* The scalar of `name` of the record `base` points to. */
static Err *gen_step(Compiler *c, const Scalar *base, const Object *target, const CelNode *node, Scalar *out)
{
    unsigned alias = ++c->next_alias;
    const Field *f = object_field(target, node->name);
    Scalar inner = {0};

    if (!f) return compile_refuse(c, node, "this field");
    TRY(gen_field(c, alias, target, f, node, &inner));
    *out = inner;
    out->field = NULL;
    out->sql = sql_new(c->cx->mem);
    out->is_const = false;
    TRY(add_step(c, &out->sql, base, target, alias, &inner.sql));
    if (!inner.has_currency) return NULL;
    out->currency = sql_new(c->cx->mem);
    return add_step(c, &out->currency, base, target, alias, &inner.currency);
}

static Err *gen_select(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    const CelNode *of = node->args[0];
    const Row *var = of->op == CEL_IDENT ? row_named(row, of->name) : NULL;
    Scalar base = {0};

    if (var && var->items) return gen_item_column(c, var, node, out);
    if (var) {
        const Field *f = object_field(var->obj, node->name);
        return f ? gen_field(c, var->alias, var->obj, f, node, out) : compile_refuse(c, node, "this field");
    }
    TRY(gen_scalar(c, row, of, &base));
    if (base.field && base.field->type == FIELD_PERSON_NAME) return gen_name_part(c, &base, node, out);
    if (base.kind == CEL_T_ID && of->type && of->type->tag)
        return gen_step(c, &base, of->type->tag, node, out);
    return compile_refuse(c, node, "this step");
}

static Err *gen_ident(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    const Row *root = row_root(row);
    const Field *f = object_field(root->obj, node->name);

    if (row_named(row, node->name)) return compile_refuse(c, node, "a whole record");
    return f ? gen_field(c, root->alias, root->obj, f, node, out) : compile_refuse(c, node, "this name");
}

/* --- arithmetic ------------------------------------------------------------------------------------------------------ */

void add_rescaled(Sql *q, const Scalar *s, uint8_t places)
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

#define CALL2(q, fn, a, pa, b, pb) \
    do {                           \
        sql_text(q, fn "(");       \
        add_rescaled(q, a, pa);    \
        sql_text(q, ", ");         \
        add_rescaled(q, b, pb);    \
        sql_text(q, ")");          \
    } while (0)

bool compile_is_scaled(CelKind kind)
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
    default: return compile_refuse(c, node, "this operator");
    }
}

/* Money keeps its currency: two amounts meet only in one currency, else the result is an error (NULL). */
static Err *money_operands(Compiler *c, const CelNode *node, Scalar *a, Scalar *b)
{
    if (a->kind == CEL_T_MONEY && b->kind == CEL_T_MONEY &&
        !((a->has_currency || a->is_const) && (b->has_currency || b->is_const)))
        return compile_refuse(c, node, "arithmetic of these amounts");
    if (!(a->has_currency && b->has_currency)) return NULL;
    Sql q = sql_new(c->cx->mem);
    sql_text(&q, "CASE WHEN coalesce(");
    sql_append(&q, &a->currency);
    sql_text(&q, " = ");
    sql_append(&q, &b->currency);
    sql_text(&q, ", 1 = 1) THEN ");
    sql_append(&q, &b->sql);
    sql_text(&q, " END");
    b->sql = q;
    return NULL;
}

/* Of a bare amount (orValue(amount, 0) without an amount) and another the other's. */
static Sql either_currency(Compiler *c, const Scalar *a, const Scalar *b)
{
    Sql q = sql_new(c->cx->mem);

    if (!a->has_currency || !b->has_currency) return a->has_currency ? a->currency : b->currency;
    sql_text(&q, "coalesce(");
    sql_append(&q, &a->currency);
    sql_text(&q, ", ");
    sql_append(&q, &b->currency);
    sql_text(&q, ")");
    return q;
}

/* A whole number beside a decimal has 18 digits too, or the result is an error (NULL), as the evaluator has it. */
static void fit_int(Compiler *c, Scalar *s)
{
    Sql q;

    if (s->kind != CEL_T_INT) return;
    if (s->is_const && s->val.kind == VAL_INT && s->val.i <= DECIMAL_MAX && s->val.i >= -DECIMAL_MAX) return;
    q = sql_new(c->cx->mem);
    sql_text(&q, "kith_rescale(");
    sql_append(&q, &s->sql);
    sql_text(&q, ", 0)");
    s->sql = q;
}

static Err *gen_decimal_op(Compiler *c, const CelNode *node, Scalar *a, Scalar *b, Scalar *out)
{
    Sql *q = &out->sql;
    uint8_t places = larger(a->places, b->places);

    fit_int(c, a);
    fit_int(c, b);
    out->kind = a->kind == CEL_T_MONEY || b->kind == CEL_T_MONEY ? CEL_T_MONEY : CEL_T_DECIMAL;
    TRY(money_operands(c, node, a, b));
    out->places = places;
    out->has_currency = out->kind == CEL_T_MONEY && (a->has_currency || b->has_currency);
    out->currency = either_currency(c, a, b);
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
        if (a->kind == CEL_T_MONEY && b->kind == CEL_T_MONEY) {
            out->kind = CEL_T_DECIMAL;
            out->has_currency = false;
        }
        sql_text(q, "kith_div(");
        sql_append(q, &a->sql);
        sql_text(q, ", ");
        sql_append(q, &b->sql);
        sql_text(q, ", ");
        sql_i64(q, out->places + b->places - a->places);
        sql_text(q, ")");
        return NULL;
    default: return compile_refuse(c, node, "this operator");
    }
}

/* date +- days(n), timestamp +- duration, differences. */
static Err *gen_time_op(Compiler *c, const CelNode *node, const Scalar *a, const Scalar *b, Scalar *out)
{
    bool is_add = node->op == CEL_ADD;
    Sql *q = &out->sql;

    if (node->op != CEL_ADD && node->op != CEL_SUB) return compile_refuse(c, node, "this operator on times");
    if (a->kind == CEL_T_DATE && b->kind == CEL_T_DURATION) {
        if (!b->is_const || val_is_null(b->val)) return compile_refuse(c, node, "a date moved by a field");
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
    if (is_add)
        CALL2(q, "kith_iadd", a, pa, b, pb);
    else
        CALL2(q, "kith_isub", a, pa, b, pb);
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
    if ((compile_is_scaled(a.kind) || a.kind == CEL_T_INT) &&
        (compile_is_scaled(b.kind) || b.kind == CEL_T_INT))
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
    return compile_refuse(c, node, "this operator on these values");
}

static Err *gen_negative(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    Scalar a = {0};

    TRY(gen_scalar(c, row, node->args[0], &a));
    if (a.kind != CEL_T_INT && !compile_is_scaled(a.kind))
        return compile_refuse(c, node, "minus on this value");
    *out = a;
    out->field = NULL;
    out->may_err = true;
    out->sql = sql_new(c->cx->mem);
    if (a.kind == CEL_T_INT)
        sql_text(&out->sql, "kith_isub(0, ");
    else
        sql_text(&out->sql, "kith_sub(0, ");
    sql_append(&out->sql, &a.sql);
    sql_text(&out->sql, ")");
    return NULL;
}

/* --- functions ------------------------------------------------------------------------------------------------------- */

/* NULL: a bare amount. */
static void add_currency(Sql *q, const Scalar *s)
{
    if (s->has_currency)
        sql_append(q, &s->currency);
    else
        sql_text(q, "NULL");
}

/* `a`, and `b` where `a` is null: one that only does not fit so many places is not null. */
static void add_first(Sql *q, const Scalar *a, const Scalar *b, uint8_t places)
{
    if (a->places == places) {
        sql_text(q, "coalesce(");
        sql_append(q, &a->sql);
        sql_text(q, ", ");
        add_rescaled(q, b, places);
        sql_text(q, ")");
        return;
    }
    sql_text(q, "CASE WHEN ");
    sql_append(q, &a->sql);
    sql_text(q, " IS NOT NULL THEN ");
    add_rescaled(q, a, places);
    sql_text(q, " ELSE ");
    add_rescaled(q, b, places);
    sql_text(q, " END");
}

static Err *gen_or_value(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    Scalar a = {0}, b = {0};

    TRY(gen_scalar(c, row, node->args[0], &a));
    TRY(gen_scalar(c, row, node->args[1], &b));
    uint8_t places = larger(a.places, b.places);
    *out = a;
    out->field = NULL;
    out->places = places;
    out->is_const = false;
    out->may_err = b.may_err;
    out->is_mixed = b.is_mixed;
    out->sql = sql_new(c->cx->mem);
    add_first(&out->sql, &a, &b, places);
    if (!a.has_currency && !b.has_currency) return NULL;
    out->has_currency = true;
    out->currency = sql_new(c->cx->mem);
    sql_text(&out->currency, "CASE WHEN ");
    sql_append(&out->currency, &a.sql);
    sql_text(&out->currency, " IS NOT NULL THEN ");
    add_currency(&out->currency, &a);
    sql_text(&out->currency, " ELSE ");
    add_currency(&out->currency, &b);
    sql_text(&out->currency, " END");
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
    if (!db_conn_can(c->cx->db, DB_CAP_FTS5))
        return compile_refuse(c, node, "fold() of a field that is not searchable");
    sql_text(&out->sql, "kith_fold(");
    sql_append(&out->sql, &a.sql);
    sql_text(&out->sql, ")");
    return NULL;
}

static Err *gen_size(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    Scalar a = {0};

    TRY(gen_scalar(c, row, node->args[0], &a));
    if (a.kind != CEL_T_STRING) return compile_refuse(c, node, "size() of this");
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
    if (!a.has_currency) return compile_refuse(c, node, "this amount");
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
    if (str_eq(node->name, S("amount")) || str_eq(node->name, S("currency")))
        return gen_money_part(c, row, node, out);
    return compile_refuse(c, node, str_to_c(c->cx->mem, node->name));
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
    out->has_currency = a.has_currency || b.has_currency;
    out->places = places;
    out->may_err = out->is_mixed = true;
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
    if (!out->has_currency) return NULL;
    out->currency = sql_new(c->cx->mem);
    sql_text(&out->currency, "CASE WHEN ");
    TRY(gen_cond(c, &out->currency, row, node->args[0], true));
    sql_text(&out->currency, " THEN ");
    add_currency(&out->currency, &a);
    sql_text(&out->currency, " ELSE ");
    add_currency(&out->currency, &b);
    sql_text(&out->currency, " END");
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

static Err *gen_scalar_of(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    *out = (Scalar){0};
    if (compile_is_const(node)) return gen_const(c, node, out);
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
        return compile_is_text_test(node) ? gen_bool_value(c, row, node, out) : gen_call(c, row, node, out);
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
    default: return compile_refuse(c, node, "this");
    }
}

Err *gen_scalar(Compiler *c, const Row *row, const CelNode *node, Scalar *out)
{
    TRY(gen_scalar_of(c, row, node, out));
    return compile_spend(c, node, &out->sql);
}
