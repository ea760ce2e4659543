/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Web forms: the page at /f/TOKEN, what is sent to it by a browser or a program, and for the settings the counts and the
   HTML to put on another page.  A machine that is found out gets the answer a person gets.  Whose page may send is the
   form's to say; cookies play no part. */
#include "api/form.h"

#include "base/limits.h"
#include "core/rights.h"
#include "http/form.h"

typedef struct FormState {
    Form form;
    FormPage page;
    FormIn in;
    Str stamp, origin;
    Err *problems;
    bool wants_json, is_trapped, is_found;
} FormState;

bool form_is_mark(Str name)
{
    return words_have(
        "utm_source utm_medium utm_campaign utm_term utm_content gclid yclid landing_page referrer", name);
}

/* --- what came ------------------------------------------------------------------------------------------------------- */

static bool says_json(Str header)
{
    ptrdiff_t json = str_find(header, S("application/json")), html = str_find(header, S("text/html"));

    return json >= 0 && (html < 0 || json < html);
}

static FormValue *to_values(Arena *mem, const HttpPair *pairs, size_t n)
{
    FormValue *list = NEW_N(mem, FormValue, n + 1);

    for (size_t i = 0; i < n; i++) list[i] = (FormValue){pairs[i].name, pairs[i].value};
    return list;
}

static Err *no_form(Arena *mem)
{
    FAIL(mem, ERR_INVALID, "error.form.body", "an object of texts is expected");
}

static Err *scalar(Arena *mem, const Val *v, Str *out)
{
    switch (v->kind) {
    case VAL_TEXT: *out = val_str(*v); return NULL;
    case VAL_INT: *out = str_fmt(mem, "%lld", (long long)v->i); return NULL;
    case VAL_BOOL: *out = v->b ? S("true") : S(""); return NULL;
    case VAL_NULL: *out = S(""); return NULL;
    default: return no_form(mem);
    }
}

/* {"name":"Ada","tags":["a","b"]}: the same pairs a form sends. */
static Err *read_json(Arena *mem, Str body, HttpPair **out, size_t *n)
{
    Val map;

    TRY(json_parse(mem, body, &map));
    if (map.kind != VAL_MAP) return no_form(mem);
    *out = NEW_N(mem, HttpPair, FORM_PAIRS_MAX);
    *n = 0;
    for (uint32_t i = 0; i < map.n; i++) {
        const Val *v = &map.map[i].val;
        uint32_t count = v->kind == VAL_LIST ? v->n : 1;
        for (uint32_t k = 0; k < count; k++) {
            Str value = {0};
            if (*n == FORM_PAIRS_MAX) return no_form(mem);
            TRY(scalar(mem, v->kind == VAL_LIST ? &v->list[k] : v, &value));
            (*out)[(*n)++] = (HttpPair){val_str(map.map[i].key), value};
        }
    }
    return NULL;
}

/* Marks come with the answer, else with the address it was sent to, else with that of the page it was filled in on. */
static void read_marks(Req *rq, FormState *s)
{
    Str page = http_header(rq->http, "Referer");
    HttpPair *of_page = NULL;
    size_t n_page = 0, n = 0;

    if (page.n && page.n <= 4000) form_query_of(rq->mem, page, &of_page, &n_page);
    FormValue *list = NEW_N(rq->mem, FormValue, s->in.n_values + rq->http->n_query + n_page + 1);
    for (size_t i = 0; i < s->in.n_values; i++)
        if (form_is_mark(s->in.values[i].name) && s->in.values[i].value.n) list[n++] = s->in.values[i];
    for (size_t i = 0; i < rq->http->n_query; i++)
        if (form_is_mark(rq->http->query[i].name))
            list[n++] = (FormValue){rq->http->query[i].name, rq->http->query[i].value};
    for (size_t i = 0; i < n_page; i++)
        if (form_is_mark(of_page[i].name)) list[n++] = (FormValue){of_page[i].name, of_page[i].value};
    list[n++] = (FormValue){S("landing_page"), page};
    s->in.marks = list;
    s->in.n_marks = n;
}

static Str value_of(const FormState *s, const char *name)
{
    for (size_t i = 0; i < s->in.n_values; i++)
        if (str_eq_c(s->in.values[i].name, name)) return s->in.values[i].value;
    return (Str){0};
}

static Err *parse_answer(Req *rq, Ctx *cx)
{
    FormState *s = rq->in;
    Str type = http_header(rq->http, "Content-Type");
    HttpPair *pairs = NULL;
    size_t n = 0;

    (void)cx;
    if (rq->http->body.n > FORM_BODY)
        FAIL(rq->mem, ERR_LIMIT, "error.form.large", "over %u bytes", FORM_BODY);
    if (says_json(type))
        TRY(read_json(rq->mem, rq->http->body, &pairs, &n));
    else
        TRY(form_read(rq->mem, type, rq->http->body, &pairs, &n));
    s->in.values = to_values(rq->mem, pairs, n);
    s->in.n_values = n;
    s->in.peer = rq->http->peer;
    s->in.is_agreed = value_of(s, "_consent").n > 0;
    s->is_trapped = value_of(s, "_homepage").n > 0;
    s->stamp = value_of(s, "_t");
    read_marks(rq, s);
    return NULL;
}

static FormState *state_new(Req *rq)
{
    FormState *s = NEW(rq->mem, FormState);

    s->wants_json =
        says_json(http_header(rq->http, "Content-Type")) || says_json(http_header(rq->http, "Accept"));
    rq->in = s;
    return s;
}

/* --- whose page ------------------------------------------------------------------------------------------------------ */

static Err *check_origin(Req *rq, FormState *s)
{
    Str origin = http_header(rq->http, "Origin");

    if (!origin.n || rq_is_own_origin(rq, origin)) return NULL;
    if (!form_allows(&s->form, origin)) {
        Err *e = err_new(rq->mem, ERR_DENIED, "error.form.origin", "origin %.*s", SFMT(origin));
        e->status = 403;
        return e;
    }
    s->origin = origin;
    return NULL;
}

static void add_cors(Req *rq)
{
    const FormState *s = rq->in;

    if (!s || !s->origin.n) return;
    reply_header(rq, S("Access-Control-Allow-Origin"), s->origin);
    reply_header(rq, S("Vary"), S("Origin"));
}

static Err *find(Req *rq, Ctx *cx)
{
    FormState *s = rq->in ? rq->in : state_new(rq);

    TRY(form_find(cx, rq->name, &s->form));
    s->is_found = true;
    rq->lang = s->form.lang;
    return NULL;
}

/* --- the page -------------------------------------------------------------------------------------------------------- */

static Err *show(Req *rq, Ctx *cx)
{
    TRY(find(rq, cx));
    FormState *s = rq->in;
    s->page = (FormPage){.form = &s->form, .referrer = http_header(rq->http, "Referer")};
    Str thanks = form_text(&s->form, "thanks");
    if (http_query(rq->http, "sent").n) {
        form_message(rq, &s->form, text_of(rq, "api.form.sent"),
                     thanks.n ? thanks : text_of(rq, "api.form.thanks"), 200);
        return NULL;
    }
    s->page.marks = to_values(rq->mem, rq->http->query, rq->http->n_query);
    s->page.n_marks = rq->http->n_query;
    s->page.landing = str_fmt(rq->mem, "%.*s%.*s", SFMT(rq_own_origin(rq)), SFMT(rq->http->path));
    TRY(form_stamp(cx, &s->form, &s->page.stamp));
    form_page(rq, &s->page, 200);
    return NULL;
}

static Err *prepare(Req *rq, Ctx *cx)
{
    TRY(find(rq, cx));
    FormState *s = rq->in;
    TRY(check_origin(rq, s));
    TRY(form_may_come(cx, &s->form, s->in.peer));
    s->in.is_bot = s->is_trapped;
    if (s->stamp.n) {
        Val least = record_get_val(s->form.rec, "min_seconds");
        int64_t age = -1;
        TRY(form_stamp_age(cx, &s->form, s->stamp, &age));
        s->in.is_bot = s->in.is_bot || age < (least.kind == VAL_INT ? least.i : 0) * 1000;
    }
    return form_stamp(cx, &s->form, &s->page.stamp);
}

static Err *take(Req *rq, Ctx *cx)
{
    FormState *s = rq->in;

    return form_take(cx, &s->form, &s->in, &s->problems);
}

static void answer_json(Req *rq, const FormState *s)
{
    Str thanks = form_text(&s->form, "thanks"), redirect = form_text(&s->form, "redirect");
    JsonWriter *w = reply_begin(rq, 200);

    json_open_obj(w);
    json_pair_str(w, "message", thanks.n ? thanks : text_of(rq, "api.form.thanks"));
    json_key_c(w, "redirect");
    json_text_or_null(w, redirect);
    json_close_obj(w);
    add_cors(rq);
}

static Err *answer(Req *rq, Ctx *cx)
{
    FormState *s = rq->in;
    Str redirect = form_text(&s->form, "redirect");

    (void)cx;
    if (s->problems) {
        s->problems->status = 422;
        return s->problems;
    }
    if (s->wants_json) {
        answer_json(rq, s);
        return NULL;
    }
    reply_empty(rq, 303);
    reply_header(rq, S("Location"),
                 redirect.n ? redirect
                            : str_fmt(rq->mem, "/f/%.*s?sent=1", SFMT(form_text(&s->form, "token"))));
    reply_header(rq, S("Referrer-Policy"), S("same-origin"));
    return NULL;
}

/* What goes wrong is told as it was asked: a page to a person, a problem document to a program. */
static void fail(Req *rq)
{
    FormState *s = rq->in ? rq->in : state_new(rq);
    int status = problem_status(rq, rq->e);

    if (s->wants_json) {
        problem_reply(rq);
        add_cors(rq);
        return;
    }
    if (s->problems && rq->e == s->problems) {
        s->page.form = &s->form;
        s->page.values = s->in.values;
        s->page.n_values = s->in.n_values;
        s->page.marks = s->in.marks;
        s->page.n_marks = s->in.n_marks;
        s->page.problems = s->problems;
        form_page(rq, &s->page, status);
        return;
    }
    const Form *form = s->is_found ? &s->form : NULL;
    Str words = rq->e->code == ERR_INTERNAL ? text_of(rq, "error.internal")
                                            : lang_text(rq->mem, rq->lang, rq->e->key, rq->e->args, ERR_ARGS);
    form_message(rq, form, text_of(rq, "api.form.not_sent"), words, status);
    if (status == 429 && rq->e->args[0].n) reply_header(rq, S("Retry-After"), rq->e->args[0]);
    if (status == 503) reply_header(rq, S("Retry-After"), S("1"));
}

static Err *preflight(Req *rq, Ctx *cx)
{
    TRY(find(rq, cx));
    TRY(check_origin(rq, rq->in));
    reply_empty(rq, 204);
    add_cors(rq);
    reply_header(rq, S("Access-Control-Allow-Methods"), S("POST"));
    reply_header(rq, S("Access-Control-Allow-Headers"), S("Content-Type"));
    reply_header(rq, S("Access-Control-Max-Age"), S("600"));
    return NULL;
}

static Err *parse_post(Req *rq, Ctx *cx)
{
    (void)state_new(rq);
    return parse_answer(rq, cx);
}

/* --- for the settings ------------------------------------------------------------------------------------------------ */

static Err *counts(Req *rq, Ctx *cx)
{
    const Object *obj = meta_object(cx->meta, S("web_form"));
    FormCount *list = NULL;
    size_t n = 0;

    if (!rights_may(cx, obj, VERB_READ)) FAIL(rq->mem, ERR_DENIED, "error.denied", "counts of forms");
    TRY(form_counts(cx, &list, &n));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < n; i++) {
        json_open_obj(w);
        json_pair_val(w, "form", val_id(list[i].form));
        json_pair_i64(w, "taken", list[i].taken);
        json_pair_i64(w, "bots", list[i].bots);
        json_pair_val(w, "last_at", list[i].last ? val_from_ms(list[i].last) : val_null());
        json_close_obj(w);
    }
    json_close_list(w);
    json_close_obj(w);
    return NULL;
}

static Err *snippet(Req *rq, Ctx *cx)
{
    Record *rec = NULL;
    Form form;

    TRY(record_get(cx, meta_object(cx->meta, S("web_form")), rq->id, 0, &rec));
    TRY(form_of(cx, rec, &form));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_str(w, "url",
                  str_fmt(rq->mem, "%.*s/f/%.*s", SFMT(rq_own_origin(rq)), SFMT(form_text(&form, "token"))));
    json_pair_str(w, "html", form_snippet(rq, &form));
    json_close_obj(w);
    return NULL;
}

const Route form_routes[] = {
    {.method = "GET",
     .pattern = "/f/{token}",
     .name = "showForm",
     .right = RIGHT_OPEN,
     .params = "*",
     .is_root = true,
     .fail = fail,
     .steps = {{WHERE_READ, show}}},
    {.method = "POST",
     .pattern = "/f/{token}",
     .name = "sendForm",
     .right = RIGHT_OPEN,
     .params = "*",
     .is_raw = true,
     .is_root = true,
     .is_public = true,
     .fail = fail,
     .parse = parse_post,
     .steps = {{WHERE_READ, prepare}, {WHERE_WRITE, take}, {WHERE_HERE, answer}}},
    {.method = "OPTIONS",
     .pattern = "/f/{token}",
     .name = "askForm",
     .right = RIGHT_OPEN,
     .params = "*",
     .is_root = true,
     .is_public = true,
     .fail = fail,
     .steps = {{WHERE_READ, preflight}}},
    {.method = "GET",
     .pattern = "/web_forms:counts",
     .name = "countForms",
     .right = RIGHT_USER,
     .steps = {{WHERE_READ, counts}}},
    {.method = "GET",
     .pattern = "/web_forms/{id}:snippet",
     .name = "getFormSnippet",
     .right = RIGHT_USER,
     .steps = {{WHERE_READ, snippet}}},
    {0},
};
