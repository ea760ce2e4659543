/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The load generator of `make bench`: keeps N connections busy for some seconds with the requests of a file (one a line:
   METHOD, path and perhaps a body, separated by tabs), in order, over and over.  Every reply is looked at: status, size
   and number of records, so that a fast wrong answer is not taken for a good one.  One thread; its answer is a line of
   JSON: requests a second, percentiles of the time to the whole reply, bytes, bad replies. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPLY_MAX (8u << 20)
#define TIMES_MAX (4u << 20)

typedef struct Call {
    char *text;
    size_t n;
} Call;

typedef struct Conn {
    int fd;
    char *in;
    size_t have, body_at, body_n;
    const Call *call;
    size_t sent;
    double started;
} Conn;

typedef struct Hammer {
    unsigned port;
    int status;
    long rows, min_bytes; /* -1: not looked at */
    double seconds;
    Call *calls;
    size_t n_calls, next, limit; /* limit: stop after so many, 0 none */
    Conn *conns;
    size_t n_conns;
    float *times;
    size_t n_times, bad, bytes;
    char why[300];
} Hammer;

static double now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "hammer: %s: %s\n", what, strerrordesc_np(errno));
    exit(1);
}

static void *need(void *p)
{
    if (!p) die("memory");
    return p;
}

/* --- requests -------------------------------------------------------------------------------------------------------- */

static void add_call(Hammer *h, char *line, const char *key)
{
    static size_t cap;
    char *path = strchr(line, '\t'), *body = path ? strchr(path + 1, '\t') : NULL;
    size_t size = strlen(line) + strlen(key) + 300;

    if (!path) return;
    *path++ = 0;
    if (body) *body++ = 0;
    if (h->n_calls == cap) {
        cap = cap ? cap * 2 : 256;
        h->calls = need(realloc(h->calls, cap * sizeof *h->calls));
    }
    size += strlen(path) + (body ? strlen(body) : 0);
    Call *c = &h->calls[h->n_calls++];
    c->text = need(malloc(size));
    c->n = (size_t)snprintf(c->text, size,
                            "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAuthorization: Bearer %s\r\n", line,
                            path, h->port, key);
    if (body)
        c->n += (size_t)snprintf(c->text + c->n, size - c->n,
                                 "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                                 strlen(body), body);
    else
        c->n += (size_t)snprintf(c->text + c->n, size - c->n, "\r\n");
}

static void read_calls(Hammer *h, const char *file, const char *key)
{
    FILE *f = fopen(file, "r");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    if (!f) die(file);
    while ((n = getline(&line, &cap, f)) > 0) {
        if (line[n - 1] == '\n') line[n - 1] = 0;
        add_call(h, line, key);
    }
    free(line);
    fclose(f);
    if (!h->n_calls) die("no requests");
}

/* --- connections ----------------------------------------------------------------------------------------------------- */

static int dial(unsigned port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void push(Conn *c)
{
    while (c->sent < c->call->n) {
        ssize_t n = send(c->fd, c->call->text + c->sent, c->call->n - c->sent, MSG_NOSIGNAL);
        if (n <= 0) die("send");
        c->sent += (size_t)n;
    }
}

static void start(Hammer *h, Conn *c)
{
    c->call = &h->calls[h->next++ % h->n_calls];
    c->sent = c->have = c->body_at = c->body_n = 0;
    c->started = now();
    push(c);
}

/* Each record has one version. */
static long count_rows(const char *p, size_t n)
{
    const char *end = p + n;
    long rows = 0;

    while ((p = memmem(p, (size_t)(end - p), "\"version\":", 10))) {
        rows++;
        p += 10;
    }
    return rows;
}

static void judge(Hammer *h, const Conn *c)
{
    long status = strtol(c->in + 9, NULL, 10);
    const char *body = c->in + c->body_at;
    long rows = h->rows < 0 ? -1 : count_rows(body, c->body_n);

    if (status == h->status && (long)c->body_n >= h->min_bytes && rows == h->rows) return;
    if (!h->bad++)
        snprintf(h->why, sizeof h->why, "status %ld, %zu bytes, %ld rows: %.60s", status, c->body_n, rows,
                 c->call->text);
}

/* True when the whole reply is there. */
static int is_whole(Conn *c)
{
    if (!c->body_at) {
        const char *end = memmem(c->in, c->have, "\r\n\r\n", 4), *length;
        if (!end) return 0;
        c->body_at = (size_t)(end - c->in) + 4;
        length = strcasestr(c->in, "\r\nContent-Length:");
        c->body_n = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    }
    return c->have >= c->body_at + c->body_n;
}

static void finish(Hammer *h, Conn *c)
{
    judge(h, c);
    h->bytes += c->body_n;
    if (h->n_times < TIMES_MAX) h->times[h->n_times++] = (float)((now() - c->started) * 1e3);
}

static void pull(Hammer *h, Conn *c, int is_last)
{
    ssize_t n = recv(c->fd, c->in + c->have, REPLY_MAX - c->have, 0);

    if (n <= 0) die("connection closed by the server");
    c->have += (size_t)n;
    c->in[c->have] = 0;
    if (!is_whole(c)) return;
    finish(h, c);
    c->call = NULL;
    if (!is_last) start(h, c);
}

static double run(Hammer *h)
{
    struct epoll_event events[64];
    int poll = epoll_create1(0);
    double begin = now();
    size_t open = h->n_conns;

    for (size_t i = 0; i < h->n_conns; i++) {
        Conn *c = &h->conns[i];
        c->fd = dial(h->port);
        c->in = need(malloc(REPLY_MAX + 1));
        epoll_ctl(poll, EPOLL_CTL_ADD, c->fd, &(struct epoll_event){.events = EPOLLIN, .data.ptr = c});
    }
    begin = now();
    for (size_t i = 0; i < h->n_conns; i++) start(h, &h->conns[i]);
    while (open) {
        int n = epoll_wait(poll, events, 64, 60000);
        if (n <= 0) die("no reply for a minute");
        for (int i = 0; i < n; i++) {
            Conn *c = events[i].data.ptr;
            int is_last = now() - begin > h->seconds || (h->limit && h->next >= h->limit);
            pull(h, c, is_last);
            open -= c->call == NULL;
        }
    }
    return now() - begin;
}

/* --- the answer ------------------------------------------------------------------------------------------------------ */

static int by_time(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return x < y ? -1 : x > y;
}

static double percentile(const Hammer *h, double p)
{
    return (double)h->times[(size_t)(p * (double)(h->n_times - 1))];
}

static void answer(Hammer *h, double took)
{
    qsort(h->times, h->n_times, sizeof *h->times, by_time);
    printf(
        "{\"n\":%zu,\"rps\":%.1f,\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"bytes\":%zu,\"bad\":%zu,\"why\":\"",
        h->n_times, (double)h->n_times / took, percentile(h, .5), percentile(h, .95), percentile(h, .99),
        percentile(h, 1), h->bytes / h->n_times, h->bad);
    for (const char *p = h->why; *p; p++)
        if (*p != '"' && *p != '\\' && (unsigned char)*p >= ' ') putchar(*p);
    printf("\"}\n");
}

int main(int argc, char **argv)
{
    Hammer h = {.status = 200};

    if (argc < 8) {
        fprintf(stderr, "usage: hammer PORT KEY CONNECTIONS SECONDS STATUS ROWS BYTES [LIMIT] < requests\n");
        return 2;
    }
    h.port = (unsigned)strtoul(argv[1], NULL, 10);
    h.n_conns = strtoul(argv[3], NULL, 10);
    h.seconds = strtod(argv[4], NULL);
    h.status = (int)strtol(argv[5], NULL, 10);
    h.rows = strtol(argv[6], NULL, 10);
    h.min_bytes = strtol(argv[7], NULL, 10);
    if (argc > 8) h.limit = strtoul(argv[8], NULL, 10);
    h.conns = need(calloc(h.n_conns, sizeof *h.conns));
    h.times = need(malloc(TIMES_MAX * sizeof *h.times));
    read_calls(&h, "/dev/stdin", argv[2]);
    answer(&h, run(&h));
    return 0;
}
