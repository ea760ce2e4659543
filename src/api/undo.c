/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking back a batch, or the caller's last one. */
#include "api/spine.h"

#include "core/change.h"

static void write_skipped(Req *rq, JsonWriter *w, const Skipped *s)
{
    json_open_obj(w);
    json_pair_str(w, "object", s->obj->name);
    json_pair_val(w, "id", val_id(s->id));
    json_key_c(w, "label");
    json_text_or_null(w, s->label);
    json_pair_str(w, "reason", lang_text(rq->mem, rq->lang, s->reason, NULL, 0));
    json_close_obj(w);
}

static Err *undo(Req *rq, Ctx *cx, Id batch)
{
    UndoResult result;

    TRY(batch_undo(cx, batch, &result));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_i64(w, "undone", result.undone);
    json_key_c(w, "skipped");
    json_open_list(w);
    for (size_t i = 0; i < result.n_skipped; i++) write_skipped(rq, w, &result.skipped[i]);
    json_close_list(w);
    json_pair_val(w, "batch", val_id(result.batch));
    json_close_obj(w);
    return NULL;
}

static Err *run_undo_batch(Req *rq, Ctx *cx)
{
    return undo(rq, cx, rq->id);
}

static Err *run_undo_last(Req *rq, Ctx *cx)
{
    Id batch;

    TRY(batch_last(cx, &batch));
    if (batch) return undo(rq, cx, batch);
    JsonWriter *w = reply_begin(rq, 200);
    json_raw(w, S("{\"undone\":0,\"skipped\":[],\"batch\":null}"));
    return NULL;
}

const Route undo_routes[] = {
    {.method = "POST",
     .pattern = "/batches/{id}:undo",
     .name = "undoBatch",
     .right = RIGHT_USER,
     .keys = "",
     .drops_sessions = true,
     .steps = {{WHERE_WRITE, run_undo_batch}}},
    {.method = "POST",
     .pattern = "/undo",
     .name = "undoLast",
     .right = RIGHT_USER,
     .keys = "",
     .drops_sessions = true,
     .steps = {{WHERE_WRITE, run_undo_last}}},
    {0},
};
