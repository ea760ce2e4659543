/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is SQLite's own: the folder's lock, group commit, a batch whose commit fails, readers on the calling thread. */

#include "db/driver.h"
#include "db/test_db.h"

#include "base/tap.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct Job {
    Arena *mem;
    Db *db;
    const char *sql;
    Val bind, out;
    int budget_ms;
    _Atomic bool is_answered; /* set last: who sees it sees `e` */
    Err *e;
    DbUnit unit;
} Job;

static Err *job_work(DbConn *c, void *arg)
{
    Job *j = arg;

    if (j->budget_ms) db_set_budget(c, j->budget_ms);
    return db_one(j->mem, c, str_c(j->sql), &j->bind, val_is_null(j->bind) ? 0 : 1, &j->out);
}

static void job_done(void *arg, Err *e)
{
    Job *j = arg;

    j->e = e;
    j->is_answered = true;
}

static Err *write_sql(Arena *mem, Db *db, const char *sql)
{
    Job j = {.mem = mem, .sql = sql};

    return db_write(db, mem, job_work, &j);
}

static int64_t read_int(Arena *mem, Db *db, const char *sql)
{
    Job j = {.mem = mem, .sql = sql};

    CHECK_OK(db_read(db, mem, job_work, &j));
    return j.out.i;
}

static Err *hold_work(DbConn *c, void *arg)
{
    (void)c, (void)arg;
    usleep(200000);
    return NULL;
}

static void hold_done(void *arg, Err *e)
{
    (void)arg;
    REQUIRE(!e);
}

/* While this unit sleeps the writer, what is submitted becomes one batch with it. */
static void hold(Arena *mem, Db *db)
{
    DbUnit *u = NEW(mem, DbUnit);

    *u = (DbUnit){.work = hold_work, .done = hold_done, .mem = mem};
    db_submit(db, u);
}

static Job *submit(Arena *mem, Db *db, const char *sql, int n)
{
    Job *jobs = NEW_N(mem, Job, (size_t)n);

    for (int i = 0; i < n; i++) {
        jobs[i] = (Job){.mem = arena_new(0), .sql = sql, .bind = val_int(i)};
        jobs[i].unit = (DbUnit){.work = job_work, .done = job_done, .arg = &jobs[i], .mem = jobs[i].mem};
        db_submit(db, &jobs[i].unit);
    }
    return jobs;
}

static void wait_units(Db *db, int64_t n)
{
    while (db_stats(db).units < n) usleep(500);
}

static void wait_jobs(Job *jobs, int n)
{
    for (int i = 0; i < n; i++)
        while (!jobs[i].is_answered) usleep(500);
}

static void free_jobs(Job *jobs, int n)
{
    for (int i = 0; i < n; i++) arena_free(jobs[i].mem);
}

TEST(locked_folder)
{
    Str dir = test_db_dir(mem);
    DbOptions opt = {.dir = dir};
    Db *db = NULL, *other = NULL;
    Err *e;

    CHECK_OK(db_open(mem, &opt, &db));
    e = db_open(mem, &opt, &other);
    CHECK_ERR(e, ERR_CONFLICT);
    CHECK_STR(e->key, "error.db.locked");
    db_close(db);
    CHECK_OK(db_open(mem, &opt, &db));
    db_close(db);
}

TEST(no_folder)
{
    DbOptions opt = {.dir = S("/nowhere/at/all")};
    Db *db = NULL;

    CHECK_ERR(db_open(mem, &opt, &db), ERR_UNAVAILABLE);
    opt.url = S("mysql://x");
    CHECK_ERR(db_open(mem, &opt, &db), ERR_INVALID);
}

TEST(damaged_file)
{
    Str dir = test_db_dir(mem);
    DbOptions opt = {.dir = dir};
    FILE *f = fopen(str_to_c(mem, str_cat(mem, dir, S("/kith.db"))), "w");
    Db *db = NULL;
    Err *e;

    NEED(f);
    for (int i = 0; i < 1000; i++) fputs("this is no database ", f);
    fclose(f);
    e = db_open(mem, &opt, &db);
    CHECK_ERR(e, ERR_INTERNAL);
    CHECK_STR(e->key, "error.db.damaged");
}

TEST(data_is_there_after_reopening)
{
    DbOptions opt = {.dir = test_db_dir(mem)};
    Db *db = NULL;

    CHECK_OK(db_open(mem, &opt, &db));
    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a INTEGER) STRICT"));
    CHECK_OK(write_sql(mem, db, "INSERT INTO t VALUES (7)"));
    db_close(db);
    CHECK_OK(db_open(mem, &opt, &db));
    CHECK_EQ_INT(read_int(mem, db, "SELECT a FROM t"), 7);
    db_close(db);
}

/* --- batches */

#define THREADS 8
#define WRITES  200

static void *write_many(void *arg)
{
    Job *j = arg;
    intptr_t failed = 0;

    for (int i = 0; i < WRITES; i++) {
        Arena *mem = arena_new(0);
        Job one = {.mem = mem, .sql = "INSERT INTO t VALUES (?1)", .bind = val_int(j->bind.i * WRITES + i)};

        if (db_write(j->db, mem, job_work, &one)) failed++;
        arena_free(mem);
    }
    return (void *)failed;
}

TEST(group_commit)
{
    Db *db = test_db_sqlite(mem);
    pthread_t threads[THREADS];
    Job jobs[THREADS];
    DbStats stats;
    void *failed;

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT"));
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (Job){.db = db, .bind = val_int(i)};
        NEED(pthread_create(&threads[i], NULL, write_many, &jobs[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &failed);
        CHECK(failed == NULL);
    }
    CHECK_EQ_INT(read_int(mem, db, "SELECT count(*) FROM t"), THREADS * WRITES);
    stats = db_stats(db);
    CHECK(stats.units >= THREADS * WRITES);
    CHECK(stats.batches < stats.units);
    CHECK_EQ_INT(stats.queue, 0);
}

TEST(a_batch_is_one_commit)
{
    Db *db = test_db_sqlite(mem);
    Job *jobs;

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT"));
    hold(mem, db);
    jobs = submit(mem, db, "INSERT INTO t VALUES (?1)", 100);
    wait_units(db, 102);
    wait_jobs(jobs, 100);
    CHECK(db_stats(db).batches <= 4);
    CHECK(jobs[99].unit.wait_us > 10000);
    CHECK_EQ_INT(read_int(mem, db, "SELECT count(*) FROM t"), 100);
    free_jobs(jobs, 100);
}

/* A statement cut off by its budget takes SQLite's whole transaction with it; the others must not notice. */
TEST(a_unit_over_budget_does_not_harm_its_batch)
{
    Db *db = test_db_sqlite(mem);
    Job slow = {
        .mem = mem,
        .budget_ms = 20,
        .sql =
            "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000) "
            "SELECT i FROM n"};
    Job *before, *after;

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT"));
    CHECK_OK(write_sql(mem, db, "CREATE TABLE u (a INTEGER PRIMARY KEY) STRICT"));
    slow.unit = (DbUnit){.work = job_work, .done = job_done, .arg = &slow, .mem = mem};
    hold(mem, db);
    before = submit(mem, db, "INSERT INTO t VALUES (?1)", 5);
    db_submit(db, &slow.unit);
    after = submit(mem, db, "INSERT INTO u VALUES (?1)", 5);
    wait_units(db, 14);
    wait_jobs(before, 5);
    wait_jobs(after, 5);
    CHECK_ERR(slow.e, ERR_LIMIT);
    CHECK_EQ_INT(read_int(mem, db, "SELECT count(*) FROM t"), 5);
    CHECK_EQ_INT(read_int(mem, db, "SELECT count(*) FROM u"), 5);
    for (int i = 0; i < 5; i++) CHECK(!before[i].e && !after[i].e);
    free_jobs(before, 5);
    free_jobs(after, 5);
}

/* --- a disk that is full: SQLite's write call is replaced.  Skips `spared` writes, then fails `failing` of them. */

static _Atomic int spared, failing;
static ssize_t (*real_pwrite)(int fd, const void *p, size_t n, off64_t at);

static ssize_t full_pwrite(int fd, const void *p, size_t n, off64_t at)
{
    if (atomic_load(&failing) > 0 && atomic_fetch_sub(&spared, 1) <= 0 && atomic_fetch_sub(&failing, 1) > 0) {
        errno = ENOSPC;
        return -1;
    }
    return real_pwrite(fd, p, n, at);
}

static void full_disk(int after, int times)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

    if (!real_pwrite) {
        real_pwrite = (ssize_t(*)(int, const void *, size_t, off64_t))vfs->xGetSystemCall(vfs, "pwrite64");
        REQUIRE(real_pwrite);
        REQUIRE(vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)full_pwrite) == SQLITE_OK);
    }
    atomic_store(&spared, after);
    atomic_store(&failing, times);
}

TEST(a_failed_commit_runs_each_unit_again)
{
    Db *db = test_db_sqlite(mem);
    Job *jobs;

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT"));
    full_disk(0, 0);
    hold(mem, db);
    usleep(10000);
    jobs = submit(mem, db, "INSERT INTO t VALUES (?1)", 10);
    full_disk(0, 1);
    wait_units(db, 12);
    wait_jobs(jobs, 10);
    CHECK(db_stats(db).replays >= 10);
    for (int i = 0; i < 10; i++) CHECK(jobs[i].is_answered && !jobs[i].e);
    CHECK_EQ_INT(read_int(mem, db, "SELECT count(*) FROM t"), 10);
    free_jobs(jobs, 10);
}

/* For every n: the disk is full from the n-th write on, for a while.  What was answered well is there, what was not
 * is not, and the error is the same. */
TEST(full_disk_at_every_step)
{
    Db *db = test_db_sqlite(mem);

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (n INTEGER, a INTEGER, PRIMARY KEY (n, a)) STRICT"));
    for (int n = 0; n < 12; n++) {
        int64_t units = db_stats(db).units, well = 0;
        Job *jobs;

        hold(mem, db);
        usleep(5000);
        jobs = submit(mem, db, str_to_c(mem, str_fmt(mem, "INSERT INTO t VALUES (%d, ?1)", n)), 4);
        full_disk(n, 3);
        wait_units(db, units + 5);
        wait_jobs(jobs, 4);
        full_disk(0, 0);
        for (int i = 0; i < 4; i++) {
            if (!jobs[i].e)
                well++;
            else
                CHECK_STR(jobs[i].e->key, "error.db.full");
        }
        CHECK_EQ_INT(read_int(mem, db, str_to_c(mem, str_fmt(mem, "SELECT count(*) FROM t WHERE n = %d", n))),
                     well);
        free_jobs(jobs, 4);
    }
}

/* --- kill -9: what was acknowledged is there afterwards, whole */

typedef struct Acked {
    Db *db;
    int64_t from;
    int pipe;
} Acked;

static Err *pair_work(DbConn *c, void *arg)
{
    Job *j = arg;

    TRY(db_exec(j->mem, c, S("INSERT INTO t VALUES (?1)"), &j->bind, 1, NULL));
    return db_exec(j->mem, c, S("INSERT INTO u VALUES (?1)"), &j->bind, 1, NULL);
}

static void *write_for_ever(void *arg)
{
    Acked *a = arg;

    for (int64_t i = a->from;; i++) {
        Arena *mem = arena_new(0);
        Job j = {.mem = mem, .bind = val_int(i)};

        if (db_write(a->db, mem, pair_work, &j) || write(a->pipe, &i, sizeof i) != sizeof i) _exit(1);
        arena_free(mem);
    }
    return NULL;
}

static _Noreturn void child_main(Str dir, int pipe)
{
    Arena *mem = arena_new(0);
    DbOptions opt = {.dir = dir};
    Acked a[4] = {0};
    Db *db = NULL;
    pthread_t thread;

    if (db_open(mem, &opt, &db)) _exit(1);
    for (int i = 0; i < 4; i++) {
        a[i] = (Acked){db, (i + 1) * INT64_C(1000000), pipe};
        pthread_create(&thread, NULL, write_for_ever, &a[i]);
    }
    for (;;) pause();
}

TEST(killed_while_writing)
{
    DbOptions opt = {.dir = test_db_dir(mem)};
    Db *db = NULL;
    int ends[2], status = 0;
    int64_t acked, n = 0;
    pid_t pid;

    CHECK_OK(db_open(mem, &opt, &db));
    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT"));
    CHECK_OK(write_sql(mem, db, "CREATE TABLE u (a INTEGER PRIMARY KEY) STRICT"));
    db_close(db);
    NEED(pipe(ends) == 0);
    pid = fork();
    if (pid == 0) child_main(opt.dir, ends[1]);
    close(ends[1]);
    NEED(read(ends[0], &acked, sizeof acked) == sizeof acked);
    usleep(200000);
    kill(pid, SIGKILL);
    NEED(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status));
    CHECK_OK(db_open(mem, &opt, &db));
    do {
        CHECK_EQ_INT(
            read_int(mem, db,
                     str_to_c(mem, str_fmt(mem, "SELECT count(*) FROM t WHERE a = %lld", (long long)acked))),
            1);
        n++;
    } while (read(ends[0], &acked, sizeof acked) == sizeof acked);
    CHECK(n > 10);
    CHECK_EQ_INT(read_int(mem, db, "SELECT count(*) FROM t"), read_int(mem, db, "SELECT count(*) FROM u"));
    close(ends[0]);
    db_close(db);
}

/* --- readers */

static Err *nested_work(DbConn *c, void *arg)
{
    Arena *mem = arg;
    Str sql = S("SELECT a FROM t ORDER BY a");
    DbRows *outer = NULL, *inner = NULL;
    bool has_outer, has_inner;
    int64_t sum = 0;

    TRY(db_query(mem, c, sql, NULL, 0, &outer));
    for (;;) {
        TRY(db_next(outer, &has_outer));
        if (!has_outer) break;
        TRY(db_query(mem, c, sql, NULL, 0, &inner));
        for (;;) {
            TRY(db_next(inner, &has_inner));
            if (!has_inner) break;
            sum += db_i64(outer, 0) * db_i64(inner, 0);
            if (db_i64(inner, 0) == 2) break;
        }
    }
    CHECK_EQ_INT(sum, 6 * 3);
    return NULL;
}

TEST(the_same_statement_inside_itself)
{
    Db *db = test_db_sqlite(mem);

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT"));
    CHECK_OK(write_sql(mem, db, "INSERT INTO t VALUES (1), (2), (3)"));
    CHECK_OK(db_read_inline(db, mem, nested_work, mem));
    CHECK_OK(db_read_inline(db, mem, nested_work, mem));
}

typedef struct Snapshot {
    Arena *mem;
    Db *db;
    int64_t before, after;
} Snapshot;

static Err *count_rows(DbConn *c, Arena *mem, int64_t *out)
{
    Val v;

    TRY(db_one(mem, c, S("SELECT count(*) FROM t"), NULL, 0, &v));
    *out = v.i;
    return NULL;
}

static Err *snapshot_work(DbConn *c, void *arg)
{
    Snapshot *s = arg;
    Job *jobs;
    int64_t units = db_stats(s->db).units;

    TRY(count_rows(c, s->mem, &s->before));
    jobs = submit(s->mem, s->db, "INSERT INTO t VALUES (?1)", 3);
    wait_units(s->db, units + 3);
    wait_jobs(jobs, 3);
    free_jobs(jobs, 3);
    return count_rows(c, s->mem, &s->after);
}

TEST(a_read_sees_one_moment)
{
    Db *db = test_db_sqlite(mem);
    Snapshot s = {.mem = mem, .db = db};

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT"));
    CHECK_OK(db_thread_open(db, mem));
    CHECK_OK(db_read_inline(db, mem, snapshot_work, &s));
    CHECK_EQ_INT(s.before, 0);
    CHECK_EQ_INT(s.after, 0);
    CHECK_EQ_INT(read_int(mem, db, "SELECT count(*) FROM t"), 3);
}

TEST(a_reader_follows_a_changed_schema)
{
    Db *db = test_db_sqlite(mem);

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a INTEGER) STRICT"));
    CHECK_OK(write_sql(mem, db, "INSERT INTO t VALUES (1)"));
    CHECK_EQ_INT(read_int(mem, db, "SELECT * FROM t"), 1);
    CHECK_OK(write_sql(mem, db, "ALTER TABLE t ADD COLUMN b TEXT"));
    for (int i = 0; i < 8; i++) CHECK_EQ_INT(read_int(mem, db, "SELECT * FROM t"), 1);
}

TEST(more_statements_than_the_cache_holds)
{
    Db *db = test_db_sqlite(mem);

    for (int round = 0; round < 2; round++)
        for (int i = 0; i < DB_CACHED_STATEMENTS * 3; i++)
            CHECK_EQ_INT(read_int(mem, db, str_to_c(mem, str_fmt(mem, "SELECT %d", i))), i);
}
