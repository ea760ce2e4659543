/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/regex.h"

/* The tree between regex_parse.c and regex.c. */
typedef enum RxKind {
    RX_EMPTY,
    RX_CHAR,
    RX_ANY,
    RX_CLASS,
    RX_ASSERT,
    RX_CAT,
    RX_ALT,
    RX_REPEAT,
} RxKind;

typedef enum RxAssert {
    RX_TEXT_BEGIN,
    RX_TEXT_END,
    RX_LINE_BEGIN,
    RX_LINE_END,
    RX_WORD,
    RX_NOT_WORD
} RxAssert;

typedef struct RxRange {
    uint32_t from, to;
} RxRange;

typedef struct RxClass {
    RxRange *ranges;
    size_t n;
    bool is_negated;
} RxClass;

typedef struct RxNode RxNode;
struct RxNode {
    RxKind kind;
    bool folds;        /* CHAR, CLASS: case is ignored */
    bool with_newline; /* ANY */
    uint32_t c;        /* CHAR; ASSERT: which */
    int min, max;      /* REPEAT; max -1: no bound */
    RxClass *set;
    RxNode **kids;
    size_t n;
};

MUST_CHECK Err *regex_parse(Arena *mem, Str pattern, RxNode **out);
/** The lower-case letter of the alphabets of Europe. */
uint32_t regex_fold(uint32_t c);
