/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The difference between the metadata and a database, as steps.  Nothing is ever dropped but indexes: a column whose field
 * is gone is renamed to hidden_NAME, so that a plan after an apply is empty, no value is lost, and a field that comes back
 * finds its values again.  The kind of database is asked only as a capability. */

#include "meta/schema.h"

#include "meta/catalog.h"
#include "meta/index.h"
#include "meta/yaml.h"

#define HIDDEN S("hidden_")

typedef struct Plan {
    Arena *mem;
    DbConn *conn;
    const Meta *meta;
    Catalog cat;
    VEC(SchemaStep) steps;
    Err *problems;
} Plan;

/* One column of a wanted table. */
typedef struct WantedColumn {
    Column column;
    const Field *field; /* NULL for valid_from, valid_until */
} WantedColumn;

typedef struct WantedTable {
    Str name;
    const Object *obj;
    bool is_past;
    VEC(WantedColumn) columns;
} WantedTable;

const char *step_kind_name(StepKind kind)
{
    static const char *const NAMES[] = {"",           "create table", "add column",    "create index",
                                        "drop index", "hide column",  "add references"};

    return NAMES[kind];
}

static SchemaStep *add_step(Plan *pl, StepKind kind, Str table, Str name, const Sql *sql)
{
    SchemaStep *step = vec_push(pl->mem, &pl->steps);

    *step = (SchemaStep){.kind = kind, .table = table, .name = name, .sql = buf_str(&sql->text)};
    return step;
}

/* 1200 -> "1,200" */
static Str grouped(Arena *mem, int64_t n)
{
    Str digits = str_fmt(mem, "%lld", (long long)n);
    Buf b = buf_new(mem, 64);

    for (size_t i = 0; i < digits.n; i++) {
        if (i && (digits.n - i) % 3 == 0) buf_add_c(&b, ',');
        buf_add_c(&b, digits.p[i]);
    }
    return buf_str(&b);
}

static Err *count_rows(Plan *pl, Str table, Str column, int64_t *out)
{
    Sql q = sql_new(pl->mem);
    Val v = {0};

    sql_text(&q, "SELECT count(");
    if (column.n)
        sql_ident(&q, column);
    else
        sql_text(&q, "*");
    sql_text(&q, ") FROM ");
    sql_ident(&q, table);
    TRY(db_one(pl->mem, pl->conn, buf_str(&q.text), NULL, 0, &v));
    *out = v.i;
    return NULL;
}

/* --- tables and columns ------------------------------------------------------------------------------------------------ */

static void type_sql(const Plan *pl, Sql *q, ColumnType type)
{
    switch (type) {
    case COLUMN_INT:
        if (pl->cat.is_strict)
            sql_text(q, " INTEGER");
        else
            sql_text(q, " bigint");
        break;
    case COLUMN_TEXT:
        if (pl->cat.is_strict)
            sql_text(q, " TEXT");
        else
            sql_text(q, " text COLLATE \"C\"");
        break;
    case COLUMN_BYTES:
        if (pl->cat.is_strict)
            sql_text(q, " BLOB");
        else
            sql_text(q, " bytea");
        break;
    }
}

/* Who wrote a record is always a user that exists; a constraint would cost every write for nothing. */
static const Object *foreign_target(const WantedColumn *col)
{
    const Field *f = col->field;

    if (!f || col->column.role != COLUMN_VALUE || !f->target || f->is_computed) return NULL;
    if (str_eq(f->name, S("id")) || str_eq(f->name, S("created_by")) || str_eq(f->name, S("updated_by")))
        return NULL;
    return f->target;
}

static void references_sql(Sql *q, const Object *target)
{
    sql_text(q, " REFERENCES ");
    sql_ident(q, target->table);
    sql_text(q, " (\"id\") DEFERRABLE INITIALLY DEFERRED");
}

static bool is_never_null(const WantedTable *t, Str name)
{
    static const Str NAMES[] = {S_INIT("version"), S_INIT("created_at"), S_INIT("updated_at"),
                                S_INIT("valid_from"), S_INIT("valid_until")};

    if (t->is_past && str_eq(name, S("id"))) return true;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (str_eq(name, NAMES[i])) return true;
    }
    return false;
}

static void column_sql(const Plan *pl, Sql *q, const WantedTable *t, const WantedColumn *col,
                       bool with_reference)
{
    const Object *target = t->is_past ? NULL : foreign_target(col);

    sql_ident(q, col->column.name);
    type_sql(pl, q, col->column.type);
    if (!t->is_past && str_eq(col->column.name, S("id")))
        sql_text(q, " PRIMARY KEY");
    else if (is_never_null(t, col->column.name))
        sql_text(q, " NOT NULL");
    if (target && with_reference) references_sql(q, target);
}

static void wanted_columns(Plan *pl, WantedTable *t)
{
    for (size_t i = 0; i < t->obj->n_fields; i++) {
        Column columns[FIELD_COLUMNS_MAX];
        const Field *f = &t->obj->fields[i];
        size_t n = t->is_past && !field_in_past(f) ? 0 : field_columns(f, columns);

        for (size_t j = 0; j < n; j++) {
            *vec_push(pl->mem, &t->columns) = (WantedColumn){.column = columns[j], .field = f};
        }
    }
    /* A live row stands since valid_from; roll-ups move it without touching updated_at. */
    *vec_push(pl->mem, &t->columns) = (WantedColumn){.column = {.name = S("valid_from"), .type = COLUMN_INT}};
    if (!t->is_past) return;
    *vec_push(pl->mem, &t->columns) =
        (WantedColumn){.column = {.name = S("valid_until"), .type = COLUMN_INT}};
}

static WantedTable wanted_table(Plan *pl, const Object *obj, bool is_past)
{
    WantedTable t = {.obj = obj, .is_past = is_past};

    t.name = is_past ? str_cat(pl->mem, obj->table, S("_past")) : obj->table;
    wanted_columns(pl, &t);
    return t;
}

static void create_table(Plan *pl, const WantedTable *t)
{
    Sql q = sql_new(pl->mem);

    sql_text(&q, "CREATE TABLE ");
    sql_ident(&q, t->name);
    sql_text(&q, " (");
    for (size_t i = 0; i < t->columns.n; i++) {
        if (i) sql_text(&q, ", ");
        column_sql(pl, &q, t, &t->columns.p[i], pl->cat.is_strict);
    }
    if (t->is_past) sql_text(&q, ", PRIMARY KEY (\"id\", \"valid_until\", \"version\")");
    sql_text(&q, ")");
    if (pl->cat.is_strict) sql_text(&q, " STRICT");
    add_step(pl, STEP_CREATE_TABLE, t->name, (Str){0}, &q);
}

/* Where references cannot stand before their target exists they come after all tables. */
static void add_references(Plan *pl, const WantedTable *t)
{
    Sql q = sql_new(pl->mem);
    size_t n = 0;

    sql_text(&q, "ALTER TABLE ");
    sql_ident(&q, t->name);
    for (size_t i = 0; i < t->columns.n; i++) {
        const Object *target = foreign_target(&t->columns.p[i]);

        if (!target) continue;
        if (n++) sql_text(&q, ",");
        sql_text(&q, " ADD FOREIGN KEY (");
        sql_ident(&q, t->columns.p[i].column.name);
        sql_text(&q, ")");
        references_sql(&q, target);
    }
    if (n) add_step(pl, STEP_ADD_REFERENCES, t->name, (Str){0}, &q);
}

static void rename_column(Sql *q, Str table, Str from, Str to)
{
    sql_text(q, "ALTER TABLE ");
    sql_ident(q, table);
    sql_text(q, " RENAME COLUMN ");
    sql_ident(q, from);
    sql_text(q, " TO ");
    sql_ident(q, to);
}

/* Columns that follow from others must be filled where there are records already. */
static Err *fill_cost(Plan *pl, const WantedTable *t, const WantedColumn *col, SchemaStep *step)
{
    int64_t n = 0;
    bool is_derived = col->field && (col->field->is_computed || col->column.role == COLUMN_FOLD ||
                                     col->column.role == COLUMN_KEY || col->column.role == COLUMN_BASE);

    if (!is_derived || t->is_past) return NULL;
    TRY(count_rows(pl, t->name, (Str){0}, &n));
    if (n) step->cost = str_fmt(pl->mem, "computes %.*s rows", SFMT(grouped(pl->mem, n)));
    return NULL;
}

static Err *add_column(Plan *pl, const WantedTable *t, const WantedColumn *col)
{
    Sql q = sql_new(pl->mem);

    sql_text(&q, "ALTER TABLE ");
    sql_ident(&q, t->name);
    sql_text(&q, " ADD COLUMN ");
    column_sql(pl, &q, t, col, true);
    return fill_cost(pl, t, col, add_step(pl, STEP_ADD_COLUMN, t->name, col->column.name, &q));
}

static Err *show_column(Plan *pl, const WantedTable *t, const WantedColumn *col, Str hidden)
{
    Sql q = sql_new(pl->mem);
    int64_t n = 0;

    TRY(count_rows(pl, t->name, hidden, &n));
    rename_column(&q, t->name, hidden, col->column.name);
    SchemaStep *step = add_step(pl, STEP_ADD_COLUMN, t->name, col->column.name, &q);

    if (n) step->cost = str_fmt(pl->mem, "shows %.*s values again", SFMT(grouped(pl->mem, n)));
    return NULL;
}

static Err *compare_column(Plan *pl, const WantedTable *t, const TableInfo *there, const WantedColumn *col)
{
    Str hidden = str_cat(pl->mem, HIDDEN, col->column.name);
    ColumnType type = 0;

    if (!table_column(there, col->column.name, &type)) {
        if (table_column(there, hidden, &type) && type == col->column.type)
            return show_column(pl, t, col, hidden);
        return add_column(pl, t, col);
    }
    if (type != col->column.type) {
        err_add(&pl->problems,
                yaml_problem_at(pl->mem, col->field ? col->field->file : t->obj->file,
                                col->field ? col->field->line : 1, "error.meta.column",
                                "column %.*s.%.*s holds another type: give the field a new name",
                                SFMT(t->name), SFMT(col->column.name)));
    }
    return NULL;
}

static bool is_wanted(const WantedTable *t, Str column)
{
    for (size_t i = 0; i < t->columns.n; i++) {
        if (str_eq(t->columns.p[i].column.name, column)) return true;
    }
    return str_starts(column, HIDDEN);
}

static Err *hide_column(Plan *pl, const WantedTable *t, Str column)
{
    Sql q = sql_new(pl->mem);
    int64_t n = 0;

    TRY(count_rows(pl, t->name, column, &n));
    rename_column(&q, t->name, column, str_cat(pl->mem, HIDDEN, column));
    SchemaStep *step = add_step(pl, STEP_HIDE_COLUMN, t->name, column, &q);

    if (n) step->loss = str_fmt(pl->mem, "hides %.*s values", SFMT(grouped(pl->mem, n)));
    return NULL;
}

static Err *compare_table(Plan *pl, const WantedTable *t, const TableInfo *there)
{
    for (size_t i = 0; i < t->columns.n; i++) TRY(compare_column(pl, t, there, &t->columns.p[i]));
    for (size_t i = 0; i < there->columns.n; i++) {
        Str column = there->columns.entries[i].key;

        if (!is_wanted(t, column)) TRY(hide_column(pl, t, column));
    }
    return NULL;
}

static Err *plan_tables(Plan *pl)
{
    for (size_t i = 0; i < pl->meta->n_objects; i++) {
        for (int is_past = 0; is_past < 2; is_past++) {
            WantedTable t = wanted_table(pl, pl->meta->objects[i], is_past);
            const TableInfo *there = catalog_table(&pl->cat, t.name);

            if (there)
                TRY(compare_table(pl, &t, there));
            else
                create_table(pl, &t);
        }
    }
    return NULL;
}

static void plan_references(Plan *pl)
{
    for (size_t i = 0; !pl->cat.is_strict && i < pl->meta->n_objects; i++) {
        WantedTable t = wanted_table(pl, pl->meta->objects[i], false);

        if (!catalog_table(&pl->cat, t.name)) add_references(pl, &t);
    }
}

/* --- indexes ------------------------------------------------------------------------------------------------------------- */

static Err *create_index(Plan *pl, const WantedIndex *ix)
{
    Sql q = sql_new(pl->mem);
    int64_t n = 0;

    if (ix->is_unique)
        sql_text(&q, "CREATE UNIQUE INDEX ");
    else
        sql_text(&q, "CREATE INDEX ");
    sql_ident(&q, ix->name);
    sql_text(&q, " ON ");
    sql_ident(&q, ix->table);
    sql_text(&q, " (");
    for (size_t i = 0; i < ix->n; i++) {
        if (i) sql_text(&q, ", ");
        sql_ident(&q, ix->columns[i]);
    }
    sql_text(&q, ")");
    if (ix->where.n) {
        sql_text(&q, " WHERE ");
        buf_add(&q.text, ix->where);
    }
    SchemaStep *step = add_step(pl, STEP_CREATE_INDEX, ix->table, ix->name, &q);

    if (!catalog_table(&pl->cat, ix->table)) return NULL;
    TRY(count_rows(pl, ix->table, (Str){0}, &n));
    if (n) step->cost = str_fmt(pl->mem, "reads %.*s rows", SFMT(grouped(pl->mem, n)));
    return NULL;
}

static void drop_index(Plan *pl, Str table, Str name)
{
    Sql q = sql_new(pl->mem);

    sql_text(&q, "DROP INDEX ");
    sql_ident(&q, name);
    add_step(pl, STEP_DROP_INDEX, table, name, &q);
}

static bool is_in(const IndexList *list, Str name, size_t before)
{
    for (size_t i = 0; i < before; i++) {
        if (str_eq(list->p[i].name, name)) return true;
    }
    return false;
}

static void drop_unwanted(Plan *pl, const IndexList *wanted, Str table)
{
    const TableInfo *there = catalog_table(&pl->cat, table);

    for (size_t i = 0; there && i < there->indexes.n; i++) {
        Str name = there->indexes.entries[i].key;
        bool is_ours = str_starts(name, S("ix_")) || str_starts(name, S("ux_"));

        if (is_ours && !is_in(wanted, name, wanted->n)) drop_index(pl, table, name);
    }
}

static void plan_drops(Plan *pl)
{
    for (size_t i = 0; i < pl->meta->n_objects; i++) {
        const Object *obj = pl->meta->objects[i];
        IndexList wanted = object_indexes(pl->mem, obj);

        drop_unwanted(pl, &wanted, obj->table);
        drop_unwanted(pl, &wanted, str_cat(pl->mem, obj->table, S("_past")));
    }
}

static Err *plan_indexes(Plan *pl)
{
    for (size_t i = 0; i < pl->meta->n_objects; i++) {
        IndexList wanted = object_indexes(pl->mem, pl->meta->objects[i]);

        for (size_t j = 0; j < wanted.n; j++) {
            const TableInfo *there = catalog_table(&pl->cat, wanted.p[j].table);
            bool exists = there && strmap_get(&there->indexes, wanted.p[j].name);

            if (!exists && !is_in(&wanted, wanted.p[j].name, j)) TRY(create_index(pl, &wanted.p[j]));
        }
    }
    return NULL;
}

Err *schema_plan(Arena *mem, DbConn *c, const Meta *meta, SchemaPlan *out)
{
    Plan pl = {.mem = mem, .conn = c, .meta = meta};

    *out = (SchemaPlan){0};
    TRY(catalog_read(mem, c, &pl.cat));
    plan_drops(&pl);
    TRY(plan_tables(&pl));
    plan_references(&pl);
    TRY(plan_indexes(&pl));
    if (pl.problems) return pl.problems;
    *out = (SchemaPlan){.steps = pl.steps.p, .n = pl.steps.n};
    return NULL;
}

Err *schema_apply(Arena *mem, DbConn *c, const SchemaPlan *plan)
{
    db_set_budget(c, 0); /* an index of millions takes its time, and nothing is served before it */
    for (size_t i = 0; i < plan->n; i++) TRY(db_exec(mem, c, plan->steps[i].sql, NULL, 0, NULL));
    return NULL;
}
