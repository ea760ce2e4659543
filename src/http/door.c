/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The door: method, path, query and headers are copied out of the library's memory into the request's arena, because a
   request may outlive its connection, and checked once, so that behind it every Str is valid UTF-8 without a NUL. */
#include "http/http_impl.h"

#include <string.h>

typedef struct Pairs {
    Arena *mem;
    HttpPair *p;
    size_t n, cap;
    bool is_bad;
} Pairs;

/* True when every byte is ASCII and none is one of `%` and NUL: nothing to decode or check. */
static bool is_plain(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((signed char)s.p[i] <= 0 || s.p[i] == '%') return false;
    return true;
}

bool door_decode(Arena *mem, Str raw, Str *out)
{
    char *p = arena_alloc(mem, raw.n + 1);
    size_t n = 0;

    *out = (Str){p, raw.n};
    if (is_plain(raw)) {
        if (raw.n) memcpy(p, raw.p, raw.n);
        return true;
    }
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] != '%') {
            p[n++] = raw.p[i];
            continue;
        }
        int high = i + 2 < raw.n ? hex_digit(raw.p[i + 1]) : -1,
            low = high < 0 ? -1 : hex_digit(raw.p[i + 2]);
        if (low < 0) return false;
        p[n++] = (char)(high * 16 + low);
        i += 2;
    }
    *out = (Str){p, n};
    return !memchr(p, 0, n) && utf8_is_valid(*out);
}

static HttpPair *pairs_add(Pairs *a)
{
    if (a->n == a->cap) {
        size_t cap = a->cap ? a->cap * 2 : 12;
        a->p = arena_grow(a->mem, a->p, a->cap * sizeof *a->p, cap * sizeof *a->p);
        a->cap = cap;
    }
    return &a->p[a->n++];
}

static Str copy_text(Arena *mem, const char *p, size_t n)
{
    char *q = arena_alloc(mem, n + 1);

    if (n) memcpy(q, p, n);
    return (Str){q, n};
}

static enum MHD_Result add_header(void *cls, enum MHD_ValueKind kind, const char *key, size_t n_key,
                                  const char *value, size_t n_value)
{
    Pairs *a = cls;
    HttpPair *pair = pairs_add(a);
    Str both = copy_text(a->mem, key, n_key + n_value);

    (void)kind;
    if (n_value) memcpy((char *)both.p + n_key, value, n_value);
    pair->name = (Str){both.p, n_key};
    pair->value = (Str){both.p + n_key, n_value};
    if (!is_plain(both) && (memchr(both.p, 0, both.n) || !utf8_is_valid(both))) a->is_bad = true;
    return MHD_YES;
}

static enum MHD_Result add_query(void *cls, enum MHD_ValueKind kind, const char *key, size_t n_key,
                                 const char *value, size_t n_value)
{
    Pairs *a = cls;
    HttpPair *pair = pairs_add(a);

    (void)kind;
    if (!door_decode(a->mem, (Str){key, n_key}, &pair->name) ||
        !door_decode(a->mem, (Str){value, value ? n_value : 0}, &pair->value))
        a->is_bad = true;
    return MHD_YES;
}

static Str read_method(Arena *mem, const char *method)
{
    static const Str known[] = {S_INIT("GET"),    S_INIT("POST"), S_INIT("PATCH"),  S_INIT("PUT"),
                                S_INIT("DELETE"), S_INIT("HEAD"), S_INIT("OPTIONS")};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_eq_c(known[i], method)) return known[i];
    return copy_text(mem, method, strlen(method));
}

/* "http://host/path" (RFC 9112 section 3.2.2) is the path; "*" stays. */
static Str read_target(Str raw)
{
    Str rest;

    if (str_starts(raw, S("http://")))
        rest = str_from(raw, 7);
    else if (str_starts(raw, S("https://")))
        rest = str_from(raw, 8);
    else
        return raw;
    ptrdiff_t slash = str_find_char(rest, '/');
    return slash < 0 ? S("/") : str_from(rest, (size_t)slash);
}

bool door_read(Request *rq, struct MHD_Connection *mhd, const char *url, const char *method)
{
    Arena *mem = rq->pub.mem;
    Pairs headers = {.mem = mem}, query = {.mem = mem};

    MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, add_header, &headers);
    rq->headers = headers.p;
    rq->n_headers = headers.n;
    MHD_get_connection_values_n(mhd, MHD_GET_ARGUMENT_KIND, add_query, &query);
    rq->pub.query = query.p;
    rq->pub.n_query = query.n;
    rq->pub.method = read_method(mem, method);
    if (headers.is_bad || query.is_bad || !utf8_is_valid(rq->pub.method)) return false;
    Str target = read_target(str_c(url));
    bool is_path = target.n && (target.p[0] == '/' || str_eq_c(target, "*"));
    return is_path && door_decode(mem, target, &rq->pub.path);
}

/* The last address of X-Forwarded-For that is not one of our proxies. */
static Str forwarded_for(const HttpServer *srv, Str list, Str peer)
{
    while (list.n) {
        size_t comma = list.n;
        while (comma > 0 && list.p[comma - 1] != ',') comma--;
        Str last = str_trim(str_from(list, comma));
        list = str_sub(list, 0, comma ? comma - 1 : 0);
        if (!last.n || last.n >= INET6_ADDRSTRLEN) break;
        peer = last;
        if (!net_holds(srv->trusted, srv->n_trusted, last)) break;
    }
    return peer;
}

void door_read_peer(Request *rq)
{
    const HttpServer *srv = rq->srv;
    Str peer = str_c(rq->conn->peer);

    rq->pub.peer = str_copy(rq->pub.mem, peer);
    rq->pub.is_secure = srv->tls != NULL;
    if (!net_holds(srv->trusted, srv->n_trusted, peer)) return;
    rq->pub.peer = forwarded_for(srv, http_header(&rq->pub, "X-Forwarded-For"), rq->pub.peer);
    Str proto = http_header(&rq->pub, "X-Forwarded-Proto");
    if (proto.n) rq->pub.is_secure = str_eq_nocase(str_trim(str_cut(&proto, ',')), S("https"));
}

Str http_header(const HttpRequest *rq, const char *name)
{
    const Request *impl = rq->impl;
    Str want = str_c(name);

    for (size_t i = 0; i < impl->n_headers; i++)
        if (str_eq_nocase(impl->headers[i].name, want)) return impl->headers[i].value;
    return (Str){0};
}

Str http_query(const HttpRequest *rq, const char *name)
{
    for (size_t i = 0; i < rq->n_query; i++)
        if (str_eq_c(rq->query[i].name, name)) return rq->query[i].value;
    return (Str){0};
}

static Str cookie_in(Str line, Str want)
{
    while (line.p) {
        Str value = str_trim(str_cut(&line, ';')), key = str_cut(&value, '=');
        if (str_eq(key, want) && value.p) return value;
    }
    return (Str){0};
}

Str http_cookie(const HttpRequest *rq, const char *name)
{
    const Request *impl = rq->impl;

    for (size_t i = 0; i < impl->n_headers; i++) {
        if (!str_eq_nocase(impl->headers[i].name, S("Cookie"))) continue;
        Str found = cookie_in(impl->headers[i].value, str_c(name));
        if (found.p) return found;
    }
    return (Str){0};
}
