/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* Webhooks: changes told to other programs by the Standard Webhooks specification.  A webhook is a record; the log of changes is
   its outbox, read by a cursor; what is to be sent becomes a row of webhook_delivery in the unit that moves the cursor. */

#define WEBHOOKS_MAX       50                /* live webhooks of an installation */
#define WEBHOOK_OVERLAP_MS INT64_C(86400000) /* after a rotation both secrets sign so long */

/* The object's rules and the actions test and replay. */
extern const Module svc_webhooks;

/** The secret of a webhook just made or rotated, for showing it once. */
MUST_CHECK Err *webhook_secret(Ctx *cx, Id webhook, Str *out);

/** Makes a new secret; the old one signs beside it for WEBHOOK_OVERLAP_MS. */
MUST_CHECK Err *webhook_rotate(Ctx *cx, Id webhook, Str *out);

/** A webhook wants "deal.created", "deal.*" or "*".  Whether `events` (the field's value) has `object` and `kind`. */
bool webhook_wants(Val events, Str object, Str kind);
/** "created", "updated", "deleted" or "restored" of a ChangeKind. */
Str webhook_kind(int change_kind);
/** The object all of `events` are of; NULL when they are of several. */
const Object *webhook_only_object(const Meta *meta, Val events);

/* --- the service ----------------------------------------------------------------------------------------------------- */

typedef struct WebhookOptions {
    Str schedule; /* tests: waits between attempts in ms, separated by spaces; empty: the specification's */
} WebhookOptions;

/* Reads the log and sends, on a thread of its own, until stopped. */
typedef struct Webhooks Webhooks;
/** INVALID{error.usage} for a schedule that is none. */
MUST_CHECK Err *webhooks_start(Store *store, Arena *mem, const WebhookOptions *opt, Webhooks **out);
/** After everything that may write has stopped; what is on its way is sent again later. */
void webhooks_stop(Webhooks *service);
