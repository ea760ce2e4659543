/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions that modules answer: a route names the report, the module's table has the function.  What comes back is a map;
   references in it get their labels here, under the caller's rights. */
#include "api/mass.h"
#include "api/spine.h"

#define REPORT_ARGS 8

ReportFn report_find(const Store *store, const char *name)
{
    for (size_t m = 0; m < store->n_modules; m++)
        for (size_t i = 0; i < store->modules[m]->n_reports; i++)
            if (str_eq_c(str_c(name), store->modules[m]->reports[i].name))
                return store->modules[m]->reports[i].run;
    return NULL;
}

static Val report_args(const Req *rq)
{
    ValPair *pairs = NEW_N(rq->mem, ValPair, REPORT_ARGS);
    Str rest = str_c(rq->route->params ? rq->route->params : rq->route->keys);
    size_t n = 0;

    if (rq->id) pairs[n++] = (ValPair){val_text(S("id")), val_id(rq->id)};
    while (rest.n) {
        Str name = str_cut(&rest, ' '), value = rq_arg(rq, str_to_c(rq->mem, name));
        REQUIRE(n < REPORT_ARGS);
        if (value.n) pairs[n++] = (ValPair){val_text(name), val_text(value)};
    }
    return val_map(pairs, n);
}

typedef VEC(Val) Refs;

static void find_refs(Arena *mem, Val v, Refs *out)
{
    if (v.kind == VAL_REF) *vec_push(mem, out) = v;
    for (uint32_t i = 0; v.kind == VAL_LIST && i < v.n; i++) find_refs(mem, v.list[i], out);
    for (uint32_t i = 0; v.kind == VAL_MAP && i < v.n; i++) find_refs(mem, v.map[i].val, out);
}

static void write_val(JsonWriter *w, const Meta *meta, const Labels *labels, Val v)
{
    switch (v.kind) {
    case VAL_REF: json_ref(w, meta, labels, v.aux, v.i); break;
    case VAL_LIST:
        json_open_list(w);
        for (uint32_t i = 0; i < v.n; i++) write_val(w, meta, labels, v.list[i]);
        json_close_list(w);
        break;
    case VAL_MAP:
        json_open_obj(w);
        for (uint32_t i = 0; i < v.n; i++) {
            json_key(w, val_str(v.map[i].key));
            write_val(w, meta, labels, v.map[i].val);
        }
        json_close_obj(w);
        break;
    default: json_val(w, v);
    }
}

static Err *ask(Req *rq, Ctx *cx, Val *out)
{
    ReportFn run = report_find(cx->store, rq->route->name);
    Val args = report_args(rq);

    if (!run) FAIL(cx->mem, ERR_NOT_FOUND, "error.route", "no module answers %s", rq->route->name);
    return run(cx, &args, out);
}

/* One that writes leaves the work to an operation, whose id it answers. */
static Err *run_work(Req *rq, Ctx *cx)
{
    Val out = {0};

    TRY(ask(rq, cx, &out));
    return operation_to_json(rq, cx, out.i, 202);
}

static Err *run_report(Req *rq, Ctx *cx)
{
    Labels *labels = NULL;
    Refs refs = {0};
    Val out = {0};

    TRY(ask(rq, cx, &out));
    find_refs(cx->mem, out, &refs);
    TRY(labels_load(cx, NULL, 0, &labels));
    TRY(labels_add(cx, labels, refs.p, refs.n));
    write_val(reply_begin(rq, 200), cx->meta, labels, out);
    return NULL;
}

const Route report_routes[] = {
    {.method = "GET",
     .pattern = "/forecast",
     .name = "getForecast",
     .right = RIGHT_USER,
     .params = "period group_by as_of",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/forecast:bridge",
     .name = "getForecastBridge",
     .right = RIGHT_USER,
     .params = "from to period",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/periods",
     .name = "getPeriod",
     .right = RIGHT_USER,
     .params = "period",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/reports/sales",
     .name = "reportSales",
     .right = RIGHT_USER,
     .params = "period group_by filter",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/reports/funnel",
     .name = "reportFunnel",
     .right = RIGHT_USER,
     .params = "period pipeline group_by filter",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/reports/stages",
     .name = "reportStages",
     .right = RIGHT_USER,
     .params = "period",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/reports/activity",
     .name = "reportActivity",
     .right = RIGHT_USER,
     .params = "period group_by",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/reports/customers",
     .name = "reportCustomers",
     .right = RIGHT_USER,
     .params = "period of kind",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/reports/lead_costs",
     .name = "reportLeadCosts",
     .right = RIGHT_USER,
     .params = "period group_by",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/accounts/{id}:hierarchy",
     .name = "getAccountHierarchy",
     .right = RIGHT_USER,
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/accounts/{id}:white_space",
     .name = "getWhiteSpace",
     .right = RIGHT_USER,
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/life_flow",
     .name = "getLifeFlow",
     .right = RIGHT_USER,
     .params = "by",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "GET",
     .pattern = "/buying",
     .name = "getBuying",
     .right = RIGHT_USER,
     .params = "group_by as_of state account",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "POST",
     .pattern = "/territories:preview",
     .name = "previewTerritories",
     .right = RIGHT_USER,
     .keys = "day",
     .steps = {{WHERE_READ, run_report}}},
    {.method = "POST",
     .pattern = "/territories:apply",
     .name = "applyTerritories",
     .right = RIGHT_USER,
     .keys = "day",
     .steps = {{WHERE_WRITE, run_work}}},
    {0},
};
