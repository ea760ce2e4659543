/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values as cells.  A table that may come back through import says everything plainly (ISO days, a point or the language's comma,
   no grouping); what is printed is written for people.  Several values are parted by a semicolon, since addresses and labels
   hold commas. */
#include "core/export/impl.h"

#include "base/decimal.h"
#include "base/text.h"
#include "base/time.h"
#include "core/shown.h"
#include "core/value.h"

#define NBSP "\xc2\xa0"

static Str pair_text(Val map, const char *key)
{
    const Val *v = map.kind == VAL_MAP ? val_get(&map, str_c(key)) : NULL;

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

char csv_separator(const Export *x)
{
    if (x->spec->separator) return x->spec->separator;
    return x->spec->lang == LANG_EN ? ',' : ';';
}

char decimal_mark(const Export *x)
{
    bool is_given = x->spec->format == EXPORT_CSV && x->spec->separator;

    return x->spec->lang == LANG_EN || is_given || x->spec->format == EXPORT_LINES ? '.' : ',';
}

Val cell_value(const Export *x, const Chunk *c, const Record *rec, size_t i)
{
    return value_masked(&c->cx, x->columns[i], rec->vals[x->columns[i]->index]);
}

/* --- references -------------------------------------------------------------------------------------------------------- */

static bool is_double(const Export *x, const Object *obj, Id id)
{
    const Doubles *d = NULL;
    size_t low = 0, high;

    for (size_t i = 0; i < x->n_doubles; i++)
        if (x->doubles[i].obj == obj) d = &x->doubles[i];
    for (high = d ? d->n : 0; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (d->ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return d && low < d->n && d->ids[low] == id;
}

/* "Nowak [01ABCDEFGHJKM]" where another record is called Nowak too; the id alone where there is no label to see. */
static Str reference_text(const Export *x, const Chunk *c, uint16_t object, Id id)
{
    const Object *obj = object < 1024 ? c->cx.meta->by_number[object] : NULL;
    Str label = labels_get(c->labels, object, id);

    if (!label.n || !obj) return label;
    return is_double(x, obj, id) ? str_fmt(c->mem, "%.*s [%.*s]", SFMT(label), SFMT(id_text(c->mem, id)))
                                 : label;
}

static Str any_reference_text(const Export *x, const Chunk *c, Val v)
{
    const Object *obj = v.aux < 1024 ? c->cx.meta->by_number[v.aux] : NULL;
    Str label = labels_get(c->labels, v.aux, v.i);

    if (!obj || !label.n) return label;
    return str_fmt(c->mem, "%.*s: %.*s", SFMT(label_in(&obj->label, x->spec->lang)), SFMT(label));
}

/* --- numbers ----------------------------------------------------------------------------------------------------------- */

static Str with_mark(Arena *mem, Str s, char mark)
{
    ptrdiff_t at = mark == '.' ? -1 : str_find_char(s, '.');

    if (at < 0) return s;
    char *p = str_to_c(mem, s);
    p[at] = mark;
    return (Str){p, s.n};
}

static Str number_text(const Export *x, const Chunk *c, const Field *f, Val v, bool is_shown)
{
    uint8_t least = f->result == FIELD_MONEY     ? (uint8_t)(v.places < 2 ? v.places : 2)
                    : f->result == FIELD_PERCENT ? 0
                                                 : v.places;
    Str s = is_shown ? shown_number(c->mem, v.i, v.places, least, x->spec->lang)
                     : with_mark(c->mem, shown_plain(c->mem, v.i, v.places, least), decimal_mark(x));
    char code[4];

    if (v.kind == VAL_MONEY && v.aux) {
        currency_unpack(v.aux, code);
        return str_fmt(c->mem, "%.*s%s%s", SFMT(s), is_shown ? NBSP : " ", code);
    }
    return is_shown && f->result == FIELD_PERCENT ? str_cat(c->mem, s, S("%")) : s;
}

/* --- several ----------------------------------------------------------------------------------------------------------- */

static Str item_text(const Export *x, const Chunk *c, const Field *f, Val item)
{
    Val one = val_list(&item, 1);

    if (f->type == FIELD_LINKS) {
        const Val *id = val_get(&item, S("id"));
        return id && id->kind == VAL_REF ? reference_text(x, c, id->aux, id->i) : (Str){0};
    }
    if (f->result == FIELD_IDENTIFIER) {
        Str country = pair_text(item, "country"), kind = pair_text(item, "kind");
        return str_fmt(c->mem, "%.*s%s%.*s%s%.*s", SFMT(country), country.n ? " " : "", SFMT(kind),
                       kind.n ? " " : "", SFMT(pair_text(item, "value")));
    }
    return value_text(c->mem, f, one, x->spec->lang);
}

static Str list_text(const Export *x, const Chunk *c, const Field *f, Val v)
{
    Str *parts = NEW_N(c->mem, Str, v.n + 1);
    size_t n = 0;

    for (uint32_t i = 0; i < v.n; i++) {
        Str part = item_text(x, c, f, v.list[i]);
        if (part.n) parts[n++] = part;
    }
    return str_join(c->mem, parts, n, S("; "));
}

static Str cell(const Export *x, const Chunk *c, const Field *f, Val v, bool is_shown)
{
    if (v.kind == VAL_REF && f->result == FIELD_ANY_REFERENCE) return any_reference_text(x, c, v);
    if (v.kind == VAL_REF) return reference_text(x, c, v.aux, v.i);
    if (v.kind == VAL_DECIMAL || v.kind == VAL_MONEY) return number_text(x, c, f, v, is_shown);
    if (v.kind == VAL_LIST && f->result != FIELD_JSON) return list_text(x, c, f, v);
    return value_text(c->mem, f, v, x->spec->lang);
}

Str cell_text(const Export *x, const Chunk *c, const Field *f, Val v)
{
    if (f->result == FIELD_FILE && v.kind == VAL_REF) return id_text(c->mem, v.i); /* names of files repeat */
    return cell(x, c, f, v, false);
}

/* --- for people -------------------------------------------------------------------------------------------------------- */

static Str moment_shown(Arena *mem, int64_t ms, const ExportSpec *spec)
{
    int64_t second = zone_time_of_day(spec->zone, ms);

    return str_fmt(mem, "%.*s %02d:%02d", SFMT(shown_day(mem, zone_date(spec->zone, ms), spec->lang)),
                   (int)(second / 3600), (int)(second / 60 % 60));
}

static Str duration_shown(Arena *mem, int64_t s)
{
    bool is_negative = s < 0;

    s = is_negative ? -s : s;
    return str_fmt(mem, "%s%lld:%02lld", is_negative ? "-" : "", (long long)(s / 3600),
                   (long long)(s / 60 % 60));
}

Str cell_shown(const Export *x, const Chunk *c, const Field *f, Val v)
{
    if (v.kind == VAL_DATE) return shown_day(c->mem, v.i, x->spec->lang);
    if (v.kind == VAL_TIMESTAMP) return moment_shown(c->mem, val_ms(v), x->spec);
    if (v.kind == VAL_DURATION) return duration_shown(c->mem, v.i);
    return cell(x, c, f, v, true);
}
