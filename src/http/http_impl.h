/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/buf.h"
#include "base/limits.h"
#include "http/http.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

/* What the files of the server share and nobody else sees.
 *
 * Threads: MHD's loops own a connection and everything of it, except what is atomic or under `Conn.lock`.  A request has
 * two owners, the loop and the handler, and goes back to the pool with the second of them: an expired request is
 * answered by the sweeper while its handler still runs.  Lock order: server, connection, stream, then MHD's own. */

#define KEEP_ALIVE_MS   75000
#define HEARTBEAT_MS    20000
#define STREAM_STALL_MS 60000
#define STREAM_LAG      (64u << 10)
#define SLOWEST_RATE    16384 /* bytes a second below which a body or a reply is given up */
#define GZIP_MIN        1024
#define POOL_MAX        128
#define OVER_MAX        128 /* connections over the limit that are answered 503 before the rest waits */

typedef enum Phase {
    PHASE_IDLE, /* kept alive, between two requests */
    PHASE_HEADERS,
    PHASE_BODY,
    PHASE_HANDLING,
    PHASE_SENDING,
    PHASE_STREAM,
    PHASE_KILLED, /* by the sweeper; the loop will find the socket shut */
} Phase;

typedef enum RequestState {
    REQUEST_HANDLING,
    REQUEST_SUSPENDED,
    REQUEST_REPLIED,
    REQUEST_EXPIRED, /* the sweeper has answered, the handler's reply will be dropped */
} RequestState;

typedef struct Request Request;

#define CANNED_ID  65  /* of a request, with its NUL */
#define CANNED_MAX 512 /* bytes of a reply */

typedef struct Conn {
    struct Conn *prev, *next; /* under the server's lock */
    HttpServer *srv;
    struct MHD_Connection *mhd;
    int fd;
    bool is_over; /* beyond max_connections */
    char peer[INET6_ADDRSTRLEN];
    char request_id[CANNED_ID]; /* of the request being handled */
    _Atomic uint64_t mark;      /* phase, and since when (clock_ms) */
    _Atomic uint64_t size;      /* bytes of body received, or of reply to send */
    _Atomic int64_t requests;
    uint64_t gone_at;     /* the sweeper's: where the client was found to have closed, size + 1 in a body */
    pthread_mutex_t lock; /* guards the two below */
    Request *rq;          /* while its connection is suspended */
    HttpStream *stream;
} Conn;

struct Request {
    HttpRequest pub;
    HttpServer *srv;
    Conn *conn; /* the loop's, or anybody's who holds the request in SUSPENDED */
    HttpPair *headers;
    size_t n_headers;
    Buf body;
    HttpRoom room;
    struct Spool *spool;            /* of a body that goes to a file */
    bool is_refused, is_full;       /* it is too long; the disk is full */
    bool is_started, was_suspended; /* the loop's */
    int status;
    uint64_t reply_size;
    struct MHD_Response *response;
    HttpStream *stream;
    _Atomic int state, refs;
};

typedef enum Canned {
    CANNED_BAD,
    CANNED_LARGE,
    CANNED_BUSY,
    CANNED_EXPIRED,
    CANNED_SLOW,
    CANNED_FULL,
    CANNED_COUNT
} Canned;

typedef struct Net {
    unsigned char addr[16]; /* IPv4 as mapped */
    int bits;
} Net;

struct HttpServer {
    HttpOptions opt;
    struct MHD_Daemon *daemon;
    struct Tls *tls; /* NULL: plain HTTP */
    int fd;
    unsigned port;
    Net *trusted;
    size_t n_trusted;
    _Atomic int refs;         /* the owner, and each request not yet back in the pool */
    _Atomic bool is_stopping; /* replies ask to close */
    _Atomic bool is_closing;  /* nothing new is handled */
    _Atomic int64_t refused;

    pthread_mutex_t lock; /* guards the list and the counters below */
    Conn *conns;
    unsigned n_conns;
    int64_t n_requests; /* of connections already closed */

    pthread_mutex_t pool_lock;
    Arena *pool[POOL_MAX];
    size_t n_pool;

    pthread_t sweeper;
    pthread_mutex_t sweep_lock;
    pthread_cond_t sweep_wake;
    bool is_swept; /* under sweep_lock: the sweeper is to end */
};

/* server.c */
uint64_t clock_ms(void); /* monotonic, coarse */
/** Puts the connection in `phase` from now on; false when the sweeper has killed it. */
bool conn_enter(Conn *conn, Phase phase);
void server_unref(HttpServer *srv);

/* net.c */
Err *net_listen(Arena *mem, Str where, int *fd, unsigned *port);
/** Reads "127.0.0.1, 10.0.0.0/8, ::1". */
Err *net_parse_list(Arena *mem, Str list, Net **out, size_t *n);
bool net_holds(const Net *nets, size_t n, Str address);
void net_text(const struct sockaddr *sa, char out[INET6_ADDRSTRLEN]);

/* request.c: the callbacks of the library, and the life of a request */
enum MHD_Result request_on_access(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *n_upload, void **slot);
void request_on_completed(void *cls, struct MHD_Connection *mhd, void **slot,
                          enum MHD_RequestTerminationCode why);
/** Answers a suspended request with 503.  The caller holds the connection's lock. */
void request_expire(Request *rq);
/** Hands `rq->response` to the loop, or drops it when the request has expired; ends the handler's ownership. */
void request_finish(Request *rq);

/* spool.c: a body in a nameless file */
/** Makes the file in the server's folder; it is closed, and gone, with the request.  False when it cannot be had. */
bool spool_open(Request *rq);
/** False when it is over the room there is, or (is_full) cannot be written. */
bool spool_add(Request *rq, const char *p, size_t n);
void spool_end(Request *rq);

/* door.c: what comes from outside becomes valid text here */
/** Percent-decodes; false for a broken escape, a NUL or what is not UTF-8. */
bool door_decode(Arena *mem, Str raw, Str *out);
/** Copies and checks method, path, query and headers of `mhd`; false when the answer is 400. */
bool door_read(Request *rq, struct MHD_Connection *mhd, const char *url, const char *method);
/** Sets peer and is_secure, from the headers when a trusted proxy sent them. */
void door_read_peer(Request *rq);

/* canned.c: what the server answers by itself */
/** `given` when it is a good id of a request, else a new one. */
void canned_id(const char *given, char out[CANNED_ID]);
enum MHD_Result canned_queue(struct MHD_Connection *mhd, Canned which, const char *id);
/** The whole reply, with a new id, for a socket nothing has been written to; its length. */
size_t canned_text(Canned which, char out[CANNED_MAX]);

/* gzip.c */
bool gzip_is_accepted(Str accept_encoding);
bool gzip_is_worth(Str type, Str body);
/** False when it does not get smaller. */
bool gzip_pack(Arena *mem, Str in, Str *out);
bool gzip_unpack(Arena *mem, Str in, size_t max, Str *out);

/* stream.c; the caller of these holds the connection's lock */
void stream_attach(HttpStream *st, Conn *conn);
void stream_detach(Conn *conn);
/** Sends the heartbeat when due; false when the client has gone or does not read. */
bool stream_sweep(HttpStream *st, uint64_t now);

/* sweep.c */
void sweep_start(HttpServer *srv);
void sweep_stop(HttpServer *srv);
