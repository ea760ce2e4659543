/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plan and apply on both databases: idempotent, additive, nothing lost. */
#include "base/tap.h"
#include "db/test_db.h"
#include "meta/schema.h"

typedef struct Migration {
    Arena *mem;
    const Meta *meta;
    SchemaPlan plan;
    bool is_dry;
} Migration;

static Err *migrate_unit(DbConn *c, void *arg)
{
    Migration *m = arg;

    TRY(schema_plan(m->mem, c, m->meta, &m->plan));
    return m->is_dry ? NULL : schema_apply(m->mem, c, &m->plan);
}

static SchemaPlan migrate(Arena *mem, Db *db, const Meta *meta, bool is_dry)
{
    Migration m = {.mem = mem, .meta = meta, .is_dry = is_dry};

    CHECK_OK(db_write(db, mem, migrate_unit, &m));
    return m.plan;
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
