/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long work: its progress, and the demo company, which is loaded and removed by jobs. */
#include "api/mass.h"
#include "core/job.h"

static Err *run_operation(Req *rq, Ctx *cx)
{
    return operation_to_json(rq, cx, rq->id, 200);
}

static Err *start_job(Req *rq, Ctx *cx, Str kind, Val arg)
{
    Id id;

    TRY(job_add(cx, kind, arg, cx->now, &id));
    return operation_to_json(rq, cx, id, 202);
}

static Err *parse_demo(Req *rq, Ctx *cx)
{
    Str size;

    (void)cx;
    TRY(rq_text(rq, "size", false, &size));
    if (!size.n || words_have("small medium large", size)) return NULL;
    return err_arg(err_field(err_new(rq->mem, ERR_INVALID, "error.choice", "size"), S("size")), 0, size);
}

static Err *run_demo_load(Req *rq, Ctx *cx)
{
    Str size = rq_arg(rq, "size");
    ValPair pairs[] = {
        {val_text(S("size")), val_text(size.n ? size : S("small"))},
        {val_text(S("locale")), val_text(cx->store->company->locale)},
        {val_text(S("user")), val_id(cx->actor->user)},
    };

    return start_job(rq, cx, S("demo.load"), val_map(pairs, 3));
}

static Err *run_demo_remove(Req *rq, Ctx *cx)
{
    ValPair pair = {val_text(S("user")), val_id(cx->actor->user)};

    return start_job(rq, cx, S("demo.remove"), val_map(&pair, 1));
}

const Route work_routes[] = {
    {.method = "GET",
     .pattern = "/operations/{id}",
     .name = "getOperation",
     .right = RIGHT_USER,
     .steps = {{WHERE_READ, run_operation}}},
    {.method = "POST",
     .pattern = "/demo",
     .name = "loadDemo",
     .right = RIGHT_ADMINISTRATOR,
     .keys = "size",
     .parse = parse_demo,
     .steps = {{WHERE_WRITE, run_demo_load}}},
    {.method = "DELETE",
     .pattern = "/demo",
     .name = "removeDemo",
     .right = RIGHT_ADMINISTRATOR,
     .steps = {{WHERE_WRITE, run_demo_remove}}},
    {0},
};
