/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses: the listening socket, the text of a peer, and the list of proxies that are believed.  IPv4 is compared in
   its IPv6-mapped form, so that "10.0.0.0/8" holds a peer of a dual-stack socket too. */
#include "http/http_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void split_host_port(Str where, Str *host, Str *port)
{
    size_t colon = where.n;

    while (colon > 0 && where.p[colon - 1] != ':') colon--;
    *host = colon ? str_sub(where, 0, colon - 1) : (Str){0};
    *port = str_from(where, colon);
    if (host->n >= 2 && host->p[0] == '[' && host->p[host->n - 1] == ']')
        *host = str_sub(*host, 1, host->n - 2);
    if (str_eq_c(*host, "*")) *host = (Str){0};
}

static unsigned socket_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } sa = {.v6 = {0}};
    socklen_t n = sizeof sa;

    if (getsockname(fd, &sa.any, &n) != 0) return 0;
    return ntohs(sa.any.sa_family == AF_INET6 ? sa.v6.sin6_port : sa.v4.sin_port);
}

static int open_socket(const struct addrinfo *ai)
{
    int yes = 1, fd = socket(ai->ai_family, ai->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, ai->ai_protocol);

    if (fd < 0) return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, 1024) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

Err *net_listen(Arena *mem, Str where, int *fd, unsigned *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV},
                    *found = NULL;
    Str host, service;

    split_host_port(where, &host, &service);
    int64_t number = 0;
    if (!str_to_i64(service, &number) || number < 0 || number > 65535)
        return err_arg(err_new(mem, ERR_INVALID, "error.http.listen",
                               "cannot listen on %.*s: a port is a number from 0 to 65535", SFMT(where)),
                       0, where);
    if (!host.n) hints.ai_family = AF_INET;
    int rc = getaddrinfo(host.n ? str_to_c(mem, host) : NULL, str_to_c(mem, service), &hints, &found);
    if (rc != 0)
        return err_arg(err_new(mem, ERR_INVALID, "error.http.listen", "cannot listen on %.*s: %s",
                               SFMT(where), gai_strerror(rc)),
                       0, where);
    *fd = -1;
    for (const struct addrinfo *ai = found; ai && *fd < 0; ai = ai->ai_next) *fd = open_socket(ai);
    int saved = errno;
    freeaddrinfo(found);
    if (*fd < 0)
        return err_arg(err_new(mem, ERR_UNAVAILABLE, "error.http.listen", "cannot listen on %.*s: %s",
                               SFMT(where), strerror(saved)),
                       0, where);
    *port = socket_port(*fd);
    return NULL;
}

void net_text(const struct sockaddr *sa, char out[INET6_ADDRSTRLEN])
{
    out[0] = 0;
    if (sa->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, out, INET6_ADDRSTRLEN);
    } else if (sa->sa_family == AF_INET6) {
        const struct in6_addr *a = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(a))
            inet_ntop(AF_INET, a->s6_addr + 12, out, INET6_ADDRSTRLEN);
        else
            inet_ntop(AF_INET6, a, out, INET6_ADDRSTRLEN);
    }
}

static bool parse_address(Str s, unsigned char out[16], int *offset)
{
    char text[INET6_ADDRSTRLEN];

    if (s.n == 0 || s.n >= sizeof text) return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    memset(out, 0, 16);
    *offset = 0;
    if (inet_pton(AF_INET6, text, out) == 1) return true;
    memset(out, 0, 10);
    out[10] = out[11] = 0xff;
    *offset = 96;
    return inet_pton(AF_INET, text, out + 12) == 1;
}

static bool parse_net(Str s, Net *out)
{
    Str rest = s, host = str_cut(&rest, '/');
    int64_t bits = 0;
    int offset;

    if (!parse_address(str_trim(host), out->addr, &offset)) return false;
    out->bits = 128;
    if (!rest.p) return true;
    if (!str_to_i64(str_trim(rest), &bits) || bits < 0 || bits > 128 - offset) return false;
    out->bits = (int)bits + offset;
    return true;
}

Err *net_parse_list(Arena *mem, Str list, Net **out, size_t *n)
{
    size_t cap = 1;

    for (size_t i = 0; i < list.n; i++) cap += list.p[i] == ',';
    *out = NEW_N(mem, Net, cap);
    *n = 0;
    while (list.p) {
        Str part = str_trim(str_cut(&list, ','));
        if (!part.n) continue;
        if (!parse_net(part, &(*out)[*n]))
            FAIL(mem, ERR_INVALID, "error.http.trust_proxy", "not an address: %.*s", SFMT(part));
        (*n)++;
    }
    return NULL;
}

static bool net_matches(const Net *net, const unsigned char addr[16])
{
    size_t whole = (size_t)net->bits / 8;
    int rest = net->bits % 8;

    if (memcmp(net->addr, addr, whole) != 0) return false;
    return rest == 0 || ((net->addr[whole] ^ addr[whole]) >> (8 - rest)) == 0;
}

bool net_holds(const Net *nets, size_t n, Str address)
{
    unsigned char addr[16];
    int offset;

    if (n == 0 || !parse_address(address, addr, &offset)) return false;
    for (size_t i = 0; i < n; i++)
        if (net_matches(&nets[i], addr)) return true;
    return false;
}
