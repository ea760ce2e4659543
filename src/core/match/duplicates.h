/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/match/features.h"
#include "core/module.h"
#include "core/store.h"

/* Records that are likely the same.  Pairs are kept in table `duplicate`: a write brings those of its record up to date by what
   both hold exactly (phone, e-mail, identifier, name without legal form in any alphabet); a scan of all records also finds
   what is written with slips, and learns the weights. */

#define DUPLICATE_LEAST 0.5 /* probability from which two records are shown as likely the same */

typedef enum DuplicateState { DUPLICATE_OPEN = 1, DUPLICATE_DISMISSED, DUPLICATE_MERGED } DuplicateState;

typedef struct Likely {
    Record *rec;
    double score;         /* probability */
    const Field **fields; /* in which they are alike */
    size_t n_fields;
} Likely;

/** Records like `rec` (stored, or only filled in) as far as the actor may see them, at most `limit`, the surest first. */
MUST_CHECK Err *duplicates_like(Ctx *cx, const Record *rec, size_t limit, Likely **out, size_t *n);

/** Sets is_met[i] where recs[i] (all of one object) holds something a stored record holds too: the others have nobody like them. */
MUST_CHECK Err *duplicates_met(Ctx *cx, Record *const *recs, size_t n, uint8_t *is_met);

/** In the write of `rec`: brings its open pairs up to date; `before` NULL when it is new or comes back. */
MUST_CHECK Err *duplicates_put(Ctx *cx, const Record *rec, const Record *before);
/** The record goes: so do its open pairs. */
MUST_CHECK Err *duplicates_remove(Ctx *cx, const Record *rec);

typedef struct DuplicateScan {
    Store *store;
    Arena *mem;
    const Object *obj;
    double least;
    bool keeps; /* the pairs found and the weights learnt are stored */
    Err *(*progress)(void *arg, int64_t done, int64_t total); /* may be NULL; an error from it stops */
    void *arg;
    Cluster *clusters; /* result, the surest first */
    size_t n;
} DuplicateScan;
/** Compares all live records of `scan->obj` as the system; in memory, in chunks of reads. */
MUST_CHECK Err *duplicates_scan(DuplicateScan *scan);

typedef struct DuplicateGroup {
    Record **recs; /* at least two */
    size_t n;
    double score; /* of the surest pair */
    Id batch;     /* of the merge, for groups that were merged */
} DuplicateGroup;
/** Groups of pairs in `state`, the surest first, of records the actor may see, from the `skip`th; `*total` is how many there
    are among the DUPLICATE_SHOWN surest pairs. */
#define DUPLICATE_SHOWN 2000
MUST_CHECK Err *duplicates_list(Ctx *cx, const Object *obj, DuplicateState state, size_t skip, size_t limit,
                                DuplicateGroup **out, size_t *n, size_t *total);
/** Marks all pairs among `ids` with `state` (dismissed: not the same; open: looked at again; merged: with their batch). */
MUST_CHECK Err *duplicates_mark(Ctx *cx, const Object *obj, const Id *ids, size_t n, DuplicateState state);

/** The jobs of scanning and of merging in bulk. */
extern const Module mod_match;
