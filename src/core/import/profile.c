/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ready mappings for what other programs write, as data files.  One is recognised by headings that only that program uses, and
   names more columns than any file has: those the file has not are left out. */
#include "base/embed.h"
#include "base/text.h"
#include "core/import/impl.h"

#define PROFILES_MAX 50

typedef struct Heads { /* of a table, also without what people write differently */
    Arena *mem;
    const Table *table;
    Str *bare;
} Heads;

Err *import_profiles(Arena *mem, ImportProfile **out, size_t *n)
{
    size_t count;
    const Embed *all = embed_all(&count);

    *out = NEW_N(mem, ImportProfile, PROFILES_MAX);
    *n = 0;
    for (size_t i = 0; i < count && *n < PROFILES_MAX; i++) {
        Str path = str_c(all[i].path);
        Yaml *tree;
        if (!str_starts(path, S("core/import/profiles/"))) continue;
        TRY(yaml_read(mem, path, (Str){(const char *)all[i].data, all[i].size}, &tree));
        const Yaml *name = yaml_get(tree, S("profile")), *label = yaml_get(tree, S("label"));
        if (!name || !label)
            return yaml_problem(mem, tree, "error.import.map", "a profile has name and label");
        ImportProfile *p = &(*out)[(*n)++];
        *p = (ImportProfile){.name = name->text,
                             .mappings = val_from_yaml(mem, yaml_get(tree, S("mappings")))};
        for (int lang = 0; lang < LANG_COUNT; lang++) {
            const Yaml *own = yaml_get(label, lang_code((Lang)lang));
            p->label[lang] = own ? own->text : name->text;
        }
    }
    return NULL;
}

static bool is_called(Arena *mem, const ImportProfile *p, Str name)
{
    bool is_so = str_eq(text_fold(mem, p->name), text_fold(mem, name));

    for (int lang = 0; lang < LANG_COUNT; lang++)
        is_so = is_so || str_eq(text_fold(mem, p->label[lang]), text_fold(mem, name));
    return is_so;
}

/* Letters and digits alone: "E-mail *" is "email". */
static Str bare_heading(Arena *mem, Str s)
{
    Str folded = text_fold(mem, s);
    char *p = str_to_c(mem, folded);
    size_t n = 0;

    for (size_t i = 0; i < folded.n; i++) {
        bool is_mark =
            (unsigned char)p[i] < 0x80 && !(p[i] >= '0' && p[i] <= '9') && !(p[i] >= 'a' && p[i] <= 'z');
        if (!is_mark) p[n++] = p[i];
    }
    return (Str){p, n};
}

static bool has_heading(const Heads *heads, Str heading)
{
    Str bare = bare_heading(heads->mem, heading);

    for (size_t i = 0; i < heads->table->n_heads; i++)
        if (str_eq(heads->table->heads[i], heading) || (bare.n && str_eq(heads->bare[i], bare))) return true;
    return false;
}

/* All headings a mapping is known by stand in the table. */
static bool is_recognised(const Heads *heads, const Val *mapping)
{
    const Val *marks = val_get(mapping, S("recognise"));
    bool is_any = false;

    for (uint32_t i = 0; marks && marks->kind == VAL_LIST && i < marks->n; i++) {
        const Val *mark = &marks->list[i];
        if (mark->kind == VAL_TEXT && !has_heading(heads, val_str(*mark))) return false;
        bool is_one = mark->kind != VAL_LIST;
        for (uint32_t k = 0; mark->kind == VAL_LIST && k < mark->n; k++)
            is_one = is_one || has_heading(heads, val_str(mark->list[k]));
        if (!is_one) return false;
        is_any = true;
    }
    return is_any;
}

static size_t known_columns(const Heads *heads, const Val *mapping)
{
    const Val *columns = val_get(mapping, S("columns"));
    size_t n = 0;

    for (uint32_t i = 0; columns && columns->kind == VAL_MAP && i < columns->n; i++)
        n += has_heading(heads, val_str(columns->map[i].key));
    return n;
}

/* Where the mapping sends column `at`: by its heading, else by what is left of it without marks. */
static const Val *place_of(const Heads *heads, Val columns, size_t at)
{
    for (uint32_t i = 0; i < columns.n; i++)
        if (str_eq(val_str(columns.map[i].key), heads->table->heads[at])) return &columns.map[i].val;
    for (uint32_t i = 0; i < columns.n && heads->bare[at].n; i++)
        if (str_eq(bare_heading(heads->mem, val_str(columns.map[i].key)), heads->bare[at]))
            return &columns.map[i].val;
    return NULL;
}

static Val fitted_columns(const Heads *heads, Val columns)
{
    ValPair *out = NEW_N(heads->mem, ValPair, heads->table->n_heads + 1);
    size_t n = 0;

    for (size_t i = 0; i < heads->table->n_heads; i++) {
        const Val *to = place_of(heads, columns, i);
        if (to) out[n++] = (ValPair){val_text(heads->table->heads[i]), *to};
    }
    return val_map(out, n);
}

/* The mapping with the columns that are there, under their own headings. */
static const Val *fitted(const Heads *heads, const Val *mapping)
{
    ValPair *pairs = NEW_N(heads->mem, ValPair, mapping->n);
    Val *out = NEW(heads->mem, Val);

    for (uint32_t i = 0; i < mapping->n; i++) {
        bool is_columns =
            str_eq(val_str(mapping->map[i].key), S("columns")) && mapping->map[i].val.kind == VAL_MAP;
        pairs[i] = mapping->map[i];
        if (is_columns) pairs[i].val = fitted_columns(heads, mapping->map[i].val);
    }
    *out = val_map(pairs, mapping->n);
    return out;
}

static bool is_for(const Val *mapping, const Object *obj)
{
    const Val *name = val_get(mapping, S("object"));

    return !obj || (name && name->kind == VAL_TEXT && str_eq(val_str(*name), obj->name));
}

Err *import_profile_for(Arena *mem, const Table *table, const Object *obj, Str name,
                        const ImportProfile **profile, const Val **mapping)
{
    ImportProfile *list;
    Heads heads = {mem, table, NEW_N(mem, Str, table->n_heads + 1)};
    size_t n, most = 0;

    for (size_t i = 0; i < table->n_heads; i++) heads.bare[i] = bare_heading(mem, table->heads[i]);
    *mapping = NULL;
    *profile = NULL;
    TRY(import_profiles(mem, &list, &n));
    for (size_t i = 0; i < n; i++) {
        if (name.n && !is_called(mem, &list[i], name)) continue;
        for (uint32_t k = 0; k < list[i].mappings.n; k++) {
            const Val *one = &list[i].mappings.list[k];
            size_t known = known_columns(&heads, one);
            bool is_fit = is_for(one, obj) && (name.n ? known > 0 : is_recognised(&heads, one));
            if (!is_fit || known <= most) continue;
            most = known;
            *profile = &list[i];
            *mapping = one;
        }
    }
    if (*mapping) *mapping = fitted(&heads, *mapping);
    return NULL;
}
