/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signing in and out, passwords.  Argon2 runs on a worker between two short units; a failed sign-in is counted in a unit
   that commits, and only then refused. */
#include "api/sign.h"

#include "api/me.h"
#include "base/log.h"
#include "base/time.h"
#include "core/factor.h"
#include "core/session.h"

#define RESET_HOURS 24

#define COOKIE        "kith_session"
#define COOKIE_SECURE "__Host-kith_session"

typedef struct SignState {
    SignIn in;
    Id user;
    Str hash, new_hash, token, password, code;
    bool fits, is_reset;
    FactorCheck factor;
} SignState;

void reply_cookie(Req *rq, Str token)
{
    bool is_secure = rq->http->is_secure;
    int64_t age = token.n ? session_seconds(rq->cx.store) : 0;

    reply_header(rq, S("Set-Cookie"),
                 str_fmt(rq->mem, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s",
                         is_secure ? COOKIE_SECURE : COOKIE, SFMT(token), (long long)age,
                         is_secure ? "; Secure" : ""));
}

Str session_cookie(const HttpRequest *http)
{
    return http_cookie(http, http->is_secure ? COOKIE_SECURE : COOKIE);
}

void security_event(const Req *rq, const char *event, Id about)
{
    Id user = rq->cx.actor->user;

    log_line(LOG_INFO, "security", "event=%s id=%.*s user=%.*s about=%.*s peer=%.*s", event,
             SFMT(rq->cx.request_id), SFMT(user ? id_text(rq->mem, user) : S("-")),
             SFMT(about ? id_text(rq->mem, about) : S("-")), SFMT(log_quote(rq->mem, rq->http->peer)));
}

Err *reply_signed_in(Req *rq, Ctx *cx, Id user, Str token)
{
    Actor *actor;
    Ctx own = *cx;

    TRY(actor_of_user(cx, user, &actor));
    own.actor = actor;
    TRY(reply_me(rq, &own, 200));
    reply_cookie(rq, token);
    return NULL;
}

/* --- sign in --------------------------------------------------------------------------------------------------------- */

static Err *parse_sign_in(Req *rq, Ctx *cx)
{
    SignState *s = NEW(rq->mem, SignState);

    (void)cx;
    rq->in = s;
    s->in.peer = rq->http->peer;
    TRY(rq_text(rq, "email", true, &s->in.email));
    TRY(rq_text(rq, "code", false, &s->code));
    return rq_text(rq, "password", true, &s->in.password);
}

static Err *prepare(Req *rq, Ctx *cx)
{
    SignState *s = rq->in;

    return signin_prepare(cx, &s->in, &s->user, &s->hash);
}

static Err *compare(Req *rq, Ctx *cx)
{
    SignState *s = rq->in;

    (void)cx;
    s->fits = password_fits(s->in.password, s->hash) && s->user;
    return NULL;
}

static Err *finish(Req *rq, Ctx *cx)
{
    SignState *s = rq->in;

    s->factor = FACTOR_NONE;
    if (s->fits) TRY(factor_check(cx, s->user, s->code, &s->factor));
    if (s->factor == FACTOR_MISSING) return NULL; /* the password was right: no failure to count */
    TRY(signin_finish(cx, &s->in, s->user, s->fits && s->factor != FACTOR_WRONG, &s->token));
    if (!s->token.n) return NULL;
    Str before =
        session_cookie(rq->http); /* whoever signs in anew leaves no session behind in the same browser */
    if (before.n) TRY(session_end(cx, before));
    return reply_signed_in(rq, cx, s->user, s->token);
}

static Err *refuse(Req *rq, Ctx *cx)
{
    const SignState *s = rq->in;

    (void)cx;
    if (s->factor == FACTOR_MISSING)
        return err_field(err_new(rq->mem, ERR_DENIED, "error.factor.needed", "second factor"), S("code"));
    security_event(rq, s->token.n ? "signin" : "signin.refused", s->user);
    if (s->factor == FACTOR_WRONG)
        return err_field(err_new(rq->mem, ERR_DENIED, "error.factor.code", "second factor"), S("code"));
    return s->token.n ? NULL : signin_refused(rq->mem);
}

static Err *sign_out(Req *rq, Ctx *cx)
{
    if (rq->token.n) TRY(session_end(cx, rq->token));
    reply_empty(rq, 204);
    reply_cookie(rq, (Str){0});
    return NULL;
}

static Err *signed_out(Req *rq, Ctx *cx)
{
    (void)cx;
    security_event(rq, "signout", 0);
    return NULL;
}

/* --- sessions of one's own ------------------------------------------------------------------------------------------- */

static Err *list_sessions(Req *rq, Ctx *cx)
{
    OwnSession *all = NULL;
    size_t n = 0;

    TRY(session_list(cx, cx->actor->user, rq->token, &all, &n));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < n; i++) {
        json_open_obj(w);
        json_pair_val(w, "id", val_id(all[i].name));
        json_pair_str(w, "created_at", timestamp_text(rq->mem, val_from_ms(all[i].created)));
        json_pair_str(w, "expires_at", timestamp_text(rq->mem, val_from_ms(all[i].expires)));
        json_key_c(w, "address");
        json_text_or_null(w, all[i].peer);
        json_pair_bool(w, "current", all[i].is_current);
        json_close_obj(w);
    }
    json_close_list(w);
    json_close_obj(w);
    return NULL;
}

static Err *end_session(Req *rq, Ctx *cx)
{
    TRY(session_end_named(cx, cx->actor->user, rq->id));
    reply_empty(rq, 204);
    return NULL;
}

static Err *end_others(Req *rq, Ctx *cx)
{
    int64_t ended = 0;

    TRY(session_end_others(cx, cx->actor->user, rq->token, &ended));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_i64(w, "ended", ended);
    json_close_obj(w);
    return NULL;
}

/* An administrator ends all sessions of a user, whose keys stay. */
static Err *end_of_user(Req *rq, Ctx *cx)
{
    Record *user = NULL;

    TRY(record_get(cx, meta_object(cx->meta, S("user")), rq->id, 0, &user));
    TRY(session_end_all(cx, user->id));
    reply_empty(rq, 204);
    return NULL;
}

static Err *ended(Req *rq, Ctx *cx)
{
    (void)cx;
    security_event(rq, "session.end", rq->id);
    return NULL;
}

/* --- passwords ------------------------------------------------------------------------------------------------------- */

static Err *parse_password(Req *rq, Ctx *cx)
{
    SignState *s = NEW(rq->mem, SignState);
    Str current;

    rq->in = s;
    TRY(rq_text(rq, "token", false, &s->token));
    TRY(rq_text(rq, "current", false, &current));
    TRY(rq_text(rq, "password", true, &s->password));
    s->is_reset = s->token.n > 0;
    if (s->is_reset) return NULL;
    if (!cx->actor->user) FAIL(rq->mem, ERR_DENIED, "error.signin.needed", "nobody is signed in");
    if (!current.n)
        return err_arg(err_field(err_new(rq->mem, ERR_INVALID, "error.required", "current"), S("current")), 0,
                       S("current"));
    s->user = cx->actor->user;
    s->in = (SignIn){.email = cx->actor->email, .password = current, .peer = rq->http->peer};
    return NULL;
}

static Err *prepare_password(Req *rq, Ctx *cx)
{
    SignState *s = rq->in;
    Id user;

    return s->is_reset ? NULL : signin_prepare(cx, &s->in, &user, &s->hash);
}

static Err *hash_password(Req *rq, Ctx *cx)
{
    SignState *s = rq->in;

    (void)cx;
    s->fits = s->is_reset || password_fits(s->in.password, s->hash);
    if (!s->fits) return NULL; /* is counted first, and then refused */
    Err *e = password_check(rq->mem, s->password);
    if (!e) e = password_hash(rq->mem, s->password, &s->new_hash);
    return e ? err_field(e, S("password")) : NULL;
}

static Err *set_password(Req *rq, Ctx *cx)
{
    SignState *s = rq->in;
    Id user = s->user;
    Str token = {0};

    if (!s->fits) return signin_finish(cx, &s->in, user, false, &token);
    if (s->is_reset) TRY(link_take(cx, S("reset"), s->token, &user));
    if (!user) FAIL(rq->mem, ERR_NOT_FOUND, "error.link.expired", "link of nobody");
    TRY(user_set_password(cx, user, s->new_hash));
    if (!s->is_reset)
        TRY(signin_finish(cx, &s->in, user, true, &token)); /* the others end, this session goes on */
    reply_empty(rq, 204);
    if (token.n) reply_cookie(rq, token);
    return NULL;
}

static Err *password_done(Req *rq, Ctx *cx)
{
    const SignState *s = rq->in;

    (void)cx;
    security_event(rq,
                   !s->fits      ? "password.refused"
                   : s->is_reset ? "password.reset"
                                 : "password.changed",
                   s->user);
    if (!s->fits) FAIL_FIELD(rq->mem, S("current"), "error.password.wrong", "current password");
    return NULL;
}

static Err *reset_link(Req *rq, Ctx *cx)
{
    Record *user;
    Str token;

    TRY(record_get(cx, meta_object(cx->meta, S("user")), rq->id, 0, &user));
    TRY(link_add(cx, S("reset"), user->id, RESET_HOURS, &token));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_str(w, "link", str_fmt(rq->mem, "/reset?token=%.*s", SFMT(token)));
    json_pair_i64(w, "hours", RESET_HOURS);
    json_close_obj(w);
    return NULL;
}

static Err *link_made(Req *rq, Ctx *cx)
{
    (void)cx;
    security_event(rq, "password.link", rq->id);
    return NULL;
}

const Route sign_routes[] = {
    {.method = "POST",
     .pattern = "/session",
     .name = "signIn",
     .is_secret = true,
     .right = RIGHT_OPEN,
     .keys = "email password code",
     .parse = parse_sign_in,
     .steps = {{WHERE_READ, prepare}, {WHERE_PLAIN, compare}, {WHERE_WRITE, finish}, {WHERE_HERE, refuse}}},
    {.method = "DELETE",
     .pattern = "/session",
     .name = "signOut",
     .right = RIGHT_USER,
     .drops_sessions = true,
     .steps = {{WHERE_WRITE, sign_out}, {WHERE_HERE, signed_out}}},
    {.method = "GET",
     .pattern = "/sessions",
     .name = "listSessions",
     .right = RIGHT_USER,
     .steps = {{WHERE_QUICK, list_sessions}}},
    {.method = "POST",
     .pattern = "/sessions:endOthers",
     .name = "endOtherSessions",
     .right = RIGHT_USER,
     .drops_sessions = true,
     .steps = {{WHERE_WRITE, end_others}, {WHERE_HERE, ended}}},
    {.method = "DELETE",
     .pattern = "/sessions/{id}",
     .name = "endSession",
     .right = RIGHT_USER,
     .drops_sessions = true,
     .steps = {{WHERE_WRITE, end_session}, {WHERE_HERE, ended}}},
    {.method = "POST",
     .pattern = "/users/{id}:endSessions",
     .name = "endSessionsOfUser",
     .right = RIGHT_ADMINISTRATOR,
     .keys = "",
     .drops_sessions = true,
     .steps = {{WHERE_WRITE, end_of_user}, {WHERE_HERE, ended}}},
    {.method = "POST",
     .pattern = "/password",
     .name = "setPassword",
     .is_secret = true,
     .right = RIGHT_MAYBE,
     .keys = "token current password",
     .parse = parse_password,
     .is_record_write = true,
     .drops_sessions = true,
     .steps = {{WHERE_READ, prepare_password},
               {WHERE_PLAIN, hash_password},
               {WHERE_WRITE, set_password},
               {WHERE_HERE, password_done}}},
    {.method = "POST",
     .pattern = "/users/{id}:resetLink",
     .name = "makeResetLink",
     .is_secret = true,
     .right = RIGHT_ADMINISTRATOR,
     .keys = "",
     .steps = {{WHERE_WRITE, reset_link}, {WHERE_HERE, link_made}}},
    {0},
};
