/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"
#include "base/map.h"
#include "base/val.h"
#include "cel/cel.h"
#include "meta/parts.h"

/* The metadata: every object the company knows, as one immutable snapshot.  Built by meta/load from layers of YAML. */

typedef enum FieldType {
    FIELD_TEXT = 1,
    FIELD_LONGTEXT,
    FIELD_INTEGER,
    FIELD_DECIMAL,
    FIELD_MONEY,
    FIELD_PERCENT,
    FIELD_BOOLEAN,
    FIELD_DATE,
    FIELD_TIME,
    FIELD_TIMESTAMP,
    FIELD_DURATION,
    FIELD_CHOICE,
    FIELD_MULTICHOICE,
    FIELD_PERSON_NAME,
    FIELD_EMAILS,
    FIELD_PHONES,
    FIELD_HANDLES,
    FIELD_ADDRESSES,
    FIELD_URL,
    FIELD_IDENTIFIER,
    FIELD_REFERENCE,
    FIELD_LINKS,
    FIELD_ANY_REFERENCE,
    FIELD_USER,
    FIELD_FILE,
    FIELD_TAGS,
    FIELD_AUTONUMBER,
    FIELD_FORMULA,
    FIELD_ROLLUP,
    FIELD_JSON,
} FieldType;
const char *field_type_name(FieldType type);

typedef enum OnDelete { ON_DELETE_FORBID, ON_DELETE_CLEAR, ON_DELETE_CASCADE } OnDelete;
typedef enum RollupOp { ROLLUP_COUNT = 1, ROLLUP_SUM, ROLLUP_AVG, ROLLUP_MIN, ROLLUP_MAX } RollupOp;

/* What a column of a field holds; FOLD and KEY are the folded form and the collation key, BASE company currency. */
typedef enum ColumnRole {
    COLUMN_VALUE,
    COLUMN_FOLD,
    COLUMN_KEY,
    COLUMN_CURRENCY,
    COLUMN_BASE,
    COLUMN_OBJECT,
    COLUMN_FAMILY,
    COLUMN_GIVEN,
    COLUMN_MIDDLE,
    COLUMN_PREFIX,
    COLUMN_ROLES,
} ColumnRole;

struct Field {
    Object *object;
    unsigned index;                 /* place in object->fields */
    Str name, column;               /* the column is also the field's id in the change log, for ever */
    Str role_columns[COLUMN_ROLES]; /* column names by role (field_columns says which exist) */
    FieldType type, result;         /* `result`: the value's type of a FORMULA or ROLLUP, otherwise == type */
    Label label, help;
    uint8_t places; /* of decimals; money 4, percent 4 unless declared */
    int64_t max;    /* characters of text; 0 = the limit */
    int64_t min_value, max_value;
    bool has_min, has_max; /* of scaled numbers */
    bool is_required, is_unique, is_searchable, is_sortable, is_filterable, is_groupable, is_indexed;
    bool is_readonly; /* written by actions and hooks only */
    bool is_system;   /* id version created_at ... */
    bool is_computed,
        is_stored;      /* formulas and roll-ups; a formula over other records or the clock is not stored */
    bool is_secret;     /* never in API, log, search */
    bool is_masked;     /* phones, e-mails: need the right to see */
    bool is_unit_price; /* money not rounded to its currency's places */
    bool is_plain;      /* a number that names something (a year): written without grouping */
    Option *options;
    size_t n_options;
    Str target_name;
    Object *target;
    OnDelete on_delete;
    Str through_name, near_name, far_name;
    Object *through;
    Field *near, *far; /* LINKS: the link object and its two sides */
    Object **targets;
    size_t n_targets; /* ANY_REFERENCE: what it may refer to; none means anything */
    Str inverse;      /* REFERENCE, USER: name of the list in the target's expressions (object_inverse) */
    Expr formula, default_value, visible, required_if;
    RollupOp rollup;
    Str rollup_object_name, rollup_via_name, rollup_value_name;
    Object *rollup_object;
    Field *rollup_via, *rollup_value;
    Expr rollup_filter;
    Str number_format;             /* AUTONUMBER: "D-{0}" */
    Str ident_country, ident_kind; /* IDENTIFIER: restricts, may be empty */
    Field **converts_to; /* fields of other objects that take the value when a record is converted */
    size_t n_converts_to;
    const CelType *cel; /* field_cel_type */
    Str file;
    int line; /* where declared */
};

struct Object {
    Meta *meta;
    uint16_t number; /* stable, declared in the file: what rows and refs hold */
    Str name, plural, table, icon, color, group;
    Label label, label_plural, help;
    Field *fields;
    size_t n_fields;                                 /* system fields first */
    StrMap by_name;                                  /* -> Field * */
    StrMap inverses;                                 /* -> Inverse * */
    Field *label_field;                              /* NULL: records are called after their object */
    bool in_nav, has_timeline, is_link, is_internal; /* internal: no record routes */
    bool is_private;                                 /* everybody sees his own and nobody else's */
    int64_t nav_order; /* among those of its group; 0 after those that have one */
    bool has_owner;    /* has a responsible person (owner, team) */
    Str parent_name;
    Field *parent;    /* rights follow this reference (deal_line -> deal) */
    Field *rate_date; /* money is converted at this date's rate */
    Expr hand_over;   /* which records go on with somebody else when a person leaves; empty: all */
    Index *indexes;
    size_t n_indexes;
    Rule *rules;
    size_t n_rules;
    Duplicate *duplicates;
    size_t n_duplicates;
    Field *path; /* stage path: a reference or choice field */
    Field *state;
    Transition *transitions;
    size_t n_transitions;
    Field **highlights;
    size_t n_highlights;
    Section *sections;
    size_t n_sections;
    Related *related;
    size_t n_related;
    Field **columns;
    size_t n_columns;
    Str order_by;
    Field *board_by, *board_sum, *board_weighted, *board_mark;
    Field **card;
    size_t n_card;
    ViewDef *views;
    size_t n_views;
    Field **rollups;
    size_t n_rollups; /* roll-ups of OTHER objects fed by this object's records */
    Field **formulas;
    size_t n_formulas;                  /* stored formulas and own roll-ups in dependency order */
    const CelType *ref_type, *row_type; /* ID that refers to it; OBJECT it is */
    Str file;
};

struct Meta {
    Arena *mem;
    int64_t generation;
    void *owner; /* core: the snapshot that holds it */
    Object **objects;
    size_t n_objects;          /* in order of loading */
    StrMap by_name, by_plural; /* -> Object * */
    Object *by_number[1024];
};

/* One file of one layer; later layers change earlier ones by explicit operations. */
typedef struct MetaSource {
    Str path, text;
    Str layer; /* "built-in", "site" */
} MetaSource;

/** Reads, merges and checks the files.  All problems come at once, chained by `next`: INVALID{error.meta.*} whose detail
    starts with "file:line: ". */
MUST_CHECK Err *meta_load(Arena *mem, const MetaSource *files, size_t n, Meta **out);

/* What the site has said about one option of a choice: of a declared one what differs, of another one all of it. */
typedef struct SiteOption {
    Str object, field, key, color;
    Label label; /* a language that is not given: the declared one; of a new option the first that is */
    int64_t position;
    bool has_position, is_hidden;
    bool is_gone; /* was taken back: a new option stays, hidden, for the records that have it */
} SiteOption;
/** The same with the site's options, the living before the gone; what fits no field any more is left out. */
MUST_CHECK Err *meta_load_site(Arena *mem, const MetaSource *files, size_t n, const SiteOption *options,
                               size_t n_options, Meta **out);

Object *meta_object(const Meta *meta, Str name); /* NULL when unknown */
Object *meta_plural(const Meta *meta, Str plural);
Field *object_field(const Object *obj, Str name); /* NULL when unknown */

Inverse *object_inverse(const Object *obj, Str name); /* NULL when unknown */
/** The option of key `key` of a choice (also when it is the result of a formula), or NULL. */
const Option *field_option(const Field *f, Str key);

/** The object files carried in the binary ("mod/<module>/<object>.yaml"), as sources of layer "built-in". */
const MetaSource *meta_builtin(Arena *mem, size_t *n);

/** The JSON Schema of object files, from the loader's own tables: what docs/object-schema.json holds. */
void meta_json_schema(Buf *b);

/** CEL type of a field's value: REFERENCE, USER, FILE are an ID with `object` and the Object as `tag`; a person name is
    OBJECT "person_name" {family given middle prefix}; phones ... are lists of OBJECT "labelled" {value label main};
    addresses of "labelled_address", whose value is "address"; identifiers of "identifier" {country kind value}; choice and
    multichoice are text; LINKS a list of OBJECT of the far object. */
const CelType *field_cel_type(const Field *f);
/** Environment whose identifiers are the fields of `obj` (and me, now, today ... of cel). */
CelEnv object_cel_env(const Object *obj);

/* Columns of a field, in order.  A money field has three, a person name seven, a sortable text three ... */
typedef enum ColumnType {
    COLUMN_INT = 1,
    COLUMN_TEXT,
    COLUMN_BYTES
} ColumnType; /* bigint, text COLLATE "C", bytea */
typedef struct Column {
    Str name;
    ColumnRole role;
    ColumnType type;
} Column;
#define FIELD_COLUMNS_MAX 8
/** Fills `out[FIELD_COLUMNS_MAX]`, returns how many; 0 for fields that are not stored (LINKS, live formulas). */
size_t field_columns(const Field *f, Column *out);
/** The column that orders by the field: its collation key, amount in company currency, or value. */
Str field_sort_column(const Field *f);
/** The column unique rules look at: the folded form where there is one, else the value. */
Str field_unique_column(const Field *f);
/** Whether past tables hold the field (everything but long text, JSON and secrets). */
bool field_in_past(const Field *f);
