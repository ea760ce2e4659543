/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Copies the write-ahead log away.  The process owns its checkpoints: before each one the writer calls ship_flush, so a log
 * never begins anew before its committed frames are in a synced segment; a thread flushes once a second besides, which is
 * what a lost disk may cost.  Frames are taken as SQLite wrote them, with its own checksums, up to the last commit. */

#include "db/ship.h"
#include "db/driver.h"

#include "base/log.h"
#include "base/map.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHAIN_TEXT 16
#define EVERY_MS   1000
#define PRUNE_MS   3600000
#define OUT_BYTES  ((size_t)1 << 20)

typedef struct CommitNote {
    uint32_t frames; /* length of the log after it */
    int64_t time;
} CommitNote;

struct Ship {
    Arena *mem;
    Str path, folder, chain;
    uint64_t next;
    int64_t days, pruned; /* how long segments stay; when that was looked at, ms */
    bool is_clean;        /* ship.chain says that nothing is left behind */
    bool is_silent;       /* its failure has been told */
    int wal;
    unsigned char head[WAL_HEADER]; /* of the log that `done` frames were taken from */
    uint32_t done, sum[2], page_size;
    pthread_mutex_t lock;
    CommitNote *notes; /* of frames not yet taken */
    size_t n_notes, cap_notes;
    pthread_mutex_t note_lock;
    pthread_t thread;
    pthread_cond_t stop;
    bool is_stopping, has_thread;
};

/* A segment on its way to the disk. */
typedef struct Out {
    int fd;
    char *buf;
    size_t n;
    int64_t at;
    bool is_bad;
} Out;

uint32_t ship_u32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

void ship_sum(bool is_big, const void *p, size_t n, uint32_t sum[2])
{
    const unsigned char *b = p;
    uint32_t s0 = sum[0], s1 = sum[1];

    for (size_t i = 0; i + 8 <= n; i += 8) {
        uint32_t x[2];
        memcpy(x, b + i, 8);
        s0 += (is_big ? __builtin_bswap32(x[0]) : x[0]) + s1;
        s1 += (is_big ? __builtin_bswap32(x[1]) : x[1]) + s0;
    }
    sum[0] = s0;
    sum[1] = s1;
}

/* --- ship.chain */

static char *chain_file(Arena *mem, Str path)
{
    size_t at = path.n;

    while (at > 0 && path.p[at - 1] != '/') at--;
    return str_to_c(mem, str_cat(mem, str_sub(path, 0, at), S("ship.chain")));
}

static bool write_small(const char *path, Str text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_good = fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n && fsync(fd) == 0;

    if (fd >= 0) close(fd);
    return is_good;
}

static bool set_clean(Ship *s, bool is_clean)
{
    Arena *tmp = arena_new(0);
    bool is_good = s->is_clean == is_clean ||
                   write_small(chain_file(tmp, s->path),
                               str_fmt(tmp, "%.*s%s", SFMT(s->chain), is_clean ? " clean" : ""));

    if (is_good) s->is_clean = is_clean;
    arena_free(tmp);
    return is_good;
}

void ship_forget(Arena *mem, Str path)
{
    if (unlink(chain_file(mem, path)) == 0)
        log_line(LOG_WARN, "the chain of shipped segments ends here", NULL);
}

static bool begin_chain(Ship *s)
{
    unsigned char random[CHAIN_TEXT / 2];
    char hex[CHAIN_TEXT + 1];
    Arena *tmp = arena_new(0);

    REQUIRE(getrandom(random, sizeof random, 0) == (ssize_t)sizeof random);
    for (size_t i = 0; i < sizeof random; i++) snprintf(hex + 2 * i, 3, "%02x", random[i]);
    s->chain = str_copy(s->mem, str_c(hex));
    s->next = 1;
    s->done = 0;
    memset(s->head, 0, sizeof s->head);
    s->is_clean = true;
    bool is_good =
        mkdir(str_to_c(tmp, str_fmt(tmp, "%.*s/%s", SFMT(s->folder), hex)), 0700) == 0 && set_clean(s, false);
    arena_free(tmp);
    log_line(LOG_WARN, "a new chain of shipped segments: make a backup", "chain=%s", hex);
    return is_good;
}

/* --- a segment */

static void out_flush(Out *o)
{
    size_t at = 0;

    while (!o->is_bad && at < o->n) {
        ssize_t n = write(o->fd, o->buf + at, o->n - at);
        if (n < 0 && errno != EINTR) o->is_bad = true;
        if (n > 0) at += (size_t)n;
    }
    o->n = 0;
}

static void out_add(Out *o, const void *p, size_t n)
{
    if (o->n + n > OUT_BYTES) out_flush(o);
    memcpy(o->buf + o->n, p, n);
    o->n += n;
    o->at += (int64_t)n;
}

/* The time of the commit that made the log `frames` long. */
static int64_t time_of(Ship *s, uint32_t frames)
{
    int64_t time = 0;

    pthread_mutex_lock(&s->note_lock);
    for (size_t i = 0; i < s->n_notes; i++)
        if (s->notes[i].frames == frames) time = s->notes[i].time;
    pthread_mutex_unlock(&s->note_lock);
    return time;
}

static void drop_notes(Ship *s, uint32_t until)
{
    size_t kept = 0;

    pthread_mutex_lock(&s->note_lock);
    for (size_t i = 0; i < s->n_notes; i++)
        if (s->notes[i].frames > until) s->notes[kept++] = s->notes[i];
    s->n_notes = kept;
    pthread_mutex_unlock(&s->note_lock);
}

typedef struct Taking {
    Ship *s;
    Arena *tmp;
    Out out;
    unsigned char *frame;
    VEC(ShipCommit) commits;
    uint32_t n, sum[2];   /* read so far */
    uint32_t done_sum[2]; /* after the last commit */
    int64_t end;          /* of the file after the last commit */
} Taking;

/* The next frame, when it is one of this log and whole. */
static bool read_frame(Taking *t)
{
    Ship *s = t->s;
    size_t size = WAL_FRAME + s->page_size;
    off_t at = WAL_HEADER + (off_t)(s->done + t->n) * (off_t)size;
    bool is_big = ship_u32(s->head) & 1;
    uint32_t sum[2] = {t->sum[0], t->sum[1]};

    if (pread(s->wal, t->frame, size, at) != (ssize_t)size || memcmp(t->frame + 8, s->head + 16, 8) != 0)
        return false;
    ship_sum(is_big, t->frame, 8, sum);
    ship_sum(is_big, t->frame + WAL_FRAME, s->page_size, sum);
    if (ship_u32(t->frame + 16) != sum[0] || ship_u32(t->frame + 20) != sum[1]) return false;
    memcpy(t->sum, sum, sizeof sum);
    return true;
}

static void take_frames(Taking *t)
{
    Ship *s = t->s;

    while (!t->out.is_bad && read_frame(t)) {
        out_add(&t->out, t->frame, WAL_FRAME + s->page_size);
        t->n++;
        if (!ship_u32(t->frame + 4)) continue; /* no commit */
        *vec_push(t->tmp, &t->commits) = (ShipCommit){t->n, 0, time_of(s, s->done + t->n)};
        memcpy(t->done_sum, t->sum, sizeof t->sum);
        t->end = t->out.at;
    }
    out_flush(&t->out);
}

static bool finish_file(Taking *t, const ShipHead *head, const char *temp, const char *path,
                        const char *folder)
{
    ShipEnd end = {.frames = t->commits.p[t->commits.n - 1].frames, .commits = (uint32_t)t->commits.n};
    size_t size = t->commits.n * sizeof(ShipCommit);
    int dir;

    memcpy(end.magic, SHIP_END, 8);
    ship_sum(false, head, sizeof *head, end.sum);
    ship_sum(false, t->commits.p, size, end.sum);
    if (t->out.is_bad || ftruncate(t->out.fd, t->end) || lseek(t->out.fd, t->end, SEEK_SET) < 0) return false;
    for (size_t i = 0; i < t->commits.n; i++) out_add(&t->out, &t->commits.p[i], sizeof(ShipCommit));
    out_add(&t->out, &end, sizeof end);
    out_flush(&t->out);
    if (t->out.is_bad || fsync(t->out.fd) || rename(temp, path)) return false;
    dir = open(folder, O_RDONLY | O_CLOEXEC);
    bool is_good = dir >= 0 && fsync(dir) == 0;
    if (dir >= 0) close(dir);
    return is_good;
}

static void advance(Taking *t)
{
    Ship *s = t->s;

    s->done += t->commits.p[t->commits.n - 1].frames;
    memcpy(s->sum, t->done_sum, sizeof s->sum);
    s->next++;
    drop_notes(s, s->done);
}

/* Everything committed after `done` into one segment; true also when there was nothing. */
static bool take(Ship *s, Arena *tmp)
{
    Taking t = {.s = s, .tmp = tmp, .sum = {s->sum[0], s->sum[1]}};
    ShipHead head = {
        .number = s->next, .first = s->done, .page_size = s->page_size, .sum = {s->sum[0], s->sum[1]}};
    const char *folder = str_to_c(tmp, str_fmt(tmp, "%.*s/%.*s", SFMT(s->folder), SFMT(s->chain)));
    const char *path = str_to_c(tmp, str_fmt(tmp, "%s/%08llu.seg", folder, (unsigned long long)s->next));
    const char *temp = str_to_c(tmp, str_fmt(tmp, "%s/new.tmp", folder));

    t.frame = arena_alloc(tmp, WAL_FRAME + s->page_size);
    if (!read_frame(&t)) return true; /* nothing new: no file */
    t.sum[0] = s->sum[0];
    t.sum[1] = s->sum[1];
    memcpy(head.magic, SHIP_MAGIC, 8);
    memcpy(head.wal, s->head, WAL_HEADER);
    t.out = (Out){.fd = open(temp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
                  .buf = arena_alloc(tmp, OUT_BYTES)};
    if (t.out.fd < 0) return false;
    out_add(&t.out, &head, sizeof head);
    take_frames(&t);
    bool is_good = !t.out.is_bad;
    if (is_good && t.commits.n) {
        is_good = set_clean(s, false) && finish_file(&t, &head, temp, path, folder);
        if (is_good) advance(&t);
    } else {
        (void)unlink(temp);
    }
    close(t.out.fd);
    return is_good;
}

/* --- the log */

/* The running checksum of a log's header, when that is one. */
static bool read_head(const unsigned char *head, uint32_t sum[2], uint32_t *page_size)
{
    uint32_t magic = ship_u32(head);

    if ((magic & ~1u) != 0x377f0682) return false;
    sum[0] = sum[1] = 0;
    ship_sum(magic & 1, head, 24, sum);
    *page_size = ship_u32(head + 8);
    return ship_u32(head + 24) == sum[0] && ship_u32(head + 28) == sum[1] && *page_size >= 512 &&
           *page_size <= 65536;
}

/* Looks at the log's header: another one than before begins at its first frame. */
static bool look(Ship *s, Arena *tmp)
{
    unsigned char head[WAL_HEADER];
    uint32_t sum[2], page_size;

    if (s->wal < 0) s->wal = open(str_to_c(tmp, str_cat(tmp, s->path, S("-wal"))), O_RDONLY | O_CLOEXEC);
    if (s->wal < 0 || pread(s->wal, head, sizeof head, 0) != (ssize_t)sizeof head) return false;
    if (!read_head(head, sum, &page_size)) return false;
    if (memcmp(head, s->head, sizeof head) == 0) return true;
    memcpy(s->head, head, sizeof head);
    memcpy(s->sum, sum, sizeof sum);
    s->page_size = page_size;
    s->done = 0;
    return true;
}

bool ship_flush(Ship *s)
{
    Arena *tmp = arena_new(0);

    pthread_mutex_lock(&s->lock);
    bool is_good = !look(s, tmp) || take(s, tmp);
    if (!is_good && !s->is_silent)
        log_line(LOG_ERROR, "the log cannot be shipped", "error=%s", strerrordesc_np(errno));
    s->is_silent = !is_good;
    pthread_mutex_unlock(&s->lock);
    arena_free(tmp);
    return is_good;
}

void ship_note_commit(Ship *s, int frames)
{
    pthread_mutex_lock(&s->note_lock);
    if (s->n_notes == s->cap_notes) {
        size_t cap = s->cap_notes ? s->cap_notes * 2 : 64;
        CommitNote *more = realloc(s->notes, cap * sizeof *more);
        REQUIRE(more);
        s->notes = more;
        s->cap_notes = cap;
    }
    if (s->n_notes && s->notes[s->n_notes - 1].frames >= (uint32_t)frames) s->n_notes = 0; /* a new log */
    s->notes[s->n_notes++] = (CommitNote){(uint32_t)frames, clock_now_ms()};
    pthread_mutex_unlock(&s->note_lock);
}

void ship_break(Ship *s)
{
    pthread_mutex_lock(&s->lock);
    if (!begin_chain(s)) log_line(LOG_ERROR, "no new chain", "error=%s", strerrordesc_np(errno));
    drop_notes(s, UINT32_MAX);
    pthread_mutex_unlock(&s->lock);
}

Str ship_position(Arena *mem, Ship *s)
{
    if (!ship_flush(s)) return (Str){0};
    pthread_mutex_lock(&s->lock);
    Str at = str_fmt(mem, "%.*s/%llu", SFMT(s->chain), (unsigned long long)s->next);
    pthread_mutex_unlock(&s->lock);
    return at;
}

/* --- starting and stopping */

/* The last segment of the chain: where its log was left. */
static bool read_last(Ship *s, Arena *tmp)
{
    ShipHead head;
    ShipEnd end;

    uint64_t first = ship_first(tmp, s->folder, s->chain);

    for (s->next = first;; s->next++) {
        Str path = str_fmt(tmp, "%.*s/%.*s/%08llu.seg", SFMT(s->folder), SFMT(s->chain),
                           (unsigned long long)s->next);
        if (access(str_to_c(tmp, path), F_OK)) break;
    }
    if (s->next == first) return true;
    Str path = str_fmt(tmp, "%.*s/%.*s/%08llu.seg", SFMT(s->folder), SFMT(s->chain),
                       (unsigned long long)(s->next - 1));
    int fd = open(str_to_c(tmp, path), O_RDONLY | O_CLOEXEC);
    off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
    bool is_good = size > (off_t)sizeof end && pread(fd, &head, sizeof head, 0) == (ssize_t)sizeof head &&
                   pread(fd, &end, sizeof end, size - (off_t)sizeof end) == (ssize_t)sizeof end &&
                   memcmp(end.magic, SHIP_END, 8) == 0;
    if (fd >= 0) close(fd);
    if (!is_good) return false;
    memcpy(s->head, head.wal, WAL_HEADER);
    s->page_size = head.page_size;
    s->done = head.first + end.frames;
    return true;
}

/* The log on the disk goes on from where the chain was left: it is the same one, or the next after it. */
static bool is_continued(Ship *s, Arena *tmp)
{
    unsigned char head[WAL_HEADER], frame[WAL_FRAME];
    uint32_t sum[2], page_size;
    bool has_log;

    s->wal = open(str_to_c(tmp, str_cat(tmp, s->path, S("-wal"))), O_RDONLY | O_CLOEXEC);
    has_log = s->wal >= 0 && pread(s->wal, head, sizeof head, 0) == (ssize_t)sizeof head &&
              read_head(head, sum, &page_size);
    if (s->is_clean || (!has_log && s->next == 1)) {
        memset(s->head, 0, sizeof s->head);
        s->done = 0;
        return true;
    }
    if (!has_log) return false;
    if (memcmp(head + 16, s->head + 16, 8) != 0) return ship_u32(head + 16) == ship_u32(s->head + 16) + 1;
    off_t at = WAL_HEADER + (off_t)(s->done - 1) * (off_t)(WAL_FRAME + s->page_size);
    if (s->done == 0 || pread(s->wal, frame, sizeof frame, at) != (ssize_t)sizeof frame) return false;
    s->sum[0] = ship_u32(frame + 16);
    s->sum[1] = ship_u32(frame + 20);
    return true;
}

static bool go_on(Ship *s, Arena *tmp)
{
    char text[64] = "";
    int fd = open(chain_file(tmp, s->path), O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);

    if (fd >= 0) close(fd);
    if (n < CHAIN_TEXT) return false;
    s->chain = str_copy(s->mem, (Str){text, CHAIN_TEXT});
    s->is_clean = str_ends(str_c(text), S(" clean"));
    struct stat st;
    Str dir = str_fmt(tmp, "%.*s/%.*s", SFMT(s->folder), SFMT(s->chain));
    if (stat(str_to_c(tmp, dir), &st)) return false;
    return read_last(s, tmp) && is_continued(s, tmp);
}

static void prune(Ship *s)
{
    Arena *tmp = arena_new(0);

    pthread_mutex_lock(&s->lock);
    Str chain = str_copy(tmp, s->chain);
    pthread_mutex_unlock(&s->lock);
    ship_prune(tmp, s->folder, chain, s->days);
    s->pruned = clock_now_ms();
    arena_free(tmp);
}

static void *ship_main(void *arg)
{
    Ship *s = arg;
    bool is_stopping = false;

    pthread_setname_np(pthread_self(), "kith-ship");
    while (!is_stopping) {
        struct timespec until = clock_after(EVERY_MS);
        pthread_mutex_lock(&s->note_lock);
        if (!s->is_stopping) (void)pthread_cond_timedwait(&s->stop, &s->note_lock, &until);
        is_stopping = s->is_stopping;
        bool has_work = s->n_notes > 0;
        pthread_mutex_unlock(&s->note_lock);
        if (has_work && !is_stopping) (void)ship_flush(s);
        if (!is_stopping && clock_now_ms() - s->pruned > PRUNE_MS) prune(s);
    }
    return NULL;
}

Err *ship_open(Arena *mem, Str path, Str folder, int64_t days, Ship **out)
{
    Ship *s = db_alloc(sizeof *s);
    Arena *tmp = arena_new(0);

    s->mem = arena_new(0);
    s->path = str_copy(s->mem, path);
    s->folder = str_copy(s->mem, folder);
    s->days = days;
    s->wal = -1;
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->note_lock, NULL);
    pthread_cond_init(&s->stop, NULL);
    bool is_good =
        (mkdir(str_to_c(tmp, folder), 0700) == 0 || errno == EEXIST) && (go_on(s, tmp) || begin_chain(s));
    int code = errno;
    arena_free(tmp);
    if (is_good) s->has_thread = db_thread_start(&s->thread, ship_main, s);
    if (is_good && s->has_thread) {
        *out = s;
        return NULL;
    }
    ship_close(s);
    FAIL(mem, ERR_UNAVAILABLE, "error.ship.folder", "the folder of shipped segments %.*s: %s", SFMT(folder),
         strerrordesc_np(code));
}

void ship_close(Ship *s)
{
    if (!s) return;
    if (s->has_thread) {
        pthread_mutex_lock(&s->note_lock);
        s->is_stopping = true;
        pthread_cond_signal(&s->stop);
        pthread_mutex_unlock(&s->note_lock);
        pthread_join(s->thread, NULL);
        if (!ship_flush(s) || !set_clean(s, true))
            log_line(LOG_ERROR, "the end of the log is not shipped", NULL);
    }
    if (s->wal >= 0) close(s->wal);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->note_lock);
    pthread_cond_destroy(&s->stop);
    free(s->notes);
    arena_free(s->mem);
    free(s);
}
