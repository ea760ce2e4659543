/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A copy is of one moment, wherever the pages of that moment are: in the file, in the log, in both, while others write and
 * checkpoint in the middle of it. */

#include "db/backup.h"
#include "db/test_db.h"

#include "base/tap.h"

#include <pthread.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS 3000

static const char *const schema[] = {
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT) STRICT",
    "CREATE TABLE change (epoch INTEGER, tx INTEGER, seq INTEGER, schema INTEGER) STRICT",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, text TEXT) STRICT",
    "CREATE TABLE u (id INTEGER PRIMARY KEY, text TEXT) STRICT",
    "INSERT INTO setting VALUES ('version', '1.2.3')",
    "INSERT INTO change VALUES (1, 2, 0, 4)",
    "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 3000) "
    "INSERT INTO t SELECT n, 0, hex(zeroblob(200)) FROM i",
    NULL,
};

/* All rows in one moment: whoever sees two different numbers has seen two. */
static const char *const step[] = {
    "UPDATE t SET n = n + 1",
    "UPDATE change SET seq = seq + 1",
    "INSERT INTO u SELECT NULL, hex(zeroblob(3000)) FROM t LIMIT 30",
    "DELETE FROM u WHERE id % 3 = (SELECT seq % 3 FROM change)",
    NULL,
};

typedef struct World {
    Arena *mem;
    Db *db;
    Str dir;
    FILE *seen;      /* the blocks as they were told */
    char *block;     /* room for one */
    int steps;       /* still to be done in the middle of the copy */
    sqlite3 *other;  /* of whoever checkpoints */
    atomic_bool end; /* for the thread that writes all the time */
} World;

static Err *all_work(DbConn *c, void *arg)
{
    Arena *mem = arena_new(0);
    Err *e = NULL;

    for (const char *const *sql = arg; *sql && !e; sql++) e = db_exec(mem, c, str_c(*sql), NULL, 0, NULL);
    arena_free(mem);
    return e;
}

static void do_all(World *w, const char *const *list)
{
    Arena *mem = arena_new(0);

    CHECK_OK(db_write(w->db, mem, all_work, (void *)(uintptr_t)list));
    arena_free(mem);
}

static void checkpoint(World *w, const char *how)
{
    (void)sqlite3_exec(w->other, how, NULL, NULL, NULL); /* busy is as good as done */
}

static World *world(Arena *mem)
{
    World *w = NEW(mem, World);
    DbOptions opt = {.dir = test_db_dir(mem)};

    w->mem = mem;
    w->dir = opt.dir;
    w->block = arena_alloc(mem, DB_COPY_BLOCK);
    CHECK_OK(db_open(mem, &opt, &w->db));
    do_all(w, schema);
    REQUIRE(sqlite3_open(str_to_c(mem, str_cat(mem, w->dir, S("/kith.db"))), &w->other) == SQLITE_OK);
    return w;
}

static void world_end(World *w)
{
    sqlite3_close(w->other);
    db_close(w->db);
}

static char *room(void *arg)
{
    World *w = arg;

    for (; w->steps > 0; w->steps--) {
        do_all(w, step);
        checkpoint(w, "PRAGMA wal_checkpoint(RESTART)");
    }
    return w->block;
}

static void filled(void *arg, size_t n)
{
    World *w = arg;

    CHECK_EQ_INT(fwrite(w->block, 1, n, w->seen), n);
}

static int64_t ask(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    int64_t got = -1;

    REQUIRE(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
        got = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return got;
}

static bool is_same_file(const char *a, const char *b)
{
    FILE *x = fopen(a, "r"), *y = fopen(b, "r");
    bool is_same = x && y;

    for (int c = 0; is_same && c != EOF;) {
        c = getc(x);
        is_same = c == getc(y);
    }
    if (x) fclose(x);
    if (y) fclose(y);
    return is_same;
}

/* Copies, with `steps` made in the middle; the number of steps the copy knows. */
static int64_t copied(World *w, int steps)
{
    static int number;
    const char *path = str_to_c(w->mem, str_fmt(w->mem, "%.*s/copy%d", SFMT(w->dir), number++));
    const char *seen = str_to_c(w->mem, str_fmt(w->mem, "%s.seen", path));
    DbCopyWatch watch = {.room = room, .filled = filled, .arg = w};
    DbCopyInfo info;
    struct stat st;

    w->seen = fopen(seen, "w");
    w->steps = steps;
    CHECK_OK(db_copy(w->mem, w->db, str_c(path), &watch, &info));
    CHECK(w->seen && fclose(w->seen) == 0);
    CHECK(stat(path, &st) == 0 && st.st_size == watch.total && watch.done == watch.total);
    CHECK(is_same_file(path, seen));
    CHECK_EQ_INT(ask(path, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
    CHECK_EQ_INT(ask(path, "SELECT count(*) FROM t"), ROWS);
    CHECK_EQ_INT(ask(path, "SELECT min(n) = max(n) AND min(n) = (SELECT seq FROM change) FROM t"), 1);
    CHECK_EQ_INT(ask(path, "SELECT seq FROM change"), info.seq);
    CHECK_STR(info.version, "1.2.3");
    (void)unlink(path);
    (void)unlink(seen);
    return info.seq;
}

TEST(all_pages_in_the_file)
{
    World *w = world(mem);

    do_all(w, step);
    checkpoint(w, "PRAGMA wal_checkpoint(TRUNCATE)");
    CHECK_EQ_INT(copied(w, 0), 1);
    checkpoint(w, "PRAGMA wal_checkpoint(PASSIVE)");
    CHECK_EQ_INT(copied(w, 2), 1);
    CHECK_EQ_INT(copied(w, 1), 3);
    world_end(w);
}

TEST(pages_in_the_log)
{
    World *w = world(mem);

    for (int i = 0; i < 3; i++) do_all(w, step);
    CHECK_EQ_INT(copied(w, 2), 3);
    checkpoint(w, "PRAGMA wal_checkpoint(TRUNCATE)");
    do_all(w, (const char *const[]){"UPDATE t SET n = n + 1 WHERE id > 0", "UPDATE change SET seq = seq + 1",
                                    NULL});
    CHECK_EQ_INT(copied(w, 1), 6);
    world_end(w);
}

static void *write_on(void *arg)
{
    World *w = arg;

    while (!atomic_load(&w->end)) do_all(w, step);
    return NULL;
}

TEST(copies_beside_a_writer_are_of_one_moment)
{
    World *w = world(mem);
    int64_t last = -1;
    pthread_t thread;

    NEED(pthread_create(&thread, NULL, write_on, w) == 0);
    for (int i = 0; i < 4; i++) {
        int64_t now = copied(w, 0);
        CHECK(now >= last);
        last = now;
        usleep(3000);
    }
    atomic_store(&w->end, true);
    pthread_join(thread, NULL);
    world_end(w);
}

TEST(a_copy_can_be_stopped)
{
    World *w = world(mem);
    DbCopyWatch watch = {.must_stop = true};
    DbCopyInfo info;

    Err *e = db_copy(mem, w->db, str_cat(mem, w->dir, S("/copy")), &watch, &info);
    CHECK_ERR(e, ERR_UNAVAILABLE);
    CHECK_STR(e->key, "error.backup.stopped");
    world_end(w);
}
