/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"
#include "base/id.h"
#include "core/match/similar.h"

/* Which rows of a table tell of the same person or company.  Probabilistic record linkage: each feature two rows agree or
   differ in is evidence, weighed by how often it is so among rows that are the same (m) and among any two rows (u); Fellegi and
   Sunter, "A Theory for Record Linkage", JASA 64 (1969).  The weights are learnt from the rows themselves by expectation
   and maximization (Winkler 1988), so no pair has to be labelled by hand. */

#define FEATURES_MAX 20

typedef enum FeatureKind {
    FEATURE_TEXT,
    FEATURE_TITLE, /* what a company or a thing is called */
    FEATURE_NAME,  /* parts of a person's name: may stand in each other's place */
    FEATURE_CODE,  /* dates, post codes, numbers */
    FEATURE_LIST,  /* several values, '\n' between */
    FEATURE_PLACE, /* where it is: many may be there */
    FEATURE_POST,  /* the post code of that place */
} FeatureKind;

typedef struct Weights {
    size_t n; /* features */
    FeatureKind kinds[FEATURES_MAX];
    double m[FEATURES_MAX][LIKE_COUNT], u[FEATURES_MAX][LIKE_COUNT];
    double prior; /* that any two rows are the same */
} Weights;

/** Weights to begin with, before anything is learnt: what names, dates and numbers of people are usually worth. */
void weights_default(Weights *w, const FeatureKind *kinds, size_t n);
/** Probability that two rows with these likenesses are the same; `rarity[i]`, when not NULL and not 0, is the share of
    rows that hold the value both have (a rare name says more).  One house holds many: a place says nothing for a match
    when the names have nothing in common. */
double weights_score(const Weights *w, const Likeness *alike, const double *rarity);
/** Likeness of each feature of two rows, with name parts in each other's place looked for. */
void rows_compare(const Weights *w, const Str *a, const Str *b, Likeness *out);

/* All rows of a table at once: in memory, about 100 bytes a row of ten features beside its different values. */
typedef struct Linkage Linkage;
/** The memory goes with `mem`. */
Linkage *linkage_new(Arena *mem, const FeatureKind *kinds, size_t n);
/** `values[n]` folded and in Latin letters; empty where there is none. */
void linkage_add(Linkage *l, Id id, const Str *values);

/** Id of the row added as number `row`, from 0. */
Id linkage_id(const Linkage *l, uint32_t row);

typedef struct Pair {
    uint32_t a, b; /* rows in the order they were added */
    float score;   /* probability */
} Pair;

typedef struct Cluster {
    const Id *ids;
    size_t n;
    float score; /* of the weakest link that joins it */
} Cluster;

/** Learns the weights; those to begin with when there are fewer than 50 rows. */
void linkage_learn(Linkage *l, Weights *out);
/** Pairs that are the same with at least `least` probability, the surest first. */
MUST_CHECK Err *linkage_pairs(Linkage *l, const Weights *w, double least, Pair **out, size_t *n);
/** Joins pairs into clusters; two clusters join only when at least half of the pairs between them are among `pairs`, so that
    a chain of weak likenesses gathers no crowd.  The surest cluster first. */
void linkage_clusters(Linkage *l, const Pair *pairs, size_t n, Cluster **out, size_t *n_out);
