/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

/* Numbers and days written for people, as the language writes them. */

/** A scaled number with its thousands apart, without zeros behind the `least` places: "1 234 567,89", "1,234,567.89". */
Str shown_number(Arena *mem, int64_t scaled, uint8_t places, uint8_t least, Lang lang);
/** The same without thousands apart and with a point. */
Str shown_plain(Arena *mem, int64_t scaled, uint8_t places, uint8_t least);
/** "2026-11-22" in English, "22.11.2026" elsewhere. */
Str shown_day(Arena *mem, int64_t days, Lang lang);
/** "November 22, 2026", "22 ноября 2026 г.", "22 listopada 2026 r." */
Str shown_day_long(Arena *mem, int64_t days, Lang lang);
/** Whether a character may stand on paper: control characters and marks that turn the direction of text may not. */
bool shown_is_harmless(uint32_t cp);
