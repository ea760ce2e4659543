/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors as values in an arena, and the end of the program for bugs. */
#include "base/err.h"

#include "base/buf.h"

#include <execinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

Err *err_new(Arena *mem, ErrCode code, const char *key, const char *detail, ...)
{
    Err *e = NEW(mem, Err);
    va_list ap;

    e->code = code;
    e->key = str_c(key);
    e->at = -1;
    va_start(ap, detail);
    e->detail = str_vfmt(mem, detail, ap);
    va_end(ap);
    return e;
}

Err *err_field(Err *e, Str field)
{
    e->field = field;
    return e;
}

Err *err_arg(Err *e, int i, Str arg)
{
    REQUIRE(i >= 0 && i < ERR_ARGS);
    e->args[i] = arg;
    return e;
}

Err *err_at(Err *e, ptrdiff_t at)
{
    e->at = at;
    return e;
}

void err_add(Err **list, Err *e)
{
    while (*list) list = &(*list)->next;
    *list = e;
}

Err *err_copy(Arena *mem, const Err *e)
{
    if (!e) return NULL;
    Err *copy = NEW(mem, Err);

    *copy = *e;
    copy->key = str_copy(mem, e->key);
    copy->field = str_copy(mem, e->field);
    copy->detail = str_copy(mem, e->detail);
    for (int i = 0; i < ERR_ARGS; i++) copy->args[i] = str_copy(mem, e->args[i]);
    copy->next = err_copy(mem, e->next);
    copy->cause = err_copy(mem, e->cause);
    return copy;
}

const char *err_code_name(ErrCode code)
{
    static const char *const NAMES[] = {"OK",       "INVALID", "NOT_FOUND",   "DENIED",
                                        "CONFLICT", "LIMIT",   "UNAVAILABLE", "INTERNAL"};

    return NAMES[code];
}

static void add_text(Buf *b, const Err *e)
{
    buf_addf(b, "%s %.*s: %.*s", err_code_name(e->code), SFMT(e->key), SFMT(e->detail));
    if (e->field.n) buf_addf(b, " (%.*s)", SFMT(e->field));
    if (e->at >= 0) buf_addf(b, " at %td", e->at);
}

Str err_text(Arena *mem, const Err *e)
{
    Buf b = buf_new(mem, 64u << 10);

    for (const Err *p = e; p; p = p->next) {
        if (p != e) buf_add(&b, S("; "));
        add_text(&b, p);
        for (const Err *c = p->cause; c; c = c->cause) {
            buf_add(&b, S(" <- "));
            add_text(&b, c);
        }
    }
    return buf_str(&b);
}

static _Noreturn void end_here(void)
{
    void *frames[64];

    backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
    abort();
}

void require_failed(const char *what, const char *file, int line)
{
    fprintf(stderr, "level=error msg=\"bug\" what=\"%s\" at=%s:%d\n", what, file, line);
    end_here();
}

void out_of_memory(void)
{
    fputs("level=error msg=\"out of memory\"\n", stderr);
    end_here();
}
