/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/folder.h"

/* SHA-256 on a thread of its own, of the priority of the thread that starts it: one block is hashed while the next is made. */

#define HASHER_BLOCK ((size_t)1 << 20)

typedef struct Hasher Hasher;

/** The thread ends with `mem`. */
Hasher *hasher_start(Arena *mem);
/** Where the next block goes; waits until there is room.  `hasher` is a Hasher. */
char *hasher_room(void *hasher);
/** The first `n` bytes of that room are the next to hash. */
void hasher_add(void *hasher, size_t n);
/** Waits for all of it; nothing is added after. */
void hasher_end(Hasher *h, Arena *mem, FileSum *out);
