/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/val.h"

/** Reads one JSON text (RFC 8259) strictly: valid UTF-8 without NUL characters, depth at most LIMIT_JSON_DEPTH, no
    duplicate keys, nothing after the value.  Integers become INT, other numbers DECIMAL with the digits written
    (exact); a number beyond 18 digits is refused.  INVALID{error.json.*} with the byte offset in `at`. */
MUST_CHECK Err *json_parse(Arena *mem, Str text, Val *out);
/** The same, but an escaped NUL character is taken: texts that never reach a row (expressions with bytes). */
MUST_CHECK Err *json_parse_nul(Arena *mem, Str text, Val *out);

/* Streaming writer.  Commas are its business; braces must pair. */
typedef struct JsonWriter {
    Buf *b;
    uint64_t has_item; /* one bit a level */
    unsigned depth;
    bool after_key;
} JsonWriter;

JsonWriter json_writer(Buf *b);
void json_open_obj(JsonWriter *w);
void json_close_obj(JsonWriter *w);
void json_open_list(JsonWriter *w);
void json_close_list(JsonWriter *w);
void json_key(JsonWriter *w, Str key);
/** A key known to need no escape: a literal of ours, a name of the metadata. */
void json_name(JsonWriter *w, Str name);
void json_str(JsonWriter *w, Str s);
void json_i64(JsonWriter *w, int64_t v);
void json_bool(JsonWriter *w, bool v);
void json_null(JsonWriter *w);
/** `text` is already JSON. */
void json_raw(JsonWriter *w, Str text);
/** Any value: DECIMAL as a string in plain notation, MONEY as {"amount","currency"}, DATE, TIMESTAMP, TIME, DURATION
    as strings, ID as 13 characters, REF as its id, MAP as an object. */
void json_val(JsonWriter *w, Val v);

#define json_key_c(w, lit)        json_name((w), S(lit))
#define json_pair_str(w, lit, s)  (json_name((w), S(lit)), json_str((w), (s)))
#define json_pair_i64(w, lit, v)  (json_name((w), S(lit)), json_i64((w), (v)))
#define json_pair_bool(w, lit, v) (json_name((w), S(lit)), json_bool((w), (v)))
#define json_pair_val(w, lit, v)  (json_name((w), S(lit)), json_val((w), (v)))

/** One value as text. */
Str json_text(Arena *mem, Val v);
