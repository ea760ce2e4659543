/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

typedef enum LogLevel { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR } LogLevel;

void log_set_level(LogLevel level);

/** One logfmt line on standard error: time, level, msg, then the pairs, whose text is quoted where needed.
    `pairs` is a printf format of `key=%s`-like pairs already in logfmt, or NULL.  No personal values. */
void log_line(LogLevel level, const char *msg, const char *pairs, ...) __attribute__((format(printf, 3, 4)));
/** Whether lines of `level` are written: what they say need not be put together otherwise. */
bool log_is_on(LogLevel level);
/** `s` quoted as a logfmt value. */
Str log_quote(Arena *mem, Str s);
