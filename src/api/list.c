/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists: a page of records, by address or, for long filters, by a body of the same keys. */
#include "api/spine.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "core/read.h"
#include "core/rights.h"

#define LIST_KEYS "filter order_by page_size page_token fields total as_of q deleted"

typedef struct ListIn {
    Query query;
    Fields fields;
    int64_t as_of;
} ListIn;

/* --- masks ----------------------------------------------------------------------------------------------------------- */

static Err *add_field(Ctx *cx, const Object *obj, Str name, Fields *out)
{
    Field *f = object_field(obj, name);
    bool is_head = str_eq(name, S("id")) || str_eq(name, S("version")) || str_eq(name, S("label"));

    if (is_head && (!f || f->index <= SYS_VERSION)) return NULL;
    if (!f || rights_field(cx, f) == FIELD_HIDDEN)
        return err_arg(
            err_field(err_new(cx->mem, ERR_INVALID, "error.field.unknown", "%.*s", SFMT(name)), S("fields")),
            0, name);
    if (out->only[f->index] == 2) return NULL;
    out->only[f->index] = 2;
    out->list[out->n++] = f;
    return NULL;
}

Err *fields_parse(Ctx *cx, const Object *obj, Str text, Fields *out)
{
    *out = (Fields){0};
    if (!text.n) return NULL;
    out->list = NEW_N(cx->mem, Field *, obj->n_fields);
    out->only = NEW_N(cx->mem, uint8_t, obj->n_fields);
    while (text.n) TRY(add_field(cx, obj, str_trim(str_cut(&text, ',')), out));
    if (obj->label_field && !out->only[obj->label_field->index]) out->only[obj->label_field->index] = 1;
    return NULL;
}

/* --- pages ----------------------------------------------------------------------------------------------------------- */

Err *page_to_json(JsonWriter *w, Ctx *cx, const Page *page, const Fields *fields, Labels *labels)
{
    if (!labels) TRY(labels_load(cx, page->recs, page->n, &labels));
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < page->n; i++)
        record_to_json(w, cx, page->recs[i], labels, fields->list, fields->n);
    json_close_list(w);
    json_key_c(w, "next_page_token");
    json_text_or_null(w, page->next_token);
    return NULL;
}

bool wants_links(const Object *obj, const Fields *fields)
{
    for (size_t i = 0; i < obj->n_fields; i++)
        if (obj->fields[i].type == FIELD_LINKS && (!fields->list || fields->only[i])) return true;
    return false;
}

Err *list_of(Ctx *cx, const Object *obj, Str filter, Str order_by, size_t limit, Page *out)
{
    Query q = {.limit = limit};

    TRY(query_parse(cx, obj, filter, order_by, &q));
    TRY(record_list(cx, &q, out));
    return wants_links(obj, &(Fields){0}) ? links_load(cx, out->recs, out->n) : NULL;
}

Str day_start_text(Ctx *cx, int64_t days_ahead)
{
    int64_t ms = zone_day_start(cx->actor->zone, zone_date(cx->actor->zone, cx->now) + days_ahead);

    return timestamp_text(cx->mem, val_from_ms(ms));
}

Str week_start_text(Ctx *cx)
{
    int64_t today = zone_date(cx->actor->zone, cx->now);

    return date_text(cx->mem, today - (date_weekday(today) + 6) % 7);
}

/* --- the route ------------------------------------------------------------------------------------------------------- */

static Err *parse_total(const Req *rq, TotalKind *out)
{
    Str text = rq_arg(rq, "total");

    *out = TOTAL_NONE;
    if (str_eq(text, S("true")))
        *out = TOTAL_EXACT;
    else if (str_eq(text, S("fast")))
        *out = TOTAL_FAST;
    else if (text.p && !str_eq(text, S("false")))
        return err_arg(err_field(err_new(rq->mem, ERR_INVALID, "error.param.flag", "total"), S("total")), 0,
                       S("total"));
    return NULL;
}

static Err *parse_list(Req *rq, Ctx *cx)
{
    ListIn *in = NEW(rq->mem, ListIn);
    int64_t size = LIMIT_PAGE_DEFAULT;

    TRY(rq_as_of(rq, cx));
    TRY(rq_number(rq, "page_size", 1, LIMIT_PAGE, &size));
    TRY(query_parse(cx, rq->obj, rq_arg(rq, "filter"), rq_arg(rq, "order_by"), &in->query));
    TRY(fields_parse(cx, rq->obj, rq_arg(rq, "fields"), &in->fields));
    TRY(parse_total(rq, &in->query.total));
    TRY(rq_flag(rq, "deleted", &in->query.is_deleted));
    in->query.limit = (size_t)size;
    in->query.page_token = rq_arg(rq, "page_token");
    in->query.search = str_trim(rq_arg(rq, "q"));
    in->query.only = in->fields.only;
    in->as_of = cx->as_of;
    rq->in = in;
    rq->is_slow = in->query.total != TOTAL_NONE || in->query.search.n || in->as_of;
    return NULL;
}

static Err *run_list(Req *rq, Ctx *cx)
{
    ListIn *in = rq->in;
    Query q = in->query;
    Page page;

    cx->as_of = in->as_of;
    TRY(record_list(cx, &q, &page));
    if (wants_links(rq->obj, &in->fields)) TRY(links_load(cx, page.recs, page.n));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    TRY(page_to_json(w, cx, &page, &in->fields, NULL));
    if (page.total >= 0) json_pair_i64(w, "total", page.total);
    json_close_obj(w);
    return NULL;
}

const Route list_routes[] = {
    {.method = "GET",
     .pattern = "/{plural}",
     .name = "list",
     .right = RIGHT_USER,
     .params = LIST_KEYS,
     .parse = parse_list,
     .steps = {{WHERE_QUICK, run_list}}},
    {.method = "POST",
     .pattern = "/{plural}:query",
     .name = "query",
     .right = RIGHT_USER,
     .keys = LIST_KEYS,
     .parse = parse_list,
     .steps = {{WHERE_QUICK, run_list}}},
    {0},
};
