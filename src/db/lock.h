/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/** Takes the data folder `dir` for this process, until `*out` is closed or the process ends, and writes the process's
    number into DIR/kith.lock.  CONFLICT{error.db.locked}, naming the process, when another has it;
    UNAVAILABLE{error.db.unreachable} when the lock's file cannot be made. */
MUST_CHECK Err *lock_folder(Arena *mem, Str dir, int *out);
