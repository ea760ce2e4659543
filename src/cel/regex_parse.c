/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parser of regular expressions: RE2's syntax.  Groups never capture, because `matches` only asks whether; back
   references and look-around do not exist, which is what makes the matcher linear. */

#include "base/map.h"
#include "cel/regex_node.h"

typedef struct RxFlags {
    bool folds, is_multiline, dot_is_all;
} RxFlags;

typedef struct RxParser {
    Arena *mem;
    Str s;
    size_t at;
    RxFlags flags;
    unsigned depth;
} RxParser;

typedef VEC(RxRange) Ranges;
typedef VEC(RxNode *) RxNodes;

static Err *parse_alternatives(RxParser *p, RxNode **out);

static Err *bad(RxParser *p, const char *what)
{
    return err_new(p->mem, ERR_INVALID, "error.cel.eval", "%s in a regular expression", what);
}

static int peek(const RxParser *p, size_t ahead)
{
    return p->at + ahead < p->s.n ? (unsigned char)p->s.p[p->at + ahead] : -1;
}

static bool skip(RxParser *p, const char *what)
{
    Str s = str_c(what);
    if (!str_starts(str_from(p->s, p->at), s)) return false;
    p->at += s.n;
    return true;
}

static RxNode *make(RxParser *p, RxKind kind, uint32_t c)
{
    RxNode *node = NEW(p->mem, RxNode);
    *node = (RxNode){.kind = kind, .c = c, .folds = p->flags.folds, .with_newline = p->flags.dot_is_all};
    return node;
}

static RxNode *make_many(RxParser *p, RxKind kind, const RxNodes *kids)
{
    if (kids->n == 0) return make(p, RX_EMPTY, 0);
    if (kids->n == 1) return kids->p[0];
    RxNode *node = make(p, kind, 0);
    node->kids = kids->p;
    node->n = kids->n;
    return node;
}

/* --- classes --------------------------------------------------------------------------------------------------------------- */

static void add_range(RxParser *p, Ranges *to, uint32_t from, uint32_t until)
{
    *vec_push(p->mem, to) = (RxRange){from, until};
}

/* Named classes as pairs of bounds. */
static const struct {
    const char *name, *pairs;
} classes[] = {{"d", "09"},           {"w", "09AZ__az"},   {"s", "\t\n\f\r  "}, {"alnum", "09AZaz"},
               {"alpha", "AZaz"},     {"ascii", "\1\x7f"}, {"blank", "\t\t  "}, {"cntrl", "\1\x1f\x7f\x7f"},
               {"digit", "09"},       {"graph", "!~"},     {"lower", "az"},     {"print", " ~"},
               {"punct", "!/:@[`{~"}, {"space", "\t\r  "}, {"upper", "AZ"},     {"word", "09AZ__az"},
               {"xdigit", "09AFaf"}};

static bool add_named(RxParser *p, Ranges *to, Str name)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (!str_eq_c(name, classes[i].name)) continue;
        for (const char *c = classes[i].pairs; *c; c += 2)
            add_range(p, to, (unsigned char)c[0], (unsigned char)c[1]);
        return true;
    }
    return false;
}

/* Everything the named class (whose ranges are in order) leaves out. */
static void add_complement(RxParser *p, Ranges *to, Str name)
{
    Ranges own = {0};
    uint32_t from = 0;
    (void)add_named(p, &own, name);
    for (size_t i = 0; i < own.n; i++) {
        if (own.p[i].from > from) add_range(p, to, from, own.p[i].from - 1);
        from = own.p[i].to + 1;
    }
    add_range(p, to, from, 0x10FFFF);
}

/* \d \D \w \W \s \S: false when none stands here. */
static bool take_perl_class(RxParser *p, Ranges *to)
{
    int c = peek(p, 0) == '\\' ? peek(p, 1) : -1;
    char lower = (char)(c | 0x20);
    if (c < 0 || !strchr("dDwWsS", c)) return false;
    p->at += 2;
    if (c == lower)
        (void)add_named(p, to, (Str){&lower, 1});
    else
        add_complement(p, to, (Str){&lower, 1});
    return true;
}

static RxNode *make_class(RxParser *p, const Ranges *ranges, bool is_negated)
{
    RxNode *node = make(p, RX_CLASS, 0);
    node->set = NEW(p->mem, RxClass);
    *node->set = (RxClass){.ranges = ranges->p, .n = ranges->n, .is_negated = is_negated};
    return node;
}

/* --- escapes ----------------------------------------------------------------------------------------------------------------- */

/* \x41 and \x{1F600} */
static Err *parse_hex(RxParser *p, uint32_t *out)
{
    bool is_braced = skip(p, "{");
    uint32_t v = 0;
    int n = 0;
    for (; hex_digit(peek(p, 0)) >= 0 && n < (is_braced ? 6 : 2); n++, p->at++)
        v = v * 16 + (uint32_t)hex_digit(peek(p, 0));
    if (n == 0 || (!is_braced && n != 2) || v > 0x10FFFF) return bad(p, "a bad escape");
    if (is_braced && !skip(p, "}")) return bad(p, "a bad escape");
    *out = v;
    return NULL;
}

/* The character an escape stands for; the backslash is behind. */
static Err *parse_escape(RxParser *p, uint32_t *out)
{
    static const char names[] = "aftnrv", codes[] = "\a\f\t\n\r\v";
    int c = peek(p, 0);
    if (c < 0) return bad(p, "a backslash at the end");
    const char *simple = strchr(names, c);
    p->at++;
    if (simple) {
        *out = (uint32_t)codes[simple - names];
    } else if (c == 'x') {
        return parse_hex(p, out);
    } else if (c >= '0' && c <= '7') {
        uint32_t v = (uint32_t)(c - '0');
        if (c != '0' && !(peek(p, 0) >= '0' && peek(p, 0) <= '7')) return bad(p, "a back reference");
        for (int i = 0; i < 2 && peek(p, 0) >= '0' && peek(p, 0) <= '7'; i++)
            v = v * 8 + (uint32_t)(p->s.p[p->at++] - '0');
        *out = v;
    } else if (c < 128 && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !(c >= '0' && c <= '9')) {
        *out = (uint32_t)c;
    } else {
        return bad(p, "an unknown escape");
    }
    return NULL;
}

static Err *parse_class_char(RxParser *p, uint32_t *out)
{
    if (p->at >= p->s.n) return bad(p, "a class without its end");
    if (skip(p, "\\")) return parse_escape(p, out);
    *out = utf8_next(p->s, &p->at);
    return NULL;
}

/* [:alpha:] and [:^alpha:] */
static Err *take_posix_class(RxParser *p, Ranges *to, bool *taken)
{
    Str rest = str_from(p->s, p->at);
    ptrdiff_t end = str_find(rest, S(":]"));
    *taken = false;
    if (!str_starts(rest, S("[:")) || end < 0) return NULL;
    Str name = str_sub(rest, 2, (size_t)end - 2);
    bool is_negated = str_starts(name, S("^"));
    Ranges ignored = {0};
    if (is_negated) name = str_from(name, 1);
    if (name.n < 2 || !add_named(p, is_negated ? &ignored : to, name)) return bad(p, "an unknown class");
    if (is_negated) add_complement(p, to, name);
    p->at += (size_t)end + 2;
    *taken = true;
    return NULL;
}

static Err *parse_class_item(RxParser *p, Ranges *to)
{
    bool taken = false;
    uint32_t from = 0, until = 0;
    TRY(take_posix_class(p, to, &taken));
    if (taken || take_perl_class(p, to)) return NULL;
    TRY(parse_class_char(p, &from));
    until = from;
    if (peek(p, 0) == '-' && peek(p, 1) != ']' && peek(p, 1) >= 0) {
        p->at++;
        TRY(parse_class_char(p, &until));
    }
    if (until < from) return bad(p, "a range from high to low");
    add_range(p, to, from, until);
    return NULL;
}

static Err *parse_class(RxParser *p, RxNode **out)
{
    Ranges ranges = {0};
    bool is_negated = skip(p, "^");
    for (bool is_first = true; is_first || peek(p, 0) != ']'; is_first = false) {
        if (p->at >= p->s.n) return bad(p, "a class without its end");
        TRY(parse_class_item(p, &ranges));
    }
    p->at++;
    *out = make_class(p, &ranges, is_negated);
    return NULL;
}

/* --- atoms --------------------------------------------------------------------------------------------------------------------- */

static Err *parse_backslash(RxParser *p, RxNode **out)
{
    static const struct {
        char c;
        uint8_t kind;
    } asserts[] = {{'A', RX_TEXT_BEGIN}, {'z', RX_TEXT_END}, {'b', RX_WORD}, {'B', RX_NOT_WORD}};
    Ranges ranges = {0};
    uint32_t c = 0;
    if (take_perl_class(p, &ranges)) {
        *out = make_class(p, &ranges, false);
        return NULL;
    }
    p->at++;
    for (size_t i = 0; i < sizeof asserts / sizeof *asserts; i++) {
        if (peek(p, 0) != asserts[i].c) continue;
        p->at++;
        *out = make(p, RX_ASSERT, asserts[i].kind);
        return NULL;
    }
    TRY(parse_escape(p, &c));
    *out = make(p, RX_CHAR, c);
    return NULL;
}

/* \Q...\E: as it stands. */
static void parse_verbatim(RxParser *p, RxNode **out)
{
    RxNodes chars = {0};
    while (p->at < p->s.n && !skip(p, "\\E"))
        *vec_push(p->mem, &chars) = make(p, RX_CHAR, utf8_next(p->s, &p->at));
    *out = make_many(p, RX_CAT, &chars);
}

static Err *parse_flags(RxParser *p, RxFlags *flags)
{
    bool on = true, any = false;
    for (;; any = true) {
        int c = peek(p, 0);
        if (c == 'i')
            flags->folds = on;
        else if (c == 'm')
            flags->is_multiline = on;
        else if (c == 's')
            flags->dot_is_all = on;
        else if (c == '-' && on)
            on = false;
        else if (c != 'U')
            break;
        p->at++;
    }
    return any ? NULL : bad(p, "an unknown group");
}

/* <name> of a named group. */
static Err *skip_group_name(RxParser *p)
{
    size_t from = p->at;
    while (peek(p, 0) > 0 && (peek(p, 0) == '_' || hex_digit(peek(p, 0)) >= 0 ||
                              ((peek(p, 0) | 0x20) >= 'a' && (peek(p, 0) | 0x20) <= 'z')))
        p->at++;
    return p->at > from && skip(p, ">") ? NULL : bad(p, "a bad group name");
}

/* Behind "(": a group; its flags end with it, and (?i) alone holds until the surrounding group ends. */
static Err *parse_group(RxParser *p, RxNode **out)
{
    RxFlags outer = p->flags;
    if (++p->depth > REGEX_NESTING) return bad(p, "too deep a nesting");
    if (skip(p, "?P<") || skip(p, "?<")) {
        TRY(skip_group_name(p));
    } else if (!skip(p, "?:") && skip(p, "?")) {
        TRY(parse_flags(p, &p->flags));
        if (skip(p, ")")) {
            p->depth--;
            *out = make(p, RX_EMPTY, 0);
            return NULL;
        }
        if (!skip(p, ":")) return bad(p, "an unknown group");
    }
    TRY(parse_alternatives(p, out));
    if (!skip(p, ")")) return bad(p, "a group without its end");
    p->flags = outer;
    p->depth--;
    return NULL;
}

static Err *parse_atom(RxParser *p, RxNode **out)
{
    int c = peek(p, 0);
    if (c == '\\' && !skip(p, "\\Q")) return parse_backslash(p, out);
    if (c == '\\') {
        parse_verbatim(p, out);
        return NULL;
    }
    uint32_t code = utf8_next(p->s, &p->at);
    switch (c) {
    case '(': return parse_group(p, out);
    case '[': return parse_class(p, out);
    case '.': *out = make(p, RX_ANY, 0); return NULL;
    case '^': *out = make(p, RX_ASSERT, p->flags.is_multiline ? RX_LINE_BEGIN : RX_TEXT_BEGIN); return NULL;
    case '$': *out = make(p, RX_ASSERT, p->flags.is_multiline ? RX_LINE_END : RX_TEXT_END); return NULL;
    case '*':
    case '+':
    case '?': return bad(p, "nothing to repeat");
    default: *out = make(p, RX_CHAR, code); return NULL;
    }
}

/* --- repetition ------------------------------------------------------------------------------------------------------------------ */

static bool take_number(RxParser *p, int *out)
{
    size_t from = p->at;
    int v = 0;
    for (; peek(p, 0) >= '0' && peek(p, 0) <= '9' && v <= REGEX_REPEAT; p->at++)
        v = v * 10 + peek(p, 0) - '0';
    *out = v;
    return p->at > from;
}

/* {n} {n,} {n,m}; anything else in braces is plain text. */
static bool take_counts(RxParser *p, int *min, int *max)
{
    size_t from = p->at;
    if (skip(p, "{") && take_number(p, min)) {
        *max = *min;
        if (skip(p, ",") && !take_number(p, max)) *max = -1;
        if (skip(p, "}")) return true;
    }
    p->at = from;
    return false;
}

static bool take_repeat(RxParser *p, int *min, int *max)
{
    if (skip(p, "*"))
        *min = 0, *max = -1;
    else if (skip(p, "+"))
        *min = 1, *max = -1;
    else if (skip(p, "?"))
        *min = 0, *max = 1;
    else if (!take_counts(p, min, max))
        return false;
    (void)skip(p, "?");
    return true;
}

static Err *parse_repeat(RxParser *p, RxNode **out)
{
    int min = 0, max = 0;
    TRY(parse_atom(p, out));
    if (!take_repeat(p, &min, &max)) return NULL;
    if (min > REGEX_REPEAT || max > REGEX_REPEAT || (max >= 0 && max < min))
        return bad(p, "a bad repetition");
    RxNode *node = make(p, RX_REPEAT, 0);
    node->min = min;
    node->max = max;
    node->n = 1;
    node->kids = NEW(p->mem, RxNode *);
    node->kids[0] = *out;
    *out = node;
    return take_repeat(p, &min, &max) ? bad(p, "a repetition of a repetition") : NULL;
}

static Err *parse_sequence(RxParser *p, RxNode **out)
{
    RxNodes items = {0};
    while (p->at < p->s.n && peek(p, 0) != '|' && peek(p, 0) != ')') {
        RxNode *item = NULL;
        TRY(parse_repeat(p, &item));
        *vec_push(p->mem, &items) = item;
    }
    *out = make_many(p, RX_CAT, &items);
    return NULL;
}

static Err *parse_alternatives(RxParser *p, RxNode **out)
{
    RxNodes items = {0};
    do {
        RxNode *item = NULL;
        TRY(parse_sequence(p, &item));
        *vec_push(p->mem, &items) = item;
    } while (skip(p, "|"));
    *out = make_many(p, RX_ALT, &items);
    return NULL;
}

Err *regex_parse(Arena *mem, Str pattern, RxNode **out)
{
    RxParser p = {.mem = mem, .s = pattern};
    TRY(parse_alternatives(&p, out));
    return p.at < p.s.n ? bad(&p, "a ')' too many") : NULL;
}
