/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Decodes YAML into structs by tables of keys: one loop for all levels of an object file, so that an unknown key, a
 * wrong kind of value or a missing label is reported the same way everywhere.  The same tables give the published
 * JSON Schema.  Nothing is looked up here: names stay nodes. */

#include "meta/decl.h"

#include "base/decimal.h"

#define NAME_MAX_CHARS 40

void load_problem(Load *ld, Err *e)
{
    if (++ld->n_problems <= META_MAX_PROBLEMS) err_add(&ld->problems, e);
}

/* Edits between two words, for words of a few characters. */
static size_t word_distance(Str a, Str b)
{
    size_t row[NAME_MAX_CHARS + 1] = {0};

    if (a.n > NAME_MAX_CHARS || b.n > NAME_MAX_CHARS) return NAME_MAX_CHARS;
    for (size_t j = 0; j <= b.n; j++) row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = diagonal + (a.p[i - 1] != b.p[j - 1]);

            diagonal = row[j];
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b.n];
}

Str nearest_hint(Arena *mem, Str word, const Str *names, size_t n)
{
    size_t best = word.n / 3 + 2;
    Str found = {0};

    for (size_t i = 0; i < n; i++) {
        size_t d = word_distance(word, names[i]);

        if (d < best) {
            best = d;
            found = names[i];
        }
    }
    return found.n ? str_fmt(mem, ", did you mean \"%.*s\"?", SFMT(found)) : (Str){0};
}

static bool is_name(Str s)
{
    if (!s.n || s.n > NAME_MAX_CHARS) return false;
    for (size_t i = 0; i < s.n; i++) {
        bool is_letter = (s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= 'A' && s.p[i] <= 'Z');

        if (!is_letter && (i == 0 || (s.p[i] != '_' && (s.p[i] < '0' || s.p[i] > '9')))) return false;
    }
    return true;
}

static bool want_text(Load *ld, const char *name, const Yaml *v)
{
    if (v->kind == YAML_TEXT && v->text.n) return true;
    PROBLEM(ld, v, "error.meta.value", "\"%s\" must be text", name);
    return false;
}

static bool want_name(Load *ld, const char *name, const Yaml *v)
{
    if (!want_text(ld, name, v)) return false;
    if (is_name(v->text)) return true;
    PROBLEM(ld, v, "error.meta.value", "\"%s\": \"%.*s\" is not a name (a letter, then letters, digits, _)",
            name, SFMT(v->text));
    return false;
}

static bool read_bool(Load *ld, const char *name, const Yaml *v, bool *out)
{
    if (v->kind == YAML_TEXT && v->is_plain && (str_eq_c(v->text, "true") || str_eq_c(v->text, "false"))) {
        *out = v->text.p[0] == 't';
        return true;
    }
    PROBLEM(ld, v, "error.meta.value", "\"%s\" must be true or false", name);
    return false;
}

static void read_int(Load *ld, const char *name, const Yaml *v, int64_t *out)
{
    if (v->kind == YAML_TEXT && str_to_i64(v->text, out) && *out >= 0) return;
    *out = 0;
    PROBLEM(ld, v, "error.meta.value", "\"%s\" must be a whole number", name);
}

static void read_number(Load *ld, const char *name, const Yaml *v, const Yaml **out)
{
    int64_t scaled;
    uint8_t places;

    if (v->kind == YAML_TEXT && decimal_parse(v->text, &scaled, &places))
        *out = v;
    else
        PROBLEM(ld, v, "error.meta.value", "\"%s\" must be a number", name);
}

static void read_label(Load *ld, const char *name, const Yaml *v, Label *out)
{
    if (v->kind != YAML_MAP) {
        PROBLEM(ld, v, "error.meta.label", "\"%s\" must be a map of languages: {en: .., ru: .., pl: ..}",
                name);
        return;
    }
    for (size_t i = 0; i < v->n; i++) {
        int lang = 0;

        while (lang < LANG_COUNT && !str_eq(v->keys[i], lang_code((Lang)lang))) lang++;
        if (lang == LANG_COUNT) {
            PROBLEM(ld, v->items[i], "error.meta.label", "\"%s\": unknown language \"%.*s\"", name,
                    SFMT(v->keys[i]));
        } else if (want_text(ld, name, v->items[i])) {
            out->text[lang] = v->items[i]->text;
        }
    }
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        if (yaml_get(v, lang_code((Lang)lang))) continue;
        PROBLEM(ld, v, "error.meta.label", "\"%s\" has no text in \"%.*s\"", name,
                SFMT(lang_code((Lang)lang)));
    }
}

static Str enum_hint(Arena *mem, const EnumName *names, Str word)
{
    VEC(Str) all = {0};

    for (; names->name; names++) *vec_push(mem, &all) = str_c(names->name);
    return nearest_hint(mem, word, all.p, all.n);
}

static void read_enum(Load *ld, const KeyDef *key, const Yaml *v, int *out)
{
    if (!want_text(ld, key->name, v)) return;
    for (const EnumName *e = key->names; e->name; e++) {
        if (str_eq_c(v->text, e->name)) {
            *out = e->value;
            return;
        }
    }
    Str hint = enum_hint(ld->mem, key->names, v->text);

    PROBLEM(ld, v, "error.meta.value", "\"%s\": unknown value \"%.*s\"%.*s", key->name, SFMT(v->text),
            SFMT(hint));
}

static void read_names(Load *ld, const KeyDef *key, const Yaml *v, DeclList *out)
{
    VEC(const Yaml *) list = {0};

    if (key->one_or_many && v->kind == YAML_TEXT) {
        if (want_name(ld, key->name, v)) *vec_push(ld->mem, &list) = v;
    } else if (v->kind != YAML_LIST) {
        PROBLEM(ld, v, "error.meta.value", "\"%s\" must be a list of names", key->name);
    } else {
        for (size_t i = 0; i < v->n; i++) {
            if (want_name(ld, key->name, v->items[i])) *vec_push(ld->mem, &list) = v->items[i];
        }
    }
    *out = (DeclList){list.p, list.n};
}

static void read_struct(Load *ld, const KeyTable *table, const Yaml *node, void *out);

static void read_structs(Load *ld, const KeyDef *key, const Yaml *v, DeclList *out)
{
    bool is_named = key->kind == KEY_NAMED;

    if (v->kind != (is_named ? YAML_MAP : YAML_LIST)) {
        PROBLEM(ld, v, "error.meta.value", "\"%s\" must be a %s", key->name,
                is_named ? "map of names" : "list");
        return;
    }
    out->p = arena_alloc_n(ld->mem, v->n ? v->n : 1, key->sub->size);
    out->n = v->n;
    for (size_t i = 0; i < v->n; i++) {
        DeclHead *head = (DeclHead *)(void *)((char *)out->p + i * key->sub->size);

        head->at = v->items[i];
        if (is_named) {
            head->name = v->keys[i];
            if (!is_name(head->name)) {
                PROBLEM(ld, v->items[i], "error.meta.value", "\"%.*s\" is not a name", SFMT(head->name));
            }
        }
        read_struct(ld, key->sub, v->items[i], head);
    }
}

static void read_value(Load *ld, const KeyDef *key, const Yaml *v, void *out)
{
    bool b = false;
    int ignored = 0;

    switch (key->kind) {
    case KEY_NAME:
        if (want_name(ld, key->name, v)) *(const Yaml **)out = v;
        break;
    case KEY_TEXT:
        if (!want_text(ld, key->name, v)) break;
        *(const Yaml **)out = v;
        if (key->names) read_enum(ld, key, v, &ignored);
        break;
    case KEY_ORDER:
    case KEY_CEL:
        if (want_text(ld, key->name, v)) *(const Yaml **)out = v;
        break;
    case KEY_NUMBER: read_number(ld, key->name, v, out); break;
    case KEY_BOOL: (void)read_bool(ld, key->name, v, out); break;
    case KEY_TRI:
        if (read_bool(ld, key->name, v, &b)) *(int8_t *)out = b ? 1 : -1;
        break;
    case KEY_INT: read_int(ld, key->name, v, out); break;
    case KEY_LABEL: read_label(ld, key->name, v, out); break;
    case KEY_ENUM: read_enum(ld, key, v, out); break;
    case KEY_NAMES: read_names(ld, key, v, out); break;
    case KEY_STRUCT: *(void **)out = decl_read(ld, key->sub, v); break;
    case KEY_STRUCTS:
    case KEY_NAMED: read_structs(ld, key, v, out); break;
    }
}

static const KeyDef *key_find(const KeyTable *table, Str name)
{
    for (const KeyDef *key = table->keys; key->name; key++) {
        if (str_eq_c(name, key->name)) return key;
    }
    return NULL;
}

static void refuse_key(Load *ld, const KeyTable *table, const Yaml *v, Str name)
{
    VEC(Str) all = {0};

    for (const KeyDef *key = table->keys; key->name; key++) *vec_push(ld->mem, &all) = str_c(key->name);
    Str hint = nearest_hint(ld->mem, name, all.p, all.n);

    PROBLEM(ld, v, "error.meta.key", "%s has no key \"%.*s\"%.*s", table->what, SFMT(name), SFMT(hint));
}

static void read_struct(Load *ld, const KeyTable *table, const Yaml *node, void *out)
{
    if (node->kind != YAML_MAP) {
        PROBLEM(ld, node, "error.meta.value", "%s must be a map", table->what);
        return;
    }
    for (size_t i = 0; i < node->n; i++) {
        const KeyDef *key = key_find(table, node->keys[i]);

        if (key)
            read_value(ld, key, node->items[i], (char *)out + key->offset);
        else
            refuse_key(ld, table, node->items[i], node->keys[i]);
    }
    for (const KeyDef *key = table->keys; key->name; key++) {
        if (!key->is_required || yaml_get(node, str_c(key->name))) continue;
        PROBLEM(ld, node, "error.meta.key", "%s lacks \"%s\"", table->what, key->name);
    }
}

void *decl_read(Load *ld, const KeyTable *table, const Yaml *node)
{
    DeclHead *head = arena_alloc(ld->mem, table->size);

    head->at = node;
    read_struct(ld, table, node, head);
    return head;
}
