/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Values to JSON as the API gives them, and whole records both ways.  The JSON is written from the record's values
 * directly; hidden fields are left out and masked ones masked here, at the one place records leave by. */

#include "core/value_impl.h"

#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"
#include "core/rights.h"

/* --- one value ------------------------------------------------------------------------------------------------------- */

void json_plain(JsonWriter *w, Val v)
{
    switch (v.kind) {
    case VAL_DECIMAL: json_raw(w, decimal_text(w->b->mem, v.i, v.places)); break;
    case VAL_LIST:
        json_open_list(w);
        for (uint32_t i = 0; i < v.n; i++) json_plain(w, v.list[i]);
        json_close_list(w);
        break;
    case VAL_MAP:
        json_open_obj(w);
        for (uint32_t i = 0; i < v.n; i++) {
            json_key(w, val_str(v.map[i].key));
            json_plain(w, v.map[i].val);
        }
        json_close_obj(w);
        break;
    default: json_val(w, v);
    }
}

Str json_plain_text(Arena *mem, Val v)
{
    Buf b = buf_new(mem, LIMIT_REPLY);
    JsonWriter w = json_writer(&b);

    json_plain(&w, v);
    return buf_str(&b);
}

/* At its currency's places when nothing is lost, otherwise as stored. */
static void money_to_json(JsonWriter *w, Val v)
{
    char code[4], text[32];
    int64_t trimmed = 0, back = 0;

    currency_unpack(v.aux, code);
    int places = v.aux ? currency_places(str_c(code)) : -1;

    if (places >= 0 && places < v.places && decimal_rescale(v.i, v.places, (uint8_t)places, &trimmed) &&
        decimal_rescale(trimmed, (uint8_t)places, v.places, &back) && back == v.i) {
        v.i = trimmed;
        v.places = (uint8_t)places;
    }
    json_open_obj(w);
    json_pair_str(w, "amount", ((Str){text, decimal_format(v.i, v.places, text)}));
    json_key_c(w, "currency");
    if (v.aux)
        json_str(w, str_c(code));
    else
        json_null(w);
    json_close_obj(w);
}

static void ref_to_json(JsonWriter *w, Val v, const Labels *labels, const Meta *meta)
{
    const Object *obj = v.aux && v.aux < 1024 ? meta->by_number[v.aux] : NULL;
    Str label = labels && obj ? labels_get(labels, v.aux, v.i) : (Str){0};

    json_open_obj(w);
    json_key_c(w, "object");
    if (obj)
        json_str(w, obj->name);
    else
        json_null(w);
    json_pair_val(w, "id", val_id(v.i));
    json_pair_val(w, "label", text_or_null(label));
    json_close_obj(w);
}

static void file_to_json(JsonWriter *w, Val v, const Labels *labels)
{
    Str name = labels ? labels_get(labels, v.aux, v.i) : (Str){0}, type = {0};
    int64_t size = 0;
    bool is_known = labels && labels_file(labels, v.aux, v.i, &size, &type);

    json_open_obj(w);
    json_pair_val(w, "id", val_id(v.i));
    json_pair_val(w, "name", text_or_null(name));
    json_pair_val(w, "size", is_known ? val_int(size) : val_null());
    json_pair_val(w, "type", text_or_null(type));
    json_close_obj(w);
}

static void link_to_json(JsonWriter *w, const Field *f, Val item, const Labels *labels, const Meta *meta)
{
    const Object *far = f->far->target;
    Val id = pair_get(item, "id"), link = pair_get(item, "link");
    Str label = labels ? labels_get(labels, far->number, id.i) : (Str){0};

    json_open_obj(w);
    json_pair_str(w, "object", far->name);
    json_pair_val(w, "id", val_id(id.i));
    json_pair_val(w, "label", text_or_null(label));
    json_key_c(w, "link");
    json_open_obj(w);
    for (uint32_t i = 0; link.kind == VAL_MAP && i < link.n; i++) {
        const Field *column = object_field(f->through, val_str(link.map[i].key));

        if (!column || column->is_secret) continue;
        json_key(w, column->name);
        value_to_json(w, column, link.map[i].val, labels, meta);
    }
    json_close_obj(w);
    json_close_obj(w);
}

static void links_to_json(JsonWriter *w, const Field *f, Val v, const Labels *labels, const Meta *meta)
{
    json_open_list(w);
    for (uint32_t i = 0; i < v.n; i++) link_to_json(w, f, v.list[i], labels, meta);
    json_close_list(w);
}

/* 12.5, not 12.5000: the scale is the column's business. */
static void decimal_to_json(JsonWriter *w, Val v)
{
    while (v.places > 0 && v.i % 10 == 0) {
        v.i /= 10;
        v.places--;
    }
    json_val(w, v);
}

void value_to_json(JsonWriter *w, const Field *f, Val v, const Labels *labels, const Meta *meta)
{
    if (val_is_null(v)) {
        json_null(w);
        return;
    }
    switch (f->result) {
    case FIELD_MONEY: money_to_json(w, v); break;
    case FIELD_DECIMAL:
    case FIELD_PERCENT: decimal_to_json(w, v); break;
    case FIELD_REFERENCE:
    case FIELD_USER:
    case FIELD_ANY_REFERENCE: ref_to_json(w, v, labels, meta); break;
    case FIELD_FILE: file_to_json(w, v, labels); break;
    case FIELD_LINKS: links_to_json(w, f, v, labels, meta); break;
    case FIELD_JSON: json_plain(w, v); break;
    case FIELD_AUTONUMBER:
        if (f->number_format.n)
            json_str(w, value_text(w->b->mem, f, v, LANG_EN));
        else
            json_val(w, v);
        break;
    default: json_val(w, v);
    }
}

/* --- masks ------------------------------------------------------------------------------------------------------------- */

#define DOTS "•••••"

static Str mask_text(Arena *mem, FieldType type, Str s)
{
    ptrdiff_t at = type == FIELD_EMAILS ? str_find_char(s, '@') : -1;
    size_t first = 0, tail = s.n < 4 ? s.n : s.n - 4;

    if (at > 0) {
        (void)utf8_next(s, &first);
        return str_fmt(mem, "%.*s" DOTS "%.*s", SFMT(str_sub(s, 0, first)), SFMT(str_from(s, (size_t)at)));
    }
    if (type == FIELD_PHONES) first = s.n > 1 && (s.p[1] == '7' || s.p[1] == '1') ? 2 : 3;
    if (first > tail) first = 0;
    return str_fmt(mem, "%.*s" DOTS "%.*s", SFMT(str_sub(s, 0, first)), SFMT(str_from(s, tail)));
}

static bool is_mask_needed(const Ctx *cx, const Field *f)
{
    return f->is_masked && !cx->actor->is_system && !(cx->actor->rights && cx->actor->rights->may_see_masked);
}

Val value_masked(const Ctx *cx, const Field *f, Val v)
{
    if (v.kind != VAL_LIST || !is_mask_needed(cx, f)) return v;
    v = val_copy(cx->mem, v);
    for (uint32_t i = 0; i < v.n; i++) {
        for (uint32_t j = 0; v.list[i].kind == VAL_MAP && j < v.list[i].n; j++) {
            ValPair *pair = &v.list[i].map[j];

            if (!str_eq_c(val_str(pair->key), "value") || pair->val.kind != VAL_TEXT) continue;
            pair->val = val_text(mask_text(cx->mem, f->result, val_str(pair->val)));
        }
    }
    return v;
}

/* The stored item that shows as the masked text `s`; a form sends back what it was shown. */
static Val stored_of_mask(Ctx *cx, const Field *f, Val stored, Str s)
{
    for (uint32_t i = 0; stored.kind == VAL_LIST && i < stored.n; i++) {
        Val value = pair_get(stored.list[i], "value");

        if (value.kind == VAL_TEXT && str_eq(mask_text(cx->mem, f->result, val_str(value)), s)) return value;
    }
    return val_text(s);
}

static Val without_masks(Ctx *cx, const Field *f, Val in, Val stored)
{
    if (in.kind != VAL_LIST || !is_mask_needed(cx, f)) return in;
    in = val_copy(cx->mem, in);
    for (uint32_t i = 0; i < in.n; i++) {
        for (uint32_t j = 0; in.list[i].kind == VAL_MAP && j < in.list[i].n; j++) {
            ValPair *pair = &in.list[i].map[j];

            if (str_eq_c(val_str(pair->key), "value") && pair->val.kind == VAL_TEXT) {
                pair->val = stored_of_mask(cx, f, stored, val_str(pair->val));
            }
        }
    }
    return in;
}

/* --- records from JSON ----------------------------------------------------------------------------------------------------- */

static Err *unknown_key(Ctx *cx, Str key)
{
    FAIL_FIELD(cx->mem, key, "error.field.unknown", "no such field");
}

/* Whether `in` says what field `f` already holds. */
static bool says_stored(Ctx *cx, const Record *rec, const Field *f, Val in)
{
    Val v = {0};
    Val stored = rec->id ? rec->vals[f->index] : val_null();

    if (f->index == SYS_ID && f->is_system) {
        Id id = 0;

        if (!rec->id) return val_is_null(in);
        return in.kind == VAL_TEXT && id_parse(val_str(in), &id) && id == rec->id;
    }
    if (f->index == SYS_VERSION && f->is_system)
        return rec->id && (in.kind == VAL_INT && in.i == rec->version);
    if (val_is_null(in) || val_is_null(stored)) return val_is_null(in) && val_is_null(stored);
    if (f->result == FIELD_AUTONUMBER && f->number_format.n && in.kind == VAL_TEXT) {
        return str_eq(val_str(in), value_text(cx->mem, f, stored, LANG_EN));
    }
    Field plain = *f;

    plain.has_min = plain.has_max = false;
    plain.is_unit_price = true;
    if (value_from_json(cx, &plain, without_masks(cx, f, in, stored), &v)) return false;
    return val_same(v, stored);
}

static bool may_set(const Ctx *cx, const Field *f)
{
    bool is_kept = f->is_computed || f->type == FIELD_AUTONUMBER ||
                   (f->is_system && f->index != SYS_OWNER && f->index != SYS_TEAM);

    if (is_kept) return false;
    if (f->is_readonly && !cx->may_write_readonly) return false;
    return rights_field(cx, f) == FIELD_WRITE;
}

static Err *field_from_json(Ctx *cx, Record *rec, const Field *f, Val in)
{
    Val v = {0};

    if (!may_set(cx, f)) {
        if (says_stored(cx, rec, f, in)) return NULL;
        FAIL_FIELD(cx->mem, f->name, "error.field.readonly", "may not be written");
    }
    TRY(value_from_json(cx, f, without_masks(cx, f, in, rec->vals[f->index]), &v));
    rec->vals[f->index] = v;
    rec->is_set[f->index] = 1;
    return NULL;
}

static Err *pair_from_json(Ctx *cx, const Object *obj, Str key, Val in, Record *rec)
{
    const Field *f = object_field(obj, key);

    if (!f && str_eq(key, S("label"))) {
        bool is_same = val_is_null(in) || (rec->id && in.kind == VAL_TEXT && str_eq(val_str(in), rec->label));

        if (!is_same) FAIL_FIELD(cx->mem, key, "error.field.readonly", "may not be written");
        return NULL;
    }
    if (!f || f->is_secret || rights_field(cx, f) == FIELD_HIDDEN) return unknown_key(cx, key);
    if (f->is_system && f->index == SYS_VERSION) return NULL;
    return field_from_json(cx, rec, f, in);
}

Err *record_from_json(Ctx *cx, const Object *obj, const Val *json, Record *rec)
{
    Err *problems = NULL;

    if (json->kind != VAL_MAP) FAIL(cx->mem, ERR_INVALID, "error.record", "a JSON object expected");
    for (uint32_t i = 0; i < json->n; i++) {
        Err *e = pair_from_json(cx, obj, val_str(json->map[i].key), json->map[i].val, rec);

        if (e) err_add(&problems, e);
    }
    return problems;
}

/* --- records to JSON --------------------------------------------------------------------------------------------------------- */

static bool may_show(const Ctx *cx, const Field *f)
{
    return !f->is_secret && rights_field(cx, f) != FIELD_HIDDEN;
}

static void field_to_json(JsonWriter *w, const Ctx *cx, const Record *rec, const Labels *labels,
                          const Field *f)
{
    bool is_head = f->is_system && (f->index == SYS_ID || f->index == SYS_VERSION);

    if (is_head || !may_show(cx, f)) return;
    Val v = rec->vals[f->index];
    json_name(w, f->name);
    value_to_json(w, f, v.kind == VAL_LIST ? value_masked(cx, f, v) : v, labels, cx->meta);
}

void record_members_to_json(JsonWriter *w, const Ctx *cx, const Record *rec, const Labels *labels,
                            Field *const *fields, size_t n)
{
    const Object *obj = rec->obj;

    json_pair_val(w, "id", rec->id ? val_id(rec->id) : val_null());
    json_pair_i64(w, "version", rec->version);
    if (!object_field(obj, S("label"))) json_pair_val(w, "label", text_or_null(rec->label));
    for (size_t i = 0; i < (fields ? n : obj->n_fields); i++) {
        field_to_json(w, cx, rec, labels, fields ? fields[i] : &obj->fields[i]);
    }
}

void record_to_json(JsonWriter *w, const Ctx *cx, const Record *rec, const Labels *labels,
                    Field *const *fields, size_t n)
{
    json_open_obj(w);
    record_members_to_json(w, cx, rec, labels, fields, n);
    json_close_obj(w);
}
