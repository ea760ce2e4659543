/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The change log's form of a value: JSON from which the value comes back exactly, with objects by their number, which
 * never changes.  What is read may come straight from value_to_log or through JSON text. */

#include "core/value_impl.h"

#include "base/decimal.h"
#include "base/time.h"

static Str ref_text(Arena *mem, Val v)
{
    char id[ID_TEXT + 1];

    id_format(v.i, id);
    return str_fmt(mem, "%u:%s", v.aux, id);
}

static Val links_to_log(Arena *mem, const Field *f, Val v)
{
    static const char *const KEYS[] = {"id", "link"};
    Val *items = NEW_N(mem, Val, v.n + 1);

    for (uint32_t i = 0; i < v.n; i++) {
        Val link = pair_get(v.list[i], "link");
        ValPair *pairs = NEW_N(mem, ValPair, link.n + 1);
        size_t n = 0;

        for (uint32_t j = 0; link.kind == VAL_MAP && j < link.n; j++) {
            const Field *column = object_field(f->through, val_str(link.map[j].key));

            if (column)
                pairs[n++] = (ValPair){val_text(column->column), value_to_log(mem, column, link.map[j].val)};
        }
        Val vals[] = {val_text(id_text(mem, pair_get(v.list[i], "id").i)), val_map(pairs, n)};

        items[i] = pairs_val(mem, KEYS, vals, 2);
    }
    return val_list(items, v.n);
}

Val value_to_log(Arena *mem, const Field *f, Val v)
{
    char code[4];

    switch (v.kind) {
    case VAL_REF: return val_text(ref_text(mem, v));
    case VAL_DECIMAL:
        if (f->result != FIELD_JSON) return val_text(decimal_text(mem, v.i, v.places));
        break;
    case VAL_MONEY:
        currency_unpack(v.aux, code);
        return val_text(str_fmt(mem, "%.*s %s", SFMT(decimal_text(mem, v.i, v.places)), v.aux ? code : "-"));
    case VAL_DATE: return val_text(date_text(mem, v.i));
    case VAL_TIME: return val_text(time_of_day_text(mem, v.i));
    case VAL_TIMESTAMP: return val_text(timestamp_text(mem, v));
    case VAL_DURATION: return val_text(duration_text(mem, v));
    case VAL_NULL: return v;
    default: break;
    }
    if (f->result == FIELD_JSON) return val_text(json_plain_text(mem, v));
    return f->result == FIELD_LINKS ? links_to_log(mem, f, v) : v;
}

/* --- back ------------------------------------------------------------------------------------------------------------- */

static Val ref_from_log(Str s)
{
    int64_t number = 0;
    Id id = 0;
    Str rest = s;
    Str object = str_cut(&rest, ':');

    if (!str_to_i64(object, &number) || number < 0 || number > UINT16_MAX || !id_parse(rest, &id))
        return val_null();
    return val_ref((uint16_t)number, id);
}

static Val decimal_from_log(Str s)
{
    int64_t scaled = 0;
    uint8_t places = 0;

    return decimal_parse(s, &scaled, &places) ? val_decimal(scaled, places) : val_null();
}

static Val money_from_log(Str s)
{
    Str rest = s;
    Val amount = decimal_from_log(str_cut(&rest, ' '));

    return val_is_null(amount) ? amount : val_money(amount.i, amount.places, currency_pack(rest));
}

static Val time_from_log(FieldType type, Str s)
{
    int64_t n = 0;
    Val v = {0};

    if (type == FIELD_DATE) return date_parse(s, &n) ? val_date(n) : val_null();
    if (type == FIELD_TIME) return time_of_day_parse(s, &n) ? val_time_of_day(n) : val_null();
    if (type == FIELD_TIMESTAMP) return timestamp_parse(s, &v) ? v : val_null();
    return duration_parse(s, &v) ? v : val_null();
}

static Val links_from_log(Arena *mem, const Field *f, Val v)
{
    static const char *const KEYS[] = {"object", "id", "link"};
    Val *items = NEW_N(mem, Val, v.n + 1);
    size_t kept = 0;

    for (uint32_t i = 0; i < v.n; i++) {
        Val link = pair_get(v.list[i], "link");
        ValPair *pairs = NEW_N(mem, ValPair, link.n + 1);
        size_t n = 0;
        Id id = 0;

        if (!id_parse(val_str(pair_get(v.list[i], "id")), &id)) continue;
        for (size_t j = 0; link.kind == VAL_MAP && j < f->through->n_fields; j++) {
            const Field *column = &f->through->fields[j];
            const Val *in = column->column.n ? val_get(&link, column->column) : NULL;

            if (in) pairs[n++] = (ValPair){val_text(column->name), value_from_log(mem, column, *in)};
        }
        Val vals[] = {val_text(f->far->target->name), val_ref(f->far->target->number, id), val_map(pairs, n)};

        items[kept++] = pairs_val(mem, KEYS, vals, 3);
    }
    return val_list(items, kept);
}

static Val text_from_log(Arena *mem, const Field *f, Str s)
{
    Val v = {0};

    switch (f->result) {
    case FIELD_REFERENCE:
    case FIELD_USER:
    case FIELD_FILE:
    case FIELD_ANY_REFERENCE: return ref_from_log(s);
    case FIELD_DECIMAL:
    case FIELD_PERCENT: return decimal_from_log(s);
    case FIELD_MONEY: return money_from_log(s);
    case FIELD_DATE:
    case FIELD_TIME:
    case FIELD_TIMESTAMP:
    case FIELD_DURATION: return time_from_log(f->result, s);
    case FIELD_JSON: return json_parse(mem, s, &v) ? val_null() : v;
    default: return val_text(s);
    }
}

Val value_from_log(Arena *mem, const Field *f, Val v)
{
    if (v.kind == VAL_TEXT) return text_from_log(mem, f, val_str(v));
    if (v.kind == VAL_LIST && f->result == FIELD_LINKS) return links_from_log(mem, f, v);
    return v;
}
