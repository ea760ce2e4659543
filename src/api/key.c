/* SPDX-License-Identifier: GPL-3.0-or-later */
/* API keys: ordinary records but for their making, which shows the key once, and that everybody may end his own. */
#include "api/me.h"

#include "core/rights.h"
#include "core/session.h"

typedef struct KeyIn {
    Str name;
    Id user;
    Val expires;
} KeyIn;

static Err *parse_key(Req *rq, Ctx *cx)
{
    KeyIn *in = NEW(rq->mem, KeyIn);
    const Object *obj = meta_object(cx->meta, S("api_key"));
    const Val *user = val_get(&rq->body, S("user")), *expires = val_get(&rq->body, S("expires_at"));
    Val v = {0};

    rq->in = in;
    in->user = cx->actor->user;
    TRY(rq_text(rq, "name", true, &in->name));
    if (user && user->kind != VAL_NULL) {
        TRY(value_from_json(cx, object_field(obj, S("user")), *user, &v));
        in->user = v.i;
    }
    if (expires) TRY(value_from_json(cx, object_field(obj, S("expires_at")), *expires, &in->expires));
    if (in->user != cx->actor->user && !rq_is_administrator(rq))
        FAIL(rq->mem, ERR_DENIED, "error.denied", "a key of somebody else");
    return NULL;
}

static Err *newest_key(Ctx *cx, Id user, Record **out)
{
    const Object *obj = meta_object(cx->meta, S("api_key"));
    Val bind = val_int(user), id;

    TRY(db_one(cx->mem, cx->db, S("SELECT max(id) FROM \"api_key\" WHERE \"user\" = ?1"), &bind, 1, &id));
    return record_get(cx, obj, id.i, 0, out);
}

static Err *run_add(Req *rq, Ctx *cx)
{
    const KeyIn *in = rq->in;
    Actor room;
    Ctx own = ctx_own(cx, &room);
    Record *rec, *owner;
    Labels *labels;
    Str key;

    TRY(record_get(&own, meta_object(cx->meta, S("user")), in->user, 0, &owner));
    TRY(key_add(&own, in->user, in->name, &key));
    TRY(newest_key(&own, in->user, &rec));
    if (!val_is_null(in->expires)) {
        rec = record_copy(cx->mem, rec);
        record_set(rec, "expires_at", in->expires);
        TRY(record_update(&own, rec, NULL));
    }
    TRY(labels_load(&own, &rec, 1, &labels));
    JsonWriter *w = reply_begin(rq, 201);
    Buf b = buf_new(rq->mem, 1u << 20);
    JsonWriter inner = json_writer(&b);
    record_to_json(&inner, &own, rec, labels, NULL, 0);
    json_raw(w, str_sub(buf_str(&b), 0, b.n - 1));
    buf_addf(&rq->out, ",\"key\":\"%.*s\"}", SFMT(key)); /* base64url: nothing to escape */
    return NULL;
}

/* `own` is what the caller may do to his own key: everything; to another's, what his role says. */
static Err *context_for(Req *rq, Ctx *cx, Actor *room, Ctx *own)
{
    Record *rec;

    *own = *cx;
    rq->obj = meta_object(cx->meta, S("api_key"));
    Ctx system = ctx_own(cx, room);
    TRY(record_get(&system, rq->obj, rq->id, 0, &rec));
    if (record_get_val(rec, "user").i == cx->actor->user) *own = system;
    return NULL;
}

static Err *run_delete(Req *rq, Ctx *cx)
{
    Actor room;
    Ctx own;

    TRY(context_for(rq, cx, &room, &own));
    TRY(record_delete(&own, rq->obj, rq->id, NULL));
    reply_empty(rq, 204);
    return NULL;
}

static Err *run_patch(Req *rq, Ctx *cx)
{
    Record *stored;
    Actor room;
    Ctx own;

    TRY(context_for(rq, cx, &room, &own));
    TRY(record_get(&own, rq->obj, rq->id, 0, &stored));
    Record *rec = record_copy(cx->mem, stored);
    TRY(record_from_json(&own, rq->obj, &rq->body, rec));
    if (rec->is_set[object_field(rq->obj, S("user"))->index] && !rq_is_administrator(rq))
        FAIL_FIELD(cx->mem, S("user"), "error.field.readonly", "a key stays its user's");
    TRY(record_update(&own, rec, NULL));
    return reply_record(rq, &own, rec, 200);
}

const Route key_routes[] = {
    {.method = "POST",
     .pattern = "/api_keys",
     .name = "createApiKey",
     .is_secret = true,
     .right = RIGHT_USER,
     .keys = "name user expires_at",
     .parse = parse_key,
     .is_record_write = true,
     .drops_sessions = true,
     .steps = {{WHERE_WRITE, run_add}}},
    {.method = "PATCH",
     .pattern = "/api_keys/{id}",
     .name = "updateApiKey",
     .right = RIGHT_USER,
     .keys = "*",
     .is_record_write = true,
     .drops_sessions = true,
     .steps = {{WHERE_WRITE, run_patch}}},
    {.method = "DELETE",
     .pattern = "/api_keys/{id}",
     .name = "deleteApiKey",
     .right = RIGHT_USER,
     .drops_sessions = true,
     .steps = {{WHERE_WRITE, run_delete}}},
    {0},
};
