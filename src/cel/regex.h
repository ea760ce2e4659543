/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* Regular expressions in time linear in the text (RE2's syntax, without captures and Unicode property classes). */
typedef struct Regex Regex;

#define REGEX_SIZE    4000 /* instructions of a program */
#define REGEX_NESTING 50
#define REGEX_REPEAT  1000

/** Compiles; INVALID{error.cel.eval} names what is wrong. */
MUST_CHECK Err *regex_compile(Arena *mem, Str pattern, Regex **out);
/** Whether any part of `text` matches.  Takes program size times text length at most, from `*left` one step for each 16;
    false when that runs out, `*left` is then negative. */
bool regex_search(Arena *mem, const Regex *re, Str text, int64_t *left);
/** Instructions of the program. */
size_t regex_size(const Regex *re);
