/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* Formula injection: a text cell that a spreadsheet would run gets an apostrophe before it.  The two undo each other for any
   text. */

/** `s` as it may stand in CSV: an apostrophe before = + - @, tab, CR and LF at its start (also behind apostrophes), unless it reads as a
    number or a phone. */
Str csv_guard(Arena *mem, Str s);
/** `s` without the apostrophe csv_guard puts; any other text as it is. */
Str csv_unguard(Str s);
