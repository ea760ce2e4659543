/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"
#include "base/val.h"

/* Tokens of CEL source. */
typedef enum TokKind {
    TOK_END,
    TOK_IDENT,  /* text */
    TOK_QUOTED, /* `a-b`: text without the quotes */
    TOK_NUMBER, /* text as written, val without a sign; INT digits beyond 63 bits: is_big */
    TOK_TEXT,   /* val is TEXT or BYTES */
    TOK_LPAREN,
    TOK_RPAREN,
    TOK_LBRACKET,
    TOK_RBRACKET,
    TOK_LBRACE,
    TOK_RBRACE,
    TOK_DOT,
    TOK_COMMA,
    TOK_COLON,
    TOK_QUESTION,
    TOK_AND,
    TOK_OR,
    TOK_NOT,
    TOK_EQ,
    TOK_NE,
    TOK_LT,
    TOK_LE,
    TOK_GT,
    TOK_GE,
    TOK_IN,
    TOK_ADD,
    TOK_SUB,
    TOK_MUL,
    TOK_DIV,
    TOK_MOD,
} TokKind;

typedef struct Token {
    TokKind kind;
    bool is_reserved; /* IDENT: a word that may not name a variable */
    bool is_big;      /* NUMBER: 9223372036854775808, an INT only behind a minus */
    uint32_t at, end; /* byte offsets */
    Str text;
    Val val;
} Token;

typedef struct Lexer {
    Arena *mem;
    Str src;
    size_t at;
} Lexer;

/** Reads the next token.  INVALID{error.cel.syntax} with the byte offset in `at`. */
MUST_CHECK Err *lex_next(Lexer *lx, Token *out);

/** Whether `s` can be written as an identifier after a point. */
bool lex_is_name(Str s);
