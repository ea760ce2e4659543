/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads the catalogue of a database: pragma functions where tables are STRICT, pg_catalog elsewhere.  Only what a plan
 * compares is kept. */

#include "meta/catalog.h"

#define STRICT_COLUMNS \
    "SELECT m.name, p.name, p.type FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'"
#define STRICT_INDEXES "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
#define OTHER_COLUMNS                                                                                                       \
    "SELECT t.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid " \
    "WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped"
#define OTHER_INDEXES "SELECT tablename, indexname FROM pg_indexes WHERE schemaname = current_schema()"

static ColumnType type_from(Str name)
{
    static const struct {
        Str name;
        ColumnType type;
    } TYPES[] = {{S_INIT("integer"), COLUMN_INT},
                 {S_INIT("bigint"), COLUMN_INT},
                 {S_INIT("text"), COLUMN_TEXT},
                 {S_INIT("blob"), COLUMN_BYTES},
                 {S_INIT("bytea"), COLUMN_BYTES}};

    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        if (str_eq_nocase(name, TYPES[i].name)) return TYPES[i].type;
    }
    return 0;
}

static TableInfo *table_of(Arena *mem, Catalog *cat, Str name)
{
    TableInfo *table = strmap_get(&cat->tables, name);

    if (table) return table;
    table = NEW(mem, TableInfo);
    table->name = str_copy(mem, name);
    strmap_put(mem, &cat->tables, table->name, table);
    return table;
}

static Err *read_columns(Arena *mem, DbConn *c, Catalog *cat)
{
    DbRows *rows = NULL;
    bool has_row = false;

    TRY(db_query(mem, c, cat->is_strict ? S(STRICT_COLUMNS) : S(OTHER_COLUMNS), NULL, 0, &rows));
    for (;;) {
        ColumnType *type = NULL;

        TRY(db_next(rows, &has_row));
        if (!has_row) return NULL;
        type = NEW(mem, ColumnType);
        *type = type_from(db_str(rows, 2));
        strmap_put(mem, &table_of(mem, cat, db_str(rows, 0))->columns, str_copy(mem, db_str(rows, 1)), type);
    }
}

static Err *read_indexes(Arena *mem, DbConn *c, Catalog *cat)
{
    DbRows *rows = NULL;
    bool has_row = false;

    TRY(db_query(mem, c, cat->is_strict ? S(STRICT_INDEXES) : S(OTHER_INDEXES), NULL, 0, &rows));
    for (;;) {
        Str *name = NULL;

        TRY(db_next(rows, &has_row));
        if (!has_row) return NULL;
        name = NEW(mem, Str);
        *name = str_copy(mem, db_str(rows, 1));
        strmap_put(mem, &table_of(mem, cat, db_str(rows, 0))->indexes, *name, name);
    }
}

Err *catalog_read(Arena *mem, DbConn *c, Catalog *out)
{
    *out = (Catalog){.is_strict = db_conn_can(c, DB_CAP_STRICT_TABLES)};
    TRY(read_columns(mem, c, out));
    return read_indexes(mem, c, out);
}

TableInfo *catalog_table(const Catalog *cat, Str name)
{
    return strmap_get(&cat->tables, name);
}

bool table_column(const TableInfo *table, Str name, ColumnType *out)
{
    const ColumnType *type = table ? strmap_get(&table->columns, name) : NULL;

    if (type) *out = *type;
    return type != NULL;
}
