/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plan and apply on both databases: idempotent, additive, nothing lost. */
#include "meta/schema.h"

#include "base/tap.h"
#include "db/test_db.h"

#define L(en) "{en: " en ", ru: " en ", pl: " en "}"
#define HEAD(name, number) \
    "object: " name "\n"   \
    "number: " number "\nplural: " name "s\nlabel: " L("X") "\nlabel_plural: " L("X") "\nfields:\n"
#define FIELD(name, rest) "  " name ": {label: " L("F") ", " rest "}\n"
#define USER              HEAD("user", "20") FIELD("name", "type: text")

typedef struct Migration {
    Arena *mem;
    const Meta *meta;
    SchemaPlan plan;
    Err *problem;
    bool is_dry;
} Migration;

static Err *migrate_unit(DbConn *c, void *arg)
{
    Migration *m = arg;

    m->problem = schema_plan(m->mem, c, m->meta, &m->plan);
    return m->is_dry || m->problem ? NULL : schema_apply(m->mem, c, &m->plan);
}

static Migration migration(Arena *mem, Db *db, const Meta *meta, bool is_dry)
{
    Migration m = {.mem = mem, .meta = meta, .is_dry = is_dry};

    CHECK_OK(db_write(db, mem, migrate_unit, &m));
    return m;
}

static SchemaPlan migrate(Arena *mem, Db *db, const Meta *meta, bool is_dry)
{
    Migration m = migration(mem, db, meta, is_dry);

    CHECK_OK(m.problem);
    return m.plan;
}

static Meta *load(Arena *mem, const char *thing)
{
    const MetaSource files[] = {{.path = S("user.yaml"), .text = S(USER)},
                                {.path = S("thing.yaml"), .text = str_c(thing)}};
    Meta *meta = NULL;

    CHECK_OK(meta_load(mem, files, 2, &meta));
    return meta;
}

typedef struct Statement {
    Arena *mem;
    const char *sql;
    int64_t value;
} Statement;

static Err *statement_unit(DbConn *c, void *arg)
{
    Statement *st = arg;
    Val v = {0};

    TRY(db_one(st->mem, c, str_c(st->sql), NULL, 0, &v));
    st->value = v.kind == VAL_INT ? v.i : -1;
    return NULL;
}

static Err *script_unit(DbConn *c, void *arg)
{
    Statement *st = arg;

    return db_script(st->mem, c, str_c(st->sql));
}

static void run(Arena *mem, Db *db, const char *sql)
{
    Statement st = {.mem = mem, .sql = sql};

    CHECK_OK(db_write(db, mem, script_unit, &st));
}

static Err *try_sql(Arena *mem, Db *db, const char *sql)
{
    Statement st = {.mem = mem, .sql = sql};

    return db_write(db, mem, statement_unit, &st);
}

static int64_t number(Arena *mem, Db *db, const char *sql)
{
    Statement st = {.mem = mem, .sql = sql};

    CHECK_OK(db_write(db, mem, statement_unit, &st));
    return st.value;
}

TEST_DB(builtin_plan_apply_plan_is_empty)
{
    size_t n = 0;
    const MetaSource *files = meta_builtin(mem, &n);
    Meta *meta = NULL;

    CHECK_OK(meta_load(mem, files, n, &meta));
    CHECK(migrate(mem, db, meta, false).n > 2 * meta->n_objects);
    SchemaPlan again = migrate(mem, db, meta, true);

    CHECK_EQ_INT(again.n, 0);
    for (size_t i = 0; i < again.n && i < 5; i++) printf("# %.*s\n", SFMT(again.steps[i].sql));
}

#define PLAIN \
    HEAD("thing", "1") FIELD("a", "type: text") FIELD("m", "type: money") FIELD("user", "type: user")
#define ROWS                                                                                                                 \
    "INSERT INTO \"user\" (id, version, valid_from, created_at, updated_at) VALUES (7, 1, 0, 0, 0);"                         \
    "INSERT INTO thing (id, version, valid_from, created_at, updated_at, a, m, \"user\") VALUES (1, 1, 0, 0, 0, 'x', 5, 7);" \
    "INSERT INTO thing (id, version, valid_from, created_at, updated_at, a) VALUES (2, 1, 0, 0, 0, 'y');"                    \
    "INSERT INTO thing (id, version, valid_from, created_at, updated_at) VALUES (3, 1, 0, 0, 0)"

TEST_DB(an_added_field_is_one_step)
{
    (void)migrate(mem, db, load(mem, PLAIN), false);
    run(mem, db, ROWS);
    Meta *more = load(mem, PLAIN FIELD("b", "type: longtext"));
    SchemaPlan plan = migrate(mem, db, more, false);

    NEED(plan.n == 1);
    CHECK_EQ_INT(plan.steps[0].kind, STEP_ADD_COLUMN);
    CHECK_STR(plan.steps[0].table, "thing");
    CHECK_STR(plan.steps[0].name, "b");
    CHECK_EQ_INT(plan.steps[0].loss.n, 0);
    CHECK_EQ_INT(migrate(mem, db, more, true).n, 0);
}

TEST_DB(an_added_field_also_has_a_past)
{
    (void)migrate(mem, db, load(mem, PLAIN), false);
    SchemaPlan plan = migrate(mem, db, load(mem, PLAIN FIELD("b", "type: date, indexed: true")), false);

    NEED(plan.n == 4);
    CHECK_STR(plan.steps[1].table, "thing_past");
    CHECK_EQ_INT(plan.steps[2].kind, STEP_CREATE_INDEX);
    CHECK_STR(plan.steps[2].name, "ix_thing_b");
    CHECK_STR(plan.steps[3].name, "ix_thing_past_b");
}

TEST_DB(a_removed_field_is_hidden_and_comes_back)
{
    Meta *plain = load(mem, PLAIN),
         *less = load(mem, HEAD("thing", "1") FIELD("m", "type: money") FIELD("user", "type: user"));

    (void)migrate(mem, db, plain, false);
    run(mem, db, ROWS);
    SchemaPlan plan = migrate(mem, db, less, false);

    NEED(plan.n == 2);
    CHECK_EQ_INT(plan.steps[0].kind, STEP_HIDE_COLUMN);
    CHECK_STR(plan.steps[0].name, "a");
    CHECK_STR(plan.steps[0].loss, "hides 2 values");
    CHECK_STR(plan.steps[1].table, "thing_past");
    CHECK_EQ_INT(plan.steps[1].loss.n, 0);
    CHECK_EQ_INT(migrate(mem, db, less, true).n, 0);
    plan = migrate(mem, db, plain, false);
    NEED(plan.n == 2);
    CHECK_EQ_INT(plan.steps[0].kind, STEP_ADD_COLUMN);
    CHECK_STR(plan.steps[0].cost, "shows 2 values again");
    CHECK_EQ_INT(number(mem, db, "SELECT count(a) FROM thing"), 2);
}

TEST_DB(an_index_costs_what_it_reads_and_a_lost_one_is_dropped)
{
    Meta *indexed = load(mem, HEAD("thing", "1") FIELD("a", "type: text, indexed: true")
                                  FIELD("m", "type: money") FIELD("user", "type: user"));

    (void)migrate(mem, db, load(mem, PLAIN), false);
    run(mem, db, ROWS);
    SchemaPlan plan = migrate(mem, db, indexed, false);

    NEED(plan.n == 2);
    CHECK_STR(plan.steps[0].cost, "reads 3 rows");
    plan = migrate(mem, db, load(mem, PLAIN), false);
    NEED(plan.n == 2);
    CHECK_EQ_INT(plan.steps[0].kind, STEP_DROP_INDEX);
    CHECK_STR(plan.steps[0].name, "ix_thing_a");
    CHECK_STR(str_c(step_kind_name(plan.steps[0].kind)), "drop index");
}

TEST_DB(searchable_text_gets_its_forms)
{
    Meta *searchable = load(mem, HEAD("thing", "1") FIELD("a", "type: text, searchable: true, sortable: true")
                                     FIELD("m", "type: money") FIELD("user", "type: user"));

    (void)migrate(mem, db, load(mem, PLAIN), false);
    run(mem, db, ROWS);
    SchemaPlan plan = migrate(mem, db, searchable, false);

    NEED(plan.n == 4);
    CHECK_STR(plan.steps[0].name, "a_fold");
    CHECK_STR(plan.steps[0].cost, "computes 3 rows");
    CHECK_STR(plan.steps[1].name, "a_key");
}

TEST_DB(another_type_is_refused)
{
    (void)migrate(mem, db, load(mem, PLAIN), false);
    Migration m = migration(mem, db, load(mem, HEAD("thing", "1") FIELD("a", "type: integer")), true);

    CHECK_ERR(m.problem, ERR_INVALID);
    CHECK_STR(m.problem->detail,
              "thing.yaml:7: column thing.a holds another type: give the field a new name");
}

#define ONCE(filter)   \
    HEAD("thing", "1") \
    FIELD("a", "type: text") FIELD("b", "type: boolean") "unique:\n  - {name: once, fields: [a]" filter "}\n"
#define INSERT(id, a, b, deleted)                                                                       \
    "INSERT INTO thing (id, version, valid_from, created_at, updated_at, a, b, deleted_at) VALUES (" id \
    ", 1, 0, 0, 0, " a ", " b ", " deleted ") RETURNING id"

TEST_DB(unique_rules_hold_for_live_records)
{
    (void)migrate(mem, db, load(mem, ONCE("")), false);
    CHECK_OK(try_sql(mem, db, INSERT("1", "'x'", "1", "NULL")));
    CHECK_OK(try_sql(mem, db, INSERT("2", "'x'", "1", "5")));
    CHECK_OK(try_sql(mem, db, INSERT("3", "NULL", "1", "NULL")));
    CHECK_ERR(try_sql(mem, db, INSERT("4", "'x'", "1", "NULL")), ERR_CONFLICT);
}

TEST_DB(a_changed_unique_rule_is_another_index)
{
    (void)migrate(mem, db, load(mem, ONCE("")), false);
    SchemaPlan plan = migrate(mem, db, load(mem, ONCE(", filter: a != 'y' && b == true")), false);

    NEED(plan.n == 2);
    CHECK_EQ_INT(plan.steps[0].kind, STEP_DROP_INDEX);
    CHECK_EQ_INT(plan.steps[1].kind, STEP_CREATE_INDEX);
    CHECK(str_ends(plan.steps[1].sql,
                   S("WHERE \"deleted_at\" IS NULL AND (\"a\" IS NULL OR \"a\" <> 'y') AND \"b\" = 1")));
    CHECK_OK(try_sql(mem, db, INSERT("1", "'y'", "1", "NULL")));
    CHECK_OK(try_sql(mem, db, INSERT("2", "'y'", "1", "NULL")));
    CHECK_OK(try_sql(mem, db, INSERT("3", "'x'", "0", "NULL")));
    CHECK_OK(try_sql(mem, db, INSERT("4", "'x'", "1", "NULL")));
    CHECK_ERR(try_sql(mem, db, INSERT("5", "'x'", "1", "NULL")), ERR_CONFLICT);
}

TEST_DB(references_must_exist)
{
    (void)migrate(mem, db, load(mem, PLAIN), false);
    CHECK_ERR(
        try_sql(
            mem, db,
            "INSERT INTO thing (id, version, valid_from, created_at, updated_at, \"user\") VALUES (1, 1, 0, 0, 0, 99) "
            "RETURNING id"),
        ERR_CONFLICT);
}

TEST_DB(two_objects_may_refer_to_each_other)
{
    const MetaSource files[] = {
        {.path = S("user.yaml"), .text = S(USER)},
        {.path = S("a.yaml"), .text = S(HEAD("one", "1") FIELD("other", "type: reference, to: two"))},
        {.path = S("b.yaml"), .text = S(HEAD("two", "2") FIELD("other", "type: reference, to: one"))}};
    Meta *meta = NULL;

    CHECK_OK(meta_load(mem, files, 3, &meta));
    (void)migrate(mem, db, meta, false);
    CHECK_EQ_INT(migrate(mem, db, meta, true).n, 0);
}
