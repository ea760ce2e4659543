/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* Identity of a record: 63 bits = 41 of milliseconds since 2020-01-01, 10 of node, 12 of sequence; positive. */
typedef int64_t Id;

#define ID_TEXT 13

/** Sets the node (0..1023) and the highest id already stored: no id will be lower, whatever the clock says. */
void id_init(unsigned node, Id last);
/** A new id for clock `ms` (since 1970); strictly growing within the process, safe from several threads. */
Id id_new(int64_t ms);
/** 13 lower-case Crockford base-32 characters. */
void id_format(Id id, char out[ID_TEXT + 1]);
Str id_text(Arena *mem, Id id);
/** False unless 13 Crockford characters of a positive 63-bit number; capitals and i l o are taken as 1 1 0. */
bool id_parse(Str s, Id *out);
/** When it was made, milliseconds since 1970. */
int64_t id_ms(Id id);
