/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith bench: what this machine does with this database: one record read, a list of fifty, one durable write (taken back).
   `make bench` compares with bare programs; this one answers "is my server slow?". */
#include "app/command.h"
#include "base/time.h"
#include "core/query.h"

#include <time.h>

#define ROUNDS 200

static double now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static Err *list_deals(Ctx *cx, void *arg)
{
    Page *page = arg;
    Query q = {.limit = 50};

    TRY(query_parse(cx, meta_object(cx->meta, S("deal")), (Str){0}, (Str){0}, &q));
    return record_list(cx, &q, page);
}

static Err *read_one(Ctx *cx, void *arg)
{
    Page *page = arg;
    Record *rec;

    return page->n ? record_get(cx, page->recs[0]->obj, page->recs[0]->id, 0, &rec) : NULL;
}

static Err *write_one(Ctx *cx, void *arg)
{
    Val binds[] = {val_text(S("bench")), val_text(S("1"))};

    (void)arg;
    return db_exec(
        cx->mem, cx->db,
        S("INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2"),
        binds, 2, NULL);
}

static Err *time_it(Run *run, const char *name, Err *(*unit)(Run *, Err *(*)(Ctx *, void *), void *),
                    Err *(*fn)(Ctx *, void *), Page *page)
{
    double start = now_us();

    for (int i = 0; i < ROUNDS; i++) {
        Arena *keep = run->mem;
        run->mem = arena_new(0);
        Page scratch = *page;
        Err *e = unit(run, fn, &scratch);
        if (e) e = err_new(keep, e->code, "error.bench", "%.*s", SFMT(e->detail));
        arena_free(run->mem);
        run->mem = keep;
        TRY(e);
    }
    double each = (now_us() - start) / ROUNDS;
    if (run->is_json)
        buf_addf(&run->out, "{\"name\":\"%s\",\"us\":%.1f}\n", name, each);
    else
        buf_addf(&run->out, "%-24s %10.1f us each, %10.0f a second\n", name, each, 1e6 / each);
    return NULL;
}

Err *cmd_bench(Run *run)
{
    Page page = {0};

    TRY(run_no_more(run));
    TRY(run_read(run, list_deals, &page));
    TRY(time_it(run, "read one deal", run_read, read_one, &page));
    TRY(time_it(run, "list 50 deals", run_read, list_deals, &page));
    return time_it(run, "durable write", run_write, write_one, &page);
}
