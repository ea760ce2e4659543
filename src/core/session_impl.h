/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/session.h"

/* Shared by the session*.c files only. */

#define TOKEN_DIGEST 32

/** BLAKE2b-256 of a token. */
void token_digest(Str token, unsigned char out[TOKEN_DIGEST]);
/** What the database holds of a token: its digest in hexadecimal. */
Str token_hash(Arena *mem, Str token);
/** Whether `password` is among those that are guessed first: made of few words, walks over the keyboard and repetitions. */
bool password_is_easy(Arena *mem, Str password);
