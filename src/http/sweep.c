/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The deadlines.  The library has none for a suspended connection nor for headers that trickle in, so one thread looks at
   every connection a few times a second: it shuts the socket of a client that is too slow, and the loop then closes it. */
#include "http/http_impl.h"

#include <errno.h>
#include <sys/socket.h>

#define GONE_IN_HEAD UINT64_MAX
#define LARGE_FASTER 256 /* a body is kept at 4 MB a second at least */

/* Nothing of a reply has been written while headers or body are read, so the words can go straight to the socket. */
static void conn_kill(Conn *conn, uint64_t mark)
{
    Phase phase = mark & 7;
    char text[CANNED_MAX];

    if (!atomic_compare_exchange_strong(&conn->mark, &mark, PHASE_KILLED)) return;
    if (phase == PHASE_HEADERS || phase == PHASE_BODY)
        send(conn->fd, text, canned_text(CANNED_SLOW, text), MSG_DONTWAIT | MSG_NOSIGNAL);
    shutdown(conn->fd, SHUT_RDWR);
}

static uint64_t conn_allowance(const Conn *conn, Phase phase)
{
    const HttpOptions *opt = &conn->srv->opt;
    uint64_t by_size = atomic_load_explicit(&conn->size, memory_order_relaxed) * 1000 / SLOWEST_RATE;

    switch (phase) {
    case PHASE_IDLE: return KEEP_ALIVE_MS;
    case PHASE_HEADERS: return (uint64_t)opt->header_ms;
    case PHASE_BODY: return (uint64_t)opt->header_ms + by_size;
    case PHASE_HANDLING: return (uint64_t)opt->request_ms + by_size / LARGE_FASTER;
    case PHASE_SENDING: return (uint64_t)opt->request_ms + by_size;
    default: return UINT64_MAX;
    }
}

/* The library's edge-triggered loop overlooks an end that comes together with the last bytes before it.  Seen twice, with
   nothing read in between, so that a loop at the last bytes of a head or body is not disturbed. */
static bool is_gone(Conn *conn, Phase phase)
{
    uint64_t size = atomic_load_explicit(&conn->size, memory_order_relaxed),
             place = phase == PHASE_HEADERS ? GONE_IN_HEAD : size + 1;
    char byte;

    if (recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0) return false;
    if (conn->gone_at == place) return true;
    conn->gone_at = place;
    return false;
}

static void sweep_conn(Conn *conn, uint64_t now)
{
    uint64_t mark = atomic_load(&conn->mark), since = mark >> 3;
    Phase phase = mark & 7;

    if (phase == PHASE_STREAM) {
        pthread_mutex_lock(&conn->lock);
        bool is_live = !conn->stream || stream_sweep(conn->stream, now);
        pthread_mutex_unlock(&conn->lock);
        if (!is_live) conn_kill(conn, mark);
        return;
    }
    if ((phase == PHASE_HEADERS || phase == PHASE_BODY) && is_gone(conn, phase)) {
        conn_kill(conn, mark);
        return;
    }
    if (now < since || now - since <= conn_allowance(conn, phase)) return;
    if (phase != PHASE_HANDLING) {
        conn_kill(conn, mark);
        return;
    }
    pthread_mutex_lock(&conn->lock);
    if (conn->rq) request_expire(conn->rq);
    pthread_mutex_unlock(&conn->lock);
}

static void sweep_all(HttpServer *srv)
{
    uint64_t now = clock_ms();

    pthread_mutex_lock(&srv->lock);
    for (Conn *conn = srv->conns; conn; conn = conn->next) sweep_conn(conn, now);
    pthread_mutex_unlock(&srv->lock);
}

static int sweep_interval(const HttpOptions *opt)
{
    int least = (opt->header_ms < opt->request_ms ? opt->header_ms : opt->request_ms) / 4;

    return least < 10 ? 10 : least > 500 ? 500 : least;
}

static void *sweep_run(void *arg)
{
    HttpServer *srv = arg;
    int interval = sweep_interval(&srv->opt);

    pthread_mutex_lock(&srv->sweep_lock);
    while (!srv->is_swept) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += interval * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        if (pthread_cond_timedwait(&srv->sweep_wake, &srv->sweep_lock, &until) != ETIMEDOUT) continue;
        pthread_mutex_unlock(&srv->sweep_lock);
        sweep_all(srv);
        pthread_mutex_lock(&srv->sweep_lock);
    }
    pthread_mutex_unlock(&srv->sweep_lock);
    return NULL;
}

void sweep_start(HttpServer *srv)
{
    pthread_condattr_t attr;

    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&srv->sweep_wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&srv->sweep_lock, NULL);
    REQUIRE(pthread_create(&srv->sweeper, NULL, sweep_run, srv) == 0);
}

void sweep_stop(HttpServer *srv)
{
    pthread_mutex_lock(&srv->sweep_lock);
    srv->is_swept = true;
    pthread_cond_signal(&srv->sweep_wake);
    pthread_mutex_unlock(&srv->sweep_lock);
    pthread_join(srv->sweeper, NULL);
    pthread_cond_destroy(&srv->sweep_wake);
    pthread_mutex_destroy(&srv->sweep_lock);
}
