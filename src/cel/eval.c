/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluator: walks the tree once, with a budget of steps that also pays for memory, so that no expression of a user can
   hold the server.  Works on checked and unchecked trees alike; kinds are looked at when they are there.  && and || absorb
   an error when the other side decides, comprehensions likewise; running out of budget is never absorbed. */

#include "base/limits.h"
#include "cel/run.h"
#include "cel/type.h"

#include <stdarg.h>

#define ERROR_STEPS 16

static Err *eval(CelRun *run, const CelNode *node, Val *out);

Err *cel_fail(CelRun *run, const char *fmt, ...)
{
    unsigned at = run->node ? run->node->at : 0;
    va_list ap;
    va_start(ap, fmt);
    Str what = str_vfmt(run->mem, fmt, ap);
    va_end(ap);
    run->left -= ERROR_STEPS;
    Err *e = err_new(run->mem, ERR_INVALID, "error.cel.eval", "%.*s at %u", SFMT(what), at);
    return err_at(err_arg(e, 0, what), (ptrdiff_t)at);
}

Err *cel_spend(CelRun *run, size_t steps)
{
    unsigned at = run->node ? run->node->at : 0;
    if (steps < INT32_MAX && run->left >= (int64_t)steps) {
        run->left -= (int64_t)steps;
        return NULL;
    }
    run->left = -1;
    return err_at(err_new(run->mem, ERR_LIMIT, "error.cel.cost", "the expression takes too long at %u", at),
                  (ptrdiff_t)at);
}

static bool is_fatal(const Err *e)
{
    return e->code == ERR_LIMIT;
}

Err *cel_items(CelRun *run, size_t n, Val **out)
{
    TRY(cel_spend(run, n / 4 + 1));
    *out = NEW_N(run->mem, Val, n ? n : 1);
    return NULL;
}

Err *cel_pairs(CelRun *run, size_t n, ValPair **out)
{
    TRY(cel_spend(run, n / 2 + 1));
    *out = NEW_N(run->mem, ValPair, n ? n : 1);
    return NULL;
}

Err *cel_from_buf(CelRun *run, const Buf *b, Val *out)
{
    TRY(cel_spend(run, b->n / 16 + 1));
    if (b->is_over) return cel_spend(run, INT32_MAX);
    *out = val_text(buf_str(b));
    return NULL;
}

/* --- names --------------------------------------------------------------------------------------------------------------- */

static bool find_local(const CelRun *run, Str name, Val *out)
{
    for (const CelVar *v = run->vars; v; v = v->up) {
        if (!str_eq(v->name, name)) continue;
        *out = v->val;
        return true;
    }
    return false;
}

static bool scope_ident(CelRun *run, Str name, Val *out)
{
    return run->scope->ident && run->scope->ident(run->scope->arg, run->mem, name, out);
}

/* `name` with the container before it, longest first, then alone. */
static bool find_global(CelRun *run, Str name, Val *out)
{
    if (name.n && name.p[0] == '.') return scope_ident(run, str_from(name, 1), out);
    for (Str prefix = run->scope->container; run->scope->has_dotted_names && prefix.n;) {
        if (scope_ident(run, str_fmt(run->mem, "%.*s.%.*s", SFMT(prefix), SFMT(name)), out)) return true;
        size_t n = prefix.n;
        while (n && prefix.p[n - 1] != '.') n--;
        prefix = str_sub(prefix, 0, n ? n - 1 : 0);
    }
    return scope_ident(run, name, out);
}

static bool find_type(Str name, Val *out)
{
    CelKind kind;
    if (name.n && name.p[0] == '.') name = str_from(name, 1);
    if (str_eq(name, S(CEL_NULL_VALUE))) return *out = val_null(), true;
    if (!cel_kind_named(name, &kind)) return false;
    *out = val_type(cel_kind_name(kind));
    return true;
}

static Err *eval_ident(CelRun *run, const CelNode *node, Val *out)
{
    if (find_local(run, node->name, out) || find_global(run, node->name, out)) return NULL;
    if (str_eq(node->name, S("now"))) {
        *out = val_from_ms(run->scope->now_ms);
        return NULL;
    }
    if (find_type(node->name, out)) return NULL;
    return cel_fail(run, "unknown name %.*s", SFMT(node->name));
}

/* --- fields ---------------------------------------------------------------------------------------------------------------- */

/* "a.b.c" of a chain of plain selections whose root is no local variable; empty otherwise. */
static Str dotted_name(CelRun *run, const CelNode *node)
{
    Val v;
    if (node->op == CEL_IDENT) return find_local(run, node->name, &v) ? (Str){0} : node->name;
    if (node->op != CEL_SELECT || node->is_test || node->is_optional) return (Str){0};
    Str head = dotted_name(run, node->args[0]);
    return head.n ? str_fmt(run->mem, "%.*s.%.*s", SFMT(head), SFMT(node->name)) : head;
}

static bool eval_dotted(CelRun *run, const CelNode *node, Val *out)
{
    if (!run->scope->has_dotted_names || node->is_test || node->is_optional) return false;
    run->left -= node->depth;
    Str name = dotted_name(run, node);
    return name.n && (find_global(run, name, out) || find_type(name, out));
}

static bool is_reference(const CelNode *node, Val v)
{
    if (v.kind == VAL_REF || v.kind == VAL_ID) return true;
    bool is_typed = node->type && (node->type->kind == CEL_T_ID || node->type->kind == CEL_T_OBJECT);
    return v.kind == VAL_NULL && is_typed;
}

/* Field `name` of a map or reference: *found false when a map has no such key or the scope no such field. */
static Err *get_field(CelRun *run, const CelNode *node, Val from, Val *out, bool *found)
{
    Str kind = cel_kind_text(from);
    const Val *v = NULL;
    *found = true;
    *out = val_null();
    if (from.kind == VAL_MAP) {
        v = cel_map_find(run, from, val_text(node->name));
        TRY(cel_spend(run, 1));
        *found = v != NULL;
        if (v) *out = *v;
        return NULL;
    }
    if (!is_reference(node->args[0], from)) return cel_fail(run, "%.*s has no fields", SFMT(kind));
    if (from.kind != VAL_NULL)
        *found = run->scope->field && run->scope->field(run->scope->arg, run->mem, from, node->name, out);
    return NULL;
}

/* Through an optional: what is inside, or none. */
static Err *select_optional(CelRun *run, const CelNode *node, Val from, Val *out)
{
    bool found = false;
    Val inner = from;
    if (from.kind == CEL_VAL_OPTIONAL) {
        *out = from;
        if (from.n == 0) return NULL;
        inner = from.list[0];
    }
    TRY(get_field(run, node, inner, out, &found));
    *out = found ? cel_some(run, *out) : cel_none();
    return NULL;
}

static Err *eval_select(CelRun *run, const CelNode *node, Val *out)
{
    Val from;
    bool found = false;
    if (eval_dotted(run, node, out)) return NULL;
    TRY(eval(run, node->args[0], &from));
    run->node = node;
    if (from.kind == CEL_VAL_OPTIONAL || node->is_optional) {
        TRY(select_optional(run, node, from, out));
        if (node->is_test) *out = val_bool(out->n > 0);
        return NULL;
    }
    TRY(get_field(run, node, from, out, &found));
    if (node->is_test) {
        /* A key of a map may hold null; a part of an item of a record is there when it is not null. */
        bool is_plain_map =
            from.kind == VAL_MAP && !(node->args[0]->type && node->args[0]->type->kind == CEL_T_OBJECT);
        *out = val_bool(found && (is_plain_map || out->kind != VAL_NULL));
        return NULL;
    }
    return found ? NULL : cel_fail(run, "no field %.*s", SFMT(node->name));
}

/* --- elements -------------------------------------------------------------------------------------------------------------- */

static Err *get_element(CelRun *run, Val from, Val key, Val *out, bool *found)
{
    Str kind = cel_kind_text(from);
    int64_t i = 0;
    *found = false;
    if (from.kind == VAL_LIST) {
        if (!cel_as_int(key, &i)) return cel_fail(run, "an index must be a whole number");
        if (i < 0 || i >= from.n) return NULL;
        *out = from.list[i];
    } else if (from.kind == VAL_MAP) {
        const Val *v = cel_map_find(run, from, key);
        TRY(cel_spend(run, 1));
        if (!v) return NULL;
        *out = *v;
    } else {
        return cel_fail(run, "%.*s has no elements", SFMT(kind));
    }
    *found = true;
    return NULL;
}

static Err *eval_index(CelRun *run, const CelNode *node, Val *out)
{
    Val from, key;
    bool found = false;
    TRY(eval(run, node->args[0], &from));
    TRY(eval(run, node->args[1], &key));
    run->node = node;
    bool is_optional = node->is_optional || from.kind == CEL_VAL_OPTIONAL;
    if (from.kind == CEL_VAL_OPTIONAL) {
        *out = from;
        if (from.n == 0) return NULL;
        from = from.list[0];
    }
    TRY(get_element(run, from, key, out, &found));
    if (is_optional) {
        *out = found ? cel_some(run, *out) : cel_none();
        return NULL;
    }
    return found ? NULL : cel_fail(run, "no such element");
}

/* --- lists and maps ---------------------------------------------------------------------------------------------------------- */

static bool is_optional_element(const CelNode *node)
{
    return node->op == CEL_CALL && node->is_optional && node->name.n == 0;
}

/* *present false when the element is written with `?` and has no value. */
static Err *eval_element(CelRun *run, const CelNode *node, Val *out, bool *present)
{
    *present = true;
    if (!is_optional_element(node)) return eval(run, node, out);
    TRY(eval(run, node->args[0], out));
    run->node = node;
    if (out->kind != CEL_VAL_OPTIONAL) return cel_fail(run, "an optional value is wanted");
    *present = out->n > 0;
    if (*present) *out = out->list[0];
    return NULL;
}

static Err *eval_list(CelRun *run, const CelNode *node, Val *out)
{
    Val *items = NULL;
    size_t n = 0;
    TRY(cel_items(run, node->n, &items));
    for (size_t i = 0; i < node->n; i++) {
        bool present = false;
        TRY(eval_element(run, node->args[i], &items[n], &present));
        if (present) n++;
    }
    *out = val_list(items, n);
    return NULL;
}

static bool can_be_key(Val v)
{
    return v.kind == VAL_BOOL || v.kind == VAL_INT || v.kind == VAL_UINT || v.kind == VAL_TEXT;
}

/* Adds to the map `*m` that has room. */
static Err *add_pair(CelRun *run, Val *m, Val key, Val val)
{
    Str kind = cel_kind_text(key);
    if (!can_be_key(key)) return cel_fail(run, "%.*s cannot be a key", SFMT(kind));
    if (cel_map_find(run, *m, key)) return cel_fail(run, "a key twice");
    TRY(cel_spend(run, 1));
    m->map[m->n++] = (ValPair){key, val};
    return NULL;
}

static Err *eval_map(CelRun *run, const CelNode *node, Val *out)
{
    ValPair *pairs = NULL;
    TRY(cel_pairs(run, node->n / 2, &pairs));
    Val map = val_map(pairs, 0);
    for (size_t i = 0; i + 1 < node->n; i += 2) {
        Val key, val;
        bool present = false;
        TRY(eval(run, node->args[i], &key));
        TRY(eval_element(run, node->args[i + 1], &val, &present));
        run->node = node;
        if (present) TRY(add_pair(run, &map, key, val));
    }
    *out = map;
    return NULL;
}

static Err *eval_args(CelRun *run, const CelNode *node, Val **out)
{
    TRY(cel_items(run, node->n, out));
    for (size_t i = 0; i < node->n; i++) TRY(eval(run, node->args[i], &(*out)[i]));
    run->node = node;
    return NULL;
}

static Err *eval_struct(CelRun *run, const CelNode *node, Val *out)
{
    Val *items = NULL;
    size_t n = 0;
    TRY(cel_items(run, node->n, &items));
    for (size_t i = 0; i + 1 < node->n; i += 2) {
        bool present = false;
        items[n] = node->args[i]->lit;
        TRY(eval_element(run, node->args[i + 1], &items[n + 1], &present));
        if (present) n += 2;
    }
    run->node = node;
    return cel_message(run, node->name, items, n, out);
}

/* --- logic -------------------------------------------------------------------------------------------------------------------- */

static Err *eval_bool(CelRun *run, const CelNode *node, bool *out)
{
    Val v;
    TRY(eval(run, node, &v));
    run->node = node;
    if (v.kind != VAL_BOOL) return cel_fail(run, "a condition is wanted");
    *out = v.b;
    return NULL;
}

/* && and ||: `decisive` on either side decides, whatever the other side is. */
static Err *eval_logic(CelRun *run, const CelNode *node, Val *out)
{
    bool decisive = node->op == CEL_OR, v = false;
    Err *error = NULL;
    for (size_t i = 0; i < node->n; i++) {
        Err *e = eval_bool(run, node->args[i], &v);
        if (e && is_fatal(e)) return e;
        if (!e && v == decisive) {
            *out = val_bool(decisive);
            return NULL;
        }
        if (e && !error) error = e;
    }
    *out = val_bool(!decisive);
    return error;
}

static Err *eval_condition(CelRun *run, const CelNode *node, Val *out)
{
    bool v = false;
    TRY(eval_bool(run, node->args[0], &v));
    return eval(run, node->args[v ? 1 : 2], out);
}

static Err *eval_not(CelRun *run, const CelNode *node, Val *out)
{
    bool v = false;
    TRY(eval_bool(run, node->args[0], &v));
    *out = val_bool(!v);
    return NULL;
}

/* --- operators ------------------------------------------------------------------------------------------------------------------ */

static bool holds(CelOp op, int order)
{
    switch (op) {
    case CEL_LT: return order == -1;
    case CEL_LE: return order == -1 || order == 0;
    case CEL_GT: return order == 1;
    default: return order == 1 || order == 0;
    }
}

static Err *eval_in(CelRun *run, Val what, Val where, Val *out)
{
    Str kind = cel_kind_text(where);
    bool found = false;
    if (where.kind == VAL_MAP) {
        found = cel_map_find(run, where, what) != NULL;
    } else if (where.kind == VAL_LIST) {
        for (uint32_t i = 0; i < where.n && !found && run->left >= 0; i++)
            found = cel_equal(run, what, where.list[i]);
    } else if (where.kind != VAL_NULL) {
        return cel_fail(run, "%.*s has no elements", SFMT(kind));
    }
    *out = val_bool(found);
    return cel_spend(run, 1);
}

static Err *eval_binary(CelRun *run, const CelNode *node, Val *out)
{
    Val a, b;
    int order = 0;
    TRY(eval(run, node->args[0], &a));
    TRY(eval(run, node->args[1], &b));
    run->node = node;
    switch (node->op) {
    case CEL_EQ:
    case CEL_NE: *out = val_bool(cel_equal(run, a, b) == (node->op == CEL_EQ)); return cel_spend(run, 1);
    case CEL_IN: return eval_in(run, a, b, out);
    case CEL_LT:
    case CEL_LE:
    case CEL_GT:
    case CEL_GE:
        TRY(cel_compare(run, a, b, &order));
        *out = val_bool(holds(node->op, order));
        return NULL;
    default: return cel_arithmetic(run, node->op, a, b, out);
    }
}

static Err *eval_negation(CelRun *run, const CelNode *node, Val *out)
{
    Val v = val_null();
    TRY(eval(run, node->args[0], &v));
    run->node = node;
    return cel_negate(run, v, out);
}

/* orValue(x, d) is d where x is null or errs: in SQL both are NULL. */
static Err *eval_or_value(CelRun *run, const CelNode *node, Val *out)
{
    Err *e = eval(run, node->args[0], out);

    if (e && is_fatal(e)) return e;
    return e || out->kind == VAL_NULL ? eval(run, node->args[1], out) : NULL;
}

static Err *eval_call(CelRun *run, const CelNode *node, Val *out)
{
    if (node->n == 2 && !node->is_method && str_eq_c(node->name, "orValue"))
        return eval_or_value(run, node, out);
    Val few[CEL_ARGS_MAX], *args = few;
    if (node->n > CEL_ARGS_MAX) {
        TRY(eval_args(run, node, &args));
    } else {
        for (size_t i = 0; i < node->n; i++) TRY(eval(run, node->args[i], &few[i]));
    }
    run->node = node;
    return cel_call(run, node, args, out);
}

/* --- comprehensions --------------------------------------------------------------------------------------------------------------- */

typedef enum Macro {
    M_ALL,
    M_EXISTS,
    M_ONE,
    M_MAP,
    M_FILTER,
    M_TO_MAP,
    M_TO_ENTRIES,
    M_BIND,
    M_OPT_MAP,
    M_OPT_FLAT
} Macro;

static Macro macro_of(const CelNode *node)
{
    static const struct {
        const char *name;
        Macro macro;
    } names[] = {{"all", M_ALL},        {"exists", M_EXISTS},       {"exists_one", M_ONE},
                 {"map", M_MAP},        {"transformList", M_MAP},   {"filter", M_FILTER},
                 {"bind", M_BIND},      {"transformMap", M_TO_MAP}, {"transformMapEntry", M_TO_ENTRIES},
                 {"optMap", M_OPT_MAP}, {"optFlatMap", M_OPT_FLAT}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq_c(node->name, names[i].name)) return names[i].macro;
    REQUIRE(false);
}

typedef struct Loop {
    const CelNode *node;
    Macro macro;
    Val result;     /* list or map being built, or BOOL */
    Err *error;     /* of all and exists: counts unless an element decides */
    size_t matches; /* of exists_one */
    bool is_done;
} Loop;

static size_t range_count(Val range)
{
    return range.n;
}

/* The loop's variables at element `i`: one gets the element or key; of two, index or key and value. */
static void set_variables(const CelNode *node, Val range, size_t i, CelVar *first, CelVar *second)
{
    bool is_map = range.kind == VAL_MAP;
    Val key = is_map ? range.map[i].key : val_int((int64_t)i),
        val = is_map ? range.map[i].val : range.list[i];
    first->val = node->var2.n || is_map ? key : val;
    second->val = val;
}

static Err *loop_logic(CelRun *run, Loop *l)
{
    bool v = false, decisive = l->macro == M_EXISTS;
    Err *e = eval_bool(run, l->node->args[1], &v);
    if (e && is_fatal(e)) return e;
    if (e && !l->error) l->error = e;
    if (!e && v == decisive) {
        l->error = NULL;
        l->is_done = true;
        l->result = val_bool(decisive);
    }
    return NULL;
}

static Err *loop_entry(CelRun *run, Loop *l, Val entry)
{
    Str kind = cel_kind_text(entry);
    if (entry.kind != VAL_MAP) return cel_fail(run, "a map is wanted, not %.*s", SFMT(kind));
    ValPair *pairs = NULL;
    TRY(cel_pairs(run, (size_t)l->result.n + entry.n, &pairs));
    for (uint32_t i = 0; i < l->result.n; i++) pairs[i] = l->result.map[i];
    l->result.map = pairs;
    for (uint32_t i = 0; i < entry.n; i++) TRY(add_pair(run, &l->result, entry.map[i].key, entry.map[i].val));
    return NULL;
}

/* One element of a macro that builds a list or map. */
static Err *loop_build(CelRun *run, Loop *l, const CelVar *first)
{
    bool keep = true;
    Val v = first->val;
    if (l->macro == M_FILTER || l->node->n == 3) TRY(eval_bool(run, l->node->args[1], &keep));
    if (!keep) return NULL;
    if (l->macro != M_FILTER) TRY(eval(run, l->node->args[l->node->n - 1u], &v));
    run->node = l->node;
    if (l->macro == M_TO_MAP) return add_pair(run, &l->result, first->val, v);
    if (l->macro == M_TO_ENTRIES) return loop_entry(run, l, v);
    l->result.list[l->result.n++] = v;
    return NULL;
}

static Err *loop_step(CelRun *run, Loop *l, const CelVar *first)
{
    bool v = false;
    switch (l->macro) {
    case M_ALL:
    case M_EXISTS: return loop_logic(run, l);
    case M_ONE:
        TRY(eval_bool(run, l->node->args[1], &v));
        l->matches += v;
        return NULL;
    default: return loop_build(run, l, first);
    }
}

static Err *loop_start(CelRun *run, Loop *l, size_t n)
{
    Val *items = NULL;
    ValPair *pairs = NULL;
    switch (l->macro) {
    case M_MAP:
    case M_FILTER:
        TRY(cel_items(run, n, &items));
        l->result = val_list(items, 0);
        return NULL;
    case M_TO_MAP:
    case M_TO_ENTRIES:
        TRY(cel_pairs(run, n, &pairs));
        l->result = val_map(pairs, 0);
        return NULL;
    default: l->result = val_bool(l->macro == M_ALL); return NULL;
    }
}

static Err *eval_loop(CelRun *run, const CelNode *node, Macro macro, Val range, Val *out)
{
    Loop l = {.node = node, .macro = macro};
    CelVar first = {.name = node->var, .up = run->vars}, second = {.name = node->var2, .up = &first};
    if (range.kind == VAL_NULL) range = val_list(NULL, 0); /* a field of several values that has none */
    if (range.kind != VAL_LIST && range.kind != VAL_MAP) return cel_fail(run, "a list or map is wanted");
    TRY(loop_start(run, &l, range_count(range)));
    run->vars = node->var2.n ? &second : &first;
    Err *e = NULL;
    for (size_t i = 0; i < range_count(range) && !l.is_done && !e; i++) {
        set_variables(node, range, i, &first, &second);
        e = loop_step(run, &l, &first);
    }
    run->vars = first.up;
    TRY(e);
    *out = macro == M_ONE ? val_bool(l.matches == 1) : l.result;
    return l.error;
}

/* bind, optMap, optFlatMap: one value gets a name. */
static Err *eval_named(CelRun *run, const CelNode *node, Macro macro, Val v, Val *out)
{
    if (macro != M_BIND) {
        if (v.kind != CEL_VAL_OPTIONAL) return cel_fail(run, "an optional value is wanted");
        *out = v;
        if (v.n == 0) return NULL;
        v = v.list[0];
    }
    CelVar var = {.name = node->var, .val = v, .up = run->vars};
    run->vars = &var;
    Err *e = eval(run, node->args[1], out);
    run->vars = var.up;
    TRY(e);
    if (macro == M_OPT_MAP) *out = cel_some(run, *out);
    if (macro == M_OPT_FLAT && out->kind != CEL_VAL_OPTIONAL)
        return cel_fail(run, "an optional value is wanted");
    return NULL;
}

static Err *eval_comprehension(CelRun *run, const CelNode *node, Val *out)
{
    Macro macro = macro_of(node);
    Val range;
    Err *e = eval(run, node->args[0], &range);
    run->node = node;
    TRY(e);
    return macro >= M_BIND ? eval_named(run, node, macro, range, out)
                           : eval_loop(run, node, macro, range, out);
}

/* --- all together --------------------------------------------------------------------------------------------------------------- */

static Err *eval(CelRun *run, const CelNode *node, Val *out)
{
    run->node = node;
    TRY(cel_spend(run, 1));
    switch ((CelOp)node->op) {
    case CEL_LITERAL: *out = node->lit; return NULL;
    case CEL_IDENT: return eval_ident(run, node, out);
    case CEL_SELECT: return eval_select(run, node, out);
    case CEL_INDEX: return eval_index(run, node, out);
    case CEL_CALL: return eval_call(run, node, out);
    case CEL_LIST: return eval_list(run, node, out);
    case CEL_MAP: return eval_map(run, node, out);
    case CEL_STRUCT: return eval_struct(run, node, out);
    case CEL_AND:
    case CEL_OR: return eval_logic(run, node, out);
    case CEL_NOT: return eval_not(run, node, out);
    case CEL_NEG: return eval_negation(run, node, out);
    case CEL_COND: return eval_condition(run, node, out);
    case CEL_COMPREHENSION: return eval_comprehension(run, node, out);
    case CEL_EQ:
    case CEL_NE:
    case CEL_LT:
    case CEL_LE:
    case CEL_GT:
    case CEL_GE:
    case CEL_IN:
    case CEL_ADD:
    case CEL_SUB:
    case CEL_MUL:
    case CEL_DIV:
    case CEL_MOD: return eval_binary(run, node, out);
    }
    REQUIRE(false);
}

Err *cel_eval(Arena *mem, const CelNode *root, const CelScope *scope, Val *out)
{
    CelRun run = {.mem = mem, .scope = scope, .left = LIMIT_CEL_COST};
    return eval(&run, root, out);
}
