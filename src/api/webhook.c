/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Webhooks for administrators.  They are ordinary records with actions (src/svc/webhook.c); here is what is not: making
   one and changing its secret, which show it once, how all are doing, and the log of deliveries. */
#include "svc/webhook.h"

#include "api/spine.h"
#include "core/job.h"
#include "core/store.h"
#include "svc/delivery.h"

static const Object *webhook_object(const Ctx *cx)
{
    return meta_object(cx->meta, S("webhook"));
}

/* --- making ---------------------------------------------------------------------------------------------------------- */

static Err *parse_create(Req *rq, Ctx *cx)
{
    rq->obj = webhook_object(cx);
    Record *rec = record_new(rq->mem, rq->obj);

    rq->in = rec;
    return record_from_json(cx, rq->obj, &rq->body, rec);
}

static Err *run_create(Req *rq, Ctx *cx)
{
    Record *rec = record_copy(cx->mem, rq->in);
    Buf b = buf_new(rq->mem, 1u << 20);
    JsonWriter inner = json_writer(&b);
    Labels *labels = NULL;
    Str secret;

    TRY(record_create(cx, rec, NULL));
    TRY(webhook_secret(cx, rec->id, &secret));
    TRY(reread(cx, &rec));
    TRY(labels_load(cx, &rec, 1, &labels));
    record_to_json(&inner, cx, rec, labels, NULL, 0);
    JsonWriter *w = reply_begin(rq, 201);
    json_raw(w, str_sub(buf_str(&b), 0, b.n - 1));
    buf_addf(&rq->out, ",\"secret\":\"%.*s\"}", SFMT(secret)); /* base64: nothing to escape */
    reply_header(rq, S("Location"),
                 str_fmt(rq->mem, "/api/v1/webhooks/%.*s", SFMT(id_text(rq->mem, rec->id))));
    return NULL;
}

static Err *run_rotate(Req *rq, Ctx *cx)
{
    Str secret;

    TRY(webhook_rotate(cx, rq->id, &secret));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_str(w, "secret", secret);
    json_close_obj(w);
    return NULL;
}

/* --- deliveries ------------------------------------------------------------------------------------------------------ */

static void pair_time(JsonWriter *w, Str name, int64_t ms)
{
    json_name(w, name);
    if (ms)
        json_val(w, val_from_ms(ms));
    else
        json_null(w);
}

static void pair_number(JsonWriter *w, Str name, int64_t v, bool has)
{
    json_name(w, name);
    if (has)
        json_i64(w, v);
    else
        json_null(w);
}

static void pair_text(JsonWriter *w, Str name, Str text)
{
    json_name(w, name);
    json_text_or_null(w, text);
}

static void delivery_to_json(JsonWriter *w, const Ctx *cx, const Delivery *d, const Labels *labels)
{
    bool is_waiting = str_eq(d->state, S("waiting")), was_tried = d->tried_at != 0;

    json_open_obj(w);
    json_pair_str(w, "id", id_text(cx->mem, d->id));
    json_pair_str(w, "message", d->message);
    json_pair_str(w, "event", d->event);
    json_key_c(w, "record");
    json_ref(w, cx->meta, labels, d->obj ? d->obj->number : 0, d->record);
    pair_time(w, S("at"), d->at);
    json_pair_str(w, "state", d->state);
    json_pair_i64(w, "attempts", d->attempts);
    pair_time(w, S("tried_at"), d->tried_at);
    pair_time(w, S("next_at"), is_waiting ? d->due : 0);
    pair_number(w, S("status"), d->status, d->status != 0);
    pair_number(w, S("ms"), d->ms, was_tried);
    pair_text(w, S("error"), d->error);
    pair_text(w, S("reply"), d->reply);
    if (d->body.n) json_pair_str(w, "body", d->body);
    json_close_obj(w);
}

static Err *load_labels(Ctx *cx, const Delivery *list, size_t n, Labels **out)
{
    Val *refs = NEW_N(cx->mem, Val, n + 1);
    size_t n_refs = 0;

    for (size_t i = 0; i < n; i++)
        if (list[i].obj) refs[n_refs++] = val_ref(list[i].obj->number, list[i].record);
    TRY(labels_load(cx, NULL, 0, out));
    return labels_add(cx, *out, refs, n_refs);
}

typedef struct ListIn {
    Str state;
    int64_t size;
    Id before;
} ListIn;

static Err *parse_list(Req *rq, Ctx *cx)
{
    ListIn *in = NEW(rq->mem, ListIn);
    Str token = rq_arg(rq, "page_token");

    (void)cx;
    rq->in = in;
    in->size = 50;
    in->state = rq_arg(rq, "state");
    TRY(rq_number(rq, "page_size", 1, 200, &in->size));
    if (in->state.n && !words_have("waiting sending sent failed", in->state))
        return err_arg(
            err_field(err_new(rq->mem, ERR_INVALID, "error.choice", "%.*s", SFMT(in->state)), S("state")), 0,
            in->state);
    if (token.n && !id_parse(token, &in->before))
        FAIL_FIELD(rq->mem, S("page_token"), "error.page_token", "%.*s", SFMT(token));
    return NULL;
}

static Err *run_list(Req *rq, Ctx *cx)
{
    const ListIn *in = rq->in;
    size_t size = (size_t)in->size, n = 0;
    Delivery *list = NULL;
    Labels *labels = NULL;
    Record *rec;

    TRY(record_get(cx, webhook_object(cx), rq->id, READ_DELETED, &rec));
    TRY(delivery_list(cx, rq->id, in->state, in->before, size + 1, &list, &n));
    bool has_more = n > size;
    if (has_more) n = size;
    TRY(load_labels(cx, list, n, &labels));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < n; i++) delivery_to_json(w, cx, &list[i], labels);
    json_close_list(w);
    pair_text(w, S("next_page_token"), has_more ? id_text(rq->mem, list[n - 1].id) : (Str){0});
    json_close_obj(w);
    return NULL;
}

static Err *run_get(Req *rq, Ctx *cx)
{
    Labels *labels = NULL;
    Delivery d = {0};

    TRY(delivery_get(cx, rq->id, &d));
    TRY(load_labels(cx, &d, 1, &labels));
    delivery_to_json(reply_begin(rq, 200), cx, &d, labels);
    return NULL;
}

/* --- overview -------------------------------------------------------------------------------------------------------- */

static void totals_to_json(JsonWriter *w, Ctx *cx, const DeliveryTotals *t, const Labels *labels)
{
    json_open_obj(w);
    json_pair_str(w, "webhook", id_text(cx->mem, t->webhook));
    json_pair_i64(w, "waiting", t->waiting);
    json_pair_i64(w, "failed", t->failed);
    json_key_c(w, "last");
    if (t->last.id)
        delivery_to_json(w, cx, &t->last, labels);
    else
        json_null(w);
    json_close_obj(w);
}

static Err *run_overview(Req *rq, Ctx *cx)
{
    DeliveryTotals *all = NULL;
    Labels *labels = NULL;
    int64_t paused = 0;
    size_t n = 0;

    TRY(delivery_totals(cx, &all, &n));
    TRY(jobs_paused_at(cx, &paused));
    Delivery *lasts = NEW_N(cx->mem, Delivery, n + 1);
    for (size_t i = 0; i < n; i++) lasts[i] = all[i].last;
    TRY(load_labels(cx, lasts, n, &labels));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < n; i++) totals_to_json(w, cx, &all[i], labels);
    json_close_list(w);
    json_pair_bool(w, "private", cx->store->webhooks_private);
    pair_time(w, S("jobs_paused_at"), paused);
    json_close_obj(w);
    return NULL;
}

const Route webhook_routes[] = {
    {.method = "POST",
     .pattern = "/webhooks",
     .name = "createWebhook",
     .right = RIGHT_ADMINISTRATOR,
     .keys = "*",
     .parse = parse_create,
     .is_record_write = true,
     .is_secret = true,
     .steps = {{WHERE_WRITE, run_create}}},
    {.method = "POST",
     .pattern = "/webhooks/{id}:rotate",
     .name = "rotateWebhook",
     .right = RIGHT_ADMINISTRATOR,
     .keys = "",
     .is_secret = true,
     .steps = {{WHERE_WRITE, run_rotate}}},
    {.method = "GET",
     .pattern = "/webhooks:overview",
     .name = "webhookOverview",
     .right = RIGHT_ADMINISTRATOR,
     .steps = {{WHERE_READ, run_overview}}},
    {.method = "GET",
     .pattern = "/webhooks/{id}/deliveries",
     .name = "listWebhookDeliveries",
     .right = RIGHT_ADMINISTRATOR,
     .params = "state page_size page_token",
     .parse = parse_list,
     .steps = {{WHERE_READ, run_list}}},
    {.method = "GET",
     .pattern = "/webhook_deliveries/{id}",
     .name = "getWebhookDelivery",
     .right = RIGHT_ADMINISTRATOR,
     .steps = {{WHERE_READ, run_get}}},
    {0},
};
