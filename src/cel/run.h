/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/buf.h"
#include "cel/cel.h"
#include "cel/functions.h"

/* What the evaluator and the bodies of functions share. */

/* A value no field has: optional.of(x) holds one item in `list`, optional.none() none. */
#define CEL_VAL_OPTIONAL 64
#define CEL_VALUE_DEPTH  200 /* of lists in lists, so that comparing may recurse */
#define CEL_TEXT_MAX     (8u << 20)

typedef struct CelVar {
    Str name;
    Val val;
    const struct CelVar *up;
} CelVar;

struct CelRun {
    Arena *mem;
    const CelScope *scope;
    int64_t left;        /* steps that may still be spent; negative: over */
    const CelVar *vars;  /* innermost first */
    const CelNode *node; /* what runs: where errors are */
    struct Regex *regex; /* the last one compiled, of `pattern` */
    Str pattern;
};

/** INVALID{error.cel.eval} at the node that runs. */
Err *cel_fail(CelRun *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Takes `steps` from the budget; LIMIT{error.cel.cost} when it is used up.  Called before work or memory is taken: a step
    is at most 64 bytes of memory. */
MUST_CHECK Err *cel_spend(CelRun *run, size_t steps);
/** Pays for `n` items of 16 bytes and gives them zeroed. */
MUST_CHECK Err *cel_items(CelRun *run, size_t n, Val **out);
MUST_CHECK Err *cel_pairs(CelRun *run, size_t n, ValPair **out);
/** The buffer's content as a TEXT. */
MUST_CHECK Err *cel_from_buf(CelRun *run, const Buf *b, Val *out);

/* --- values ------------------------------------------------------------------------------------------------------------- */

CelKind cel_kind_of(Val v);
Str cel_kind_text(Val v);
Val cel_some(CelRun *run, Val v);
Val cel_none(void);
/** Equality of CEL: numbers by value whatever their kind, null only with null, REF with ID; never fails.  Paid for. */
bool cel_equal(CelRun *run, Val a, Val b);
/** Order of two values: -1, 0, 1, or 2 when a NaN is among them.  Fails when they have none. */
MUST_CHECK Err *cel_compare(CelRun *run, Val a, Val b, int *out);
/** The value under `key` of a MAP, numbers by value; NULL when absent. */
const Val *cel_map_find(CelRun *run, Val map, Val key);
/** Shortest text that reads as the same double: "1.5", "1", "1e+30", "NaN", "Infinity". */
Str cel_double_text(Arena *mem, double d);
/** Seconds and "s" with the shortest fraction: "5400s", "1.5s". */
Str cel_duration_text(Arena *mem, Val d);
/** INT of any whole number that fits; false otherwise. */
bool cel_as_int(Val v, int64_t *out);
/** DECIMAL of INT, DECIMAL; false otherwise. */
bool cel_as_decimal(Val v, Val *out);

/* --- operators ---------------------------------------------------------------------------------------------------------- */

MUST_CHECK Err *cel_arithmetic(CelRun *run, CelOp op, Val a, Val b, Val *out);
MUST_CHECK Err *cel_negate(CelRun *run, Val v, Val *out);
/** Calls the overload that takes `args`. */
MUST_CHECK Err *cel_call(CelRun *run, const CelNode *node, const Val *args, Val *out);
/** Message literals of well-known types (google.protobuf.Int64Value ...): fields in turn name and value. */
MUST_CHECK Err *cel_message(CelRun *run, Str name, const Val *items, size_t n, Val *out);

bool cel_time_in_range(int64_t seconds);     /* years 1 to 9999 */
bool cel_duration_in_range(int64_t seconds); /* ten thousand years */
