/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/value.h"

/* Shared by the value_*.c files only. */

#define MONEY_PLACES 4

/** A map of `n` texts keys and values, in that order. */
Val pairs_val(Arena *mem, const char *const *keys, const Val *vals, size_t n);
/** The value under `key`, null when absent or `map` is no map. */
Val pair_get(Val map, const char *key);
/** TEXT, or null when empty. */
Val text_or_null(Str s);

/** Refuses keys of the map `in` that are not in `keys` (ends with NULL). */
MUST_CHECK Err *check_keys(Ctx *cx, const Field *f, Val in, const char *const *keys);
/** One line of text: trimmed, empty is null; at most `max` characters, no control characters. */
MUST_CHECK Err *line_from_json(Ctx *cx, const Field *f, Val in, int64_t max, Val *out);

/* One function a family of types; `in` is not null. */
MUST_CHECK Err *labelled_from_json(Ctx *cx, const Field *f, Val in, Val *out);
MUST_CHECK Err *identifiers_from_json(Ctx *cx, const Field *f, Val in, Val *out);
MUST_CHECK Err *keys_from_json(Ctx *cx, const Field *f, Val in, Val *out); /* multichoice, tags */
MUST_CHECK Err *person_from_json(Ctx *cx, const Field *f, Val in, Val *out);
MUST_CHECK Err *reference_from_json(Ctx *cx, const Field *f, Val in, Val *out);
MUST_CHECK Err *links_from_json(Ctx *cx, const Field *f, Val in, Val *out);

/** JSON as it was read: numbers stay numbers. */
void json_plain(JsonWriter *w, Val v);
Str json_plain_text(Arena *mem, Val v);
