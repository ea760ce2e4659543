/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The caller himself: his record, his settings, what he may do.  Everybody may read and change this much of himself,
   whatever his role says of users. */
#include "api/me.h"

#include "core/change.h"
#include "core/rights.h"

#include <string.h>

Ctx ctx_own(const Ctx *cx, Actor *room)
{
    Ctx own = *cx;

    *room = *cx->actor;
    room->is_system = true;
    own.actor = room;
    own.cache = NULL;
    return own;
}

static void write_rights(JsonWriter *w, const Ctx *cx)
{
    static const char *const VERBS[] = {"create", "read", "update", "delete"};
    static const char *const LEVELS[] = {"none", "own", "team", "all"};

    json_key_c(w, "rights");
    json_open_obj(w);
    json_pair_bool(w, "administrator", cx->actor->rights->is_administrator);
    json_pair_bool(w, "masked", cx->actor->rights->may_see_masked);
    json_key_c(w, "objects");
    json_open_obj(w);
    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        const Object *obj = cx->meta->objects[i];
        const struct ObjectRights *rights = cx->actor->rights->objects[obj->number];
        if (obj->is_internal) continue;
        json_key(w, obj->name);
        json_open_obj(w);
        for (int v = 0; v < VERB_COUNT; v++) {
            json_key(w, str_c(VERBS[v]));
            json_str(w, str_c(LEVELS[rights_level(cx, obj, (Verb)v)]));
        }
        json_pair_bool(w, "mass", rights && rights->may_mass);
        json_pair_bool(w, "export", rights && rights->may_export);
        json_close_obj(w);
    }
    json_close_obj(w);
    json_close_obj(w);
}

static void write_company(JsonWriter *w, const Company *company)
{
    json_key_c(w, "company");
    json_open_obj(w);
    json_pair_str(w, "name", company->name);
    json_pair_str(w, "currency", company->currency);
    json_pair_str(w, "country", company->country);
    json_pair_str(w, "language", company->locale);
    json_pair_str(w, "zone", company->zone);
    json_close_obj(w);
}

Err *reply_me(Req *rq, Ctx *cx, int status)
{
    Actor room;
    Ctx own = ctx_own(cx, &room);
    Labels *labels;
    Record *rec;
    Cursor seen;

    TRY(change_last(cx, &seen));
    TRY(record_get(&own, meta_object(cx->meta, S("user")), cx->actor->user, READ_LINKS, &rec));
    TRY(labels_load(&own, &rec, 1, &labels));
    JsonWriter *w = reply_begin(rq, status);
    Buf b = buf_new(rq->mem, 1u << 20);
    JsonWriter inner = json_writer(&b);
    record_to_json(&inner, &own, rec, labels, NULL, 0);
    Str text = buf_str(&b);
    json_raw(w, str_sub(text, 0, text.n - 1)); /* the record, left open for what follows */
    buf_add_c(&rq->out, ',');
    Buf more = buf_new(rq->mem, 1u << 20);
    JsonWriter tail = json_writer(&more);
    json_open_obj(&tail);
    write_rights(&tail, cx);
    write_company(&tail, cx->store->company);
    json_pair_str(&tail, "cursor", cursor_text(rq->mem, seen));
    json_close_obj(&tail);
    buf_add(&rq->out, str_from(buf_str(&more), 1));
    return NULL;
}

static Err *run_get(Req *rq, Ctx *cx)
{
    return reply_me(rq, cx, 200);
}

static Err *run_patch(Req *rq, Ctx *cx)
{
    Actor room;
    Ctx own = ctx_own(cx, &room);
    Record *stored;

    TRY(record_get(&own, meta_object(cx->meta, S("user")), cx->actor->user, READ_LINKS, &stored));
    Record *rec = record_copy(cx->mem, stored);
    TRY(record_from_json(&own, rec->obj, &rq->body, rec));
    TRY(record_update(&own, rec, NULL));
    ctx_join(cx, &own);
    return reply_me(rq, cx, 200);
}

const Route me_routes[] = {
    {.method = "GET",
     .pattern = "/me",
     .name = "getMe",
     .right = RIGHT_USER,
     .steps = {{WHERE_QUICK, run_get}}},
    {.method = "PATCH",
     .pattern = "/me",
     .name = "updateMe",
     .right = RIGHT_USER,
     .keys = "name language zone theme phone photo job_title notices",
     .is_record_write = true,
     .drops_sessions = true,
     .steps = {{WHERE_WRITE, run_patch}}},
    {0},
};
