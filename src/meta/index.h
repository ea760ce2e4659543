/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "meta/meta.h"

/* Indexes an object's tables should have.  Internal to meta. */

typedef struct WantedIndex {
    Str name, table;
    Str *columns;
    size_t n;
    Str where; /* SQL, empty when whole */
    bool is_unique;
} WantedIndex;

typedef struct IndexList {
    WantedIndex *p;
    size_t n, cap;
} IndexList;

/** Name in the database of a declared index: changes whenever its definition does, at most 60 bytes. */
Str index_db_name(Arena *mem, const Object *obj, const Index *ix);
/** All indexes of the live and the past table. */
IndexList object_indexes(Arena *mem, const Object *obj);
/** SQL of a unique rule's filter: `&&` of own scalar fields compared with constants.  NULL-safe, as CEL has it.
    False when the filter says more than that. */
bool index_filter_sql(Arena *mem, const Object *obj, const CelNode *filter, Str *out);
