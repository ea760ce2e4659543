/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The scripted database, and the failure of every step of a unit on real ones. */

#include "db/fake.h"
#include "db/test_db.h"

#include "base/tap.h"

typedef struct Move {
    Arena *mem;
    int64_t amount, left;
} Move;

/* A small unit of the usual form: read, check, write twice. */
static Err *move_work(DbConn *c, void *arg)
{
    Move *m = arg;
    Val binds[2] = {val_int(1), val_int(m->amount)}, have;

    TRY(db_one(m->mem, c, S("SELECT n FROM purse WHERE id = ?1"), binds, 1, &have));
    if (have.i < m->amount) FAIL(m->mem, ERR_INVALID, "test.poor", "only %d", (int)have.i);
    TRY(db_exec(m->mem, c, S("UPDATE purse SET n = n - ?2 WHERE id = ?1"), binds, 2, NULL));
    binds[0] = val_int(2);
    TRY(db_exec(m->mem, c, S("UPDATE purse SET n = n + ?2 WHERE id = ?1"), binds, 2, NULL));
    m->left = have.i - m->amount;
    return NULL;
}

TEST(script_is_followed)
{
    Db *db = fake_open(mem, 0);
    const Val ten = val_int(10);
    Move m = {.mem = mem, .amount = 4};

    fake_expect(db, "SELECT n", &ten, 1, 1, 0);
    fake_expect(db, "n - ?2", NULL, 0, 0, 1);
    fake_expect(db, "n + ?2", NULL, 0, 0, 1);
    CHECK_OK(db_write(db, mem, move_work, &m));
    CHECK_EQ_INT(m.left, 6);
    CHECK_STR(fake_complaint(mem, db), "");
    CHECK_EQ_INT(fake_count(db), 3);
    CHECK_EQ_INT(fake_bind(db, 2, 0).i, 2);
    db_close(db);
}

TEST(script_can_fail)
{
    Db *db = fake_open(mem, 0);
    const Val ten = val_int(10);
    Move m = {.mem = mem, .amount = 4};
    Err *e;

    fake_expect(db, "SELECT n", &ten, 1, 1, 0);
    fake_fail(db, "UPDATE", ERR_CONFLICT, "error.db.unique", "purse_id");
    e = db_write(db, mem, move_work, &m);
    CHECK_ERR(e, ERR_CONFLICT);
    CHECK_STR(e->field, "purse_id");
    CHECK_STR(fake_complaint(mem, db), "");
}

TEST(script_knows_what_did_not_come)
{
    Db *db = fake_open(mem, 0);
    Move m = {.mem = mem, .amount = 4};

    fake_expect(db, "SELECT n", NULL, 0, 1, 0);
    fake_expect(db, "UPDATE", NULL, 0, 1, 0);
    CHECK_ERR(db_write(db, mem, move_work, &m), ERR_INVALID);
    CHECK_STR(fake_complaint(mem, db), "never came: UPDATE");
}

TEST(script_refuses_what_nobody_expected)
{
    Db *db = fake_open(mem, 1u << DB_CAP_INLINE_READ);
    Move m = {.mem = mem};

    CHECK(db_can(db, DB_CAP_INLINE_READ) && !db_can(db, DB_CAP_SHARED));
    CHECK_ERR(db_read_inline(db, mem, move_work, &m), ERR_INTERNAL);
    CHECK(str_starts(fake_complaint(mem, db), S("unexpected: SELECT n")));
}

TEST(script_can_fail_the_commit)
{
    Db *db = fake_open(mem, 0);
    const Val ten = val_int(10);
    Move m = {.mem = mem};

    fake_fail_commit(db, ERR_LIMIT, "error.db.full");
    fake_expect(db, "SELECT n", &ten, 1, 1, 0);
    fake_expect(db, "UPDATE", NULL, 0, 0, 1);
    fake_expect(db, "UPDATE", NULL, 0, 0, 1);
    CHECK_ERR(db_write(db, mem, move_work, &m), ERR_LIMIT);
}

#if KITH_TEST_HOOKS
/* --- every step of a real one */

static Err *create_work(DbConn *c, void *arg)
{
    return db_script(
        arg, c, S("CREATE TABLE purse (id bigint, n bigint); INSERT INTO purse VALUES (1, 100), (2, 0)"));
}

static Err *sums_work(DbConn *c, void *arg)
{
    Move *m = arg;
    Val v;

    TRY(db_one(m->mem, c, S("SELECT kith_sum(n) FROM purse"), NULL, 0, &v));
    m->amount = v.i;
    TRY(db_one(m->mem, c, S("SELECT n FROM purse WHERE id = 2"), NULL, 0, &v));
    m->left = v.i;
    return NULL;
}

TEST_DB(any_step_may_fail)
{
    Move m = {.mem = mem, .amount = 1}, seen = {.mem = mem};
    int64_t moved = 0;
    int failed = 0;

    CHECK_OK(db_write(db, mem, create_work, mem));
    for (int n = 1; n < 30; n++) {
        Err *e;
        bool is_beyond;

        db_fail_step(db, n);
        e = db_write(db, mem, move_work, &m);
        is_beyond = db_fail_pending(db);
        db_fail_step(db, 0);
        if (e) CHECK_STR(e->key, "error.db");
        if (e)
            failed++;
        else
            moved++;
        CHECK_OK(db_read(db, mem, sums_work, &seen));
        CHECK_EQ_INT(seen.amount, 100);
        CHECK_EQ_INT(seen.left, moved);
        if (is_beyond) break;
    }
    /* A batch that is lost runs again, so that a step that fails once may cost nothing. */
    CHECK(failed >= 3 && moved >= 1 && failed + moved >= 6);
}
#endif
