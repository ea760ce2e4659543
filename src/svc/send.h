/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "svc/delivery.h"

/* Sends deliveries by HTTP, several at a time; knows nothing of the database. */
typedef struct Sender Sender;

/** A sender whose attempts end after `timeout_ms`; without `allow_private` no near address is reached. */
MUST_CHECK Err *sender_new(Arena *mem, bool allow_private, int64_t timeout_ms, Sender **out);
/** Breaks off what is on the way. */
void sender_free(Sender *s);

/** Begins one attempt at `now` ms, signed with `secrets` (empty ones are left out). */
MUST_CHECK Err *sender_add(Sender *s, Arena *mem, const Delivery *d, Str url, const Str secrets[2],
                           int64_t now);
/** Moves all transfers on, waiting for at most `wait_ms` for something to happen. */
void sender_run(Sender *s, int wait_ms);
/** Ends the waiting of sender_run; from any thread. */
void sender_wake(Sender *s);
/** On the way to `webhook`; 0: to all. */
size_t sender_busy(const Sender *s, Id webhook);
/** Takes an attempt that has ended; its reply lives in `mem`. */
bool sender_take(Sender *s, Arena *mem, Attempt *out);
/** Breaks off one attempt that `is_unwanted` (NULL: any) and gives it back without outcome; false when there is none. */
bool sender_break(Sender *s, bool (*is_unwanted)(const void *arg, const Attempt *a), const void *arg,
                  Attempt *out);
