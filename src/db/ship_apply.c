/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The other end of shipping: segments are applied to a copy of the database, transaction by transaction, up to a moment.
 * Frames hold whole pages, so beginning a little before the copy's moment does no harm: what was changed in between is
 * written again in the same order. */

#include "db/driver.h"
#include "db/ship.h"

#include "base/map.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

typedef struct Segment {
    int fd;
    ShipHead head;
    ShipEnd end;
    ShipCommit *commits;
} Segment;

typedef struct Apply {
    Arena *mem;
    int db;
    int64_t until, reached, time; /* of the last commit seen */
    uint32_t sum[2];              /* after the last frame */
    unsigned char wal[WAL_HEADER];
    uint32_t next; /* frame of that log */
    bool has_log, is_ended;
    unsigned char *frame;
} Apply;

static Err *gap(Arena *mem, uint64_t number, const char *why, int64_t reached)
{
    FAIL(mem, ERR_INVALID, "error.ship.gap", "segment %llu %s; the last moment before it: %lld ms since 1970",
         (unsigned long long)number, why, (long long)reached);
}

static void close_segment(void *fd)
{
    close((int)(intptr_t)fd);
}

static bool is_whole(Segment *s, uint64_t number)
{
    uint32_t sum[2] = {0};
    size_t size = s->end.commits * sizeof(ShipCommit);

    ship_sum(false, &s->head, sizeof s->head, sum);
    ship_sum(false, s->commits, size, sum);
    return memcmp(s->head.magic, SHIP_MAGIC, 8) == 0 && s->head.number == number && s->end.commits > 0 &&
           memcmp(sum, s->end.sum, sizeof sum) == 0 && s->commits[s->end.commits - 1].frames == s->end.frames;
}

static Err *read_segment(Apply *a, Arena *mem, uint64_t number, int fd, Segment *s)
{
    off_t size = lseek(fd, 0, SEEK_END);

    *s = (Segment){.fd = fd};
    arena_defer(mem, close_segment, (void *)(intptr_t)fd);
    bool is_good = size >= (off_t)(sizeof s->head + sizeof s->end) &&
                   pread(fd, &s->head, sizeof s->head, 0) == (ssize_t)sizeof s->head &&
                   pread(fd, &s->end, sizeof s->end, size - (off_t)sizeof s->end) == (ssize_t)sizeof s->end &&
                   memcmp(s->end.magic, SHIP_END, 8) == 0;
    uint64_t frames = is_good ? (uint64_t)s->end.frames * (WAL_FRAME + s->head.page_size) : 0;
    uint64_t commits = is_good ? s->end.commits * sizeof(ShipCommit) : 0;
    if (!is_good || sizeof s->head + frames + commits + sizeof s->end != (uint64_t)size)
        return gap(a->mem, number, "is damaged", a->reached);
    s->commits = arena_alloc(mem, commits ? commits : 1);
    if (pread(fd, s->commits, commits, (off_t)(sizeof s->head + frames)) != (ssize_t)commits ||
        !is_whole(s, number))
        return gap(a->mem, number, "is damaged", a->reached);
    return NULL;
}

/* Goes on in the same log, or at the beginning of another. */
static bool follows(const Apply *a, const Segment *s)
{
    bool is_same = a->has_log && memcmp(a->wal, s->head.wal, WAL_HEADER) == 0;

    if (!a->has_log) return true;
    if (!is_same) return s->head.first == 0;
    return s->head.first == a->next && memcmp(a->sum, s->head.sum, sizeof a->sum) == 0;
}

/* Reads and proves frame `i` of the segment. */
static bool read_frame(Apply *a, const Segment *s, uint32_t i)
{
    size_t size = WAL_FRAME + s->head.page_size;
    bool is_big = ship_u32(s->head.wal) & 1;

    if (pread(s->fd, a->frame, size, (off_t)(sizeof s->head + (size_t)i * size)) != (ssize_t)size)
        return false;
    ship_sum(is_big, a->frame, 8, a->sum);
    ship_sum(is_big, a->frame + WAL_FRAME, s->head.page_size, a->sum);
    return ship_u32(a->frame + 16) == a->sum[0] && ship_u32(a->frame + 20) == a->sum[1];
}

static bool write_page(const Apply *a, const Segment *s)
{
    uint32_t page = ship_u32(a->frame);
    size_t size = s->head.page_size;

    return page > 0 &&
           pwrite(a->db, a->frame + WAL_FRAME, size, (off_t)(page - 1) * (off_t)size) == (ssize_t)size;
}

/* One transaction: frames from `*at` to its commit. */
static Err *apply_commit(Apply *a, const Segment *s, const ShipCommit *commit, uint32_t *at)
{
    if (commit->time > a->time) a->time = commit->time;
    if (a->time > a->until) {
        a->is_ended = true;
        return NULL;
    }
    for (; *at < commit->frames; ++*at) {
        if (!read_frame(a, s, *at)) return gap(a->mem, s->head.number, "is damaged", a->reached);
        if (!write_page(a, s))
            FAIL(a->mem, ERR_UNAVAILABLE, "error.db", "write the database: %s", strerrordesc_np(errno));
    }
    off_t pages = ship_u32(a->frame + 4);
    if (ftruncate(a->db, pages * (off_t)s->head.page_size))
        FAIL(a->mem, ERR_UNAVAILABLE, "error.db", "size the database: %s", strerrordesc_np(errno));
    a->reached = a->time;
    return NULL;
}

static Err *apply_segment(Apply *a, Arena *mem, uint64_t number, int fd)
{
    Segment s;
    uint32_t at = 0;

    TRY(read_segment(a, mem, number, fd, &s));
    if (!follows(a, &s)) return gap(a->mem, number, "does not follow the one before it", a->reached);
    memcpy(a->wal, s.head.wal, WAL_HEADER);
    memcpy(a->sum, s.head.sum, sizeof a->sum);
    a->has_log = true;
    a->frame = arena_alloc(mem, WAL_FRAME + s.head.page_size);
    for (uint32_t i = 0; i < s.end.commits && !a->is_ended; i++) TRY(apply_commit(a, &s, &s.commits[i], &at));
    a->next = s.head.first + s.end.frames;
    return NULL;
}

static bool has_later(Arena *mem, const char *chain, uint64_t number)
{
    for (uint64_t i = number + 1; i < number + 1000; i++)
        if (access(str_to_c(mem, str_fmt(mem, "%s/%08llu.seg", chain, (unsigned long long)i)), F_OK) == 0)
            return true;
    return false;
}

static Err *apply_all(Apply *a, const char *chain, uint64_t number)
{
    for (; !a->is_ended; number++) {
        Arena *mem = arena_new(0);
        int fd = open(str_to_c(mem, str_fmt(mem, "%s/%08llu.seg", chain, (unsigned long long)number)),
                      O_RDONLY | O_CLOEXEC);
        bool is_missing = fd < 0 && has_later(mem, chain, number);
        Err *e = fd >= 0 ? apply_segment(a, mem, number, fd) : NULL;
        arena_free(mem);
        if (e) return e;
        if (is_missing) return gap(a->mem, number, "is missing", a->reached);
        if (fd < 0) return NULL;
    }
    return NULL;
}

Err *ship_apply(Arena *mem, Str folder, Str start, Str file, int64_t from, int64_t until, int64_t *reached)
{
    Str rest = start, chain = str_cut(&rest, '/');
    const char *path = str_to_c(mem, str_fmt(mem, "%.*s/%.*s", SFMT(folder), SFMT(chain)));
    Apply a = {.mem = mem, .until = until, .time = from};
    int64_t number;

    *reached = 0;
    if (!chain.n || !str_to_i64(rest, &number) || number < 1 || access(path, F_OK))
        FAIL(mem, ERR_INVALID, "error.ship.none", "%.*s holds no segments for this backup", SFMT(folder));
    if (until < from)
        FAIL(mem, ERR_INVALID, "error.ship.early", "that moment lies before the backup: take an earlier one");
    a.db = open(str_to_c(mem, file), O_RDWR | O_CLOEXEC);
    if (a.db < 0) FAIL(mem, ERR_UNAVAILABLE, "error.db", "open %.*s: %s", SFMT(file), strerrordesc_np(errno));
    Err *e = apply_all(&a, path, (uint64_t)number);
    if (!e && fsync(a.db)) e = err_new(mem, ERR_UNAVAILABLE, "error.db", "sync: %s", strerrordesc_np(errno));
    close(a.db);
    *reached = a.reached;
    return e;
}
