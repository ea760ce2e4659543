/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One letter after another over one connection, by libcurl's easy interface.  A message is plain text in base64, its subject
   and sender in encoded words, so that nothing people have written can become a line of the protocol or a header. */
#include "svc/smtp.h"

#include "base/buf.h"
#include "base/time.h"

#include <curl/curl.h>
#include <sodium.h>
#include <string.h>

#define CONNECT_MS 10000L
#define TIMEOUT_MS 30000L
#define LINE       76
#define WORD_BYTES 36 /* of text in one encoded word: 48 of base64, 60 with its frame */
#define TEXT_MAX   (1u << 20)

struct Smtp {
    Arena *mem;
    const MailServer *server;
    CURL *easy;
    char said[CURL_ERROR_SIZE];
};

/* --- the message ----------------------------------------------------------------------------------------------------- */

static Str base64(Arena *mem, Str s)
{
    size_t size = sodium_base64_ENCODED_LEN(s.n, sodium_base64_VARIANT_ORIGINAL);
    char *out = NEW_N(mem, char, size);

    sodium_bin2base64(out, size, (const unsigned char *)s.p, s.n, sodium_base64_VARIANT_ORIGINAL);
    return (Str){out, strlen(out)};
}

/* Encoded words of RFC 2047, cut between characters. */
static void add_words(Arena *mem, Buf *b, Str s)
{
    for (size_t at = 0; at < s.n;) {
        size_t begin = at;
        while (at < s.n) {
            size_t next = at;
            utf8_next(s, &next);
            if (next - begin > WORD_BYTES) break;
            at = next;
        }
        Str word = base64(mem, str_sub(s, begin, at - begin));
        buf_addf(b, "%s=?UTF-8?B?%.*s?=", begin ? "\r\n " : "", SFMT(word));
    }
}

static void add_date(Buf *b, int64_t ms)
{
    static const char *const DAYS[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t s = ms / 1000, day = s / 86400, rest = s % 86400;
    CivilDate d = date_to_civil(day);

    buf_addf(b, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", DAYS[date_weekday(day)], d.day,
             MONTHS[d.month - 1], d.year, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

static Str domain_of(Str address)
{
    ptrdiff_t at = str_find_char(address, '@');

    return at < 0 ? S("localhost") : str_from(address, (size_t)at + 1);
}

Str letter_text(Arena *mem, const MailServer *server, const Letter *letter)
{
    Buf b = buf_new(mem, TEXT_MAX);
    Str body = base64(mem, letter->body);

    add_date(&b, letter->at);
    buf_add(&b, S("From: "));
    if (server->name.n) {
        add_words(mem, &b, server->name);
        buf_add(&b, S("\r\n "));
    }
    buf_addf(&b, "<%.*s>\r\nTo: <%.*s>\r\nSubject: ", SFMT(server->from), SFMT(letter->to));
    add_words(mem, &b, letter->subject);
    buf_addf(&b, "\r\nMessage-ID: <%.*s@%.*s>\r\n", SFMT(id_text(mem, letter->id)),
             SFMT(domain_of(server->from)));
    buf_add(
        &b,
        S("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
          "Auto-Submitted: auto-generated\r\n\r\n"));
    for (size_t at = 0; at < body.n; at += LINE) {
        buf_add(&b, str_sub(body, at, body.n - at < LINE ? body.n - at : LINE));
        buf_add(&b, S("\r\n"));
    }
    return buf_str(&b);
}

/* --- sending --------------------------------------------------------------------------------------------------------- */

static void smtp_close(void *arg)
{
    curl_easy_cleanup(arg);
}

Err *smtp_open(Arena *mem, const MailServer *server, Smtp **out)
{
    Smtp *smtp = NEW(mem, Smtp);

    *out = NULL;
    smtp->mem = mem;
    smtp->server = server;
    smtp->easy = curl_easy_init();
    if (!smtp->easy) FAIL(mem, ERR_UNAVAILABLE, "error.internal", "libcurl does not start");
    arena_defer(mem, smtp_close, smtp->easy);
    *out = smtp;
    return NULL;
}

static size_t give(char *p, size_t size, size_t n, void *arg)
{
    Str *left = arg;
    size_t room = size * n, most = left->n < room ? left->n : room;

    memcpy(p, left->p, most);
    *left = str_from(*left, most);
    return most;
}

static void set_server(const Smtp *smtp, Arena *mem)
{
    const MailServer *s = smtp->server;
    CURL *c = smtp->easy;
    bool is_tls = str_eq(s->security, S("tls"));

    curl_easy_reset(c); /* the connection stays */
    curl_easy_setopt(c, CURLOPT_URL,
                     str_to_c(mem, str_fmt(mem, "%s://%.*s:%lld/%.*s", is_tls ? "smtps" : "smtp",
                                           SFMT(s->host), (long long)s->port, SFMT(domain_of(s->from)))));
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(c, CURLOPT_USE_SSL,
                     (long)(str_eq(s->security, S("starttls")) ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    curl_easy_setopt(c, CURLOPT_ERRORBUFFER, smtp->said);
    if (!s->user.n) return;
    curl_easy_setopt(c, CURLOPT_USERNAME, str_to_c(mem, s->user));
    curl_easy_setopt(c, CURLOPT_PASSWORD, str_to_c(mem, s->password));
}

/* A server that answers 5xx to this letter will answer so again; anything before its recipient was named is of the server. */
static SmtpOutcome judge(const Smtp *smtp, Arena *mem, CURLcode code)
{
    SmtpOutcome out = {.is_sent = code == CURLE_OK};
    long status = 0;

    if (out.is_sent) return out;
    curl_easy_getinfo(smtp->easy, CURLINFO_RESPONSE_CODE, &status);
    bool is_of_letter =
        code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_RECV_ERROR;
    out.is_final = is_of_letter && status >= 500 && status < 600;
    out.is_offline = !is_of_letter;
    out.said = str_copy(mem, str_c(smtp->said[0] ? smtp->said : curl_easy_strerror(code)));
    return out;
}

SmtpOutcome smtp_send(Smtp *smtp, Arena *mem, const Letter *letter)
{
    Str text = letter_text(mem, smtp->server, letter);
    struct curl_slist *to = curl_slist_append(NULL, str_to_c(mem, str_fmt(mem, "<%.*s>", SFMT(letter->to))));

    REQUIRE(to); /* out of memory */
    smtp->said[0] = 0;
    set_server(smtp, mem);
    curl_easy_setopt(smtp->easy, CURLOPT_MAIL_FROM,
                     str_to_c(mem, str_fmt(mem, "<%.*s>", SFMT(smtp->server->from))));
    curl_easy_setopt(smtp->easy, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(smtp->easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(smtp->easy, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(smtp->easy, CURLOPT_READDATA, &text);
    CURLcode code = curl_easy_perform(smtp->easy);
    SmtpOutcome out = judge(smtp, mem, code);
    curl_slist_free_all(to);
    return out;
}
