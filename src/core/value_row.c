/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Values to columns and back.  Which columns a field has is meta's; what stands in each is here: scaled integers, JSON
 * of lists, "|a|b|" of keys, folded text and collation keys. */

#include "core/value_impl.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "core/store.h"

/* --- to columns -------------------------------------------------------------------------------------------------------- */

static Val keys_column(Arena *mem, Val list)
{
    Buf b = buf_new(mem, LIMIT_REPLY);

    if (!list.n) return val_null();
    buf_add_c(&b, '|');
    for (uint32_t i = 0; i < list.n; i++) {
        buf_add(&b, val_str(list.list[i]));
        buf_add_c(&b, '|');
    }
    return val_text(buf_str(&b));
}

static Val value_column(Ctx *cx, const Field *f, Val v)
{
    if (val_is_null(v)) return v;
    switch (f->result) {
    case FIELD_BOOLEAN: return val_int(v.b);
    case FIELD_DURATION: return val_int(v.i);
    case FIELD_TIMESTAMP: return val_int(val_ms(v));
    case FIELD_MULTICHOICE:
    case FIELD_TAGS: return keys_column(cx->mem, v);
    case FIELD_PERSON_NAME:
        return text_or_null(person_name_text(cx->mem, v, lang_from(cx->store->company->locale)));
    case FIELD_EMAILS:
    case FIELD_PHONES:
    case FIELD_HANDLES:
    case FIELD_ADDRESSES:
    case FIELD_IDENTIFIER:
    case FIELD_JSON: return val_text(json_plain_text(cx->mem, v));
    default: return v.kind == VAL_TEXT ? v : val_int(v.i);
    }
}

static Val currency_column(Arena *mem, Val v)
{
    char code[4];

    if (val_is_null(v) || !v.aux) return val_null();
    currency_unpack(v.aux, code);
    return val_text(str_copy(mem, str_c(code)));
}

static Val role_column(Ctx *cx, ColumnRole role, Val v, Val value, Val base)
{
    bool is_text = value.kind == VAL_TEXT;

    switch (role) {
    case COLUMN_VALUE: return value;
    case COLUMN_FOLD: return is_text ? val_text(text_fold(cx->mem, val_str(value))) : val_null();
    case COLUMN_KEY:
        return is_text ? val_bytes(text_sort_key(cx->mem, val_str(value), cx->store->company->locale))
                       : val_null();
    case COLUMN_CURRENCY: return currency_column(cx->mem, v);
    case COLUMN_BASE: return val_is_null(base) ? base : val_int(base.i);
    case COLUMN_OBJECT: return val_is_null(v) ? v : val_int(v.aux);
    case COLUMN_FAMILY: return pair_get(v, "family");
    case COLUMN_GIVEN: return pair_get(v, "given");
    case COLUMN_MIDDLE: return pair_get(v, "middle");
    case COLUMN_PREFIX: return pair_get(v, "prefix");
    default: return val_null();
    }
}

size_t value_binds(Ctx *cx, const Field *f, Val v, Val base, Val *out)
{
    Column columns[FIELD_COLUMNS_MAX];
    size_t n = field_columns(f, columns);
    Val value = n ? value_column(cx, f, v) : val_null();

    for (size_t i = 0; i < n; i++) out[i] = role_column(cx, columns[i].role, v, value, base);
    return n;
}

/* --- from columns -------------------------------------------------------------------------------------------------------- */

size_t field_read_columns(const Field *f, Column *out)
{
    Column all[FIELD_COLUMNS_MAX];
    size_t n = field_columns(f, all), kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (all[i].role != COLUMN_FOLD && all[i].role != COLUMN_KEY && all[i].role != COLUMN_BASE)
            out[kept++] = all[i];
    }
    return kept;
}

static Val keys_value(Arena *mem, Str column)
{
    VEC(Val) keys = {0};
    Str rest = str_from(column, 1);

    while (rest.p) {
        Str key = str_cut(&rest, '|');

        if (key.n) *vec_push(mem, &keys) = val_text(key);
    }
    return keys.n ? val_list(keys.p, keys.n) : val_null();
}

/* What we wrote ourselves; anything else is a damaged database, which `kith check` names. */
static Val json_value(Arena *mem, const Field *f, Str text)
{
    Val v = {0};

    if (!json_parse(mem, text, &v)) return v;
    log_line(LOG_ERROR, "column is no JSON", "object=%.*s field=%.*s", SFMT(f->object->name), SFMT(f->name));
    return val_null();
}

static Val person_value(Arena *mem, const DbRows *rows, size_t *col)
{
    static const char *const KEYS[] = {"family", "given", "middle", "prefix"};
    Val parts[4];
    bool is_empty = true;

    for (size_t i = 0; i < 4; i++) {
        parts[i] = db_val(rows, (*col)++);
        is_empty = is_empty && val_is_null(parts[i]);
    }
    return is_empty ? val_null() : pairs_val(mem, KEYS, parts, 4);
}

static Val money_value(Val amount, Val currency)
{
    if (val_is_null(amount)) return amount;
    return val_money(amount.i, MONEY_PLACES,
                     currency.kind == VAL_TEXT ? currency_pack(val_str(currency)) : 0);
}

static Val scalar_value(Ctx *cx, const Field *f, Val raw)
{
    switch (f->result) {
    case FIELD_DECIMAL:
    case FIELD_PERCENT: return val_decimal(raw.i, f->places);
    case FIELD_BOOLEAN: return val_bool(raw.i != 0);
    case FIELD_DATE: return val_date(raw.i);
    case FIELD_TIME: return val_time_of_day(raw.i);
    case FIELD_TIMESTAMP: return val_from_ms(raw.i);
    case FIELD_DURATION: return val_duration(raw.i, 0);
    case FIELD_MULTICHOICE:
    case FIELD_TAGS: return keys_value(cx->mem, val_str(raw));
    case FIELD_EMAILS:
    case FIELD_PHONES:
    case FIELD_HANDLES:
    case FIELD_ADDRESSES:
    case FIELD_IDENTIFIER:
    case FIELD_JSON: return json_value(cx->mem, f, val_str(raw));
    case FIELD_REFERENCE:
    case FIELD_USER:
    case FIELD_FILE: return val_ref(f->target ? f->target->number : 0, raw.i);
    default: return raw;
    }
}

Val value_from_row(Ctx *cx, const Field *f, const DbRows *rows, size_t *col)
{
    if (f->result == FIELD_LINKS) return val_null();
    Val raw = db_val(rows, (*col)++);

    if (f->result == FIELD_MONEY) return money_value(raw, db_val(rows, (*col)++));
    if (f->result == FIELD_PERSON_NAME) return person_value(cx->mem, rows, col);
    if (f->result == FIELD_ANY_REFERENCE) {
        Val object = db_val(rows, (*col)++);

        return val_is_null(raw) ? raw : val_ref((uint16_t)object.i, raw.i);
    }
    return val_is_null(raw) ? raw : scalar_value(cx, f, raw);
}
