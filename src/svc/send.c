/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attempts by libcurl's multi interface, on one thread.  What a receiver could do to us is bounded here: no redirects, no other
   protocols, no proxy of the environment, no near address (looked at when the socket is opened, after the name was
   resolved), 64 KB of reply, one deadline.  What we tell it of ourselves is the message and nothing else. */
#include "svc/send.h"

#include "base/buf.h"
#include "svc/address.h"
#include "svc/sign.h"

#include <curl/curl.h>
#include <sys/socket.h>

#define REPLY_MAX  (64u << 10)
#define CONNECT_MS 10000L

typedef struct Transfer {
    Arena *mem;
    Sender *sender;
    CURL *easy;
    struct curl_slist *headers;
    Attempt attempt;
    Str body;
    char kept[DELIVERY_REPLY];
    size_t n_kept, n_read;
    bool is_refused, is_long, is_done;
    struct Transfer *next;
} Transfer;

struct Sender {
    Arena *mem;
    CURLM *multi;
    bool allow_private;
    int64_t timeout_ms;
    Transfer *transfers;
};

Err *sender_new(Arena *mem, bool allow_private, int64_t timeout_ms, Sender **out)
{
    Sender *s = NEW(mem, Sender);

    *out = NULL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(s->multi = curl_multi_init()))
        FAIL(mem, ERR_UNAVAILABLE, "error.internal", "libcurl does not start");
    s->mem = mem;
    s->allow_private = allow_private;
    s->timeout_ms = timeout_ms;
    *out = s;
    return NULL;
}

/* --- callbacks ------------------------------------------------------------------------------------------------------- */

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    Transfer *t = arg;

    (void)purpose;
    if (!t->sender->allow_private && address_is_private(&address->addr)) {
        t->is_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_reply(char *p, size_t size, size_t n, void *arg)
{
    Transfer *t = arg;
    size_t room = sizeof t->kept - t->n_kept, got = size * n, kept = got < room ? got : room;

    memcpy(t->kept + t->n_kept, p, kept);
    t->n_kept += kept;
    t->n_read += got;
    t->is_long = t->n_read > REPLY_MAX;
    return t->is_long ? 0 : got;
}

/* --- beginning ------------------------------------------------------------------------------------------------------- */

static void add_header(Transfer *t, const char *name, Str value)
{
    struct curl_slist *more =
        curl_slist_append(t->headers, str_to_c(t->mem, str_fmt(t->mem, "%s:%.*s", name, SFMT(value))));

    REQUIRE(more); /* out of memory */
    t->headers = more;
}

static Err *add_headers(Transfer *t, const Delivery *d, const Str secrets[2], int64_t now)
{
    Str signature;

    TRY(webhook_signature(t->mem, d->message, now / 1000, t->body, secrets, secrets[1].n ? 2 : 1,
                          &signature));
    add_header(t, "Content-Type", S("application/json"));
    add_header(t, "webhook-id", d->message);
    add_header(t, "webhook-timestamp", str_fmt(t->mem, "%lld", (long long)(now / 1000)));
    add_header(t, "webhook-signature", signature);
    add_header(t, "Expect", (Str){0}); /* no extra round for large bodies */
    return NULL;
}

static void set_options(Transfer *t, Str url)
{
    CURL *c = t->easy;

    curl_easy_setopt(c, CURLOPT_URL, str_to_c(t->mem, url));
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L); /* a slow name server holds nobody */
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)t->sender->timeout_ms);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "Kith/" KITH_VERSION);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->body.p);
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body.n);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, t);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_reply);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(c, CURLOPT_PRIVATE, t);
}

static void transfer_free(Transfer *t)
{
    if (t->easy) {
        curl_multi_remove_handle(t->sender->multi, t->easy);
        curl_easy_cleanup(t->easy);
    }
    curl_slist_free_all(t->headers);
    arena_free(t->mem);
}

Err *sender_add(Sender *s, Arena *mem, const Delivery *d, Str url, const Str secrets[2], int64_t now)
{
    Arena *own = arena_new(0);
    Transfer *t = NEW(own, Transfer);

    t->mem = own;
    t->sender = s;
    t->body = str_copy(own, d->body);
    t->attempt = (Attempt){.id = d->id,
                           .webhook = d->webhook,
                           .attempts = d->attempts,
                           .at = d->at,
                           .is_asked = d->is_asked,
                           .is_test = str_eq(d->event, S(DELIVERY_TEST))};
    Err *e = add_headers(t, d, secrets, now);
    if (e) {
        e = err_copy(mem, e);
        transfer_free(t);
        return e;
    }
    t->easy = curl_easy_init();
    REQUIRE(t->easy);
    set_options(t, url);
    REQUIRE(curl_multi_add_handle(s->multi, t->easy) == CURLM_OK);
    t->next = s->transfers;
    s->transfers = t;
    return NULL;
}

/* --- ending ---------------------------------------------------------------------------------------------------------- */

static const char *word_of(const Transfer *t, CURLcode code, long status)
{
    bool is_heard = code == CURLE_OK || t->is_long;

    if (is_heard) return status >= 200 && status < 300 ? NULL : "status";
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return "timeout";
    case CURLE_COULDNT_RESOLVE_HOST: return "dns";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_PEER_FAILED_VERIFICATION: return "tls";
    default: return t->is_refused ? "private" : "connect";
    }
}

/* The beginning of the reply as text: whole characters, no control characters. */
static Str reply_text(Arena *mem, const char *p, size_t n)
{
    Str s = {p, n};

    for (int cut = 0; cut < 3 && s.n && !utf8_is_valid(s); cut++) s.n--;
    bool is_text = utf8_is_valid(s);
    char *out = NEW_N(mem, char, n + 1);
    if (!is_text) s.n = n;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)p[i];
        bool is_odd = (c < ' ' && c != '\n' && c != '\t') || c == 0x7f || (c >= 0x80 && !is_text);
        out[i] = is_odd ? '?' : (char)c;
    }
    return (Str){out, s.n};
}

static void note_end(Transfer *t, CURLcode code)
{
    curl_off_t us = 0, retry_after = 0;
    long status = 0;

    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &us);
    curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after);
    bool may_ask = status == 429 || status == 503;
    t->attempt.status = status;
    t->attempt.ms = us / 1000;
    t->attempt.retry_after = may_ask && retry_after > 0 ? retry_after : 0;
    t->attempt.error = word_of(t, code, status);
    t->is_done = true;
}

static bool note_ends(Sender *s)
{
    bool has_some = false;
    CURLMsg *msg;
    int left = 0;

    while ((msg = curl_multi_info_read(s->multi, &left))) {
        Transfer *t = NULL;
        if (msg->msg != CURLMSG_DONE) continue;
        curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
        note_end(t, msg->data.result);
        has_some = true;
    }
    return has_some;
}

void sender_run(Sender *s, int wait_ms)
{
    int running = 0;

    curl_multi_perform(s->multi, &running);
    if (note_ends(s)) return;
    curl_multi_poll(s->multi, NULL, 0, wait_ms, NULL);
    curl_multi_perform(s->multi, &running);
    (void)note_ends(s);
}

void sender_wake(Sender *s)
{
    curl_multi_wakeup(s->multi);
}

size_t sender_busy(const Sender *s, Id webhook)
{
    size_t n = 0;

    for (const Transfer *t = s->transfers; t; t = t->next) n += webhook == 0 || t->attempt.webhook == webhook;
    return n;
}

static void unlink_free(Transfer **at)
{
    Transfer *t = *at;

    *at = t->next;
    transfer_free(t);
}

bool sender_take(Sender *s, Arena *mem, Attempt *out)
{
    Transfer **at = &s->transfers;

    while (*at && !(*at)->is_done) at = &(*at)->next;
    if (!*at) return false;
    *out = (*at)->attempt;
    out->reply = reply_text(mem, (*at)->kept, (*at)->n_kept);
    unlink_free(at);
    return true;
}

bool sender_break(Sender *s, bool (*is_unwanted)(const void *arg, const Attempt *a), const void *arg,
                  Attempt *out)
{
    Transfer **at = &s->transfers;

    while (*at && is_unwanted && !is_unwanted(arg, &(*at)->attempt)) at = &(*at)->next;
    if (!*at) return false;
    *out = (*at)->attempt;
    unlink_free(at);
    return true;
}

void sender_free(Sender *s)
{
    if (!s) return;
    while (s->transfers) unlink_free(&s->transfers);
    curl_multi_cleanup(s->multi);
    curl_global_cleanup();
}
