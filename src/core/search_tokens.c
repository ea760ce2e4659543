/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What of a record is found: words of its label and searchable fields as typed and in Latin letters, phones by all,
 * national and last digits, e-mails whole and by parts, identifiers in normal form.  The tokens are made here for both
 * databases, because their own tokenizers do not fold `ł` and `ё` and know nothing of phones. */

#include "core/search_impl.h"

#include "base/phone.h"
#include "base/text.h"
#include "core/rights.h"
#include "core/value_impl.h"

#define TOKENS_MAX  2000
#define TOKEN_BYTES 64
#define OBJECT_MARK "ǂ"

/* Letters and digits that SQLite's unicode61 and PostgreSQL both keep in a word; not the mark of object tokens. */
static bool is_plain_letter(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c >= 0xDF && c <= 0x24F && c != 0xF7 && c != 0x1C2) || (c >= 0x3B1 && c <= 0x3C9) ||
           (c >= 0x430 && c <= 0x45F);
}

Str token_of(Arena *mem, Str word)
{
    Buf b = buf_new(mem, TOKEN_BYTES);

    for (size_t at = 0; at < word.n && b.n + 4 < TOKEN_BYTES;) {
        size_t from = at;
        uint32_t c = utf8_next(word, &at);

        if (is_plain_letter(c))
            buf_add(&b, str_sub(word, from, at - from));
        else
            buf_addf(&b, "x%x", c);
    }
    return buf_str(&b);
}

void tokens_add(Tokens *t, Str word)
{
    if (!word.n || t->list.n >= TOKENS_MAX) return;
    Str token = token_of(t->mem, word);

    if (!token.n || strmap_get(&t->seen, token)) return;
    strmap_put(t->mem, &t->seen, token, t);
    *vec_push(t->mem, &t->list) = token;
}

bool tokens_has_prefix(const Tokens *t, Str prefix, bool is_exact)
{
    if (is_exact) return strmap_get(&t->seen, prefix) != NULL;
    for (size_t i = 0; i < t->list.n; i++)
        if (str_starts(t->list.p[i], prefix)) return true;
    return false;
}

Str squash(Arena *mem, Str s)
{
    StrList words = text_words(mem, s);
    Buf b = buf_new(mem, TOKEN_BYTES);

    for (size_t i = 0; i < words.n; i++) buf_add(&b, words.p[i]);
    return buf_str(&b);
}

Str digits_of(Arena *mem, Str s)
{
    Buf b = buf_new(mem, s.n + 1);

    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] >= '0' && s.p[i] <= '9') buf_add_c(&b, s.p[i]);
    return buf_str(&b);
}

Str object_token(Arena *mem, const Object *obj)
{
    return str_fmt(mem, OBJECT_MARK "%u", obj->number);
}

/* --- fields -------------------------------------------------------------------------------------------------------------- */

bool field_is_searched(const Field *f)
{
    bool is_always = f->result == FIELD_PHONES || f->result == FIELD_EMAILS ||
                     f->result == FIELD_IDENTIFIER || f->result == FIELD_HANDLES;

    if (f->is_secret || f->is_system || f->type == FIELD_LINKS || (f->is_computed && !f->is_stored))
        return false;
    return is_always || f->is_searchable || f == f->object->label_field;
}

bool object_is_searched(const Object *obj)
{
    if (obj->is_internal || obj->is_link || obj->is_private) return false;
    for (size_t i = 0; i < obj->n_fields; i++)
        if (field_is_searched(&obj->fields[i])) return true;
    return false;
}

static void add_words(Tokens *t, Str s)
{
    StrList words = text_words(t->mem, s);

    for (size_t i = 0; i < words.n; i++) {
        tokens_add(t, words.p[i]);
        tokens_add(t, text_latin(t->mem, words.p[i]));
    }
}

static void add_tail(Tokens *t, Str digits, size_t n)
{
    if (digits.n > n) tokens_add(t, str_from(digits, digits.n - n));
}

static void add_phone(Tokens *t, Str e164)
{
    Str all = digits_of(t->mem, e164), shown = phone_format(t->mem, e164);
    ptrdiff_t space = str_find_char(shown, ' ');

    tokens_add(t, all);
    if (space > 0) tokens_add(t, digits_of(t->mem, str_from(shown, (size_t)space)));
    add_tail(t, all, 7);
    add_tail(t, all, 4);
}

/* Half of all people write from there: such a word finds nobody. */
static bool is_public_mail(Str name)
{
    static const char *const NAMES[] = {"mail",  "gmail",   "yandex",  "ya",      "bk",     "list",
                                        "inbox", "rambler", "outlook", "hotmail", "icloud", "yahoo",
                                        "wp",    "onet",    "interia", "o2",      "poczta"};

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (str_eq_c(name, NAMES[i])) return true;
    return false;
}

static void add_email(Tokens *t, Str email)
{
    ptrdiff_t at = str_find_char(email, '@');
    Str domain = str_from(email, (size_t)at + 1);
    ptrdiff_t dot = str_find_char(domain, '.');

    tokens_add(t, squash(t->mem, email));
    add_words(t, at > 0 ? str_sub(email, 0, (size_t)at) : email);
    Str name = dot > 0 ? str_sub(domain, 0, (size_t)dot) : (Str){0};

    if (!is_public_mail(name)) add_words(t, name);
}

static void add_address(Tokens *t, Val parts)
{
    for (uint32_t i = 0; parts.kind == VAL_MAP && i < parts.n; i++)
        if (parts.map[i].val.kind == VAL_TEXT) add_words(t, val_str(parts.map[i].val));
}

static void add_item(Tokens *t, const Field *f, Val item)
{
    Val value = item.kind == VAL_MAP ? pair_get(item, "value") : item;
    Str s = value.kind == VAL_TEXT ? val_str(value) : (Str){0};

    switch (f->result) {
    case FIELD_PHONES: add_phone(t, s); break;
    case FIELD_EMAILS: add_email(t, s); break;
    case FIELD_ADDRESSES: add_address(t, value); break;
    case FIELD_IDENTIFIER:
        tokens_add(t, squash(t->mem, s));
        tokens_add(t, digits_of(t->mem, s));
        break;
    default: add_words(t, s);
    }
}

static void add_field(Ctx *cx, Tokens *t, const Field *f, Val v)
{
    if (v.kind == VAL_LIST && f->result != FIELD_MULTICHOICE) {
        for (uint32_t i = 0; i < v.n; i++) add_item(t, f, v.list[i]);
    } else if (v.kind == VAL_MAP && f->result == FIELD_PERSON_NAME) {
        for (uint32_t i = 0; i < v.n; i++)
            if (v.map[i].val.kind == VAL_TEXT) add_words(t, val_str(v.map[i].val));
    } else if (v.kind == VAL_INT && f->type == FIELD_AUTONUMBER) {
        Str shown = value_text(cx->mem, f, v, LANG_EN);

        add_words(t, shown);
        tokens_add(t, squash(t->mem, shown));
    } else if (v.kind == VAL_TEXT && f->result != FIELD_CHOICE) {
        add_words(t, val_str(v));
    }
}

void record_tokens(Ctx *cx, const Record *rec, bool visible_only, Tokens *out)
{
    const Object *obj = rec->obj;

    out->mem = cx->mem;
    for (size_t i = 0; i < obj->n_fields; i++) {
        const Field *f = &obj->fields[i];

        if (!field_is_searched(f) || (visible_only && rights_field(cx, f) == FIELD_HIDDEN)) continue;
        add_field(cx, out, f, rec->vals[i]);
    }
}

Str owner_token(Arena *mem, Id user)
{
    return str_fmt(mem, OBJECT_MARK "o%.*s", SFMT(id_text(mem, user)));
}

Str team_token(Arena *mem, Id team)
{
    return str_fmt(mem, OBJECT_MARK "t%.*s", SFMT(id_text(mem, team)));
}

Err *search_tokens(Ctx *cx, const Record *rec, Str *out)
{
    Tokens t = {.mem = cx->mem};

    *out = (Str){0};
    if (!object_is_searched(rec->obj)) return NULL;
    *vec_push(cx->mem, &t.list) = object_token(cx->mem, rec->obj);
    if (rec->obj->has_owner && !val_is_null(rec->vals[SYS_OWNER]))
        *vec_push(cx->mem, &t.list) = owner_token(cx->mem, rec->vals[SYS_OWNER].i);
    if (rec->obj->has_owner && !val_is_null(rec->vals[SYS_TEAM]))
        *vec_push(cx->mem, &t.list) = team_token(cx->mem, rec->vals[SYS_TEAM].i);
    record_tokens(cx, rec, false, &t);
    *out = str_join(cx->mem, t.list.p, t.list.n, S(" "));
    return NULL;
}
