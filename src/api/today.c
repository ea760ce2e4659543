/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The home page: what the caller has to do, what waits for anybody, and five figures, each with the filter of its list.
   Everything is read under his rights; what he may not read at all is empty. */
#include "api/spine.h"

#include "core/rights.h"

#define TODAY_ROWS 50

typedef struct TodayList {
    const Object *obj;
    Page page;
} TodayList;

static Err *read_list(Ctx *cx, const char *object, Str filter, const char *order_by, TodayList *out)
{
    out->obj = meta_object(cx->meta, str_c(object));
    if (!out->obj || !rights_may(cx, out->obj, VERB_READ)) return NULL;
    Err *e = list_of(cx, out->obj, filter, str_c(order_by), TODAY_ROWS, &out->page);
    return e && str_eq(e->key, S("error.field.unknown")) ? NULL
                                                         : e; /* a field of the question is hidden from him */
}

static Err *write_list(JsonWriter *w, Ctx *cx, const char *key, const TodayList *list, const char *age_from)
{
    const Field *since = age_from ? object_field(list->obj, str_c(age_from)) : NULL;
    Labels *labels;

    TRY(labels_load(cx, list->page.recs, list->page.n, &labels));
    json_key(w, str_c(key));
    json_open_list(w);
    for (size_t i = 0; i < list->page.n; i++) {
        Buf b = buf_new(cx->mem, 1u << 20);
        JsonWriter inner = json_writer(&b);
        Val at = since ? list->page.recs[i]->vals[since->index] : val_null();
        record_to_json(&inner, cx, list->page.recs[i], labels, NULL, 0);
        if (!val_is_null(at)) {
            b.n--;
            buf_addf(&b, ",\"age_seconds\":%lld}", (long long)((cx->now - val_ms(at)) / 1000));
        }
        json_raw(w, buf_str(&b));
    }
    json_close_list(w);
    return NULL;
}

/* --- figures --------------------------------------------------------------------------------------------------------- */

typedef struct Figure {
    const char *key, *object, *measure, *group_by;
    Str filter;
} Figure;

static void write_people(JsonWriter *w, Ctx *cx, const AggregateRow *rows, size_t n, const Labels *labels)
{
    json_open_list(w);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].groups[0].kind != VAL_REF) continue;
        json_open_obj(w);
        json_key_c(w, "user");
        json_ref(w, cx->meta, labels, rows[i].groups[0].aux, rows[i].groups[0].i);
        json_pair_i64(w, "count", rows[i].measures[0].i);
        json_close_obj(w);
    }
    json_close_list(w);
}

static Err *write_value(JsonWriter *w, Ctx *cx, const Figure *f, const Object *obj)
{
    Aggregate a = {0};
    AggregateRow *rows = NULL;
    Labels *labels;
    size_t n = 0;

    Err *e = rights_may(cx, obj, VERB_READ) ? query_parse(cx, obj, f->filter, (Str){0}, &a.query) : NULL;
    if (!e && rights_may(cx, obj, VERB_READ))
        e = aggregate_parse(cx, &a, str_c(f->group_by), str_c(f->measure));
    if (e || !rights_may(cx, obj, VERB_READ)) {
        json_null(w);
        return e && !str_eq(e->key, S("error.field.unknown")) ? e : NULL;
    }
    TRY(record_aggregate(cx, &a, &rows, &n));
    TRY(labels_load(cx, NULL, 0, &labels));
    for (size_t i = 0; f->group_by && i < n; i++) TRY(labels_add(cx, labels, &rows[i].groups[0], 1));
    if (f->group_by)
        write_people(w, cx, rows, n, labels);
    else if (n && a.measures[0].field)
        value_to_json(w, a.measures[0].field, rows[0].measures[0], labels, cx->meta);
    else
        json_i64(w, n ? rows[0].measures[0].i : 0);
    return NULL;
}

static Err *write_figure(JsonWriter *w, Ctx *cx, const Figure *f)
{
    const Object *obj = meta_object(cx->meta, str_c(f->object));

    if (!obj) return NULL;
    json_open_obj(w);
    json_pair_str(w, "key", str_c(f->key));
    json_key_c(w, "value");
    TRY(write_value(w, cx, f, obj));
    json_pair_str(w, "object", obj->name);
    json_pair_str(w, "filter", f->filter);
    json_close_obj(w);
    return NULL;
}

static Err *write_figures(JsonWriter *w, Ctx *cx)
{
    Str day = day_start_text(cx, 0), week = week_start_text(cx);
    Str closed = S("category == 'won' && closed_on == today()");
    const Figure figures[] = {
        {"deals_closed_today", "deal", "count()", NULL, closed},
        {"amount_closed_today", "deal", "sum(amount)", NULL, closed},
        {"new_customers_week", "account", "count()", NULL,
         str_fmt(cx->mem, "customer_since >= date('%.*s')", SFMT(week))},
        {"activities_by_manager", "activity", "count()", "owner",
         str_fmt(cx->mem, "happened_at >= timestamp('%.*s') && (status == 'done' || kind == 'note')",
                 SFMT(day))},
        {"leads_processed", "lead", "count()", NULL,
         str_fmt(cx->mem, "answered_at >= timestamp('%.*s')", SFMT(day))},
    };

    json_key_c(w, "figures");
    json_open_list(w);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) TRY(write_figure(w, cx, &figures[i]));
    json_close_list(w);
    return NULL;
}

static Err *run_today(Req *rq, Ctx *cx)
{
    TodayList tasks = {0}, leads = {0}, deals = {0}, debtors = {0}, silent = {0}, signals = {0}, cold = {0};
    Str due =
        str_fmt(cx->mem, "owner == me() && status == 'open' && kind != 'note' && due_at < timestamp('%.*s')",
                SFMT(day_start_text(cx, 1)));

    TRY(read_list(cx, "activity", due, "due_at", &tasks));
    TRY(read_list(cx, "lead", S("answered_at == null && status == 'new'"), "received_at", &leads));
    TRY(read_list(cx, "deal", S("category == 'open' && next_step_at == null && open_tasks == 0"), "-amount",
                  &deals));
    TRY(read_list(cx, "account", S("owed_since < today()"), "owed_since", &debtors));
    TRY(read_list(cx, "signal", S("status == 'open' && kind == 'silent'"), "-value", &silent));
    TRY(read_list(cx, "signal", S("status == 'open' && kind != 'silent' && kind != 'overdue'"), "-value",
                  &signals));
    TRY(read_list(cx, "account", S("owner == me() && touch_due < now"), "touch_due", &cold));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    TRY(write_list(w, cx, "tasks", &tasks, NULL));
    TRY(write_list(w, cx, "leads", &leads, "received_at"));
    TRY(write_list(w, cx, "deals", &deals, NULL));
    TRY(write_list(w, cx, "debtors", &debtors, NULL));
    TRY(write_list(w, cx, "silent", &silent, NULL));
    TRY(write_list(w, cx, "signals", &signals, NULL));
    TRY(write_list(w, cx, "untouched", &cold, NULL));
    TRY(write_figures(w, cx));
    json_close_obj(w);
    return NULL;
}

const Route today_routes[] = {
    {.method = "GET",
     .pattern = "/today",
     .name = "getToday",
     .right = RIGHT_USER,
     .steps = {{WHERE_READ, run_today}}},
    {0},
};
