/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tree as source text again, with canonical spacing and only the parentheses that are needed; and the walk over it. */

#include "base/buf.h"
#include "base/decimal.h"
#include "base/id.h"
#include "base/time.h"
#include "cel/lex.h"
#include "cel/run.h"

typedef struct Writer {
    Arena *mem;
    Buf b;
} Writer;

static void write_node(Writer *w, const CelNode *node, int level);

/* How tightly an operator binds; operands that bind less get parentheses. */
typedef enum Level {
    LEVEL_COND,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_RELATION,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_UNARY,
    LEVEL_MEMBER
} Level;

static const struct {
    const char *sign;
    uint8_t level;
} operators[] = {
    [CEL_AND] = {"&&", LEVEL_AND},     [CEL_OR] = {"||", LEVEL_OR},       [CEL_EQ] = {"==", LEVEL_RELATION},
    [CEL_NE] = {"!=", LEVEL_RELATION}, [CEL_LT] = {"<", LEVEL_RELATION},  [CEL_LE] = {"<=", LEVEL_RELATION},
    [CEL_GT] = {">", LEVEL_RELATION},  [CEL_GE] = {">=", LEVEL_RELATION}, [CEL_IN] = {"in", LEVEL_RELATION},
    [CEL_ADD] = {"+", LEVEL_SUM},      [CEL_SUB] = {"-", LEVEL_SUM},      [CEL_MUL] = {"*", LEVEL_PRODUCT},
    [CEL_DIV] = {"/", LEVEL_PRODUCT},  [CEL_MOD] = {"%", LEVEL_PRODUCT},
};

/* Control characters other than line ends may stand in a text as they are. */
static void write_text(Writer *w, Str s, bool is_bytes)
{
    buf_add(&w->b, is_bytes ? S("b'") : S("'"));
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '\'' || c == '\\') buf_add_c(&w->b, '\\');
        if (c == '\n')
            buf_add(&w->b, S("\\n"));
        else if (c == '\r')
            buf_add(&w->b, S("\\r"));
        else if (is_bytes && c > 127)
            buf_addf(&w->b, "\\%03o", c);
        else
            buf_add_c(&w->b, (char)c);
    }
    buf_add_c(&w->b, '\'');
}

static void write_double(Writer *w, double d)
{
    Str s = cel_double_text(w->mem, d);
    buf_add(&w->b, s);
    if (str_find_char(s, '.') < 0 && str_find_char(s, 'e') < 0) buf_add(&w->b, S(".0"));
}

/* Values that only literals beside a date or id become are written as the text they were read from. */
static void write_converted(Writer *w, Val v)
{
    Str s = {0};
    switch (v.kind) {
    case VAL_DATE: s = date_text(w->mem, v.i); break;
    case VAL_TIME: s = time_of_day_text(w->mem, v.i); break;
    case VAL_TIMESTAMP: s = timestamp_text(w->mem, v); break;
    case VAL_DURATION: s = cel_duration_text(w->mem, v); break;
    default: s = id_text(w->mem, v.i);
    }
    write_text(w, s, false);
}

static void write_literal(Writer *w, const CelNode *node)
{
    Val v = node->lit;
    if (node->text.n) {
        buf_add(&w->b, node->text);
        return;
    }
    switch (v.kind) {
    case VAL_NULL: buf_add(&w->b, S("null")); return;
    case VAL_BOOL: buf_add(&w->b, v.b ? S("true") : S("false")); return;
    case VAL_INT: buf_add_i64(&w->b, v.i); return;
    case VAL_UINT: buf_addf(&w->b, "%lluu", (unsigned long long)v.u); return;
    case VAL_DOUBLE: write_double(w, v.d); return;
    case VAL_DECIMAL: buf_add(&w->b, decimal_text(w->mem, v.i, v.places)); return;
    case VAL_TEXT: write_text(w, val_str(v), false); return;
    case VAL_BYTES: write_text(w, val_str(v), true); return;
    default: write_converted(w, v);
    }
}

static void write_args(Writer *w, const CelNode *node, size_t from)
{
    for (size_t i = from; i < node->n; i++) {
        if (i > from) buf_add(&w->b, S(", "));
        write_node(w, node->args[i], LEVEL_COND);
    }
}

static bool is_marked(const CelNode *node)
{
    return node->op == CEL_CALL && node->is_optional && node->name.n == 0;
}

static void write_call(Writer *w, const CelNode *node)
{
    if (is_marked(node)) {
        buf_add_c(&w->b, '?');
        write_node(w, node->args[0], LEVEL_COND);
        return;
    }
    if (node->is_method) {
        write_node(w, node->args[0], LEVEL_MEMBER);
        buf_add_c(&w->b, '.');
    }
    buf_add(&w->b, node->name);
    buf_add_c(&w->b, '(');
    write_args(w, node, node->is_method ? 1 : 0);
    buf_add_c(&w->b, ')');
}

static void write_name(Writer *w, Str name)
{
    bool is_plain = lex_is_name(name);
    if (!is_plain) buf_add_c(&w->b, '`');
    buf_add(&w->b, name);
    if (!is_plain) buf_add_c(&w->b, '`');
}

static void write_select(Writer *w, const CelNode *node)
{
    if (node->is_test) buf_add(&w->b, S("has("));
    write_node(w, node->args[0], LEVEL_MEMBER);
    buf_add(&w->b, node->is_optional ? S(".?") : S("."));
    write_name(w, node->name);
    if (node->is_test) buf_add_c(&w->b, ')');
}

static void write_index(Writer *w, const CelNode *node)
{
    write_node(w, node->args[0], LEVEL_MEMBER);
    buf_add(&w->b, node->is_optional ? S("[?") : S("["));
    write_node(w, node->args[1], LEVEL_COND);
    buf_add_c(&w->b, ']');
}

/* {key: value} and Name{field: value}. */
static void write_entries(Writer *w, const CelNode *node)
{
    buf_add(&w->b, node->name);
    buf_add_c(&w->b, '{');
    for (size_t i = 0; i + 1 < node->n; i += 2) {
        const CelNode *key = node->args[i], *val = node->args[i + 1];
        if (i > 0) buf_add(&w->b, S(", "));
        if (is_marked(val)) buf_add_c(&w->b, '?');
        if (node->op == CEL_STRUCT)
            write_name(w, val_str(key->lit));
        else
            write_node(w, key, LEVEL_COND);
        buf_add(&w->b, S(": "));
        write_node(w, is_marked(val) ? val->args[0] : val, LEVEL_COND);
    }
    buf_add_c(&w->b, '}');
}

static void write_comprehension(Writer *w, const CelNode *node)
{
    bool is_bind = str_eq(node->name, S("bind"));
    if (is_bind)
        buf_add(&w->b, S("cel"));
    else
        write_node(w, node->args[0], LEVEL_MEMBER);
    buf_add_c(&w->b, '.');
    buf_add(&w->b, node->name);
    buf_add_c(&w->b, '(');
    buf_add(&w->b, node->var);
    if (node->var2.n) {
        buf_add(&w->b, S(", "));
        buf_add(&w->b, node->var2);
    }
    buf_add(&w->b, S(", "));
    write_args(w, node, is_bind ? 0 : 1);
    buf_add_c(&w->b, ')');
}

static Level level_of(const CelNode *node)
{
    switch (node->op) {
    case CEL_COND: return LEVEL_COND;
    case CEL_NOT:
    case CEL_NEG: return LEVEL_UNARY;
    case CEL_LITERAL: return node->text.n && node->text.p[0] == '-' ? LEVEL_UNARY : LEVEL_MEMBER;
    default: break;
    }
    if (node->op >= sizeof operators / sizeof *operators || !operators[node->op].sign) return LEVEL_MEMBER;
    return operators[node->op].level;
}

static void write_operator(Writer *w, const CelNode *node)
{
    Level level = level_of(node);
    bool is_logic = node->op == CEL_AND || node->op == CEL_OR;
    for (size_t i = 0; i < node->n; i++) {
        if (i > 0) buf_addf(&w->b, " %s ", operators[node->op].sign);
        write_node(w, node->args[i], i > 0 && !is_logic ? (int)level + 1 : (int)level);
    }
}

/* !!a and --a need no parentheses, !-a does. */
static bool takes_bare(const CelNode *node, const CelNode *operand)
{
    return operand->op == node->op || (node->op == CEL_NEG && operand->op == CEL_LITERAL);
}

static void write_plain(Writer *w, const CelNode *node)
{
    switch (node->op) {
    case CEL_LITERAL: write_literal(w, node); return;
    case CEL_IDENT: buf_add(&w->b, node->name); return;
    case CEL_SELECT: write_select(w, node); return;
    case CEL_INDEX: write_index(w, node); return;
    case CEL_CALL: write_call(w, node); return;
    case CEL_LIST:
        buf_add_c(&w->b, '[');
        write_args(w, node, 0);
        buf_add_c(&w->b, ']');
        return;
    case CEL_MAP:
    case CEL_STRUCT: write_entries(w, node); return;
    case CEL_COMPREHENSION: write_comprehension(w, node); return;
    case CEL_NOT:
    case CEL_NEG:
        buf_add_c(&w->b, node->op == CEL_NOT ? '!' : '-');
        write_node(w, node->args[0], takes_bare(node, node->args[0]) ? LEVEL_UNARY : LEVEL_MEMBER);
        return;
    case CEL_COND:
        write_node(w, node->args[0], LEVEL_OR);
        buf_add(&w->b, S(" ? "));
        write_node(w, node->args[1], LEVEL_OR);
        buf_add(&w->b, S(" : "));
        write_node(w, node->args[2], LEVEL_COND);
        return;
    default: write_operator(w, node);
    }
}

static void write_node(Writer *w, const CelNode *node, int level)
{
    bool needs_parens = (int)level_of(node) < level;
    if (needs_parens) buf_add_c(&w->b, '(');
    write_plain(w, node);
    if (needs_parens) buf_add_c(&w->b, ')');
}

Str cel_text(Arena *mem, const CelNode *root)
{
    Writer w = {.mem = mem, .b = buf_new(mem, 1u << 20)};
    write_node(&w, root, LEVEL_COND);
    return buf_str(&w.b);
}

void cel_walk(CelNode *root, void (*fn)(CelNode *node, void *arg), void *arg)
{
    fn(root, arg);
    for (size_t i = 0; i < root->n; i++) cel_walk(root->args[i], fn, arg);
}
