/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the server answers by itself: problem documents that name the request, as every reply does, so that whoever reports one
   can be helped. */
#include "http/http_impl.h"

#include "base/id.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>

#define ID_MAX 64

static const struct {
    unsigned status;
    const char *title, *code;
    bool is_last;
} CANNED[CANNED_COUNT] = {
    [CANNED_BAD] = {400, "Bad Request", "INVALID", false},
    [CANNED_LARGE] = {413, "Content Too Large", "LIMIT", true},
    [CANNED_BUSY] = {503, "Too many connections", "UNAVAILABLE", true},
    [CANNED_EXPIRED] = {503, "The request took too long", "UNAVAILABLE", true},
    [CANNED_SLOW] = {408, "Request Timeout", "LIMIT", true},
    [CANNED_FULL] = {507, "Insufficient Storage", "LIMIT", true},
};

static bool is_good_id(const char *s)
{
    size_t n = s ? strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") : 0;

    return n > 0 && n <= ID_MAX && !s[n];
}

void canned_id(const char *given, char out[CANNED_ID])
{
    if (is_good_id(given))
        snprintf(out, CANNED_ID, "%s", given);
    else
        id_format(id_new(clock_now_ms()), out);
}

static size_t problem(Canned which, const char *id, char *out, size_t size)
{
    int n = snprintf(
        out, size,
        "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"code\":\"%s\",\"request_id\":\"%s\"}",
        CANNED[which].title, CANNED[which].status, CANNED[which].code, id);

    REQUIRE(n > 0 && (size_t)n < size);
    return (size_t)n;
}

enum MHD_Result canned_queue(struct MHD_Connection *mhd, Canned which, const char *id)
{
    char body[CANNED_MAX];
    size_t n = problem(which, id, body, sizeof body);
    struct MHD_Response *r = MHD_create_response_from_buffer(n, body, MHD_RESPMEM_MUST_COPY);

    REQUIRE(r != NULL);
    MHD_add_response_header(r, "Content-Type", "application/problem+json");
    MHD_add_response_header(r, "X-Request-Id", id);
    if (CANNED[which].is_last) MHD_add_response_header(r, "Connection", "close");
    if (which == CANNED_BUSY) MHD_add_response_header(r, "Retry-After", "1");
    enum MHD_Result rc = MHD_queue_response(mhd, CANNED[which].status, r);
    MHD_destroy_response(r);
    return rc;
}

size_t canned_text(Canned which, char out[CANNED_MAX])
{
    char body[CANNED_MAX / 2], id[CANNED_ID];

    canned_id(NULL, id);
    size_t n = problem(which, id, body, sizeof body);
    int all = snprintf(out, CANNED_MAX,
                       "HTTP/1.1 %u %s\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
                       "X-Request-Id: %s\r\nContent-Length: %zu\r\n\r\n%s",
                       CANNED[which].status, CANNED[which].title, id, n, body);

    REQUIRE(all > 0 && all < CANNED_MAX);
    return (size_t)all;
}
