/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start and stop, and the list of connections.  The library runs one epoll loop a thread on one listening socket, which
   is ours.  Stopping: accept no more, end streams, let running requests finish, answer the rest with 503, so that no
   connection is suspended when the library is stopped (it would abort). */
#include "http/http_impl.h"
#include "http/tls.h"

#include "base/log.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Forward secrecy and authenticated encryption only, in our order: every browser since 2015 has it. */
#define TLS_PRIORITIES                                                                                     \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:" \
    "-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1:%SERVER_PRECEDENCE"

uint64_t clock_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

bool conn_enter(Conn *conn, Phase phase)
{
    uint64_t old = atomic_exchange(&conn->mark, clock_ms() << 3 | (uint64_t)phase);

    if ((old & 7) != PHASE_KILLED) return true;
    atomic_store(&conn->mark, PHASE_KILLED);
    return false;
}

static void conn_open(HttpServer *srv, struct MHD_Connection *mhd, void **slot)
{
    Conn *conn = calloc(1, sizeof *conn);

    REQUIRE(conn != NULL);
    conn->srv = srv;
    conn->mhd = mhd;
    conn->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    net_text(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr, conn->peer);
    pthread_mutex_init(&conn->lock, NULL);
    conn_enter(conn, PHASE_HEADERS);
    pthread_mutex_lock(&srv->lock);
    conn->next = srv->conns;
    if (conn->next) conn->next->prev = conn;
    srv->conns = conn;
    conn->is_over = ++srv->n_conns > srv->opt.max_connections;
    pthread_mutex_unlock(&srv->lock);
    *slot = conn;
}

/* The library closes the socket after this, so the sweeper never shuts another connection's descriptor. */
static void conn_close(HttpServer *srv, Conn *conn)
{
    pthread_mutex_lock(&srv->lock);
    if (conn->prev)
        conn->prev->next = conn->next;
    else
        srv->conns = conn->next;
    if (conn->next) conn->next->prev = conn->prev;
    srv->n_conns--;
    srv->n_requests += atomic_load_explicit(&conn->requests, memory_order_relaxed);
    pthread_mutex_unlock(&srv->lock);
    pthread_mutex_destroy(&conn->lock);
    free(conn);
}

static void on_connection(void *cls, struct MHD_Connection *mhd, void **slot,
                          enum MHD_ConnectionNotificationCode what)
{
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        conn_open(cls, mhd, slot);
    } else {
        conn_close(cls, *slot);
        *slot = NULL;
    }
}

/* Called when the request line has come: from here the headers have their ten seconds. */
static void *on_request_line(void *cls, const char *uri, struct MHD_Connection *mhd)
{
    Conn *conn = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;

    (void)cls;
    (void)uri;
    if ((atomic_load_explicit(&conn->mark, memory_order_relaxed) & 7) != PHASE_HEADERS)
        conn_enter(conn, PHASE_HEADERS);
    return NULL;
}

/* Escapes are the door's. */
static size_t keep_escapes(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls;
    (void)mhd;
    return strlen(text);
}

static void on_panic(void *cls, const char *file, unsigned line, const char *reason)
{
    (void)cls;
    (void)line;
    require_failed(reason ? reason : "libmicrohttpd", file, (int)line);
}

static void options_fill(HttpOptions *opt)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (!opt->loops) opt->loops = cores > 0 ? (unsigned)cores : 1;
    if (!opt->max_connections) opt->max_connections = 2000;
    if (!opt->max_body) opt->max_body = LIMIT_BODY;
    if (!opt->header_ms) opt->header_ms = 10000;
    if (!opt->request_ms) opt->request_ms = 30000;
}

/* A shell gives a process a thousand files; where more are not to be had, the connections that are too many wait. */
static void raise_files(unsigned connections)
{
    struct rlimit limit;
    rlim_t wanted = connections + OVER_MAX + 512;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit)) log_line(LOG_WARN, "few open files", "wanted=%u", (unsigned)wanted);
}

static struct MHD_Daemon *daemon_start(HttpServer *srv)
{
    /* Each loop gets its share of the library's limit, however the connections fall. */
    unsigned share = srv->opt.max_connections + OVER_MAX;
    struct MHD_OptionItem pool[] = {
        {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)srv->opt.loops, NULL},
        {MHD_OPTION_END, 0, NULL},
    };

    struct MHD_OptionItem secure[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, tls_callback()},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
        {MHD_OPTION_END, 0, NULL},
    };

    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | (srv->tls ? MHD_USE_TLS : 0), 0, NULL,
        NULL, request_on_access, srv, MHD_OPTION_LISTEN_SOCKET, srv->fd, MHD_OPTION_CONNECTION_LIMIT,
        share * srv->opt.loops, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LIMIT_HEAD,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, srv, MHD_OPTION_NOTIFY_COMPLETED, request_on_completed,
        srv, MHD_OPTION_URI_LOG_CALLBACK, on_request_line, srv, MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes,
        NULL, MHD_OPTION_ARRAY, srv->opt.loops > 1 ? pool : pool + 1, MHD_OPTION_ARRAY,
        srv->tls ? secure : secure + 2, MHD_OPTION_END);
}

static void server_free(HttpServer *srv)
{
    for (size_t i = 0; i < srv->n_pool; i++) arena_free(srv->pool[i]);
    pthread_mutex_destroy(&srv->pool_lock);
    pthread_mutex_destroy(&srv->lock);
    tls_close(srv->tls);
    free(srv->trusted);
    free(srv);
}

void server_unref(HttpServer *srv)
{
    if (atomic_fetch_sub_explicit(&srv->refs, 1, memory_order_acq_rel) == 1) server_free(srv);
}

static HttpServer *server_new(const HttpOptions *opt, const Net *trusted, size_t n_trusted)
{
    HttpServer *srv = calloc(1, sizeof *srv);

    REQUIRE(srv != NULL);
    srv->opt = *opt;
    srv->fd = -1;
    options_fill(&srv->opt);
    raise_files(srv->opt.max_connections);
    srv->trusted = calloc(n_trusted + 1, sizeof *trusted);
    REQUIRE(srv->trusted != NULL);
    if (n_trusted) memcpy(srv->trusted, trusted, n_trusted * sizeof *trusted);
    srv->n_trusted = n_trusted;
    atomic_init(&srv->refs, 1);
    pthread_mutex_init(&srv->lock, NULL);
    pthread_mutex_init(&srv->pool_lock, NULL);
    return srv;
}

Err *http_start(Arena *mem, const HttpOptions *opt, HttpServer **out)
{
    Net *trusted;
    size_t n_trusted;

    TRY(net_parse_list(mem, opt->trust_proxy, &trusted, &n_trusted));
    HttpServer *srv = server_new(opt, trusted, n_trusted);
    Err *e = opt->tls_cert.n ? tls_open(mem, opt->tls_cert, opt->tls_key, &srv->tls) : NULL;
    if (!e) e = net_listen(mem, opt->listen, &srv->fd, &srv->port);
    if (e) {
        server_unref(srv);
        return e;
    }
    MHD_set_panic_func(on_panic, NULL);
    sweep_start(srv);
    srv->daemon = daemon_start(srv);
    if (!srv->daemon) {
        sweep_stop(srv);
        close(srv->fd);
        server_unref(srv);
        FAIL(mem, ERR_UNAVAILABLE, "error.http.start", "cannot start the server loops");
    }
    *out = srv;
    return NULL;
}

Err *http_reload_tls(HttpServer *srv, Arena *mem)
{
    return srv->tls ? tls_reload(mem, srv->tls) : NULL;
}

unsigned http_port(const HttpServer *srv)
{
    return srv->port;
}

/* Requests whose reply is not out yet. */
static unsigned count_running(HttpServer *srv)
{
    unsigned n = 0;

    pthread_mutex_lock(&srv->lock);
    for (Conn *conn = srv->conns; conn; conn = conn->next) {
        Phase phase = atomic_load(&conn->mark) & 7;
        n += phase == PHASE_BODY || phase == PHASE_HANDLING || phase == PHASE_SENDING;
    }
    pthread_mutex_unlock(&srv->lock);
    return n;
}

/* Requests and streams that hold the connection suspended, perhaps. */
static unsigned end_all(HttpServer *srv, bool with_requests)
{
    unsigned n = 0;

    pthread_mutex_lock(&srv->lock);
    for (Conn *conn = srv->conns; conn; conn = conn->next) {
        pthread_mutex_lock(&conn->lock);
        if (conn->stream) http_stream_end(conn->stream);
        if (conn->rq && with_requests) request_expire(conn->rq);
        n += conn->stream || conn->rq;
        pthread_mutex_unlock(&conn->lock);
    }
    pthread_mutex_unlock(&srv->lock);
    return n;
}

static void pause_ms(int ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

void http_stop(HttpServer *srv, int wait_ms)
{
    uint64_t until = clock_ms() + (uint64_t)(wait_ms > 0 ? wait_ms : 0);

    atomic_store(&srv->is_stopping, true);
    MHD_quiesce_daemon(srv->daemon);
    end_all(srv, false);
    while (count_running(srv) && clock_ms() < until) {
        pause_ms(2);
        end_all(srv, false);
    }
    atomic_store(&srv->is_closing, true);
    until = clock_ms() + 2000;
    while (end_all(srv, true) && clock_ms() < until) pause_ms(2);
    sweep_stop(srv);
    MHD_stop_daemon(srv->daemon);
    close(srv->fd);
    server_unref(srv);
}

HttpStats http_stats(HttpServer *srv)
{
    HttpStats stats = {.refused = atomic_load_explicit(&srv->refused, memory_order_relaxed)};

    pthread_mutex_lock(&srv->lock);
    stats.requests = srv->n_requests;
    stats.open = srv->n_conns;
    for (Conn *conn = srv->conns; conn; conn = conn->next) {
        stats.requests += atomic_load_explicit(&conn->requests, memory_order_relaxed);
        stats.streams += (atomic_load(&conn->mark) & 7) == PHASE_STREAM;
    }
    pthread_mutex_unlock(&srv->lock);
    return stats;
}
