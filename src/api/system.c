/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For those who run the program: health and metrics (OpenMetrics). */
#include "api/state.h"

#include "base/limits.h"
#include "base/time.h"
#include "core/change.h"

static Err *run_health(Req *rq, Ctx *cx)
{
    Val v;

    Err *e = db_one(cx->mem, cx->db, S("SELECT value FROM setting WHERE name = 'epoch'"), NULL, 0, &v);
    JsonWriter *w = reply_begin(rq, e ? 503 : 200);
    json_open_obj(w);
    json_pair_str(w, "status", e ? S("unavailable") : S("ok"));
    json_pair_str(w, "version", S(KITH_VERSION));
    json_close_obj(w);
    return NULL;
}

static void add_gauge(Buf *b, const char *name, const char *help, int64_t value)
{
    buf_addf(b, "# TYPE kith_%s gauge\n# HELP kith_%s %s\nkith_%s %lld\n", name, name, help, name,
             (long long)value);
}

static void add_counter(Buf *b, const char *name, const char *help, int64_t value)
{
    buf_addf(b, "# TYPE kith_%s counter\n# HELP kith_%s %s\nkith_%s_total %lld\n", name, name, help, name,
             (long long)value);
}

static void add_requests(Buf *b, Api *api)
{
    buf_add(b, S("# TYPE kith_requests counter\n# HELP kith_requests Requests answered.\n"));
    for (int i = 1; i < 6; i++)
        buf_addf(b, "kith_requests_total{status=\"%dxx\"} %lld\n", i,
                 (long long)atomic_load(&api->by_status[i]));
    int64_t us = atomic_load(&api->busy_us);
    buf_addf(
        b,
        "# TYPE kith_request_seconds counter\n# UNIT kith_request_seconds seconds\n# HELP kith_request_seconds Time spent on them.\n"
        "kith_request_seconds_total %lld.%06lld\n",
        (long long)(us / 1000000), (long long)(us % 1000000));
}

static Err *run_metrics(Req *rq, Ctx *cx)
{
    Buf b = buf_new(rq->mem, 1u << 16);
    DbStats db = db_stats(cx->store->db);
    HttpStats http = http_stats(rq->api->http);
    Val jobs, late;

    TRY(db_one(cx->mem, cx->db, S("SELECT count(*) FROM job WHERE state IN ('waiting', 'running')"), NULL, 0,
               &jobs));
    TRY(db_one(cx->mem, cx->db, S("SELECT count(*) FROM job WHERE state = 'failed'"), NULL, 0, &late));
    add_requests(&b, rq->api);
    add_gauge(&b, "connections", "Open connections.", http.open);
    add_gauge(&b, "streams", "Open live feeds.", http.streams);
    add_counter(&b, "connections_refused", "Connections over the limit.", http.refused);
    add_counter(&b, "units", "Units of work done by the database.", db.units);
    add_counter(&b, "batches", "Commits of batches (SQLite).", db.batches);
    add_counter(&b, "replays", "Units done again.", db.replays);
    add_gauge(&b, "queue", "Units that wait.", db.queue);
    add_gauge(&b, "jobs", "Jobs that wait or run.", jobs.i);
    add_gauge(&b, "jobs_failed", "Jobs given up.", late.i);
    buf_add(&b, S("# EOF\n"));
    rq->out = b;
    rq->rp =
        (HttpReply){.status = 200, .type = S("application/openmetrics-text; version=1.0.0; charset=utf-8")};
    return NULL;
}

const Route system_routes[] = {
    {.method = "GET",
     .pattern = "/health",
     .name = "getHealth",
     .right = RIGHT_OPEN,
     .is_root = true,
     .steps = {{WHERE_QUICK, run_health}}},
    {.method = "GET",
     .pattern = "/metrics",
     .name = "getMetrics",
     .right = RIGHT_LOCAL,
     .is_root = true,
     .steps = {{WHERE_READ, run_metrics}}},
    {0},
};
