/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

typedef enum TotalKind { TOTAL_NONE, TOTAL_EXACT, TOTAL_FAST } TotalKind;

typedef struct OrderTerm {
    Field *field;
    bool is_descending;
} OrderTerm;

typedef struct Query {
    const Object *obj;
    CelNode *filter; /* checked tree, NULL all */
    Str filter_text, order_text;
    OrderTerm order[4];
    size_t n_order; /* the id is always last */
    Str search;     /* quick search of the list: words in the searchable fields */
    size_t limit;
    Str page_token;
    TotalKind total;
    bool is_deleted;     /* the bin */
    const uint8_t *only; /* fields to read, by index; NULL all */
} Query;

typedef struct Page {
    Record **recs;
    size_t n;
    Str next_token; /* empty: last page */
    int64_t total;  /* -1 not asked */
} Page;

/** Fills filter and order of `q` from text, checked against what the actor may read (a hidden field is answered like an
    unknown one). */
MUST_CHECK Err *query_parse(Ctx *cx, const Object *obj, Str filter, Str order_by, Query *q);
/** One page, under the actor's rights, live or as of cx->as_of. */
MUST_CHECK Err *record_list(Ctx *cx, Query *q, Page *out);
MUST_CHECK Err *record_count(Ctx *cx, const Query *q, int64_t max, int64_t *out);
/** Ids only, at most `max` (0: all): mass work. */
MUST_CHECK Err *record_ids(Ctx *cx, const Query *q, size_t max, Id **ids, size_t *n);

typedef enum MeasureOp { MEASURE_COUNT = 1, MEASURE_SUM, MEASURE_AVG, MEASURE_MIN, MEASURE_MAX } MeasureOp;
typedef struct Measure {
    MeasureOp op;
    Field *field; /* NULL for count() */
    Str text;     /* as asked: the key in the reply */
} Measure;
typedef enum Bucket {
    BUCKET_NONE,
    BUCKET_DAY,
    BUCKET_WEEK,
    BUCKET_MONTH,
    BUCKET_QUARTER,
    BUCKET_YEAR
} Bucket;
typedef struct Group {
    Field *field;
    CelNode *path; /* to a field of a referred record (account.industry); NULL for one of its own */
    Bucket bucket;
    Str text;
} Group;
typedef struct Aggregate {
    Query query;
    Group groups[3];
    size_t n_groups;
    Measure measures[8];
    size_t n_measures;
    bool
        is_narrow; /* the filter takes few records by its index: none is walked for the order of the groups */
} Aggregate;
typedef struct AggregateRow {
    Val groups[3];
    Val measures[8];
} AggregateRow;

MUST_CHECK Err *aggregate_parse(Ctx *cx, Aggregate *a, Str group_by, Str measures);
MUST_CHECK Err *record_aggregate(Ctx *cx, Aggregate *a, AggregateRow **rows, size_t *n);
