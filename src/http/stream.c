/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Server-sent events.  Text queues in the stream; the library's reader takes it on the loop and suspends the connection
   when there is none.  A stream has up to three owners: the application's handle, the library's response and, while
   attached, the connection. */
#include "http/http_impl.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

struct HttpStream {
    pthread_mutex_t lock;
    _Atomic int refs;
    Conn *conn; /* set while attached; the rest is under `lock` */
    struct MHD_Connection *mhd;
    char *p;
    size_t n, cap;
    bool is_suspended, is_ended, is_over;
    bool is_lagging; /* ended because the client does not read: it will not read the end either */
    uint64_t sent_at, read_at;
    void (*on_close)(void *arg);
    void *arg;
};

static void stream_unref(HttpStream *st)
{
    if (atomic_fetch_sub_explicit(&st->refs, 1, memory_order_acq_rel) != 1) return;
    pthread_mutex_destroy(&st->lock);
    free(st->p);
    free(st);
}

static bool stream_add(HttpStream *st, Str text)
{
    if (text.n > STREAM_LAG - st->n) return false;
    if (st->n + text.n > st->cap) {
        size_t cap = st->cap ? st->cap : 256;
        while (cap < st->n + text.n) cap *= 2;
        st->p = realloc(st->p, cap);
        REQUIRE(st->p != NULL);
        st->cap = cap;
    }
    memcpy(st->p + st->n, text.p, text.n);
    st->n += text.n;
    st->sent_at = clock_ms();
    return true;
}

static void stream_wake(HttpStream *st)
{
    if (!st->is_suspended) return;
    st->is_suspended = false;
    MHD_resume_connection(st->mhd);
}

static ssize_t stream_read(void *cls, uint64_t pos, char *out, size_t max)
{
    HttpStream *st = cls;
    ssize_t rc = 0;

    (void)pos;
    pthread_mutex_lock(&st->lock);
    st->read_at = clock_ms();
    if (st->n) {
        size_t n = st->n < max ? st->n : max;
        memcpy(out, st->p, n);
        memmove(st->p, st->p + n, st->n - n);
        st->n -= n;
        rc = (ssize_t)n;
    } else if (st->is_ended) {
        rc = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        st->is_suspended = true;
        MHD_suspend_connection(st->mhd);
    }
    pthread_mutex_unlock(&st->lock);
    return rc;
}

/* The library lets the response go: the client has gone, or all is sent. */
static void stream_gone(void *cls)
{
    HttpStream *st = cls;

    pthread_mutex_lock(&st->lock);
    st->is_ended = st->is_over = true;
    void (*fn)(void *) = st->on_close;
    st->on_close = NULL;
    pthread_mutex_unlock(&st->lock);
    if (fn) fn(st->arg);
    stream_unref(st);
}

static struct MHD_Response *stream_response(HttpStream *st)
{
    struct MHD_Response *r =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, stream_read, st, stream_gone);

    REQUIRE(r != NULL);
    MHD_add_response_header(r, "Content-Type", "text/event-stream; charset=utf-8");
    MHD_add_response_header(r, "Cache-Control", "no-store");
    MHD_add_response_header(r, "X-Accel-Buffering", "no");
    return r;
}

HttpStream *http_stream_open(HttpRequest *rq)
{
    Request *impl = rq->impl;
    HttpStream *st = calloc(1, sizeof *st);

    REQUIRE(st != NULL);
    pthread_mutex_init(&st->lock, NULL);
    atomic_init(&st->refs, 2);
    stream_add(st, S(":\n\n"));
    impl->status = 200;
    impl->stream = st;
    impl->response = stream_response(st);
    request_finish(impl);
    return st;
}

bool http_stream_send(HttpStream *st, Str text)
{
    pthread_mutex_lock(&st->lock);
    if (!st->is_ended && !stream_add(st, text)) {
        st->is_ended = st->is_lagging = true;
        st->n = 0;
    }
    bool is_live = !st->is_ended;
    stream_wake(st);
    pthread_mutex_unlock(&st->lock);
    return is_live;
}

void http_stream_on_close(HttpStream *st, void (*fn)(void *arg), void *arg)
{
    pthread_mutex_lock(&st->lock);
    bool is_over = st->is_over;
    st->on_close = is_over ? NULL : fn;
    st->arg = arg;
    pthread_mutex_unlock(&st->lock);
    if (is_over && fn) fn(arg);
}

void http_stream_close(HttpStream *st)
{
    pthread_mutex_lock(&st->lock);
    st->on_close = NULL;
    st->is_ended = true;
    stream_wake(st);
    pthread_mutex_unlock(&st->lock);
    stream_unref(st);
}

/* The system would take megabytes for a client that does not read, and we would not notice. */
static void bound_send_buffer(int fd)
{
    int bytes = STREAM_LAG;

    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes)) {} /* it is only slower to notice */
}

void stream_attach(HttpStream *st, Conn *conn)
{
    bound_send_buffer(conn->fd);
    pthread_mutex_lock(&st->lock);
    st->mhd = conn->mhd;
    st->read_at = clock_ms();
    pthread_mutex_unlock(&st->lock);
    st->conn = conn;
    conn->stream = st;
    atomic_fetch_add_explicit(&st->refs, 1, memory_order_relaxed);
}

void stream_detach(Conn *conn)
{
    if (conn->stream) stream_unref(conn->stream);
    conn->stream = NULL;
}

void http_stream_end(HttpStream *st)
{
    pthread_mutex_lock(&st->lock);
    st->is_ended = true;
    stream_wake(st);
    pthread_mutex_unlock(&st->lock);
}

static bool is_hung_up(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLRDHUP};

    return poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL));
}

bool stream_sweep(HttpStream *st, uint64_t now)
{
    bool is_live = !is_hung_up(st->conn->fd);

    pthread_mutex_lock(&st->lock);
    if (st->is_lagging || (st->n && now > st->read_at + STREAM_STALL_MS)) is_live = false;
    if (!is_live) {
        st->is_ended = true;
        st->n = 0;
        stream_wake(st);
    } else if (!st->n && !st->is_ended && now > st->sent_at + HEARTBEAT_MS) {
        stream_add(st, S(":\n\n"));
        stream_wake(st);
    }
    pthread_mutex_unlock(&st->lock);
    return is_live;
}
