/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What commands share: their arguments and units of work. */
#include "app/command.h"
#include "core/layer.h"

#include <stdio.h>
#include <unistd.h>

#define BAR 40

Str run_option(Run *run, const char *name)
{
    Str *args = (Str *)(uintptr_t)run->args;

    for (size_t i = 0; i < run->n; i++) {
        Str rest = args[i];
        if (!str_starts(rest, S("--"))) continue;
        rest = str_from(rest, 2);
        bool has_value = str_find_char(rest, '=') >= 0;
        if (!str_eq_c(str_cut(&rest, '='), name)) continue;
        if (!has_value && i + 1 >= run->n) return (Str){0}; /* left over: run_no_more refuses it */
        args[i] = (Str){0};
        if (has_value) return rest.p ? rest : S("");
        Str value = args[i + 1];
        args[i + 1] = (Str){0};
        return value;
    }
    return (Str){0};
}

bool run_flag(Run *run, const char *name)
{
    Str *args = (Str *)(uintptr_t)run->args;

    for (size_t i = 0; i < run->n; i++)
        if (str_starts(args[i], S("--")) && str_eq_c(str_from(args[i], 2), name)) {
            args[i] = (Str){0};
            return true;
        }
    return false;
}

Str run_positional(Run *run)
{
    Str *args = (Str *)(uintptr_t)run->args;

    for (size_t i = 0; i < run->n; i++)
        if (args[i].p && !str_starts(args[i], S("--"))) {
            Str arg = args[i];
            args[i] = (Str){0};
            return arg;
        }
    return (Str){0};
}

Err *run_object(Run *run, Str name, const Object **out)
{
    const Meta *meta = meta_now(run->store, run->mem);

    *out = meta_object(meta, name);
    if (!*out) *out = meta_plural(meta, name);
    if (!*out) FAIL(run->mem, ERR_INVALID, "error.usage", "no object %.*s", SFMT(name));
    return NULL;
}

Err *run_no_more(Run *run)
{
    for (size_t i = 0; i < run->n; i++)
        if (run->args[i].p)
            FAIL(run->mem, ERR_INVALID, "error.usage", "unknown argument %.*s, or its value is missing",
                 SFMT(run->args[i]));
    return NULL;
}

Str run_path(Run *run, Str path)
{
    if (str_starts(path, S("/")) || run->cwd.n == 0) return path;
    return str_fmt(run->mem, "%.*s/%.*s", SFMT(run->cwd), SFMT(path));
}

typedef struct Unit {
    Run *run;
    Err *(*fn)(Ctx *cx, void *arg);
    void *arg;
} Unit;

static Err *work(DbConn *c, void *arg)
{
    Unit *unit = arg;
    Ctx cx = ctx_system(unit->run->store, unit->run->mem, c);

    cx.channel = CHANNEL_CLI;
    return unit->fn(&cx, unit->arg);
}

Err *run_write(Run *run, Err *(*fn)(Ctx *cx, void *arg), void *arg)
{
    Unit unit = {run, fn, arg};

    TRY(db_write(run->store->db, run->mem, work, &unit));
    layer_follow(run->store, run->mem);
    store_committed(run->store);
    return NULL;
}

Err *run_read(Run *run, Err *(*fn)(Ctx *cx, void *arg), void *arg)
{
    Unit unit = {run, fn, arg};

    return db_read(run->store->db, run->mem, work, &unit);
}

void progress_draw(Run *run, int64_t done, int64_t total)
{
    char bar[BAR + 1];
    int64_t filled = total > 0 ? done * BAR / total : 0;

    (void)run;
    if (!isatty(STDERR_FILENO) || total <= 0) return;
    for (int i = 0; i < BAR; i++) bar[i] = i < filled ? '#' : '.';
    bar[BAR] = '\0';
    fprintf(stderr, "\r[%s] %lld of %lld", bar, (long long)done, (long long)total);
    fflush(stderr);
}

void progress_clear(void)
{
    if (isatty(STDERR_FILENO)) fprintf(stderr, "\r\033[K");
}
