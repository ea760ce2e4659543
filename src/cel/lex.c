/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lexer of CEL: white space and // comments go, numbers and texts become values.  The source is valid UTF-8 (the parser
   checked it), so bytes above 127 stand only in texts and comments and are copied as they are.  A number keeps its
   source text: beside a decimal it is read from there and never goes through a double. */

#include "cel/lex.h"

#include "base/buf.h"
#include "base/limits.h"

#include <errno.h>

static Err *bad(Lexer *lx, size_t at, const char *what)
{
    return err_at(err_new(lx->mem, ERR_INVALID, "error.cel.syntax", "%s at %zu", what, at), (ptrdiff_t)at);
}

static int peek(const Lexer *lx, size_t ahead)
{
    return lx->at + ahead < lx->src.n ? (unsigned char)lx->src.p[lx->at + ahead] : -1;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_name_char(int c)
{
    return is_name_start(c) || is_digit(c);
}

static void skip_blanks(Lexer *lx)
{
    for (int c = peek(lx, 0); c >= 0; c = peek(lx, 0)) {
        if (c == '/' && peek(lx, 1) == '/') {
            while (lx->at < lx->src.n && lx->src.p[lx->at] != '\n') lx->at++;
        } else if (c == ' ' || (c >= '\t' && c <= '\r')) {
            lx->at++;
        } else {
            return;
        }
    }
}

static const char *const reserved[] = {"as",       "break",  "const",  "continue", "else",      "for",
                                       "function", "if",     "import", "let",      "namespace", "package",
                                       "loop",     "return", "var",    "void",     "while"};

static bool is_reserved(Str s)
{
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (str_eq_c(s, reserved[i])) return true;
    return false;
}

bool lex_is_name(Str s)
{
    if (s.n == 0 || !is_name_start((unsigned char)s.p[0])) return false;
    for (size_t i = 1; i < s.n; i++)
        if (!is_name_char((unsigned char)s.p[i])) return false;
    return !str_eq(s, S("in")) && !str_eq(s, S("true")) && !str_eq(s, S("false")) && !str_eq(s, S("null"));
}

/* --- numbers --------------------------------------------------------------------------------------------------------- */

static bool digits_value(Str s, unsigned base, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (__builtin_mul_overflow(v, base, &v)) return false;
        if (__builtin_add_overflow(v, (uint64_t)hex_digit((unsigned char)s.p[i]), &v)) return false;
    }
    *out = v;
    return true;
}

static Err *finish_integer(Lexer *lx, Token *t, Str digits, unsigned base)
{
    uint64_t v = 0;
    if (digits.n == 0) return bad(lx, t->at, "a number without digits");
    if (!digits_value(digits, base, &v)) return bad(lx, t->at, "a number too large");
    if (peek(lx, 0) == 'u' || peek(lx, 0) == 'U') {
        lx->at++;
        t->val = val_uint(v);
    } else if (v <= INT64_MAX) {
        t->val = val_int((int64_t)v);
    } else if (v == (uint64_t)INT64_MAX + 1) {
        t->is_big = true;
        t->val = val_int(INT64_MIN);
    } else {
        return bad(lx, t->at, "a number too large");
    }
    return NULL;
}

static void skip_digits(Lexer *lx)
{
    while (is_digit(peek(lx, 0))) lx->at++;
}

/* Moves past an exponent, if one stands here. */
static bool skip_exponent(Lexer *lx)
{
    if (peek(lx, 0) != 'e' && peek(lx, 0) != 'E') return false;
    size_t sign = peek(lx, 1) == '+' || peek(lx, 1) == '-' ? 1 : 0;
    if (!is_digit(peek(lx, 1 + sign))) return false;
    lx->at += 1 + sign;
    skip_digits(lx);
    return true;
}

static Err *lex_number(Lexer *lx, Token *t)
{
    bool is_double = false;
    t->kind = TOK_NUMBER;
    if (peek(lx, 0) == '0' && (peek(lx, 1) == 'x' || peek(lx, 1) == 'X')) {
        size_t from = lx->at += 2;
        while (hex_digit(peek(lx, 0)) >= 0) lx->at++;
        TRY(finish_integer(lx, t, str_sub(lx->src, from, lx->at - from), 16));
    } else {
        skip_digits(lx);
        if (peek(lx, 0) == '.' && is_digit(peek(lx, 1))) {
            is_double = true;
            lx->at++;
            skip_digits(lx);
        }
        if (skip_exponent(lx)) is_double = true;
        Str text = str_sub(lx->src, t->at, lx->at - t->at);
        if (is_double) {
            t->val = val_double(strtod(str_to_c(lx->mem, text), NULL));
        } else {
            TRY(finish_integer(lx, t, text, 10));
        }
    }
    if (is_name_char(peek(lx, 0))) return bad(lx, lx->at, "a letter inside a number");
    t->text = str_sub(lx->src, t->at, lx->at - t->at);
    return NULL;
}

/* --- texts ----------------------------------------------------------------------------------------------------------- */

typedef struct Quoting {
    bool is_raw, is_bytes, is_triple;
    int quote;
} Quoting;

/* `count` digits of `base` as a code point or byte. */
static Err *lex_code(Lexer *lx, const Quoting *q, unsigned base, int count, Buf *b)
{
    size_t at = lx->at;
    uint32_t v = 0;
    for (int i = 0; i < count; i++, lx->at++) {
        int d = hex_digit(peek(lx, 0));
        if (d < 0 || (unsigned)d >= base) return bad(lx, at, "a bad escape");
        v = v * base + (uint32_t)d;
    }
    if (q->is_bytes) {
        if (v > 255) return bad(lx, at, "a bad escape");
        buf_add_c(b, (char)v);
        return NULL;
    }
    if (v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF)) return bad(lx, at, "an escape that is no character");
    char utf8[4];
    buf_add_n(b, utf8, utf8_put(utf8, v));
    return NULL;
}

static Err *lex_escape(Lexer *lx, const Quoting *q, Buf *b)
{
    static const char names[] = "abfnrtv\\?\"'`";
    static const char codes[] = "\a\b\f\n\r\t\v\\?\"'`";
    int c = peek(lx, 0);
    const char *simple = c > 0 ? strchr(names, c) : NULL;
    if (simple) {
        buf_add_c(b, codes[simple - names]);
        lx->at++;
        return NULL;
    }
    if (c >= '0' && c <= '3') return lex_code(lx, q, 8, 3, b);
    lx->at++;
    if (c == 'x' || c == 'X') return lex_code(lx, q, 16, 2, b);
    if (c == 'u' && !q->is_bytes) return lex_code(lx, q, 16, 4, b);
    if (c == 'U' && !q->is_bytes) return lex_code(lx, q, 16, 8, b);
    return bad(lx, lx->at - 1, "an unknown escape");
}

static bool at_close(const Lexer *lx, const Quoting *q)
{
    if (peek(lx, 0) != q->quote) return false;
    return !q->is_triple || (peek(lx, 1) == q->quote && peek(lx, 2) == q->quote);
}

static Err *lex_text(Lexer *lx, Token *t, Quoting q)
{
    Buf b = buf_new(lx->mem, LIMIT_CEL_TEXT * 2);
    t->kind = TOK_TEXT;
    q.quote = peek(lx, 0);
    q.is_triple = peek(lx, 1) == q.quote && peek(lx, 2) == q.quote;
    lx->at += q.is_triple ? 3 : 1;
    while (!at_close(lx, &q)) {
        int c = peek(lx, 0);
        if (c < 0 || (!q.is_triple && (c == '\n' || c == '\r')))
            return bad(lx, t->at, "a text without its end");
        lx->at++;
        if (c == '\\' && !q.is_raw) {
            TRY(lex_escape(lx, &q, &b));
        } else {
            buf_add_c(&b, (char)c);
        }
    }
    lx->at += q.is_triple ? 3 : 1;
    t->val = q.is_bytes ? val_bytes(buf_str(&b)) : val_text(buf_str(&b));
    return NULL;
}

/* A text may begin with r, b or both, in either case: b first. */
static bool text_prefix(const Lexer *lx, Quoting *q, size_t *skip)
{
    size_t i = 0;
    int c = peek(lx, 0);
    if (c == 'b' || c == 'B') {
        q->is_bytes = true;
        c = peek(lx, ++i);
    }
    if (c == 'r' || c == 'R') {
        q->is_raw = true;
        c = peek(lx, ++i);
    }
    *skip = i;
    return c == '"' || c == '\'';
}

/* --- names and signs --------------------------------------------------------------------------------------------------- */

static void lex_word(Lexer *lx, Token *t)
{
    while (is_name_char(peek(lx, 0))) lx->at++;
    t->text = str_sub(lx->src, t->at, lx->at - t->at);
    t->kind = str_eq(t->text, S("in")) ? TOK_IN : TOK_IDENT;
    t->is_reserved = is_reserved(t->text);
}

static bool is_quoted_char(int c)
{
    return is_name_char(c) || c == '.' || c == '-' || c == '/' || c == ' ';
}

static Err *lex_quoted(Lexer *lx, Token *t)
{
    lx->at++;
    while (is_quoted_char(peek(lx, 0))) lx->at++;
    if (peek(lx, 0) != '`' || lx->at == t->at + 1) return bad(lx, t->at, "a bad quoted name");
    t->kind = TOK_QUOTED;
    t->text = str_sub(lx->src, t->at + 1, lx->at - t->at - 1);
    lx->at++;
    return NULL;
}

static const struct {
    char text[3];
    uint8_t kind;
} signs[] = {{"&&", TOK_AND},     {"||", TOK_OR},      {"==", TOK_EQ},    {"!=", TOK_NE},
             {"<=", TOK_LE},      {">=", TOK_GE},      {"<", TOK_LT},     {">", TOK_GT},
             {"!", TOK_NOT},      {"+", TOK_ADD},      {"-", TOK_SUB},    {"*", TOK_MUL},
             {"/", TOK_DIV},      {"%", TOK_MOD},      {"(", TOK_LPAREN}, {")", TOK_RPAREN},
             {"[", TOK_LBRACKET}, {"]", TOK_RBRACKET}, {"{", TOK_LBRACE}, {"}", TOK_RBRACE},
             {".", TOK_DOT},      {",", TOK_COMMA},    {":", TOK_COLON},  {"?", TOK_QUESTION}};

static Err *lex_sign(Lexer *lx, Token *t)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        Str s = str_c(signs[i].text);
        if (!str_starts(str_from(lx->src, lx->at), s)) continue;
        t->kind = signs[i].kind;
        lx->at += s.n;
        return NULL;
    }
    return bad(lx, lx->at, "an unexpected character");
}

Err *lex_next(Lexer *lx, Token *out)
{
    Quoting q = {0};
    size_t skip = 0;

    skip_blanks(lx);
    *out = (Token){.at = (uint32_t)lx->at, .end = (uint32_t)lx->at};
    int c = peek(lx, 0);
    if (c < 0) return NULL;
    if (text_prefix(lx, &q, &skip)) {
        lx->at += skip;
        TRY(lex_text(lx, out, q));
    } else if (is_name_start(c)) {
        lex_word(lx, out);
    } else if (is_digit(c) || (c == '.' && is_digit(peek(lx, 1)))) {
        TRY(lex_number(lx, out));
    } else if (c == '`') {
        TRY(lex_quoted(lx, out));
    } else {
        TRY(lex_sign(lx, out));
    }
    out->end = (uint32_t)lx->at;
    return NULL;
}
