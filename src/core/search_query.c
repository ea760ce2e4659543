/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What was typed, read in every way a person may have meant it: as it stands, in the other keyboard layout, in Latin
 * letters, as digits of a phone or an identifier, as a company's name without its legal form.  Terms are letters and
 * digits only, so no query language of a database can be reached from here. */

#include "core/search_impl.h"

#include "base/ident.h"
#include "base/phone.h"
#include "base/text.h"
#include "core/rights.h"
#include "core/store.h"

static bool same_variant(const Variant *a, const Variant *b)
{
    if (a->n != b->n || a->is_exact != b->is_exact) return false;
    for (size_t i = 0; i < a->n; i++)
        if (!str_eq(a->terms[i], b->terms[i])) return false;
    return true;
}

static void add_variant(Variants *vs, const Variant *v)
{
    if (!v->n || vs->n == VARIANTS_MAX) return;
    for (size_t i = 0; i < vs->n; i++)
        if (same_variant(&vs->v[i], v)) return;
    vs->v[vs->n++] = *v;
}

static void add_one(Ctx *cx, Variants *vs, Str word)
{
    Variant v = {.n = 1};

    if (!word.n) return;
    v.terms[0] = token_of(cx->mem, word);
    add_variant(vs, &v);
}

/* Words of one letter narrow nothing and cost much: they count only when there is no other, and then as whole words. */
static void add_words(Ctx *cx, Variants *vs, Str text, bool is_latin)
{
    StrList words = text_words(cx->mem, text);
    Variant v = {0};
    bool has_long = false;

    for (size_t i = 0; i < words.n; i++) has_long = has_long || utf8_count(words.p[i]) > 1;
    v.is_exact = !has_long;
    for (size_t i = 0; i < words.n && v.n < VARIANT_TERMS; i++) {
        Str term = is_latin ? text_latin(cx->mem, words.p[i]) : words.p[i];

        if (has_long && utf8_count(words.p[i]) < 2) continue;
        if (term.n) v.terms[v.n++] = token_of(cx->mem, term);
    }
    add_variant(vs, &v);
}

static bool is_number_like(Str s, Str digits)
{
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < '0' || s.p[i] > '9') && !strchr(" ()+-./", s.p[i])) return false;
    return digits.n >= 2;
}

/* A number as digits in a row, as the phone it is, and without the trunk prefix people begin phones with. */
static void add_number(Ctx *cx, Variants *vs, Str text, Str digits)
{
    Str e164 = {0}, ext = {0};

    add_one(cx, vs, digits);
    if (phone_parse(cx->mem, text, cx->store->company->country, &e164, &ext))
        add_one(cx, vs, digits_of(cx->mem, e164));
    if (digits.n > 4 && str_starts(digits, S("00")))
        add_one(cx, vs, str_from(digits, 2));
    else if (digits.n > 4 && (digits.p[0] == '8' || digits.p[0] == '0'))
        add_one(cx, vs, str_from(digits, 1));
}

Variants query_variants(Ctx *cx, Str text)
{
    Variants vs = {0};
    Str digits = digits_of(cx->mem, text), normal = {0};
    const IdentKind *kind = NULL;
    ptrdiff_t at = str_find_char(text, '@');

    text = str_trim(str_sub(text, 0, 500));
    if (at > 0) {
        add_one(cx, &vs, squash(cx->mem, text));
        return vs;
    }
    if (is_number_like(text, digits)) add_number(cx, &vs, text, digits);
    if (digits.n >= 8 && ident_guess(cx->mem, text, cx->store->company->country, &kind, &normal)) {
        add_one(cx, &vs, squash(cx->mem, normal));
        add_one(cx, &vs, digits); /* "PL 526 104 08 28" is also the NIP without its country */
    }
    add_words(cx, &vs, text, false);
    if (is_number_like(text, digits)) return vs;
    add_words(cx, &vs, text, true);
    add_words(cx, &vs, text_name_key(cx->mem, text), false);
    Str other = text_other_layout(cx->mem, text_fold(cx->mem, text));

    add_words(cx, &vs, other, false);
    add_words(cx, &vs, other, true);
    return vs;
}

bool variants_fit(const Variants *vs, const Tokens *tokens)
{
    for (size_t i = 0; i < vs->n; i++) {
        const Variant *v = &vs->v[i];
        size_t found = 0;

        while (found < v->n && tokens_has_prefix(tokens, v->terms[found], v->is_exact)) found++;
        if (found == v->n) return true;
    }
    return false;
}

/* --- the databases' query texts ------------------------------------------------------------------------------------------- */

typedef struct Dialect {
    const char *open, *close, *prefix, *and, * or ;
} Dialect;

static const Dialect FTS5 = {"\"", "\"", "*", " AND ", " OR "};
static const Dialect TSQUERY = {"'", "'", ":*", " & ", " | "};

static void add_term(Buf *b, const Dialect *d, Str term, bool is_prefix)
{
    buf_add(b, str_c(d->open));
    buf_add(b, term);
    buf_add(b, str_c(d->close));
    if (is_prefix) buf_add(b, str_c(d->prefix));
}

/* False when there is no more room. */
static bool scope_add(Scope *scope, Str token)
{
    for (size_t i = 0; i < scope->n; i++)
        if (str_eq(scope->tokens[i], token)) return true;
    if (scope->n == SCOPE_MAX) return false;
    scope->tokens[scope->n++] = token;
    return true;
}

static bool scope_add_object(Ctx *cx, Scope *scope, const Object *obj)
{
    const Rights *rights = cx->actor->rights;
    const struct ObjectRights *own = rights->objects[obj->number];
    bool is_fit = true;

    if (!rights_may(cx, obj, VERB_READ)) return true;
    if (!own || obj->parent || !obj->has_owner || own->row_rule || own->level[VERB_READ] == LEVEL_ALL)
        return scope_add(scope, object_token(cx->mem, obj));
    if (own->level[VERB_READ] == LEVEL_OWN) return scope_add(scope, owner_token(cx->mem, rights->user));
    for (size_t i = 0; is_fit && i < rights->n_people; i++)
        is_fit = scope_add(scope, owner_token(cx->mem, rights->people[i]));
    for (size_t i = 0; is_fit && i < rights->n_teams; i++)
        is_fit = scope_add(scope, team_token(cx->mem, rights->teams[i]));
    return is_fit;
}

Scope search_scope(Ctx *cx, const Object *only)
{
    Scope scope = {0};

    if (cx->actor->is_system || cx->actor->rights->is_administrator) return scope;
    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        const Object *obj = cx->meta->objects[i];
        bool is_asked = only ? obj == only : !str_eq(obj->group, S("settings"));

        if (!is_asked || !object_is_searched(obj) || scope_add_object(cx, &scope, obj)) continue;
        return (Scope){0};
    }
    return scope;
}

static void add_scope(Buf *b, const Dialect *d, const Scope *scope)
{
    if (!scope || !scope->n) return;
    buf_add_c(b, '(');
    for (size_t i = 0; i < scope->n; i++) {
        if (i) buf_add(b, str_c(d->or));
        add_term(b, d, scope->tokens[i], false);
    }
    buf_add_c(b, ')');
    buf_add(b, str_c(d->and));
}

Str variants_match(Ctx *cx, const Variants *vs, const Object *only, const Scope *scope)
{
    const Dialect *d = db_conn_can(cx->db, DB_CAP_FTS5) ? &FTS5 : &TSQUERY;
    Buf b = buf_new(cx->mem, 1u << 16);

    if (only) {
        add_term(&b, d, object_token(cx->mem, only), false);
        buf_add(&b, str_c(d->and));
    }
    add_scope(&b, d, scope);
    buf_add_c(&b, '(');
    for (size_t i = 0; i < vs->n; i++) {
        buf_add(&b, str_c(i ? d->or : ""));
        buf_add_c(&b, '(');
        for (size_t j = 0; j < vs->v[i].n; j++) {
            buf_add(&b, str_c(j ? d->and : ""));
            add_term(&b, d, vs->v[i].terms[j], !vs->v[i].is_exact);
        }
        buf_add_c(&b, ')');
    }
    buf_add_c(&b, ')');
    return buf_str(&b);
}
