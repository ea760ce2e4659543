/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

/** Keeps `bytes` under their SHA-256: a file in `files/` written and synced (SQLite) or rows of chunks (PostgreSQL).
    Called before the row commits; with SQLite it touches no database, so it belongs on a worker, outside any unit.
    LIMIT{error.file.size} above LIMIT_FILE. */
MUST_CHECK Err *file_put(Ctx *cx, Str bytes, Str *sha256);
/** The content; NOT_FOUND{error.file.none}.  Whether the caller may have it is the file record's business. */
MUST_CHECK Err *file_get(Ctx *cx, Str sha256, Str *bytes);
