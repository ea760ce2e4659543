/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quotes shown to whoever has their link: the page at /q/TOKEN, its file, and what is answered there.  What it means is the
   module's (reports openOffer and answerOffer); here are the doors.  Cookies play no part, so that no other site can do
   anything in somebody's name; answers come from our own page only. */
#include "api/offer.h"

#include "core/file.h"
#include "http/form.h"

#define OFFER_BODY (64u << 10)
#define ARGS_MAX   10

typedef struct OfferIn {
    ValPair args[ARGS_MAX];
    size_t n;
    Val offer;
    Str file;
} OfferIn;

Str offer_text(const Val *offer, const char *name)
{
    const Val *v = val_get(offer, str_c(name));

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

static void add(OfferIn *in, const char *name, Str value)
{
    REQUIRE(in->n < ARGS_MAX);
    if (value.n) in->args[in->n++] = (ValPair){val_text(str_c(name)), val_text(value)};
}

static OfferIn *state_of(Req *rq)
{
    OfferIn *in = rq->in;

    if (in) return in;
    rq->in = in = NEW(rq->mem, OfferIn);
    add(in, "token", rq->name);
    add(in, "peer", rq->http->peer);
    add(in, "agent", str_sub(http_header(rq->http, "User-Agent"), 0, 400));
    return in;
}

static Err *ask(Req *rq, Ctx *cx, const char *report, Val *out)
{
    OfferIn *in = state_of(rq);
    ReportFn run = report_find(cx->store, report);
    Val args = val_map(in->args, in->n);

    if (!run) FAIL(rq->mem, ERR_NOT_FOUND, "error.offer.none", "no module answers %s", report);
    return run(cx, &args, out);
}

static bool is_missing(const Val *offer)
{
    return str_eq_c(offer_text(offer, "state"), "missing");
}

static Err *missing(Req *rq)
{
    FAIL(rq->mem, ERR_NOT_FOUND, "error.offer.none", "no offer of this token");
}

static Err *parse_look(Req *rq, Ctx *cx)
{
    (void)cx;
    add(state_of(rq), "what", S("page"));
    return NULL;
}

/* A look is noted, so it writes. */
static Err *look(Req *rq, Ctx *cx)
{
    return ask(rq, cx, "openOffer", &state_of(rq)->offer);
}

static Err *show(Req *rq, Ctx *cx)
{
    const OfferIn *in = rq->in;
    Str done = http_query(rq->http, "done"), words = {0};

    (void)cx;
    if (is_missing(&in->offer)) return missing(rq);
    if (str_eq_c(done, "comment")) words = S("api.offer.done_comment");
    if (str_eq_c(done, "accept")) words = S("api.offer.done_accept");
    if (str_eq_c(done, "decline")) words = S("api.offer.done_decline");
    offer_page(rq, &in->offer, words, 200);
    return NULL;
}

/* --- the file -------------------------------------------------------------------------------------------------------- */

static Err *parse_file(Req *rq, Ctx *cx)
{
    (void)cx;
    add(state_of(rq), "what", S("file"));
    return NULL;
}

static Err *read_file(Req *rq, Ctx *cx)
{
    OfferIn *in = rq->in;

    if (is_missing(&in->offer)) return missing(rq);
    return file_get(cx, offer_text(&in->offer, "hash"), &in->file);
}

static Err *send_file(Req *rq, Ctx *cx)
{
    const OfferIn *in = rq->in;

    (void)cx;
    rq->rp = (HttpReply){.status = 200, .type = S("application/pdf"), .body = in->file};
    reply_attachment(rq, str_cat(rq->mem, offer_text(&in->offer, "title"), S(".pdf")));
    reply_header(rq, S("Referrer-Policy"), S("no-referrer"));
    return NULL;
}

/* --- answers --------------------------------------------------------------------------------------------------------- */

static Err *parse_answer(Req *rq, Ctx *cx)
{
    static const char *const TAKEN[] = {"answer", "name", "text", "signature"};
    Str origin = http_header(rq->http, "Origin");
    OfferIn *in = state_of(rq);
    HttpPair *pairs = NULL;
    size_t n = 0;

    (void)cx;
    if (origin.n && !rq_is_own_origin(rq, origin)) {
        Err *e = err_new(rq->mem, ERR_DENIED, "error.form.origin", "origin %.*s", SFMT(origin));
        e->status = 403;
        return e;
    }
    if (rq->http->body.n > OFFER_BODY)
        FAIL(rq->mem, ERR_LIMIT, "error.form.large", "over %u bytes", OFFER_BODY);
    TRY(form_read(rq->mem, http_header(rq->http, "Content-Type"), rq->http->body, &pairs, &n));
    for (size_t i = 0; i < sizeof TAKEN / sizeof *TAKEN; i++)
        for (size_t k = 0; k < n; k++)
            if (str_eq_c(pairs[k].name, TAKEN[i])) {
                add(in, TAKEN[i], pairs[k].value);
                break;
            }
    return NULL;
}

static Err *answer(Req *rq, Ctx *cx)
{
    return ask(rq, cx, "answerOffer", &state_of(rq)->offer);
}

static Err *answered(Req *rq, Ctx *cx)
{
    const OfferIn *in = rq->in;
    Str problem = offer_text(&in->offer, "problem"), what = {0};
    Val args = val_map((ValPair *)(uintptr_t)in->args, in->n);

    (void)cx;
    if (is_missing(&in->offer)) return missing(rq);
    if (problem.n) {
        offer_page(rq, &in->offer, problem, str_eq_c(problem, "api.offer.too_late") ? 409 : 422);
        return NULL;
    }
    what = offer_text(&args, "answer");
    reply_empty(rq, 303);
    reply_header(rq, S("Location"),
                 str_fmt(rq->mem, "/q/%.*s?done=%s", SFMT(rq->name),
                         str_eq_c(what, "comment")  ? "comment"
                         : str_eq_c(what, "accept") ? "accept"
                                                    : "decline"));
    reply_header(rq, S("Referrer-Policy"), S("no-referrer"));
    return NULL;
}

static void fail(Req *rq)
{
    int status = problem_status(rq, rq->e);
    Str words = rq->e->code == ERR_INTERNAL ? text_of(rq, "error.internal")
                                            : lang_text(rq->mem, rq->lang, rq->e->key, rq->e->args, ERR_ARGS);

    offer_message(rq, text_of(rq, "api.offer.not_here"), words, status);
    if (status == 429 && rq->e->args[0].n) reply_header(rq, S("Retry-After"), rq->e->args[0]);
    if (status == 503) reply_header(rq, S("Retry-After"), S("1"));
}

const Route offer_routes[] = {
    {.method = "GET",
     .pattern = "/q/{token}",
     .name = "openOffer",
     .right = RIGHT_OPEN,
     .params = "*",
     .is_root = true,
     .fail = fail,
     .parse = parse_look,
     .steps = {{WHERE_WRITE, look}, {WHERE_HERE, show}}},
    {.method = "GET",
     .pattern = "/q/{token}/file",
     .name = "getOfferFile",
     .right = RIGHT_OPEN,
     .is_root = true,
     .fail = fail,
     .parse = parse_file,
     .steps = {{WHERE_WRITE, look}, {WHERE_READ, read_file}, {WHERE_HERE, send_file}}},
    {.method = "POST",
     .pattern = "/q/{token}",
     .name = "answerOffer",
     .right = RIGHT_OPEN,
     .is_raw = true,
     .is_secret = true,
     .is_root = true,
     .is_public = true,
     .fail = fail,
     .parse = parse_answer,
     .steps = {{WHERE_WRITE, answer}, {WHERE_HERE, answered}}},
    {0},
};
