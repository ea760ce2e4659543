/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A body too large for memory goes, piece by piece as it comes, to a file that never has a name: whatever becomes of the client
   or of the program, nothing is left of it.  Who keeps it gives it a name (or copies it); its SHA-256 is counted on the way.
   The disk is told to begin early, so that the one who syncs it waits for the last pieces only. */
#include "http/http_impl.h"

#include "base/fd.h"

#include <fcntl.h>
#include <gnutls/crypto.h>
#include <unistd.h>

#define FLUSH (8u << 20)

typedef struct Spool {
    int fd;
    gnutls_hash_hd_t hash;
    uint64_t size, flushed;
} Spool;

static void spool_close(void *arg)
{
    Spool *s = arg;

    if (s->hash) gnutls_hash_deinit(s->hash, NULL);
    if (s->fd >= 0) close(s->fd);
}

bool spool_open(Request *rq)
{
    Spool *s = NEW(rq->pub.mem, Spool);

    s->fd = rq->room.is_dropped ? -1 : fd_nameless(rq->pub.mem, rq->srv->opt.folder);
    if (s->fd < 0 && !rq->room.is_dropped) return false;
    arena_defer(rq->pub.mem, spool_close, s);
    REQUIRE(gnutls_hash_init(&s->hash, GNUTLS_DIG_SHA256) == 0);
    rq->spool = s;
    return true;
}

bool spool_add(Request *rq, const char *p, size_t n)
{
    Spool *s = rq->spool;

    s->size += n;
    if (s->size > rq->room.max) return false;
    if (s->fd < 0) return true;
    gnutls_hash(s->hash, p, n);
    rq->is_full = !fd_write(s->fd, (Str){p, n});
    if (rq->is_full) return false;
    if (s->size - s->flushed < FLUSH) return true;
    (void)sync_file_range(s->fd, (off_t)s->flushed, (off_t)(s->size - s->flushed), SYNC_FILE_RANGE_WRITE);
    s->flushed = s->size;
    return true;
}

void spool_end(Request *rq)
{
    Spool *s = rq->spool;
    unsigned char digest[32];
    Buf hex = buf_new(rq->pub.mem, 65);

    if (s->fd < 0) return;
    gnutls_hash_deinit(s->hash, digest);
    s->hash = NULL;
    for (size_t i = 0; i < sizeof digest; i++) buf_addf(&hex, "%02x", digest[i]);
    rq->pub.has_file = true;
    rq->pub.file = s->fd;
    rq->pub.file_size = s->size;
    rq->pub.file_sha256 = buf_str(&hex);
}
