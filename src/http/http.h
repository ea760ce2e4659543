/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* HTTP/1.1 server over libmicrohttpd: loops, suspend and resume, deadlines, limits, gzip, streams.  Knows nothing of CRM. */
typedef struct HttpServer HttpServer;
typedef struct HttpStream HttpStream;

typedef struct HttpPair {
    Str name, value;
} HttpPair;

typedef struct HttpRequest {
    Arena *mem;       /* the request's arena: lives until the reply has been sent */
    Str method, path; /* path percent-decoded, without query; always valid UTF-8 */
    Str body;         /* whole, at most the server's limit; bytes, not checked */
    bool
        has_file; /* the body is in `file` instead: read from its start, not closed; nameless, it goes with the request */
    int file;
    uint64_t file_size;
    Str file_sha256;       /* 64 hexadecimal digits */
    const HttpPair *query; /* decoded, in order */
    size_t n_query;
    Str id;         /* its X-Request-Id when that is 64 letters, digits, - _ . at most; else a new one */
    Str peer;       /* address of the client, after --trust-proxy */
    bool is_secure; /* the client's side is https */
    void *impl;
} HttpRequest;

typedef struct HttpReply {
    int status;
    Str type; /* Content-Type; empty with an empty body */
    Str body; /* must live as long as the request's arena (or static) */
    HttpPair headers[14];
    size_t n_headers;
    bool is_gzipped; /* body is gzip already; sent as such or unpacked for a client that cannot */
    bool has_file;   /* instead of `body` the first `file_size` bytes of `file`, which the server closes */
    int file;
    uint64_t file_size;
} HttpReply;

/** Handles a request: it must lead to exactly one http_reply or http_stream_open, now or later, on any thread.  When the
    handler returns without, the connection has been suspended and is resumed by the reply.  After it the request is gone,
    unless the reply was made within the handler: then it lives until the handler returns. */
typedef void (*HttpHandler)(HttpRequest *rq, void *arg);

/* What the handler's side says of a body when the headers have come. */
typedef struct HttpRoom {
    uint64_t max;
    bool is_file; /* to a file of the folder, in constant memory */
    bool
        is_dropped; /* is_file, but nobody will want it: read and forgotten, so that the handler can say why */
} HttpRoom;

typedef struct HttpOptions {
    Str listen;               /* "127.0.0.1:8080", "[::1]:0" */
    Str trust_proxy;          /* whose X-Forwarded-For/-Proto are believed: "127.0.0.1, 10.0.0.0/8, ::1" */
    Str tls_cert, tls_key;    /* PEM files: HTTPS (TLS 1.2 and later); empty: HTTP */
    unsigned loops;           /* threads, 0 = number of cores */
    unsigned max_connections; /* 0 = 2000 */
    size_t max_body;          /* 0 = LIMIT_BODY */
    void (*room)(const HttpRequest *rq, void *arg,
                 HttpRoom *out); /* may change what `out` says; NULL: nothing */
    Str folder;                  /* of nameless files */
    int header_ms, request_ms;   /* deadlines: 0 = 10000, 30000 */
    HttpHandler handler;
    void *arg;
} HttpOptions;

/** Listens and serves at once.  INVALID for an address that is none, UNAVAILABLE when it cannot be had.  The server answers
    by itself, with a problem document that names the request: 400 (bad escapes, NUL, not UTF-8), 408, 413, and 503 (over max_connections, or no
    reply within request_ms: the handler's later reply is dropped). */
MUST_CHECK Err *http_start(Arena *mem, const HttpOptions *opt, HttpServer **out);
unsigned http_port(const HttpServer *srv);
/** Reads certificate and key again; the old ones stay when the new are not good.  Nothing without TLS. */
MUST_CHECK Err *http_reload_tls(HttpServer *srv, Arena *mem);
/** Stops accepting, closes streams, lets running requests finish (at most `wait_ms`, then 503), joins the loops.  A handler
    still at work may reply afterwards. */
void http_stop(HttpServer *srv, int wait_ms);

Str http_header(const HttpRequest *rq,
                const char *name); /* the first, in any case of letters; empty when absent */
Str http_query(const HttpRequest *rq, const char *name); /* p NULL when absent */
Str http_cookie(const HttpRequest *rq, const char *name);

/** Answers; may be called on any thread.  Packs a body of text of 1 KiB or more for a client that takes gzip. */
void http_reply(HttpRequest *rq, const HttpReply *rp);
void http_add_header(HttpReply *rp, Str name, Str value);

/** Answers with a server-sent-events stream: not compressed, no deadline, heartbeat every 20 s, suspended while idle.  The
    handle is the caller's until http_stream_close, which is called exactly once, whatever has become of the client. */
HttpStream *http_stream_open(HttpRequest *rq);
/** Queues `text` (whole events) from any thread; false when the client has gone or lags by more than 64 KiB: the stream
    has ended then, and the client will come again with its Last-Event-ID. */
bool http_stream_send(HttpStream *st, Str text);
/** Ends the stream after what is queued, as if the client had gone: the function of http_stream_on_close is called. */
void http_stream_end(HttpStream *st);
/** `fn` is called once, on a loop, when the stream ends by itself (client gone or server stops), at once when it has; it
    may close the handle.  After http_stream_close it is not called any more, but may be running. */
void http_stream_on_close(HttpStream *st, void (*fn)(void *arg), void *arg);
void http_stream_close(HttpStream *st);

typedef struct HttpStats {
    int64_t requests, open, streams, refused;
} HttpStats;
HttpStats http_stats(HttpServer *srv);
