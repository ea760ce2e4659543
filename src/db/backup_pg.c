/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Copies of a PostgreSQL database by its own tools.  A read transaction of ours exports its snapshot, tells where the log
 * ends in it, and stays open while pg_dump writes the same snapshot.  How to reach the server goes to the tools in
 * their environment, never in their arguments, which every user of the machine can read. */

#include "db/backup.h"
#include "db/pg.h"

#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOOL_TEXT 2000 /* bytes of what a failed tool has said */
#define POLL_US   50000

/* --- running a tool */

extern char **environ;

static bool is_set(Str var, const PQconninfoOption *options)
{
    for (const PQconninfoOption *o = options; o && o->keyword; o++)
        if (o->envvar && o->val && str_starts(var, str_c(o->envvar)) && var.n > strlen(o->envvar) &&
            var.p[strlen(o->envvar)] == '=')
            return true;
    return false;
}

static void free_options(void *options)
{
    PQconninfoFree(options);
}

/* Our environment with what `url` says in libpq's variables. */
static Err *tool_environment(Arena *mem, Str url, char ***out)
{
    PQconninfoOption *options = url.n ? PQconninfoParse(str_to_c(mem, url), NULL) : NULL;
    size_t n = 0, cap = 64;

    if (url.n && !options)
        FAIL(mem, ERR_INVALID, "error.db.url", "the address of the database cannot be read");
    if (options) arena_defer(mem, free_options, options);
    for (char **e = environ; *e; e++) cap++;
    *out = NEW_N(mem, char *, cap);
    for (char **e = environ; *e; e++)
        if (!is_set(str_c(*e), options)) (*out)[n++] = *e;
    for (const PQconninfoOption *o = options; o && o->keyword && n + 1 < cap; o++)
        if (o->envvar && o->val) (*out)[n++] = str_to_c(mem, str_fmt(mem, "%s=%s", o->envvar, o->val));
    return NULL;
}

static Err *tool_failed(Arena *mem, const char *tool, int said, const char *what)
{
    char text[TOOL_TEXT];
    ssize_t n = said >= 0 ? pread(said, text, sizeof text, 0) : 0;

    FAIL(mem, ERR_UNAVAILABLE, "error.backup.tool", "%s: %s%.*s", tool, what, n > 0 ? (int)n : 0, text);
}

/* The tool starts with no signal blocked or ignored, its output goes nowhere, what it complains of into `said`. */
static int spawn(pid_t *pid, char *const *argv, char *const *env, int said)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, said, STDERR_FILENO);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int rc = posix_spawnp(pid, argv[0], &files, &attr, argv, env);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return rc;
}

/* Waits for the tool; `file` (may be NULL) is what it writes, for the progress. */
static int wait_for(pid_t pid, const char *file, DbCopyWatch *watch)
{
    int status = 0;

    while (waitpid(pid, &status, watch ? WNOHANG : 0) == 0) {
        struct stat st;
        if (atomic_load(&watch->must_stop)) (void)kill(pid, SIGTERM);
        if (file && stat(file, &st) == 0) atomic_store(&watch->done, (int64_t)st.st_size);
        nanosleep(&(struct timespec){.tv_nsec = POLL_US * 1000L}, NULL);
    }
    return status;
}

static Err *tool_run(Arena *mem, char *const *argv, Str url, const char *file, DbCopyWatch *watch)
{
    char **env = NULL;
    pid_t pid = 0;
    Err *e = NULL;

    TRY(tool_environment(mem, url, &env));
    int said = memfd_create("kith-tool", MFD_CLOEXEC);
    int rc = said < 0 ? errno : spawn(&pid, argv, env, said);
    if (rc) {
        e = tool_failed(mem, argv[0], -1, strerrordesc_np(rc));
    } else {
        int status = wait_for(pid, file, watch);
        if (watch && atomic_load(&watch->must_stop))
            e = err_new(mem, ERR_UNAVAILABLE, "error.backup.stopped", "the copy was stopped");
        else if (!WIFEXITED(status) || WEXITSTATUS(status))
            e = tool_failed(mem, argv[0], said, "failed: ");
    }
    if (said >= 0) close(said);
    return e;
}

/* --- copying */

typedef struct Dump {
    Arena *mem;
    const char *url, *to;
    DbCopyWatch *watch;
    DbCopyInfo *info;
} Dump;

static Err *read_info(Arena *mem, DbConn *c, DbCopyInfo *info)
{
    DbRows *rows;
    bool has;
    Val v;

    TRY(db_one(mem, c, S("SELECT CAST(to_regclass('setting') AS text)"), NULL, 0, &v));
    if (val_is_null(v)) return NULL;
    TRY(db_one(mem, c, S("SELECT value FROM setting WHERE name = 'version'"), NULL, 0, &v));
    if (v.kind == VAL_TEXT) info->version = str_copy(mem, val_str(v));
    TRY(db_query(
        mem, c, S("SELECT epoch, tx, seq, schema FROM change ORDER BY epoch DESC, tx DESC, seq DESC LIMIT 1"),
        NULL, 0, &rows));
    TRY(db_next(rows, &has));
    if (!has) return NULL;
    info->epoch = db_i64(rows, 0);
    info->tx = db_i64(rows, 1);
    info->seq = db_i64(rows, 2);
    info->generation = db_i64(rows, 3);
    return db_next(rows, &has);
}

static Err *dump(DbConn *c, void *arg)
{
    Dump *d = arg;
    Val snapshot, size;

    db_set_budget(c, 0);
    TRY(db_script(d->mem, c, S("SET LOCAL idle_in_transaction_session_timeout = 0")));
    TRY(db_one(d->mem, c, S("SELECT pg_database_size(current_database())"), NULL, 0, &size));
    TRY(db_one(d->mem, c, S("SELECT pg_export_snapshot()"), NULL, 0, &snapshot));
    d->info->moment = clock_now_ms();
    TRY(read_info(d->mem, c, d->info));
    atomic_store(&d->watch->total, size.kind == VAL_INT ? size.i : 0);
    char *argv[] = {"pg_dump",
                    "--format=custom",
                    "--no-owner",
                    "--no-privileges",
                    "--no-password",
                    "--compress=1",
                    str_to_c(d->mem, str_fmt(d->mem, "--snapshot=%.*s", SFMT(val_str(snapshot)))),
                    str_to_c(d->mem, str_fmt(d->mem, "--file=%s", d->to)),
                    NULL};
    return tool_run(d->mem, argv, str_c(d->url), d->to, d->watch);
}

Err *pg_copy(Arena *mem, Db *base, const char *to, DbCopyWatch *watch, DbCopyInfo *info)
{
    Dump d = {.mem = mem, .url = ((PgDb *)base)->url, .to = to, .watch = watch, .info = info};

    return db_read(base, mem, dump, &d);
}

/* --- restoring */

static void finish_link(void *link)
{
    PQfinish(link);
}

static Err *ask(Arena *mem, Str url, const char *sql, Str *out)
{
    PGconn *link = PQconnectdb(str_to_c(mem, url));

    arena_defer(mem, finish_link, link);
    if (PQstatus(link) != CONNECTION_OK)
        FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", "%s", PQerrorMessage(link));
    PGresult *r = PQexec(link, sql);
    bool is_good = PQresultStatus(r) == PGRES_TUPLES_OK || PQresultStatus(r) == PGRES_COMMAND_OK;
    if (out) *out = is_good && PQntuples(r) ? str_copy(mem, str_c(PQgetvalue(r, 0, 0))) : (Str){0};
    PQclear(r);
    if (!is_good) FAIL(mem, ERR_UNAVAILABLE, "error.db", "%s", PQerrorMessage(link));
    return NULL;
}

Err *db_pg_is_empty(Arena *mem, Str url)
{
    Str name = {0};

    TRY(ask(
        mem, url,
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE "
        "'pg\\_%' AND n.nspname <> 'information_schema' AND c.relkind IN ('r','p','v','m','S','f') LIMIT 1",
        &name));
    if (name.n)
        FAIL(mem, ERR_CONFLICT, "error.restore.occupied", "the database is not empty: it has %.*s",
             SFMT(name));
    return NULL;
}

Err *db_pg_restore(Arena *mem, Str file, Str url)
{
    char *name = str_to_c(mem, file), *database;
    char *read[] = {"pg_restore", "--file=/dev/null", name, NULL};
    Str into = {0};

    if (!url.n) return tool_run(mem, read, url, NULL, NULL);
    TRY(ask(mem, url, "SELECT current_database()", &into));
    database = str_to_c(mem, str_fmt(mem, "--dbname=%.*s", SFMT(into)));
    /* Functions may be there from an earlier visit of the program: they are replaced. */
    char *fill[] = {"pg_restore", "--exit-on-error", "--single-transaction", "--clean", "--if-exists",
                    "--no-owner", "--no-privileges", "--no-password",        database,  name,
                    NULL};
    return tool_run(mem, fill, url, NULL, NULL);
}

Err *db_pg_scratch(Arena *mem, Str url, Str *scratch)
{
    struct timespec now;
    Str rest = url, name;

    clock_gettime(CLOCK_REALTIME, &now);
    name = str_fmt(mem, "kith_verify_%lld_%ld", (long long)now.tv_sec, now.tv_nsec);
    TRY(ask(mem, url, str_to_c(mem, str_fmt(mem, "CREATE DATABASE %.*s TEMPLATE template0", SFMT(name))),
            NULL));
    ptrdiff_t query = str_find_char(url, '?');
    Str before = str_cut(&rest, '?');
    size_t slash = before.n;
    while (slash > 0 && before.p[slash - 1] != '/') slash--;
    bool has_path =
        slash >= 3 && str_find(str_sub(before, 0, slash - 1), S("//")) >= 0 && before.p[slash - 2] != '/';
    bool is_socket =
        slash >= 3 && before.p[slash - 2] == '/' && str_ends(str_sub(before, 0, slash), S("///"));
    Str base = has_path || is_socket ? str_sub(before, 0, slash) : str_cat(mem, before, S("/"));
    *scratch = str_fmt(mem, "%.*s%.*s%s%.*s", SFMT(base), SFMT(name), query < 0 ? "" : "?", SFMT(rest));
    return NULL;
}

void db_pg_scratch_drop(Arena *mem, Str url, Str scratch)
{
    ptrdiff_t at = str_find(scratch, S("kith_verify_"));
    Str rest = at < 0 ? (Str){0} : str_from(scratch, (size_t)at), name = str_cut(&rest, '?');

    if (name.n &&
        ask(mem, url, str_to_c(mem, str_fmt(mem, "DROP DATABASE IF EXISTS %.*s WITH (FORCE)", SFMT(name))),
            NULL)) {} /* it is only a trial's leftover */
}
