/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/change.h"

/* Rows of webhook_delivery: what is to be sent, what was, and how it went.  States: waiting, sending (claimed until `due`, when
   a process that died gives it back), sent, failed. */

#define DELIVERY_DAYS  30   /* the log keeps so long */
#define DELIVERY_QUEUE 1000 /* waiting of one webhook; the rest waits in the log */
#define DELIVERY_REPLY 1000 /* bytes of the reply that are kept */
#define DELIVERY_TEST  "webhook.test"

typedef struct Delivery {
    Id id, webhook, record;
    Str message, event, body, state, reply, error;
    const Object *obj; /* of the record; NULL: a test */
    int64_t at, due, attempts, tried_at, status, ms;
    bool is_asked; /* a test or a replay: sent also while the webhook is paused */
} Delivery;

/* --- for people ------------------------------------------------------------------------------------------------------ */

/** The webhook's cursor stands at the end of the log; nothing when it has one. */
MUST_CHECK Err *delivery_begin(Ctx *cx, Id webhook);
/** What waits is due now. */
MUST_CHECK Err *delivery_retry_now(Ctx *cx, Id webhook);
/** Queues a test, sent once also while the webhook is paused. */
MUST_CHECK Err *delivery_test(Ctx *cx, Id webhook, Str name, Id *out);
/** Queues again, with fresh attempts, also while the webhook is paused: delivery `id`, or with `id` 0 all that have failed
    since `since_ms`.  `*n` how many; one that is still to be sent counts. */
MUST_CHECK Err *delivery_replay(Ctx *cx, Id webhook, Id id, int64_t since_ms, int64_t *n);
/** Newest first, at most `limit` before `before` (0: the newest), of `state` (empty: any); without bodies. */
MUST_CHECK Err *delivery_list(Ctx *cx, Id webhook, Str state, Id before, size_t limit, Delivery **out,
                              size_t *n);
/** One with its body; NOT_FOUND{error.webhook.delivery}. */
MUST_CHECK Err *delivery_get(Ctx *cx, Id id, Delivery *out);

typedef struct DeliveryTotals {
    Id webhook;
    int64_t waiting, failed; /* failed: since the last that was sent */
    Delivery last;           /* the last attempt; id 0: none */
} DeliveryTotals;
/** Of every live webhook. */
MUST_CHECK Err *delivery_totals(Ctx *cx, DeliveryTotals **out, size_t *n);

/* --- for the service ------------------------------------------------------------------------------------------------- */

/** Queues what was found in the log and moves the cursor from `from` to `to`; does nothing, `*is_taken` false, when another
    process has moved it. */
MUST_CHECK Err *delivery_add(Ctx *cx, Id webhook, Cursor from, Cursor to, const Delivery *found, size_t n,
                             bool *is_taken);
/** Claims at most `max` of what is due until `until` (ms); `only_asked`: tests and replays. */
MUST_CHECK Err *delivery_claim(Ctx *cx, Id webhook, bool only_asked, size_t max, int64_t until,
                               Delivery **out, size_t *n);

/* How an attempt went. */
typedef struct Attempt {
    Id id, webhook;
    int64_t attempts, at; /* of the delivery, when it was claimed */
    bool is_test, is_asked;
    int64_t status, ms;  /* status 0: no answer */
    int64_t retry_after; /* seconds the receiver asked for; 0 none */
    Str reply;           /* valid UTF-8 */
    const char *error;   /* a word of webhooks.error.*; NULL: 2xx */
} Attempt;

/* When to try again. */
typedef struct Schedule {
    int64_t waits[16]; /* ms after attempt 1, 2 ... */
    size_t n;
} Schedule;

/** Keeps the outcome.  `*pause` gets the reason to pause the webhook for, or NULL. */
MUST_CHECK Err *delivery_end(Ctx *cx, const Attempt *a, const Schedule *schedule, const char **pause);
/** Gives back what was claimed and not sent. */
MUST_CHECK Err *delivery_release(Ctx *cx, Id id, int64_t attempts);
/** Gives back everything claimed: when no other process serves the database. */
MUST_CHECK Err *delivery_release_all(Ctx *cx);
/** Forgets old deliveries, and secrets that were replaced longer ago than they sign along. */
MUST_CHECK Err *delivery_sweep(Ctx *cx);
