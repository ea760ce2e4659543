/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mod/sales/paper.h"

/* Quotes shown to strangers: whoever has the link may look, comment and answer.  The link is a random token of which only the
   hash is kept. */

/* Who did something with a document. */
typedef struct Witness {
    Str name, text, address, agent, signature;
} Witness;

/** Notes what happened in the log of `doc`. */
MUST_CHECK Err *offer_note(Ctx *cx, const Record *doc, const char *kind, const Witness *who);
/** A new link for `doc`, in place of the one it had: its address on this server, "/q/...", shown
    once. */
MUST_CHECK Err *offer_link(Ctx *cx, const Record *doc, Str *url);
/** The answer to quote `quote` also stands in the document that was sent, if one was. */
MUST_CHECK Err *offer_answered(Ctx *cx, const Record *quote, const char *kind, const Witness *who);

/** Report openOffer: args token, peer, agent, and for what (`page`, `file` or empty).  `out`: state (missing, open, accepted,
    declined, expired, superseded), and unless it is missing what the page shows; `hash` and `name` of the file. */
Err *offer_open(Ctx *cx, const Val *args, Val *out);
/** Report answerOffer: args token, peer, agent, answer (accept, decline, comment), name, text, signature.  `out`: state before,
    and `problem`, a key of lang, when nothing was done. */
Err *offer_answer(Ctx *cx, const Val *args, Val *out);
