/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Values with several items: phones, e-mails, handles and addresses (labelled, exactly one main), identifiers, keys of
 * multi-choice and tags.  A plain text stands for the one main item, and items that are the same are kept once, so
 * that imports and forms need no form of their own.  Each has one shape whatever was sent: {value,label,main}. */

#include "core/value_impl.h"

#include "base/ident.h"
#include "base/limits.h"
#include "base/phone.h"
#include "base/text.h"
#include "core/store.h"

#define LABEL_MAX 50
#define TAG_MAX   50

/* The items of `in`, which may be one item that stands alone. */
static Err *items_of(Ctx *cx, const Field *f, Val in, Val **items, size_t *n)
{
    if (in.kind == VAL_LIST) {
        if (in.n > LIMIT_ITEMS) {
            return err_arg(
                err_field(err_new(cx->mem, ERR_INVALID, "error.list.long", "%u items", in.n), f->name), 0,
                str_fmt(cx->mem, "%d", LIMIT_ITEMS));
        }
        *items = in.list;
        *n = in.n;
        return NULL;
    }
    if (in.kind != VAL_TEXT && in.kind != VAL_MAP)
        FAIL_FIELD(cx->mem, f->name, "error.list", "list expected");
    *items = NEW(cx->mem, Val);
    **items = in;
    *n = 1;
    return NULL;
}

static Err *wrong_item(Ctx *cx, const Field *f, const char *key, Str what)
{
    return err_arg(err_field(err_new(cx->mem, ERR_INVALID, key, "wrong item"), f->name), 0, what);
}

/* --- one item by type ---------------------------------------------------------------------------------------------------- */

static bool is_domain(Str s)
{
    size_t label = 0, dots = 0;

    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;

        if (c == '.') {
            if (!label || s.p[i - 1] == '-') return false;
            label = 0;
            dots++;
        } else if (is_alnum || (c == '-' && label)) {
            if (++label > 63) return false;
        } else {
            return false;
        }
    }
    return label > 1 && dots && s.p[s.n - 1] != '-';
}

static bool is_local_part(Str s)
{
    static const char MARKS[] = "!#$%&'*+-/=?^_`{|}~.";

    if (!s.n || s.n > 64 || s.p[0] == '.' || s.p[s.n - 1] == '.' || str_find(s, S("..")) >= 0) return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_alnum =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;

        if (!is_alnum && !strchr(MARKS, c)) return false;
    }
    return true;
}

/* "Ivan@Mail.RU" keeps its local part as written; the domain has no case. */
static Err *email_value(Ctx *cx, const Field *f, Str raw, Val *out)
{
    if (str_eq_nocase(str_sub(raw, 0, 7), S("mailto:"))) raw = str_from(raw, 7);
    ptrdiff_t at = str_find_char(raw, '@');
    Str local = at < 0 ? raw : str_sub(raw, 0, (size_t)at);
    Str domain = at < 0 ? (Str){0} : str_lower_ascii(cx->mem, str_from(raw, (size_t)at + 1));

    if (raw.n > 254 || !is_local_part(local) || !is_domain(domain))
        return wrong_item(cx, f, "error.email", raw);
    *out = val_text(str_cat(cx->mem, str_cat(cx->mem, local, S("@")), domain));
    return NULL;
}

static Err *phone_value(Ctx *cx, const Field *f, Str raw, Val *out, Str *ext)
{
    /* As from home; what cannot be that is tried as from the countries most of our users write to. */
    const Str countries[] = {cx->store->company->country, S("RU"), S("PL")};
    Str e164 = {0};

    for (size_t i = 0; i < sizeof countries / sizeof *countries; i++) {
        if (!phone_parse(cx->mem, raw, countries[i], &e164, ext)) continue;
        *out = val_text(e164);
        return NULL;
    }
    return wrong_item(cx, f, "error.phone", raw);
}

static bool is_country(Arena *mem, Str code)
{
    bool is_form =
        code.n == 2 && code.p[0] >= 'A' && code.p[0] <= 'Z' && code.p[1] >= 'A' && code.p[1] <= 'Z';

    return is_form && !str_eq(code, S("ZZ")) && text_country_name(mem, code, S("en")).n > 0;
}

static Err *address_value(Ctx *cx, const Field *f, Val in, Val *out)
{
    static const char *const KEYS[] = {"street", "city", "region", "postcode", "country", "settlement", NULL};
    Val parts[6] = {0};
    bool is_empty = true;

    *out = val_null();
    if (in.kind == VAL_TEXT) {
        TRY(line_from_json(cx, f, in, LIMIT_TEXT, &parts[0]));
        if (!val_is_null(parts[0])) *out = pairs_val(cx->mem, KEYS, parts, 6);
        return NULL;
    }
    if (val_is_null(in)) return NULL;
    if (in.kind != VAL_MAP) FAIL_FIELD(cx->mem, f->name, "error.address", "address parts expected");
    TRY(check_keys(cx, f, in, KEYS));
    for (size_t i = 0; i < 6; i++) {
        TRY(line_from_json(cx, f, pair_get(in, KEYS[i]), LIMIT_TEXT, &parts[i]));
        is_empty = is_empty && val_is_null(parts[i]);
    }
    if (!val_is_null(parts[4]) && !is_country(cx->mem, val_str(parts[4]))) {
        return wrong_item(cx, f, "error.country", val_str(parts[4]));
    }
    if (!is_empty) *out = pairs_val(cx->mem, KEYS, parts, 6);
    return NULL;
}

static Err *item_value(Ctx *cx, const Field *f, Val in, Val *out, Str *ext)
{
    Val line = {0};

    *out = val_null();
    if (f->result == FIELD_ADDRESSES) return address_value(cx, f, in, out);
    TRY(line_from_json(cx, f, in, LIMIT_TEXT, &line));
    if (val_is_null(line)) return NULL;
    if (f->result == FIELD_EMAILS) return email_value(cx, f, val_str(line), out);
    if (f->result == FIELD_PHONES) return phone_value(cx, f, val_str(line), out, ext);
    *out = line;
    return NULL;
}

/* --- labelled lists --------------------------------------------------------------------------------------------------------- */

static Err *labelled_item(Ctx *cx, const Field *f, Val in, Val *out)
{
    static const char *const KEYS[] = {"value", "label", "main", "ext", NULL};
    bool is_address_alone =
        f->result == FIELD_ADDRESSES && in.kind == VAL_MAP && !val_get(&in, S("value")) && in.n;
    bool is_map = in.kind == VAL_MAP && !is_address_alone;
    Val vals[4] = {0}, ext = {0};
    Str parsed = {0};

    *out = val_null();
    if (is_map) TRY(check_keys(cx, f, in, KEYS));
    TRY(item_value(cx, f, is_map ? pair_get(in, "value") : in, &vals[0], &parsed));
    if (val_is_null(vals[0])) return NULL;
    if (is_map) {
        TRY(line_from_json(cx, f, pair_get(in, "label"), LABEL_MAX, &vals[1]));
        TRY(line_from_json(cx, f, pair_get(in, "ext"), 20, &ext));
    }
    Val main = is_map ? pair_get(in, "main") : val_null();

    if (!val_is_null(main) && main.kind != VAL_BOOL)
        FAIL_FIELD(cx->mem, f->name, "error.boolean", "main is no boolean");
    vals[2] = val_bool(main.kind == VAL_BOOL && main.b);
    vals[3] = val_is_null(ext) ? text_or_null(parsed) : ext;
    bool has_ext = f->result == FIELD_PHONES && !val_is_null(vals[3]);

    *out = pairs_val(cx->mem, KEYS, vals, has_ext ? 4 : 3);
    return NULL;
}

/* Same value; phones also the same extension. */
static Val *find_same(Val *items, size_t n, Val item)
{
    for (size_t i = 0; i < n; i++) {
        bool is_same = val_same(pair_get(items[i], "value"), pair_get(item, "value")) &&
                       val_same(pair_get(items[i], "ext"), pair_get(item, "ext"));

        if (is_same) return &items[i];
    }
    return NULL;
}

/* The first marked one is main, otherwise the first. */
static void settle_main(Val *items, size_t n)
{
    size_t main = 0;

    while (main < n && !items[main].map[2].val.b) main++;
    if (main == n) main = 0;
    for (size_t i = 0; i < n; i++) items[i].map[2].val = val_bool(i == main);
}

Err *labelled_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    Val *items = NULL, *kept = NULL;
    size_t n = 0, n_kept = 0;

    TRY(items_of(cx, f, in, &items, &n));
    kept = NEW_N(cx->mem, Val, n + 1);
    for (size_t i = 0; i < n; i++) {
        Val item = {0};

        TRY(labelled_item(cx, f, items[i], &item));
        Val *same = val_is_null(item) ? NULL : find_same(kept, n_kept, item);

        if (same && item.map[2].val.b) same->map[2].val = val_bool(true);
        if (!same && !val_is_null(item)) kept[n_kept++] = item;
    }
    settle_main(kept, n_kept);
    *out = n_kept ? val_list(kept, n_kept) : val_null();
    return NULL;
}

/* --- identifiers ---------------------------------------------------------------------------------------------------------- */

/* Whose kind it is: nobody's for an international one, else home's, else that of the only country that has such a kind. */
static Str ident_country(Str kind, Str home)
{
    size_t n = 0, n_others = 0;
    const IdentKind *kinds = ident_kinds(&n);
    Str other = {0};

    for (size_t i = 0; i < n; i++) {
        if (!str_eq_c(kind, kinds[i].kind)) continue;
        if (!kinds[i].country[0]) return (Str){0};
        if (str_eq_c(home, kinds[i].country)) return home;
        n_others++;
        other = str_c(kinds[i].country);
    }
    return n_others == 1 ? other : home;
}

/* Country and kind of one item: what it says, else what the field says, else guessed from the number. */
static Err *ident_what(Ctx *cx, const Field *f, Str raw, Str *country, Str *kind)
{
    Str home = f->ident_country.n ? f->ident_country : cx->store->company->country, normal = {0};
    const IdentKind *guess = NULL;

    if (!kind->n) *kind = f->ident_kind;
    if (!kind->n) {
        if (!ident_guess(cx->mem, raw, country->n ? *country : home, &guess, &normal)) {
            return wrong_item(cx, f, "error.identifier.kind", raw);
        }
        *kind = str_c(guess->kind);
        *country = str_c(guess->country);
    }
    if (f->ident_kind.n && !str_eq(*kind, f->ident_kind))
        return wrong_item(cx, f, "error.identifier.kind", *kind);
    if (!country->n) *country = ident_country(*kind, home);
    return NULL;
}

static Err *identifier_item(Ctx *cx, const Field *f, Val in, Val *out)
{
    static const char *const KEYS[] = {"country", "kind", "value", NULL};
    Val vals[3] = {0};
    Str normal = {0};

    *out = val_null();
    if (in.kind == VAL_MAP) {
        TRY(check_keys(cx, f, in, KEYS));
        for (size_t i = 0; i < 3; i++)
            TRY(line_from_json(cx, f, pair_get(in, KEYS[i]), LIMIT_TEXT, &vals[i]));
    } else {
        TRY(line_from_json(cx, f, in, LIMIT_TEXT, &vals[2]));
    }
    if (val_is_null(vals[2])) return NULL;
    Str country = val_str(vals[0]), kind = val_str(vals[1]), raw = val_str(vals[2]);

    TRY(ident_what(cx, f, raw, &country, &kind));
    Err *e = ident_normalize(cx->mem, country, kind, raw, &normal);

    if (e) return err_arg(err_field(e, f->name), 0, raw);
    vals[0] = text_or_null(country);
    vals[1] = val_text(kind);
    vals[2] = val_text(normal);
    *out = pairs_val(cx->mem, KEYS, vals, 3);
    return NULL;
}

Err *identifiers_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    Val *items = NULL, *kept = NULL;
    size_t n = 0, n_kept = 0;

    TRY(items_of(cx, f, in, &items, &n));
    kept = NEW_N(cx->mem, Val, n + 1);
    for (size_t i = 0; i < n; i++) {
        Val item = {0};
        bool is_new = true;

        TRY(identifier_item(cx, f, items[i], &item));
        for (size_t j = 0; j < n_kept; j++) is_new = is_new && !val_same(kept[j], item);
        if (is_new && !val_is_null(item)) kept[n_kept++] = item;
    }
    *out = n_kept ? val_list(kept, n_kept) : val_null();
    return NULL;
}

/* --- keys -------------------------------------------------------------------------------------------------------------------- */

static bool has_text(const Val *list, size_t n, Str s)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(val_str(list[i]), s)) return true;
    return false;
}

/* In the order of the options, so that equal sets are equal values. */
static Val in_option_order(Arena *mem, const Field *f, const Val *keys, size_t n)
{
    Val *sorted = NEW_N(mem, Val, n + 1);
    size_t kept = 0;

    for (size_t i = 0; i < f->n_options; i++)
        if (has_text(keys, n, f->options[i].key)) sorted[kept++] = val_text(f->options[i].key);
    return val_list(sorted, kept);
}

static Err *key_item(Ctx *cx, const Field *f, Val in, Val *out)
{
    bool is_tag = f->result == FIELD_TAGS;

    TRY(line_from_json(cx, f, in, is_tag ? TAG_MAX : LIMIT_TEXT, out));
    if (val_is_null(*out)) return NULL;
    if (is_tag && str_find_char(val_str(*out), '|') >= 0)
        return wrong_item(cx, f, "error.tag", val_str(*out));
    if (!is_tag && !field_option(f, val_str(*out))) return wrong_item(cx, f, "error.choice", val_str(*out));
    return NULL;
}

Err *keys_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    Val *items = NULL, *kept = NULL;
    size_t n = 0, n_kept = 0;

    TRY(items_of(cx, f, in, &items, &n));
    kept = NEW_N(cx->mem, Val, n + 1);
    for (size_t i = 0; i < n; i++) {
        Val key = {0};

        TRY(key_item(cx, f, items[i], &key));
        if (!val_is_null(key) && !has_text(kept, n_kept, val_str(key))) kept[n_kept++] = key;
    }
    if (!n_kept)
        *out = val_null();
    else if (f->result == FIELD_MULTICHOICE)
        *out = in_option_order(cx->mem, f, kept, n_kept);
    else
        *out = val_list(kept, n_kept);
    return NULL;
}
