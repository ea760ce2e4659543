/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gzip of replies.  Each thread keeps its deflate state (256 KiB, slow to set up) for as long as it lives. */
#include "http/http_impl.h"

#include <limits.h>
#include <zlib.h>

static pthread_once_t packer_once = PTHREAD_ONCE_INIT;
static pthread_key_t packer_key;
static _Thread_local z_stream *packer;

static void packer_free(void *arg)
{
    deflateEnd(arg);
    free(arg);
}

static void packer_make_key(void)
{
    REQUIRE(pthread_key_create(&packer_key, packer_free) == 0);
}

static z_stream *packer_get(void)
{
    if (packer) {
        REQUIRE(deflateReset(packer) == Z_OK);
        return packer;
    }
    pthread_once(&packer_once, packer_make_key);
    packer = calloc(1, sizeof *packer);
    REQUIRE(packer != NULL);
    REQUIRE(deflateInit2(packer, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    REQUIRE(pthread_setspecific(packer_key, packer) == 0);
    return packer;
}

/* "gzip" or "*" with a weight other than 0 (RFC 9110 section 12.5.3). */
bool gzip_is_accepted(Str accept)
{
    while (accept.p) {
        Str part = str_cut(&accept, ','), name = str_trim(str_cut(&part, ';'));
        if (!str_eq_nocase(name, S("gzip")) && !str_eq_c(name, "*")) continue;
        Str q = str_trim(part);
        bool is_zero = str_starts(q, S("q=0"));
        for (size_t i = 3; is_zero && i < q.n; i++) is_zero = q.p[i] == '.' || q.p[i] == '0';
        return !is_zero;
    }
    return false;
}

bool gzip_is_worth(Str type, Str body)
{
    static const char *const kinds[] = {
        "application/json", "text/",           "application/problem+json",  "application/javascript",
        "image/svg+xml",    "application/xml", "application/manifest+json", "application/x-ndjson"};

    if (body.n < GZIP_MIN) return false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_starts(type, str_c(kinds[i]))) return true;
    return false;
}

bool gzip_pack(Arena *mem, Str in, Str *out)
{
    if (in.n > UINT_MAX / 2) return false;
    z_stream *z = packer_get();
    size_t cap = in.n - in.n / 8;
    char *p = arena_alloc(mem, cap);

    z->next_in = (Bytef *)(uintptr_t)in.p;
    z->avail_in = (uInt)in.n;
    z->next_out = (Bytef *)p;
    z->avail_out = (uInt)cap;
    if (deflate(z, Z_FINISH) != Z_STREAM_END) return false;
    *out = (Str){p, cap - z->avail_out};
    return true;
}

static int unpack_all(z_stream *z, Buf *b)
{
    int rc = Z_OK;

    while (rc == Z_OK) {
        size_t had = b->n;
        char *room = buf_room(b, 32768);
        if (!room) return Z_BUF_ERROR;
        z->next_out = (Bytef *)room;
        z->avail_out = 32768;
        rc = inflate(z, Z_NO_FLUSH);
        b->n = had + 32768 - z->avail_out;
    }
    return rc;
}

bool gzip_unpack(Arena *mem, Str in, size_t max, Str *out)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n};
    Buf b = buf_new(mem, max);

    if (in.n > UINT_MAX || inflateInit2(&z, 15 + 16) != Z_OK) return false;
    int rc = unpack_all(&z, &b);
    inflateEnd(&z);
    *out = buf_str(&b);
    return rc == Z_STREAM_END;
}
