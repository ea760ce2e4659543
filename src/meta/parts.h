/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/cel.h"

/* What an object holds beside its fields: texts in languages, options, indexes, rules, states, page, views. */

typedef enum Lang { LANG_EN, LANG_RU, LANG_PL, LANG_COUNT } Lang;
Lang lang_from(Str code); /* "ru", "ru-RU"; English for anything unknown */
Str lang_code(Lang lang);

typedef struct Label {
    Str text[LANG_COUNT];
} Label;
Str label_in(const Label *label, Lang lang);

typedef struct Object Object;
typedef struct Field Field;
typedef struct Meta Meta;

typedef struct Option {
    Str key, color;
    Label label;
    bool is_closed, is_won; /* free marks an object file may set; stages are records, not options */
    bool is_hidden;         /* no longer offered; records keep it */
    bool is_own;            /* the site's, not declared in a file */
} Option;

/* A CEL text of the object file with its checked tree; `source` empty when not declared. */
typedef struct Expr {
    Str source;
    CelNode *tree;
} Expr;

/* A list of the records that refer here by one reference, as expressions name it: `deals` of account. */
typedef struct Inverse {
    Str name;
    Object *object;
    Field *field;       /* records of `object` whose `field` refers here */
    const CelType *cel; /* list of OBJECT `object` */
} Inverse;

typedef struct Index {
    Str name;    /* of the rule; empty for a plain index */
    Str db_name; /* in the database: what a CONFLICT{error.db.unique} names */
    Field **fields;
    size_t n;
    bool is_unique; /* partial, over live records */
    Expr filter;
} Index;

typedef struct Rule { /* validation: must be true */
    Str name;
    Expr check;
    Label message;
    Field *field; /* where the problem is shown, may be NULL */
} Rule;

typedef struct Transition {
    Str *from;
    size_t n_from; /* empty: from any */
    Str to, name;
    Label label;
    Expr guard;
} Transition;

typedef struct Section {
    Str name; /* may be empty */
    Label label;
    Field **fields;
    size_t n;
    Expr visible;
} Section;

typedef struct Related { /* a list on the record page */
    Str object_name, field_name;
    Object *object;
    Field *field; /* records of `object` whose `field` refers here */
    Label label;
    Field **columns;
    size_t n;
} Related;

typedef struct ViewDef {
    Str key, order_by;
    Label label;
    Expr filter;
    Field **columns;
    size_t n;
} ViewDef;

typedef struct Duplicate { /* what makes two records likely the same */
    Field **fields;
    size_t n;
    Str how; /* exact | fold | name | lookup */
} Duplicate;
