/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Parts: fields that several objects have alike are declared once, in a file that begins with `part: origin`, and taken
 * where an object file says so; its other fields keep their places around them.
 *
 *   fields:
 *     name: {...}
 *     origin: {use: origin}
 *
 * Works on trees, before layers, so that a layer changes a field of one object however that came by it: each object has
 * a copy of its own.  A part takes no other part. */

#include "meta/decl.h"

static Yaml *tree_copy(Arena *mem, const Yaml *node)
{
    Yaml *out = NEW(mem, Yaml);

    *out = *node;
    out->items = node->n ? NEW_N(mem, Yaml *, node->n) : NULL;
    out->keys = node->keys ? NEW_N(mem, Str, node->n) : NULL;
    for (size_t i = 0; i < node->n; i++) {
        out->items[i] = tree_copy(mem, node->items[i]);
        if (out->keys) out->keys[i] = node->keys[i];
    }
    return out;
}

static bool check_part(Load *ld, const Yaml *root, const Yaml *name)
{
    const Yaml *fields = yaml_get(root, S("fields"));

    for (size_t i = 0; i < root->n; i++) {
        if (root->items[i] == name || root->items[i] == fields) continue;
        PROBLEM(ld, root->items[i], "error.meta.key", "a part has no key \"%.*s\"", SFMT(root->keys[i]));
    }
    if (name->kind == YAML_TEXT && fields && fields->kind == YAML_MAP) return true;
    PROBLEM(ld, root, "error.meta.key", "a part has a name and a map of \"fields\"");
    return false;
}

/* The parts among the files, by name; they are no objects. */
static void parts_take(Load *ld, Yaml **roots, size_t n, StrMap *parts)
{
    for (size_t i = 0; i < n; i++) {
        const Yaml *name = yaml_get(roots[i], S("part"));

        if (!name) continue;
        if (check_part(ld, roots[i], name)) {
            if (strmap_get(parts, name->text))
                PROBLEM(ld, name, "error.meta.duplicate", "there is a part \"%.*s\" already",
                        SFMT(name->text));
            else
                strmap_put(ld->mem, parts, name->text, yaml_get(roots[i], S("fields")));
        }
        roots[i] = NULL;
    }
}

static const Yaml *used_by(const Yaml *field)
{
    return field->n == 1 ? yaml_get(field, S("use")) : NULL;
}

static const Yaml *part_of(Load *ld, const StrMap *parts, const Yaml *use)
{
    const Yaml *fields = use->kind == YAML_TEXT ? strmap_get(parts, use->text) : NULL;

    if (!fields) PROBLEM(ld, use, "error.meta.reference", "there is no part \"%.*s\"", SFMT(use->text));
    return fields;
}

typedef struct FieldList {
    VEC(Yaml *) items;
    VEC(Str) keys;
} FieldList;

static void list_put(Load *ld, FieldList *list, Str key, Yaml *field)
{
    for (size_t i = 0; i < list->keys.n; i++) {
        if (!str_eq(list->keys.p[i], key)) continue;
        PROBLEM(ld, field, "error.meta.duplicate", "field \"%.*s\" is declared twice", SFMT(key));
        return;
    }
    *vec_push(ld->mem, &list->keys) = key;
    *vec_push(ld->mem, &list->items) = field;
}

static void expand(Load *ld, const StrMap *parts, Yaml *fields)
{
    FieldList list = {0};

    for (size_t i = 0; i < fields->n; i++) {
        const Yaml *use = used_by(fields->items[i]);
        const Yaml *part = use ? part_of(ld, parts, use) : NULL;

        if (!use) list_put(ld, &list, fields->keys[i], fields->items[i]);
        for (size_t j = 0; part && j < part->n; j++)
            list_put(ld, &list, part->keys[j], tree_copy(ld->mem, part->items[j]));
    }
    fields->items = list.items.p;
    fields->keys = list.keys.p;
    fields->n = list.items.n;
}

void parts_expand(Load *ld, Yaml **roots, size_t n)
{
    StrMap parts = {0};

    parts_take(ld, roots, n, &parts);
    for (size_t i = 0; i < n; i++) {
        Yaml *fields = yaml_get(roots[i], S("fields"));

        if (fields && fields->kind == YAML_MAP) expand(ld, &parts, fields);
    }
}
