/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How values stand in a document: amounts, days and percents as the language writes them, choices by their words, records by
   their names.  Everything is escaped, so that no value is taken for a mark. */
#include "mod/sales/paper.h"

#include "base/text.h"
#include "base/words.h"
#include "core/paper/markup.h"
#include "core/shown.h"
#include "core/store.h"
#include "core/value.h"
#include "mod/sales/payment_qr.h"

#define NBSP "\xc2\xa0"

bool paper_is_form(Str form)
{
    static const char *const FORMS[] = {"words", "amount", "long", "short", "number"};

    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++)
        if (str_eq_c(form, FORMS[i])) return true;
    return false;
}

/* --- parties --------------------------------------------------------------------------------------------------------- */

static Str part(Val map, const char *key)
{
    const Val *v = map.kind == VAL_MAP ? val_get(&map, str_c(key)) : NULL;

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

static Str kind_shown(Str kind, Lang lang)
{
    static const struct {
        const char *kind, *shown;
    } RUSSIAN[] = {{"INN", "ИНН"}, {"KPP", "КПП"}, {"OGRN", "ОГРН"}, {"OGRNIP", "ОГРНИП"}};

    for (size_t i = 0; lang == LANG_RU && i < sizeof RUSSIAN / sizeof *RUSSIAN; i++)
        if (str_eq_c(kind, RUSSIAN[i].kind)) return str_c(RUSSIAN[i].shown);
    if (str_eq_c(kind, "VAT") && lang == LANG_EN) return S("VAT No.");
    if (str_eq_c(kind, "VAT") && lang == LANG_PL) return S("VAT UE");
    return kind;
}

Str paper_identifiers(Arena *mem, Val list, Lang lang)
{
    Str *parts = NEW_N(mem, Str, list.kind == VAL_LIST ? list.n + 1 : 1);
    size_t n = 0;

    for (uint32_t i = 0; list.kind == VAL_LIST && i < list.n; i++) {
        Str kind = part(list.list[i], "kind"), value = part(list.list[i], "value");
        if (value.n)
            parts[n++] =
                str_fmt(mem, "%.*s%s%.*s", SFMT(kind_shown(kind, lang)), kind.n ? NBSP : "", SFMT(value));
    }
    return str_join(mem, parts, n, S(", "));
}

Str paper_address(Arena *mem, Val a, Lang lang, Str home)
{
    Str street = part(a, "street"), city = part(a, "city"), region = part(a, "region");
    Str postcode = part(a, "postcode"), country = part(a, "country"), place = city, parts[5];
    size_t n = 0;

    if (!city.n) place = part(a, "settlement");
    if (country.n == 2)
        country = str_eq(country, home) ? (Str){0} : text_country_name(mem, country, lang_code(lang));
    if (lang == LANG_PL && postcode.n) {
        place = str_fmt(mem, "%.*s%s%.*s", SFMT(postcode), place.n ? " " : "", SFMT(place));
        postcode = (Str){0};
    }
    Str order_ru[] = {postcode, country, region, place, street};
    Str order_en[] = {street, place, region, postcode, country};
    for (size_t i = 0; i < 5; i++) {
        Str s = lang == LANG_RU ? order_ru[i] : order_en[i];
        bool is_again = n && str_eq(parts[n - 1], s);
        if (s.n && !is_again) parts[n++] = s;
    }
    return str_join(mem, parts, n, S(", "));
}

typedef enum Sex { SEX_UNKNOWN, SEX_MALE, SEX_FEMALE } Sex;

/* By what is said, else by the patronymic. */
static Sex sex_of(const Record *contact, Str middle)
{
    Str gender = text_in(contact, "gender");

    if (str_eq_c(gender, "male") || (str_ends(middle, S("ич")) && !gender.n)) return SEX_MALE;
    if (str_eq_c(gender, "female") || (str_ends(middle, S("на")) && !gender.n)) return SEX_FEMALE;
    return SEX_UNKNOWN;
}

static Str greeting_ru(Arena *mem, Str given, Str middle, Sex sex)
{
    Str name = str_fmt(mem, "%.*s%s%.*s", SFMT(given), middle.n ? " " : "", SFMT(middle));

    if (!given.n) return S("Здравствуйте!");
    if (sex == SEX_UNKNOWN) return str_fmt(mem, "Здравствуйте, %.*s!", SFMT(name));
    return str_fmt(mem, "%s %.*s!", sex == SEX_MALE ? "Уважаемый" : "Уважаемая", SFMT(name));
}

static Str greeting_en(Arena *mem, Str given, Str family, Sex sex)
{
    if (family.n && sex != SEX_UNKNOWN)
        return str_fmt(mem, "Dear %s %.*s,", sex == SEX_MALE ? "Mr" : "Ms", SFMT(family));
    if (!given.n && !family.n) return S("Dear Sir or Madam,");
    return str_fmt(mem, "Dear %.*s%s%.*s,", SFMT(given), given.n && family.n ? " " : "", SFMT(family));
}

Str paper_greeting(Arena *mem, const Record *contact, Lang lang)
{
    Val name = contact ? record_get_val(contact, "name") : val_null();
    Str middle = part(name, "middle");
    Sex sex = contact ? sex_of(contact, middle) : SEX_UNKNOWN;

    switch (lang) {
    case LANG_RU: return greeting_ru(mem, part(name, "given"), middle, sex);
    case LANG_PL: /* names would have to be in the vocative */
        return sex == SEX_MALE     ? S("Szanowny Panie,")
               : sex == SEX_FEMALE ? S("Szanowna Pani,")
                                   : S("Szanowni Państwo,");
    default: return greeting_en(mem, part(name, "given"), part(name, "family"), sex);
    }
}

/* --- values ---------------------------------------------------------------------------------------------------------- */

static const char *symbol_of(const char *code)
{
    static const struct {
        const char *code, *symbol;
    } SYMBOLS[] = {{"EUR", "€"}, {"USD", "$"}, {"GBP", "£"}, {"RUB", "₽"}, {"PLN", "zł"}};

    for (size_t i = 0; i < sizeof SYMBOLS / sizeof *SYMBOLS; i++)
        if (strcmp(code, SYMBOLS[i].code) == 0) return SYMBOLS[i].symbol;
    return code;
}

/* "$1,234.00", "PLN 1,234.00"; "1 234,00 ₽", "1 234,00 zł". */
static Str money_shown(Paper *p, Val v, Str form)
{
    Arena *mem = p->cx->mem;
    char code[4];

    currency_unpack(v.aux, code);
    int places = currency_places(str_c(code));
    Str amount = shown_number(mem, v.i, v.places,
                              places >= 0 && places < v.places ? (uint8_t)places : v.places, p->lang);
    if (str_eq_c(form, "words")) return words_money(mem, v, lang_code(p->lang));
    if (str_eq_c(form, "amount") || !v.aux) return amount;
    if (p->lang != LANG_EN) return str_fmt(mem, "%.*s" NBSP "%s", SFMT(amount), symbol_of(code));
    bool is_sign = strcmp(code, "USD") == 0 || strcmp(code, "EUR") == 0 || strcmp(code, "GBP") == 0;
    bool is_minus = amount.n && amount.p[0] == '-';
    if (!is_sign) return str_fmt(mem, "%s" NBSP "%.*s", code, SFMT(amount));
    return str_fmt(mem, "%s%s%.*s", is_minus ? "-" : "", symbol_of(code), SFMT(str_from(amount, is_minus)));
}

static Str date_shown(Paper *p, int64_t day, Str form)
{
    bool is_long = str_eq_c(form, "long") || (p->lang == LANG_EN && !str_eq_c(form, "short"));

    return is_long ? shown_day_long(p->cx->mem, day, p->lang) : shown_day(p->cx->mem, day, p->lang);
}

static const Field *field_of(const Paper *p, const CelNode *node)
{
    const CelType *of = node->op == CEL_SELECT && node->n ? node->args[0]->type : NULL;

    if (node->op == CEL_SELECT && of && of->tag && !node->is_test) return object_field(of->tag, node->name);
    const Field *f = node->op == CEL_IDENT ? object_field(p->rec->obj, node->name) : NULL;
    return f && node->type == f->cel ? f : NULL;
}

static Str reference_shown(Paper *p, Val v)
{
    const Object *obj = v.aux < 1024 ? p->cx->meta->by_number[v.aux] : NULL;
    Record *rec = NULL;

    if (!obj || record_get(p->cx, obj, v.i, READ_DELETED, &rec)) return (Str){0};
    return rec->label.n ? rec->label : record_text(p->cx->mem, rec);
}

static Str number_shown(Paper *p, const Field *f, Val v, Str form)
{
    Arena *mem = p->cx->mem;
    bool is_percent = f && f->result == FIELD_PERCENT && !str_eq_c(form, "number");

    if (v.kind == VAL_INT && str_eq_c(form, "words")) return words_number(mem, v.i, lang_code(p->lang));
    if (v.kind == VAL_INT && f && f->number_format.n) return value_text(mem, f, v, p->lang);
    Str s = shown_number(mem, v.i, v.kind == VAL_INT ? 0 : v.places, 0, p->lang);
    if (!is_percent) return s;
    return str_fmt(mem, "%.*s%s", SFMT(s), p->lang == LANG_RU ? NBSP "%" : "%");
}

static Str list_shown(Paper *p, const Field *f, Val v)
{
    Str *parts = NEW_N(p->cx->mem, Str, v.n + 1);
    CelNode nothing = {0};

    if (f && f->result == FIELD_IDENTIFIER) return paper_identifiers(p->cx->mem, v, p->lang);
    if (f && f->result != FIELD_JSON) return value_text(p->cx->mem, f, v, p->lang);
    for (uint32_t i = 0; i < v.n; i++) parts[i] = paper_value(p, &nothing, v.list[i], (Str){0});
    return str_join(p->cx->mem, parts, v.n, S(", "));
}

static Str map_shown(Paper *p, const Field *f, const CelNode *node, Val v)
{
    bool is_name =
        (f && f->result == FIELD_PERSON_NAME) || (node->type && str_eq(node->type->object, S("person_name")));

    if (is_name) return person_name_text(p->cx->mem, v, p->lang);
    return val_get(&v, S("street")) || val_get(&v, S("city"))
               ? paper_address(p->cx->mem, v, p->lang, (Str){0})
               : (Str){0};
}

Str paper_value(Paper *p, const CelNode *node, Val v, Str form)
{
    const Field *f = field_of(p, node);
    Arena *mem = p->cx->mem;

    switch (v.kind) {
    case VAL_TEXT: return f ? value_text(mem, f, v, p->lang) : val_str(v);
    case VAL_BOOL: {
        static const char *const WORDS[LANG_COUNT][2] = {{"no", "yes"}, {"нет", "да"}, {"nie", "tak"}};
        return str_c(WORDS[p->lang][v.b]);
    }
    case VAL_MONEY: return money_shown(p, v, form);
    case VAL_INT:
    case VAL_DECIMAL: return number_shown(p, f, v, form);
    case VAL_DATE: return date_shown(p, v.i, form);
    case VAL_TIMESTAMP: return date_shown(p, zone_date(p->cx->store->company->zone, val_ms(v)), form);
    case VAL_REF: return reference_shown(p, v);
    case VAL_LIST: return list_shown(p, f, v);
    case VAL_MAP: return map_shown(p, f, node, v);
    default: return f && !val_is_null(v) ? value_text(mem, f, v, p->lang) : (Str){0};
    }
}

Err *paper_put(void *paper, Buf *out, const CelNode *node, Val v, Str form)
{
    markup_escape(out, paper_value(paper, node, v, form));
    return NULL;
}

/* --- the payment code ------------------------------------------------------------------------------------------------- */

static Str identifier_in(const Record *rec, const char *kind)
{
    Val list = record_get_val(rec, "identifiers");

    for (uint32_t i = 0; list.kind == VAL_LIST && i < list.n; i++)
        if (str_eq_c(part(list.list[i], "kind"), kind)) return part(list.list[i], "value");
    return (Str){0};
}

static Str tax_id_of(const Record *bank, const Record *own)
{
    static const char *const KINDS[] = {"INN", "NIP"};

    for (size_t i = 0; i < 2; i++) {
        Str id = identifier_in(bank, KINDS[i]);
        if (!id.n) id = identifier_in(own, KINDS[i]);
        if (id.n) return id;
    }
    return (Str){0};
}

Str paper_payment(Paper *p)
{
    static const char *const WORDS[LANG_COUNT][2] = {
        {"Invoice ", " of "}, {"Оплата по счёту № ", " от "}, {"FV ", " z "}};
    bool is_invoice = str_eq_c(p->kind, "invoice") || str_eq_c(p->kind, "proforma");
    Arena *mem = p->cx->mem;
    Str out = {0};

    if (!is_invoice || !p->own_bank || !p->own) return out;
    Val open = record_get_val(p->rec, "open"), date = record_get_val(p->rec, "date");
    if (open.kind != VAL_MONEY || open.i <= 0) open = record_get_val(p->rec, "gross");
    PaymentQr q = {.name = text_in(p->own_bank, "full_name"),
                   .account = text_in(p->own_bank, "bank_account"),
                   .bank_name = text_in(p->own_bank, "bank_name"),
                   .bank_code = text_in(p->own_bank, "bank_code"),
                   .correspondent_account = text_in(p->own_bank, "correspondent_account"),
                   .tax_id = tax_id_of(p->own_bank, p->own),
                   .kpp = identifier_in(p->own_bank, "KPP"),
                   .amount = open};
    if (!q.name.n) q.name = text_in(p->own, "name");
    q.purpose = str_fmt(mem, "%s%.*s%s%.*s", WORDS[p->lang][0], SFMT(text_in(p->rec, "number")),
                        WORDS[p->lang][1], SFMT(shown_day(mem, date.i, p->lang)));
    return payment_qr(mem, &q, &out) ? (Str){0} : out; /* none is better than one that cannot be paid */
}
