/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The copy of a SQLite database while it works: SQLite's online backup over a connection of its own that holds one read
 * transaction from the first page to the last, so that the copy is of one moment and never begins again, and so that
 * writers, who append to the log, never wait for it.  While it runs the log cannot begin anew; the writer must not
 * insist (Sqlite's tidy). */

#include "db/backup.h"
#include "db/driver.h"

#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#define STEP_PAGES  256
#define STEPS_WRITE 16 /* steps after which the disk is told to begin with what is there */

typedef struct Copy {
    sqlite3 *from, *to;
    sqlite3_backup *work;
    int fd; /* of the copy */
} Copy;

static void copy_close(void *arg)
{
    Copy *c = arg;

    if (c->work) (void)sqlite3_backup_finish(c->work);
    (void)sqlite3_close(c->to);
    (void)sqlite3_close(c->from);
    if (c->fd >= 0) (void)close(c->fd);
}

static Err *fail(Arena *mem, sqlite3 *db, int rc, const char *what)
{
    int cause = db ? sqlite3_system_errno(db) : 0;
    bool is_full = (rc & 0xff) == SQLITE_FULL || ((rc & 0xff) == SQLITE_IOERR && cause == ENOSPC);

    if (is_full) FAIL(mem, ERR_LIMIT, "error.db.full", "%s: no space left on the disk (sqlite %d)", what, rc);
    FAIL(mem, ERR_UNAVAILABLE, "error.db", "%s: sqlite %d: %s", what, rc,
         db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
}

static Err *run(Arena *mem, sqlite3 *db, const char *sql)
{
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? NULL : fail(mem, db, rc, sql);
}

/* The copy is synced once, when it is whole: until then nobody takes it for one. */
static Err *open_both(Arena *mem, Copy *c, const char *from, const char *to)
{
    int rc = sqlite3_open_v2(from, &c->from, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);

    if (rc != SQLITE_OK) return fail(mem, c->from, rc, "open");
    rc = sqlite3_open_v2(to, &c->to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) return fail(mem, c->to, rc, "open the copy");
    c->fd = open(to, O_WRONLY | O_CLOEXEC);
    (void)sqlite3_busy_timeout(c->from, 5000);
    TRY(run(mem, c->from, "PRAGMA cache_size = -1000"));
    TRY(run(mem, c->from, "PRAGMA mmap_size = 2147418112"));
    TRY(run(mem, c->to, "PRAGMA journal_mode = OFF"));
    TRY(run(mem, c->to, "PRAGMA synchronous = OFF"));
    TRY(run(mem, c->to, "PRAGMA cache_size = -4000"));
    return run(mem, c->from, "BEGIN; SELECT count(*) FROM sqlite_schema");
}

/* The disk works while pages are copied, not after: a single sync at the end would keep everybody's commits waiting. */
static void begin_writing(const Copy *c)
{
    if (c->fd >= 0) (void)sync_file_range(c->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

/* The first row of `sql`, or of nothing when the tables are not there. */
static void read_row(Arena *mem, sqlite3 *db, const char *sql, int64_t *numbers, int n, Str *text)
{
    sqlite3_stmt *st = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
        for (int i = 0; i < n; i++) numbers[i] = sqlite3_column_int64(st, i);
        if (text) *text = str_copy(mem, str_c((const char *)sqlite3_column_text(st, 0)));
    }
    (void)sqlite3_finalize(st);
}

static void read_info(Arena *mem, sqlite3 *db, DbCopyInfo *info)
{
    int64_t last[4] = {0};

    read_row(mem, db,
             "SELECT epoch, tx, seq, schema FROM change ORDER BY epoch DESC, tx DESC, seq DESC LIMIT 1", last,
             4, NULL);
    read_row(mem, db, "SELECT value FROM setting WHERE name = 'version'", NULL, 0, &info->version);
    info->epoch = last[0];
    info->tx = last[1];
    info->seq = last[2];
    info->generation = last[3];
}

static Err *copy_pages(Arena *mem, Copy *c, DbCopyWatch *watch)
{
    int64_t page = 4096;
    unsigned steps = 0;
    int rc;

    read_row(mem, c->from, "PRAGMA page_size", &page, 1, NULL);
    c->work = sqlite3_backup_init(c->to, "main", c->from, "main");
    if (!c->work) return fail(mem, c->to, sqlite3_errcode(c->to), "backup");
    do {
        if (atomic_load(&watch->must_stop))
            FAIL(mem, ERR_UNAVAILABLE, "error.backup.stopped", "the copy was stopped");
        rc = sqlite3_backup_step(c->work, STEP_PAGES);
        int total = sqlite3_backup_pagecount(c->work), left = sqlite3_backup_remaining(c->work);
        atomic_store(&watch->total, total * page);
        atomic_store(&watch->done, (total - left) * page);
        if (++steps % STEPS_WRITE == 0) begin_writing(c);
    } while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
    if (rc != SQLITE_DONE) return fail(mem, c->to, rc, "backup");
    rc = sqlite3_backup_finish(c->work);
    c->work = NULL;
    return rc == SQLITE_OK ? NULL : fail(mem, c->to, rc, "backup");
}

Err *sqlite_copy_file(Arena *mem, const char *from, const char *to, DbCopyWatch *watch, DbCopyInfo *info)
{
    Copy *c = NEW(mem, Copy);
    Arena *own = arena_new(0); /* closes both, whatever happens */
    Err *e;

    c->fd = -1;
    arena_defer(own, copy_close, c);
    e = open_both(mem, c, from, to);
    info->moment = clock_now_ms();
    if (!e) read_info(mem, c->from, info);
    if (!e) e = copy_pages(mem, c, watch);
    arena_free(own);
    return e;
}

Err *db_copy(Arena *mem, Db *db, Str to, DbCopyWatch *watch, DbCopyInfo *info)
{
    *info = (DbCopyInfo){0};
    return db->driver->copy(mem, db, str_to_c(mem, to), watch, info);
}

const char *db_copy_name(const Db *db)
{
    return db_can(db, DB_CAP_SHARED) ? "kith.dump" : "kith.db";
}
