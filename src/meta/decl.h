/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "meta/meta.h"
#include "meta/yaml.h"

/* Declarations: what an object file says, decoded by tables of keys but with names not yet looked up.  A name or an
   expression stays a Yaml node, so that every later problem can tell file and line.  Internal to meta. */

/* --- tables of keys ---------------------------------------------------------------------------------------------------- */

typedef enum KeyKind {
    KEY_NAME = 1, /* const Yaml *: an identifier */
    KEY_TEXT,     /* const Yaml *: any text, or one of `names` when given */
    KEY_CEL,      /* const Yaml *: an expression */
    KEY_NUMBER,   /* const Yaml *: a decimal number */
    KEY_BOOL,     /* bool */
    KEY_TRI,      /* int8_t: 0 not said, -1 false, 1 true */
    KEY_INT,      /* int64_t, not negative */
    KEY_LABEL,    /* Label: all languages or none */
    KEY_ENUM,     /* int, one of `names` */
    KEY_NAMES,    /* DeclList of const Yaml *: identifiers */
    KEY_ORDER,    /* const Yaml *: "-amount,name" */
    KEY_STRUCT,   /* pointer to a struct by `sub`, NULL when not said */
    KEY_STRUCTS,  /* DeclList of structs by `sub`, written as a list */
    KEY_NAMED,    /* DeclList of structs by `sub`, written as a map of names */
} KeyKind;

typedef struct KeyTable KeyTable;
typedef struct EnumName {
    const char *name;
    int value;
} EnumName;

typedef struct KeyDef {
    const char *name;
    KeyKind kind;
    size_t offset;
    const char *doc; /* becomes the description in the published JSON Schema */
    bool is_required;
    bool one_or_many;      /* NAMES: a single name may stand without a list */
    const EnumName *names; /* ends with a NULL name */
    const KeyTable *sub;
} KeyDef;

struct KeyTable {
    const char *what;   /* for messages: "a field" */
    size_t size;        /* of the struct, which begins with a DeclHead */
    const KeyDef *keys; /* ends with a NULL name */
};

/* Every declared struct begins so. */
typedef struct DeclHead {
    const Yaml *at;
    Str name; /* of NAMED */
} DeclHead;

typedef struct DeclList {
    void *p;
    size_t n;
} DeclList;

/* --- what a file holds --------------------------------------------------------------------------------------------------- */

typedef struct OptionDecl {
    DeclHead head;
    const Yaml *key, *color;
    Label label;
    bool is_closed, is_won, is_hidden, is_own;
    int64_t position; /* 0: as it stands */
} OptionDecl;

typedef struct ConversionDecl {
    DeclHead head;
    const Yaml *object, *field;
} ConversionDecl;

typedef struct FieldDecl {
    DeclHead head;
    int type, result, on_delete, op;
    Label label, help;
    int64_t places, max_chars;
    bool is_required, is_unique, is_searchable, is_indexed, is_readonly, is_secret, is_masked, is_unit_price,
        is_plain;
    int8_t is_sortable, is_filterable, is_groupable;
    DeclList options, to, converts_to;
    const Yaml *inverse, *through, *near, *far, *was;
    const Yaml *of, *via, *value, *filter, *options_of;
    const Yaml *formula, *default_value, *visible, *required_if;
    const Yaml *min, *max, *number_format, *ident_country, *ident_kind;
} FieldDecl;

typedef struct IndexDecl {
    DeclHead head;
    const Yaml *name, *filter;
    DeclList fields;
} IndexDecl;

typedef struct RuleDecl {
    DeclHead head;
    const Yaml *name, *check, *field;
    Label message;
} RuleDecl;

typedef struct DuplicateDecl {
    DeclHead head;
    DeclList fields;
    int how;
} DuplicateDecl;

typedef struct TransitionDecl {
    DeclHead head;
    const Yaml *name, *to, *guard;
    DeclList from;
    Label label;
} TransitionDecl;

typedef struct StateDecl {
    DeclHead head;
    const Yaml *field;
    DeclList transitions;
} StateDecl;

typedef struct SectionDecl {
    DeclHead head;
    const Yaml *name, *visible;
    Label label;
    DeclList fields;
} SectionDecl;

typedef struct RelatedDecl {
    DeclHead head;
    const Yaml *object, *field;
    Label label;
    DeclList columns;
} RelatedDecl;

typedef struct LayoutDecl {
    DeclHead head;
    DeclList highlights, sections, related;
} LayoutDecl;

typedef struct BoardDecl {
    DeclHead head;
    const Yaml *by, *sum, *weighted, *mark;
    DeclList card;
} BoardDecl;

typedef struct ViewDecl {
    DeclHead head;
    const Yaml *key, *filter, *order_by;
    Label label;
    DeclList columns;
} ViewDecl;

typedef struct ObjectDecl {
    DeclHead head;
    Object *obj;
    const Yaml *object, *plural, *icon, *color, *group, *label_field, *rate_date, *order_by, *path, *parent;
    const Yaml *hand_over;
    int64_t number, nav_order;
    Label label, label_plural, help;
    bool in_nav, has_timeline, is_link, is_internal, is_private;
    int8_t has_owner;
    DeclList fields, indexes, unique, rules, duplicates, columns, views;
    StateDecl *state;
    LayoutDecl *layout;
    BoardDecl *board;
} ObjectDecl;

/* How of DuplicateDecl; meta.h tells it as text. */
enum { DUPLICATE_EXACT, DUPLICATE_FOLD, DUPLICATE_NAME, DUPLICATE_LOOKUP };

extern const KeyTable object_keys;
extern const EnumName field_type_names[];

/* --- loading ------------------------------------------------------------------------------------------------------------- */

#define META_MAX_PROBLEMS 200

typedef struct Load {
    Arena *mem;
    Meta *meta;
    Err *problems;
    unsigned n_problems;
    VEC(ObjectDecl *) decls;
} Load;

/** Notes a problem; past META_MAX_PROBLEMS they are only counted. */
void load_problem(Load *ld, Err *e);
#define PROBLEM(ld, at, key, ...) load_problem((ld), yaml_problem((ld)->mem, (at), (key), __VA_ARGS__))

/** Decodes `node` by `table` into a new struct; problems are noted and what could be read is returned. */
void *decl_read(Load *ld, const KeyTable *table, const Yaml *node);
/** ", did you mean \"x\"?" for the nearest of `names`, or empty when none is near. */
Str nearest_hint(Arena *mem, Str word, const Str *names, size_t n);

/** Takes the parts out of the files' roots (their places become NULL) and puts their fields where objects use them. */
void parts_expand(Load *ld, Yaml **roots, size_t n);
/** Merges layers: takes the files' roots, applies every `extend` to the object it names, leaves the objects' roots. */
void layers_merge(Load *ld, Yaml **roots, size_t n, Yaml ***objects, size_t *n_objects);

/** Takes the site's options into the declarations of their fields. */
void options_merge(Load *ld, const SiteOption *options, size_t n);
/** Gives fields that say `options_of` the options of that field; after options_merge. */
void options_share(Load *ld);

/** Makes the objects with their fields (system fields first), names not yet looked up. */
void link_objects(Load *ld);
/** Looks up the names of objects, fields, options; sets targets, roll-ups, inverses, layouts, views. */
void link_names(Load *ld);
/** Parses and checks every expression. */
void link_expressions(Load *ld);
/** Decides which formulas are stored and the order they are computed in; refuses cycles. */
void link_dependencies(Load *ld);
/** Fills obj->related_lists and the CEL types of all fields. */
void link_types(Load *ld);
/** Checks that no two fields of an object want the same column; after it is known what is stored. */
void link_columns(Load *ld);
/** Parses and checks one expression of `obj` and stores it. */
void load_expr(Load *ld, const Object *obj, const Yaml *source, const CelType *wanted, Expr *out);

static inline const Yaml *decl_name(const DeclList *list, size_t i)
{
    return ((const Yaml **)list->p)[i];
}
