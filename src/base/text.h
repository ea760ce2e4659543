/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"
#include "base/val.h"

/* Everything that needs ICU, and nothing else includes ICU. */

/** Search and duplicate form: lower case, marks stripped (`й` stays, being a letter of every Cyrillic layout), `ł ё ї ø ß`
    and their kin replaced, quotes and dashes of all kinds as `"` `'` `-`, compatibility forms opened, white space runs to
    one space, trimmed.  Folding twice changes nothing. */
Str text_fold(Arena *mem, Str s);

/** Collation key in bytes for sorting under `locale` (ru, pl, en, ...): compare with memcmp. */
Str text_sort_key(Arena *mem, Str s, Str locale);
/** Version of the collation data of `locale`: another one means keys must be rebuilt. */
Str text_collator_version(Arena *mem, Str locale);

/** Folded words of `s` as search tokens, in order, without repeats: runs of letters and digits; an ideograph is a word. */
typedef struct StrList {
    Str *p;
    size_t n;
} StrList;
StrList text_words(Arena *mem, Str s);

/** `s` (folded) typed in the other keyboard layout (ЙЦУКЕН <-> QWERTY): "hjvfirf" <-> "ромашка". */
Str text_other_layout(Arena *mem, Str s);
/** Folded Latin form of `s` for matching, not for people: Cyrillic transliterated and spellings merged so that those of
    one name agree ("иванов", "iwanow" -> "ivanov"; "Юлия", "Yuliya", "Julia" -> "iulia"; "Щербаков" -> "sherbakov"). */
Str text_latin(Arena *mem, Str s);
/** Key under which names of one company agree: without legal form (ООО, Sp. z o.o., Ltd ...), quotes, spaces, case,
    alphabet.  Empty only when `s` has neither letter nor digit. */
Str text_name_key(Arena *mem, Str s);

/* Time zones by IANA name; one that is not known counts as UTC. */
bool zone_is_valid(Str zone);
/** Calendar date in `zone` of an instant (ms since 1970). */
int64_t zone_date(Str zone, int64_t ms);
/** Instant of the start of day `days` in `zone`: the first moment that is not before it, also where clocks change. */
int64_t zone_day_start(Str zone, int64_t days);
/** Seconds of the day, local, of an instant. */
int64_t zone_time_of_day(Str zone, int64_t ms);
/** Offset from UTC in seconds at the instant. */
int64_t zone_offset(Str zone, int64_t ms);
/** The zone of a country (ISO code) that has only one; empty when it has several, or is unknown. */
Str zone_of_country(Arena *mem, Str country);

/** Country name in `lang`; empty when the code is unknown. */
Str text_country_name(Arena *mem, Str code, Str lang);
/** Decimal places of a currency (ISO 4217), -1 when unknown. */
int currency_places(Str code);
