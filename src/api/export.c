/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exports by HTTP.  What fits into a page is written at once and the operation is done when it is answered; more is left to a
   job.  Either way the file is the operation's, and only who began it may fetch it, for a day. */
#include "core/export/export.h"

#include "api/mass.h"
#include "base/limits.h"
#include "base/time.h"
#include "core/job.h"
#include "json/json.h"

#include <sys/stat.h>

#define EXPORT_KEYS \
    "format filter order_by columns q as_of deleted ids names no_id bom separator vcard_version"

typedef struct ExportIn {
    ExportSpec spec;
    Val asked;
    Id id;
    char *path;
    int64_t rows;
    bool is_short;
} ExportIn;

static Err *parse_export(Req *rq, Ctx *cx)
{
    ExportIn *in = NEW(rq->mem, ExportIn);

    rq->in = in;
    in->asked = rq->body.kind == VAL_MAP ? rq->body : val_map(NULL, 0);
    in->id = id_new(cx->now);
    return export_parse(cx, rq->obj, &in->asked, &in->spec);
}

static Err *run_short(Req *rq, Ctx *cx)
{
    ExportIn *in = rq->in;
    int64_t n;

    TRY(export_count(cx, &in->spec, LIMIT_PAGE + 1, &n));
    in->is_short = n <= LIMIT_PAGE;
    if (!in->is_short) return NULL;
    TRY(export_path(rq->mem, cx->store, in->id, &in->path));
    return export_here(cx, &in->spec, in->path, &in->rows);
}

static Err *store_export(Req *rq, Ctx *cx)
{
    ExportIn *in = rq->in;
    Str name = export_file_name(rq->mem, &in->spec, cx->now);
    struct stat st;
    Val result;
    Id note;

    TRY(export_note(cx, &in->spec, name, in->is_short ? in->rows : -1, &note));
    Val arg = export_job_arg(cx, rq->obj, &in->asked, note);
    if (!in->is_short) {
        TRY(job_add(cx, S("export.list"), arg, cx->now, &in->id));
        return operation_to_json(rq, cx, in->id, 202);
    }
    if (stat(in->path, &st)) FAIL(rq->mem, ERR_NOT_FOUND, "error.export.gone", "%s", in->path);
    TRY(export_result(cx, &in->spec, in->id, name, st.st_size, in->rows, &result));
    TRY(export_keep(cx, in->id, in->path));
    TRY(job_add_done(cx, in->id, S("export.list"), arg, in->rows, result));
    return operation_to_json(rq, cx, in->id, 200);
}

static Err *run_export_all(Req *rq, Ctx *cx)
{
    Id id, note;

    TRY(export_note(cx, NULL, export_all_name(rq->mem, cx->store), -1, &note));
    TRY(job_add(cx, S("export.all"), export_job_arg(cx, NULL, NULL, note), cx->now, &id));
    return operation_to_json(rq, cx, id, 202);
}

/* --- the file -------------------------------------------------------------------------------------------------------- */

static Err *gone(Req *rq)
{
    FAIL(rq->mem, ERR_NOT_FOUND, "error.export.gone", "no file of this operation");
}

static Str text_under(const Val *map, const char *key)
{
    const Val *v = map ? val_get(map, str_c(key)) : NULL;

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

static Err *run_content(Req *rq, Ctx *cx)
{
    int64_t size;
    Val result, until;
    Job job;
    int fd;

    TRY(job_get(cx, rq->id, &job));
    bool is_own = job.owner && job.owner == cx->actor->user;
    if (!is_own || !str_starts(job.kind, S("export.")) || !job.result.n) return gone(rq);
    TRY(json_parse(rq->mem, job.result, &result));
    const Val *file = val_get(&result, S("file"));
    bool is_over = !timestamp_parse(text_under(file, "expires_at"), &until) || val_ms(until) < cx->now;
    if (is_over) return gone(rq);
    TRY(export_open(cx, job.id, &fd, &size));
    rq->rp = (HttpReply){.status = 200,
                         .type = text_under(file, "type"),
                         .has_file = true,
                         .file = fd,
                         .file_size = (uint64_t)size};
    reply_attachment(rq, text_under(file, "name"));
    reply_header(rq, S("Cache-Control"), S("private, no-store"));
    return NULL;
}

const Route export_routes[] = {
    {.method = "POST",
     .pattern = "/{plural}:export",
     .name = "export",
     .right = RIGHT_USER,
     .keys = EXPORT_KEYS,
     .parse = parse_export,
     .steps = {{WHERE_READ, run_short}, {WHERE_WRITE, store_export}}},
    {.method = "POST",
     .pattern = "/export",
     .name = "exportAll",
     .right = RIGHT_ADMINISTRATOR,
     .steps = {{WHERE_WRITE, run_export_all}}},
    {.method = "GET",
     .pattern = "/operations/{id}/content",
     .name = "getOperationContent",
     .right = RIGHT_USER,
     .steps = {{WHERE_READ, run_content}}},
    {0},
};
