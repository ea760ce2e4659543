/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "svc/delivery.h"

/* What of the log a webhook wants, as the messages that tell it. */

/* A live webhook as the service works with it. */
typedef struct Outlet {
    Id id, owner;
    Str url, filter, secrets[2]; /* newest first; the second empty when only one signs */
    Val events;
    bool is_paused, has_cursor;
    Cursor cursor;
    int64_t hold;      /* the receiver asked not to be called before */
    int64_t next_due;  /* of what may be sent; INT64_MAX none */
    int64_t n_waiting; /* waiting or on the way */
} Outlet;

/** All live webhooks; `*is_untidy` when some have no cursor yet, or some cursors no webhook. */
MUST_CHECK Err *outlets_load(Ctx *cx, Outlet **out, size_t *n, bool *is_untidy);
/** Gives cursors to those without, and forgets those of webhooks that are gone, with what waited for them. */
MUST_CHECK Err *outlets_tidy(Ctx *cx);
/** Pauses a webhook for `reason` (an option of its field), once. */
MUST_CHECK Err *outlet_pause(Ctx *cx, Id webhook, Str reason);

/** The messages of the next stretch of the log after `from`, each with the record as its responsible person may see it after
    that change: what he may not see is left out.  `*to` is where to go on, `*is_end` that the log has no more now.
    DENIED when the responsible person may not sign in. */
MUST_CHECK Err *outbox_read(Ctx *cx, const Outlet *o, Cursor from, Delivery **out, size_t *n, Cursor *to,
                            bool *is_end);
