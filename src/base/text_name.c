/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key under which the names of one company agree.  Words are taken from the folded name, legal forms are cut off at
   both ends while something is left, and the rest is joined and written in Latin letters. */
#include "base/buf.h"
#include "base/legal_forms.h"
#include "base/map.h"
#include "base/text.h"

#include <unicode/uchar.h>

typedef VEC(Str) WordVec;

static bool is_separator(uint32_t c)
{
    if (c < 0x80) return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'));
    return !u_isalnum((UChar32)c) && !(U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK);
}

static bool is_conjunction(Str word)
{
    return str_eq(word, S("and")) || str_eq(word, S("und"));
}

/* Words with their repeats; "and" is a form of "&" and left out, except as the first word. */
static WordVec name_words(Arena *mem, Str folded)
{
    WordVec words = {0};
    size_t from = 0;

    for (size_t i = 0; i <= folded.n;) {
        size_t at = i;
        uint32_t c = i < folded.n ? utf8_next(folded, &i) : (i++, 32u);
        if (!is_separator(c) || c == '\'') continue;
        Str word = str_sub(folded, from, at - from);
        if (word.n && !(words.n && is_conjunction(word))) *vec_push(mem, &words) = word;
        from = i;
    }
    return words;
}

/* Without forms at either end; a name that is nothing but a form stays. */
static void cut_forms(Str **words, size_t *n)
{
    for (;;) {
        size_t before = legal_form_before(*words, *n);
        if (before && before < *n) {
            *words += before;
            *n -= before;
            continue;
        }
        size_t after = legal_form_after(*words, *n);
        if (!after || after >= *n) return;
        *n -= after;
    }
}

Str text_name_key(Arena *mem, Str s)
{
    WordVec words = name_words(mem, text_fold(mem, s));
    Str *p = words.p;
    size_t n = words.n;

    if (!n) return S("");
    cut_forms(&p, &n);
    return text_latin(mem, str_join(mem, p, n, S("")));
}
