/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading what one was told: marks notices of the caller as read.  It is no deed of his that he would take back, so it is
   written by the system; the notices are found under his rights. */
#include "api/spine.h"

#define READ_MOST 500

typedef struct NoticeIn {
    Id *ids;
    size_t n;
    bool is_all;
} NoticeIn;

static Err *parse_read(Req *rq, Ctx *cx)
{
    NoticeIn *in = NEW(rq->mem, NoticeIn);

    (void)cx;
    rq->in = in;
    in->is_all = !val_get(&rq->body, S("ids"));
    return in->is_all ? NULL : rq_ids(rq, "ids", &in->ids, &in->n);
}

static Err *find_unread(Ctx *cx, const Object *obj, Id **ids, size_t *n)
{
    Query q = {0};

    TRY(query_parse(cx, obj, S("read_at == null"), (Str){0}, &q));
    return record_ids(cx, &q, READ_MOST, ids, n);
}

/* NOT_FOUND when it is none of his. */
static Err *mark(Ctx *cx, Ctx *system, const Object *obj, Id id)
{
    Record *rec = NULL;

    TRY(record_get(cx, obj, id, 0, &rec));
    if (!val_is_null(record_get_val(rec, "read_at"))) return NULL;
    Record *next = record_new(cx->mem, obj);
    next->id = id;
    record_set(next, "read_at", val_from_ms(cx->now));
    return record_update(system, next, NULL);
}

static Err *run_read(Req *rq, Ctx *cx)
{
    const Object *obj = meta_object(cx->meta, S("notice"));
    NoticeIn *in = rq->in;
    Id *ids = in->ids;
    size_t n = in->n;

    if (in->is_all) TRY(find_unread(cx, obj, &ids, &n));
    Ctx system = ctx_as_system(cx);
    for (size_t i = 0; i < n; i++) TRY(mark(cx, &system, obj, ids[i]));
    ctx_join(cx, &system);
    reply_empty(rq, 204);
    return NULL;
}

const Route notice_routes[] = {
    {.method = "POST",
     .pattern = "/notices:read",
     .name = "readNotices",
     .right = RIGHT_USER,
     .keys = "ids",
     .parse = parse_read,
     .steps = {{WHERE_WRITE, run_read}}},
    {0},
};
