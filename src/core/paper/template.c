/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Merge fields, loops and conditions.  What a value looks like and what has to be escaped is the caller's: this file knows
   neither records nor paper.  Expressions are CEL; the variables of loops stand before the names of the caller. */
#include "core/paper/template.h"

#include "base/map.h"

typedef enum PartKind { PART_TEXT, PART_VALUE, PART_FOR, PART_IF } PartKind;

typedef struct Part Part;
struct Part {
    PartKind kind;
    int line;
    Str text; /* of TEXT; of an expression its source */
    Str form, var;
    CelNode *expr;
    Part *body, *other, *next;
};

struct Template {
    Part *first;
};

/* --- reading --------------------------------------------------------------------------------------------------------- */

typedef enum TagKind { TAG_VALUE, TAG_FOR, TAG_IF, TAG_ELSE, TAG_END, TAG_EOF } TagKind;

typedef struct Reader {
    Arena *mem;
    Str src;
    size_t at, parts;
    int line, depth;
} Reader;

static Err *problem(Arena *mem, const char *key, int line, Str what)
{
    size_t n = what.n < 100 ? what.n : 100;

    while (n < what.n && n && ((unsigned char)what.p[n] & 0xC0) == 0x80) n--; /* whole characters */
    what.n = n;
    Err *e = err_new(mem, ERR_INVALID, key, "template, line %d: %.*s", line, SFMT(what));
    return err_arg(err_arg(err_at(e, line), 0, str_fmt(mem, "%d", line)), 1, what);
}

/* Where "}}" stands outside of texts; -1 when it does not. */
static ptrdiff_t tag_end(Str s)
{
    char quote = 0;

    for (size_t i = 0; i + 1 < s.n; i++) {
        if (quote && s.p[i] == '\\')
            i++;
        else if (quote)
            quote = s.p[i] == quote ? 0 : quote;
        else if (s.p[i] == '\'' || s.p[i] == '"')
            quote = s.p[i];
        else if (s.p[i] == '}' && s.p[i + 1] == '}')
            return (ptrdiff_t)i;
    }
    return -1;
}

static bool is_word(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool is_letter = (s.p[i] >= 'a' && s.p[i] <= 'z') || s.p[i] == '_';
        if (!is_letter && !(i && s.p[i] >= '0' && s.p[i] <= '9')) return false;
    }
    return s.n > 0 && s.n <= 40;
}

/* The last "|" outside of texts that is no "||". */
static ptrdiff_t form_bar(Str s)
{
    ptrdiff_t found = -1;
    char quote = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (quote && s.p[i] == '\\') {
            i++;
        } else if (quote) {
            quote = s.p[i] == quote ? 0 : quote;
        } else if (s.p[i] == '\'' || s.p[i] == '"') {
            quote = s.p[i];
        } else if (s.p[i] == '|') {
            bool is_or = i + 1 < s.n && s.p[i + 1] == '|';
            if (!is_or) found = (ptrdiff_t)i;
            i += is_or;
        }
    }
    return found;
}

static int lines_in(Str s)
{
    int n = 0;

    for (size_t i = 0; i < s.n; i++) n += s.p[i] == '\n';
    return n;
}

static Part *part_new(Reader *r, PartKind kind, Str text)
{
    Part *part = NEW(r->mem, Part);

    r->parts++;
    *part = (Part){.kind = kind, .line = r->line, .text = text};
    return part;
}

static Err *read_expression(Reader *r, Part *part, Str source)
{
    part->text = str_trim(source);
    Err *e = cel_parse(r->mem, part->text, &part->expr);
    if (!e) return NULL;
    Err *first = problem(r->mem, "error.template.line", part->line, part->text);
    err_add(&first, e);
    return first;
}

static Err *read_for(Reader *r, Part *part, Str rest)
{
    ptrdiff_t in = str_find(rest, S(" in "));

    part->var = in < 0 ? (Str){0} : str_trim(str_sub(rest, 0, (size_t)in));
    if (!is_word(part->var) || str_eq(part->var, S("index")))
        return problem(r->mem, "error.template.tag", part->line, rest);
    return read_expression(r, part, str_from(rest, (size_t)in + 4));
}

static Err *read_value(Reader *r, Part *part, Str tag)
{
    ptrdiff_t bar = form_bar(tag);

    if (bar >= 0) {
        part->form = str_trim(str_from(tag, (size_t)bar + 1));
        if (!is_word(part->form)) return problem(r->mem, "error.template.form", part->line, part->form);
        tag = str_sub(tag, 0, (size_t)bar);
    }
    return read_expression(r, part, tag);
}

static TagKind kind_of(Str tag)
{
    if (str_eq(tag, S("end"))) return TAG_END;
    if (str_eq(tag, S("else"))) return TAG_ELSE;
    if (str_starts(tag, S("for "))) return TAG_FOR;
    return str_starts(tag, S("if ")) ? TAG_IF : TAG_VALUE;
}

static bool is_blank(Str s)
{
    return str_trim(s).n == 0;
}

/* A line of its own: from its first character to behind its end. */
static bool is_alone(Str src, size_t from, size_t to, size_t *start, size_t *end)
{
    *start = from;
    *end = to;
    while (*start > 0 && src.p[*start - 1] != '\n') (*start)--;
    while (*end < src.n && src.p[*end] != '\n') (*end)++;
    bool is_free = is_blank(str_sub(src, *start, from - *start)) && is_blank(str_sub(src, to, *end - to));
    if (*end < src.n) (*end)++;
    return is_free;
}

typedef struct Tag {
    TagKind kind;
    Str text;
    int line;
} Tag;

/* Text up to the next tag is appended at `*tail`, the tag itself told. */
static Err *next_tag(Reader *r, Part ***tail, Tag *out)
{
    Str rest = str_from(r->src, r->at);
    ptrdiff_t open = str_find(rest, S("{{"));
    size_t from = open < 0 ? r->src.n : r->at + (size_t)open, start = from, end = from;

    *out = (Tag){.kind = TAG_EOF, .line = r->line};
    if (open >= 0) {
        int line = r->line + lines_in(str_sub(r->src, r->at, from - r->at));
        ptrdiff_t close = tag_end(str_from(r->src, from + 2));
        if (close < 0) return problem(r->mem, "error.template.open", line, str_from(r->src, from));
        end = from + 2 + (size_t)close + 2;
        out->text = str_trim(str_sub(r->src, from + 2, (size_t)close));
        out->kind = kind_of(out->text);
        out->line = line;
        size_t line_start = 0, line_end = 0;
        bool is_free = out->kind != TAG_VALUE && is_alone(r->src, from, end, &line_start, &line_end);
        if (is_free && line_start >= r->at) {
            start = line_start;
            end = line_end;
        }
    }
    if (start > r->at) {
        **tail = part_new(r, PART_TEXT, str_sub(r->src, r->at, start - r->at));
        *tail = &(**tail)->next;
    }
    r->line += lines_in(str_sub(r->src, r->at, end - r->at));
    r->at = end;
    return NULL;
}

static Err *read_parts(Reader *r, Part **first, Tag *ended);

static Err *read_block(Reader *r, Part *part)
{
    Tag ended = {0};

    if (++r->depth > TEMPLATE_DEPTH) return problem(r->mem, "error.template.large", part->line, part->text);
    TRY(read_parts(r, &part->body, &ended));
    if (ended.kind == TAG_ELSE && part->kind == PART_IF) TRY(read_parts(r, &part->other, &ended));
    r->depth--;
    return ended.kind == TAG_END ? NULL : problem(r->mem, "error.template.end", part->line, part->text);
}

static Err *read_part(Reader *r, const Tag *tag, Part *part)
{
    part->line = tag->line;
    if (part->kind == PART_VALUE) return read_value(r, part, tag->text);
    TRY(part->kind == PART_FOR ? read_for(r, part, str_from(tag->text, 4))
                               : read_expression(r, part, str_from(tag->text, 3)));
    return read_block(r, part);
}

static Err *read_parts(Reader *r, Part **first, Tag *ended)
{
    Part **tail = first;

    for (;;) {
        TRY(next_tag(r, &tail, ended));
        if (ended->kind == TAG_EOF || ended->kind == TAG_END || ended->kind == TAG_ELSE) return NULL;
        if (r->parts > TEMPLATE_PARTS)
            return problem(r->mem, "error.template.large", ended->line, ended->text);
        Part *part = part_new(r,
                              ended->kind == TAG_FOR  ? PART_FOR
                              : ended->kind == TAG_IF ? PART_IF
                                                      : PART_VALUE,
                              ended->text);
        *tail = part;
        tail = &part->next;
        TRY(read_part(r, ended, part));
    }
}

Err *template_parse(Arena *mem, Str source, Template **out)
{
    Reader r = {.mem = mem, .src = source, .line = 1};
    Tag ended = {0};

    *out = NEW(mem, Template);
    if (source.n > TEMPLATE_SOURCE_MAX) return problem(mem, "error.template.large", 1, source);
    TRY(read_parts(&r, &(*out)->first, &ended));
    return ended.kind == TAG_EOF ? NULL : problem(mem, "error.template.end", ended.line, ended.text);
}

/* --- names ----------------------------------------------------------------------------------------------------------- */

typedef struct Var {
    Str name;
    const CelType *type;
    Val val;
} Var;

typedef struct Vars {
    Var list[2 * TEMPLATE_DEPTH];
    size_t n;
} Vars;

static const Var *find_var(const Vars *vars, Str name)
{
    for (size_t i = vars->n; i-- > 0;)
        if (str_eq(vars->list[i].name, name)) return &vars->list[i];
    return NULL;
}

static void push_var(Vars *vars, Str name, const CelType *type, Val val)
{
    vars->list[vars->n++] = (Var){name, type, val};
}

typedef struct Checker {
    Arena *mem;
    const CelEnv *outer;
    CelEnv env;
    Vars vars;
    bool (*is_form)(Str form);
} Checker;

static const CelType *check_ident(void *arg, Str name)
{
    Checker *c = arg;
    const Var *var = find_var(&c->vars, name);

    return var ? var->type : c->outer->ident(c->outer->arg, name);
}

static const CelType *check_field(void *arg, const CelType *object, Str name)
{
    Checker *c = arg;

    return c->outer->field(c->outer->arg, object, name);
}

static const CelType *elem_of(const CelNode *node)
{
    bool is_list = node->type && node->type->kind == CEL_T_LIST;

    return is_list && node->type->elem ? node->type->elem : &cel_dyn;
}

static Err *check_parts(Checker *c, Part *part)
{
    for (; part; part = part->next) {
        if (part->kind == PART_TEXT) continue;
        Err *e = cel_check(c->mem, &c->env, part->expr, NULL);
        if (e) {
            Err *first = problem(c->mem, "error.template.line", part->line, part->text);
            err_add(&first, e);
            return first;
        }
        if (part->form.n && !c->is_form(part->form))
            return problem(c->mem, "error.template.form", part->line, part->form);
        size_t n = c->vars.n;
        if (part->kind == PART_FOR) {
            push_var(&c->vars, part->var, elem_of(part->expr), val_null());
            push_var(&c->vars, S("index"), &cel_int, val_null());
        }
        TRY(check_parts(c, part->body));
        TRY(check_parts(c, part->other));
        c->vars.n = n;
    }
    return NULL;
}

Err *template_check(Arena *mem, Template *t, const CelEnv *env, bool (*is_form)(Str form))
{
    Checker c = {.mem = mem, .outer = env, .env = *env, .is_form = is_form};

    c.env.arg = &c;
    c.env.ident = check_ident;
    c.env.field = check_field;
    return check_parts(&c, t->first);
}

/* --- filling --------------------------------------------------------------------------------------------------------- */

typedef struct Filler {
    Arena *mem;
    const TemplateFill *how;
    CelScope scope;
    Vars vars;
    Buf out;
    size_t steps;
} Filler;

static bool fill_ident(void *arg, Arena *mem, Str name, Val *out)
{
    Filler *f = arg;
    const Var *var = find_var(&f->vars, name);

    if (!var) return f->how->scope->ident(f->how->scope->arg, mem, name, out);
    *out = var->val;
    return true;
}

static bool fill_field(void *arg, Arena *mem, Val object, Str name, Val *out)
{
    Filler *f = arg;

    return f->how->scope->field(f->how->scope->arg, mem, object, name, out);
}

static bool is_true(Val v)
{
    switch (v.kind) {
    case VAL_NULL: return false;
    case VAL_BOOL: return v.b;
    case VAL_TEXT:
    case VAL_LIST:
    case VAL_MAP: return v.n > 0;
    case VAL_INT:
    case VAL_DECIMAL:
    case VAL_MONEY: return v.i != 0;
    default: return true;
    }
}

/* What cannot be computed is nothing; what takes too much is an error. */
static Err *value_of(Filler *f, const Part *part, Val *out)
{
    Err *e = cel_eval(f->mem, part->expr, &f->scope, out);

    if (e && e->code == ERR_INVALID) *out = val_null();
    return e && e->code != ERR_INVALID ? e : NULL;
}

static Err *fill_parts(Filler *f, const Part *part);

static Err *fill_loop(Filler *f, const Part *part, Val list)
{
    size_t n = f->vars.n;

    for (uint32_t i = 0; list.kind == VAL_LIST && i < list.n; i++) {
        push_var(&f->vars, part->var, NULL, list.list[i]);
        push_var(&f->vars, S("index"), NULL, val_int((int64_t)i + 1));
        Err *e = fill_parts(f, part->body);
        f->vars.n = n;
        if (e) return e;
    }
    return NULL;
}

static Err *fill_part(Filler *f, const Part *part)
{
    Val v = {0};

    if (++f->steps > TEMPLATE_STEPS || f->out.is_over)
        FAIL(f->mem, ERR_LIMIT, "error.template.long", "over %zu steps or %zu bytes", f->steps, f->out.max);
    if (part->kind == PART_TEXT) {
        buf_add(&f->out, part->text);
        return NULL;
    }
    TRY(value_of(f, part, &v));
    switch (part->kind) {
    case PART_FOR: return fill_loop(f, part, v);
    case PART_IF: return fill_parts(f, is_true(v) ? part->body : part->other);
    default: return f->how->put(f->how->arg, &f->out, part->expr, v, part->form);
    }
}

static Err *fill_parts(Filler *f, const Part *part)
{
    for (; part; part = part->next) TRY(fill_part(f, part));
    return NULL;
}

Err *template_fill(Arena *mem, const Template *t, const TemplateFill *how, Str *out)
{
    Filler f = {.mem = mem, .how = how, .scope = *how->scope, .out = buf_new(mem, how->max)};

    f.scope.arg = &f;
    f.scope.ident = fill_ident;
    f.scope.field = fill_field;
    TRY(fill_parts(&f, t->first));
    if (f.out.is_over) FAIL(mem, ERR_LIMIT, "error.template.long", "over %zu bytes", how->max);
    *out = buf_str(&f.out);
    return NULL;
}
