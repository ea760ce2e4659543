/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second factor of the caller: turning it on takes the password and then a code of the new secret, turning it off the password
   and a code.  An administrator may take away that of somebody who has lost his. */
#include "core/factor.h"

#include "api/sign.h"
#include "base/time.h"
#include "core/session.h"

typedef struct FactorIn {
    SignIn in; /* the password, as at the door */
    Str hash, code, secret;
    bool fits, is_wrong;
} FactorIn;

static Err *run_get(Req *rq, Ctx *cx)
{
    Factor f = {0};

    TRY(factor_get(cx, cx->actor->user, &f));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_bool(w, "on", f.is_on);
    json_key_c(w, "since");
    json_text_or_null(w, f.is_on ? timestamp_text(rq->mem, val_from_ms(f.since)) : (Str){0});
    json_pair_i64(w, "codes_left", (int64_t)f.codes_left);
    json_close_obj(w);
    return NULL;
}

/* --- the password first ---------------------------------------------------------------------------------------------- */

static Err *parse_password(Req *rq, Ctx *cx)
{
    FactorIn *in = NEW(rq->mem, FactorIn);

    rq->in = in;
    in->in = (SignIn){.email = cx->actor->email, .peer = rq->http->peer};
    TRY(rq_text(rq, "code", false, &in->code));
    return rq_text(rq, "current", true, &in->in.password);
}

static Err *prepare(Req *rq, Ctx *cx)
{
    FactorIn *in = rq->in;
    Id user;

    return signin_prepare(cx, &in->in, &user, &in->hash);
}

static Err *compare(Req *rq, Ctx *cx)
{
    FactorIn *in = rq->in;

    (void)cx;
    in->fits = password_fits(in->in.password, in->hash);
    return NULL;
}

static Err *count(Ctx *cx, FactorIn *in)
{
    Str token;

    return signin_finish(cx, &in->in, cx->actor->user, false, &token);
}

static Err *refused(Req *rq)
{
    const FactorIn *in = rq->in;

    if (!in->fits || in->is_wrong) security_event(rq, "factor.refused", 0);
    if (!in->fits) FAIL_FIELD(rq->mem, S("current"), "error.password.wrong", "current password");
    if (in->is_wrong) FAIL_FIELD(rq->mem, S("code"), "error.factor.code", "code");
    return NULL;
}

/* --- on -------------------------------------------------------------------------------------------------------------- */

static Err *begin(Req *rq, Ctx *cx)
{
    FactorIn *in = rq->in;

    if (!in->fits) return count(cx, in);
    TRY(factor_begin(cx, cx->actor->user, &in->secret));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_str(w, "secret", in->secret);
    json_pair_str(w, "uri",
                  str_fmt(rq->mem, "otpauth://totp/Kith:%.*s?secret=%.*s&issuer=Kith", SFMT(cx->actor->email),
                          SFMT(in->secret)));
    json_close_obj(w);
    return NULL;
}

static Err *begun(Req *rq, Ctx *cx)
{
    (void)cx;
    return refused(rq);
}

static Err *parse_code(Req *rq, Ctx *cx)
{
    FactorIn *in = NEW(rq->mem, FactorIn);

    (void)cx;
    rq->in = in;
    in->fits = true;
    return rq_text(rq, "code", true, &in->code);
}

static Err *confirm(Req *rq, Ctx *cx)
{
    FactorIn *in = rq->in;
    int64_t ended = 0;
    Str *codes = NULL;

    TRY(factor_confirm(cx, cx->actor->user, in->code, &codes));
    if (!codes) FAIL_FIELD(rq->mem, S("code"), "error.factor.code", "code");
    TRY(session_end_others(cx, cx->actor->user, rq->token, &ended)); /* they came without it */
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "codes");
    json_open_list(w);
    for (size_t i = 0; i < FACTOR_CODES; i++) json_str(w, codes[i]);
    json_close_list(w);
    json_close_obj(w);
    return NULL;
}

static Err *confirmed(Req *rq, Ctx *cx)
{
    (void)cx;
    security_event(rq, "factor.on", 0);
    return NULL;
}

/* --- off ------------------------------------------------------------------------------------------------------------- */

static Err *take_off(Req *rq, Ctx *cx)
{
    FactorIn *in = rq->in;
    FactorCheck check = FACTOR_NONE;

    if (in->fits) TRY(factor_check(cx, cx->actor->user, in->code, &check));
    in->is_wrong = check == FACTOR_WRONG || check == FACTOR_MISSING;
    if (!in->fits || in->is_wrong) return count(cx, in);
    reply_empty(rq, 204);
    return factor_remove(cx, cx->actor->user);
}

static Err *taken_off(Req *rq, Ctx *cx)
{
    (void)cx;
    TRY(refused(rq));
    security_event(rq, "factor.off", 0);
    return NULL;
}

static Err *take_off_of_user(Req *rq, Ctx *cx)
{
    Record *user = NULL;

    TRY(record_get(cx, meta_object(cx->meta, S("user")), rq->id, 0, &user));
    TRY(factor_remove(cx, user->id));
    reply_empty(rq, 204);
    return NULL;
}

static Err *taken_off_of_user(Req *rq, Ctx *cx)
{
    (void)cx;
    security_event(rq, "factor.off", rq->id);
    return NULL;
}

const Route factor_routes[] = {
    {.method = "GET",
     .pattern = "/second_factor",
     .name = "getSecondFactor",
     .right = RIGHT_USER,
     .steps = {{WHERE_QUICK, run_get}}},
    {.method = "POST",
     .pattern = "/second_factor",
     .name = "beginSecondFactor",
     .is_secret = true,
     .right = RIGHT_USER,
     .keys = "current",
     .parse = parse_password,
     .is_record_write = true,
     .steps = {{WHERE_READ, prepare}, {WHERE_PLAIN, compare}, {WHERE_WRITE, begin}, {WHERE_HERE, begun}}},
    {.method = "POST",
     .pattern = "/second_factor:confirm",
     .name = "confirmSecondFactor",
     .is_secret = true,
     .right = RIGHT_USER,
     .keys = "code",
     .parse = parse_code,
     .is_record_write = true,
     .drops_sessions = true,
     .steps = {{WHERE_WRITE, confirm}, {WHERE_HERE, confirmed}}},
    {.method = "POST",
     .pattern = "/second_factor:remove",
     .name = "removeSecondFactor",
     .is_secret = true,
     .right = RIGHT_USER,
     .keys = "current code",
     .parse = parse_password,
     .is_record_write = true,
     .steps =
         {{WHERE_READ, prepare}, {WHERE_PLAIN, compare}, {WHERE_WRITE, take_off}, {WHERE_HERE, taken_off}}},
    {.method = "POST",
     .pattern = "/users/{id}:removeSecondFactor",
     .name = "removeSecondFactorOfUser",
     .right = RIGHT_ADMINISTRATOR,
     .keys = "",
     .steps = {{WHERE_WRITE, take_off_of_user}, {WHERE_HERE, taken_off_of_user}}},
    {0},
};
