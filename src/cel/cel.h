/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/val.h"

/* CEL (cel-spec): lexer, parser with macros, type checker, evaluator; knows nothing of records.  core compiles the same
   tree to SQL. */

/* --- the tree ------------------------------------------------------------------------------------------------------ */
typedef enum CelOp {
    CEL_LITERAL, /* lit */
    CEL_IDENT,   /* name */
    CEL_SELECT,  /* a.name ; is_test: has(a.name) */
    CEL_INDEX,   /* a[b] (args[0], args[1]) */
    CEL_CALL,    /* name(args) or target.name(args): args[0] is the target when is_method */
    CEL_LIST,    /* args */
    CEL_MAP,     /* args: key, value, key, value ... */
    CEL_STRUCT,  /* name{...}: protobuf messages, checked and refused */
    CEL_AND,
    CEL_OR,
    CEL_NOT,
    CEL_NEG,
    CEL_COND, /* args[0] ? args[1] : args[2] */
    CEL_EQ,
    CEL_NE,
    CEL_LT,
    CEL_LE,
    CEL_GT,
    CEL_GE,
    CEL_IN,
    CEL_ADD,
    CEL_SUB,
    CEL_MUL,
    CEL_DIV,
    CEL_MOD,
    CEL_COMPREHENSION, /* macro: name says which (all exists exists_one map filter, transformList transformMap
                          transformMapEntry, bind, optMap optFlatMap); args[0] range, args[1] body, args[2] transform
                          of map with a filter (else absent); var = loop variable(s), var2 empty unless there are two */
} CelOp;

typedef struct CelType CelType;

typedef struct CelNode CelNode;
struct CelNode {
    uint8_t op;
    bool is_method, is_test,
        is_source_decimal; /* literal written with a point: its source text is in `text` */
    bool
        is_optional; /* a.?name, a[?b]; a CALL without a name around a LIST element or MAP value written with `?` */
    uint16_t n;     /* args */
    uint16_t depth; /* of the tree below, 1 for a leaf; bounded, so walking may recurse */
    uint32_t at;    /* byte offset in the source */
    Str name;       /* identifier (".x" when written absolute), field, function ("math.abs"), macro */
    Str var, var2;  /* of a comprehension */
    Str text;       /* source text of a number literal */
    Val lit;
    CelNode **args;
    const struct CelFunction
        *function;       /* CALL: the first overload of that name after parsing, the one meant after
                                           cel_check when it could tell; NULL when unknown (cel/functions.h) */
    const CelType *type; /* set by cel_check; NULL before */
    uint32_t id;         /* 1.. in order of creation, unique in its tree */
};

/* --- types ----------------------------------------------------------------------------------------------------------- */
typedef enum CelKind {
    CEL_T_DYN,
    CEL_T_ERROR,
    CEL_T_NULL,
    CEL_T_BOOL,
    CEL_T_INT,
    CEL_T_UINT,
    CEL_T_DOUBLE,
    CEL_T_DECIMAL,
    CEL_T_MONEY,
    CEL_T_STRING,
    CEL_T_BYTES,
    CEL_T_DATE,
    CEL_T_TIME,
    CEL_T_TIMESTAMP,
    CEL_T_DURATION,
    CEL_T_ID /* also a reference */,
    CEL_T_LIST,
    CEL_T_MAP,
    CEL_T_TYPE,
    CEL_T_OBJECT,
    CEL_T_OPTIONAL,
} CelKind;

struct CelType {
    CelKind kind;
    const CelType *elem; /* LIST element, MAP value, OPTIONAL content */
    const CelType *key;  /* MAP key */
    Str object; /* OBJECT: its name; ID: what it refers to; INT: how people write it, "D-{0}"; or empty */
    const void *tag; /* the environment's own (a meta Object) */
};

extern const CelType cel_dyn, cel_bool, cel_int, cel_uint, cel_double, cel_decimal, cel_money, cel_string,
    cel_bytes, cel_date, cel_time, cel_timestamp, cel_duration, cel_id, cel_null, cel_type;
const CelType *cel_list_of(Arena *mem, const CelType *elem);
const CelType *cel_map_of(Arena *mem, const CelType *key, const CelType *elem);
Str cel_type_text(Arena *mem, const CelType *t);

/* --- environment: what names mean ------------------------------------------------------------------------------------ */
typedef struct CelEnv {
    void *arg;
    Str container; /* prefix tried before names, "a.b" */
    Str zone;      /* where a text literal beside a TIMESTAMP that is only a date starts; empty is UTC */
    /** Type of identifier `name`, NULL when unknown; `*why` may get an error (a field one may not read is unknown). */
    const CelType *(*ident)(void *arg, Str name);
    /** Type of `object.name` for an OBJECT (or an ID that refers to one), NULL when unknown. */
    const CelType *(*field)(void *arg, const CelType *object, Str name);
    bool is_dynamic; /* conformance mode: unknown identifiers are dyn, checker lenient */
} CelEnv;

/* --- phases ------------------------------------------------------------------------------------------------------------ */

/** Parses, expanding macros (has all exists exists_one map filter).  INVALID{error.cel.syntax} with the byte offset in
    `at`; LIMIT-like refusals (size, depth, nodes) are INVALID{error.cel.size}. */
MUST_CHECK Err *cel_parse(Arena *mem, Str source, CelNode **out);

/** Checks types in `env`, setting `type` on every node; INVALID{error.cel.type | error.cel.unknown}.  A number literal
    beside a DECIMAL or MONEY is decimal from its source text; text literals beside DATE, TIMESTAMP, ID and choice
    fields are converted.  `wanted` (or NULL) is the type the whole must have. */
MUST_CHECK Err *cel_check(Arena *mem, const CelEnv *env, CelNode *root, const CelType *wanted);

/* What evaluation asks the outside: values of identifiers and fields, the clock. */
typedef struct CelScope {
    void *arg;
    /** Value of identifier; false when unknown. */
    bool (*ident)(void *arg, Arena *mem, Str name, Val *out);
    /** Value of field `name` of `object` (a REF or ID the scope gave out); false when unknown.  Fields of a MAP are
        its text keys and are not asked for; a field of a null reference is null. */
    bool (*field)(void *arg, Arena *mem, Val object, Str name, Val *out);
    int64_t now_ms;
    Str zone;              /* IANA name for today() and getters without a zone; empty is UTC */
    int64_t me, my_team;   /* id of the current user and his team, 0 none */
    bool has_dotted_names; /* identifiers may be qualified ("a.b.c"): conformance only */
    Str container;         /* with dotted names: tried before them */
} CelScope;

/** Evaluates.  Absorbing && and ||; errors are INVALID{error.cel.eval} with `at`; cost above LIMIT_CEL_COST is
    LIMIT{error.cel.cost}. */
MUST_CHECK Err *cel_eval(Arena *mem, const CelNode *root, const CelScope *scope, Val *out);

/** The tree as source text again (canonical spacing), for logs and tests. */
Str cel_text(Arena *mem, const CelNode *root);

/** Calls `fn` on every node, parents first. */
void cel_walk(CelNode *root, void (*fn)(CelNode *node, void *arg), void *arg);

/* What Kith adds to the standard (all functions with their kinds and a line of help: cel/functions.h):
   fold(string) string; orValue(x, default) x; today() date; now timestamp (identifier, also now()); me() id; my_team() id;
   date(string|timestamp) date; timestamp(date) its start; days(int) duration of whole days: date +/- days(n) is a date,
   date - date a duration; decimal(string|int) decimal; money(string|int|decimal, currency) money; amount(money) decimal;
   currency(money) string; math.round(decimal|money, places).
   Whole numbers and decimals mix and give a decimal; money adds and compares with money and bare literals only, multiplies
   and divides with int and decimal, money / money is a decimal.  A date beside a timestamp is wrapped in timestamp().
   The strings, math, lists, sets, encoders, optional, bindings and two-variable extensions are in. */
