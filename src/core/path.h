/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/query.h"

/* The way a list is read on SQLite, which knows nothing of how many rows a value has. */
typedef struct Path {
    Str index;          /* to be named in INDEXED BY; empty: the planner's choice */
    Str past;           /* instead, for a list of the past: the column whose indexes both tables have */
    bool is_people;     /* from the ids of the actor's people and teams */
    bool is_few;        /* few rows, to be sorted: values and nulls in one go */
    bool is_by_row;     /* related records are looked up row by row (compile_row_filter) ... */
    const CelNode *set; /* ... but for this comparison, which gives the way */
} Path;

/** Chooses by counting: a condition (or the rights) that few rows meet gives the way, else the index of the order, which
    ends as soon as the page is full.  Of the past only the index of the
    order.  Nothing is chosen on PostgreSQL, for the bin and a text search. */
MUST_CHECK Err *path_choose(Ctx *cx, const Query *q, Path *out);
/** Appends what stands after FROM for alias t0. */
MUST_CHECK Err *path_source(Ctx *cx, Sql *sql, const Query *q, const Path *path);
