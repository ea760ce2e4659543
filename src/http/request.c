/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a request, as the library's callbacks tell it: headers come through the door, the body is collected, the
   handler is called; a reply that is ready goes out at once, else the connection is suspended and whoever replies
   resumes it.  `state` decides every race: HANDLING -> REPLIED (in time), HANDLING -> SUSPENDED -> REPLIED or EXPIRED. */
#include "http/http_impl.h"

#include <string.h>

static Arena *pool_take(HttpServer *srv)
{
    Arena *mem = NULL;

    pthread_mutex_lock(&srv->pool_lock);
    if (srv->n_pool) mem = srv->pool[--srv->n_pool];
    pthread_mutex_unlock(&srv->pool_lock);
    return mem ? mem : arena_new(LIMIT_REQUEST_MEM);
}

static void pool_give(HttpServer *srv, Arena *mem)
{
    arena_reset(mem);
    pthread_mutex_lock(&srv->pool_lock);
    if (srv->n_pool < POOL_MAX) {
        srv->pool[srv->n_pool++] = mem;
        mem = NULL;
    }
    pthread_mutex_unlock(&srv->pool_lock);
    arena_free(mem);
}

static Request *request_new(HttpServer *srv, Conn *conn)
{
    Arena *mem = pool_take(srv);
    Request *rq = NEW(mem, Request);

    rq->pub.mem = mem;
    rq->pub.impl = rq;
    rq->srv = srv;
    rq->conn = conn;
    rq->pub.id = str_copy(mem, str_c(conn->request_id));
    atomic_init(&rq->refs, 1);
    atomic_fetch_add_explicit(&srv->refs, 1, memory_order_relaxed);
    return rq;
}

static void request_unref(Request *rq)
{
    if (atomic_fetch_sub_explicit(&rq->refs, 1, memory_order_acq_rel) != 1) return;
    HttpServer *srv = rq->srv;
    if (rq->response) MHD_destroy_response(rq->response); /* the client left before it could go out */
    pool_give(srv, rq->pub.mem);
    server_unref(srv);
}

static enum MHD_Result queue_canned(Conn *conn, Canned which)
{
    if (which == CANNED_BUSY) atomic_fetch_add_explicit(&conn->srv->refused, 1, memory_order_relaxed);
    atomic_store_explicit(&conn->size, 0, memory_order_relaxed);
    if (!conn_enter(conn, PHASE_SENDING)) return MHD_NO;
    return canned_queue(conn->mhd, which, conn->request_id);
}

/* A body a little over the limit is read and dropped, so that the client reads its 413; a much larger one, or one that
   waits for our consent, is refused at once. */
static bool is_hopeless(const Request *rq, uint64_t length)
{
    uint64_t max = rq->room.max;

    return length > max && (length / 4 > max || http_header(&rq->pub, "Expect").n);
}

static bool body_prepare(Request *rq)
{
    Str text = http_header(&rq->pub, "Content-Length");
    const HttpOptions *opt = &rq->srv->opt;
    int64_t length = 0;

    if (text.n && (!str_to_i64(text, &length) || length < 0)) length = INT64_MAX;
    rq->room = (HttpRoom){.max = opt->max_body};
    if (opt->room) opt->room(&rq->pub, opt->arg, &rq->room);
    if (is_hopeless(rq, (uint64_t)length)) return false;
    if (rq->room.is_file) return true;
    bool is_less = length && (uint64_t)length < rq->room.max;
    rq->body = buf_new(rq->pub.mem, is_less ? (size_t)length : (size_t)rq->room.max);
    return true;
}

static enum MHD_Result request_begin(HttpServer *srv, struct MHD_Connection *mhd, const char *url,
                                     const char *method, void **slot)
{
    Conn *conn = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;

    atomic_store_explicit(&conn->size, 0, memory_order_relaxed);
    canned_id(MHD_lookup_connection_value(mhd, MHD_HEADER_KIND, "X-Request-Id"), conn->request_id);
    if (!conn_enter(conn, PHASE_BODY)) return MHD_NO;
    if (conn->is_over || atomic_load_explicit(&srv->is_closing, memory_order_relaxed))
        return queue_canned(conn, CANNED_BUSY);
    Request *rq = request_new(srv, conn);
    if (!door_read(rq, mhd, url, method)) {
        request_unref(rq);
        return queue_canned(conn, CANNED_BAD);
    }
    if (!body_prepare(rq)) {
        request_unref(rq);
        return queue_canned(conn, CANNED_LARGE);
    }
    door_read_peer(rq);
    if (rq->room.is_file && !spool_open(rq)) {
        request_unref(rq);
        return queue_canned(conn, CANNED_BUSY);
    }
    *slot = rq;
    return MHD_YES;
}

/* As with a body in memory, what is a little over the room is read and dropped. */
static enum MHD_Result spool_take(Request *rq, const char *upload, size_t n)
{
    if (rq->is_refused || !spool_add(rq, upload, n)) rq->is_refused = true;
    return rq->is_refused && atomic_load_explicit(&rq->conn->size, memory_order_relaxed) / 4 > rq->room.max
               ? MHD_NO
               : MHD_YES;
}

static enum MHD_Result request_take_body(Request *rq, const char *upload, size_t *n_upload)
{
    size_t n = *n_upload;
    uint64_t had = atomic_fetch_add_explicit(&rq->conn->size, n, memory_order_relaxed);

    *n_upload = 0;
    if (rq->spool) return spool_take(rq, upload, n);
    buf_add_n(&rq->body, upload, n);
    return rq->body.is_over && (had + n) / 4 > rq->srv->opt.max_body ? MHD_NO : MHD_YES;
}

/* On the loop: what was prepared goes out. */
static enum MHD_Result request_send(Request *rq)
{
    Conn *conn = rq->conn;

    if (atomic_load(&rq->state) == REQUEST_EXPIRED) return queue_canned(conn, CANNED_EXPIRED);
    if (rq->stream) {
        pthread_mutex_lock(&conn->lock);
        stream_attach(rq->stream, conn);
        pthread_mutex_unlock(&conn->lock);
    }
    atomic_store_explicit(&conn->size, rq->reply_size, memory_order_relaxed);
    enum MHD_Result rc = MHD_NO;
    if (conn_enter(conn, rq->stream ? PHASE_STREAM : PHASE_SENDING))
        rc = MHD_queue_response(conn->mhd, (unsigned)rq->status, rq->response);
    MHD_destroy_response(rq->response);
    rq->response = NULL;
    return rc;
}

static void request_suspend(Request *rq)
{
    Conn *conn = rq->conn;
    int state = REQUEST_HANDLING;

    rq->was_suspended = true;
    MHD_suspend_connection(conn->mhd);
    pthread_mutex_lock(&conn->lock);
    conn->rq = rq;
    if (!atomic_compare_exchange_strong(&rq->state, &state, REQUEST_SUSPENDED))
        MHD_resume_connection(conn->mhd);
    else if (atomic_load(&rq->srv->is_closing))
        request_expire(rq);
    pthread_mutex_unlock(&conn->lock);
}

static enum MHD_Result request_dispatch(Request *rq)
{
    if (rq->body.is_over || rq->is_refused)
        return queue_canned(rq->conn, rq->is_full ? CANNED_FULL : CANNED_LARGE);
    rq->is_started = true;
    if (rq->spool)
        spool_end(rq);
    else
        rq->pub.body = buf_str(&rq->body);
    if (!conn_enter(rq->conn, PHASE_HANDLING)) return MHD_NO;
    atomic_store_explicit(&rq->refs, 2, memory_order_relaxed);
    rq->srv->opt.handler(&rq->pub, rq->srv->opt.arg);
    if (atomic_load(&rq->state) == REQUEST_REPLIED) return request_send(rq);
    request_suspend(rq);
    return MHD_YES;
}

enum MHD_Result request_on_access(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *n_upload, void **slot)
{
    Request *rq = *slot;

    (void)version;
    if (!rq) return request_begin(cls, mhd, url, method, slot);
    if (*n_upload) return request_take_body(rq, upload, n_upload);
    return rq->is_started ? request_send(rq) : request_dispatch(rq);
}

void request_on_completed(void *cls, struct MHD_Connection *mhd, void **slot,
                          enum MHD_RequestTerminationCode why)
{
    Conn *conn = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    Request *rq = *slot;

    (void)cls;
    (void)why;
    *slot = NULL;
    conn_enter(conn, PHASE_IDLE);
    atomic_fetch_add_explicit(&conn->requests, 1, memory_order_relaxed);
    if (!rq) return;
    if (rq->was_suspended || rq->stream) {
        pthread_mutex_lock(&conn->lock);
        conn->rq = NULL;
        stream_detach(conn);
        pthread_mutex_unlock(&conn->lock);
    }
    request_unref(rq);
}

void request_expire(Request *rq)
{
    struct MHD_Connection *mhd = rq->conn->mhd;
    int state = REQUEST_SUSPENDED;

    if (atomic_compare_exchange_strong(&rq->state, &state, REQUEST_EXPIRED)) MHD_resume_connection(mhd);
}

void request_finish(Request *rq)
{
    int state = atomic_load(&rq->state);

    for (;;) {
        if (state == REQUEST_EXPIRED) {
            MHD_destroy_response(rq->response);
            rq->response = NULL;
            break;
        }
        REQUIRE(state == REQUEST_HANDLING || state == REQUEST_SUSPENDED);
        if (atomic_compare_exchange_weak(&rq->state, &state, REQUEST_REPLIED)) {
            if (state == REQUEST_SUSPENDED) MHD_resume_connection(rq->conn->mhd);
            break;
        }
    }
    request_unref(rq);
}
