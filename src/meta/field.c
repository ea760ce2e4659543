/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What follows from a field's type alone: its columns, its CEL type, what it can be used for.  One table row a type, so
 * that a new type is a row here and a conversion in core. */

#include "meta/field.h"
#include "meta/decl.h"

static const TypeInfo TYPES[] = {
    [FIELD_TEXT] = {.column = COLUMN_TEXT, .cel = &cel_string, .is_filterable = true, .is_scalar = true},
    [FIELD_LONGTEXT] = {.column = COLUMN_TEXT, .cel = &cel_string, .is_filterable = true},
    [FIELD_INTEGER] = {.column = COLUMN_INT,
                       .cel = &cel_int,
                       .is_sortable = true,
                       .is_filterable = true,
                       .is_number = true,
                       .is_scalar = true},
    [FIELD_DECIMAL] = {.column = COLUMN_INT,
                       .cel = &cel_decimal,
                       .is_sortable = true,
                       .is_filterable = true,
                       .is_number = true,
                       .is_scalar = true,
                       .places = 2},
    [FIELD_MONEY] = {.column = COLUMN_INT,
                     .cel = &cel_money,
                     .is_sortable = true,
                     .is_filterable = true,
                     .is_number = true,
                     .is_scalar = true,
                     .places = 4},
    [FIELD_PERCENT] = {.column = COLUMN_INT,
                       .cel = &cel_decimal,
                       .is_sortable = true,
                       .is_filterable = true,
                       .is_number = true,
                       .is_scalar = true,
                       .places = 4},
    [FIELD_BOOLEAN] = {.column = COLUMN_INT,
                       .cel = &cel_bool,
                       .is_sortable = true,
                       .is_filterable = true,
                       .is_groupable = true,
                       .is_scalar = true},
    [FIELD_DATE] = {.column = COLUMN_INT,
                    .cel = &cel_date,
                    .is_sortable = true,
                    .is_filterable = true,
                    .is_groupable = true,
                    .is_scalar = true},
    [FIELD_TIME] = {.column = COLUMN_INT,
                    .cel = &cel_time,
                    .is_sortable = true,
                    .is_filterable = true,
                    .is_scalar = true},
    [FIELD_TIMESTAMP] = {.column = COLUMN_INT,
                         .cel = &cel_timestamp,
                         .is_sortable = true,
                         .is_filterable = true,
                         .is_groupable = true,
                         .is_scalar = true},
    [FIELD_DURATION] = {.column = COLUMN_INT,
                        .cel = &cel_duration,
                        .is_sortable = true,
                        .is_filterable = true,
                        .is_number = true,
                        .is_scalar = true},
    [FIELD_CHOICE] = {.column = COLUMN_TEXT,
                      .cel = &cel_string,
                      .is_sortable = true,
                      .is_filterable = true,
                      .is_groupable = true,
                      .is_scalar = true},
    [FIELD_MULTICHOICE] = {.column = COLUMN_TEXT, .is_filterable = true},
    [FIELD_PERSON_NAME] = {.column = COLUMN_TEXT, .is_filterable = true},
    [FIELD_EMAILS] = {.column = COLUMN_TEXT, .is_filterable = true},
    [FIELD_PHONES] = {.column = COLUMN_TEXT, .is_filterable = true},
    [FIELD_HANDLES] = {.column = COLUMN_TEXT, .is_filterable = true},
    [FIELD_ADDRESSES] = {.column = COLUMN_TEXT, .is_filterable = true},
    [FIELD_URL] = {.column = COLUMN_TEXT, .cel = &cel_string, .is_filterable = true, .is_scalar = true},
    [FIELD_IDENTIFIER] = {.column = COLUMN_TEXT, .is_filterable = true},
    [FIELD_REFERENCE] = {.column = COLUMN_INT,
                         .is_sortable = true,
                         .is_filterable = true,
                         .is_groupable = true,
                         .is_scalar = true},
    [FIELD_LINKS] = {.is_filterable = true},
    [FIELD_ANY_REFERENCE] = {.column = COLUMN_INT, .cel = &cel_id, .is_filterable = true, .is_scalar = true},
    [FIELD_USER] = {.column = COLUMN_INT,
                    .is_sortable = true,
                    .is_filterable = true,
                    .is_groupable = true,
                    .is_scalar = true},
    [FIELD_FILE] = {.column = COLUMN_INT, .is_scalar = true},
    [FIELD_TAGS] = {.column = COLUMN_TEXT, .is_filterable = true},
    [FIELD_AUTONUMBER] = {.column = COLUMN_INT,
                          .cel = &cel_int,
                          .is_sortable = true,
                          .is_filterable = true,
                          .is_scalar = true},
    [FIELD_JSON] = {.column = COLUMN_TEXT, .cel = &cel_dyn},
};

const TypeInfo *type_info(FieldType result)
{
    static const TypeInfo NONE;

    return (size_t)result < sizeof TYPES / sizeof *TYPES ? &TYPES[result] : &NONE;
}

const char *field_type_name(FieldType type)
{
    for (const EnumName *e = field_type_names; e->name; e++) {
        if (e->value == (int)type) return e->name;
    }
    return "?";
}

Lang lang_from(Str code)
{
    Str rest = code;
    Str two = str_cut(&rest, '-');

    if (str_eq_nocase(two, S("ru"))) return LANG_RU;
    return str_eq_nocase(two, S("pl")) ? LANG_PL : LANG_EN;
}

Str lang_code(Lang lang)
{
    static const Str CODES[LANG_COUNT] = {S_INIT("en"), S_INIT("ru"), S_INIT("pl")};

    return lang < LANG_COUNT ? CODES[lang] : CODES[LANG_EN];
}

Str label_in(const Label *label, Lang lang)
{
    return lang < LANG_COUNT && label->text[lang].n ? label->text[lang] : label->text[LANG_EN];
}

static bool is_stored(const Field *f)
{
    return f->type != FIELD_LINKS && (!f->is_computed || f->is_stored) && type_info(f->result)->column != 0;
}

/* Text that has a folded form; `*has_key` whether it also has a collation key. */
static bool has_fold(const Field *f, bool *has_key)
{
    bool is_text = f->result == FIELD_TEXT || f->result == FIELD_PERSON_NAME;
    bool is_label = f->object->label_field == f;

    *has_key = is_text && (is_label || f->is_sortable);
    return is_text && (is_label || f->is_sortable || f->is_searchable);
}

typedef struct ColumnList {
    Column *p;
    size_t n;
    const Field *f;
} ColumnList;

/* "currency" of field "amount" is column "amount_currency"; suffixes are literals, names are kept per field. */
static void add_column(ColumnList *list, ColumnRole role, ColumnType type)
{
    REQUIRE(list->n < FIELD_COLUMNS_MAX);
    Str name = role == COLUMN_VALUE ? list->f->column : list->f->role_columns[role];

    list->p[list->n++] = (Column){.name = name, .role = role, .type = type};
}

static void add_person(ColumnList *list)
{
    for (int role = COLUMN_FAMILY; role <= COLUMN_PREFIX; role++)
        add_column(list, (ColumnRole)role, COLUMN_TEXT);
}

size_t field_columns(const Field *f, Column *out)
{
    ColumnList list = {.p = out, .f = f};
    bool has_key = false;

    if (!is_stored(f)) return 0;
    add_column(&list, COLUMN_VALUE, type_info(f->result)->column);
    if (f->result == FIELD_MONEY) {
        add_column(&list, COLUMN_CURRENCY, COLUMN_TEXT);
        add_column(&list, COLUMN_BASE, COLUMN_INT);
    }
    if (f->result == FIELD_ANY_REFERENCE) add_column(&list, COLUMN_OBJECT, COLUMN_INT);
    if (f->result == FIELD_PERSON_NAME) add_person(&list);
    if (has_fold(f, &has_key)) add_column(&list, COLUMN_FOLD, COLUMN_TEXT);
    if (has_key) add_column(&list, COLUMN_KEY, COLUMN_BYTES);
    return list.n;
}

Str field_sort_column(const Field *f)
{
    bool has_key = false;

    (void)has_fold(f, &has_key);
    if (has_key) return f->role_columns[COLUMN_KEY];
    return f->result == FIELD_MONEY ? f->role_columns[COLUMN_BASE] : f->column;
}

Str field_unique_column(const Field *f)
{
    bool has_key = false;

    return has_fold(f, &has_key) ? f->role_columns[COLUMN_FOLD] : f->column;
}

bool field_in_past(const Field *f)
{
    return is_stored(f) && f->result != FIELD_LONGTEXT && f->result != FIELD_JSON && !f->is_secret;
}

const Option *field_option(const Field *f, Str key)
{
    for (size_t i = 0; i < f->n_options; i++) {
        if (str_eq(f->options[i].key, key)) return &f->options[i];
    }
    return NULL;
}

Object *meta_object(const Meta *meta, Str name)
{
    return strmap_get(&meta->by_name, name);
}

Object *meta_plural(const Meta *meta, Str plural)
{
    return strmap_get(&meta->by_plural, plural);
}

Field *object_field(const Object *obj, Str name)
{
    return strmap_get(&obj->by_name, name);
}

Inverse *object_inverse(const Object *obj, Str name)
{
    return strmap_get(&obj->inverses, name);
}
