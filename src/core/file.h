/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

/** SHA-256 as 64 hexadecimal digits. */
Str file_hash(Arena *mem, Str bytes);
/** Keeps `bytes` under their SHA-256: a file in `files/` written and synced (SQLite) or rows of chunks (PostgreSQL).
    Called before the row commits; with SQLite it touches no database, so it belongs on a worker, outside any unit.
    LIMIT{error.file.size} above LIMIT_FILE. */
MUST_CHECK Err *file_put(Ctx *cx, Str bytes, Str *sha256);
/** The same of what stands in file `fd` (from its start, `size` bytes of that SHA-256), in constant memory; a nameless file of
    the data folder gets its name there.  How large it may be is its giver's business. */
MUST_CHECK Err *file_put_open(Ctx *cx, int fd, uint64_t size, Str sha256);
/** Opens the content to read; `fd` is the caller's to close.  On PostgreSQL a nameless copy in the data folder. */
MUST_CHECK Err *file_open(Ctx *cx, Str sha256, int *fd, uint64_t *size);
/** The content, at most LIMIT_FILE; NOT_FOUND{error.file.none}.  Whether the caller may have it is the file record's business. */
MUST_CHECK Err *file_get(Ctx *cx, Str sha256, Str *bytes);
