/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drop folders for the settings: how each fares, and looking at once.  The work is a job (api/drop_job.c). */
#include "api/drop.h"

#include "api/api.h"
#include "api/mass.h"
#include "core/job.h"

typedef struct FolderState {
    Id id;
    Str path;
    size_t waiting, odd, working;
    bool is_good;
    Str why;
} FolderState;

typedef struct State {
    FolderState *all;
    size_t n;
} State;

static Err *read_paths(Req *rq, Ctx *cx)
{
    State *s = NEW(rq->mem, State);
    VEC(FolderState) list = {0};
    DbRows *rows = NULL;
    bool has = false;

    rq->in = s;
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT id, path FROM \"drop_folder\" WHERE deleted_at IS NULL ORDER BY id"), NULL, 0,
                 &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(rq->mem, &list) =
            (FolderState){.id = db_i64(rows, 0), .path = str_copy(rq->mem, db_str(rows, 1))};
    }
    s->all = list.p;
    s->n = list.n;
    return NULL;
}

static Err *look_at(Req *rq, const Ctx *cx, FolderState *f)
{
    DropFile *files = NULL;
    DropDirs dirs = {0};

    if (!drop_path_is_good(f->path)) FAIL(rq->mem, ERR_INVALID, "error.drop.path", "%.*s", SFMT(f->path));
    TRY(drop_open(rq->mem, cx->store->drop_root, f->path, &dirs));
    TRY(drop_list(rq->mem, dirs.top, &files, &f->waiting, &f->odd));
    return drop_list(rq->mem, dirs.working, &files, &f->working, NULL);
}

static Err *read_disk(Req *rq, Ctx *cx)
{
    State *s = rq->in;

    for (size_t i = 0; i < s->n && cx->store->drop_root.n; i++) {
        const Err *e = look_at(rq, cx, &s->all[i]);
        s->all[i].is_good = !e;
        if (e) s->all[i].why = lang_text(rq->mem, rq->lang, e->key, e->args, ERR_ARGS);
    }
    return NULL;
}

/* The newest import of the folder; null when none has been. */
static Err *write_last(Req *rq, Ctx *cx, JsonWriter *w, Id folder)
{
    Val bind = val_int(folder), id = {0};
    Record *rec = NULL;
    Labels *labels = NULL;

    json_key_c(w, "last");
    TRY(db_one(cx->mem, cx->db,
               S("SELECT max(id) FROM \"import_run\" WHERE folder = ?1 AND deleted_at IS NULL"), &bind, 1,
               &id));
    if (id.kind != VAL_INT) {
        json_null(w);
        return NULL;
    }
    TRY(record_get(cx, meta_object(cx->meta, S("import_run")), id.i, 0, &rec));
    TRY(labels_load(cx, &rec, 1, &labels));
    Buf b = buf_new(rq->mem, 1u << 20);
    JsonWriter inner = json_writer(&b);
    record_to_json(&inner, cx, rec, labels, NULL, 0);
    json_raw(w, buf_str(&b));
    return NULL;
}

static Err *show(Req *rq, Ctx *cx)
{
    const State *s = rq->in;
    JsonWriter *w = reply_begin(rq, 200);

    json_open_obj(w);
    json_pair_str(w, "root", cx->store->drop_root);
    json_pair_i64(w, "every", (cx->store->drop_every + 999) / 1000);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < s->n; i++) {
        const FolderState *f = &s->all[i];
        json_open_obj(w);
        json_pair_val(w, "folder", val_id(f->id));
        json_pair_bool(w, "good", f->is_good);
        json_key_c(w, "why");
        json_text_or_null(w, f->why);
        json_pair_i64(w, "waiting", (int64_t)f->waiting);
        json_pair_i64(w, "working", (int64_t)f->working);
        json_pair_i64(w, "odd", (int64_t)f->odd);
        TRY(write_last(rq, cx, w, f->id));
        json_close_obj(w);
    }
    json_close_list(w);
    json_close_obj(w);
    return NULL;
}

static Err *look_now(Req *rq, Ctx *cx)
{
    Id id = 0;

    if (!cx->store->drop_root.n) FAIL(rq->mem, ERR_INVALID, "error.drop.root", "no root folder is set");
    TRY(job_add(cx, S("drop.look"), val_map(NULL, 0), cx->now, &id));
    reply_empty(rq, 204);
    return NULL;
}

const Route drop_routes[] = {
    {.method = "GET",
     .pattern = "/drop_folders:state",
     .name = "showDropFolders",
     .right = RIGHT_ADMINISTRATOR,
     .steps = {{WHERE_READ, read_paths}, {WHERE_PLAIN, read_disk}, {WHERE_READ, show}}},
    {.method = "POST",
     .pattern = "/drop_folders:look",
     .name = "lookIntoDropFolders",
     .right = RIGHT_ADMINISTRATOR,
     .keys = "",
     .steps = {{WHERE_WRITE, look_now}}},
    {0},
};
