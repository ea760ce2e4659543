/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A reply becomes the library's response, on the thread that replies: packing is done there, not on a loop. */
#include "http/http_impl.h"

#include <string.h>

#define SHORT 128 /* bytes of a usual header */

void http_add_header(HttpReply *rp, Str name, Str value)
{
    REQUIRE(rp->n_headers < sizeof rp->headers / sizeof *rp->headers);
    rp->headers[rp->n_headers++] = (HttpPair){name, value};
}

/* Terminated, in `room` when it is short: the library makes a copy of its own. */
static const char *terminated(Arena *mem, Str s, char room[SHORT])
{
    if (s.n >= SHORT) return str_to_c(mem, s);
    if (s.n) memcpy(room, s.p, s.n);
    room[s.n] = '\0';
    return room;
}

static void add_header(Request *rq, struct MHD_Response *r, Str name, Str value)
{
    char room[2][SHORT];
    const char *key = terminated(rq->pub.mem, name, room[0]), *text = terminated(rq->pub.mem, value, room[1]);

    REQUIRE(MHD_add_response_header(r, key, text) == MHD_YES);
}

/* The body as this client wants it; true when it goes out packed. */
static bool reply_encode(Request *rq, const HttpReply *rp, Str *body)
{
    *body = rp->body;
    if (!rp->is_gzipped && !gzip_is_worth(rp->type, rp->body)) return false;
    bool is_accepted = gzip_is_accepted(http_header(&rq->pub, "Accept-Encoding"));
    if (rp->is_gzipped && is_accepted) return true;
    if (rp->is_gzipped) {
        REQUIRE(gzip_unpack(rq->pub.mem, rp->body, LIMIT_REPLY, body));
        return false;
    }
    return is_accepted && gzip_pack(rq->pub.mem, rp->body, body);
}

static struct MHD_Response *reply_build(Request *rq, const HttpReply *rp)
{
    Str body = {0};
    bool is_packed = !rp->has_file && reply_encode(rq, rp, &body);
    struct MHD_Response *r =
        rp->has_file ? MHD_create_response_from_fd64(rp->file_size, rp->file)
                     : MHD_create_response_from_buffer(body.n, (void *)(uintptr_t)(body.n ? body.p : ""),
                                                       MHD_RESPMEM_PERSISTENT);

    REQUIRE(r != NULL);
    if (rp->type.n) add_header(rq, r, S("Content-Type"), rp->type);
    if (is_packed) add_header(rq, r, S("Content-Encoding"), S("gzip"));
    if (is_packed || rp->is_gzipped || (!rp->has_file && gzip_is_worth(rp->type, rp->body)))
        add_header(rq, r, S("Vary"), S("Accept-Encoding"));
    for (size_t i = 0; i < rp->n_headers; i++) add_header(rq, r, rp->headers[i].name, rp->headers[i].value);
    if (atomic_load_explicit(&rq->srv->is_stopping, memory_order_relaxed))
        add_header(rq, r, S("Connection"), S("close"));
    rq->reply_size = rp->has_file ? rp->file_size : body.n;
    return r;
}

void http_reply(HttpRequest *rq, const HttpReply *rp)
{
    Request *impl = rq->impl;

    impl->status = rp->status;
    impl->response = reply_build(impl, rp);
    request_finish(impl);
}
