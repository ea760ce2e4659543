/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/session.h"

/* Shared by the session*.c files only. */

/** 256 random bits in base64url. */
Str token_new(Arena *mem);
/** What the database holds of a token: BLAKE2b-256 in hexadecimal. */
Str token_hash(Arena *mem, Str token);
