/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* What is dear to open and cheap to use: each thread keeps the few it has met, by name, and closes them when it ends. */
typedef enum Kept { KEPT_COLLATOR, KEPT_CALENDAR, KEPT_KINDS } Kept;

/** The one named `name`, opened if this thread has none; NULL when `open` gives none, or the name is 48 bytes or longer.
    It stays open until another 16 of its kind are asked for, or the thread ends. */
void *text_kept(Kept kind, Str name, void *(*open)(Str name), void (*close)(void *p));
