/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "http/http.h"

/* Bodies that HTML forms send. */

#define FORM_PAIRS_MAX 200

/** Names and values of a body of media type `type`, decoded, in order: valid UTF-8 without NUL.  Application/
    x-www-form-urlencoded and multipart/form-data.  INVALID{error.form.body} when it is not that, holds a file or more than
    FORM_PAIRS_MAX pairs; INVALID{error.form.type} with status 415 for another type. */
MUST_CHECK Err *form_read(Arena *mem, Str type, Str body, HttpPair **out, size_t *n);
/** The pairs of the query of an address such as "https://a.example/b?c=d#e"; none when it has no query or a broken one. */
void form_query_of(Arena *mem, Str address, HttpPair **out, size_t *n);
