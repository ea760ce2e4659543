/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Building SQL, named blocks, the statement cache and the queue: all without a database. */

#include "db/driver.h"

#include "base/tap.h"

TEST(builder_numbers_its_binds)
{
    Sql q = sql_new(mem), part = sql_new(mem);

    sql_text(&part, "a = ");
    sql_bind(&part, val_int(7));
    sql_text(&part, " AND b = '?1' AND \"c?1\" = 1 /* ?1 */ AND d = ");
    sql_bind(&part, val_int(8));
    sql_text(&q, "SELECT ");
    sql_ident2(&q, S("deal"), S("x_1"));
    sql_text(&q, " FROM t WHERE z = ");
    sql_bind(&q, val_text(S("z")));
    sql_text(&q, " AND ");
    sql_append(&q, &part);
    sql_text(&q, " LIMIT ");
    sql_i64(&q, 50);
    CHECK_STR(buf_str(&q.text),
              "SELECT \"deal\".\"x_1\" FROM t WHERE z = ?1 AND a = ?2 AND b = '?1' AND \"c?1\" = 1 "
              "/* ?1 */ AND d = ?3 LIMIT 50");
    CHECK_EQ_INT(q.n, 3);
    CHECK_EQ_INT(q.binds[2].i, 8);
}

TEST(many_binds)
{
    Sql q = sql_new(mem);

    for (int i = 0; i < 1000; i++) sql_bind(&q, val_int(i));
    CHECK_EQ_INT(q.n, 1000);
    CHECK_EQ_INT(q.binds[999].i, 999);
    CHECK(str_ends(buf_str(&q.text), S("?1000")));
}

static Str renumbered(Arena *mem, const char *text)
{
    Buf b = buf_new(mem, 4096);

    sql_renumber(&b, str_c(text), '$', 0);
    return buf_str(&b);
}

TEST(renumber_leaves_what_is_no_sql)
{
    CHECK_STR(renumbered(mem, "?1,?22"), "$1,$22");
    CHECK_STR(renumbered(mem, "'it''s ?1' ?1"), "'it''s ?1' $1");
    CHECK_STR(renumbered(mem, "\"a\"\"?1\" ?1"), "\"a\"\"?1\" $1");
    CHECK_STR(renumbered(mem, "-- ?1\n?1 -- ?2"), "-- ?1\n$1 -- ?2");
    CHECK_STR(renumbered(mem, "/* ?1 '*/ ?1 '?2"), "/* ?1 '*/ $1 '?2");
    CHECK_STR(renumbered(mem, "a - ?1 / ?2 ? x"), "a - $1 / $2 ? x");
    CHECK_STR(renumbered(mem, ""), "");
}

TEST(named_blocks)
{
    Str file = S("-- SPDX\n-- name: one\nSELECT :a, :b, :a_2, :a -- :no\n  FROM t::x WHERE ':b' = \":b\";\n\n"
                 "  -- name:  two \nSELECT 1\n");

    CHECK_STR(sql_named(mem, file, S("one")),
              "SELECT ?1, ?2, ?3, ?1 -- :no\n  FROM t::x WHERE ':b' = \":b\";");
    CHECK_STR(sql_named(mem, file, S("two")), "SELECT 1");
}

/* --- the statement cache */

static int dropped;

static void count_drop(void *ctx, Stmt *s)
{
    (void)ctx, (void)s;
    dropped++;
}

TEST(cache_drops_the_oldest)
{
    StmtCache k;
    char a[] = "a", b[] = "b", c[] = "c";

    dropped = 0;
    stmts_open(&k, 2, count_drop, NULL);
    stmts_release(&k, stmts_add(&k, S("a"), a));
    stmts_release(&k, stmts_add(&k, S("b"), b));
    stmts_release(&k, stmts_get(&k, S("a")));
    stmts_release(&k, stmts_add(&k, S("c"), c));
    CHECK_EQ_INT(dropped, 1);
    CHECK(stmts_get(&k, S("b")) == NULL);
    CHECK(stmts_get(&k, S("a"))->handle == a);
    CHECK(stmts_get(&k, S("a")) == NULL);
    stmts_close(&k);
    CHECK_EQ_INT(dropped, 3);
}

TEST(cache_keeps_what_is_in_use)
{
    StmtCache k;
    char x[] = "x";
    Stmt *used[4], *twice;

    dropped = 0;
    stmts_open(&k, 2, count_drop, NULL);
    for (int i = 0; i < 4; i++) used[i] = stmts_add(&k, str_fmt(mem, "s%d", i), x);
    twice = stmts_add(&k, S("s1"), x);
    CHECK_EQ_INT(dropped, 0);
    CHECK(used[0]->number != used[1]->number);
    stmts_release(&k, twice);
    CHECK_EQ_INT(dropped, 1);
    stmts_release_all(&k, NULL);
    CHECK(stmts_get(&k, S("s1")) == used[1]);
    stmts_close(&k);
    CHECK_EQ_INT(dropped, 5);
}

/* --- the queue */

TEST(people_go_first)
{
    Db db = {0};
    Queue q;
    DbUnit mass[3] = {{.is_background = true}, {.is_background = true}, {.is_background = true}},
           person[2] = {{0}};

    queue_open(&q, &db, 2);
    for (int i = 0; i < 3; i++) queue_put(&q, &mass[i]);
    for (int i = 0; i < 2; i++) queue_put(&q, &person[i]);
    CHECK_EQ_INT(atomic_load(&db.queued), 5);
    CHECK(queue_take(&q, true) == &person[0]);
    CHECK(queue_take(&q, true) == &person[1]);
    CHECK(queue_take(&q, true) == &mass[0]);
    CHECK(queue_take(&q, true) == &mass[1]);
    CHECK(queue_take(&q, false) == NULL);
    queue_background_ended(&q);
    CHECK(queue_take(&q, true) == &mass[2]);
    queue_close(&q);
    CHECK(queue_take(&q, true) == NULL);
    CHECK_EQ_INT(atomic_load(&db.queued), 0);
    queue_free(&q);
}
