/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Business cards: vCard 4.0 (RFC 6350) or 3.0 (RFC 2426).  What a property says follows from the field's type, and for plain fields from
   its name, so that people, companies, leads and users all have one. */
#include "core/export/impl.h"

#include "base/time.h"
#include "core/value.h"

#include <sodium.h>
#include <string.h>

#define LINE_MAX_BYTES 75

typedef struct Card {
    Export *x;
    const Chunk *c;
    const Record *rec;
    Buf b;
    bool is_3;
} Card;

static Str text_at(Val map, const char *key)
{
    const Val *v = map.kind == VAL_MAP ? val_get(&map, str_c(key)) : NULL;

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

/* The field's value as the actor may see it; null when it is no column of this export or there is none. */
static Val field_val(const Card *k, const char *name)
{
    for (size_t i = 0; i < k->x->n; i++)
        if (str_eq_c(k->x->columns[i]->name, name)) return cell_value(k->x, k->c, k->rec, i);
    return val_null();
}

/* --- lines ------------------------------------------------------------------------------------------------------------- */

/* Folded at 75 bytes, never inside a character. */
static void put_line(Card *k, Str line)
{
    size_t room = LINE_MAX_BYTES;

    for (size_t at = 0; at < line.n;) {
        size_t from = at;
        (void)utf8_next(line, &at);
        if (at - from > room) {
            buf_add(&k->b, S("\r\n "));
            room = LINE_MAX_BYTES - 1;
        }
        buf_add(&k->b, str_sub(line, from, at - from));
        room -= at - from;
    }
    buf_add(&k->b, S("\r\n"));
}

static void add_escaped(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\n') {
            buf_add(b, S("\\n"));
        } else if (c != '\r') {
            if (c == '\\' || c == ',' || c == ';') buf_add_c(b, '\\');
            buf_add_c(b, (unsigned char)c < ' ' ? ' ' : c);
        }
    }
}

static Str escaped(const Card *k, Str s)
{
    Buf b = buf_new(k->c->mem, s.n * 2 + 8);

    add_escaped(&b, s);
    return buf_str(&b);
}

static void put(Card *k, const char *name, Str value)
{
    if (value.n) put_line(k, str_fmt(k->c->mem, "%s:%.*s", name, SFMT(escaped(k, value))));
}

static void put_field(Card *k, const char *property, const char *field)
{
    Val v = field_val(k, field);

    if (v.kind == VAL_TEXT) put(k, property, val_str(v));
}

/* --- properties -------------------------------------------------------------------------------------------------------- */

/* ";TYPE=WORK" of an item's label. */
static Str type_of(const Card *k, Val item, bool is_main)
{
    static const struct {
        const char *label, *type;
    } TYPES[] = {{"work", "work"}, {"home", "home"},   {"mobile", "cell"}, {"cell", "cell"},
                 {"fax", "fax"},   {"office", "work"}, {"pager", "pager"}, {"other", ""}};
    Str label = text_at(item, "label");
    const char *type = "", *pref = "";

    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
        if (str_eq_c(label, TYPES[i].label)) type = TYPES[i].type;
    if (is_main) pref = k->is_3 ? ";TYPE=pref" : ";PREF=1";
    return str_fmt(k->c->mem, "%s%s%s", type[0] ? ";TYPE=" : "", type, pref);
}

static bool is_main(Val item, uint32_t n)
{
    const Val *v = val_get(&item, S("main"));

    return n > 1 && v && v->kind == VAL_BOOL && v->b;
}

static void put_address(Card *k, Val item, Str type)
{
    static const char *const PARTS[] = {"street", "city", "region", "postcode", "country"};
    const Val *value = val_get(&item, S("value"));
    Buf b = buf_new(k->c->mem, 1u << 16);

    if (!value || value->kind != VAL_MAP) return;
    buf_addf(&b, "ADR%.*s:;", SFMT(type));
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        buf_add_c(&b, ';');
        add_escaped(&b, text_at(*value, PARTS[i]));
    }
    put_line(k, buf_str(&b));
}

static void put_item(Card *k, const Field *f, Val item, uint32_t n)
{
    Str type = type_of(k, item, is_main(item, n)), value = text_at(item, "value");
    Arena *mem = k->c->mem;

    if (f->result == FIELD_ADDRESSES) {
        put_address(k, item, type);
    } else if (f->result == FIELD_EMAILS) {
        put_line(k, str_fmt(mem, "EMAIL%.*s:%.*s", SFMT(type), SFMT(escaped(k, value))));
    } else if (f->result == FIELD_HANDLES) {
        Str label = text_at(item, "label");
        put_line(k,
                 str_fmt(mem, "IMPP:%.*s:%.*s", SFMT(label.n ? label : S("x-im")), SFMT(escaped(k, value))));
    } else if (k->is_3 || !str_starts(value, S("+"))) {
        put_line(k, str_fmt(mem, "TEL%.*s:%.*s", SFMT(type), SFMT(escaped(k, value))));
    } else {
        Str ext = text_at(item, "ext");
        put_line(k, str_fmt(mem, "TEL;VALUE=uri%.*s:tel:%.*s%s%.*s", SFMT(type), SFMT(value),
                            ext.n ? ";ext=" : "", SFMT(ext)));
    }
}

static void put_categories(Card *k, const Field *f, Val v)
{
    Buf b = buf_new(k->c->mem, 1u << 16);

    buf_add(&b, S("CATEGORIES:"));
    for (uint32_t i = 0; i < v.n; i++) {
        if (i) buf_add_c(&b, ',');
        add_escaped(&b, value_text(k->c->mem, f, val_list(&v.list[i], 1), k->x->spec->lang));
    }
    if (v.n) put_line(k, buf_str(&b));
}

static void put_lists(Card *k)
{
    for (size_t i = 0; i < k->x->n; i++) {
        const Field *f = k->x->columns[i];
        Val v = cell_value(k->x, k->c, k->rec, i);
        bool is_labelled = f->result == FIELD_PHONES || f->result == FIELD_EMAILS ||
                           f->result == FIELD_HANDLES || f->result == FIELD_ADDRESSES;
        if (v.kind == VAL_LIST && f->result == FIELD_TAGS) put_categories(k, f, v);
        for (uint32_t n = 0; is_labelled && v.kind == VAL_LIST && n < v.n; n++)
            put_item(k, f, v.list[n], v.n);
        if (v.kind == VAL_TEXT && f->result == FIELD_URL) put(k, "URL", val_str(v));
    }
}

static void put_name(Card *k)
{
    static const char *const PARTS[] = {"family", "given", "middle", "prefix"};
    const Field *f = k->rec->obj->label_field;
    Val name = f ? k->rec->vals[f->index] : val_null();
    Buf b = buf_new(k->c->mem, 1u << 16);
    bool is_person = name.kind == VAL_MAP;

    put(k, "FN", k->rec->label.n ? k->rec->label : S("-"));
    buf_add(&b, S("N:"));
    for (size_t i = 0; i < 4; i++) {
        if (i) buf_add_c(&b, ';');
        if (is_person) add_escaped(&b, text_at(name, PARTS[i]));
    }
    buf_add_c(&b, ';');
    if (is_person || k->is_3) put_line(k, buf_str(&b));
}

static void put_company(Card *k)
{
    Val account = field_val(k, "account"), kind = field_val(k, "kind"),
        department = field_val(k, "department");
    Str label = account.kind == VAL_REF ? labels_get(k->c->labels, account.aux, account.i) : (Str){0};
    bool is_org = str_eq(k->rec->obj->name, S("account")) && kind.kind == VAL_TEXT &&
                  !str_eq(val_str(kind), S("person")) && !str_eq(val_str(kind), S("household"));

    if (is_org) label = k->rec->label;
    if (is_org) put_line(k, k->is_3 ? S("X-ABSHOWAS:COMPANY") : S("KIND:org"));
    if (!label.n) label = field_val(k, "company").kind == VAL_TEXT ? val_str(field_val(k, "company")) : label;
    Str unit = department.kind == VAL_TEXT ? escaped(k, val_str(department)) : (Str){0};
    if (label.n || unit.n)
        put_line(
            k, str_fmt(k->c->mem, "ORG:%.*s%s%.*s", SFMT(escaped(k, label)), unit.n ? ";" : "", SFMT(unit)));
}

static void put_days(Card *k)
{
    Val birth = field_val(k, "birth_date");
    Str day;

    if (birth.kind != VAL_DATE) return;
    day = date_text(k->c->mem, birth.i);
    if (!k->is_3)
        day = str_fmt(k->c->mem, "%.*s%.*s%.*s", SFMT(str_sub(day, 0, 4)), SFMT(str_sub(day, 5, 2)),
                      SFMT(str_sub(day, 8, 2)));
    put(k, "BDAY", day);
}

static void put_photo(Card *k)
{
    Val photo = field_val(k, "photo");
    const Photo *found = NULL;

    for (size_t i = 0; photo.kind == VAL_REF && i < k->c->n_photos; i++)
        if (k->c->photos[i].file == photo.i) found = &k->c->photos[i];
    if (!found) return;
    size_t room = sodium_base64_encoded_len(found->bytes.n, sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_alloc(k->c->mem, room);

    sodium_bin2base64(text, room, (const unsigned char *)found->bytes.p, found->bytes.n,
                      sodium_base64_VARIANT_ORIGINAL);
    Str kind = escaped(k, str_from(found->type, 6)); /* after "image/" */
    Str head = k->is_3 ? str_fmt(k->c->mem, "PHOTO;ENCODING=b;TYPE=%.*s:", SFMT(kind))
                       : str_fmt(k->c->mem, "PHOTO:data:image/%.*s;base64,", SFMT(kind));
    put_line(k, str_cat(k->c->mem, head, str_c(text)));
}

static void put_card(Card *k)
{
    Val updated = k->rec->vals[SYS_UPDATED_AT];

    put_line(k, S("BEGIN:VCARD"));
    put_line(k, k->is_3 ? S("VERSION:3.0") : S("VERSION:4.0"));
    put_name(k);
    put_company(k);
    put_field(k, "TITLE", "job_title");
    put_lists(k);
    put_days(k);
    put_field(k, "NOTE", "description");
    put_field(k, "NOTE", "note");
    put_photo(k);
    put_line(k, str_fmt(k->c->mem, "UID:kith-%.*s-%.*s", SFMT(k->rec->obj->name),
                        SFMT(id_text(k->c->mem, k->rec->id))));
    if (updated.kind == VAL_TIMESTAMP) put(k, "REV", timestamp_text(k->c->mem, updated));
    put_line(k, S("END:VCARD"));
}

/* --- the writer -------------------------------------------------------------------------------------------------------- */

static Err *begin(Export *x)
{
    const Object *obj = x->spec->obj;
    bool has_reach = false;

    for (size_t i = 0; i < obj->n_fields; i++)
        has_reach = has_reach || obj->fields[i].type == FIELD_PHONES || obj->fields[i].type == FIELD_EMAILS;
    if (has_reach) return NULL;
    return err_arg(err_field(err_new(x->mem, ERR_INVALID, "error.export.vcard",
                                     "%.*s has neither phones nor e-mails", SFMT(obj->name)),
                             S("format")),
                   0, label_in(&obj->label_plural, x->spec->lang));
}

static Err *rows(Export *x, const Chunk *c)
{
    Card k = {.x = x, .c = c, .b = buf_new(c->mem, 128u << 20), .is_3 = x->spec->is_vcard3};

    for (size_t i = 0; i < c->page.n; i++) {
        k.rec = c->page.recs[i];
        put_card(&k);
    }
    if (k.b.is_over) FAIL(x->mem, ERR_LIMIT, "error.export.write", "a card is too long");
    return export_put(x, buf_str(&k.b));
}

static Err *end(Export *x)
{
    (void)x;
    return NULL;
}

const Writer vcard_writer = {begin, rows, end};
