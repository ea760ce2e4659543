/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Values as people read them: history, CSV, labels made of values.  Numbers stay in plain notation, so that a
 * spreadsheet or an import takes them back; choices and booleans are words of the language. */

#include "core/value_impl.h"

#include "base/decimal.h"
#include "base/phone.h"
#include "base/time.h"

static Str choice_text(const Field *f, Str key, Lang lang)
{
    const Option *option = field_option(f, key);

    return option ? label_in(&option->label, lang) : key;
}

static Str boolean_text(bool b, Lang lang)
{
    static const Label YES = {{S_INIT("Yes"), S_INIT("Да"), S_INIT("Tak")}};
    static const Label NO = {{S_INIT("No"), S_INIT("Нет"), S_INIT("Nie")}};

    return label_in(b ? &YES : &NO, lang);
}

static Str money_text(Arena *mem, Val v)
{
    char code[4];

    currency_unpack(v.aux, code);
    Str amount = decimal_text(mem, v.i, v.places);

    while (v.places > 2 && amount.n && amount.p[amount.n - 1] == '0') {
        amount.n--;
        v.places--;
    }
    return v.aux ? str_fmt(mem, "%.*s %s", SFMT(amount), code) : amount;
}

static Str address_text(Arena *mem, Val v)
{
    static const char *const ORDER[] = {"postcode", "country", "region", "city", "settlement", "street"};
    Str parts[6];
    size_t n = 0;

    for (size_t i = 0; i < 6; i++) {
        Str part = val_str(pair_get(v, ORDER[i]));

        if (part.n) parts[n++] = part;
    }
    return str_join(mem, parts, n, S(", "));
}

static Str item_text(Arena *mem, const Field *f, Val item, Lang lang)
{
    Val value = item.kind == VAL_MAP ? pair_get(item, "value") : item;

    if (f->result == FIELD_MULTICHOICE) return choice_text(f, val_str(value), lang);
    if (f->result == FIELD_LINKS) return id_text(mem, pair_get(item, "id").i);
    if (value.kind == VAL_MAP) return address_text(mem, value);
    if (f->result == FIELD_PHONES) {
        Str shown = phone_format(mem, val_str(value)), ext = val_str(pair_get(item, "ext"));

        return ext.n ? str_fmt(mem, "%.*s #%.*s", SFMT(shown), SFMT(ext)) : shown;
    }
    return value.kind == VAL_TEXT ? val_str(value) : (Str){0};
}

static Str list_text(Arena *mem, const Field *f, Val v, Lang lang)
{
    Str *parts = NEW_N(mem, Str, v.n + 1);

    for (uint32_t i = 0; i < v.n; i++) parts[i] = item_text(mem, f, v.list[i], lang);
    return str_join(mem, parts, v.n, S(", "));
}

/* "D-{0}" of 17 is "D-17". */
static Str number_text(Arena *mem, const Field *f, int64_t n)
{
    ptrdiff_t at = str_find(f->number_format, S("{0}"));

    if (at < 0) return str_fmt(mem, "%lld", (long long)n);
    return str_fmt(mem, "%.*s%lld%.*s", SFMT(str_sub(f->number_format, 0, (size_t)at)), (long long)n,
                   SFMT(str_from(f->number_format, (size_t)at + 3)));
}

Str value_text(Arena *mem, const Field *f, Val v, Lang lang)
{
    if (f->result == FIELD_JSON && !val_is_null(v)) return json_plain_text(mem, v);
    switch ((ValKind)v.kind) {
    case VAL_NULL: return (Str){0};
    case VAL_TEXT: return f->result == FIELD_CHOICE ? choice_text(f, val_str(v), lang) : val_str(v);
    case VAL_BOOL: return boolean_text(v.b, lang);
    case VAL_INT: return number_text(mem, f, v.i);
    case VAL_DECIMAL: return decimal_text(mem, v.i, v.places);
    case VAL_MONEY: return money_text(mem, v);
    case VAL_DATE: return date_text(mem, v.i);
    case VAL_TIME: return time_of_day_text(mem, v.i);
    case VAL_TIMESTAMP: return timestamp_text(mem, v);
    case VAL_DURATION: return duration_text(mem, v);
    case VAL_ID:
    case VAL_REF: return id_text(mem, v.i);
    case VAL_LIST: return list_text(mem, f, v, lang);
    case VAL_MAP: return f->result == FIELD_PERSON_NAME ? person_name_text(mem, v, lang) : json_text(mem, v);
    default: return (Str){0};
    }
}
