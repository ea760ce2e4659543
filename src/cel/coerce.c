/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Literals take the type of what they stand beside: 0.1 beside an amount is the decimal 0.1 from its source text and never
   a double, '2026-01-01' beside a date is that date, 'D-17' beside a number
   written so is 17.  Done once, by the checker, on the tree itself, so that the evaluator
   and the SQL compiler see the same values. */

#include "base/decimal.h"
#include "base/id.h"
#include "base/text.h"
#include "base/time.h"
#include "cel/check.h"
#include "cel/functions.h"
#include "cel/type.h"

bool cel_is_number(const CelType *t)
{
    return t->kind == CEL_T_INT || t->kind == CEL_T_UINT || t->kind == CEL_T_DOUBLE ||
           t->kind == CEL_T_DECIMAL;
}

bool cel_is_constant(const CelNode *node)
{
    switch (node->op) {
    case CEL_LITERAL: return true;
    case CEL_NEG:
    case CEL_ADD:
    case CEL_SUB:
    case CEL_MUL:
    case CEL_DIV:
        for (size_t i = 0; i < node->n; i++)
            if (!cel_is_constant(node->args[i])) return false;
        return true;
    default: return false;
    }
}

static bool is_loose(const CelType *t)
{
    return t->kind == CEL_T_DYN || t->kind == CEL_T_NULL || t->kind == CEL_T_ERROR;
}

static bool is_reference(const CelType *t)
{
    return t->kind == CEL_T_ID || t->kind == CEL_T_OBJECT;
}

bool cel_fits(const CelType *from, const CelType *to)
{
    if (is_loose(from) || is_loose(to)) return true;
    if (is_reference(from) && is_reference(to)) return true;
    if (from->kind != to->kind) return false;
    if (from->elem && to->elem && !cel_fits(from->elem, to->elem)) return false;
    return !from->key || !to->key || cel_fits(from->key, to->key);
}

const CelType *cel_common(const CelType *a, const CelType *b)
{
    if (!a || a->kind == CEL_T_NULL) return b;
    if (b->kind == CEL_T_NULL || a == b) return a;
    if (a->kind != b->kind || a->kind == CEL_T_DYN) return &cel_dyn;
    return cel_fits(a, b) ? a : &cel_dyn;
}

/* --- literals ---------------------------------------------------------------------------------------------------------- */

static Err *number_to_decimal(CelCheck *c, CelNode *node)
{
    Val v = node->lit;
    if (v.kind == VAL_INT && v.i >= -DECIMAL_MAX && v.i <= DECIMAL_MAX) {
        node->lit = val_decimal(v.i, 0);
    } else {
        int64_t scaled = 0;
        uint8_t places = 0;
        Str text = node->text;
        if (str_starts(text, S("."))) text = str_cat(c->mem, S("0"), text);
        if (str_starts(text, S("-."))) text = str_cat(c->mem, S("-0"), str_from(text, 1));
        if (!decimal_parse(text, &scaled, &places))
            return cel_type_error(c, node, "%.*s does not fit a decimal", SFMT(node->text));
        node->lit = val_decimal(scaled, places);
    }
    node->type = &cel_decimal;
    return NULL;
}

static bool text_to_timestamp(const CelCheck *c, Str s, Val *out)
{
    int64_t days = 0;
    if (timestamp_parse(s, out)) return true;
    if (!date_parse(s, &days)) return false;
    *out = val_from_ms(zone_day_start(c->env->zone.n ? c->env->zone : S("UTC"), days));
    return true;
}

static bool text_to(const CelCheck *c, Str s, CelKind kind, Val *out)
{
    int64_t i = 0;
    switch (kind) {
    case CEL_T_DATE:
        if (!date_parse(s, &i)) return false;
        *out = val_date(i);
        return true;
    case CEL_T_TIME:
        if (!time_of_day_parse(s, &i)) return false;
        *out = val_time_of_day(i);
        return true;
    case CEL_T_ID:
    case CEL_T_OBJECT:
        if (!id_parse(s, &i)) return false;
        *out = val_id(i);
        return true;
    case CEL_T_TIMESTAMP: return text_to_timestamp(c, s, out);
    case CEL_T_DURATION: return duration_parse(s, out);
    default: return false;
    }
}

static bool reads_text(CelKind kind)
{
    return kind == CEL_T_DATE || kind == CEL_T_TIME || kind == CEL_T_ID || kind == CEL_T_OBJECT ||
           kind == CEL_T_TIMESTAMP || kind == CEL_T_DURATION;
}

/* 'D-17' beside a number that people see as "D-{0}" is 17; other texts stay what they are. */
static void written_to_int(CelNode *node, Str form)
{
    ptrdiff_t at = str_find(form, S("{0}"));
    Str text = val_str(node->lit);
    int64_t number;

    if (at < 0) return;
    Str head = str_sub(form, 0, (size_t)at), tail = str_from(form, (size_t)at + 3);
    if (text.n <= head.n + tail.n || !str_starts(text, head) || !str_ends(text, tail)) return;
    if (!str_to_i64(str_sub(text, head.n, text.n - head.n - tail.n), &number) || number < 0) return;
    node->lit = val_int(number);
    node->type = &cel_int;
}

static Err *coerce_literal(CelCheck *c, CelNode *node, const CelType *want)
{
    Val v = node->lit;
    bool is_number = v.kind == VAL_INT || v.kind == VAL_DOUBLE;
    if ((want->kind == CEL_T_DECIMAL || want->kind == CEL_T_MONEY) && is_number)
        return number_to_decimal(c, node);
    if (want->kind == CEL_T_DOUBLE && v.kind == VAL_INT && !c->env->is_dynamic) {
        node->lit = val_double((double)v.i);
        node->type = &cel_double;
    }
    if (v.kind == VAL_TEXT && want->kind == CEL_T_INT && want->object.n) written_to_int(node, want->object);
    if (v.kind != VAL_TEXT || !reads_text(want->kind)) return NULL;
    if (!text_to(c, val_str(v), want->kind, &node->lit))
        return cel_type_error(c, node, "'%.*s' is no %.*s", SFMT(val_str(v)),
                              SFMT(cel_kind_name(want->kind)));
    node->type = want->kind == CEL_T_OBJECT ? &cel_id : cel_plain(want->kind);
    return NULL;
}

/* --- trees of literals --------------------------------------------------------------------------------------------------- */

static Err *coerce_args(CelCheck *c, CelNode *node, size_t from, const CelType *want)
{
    for (size_t i = from; i < node->n; i++) TRY(cel_coerce(c, node->args[i], want));
    return NULL;
}

/* Arithmetic on literals follows them, except the division of whole numbers, which has its own meaning. */
static Err *coerce_arithmetic(CelCheck *c, CelNode *node, const CelType *want)
{
    bool wants_number =
        want->kind == CEL_T_DECIMAL || want->kind == CEL_T_MONEY || want->kind == CEL_T_DOUBLE;
    if (!wants_number || !cel_is_constant(node)) return NULL;
    if (node->op == CEL_DIV && node->type->kind == CEL_T_INT) return NULL;
    TRY(coerce_args(c, node, 0, want));
    node->type = node->args[0]->type;
    return NULL;
}

static Err *coerce_branches(CelCheck *c, CelNode *node, const CelType *want)
{
    TRY(coerce_args(c, node, 1, want));
    const CelType *a = node->args[1]->type, *b = node->args[2]->type;
    node->type = is_loose(a) ? b : a;
    return NULL;
}

static Err *coerce_list(CelCheck *c, CelNode *node, const CelType *want)
{
    if (want->kind != CEL_T_LIST || !want->elem || node->n == 0) return NULL;
    TRY(coerce_args(c, node, 0, want->elem));
    const CelType *elem = node->args[0]->type;
    for (size_t i = 1; i < node->n; i++) elem = cel_common(elem, node->args[i]->type);
    if (elem->kind == CEL_T_NULL) elem = &cel_dyn;
    node->type = cel_list_of(c->mem, elem);
    return NULL;
}

Err *cel_coerce(CelCheck *c, CelNode *node, const CelType *want)
{
    switch (node->op) {
    case CEL_LITERAL: return coerce_literal(c, node, want);
    case CEL_NEG:
    case CEL_ADD:
    case CEL_SUB:
    case CEL_MUL:
    case CEL_DIV: return coerce_arithmetic(c, node, want);
    case CEL_COND: return coerce_branches(c, node, want);
    case CEL_LIST: return coerce_list(c, node, want);
    default: return NULL;
    }
}

/* A whole-number field beside 1.5: the literal is a decimal, because no field is a double. */
static Err *double_beside_int(CelCheck *c, CelNode *number, const CelNode *other)
{
    if (c->env->is_dynamic || number->type->kind != CEL_T_DOUBLE || other->type->kind != CEL_T_INT)
        return NULL;
    if (!cel_is_constant(number) || cel_is_constant(other)) return NULL;
    return cel_coerce(c, number, &cel_decimal);
}

Err *cel_reconcile(CelCheck *c, CelNode **a, CelNode **b)
{
    if ((*a)->type->kind == (*b)->type->kind && (*a)->op != CEL_LIST && (*b)->op != CEL_LIST) return NULL;
    TRY(double_beside_int(c, *a, *b));
    TRY(double_beside_int(c, *b, *a));
    TRY(cel_coerce(c, *a, (*b)->type));
    TRY(cel_coerce(c, *b, (*a)->type));
    return NULL;
}

Err *cel_widen_date(CelCheck *c, CelNode **node)
{
    CelNode *call = NEW(c->mem, CelNode);
    *call = (CelNode){.op = CEL_CALL, .n = 1, .depth = (uint16_t)((*node)->depth + 1), .at = (*node)->at};
    call->id = ++c->last_id;
    call->name = S("timestamp");
    call->args = NEW_N(c->mem, CelNode *, 1);
    call->args[0] = *node;
    call->type = &cel_timestamp;
    for (const CelFunction *f = cel_function_find(call->name); f; f = cel_function_next(f))
        if (f->args[0] == CEL_T_DATE) call->function = f;
    *node = call;
    return NULL;
}
