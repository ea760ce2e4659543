/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Errors as problem documents (RFC 9457).  One table from code to status; the message is in the caller's language, the
   detail of what went wrong inside is for the log only. */
#include "api/spine.h"

#include "base/limits.h"
#include "core/rights.h"

static const struct {
    int status;
    const char *title;
} CODES[] = {
    [ERR_INVALID] = {400, "api.problem.invalid"},   [ERR_NOT_FOUND] = {404, "api.problem.not_found"},
    [ERR_DENIED] = {403, "api.problem.denied"},     [ERR_CONFLICT] = {409, "api.problem.conflict"},
    [ERR_LIMIT] = {413, "api.problem.limit"},       [ERR_UNAVAILABLE] = {503, "api.problem.unavailable"},
    [ERR_INTERNAL] = {500, "api.problem.internal"},
};

int problem_status(const Req *rq, const Err *e)
{
    bool is_nobody = !rq->cx.actor || !rq->cx.actor->user;

    if (e->status) return e->status;
    if (str_eq(e->key, S("error.db.serialization"))) return 503;
    if (str_eq(e->key, S("error.db.full"))) return 507;
    switch (e->code) {
    case ERR_INVALID: return rq->route && rq->route->is_record_write ? 422 : 400;
    case ERR_DENIED: return is_nobody ? 401 : 403;
    case ERR_LIMIT:
        return str_eq(e->key, S("error.signin.throttled")) || str_eq(e->key, S("error.db.budget")) ? 429
                                                                                                   : 413;
    default: return CODES[e->code].status;
    }
}

/* Places of rules and options say the name of the field; people read its label. */
static Str argument(const Req *rq, const Err *e, int i)
{
    const Field *f = i == 0 && rq->obj && e->field.n && str_eq(e->args[0], e->field)
                         ? object_field(rq->obj, e->field)
                         : NULL;

    return f && rights_field(&rq->cx, f) != FIELD_HIDDEN ? label_in(&f->label, rq->lang) : e->args[i];
}

Str problem_text(const Req *rq, const Err *e)
{
    Str args[ERR_ARGS];

    for (int i = 0; i < ERR_ARGS; i++) args[i] = argument(rq, e, i);
    if (e->code == ERR_INTERNAL) return text_of(rq, "error.internal");
    Str text = lang_text(rq->mem, rq->lang, e->key, args, ERR_ARGS);
    bool wants_place = e->at >= 0 && str_starts(e->key, S("error.cel"));
    return wants_place ? str_fmt(rq->mem, "%.*s (%td): %.*s", SFMT(text), e->at + 1, SFMT(e->detail)) : text;
}

static Str short_key(Str key)
{
    return str_starts(key, S("error.")) ? str_from(key, 6) : key;
}

static void write_problem(const Req *rq, JsonWriter *w, const Err *e)
{
    json_open_obj(w);
    json_key_c(w, "field");
    json_text_or_null(w, e->code == ERR_INTERNAL ? (Str){0} : e->field);
    json_pair_str(w, "code", short_key(e->key));
    json_pair_str(w, "message", problem_text(rq, e));
    json_close_obj(w);
}

void warnings_to_json(const Req *rq, JsonWriter *w, const Err *warnings)
{
    if (!warnings) return;
    json_key_c(w, "warnings");
    json_open_list(w);
    for (const Err *e = warnings; e; e = e->next) write_problem(rq, w, e);
    json_close_list(w);
}

static void write_errors(const Req *rq, JsonWriter *w)
{
    json_key_c(w, "errors");
    json_open_list(w);
    for (const Err *e = rq->e; e; e = e->next) {
        if (!e->field.n && !rq->e->next) break;
        write_problem(rq, w, e);
    }
    json_close_list(w);
}

void problem_reply(Req *rq)
{
    const Err *e = rq->e;
    int status = problem_status(rq, e);
    JsonWriter *w = reply_begin(rq, status);

    rq->rp.type = S("application/problem+json");
    json_open_obj(w);
    json_pair_str(w, "type", S("about:blank"));
    json_pair_str(w, "title", text_of(rq, CODES[e->code].title));
    json_pair_i64(w, "status", status);
    json_pair_str(w, "code", str_c(err_code_name(e->code)));
    json_pair_str(w, "detail", problem_text(rq, e));
    json_pair_str(w, "request_id", rq->cx.request_id);
    write_errors(rq, w);
    if (rq->current.n) {
        json_key_c(w, "current");
        json_raw(w, rq->current);
    }
    json_close_obj(w);
    bool is_throttled = str_eq(e->key, S("error.signin.throttled"));
    if (status == 429) reply_header(rq, S("Retry-After"), is_throttled ? e->args[0] : S("5"));
    if (status == 503) reply_header(rq, S("Retry-After"), S("1"));
    if (status == 401) reply_header(rq, S("WWW-Authenticate"), S("Bearer"));
}
