/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/cel.h"

/* Shared by check.c and coerce.c. */
typedef struct CelLocal {
    Str name;
    const CelType *type;
    const struct CelLocal *up;
} CelLocal;

typedef struct CelCheck {
    Arena *mem;
    const CelEnv *env;
    const CelLocal *locals;
    uint32_t last_id; /* of the tree's nodes */
} CelCheck;

/** A type error at `node`. */
Err *cel_type_error(CelCheck *c, const CelNode *node, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/** Makes literals below `node` values of `want` where they can be: a number beside a decimal, a text beside a date, time
    or id.  Anything else stays as it is; a text that does not read as one is INVALID{error.cel.type}. */
MUST_CHECK Err *cel_coerce(CelCheck *c, CelNode *node, const CelType *want);
/** Coerces `a` to the type of `b` and the other way round. */
MUST_CHECK Err *cel_reconcile(CelCheck *c, CelNode **a, CelNode **b);
/** Makes a DATE a TIMESTAMP, the start of that day, by wrapping it in timestamp(). */
MUST_CHECK Err *cel_widen_date(CelCheck *c, CelNode **node);

/** Only literals and operators on them. */
bool cel_is_constant(const CelNode *node);
/** Whether a value of type `from` may stand where `to` is wanted; dyn and null may always. */
bool cel_fits(const CelType *from, const CelType *to);
/** The type elements of both types have in common: the other where one is null, dyn when there is none; `a` may be NULL. */
const CelType *cel_common(const CelType *a, const CelType *b);
bool cel_is_number(const CelType *t); /* INT UINT DOUBLE DECIMAL */
