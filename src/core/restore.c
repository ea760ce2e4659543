/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Putting a backup back.  All of it is first built in `restoring.tmp` inside the data folder, each file proved against the
 * manifest as it is copied, and moved into place at the end with the database last, so that a restore that was cut off
 * leaves no folder that works.  Then nobody is signed in, the log's epoch is a new one, so that followers of the lost
 * future notice, and nothing is sent to the outside until somebody says so. */

#include "core/backup.h"
#include "core/folder.h"
#include "db/backup.h"
#include "db/ship.h"

#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

typedef struct Restoring {
    Arena *mem;
    const RestoreOptions *opt;
    Restored *out;
    Str tmp;
    int64_t done, told;
} Restoring;

/* --- is there room */

static bool may_stay(Str name)
{
    static const Str names[] = {S_INIT("kith.yaml"), S_INIT("secret.key"), S_INIT("kith.lock"),
                                S_INIT("restoring.tmp"), S_INIT("lost+found")};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(name, names[i])) return true;
    return false;
}

static Err *check_empty(Restoring *r)
{
    Str *names = NULL;
    size_t n = 0;

    TRY(folder_names(r->mem, r->opt->data, &names, &n));
    for (size_t i = 0; i < n; i++)
        if (!may_stay(names[i]))
            FAIL(r->mem, ERR_CONFLICT, "error.restore.occupied",
                 "the data folder %.*s is not empty (%.*s): a backup is restored into an empty one only",
                 SFMT(r->opt->data), SFMT(names[i]));
    return r->opt->url.n ? db_pg_is_empty(r->mem, r->opt->url) : NULL;
}

static void close_lock(void *fd)
{
    close((int)(intptr_t)fd);
}

static Err *own_folder(Restoring *r)
{
    Str path = str_cat(r->mem, r->opt->data, S("/kith.lock"));
    int fd = open(str_to_c(r->mem, path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) return folder_error(r->mem, "open", path);
    arena_defer(r->mem, close_lock, (void *)(intptr_t)fd);
    if (flock(fd, LOCK_EX | LOCK_NB))
        FAIL(r->mem, ERR_CONFLICT, "error.db.locked", "another kith is using %.*s", SFMT(r->opt->data));
    return NULL;
}

static Err *check_backup(Restoring *r)
{
    const Backup *b = &r->out->backup;
    bool is_postgres = str_eq(b->database, S("postgres"));

    if (version_is_later(b->version, S(KITH_VERSION)))
        return err_arg(err_new(r->mem, ERR_CONFLICT, "error.store.newer",
                               "the backup was made by Kith %.*s and this is " KITH_VERSION
                               ": restore it with that version or a later one",
                               SFMT(b->version)),
                       0, b->version);
    if (is_postgres != (r->opt->url.n > 0))
        FAIL(r->mem, ERR_INVALID, "error.restore.kind",
             is_postgres ? "this is a backup of a PostgreSQL database: --db names the empty one it goes into"
                         : "this is a backup of a SQLite database: it goes into a data folder, without --db");
    return NULL;
}

/* --- files */

static Err *tell(void *arg, int64_t more)
{
    Restoring *r = arg;

    r->done += more;
    if (!r->opt->progress || r->done - r->told < 16 << 20) return NULL;
    r->told = r->done;
    return r->opt->progress(r->opt->arg, r->done, r->out->backup.bytes);
}

static Err *make_parents(Arena *mem, Str top, Str path)
{
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] == '/') TRY(folder_make(mem, str_fmt(mem, "%.*s/%.*s", SFMT(top), (int)i, path.p)));
    return NULL;
}

static Err *take_file(Restoring *r, const BackupFile *f)
{
    FileSum sum;

    TRY(make_parents(r->mem, r->tmp, f->path));
    Err *e = folder_copy(r->mem, str_fmt(r->mem, "%.*s/%.*s", SFMT(r->out->backup.dir), SFMT(f->path)),
                         str_fmt(r->mem, "%.*s/%.*s", SFMT(r->tmp), SFMT(f->path)), &sum, tell, r);
    if (e && !str_eq(e->key, S("error.backup.missing"))) return e;
    if (e || sum.size != f->size || !str_eq(sum.sha256, f->sha256))
        FAIL(r->mem, ERR_INVALID, "error.backup.damaged", "the backup is damaged: %.*s %s", SFMT(f->path),
             e ? "is missing" : "is not what was written");
    return NULL;
}

/* Contents that came after the base backup. */
static Err *take_shipped_files(Restoring *r)
{
    Str from = str_cat(r->mem, r->opt->ship, S("/files")), *paths = NULL;
    size_t n = 0;

    TRY(folder_files(r->mem, from, &paths, &n));
    for (size_t i = 0; i < n; i++) {
        Str path = str_fmt(r->mem, "files/%.*s", SFMT(paths[i]));
        Str to = str_fmt(r->mem, "%.*s/%.*s", SFMT(r->tmp), SFMT(path));
        FileSum sum;
        if (folder_has(r->mem, to) || str_find(path, S("/new-")) >= 0) continue;
        TRY(make_parents(r->mem, r->tmp, path));
        TRY(folder_copy(r->mem, str_fmt(r->mem, "%.*s/%.*s", SFMT(from), SFMT(paths[i])), to, &sum, NULL,
                        NULL));
    }
    return NULL;
}

/* --- the database afterwards */

typedef struct Changes {
    Arena *mem;
    const RestoreOptions *opt;
    int64_t epoch;
} Changes;

/* Later than any epoch this database may have had before: also one that a lost restore had given it. */
static Err *new_epoch(DbConn *c, Changes *ch)
{
    int64_t now = clock_now_ms() / 1000;
    Val v;

    TRY(db_one(ch->mem, c, S("SELECT value FROM setting WHERE name = 'epoch'"), NULL, 0, &v));
    if (v.kind == VAL_TEXT) (void)str_to_i64(val_str(v), &ch->epoch);
    if (ch->opt->is_trial) return NULL;
    ch->epoch = ch->epoch + 1 > now ? ch->epoch + 1 : now;
    v = val_text(str_fmt(ch->mem, "%lld", (long long)ch->epoch));
    return db_exec(ch->mem, c, S("UPDATE setting SET value = ?1 WHERE name = 'epoch'"), &v, 1, NULL);
}

static Err *change_state(DbConn *c, void *arg)
{
    Changes *ch = arg;
    Val now = val_text(str_fmt(ch->mem, "%lld", (long long)clock_now_ms()));

    TRY(new_epoch(c, ch));
    TRY(db_script(
        ch->mem, c,
        S("DELETE FROM session; DELETE FROM link; DELETE FROM throttle; DELETE FROM idempotency; "
          "DELETE FROM node; DELETE FROM setting WHERE name = 'secret.key'; UPDATE job SET state = 'waiting', lease = 0 WHERE state = 'running'; "
          "DELETE FROM job WHERE kind LIKE 'backup.%' AND state = 'waiting'")));
    return db_exec(
        ch->mem, c,
        S("INSERT INTO setting (name, value) VALUES ('jobs_paused', ?1) ON CONFLICT (name) DO UPDATE SET "
          "value = ?1"),
        &now, 1, NULL);
}

static Err *change_database(Restoring *r)
{
    DbOptions opt = {.dir = r->tmp, .url = r->opt->url, .connections = 1};
    Changes ch = {.mem = r->mem, .opt = r->opt};
    Db *db;

    TRY(db_open(r->mem, &opt, &db));
    Err *e = db_write(db, r->mem, change_state, &ch);
    db_close(db);
    r->out->epoch = ch.epoch;
    return e;
}

/* --- the whole */

static Err *build(Restoring *r)
{
    const Backup *b = &r->out->backup;

    TRY(folder_remove(r->mem, r->tmp));
    TRY(folder_make(r->mem, r->tmp));
    for (size_t i = 0; i < b->n_files; i++) TRY(take_file(r, &b->files[i]));
    if (r->opt->ship.n) {
        TRY(ship_apply(r->mem, r->opt->ship, b->ship, str_cat(r->mem, r->tmp, S("/kith.db")), b->moment,
                       r->opt->until, &r->out->reached));
        TRY(take_shipped_files(r));
    }
    if (r->opt->url.n) {
        Str dump = str_cat(r->mem, r->tmp, S("/kith.dump"));
        TRY(db_pg_restore(r->mem, dump, r->opt->url));
        TRY(folder_remove(r->mem, dump));
    }
    TRY(change_database(r));
    TRY(folder_remove(r->mem, str_cat(r->mem, r->tmp, S("/kith.lock"))));
    return folder_sync_all(r->mem, r->tmp);
}

static Err *move_into_place(Restoring *r)
{
    static const Str names[] = {S_INIT("files"), S_INIT("site"), S_INIT("kith.db")};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Str from = str_fmt(r->mem, "%.*s/%.*s", SFMT(r->tmp), SFMT(names[i]));
        if (folder_has(r->mem, from))
            TRY(folder_rename(r->mem, from,
                              str_fmt(r->mem, "%.*s/%.*s", SFMT(r->opt->data), SFMT(names[i]))));
    }
    TRY(folder_remove(r->mem, r->tmp));
    return folder_sync(r->mem, r->opt->data);
}

Err *backup_restore(Arena *mem, const RestoreOptions *opt, Restored *out)
{
    Arena *own = arena_new(0);
    Restoring r = {.mem = own, .opt = opt, .out = out, .tmp = str_cat(own, opt->data, S("/restoring.tmp"))};

    *out = (Restored){0};
    Err *e = backup_read(mem, opt->from, &out->backup);
    if (!e) e = check_backup(&r);
    if (!e) e = folder_make(own, opt->data);
    if (!e) e = own_folder(&r);
    if (!e) e = check_empty(&r);
    if (!e) e = build(&r);
    if (!e) e = move_into_place(&r);
    if (e) {
        Err *kept = err_new(mem, e->code, str_to_c(mem, e->key), "%.*s", SFMT(e->detail));
        for (int i = 0; i < ERR_ARGS; i++) kept->args[i] = str_copy(mem, e->args[i]);
        e = kept;
    }
    arena_free(own);
    return e;
}

Err *backup_restored(Arena *mem, const RestoreOptions *opt, int64_t *epoch)
{
    Restored out = {0};
    Restoring r = {.mem = mem, .opt = opt, .out = &out, .tmp = opt->data};

    if (!opt->url.n)
        FAIL(mem, ERR_INVALID, "error.usage",
             "--done is for PostgreSQL: --db names the database that was restored");
    Err *e = change_database(&r);
    *epoch = out.epoch;
    return e;
}
