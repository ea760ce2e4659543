/* SPDX-License-Identifier: GPL-3.0-or-later */
/* logfmt lines on standard error, one write each so that threads do not mix. */
#include "base/log.h"

#include "base/buf.h"
#include "base/time.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

static _Atomic int threshold = LOG_INFO;

void log_set_level(LogLevel level)
{
    atomic_store(&threshold, (int)level);
}

bool log_is_on(LogLevel level)
{
    return (int)level >= atomic_load_explicit(&threshold, memory_order_relaxed);
}

static bool needs_quotes(Str s)
{
    if (s.n == 0) return true;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '"' || s.p[i] == '=' || s.p[i] == '\\') return true;
    return false;
}

Str log_quote(Arena *mem, Str s)
{
    if (!needs_quotes(s)) return s;
    Buf b = buf_new(mem, s.n * 4 + 2);
    buf_add_c(&b, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\') buf_add_c(&b, '\\');
        if (c < ' ')
            buf_addf(&b, "\\x%02x", c);
        else
            buf_add_c(&b, (char)c);
    }
    buf_add_c(&b, '"');
    return buf_str(&b);
}

void log_line(LogLevel level, const char *msg, const char *pairs, ...)
{
    static const char *const NAMES[] = {"debug", "info", "warn", "error"};
    Arena *mem;

    if (!log_is_on(level)) return;
    mem = arena_new(0);
    Buf b = buf_new(mem, 64u << 10);
    buf_addf(&b, "time=%.*s level=%s msg=%.*s", SFMT(timestamp_text(mem, val_from_ms(clock_now_ms()))),
             NAMES[level], SFMT(log_quote(mem, str_c(msg))));
    if (pairs) {
        va_list ap;
        va_start(ap, pairs);
        buf_add_c(&b, ' ');
        buf_add(&b, str_vfmt(mem, pairs, ap));
        va_end(ap);
    }
    buf_add_c(&b, '\n');
    if (write(STDERR_FILENO, b.p, b.n) < 0) {} /* nowhere left to tell */
    arena_free(mem);
}
