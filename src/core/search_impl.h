/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/search.h"

/* Shared by the search*.c files only. */

/* Words without repeats, in the form the index holds them. */
typedef struct Tokens {
    Arena *mem;
    VEC(Str) list;
    StrMap seen;
} Tokens;

void tokens_add(Tokens *t, Str word);
bool tokens_has_prefix(const Tokens *t, Str prefix, bool is_exact);
/** The word as both full-text engines keep it whole: letters they may not know are written in hexadecimal. */
Str token_of(Arena *mem, Str word);
/** The letters and digits of folded `s` in one word: "ivan.petrov@mail.ru" is ivanpetrovmailru. */
Str squash(Arena *mem, Str s);
Str digits_of(Arena *mem, Str s);
/* Raised when entries get another form: existing ones are written anew when the store is opened (fill.c). */
#define SEARCH_FORM "2"

/** The token that every record of `obj` has; nobody can type it. */
Str object_token(Arena *mem, const Object *obj);
/** Tokens of the responsible person and of the team, by which rights narrow a search. */
Str owner_token(Arena *mem, Id user);
Str team_token(Arena *mem, Id team);

/** Fields whose words are found. */
bool field_is_searched(const Field *f);
bool object_is_searched(const Object *obj);
/** All tokens of `rec`; `visible_only` leaves out what the actor may not read. */
void record_tokens(Ctx *cx, const Record *rec, bool visible_only, Tokens *out);

#define VARIANT_TERMS 8
#define VARIANTS_MAX  12

/* One reading of what was typed: every term must be the beginning of a token (or the token itself). */
typedef struct Variant {
    Str terms[VARIANT_TERMS];
    size_t n;
    bool is_exact;
} Variant;
typedef struct Variants {
    Variant v[VARIANTS_MAX];
    size_t n;
} Variants;

/* Tokens of which every record he may see has at least one; none: rights do not narrow. */
#define SCOPE_MAX 64
typedef struct Scope {
    Str tokens[SCOPE_MAX];
    size_t n;
} Scope;

/** What the actor's rights say in tokens, for search in `only` (NULL: everything).  Rules of a role and rights that come
    from a parent are not said: those objects stand in it whole, and what is found is sieved. */
Scope search_scope(Ctx *cx, const Object *only);

Variants query_variants(Ctx *cx, Str text);
/** MATCH text of FTS5, or tsquery text; `only` NULL for all objects, `scope` NULL without rights. */
Str variants_match(Ctx *cx, const Variants *vs, const Object *only, const Scope *scope);
bool variants_fit(const Variants *vs, const Tokens *tokens);
