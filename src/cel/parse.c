/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parser of CEL: precedence climbing into a CelNode tree.  Macros are recognised here and become COMPREHENSION nodes or
   a has() test; names in a namespace ("math.abs") become plain function names.  Nesting, nodes and the depth of the tree
   are bounded, so that everything after the parser may recurse.  Chains of && and || are balanced: a filter of a hundred
   conditions is seven levels deep. */

#include "base/limits.h"
#include "cel/cel.h"
#include "cel/functions.h"
#include "cel/lex.h"

#define TREE_DEPTH (LIMIT_CEL_DEPTH * 4)

typedef struct Parser {
    Arena *mem;
    Lexer lx;
    Token tok;
    uint32_t nodes;
    unsigned depth;
} Parser;

typedef VEC(CelNode *) Nodes;

static Err *parse_expr(Parser *p, CelNode **out);

static Err *bad(Parser *p, uint32_t at, const char *what)
{
    return err_at(err_new(p->mem, ERR_INVALID, "error.cel.syntax", "%s at %u", what, at), (ptrdiff_t)at);
}

static Err *too_big(Parser *p, uint32_t at)
{
    return err_at(err_new(p->mem, ERR_INVALID, "error.cel.size", "the expression is too large at %u", at),
                  (ptrdiff_t)at);
}

static Err *step(Parser *p)
{
    return lex_next(&p->lx, &p->tok);
}

static bool is_at(const Parser *p, TokKind kind)
{
    return p->tok.kind == kind;
}

static Err *expect(Parser *p, TokKind kind, const char *what)
{
    return is_at(p, kind) ? step(p) : bad(p, p->tok.at, what);
}

/* --- nodes ----------------------------------------------------------------------------------------------------------- */

static Err *make(Parser *p, CelOp op, uint32_t at, const Nodes *args, CelNode **out)
{
    unsigned depth = 0;
    for (size_t i = 0; args && i < args->n; i++)
        if (args->p[i]->depth > depth) depth = args->p[i]->depth;
    if (++p->nodes > LIMIT_CEL_NODES || depth + 1 > TREE_DEPTH) return too_big(p, at);
    CelNode *node = NEW(p->mem, CelNode);
    node->op = (uint8_t)op;
    node->at = at;
    node->id = p->nodes;
    node->depth = (uint16_t)(depth + 1);
    if (args && args->n) {
        node->n = (uint16_t)args->n;
        node->args = NEW_N(p->mem, CelNode *, args->n);
        memcpy(node->args, args->p, args->n * sizeof *args->p);
    }
    *out = node;
    return NULL;
}

static Err *make_n(Parser *p, CelOp op, uint32_t at, CelNode **args, size_t n, CelNode **out)
{
    Nodes v = {.p = args, .n = n};
    return make(p, op, at, &v, out);
}

static Err *make_named(Parser *p, CelOp op, const Token *t, Str name, CelNode **out)
{
    TRY(make(p, op, t->at, NULL, out));
    (*out)->name = name;
    return NULL;
}

/* --- lists of expressions ---------------------------------------------------------------------------------------------- */

/* One element, `?` before it where optional elements are allowed. */
static Err *parse_element(Parser *p, bool may_be_optional, Nodes *out)
{
    bool is_optional = may_be_optional && is_at(p, TOK_QUESTION);
    if (out->n >= LIMIT_CEL_NODES) return too_big(p, p->tok.at);
    if (is_optional) TRY(step(p));
    CelNode *node = NULL;
    TRY(parse_expr(p, &node));
    if (is_optional) {
        /* The mark is the element's, but `[?a]` must not change what `a` is: a one-argument wrapper carries it. */
        TRY(make_n(p, CEL_CALL, node->at, &node, 1, &node));
        node->is_optional = true;
    }
    *vec_push(p->mem, out) = node;
    return NULL;
}

static Err *parse_elements(Parser *p, TokKind close, bool is_list, Nodes *out)
{
    while (!is_at(p, close)) {
        TRY(parse_element(p, is_list, out));
        if (!is_at(p, TOK_COMMA)) break;
        uint32_t at = p->tok.at;
        TRY(step(p));
        if (!is_list && is_at(p, close)) return bad(p, at, "an argument is missing");
    }
    return expect(p, close, close == TOK_RPAREN ? "')' is missing" : "']' is missing");
}

static Err *parse_list(Parser *p, CelNode **out)
{
    uint32_t at = p->tok.at;
    Nodes items = {0};
    TRY(step(p));
    TRY(parse_elements(p, TOK_RBRACKET, true, &items));
    return make(p, CEL_LIST, at, &items, out);
}

/* `: value` of a map or message, wrapped when its key was marked. */
static Err *parse_value(Parser *p, bool is_optional, Nodes *out)
{
    TRY(expect(p, TOK_COLON, "':' is missing"));
    TRY(parse_element(p, false, out));
    if (!is_optional) return NULL;
    CelNode **value = &out->p[out->n - 1];
    TRY(make_n(p, CEL_CALL, (*value)->at, value, 1, value));
    (*value)->is_optional = true;
    return NULL;
}

static Err *parse_entry(Parser *p, Nodes *out)
{
    bool is_optional = is_at(p, TOK_QUESTION);
    CelNode *key = NULL;
    if (is_optional) TRY(step(p));
    TRY(parse_expr(p, &key));
    *vec_push(p->mem, out) = key;
    return parse_value(p, is_optional, out);
}

static Err *parse_map(Parser *p, CelNode **out)
{
    uint32_t at = p->tok.at;
    Nodes items = {0};
    TRY(step(p));
    while (!is_at(p, TOK_RBRACE)) {
        TRY(parse_entry(p, &items));
        if (!is_at(p, TOK_COMMA)) break;
        TRY(step(p));
    }
    TRY(expect(p, TOK_RBRACE, "'}' is missing"));
    return make(p, CEL_MAP, at, &items, out);
}

/* --- macros ------------------------------------------------------------------------------------------------------------ */

/* A macro of the form range.name(var, [var2,] body, [transform]). */
static const struct Macro {
    const char *name;
    uint8_t vars, bodies;
    const char *as;
} macros[] = {{"all", 1, 1, "all"},
              {"exists", 1, 1, "exists"},
              {"exists_one", 1, 1, "exists_one"},
              {"existsOne", 1, 1, "exists_one"},
              {"map", 1, 1, "map"},
              {"map", 1, 2, "map"},
              {"filter", 1, 1, "filter"},
              {"all", 2, 1, "all"},
              {"exists", 2, 1, "exists"},
              {"exists_one", 2, 1, "exists_one"},
              {"existsOne", 2, 1, "exists_one"},
              {"transformList", 2, 1, "transformList"},
              {"transformList", 2, 2, "transformList"},
              {"transformMap", 2, 1, "transformMap"},
              {"transformMap", 2, 2, "transformMap"},
              {"transformMapEntry", 2, 1, "transformMapEntry"},
              {"transformMapEntry", 2, 2, "transformMapEntry"},
              {"optMap", 1, 1, "optMap"},
              {"optFlatMap", 1, 1, "optFlatMap"}};

static bool is_variable(const CelNode *node)
{
    return node->op == CEL_IDENT && node->name.n && node->name.p[0] != '.';
}

/* all(x, p) has as many arguments as map(x, t); map(x, p, t) as all(i, v, p): the name and count decide. */
static const struct Macro *find_macro(Str name, size_t n)
{
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++)
        if (str_eq_c(name, macros[i].name) && n == (size_t)macros[i].vars + macros[i].bodies)
            return &macros[i];
    return NULL;
}

static Err *expand_macro(Parser *p, const struct Macro *m, uint32_t at, CelNode *range, const Nodes *args,
                         CelNode **out)
{
    CelNode *children[3] = {range};
    for (size_t i = 0; i < m->vars; i++)
        if (!is_variable(args->p[i])) return bad(p, args->p[i]->at, "a variable name is wanted");
    if (m->vars == 2 && str_eq(args->p[0]->name, args->p[1]->name))
        return bad(p, args->p[1]->at, "two variables of one name");
    for (size_t i = 0; i < m->bodies; i++) children[1 + i] = args->p[m->vars + i];
    TRY(make_n(p, CEL_COMPREHENSION, at, children, 1 + (size_t)m->bodies, out));
    (*out)->name = str_c(m->as);
    (*out)->var = args->p[0]->name;
    if (m->vars == 2) (*out)->var2 = args->p[1]->name;
    return NULL;
}

static Err *expand_has(Parser *p, uint32_t at, const Nodes *args, CelNode **out)
{
    if (args->n != 1 || args->p[0]->op != CEL_SELECT || args->p[0]->is_test)
        return bad(p, at, "has() wants one field, as in has(a.b)");
    *out = args->p[0];
    (*out)->is_test = true;
    return NULL;
}

/* cel.bind(x, value, body) */
static Err *expand_bind(Parser *p, uint32_t at, const Nodes *args, CelNode **out)
{
    if (args->n != 3 || !is_variable(args->p[0]))
        return bad(p, at, "cel.bind wants a name, a value and a body");
    TRY(make_n(p, CEL_COMPREHENSION, at, args->p + 1, 2, out));
    (*out)->name = S("bind");
    (*out)->var = args->p[0]->name;
    return NULL;
}

/* --- calls and selections -------------------------------------------------------------------------------------------- */

static Err *make_call(Parser *p, uint32_t at, Str name, bool is_method, const Nodes *args, CelNode **out)
{
    TRY(make(p, CEL_CALL, at, args, out));
    (*out)->name = name;
    (*out)->is_method = is_method;
    (*out)->function = cel_function_find(name);
    return NULL;
}

static Err *parse_method(Parser *p, const Token *name, CelNode *target, CelNode **out)
{
    Nodes args = {0};
    TRY(step(p));
    TRY(parse_elements(p, TOK_RPAREN, false, &args));
    if (is_variable(target)) {
        Str full = str_fmt(p->mem, "%.*s.%.*s", SFMT(target->name), SFMT(name->text));
        if (str_eq(full, S("cel.bind"))) return expand_bind(p, name->at, &args, out);
        if (cel_function_find(full)) return make_call(p, target->at, full, false, &args, out);
    }
    const struct Macro *m = find_macro(name->text, args.n);
    if (m) return expand_macro(p, m, name->at, target, &args, out);
    Nodes all = {0};
    *vec_push(p->mem, &all) = target;
    for (size_t i = 0; i < args.n; i++) *vec_push(p->mem, &all) = args.p[i];
    return make_call(p, name->at, name->text, true, &all, out);
}

static Err *parse_select(Parser *p, CelNode *target, CelNode **out)
{
    TRY(step(p));
    bool is_optional = is_at(p, TOK_QUESTION);
    if (is_optional) TRY(step(p));
    Token name = p->tok;
    if (!is_at(p, TOK_QUOTED) && !(is_at(p, TOK_IDENT) && lex_is_name(name.text)))
        return bad(p, name.at, "a field name is wanted");
    TRY(step(p));
    if (is_at(p, TOK_LPAREN) && name.kind == TOK_IDENT && !is_optional)
        return parse_method(p, &name, target, out);
    TRY(make_n(p, CEL_SELECT, name.at, &target, 1, out));
    (*out)->name = name.text;
    (*out)->is_optional = is_optional;
    return NULL;
}

static Err *parse_index(Parser *p, CelNode *target, CelNode **out)
{
    CelNode *args[2] = {target};
    uint32_t at = p->tok.at;
    TRY(step(p));
    bool is_optional = is_at(p, TOK_QUESTION);
    if (is_optional) TRY(step(p));
    TRY(parse_expr(p, &args[1]));
    TRY(expect(p, TOK_RBRACKET, "']' is missing"));
    TRY(make_n(p, CEL_INDEX, at, args, 2, out));
    (*out)->is_optional = is_optional;
    return NULL;
}

/* The name a chain of plain selections spells ("google.protobuf.Value"), empty when it is none. */
static Str chain_name(Arena *mem, const CelNode *node)
{
    if (node->op == CEL_IDENT) return node->name;
    if (node->op != CEL_SELECT || node->is_test || node->is_optional) return (Str){0};
    Str head = chain_name(mem, node->args[0]);
    return head.n ? str_fmt(mem, "%.*s.%.*s", SFMT(head), SFMT(node->name)) : head;
}

static Err *parse_struct_field(Parser *p, Nodes *out)
{
    bool is_optional = is_at(p, TOK_QUESTION);
    if (is_optional) TRY(step(p));
    if (!is_at(p, TOK_IDENT) && !is_at(p, TOK_QUOTED)) return bad(p, p->tok.at, "a field name is wanted");
    CelNode *key = NULL;
    TRY(make_named(p, CEL_LITERAL, &p->tok, (Str){0}, &key));
    key->lit = val_text(p->tok.text);
    *vec_push(p->mem, out) = key;
    TRY(step(p));
    return parse_value(p, is_optional, out);
}

static Err *parse_struct(Parser *p, Str name, CelNode **out)
{
    uint32_t at = p->tok.at;
    Nodes items = {0};
    TRY(step(p));
    while (!is_at(p, TOK_RBRACE)) {
        TRY(parse_struct_field(p, &items));
        if (!is_at(p, TOK_COMMA)) break;
        TRY(step(p));
    }
    TRY(expect(p, TOK_RBRACE, "'}' is missing"));
    TRY(make(p, CEL_STRUCT, at, &items, out));
    (*out)->name = name;
    return NULL;
}

/* --- operands ---------------------------------------------------------------------------------------------------------- */

static Err *parse_literal(Parser *p, bool is_negative, CelNode **out)
{
    Token t = p->tok;
    TRY(make_named(p, CEL_LITERAL, &t, (Str){0}, out));
    (*out)->lit = t.val;
    if (t.kind == TOK_NUMBER) {
        if (t.is_big && !is_negative) return bad(p, t.at, "a number too large");
        (*out)->text = is_negative ? str_cat(p->mem, S("-"), t.text) : t.text;
        (*out)->is_source_decimal = t.val.kind == VAL_DOUBLE;
        if (is_negative && t.val.kind == VAL_DOUBLE) (*out)->lit.d = -t.val.d;
        if (is_negative && t.val.kind == VAL_INT && !t.is_big) (*out)->lit.i = -t.val.i;
    }
    return step(p);
}

static bool word_value(Str s, Val *out)
{
    if (str_eq(s, S("null"))) {
        *out = val_null();
    } else if (str_eq(s, S("true")) || str_eq(s, S("false"))) {
        *out = val_bool(s.n == 4);
    } else {
        return false;
    }
    return true;
}

/* `f(args)` or a plain name; `name` begins with a point when written so. */
static Err *parse_name(Parser *p, const Token *t, Str name, CelNode **out)
{
    Nodes args = {0};
    if (!is_at(p, TOK_LPAREN)) return make_named(p, CEL_IDENT, t, name, out);
    TRY(step(p));
    TRY(parse_elements(p, TOK_RPAREN, false, &args));
    if (name.p[0] == '.') name = str_from(name, 1);
    if (str_eq(name, S("has"))) return expand_has(p, t->at, &args, out);
    return make_call(p, t->at, name, false, &args, out);
}

static Err *parse_word(Parser *p, CelNode **out)
{
    Token t = p->tok;
    Val v;
    if (word_value(t.text, &v)) {
        p->tok.val = v;
        return parse_literal(p, false, out);
    }
    if (t.is_reserved) return bad(p, t.at, "a reserved word");
    TRY(step(p));
    return parse_name(p, &t, t.text, out);
}

static Err *parse_absolute(Parser *p, CelNode **out)
{
    TRY(step(p));
    Token t = p->tok;
    Val v;
    if (!is_at(p, TOK_IDENT) || t.is_reserved || word_value(t.text, &v))
        return bad(p, t.at, "a name is wanted");
    TRY(step(p));
    return parse_name(p, &t, str_cat(p->mem, S("."), t.text), out);
}

static Err *parse_primary(Parser *p, bool is_negative, CelNode **out)
{
    switch (p->tok.kind) {
    case TOK_NUMBER:
    case TOK_TEXT: return parse_literal(p, is_negative, out);
    case TOK_IDENT: return parse_word(p, out);
    case TOK_DOT: return parse_absolute(p, out);
    case TOK_LBRACKET: return parse_list(p, out);
    case TOK_LBRACE: return parse_map(p, out);
    case TOK_LPAREN:
        TRY(step(p));
        TRY(parse_expr(p, out));
        return expect(p, TOK_RPAREN, "')' is missing");
    case TOK_END: return bad(p, p->tok.at, "the expression ends too early");
    default: return bad(p, p->tok.at, "an unexpected sign");
    }
}

static Err *parse_member(Parser *p, bool is_negative, CelNode **out)
{
    bool may_be_struct = is_at(p, TOK_IDENT) || is_at(p, TOK_DOT);
    TRY(parse_primary(p, is_negative, out));
    for (;;) {
        Str name = {0};
        if (is_at(p, TOK_DOT)) {
            TRY(parse_select(p, *out, out));
        } else if (is_at(p, TOK_LBRACKET)) {
            TRY(parse_index(p, *out, out));
        } else if (is_at(p, TOK_LBRACE) && may_be_struct && (name = chain_name(p->mem, *out)).n) {
            TRY(parse_struct(p, name, out));
        } else {
            return NULL;
        }
    }
}

/* --- operators --------------------------------------------------------------------------------------------------------- */

/* A minus belongs to the number behind it, so that the lowest integer can be written. */
static Err *parse_unary(Parser *p, CelNode **out)
{
    TokKind sign = p->tok.kind;
    uint32_t at[TREE_DEPTH];
    size_t n = 0;
    while ((sign == TOK_SUB || sign == TOK_NOT) && is_at(p, sign)) {
        if (n == TREE_DEPTH) return too_big(p, p->tok.at);
        at[n++] = p->tok.at;
        TRY(step(p));
    }
    bool is_negative = n && sign == TOK_SUB && is_at(p, TOK_NUMBER) && p->tok.val.kind != VAL_UINT;
    if (is_negative) p->tok.at = at[--n];
    TRY(parse_member(p, is_negative, out));
    while (n) TRY(make_n(p, sign == TOK_SUB ? CEL_NEG : CEL_NOT, at[--n], out, 1, out));
    return NULL;
}

static const struct {
    uint8_t token, level, op;
} binary[] = {{TOK_EQ, 1, CEL_EQ},   {TOK_NE, 1, CEL_NE},   {TOK_LT, 1, CEL_LT},   {TOK_LE, 1, CEL_LE},
              {TOK_GT, 1, CEL_GT},   {TOK_GE, 1, CEL_GE},   {TOK_IN, 1, CEL_IN},   {TOK_ADD, 2, CEL_ADD},
              {TOK_SUB, 2, CEL_SUB}, {TOK_MUL, 3, CEL_MUL}, {TOK_DIV, 3, CEL_DIV}, {TOK_MOD, 3, CEL_MOD}};

static int binary_at(const Parser *p, unsigned level)
{
    for (size_t i = 0; i < sizeof binary / sizeof *binary; i++)
        if (binary[i].token == p->tok.kind && binary[i].level >= level) return (int)i;
    return -1;
}

/* Everything that binds closer than &&: levels 1 (relations) to 3 (products), all left to right. */
static Err *parse_binary(Parser *p, unsigned level, CelNode **out)
{
    TRY(parse_unary(p, out));
    for (int i = binary_at(p, level); i >= 0; i = binary_at(p, level)) {
        CelNode *args[2] = {*out};
        uint32_t at = p->tok.at;
        TRY(step(p));
        TRY(parse_binary(p, binary[i].level + 1u, &args[1]));
        TRY(make_n(p, binary[i].op, at, args, 2, out));
    }
    return NULL;
}

static Err *balance(Parser *p, CelOp op, CelNode **terms, size_t n, CelNode **out)
{
    CelNode *args[2];
    if (n == 1) {
        *out = terms[0];
        return NULL;
    }
    TRY(balance(p, op, terms, (n + 1) / 2, &args[0]));
    TRY(balance(p, op, terms + (n + 1) / 2, n / 2, &args[1]));
    return make_n(p, op, args[1]->at, args, 2, out);
}

static Err *parse_logic(Parser *p, CelOp op, CelNode **out)
{
    TokKind sign = op == CEL_OR ? TOK_OR : TOK_AND;
    Nodes terms = {0};
    for (;;) {
        CelNode *term = NULL;
        TRY(op == CEL_OR ? parse_logic(p, CEL_AND, &term) : parse_binary(p, 1, &term));
        *vec_push(p->mem, &terms) = term;
        if (!is_at(p, sign)) break;
        TRY(step(p));
    }
    return balance(p, op, terms.p, terms.n, out);
}

static Err *parse_condition(Parser *p, CelNode **out)
{
    TRY(parse_logic(p, CEL_OR, out));
    if (!is_at(p, TOK_QUESTION)) return NULL;
    CelNode *args[3] = {*out};
    uint32_t at = p->tok.at;
    TRY(step(p));
    TRY(parse_logic(p, CEL_OR, &args[1]));
    TRY(expect(p, TOK_COLON, "':' is missing"));
    TRY(parse_expr(p, &args[2]));
    return make_n(p, CEL_COND, at, args, 3, out);
}

static Err *parse_expr(Parser *p, CelNode **out)
{
    if (++p->depth > LIMIT_CEL_DEPTH) return too_big(p, p->tok.at);
    TRY(parse_condition(p, out));
    p->depth--;
    return NULL;
}

Err *cel_parse(Arena *mem, Str source, CelNode **out)
{
    Parser p = {.mem = mem, .lx = {.mem = mem, .src = source}};
    if (source.n > LIMIT_CEL_TEXT) return too_big(&p, LIMIT_CEL_TEXT);
    if (!utf8_is_valid(source)) return bad(&p, 0, "text that is not UTF-8");
    TRY(step(&p));
    TRY(parse_expr(&p, out));
    if (!is_at(&p, TOK_END)) return bad(&p, p.tok.at, "an unexpected sign");
    return NULL;
}
