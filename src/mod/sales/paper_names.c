/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a template may name: the fields of the record itself, its lines and taxes, both parties with their legal details, and
   a few texts made of them that every document needs.  Lines are read once, all together. */
#include "mod/sales/paper.h"

#include "base/decimal.h"
#include "base/phone.h"
#include "core/compile.h"

#include <stdio.h>

static const CelType DYN_MAP = {.kind = CEL_T_MAP, .key = &cel_string, .elem = &cel_dyn};
static const CelType MAP_LIST = {.kind = CEL_T_LIST, .elem = &DYN_MAP};

typedef enum Name {
    NAME_LINES,
    NAME_TAXES,
    NAME_SELLER,
    NAME_SELLER_BANK,
    NAME_BUYER,
    NAME_BUYER_BANK,
    NAME_PERSON,
    NAME_SELLER_NAME,
    NAME_SELLER_IDS,
    NAME_SELLER_ADDRESS,
    NAME_SELLER_CONTACTS,
    NAME_BUYER_NAME,
    NAME_BUYER_IDS,
    NAME_BUYER_ADDRESS,
    NAME_GREETING,
    NAME_LANGUAGE,
    NAME_HAS_DISCOUNTS,
    NAMES,
} Name;

static const struct {
    const char *name, *object; /* object NULL: a text */
} TABLE[NAMES] = {
    [NAME_LINES] = {"lines", "?"},
    [NAME_TAXES] = {"taxes", "?"},
    [NAME_SELLER] = {"seller", "own_company"},
    [NAME_SELLER_BANK] = {"seller_bank", "requisite"},
    [NAME_BUYER] = {"buyer", "account"},
    [NAME_BUYER_BANK] = {"buyer_bank", "requisite"},
    [NAME_PERSON] = {"person", "contact"},
    [NAME_SELLER_NAME] = {"seller_name", NULL},
    [NAME_SELLER_IDS] = {"seller_ids", NULL},
    [NAME_SELLER_ADDRESS] = {"seller_address", NULL},
    [NAME_SELLER_CONTACTS] = {"seller_contacts", NULL},
    [NAME_BUYER_NAME] = {"buyer_name", NULL},
    [NAME_BUYER_IDS] = {"buyer_ids", NULL},
    [NAME_BUYER_ADDRESS] = {"buyer_address", NULL},
    [NAME_GREETING] = {"greeting", NULL},
    [NAME_LANGUAGE] = {"language", NULL},
    [NAME_HAS_DISCOUNTS] = {"has_discounts", "?"},
};

static int find_name(Str name)
{
    for (int i = 0; i < NAMES; i++)
        if (str_eq_c(name, TABLE[i].name)) return i;
    return -1;
}

static const Object *line_object(const Meta *meta, const Object *obj)
{
    char name[80];
    int n = snprintf(name, sizeof name, "%.*s_line", SFMT(obj->name));

    return meta_object(meta, (Str){name, (size_t)n});
}

/* --- types ----------------------------------------------------------------------------------------------------------- */

static const CelType *env_ident(void *arg, Str name)
{
    const PaperEnv *env = arg;
    const Object *lines = line_object(env->meta, env->obj);
    CelEnv own = object_cel_env(env->obj);
    int i = find_name(name);

    if (i < 0) return own.ident(own.arg, name);
    if (i == NAME_LINES) {
        const Inverse *inverse = lines ? object_inverse(env->obj, lines->plural) : NULL;
        return inverse ? inverse->cel : &MAP_LIST;
    }
    if (i == NAME_TAXES) return &MAP_LIST;
    if (i == NAME_HAS_DISCOUNTS) return &cel_bool;
    return TABLE[i].object ? meta_object(env->meta, str_c(TABLE[i].object))->row_type : &cel_string;
}

static const CelType *env_field(void *arg, const CelType *object, Str name)
{
    const PaperEnv *env = arg;
    CelEnv own = object_cel_env(env->obj);

    return own.field(own.arg, object, name);
}

CelEnv paper_env(PaperEnv *env)
{
    return (CelEnv){.arg = env, .ident = env_ident, .field = env_field};
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static bool holds_on(const Record *rec, int64_t day)
{
    Val from = record_get_val(rec, "valid_since"), until = record_get_val(rec, "valid_till");

    return (val_is_null(from) || from.i <= day) && (val_is_null(until) || until.i >= day);
}

/* The legal details to use: those in force, of an account in the document's currency before the main ones. */
static Err *read_bank(Ctx *cx, const char *holder, const Record *of, Val currency, Record **out)
{
    const Object *obj = meta_object(cx->meta, S("requisite"));
    Query q = {0};
    Page page = {0};
    int best = -1;

    *out = NULL;
    if (!of) return NULL;
    Str filter = str_fmt(cx->mem, "%s == '%.*s'", holder, SFMT(id_text(cx->mem, of->id)));
    TRY(query_parse(cx, obj, filter, S("-is_main"), &q));
    q.limit = 50;
    TRY(record_list(cx, &q, &page));
    for (size_t i = 0; i < page.n; i++) {
        Val own = record_get_val(page.recs[i], "currency");
        int rank = holds_on(page.recs[i], sales_today(cx)) ? 4 : 0;
        if (val_same(own, currency)) rank += 2;
        if (val_is_null(own)) rank += 1;
        if (rank <= best) continue;
        best = rank;
        *out = page.recs[i];
    }
    return NULL;
}

static Val ref_of(const Record *rec)
{
    return rec ? val_ref(rec->obj->number, rec->id) : val_null();
}

static Err *read_lines(Paper *p)
{
    p->line_obj = line_object(p->cx->meta, p->rec->obj);
    if (!p->line_obj) return NULL;
    TRY(lines_of(p->cx, p->line_obj, p->rec->id, &p->lines, &p->n_lines));
    Val *refs = NEW_N(p->cx->mem, Val, p->n_lines + 1);
    bool has_discounts = false;
    for (size_t i = 0; i < p->n_lines; i++) {
        refs[i] = ref_of(p->lines[i]);
        has_discounts = has_discounts || record_get_val(p->lines[i], "discount").i ||
                        record_get_val(p->lines[i], "discount_amount").i;
    }
    p->names[NAME_HAS_DISCOUNTS] = val_bool(has_discounts);
    p->names[NAME_LINES] = val_list(refs, p->n_lines);
    return NULL;
}

/* --- texts ----------------------------------------------------------------------------------------------------------- */

static Str first_text(const Record *a, const char *field_a, const Record *b, const char *field_b)
{
    Str s = a ? text_in(a, field_a) : (Str){0};

    return s.n || !b ? s : text_in(b, field_b);
}

static Val list_in(const Record *a, const Record *b, const char *field)
{
    Val v = a ? record_get_val(a, field) : val_null();

    return (v.kind == VAL_LIST && v.n) || !b ? v : record_get_val(b, field);
}

/* A legal or registered address before the main one before the first. */
static Val choose_address(Val list)
{
    Val best = val_null();
    int rank = -1;

    for (uint32_t i = 0; list.kind == VAL_LIST && i < list.n; i++) {
        const Val *value = val_get(&list.list[i], S("value")), *label = val_get(&list.list[i], S("label")),
                  *is_main = val_get(&list.list[i], S("main"));
        Str kind = label && label->kind == VAL_TEXT ? val_str(*label) : (Str){0};
        int r = str_eq(kind, S("legal")) || str_eq(kind, S("registered"))
                    ? 2
                    : is_main && is_main->kind == VAL_BOOL && is_main->b;
        if (value && r > rank) {
            best = *value;
            rank = r;
        }
    }
    return best;
}

static Str first_value(Val list)
{
    const Val *v = list.kind == VAL_LIST && list.n ? val_get(&list.list[0], S("value")) : NULL;

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

static Str contacts_of(Arena *mem, const Record *own)
{
    Str parts[3] = {phone_format(mem, first_value(record_get_val(own, "phones"))),
                    first_value(record_get_val(own, "emails")), text_in(own, "website")},
        kept[3];
    size_t n = 0;

    if (str_starts(parts[2], S("https://"))) parts[2] = str_from(parts[2], 8);
    for (size_t i = 0; i < 3; i++)
        if (parts[i].n) kept[n++] = parts[i];
    return str_join(mem, kept, n, S("\n"));
}

static void put_text(Paper *p, Name name, Str s)
{
    p->names[name] = s.n ? val_text(s) : val_null();
}

static void put_texts(Paper *p)
{
    Arena *mem = p->cx->mem;
    const Record *bank = p->own_bank, *theirs = p->account_bank;
    Str home = p->own ? text_in(p->own, "country") : (Str){0};

    put_text(p, NAME_SELLER_NAME, first_text(bank, "full_name", p->own, "full_name"));
    if (p->own && val_is_null(p->names[NAME_SELLER_NAME]))
        put_text(p, NAME_SELLER_NAME, text_in(p->own, "name"));
    put_text(p, NAME_SELLER_IDS, paper_identifiers(mem, list_in(bank, p->own, "identifiers"), p->lang));
    put_text(p, NAME_SELLER_ADDRESS,
             paper_address(mem, choose_address(list_in(bank, p->own, "addresses")), p->lang, home));
    if (p->own) put_text(p, NAME_SELLER_CONTACTS, contacts_of(mem, p->own));
    put_text(p, NAME_BUYER_NAME, first_text(theirs, "full_name", p->account, "name"));
    put_text(p, NAME_BUYER_IDS, paper_identifiers(mem, list_in(theirs, p->account, "identifiers"), p->lang));
    put_text(p, NAME_BUYER_ADDRESS,
             paper_address(mem, choose_address(list_in(theirs, p->account, "addresses")), p->lang, home));
    put_text(p, NAME_GREETING, paper_greeting(mem, p->contact, p->lang));
    put_text(p, NAME_LANGUAGE, lang_code(p->lang));
}

/* {rate, net, tax, gross} as documents write them: "VAT 20%", "без НДС". */
static Err *put_taxes(Paper *p)
{
    Val taxes = object_field(p->rec->obj, S("taxes")) ? record_get_val(p->rec, "taxes") : val_null();
    Arena *mem = p->cx->mem;
    Val *list = NEW_N(mem, Val, taxes.n + 1);
    uint16_t currency = 0;

    if (taxes.kind != VAL_LIST) return NULL;
    TRY(document_currency(p->cx, p->rec, &currency));
    for (uint32_t i = 0; i < taxes.n; i++) {
        static const char *const AMOUNTS[] = {"net", "tax", "gross"};
        const Val *kind = val_get(&taxes.list[i], S("kind")), *rate = val_get(&taxes.list[i], S("rate"));
        ValPair *pairs = NEW_N(mem, ValPair, 5);
        bool is_rated = kind && kind->kind == VAL_TEXT &&
                        (str_eq(val_str(*kind), S("standard")) || str_eq(val_str(*kind), S("reduced")) ||
                         str_eq(val_str(*kind), S("zero")));
        pairs[0] = (ValPair){val_text(S("kind")), kind ? *kind : val_null()};
        pairs[1] = (ValPair){val_text(S("rate")), is_rated && rate ? *rate : val_null()};
        int64_t n = 0;
        uint8_t places = 0;
        if (is_rated && rate && rate->kind == VAL_TEXT && decimal_parse(val_str(*rate), &n, &places))
            pairs[1].val = val_decimal(n, places);
        for (size_t k = 0; k < 3; k++) {
            const Val *v = val_get(&taxes.list[i], str_c(AMOUNTS[k]));
            bool is_good = v && v->kind == VAL_TEXT && decimal_parse(val_str(*v), &n, &places);
            pairs[k + 2] =
                (ValPair){val_text(str_c(AMOUNTS[k])), is_good ? val_money(n, places, currency) : val_null()};
        }
        list[i] = val_map(pairs, 5);
    }
    p->names[NAME_TAXES] = val_list(list, taxes.n);
    return NULL;
}

Err *paper_open(Ctx *cx, const Record *rec, Str kind, Lang lang, Paper *out)
{
    bool has_contact = object_field(rec->obj, S("contact")) != NULL;
    Val currency = object_field(rec->obj, S("currency")) ? record_get_val(rec, "currency") : val_null();

    *out = (Paper){.cx = cx, .rec = rec, .lang = lang, .kind = kind};
    TRY(sales_read(cx, rec, "own_company", &out->own));
    TRY(sales_read(cx, rec, "account", &out->account));
    if (has_contact) TRY(sales_read(cx, rec, "contact", &out->contact));
    TRY(read_bank(cx, "own_company", out->own, currency, &out->own_bank));
    TRY(read_bank(cx, "account", out->account, currency, &out->account_bank));
    TRY(read_lines(out));
    TRY(put_taxes(out));
    out->names[NAME_SELLER] = ref_of(out->own);
    out->names[NAME_SELLER_BANK] = ref_of(out->own_bank);
    out->names[NAME_BUYER] = ref_of(out->account);
    out->names[NAME_BUYER_BANK] = ref_of(out->account_bank);
    out->names[NAME_PERSON] = ref_of(out->contact);
    put_texts(out);
    return NULL;
}

/* --- values ---------------------------------------------------------------------------------------------------------- */

/* Of a record that is read already; lines come in their order. */
static const Record *known(Paper *p, Val ref)
{
    const Record *others[] = {p->rec, p->own, p->account, p->contact, p->own_bank, p->account_bank};

    if (p->line_obj && ref.aux == p->line_obj->number)
        for (size_t i = 0; i < p->n_lines; i++) {
            size_t at = (p->hint + i) % p->n_lines;
            if (p->lines[at]->id != ref.i) continue;
            p->hint = at;
            return p->lines[at];
        }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] && others[i]->id == ref.i && others[i]->obj->number == ref.aux) return others[i];
    return NULL;
}

static bool scope_ident(void *arg, Arena *mem, Str name, Val *out)
{
    Paper *p = arg;
    RecordScope own = {p->cx, p->rec};
    CelScope scope = record_scope(&own);
    int i = find_name(name);

    if (i < 0) return scope.ident(scope.arg, mem, name, out);
    *out = p->names[i];
    return true;
}

static bool scope_field(void *arg, Arena *mem, Val object, Str name, Val *out)
{
    Paper *p = arg;
    const Record *rec = object.kind == VAL_REF ? known(p, object) : NULL;
    RecordScope of = {p->cx, rec ? rec : p->rec};
    CelScope scope = record_scope(&of);

    return rec ? scope.ident(scope.arg, mem, name, out) : scope.field(scope.arg, mem, object, name, out);
}

CelScope paper_scope(Paper *p)
{
    RecordScope own = {p->cx, p->rec};
    CelScope scope = record_scope(&own);

    scope.arg = p;
    scope.ident = scope_ident;
    scope.field = scope_field;
    return scope;
}
