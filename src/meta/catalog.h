/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "db/db.h"
#include "meta/meta.h"

/* What a database has: tables with their columns, and indexes.  Internal to meta. */

typedef struct TableInfo {
    Str name;
    StrMap columns; /* -> ColumnType *, NULL type value when it is none of ours */
    StrMap indexes; /* -> Str * (its own name) */
} TableInfo;

typedef struct Catalog {
    StrMap tables;  /* -> TableInfo * */
    bool is_strict; /* DB_CAP_STRICT_TABLES */
} Catalog;

MUST_CHECK Err *catalog_read(Arena *mem, DbConn *c, Catalog *out);
TableInfo *catalog_table(const Catalog *cat, Str name); /* NULL when absent */
/** Type of a column of the table; false when absent. */
bool table_column(const TableInfo *table, Str name, ColumnType *out);
