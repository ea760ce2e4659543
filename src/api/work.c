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

#define SEED_MAX INT64_C(9007199254740991) /* what every reader of JSON keeps exact */

static Err *parse_word(Req *rq, const char *name, const char *words)
{
    Str word;

    TRY(rq_text(rq, name, false, &word));
    if (!word.n || words_have(words, word)) return NULL;
    return err_arg(err_field(err_new(rq->mem, ERR_INVALID, "error.choice", "%s", name), str_c(name)), 0,
                   word);
}

static Err *parse_demo(Req *rq, Ctx *cx)
{
    int64_t seed = 0;

    (void)cx;
    TRY(parse_word(rq, "size", "small medium large"));
    TRY(parse_word(rq, "locale", "en ru pl"));
    return rq_number(rq, "seed", 0, SEED_MAX, &seed);
}

static Err *run_demo_load(Req *rq, Ctx *cx)
{
    Str size, locale;
    int64_t seed = 1;

    TRY(rq_text(rq, "size", false, &size));
    TRY(rq_text(rq, "locale", false, &locale));
    TRY(rq_number(rq, "seed", 0, SEED_MAX, &seed));
    ValPair pairs[] = {
        {val_text(S("size")), val_text(size.n ? size : S("small"))},
        {val_text(S("seed")), val_int(seed)},
        {val_text(S("user")), val_id(cx->actor->user)},
        {val_text(S("locale")), val_text(locale)},
    };

    return start_job(rq, cx, S("demo.load"), val_map(pairs, locale.n ? 4 : 3));
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
     .keys = "size locale seed",
     .parse = parse_demo,
     .steps = {{WHERE_WRITE, run_demo_load}}},
    {.method = "DELETE",
     .pattern = "/demo",
     .name = "removeDemo",
     .right = RIGHT_ADMINISTRATOR,
     .steps = {{WHERE_WRITE, run_demo_remove}}},
    {0},
};
