/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/mail.h"

/* Sends letters to a relay by SMTP; knows nothing of the database. */

typedef struct Letter {
    Id id;      /* names the message: one sent twice is one for who reads it */
    int64_t at; /* ms: its date */
    Str to, subject, body;
} Letter;

typedef struct SmtpOutcome {
    bool is_sent;
    bool is_final;   /* the server will never take it */
    bool is_offline; /* the server itself is not to be had, nor for the next letter */
    Str said;        /* what went wrong, in the server's or libcurl's words */
} SmtpOutcome;

/** The text of a message by RFC 5322 and 2045. */
Str letter_text(Arena *mem, const MailServer *server, const Letter *letter);

/* A connection that is kept from letter to letter. */
typedef struct Smtp Smtp;
MUST_CHECK Err *smtp_open(Arena *mem, const MailServer *server, Smtp **out);
SmtpOutcome smtp_send(Smtp *smtp, Arena *mem, const Letter *letter);
