/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ready mappings for what other programs write, as data files.  One is recognised by headings that only that program uses, and
   names more columns than any file has: those the file has not are left out. */
#include "base/embed.h"
#include "base/text.h"
#include "core/import/impl.h"

#define PROFILES_MAX 50

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
        if (!name) return yaml_problem(mem, tree, "error.import.map", "a profile has a name");
        (*out)[(*n)++] = (ImportProfile){name->text, label ? label->text : name->text,
                                         val_from_yaml(mem, yaml_get(tree, S("mappings")))};
    }
    return NULL;
}

static bool has_heading(const Table *table, Str heading)
{
    for (size_t i = 0; i < table->n_heads; i++)
        if (str_eq(table->heads[i], heading)) return true;
    return false;
}

/* All headings a mapping is known by stand in the table. */
static bool is_recognised(const Table *table, const Val *mapping)
{
    const Val *marks = val_get(mapping, S("recognise"));
    bool is_any = false;

    for (uint32_t i = 0; marks && marks->kind == VAL_LIST && i < marks->n; i++) {
        const Val *mark = &marks->list[i];
        if (mark->kind == VAL_TEXT && !has_heading(table, val_str(*mark))) return false;
        bool is_one = mark->kind != VAL_LIST;
        for (uint32_t k = 0; mark->kind == VAL_LIST && k < mark->n; k++)
            is_one = is_one || has_heading(table, val_str(mark->list[k]));
        if (!is_one) return false;
        is_any = true;
    }
    return is_any;
}

static size_t known_columns(const Table *table, const Val *mapping)
{
    const Val *columns = val_get(mapping, S("columns"));
    size_t n = 0;

    for (uint32_t i = 0; columns && columns->kind == VAL_MAP && i < columns->n; i++)
        n += has_heading(table, val_str(columns->map[i].key));
    return n;
}

/* The mapping with the columns that are there. */
static const Val *fitted(Arena *mem, const Table *table, const Val *mapping)
{
    ValPair *pairs = NEW_N(mem, ValPair, mapping->n);
    Val *out = NEW(mem, Val);

    for (uint32_t i = 0; i < mapping->n; i++) {
        Val v = mapping->map[i].val;
        pairs[i] = mapping->map[i];
        if (!str_eq(val_str(pairs[i].key), S("columns")) || v.kind != VAL_MAP) continue;
        ValPair *columns = NEW_N(mem, ValPair, v.n);
        size_t n = 0;
        for (uint32_t k = 0; k < v.n; k++)
            if (has_heading(table, val_str(v.map[k].key))) columns[n++] = v.map[k];
        pairs[i].val = val_map(columns, n);
    }
    *out = val_map(pairs, mapping->n);
    return out;
}

static bool is_for(const Val *mapping, const Object *obj)
{
    const Val *name = val_get(mapping, S("object"));

    return !obj || (name && name->kind == VAL_TEXT && str_eq(val_str(*name), obj->name));
}

Err *import_profile_for(Arena *mem, const Table *table, const Object *obj, Str name, Str *profile,
                        const Val **mapping)
{
    ImportProfile *list;
    size_t n, most = 0;

    *mapping = NULL;
    *profile = (Str){0};
    TRY(import_profiles(mem, &list, &n));
    for (size_t i = 0; i < n; i++) {
        if (name.n && !str_eq(text_fold(mem, list[i].name), text_fold(mem, name)) &&
            !str_eq(text_fold(mem, list[i].label), text_fold(mem, name)))
            continue;
        for (uint32_t k = 0; k < list[i].mappings.n; k++) {
            const Val *one = &list[i].mappings.list[k];
            size_t known = known_columns(table, one);
            bool is_fit = is_for(one, obj) && (name.n ? known > 0 : is_recognised(table, one));
            if (!is_fit || known <= most) continue;
            most = known;
            *profile = list[i].name;
            *mapping = one;
        }
    }
    if (*mapping) *mapping = fitted(mem, table, *mapping);
    return NULL;
}
