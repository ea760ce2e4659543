/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

/** Keeps `bytes` under their SHA-256: a file in `files/` written and synced (SQLite) or rows of chunks (PostgreSQL).
    Called before the row commits. */
MUST_CHECK Err *file_put(Ctx *cx, Str bytes, Str *sha256);
MUST_CHECK Err *file_get(Ctx *cx, Str sha256, Str *bytes);
