/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Databases for tests: SQLite in a folder of its own, PostgreSQL in a cluster of this program's own (unix socket only,
 * no syncing) or in the server the environment names.  PostgreSQL refuses to run as root, so root becomes the system's
 * `postgres` user for it.  Not part of the program. */

#include "db/test_db.h"

#include "base/tap.h"

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PG_BIN "/usr/lib/postgresql/15/bin"

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static void remove_folder(void *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static char *new_folder(Arena *mem)
{
    const char *base = getenv("TMPDIR");
    char *path = str_to_c(mem, str_fmt(mem, "%s/kith-test-XXXXXX", base ? base : "/tmp"));

    REQUIRE(mkdtemp(path));
    return path;
}

static void close_db(void *db)
{
    db_close(db);
}

Str test_db_dir(Arena *mem)
{
    char *dir = new_folder(mem);

    arena_defer(mem, remove_folder, dir);
    return str_c(dir);
}

Db *test_db_sqlite(Arena *mem)
{
    DbOptions opt = {.dir = test_db_dir(mem)};
    Db *db = NULL;

    CHECK_OK(db_open(mem, &opt, &db));
    arena_defer(mem, close_db, db);
    return db;
}

/* --- PostgreSQL */

static char cluster_dir[128]; /* empty: not started */

static void become_postgres(void)
{
    const struct passwd *pw = getuid() == 0 ? getpwnam("postgres") : NULL;

    if (!pw) return;
    if (setgroups(0, NULL) || setgid(pw->pw_gid) || setuid(pw->pw_uid)) _exit(126);
}

static int run(const char *const argv[])
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        become_postgres();
        if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) _exit(126);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid);
    return status;
}

/* A process that stops the cluster when this one is gone, however it went: it waits for the end of a pipe. */
static void cluster_watch(void)
{
    int ends[2];
    char byte;
    pid_t pid;

    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    pid = fork();
    REQUIRE(pid >= 0);
    if (pid) {
        close(ends[0]);
        return;
    }
    close(ends[1]);
    setsid();
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)) _exit(126);
    while (read(ends[0], &byte, 1) < 0) continue;
    run((const char *const[]){PG_BIN "/pg_ctl", "-D", cluster_dir, "-m", "immediate", "-w", "stop", NULL});
    remove_folder(cluster_dir);
    _exit(0);
}

static bool cluster_start(Arena *mem)
{
    const struct passwd *pw = getuid() == 0 ? getpwnam("postgres") : NULL;
    char *dir, *options;

    if (cluster_dir[0]) return true;
    if (access(PG_BIN "/initdb", X_OK) != 0 || (getuid() == 0 && !pw)) return false;
    dir = new_folder(mem);
    if (pw) REQUIRE(chown(dir, pw->pw_uid, pw->pw_gid) == 0);
    snprintf(cluster_dir, sizeof cluster_dir, "%s", dir);
    cluster_watch();
    REQUIRE(run((const char *const[]){PG_BIN "/initdb", "-D", dir, "-U", "kith", "-A", "trust", "-E", "UTF8",
                                      "--locale", "C.UTF-8", "--no-sync", NULL}) == 0);
    options = str_to_c(mem, str_fmt(mem,
                                    "-k %s -c listen_addresses= -c fsync=off -c synchronous_commit=off "
                                    "-c full_page_writes=off -c max_connections=100 -c shared_buffers=32MB",
                                    dir));
    REQUIRE(run((const char *const[]){PG_BIN "/pg_ctl", "-D", dir, "-w", "-l", "/dev/null", "-o", options,
                                      "start", NULL}) == 0);
    return true;
}

typedef struct Created {
    char *server, *name;
} Created;

static void server_exec(const char *server, const char *sql)
{
    PGconn *c = PQconnectdb(server);
    PGresult *r = PQexec(c, sql);

    if (PQresultStatus(r) != PGRES_COMMAND_OK) printf("# %s: %s", sql, PQerrorMessage(c));
    REQUIRE(PQresultStatus(r) == PGRES_COMMAND_OK);
    PQclear(r);
    PQfinish(c);
}

static void drop_database(void *arg)
{
    const Created *d = arg;
    Arena *mem = arena_new(0);

    server_exec(d->server, str_to_c(mem, str_fmt(mem, "DROP DATABASE %s WITH (FORCE)", d->name)));
    arena_free(mem);
}

/* The URL of database `name` on the server of `url`. */
static Str with_database(Arena *mem, Str url, const char *name)
{
    ptrdiff_t scheme = str_find(url, S("://")), slash, query;
    Str rest = str_from(url, (size_t)scheme + 3);

    query = str_find_char(rest, '?');
    slash = str_find_char(query < 0 ? rest : str_sub(rest, 0, (size_t)query), '/');
    return str_fmt(mem, "%.*s/%s%.*s",
                   (int)(scheme + 3 + (slash < 0 ? (query < 0 ? (ptrdiff_t)rest.n : query) : slash)), url.p,
                   name, SFMT(query < 0 ? (Str){0} : str_from(rest, (size_t)query)));
}

Str test_db_postgres_url(Arena *mem)
{
    static atomic_int serial;
    const char *given = getenv("KITH_TEST_PG");
    Created *d = NEW(mem, Created);
    Str url = str_c(given);

    if (!given && !cluster_start(mem)) tap_skip("PostgreSQL is not installed");
    if (!given) url = str_fmt(mem, "postgres:///postgres?host=%s&user=kith", cluster_dir);
    d->server = str_to_c(mem, url);
    d->name = str_to_c(mem, str_fmt(mem, "kith_test_%d_%d", (int)getpid(), atomic_fetch_add(&serial, 1)));
    server_exec(d->server, str_to_c(mem, str_fmt(mem, "CREATE DATABASE %s", d->name)));
    arena_defer(mem, drop_database, d);
    return with_database(mem, url, d->name);
}

Db *test_db_postgres(Arena *mem)
{
    DbOptions opt = {.url = test_db_postgres_url(mem), .connections = 8};
    Db *db = NULL;

    CHECK_OK(db_open(mem, &opt, &db));
    arena_defer(mem, close_db, db);
    return db;
}
