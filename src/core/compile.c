/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CEL to SQL.  Two kinds of code come out of a checked tree: conditions (true, false, and NULL where the evaluator has an
   error) and scalars (a column, a bind, arithmetic), where decimals are integers with places known at compile time.

   `==`, `!=` and `in` never fail in CEL while SQL's give NULL for null.  Where only truth is asked for (`is_exact` false) the
   plain form is written, because an index can serve it; below a negation the exact one is.  An operand that may itself be an
   error (arithmetic) is told apart from a null column by `may_err`.

   A step to another record is a scalar subselect under the actor's rights; a comparison of such a step becomes an IN over
   the other table where only truth is asked for.  What SQL cannot say is refused, never evaluated in memory. */
#include "core/compile_impl.h"

#include "base/decimal.h"

/* --- comparisons ----------------------------------------------------------------------------------------------------- */

static bool are_comparable(const Scalar *a, const Scalar *b)
{
    bool na = compile_is_scaled(a->kind) || a->kind == CEL_T_INT,
         nb = compile_is_scaled(b->kind) || b->kind == CEL_T_INT;

    return a->kind == b->kind || (na && nb) || a->kind == CEL_T_NULL || b->kind == CEL_T_NULL;
}

/* Both sides at one scale.  A constant is rescaled here when that is exact, so that a bare column stays bare. */
static void align(Compiler *c, Scalar *a, Scalar *b)
{
    Scalar *fixed = a->is_const ? b : a, *moving = a->is_const ? a : b;
    int64_t v;

    if (moving->is_const && (moving->val.kind == VAL_INT || compile_is_scaled(moving->kind)) &&
        moving->places <= fixed->places &&
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

/* -1, 0, 1 of two numbers of other scales; one brought to the scale of the other might not fit. */
static void add_compared(Sql *q, const Scalar *a, const Scalar *b)
{
    sql_text(q, "kith_cmp(");
    sql_append(q, &a->sql);
    sql_text(q, ", ");
    sql_append(q, &b->sql);
    sql_text(q, ", ");
    sql_i64(q, (int64_t)b->places - a->places);
    sql_text(q, ")");
}

static void add_pair(Sql *q, const Scalar *a, const Scalar *b, const char *op)
{
    if (a->places == b->places) {
        sql_append(q, &a->sql);
        buf_add(&q->text, str_c(op));
        sql_append(q, &b->sql);
        return;
    }
    add_compared(q, a, b);
    buf_add(&q->text, str_c(op));
    sql_text(q, "0");
}

static void add_same(Sql *q, const Scalar *a, const Scalar *b)
{
    if (a->places == b->places) {
        add_pair(q, a, b, " IS NOT DISTINCT FROM ");
        return;
    }
    sql_text(q, "coalesce(");
    add_pair(q, a, b, " = ");
    sql_text(q, ", ");
    sql_append(q, &a->sql);
    sql_text(q, " IS NULL AND ");
    sql_append(q, &b->sql);
    sql_text(q, " IS NULL)");
}

/* ".. AND currencies agree" of two amounts that both may have one; a bare amount agrees with any. */
static void add_currency_test(Sql *q, const Scalar *a, const Scalar *b)
{
    if (!a->has_currency || !b->has_currency) return;
    sql_text(q, " AND coalesce(");
    sql_append(q, &a->currency);
    sql_text(q, " = ");
    sql_append(q, &b->currency);
    sql_text(q, ", 1 = 1)");
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
    } else if (!is_exact && (a->may_err || b->may_err)) {
        add_pair(q, a, b, " = "); /* an error is not the same as a null */
        add_currency_test(q, a, b);
    } else {
        add_same(q, a, b);
        add_currency_test(q, a, b);
    }
    sql_text(q, ")");
    if (is_guarded) sql_text(q, " END");
}

/* (c ? a : b) == x is c ? (a == x) : (b == x), and so is `in`: keeps null and error apart. */
static Err *gen_equal_case(Compiler *c, Sql *q, const Row *row, const CelNode *node, unsigned side)
{
    const CelNode *cond = node->args[side];
    CelNode one = *node, two = *node;
    CelNode *args1[2] = {node->args[0], node->args[1]}, *args2[2] = {node->args[0], node->args[1]};

    args1[side] = cond->args[1];
    args2[side] = cond->args[2];

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
    if (node->args[0]->op == CEL_COND && !compile_is_const(node->args[0]))
        return gen_equal_case(c, q, row, node, 0);
    if (node->args[1]->op == CEL_COND && !compile_is_const(node->args[1]))
        return gen_equal_case(c, q, row, node, 1);
    TRY(gen_scalar(c, row, node->args[0], &a));
    TRY(gen_scalar(c, row, node->args[1], &b));
    if (a.kind == CEL_T_LIST || b.kind == CEL_T_LIST) {
        if (a.kind != CEL_T_NULL && b.kind != CEL_T_NULL) return compile_refuse(c, node, "comparing lists");
    } else if (!are_comparable(&a, &b)) {
        return compile_refuse(c, node, "comparing these values");
    }
    if (a.is_mixed || b.is_mixed) return compile_refuse(c, node, "comparing these values");
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
    if (!are_comparable(&a, &b) || a.kind == CEL_T_LIST)
        return compile_refuse(c, node, "comparing these values");
    align(c, &a, &b);
    bool both = a.has_currency && b.has_currency;
    if (both) { /* another currency is an error */
        sql_text(q, "CASE WHEN 1 = 1");
        add_currency_test(q, &a, &b);
        sql_text(q, " THEN ");
    }
    sql_text(q, "(");
    add_pair(q, &a, &b, OPS[node->op - CEL_LT]);
    sql_text(q, ")");
    if (both) sql_text(q, " END");
    return NULL;
}

/* account.industry == x where only truth is asked: account IN (SELECT id FROM account WHERE industry = x), or, for rows met
   one by one, EXISTS (SELECT 1 FROM account WHERE id = t0.account AND industry = x). */
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
    bool is_by_row = c->is_by_row && node != c->set;
    if (is_by_row) {
        sql_text(q, "(EXISTS (SELECT 1");
    } else {
        sql_text(q, "(");
        sql_append(q, &base.sql);
        sql_text(q, " IN (SELECT ");
        add_column(q, inner.alias, S("id"));
    }
    sql_text(q, " FROM ");
    TRY(add_source(c, q, target, inner.alias));
    sql_text(q, " WHERE ");
    if (is_by_row) {
        add_column(q, inner.alias, S("id"));
        sql_text(q, " = ");
        sql_append(q, &base.sql);
        sql_text(q, " AND ");
    }
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
    bool is_plain =
        !is_exact && node->op != CEL_NE && !is_null_const(node->args[0]) && !is_null_const(node->args[1]);

    if (is_plain && is_step(row, node->args[0]) && compile_is_const(node->args[1]))
        return gen_step_in(c, q, row, node, 0);
    if (is_plain && is_step(row, node->args[1]) && compile_is_const(node->args[0]))
        return gen_step_in(c, q, row, node, 1);
    if (node->op == CEL_EQ || node->op == CEL_NE) return gen_equal(c, q, row, node, is_exact);
    return gen_less(c, q, row, node);
}

/* --- in -------------------------------------------------------------------------------------------------------------- */

/* An item that errs is the error of the whole list. */
static void open_items(Sql *q, const Scalar *left, const Scalar *items, size_t n, bool is_exact,
                       bool *is_guarded)
{
    *is_guarded = false;
    for (size_t i = 0; i <= n; i++) {
        const Scalar *s = i < n ? &items[i] : left;
        if (!s->may_err || (i == n && !is_exact)) continue;
        if (*is_guarded)
            sql_text(q, " OR ");
        else
            sql_text(q, "CASE WHEN ");
        sql_append(q, &s->sql);
        sql_text(q, " IS NULL");
        *is_guarded = true;
    }
    if (*is_guarded) sql_text(q, " THEN NULL ELSE ");
}

static Err *gen_in_list(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    const CelNode *list = node->args[1];
    Scalar *items = NEW_N(c->cx->mem, Scalar, list->n + 1u);
    Scalar left = {0};
    bool is_guarded;

    TRY(gen_scalar(c, row, node->args[0], &left));
    for (unsigned i = 0; i < list->n; i++) {
        TRY(gen_scalar(c, row, list->args[i], &items[i]));
        if (items[i].is_mixed || left.is_mixed || !are_comparable(&left, &items[i]))
            return compile_refuse(c, node, "comparing these values");
    }
    open_items(q, &left, items, list->n, is_exact, &is_guarded);
    sql_text(q, "(");
    if (list->n == 0) sql_text(q, "1 = 0");
    for (unsigned i = 0; i < list->n; i++) {
        Scalar side = left, item = items[i];
        if (i) sql_text(q, " OR ");
        align(c, &side, &item);
        add_equal(q, &side, &item, is_exact);
    }
    sql_text(q, ")");
    if (is_guarded) sql_text(q, " END");
    return NULL;
}

/* 'x' in tags: the column holds |a|b|. */
static Err *gen_in_field(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    Scalar item = {0}, list = {0};

    TRY(gen_scalar(c, row, node->args[0], &item));
    TRY(gen_scalar(c, row, node->args[1], &list));
    if (!list.is_keys) return compile_refuse(c, node, "in over this");
    if (item.kind != CEL_T_STRING || item.is_mixed) return compile_refuse(c, node, "in with this");
    bool is_guarded = open_guard(q, &item, &list, is_exact);
    sql_text(q, "(coalesce(instr(");
    sql_append(q, &list.sql);
    sql_text(q, ", '|' || ");
    sql_append(q, &item.sql);
    sql_text(q, " || '|'), 0) > 0");
    if (!item.is_const || str_find_char(val_str(item.val), '|') >= 0) {
        sql_text(q, " AND instr(");
        sql_append(q, &item.sql);
        sql_text(q, ", '|') = 0");
    }
    sql_text(q, ")");
    if (is_guarded) sql_text(q, " END");
    return NULL;
}

static Err *gen_in(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    if (node->args[0]->op == CEL_COND && !compile_is_const(node->args[0]))
        return gen_equal_case(c, q, row, node, 0);
    if (node->args[1]->op == CEL_LIST) return gen_in_list(c, q, row, node, is_exact);
    return gen_in_field(c, q, row, node, is_exact);
}

/* --- exists, all ----------------------------------------------------------------------------------------------------- */

/* What a comprehension ranges over: records that refer to a row, records linked to it, or items of its field. */
typedef struct Range {
    const Row *from;
    const Field *items, *links;
    const Inverse *via; /* records of via->object whose via->field refers to the row */
} Range;

static Err *find_range(Compiler *c, const Row *row, const CelNode *node, Range *out)
{
    Str name = node->name;

    out->from = row_root(row);
    if (node->op == CEL_SELECT && node->args[0]->op == CEL_IDENT) {
        out->from = row_named(row, node->args[0]->name);
        if (!out->from || !out->from->obj) return compile_refuse(c, node, "this list");
    } else if (node->op != CEL_IDENT) {
        return compile_refuse(c, node, "this list");
    }
    const Field *f = object_field(out->from->obj, name);
    if (f && rights_field(c->cx, f) == FIELD_HIDDEN) return compile_refuse(c, node, "this list");
    if (f && f->type == FIELD_LINKS)
        out->links = f;
    else if (f && (f->type == FIELD_EMAILS || f->type == FIELD_PHONES || f->type == FIELD_HANDLES ||
                   f->type == FIELD_IDENTIFIER))
        out->items = f;
    else if (!f)
        out->via = object_inverse(out->from->obj, name);
    if (!out->links && !out->items && !out->via) return compile_refuse(c, node, "this list");
    if (out->items && c->cx->as_of)
        return compile_refuse(c, node, "this list of the past"); /* items have none */
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

    if (!is_all && !str_eq(node->name, S("exists")))
        return compile_refuse(c, node, str_to_c(c->cx->mem, node->name));
    if (!is_all && !is_exact) return add_exists(c, q, row, node, WANT_TRUE);
    sql_text(q, "CASE WHEN ");
    TRY(add_exists(c, q, row, node, is_all ? WANT_FALSE : WANT_TRUE));
    if (is_all)
        sql_text(q, " THEN (1 = 0) WHEN ");
    else
        sql_text(q, " THEN (1 = 1) WHEN ");
    TRY(add_exists(c, q, row, node, WANT_NULL));
    if (is_all)
        sql_text(q, " THEN NULL ELSE (1 = 1) END");
    else
        sql_text(q, " THEN NULL ELSE (1 = 0) END");
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

    if (node->n != 2) return compile_refuse(c, node, str_to_c(c->cx->mem, node->name));
    TRY(gen_scalar(c, row, node->args[0], &a));
    TRY(gen_scalar(c, row, node->args[1], &b));
    if (a.kind != CEL_T_STRING || b.kind != CEL_T_STRING) return compile_refuse(c, node, "this test of text");
    if (str_eq(node->name, S("startsWith")))
        sql_text(q, "(kith_starts(");
    else if (str_eq(node->name, S("endsWith")))
        sql_text(q, "(kith_ends(");
    else
        sql_text(q, "(kith_contains(");
    sql_append(q, &a.sql);
    sql_text(q, ", ");
    sql_append(q, &b.sql);
    sql_text(q, ") = 1)");
    return NULL;
}

bool compile_is_text_test(const CelNode *node)
{
    return str_eq(node->name, S("startsWith")) || str_eq(node->name, S("endsWith")) ||
           str_eq(node->name, S("contains"));
}

/* A boolean scalar (a field, orValue(...), a constant) as a condition. */
static Err *gen_flag(Compiler *c, Sql *q, const Row *row, const CelNode *node)
{
    Scalar a = {0};

    TRY(gen_scalar(c, row, node, &a));
    if (a.kind != CEL_T_BOOL && a.kind != CEL_T_NULL) return compile_refuse(c, node, "this as a condition");
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

Err *compile_spend(Compiler *c, const CelNode *node, const Sql *part)
{
    c->bytes += part->text.n + part->n * sizeof(Val);
    if (++c->steps <= COMPILE_STEPS_MAX && c->bytes <= COMPILE_BYTES_MAX) return NULL;
    return compile_refuse(c, node, "nesting this deep");
}

static Err *gen_cond_of(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    if (compile_is_const(node)) return gen_flag(c, q, row, node);
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
    case CEL_CALL:
        return compile_is_text_test(node) ? gen_text_test(c, q, row, node) : gen_flag(c, q, row, node);
    default: return gen_flag(c, q, row, node);
    }
}

Err *gen_cond(Compiler *c, Sql *q, const Row *row, const CelNode *node, bool is_exact)
{
    TRY(compile_spend(c, node, q));
    return gen_cond_of(c, q, row, node, is_exact);
}

/* SQLite's parser has a stack of 100 symbols: what stands open at the deepest place of `sql`, estimated from above. */
#define NESTING_MAX 70

/* How many symbols wait from the word at `i` on until it is closed; most places have none and are passed by quickly,
   since this reads every formula of every request. */
static int opened_at(Str sql, size_t i)
{
    Str rest = str_from(sql, i);

    switch (sql.p[i]) {
    case '(': return str_starts(rest, S("(SELECT ")) ? 9 : 2;
    case 'C': return str_starts(rest, S("CASE ")) ? 4 : 0;
    case 'E': return str_starts(rest, S("END")) ? -4 : 0;
    default: return 0;
    }
}

static unsigned nesting(Str sql)
{
    int8_t *closes = (int8_t[256]){0};
    int depth = 0, deepest = 0;
    unsigned level = 0;

    for (size_t i = 0; i < sql.n; i++) {
        int weight = opened_at(sql, i);

        if (sql.p[i] == ')') depth -= level ? closes[--level % 256] : 0;
        if (sql.p[i] == '(') closes[level++ % 256] = (int8_t)weight;
        depth += weight;
        if (depth > deepest) deepest = depth;
    }
    return (unsigned)deepest;
}

static Err *check_nesting(Compiler *c, const Sql *q, size_t start, const CelNode *node)
{
    if (nesting(str_from(buf_str(&q->text), start)) <= NESTING_MAX) return NULL;
    return compile_refuse(c, node, "nesting this deep");
}

static Err *filter_with(Compiler *c, Sql *q, const Object *obj, unsigned alias, const CelNode *node,
                        bool is_exact)
{
    Row root = {.obj = obj, .alias = alias};
    size_t start = buf_str(&q->text).n;

    TRY(gen_cond(c, q, &root, node, is_exact));
    return check_nesting(c, q, start, node);
}

Err *compile_filter(Ctx *cx, Sql *q, const Object *obj, unsigned alias, const CelNode *node, bool is_exact)
{
    Compiler c = {.cx = cx, .next_alias = alias + 100};

    return filter_with(&c, q, obj, alias, node, is_exact);
}

Err *compile_row_filter(Ctx *cx, Sql *q, const Object *obj, const CelNode *node, const CelNode *set)
{
    Compiler c = {.cx = cx, .next_alias = 100, .is_by_row = true, .set = set};

    return filter_with(&c, q, obj, 0, node, false);
}

Err *compile_value(Ctx *cx, Sql *q, const Object *obj, unsigned alias, const CelNode *node, uint8_t *places)
{
    Compiler c = {.cx = cx, .next_alias = alias + 100};
    Row root = {.obj = obj, .alias = alias};
    Scalar s = {0};

    TRY(gen_scalar(&c, &root, node, &s));
    *places = s.places;
    sql_append(q, &s.sql);
    return check_nesting(&c, &s.sql, 0, node);
}
