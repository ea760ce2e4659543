/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text file piece by piece.  The window holds one row or one card and what was read past it, never the file. */
#include "core/import/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE  (64u << 10)
#define SAMPLE (64u << 20) /* bytes the encoding is told from */

static void close_fd(void *arg)
{
    const int *fd = arg;

    close(*fd);
}

static Err *io_problem(Arena *errs, const char *what)
{
    return err_arg(err_new(errs, ERR_INVALID, "error.source.read", "%s: %s", what, strerror(errno)), 0,
                   str_copy(errs, str_c(strerror(errno))));
}

static Err *read_piece(Feed *feed, Arena *errs, void *into, size_t room, size_t *n)
{
    ssize_t got;

    *n = 0;
    do got = read(feed->fd, into, room);
    while (got < 0 && errno == EINTR);
    if (got < 0) return io_problem(errs, "read");
    *n = (size_t)got;
    return NULL;
}

static Err *find_encoding(Feed *feed, Arena *errs)
{
    Arena *tmp = arena_new(0);
    Guess *guess = guess_new(tmp);
    char *piece = arena_alloc(tmp, PIECE);
    size_t got = 1;
    Err *e = NULL;

    for (size_t n = 0; !e && got && n < SAMPLE; n += got)
        if (!(e = read_piece(feed, errs, piece, PIECE, &got))) guess_add(guess, (Str){piece, got});
    if (!e) feed->encoding = guess_result(guess);
    arena_free(tmp);
    return e;
}

/* How many bytes of byte order mark the file begins with, and which encoding they name. */
static Err *read_mark(Feed *feed, Arena *errs, Str *encoding)
{
    char b[4] = {0};
    ssize_t n = pread(feed->fd, b, sizeof b, 0);

    if (n < 0) return io_problem(errs, "read");
    Str s = {b, (size_t)n};
    *encoding = S("");
    if (str_starts(s, S("\xEF\xBB\xBF"))) {
        feed->raw_from = 3;
        *encoding = S("utf-8");
    } else if (str_starts(s, S("\xFF\xFE")) || str_starts(s, S("\xFE\xFF"))) {
        feed->raw_from = 2;
        *encoding = b[0] == '\xFF' ? S("utf-16le") : S("utf-16be");
    }
    return NULL;
}

/* The user's word, the mark of the file, or what its content looks like. */
static Err *choose_encoding(Feed *feed, Arena *errs, Str wanted)
{
    Str marked = {0};

    TRY(read_mark(feed, errs, &marked));
    if (str_eq_nocase(wanted, S("utf-16"))) wanted = marked;
    if (wanted.n && !str_eq_nocase(wanted, marked)) feed->raw_from = 0;
    feed->encoding = str_lower_ascii(feed->mem, wanted.n ? wanted : marked);
    if (!feed->encoding.n) TRY(find_encoding(feed, errs));
    if (str_eq(feed->encoding, S("utf-8")) || str_eq(feed->encoding, S("us-ascii"))) return NULL;
    feed->charset = charset_open(feed->mem, feed->encoding);
    if (feed->charset) return NULL;
    return err_arg(
        err_new(errs, ERR_INVALID, "error.source.encoding", "no such encoding: %.*s", SFMT(wanted)), 0,
        str_copy(errs, wanted));
}

static void make_room(Feed *feed, size_t room)
{
    if (feed->cap - feed->end >= room) return;
    if (feed->from) {
        memmove(feed->text, feed->text + feed->from, feed_left(feed));
        feed->end = feed_left(feed);
        feed->from = 0;
    }
    if (feed->cap - feed->end >= room) return;
    size_t cap = feed->cap ? feed->cap * 2 : 4 * (size_t)PIECE;
    feed->text = arena_grow(feed->mem, feed->text, feed->cap, cap);
    feed->cap = cap;
}

Err *feed_open(Arena *mem, Arena *errs, const char *path, Str encoding, Feed *out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) return io_problem(errs, "open");
    int *kept = NEW(mem, int);
    *kept = fd;
    arena_defer(mem, close_fd, kept);
    if (fstat(fd, &st) < 0) return io_problem(errs, "stat");
    if (!S_ISREG(st.st_mode)) FAIL(errs, ERR_INVALID, "error.source.kind", "not a file");
    *out = (Feed){.mem = mem, .fd = fd, .size = st.st_size};
    make_room(out, PIECE);
    TRY(choose_encoding(out, errs, encoding));
    return feed_rewind(out, errs);
}

Err *feed_rewind(Feed *feed, Arena *errs)
{
    if (lseek(feed->fd, (off_t)feed->raw_from, SEEK_SET) < 0) return io_problem(errs, "seek");
    feed->raw_at = feed->raw_from;
    feed->raw_n = feed->from = feed->end = 0;
    feed->is_over = false;
    if (feed->charset) charset_reset(feed->charset);
    return NULL;
}

static Err *decode_piece(Feed *feed, Arena *errs)
{
    size_t got = 0;

    if (!feed->raw) feed->raw = arena_alloc(feed->mem, PIECE);
    TRY(read_piece(feed, errs, feed->raw, PIECE, &got));
    feed->raw_at += (int64_t)got;
    feed->is_over = got == 0;
    Str in = {(const char *)feed->raw, got};
    do {
        make_room(feed, PIECE);
        feed->end +=
            charset_decode(feed->charset, &in, feed->is_over, feed->text + feed->end, feed->cap - feed->end);
    } while (in.n);
    return NULL;
}

Err *feed_more(Feed *feed, Arena *errs, bool *has)
{
    size_t left = feed_left(feed), got = 0;

    while (!feed->is_over && feed_left(feed) == left) {
        make_room(feed, PIECE);
        if (feed->charset) {
            TRY(decode_piece(feed, errs));
            continue;
        }
        TRY(read_piece(feed, errs, feed->text + feed->end, feed->cap - feed->end, &got));
        feed->raw_at += (int64_t)got;
        feed->end += got;
        feed->is_over = got == 0;
    }
    *has = feed_left(feed) > left;
    return NULL;
}

int64_t feed_position(const Feed *feed)
{
    return feed->charset ? feed->raw_at : feed->raw_at - (int64_t)feed_left(feed);
}
