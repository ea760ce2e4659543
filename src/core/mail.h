/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

/* E-mail of the program to its own people: the relay it goes through, and letters that wait (object mail).  Sending is
   svc/mail. */

typedef struct MailServer {
    Str host; /* empty: nothing is sent */
    int64_t port;
    Str security; /* none starttls tls */
    Str user, password;
    Str from, name; /* the sender's address and what it is called */
} MailServer;

MUST_CHECK Err *mail_server_get(Ctx *cx, MailServer *out);
/** INVALID, each problem under its field. */
MUST_CHECK Err *mail_server_set(Ctx *cx, const MailServer *server);

/** One address and nothing else, that no line of a letter can be made of. */
bool mail_address_is_good(Str address);

/** A letter, sent as soon as the unit is durable; nothing without a relay or with an address that is none. */
MUST_CHECK Err *mail_add(Ctx *cx, Str to, Str subject, Str body);
