/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server through raw sockets: what clients do, well and badly. */
#include "base/buf.h"
#include "base/tap.h"
#include "base/time.h"
#include "http/http.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#define BIG 200000

typedef struct Site {
    HttpServer *srv;
    HttpStream *_Atomic stream;
    HttpRequest *_Atomic held;
    _Atomic int closed;
    char *big;
} Site;

static void reply_text(HttpRequest *rq, int status, Str body)
{
    HttpReply rp = {.status = status, .type = S("text/plain"), .body = body};

    http_add_header(&rp, S("X-Test"), S("yes"));
    http_reply(rq, &rp);
}

static void pause_ms(int ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
}

static void *reply_later(void *arg)
{
    HttpRequest *rq = arg;

    pause_ms(20);
    reply_text(rq, 200, str_fmt(rq->mem, "later %.*s", SFMT(rq->path)));
    return NULL;
}

/* As soon as it can: races with the suspension. */
static void *reply_now(void *arg)
{
    reply_text(arg, 200, S("at once"));
    return NULL;
}

static void start_thread(void *(*fn)(void *), void *arg)
{
    pthread_t t;

    REQUIRE(pthread_create(&t, NULL, fn, arg) == 0);
    pthread_detach(t);
}

static void on_close(void *arg)
{
    atomic_fetch_add((_Atomic int *)arg, 1);
}

static void describe(HttpRequest *rq)
{
    Buf b = buf_new(rq->mem, 1 << 20);

    buf_addf(&b, "%.*s %.*s", SFMT(rq->method), SFMT(rq->path));
    for (size_t i = 0; i < rq->n_query; i++)
        buf_addf(&b, " %.*s=%.*s", SFMT(rq->query[i].name), SFMT(rq->query[i].value));
    buf_addf(&b, " peer=%.*s secure=%d body=%.*s cookie=%.*s", SFMT(rq->peer), rq->is_secure, SFMT(rq->body),
             SFMT(http_cookie(rq, "sid")));
    reply_text(rq, 200, buf_str(&b));
}

static void handle_big(HttpRequest *rq, const Site *site)
{
    HttpReply rp = {.status = 200, .type = S("application/json"), .body = {site->big, BIG}};

    http_reply(rq, &rp);
}

static void handle_packed(HttpRequest *rq)
{
    char *p = arena_alloc(rq->mem, 200);
    z_stream z = {
        .next_in = (Bytef *)"unpacked body", .avail_in = 13, .next_out = (Bytef *)p, .avail_out = 200};

    REQUIRE(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
    HttpReply rp = {
        .status = 200, .type = S("text/plain"), .body = {p, 200 - z.avail_out}, .is_gzipped = true};
    deflateEnd(&z);
    http_reply(rq, &rp);
}

static void handle(HttpRequest *rq, void *arg)
{
    Site *site = arg;

    if (str_starts(rq->path, S("/later"))) {
        start_thread(reply_later, rq);
    } else if (str_eq_c(rq->path, "/race")) {
        start_thread(reply_now, rq);
    } else if (str_eq_c(rq->path, "/hold")) {
        atomic_store(&site->held, rq);
    } else if (str_eq_c(rq->path, "/feed")) {
        HttpStream *st = http_stream_open(rq);
        http_stream_on_close(st, on_close, &site->closed);
        atomic_store(&site->stream, st);
    } else if (str_eq_c(rq->path, "/big")) {
        handle_big(rq, site);
    } else if (str_eq_c(rq->path, "/packed")) {
        handle_packed(rq);
    } else if (str_eq_c(rq->path, "/none")) {
        http_reply(rq, &(HttpReply){.status = 204});
    } else if (str_eq_c(rq->path, "/length")) {
        reply_text(rq, 200, str_fmt(rq->mem, "%zu", rq->body.n));
    } else {
        describe(rq);
    }
}

static Site *site_start(Arena *mem, HttpOptions opt)
{
    Site *site = NEW(mem, Site);

    site->big = arena_alloc(mem, BIG);
    for (int i = 0; i < BIG; i++) site->big[i] = "0123456789abcdef"[(unsigned)i * (unsigned)i / 7 % 16];
    if (!opt.listen.n) opt.listen = S("127.0.0.1:0");
    opt.handler = handle;
    opt.arg = site;
    if (!opt.loops) opt.loops = 2;
    CHECK_OK(http_start(mem, &opt, &site->srv));
    return site;
}

static int dial(const Site *site)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(site->srv))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval limit = {.tv_sec = 20};

    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

static void say(int fd, Str text)
{
    while (text.n) {
        ssize_t n = send(fd, text.p, text.n, MSG_NOSIGNAL);
        if (n <= 0) return;
        text = str_from(text, (size_t)n);
    }
}

/* Reads until `end` has come, or the connection is closed. */
static Str hear_until(Arena *mem, int fd, Str end)
{
    Buf b = buf_new(mem, 64 << 20);
    char part[65536];

    while (str_find(buf_str(&b), end) < 0) {
        ssize_t n = recv(fd, part, end.n == 4 ? 1 : sizeof part, 0);
        if (n <= 0) break;
        buf_add_n(&b, part, (size_t)n);
    }
    return buf_str(&b);
}

/* One whole reply by its Content-Length: head and body. */
static Str hear(Arena *mem, int fd)
{
    Str head = hear_until(mem, fd, S("\r\n\r\n"));
    ptrdiff_t at = str_find(head, S("Content-Length: "));
    int64_t n = 0;

    if (at < 0) return head;
    Str rest = str_from(head, (size_t)at + 16), number = str_trim(str_cut(&rest, '\n'));
    REQUIRE(str_to_i64(number, &n));
    Buf b = buf_new(mem, 64 << 20);
    buf_add(&b, head);
    char *room = n ? buf_room(&b, (size_t)n) : NULL;
    for (size_t got = 0; got < (size_t)n;) {
        ssize_t r = recv(fd, room + got, (size_t)n - got, 0);
        if (r <= 0) break;
        got += (size_t)r;
    }
    return buf_str(&b);
}

static bool is_closed(int fd)
{
    char c;

    return recv(fd, &c, 1, 0) <= 0;
}

static bool has(Str s, const char *part)
{
    return str_find(s, str_c(part)) >= 0;
}

static Str ask(Arena *mem, const Site *site, Str request)
{
    int fd = dial(site);

    say(fd, request);
    Str reply = hear(mem, fd);
    close(fd);
    return reply;
}

/* A request is counted just after its reply has gone. */
static int64_t count_requests(const Site *site, int64_t want)
{
    for (int i = 0; i < 200 && http_stats(site->srv).requests < want; i++) pause_ms(5);
    return http_stats(site->srv).requests;
}

TEST(keeps_the_connection_alive)
{
    Site *site = site_start(mem, (HttpOptions){0});
    int fd = dial(site);

    for (int i = 0; i < 5; i++) {
        say(fd,
            S("GET /a%20b/%D1%8F?x=1+2&y=%26&empty=&flag HTTP/1.1\r\nHost: h\r\nCookie: a=b; sid=s1\r\n\r\n"));
        Str got = hear(mem, fd);
        CHECK(str_starts(got, S("HTTP/1.1 200 OK\r\n")));
        CHECK(has(got, "GET /a b/я x=1 2 y=& empty= flag= peer=127.0.0.1 secure=0 body= cookie=s1"));
        CHECK(has(got, "X-Test: yes"));
    }
    say(fd,
        S("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /later2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HTTP/1.1\r\nHost: h\r\n\r\n"));
    CHECK(has(hear(mem, fd), "GET /1 "));
    CHECK(has(hear(mem, fd), "later /later2"));
    CHECK(has(hear(mem, fd), "GET /3 "));
    say(fd, S("HEAD /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /none HTTP/1.1\r\nHost: h\r\n\r\n"));
    CHECK(has(hear_until(mem, fd, S("\r\n\r\n")), "Content-Length: "));
    CHECK(str_starts(hear(mem, fd), S("HTTP/1.1 204 ")));
    close(fd);
    CHECK_EQ_INT(count_requests(site, 10), 10);
    http_stop(site->srv, 1000);
}

TEST(takes_bodies)
{
    Site *site = site_start(mem, (HttpOptions){.max_body = 1000});
    int fd = dial(site);

    say(fd, S("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"));
    CHECK(has(hear(mem, fd), "POST /p peer=127.0.0.1 secure=0 body=hello cookie="));
    say(fd, S("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"));
    pause_ms(20);
    say(fd, S("7\r\n, world\r\n0\r\n\r\n"));
    CHECK(has(hear(mem, fd), "body=hello, world cookie="));
    say(fd, S("POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    CHECK_STR(hear_until(mem, fd, S("\r\n\r\n")), "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd, S("ok"));
    CHECK(has(hear(mem, fd), "body=ok cookie="));
    say(fd, S("PATCH /length HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"));
    char *kilo = arena_alloc(mem, 6000);
    memset(kilo, 'x', 6000);
    say(fd, (Str){kilo, 1000});
    CHECK(str_ends(hear(mem, fd), S("\r\n\r\n1000")));
    close(fd);
    http_stop(site->srv, 1000);
}

TEST(refuses_bodies_over_the_limit)
{
    Site *site = site_start(mem, (HttpOptions){.max_body = 1000});
    char *kilo = arena_alloc(mem, 8000);

    memset(kilo, 'x', 8000);
    Str got = ask(mem, site, S("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n"));
    CHECK(str_starts(got, S("HTTP/1.1 413 ")));
    CHECK(has(got, "application/problem+json"));
    CHECK(has(got, "\"status\":413"));
    CHECK(has(got, "\"request_id\":\"0"));
    CHECK(str_starts(
        ask(mem, site,
            S("POST /p HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n")),
        S("HTTP/1.1 413 ")));
    CHECK(str_starts(ask(mem, site,
                         str_cat(mem, S("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n"),
                                 (Str){kilo, 1001})),
                     S("HTTP/1.1 413 ")));
    int fd = dial(site);
    say(fd, S("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"));
    say(fd, (Str){kilo, 1001});
    say(fd, S("\r\n0\r\n\r\n"));
    CHECK(str_starts(hear(mem, fd), S("HTTP/1.1 413 ")));
    close(fd);
    fd = dial(site);
    say(fd, S("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1f40\r\n"));
    say(fd, (Str){kilo, 8000});
    say(fd, S("\r\n"));
    CHECK(is_closed(fd));
    close(fd);
    http_stop(site->srv, 1000);
}

TEST(checks_text_at_the_door)
{
    static const char *const bad[] = {"/a%00b",   "/a%zz",    "/a%4",          "/%ff",
                                      "/x?a=%00", "/x?%80=1", "/x?a=%ED%A0%80"};
    Site *site = site_start(mem, (HttpOptions){0});

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Str got = ask(mem, site, str_fmt(mem, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", bad[i]));
        CHECK(str_starts(got, S("HTTP/1.1 400 ")));
        CHECK(has(got, "\"code\":\"INVALID\""));
    }
    CHECK(
        str_starts(ask(mem, site, S("GET / HTTP/1.1\r\nHost: h\r\nX-A: \xff\r\n\r\n")), S("HTTP/1.1 400 ")));
    CHECK(has(ask(mem, site, S("GET http://h/p?q=1 HTTP/1.1\r\nHost: h\r\n\r\n")), "GET /p q=1"));
    http_stop(site->srv, 1000);
}

TEST(believes_only_its_proxies)
{
    Str request = S("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.1.1.1, 9.9.9.9, 10.1.2.3\r\n"
                    "X-Forwarded-Proto: https\r\n\r\n");
    Site *site = site_start(mem, (HttpOptions){0});

    CHECK(has(ask(mem, site, request), "peer=127.0.0.1 secure=0"));
    http_stop(site->srv, 1000);
    site = site_start(mem, (HttpOptions){.trust_proxy = S("10.0.0.0/8, 127.0.0.1, ::1")});
    CHECK(has(ask(mem, site, request), "peer=9.9.9.9 secure=1"));
    http_stop(site->srv, 1000);
    HttpServer *none;
    CHECK_ERR(
        http_start(mem, &(HttpOptions){.listen = S("127.0.0.1:0"), .trust_proxy = S("10.0.0.0/40")}, &none),
        ERR_INVALID);
}

TEST(says_where_it_cannot_listen)
{
    Site *site = site_start(mem, (HttpOptions){0});
    HttpServer *second;

    CHECK_ERR(http_start(mem, &(HttpOptions){.listen = str_fmt(mem, "127.0.0.1:%u", http_port(site->srv))},
                         &second),
              ERR_UNAVAILABLE);
    CHECK_ERR(http_start(mem, &(HttpOptions){.listen = S("127.0.0.1:http?")}, &second), ERR_INVALID);
    http_stop(site->srv, 1000);
}

TEST(packs_what_is_worth_it)
{
    Site *site = site_start(mem, (HttpOptions){0});
    Str got = ask(mem, site, S("GET /big HTTP/1.1\r\nHost: h\r\nAccept-Encoding: br, gzip;q=0.5\r\n\r\n"));

    CHECK(has(got, "Content-Encoding: gzip"));
    CHECK(has(got, "Vary: Accept-Encoding"));
    size_t head = (size_t)str_find(got, S("\r\n\r\n")) + 4;
    char *out = arena_alloc(mem, BIG + 1);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)(got.p + head),
                  .avail_in = (uInt)(got.n - head),
                  .next_out = (Bytef *)out,
                  .avail_out = BIG + 1};
    CHECK(inflateInit2(&z, 31) == Z_OK && inflate(&z, Z_FINISH) == Z_STREAM_END);
    CHECK_EQ_INT(z.total_out, BIG);
    CHECK(memcmp(out, site->big, BIG) == 0);
    inflateEnd(&z);
    got = ask(mem, site, S("GET /big HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip;q=0.0\r\n\r\n"));
    CHECK(!has(got, "Content-Encoding"));
    CHECK(str_ends(got, (Str){site->big, BIG}));
    got = ask(mem, site, S("GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n"));
    CHECK(!has(got, "Content-Encoding"));
    CHECK(str_ends(ask(mem, site, S("GET /packed HTTP/1.1\r\nHost: h\r\n\r\n")), S("\r\n\r\nunpacked body")));
    got = ask(mem, site, S("GET /packed HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n"));
    CHECK(has(got, "Content-Encoding: gzip"));
    http_stop(site->srv, 1000);
}

TEST(closes_slow_headers_and_bodies)
{
    Site *site = site_start(mem, (HttpOptions){.header_ms = 100});
    int silent = dial(site), slow = dial(site), body = dial(site);

    say(slow, S("GET / HTTP/1.1\r\nHo"));
    say(body, S("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n123"));
    for (int i = 0; i < 20; i++) {
        say(slow, S("x"));
        pause_ms(20);
    }
    CHECK(str_starts(hear(mem, silent), S("HTTP/1.1 408 ")));
    CHECK(str_starts(hear(mem, slow), S("HTTP/1.1 408 ")));
    Str got = hear(mem, body);
    CHECK(str_starts(got, S("HTTP/1.1 408 ")));
    CHECK(has(got, "\"code\":\"LIMIT\",\"request_id\":\""));
    CHECK(has(got, "X-Request-Id: "));
    CHECK(is_closed(silent) && is_closed(slow) && is_closed(body));
    close(silent);
    close(slow);
    close(body);
    http_stop(site->srv, 1000);
}

TEST(lets_go_of_clients_that_leave_in_a_head_or_body)
{
    Site *site = site_start(mem, (HttpOptions){.header_ms = 10000});
    static const char *const BEGINNINGS[] = {"", "GE", "GET / HTTP/1.1\r\nHo",
                                             "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n123"};
    int fds[4];

    for (int i = 0; i < 4; i++) {
        fds[i] = dial(site);
        say(fds[i], str_c(BEGINNINGS[i]));
        shutdown(fds[i], SHUT_WR);
    }
    int64_t began = clock_now_ms();
    for (int i = 0; i < 4; i++) {
        (void)hear(mem, fds[i]);
        CHECK(is_closed(fds[i]));
        close(fds[i]);
    }
    CHECK(clock_now_ms() - began < 9000);
    http_stop(site->srv, 1000);
}

TEST(answers_for_a_handler_that_takes_too_long)
{
    Site *site = site_start(mem, (HttpOptions){.request_ms = 100});
    int fd = dial(site);

    say(fd, S("GET /hold HTTP/1.1\r\nHost: h\r\nX-Kept: still here\r\n\r\n"));
    Str got = hear(mem, fd);
    CHECK(str_starts(got, S("HTTP/1.1 503 ")));
    CHECK(is_closed(fd));
    close(fd);
    pause_ms(50);
    CHECK_STR(http_header(site->held, "x-kept"), "still here");
    reply_text(site->held, 200, S("too late"));
    http_stop(site->srv, 1000);
}

TEST(survives_a_client_that_leaves_while_suspended)
{
    Site *site = site_start(mem, (HttpOptions){0});

    for (int i = 0; i < 20; i++) {
        int fd = dial(site);
        say(fd, S("GET /later HTTP/1.1\r\nHost: h\r\n\r\n"));
        pause_ms(2);
        close(fd);
    }
    CHECK(has(ask(mem, site, S("GET /later HTTP/1.1\r\nHost: h\r\n\r\n")), "later"));
    http_stop(site->srv, 1000);
}

TEST(streams_events)
{
    Site *site = site_start(mem, (HttpOptions){0});
    int fd = dial(site);

    say(fd, S("GET /feed HTTP/1.1\r\nHost: h\r\n\r\n"));
    Str head = hear_until(mem, fd, S("\r\n\r\n"));
    CHECK(has(head, "text/event-stream"));
    CHECK(has(hear_until(mem, fd, S(":\n\n")), ":\n\n"));
    for (int i = 0; i < 5; i++) {
        CHECK(http_stream_send(site->stream, S("event: change\ndata: 1\n\n")));
        CHECK(has(hear_until(mem, fd, S("data: 1\n\n")), "event: change"));
    }
    CHECK_EQ_INT(http_stats(site->srv).streams, 1);
    close(fd);
    for (int i = 0; i < 300 && !site->closed; i++) pause_ms(10);
    CHECK_EQ_INT(site->closed, 1);
    CHECK(!http_stream_send(site->stream, S("x")));
    http_stream_close(site->stream);
    http_stop(site->srv, 1000);
}

TEST(ends_a_stream_that_lags)
{
    Site *site = site_start(mem, (HttpOptions){0});
    int fd = dial(site);
    char *kilo = arena_alloc(mem, 32768);
    int sent = 0;

    memset(kilo, 'x', 32768);
    say(fd, S("GET /feed HTTP/1.1\r\nHost: h\r\n\r\n"));
    hear_until(mem, fd, S(":\n\n"));
    while (sent < 3000 && http_stream_send(site->stream, (Str){kilo, 32768})) sent++;
    CHECK(sent < 3000);
    for (int i = 0; i < 500 && http_stats(site->srv).streams; i++)
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    CHECK_EQ_INT(http_stats(site->srv).streams, 0); /* though the client has read nothing */
    http_stream_close(site->stream);
    close(fd);
    http_stop(site->srv, 1000);
}

TEST(the_application_ends_a_stream)
{
    Site *site = site_start(mem, (HttpOptions){0});
    int fd = dial(site);

    say(fd, S("GET /feed HTTP/1.1\r\nHost: h\r\n\r\n"));
    hear_until(mem, fd, S(":\n\n"));
    http_stream_send(site->stream, S("data: last\n\n"));
    http_stream_close(site->stream);
    CHECK(str_ends(hear_until(mem, fd, S("0\r\n\r\n")), S("data: last\n\n\r\n0\r\n\r\n")));
    CHECK_EQ_INT(site->closed, 0);
    close(fd);
    http_stop(site->srv, 1000);
}

typedef struct Crowd {
    const Site *site;
    _Atomic int good;
} Crowd;

static void *be_a_client(void *arg)
{
    Crowd *crowd = arg;
    Arena *mem = arena_new(0);
    int fd = dial(crowd->site);

    for (int i = 0; i < 6; i++) {
        static const Str asks[] = {S_INIT("GET /later HTTP/1.1\r\nHost: h\r\n\r\n"),
                                   S_INIT("GET /race HTTP/1.1\r\nHost: h\r\n\r\n"),
                                   S_INIT("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")};
        say(fd, asks[i % 3]);
        Str got = hear(mem, fd);
        if (has(got, "later /later") || has(got, "at once") || has(got, "body=abc"))
            atomic_fetch_add(&crowd->good, 1);
    }
    close(fd);
    arena_free(mem);
    return NULL;
}

TEST(serves_two_hundred_clients_at_once)
{
    Crowd *crowd = NEW(mem, Crowd);
    pthread_t threads[200];

    crowd->site = site_start(mem, (HttpOptions){0});
    for (int i = 0; i < 200; i++) REQUIRE(pthread_create(&threads[i], NULL, be_a_client, crowd) == 0);
    for (int i = 0; i < 200; i++) pthread_join(threads[i], NULL);
    CHECK_EQ_INT(crowd->good, 1200);
    CHECK_EQ_INT(count_requests(crowd->site, 1200), 1200);
    http_stop(crowd->site->srv, 1000);
}

TEST(answers_connections_over_the_limit)
{
    Site *site = site_start(mem, (HttpOptions){.max_connections = 2});
    int a = dial(site), b = dial(site);

    say(a, S("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    say(b, S("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    CHECK(str_starts(hear(mem, a), S("HTTP/1.1 200 ")));
    CHECK(str_starts(hear(mem, b), S("HTTP/1.1 200 ")));
    int c = dial(site);
    say(c, S("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    CHECK(str_starts(hear(mem, c), S("HTTP/1.1 503 ")));
    CHECK(is_closed(c));
    CHECK_EQ_INT(http_stats(site->srv).refused, 1);
    close(a);
    close(b);
    close(c);
    http_stop(site->srv, 1000);
}

TEST(finishes_running_requests_when_it_stops)
{
    Site *site = site_start(mem, (HttpOptions){0});
    int later = dial(site), hold = dial(site), feed = dial(site), idle = dial(site);

    say(hold, S("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n"));
    say(feed, S("GET /feed HTTP/1.1\r\nHost: h\r\n\r\n"));
    hear_until(mem, feed, S(":\n\n"));
    say(later, S("GET /later HTTP/1.1\r\nHost: h\r\n\r\n"));
    while (!atomic_load(&site->held)) pause_ms(1);
    pause_ms(5);
    http_stop(site->srv, 200);
    Str got = hear(mem, later);
    CHECK(has(got, "later /later"));
    CHECK(has(got, "Connection: close"));
    CHECK(str_starts(hear(mem, hold), S("HTTP/1.1 503 ")));
    CHECK(str_ends(hear_until(mem, feed, S("0\r\n\r\n")), S("0\r\n\r\n")));
    CHECK(is_closed(later) && is_closed(hold) && is_closed(feed) && is_closed(idle));
    CHECK_EQ_INT(site->closed, 1);
    reply_text(site->held, 200, S("after the server"));
    http_stream_close(site->stream);
    close(later);
    close(hold);
    close(feed);
    close(idle);
}
