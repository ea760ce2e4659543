/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pages of a database at one moment.  A reader of the write-ahead log keeps checkpoints from writing what is later than its
 * moment into the database file, and the log from beginning anew; so each page is either in one of the first frames of the log,
 * as many as there were at that moment, or stands in the file as it was.  How many frames there are is said by the index the
 * connections share (https://sqlite.org/walformat.html); that it is the number of our moment is known because the index was
 * the same before the transaction and after its first read.  Files are read by SQLite's own handles: closing another handle
 * of the same file would end the locks of the whole process. */

#include "db/snapshot.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOG_HEAD    32
#define FRAME_HEAD  24
#define INDEX_BYTES 32768
#define TRIES       2000
#define WAIT_NS     100000

/* As it lies in shared memory, twice, in the byte order of the machine; after both how many frames are in the file already. */
typedef struct LogIndex {
    uint32_t version, unused, change;
    uint8_t is_ready, is_big;
    uint16_t page_size;
    uint32_t frames, pages, sum[2];
    unsigned char salt[8]; /* as in the log */
    uint32_t check[2];
} LogIndex;
#define INDEX_WORDS (sizeof(LogIndex) / 4)
_Static_assert(sizeof(LogIndex) == 48, "the index of the log");

typedef struct Frame {
    uint32_t page, frame;
} Frame;

struct Snapshot {
    sqlite3 *db;
    sqlite3_file *file, *log;
    int64_t page, size;
    Frame *frames; /* by page, the last of each */
    size_t n;
};

static void snapshot_close(void *arg)
{
    Snapshot *s = arg;

    (void)sqlite3_close(s->db);
}

static Err *fail(Arena *mem, const Snapshot *s, int rc, const char *what)
{
    FAIL(mem, ERR_UNAVAILABLE, "error.db", "%s: sqlite %d: %s", what, rc,
         s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc));
}

static Err *run(Arena *mem, const Snapshot *s, const char *sql)
{
    int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? NULL : fail(mem, s, rc, sql);
}

/* False while somebody writes it. */
static bool read_index(const Snapshot *s, LogIndex *out, uint32_t *in_file)
{
    const sqlite3_io_methods *io = s->file->pMethods;
    uint32_t words[2][INDEX_WORDS];
    void volatile *map = NULL;

    if (io->iVersion < 2 || io->xShmMap(s->file, 0, INDEX_BYTES, 0, &map) != SQLITE_OK || !map) return false;
    const uint32_t volatile *at = map;
    for (size_t i = 0; i < INDEX_WORDS; i++) words[0][i] = __atomic_load_n(at + i, __ATOMIC_RELAXED);
    io->xShmBarrier(s->file);
    for (size_t i = 0; i < INDEX_WORDS; i++)
        words[1][i] = __atomic_load_n(at + INDEX_WORDS + i, __ATOMIC_RELAXED);
    *in_file = __atomic_load_n(at + 2 * INDEX_WORDS, __ATOMIC_RELAXED);
    io->xShmBarrier(s->file);
    memcpy(out, words[0], sizeof *out);
    return memcmp(words[0], words[1], sizeof words[0]) == 0 && out->is_ready;
}

static bool is_same(const Snapshot *s, const LogIndex *index, uint32_t *in_file)
{
    LogIndex now;

    return read_index(s, &now, in_file) && memcmp(index, &now, sizeof now) == 0;
}

static Err *begin(Arena *mem, const Snapshot *s, LogIndex *index, uint32_t *in_file)
{
    static const struct timespec moment = {.tv_nsec = WAIT_NS};
    uint32_t unused;

    for (int i = 0; i < TRIES; i++) {
        bool is_known = read_index(s, index, &unused);
        TRY(run(mem, s, "BEGIN; SELECT count(*) FROM sqlite_schema"));
        if (is_known && is_same(s, index, in_file) && is_same(s, index, &unused)) return NULL;
        TRY(run(mem, s, "COMMIT"));
        (void)nanosleep(&moment, NULL);
    }
    FAIL(mem, ERR_UNAVAILABLE, "error.db", "the log does not stand still for a moment");
}

static uint32_t number_at(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int by_page(const void *a, const void *b)
{
    const Frame *x = a, *y = b;

    if (x->page != y->page) return x->page < y->page ? -1 : 1;
    return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static int64_t place_of(const Snapshot *s, uint32_t frame)
{
    return LOG_HEAD + (int64_t)(frame - 1) * (FRAME_HEAD + s->page);
}

/* The frames of the moment: none when all of them are in the file. */
static Err *read_frames(Arena *mem, Snapshot *s, const LogIndex *index)
{
    size_t kept = 0;

    s->frames = NEW_N(mem, Frame, index->frames);
    for (uint32_t i = 0; i < index->frames; i++) {
        unsigned char head[FRAME_HEAD];
        int rc = s->log->pMethods->xRead(s->log, head, FRAME_HEAD, place_of(s, i + 1));
        if (rc != SQLITE_OK) return fail(mem, s, rc, "read the log");
        if (memcmp(head + 8, index->salt, sizeof index->salt) != 0)
            FAIL(mem, ERR_INTERNAL, "error.db", "frame %u is not of this log", i + 1);
        s->frames[i] = (Frame){number_at(head), i + 1};
    }
    qsort(s->frames, index->frames, sizeof *s->frames, by_page);
    for (size_t i = 0; i < index->frames; i++)
        if (i + 1 == index->frames || s->frames[i + 1].page != s->frames[i].page)
            s->frames[kept++] = s->frames[i];
    s->n = kept;
    return NULL;
}

/* The first column of the first row. */
static int64_t ask(const Snapshot *s, const char *sql, bool *is_wal)
{
    sqlite3_stmt *st = NULL;
    int64_t got = 0;

    if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
        got = sqlite3_column_int64(st, 0);
        if (is_wal) *is_wal = sqlite3_stricmp((const char *)sqlite3_column_text(st, 0), "wal") == 0;
    }
    (void)sqlite3_finalize(st);
    return got;
}

/* Read in large blocks: mapped pages would be faulted in one by one. */
static Err *open_files(Arena *mem, Snapshot *s, const char *path)
{
    int rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);

    if (rc != SQLITE_OK) return fail(mem, s, rc, "open");
    (void)sqlite3_busy_timeout(s->db, 5000);
    TRY(run(mem, s, "PRAGMA cache_size = -1000; PRAGMA mmap_size = 0; SELECT count(*) FROM sqlite_schema"));
    rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_FILE_POINTER, &s->file);
    if (rc != SQLITE_OK || !s->file->pMethods) return fail(mem, s, rc, "the database file");
    s->page = ask(s, "PRAGMA page_size", NULL);
    return NULL;
}

static Err *take_log(Arena *mem, Snapshot *s)
{
    LogIndex index;
    uint32_t in_file;

    TRY(begin(mem, s, &index, &in_file));
    s->size = index.pages * s->page;
    if (in_file >= index.frames) return NULL;
    int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &s->log);
    if (rc != SQLITE_OK || !s->log->pMethods) return fail(mem, s, rc, "the log");
    return read_frames(mem, s, &index);
}

/* Where nothing has been written by a log. */
static Err *size_of_file(Arena *mem, Snapshot *s)
{
    sqlite3_int64 size = 0;
    int rc = s->file->pMethods->xFileSize(s->file, &size);

    s->size = (size + s->page - 1) / s->page * s->page;
    return rc == SQLITE_OK ? NULL : fail(mem, s, rc, "the size of the database");
}

Err *snapshot_open(Arena *mem, const char *path, Snapshot **out)
{
    Snapshot *s = NEW(mem, Snapshot);
    bool is_wal = false;

    *out = s;
    arena_defer(mem, snapshot_close, s);
    TRY(open_files(mem, s, path));
    (void)ask(s, "PRAGMA journal_mode", &is_wal);
    if (is_wal)
        TRY(take_log(mem, s));
    else
        TRY(run(mem, s, "BEGIN; SELECT count(*) FROM sqlite_schema")); /* whose lock keeps writers out */
    return s->size ? NULL : size_of_file(mem, s);
}

struct sqlite3 *snapshot_db(const Snapshot *s)
{
    return s->db;
}

int64_t snapshot_size(const Snapshot *s)
{
    return s->size;
}

/* The first of the frames with `page` or a later one. */
static size_t find_frame(const Snapshot *s, int64_t page)
{
    size_t low = 0, high = s->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->frames[mid].page < page)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

Err *snapshot_read(Arena *mem, const Snapshot *s, int64_t at, char *p, size_t n)
{
    int64_t first = at / s->page + 1, after = first + (int64_t)n / s->page;
    int rc = s->file->pMethods->xRead(s->file, p, (int)n, at);

    /* What the file does not reach yet is in the log, or a free page of zeros. */
    if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ) return fail(mem, s, rc, "read the database");
    for (size_t i = find_frame(s, first); i < s->n && s->frames[i].page < after; i++) {
        const Frame *f = &s->frames[i];
        rc = s->log->pMethods->xRead(s->log, p + (f->page - first) * s->page, (int)s->page,
                                     place_of(s, f->frame) + FRAME_HEAD);
        if (rc != SQLITE_OK) return fail(mem, s, rc, "read the log");
    }
    return NULL;
}
