/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Type checker.  Gives every node its type, picks the overload of every call where the kinds tell, and lets literals take
   the type of their neighbours (coerce.c).  dyn goes with everything and is decided at run time; null does too, because
   any field may be null.  What it refuses can only be an error at run time. */

#include "cel/check.h"

#include "cel/functions.h"
#include "cel/type.h"

#include <stdarg.h>

static Err *check(CelCheck *c, CelNode *node);

Err *cel_type_error(CelCheck *c, const CelNode *node, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    Str what = str_vfmt(c->mem, fmt, ap);
    va_end(ap);
    Err *e = err_new(c->mem, ERR_INVALID, "error.cel.type", "%.*s at %u", SFMT(what), node->at);
    return err_at(err_arg(e, 0, what), (ptrdiff_t)node->at);
}

static Err *unknown(CelCheck *c, const CelNode *node, Str name)
{
    Err *e =
        err_new(c->mem, ERR_INVALID, "error.cel.unknown", "unknown name %.*s at %u", SFMT(name), node->at);
    return err_at(err_arg(e, 0, name), (ptrdiff_t)node->at);
}

static Err *mismatch(CelCheck *c, const CelNode *node, const CelType *a, const CelType *b)
{
    Str x = cel_type_text(c->mem, a), y = cel_type_text(c->mem, b);
    return cel_type_error(c, node, "%.*s does not go with %.*s", SFMT(x), SFMT(y));
}

static bool is_dyn(const CelType *t)
{
    return t->kind == CEL_T_DYN || t->kind == CEL_T_ERROR;
}

static Err *want_bool(CelCheck *c, const CelNode *node)
{
    if (is_dyn(node->type) || node->type->kind == CEL_T_BOOL) return NULL;
    return cel_type_error(c, node, "a condition is wanted");
}

static Err *check_args(CelCheck *c, CelNode *node)
{
    for (size_t i = 0; i < node->n; i++) TRY(check(c, node->args[i]));
    return NULL;
}

/* --- names ------------------------------------------------------------------------------------------------------------- */

static const CelType *local_type(const CelCheck *c, Str name)
{
    for (const CelLocal *l = c->locals; l; l = l->up)
        if (str_eq(l->name, name)) return l->type;
    return NULL;
}

/* `name` as the environment knows it: with the container before it, longest first, then alone. */
static const CelType *env_type(const CelCheck *c, Str name)
{
    const CelEnv *env = c->env;
    if (!env->ident) return NULL;
    if (name.n && name.p[0] == '.') return env->ident(env->arg, str_from(name, 1));
    for (Str prefix = env->container; prefix.n;) {
        const CelType *t = env->ident(env->arg, str_fmt(c->mem, "%.*s.%.*s", SFMT(prefix), SFMT(name)));
        if (t) return t;
        size_t n = prefix.n;
        while (n && prefix.p[n - 1] != '.') n--;
        prefix = str_sub(prefix, 0, n ? n - 1 : 0);
    }
    return env->ident(env->arg, name);
}

static Err *check_ident(CelCheck *c, CelNode *node)
{
    CelKind kind;
    node->type = local_type(c, node->name);
    if (!node->type) node->type = env_type(c, node->name);
    if (!node->type && str_eq(node->name, S("now"))) node->type = &cel_timestamp;
    if (!node->type && cel_kind_named(node->name, &kind)) node->type = &cel_type;
    if (!node->type && c->env->is_dynamic) node->type = &cel_dyn;
    return node->type ? NULL : unknown(c, node, node->name);
}

/* "a.b.c" of a chain of plain selections whose root is no local variable; empty otherwise. */
static Str dotted_name(const CelCheck *c, const CelNode *node)
{
    if (node->op == CEL_IDENT) return local_type(c, node->name) ? (Str){0} : node->name;
    if (node->op != CEL_SELECT || node->is_test || node->is_optional) return (Str){0};
    Str head = dotted_name(c, node->args[0]);
    return head.n ? str_fmt(c->mem, "%.*s.%.*s", SFMT(head), SFMT(node->name)) : head;
}

static Err *field_of(CelCheck *c, const CelNode *node, const CelType *t, const CelType **out)
{
    switch (t->kind) {
    case CEL_T_DYN:
    case CEL_T_ERROR:
    case CEL_T_NULL: *out = &cel_dyn; return NULL;
    case CEL_T_MAP: *out = t->elem; return NULL;
    case CEL_T_OPTIONAL:
        TRY(field_of(c, node, t->elem, out));
        *out = cel_optional_of(c->mem, *out);
        return NULL;
    case CEL_T_ID:
    case CEL_T_OBJECT:
        *out = c->env->field ? c->env->field(c->env->arg, t, node->name) : NULL;
        return *out ? NULL : unknown(c, node, node->name);
    default: return cel_type_error(c, node, "%.*s has no fields", SFMT(cel_type_text(c->mem, t)));
    }
}

static Err *check_select(CelCheck *c, CelNode *node)
{
    Str name = c->env->is_dynamic ? dotted_name(c, node) : (Str){0};
    CelKind kind;
    if (name.n && (node->type = env_type(c, name))) {
        node->args[0]->type = &cel_dyn;
        return NULL;
    }
    bool is_null = str_eq(name, S(CEL_NULL_VALUE));
    if (is_null || (name.n && cel_kind_named(name, &kind))) {
        node->type = is_null ? &cel_null : &cel_type;
        node->args[0]->type = &cel_dyn;
        return NULL;
    }
    TRY(check(c, node->args[0]));
    TRY(field_of(c, node, node->args[0]->type, &node->type));
    if (node->is_optional && node->type->kind != CEL_T_OPTIONAL)
        node->type = cel_optional_of(c->mem, node->type);
    if (node->is_test) node->type = &cel_bool;
    return NULL;
}

static Err *index_of(CelCheck *c, const CelNode *node, const CelType *t, const CelType *key,
                     const CelType **out)
{
    switch (t->kind) {
    case CEL_T_DYN:
    case CEL_T_ERROR:
    case CEL_T_NULL: *out = &cel_dyn; return NULL;
    case CEL_T_LIST:
        *out = t->elem;
        return is_dyn(key) || key->kind == CEL_T_INT ? NULL
                                                     : cel_type_error(c, node, "an index must be an int");
    case CEL_T_MAP: *out = t->elem; return cel_fits(key, t->key) ? NULL : mismatch(c, node, key, t->key);
    case CEL_T_OPTIONAL:
        TRY(index_of(c, node, t->elem, key, out));
        *out = cel_optional_of(c->mem, *out);
        return NULL;
    default: return cel_type_error(c, node, "%.*s has no elements", SFMT(cel_type_text(c->mem, t)));
    }
}

static Err *check_index(CelCheck *c, CelNode *node)
{
    TRY(check_args(c, node));
    TRY(index_of(c, node, node->args[0]->type, node->args[1]->type, &node->type));
    if (node->is_optional && node->type->kind != CEL_T_OPTIONAL)
        node->type = cel_optional_of(c->mem, node->type);
    return NULL;
}

/* --- lists and maps ------------------------------------------------------------------------------------------------------ */

static const CelType *element_type(const CelNode *node)
{
    if (node->is_optional && node->op == CEL_CALL && node->name.n == 0)
        return node->type->kind == CEL_T_OPTIONAL ? node->type->elem : &cel_dyn;
    return node->type;
}

static Err *check_list(CelCheck *c, CelNode *node)
{
    const CelType *elem = NULL;
    TRY(check_args(c, node));
    for (size_t i = 0; i < node->n; i++) elem = cel_common(elem, element_type(node->args[i]));
    node->type = cel_list_of(c->mem, elem ? elem : &cel_dyn);
    return NULL;
}

static Err *check_map(CelCheck *c, CelNode *node)
{
    const CelType *key = NULL, *elem = NULL;
    TRY(check_args(c, node));
    for (size_t i = 0; i + 1 < node->n; i += 2) {
        key = cel_common(key, node->args[i]->type);
        elem = cel_common(elem, element_type(node->args[i + 1]));
    }
    node->type = cel_map_of(c->mem, key ? key : &cel_dyn, elem ? elem : &cel_dyn);
    return NULL;
}

static Err *check_struct(CelCheck *c, CelNode *node)
{
    if (!c->env->is_dynamic) return unknown(c, node, node->name);
    node->type = &cel_dyn;
    return check_args(c, node);
}

/* --- operators ----------------------------------------------------------------------------------------------------------- */

static Err *check_logic(CelCheck *c, CelNode *node)
{
    TRY(check_args(c, node));
    for (size_t i = 0; i < node->n; i++) TRY(want_bool(c, node->args[i]));
    node->type = &cel_bool;
    return NULL;
}

static Err *check_negation(CelCheck *c, CelNode *node)
{
    TRY(check_args(c, node));
    const CelType *t = node->type = node->args[0]->type;
    bool can = t->kind == CEL_T_INT || t->kind == CEL_T_DOUBLE || t->kind == CEL_T_DECIMAL ||
               t->kind == CEL_T_MONEY || is_dyn(t);
    return can ? NULL : cel_type_error(c, node, "%.*s has no negative", SFMT(cel_type_text(c->mem, t)));
}

/* Money goes with money and with a bare literal, never with another number field. */
static bool is_money_pair(const CelNode *a, const CelNode *b)
{
    CelKind x = a->type->kind, y = b->type->kind;
    if (x == CEL_T_MONEY && y == CEL_T_MONEY) return true;
    if (x == CEL_T_MONEY) return cel_is_number(b->type) && cel_is_constant(b);
    return y == CEL_T_MONEY && cel_is_number(a->type) && cel_is_constant(a);
}

static bool is_exact(const CelType *t)
{
    return t->kind == CEL_T_INT || t->kind == CEL_T_DECIMAL;
}

/* Result of arithmetic on two numbers or amounts; NULL when there is none. */
static const CelType *number_result(CelOp op, const CelNode *l, const CelNode *r)
{
    CelKind a = l->type->kind, b = r->type->kind;
    if (op == CEL_MOD) return a == b && (a == CEL_T_INT || a == CEL_T_UINT) ? l->type : NULL;
    if (op == CEL_ADD || op == CEL_SUB) {
        if (is_money_pair(l, r)) return &cel_money;
    } else if (a == CEL_T_MONEY) {
        if (b == CEL_T_MONEY) return op == CEL_DIV ? &cel_decimal : NULL;
        return is_exact(r->type) ? &cel_money : NULL;
    } else if (b == CEL_T_MONEY) {
        return op == CEL_MUL && is_exact(l->type) ? &cel_money : NULL;
    }
    if (!cel_is_number(l->type) || !cel_is_number(r->type)) return NULL;
    if (a == b) return l->type;
    return is_exact(l->type) && is_exact(r->type) ? &cel_decimal : NULL;
}

/* The same for everything else that can be added: texts, lists, times. */
static const struct {
    uint8_t op, a, b, result;
} sums[] = {
    {CEL_ADD, CEL_T_STRING, CEL_T_STRING, CEL_T_STRING},
    {CEL_ADD, CEL_T_BYTES, CEL_T_BYTES, CEL_T_BYTES},
    {CEL_ADD, CEL_T_TIMESTAMP, CEL_T_DURATION, CEL_T_TIMESTAMP},
    {CEL_ADD, CEL_T_DURATION, CEL_T_TIMESTAMP, CEL_T_TIMESTAMP},
    {CEL_ADD, CEL_T_DURATION, CEL_T_DURATION, CEL_T_DURATION},
    {CEL_ADD, CEL_T_DATE, CEL_T_DURATION, CEL_T_DATE},
    {CEL_ADD, CEL_T_DURATION, CEL_T_DATE, CEL_T_DATE},
    {CEL_SUB, CEL_T_TIMESTAMP, CEL_T_DURATION, CEL_T_TIMESTAMP},
    {CEL_SUB, CEL_T_TIMESTAMP, CEL_T_TIMESTAMP, CEL_T_DURATION},
    {CEL_SUB, CEL_T_DURATION, CEL_T_DURATION, CEL_T_DURATION},
    {CEL_SUB, CEL_T_DATE, CEL_T_DURATION, CEL_T_DATE},
    {CEL_SUB, CEL_T_DATE, CEL_T_DATE, CEL_T_DURATION},
};

static const CelType *sum_result(const CelCheck *c, CelOp op, const CelType *a, const CelType *b)
{
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        if (sums[i].op == op && sums[i].a == a->kind && sums[i].b == b->kind)
            return cel_plain(sums[i].result);
    if (op != CEL_ADD || a->kind != CEL_T_LIST || b->kind != CEL_T_LIST) return NULL;
    return cel_list_of(c->mem, cel_common(a->elem, b->elem));
}

static bool is_either_dyn(const CelNode *node)
{
    return is_dyn(node->args[0]->type) || is_dyn(node->args[1]->type);
}

/* '2026-01-01' beside a date is a date only where dates meet: date + '1h' reads the text as a duration. */
static Err *reconcile_sum(CelCheck *c, CelNode *node)
{
    CelKind a = node->args[0]->type->kind, b = node->args[1]->type->kind;
    bool is_time = a == CEL_T_DATE || a == CEL_T_TIMESTAMP || a == CEL_T_DURATION;
    if (is_time && b == CEL_T_STRING && node->op == CEL_ADD)
        return cel_coerce(c, node->args[1], &cel_duration);
    return cel_reconcile(c, &node->args[0], &node->args[1]);
}

static Err *check_arithmetic(CelCheck *c, CelNode *node)
{
    TRY(check_args(c, node));
    TRY(reconcile_sum(c, node));
    CelNode *l = node->args[0], *r = node->args[1];
    if (is_either_dyn(node)) {
        node->type = &cel_dyn;
        return NULL;
    }
    node->type = number_result(node->op, l, r);
    if (!node->type) node->type = sum_result(c, node->op, l->type, r->type);
    return node->type ? NULL : mismatch(c, node, l->type, r->type);
}

/* A date beside a moment is the start of that day. */
static Err *reconcile_times(CelCheck *c, CelNode **a, CelNode **b)
{
    TRY(cel_reconcile(c, a, b));
    if ((*a)->type->kind == CEL_T_DATE && (*b)->type->kind == CEL_T_TIMESTAMP) return cel_widen_date(c, a);
    if ((*b)->type->kind == CEL_T_DATE && (*a)->type->kind == CEL_T_TIMESTAMP) return cel_widen_date(c, b);
    return NULL;
}

static bool is_ordered(const CelType *t)
{
    switch (t->kind) {
    case CEL_T_BOOL:
    case CEL_T_STRING:
    case CEL_T_BYTES:
    case CEL_T_DATE:
    case CEL_T_TIME:
    case CEL_T_TIMESTAMP:
    case CEL_T_DURATION: return true;
    default: return false;
    }
}

static bool is_number_pair(const CelType *a, const CelType *b)
{
    bool has_double = a->kind == CEL_T_DOUBLE || b->kind == CEL_T_DOUBLE;
    bool has_decimal = a->kind == CEL_T_DECIMAL || b->kind == CEL_T_DECIMAL;
    return cel_is_number(a) && cel_is_number(b) && !(has_double && has_decimal);
}

static Err *check_order(CelCheck *c, CelNode *node)
{
    TRY(check_args(c, node));
    TRY(reconcile_times(c, &node->args[0], &node->args[1]));
    const CelNode *l = node->args[0], *r = node->args[1];
    node->type = &cel_bool;
    if (is_either_dyn(node) || is_money_pair(l, r) || is_number_pair(l->type, r->type)) return NULL;
    if (is_ordered(l->type) && l->type->kind == r->type->kind) return NULL;
    return mismatch(c, node, l->type, r->type);
}

/* Equality is within a type; whole and decimal numbers are one there. */
static bool can_equal(const CelNode *l, const CelNode *r)
{
    if (cel_fits(l->type, r->type) || is_money_pair(l, r)) return true;
    return is_exact(l->type) && is_exact(r->type);
}

static Err *check_equality(CelCheck *c, CelNode *node)
{
    TRY(check_args(c, node));
    TRY(reconcile_times(c, &node->args[0], &node->args[1]));
    node->type = &cel_bool;
    const CelNode *l = node->args[0], *r = node->args[1];
    return can_equal(l, r) ? NULL : mismatch(c, node, l->type, r->type);
}

static Err *check_in(CelCheck *c, CelNode *node)
{
    TRY(check_args(c, node));
    CelNode *what = node->args[0], *where = node->args[1];
    node->type = &cel_bool;
    if (is_dyn(where->type) || where->type->kind == CEL_T_NULL) return NULL;
    if (where->type->kind == CEL_T_MAP)
        return cel_fits(what->type, where->type->key) ? NULL
                                                      : mismatch(c, node, what->type, where->type->key);
    if (where->type->kind != CEL_T_LIST) return cel_type_error(c, where, "a list is wanted");
    TRY(cel_coerce(c, where, cel_list_of(c->mem, what->type)));
    TRY(cel_coerce(c, what, where->type->elem));
    const CelType *elem = where->type->elem;
    if (cel_fits(what->type, elem) || (is_exact(what->type) && is_exact(elem))) return NULL;
    if (what->type->kind == CEL_T_MONEY && where->op == CEL_LIST && cel_is_number(elem)) return NULL;
    return mismatch(c, node, what->type, elem);
}

static Err *check_condition(CelCheck *c, CelNode *node)
{
    TRY(check_args(c, node));
    TRY(want_bool(c, node->args[0]));
    TRY(cel_reconcile(c, &node->args[1], &node->args[2]));
    const CelType *a = node->args[1]->type, *b = node->args[2]->type;
    node->type = is_dyn(a) || is_dyn(b) ? &cel_dyn : cel_common(a, b);
    if (is_exact(a) && is_exact(b) && a != b) {
        node->type = &cel_decimal;
        return NULL;
    }
    return cel_fits(a, b) || is_money_pair(node->args[1], node->args[2]) ? NULL : mismatch(c, node, a, b);
}

/* --- calls --------------------------------------------------------------------------------------------------------------- */

static uint8_t arg_kind(const CelFunction *f, size_t i)
{
    return f->args[i < f->n ? i : f->n - 1u];
}

static bool takes_count(const CelFunction *f, const CelNode *node)
{
    if (f->is_method != node->is_method) return false;
    return f->is_variadic ? node->n >= f->n : node->n == f->n;
}

static bool takes_kinds(const CelFunction *f, const CelNode *node)
{
    for (size_t i = 0; i < node->n; i++) {
        const CelType *t = node->args[i]->type, *want = cel_plain(arg_kind(f, i));
        if (!cel_fits(t, want)) return false;
    }
    return true;
}

/* Whether literals among the arguments may become what the overload wants. */
static bool takes_coerced(CelCheck *c, const CelFunction *f, const CelNode *node)
{
    for (size_t i = 0; i < node->n; i++) {
        const CelType *want = cel_plain(arg_kind(f, i)), *t = node->args[i]->type;
        bool is_number = want->kind == CEL_T_DECIMAL && cel_is_number(t) && cel_is_constant(node->args[i]);
        if (!cel_fits(t, want) && !is_number) return false;
    }
    return !c->env->is_dynamic || node->n > 0;
}

static const CelType *shape(CelCheck *c, const CelFunction *f, const CelNode *node)
{
    const CelType *first = node->n ? node->args[0]->type : &cel_dyn;
    switch ((CelShape)f->shape) {
    case CEL_SHAPE_ARG0: return first->kind == CEL_T_NULL && node->n > 1 ? node->args[1]->type : first;
    case CEL_SHAPE_ARG1: return node->args[1]->type;
    case CEL_SHAPE_ELEM0: return first->elem ? first->elem : &cel_dyn;
    case CEL_SHAPE_LIST: return cel_list_of(c->mem, cel_plain(f->result));
    case CEL_SHAPE_OPTIONAL: return cel_optional_of(c->mem, first);
    case CEL_SHAPE_PLAIN: break;
    }
    return cel_plain(f->result);
}

/* All overloads that may be meant: one decides the call, several leave it to run time. */
static Err *choose_overload(CelCheck *c, CelNode *node)
{
    const CelFunction *chosen = NULL;
    const CelType *result = NULL;
    size_t n = 0;
    for (const CelFunction *f = node->function; f; f = cel_function_next(f)) {
        if (!takes_count(f, node) || !takes_kinds(f, node)) continue;
        const CelType *t = shape(c, f, node);
        result = result ? cel_common(result, t) : t;
        if (n++ == 0) chosen = f;
    }
    if (n == 0) return cel_type_error(c, node, "%.*s does not take these", SFMT(node->name));
    if (n == 1) node->function = chosen;
    node->type = result;
    return NULL;
}

static Err *coerce_for_overload(CelCheck *c, CelNode *node)
{
    for (const CelFunction *f = node->function; f; f = cel_function_next(f))
        if (takes_count(f, node) && takes_kinds(f, node)) return NULL;
    for (const CelFunction *f = node->function; f; f = cel_function_next(f)) {
        if (!takes_count(f, node) || !takes_coerced(c, f, node)) continue;
        for (size_t i = 0; i < node->n; i++) TRY(cel_coerce(c, node->args[i], cel_plain(arg_kind(f, i))));
        return NULL;
    }
    return NULL;
}

/* orValue(x, d): the default takes the type of what it stands for. */
static Err *check_or_value(CelCheck *c, CelNode *node)
{
    TRY(cel_reconcile(c, &node->args[0], &node->args[1]));
    const CelType *a = node->args[0]->type, *b = node->args[1]->type;
    bool fits = cel_fits(a, b) || (is_exact(a) && is_exact(b)) || is_money_pair(node->args[0], node->args[1]);
    return fits ? NULL : mismatch(c, node, a, b);
}

static Err *check_call(CelCheck *c, CelNode *node)
{
    TRY(check_args(c, node));
    if (node->is_optional && node->name.n == 0) {
        node->type = node->args[0]->type;
        bool fits = is_dyn(node->type) || node->type->kind == CEL_T_OPTIONAL;
        return fits ? NULL : cel_type_error(c, node, "an optional value is wanted");
    }
    node->function = cel_function_find(node->name);
    if (!node->function) return unknown(c, node, node->name);
    if (!node->is_method && node->n == 2 && str_eq(node->name, S("orValue"))) TRY(check_or_value(c, node));
    TRY(coerce_for_overload(c, node));
    return choose_overload(c, node);
}

/* --- comprehensions -------------------------------------------------------------------------------------------------------- */

static Err *range_types(CelCheck *c, const CelNode *node, bool is_pair, const CelType **first,
                        const CelType **second)
{
    const CelType *t = node->type;
    *second = t->elem ? t->elem : &cel_dyn;
    switch (t->kind) {
    case CEL_T_DYN:
    case CEL_T_ERROR: *first = &cel_dyn; return NULL;
    case CEL_T_LIST: *first = is_pair ? &cel_int : t->elem; return NULL;
    case CEL_T_MAP: *first = t->key; return NULL;
    default: return cel_type_error(c, node, "a list or map is wanted");
    }
}

static bool is_named(const CelNode *node, const char *name)
{
    return str_eq_c(node->name, name);
}

static const CelType *comprehension_type(CelCheck *c, const CelNode *node, const CelType *first)
{
    const CelType *last = node->args[node->n - 1u]->type;
    if (is_named(node, "map") || is_named(node, "transformList")) return cel_list_of(c->mem, last);
    if (is_named(node, "filter")) return cel_list_of(c->mem, first);
    if (is_named(node, "transformMap")) return cel_map_of(c->mem, first, last);
    if (is_named(node, "transformMapEntry")) return last;
    if (is_named(node, "optMap")) return cel_optional_of(c->mem, last);
    if (is_named(node, "bind") || is_named(node, "optFlatMap")) return last;
    return &cel_bool;
}

static bool wants_condition(const CelNode *node)
{
    return node->n == 3 || is_named(node, "all") || is_named(node, "exists") ||
           is_named(node, "exists_one") || is_named(node, "filter");
}

static Err *variable_types(CelCheck *c, const CelNode *node, const CelType **first, const CelType **second)
{
    const CelType *range = node->args[0]->type;
    *first = *second = range;
    if (is_named(node, "bind")) return NULL;
    if (!is_named(node, "optMap") && !is_named(node, "optFlatMap"))
        return range_types(c, node->args[0], node->var2.n > 0, first, second);
    *first = range->kind == CEL_T_OPTIONAL ? range->elem : &cel_dyn;
    bool fits = is_dyn(range) || range->kind == CEL_T_OPTIONAL;
    return fits ? NULL : cel_type_error(c, node, "an optional value is wanted");
}

static Err *check_comprehension(CelCheck *c, CelNode *node)
{
    const CelType *first = NULL, *second = NULL;
    TRY(check(c, node->args[0]));
    TRY(variable_types(c, node, &first, &second));
    CelLocal one = {node->var, first, c->locals}, two = {node->var2, second, &one};
    c->locals = node->var2.n ? &two : &one;
    for (size_t i = 1; i < node->n; i++) TRY(check(c, node->args[i]));
    c->locals = one.up;
    if (wants_condition(node)) TRY(want_bool(c, node->args[1]));
    node->type = comprehension_type(c, node, first);
    return NULL;
}

/* --- all together ------------------------------------------------------------------------------------------------------------ */

static const CelType *literal_type(const CelNode *node)
{
    switch (node->lit.kind) {
    case VAL_BOOL: return &cel_bool;
    case VAL_INT: return &cel_int;
    case VAL_UINT: return &cel_uint;
    case VAL_DOUBLE: return &cel_double;
    case VAL_TEXT: return &cel_string;
    case VAL_BYTES: return &cel_bytes;
    case VAL_DECIMAL: return &cel_decimal; /* the others only when the tree was checked before */
    case VAL_DATE: return &cel_date;
    case VAL_TIME: return &cel_time;
    case VAL_TIMESTAMP: return &cel_timestamp;
    case VAL_DURATION: return &cel_duration;
    case VAL_ID: return &cel_id;
    default: return &cel_null;
    }
}

static Err *check(CelCheck *c, CelNode *node)
{
    switch ((CelOp)node->op) {
    case CEL_LITERAL: node->type = literal_type(node); return NULL;
    case CEL_IDENT: return check_ident(c, node);
    case CEL_SELECT: return check_select(c, node);
    case CEL_INDEX: return check_index(c, node);
    case CEL_CALL: return check_call(c, node);
    case CEL_LIST: return check_list(c, node);
    case CEL_MAP: return check_map(c, node);
    case CEL_STRUCT: return check_struct(c, node);
    case CEL_AND:
    case CEL_OR:
    case CEL_NOT: return check_logic(c, node);
    case CEL_NEG: return check_negation(c, node);
    case CEL_COND: return check_condition(c, node);
    case CEL_EQ:
    case CEL_NE: return check_equality(c, node);
    case CEL_LT:
    case CEL_LE:
    case CEL_GT:
    case CEL_GE: return check_order(c, node);
    case CEL_IN: return check_in(c, node);
    case CEL_ADD:
    case CEL_SUB:
    case CEL_MUL:
    case CEL_DIV:
    case CEL_MOD: return check_arithmetic(c, node);
    case CEL_COMPREHENSION: return check_comprehension(c, node);
    }
    REQUIRE(false);
}

Err *cel_check(Arena *mem, const CelEnv *env, CelNode *root, const CelType *wanted)
{
    CelCheck c = {.mem = mem, .env = env, .last_id = root->id};
    TRY(check(&c, root));
    if (!wanted) return NULL;
    TRY(cel_coerce(&c, root, wanted));
    const CelType *t = root->type;
    bool is_numeric = wanted->kind == CEL_T_DECIMAL || wanted->kind == CEL_T_MONEY;
    if (cel_fits(t, wanted) || (is_numeric && is_exact(t))) return NULL;
    return mismatch(&c, root, t, wanted);
}
