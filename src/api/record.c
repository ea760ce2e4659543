/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One record: get, create, change, delete, restore.  A create is read from its JSON before the queue; a change needs the
   stored record beside it (computed fields are taken when they say what is stored), so it is read inside the unit. */
#include "api/mass.h"
#include "api/spine.h"

#include "core/change.h"
#include "core/match/merge.h"
#include "core/rights.h"

typedef struct GetIn {
    Fields fields;
    int64_t as_of;
    bool is_deleted; /* a record in the bin too */
} GetIn;

typedef struct PatchIn {
    Val json; /* without `version` */
    WriteOptions options;
} PatchIn;

/* --- get ------------------------------------------------------------------------------------------------------------- */

static Err *parse_get(Req *rq, Ctx *cx)
{
    GetIn *in = NEW(rq->mem, GetIn);

    TRY(rq_as_of(rq, cx));
    TRY(fields_parse(cx, rq->obj, rq_arg(rq, "fields"), &in->fields));
    TRY(rq_flag(rq, "deleted", &in->is_deleted));
    in->as_of = cx->as_of;
    rq->in = in;
    rq->is_slow = in->as_of != 0;
    return NULL;
}

/* The address of a record that was merged leads to the one that stayed. */
static Err *lead_on(Req *rq, Ctx *cx, bool *is_led)
{
    const GetIn *in = rq->in;
    Str fields = rq_arg(rq, "fields");
    Id into = 0;

    TRY(merge_survivor(cx, rq->obj, rq->id, &into));
    *is_led = into != 0;
    if (!into) return NULL;
    reply_empty(rq, 308);
    reply_header(rq, S("Location"),
                 str_fmt(rq->mem, "/api/v1/%.*s/%.*s%s%s%.*s", SFMT(rq->obj->plural),
                         SFMT(id_text(rq->mem, into)), in->is_deleted ? "?deleted=true" : "",
                         !fields.n        ? ""
                         : in->is_deleted ? "&fields="
                                          : "?fields=",
                         SFMT(fields)));
    return NULL;
}

static Err *run_get(Req *rq, Ctx *cx)
{
    const GetIn *in = rq->in;
    bool is_led = false;
    Labels *labels;
    Record *rec = NULL;

    Err *e = in->as_of
                 ? record_at(cx, rq->obj, rq->id, in->as_of, &rec)
                 : record_get(cx, rq->obj, rq->id, READ_LINKS | (in->is_deleted ? READ_DELETED : 0u), &rec);
    bool is_gone = e ? e->code == ERR_NOT_FOUND : !val_is_null(rec->vals[SYS_DELETED_AT]);
    if (is_gone && !in->as_of) TRY(lead_on(rq, cx, &is_led));
    if (e || is_led) return is_led ? NULL : e;
    TRY(labels_load(cx, &rec, 1, &labels));
    JsonWriter *w = reply_begin(rq, 200);
    record_to_json(w, cx, rec, labels, in->fields.list, in->fields.n);
    return NULL;
}

/* --- create ---------------------------------------------------------------------------------------------------------- */

static Err *parse_create(Req *rq, Ctx *cx)
{
    Record *rec = record_new(rq->mem, rq->obj);

    if (!rights_may(cx, rq->obj, VERB_CREATE))
        FAIL(rq->mem, ERR_DENIED, "error.denied", "no right to create %.*s", SFMT(rq->obj->name));
    rq->in = rec;
    return record_from_json(cx, rq->obj, &rq->body, rec);
}

static Err *run_create(Req *rq, Ctx *cx)
{
    Record *rec = record_copy(cx->mem, rq->in);

    TRY(record_create(cx, rec, NULL));
    TRY(reread(cx, &rec));
    TRY(reply_record(rq, cx, rec, 201));
    reply_header(
        rq, S("Location"),
        str_fmt(rq->mem, "/api/v1/%.*s/%.*s", SFMT(rq->obj->plural), SFMT(id_text(rq->mem, rec->id))));
    return NULL;
}

/* --- change ---------------------------------------------------------------------------------------------------------- */

static Err *parse_if_match(const Req *rq, int64_t *out)
{
    Str tag = str_trim(http_header(rq->http, "If-Match"));

    if (!tag.n || str_eq(tag, S("*"))) return NULL;
    if (tag.n >= 2 && tag.p[0] == '"' && tag.p[tag.n - 1] == '"') tag = str_sub(tag, 1, tag.n - 2);
    if (str_to_i64(tag, out) && *out > 0) return NULL;
    Err *e =
        err_arg(err_field(err_new(rq->mem, ERR_INVALID, "error.param.number", "If-Match"), S("If-Match")), 0,
                S("If-Match"));
    e->status = 400;
    return e;
}

static Err *parse_patch(Req *rq, Ctx *cx)
{
    PatchIn *in = NEW(rq->mem, PatchIn);
    ValPair *pairs = NEW_N(rq->mem, ValPair, rq->body.n);
    uint32_t n = 0;

    (void)cx;
    rq->in = in;
    TRY(parse_if_match(rq, &in->options.if_version));
    for (uint32_t i = 0; i < rq->body.n; i++) {
        ValPair pair = rq->body.map[i];
        if (!str_eq(val_str(pair.key), S("version"))) {
            pairs[n++] = pair;
            continue;
        }
        if (pair.val.kind != VAL_INT || pair.val.i <= 0)
            FAIL_FIELD(rq->mem, S("version"), "error.integer", "version");
        in->options.base_version = pair.val.i;
    }
    in->json = val_map(pairs, n);
    return NULL;
}

static Err *run_patch(Req *rq, Ctx *cx)
{
    const PatchIn *in = rq->in;
    Record *stored;

    TRY(record_get(cx, rq->obj, rq->id, READ_LINKS, &stored));
    if (!rights_may(cx, rq->obj, VERB_UPDATE))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to change %.*s", SFMT(rq->obj->name));
    Record *rec = record_copy(cx->mem, stored);
    TRY(record_from_json(cx, rq->obj, &in->json, rec));
    TRY(record_update(cx, rec, &in->options));
    TRY(reread(cx, &rec));
    return reply_record(rq, cx, rec, 200);
}

/* --- delete and restore ---------------------------------------------------------------------------------------------- */

/* A record that thousands refer to goes by a job. */
static Err *run_delete(Req *rq, Ctx *cx)
{
    Mass mass = {.obj = rq->obj, .ids = &rq->id, .n_ids = 1, .is_delete = true, .batch = id_new(cx->now)};
    WriteOptions options = {0};
    bool is_long;

    TRY(parse_if_match(rq, &options.if_version));
    TRY(mass_is_long(cx, &mass, &is_long));
    if (is_long && !options.if_version) return mass_queue(rq, cx, &mass);
    TRY(record_delete(cx, rq->obj, rq->id, &options));
    reply_empty(rq, 204);
    return NULL;
}

static Err *run_restore(Req *rq, Ctx *cx)
{
    Record *rec;

    TRY(record_restore(cx, rq->obj, rq->id));
    TRY(record_get(cx, rq->obj, rq->id, READ_LINKS, &rec));
    return reply_record(rq, cx, rec, 200);
}

const Route record_routes[] = {
    {.method = "GET",
     .pattern = "/{plural}/{id}",
     .name = "get",
     .right = RIGHT_USER,
     .params = "fields as_of deleted",
     .parse = parse_get,
     .steps = {{WHERE_QUICK, run_get}}},
    {.method = "POST",
     .pattern = "/{plural}",
     .name = "create",
     .right = RIGHT_USER,
     .keys = "*",
     .parse = parse_create,
     .is_record_write = true,
     .steps = {{WHERE_WRITE, run_create}}},
    {.method = "PATCH",
     .pattern = "/{plural}/{id}",
     .name = "update",
     .right = RIGHT_USER,
     .keys = "*",
     .parse = parse_patch,
     .is_record_write = true,
     .shows_current = true,
     .steps = {{WHERE_WRITE, run_patch}}},
    {.method = "DELETE",
     .pattern = "/{plural}/{id}",
     .name = "delete",
     .right = RIGHT_USER,
     .steps = {{WHERE_WRITE, run_delete}}},
    {.method = "POST",
     .pattern = "/{plural}/{id}:restore",
     .name = "restore",
     .right = RIGHT_USER,
     .keys = "",
     .is_record_write = true,
     .steps = {{WHERE_WRITE, run_restore}}},
    {0},
};
