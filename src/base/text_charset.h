/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* Text of other encodings into UTF-8, piece by piece (ICU's converters).  Bytes that mean nothing become U+FFFD. */
typedef struct Charset Charset;

/** A decoder of an encoding by its name in the IANA list ("windows-1251", "shift-jis", "utf-16le"); NULL when there is none.
    It closes with `mem`. */
Charset *charset_open(Arena *mem, Str name);
void charset_reset(Charset *cs);
/** Decodes from the front of `*in`, which shrinks, into `out`; returns the bytes written.  `is_last`: nothing follows `*in`.
    Whatever of `*in` is left did not fit `room` (at least 16): call again. */
size_t charset_decode(Charset *cs, Str *in, bool is_last, char *out, size_t room);
