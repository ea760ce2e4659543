/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

/* Who is asking: passwords, sessions, API keys, one-time links, throttling.  Tokens are random (256 bits, base64url), stored
   as SHA-256 (BLAKE2b of libsodium); passwords are argon2id 19 MiB, two at once. */

#define SESSION_DAYS 30
/** How long a sign-in lasts. */
int64_t session_seconds(const Store *store);

/** What people may choose: INVALID{error.password.short} below 12 characters, {error.password.common} when easy to guess. */
MUST_CHECK Err *password_check(Arena *mem, Str password);
/** Hash for storing.  INVALID{error.password.short} below 8 characters, {error.password.long}.  Takes ~50 ms: worker only. */
MUST_CHECK Err *password_hash(Arena *mem, Str password, Str *out);
/** Constant work whether or not the user exists.  Worker only. */
bool password_fits(Str password, Str hash);

typedef struct SignIn {
    Str email, password, peer;
} SignIn;
/** Step 1 (read): the user's stored hash; LIMIT{error.signin.throttled} with seconds in arg 0 after too many failures of
    this account or address. */
MUST_CHECK Err *signin_prepare(Ctx *cx, const SignIn *in, Id *user, Str *hash);
/** Step 3 (write), after password_fits: a new session's token; when it does not fit (or the user may not sign in) the
    failure is counted and `*token` is empty: the caller answers signin_refused() after the unit, which must commit. */
MUST_CHECK Err *signin_finish(Ctx *cx, const SignIn *in, Id user, bool fits, Str *token);
/** DENIED{error.signin}: the same whatever was wrong. */
Err *signin_refused(Arena *mem);
MUST_CHECK Err *session_end(Ctx *cx, Str token);
MUST_CHECK Err *session_end_all(Ctx *cx, Id user);

/* A session as its user sees it. */
typedef struct OwnSession {
    Id name; /* points at it, opens nothing */
    int64_t created, expires;
    Str peer;
    bool is_current; /* the one of `token` */
} OwnSession;
/** The newest first, at most 200. */
MUST_CHECK Err *session_list(Ctx *cx, Id user, Str token, OwnSession **out, size_t *n);
/** NOT_FOUND unless it is his. */
MUST_CHECK Err *session_end_named(Ctx *cx, Id user, Id name);
/** All of his but that of `token`. */
MUST_CHECK Err *session_end_others(Ctx *cx, Id user, Str token, int64_t *ended);

/** LIMIT{error.signin.throttled} with seconds in arg 0 while `name` has to wait. */
MUST_CHECK Err *throttle_check(Ctx *cx, Str name);
/** Counts one more of `name`: past `free` of them each makes it wait, from a second doubling to a quarter of an hour.  An hour
    without one forgives all.  A rate is a name that holds its hour. */
MUST_CHECK Err *throttle_count(Ctx *cx, Str name, int64_t free);

/** 256 random bits in base64url. */
Str token_new(Arena *mem);

/** Actor behind a session token or an API key; DENIED{error.signin.needed} when neither is good.  Results are cached for
    seconds per process and lent to cx->mem; session_cache_drop forgets them. */
MUST_CHECK Err *actor_of_session(Ctx *cx, Str token, Actor **out);
MUST_CHECK Err *actor_of_key(Ctx *cx, Str key, Actor **out);
MUST_CHECK Err *actor_of_user(Ctx *cx, Id user, Actor **out);

/** Called after a commit that changed users, roles, teams, sessions or keys, and when the store closes. */
void session_cache_drop(const Store *store);

/** New API key of `user`, as a record of api_key; shown once. */
MUST_CHECK Err *key_add(Ctx *cx, Id user, Str name, Str *key);

/** One-time links: "setup" (first administrator), "reset" (a user's password).  Valid `hours`. */
MUST_CHECK Err *link_add(Ctx *cx, Str purpose, Id user, int hours, Str *token);
/** Uses the link up; NOT_FOUND{error.link.expired}.  `*user` 0 when it names nobody. */
MUST_CHECK Err *link_take(Ctx *cx, Str purpose, Str token, Id *user);
/** Sets the hash (empty: none) and ends the user's sessions. */
MUST_CHECK Err *user_set_password(Ctx *cx, Id user, Str hash);
/** Removes sessions, links and throttle rows whose time is over. */
MUST_CHECK Err *session_sweep(Ctx *cx);
