/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backups as jobs: now, every night, and proving one.  A proof opens a second store, and a process has one set of ids and one
   cache of sessions: so the server leaves it to a child process of the same program. */
#include "app/backup.h"

#include "app/modules.h"
#include "app/socket.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "core/folder.h"
#include "core/job.h"
#include "db/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAID_MAX 4000
#define TELL_US  400000

/* --- proving */

static Err *check_store(Arena *mem, Str data, Str url, Str *report)
{
    StoreOptions opt = {.db = {.dir = data, .url = url, .connections = 2},
                        .modules = app_modules,
                        .n_modules = app_modules_count};
    Str args[] = {S("check")};
    Run run = {0};
    Store *store;

    TRY(store_open(mem, &opt, &store));
    command_run(mem, store, args, 1, (Str){0}, (Str){0}, &run);
    store_close(store);
    *report = buf_str(&run.out);
    if (run.code != EXIT_OK)
        FAIL(mem, ERR_INVALID, "error.backup.unsound",
             "the backup is as it was written, but kith check finds it wrong%s%.*s", run.err.n ? ": " : "",
             SFMT(buf_str(&run.err)));
    return NULL;
}

static Err *try_restore(Arena *mem, Str dir, Str url, Str place, Str *report)
{
    RestoreOptions opt = {.from = dir, .data = place, .url = url, .is_trial = true};
    Restored restored;

    TRY(backup_restore(mem, &opt, &restored));
    return check_store(mem, place, url, report);
}

static Err *prove_postgres(Arena *mem, const Backup *b, Str url, Str place, Str *report, bool *is_checked)
{
    Str scratch, dump = str_cat(mem, b->dir, S("/kith.dump"));

    if (!url.n || db_pg_scratch(mem, url, &scratch)) {
        *is_checked = false; /* no server, or no right to make a database there: the file is read through */
        return db_pg_restore(mem, dump, (Str){0});
    }
    Err *e = try_restore(mem, b->dir, scratch, place, report);
    db_pg_scratch_drop(mem, url, scratch);
    return e;
}

Err *backup_prove(Arena *mem, Str dir, Str url, Backup *out, Str *report, bool *is_checked)
{
    Str place;

    while (dir.n > 1 && dir.p[dir.n - 1] == '/') dir.n--;
    *is_checked = true;
    TRY(backup_read(mem, dir, out));
    TRY(backup_hashes(mem, out, NULL, NULL));
    place = str_fmt(mem, "%.*s.unfinished-trial-%d", SFMT(dir), (int)getpid());
    Err *e = str_eq(out->database, S("postgres")) ? prove_postgres(mem, out, url, place, report, is_checked)
                                                  : try_restore(mem, dir, (Str){0}, place, report);
    Err *left = folder_remove(mem, place);
    if (!e) e = left;
    if (!e) e = backup_mark_verified(mem, out, clock_now_ms());
    return e;
}

/* --- jobs */

typedef struct Work {
    Store *store;
    Arena *mem;
    Id job;
} Work;

static Err *tell(void *arg, int64_t done, int64_t total)
{
    Work *w = arg;
    Arena *tmp = arena_new(0);
    Err *e = job_progress(w->store, tmp, w->job, done >> 10, total >> 10);

    if (e) e = err_new(w->mem, e->code, str_to_c(w->mem, e->key), "%.*s", SFMT(e->detail));
    arena_free(tmp);
    return e;
}

static Err *run_backup(Store *store, Arena *mem, Id job, bool is_scheduled)
{
    Work w = {store, mem, job};
    BackupOptions opt = {.db = store->db,
                         .ship = store->ship,
                         .data = store->dir,
                         .to = backup_new_path(mem, store->backup_dir, clock_now_ms()),
                         .is_scheduled = is_scheduled,
                         .progress = tell,
                         .arg = &w};
    Backup made;

    TRY(folder_make(mem, store->backup_dir));
    TRY(backup_make(mem, &opt, &made));
    log_line(LOG_INFO, "backup made", "bytes=%lld ms=%lld", (long long)made.bytes,
             (long long)(made.at - made.began));
    ValPair result = {val_text(S("name")), val_text(made.name)};
    return job_result(store, mem, job, val_map(&result, 1));
}

static Err *run_now(Store *store, Arena *mem, Id job, const Val *arg)
{
    (void)arg;
    return run_backup(store, mem, job, false);
}

typedef struct Plan {
    Store *store;
    Arena *mem;
    int64_t due; /* 0: none */
} Plan;

static Err *plan_next(DbConn *c, void *arg)
{
    Plan *p = arg;
    Ctx cx = ctx_system(p->store, p->mem, c);

    TRY(db_exec(p->mem, c, S("DELETE FROM job WHERE kind = 'backup.nightly' AND state = 'waiting'"), NULL, 0,
                NULL));
    return p->due ? job_add(&cx, S("backup.nightly"), val_map(NULL, 0), p->due, NULL) : NULL;
}

/* The next moment when the company's clock shows `at`. */
static Err *next_due(Arena *mem, const Store *store, int64_t now, int64_t *out)
{
    Str zone = store->company->zone;
    int64_t seconds, day;

    if (!time_of_day_parse(store->backup_at, &seconds))
        FAIL(mem, ERR_INVALID, "error.usage", "backup.at is a time of day such as 02:30");
    day = zone_date(zone, now);
    *out = zone_day_start(zone, day) + seconds * 1000;
    if (*out <= now) *out = zone_day_start(zone, day + 1) + seconds * 1000;
    return NULL;
}

static Err *plan(Store *store, Arena *mem)
{
    Plan p = {store, mem, 0};

    if (store->backup_at.n) TRY(next_due(mem, store, store_now(store), &p.due));
    return db_write(store->db, mem, plan_next, &p);
}

static Err *run_nightly(Store *store, Arena *mem, Id job, const Val *arg)
{
    BackupKeep keep;
    size_t removed;

    (void)arg;
    if (!store->backup_at.n) return NULL;
    Err *e = run_backup(store, mem, job, true);
    if (e && e->code == ERR_UNAVAILABLE) return e; /* tried again by the rules of jobs */
    TRY(plan(store, mem));
    if (e) return e;
    TRY(backup_keep_parse(mem, store->backup_keep, &keep));
    return backup_rotate(mem, store->backup_dir, &keep, &removed);
}

/* `kith backup DIR --verify` of this same program; its words when it fails. */
static Err *spawn_proof(Arena *mem, const Store *store, Str dir, pid_t *pid, int said)
{
    char *argv[] = {"kith",     "--data", str_to_c(mem, store->dir), "backup", str_to_c(mem, dir),
                    "--verify", NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;
    char **env;
    size_t n = 0;

    extern char **environ;
    while (environ[n]) n++;
    env = NEW_N(mem, char *, n + 2);
    n = 0;
    for (char **e = environ; *e; e++)
        if (!str_starts(str_c(*e), S("KITH_DB="))) env[n++] = *e;
    env[n] = str_to_c(mem, str_fmt(mem, "KITH_DB=%.*s", SFMT(store->url)));
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, said, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, said, STDERR_FILENO);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    int rc = posix_spawn(pid, "/proc/self/exe", &files, &attr, argv, env);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    if (rc) FAIL(mem, ERR_UNAVAILABLE, "error.backup.tool", "kith backup --verify: %s", strerrordesc_np(rc));
    return NULL;
}

static Err *wait_for_proof(Store *store, Arena *mem, Id job, pid_t pid, int said)
{
    Work w = {store, mem, job};
    char text[SAID_MAX];
    int status = 0;
    Err *e = NULL;

    for (int64_t i = 0; waitpid(pid, &status, WNOHANG) == 0; i++) {
        if (!e && i % 25 == 0) e = tell(&w, 0, 0);
        if (e) (void)kill(pid, SIGTERM);
        nanosleep(&(struct timespec){.tv_nsec = TELL_US * 1000L}, NULL);
    }
    if (e || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) return e;
    ssize_t n = pread(said, text, sizeof text, 0);
    FAIL(mem, ERR_INVALID, "error.backup.damaged", "%.*s", n > 0 ? (int)n : 0, text);
}

static Err *run_verify(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *name = val_get(arg, S("name"));
    pid_t pid = 0;

    if (!name || name->kind != VAL_TEXT || str_find_char(val_str(*name), '/') >= 0)
        FAIL(mem, ERR_INVALID, "error.backup.missing", "which backup?");
    Str dir = str_fmt(mem, "%.*s/%.*s", SFMT(store->backup_dir), SFMT(val_str(*name)));
    int said = memfd_create("kith-proof", MFD_CLOEXEC);
    if (said < 0) FAIL(mem, ERR_UNAVAILABLE, "error.backup.tool", "%s", strerrordesc_np(errno));
    Err *e = spawn_proof(mem, store, dir, &pid, said);
    if (!e) e = wait_for_proof(store, mem, job, pid, said);
    close(said);
    return e;
}

static const JobKind JOBS[] = {
    {.name = "backup.now", .run = run_now},
    {.name = "backup.nightly", .run = run_nightly},
    {.name = "backup.verify", .run = run_verify},
};

const Module app_backup_module = {.name = "backup", .jobs = JOBS, .n_jobs = sizeof JOBS / sizeof *JOBS};

Err *backup_schedule(Store *store, Arena *mem, const Config *config)
{
    Str dir = config->value[CONFIG_BACKUP_DIR];
    BackupKeep keep;

    store->backup_dir = dir.n ? dir : str_cat(mem, store->dir, S("/backups"));
    store->backup_at = config->value[CONFIG_BACKUP_AT];
    store->backup_keep = config->value[CONFIG_BACKUP_KEEP];
    TRY(backup_keep_parse(mem, store->backup_keep, &keep));
    return plan(store, mem);
}
