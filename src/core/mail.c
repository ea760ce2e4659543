/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relay is kept as settings, its password among them sealed: sending needs it.  It never leaves by the API. */
#include "core/mail.h"

#include "core/job.h"
#include "core/record.h"
#include "core/secret.h"
#include "core/store.h"

#include <stddef.h>

static const struct {
    const char *name;
    size_t at;
} TEXTS[] = {
    {"mail.host", offsetof(MailServer, host)}, {"mail.security", offsetof(MailServer, security)},
    {"mail.user", offsetof(MailServer, user)}, {"mail.password", offsetof(MailServer, password)},
    {"mail.from", offsetof(MailServer, from)}, {"mail.name", offsetof(MailServer, name)},
};
#define N_TEXTS (sizeof TEXTS / sizeof *TEXTS)

static Str *text_at(MailServer *server, size_t i)
{
    return (Str *)(void *)((char *)server + TEXTS[i].at);
}

Err *mail_server_get(Ctx *cx, MailServer *out)
{
    Str port = {0};

    *out = (MailServer){0};
    for (size_t i = 0; i < N_TEXTS; i++) TRY(setting_get(cx, str_c(TEXTS[i].name), text_at(out, i)));
    TRY(setting_get(cx, S("mail.port"), &port));
    if (!str_to_i64(port, &out->port)) out->port = 587;
    if (!out->security.n) out->security = S("starttls");
    return secret_open(cx, S("setting"), 0, out->password, &out->password);
}

/* --- checking -------------------------------------------------------------------------------------------------------- */

bool mail_address_is_good(Str s)
{
    ptrdiff_t at = str_find_char(s, '@');

    if (at <= 0 || (size_t)at + 1 >= s.n || s.n > 254) return false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_bad = c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == ',' || c == ';' || c == '"' ||
                      c == '(' || c == ')' || c == '\\' || (c == '@' && (ptrdiff_t)i != at);
        if (is_bad) return false;
    }
    return true;
}

static bool is_host(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
        if (!is_good) return false;
    }
    return s.n <= 253;
}

static bool is_line(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f) return false;
    return s.n <= 300;
}

static void problem(Ctx *cx, Err **all, const char *field, const char *key)
{
    err_add(all, err_field(err_new(cx->mem, ERR_INVALID, key, "%s", field), str_c(field)));
}

static Err *check(Ctx *cx, const MailServer *s)
{
    bool is_kind =
        str_eq(s->security, S("none")) || str_eq(s->security, S("starttls")) || str_eq(s->security, S("tls"));
    Err *all = NULL;

    if (!is_host(s->host)) problem(cx, &all, "host", "error.mail.host");
    if (s->port < 1 || s->port > 65535) problem(cx, &all, "port", "error.mail.port");
    if (!is_kind) problem(cx, &all, "security", "error.mail.security");
    if (s->host.n && !mail_address_is_good(s->from)) problem(cx, &all, "from", "error.mail.address");
    if (!is_line(s->name)) problem(cx, &all, "name", "error.mail.line");
    if (!is_line(s->user)) problem(cx, &all, "user", "error.mail.line");
    if (!is_line(s->password)) problem(cx, &all, "password", "error.mail.line");
    return all;
}

Err *mail_server_set(Ctx *cx, const MailServer *server)
{
    MailServer copy = *server;

    TRY(check(cx, server));
    if (copy.password.n) TRY(secret_seal(cx, S("setting"), 0, copy.password, &copy.password));
    for (size_t i = 0; i < N_TEXTS; i++) TRY(setting_set(cx, str_c(TEXTS[i].name), *text_at(&copy, i)));
    return setting_set(cx, S("mail.port"), str_fmt(cx->mem, "%lld", (long long)server->port));
}

/* --- letters --------------------------------------------------------------------------------------------------------- */

Err *mail_add(Ctx *cx, Str to, Str subject, Str body)
{
    Str host = {0};

    if (!mail_address_is_good(to)) return NULL;
    TRY(setting_get(cx, S("mail.host"), &host));
    if (!host.n) return NULL;
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("mail")));
    record_set(rec, "recipient", val_text(to));
    record_set(rec, "subject", val_text(subject));
    record_set(rec, "body", val_text(body));
    record_set(rec, "next_at", val_from_ms(cx->now));
    TRY(record_save_apart(cx, rec));
    return job_add_once(cx, S("mail.send"), val_map(NULL, 0), cx->now);
}
