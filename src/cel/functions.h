/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/cel.h"

#define CEL_ARGS_MAX 4

typedef struct CelRun CelRun;
typedef Err *(*CelBody)(CelRun *run, const Val *args, size_t n, Val *out);

/* What a function gives, besides a plain kind. */
typedef enum CelShape {
    CEL_SHAPE_PLAIN,    /* `result` */
    CEL_SHAPE_ARG0,     /* the type of the first argument */
    CEL_SHAPE_ARG1,     /* the type of the second argument */
    CEL_SHAPE_ELEM0,    /* the element of the first argument */
    CEL_SHAPE_LIST,     /* list of `result` */
    CEL_SHAPE_OPTIONAL, /* optional of the first argument */
} CelShape;

/* One overload.  Rows of one name stand together; the checker, the evaluator and the SQL compiler read the same table.
   A kind of CEL_T_DYN takes anything but null; `takes_null` functions get null as a value. */
typedef struct CelFunction {
    const char *name; /* "startsWith", "math.abs" */
    bool is_method;   /* args[0] is the target */
    bool is_variadic; /* the last kind repeats, at least once */
    bool takes_null;
    uint8_t n;
    uint8_t args[CEL_ARGS_MAX]; /* CelKind */
    uint8_t result, shape;      /* CelKind, CelShape */
    CelBody body;
    const char *doc;
} CelFunction;

/** The first overload of `name`, NULL when there is none; overloads follow until cel_function_next gives NULL. */
const CelFunction *cel_function_find(Str name);
const CelFunction *cel_function_next(const CelFunction *f);
/** The whole table, for documentation and the list of names in an editor. */
const CelFunction *cel_functions(size_t *n);
