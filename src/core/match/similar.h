/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* How alike two values are.  Both are given folded and in Latin letters (text_fold, text_latin). */

/* Ordered: a higher one never speaks less for a match. */
typedef enum Likeness {
    LIKE_UNKNOWN = -1,
    LIKE_NOT,
    LIKE_SOMEWHAT,
    LIKE_CLOSELY,
    LIKE_SAME,
    LIKE_COUNT
} Likeness;

/** Jaro's similarity with Winkler's bonus for a common beginning (Winkler 1990, "String Comparator Metrics and Enhanced
    Decision Rules"), in thousandths; of bytes, the first 64 of each. */
int similar_jaro_winkler(Str a, Str b);
/** Insertions, deletions, substitutions and swaps of neighbours that lead from `a` to `b` (optimal string alignment), counted
    up to `limit`; more is `limit + 1`.  Of the first 64 bytes. */
int similar_edits(Str a, Str b, int limit);

/** Words and names: written with a slip, shortened to an initial, with other words beside the same ones. */
Likeness similar_texts(Str a, Str b);
/** Numbers, dates and codes, where one wrong digit is a slip and two are another number. */
Likeness similar_codes(Str a, Str b);
/** Lists with '\n' between their values: alike as the two most alike values. */
Likeness similar_lists(Str a, Str b);
