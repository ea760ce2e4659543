/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/** E.164 of `raw` as people write it, read as from `country` (ISO alpha-2) when it has no international prefix:
    "8 (916) 123-45-67" in RU is +79161234567.  An extension ("ext 12", "доб. 12", "wew. 12") goes to `ext`.
    False when it cannot be a number of that plan, or other words stand beside it; a country without a plan here is kept
    as written after "+".  `country` may be empty: then only international numbers are read. */
bool phone_parse(Arena *mem, Str raw, Str country, Str *e164, Str *ext);
/** For people, and for phone_parse again: "+7 916 123-45-67"; as it stands when the plan is not known. */
Str phone_format(Arena *mem, Str e164);
/** Country of an E.164 number (alpha-2) or empty; +7 and +1 are told apart by area code. */
Str phone_country(Str e164);
