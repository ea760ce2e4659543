/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Backups for administrators: the list, making one, proving one, and letting outgoing jobs run again after a restore.  The work
   itself is done by jobs (src/app/backup.c). */
#include "core/backup.h"

#include "api/mass.h"
#include "base/time.h"
#include "core/folder.h"
#include "core/job.h"

static void time_or_null(JsonWriter *w, Arena *mem, int64_t ms)
{
    if (ms)
        json_str(w, timestamp_text(mem, val_timestamp(ms / 1000, (uint32_t)(ms % 1000) * 1000000)));
    else
        json_null(w);
}

static void backup_to_json(JsonWriter *w, Arena *mem, const Backup *b)
{
    json_open_obj(w);
    json_pair_str(w, "name", b->name);
    json_pair_str(w, "path", b->dir);
    json_pair_bool(w, "damaged", b->is_damaged);
    json_pair_i64(w, "bytes", b->bytes);
    json_pair_i64(w, "files", (int64_t)b->n_files);
    json_key(w, S("at"));
    time_or_null(w, mem, b->moment);
    json_pair_i64(w, "ms", b->at - b->began);
    json_key(w, S("verified_at"));
    time_or_null(w, mem, b->verified);
    json_pair_bool(w, "scheduled", b->is_scheduled);
    json_pair_str(w, "version", b->version);
    json_close_obj(w);
}

typedef struct Shown {
    Backup *all;
    size_t n;
} Shown;

static Err *read_folder(Req *rq, Ctx *cx)
{
    Shown *shown = NEW(rq->mem, Shown);

    rq->in = shown;
    return backup_list(rq->mem, cx->store->backup_dir, &shown->all, &shown->n);
}

static Err *show(Req *rq, Ctx *cx)
{
    const Shown *shown = rq->in;
    int64_t paused;
    Val next;

    TRY(jobs_paused_at(cx, &paused));
    TRY(db_one(cx->mem, cx->db,
               S("SELECT min(due) FROM job WHERE kind = 'backup.nightly' AND state = 'waiting'"), NULL, 0,
               &next));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key(w, S("data"));
    json_open_list(w);
    for (size_t i = 0; i < shown->n; i++) backup_to_json(w, rq->mem, &shown->all[i]);
    json_close_list(w);
    json_pair_str(w, "folder", cx->store->backup_dir);
    json_pair_str(w, "secret_key", cx->store->secret_key);
    json_pair_bool(w, "shipped", cx->store->ship.n > 0);
    json_key(w, S("next_at"));
    time_or_null(w, rq->mem, next.kind == VAL_INT ? next.i : 0);
    json_key(w, S("jobs_paused_at"));
    time_or_null(w, rq->mem, paused);
    json_close_obj(w);
    return NULL;
}

static Err *make(Req *rq, Ctx *cx)
{
    Id id;

    TRY(job_add(cx, S("backup.now"), val_map(NULL, 0), cx->now, &id));
    return operation_to_json(rq, cx, id, 202);
}

static Err *find(Req *rq, Ctx *cx)
{
    Str name;

    TRY(rq_text(rq, "name", true, &name));
    Str dir = str_fmt(rq->mem, "%.*s/%.*s", SFMT(cx->store->backup_dir), SFMT(name));
    bool is_name = name.n && str_find_char(name, '/') < 0 && !str_starts(name, S("."));
    if (!is_name || !folder_has(rq->mem, str_cat(rq->mem, dir, S("/" BACKUP_MANIFEST))))
        FAIL(rq->mem, ERR_NOT_FOUND, "error.backup.missing", "no such backup");
    return NULL;
}

static Err *verify(Req *rq, Ctx *cx)
{
    Str name;
    Id id;

    TRY(rq_text(rq, "name", true, &name));
    ValPair arg = {val_text(S("name")), val_text(name)};
    TRY(job_add(cx, S("backup.verify"), val_map(&arg, 1), cx->now, &id));
    return operation_to_json(rq, cx, id, 202);
}

static Err *resume(Req *rq, Ctx *cx)
{
    bool were_paused;

    TRY(jobs_resume(cx, &were_paused));
    reply_empty(rq, 204);
    return NULL;
}

const Route backup_routes[] = {
    {.method = "GET",
     .pattern = "/backups",
     .name = "listBackups",
     .right = RIGHT_ADMINISTRATOR,
     .steps = {{WHERE_PLAIN, read_folder}, {WHERE_READ, show}}},
    {.method = "POST",
     .pattern = "/backups",
     .name = "makeBackup",
     .right = RIGHT_ADMINISTRATOR,
     .keys = "",
     .steps = {{WHERE_WRITE, make}}},
    {.method = "POST",
     .pattern = "/backups:verify",
     .name = "verifyBackup",
     .right = RIGHT_ADMINISTRATOR,
     .keys = "name",
     .steps = {{WHERE_PLAIN, find}, {WHERE_WRITE, verify}}},
    {.method = "POST",
     .pattern = "/jobs:resume",
     .name = "resumeJobs",
     .right = RIGHT_ADMINISTRATOR,
     .keys = "",
     .steps = {{WHERE_WRITE, resume}}},
    {0},
};
