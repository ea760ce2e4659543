/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Aggregates: groups and measures of a list. */
#include "api/spine.h"

#include "base/limits.h"

typedef struct FigureIn {
    Aggregate aggregate;
    int64_t as_of;
} FigureIn;

static Err *parse_figure(Req *rq, Ctx *cx)
{
    FigureIn *in = NEW(rq->mem, FigureIn);

    TRY(rq_as_of(rq, cx));
    TRY(query_parse(cx, rq->obj, rq_arg(rq, "filter"), (Str){0}, &in->aggregate.query));
    in->aggregate.query.search = str_trim(rq_arg(rq, "q"));
    TRY(aggregate_parse(cx, &in->aggregate, rq_arg(rq, "group_by"), rq_arg(rq, "measures")));
    in->as_of = cx->as_of;
    rq->in = in;
    return NULL;
}

static Err *labels_of(Ctx *cx, const Aggregate *a, const AggregateRow *rows, size_t n, Labels **out)
{
    Val *refs = NEW_N(cx->mem, Val, n * a->n_groups + 1);
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t g = 0; g < a->n_groups; g++) refs[k++] = rows[i].groups[g];
    TRY(labels_load(cx, NULL, 0, out));
    return labels_add(cx, *out, refs, k);
}

static void write_row(JsonWriter *w, Ctx *cx, const Aggregate *a, const AggregateRow *row,
                      const Labels *labels)
{
    json_open_obj(w);
    for (size_t g = 0; g < a->n_groups; g++) {
        json_key(w, a->groups[g].text);
        if (a->groups[g].bucket != BUCKET_NONE)
            json_val(w, row->groups[g]);
        else
            value_to_json(w, a->groups[g].field, row->groups[g], labels, cx->meta);
    }
    for (size_t m = 0; m < a->n_measures; m++) {
        json_key(w, a->measures[m].text);
        if (row->measures[m].kind == VAL_MONEY)
            value_to_json(w, a->measures[m].field, row->measures[m], labels, cx->meta);
        else
            json_val(w, row->measures[m]);
    }
    json_close_obj(w);
}

static Err *run_figure(Req *rq, Ctx *cx)
{
    const FigureIn *in = rq->in;
    Aggregate a = in->aggregate;
    AggregateRow *rows;
    Labels *labels;
    size_t n;

    cx->as_of = in->as_of;
    TRY(record_aggregate(cx, &a, &rows, &n));
    if (n > 10000) FAIL(cx->mem, ERR_LIMIT, "error.group.buckets", "%zu groups", n);
    TRY(labels_of(cx, &a, rows, n, &labels));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < n; i++) write_row(w, cx, &a, &rows[i], labels);
    json_close_list(w);
    json_close_obj(w);
    return NULL;
}

const Route figure_routes[] = {
    {.method = "GET",
     .pattern = "/{plural}:aggregate",
     .name = "aggregate",
     .right = RIGHT_USER,
     .params = "group_by measures filter q as_of",
     .parse = parse_figure,
     .steps = {{WHERE_READ, run_figure}}},
    {0},
};
