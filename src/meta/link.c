/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From declarations to objects and fields: gives every object its system fields, copies what was declared, and settles
 * what the file left open (places, sortable, result).  Names of other objects are looked up in link_names. */

#include "meta/link.h"
#include "base/decimal.h"
#include "meta/decl.h"
#include "meta/field.h"

#define OBJECT_NUMBER_MAX 1023

typedef struct SystemField {
    const char *name, *column;
    FieldType type;
    const char *label[LANG_COUNT];
} SystemField;

static const SystemField SYSTEM_FIELDS[] = {
    {"id", "id", FIELD_REFERENCE, {"Identifier", "Идентификатор", "Identyfikator"}},
    {"version", "version", FIELD_INTEGER, {"Version", "Версия", "Wersja"}},
    {"created_at", "created_at", FIELD_TIMESTAMP, {"Created", "Создано", "Utworzono"}},
    {"created_by", "created_by", FIELD_USER, {"Created by", "Кем создано", "Utworzył(a)"}},
    {"updated_at", "updated_at", FIELD_TIMESTAMP, {"Changed", "Изменено", "Zmieniono"}},
    {"updated_by", "updated_by", FIELD_USER, {"Changed by", "Кем изменено", "Zmienił(a)"}},
    {"owner", "owner_id", FIELD_USER, {"Responsible", "Ответственный", "Opiekun"}},
    {"team", "team_id", FIELD_REFERENCE, {"Team", "Команда", "Zespół"}},
    {"deleted_at", "deleted_at", FIELD_TIMESTAMP, {"Deleted", "Удалено", "Usunięto"}},
};
enum { N_SYSTEM = sizeof SYSTEM_FIELDS / sizeof *SYSTEM_FIELDS };

static bool is_lower_name(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= 'A' && s.p[i] <= 'Z') return false;
    }
    return s.n > 0;
}

/* Words that mean something to expressions, records or tables and cannot name a field. */
static bool is_reserved(Str s)
{
    static const Str WORDS[] = {
        S_INIT("in"),         S_INIT("as"),          S_INIT("break"), S_INIT("const"),
        S_INIT("continue"),   S_INIT("else"),        S_INIT("for"),   S_INIT("if"),
        S_INIT("import"),     S_INIT("let"),         S_INIT("loop"),  S_INIT("package"),
        S_INIT("return"),     S_INIT("var"),         S_INIT("void"),  S_INIT("while"),
        S_INIT("function"),   S_INIT("true"),        S_INIT("false"), S_INIT("null"),
        S_INIT("now"),        S_INIT("label"),       S_INIT("link"),  S_INIT("namespace"),
        S_INIT("valid_from"), S_INIT("valid_until"),
    };

    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (str_eq(s, WORDS[i])) return true;
    }
    return str_starts(s, S("hidden_"));
}

static Str text_of(const Yaml *node)
{
    return node ? node->text : (Str){0};
}

static void name_columns(Load *ld, Field *f, Str column)
{
    static const char *const SUFFIX[COLUMN_ROLES] = {
        [COLUMN_VALUE] = "",         [COLUMN_FOLD] = "_fold",
        [COLUMN_KEY] = "_key",       [COLUMN_CURRENCY] = "_currency",
        [COLUMN_BASE] = "_base",     [COLUMN_OBJECT] = "_object",
        [COLUMN_FAMILY] = "_family", [COLUMN_GIVEN] = "_given",
        [COLUMN_MIDDLE] = "_middle", [COLUMN_PREFIX] = "_prefix",
    };

    f->column = column;
    for (int role = 0; role < COLUMN_ROLES; role++) {
        f->role_columns[role] = str_cat(ld->mem, column, str_c(SUFFIX[role]));
    }
}

static void add_system_fields(Load *ld, Object *obj, Str file, int line)
{
    for (size_t i = 0; i < N_SYSTEM; i++) {
        const SystemField *sys = &SYSTEM_FIELDS[i];
        Field *f = &obj->fields[i];

        f->name = str_c(sys->name);
        f->type = f->result = sys->type;
        for (int lang = 0; lang < LANG_COUNT; lang++) f->label.text[lang] = str_c(sys->label[lang]);
        f->is_system = true;
        f->is_readonly = !str_eq(f->name, S("owner")) && !str_eq(f->name, S("team"));
        f->is_sortable = f->is_filterable = true;
        f->is_groupable = type_info(f->type)->is_groupable && i > 0;
        f->file = file;
        f->line = line;
        name_columns(ld, f, str_c(sys->column));
    }
}

static void copy_options(Load *ld, const FieldDecl *d, Field *f)
{
    const OptionDecl *options = d->options.p;

    f->options = NEW_N(ld->mem, Option, d->options.n ? d->options.n : 1);
    for (size_t i = 0; i < d->options.n; i++) {
        Str key = text_of(options[i].key);

        if (field_option(f, key)) {
            PROBLEM(ld, options[i].head.at, "error.meta.duplicate", "option \"%.*s\" is given twice",
                    SFMT(key));
        }
        f->options[f->n_options++] = (Option){.key = key,
                                              .color = text_of(options[i].color),
                                              .label = options[i].label,
                                              .is_closed = options[i].is_closed,
                                              .is_won = options[i].is_won,
                                              .is_hidden = options[i].is_hidden,
                                              .is_own = options[i].is_own};
    }
}

static int64_t scaled_bound(Load *ld, const Yaml *node, uint8_t places)
{
    int64_t raw = 0, scaled = 0;
    uint8_t written = 0;

    if (!decimal_parse(node->text, &raw, &written) || !decimal_rescale(raw, written, places, &scaled)) {
        PROBLEM(ld, node, "error.meta.value", "\"%.*s\" does not fit", SFMT(node->text));
    }
    return scaled;
}

static void copy_bounds(Load *ld, const FieldDecl *d, Field *f)
{
    f->places = yaml_get(d->head.at, S("places")) ? (uint8_t)d->places : type_info(f->result)->places;
    f->max = d->max_chars;
    if (d->places > 12) PROBLEM(ld, d->head.at, "error.meta.value", "\"places\" is at most 12");
    f->has_min = d->min != NULL;
    f->has_max = d->max != NULL;
    if (d->min) f->min_value = scaled_bound(ld, d->min, f->places);
    if (d->max) f->max_value = scaled_bound(ld, d->max, f->places);
}

static bool tri(int8_t said, bool otherwise)
{
    return said ? said > 0 : otherwise;
}

/* What the type gives unless the field says otherwise; again when a roll-up's result becomes known. */
void field_settle(const FieldDecl *d, Field *f)
{
    const TypeInfo *info = type_info(f->result);

    f->is_sortable = tri(d->is_sortable, info->is_sortable) && !d->is_secret;
    f->is_filterable = tri(d->is_filterable, info->is_filterable) && !d->is_secret;
    f->is_groupable = tri(d->is_groupable, info->is_groupable) && !d->is_secret;
}

static void copy_field(Load *ld, const FieldDecl *d, Field *f)
{
    f->name = d->head.name;
    f->type = (FieldType)d->type;
    f->is_computed = f->type == FIELD_FORMULA || f->type == FIELD_ROLLUP;
    f->is_stored = f->type == FIELD_ROLLUP;
    f->result = f->type == FIELD_FORMULA ? (FieldType)d->result : f->is_computed ? 0 : f->type;
    f->label = d->label;
    f->help = d->help;
    f->is_required = d->is_required;
    f->is_unique = d->is_unique;
    f->is_searchable = d->is_searchable;
    f->is_indexed = d->is_indexed;
    f->is_readonly = d->is_readonly || f->is_computed || f->type == FIELD_AUTONUMBER;
    f->is_secret = d->is_secret;
    f->is_masked = d->is_masked;
    f->is_unit_price = d->is_unit_price;
    f->is_plain = d->is_plain;
    f->on_delete = (OnDelete)d->on_delete;
    f->rollup = (RollupOp)d->op;
    f->inverse = text_of(d->inverse);
    f->through_name = text_of(d->through);
    f->near_name = text_of(d->near);
    f->far_name = text_of(d->far);
    f->rollup_object_name = text_of(d->of);
    f->rollup_via_name = text_of(d->via);
    f->rollup_value_name = text_of(d->value);
    f->number_format = text_of(d->number_format);
    f->ident_country = text_of(d->ident_country);
    f->ident_kind = text_of(d->ident_kind);
    f->file = d->head.at->file;
    f->line = d->head.at->line;
    name_columns(ld, f, d->was ? d->was->text : f->name);
    copy_options(ld, d, f);
    copy_bounds(ld, d, f);
    field_settle(d, f);
}

static void check_name(Load *ld, const Yaml *at, const char *what, Str name)
{
    if (!is_lower_name(name))
        PROBLEM(ld, at, "error.meta.value", "%s \"%.*s\" must be in lower case", what, SFMT(name));
    else if (is_reserved(name))
        PROBLEM(ld, at, "error.meta.value", "%s \"%.*s\" is a reserved word", what, SFMT(name));
}

/* The names fields had: saved views, roles and scripts still say them. */
static void add_old_names(Load *ld, const FieldDecl *fields, size_t n, Object *obj)
{
    for (size_t i = 0; i < n; i++) {
        if (!fields[i].was) continue;
        check_name(ld, fields[i].was, "field", fields[i].was->text);
        if (!object_field(obj, fields[i].was->text))
            strmap_put(ld->mem, &obj->by_name, fields[i].was->text, &obj->fields[N_SYSTEM + i]);
    }
}

static void add_fields(Load *ld, ObjectDecl *d, Object *obj)
{
    const FieldDecl *fields = d->fields.p;

    obj->fields = NEW_N(ld->mem, Field, N_SYSTEM + d->fields.n);
    add_system_fields(ld, obj, d->head.at->file, d->head.at->line);
    obj->n_fields = N_SYSTEM + d->fields.n;
    for (size_t i = 0; i < d->fields.n; i++) {
        check_name(ld, fields[i].head.at, "field", fields[i].head.name);
        copy_field(ld, &fields[i], &obj->fields[N_SYSTEM + i]);
    }
    for (size_t i = 0; i < obj->n_fields; i++) {
        Field *f = &obj->fields[i];

        f->object = obj;
        f->index = (unsigned)i;
        if (object_field(obj, f->name)) {
            load_problem(ld, yaml_problem_at(ld->mem, f->file, f->line, "error.meta.duplicate",
                                             "\"%.*s\" is a system field", SFMT(f->name)));
        }
        strmap_put(ld->mem, &obj->by_name, f->name, f);
    }
    add_old_names(ld, fields, d->fields.n, obj);
}

static void register_object(Load *ld, const ObjectDecl *d, Object *obj)
{
    Meta *meta = ld->meta;

    if (meta_object(meta, obj->name)) {
        PROBLEM(ld, d->object, "error.meta.duplicate", "object \"%.*s\" is declared twice", SFMT(obj->name));
    }
    if (obj->plural.n && (meta_plural(meta, obj->plural))) {
        PROBLEM(ld, d->plural, "error.meta.duplicate", "plural \"%.*s\" is taken", SFMT(obj->plural));
    }
    if (d->number < 1 || d->number > OBJECT_NUMBER_MAX) {
        PROBLEM(ld, d->head.at, "error.meta.value", "\"number\" must be 1 to %d", OBJECT_NUMBER_MAX);
    } else if (meta->by_number[d->number]) {
        PROBLEM(ld, d->head.at, "error.meta.duplicate", "number %d belongs to \"%.*s\"", (int)d->number,
                SFMT(meta->by_number[d->number]->name));
    } else {
        obj->number = (uint16_t)d->number;
        meta->by_number[d->number] = obj;
    }
    strmap_put(ld->mem, &meta->by_name, obj->name, obj);
    strmap_put(ld->mem, &meta->by_plural, obj->plural, obj);
    meta->objects[meta->n_objects++] = obj;
}

static void make_object(Load *ld, ObjectDecl *d)
{
    Object *obj = NEW(ld->mem, Object);

    d->obj = obj;
    obj->meta = ld->meta;
    obj->name = obj->table = text_of(d->object);
    obj->plural = text_of(d->plural);
    obj->icon = text_of(d->icon);
    obj->color = text_of(d->color);
    obj->group = text_of(d->group);
    obj->label = d->label;
    obj->label_plural = d->label_plural;
    obj->help = d->help;
    obj->in_nav = d->in_nav;
    obj->nav_order = d->nav_order;
    obj->has_timeline = d->has_timeline;
    obj->is_link = d->is_link;
    obj->is_internal = d->is_internal;
    obj->is_private = d->is_private;
    obj->has_owner = tri(d->has_owner, !d->is_link);
    obj->parent_name = text_of(d->parent);
    obj->order_by = text_of(d->order_by);
    obj->file = d->head.at->file;
    check_name(ld, d->object ? d->object : d->head.at, "object", obj->name);
    add_fields(ld, d, obj);
    register_object(ld, d, obj);
}

void link_objects(Load *ld)
{
    ld->meta->objects = NEW_N(ld->mem, Object *, ld->decls.n ? ld->decls.n : 1);
    for (size_t i = 0; i < ld->decls.n; i++) make_object(ld, ld->decls.p[i]);
}
