/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* Signatures of the Standard Webhooks specification (standardwebhooks.com), symmetric kind. */

#define WEBHOOK_SECRET_PREFIX "whsec_"

/** A new secret: "whsec_" and the base64 of 32 random bytes. */
Str webhook_secret_new(Arena *mem);

/** Value of the header webhook-signature: "v1,BASE64" of HMAC-SHA256 over "id.seconds.body" for each of `secrets`, newest
    first, separated by spaces.  INTERNAL{error.internal} when a secret is not one of ours. */
MUST_CHECK Err *webhook_signature(Arena *mem, Str id, int64_t seconds, Str body, const Str *secrets, size_t n,
                                  Str *out);
