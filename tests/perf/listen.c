/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listeners of `make bench`: opens N live feeds, reads what comes on all of them and, when its standard input ends, says
   how many events there were and how many feeds were cut off.
     listen PORT KEY N PATH */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define SPARE 64 /* descriptors besides the streams */

typedef struct Feed {
    int fd, is_open;
    char last; /* byte of the piece before: events end with an empty line */
} Feed;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "listen: %s: %s\n", what, strerrordesc_np(errno));
    exit(1);
}

static int dial(unsigned port, const char *key, const char *path)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char text[2000];
    int n = snprintf(text, sizeof text,
                     "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n\r\n", path, key);

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0 || n < 0 ||
        write(fd, text, (size_t)n) != n)
        die("connect");
    return fd;
}

static long count_events(Feed *f, const char *p, ssize_t n)
{
    long events = 0;

    for (ssize_t i = 0; i < n; i++) {
        events += p[i] == '\n' && f->last == '\n';
        f->last = p[i];
    }
    return events;
}

/* The first answer must be a stream. */
static void check_head(int fd)
{
    char text[13] = "";

    if (recv(fd, text, 12, MSG_PEEK | MSG_WAITALL) != 12 || memcmp(text + 9, "200", 3) != 0) die("no stream");
}

static void raise_limit(size_t n)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit)) die("limit");
    if (limit.rlim_cur < n + SPARE) limit.rlim_cur = n + SPARE;
    if (limit.rlim_max < limit.rlim_cur) limit.rlim_max = limit.rlim_cur;
    if (setrlimit(RLIMIT_NOFILE, &limit)) die("limit");
}

int main(int argc, char **argv)
{
    size_t n = argc > 4 ? strtoul(argv[3], NULL, 10) : 0, closed = 0;
    Feed *feeds = calloc(n + 1, sizeof *feeds);
    struct epoll_event events[256], ev = {.events = EPOLLIN};
    int poll = epoll_create1(EPOLL_CLOEXEC);
    static char piece[65536];
    long count = 0;

    if (!n || !feeds || poll < 0) die("usage: listen PORT KEY N PATH");
    raise_limit(n);
    for (size_t i = 0; i < n; i++) {
        feeds[i] = (Feed){dial((unsigned)strtoul(argv[1], NULL, 10), argv[2], argv[4]), 1, 0};
        check_head(feeds[i].fd);
        ev.data.ptr = &feeds[i];
        if (epoll_ctl(poll, EPOLL_CTL_ADD, feeds[i].fd, &ev)) die("poll");
    }
    ev.data.ptr = NULL;
    if (epoll_ctl(poll, EPOLL_CTL_ADD, STDIN_FILENO, &ev)) die("poll");
    printf("listening\n");
    fflush(stdout);
    for (int is_done = 0; !is_done;) {
        int ready = epoll_wait(poll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            Feed *f = events[i].data.ptr;
            ssize_t got = f ? read(f->fd, piece, sizeof piece) : 0;
            if (!f)
                is_done = 1;
            else if (got > 0)
                count += count_events(f, piece, got);
            else if (f->is_open) {
                f->is_open = 0;
                closed++;
                close(f->fd);
            }
        }
    }
    printf("{\"events\": %ld, \"closed\": %zu}\n", count, closed);
    return 0;
}
