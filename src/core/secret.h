/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

/* Secrets the program has to be able to read again: those of webhooks, of second factors, of the mail relay.  The database holds them sealed
   (XChaCha20-Poly1305, bound to their table and row); the keys lie apart, in a file that is never in a backup: `secret.key` of
   the data folder, or the one --secret-key names.  It has a line a key, newest first, and is read each time.  The setting
   "secret.key" is the id of the key in force.

   Errors: UNAVAILABLE{error.secret.missing} when there is no such file, {error.secret.wrong} when it has not the key,
   {error.secret.file} when it is no such file or others may read it, {error.secret.damaged} for a value that was changed or
   comes from another row. */

/** `plain` as the database is to hold it; in a write unit.  The first call ever makes the key. */
MUST_CHECK Err *secret_seal(Ctx *cx, Str table, Id row, Str plain, Str *out);
/** What secret_seal was given; empty for what is empty. */
MUST_CHECK Err *secret_open(Ctx *cx, Str table, Id row, Str sealed, Str *out);

/** When a server starts: the key is there and fits, or the start fails; secrets of earlier versions, which lie open, are
    sealed.  The first start makes the file. */
MUST_CHECK Err *secrets_start(Store *store, Arena *mem);

typedef struct Secrets {
    Str key, foreign; /* id of the key in force, empty before the first; of one the file has not */
    int64_t n, n_older, n_foreign; /* sealed values; by older keys of the file; by keys it has not */
} Secrets;
/** Looks at all of them. */
MUST_CHECK Err *secrets_look(Ctx *cx, Secrets *out);
/** Makes a new key, the first of the file, and seals everything with it; the old ones stay, for old backups. */
MUST_CHECK Err *secrets_rotate(Ctx *cx);
/** Takes all keys but the one in force out of the file.  CONFLICT{error.secret.used} when something is sealed by one of them. */
MUST_CHECK Err *secrets_forget(Ctx *cx);
/** Gives up what no key of the file opens: webhooks get new secrets by hand, second factors are off.  The number of values. */
MUST_CHECK Err *secrets_reset(Ctx *cx, int64_t *n);
