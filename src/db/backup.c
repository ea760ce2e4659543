/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The copy of a SQLite database while it works: the bytes of one moment (snapshot.h) in blocks, so that the copy never begins
 * again and writers, who append to the log, never wait for it.  While it runs the log cannot begin anew; the writer must not
 * insist (Sqlite's tidy).  Whoever wants the bytes too, for their hash, gets each block once it is written. */

#include "db/backup.h"
#include "db/driver.h"
#include "db/snapshot.h"

#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#define BLOCKS_WRITE 8 /* blocks after which the disk is told to begin with them */

static Err *fail_write(Arena *mem, const char *to)
{
    int cause = errno;

    if (cause == ENOSPC || cause == EDQUOT)
        FAIL(mem, ERR_LIMIT, "error.db.full", "%s: no space left on the disk", to);
    FAIL(mem, ERR_UNAVAILABLE, "error.db", "write %s: %s", to, strerrordesc_np(cause));
}

static bool write_block(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
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

/* The disk works while blocks are copied, not after: a single sync at the end would keep everybody's commits waiting. */
static void begin_writing(int fd, int64_t end)
{
    int64_t n = (int64_t)BLOCKS_WRITE * DB_COPY_BLOCK;

    if (end % n == 0) (void)sync_file_range(fd, end - n, n, SYNC_FILE_RANGE_WRITE);
}

static Err *copy_blocks(Arena *mem, const Snapshot *s, int fd, const char *to, DbCopyWatch *watch)
{
    char *own = watch->room ? NULL : arena_alloc(mem, DB_COPY_BLOCK);
    int64_t size = snapshot_size(s);

    atomic_store(&watch->total, size);
    for (int64_t at = 0; at < size;) {
        char *block = watch->room ? watch->room(watch->arg) : own;
        size_t n = size - at < DB_COPY_BLOCK ? (size_t)(size - at) : DB_COPY_BLOCK;
        if (atomic_load(&watch->must_stop))
            FAIL(mem, ERR_UNAVAILABLE, "error.backup.stopped", "the copy was stopped");
        TRY(snapshot_read(mem, s, at, block, n));
        if (!write_block(fd, block, n)) return fail_write(mem, to);
        if (watch->filled) watch->filled(watch->arg, n);
        at += (int64_t)n;
        atomic_store(&watch->done, at);
        begin_writing(fd, at);
    }
    return NULL;
}

Err *sqlite_copy_file(Arena *mem, const char *from, const char *to, DbCopyWatch *watch, DbCopyInfo *info)
{
    Arena *own = arena_new(0); /* ends the moment, whatever happens */
    Snapshot *s = NULL;
    int fd = -1;

    Err *e = snapshot_open(own, from, &s);
    info->moment = clock_now_ms();
    if (!e) {
        read_info(mem, snapshot_db(s), info);
        fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        e = fd < 0 ? fail_write(own, to) : copy_blocks(own, s, fd, to, watch);
    }
    if (fd >= 0 && close(fd) && !e) e = fail_write(own, to);
    if (e) e = err_copy(mem, e);
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
