/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages of the browser application, carried in the binary.  Files with a hash in their name never change; every other
   address is a page of the application, so it gets the index. */
#include "api/state.h"

#include "base/embed.h"

#define POLICY                                                                                                               \
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; " \
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

static const Embed *page_of(Str path, bool *is_index)
{
    const Embed *file = NULL;

    if (path.n < 500) {
        char name[512];
        int n = snprintf(name, sizeof name, "web%.*s", SFMT(path));
        file = embed_find((Str){name, (size_t)n});
    }
    *is_index = !file;
    bool is_file = str_starts(path, S("/assets/")) || str_find_char(path, '.') >= 0;
    return file || is_file ? file : embed_find(S("web/index.html"));
}

static void no_page(Req *rq)
{
    JsonWriter *w = reply_begin(rq, 404);

    rq->rp.type = S("application/problem+json");
    json_open_obj(w);
    json_pair_str(w, "type", S("about:blank"));
    json_pair_str(w, "title", text_of(rq, "api.problem.not_found"));
    json_pair_i64(w, "status", 404);
    json_pair_str(w, "code", S("NOT_FOUND"));
    json_pair_str(w, "request_id", rq->cx.request_id);
    json_close_obj(w);
}

void web_reply(Req *rq)
{
    bool is_index;
    const Embed *file = page_of(rq->http->path, &is_index);

    if (!file) {
        no_page(rq);
        return;
    }
    bool is_hashed = str_starts(rq->http->path, S("/assets/"));
    Str etag = str_c(file->etag), asked = http_header(rq->http, "If-None-Match");
    bool is_same = asked.n && str_find(asked, etag) >= 0;
    rq->rp = (HttpReply){.status = is_same ? 304 : 200};
    if (!is_same) {
        rq->rp.type = str_c(file->mime);
        rq->rp.body = (Str){(const char *)file->data, file->size};
        rq->rp.is_gzipped = file->is_gzip;
    }
    reply_header(rq, S("ETag"), etag);
    reply_header(rq, S("Cache-Control"),
                 is_hashed ? S("public, max-age=31536000, immutable") : S("no-cache"));
    reply_header(rq, S("Content-Security-Policy"), S(POLICY));
    reply_header(rq, S("Referrer-Policy"), S("same-origin"));
    reply_header(rq, S("X-Frame-Options"), S("DENY"));
    reply_header(rq, S("Cross-Origin-Opener-Policy"), S("same-origin"));
    reply_header(rq, S("Permissions-Policy"),
                 S("camera=(), geolocation=(), microphone=(), payment=(), usb=()"));
}
