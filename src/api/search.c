/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Search over all objects; why somebody may see a record. */
#include "api/spine.h"

#include "core/rights.h"
#include "core/search.h"

static Err *unknown_object(Arena *mem, Str name)
{
    return err_arg(
        err_field(err_new(mem, ERR_INVALID, "error.object.unknown", "%.*s", SFMT(name)), S("object")), 0,
        name);
}

static Err *run_search(Req *rq, Ctx *cx)
{
    Str text = str_trim(rq_arg(rq, "q")), name = rq_arg(rq, "object");
    const Object *only = name.n ? meta_object(cx->meta, name) : NULL;
    int64_t limit = 20;
    Hit *hits = NULL;
    size_t n = 0;

    TRY(rq_number(rq, "limit", 1, 100, &limit));
    if (name.n && (!only || only->is_internal || !rights_may(cx, only, VERB_READ)))
        return unknown_object(rq->mem, name);
    if (text.n) TRY(search_find(cx, text, only, (size_t)limit, &hits, &n));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < n; i++) {
        json_open_obj(w);
        json_pair_str(w, "object", hits[i].obj->name);
        json_pair_val(w, "id", val_id(hits[i].id));
        json_pair_str(w, "label", hits[i].label);
        json_key_c(w, "detail");
        json_text_or_null(w, hits[i].detail);
        json_key_c(w, "icon");
        json_text_or_null(w, hits[i].obj->icon);
        json_close_obj(w);
    }
    json_close_list(w);
    json_close_obj(w);
    return NULL;
}

static Err *run_why(Req *rq, Ctx *cx)
{
    Str name = rq_arg(rq, "object"), key;
    const Object *obj = meta_object(cx->meta, name);
    Id id = 0, user = 0;

    if (!obj || obj->is_internal) return unknown_object(rq->mem, name);
    if (!id_parse(rq_arg(rq, "id"), &id)) FAIL_FIELD(rq->mem, S("id"), "error.reference", "no id");
    if (!id_parse(rq_arg(rq, "user"), &user)) FAIL_FIELD(rq->mem, S("user"), "error.reference", "no id");
    TRY(rights_explain(cx, obj, id, user, &key));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_bool(w, "may_read", !str_eq(key, S("rights.why.nothing")));
    json_pair_str(w, "reason", str_starts(key, S("rights.why.")) ? str_from(key, 11) : key);
    json_pair_str(w, "text", lang_text(rq->mem, rq->lang, key, NULL, 0));
    json_close_obj(w);
    return NULL;
}

const Route search_routes[] = {
    {.method = "GET",
     .pattern = "/search",
     .name = "search",
     .right = RIGHT_USER,
     .params = "q limit object",
     .steps = {{WHERE_READ, run_search}}},
    {.method = "GET",
     .pattern = "/rights/why",
     .name = "explainRights",
     .right = RIGHT_ADMINISTRATOR,
     .params = "object id user",
     .steps = {{WHERE_READ, run_why}}},
    {0},
};
