/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes through the door of the HTTP server: what is let in is valid text without a NUL, and no longer than it was.
 * Also the lists and headers that strangers send: lines "Name: value" become the headers of a request. */

#include "http/http_impl.h"

#include <string.h>

static void look_up(Request *rq)
{
    static const char *const NAMES[] = {"Accept-Encoding", "Range", "Host", "X-Forwarded-For", "Cookie"};
    char id[CANNED_ID];

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) (void)http_header(&rq->pub, NAMES[i]);
    Str cookie = http_cookie(&rq->pub, "kith_session");
    REQUIRE(!cookie.p || !cookie.n || !memchr(cookie.p, ';', cookie.n));
    gzip_is_accepted(http_header(&rq->pub, "Accept-Encoding"));
    canned_id(str_to_c(rq->pub.mem, http_header(&rq->pub, "X-Request-Id")), id);
    REQUIRE(strlen(id) > 0 && strlen(id) < CANNED_ID);
    for (const char *p = id; *p; p++) REQUIRE(*p > ' ' && *p < 127);
    door_read_peer(rq);
    REQUIRE(rq->pub.peer.n > 0 && rq->pub.peer.n < INET6_ADDRSTRLEN);
}

/* A request from 127.0.0.1, which is a proxy that is believed. */
static void try_headers(Arena *mem, Str text)
{
    HttpServer *srv = NEW(mem, HttpServer);
    Conn *conn = NEW(mem, Conn);
    Request *rq = NEW(mem, Request);

    REQUIRE(net_parse_list(mem, S("127.0.0.1, 10.0.0.0/8"), &srv->trusted, &srv->n_trusted) == NULL);
    memcpy(conn->peer, "127.0.0.1", sizeof "127.0.0.1");
    rq->pub = (HttpRequest){.mem = mem, .impl = rq};
    rq->srv = srv;
    rq->conn = conn;
    rq->headers = NEW_N(mem, HttpPair, 100);
    while (text.n && rq->n_headers < 100) {
        Str value = str_cut(&text, '\n'), name = str_cut(&value, ':');
        rq->headers[rq->n_headers++] = (HttpPair){name, str_trim(value)};
    }
    look_up(rq);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *mem = arena_new(0);
    Str s = {(const char *)data, size}, out;
    Net *nets;
    size_t n;

    if (door_decode(mem, s, &out)) {
        REQUIRE(out.n <= size && utf8_is_valid(out));
        REQUIRE(out.n == 0 || !memchr(out.p, 0, out.n));
        gzip_is_accepted(out);
        if (net_parse_list(mem, out, &nets, &n) == NULL) net_holds(nets, n, S("10.1.2.3"));
        net_holds(&(Net){.bits = 0}, 1, out);
        try_headers(mem, out);
    }
    gzip_unpack(mem, s, 1 << 20, &out);
    arena_free(mem);
    return 0;
}
