/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which fields say who somebody is, and in which form they are compared.  What tells most comes first, since only so many
 * features are looked at. */

#include "core/match/features.h"

#include "base/text.h"
#include "core/value_impl.h"

static void add(Features *fs, const Field *f, const char *part, FeatureKind kind)
{
    if (fs->n == FEATURES_MAX) return;
    fs->kinds[fs->n] = kind;
    fs->of[fs->n++] = (FeatureOf){f, part};
    fs->only[f->index] = 1;
}

static bool is_in_rule(const Field *f)
{
    const Object *obj = f->object;

    for (size_t i = 0; i < obj->n_duplicates; i++)
        for (size_t k = 0; k < obj->duplicates[i].n; k++)
            if (obj->duplicates[i].fields[k] == f) return true;
    return false;
}

/* Keys of other systems and marks of campaigns say nothing of who somebody is. */
static bool is_mark(Str name)
{
    static const char *const MARKS[] = {"outside_id", "gclid", "yclid", "landing_page", "referrer"};

    for (size_t i = 0; i < sizeof MARKS / sizeof *MARKS; i++)
        if (str_eq_c(name, MARKS[i])) return true;
    return str_starts(name, S("utm_"));
}

static bool is_telling(const Field *f)
{
    return !f->is_system && !f->is_computed && !f->is_secret && !f->is_readonly && !is_mark(f->name);
}

static void add_name(Features *fs, const Field *f)
{
    if (f->type == FIELD_PERSON_NAME) {
        add(fs, f, "family", FEATURE_NAME);
        add(fs, f, "given", FEATURE_NAME);
        add(fs, f, "middle", FEATURE_TEXT);
    } else if (f == f->object->label_field && f->type == FIELD_TEXT) {
        add(fs, f, NULL, FEATURE_TITLE);
    }
}

static void add_numbers(Features *fs, const Field *f)
{
    if (f->type == FIELD_PHONES || f->type == FIELD_EMAILS || f->type == FIELD_IDENTIFIER)
        add(fs, f, NULL, FEATURE_LIST);
}

static void add_places(Features *fs, const Field *f)
{
    if (f->type == FIELD_ADDRESSES) {
        add(fs, f, "street", FEATURE_PLACE);
        add(fs, f, "city", FEATURE_PLACE);
        add(fs, f, "postcode", FEATURE_POST);
        add(fs, f, "region", FEATURE_PLACE);
    } else if (f->type == FIELD_DATE || f->type == FIELD_URL ||
               (f->type == FIELD_REFERENCE && is_in_rule(f))) {
        add(fs, f, NULL, FEATURE_CODE);
    }
}

static void add_texts(Features *fs, const Field *f)
{
    if (f->type == FIELD_TEXT && f != f->object->label_field) add(fs, f, NULL, FEATURE_TEXT);
    if (f->type == FIELD_HANDLES) add(fs, f, NULL, FEATURE_LIST);
}

void features_of(Arena *mem, const Object *obj, Features *out)
{
    static void (*const STEPS[])(Features *, const Field *) = {add_name, add_numbers, add_places, add_texts};

    *out = (Features){.obj = obj, .only = NEW_N(mem, uint8_t, obj->n_fields)};
    for (size_t s = 0; s < sizeof STEPS / sizeof *STEPS; s++)
        for (size_t i = SYS_COUNT; i < obj->n_fields; i++)
            if (is_telling(&obj->fields[i])) STEPS[s](out, &obj->fields[i]);
}

bool features_wanted(const Object *obj)
{
    return obj->n_duplicates > 0 && !obj->is_internal;
}

/* --- values ---------------------------------------------------------------------------------------------------------- */

static Str plain(Arena *mem, Str s)
{
    return text_latin(mem, text_fold(mem, s));
}

static Str part_text(Arena *mem, Val map, const char *part)
{
    Val v = map.kind == VAL_MAP ? pair_get(map, part) : val_null();

    return v.kind == VAL_TEXT ? plain(mem, val_str(v)) : (Str){0};
}

static Val main_of(Val list)
{
    Val found = list.kind == VAL_LIST && list.n ? list.list[0] : val_null();

    for (uint32_t i = 0; list.kind == VAL_LIST && i < list.n; i++) {
        Val is_main = pair_get(list.list[i], "main");
        if (is_main.kind == VAL_BOOL && is_main.b) found = list.list[i];
    }
    return found.kind == VAL_MAP ? pair_get(found, "value") : found;
}

static Str joined(Arena *mem, Val list)
{
    Buf b = buf_new(mem, 64u << 10);

    for (uint32_t i = 0; list.kind == VAL_LIST && i < list.n; i++) {
        Val v = list.list[i].kind == VAL_MAP ? pair_get(list.list[i], "value") : list.list[i];
        if (v.kind != VAL_TEXT) continue;
        if (b.n) buf_add_c(&b, '\n');
        buf_add(&b, text_fold(mem, val_str(v)));
    }
    return buf_str(&b);
}

static Str value_of(Arena *mem, FeatureKind kind, FeatureOf of, Val v)
{
    if (val_is_null(v)) return (Str){0};
    if (of.field->type == FIELD_ADDRESSES) return part_text(mem, main_of(v), of.part);
    if (of.part) return part_text(mem, v, of.part);
    if (kind == FEATURE_LIST) return joined(mem, v);
    Str text = value_text(mem, of.field, v, LANG_EN);
    if (kind == FEATURE_TITLE) return text_name_key(mem, text);
    return of.field->type == FIELD_REFERENCE ? str_fmt(mem, "%lld", (long long)v.i) : plain(mem, text);
}

void features_values(Arena *mem, const Features *fs, const Record *rec, Str *out)
{
    for (size_t i = 0; i < fs->n; i++)
        out[i] = value_of(mem, fs->kinds[i], fs->of[i], rec->vals[fs->of[i].field->index]);
}
