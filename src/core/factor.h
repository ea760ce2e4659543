/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

/* The second factor of a sign-in: six digits that an authenticator makes of a shared secret and the time (TOTP, RFC 6238:
   SHA-1, steps of 30 seconds), or one of ten codes to be kept on paper, each good once. */

#define FACTOR_SECRET 20 /* bytes */
#define FACTOR_CODES  10

/** The code of `secret` for step `step` (RFC 4226 section 5.3). */
unsigned totp_code(const unsigned char secret[FACTOR_SECRET], uint64_t step);
/** RFC 4648 base32, without padding. */
Str base32_text(Arena *mem, const unsigned char *bytes, size_t n);
/** False for what is not `n` bytes of base32 (letters of any case). */
bool base32_read(Str text, unsigned char *out, size_t n);

typedef struct Factor {
    bool is_on;
    int64_t since;
    size_t codes_left;
} Factor;
MUST_CHECK Err *factor_get(Ctx *cx, Id user, Factor *out);
/** Makes a secret that waits to be confirmed; the one in force stays meanwhile.  `*secret` in base32. */
MUST_CHECK Err *factor_begin(Ctx *cx, Id user, Str *secret);
/** Puts the waiting secret in force when `code` is of it, and gives new codes for paper; `*codes` NULL when it is not.  CONFLICT
    when none waits. */
MUST_CHECK Err *factor_confirm(Ctx *cx, Id user, Str code, Str **codes);
MUST_CHECK Err *factor_remove(Ctx *cx, Id user);

typedef enum FactorCheck { FACTOR_NONE, FACTOR_GOOD, FACTOR_MISSING, FACTOR_WRONG } FactorCheck;
/** Whether `code` lets `user` in: NONE when he has no second factor.  A code is good once, one of paper for ever gone. */
MUST_CHECK Err *factor_check(Ctx *cx, Id user, Str code, FactorCheck *out);
