/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The published JSON Schema (draft 2020-12) of object files, written from the tables the loader itself reads by, so that
 * an editor's completion and the program cannot disagree.  docs/object-schema.json holds it; a test compares. */

#include "meta/decl.h"
#include "json/json.h"

#define TABLES_MAX 24

typedef struct Out {
    JsonWriter w;
    const KeyTable *tables[TABLES_MAX];
    size_t n;
} Out;

/* "a duplicate rule" -> "duplicate_rule" */
static Str def_name(Arena *mem, const KeyTable *table)
{
    Str rest = str_c(table->what), name = {0};

    (void)str_cut(&rest, ' ');
    name = str_copy(mem, rest);
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == ' ') ((char *)(uintptr_t)name.p)[i] = '_';
    }
    return name;
}

static void note_table(Out *out, const KeyTable *table)
{
    for (size_t i = 0; i < out->n; i++) {
        if (out->tables[i] == table) return;
    }
    REQUIRE(out->n < TABLES_MAX);
    out->tables[out->n++] = table;
    for (const KeyDef *key = table->keys; key->name; key++) {
        if (key->sub) note_table(out, key->sub);
    }
}

static void write_ref(Out *out, Str name)
{
    json_pair_str(&out->w, "$ref", str_cat(out->w.b->mem, S("#/$defs/"), name));
}

static void write_type(Out *out, const char *type)
{
    json_pair_str(&out->w, "type", str_c(type));
}

/* YAML reads an unquoted 1 or true as no text; the loader takes it. */
static void write_scalar(Out *out)
{
    static const char *const TYPES[] = {"string", "number", "boolean"};

    json_key_c(&out->w, "type");
    json_open_list(&out->w);
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) json_str(&out->w, str_c(TYPES[i]));
    json_close_list(&out->w);
}

static void write_enum(Out *out, const EnumName *names)
{
    json_key_c(&out->w, "enum");
    json_open_list(&out->w);
    for (; names->name; names++) json_str(&out->w, str_c(names->name));
    json_close_list(&out->w);
}

static void write_name_list(Out *out)
{
    write_type(out, "array");
    json_key_c(&out->w, "items");
    json_open_obj(&out->w);
    write_ref(out, S("name"));
    json_close_obj(&out->w);
}

static void write_names(Out *out, const KeyDef *key)
{
    if (!key->one_or_many) {
        write_name_list(out);
        return;
    }
    json_key_c(&out->w, "oneOf");
    json_open_list(&out->w);
    json_open_obj(&out->w);
    write_ref(out, S("name"));
    json_close_obj(&out->w);
    json_open_obj(&out->w);
    write_name_list(out);
    json_close_obj(&out->w);
    json_close_list(&out->w);
}

static void write_sub(Out *out, const char *type, const char *where, const KeyTable *sub)
{
    write_type(out, type);
    json_key(&out->w, str_c(where));
    json_open_obj(&out->w);
    write_ref(out, def_name(out->w.b->mem, sub));
    json_close_obj(&out->w);
}

/* Fields by name; one of them may stand for those of a part. */
static void write_fields(Out *out, const KeyTable *sub)
{
    write_type(out, "object");
    json_key_c(&out->w, "additionalProperties");
    json_open_obj(&out->w);
    json_key_c(&out->w, "oneOf");
    json_open_list(&out->w);
    json_open_obj(&out->w);
    write_ref(out, def_name(out->w.b->mem, sub));
    json_close_obj(&out->w);
    json_open_obj(&out->w);
    write_ref(out, S("use"));
    json_close_obj(&out->w);
    json_close_list(&out->w);
    json_close_obj(&out->w);
}

static void write_kind(Out *out, const KeyDef *key)
{
    switch (key->kind) {
    case KEY_NAME: write_ref(out, S("name")); break;
    case KEY_TEXT:
        if (key->names)
            write_enum(out, key->names);
        else
            write_scalar(out);
        break;
    case KEY_ORDER:
    case KEY_CEL: write_scalar(out); break;
    case KEY_NUMBER: write_ref(out, S("number")); break;
    case KEY_BOOL:
    case KEY_TRI: write_type(out, "boolean"); break;
    case KEY_INT: write_type(out, "integer"); break;
    case KEY_LABEL: write_ref(out, S("label")); break;
    case KEY_ENUM: write_enum(out, key->names); break;
    case KEY_NAMES: write_names(out, key); break;
    case KEY_STRUCT: write_ref(out, def_name(out->w.b->mem, key->sub)); break;
    case KEY_STRUCTS: write_sub(out, "array", "items", key->sub); break;
    case KEY_NAMED: write_fields(out, key->sub); break;
    }
}

static void write_table(Out *out, const KeyTable *table)
{
    JsonWriter *w = &out->w;

    json_open_obj(w);
    write_type(out, "object");
    json_pair_bool(w, "additionalProperties", false);
    json_key_c(w, "required");
    json_open_list(w);
    for (const KeyDef *key = table->keys; key->name; key++) {
        if (key->is_required) json_str(w, str_c(key->name));
    }
    json_close_list(w);
    json_key_c(w, "properties");
    json_open_obj(w);
    for (const KeyDef *key = table->keys; key->name; key++) {
        json_key(w, str_c(key->name));
        json_open_obj(w);
        json_pair_str(w, "description", str_c(key->doc));
        write_kind(out, key);
        json_close_obj(w);
    }
    json_close_obj(w);
    json_close_obj(w);
}

static void write_label(Out *out)
{
    JsonWriter *w = &out->w;

    json_open_obj(w);
    json_pair_str(w, "description", S("One text in every language."));
    write_type(out, "object");
    json_pair_bool(w, "additionalProperties", false);
    json_key_c(w, "required");
    json_open_list(w);
    for (int lang = 0; lang < LANG_COUNT; lang++) json_str(w, lang_code((Lang)lang));
    json_close_list(w);
    json_key_c(w, "properties");
    json_open_obj(w);
    for (int lang = 0; lang < LANG_COUNT; lang++) {
        json_key(w, lang_code((Lang)lang));
        json_open_obj(w);
        write_type(out, "string");
        json_pair_i64(w, "minLength", 1);
        json_close_obj(w);
    }
    json_close_obj(w);
    json_close_obj(w);
}

/* A later layer: changes an object by operations. */
static const struct {
    const char *name, *type, *doc;
} LAYER_KEYS[] = {
    {"extend", "string", "The object that is changed."},
    {"set", "object", "Paths with their new values, such as fields.amount.label.en."},
    {"add", "object", "New keys of maps and new items of lists."},
    {"remove", "array", "Paths that go, such as views.open."},
    {"move", "object", "Paths with their new places: before NAME, after NAME, first, last."},
};

static void write_layer(Out *out)
{
    JsonWriter *w = &out->w;

    json_open_obj(w);
    write_type(out, "object");
    json_pair_bool(w, "additionalProperties", false);
    json_key_c(w, "required");
    json_open_list(w);
    json_str(w, S("extend"));
    json_close_list(w);
    json_key_c(w, "properties");
    json_open_obj(w);
    for (size_t i = 0; i < sizeof LAYER_KEYS / sizeof *LAYER_KEYS; i++) {
        json_key(w, str_c(LAYER_KEYS[i].name));
        json_open_obj(w);
        json_pair_str(w, "description", str_c(LAYER_KEYS[i].doc));
        write_type(out, LAYER_KEYS[i].type);
        json_close_obj(w);
    }
    json_close_obj(w);
    json_close_obj(w);
}

/* Fields that several objects have alike: a file of its own, and its place among the fields of an object. */
static void write_part(Out *out)
{
    json_key_c(&out->w, "use");
    json_raw(&out->w, S("{\"description\":\"The fields of a part stand here.\",\"type\":\"object\","
                        "\"additionalProperties\":false,\"required\":[\"use\"],\"properties\":{\"use\":{"
                        "\"description\":\"Name of the part.\",\"$ref\":\"#/$defs/name\"}}}"));
    json_key_c(&out->w, "part");
    json_raw(
        &out->w,
        S("{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"part\",\"fields\"],"
          "\"properties\":{\"part\":{\"description\":\"Name by which objects use it.\",\"$ref\":"
          "\"#/$defs/name\"},\"fields\":{\"description\":\"Fields by name, in order.\",\"type\":\"object\","
          "\"additionalProperties\":{\"$ref\":\"#/$defs/field\"}}}}"));
}

static void write_defs(Out *out)
{
    JsonWriter *w = &out->w;

    json_key_c(w, "$defs");
    json_open_obj(w);
    json_key_c(w, "name");
    json_raw(w, S("{\"type\":\"string\",\"pattern\":\"^[A-Za-z][A-Za-z0-9_]*$\",\"maxLength\":40}"));
    json_key_c(w, "number");
    json_raw(w, S("{\"type\":[\"number\",\"string\"],\"pattern\":\"^-?[0-9]+([.][0-9]+)?$\"}"));
    json_key_c(w, "label");
    write_label(out);
    json_key_c(w, "layer");
    write_layer(out);
    write_part(out);
    for (size_t i = 0; i < out->n; i++) {
        json_key(w, def_name(w->b->mem, out->tables[i]));
        write_table(out, out->tables[i]);
    }
    json_close_obj(w);
}

void meta_json_schema(Buf *b)
{
    Out out = {.w = json_writer(b)};
    JsonWriter *w = &out.w;

    note_table(&out, &object_keys);
    json_open_obj(w);
    json_pair_str(w, "$schema", S("https://json-schema.org/draft/2020-12/schema"));
    json_pair_str(w, "title", S("Kith object file"));
    json_pair_str(
        w, "description",
        S("One kind of record: its fields, rules, page and views. Or, beginning with "
          "\"extend\", a layer that changes one; or, beginning with \"part\", fields that several have alike."));
    json_key_c(w, "oneOf");
    json_raw(w,
             S("[{\"$ref\":\"#/$defs/object\"},{\"$ref\":\"#/$defs/layer\"},{\"$ref\":\"#/$defs/part\"}]"));
    write_defs(&out);
    json_close_obj(w);
}
