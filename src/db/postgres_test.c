/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is PostgreSQL's own: replay after a serialization failure, connections that break in the middle and during
 * COMMIT, a server that goes away and comes back.  A small proxy on a unix socket stands between where the reply to
 * COMMIT must get lost. */

#include "db/driver.h"
#include "db/test_db.h"

#include "base/tap.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct Job {
    Arena *mem;
    Db *db;
    const char *sql;
    Val out;
    int runs;
} Job;

static Err *job_work(DbConn *c, void *arg)
{
    Job *j = arg;

    j->runs++;
    return db_one(j->mem, c, str_c(j->sql), NULL, 0, &j->out);
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

/* --- values that only PostgreSQL has */

TEST(numbers_by_type)
{
    Db *db = test_db_postgres(mem);
    Job j = {.mem = mem, .sql = "SELECT 1.5::numeric"};

    CHECK_EQ_INT(read_int(mem, db, "SELECT 12::numeric"), 12);
    CHECK_EQ_INT(read_int(mem, db, "SELECT 12.00::numeric"), 12);
    CHECK_EQ_INT(read_int(mem, db, "SELECT 9223372036854775807::numeric"), INT64_MAX);
    CHECK_EQ_INT(read_int(mem, db, "SELECT 7::smallint"), 7);
    CHECK_EQ_INT(read_int(mem, db, "SELECT '99'::xid8"), 99);
    CHECK_OK(db_read(db, mem, job_work, &j));
    CHECK_STR(val_str(j.out), "1.5");
    j.sql = "SELECT 9223372036854775808::numeric";
    CHECK_OK(db_read(db, mem, job_work, &j));
    CHECK_STR(val_str(j.out), "9223372036854775808");
    j.sql = "SELECT true";
    CHECK_OK(db_read(db, mem, job_work, &j));
    CHECK(j.out.kind == VAL_BOOL && j.out.b);
    j.sql = "SELECT ''::bytea";
    CHECK_OK(db_read(db, mem, job_work, &j));
    CHECK(j.out.kind == VAL_BYTES && j.out.n == 0);
}

/* One text, first with a null, then with an integer, a text and a null again. */
static Err *types_work(DbConn *c, void *arg)
{
    Arena *mem = arg;
    const Val binds[] = {val_null(), val_int(5), val_text(S("5")), val_null()};
    Val v;

    for (int i = 0; i < 4; i++) {
        TRY(db_one(mem, c, S("SELECT coalesce(length(?1::text), 0)"), &binds[i], 1, &v));
        CHECK_EQ_INT(v.i, i == 1 || i == 2);
    }
    return NULL;
}

TEST(a_statement_learns_the_types_of_its_binds)
{
    Db *db = test_db_postgres(mem);

    CHECK_OK(db_write(db, mem, types_work, mem));
}

static Err *many_statements_work(DbConn *c, void *arg)
{
    Arena *mem = arg;
    Val v;

    for (int i = 0; i < DB_CACHED_STATEMENTS * 2; i++)
        TRY(db_one(mem, c, str_fmt(mem, "SELECT %d", i), NULL, 0, &v));
    TRY(db_one(mem, c, S("SELECT count(*) FROM pg_prepared_statements"), NULL, 0, &v));
    CHECK(v.i <= DB_CACHED_STATEMENTS);
    return NULL;
}

TEST(old_statements_are_dropped)
{
    CHECK_OK(db_write(test_db_postgres(mem), mem, many_statements_work, mem));
}

TEST(a_changed_table_replays)
{
    DbOptions opt = {.url = test_db_postgres_url(mem), .connections = 1};
    Db *db = NULL, *other = NULL;

    CHECK_OK(db_open(mem, &opt, &db));
    CHECK_OK(db_open(mem, &opt, &other));
    CHECK_OK(write_sql(mem, db, "CREATE TABLE t AS SELECT 1::bigint AS a"));
    CHECK_EQ_INT(read_int(mem, db, "SELECT * FROM t"), 1);
    CHECK_OK(write_sql(mem, other, "ALTER TABLE t ADD COLUMN b text"));
    CHECK_EQ_INT(read_int(mem, db, "SELECT * FROM t"), 1);
    CHECK_EQ_INT(db_stats(db).replays, 1);
    db_close(db);
    db_close(other);
}

typedef struct Bare {
    Arena *mem;
    const char *sql;
    Err *e;
    _Atomic bool is_done;
} Bare;

static Err *bare_work(DbConn *c, void *arg)
{
    Bare *b = arg;

    return db_exec(b->mem, c, str_c(b->sql), NULL, 0, NULL);
}

static void bare_done(void *arg, Err *e)
{
    Bare *b = arg;

    b->e = e;
    atomic_store(&b->is_done, true);
}

static Err *run_bare(Arena *mem, Db *db, const char *sql)
{
    Bare b = {.mem = mem, .sql = sql};
    DbUnit u = {.work = bare_work, .done = bare_done, .arg = &b, .mem = mem, .is_bare = true};

    db_submit(db, &u);
    while (!atomic_load(&b.is_done)) usleep(500);
    return b.e;
}

TEST(a_bare_unit_has_no_transaction)
{
    Db *db = test_db_postgres(mem);

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t AS SELECT 1::bigint AS a"));
    CHECK_ERR(write_sql(mem, db, "CREATE INDEX CONCURRENTLY t_a ON t (a)"), ERR_INTERNAL);
    CHECK_OK(run_bare(mem, db, "CREATE INDEX CONCURRENTLY t_a ON t (a)"));
    CHECK_ERR(run_bare(mem, db, "CREATE INDEX CONCURRENTLY t_a ON t (a)"), ERR_INTERNAL);
}

/* --- serialization */

#define COUNTERS 4
#define TURNS    25

/* Reads both, writes both: two of these at a time cannot be ordered. */
static Err *count_work(DbConn *c, void *arg)
{
    Arena *mem = arg;
    Val a, b, binds[1];

    TRY(db_one(mem, c, S("SELECT n FROM t WHERE id = 1"), NULL, 0, &a));
    TRY(db_one(mem, c, S("SELECT n FROM t WHERE id = 2"), NULL, 0, &b));
    CHECK_EQ_INT(a.i, b.i);
    binds[0] = val_int(a.i + 1);
    TRY(db_exec(mem, c, S("UPDATE t SET n = ?1 WHERE id = 1"), binds, 1, NULL));
    return db_exec(mem, c, S("UPDATE t SET n = ?1 WHERE id = 2"), binds, 1, NULL);
}

static void *count_many(void *db)
{
    intptr_t failed = 0;

    for (int i = 0; i < TURNS; i++) {
        Arena *mem = arena_new(0);
        Err *e;

        do e = db_write(db, mem, count_work, mem);
        while (e && str_eq_c(e->key, "error.db.serialization"));
        failed += e != NULL;
        arena_free(mem);
    }
    return (void *)failed;
}

TEST(two_counters_replay)
{
    Db *db = test_db_postgres(mem);
    pthread_t threads[COUNTERS];
    void *failed;

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (id bigint, n bigint)"));
    CHECK_OK(write_sql(mem, db, "INSERT INTO t VALUES (1, 0), (2, 0)"));
    for (int i = 0; i < COUNTERS; i++) NEED(pthread_create(&threads[i], NULL, count_many, db) == 0);
    for (int i = 0; i < COUNTERS; i++) {
        pthread_join(threads[i], &failed);
        CHECK(failed == NULL);
    }
    CHECK_EQ_INT(read_int(mem, db, "SELECT sum(n) FROM t"), 2 * COUNTERS * TURNS);
    CHECK(db_stats(db).replays > 0);
}

static Err *conflict_work(DbConn *c, void *arg)
{
    Job *j = arg;
    Val v;

    j->runs++;
    return db_one(j->mem, c, S("SELECT raise()"), NULL, 0, &v);
}

TEST(replays_are_bounded)
{
    Db *db = test_db_postgres(mem);
    Job j = {.mem = mem};
    Err *e;

    CHECK_OK(write_sql(mem, db,
                       "CREATE FUNCTION raise() RETURNS void LANGUAGE plpgsql AS "
                       "$$BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END$$"));
    e = db_write(db, mem, conflict_work, &j);
    CHECK_ERR(e, ERR_CONFLICT);
    CHECK_STR(e->key, "error.db.serialization");
    CHECK(j.runs > 3 && j.runs < 30);
}

/* --- connections that break */

/* Kills its own session the first time, between two writes. */
static Err *suicide_work(DbConn *c, void *arg)
{
    Job *j = arg;
    Val v;

    TRY(db_exec(j->mem, c, S("INSERT INTO t VALUES (1)"), NULL, 0, NULL));
    if (j->runs++ == 0)
        TRY(db_one(j->mem, c, S("SELECT pg_terminate_backend(pg_backend_pid())"), NULL, 0, &v));
    return db_exec(j->mem, c, S("INSERT INTO t VALUES (2)"), NULL, 0, NULL);
}

TEST(a_connection_lost_mid_unit_replays)
{
    Db *db = test_db_postgres(mem);
    Job j = {.mem = mem};

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a bigint)"));
    CHECK_OK(db_write(db, mem, suicide_work, &j));
    CHECK_EQ_INT(j.runs, 2);
    CHECK_EQ_INT(read_int(mem, db, "SELECT count(*) FROM t"), 2);
}

TEST(idle_connections_that_broke_are_made_anew)
{
    Db *db = test_db_postgres(mem);

    for (int i = 0; i < 16; i++) CHECK_EQ_INT(read_int(mem, db, "SELECT 1"), 1);
    CHECK_OK(write_sql(mem, db,
                       "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                       "WHERE datname = current_database() AND pid <> pg_backend_pid()"));
    for (int i = 0; i < 16; i++) CHECK_EQ_INT(read_int(mem, db, "SELECT 1"), 1);
}

/* A deferred trigger ends the session inside COMMIT, once (a sequence is not rolled back): the commit did not happen,
   pg_xact_status says so, and the unit runs again. */
TEST(a_commit_that_was_aborted_replays)
{
    Db *db = test_db_postgres(mem);

    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a bigint)"));
    CHECK_OK(write_sql(mem, db, "CREATE SEQUENCE once"));
    CHECK_OK(write_sql(mem, db,
                       "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
                       "IF nextval('once') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); "
                       "PERFORM pg_sleep(1); END IF; RETURN NULL; END$$"));
    CHECK_OK(write_sql(mem, db,
                       "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED "
                       "FOR EACH ROW EXECUTE FUNCTION die()"));
    CHECK_OK(write_sql(mem, db, "INSERT INTO t VALUES (1)"));
    CHECK_EQ_INT(read_int(mem, db, "SELECT count(*) FROM t"), 1);
    CHECK_EQ_INT(read_int(mem, db, "SELECT last_value FROM once"), 2);
    CHECK(db_stats(db).replays >= 1);
}

/* --- the proxy: passes bytes on; when `is_armed` it lets a COMMIT through, waits for the reply, and hangs up. */

typedef struct Proxy {
    int listener;
    struct sockaddr_un server;
    pthread_t thread;
    _Atomic bool is_armed, is_refusing, is_ended;
    _Atomic int cut, pipes;
} Proxy;

typedef struct Pipe {
    Proxy *proxy;
    int client;
} Pipe;

static bool has_commit(const char *p, ssize_t n)
{
    return memmem(p, (size_t)n, "COMMIT", 6) != NULL;
}

/* Passes on what `from` has; false when it is over. */
static bool pass(Proxy *x, int from, int to, bool is_client, bool *is_cut)
{
    char data[65536];
    ssize_t n = read(from, data, sizeof data);

    if (n <= 0) return false;
    if (is_client && atomic_load(&x->is_armed) && has_commit(data, n)) {
        atomic_store(&x->is_armed, false);
        *is_cut = true;
    } else if (!is_client && *is_cut) {
        atomic_fetch_add(&x->cut, 1);
        return false;
    }
    return write(to, data, (size_t)n) == n;
}

static void *pipe_main(void *arg)
{
    const Pipe pipe = *(Pipe *)arg;
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pollfd ends[2] = {{.fd = pipe.client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
    bool is_open = connect(server, (struct sockaddr *)&pipe.proxy->server, sizeof pipe.proxy->server) == 0;
    bool is_cut = false;

    free(arg);
    while (is_open && poll(ends, 2, -1) > 0) {
        if (ends[0].revents) is_open = pass(pipe.proxy, pipe.client, server, true, &is_cut);
        if (is_open && ends[1].revents) is_open = pass(pipe.proxy, server, pipe.client, false, &is_cut);
        if (atomic_load(&pipe.proxy->is_refusing)) is_open = false;
    }
    close(server);
    close(pipe.client);
    atomic_fetch_sub(&pipe.proxy->pipes, 1);
    return NULL;
}

static void *proxy_main(void *arg)
{
    Proxy *x = arg;

    for (;;) {
        int client = accept4(x->listener, NULL, NULL, SOCK_CLOEXEC);
        pthread_t thread;
        Pipe *pipe;

        if (client < 0 || atomic_load(&x->is_ended)) return NULL;
        if (atomic_load(&x->is_refusing)) {
            close(client);
            continue;
        }
        pipe = malloc(sizeof *pipe);
        REQUIRE(pipe);
        *pipe = (Pipe){x, client};
        atomic_fetch_add(&x->pipes, 1);
        REQUIRE(pthread_create(&thread, NULL, pipe_main, pipe) == 0);
        pthread_detach(thread);
    }
}

static Str host_of(Str url)
{
    ptrdiff_t at = str_find(url, S("host="));
    Str rest = at < 0 ? (Str){0} : str_from(url, (size_t)at + 5);

    return str_cut(&rest, '&');
}

static Str proxy_start(Arena *mem, Proxy *x, Str url)
{
    Str dir = test_db_dir(mem), host = host_of(url);
    struct sockaddr_un here = {.sun_family = AF_UNIX};
    ptrdiff_t at = str_find(url, S("host="));

    if (!str_starts(host, S("/"))) tap_skip("the server is not on a unix socket");
    x->server.sun_family = AF_UNIX;
    snprintf(x->server.sun_path, sizeof x->server.sun_path, "%.*s/.s.PGSQL.5432", SFMT(host));
    snprintf(here.sun_path, sizeof here.sun_path, "%.*s/.s.PGSQL.5432", SFMT(dir));
    x->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(bind(x->listener, (struct sockaddr *)&here, sizeof here) == 0 && listen(x->listener, 50) == 0);
    REQUIRE(pthread_create(&x->thread, NULL, proxy_main, x) == 0);
    return str_fmt(mem, "%.*s%.*s%.*s", (int)at + 5, url.p, SFMT(dir),
                   SFMT(str_from(url, (size_t)at + 5 + host.n)));
}

static void proxy_stop(Proxy *x)
{
    atomic_store(&x->is_ended, true);
    shutdown(x->listener, SHUT_RDWR);
    pthread_join(x->thread, NULL);
    close(x->listener);
    while (atomic_load(&x->pipes) > 0) usleep(500);
}

static _Atomic int inserts;

static Err *insert_work(DbConn *c, void *arg)
{
    atomic_fetch_add(&inserts, 1);
    return db_exec(arg, c, S("INSERT INTO t VALUES (1)"), NULL, 0, NULL);
}

TEST(a_commit_whose_reply_was_lost_is_not_repeated)
{
    Proxy x = {0};
    DbOptions opt = {.url = proxy_start(mem, &x, test_db_postgres_url(mem)), .connections = 2};
    Db *db = NULL;

    CHECK_OK(db_open(mem, &opt, &db));
    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a bigint)"));
    atomic_store(&inserts, 0);
    atomic_store(&x.is_armed, true);
    CHECK_OK(db_write(db, mem, insert_work, mem));
    CHECK_EQ_INT(atomic_load(&x.cut), 1);
    CHECK_EQ_INT(atomic_load(&inserts), 1);
    CHECK_EQ_INT(read_int(mem, db, "SELECT count(*) FROM t"), 1);
    CHECK_EQ_INT(db_stats(db).replays, 0);
    db_close(db);
    proxy_stop(&x);
}

TEST(a_server_that_goes_and_comes_back)
{
    Proxy x = {0};
    DbOptions opt = {.url = proxy_start(mem, &x, test_db_postgres_url(mem)), .connections = 1};
    Db *db = NULL;
    Err *e;

    CHECK_OK(db_open(mem, &opt, &db));
    CHECK_OK(write_sql(mem, db, "CREATE TABLE t (a bigint)"));
    atomic_store(&x.is_refusing, true);
    e = db_write(db, mem, insert_work, mem);
    CHECK_ERR(e, ERR_UNAVAILABLE);
    CHECK_STR(e->key, "error.db.unreachable");
    int64_t from = db_mono_us();
    CHECK_ERR(db_write(db, mem, insert_work, mem), ERR_UNAVAILABLE);
    CHECK(db_mono_us() - from < 200000);
    atomic_store(&x.is_refusing, false);
    usleep(300000);
    CHECK_OK(db_write(db, mem, insert_work, mem));
    CHECK_EQ_INT(read_int(mem, db, "SELECT count(*) FROM t"), 1);
    db_close(db);
    proxy_stop(&x);
}

TEST(no_server)
{
    DbOptions opt = {.url = S("postgres:///kith?host=/nowhere")};
    Db *db = NULL;

    CHECK_ERR(db_open(mem, &opt, &db), ERR_UNAVAILABLE);
}
