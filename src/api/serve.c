/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one spine of all requests: find the route, know the caller, check where the request comes from, run the route's
   steps where they belong (loop, worker, writer), turn an error into its problem document, answer, write the access log.
   Routes know nothing of threads.  A step that is handed over ends this thread's part: nothing may touch the request
   after db_submit. */
#include "api/idempotent.h"
#include "api/sign.h"
#include "api/state.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/layer.h"
#include "core/session.h"

#include <string.h>
#include <time.h>

#define LARGE_REPLY 16384

static int64_t mono_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static void serve_fail(Req *rq, Err *e);

/* --- the end --------------------------------------------------------------------------------------------------------- */

static void write_log(const Req *rq, int status)
{
    int64_t us = mono_us() - rq->started_us;

    atomic_fetch_add_explicit(&rq->api->by_status[status / 100 % 6], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&rq->api->busy_us, us, memory_order_relaxed);
    if (!log_is_on(LOG_INFO) && !rq->e) return;
    bool is_refused = status == 401 || status == 403 || status == 421 || status == 429;
    log_line(LOG_INFO, "request", "id=%.*s method=%.*s path=%.*s status=%d ms=%.1f user=%.*s%s%.*s%s%.*s",
             SFMT(rq->cx.request_id), SFMT(rq->http->method),
             SFMT(log_quote(rq->mem, str_sub(rq->http->path, 0, 200))), status, (double)us / 1000,
             SFMT(rq->cx.actor->user ? id_text(rq->mem, rq->cx.actor->user) : S("-")), rq->e ? " error=" : "",
             SFMT(rq->e ? rq->e->key : (Str){0}), is_refused ? " peer=" : "",
             SFMT(is_refused ? log_quote(rq->mem, rq->http->peer) : (Str){0}));
    if (rq->e && status >= 500)
        log_line(LOG_ERROR, "request failed", "id=%.*s error=%.*s", SFMT(rq->cx.request_id),
                 SFMT(log_quote(rq->mem, err_text(rq->mem, rq->e))));
}

static void serve_finish(Req *rq)
{
    bool has_policy = false, is_confined = false;

    for (size_t i = 0; i < rq->rp.n_headers; i++) {
        has_policy = has_policy || str_eq(rq->rp.headers[i].name, S("Cache-Control"));
        is_confined = is_confined || str_eq(rq->rp.headers[i].name, S("Content-Security-Policy"));
    }
    reply_header(rq, S("X-Request-Id"), rq->cx.request_id);
    if (!has_policy) reply_header(rq, S("Cache-Control"), S("no-store"));
    reply_header(rq, S("X-Content-Type-Options"), S("nosniff"));
    reply_header(rq, S("Cross-Origin-Resource-Policy"), S("same-origin"));
    if (!is_confined)
        reply_header(rq, S("Content-Security-Policy"), S("default-src 'none'; frame-ancestors 'none'"));
    if (rq->http->is_secure) reply_header(rq, S("Strict-Transport-Security"), S("max-age=31536000"));
    if (!rq->rp.body.n && rq->out.n) rq->rp.body = buf_str(&rq->out);
    write_log(rq, rq->rp.status);
    http_reply(rq->http, &rq->rp);
}

static Err *finish_work(DbConn *c, void *arg)
{
    (void)c;
    (void)arg;
    return NULL;
}

static void finish_done(void *arg, Err *e)
{
    (void)e;
    serve_finish(arg);
}

/* A large reply is packed on a worker, not on the writer that others wait for. */
static void finish_elsewhere(Req *rq)
{
    rq->unit = (DbUnit){.work = finish_work, .done = finish_done, .arg = rq, .mem = rq->mem};
    db_submit_plain(rq->cx.store->db, &rq->unit);
}

/* --- who asks -------------------------------------------------------------------------------------------------------- */

Str rq_bearer(const Req *rq)
{
    Str header = http_header(rq->http, "Authorization");

    return str_starts(header, S("Bearer ")) ? str_trim(str_from(header, 7)) : (Str){0};
}

static Err *find_caller(Ctx *cx, Str key, Str token, Actor **out)
{
    if (!key.n && !token.n) FAIL(cx->mem, ERR_DENIED, "error.signin.needed", "neither key nor session");
    if (key.n > 500 || token.n > 500)
        FAIL(cx->mem, ERR_DENIED, "error.signin.needed", "too long to be a key");
    return key.n ? actor_of_key(cx, key, out) : actor_of_session(cx, token, out);
}

/* Somebody on this machine: not what a proxy on it has been asked from elsewhere. */
static bool is_local(const Req *rq)
{
    return rq->api->is_loopback && !http_header(rq->http, "X-Forwarded-For").n &&
           !http_header(rq->http, "Forwarded").n && !http_header(rq->http, "X-Real-IP").n;
}

static Err *know_caller(Req *rq, Ctx *cx)
{
    Str key = rq_bearer(rq), token = session_cookie(rq->http);
    Actor *actor = NULL;

    if (rq->route->right == RIGHT_OPEN) return NULL;
    if (rq->route->right == RIGHT_LOCAL && is_local(rq) && !key.n && !token.n) return NULL;
    Err *e = find_caller(cx, key, token, &actor);
    if (e && e->code == ERR_DENIED && rq->route->right == RIGHT_MAYBE) return NULL;
    if (e) return e;
    rq->cx.actor = actor;
    rq->cx.channel = key.n ? CHANNEL_API : CHANNEL_WEB;
    rq->token = key.n ? (Str){0} : token;
    rq->lang = actor->lang;
    if (rq->route->right == RIGHT_ADMINISTRATOR && !rq_is_administrator(rq))
        FAIL(rq->mem, ERR_DENIED, "error.denied", "for administrators");
    return NULL;
}

static Err *enter(Req *rq, DbConn *c)
{
    if (rq->is_entered) return NULL;
    Ctx cx = rq->cx;
    cx.db = c;
    TRY(know_caller(rq, &cx));
    if (rq->route->parse) {
        cx = rq->cx;
        TRY(rq->route->parse(rq, &cx));
    }
    rq->is_entered = true;
    return NULL;
}

/* --- steps ----------------------------------------------------------------------------------------------------------- */

static const Step *step_now(const Req *rq)
{
    return &rq->route->steps[rq->step];
}

static Err *run_write(Req *rq, Ctx *cx)
{
    TRY(idempotent_begin(rq, cx));
    if (rq->is_answered) return NULL;
    TRY(step_now(rq)->run(rq, cx));
    return idempotent_end(rq, cx);
}

/* The metadata has changed since the request was read: nothing has been written for it, so it is read again. */
static bool is_outdated(const Req *rq)
{
    for (unsigned i = 0; i < rq->step; i++)
        if (rq->route->steps[i].where == WHERE_WRITE) return false;
    return step_now(rq)->where == WHERE_WRITE &&
           rq->cx.meta->generation != atomic_load_explicit(&rq->cx.store->generation, memory_order_relaxed);
}

static Err *work(DbConn *c, void *arg)
{
    Req *rq = arg;

    if (rq->is_catching_up) return layer_catch_up(rq->cx.store, rq->mem, c);
    rq->is_outdated = is_outdated(rq);
    if (rq->is_outdated) FAIL(rq->mem, ERR_CONFLICT, "error.meta.held", "the metadata has changed");
    TRY(enter(rq, c));
    if (rq->is_entering) return NULL;
    Ctx cx = rq->cx;
    cx.db = c;
    /* The moment of a write is that of its snapshot: what it finds was written earlier, so that a record's changes follow
       one another in time as they do in the log. */
    if (step_now(rq)->where == WHERE_WRITE) cx.now = store_now(cx.store);
    return step_now(rq)->where == WHERE_WRITE ? run_write(rq, &cx) : step_now(rq)->run(rq, &cx);
}

static Err *plain_work(DbConn *c, void *arg)
{
    Req *rq = arg;
    Ctx cx = rq->cx;

    (void)c;
    return step_now(rq)->run(rq, &cx);
}

static bool changes_people(const Req *rq)
{
    static const char *const NAMES[] = {"user", "role", "team", "api_key"};

    if (rq->route->drops_sessions) return true;
    for (size_t i = 0; rq->obj && i < sizeof NAMES / sizeof *NAMES; i++)
        if (str_eq_c(rq->obj->name, NAMES[i])) return true;
    return false;
}

static void after_commit(Req *rq)
{
    Store *store = rq->cx.store;

    if (changes_people(rq)) session_cache_drop(store);
    if (rq->obj && str_eq_c(rq->obj->name, "own_company")) store->company_is_stale = true;
    store_committed(store);
}

static void submit(Req *rq, Where where);

/* A reply to a write that has changed the metadata comes when this process works by the new one. */
static void catch_up(Req *rq)
{
    rq->is_catching_up = true;
    submit(rq, WHERE_READ);
}

static void caught_up(Req *rq, const Err *e)
{
    rq->is_catching_up = false;
    if (e)
        log_line(LOG_WARN, "metadata", "error=%.*s", SFMT(log_quote(rq->mem, err_text(rq->mem, e))));
    else
        rq->cx.meta = meta_now(rq->cx.store, rq->mem);
    serve_next(rq);
}

static void unit_done(void *arg, Err *e)
{
    Req *rq = arg;

    if (rq->is_catching_up) {
        caught_up(rq, e);
        return;
    }
    if (rq->is_outdated) {
        api_serve(rq->http, rq->api);
        return;
    }
    if (e) {
        serve_fail(rq, e);
        return;
    }
    if (rq->is_entering) {
        rq->is_entering = false;
        serve_next(rq);
        return;
    }
    bool was_write = step_now(rq)->where == WHERE_WRITE;
    if (was_write) after_commit(rq);
    rq->step++;
    if (was_write && layer_is_behind(rq->cx.store)) {
        catch_up(rq);
        return;
    }
    bool is_end = rq->is_answered || step_now(rq)->where == WHERE_END;
    if (is_end && was_write && rq->out.n > LARGE_REPLY)
        finish_elsewhere(rq);
    else
        serve_next(rq);
}

static void submit(Req *rq, Where where)
{
    rq->unit = (DbUnit){.work = where == WHERE_PLAIN ? plain_work : work,
                        .done = unit_done,
                        .arg = rq,
                        .mem = rq->mem,
                        .is_read = where != WHERE_WRITE};
    if (where == WHERE_PLAIN)
        db_submit_plain(rq->cx.store->db, &rq->unit);
    else
        db_submit(rq->cx.store->db, &rq->unit);
}

/* A short read goes on in the transaction in which its caller was found. */
static Err *enter_work(DbConn *c, void *arg)
{
    Req *rq = arg;

    TRY(enter(rq, c));
    if (step_now(rq)->where != WHERE_QUICK || rq->is_slow || rq->is_answered) return NULL;
    Ctx cx = rq->cx;
    cx.db = c;
    TRY(step_now(rq)->run(rq, &cx));
    rq->step++;
    return NULL;
}

/* True when the caller is known now; false when a unit has taken over, or the request has been answered. */
static bool serve_enter(Req *rq)
{
    Db *db = rq->cx.store->db;
    bool is_anonymous = rq->route->right == RIGHT_OPEN ||
                        (rq->route->right == RIGHT_LOCAL && is_local(rq) && !rq_bearer(rq).n);
    Where where = step_now(rq)->where;
    Err *e;

    if (is_anonymous) {
        e = enter(rq, NULL);
    } else if (db_can(db, DB_CAP_INLINE_READ)) {
        e = db_read_inline(db, rq->mem, enter_work, rq);
    } else {
        if (where != WHERE_HERE && where != WHERE_PLAIN) return true; /* the unit of the step does it */
        rq->is_entering = true;
        submit(rq, WHERE_READ);
        return false;
    }
    if (e) serve_fail(rq, e);
    return !e;
}

/* The step on this thread; true when the next one may follow. */
static bool run_here(Req *rq, Where where)
{
    Ctx cx = rq->cx;
    Err *e = where == WHERE_HERE ? step_now(rq)->run(rq, &cx)
                                 : db_read_inline(rq->cx.store->db, rq->mem, work, rq);

    if (e) {
        serve_fail(rq, e);
        return false;
    }
    rq->step++;
    return true;
}

/* The request may be gone when the step returns. */
static void open_stream(Req *rq)
{
    Ctx cx = rq->cx;

    write_log(rq, 200);
    Err *e = step_now(rq)->run(rq, &cx);
    REQUIRE(e == NULL);
}

void serve_next(Req *rq)
{
    if (!rq->is_entered && !serve_enter(rq)) return;
    for (;;) {
        Where where = step_now(rq)->where;
        if (rq->is_answered) where = WHERE_END;
        if (where == WHERE_QUICK && (rq->is_slow || !db_can(rq->cx.store->db, DB_CAP_INLINE_READ)))
            where = WHERE_READ;
        switch (where) {
        case WHERE_END: serve_finish(rq); return;
        case WHERE_HERE:
            if (rq->route->is_stream) {
                open_stream(rq);
                return;
            }
            if (!run_here(rq, where)) return;
            break;
        case WHERE_QUICK:
            if (!run_here(rq, where)) return;
            break;
        default: submit(rq, where); return;
        }
    }
}

/* --- failing --------------------------------------------------------------------------------------------------------- */

static Err *read_current(DbConn *c, void *arg)
{
    Req *rq = arg;
    Buf b = buf_new(rq->mem, LIMIT_REPLY);
    JsonWriter w = json_writer(&b);
    Ctx cx = rq->cx;
    Labels *labels;
    Record *rec;

    cx.db = c;
    TRY(record_get(&cx, rq->obj, rq->id, READ_LINKS, &rec));
    TRY(labels_load(&cx, &rec, 1, &labels));
    record_to_json(&w, &cx, rec, labels, NULL, 0);
    rq->current = buf_str(&b);
    return NULL;
}

static void answer_failure(Req *rq)
{
    if (rq->route && rq->route->fail)
        rq->route->fail(rq);
    else
        problem_reply(rq);
    serve_finish(rq);
}

static void current_done(void *arg, Err *e)
{
    (void)e; /* without the record the conflict is still told */
    answer_failure(arg);
}

static void serve_fail(Req *rq, Err *e)
{
    rq->e = e;
    if (!e->field.n && str_starts(e->key, S("error.cel")) && rq_arg(rq, "filter").n)
        e->field = S("filter"); /* not fit for SQL */
    if (rq->route && rq->route->shows_current && e->code == ERR_CONFLICT && rq->is_entered &&
        problem_status(rq, e) == 409) {
        rq->unit =
            (DbUnit){.work = read_current, .done = current_done, .arg = rq, .mem = rq->mem, .is_read = true};
        db_submit(rq->cx.store->db, &rq->unit);
        return;
    }
    answer_failure(rq);
}

static Err *check_host(const Req *rq)
{
    Str host = http_header(rq->http, "Host");

    if (!rq->api->public_host.n || str_eq_nocase(host, rq->api->public_host) ||
        str_eq(rq->http->path, S("/health")))
        return NULL;
    Err *e = err_new(rq->mem, ERR_INVALID, "error.host", "Host %.*s", SFMT(host));
    e->status = 421;
    return e;
}

static bool is_read_method(Str method)
{
    return str_eq(method, S("GET")) || str_eq(method, S("HEAD"));
}

Str rq_own_origin(const Req *rq)
{
    bool is_secure = rq->api->public_host.n ? rq->api->is_public_secure : rq->http->is_secure;
    Str host = rq->api->public_host.n ? rq->api->public_host : http_header(rq->http, "Host");

    return str_fmt(rq->mem, "%s://%.*s", is_secure ? "https" : "http", SFMT(host));
}

bool rq_is_own_origin(const Req *rq, Str origin)
{
    return str_eq_nocase(origin, rq_own_origin(rq));
}

/* A write that rides on a cookie must come from our own pages. */
static Err *check_origin(const Req *rq)
{
    const HttpRequest *http = rq->http;
    Str origin = http_header(http, "Origin"), site = http_header(http, "Sec-Fetch-Site");

    if (is_read_method(http->method) || rq_bearer(rq).n || rq->route->is_public) return NULL;
    if (!origin.n) {
        bool is_ours = str_eq(site, S("same-origin")) || str_eq(site, S("none"));
        if (is_ours || !http_cookie(http, "kith_session").n) return NULL;
    } else if (rq_is_own_origin(rq, origin)) {
        return NULL;
    }
    Err *e = err_new(rq->mem, ERR_DENIED, "error.origin", "origin %.*s", SFMT(origin));
    e->status = 403;
    return e;
}

static Err *bad_request(const Req *rq, const char *key, Str name)
{
    Err *e = err_arg(err_field(err_new(rq->mem, ERR_INVALID, key, "%.*s", SFMT(name)), name), 0, name);

    e->status = 400;
    return e;
}

static Err *check_params(const Req *rq)
{
    Err *problems = NULL;

    if (rq->route->params && strcmp(rq->route->params, "*") == 0) return NULL;
    for (size_t i = 0; i < rq->http->n_query; i++) {
        Str name = rq->http->query[i].name;
        if (!words_have(rq->route->params, name))
            err_add(&problems, bad_request(rq, "error.param.unknown", name));
        for (size_t k = 0; k < i; k++)
            if (str_eq(rq->http->query[k].name, name))
                err_add(&problems, bad_request(rq, "error.param.twice", name));
    }
    return problems;
}

static Err *read_body(Req *rq)
{
    const Route *r = rq->route;
    Err *problems = NULL;

    if (r->is_raw || (!r->keys && !rq->http->body.n)) return NULL;
    if (!r->keys) return str_trim(rq->http->body).n ? bad_request(rq, "error.body.none", (Str){0}) : NULL;
    if (str_trim(rq->http->body).n == 0) {
        rq->body = val_map(NULL, 0);
        return NULL;
    }
    Err *e = json_parse(rq->mem, rq->http->body, &rq->body);
    if (e) {
        e->status = 400;
        return e;
    }
    if (rq->body.kind != VAL_MAP) return bad_request(rq, "error.body.object", (Str){0});
    if (strcmp(r->keys, "*") == 0) return NULL;
    for (uint32_t i = 0; i < rq->body.n; i++) {
        Str name = val_str(rq->body.map[i].key);
        if (!words_have(r->keys, name)) err_add(&problems, bad_request(rq, "error.param.unknown", name));
    }
    return problems;
}

static Err *serve_open(Req *rq)
{
    TRY(check_host(rq));
    TRY(route_find(rq, rq->cx.meta, rq->http->method, rq->http->path));
    TRY(check_origin(rq));
    TRY(check_params(rq));
    return read_body(rq);
}

static bool is_page(const HttpRequest *http)
{
    Str path = http->path;

    return is_read_method(http->method) && !str_starts(path, S("/api/")) && !str_eq(path, S("/api")) &&
           !str_eq(path, S("/health")) && !str_eq(path, S("/metrics")) && !str_starts(path, S("/f/")) &&
           !str_starts(path, S("/q/"));
}

void api_serve(HttpRequest *http, void *arg)
{
    static const Actor NOBODY = {.zone = S_INIT("UTC")};
    Api *api = arg;
    Req *rq = NEW(http->mem, Req);
    int64_t now = store_now(api->store);

    rq->http = http;
    rq->api = api;
    rq->mem = http->mem;
    rq->started_us = mono_us();
    rq->cx = (Ctx){.mem = http->mem,
                   .store = api->store,
                   .meta = meta_now(api->store, http->mem),
                   .actor = &NOBODY,
                   .now = now,
                   .request_id = http->id,
                   .channel = CHANNEL_WEB};
    rq->lang = lang_accepted(http_header(http, "Accept-Language"), lang_from(api->store->company->locale));
    Err *e = is_page(http) ? check_host(rq) : serve_open(rq);
    if (e) {
        serve_fail(rq, e);
    } else if (is_page(http)) {
        web_reply(rq);
        serve_finish(rq);
    } else {
        serve_next(rq);
    }
}
