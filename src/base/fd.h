/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* What every writer of files needs, once. */

/** Writes all of `bytes`, however small the parts the system takes; false leaves the reason in errno. */
MUST_CHECK bool fd_write(int fd, Str bytes);
/** A file in `folder` to write and read that never has a name, so nothing is left of it whatever becomes of the program; the
    caller closes it.  -1 leaves the reason in errno. */
MUST_CHECK int fd_nameless(Arena *mem, Str folder);
