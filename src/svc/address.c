/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses a webhook may not reach.  The address decides, not the name: it is looked at when the socket is opened, after the
   name was resolved, so that a name that changes its meaning gains nothing.  What is written out in the URL is refused when
   it is saved too, because that is kinder than a failed delivery.  Sources: the IANA registries of special-purpose addresses
   (RFC 6890 and what came after). */
#include "svc/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>

typedef struct Net4 {
    uint32_t net;
    unsigned bits;
} Net4;

static const Net4 PRIVATE4[] = {
    {0x00000000, 8},  /* this network */
    {0x0a000000, 8},  /* private */
    {0x64400000, 10}, /* shared, behind carriers' NAT */
    {0x7f000000, 8},  /* loopback */
    {0xa9fe0000, 16}, /* link-local, cloud metadata */
    {0xac100000, 12}, /* private */
    {0xc0000000, 24}, /* protocol assignments */
    {0xc0000200, 24}, /* documentation */
    {0xc0586300, 24}, /* 6to4 relays */
    {0xc0a80000, 16}, /* private */
    {0xc6120000, 15}, /* benchmarks */
    {0xc6336400, 24}, /* documentation */
    {0xcb007100, 24}, /* documentation */
    {0xe0000000, 3},  /* multicast, reserved, broadcast */
};

static bool is_private4(uint32_t ip)
{
    for (size_t i = 0; i < sizeof PRIVATE4 / sizeof *PRIVATE4; i++)
        if ((ip ^ PRIVATE4[i].net) >> (32 - PRIVATE4[i].bits) == 0) return true;
    return false;
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool starts(const uint8_t *p, const char *bytes, size_t n)
{
    return memcmp(p, bytes, n) == 0;
}

/* Only 2000::/3 is in use, and parts of it are special.  Forms that carry an IPv4 address are what that address is. */
static bool is_private6(const uint8_t p[16])
{
    bool is_nat64 = starts(p, "\0\x64\xff\x9b\0\0\0\0\0\0\0\0", 12);

    if (starts(p, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) || is_nat64) return is_private4(be32(p + 12));
    if (starts(p, "\x20\x02", 2)) return is_private4(be32(p + 2)); /* 6to4 */
    if (p[0] >> 5 != 1) return true;                               /* outside 2000::/3 */
    if (starts(p, "\x20\x01", 2) && p[2] < 2) return true;         /* 2001::/23: Teredo, ORCHID ... */
    if (starts(p, "\x20\x01\x0d\xb8", 4)) return true;             /* documentation */
    return starts(p, "\x3f\xff", 2) && p[2] < 0x10;                /* documentation */
}

bool address_is_private(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)address;
        return is_private4(ntohl(in->sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)address;
        return is_private6(in->sin6_addr.s6_addr);
    }
    return true;
}

/* --- URLs ------------------------------------------------------------------------------------------------------------ */

static Err *refuse(Arena *mem, const char *key, Str url)
{
    return err_field(err_new(mem, ERR_INVALID, key, "webhook url %.*s", SFMT(url)), S("url"));
}

static Str url_part(Arena *mem, CURLU *u, CURLUPart part)
{
    char *text = NULL;
    Str out = {0};

    if (curl_url_get(u, part, &text, 0) == CURLUE_OK) out = str_copy(mem, str_c(text));
    curl_free(text);
    return out;
}

static bool is_near(Arena *mem, Str host)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } a = {0};

    if (str_ends(host, S("."))) host.n--;
    if (str_eq_nocase(host, S("localhost"))) return true;
    if (host.n > 10 && str_eq_nocase(str_from(host, host.n - 10), S(".localhost"))) return true;
    if (host.n > 2 && host.p[0] == '[') {
        a.v6.sin6_family = AF_INET6;
        return inet_pton(AF_INET6, str_to_c(mem, str_sub(host, 1, host.n - 2)), &a.v6.sin6_addr) != 1 ||
               address_is_private(&a.any);
    }
    a.v4.sin_family = AF_INET;
    return inet_pton(AF_INET, str_to_c(mem, host), &a.v4.sin_addr) == 1 && address_is_private(&a.any);
}

static void free_url(void *u)
{
    curl_url_cleanup(u);
}

static bool is_printable(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f) return false;
    return s.n > 0;
}

Err *webhook_url_check(Arena *mem, Str url, bool allow_http, bool allow_private)
{
    CURLU *u = curl_url();

    REQUIRE(u);
    arena_defer(mem, free_url, u);
    if (!is_printable(url) || curl_url_set(u, CURLUPART_URL, str_to_c(mem, url), 0) != CURLUE_OK)
        return refuse(mem, "error.webhook.url", url);
    Str scheme = url_part(mem, u, CURLUPART_SCHEME), host = url_part(mem, u, CURLUPART_HOST);
    if (!host.n || (!str_eq(scheme, S("https")) && !str_eq(scheme, S("http"))))
        return refuse(mem, "error.webhook.url", url);
    if (str_eq(scheme, S("http")) && !allow_http) return refuse(mem, "error.webhook.http", url);
    if (url_part(mem, u, CURLUPART_USER).n || url_part(mem, u, CURLUPART_PASSWORD).n)
        return refuse(mem, "error.webhook.login", S("with a password"));
    if (!allow_private && is_near(mem, host)) return refuse(mem, "error.webhook.private", url);
    return NULL;
}
