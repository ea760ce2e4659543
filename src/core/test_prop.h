/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/test_store.h"

/* Chance for property tests: numbers from one seed, records with a third of all values null, expressions that fit their
   types. */

typedef struct Prop {
    uint64_t state;
} Prop;

/** Starts from the seed of the day, or $KITH_SEED, and prints it. */
Prop prop_start(void);
/** Below `n`; `n` above 0. */
unsigned prop_below(Prop *p, unsigned n);
bool prop_one_in(Prop *p, unsigned n);

/* Ids of records by object number: what references may lead to. */
typedef struct PropPool {
    struct PropIds {
        Id *p;
        size_t n, cap;
    } ids[1024];
} PropPool;

void prop_pool_add(Arena *mem, PropPool *pool, const Object *obj, Id id);
/** All live records of `object` in order of id, at most `max`. */
MUST_CHECK Err *prop_pool_load(Ctx *cx, PropPool *pool, const char *object, size_t max);
/** The moment values gather around: late in the evening of UTC, when it is tomorrow already in Moscow. */
#define PROP_NOW INT64_C(1793832300000)

/** A random value of `f`, null when it has nothing to choose from; never null when `is_needed`. */
Val prop_value(Arena *mem, Prop *p, const PropPool *pool, const Field *f, bool is_needed);
/** Gives about `share` in 8 of the fields a person may set a random value, a third of them null. */
void prop_fill(Arena *mem, Prop *p, const PropPool *pool, Record *rec, unsigned share);

/** Rates, teams, users and some seventy records of each business object, with ids from `first_id`; the same in every store
    for the same state of `p`. */
MUST_CHECK Err *prop_world(Ctx *cx, Prop *p, PropPool *pool, size_t per_object);

/** A random condition over records of `obj`, about `depth` operators deep. */
Str prop_condition(Arena *mem, Prop *p, const Object *obj, unsigned depth);
/** A random scalar of kind `kind`. */
Str prop_scalar(Arena *mem, Prop *p, const Object *obj, CelKind kind, unsigned depth);
