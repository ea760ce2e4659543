/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/api.h"
#include "core/module.h"
#include "core/query.h"
#include "core/value.h"

/* Inside api: routes and the request on its way. */

typedef struct Req Req;

/* Who may call.  Rights over objects, fields and records are core's, in every read and write. */
typedef enum Right {
    RIGHT_OPEN = 1, /* nobody need be signed in */
    RIGHT_MAYBE,    /* nobody need be signed in, but who is, is known */
    RIGHT_USER,     /* anybody signed in */
    RIGHT_ADMINISTRATOR,
    RIGHT_LOCAL, /* anybody when the listener is loopback, else signed in */
} Right;

/* Where a step runs.  QUICK is a read short enough for the loop thread where the database allows it. */
typedef enum Where { WHERE_END, WHERE_HERE, WHERE_QUICK, WHERE_READ, WHERE_WRITE, WHERE_PLAIN } Where;

/** The field a parameter of an action stands for. */
Field *action_field(const Ctx *cx, const Action *a, const ActionParam *p);

/** One step of a route; with a database where `where` says so.  A WRITE step may be replayed: it must not change what
    `parse` made. */
typedef Err *(*StepFn)(Req *rq, Ctx *cx);

typedef struct Step {
    Where where;
    StepFn run;
} Step;

#define ROUTE_STEPS 4

typedef struct Route {
    const char *method, *pattern; /* under /api/v1; "/{plural}/{id}:restore" */
    const char *name;             /* operationId */
    Right right;
    const char *params; /* allowed query parameters, separated by spaces; NULL none; "*" any */
    const char *keys;   /* allowed keys of the JSON body; NULL none; "*" checked by the step */
    StepFn parse;       /* before the queue, without database (`cx->db` may be NULL); may be NULL */
    Step steps[ROUTE_STEPS + 1];
    bool is_raw;           /* the body is not JSON */
    bool is_secret;        /* request or reply hold what must not be kept: an Idempotency-Key is not heeded */
    bool is_record_write;  /* INVALID is about fields: 422 */
    bool is_stream;        /* its last step, HERE, answers by itself and never fails */
    bool drops_sessions;   /* afterwards who may do what is looked up anew */
    bool shows_current;    /* a conflict comes with the record as it is */
    bool is_root;          /* not under /api/v1 */
    bool is_public;        /* any page may send to it: it looks at the origin itself */
    void (*fail)(Req *rq); /* answers rq->e in its own way; NULL: a problem document */
} Route;

struct Req {
    HttpRequest *http;
    Api *api;
    const Route *route;
    Arena *mem;
    Ctx cx;            /* as every unit begins with it */
    const Object *obj; /* {plural} */
    Id id;             /* {id} */
    Str name;          /* {name} */
    Val body;
    Str token; /* of the session cookie that was good */
    void *in;  /* what `parse` made of the request, or what one step leaves to the next */
    Lang lang;

    Buf out;
    JsonWriter w;
    HttpReply rp;
    bool is_answered; /* an idempotent reply was found, or the stream took over */

    unsigned step;
    bool is_entered, is_entering; /* the caller is known and `parse` has run; a unit does just that */
    bool is_secret;               /* `parse` found that the reply must not be kept: no Idempotency-Key */
    bool is_slow;                 /* `parse` found that a QUICK step is not */
    bool is_catching_up;          /* a unit brings the metadata up to date after a commit of this request */
    bool is_outdated;             /* the metadata has changed before its write: it begins anew */
    bool is_failing;              /* the unit that runs reads `current` */
    DbUnit unit;
    Err *e;
    Str current; /* JSON of the record as it is, for 409 */
    int64_t started_us;
};

/* Every table of routes; each ends with an entry without method. */
extern const Route list_routes[], record_routes[], batch_routes[], history_routes[], figure_routes[],
    meta_routes[], option_routes[], me_routes[], sign_routes[], setup_routes[], search_routes[],
    undo_routes[], feed_routes[], file_routes[], work_routes[], system_routes[], action_routes[],
    openapi_routes[], key_routes[], factor_routes[], today_routes[], board_routes[], import_routes[],
    timeline_routes[], export_routes[], clock_routes[], report_routes[], duplicate_routes[], backup_routes[],
    form_routes[], offer_routes[], drop_routes[], webhook_routes[], receivable_routes[], notice_routes[],
    mail_routes[];
extern const Route *const *const all_routes; /* ends with NULL */

/** Refuses a table with two equal patterns, a missing right or step. */
MUST_CHECK Err *routes_check(Arena *mem, const Store *store);
/** The route of method and path, its path arguments in `rq`: NOT_FOUND, or INVALID with status 405. */
MUST_CHECK Err *route_find(Req *rq, const Meta *meta, Str method, Str path);

/* --- what a request says --------------------------------------------------------------------------------------------- */

/** Query parameter or body key `name` as text (lists joined by commas); p NULL when absent. */
Str rq_arg(const Req *rq, const char *name);
MUST_CHECK Err *rq_flag(const Req *rq, const char *name, bool *out);
MUST_CHECK Err *rq_number(const Req *rq, const char *name, int64_t low, int64_t high, int64_t *out);
/** Text key `name` of the body; INVALID{error.required} when it is not there and `is_required`. */
MUST_CHECK Err *rq_text(const Req *rq, const char *name, bool is_required, Str *out);
/** Ids under key `name`: a list of texts. */
MUST_CHECK Err *rq_ids(const Req *rq, const char *name, Id **out, size_t *n);
/** Sets cx->as_of from parameter as_of. */
MUST_CHECK Err *rq_as_of(const Req *rq, Ctx *cx);
bool words_have(const char *words, Str word);
bool rq_is_administrator(const Req *rq);
/** Whether `origin` is that of our own pages. */
bool rq_is_own_origin(const Req *rq, Str origin);
/** The address people use: "https://crm.example.com". */
Str rq_own_origin(const Req *rq);
/** The key he sent; empty when none. */
Str rq_bearer(const Req *rq);

/* --- replies --------------------------------------------------------------------------------------------------------- */

/** Begins a JSON reply; what was written before is dropped (a unit may be replayed). */
JsonWriter *reply_begin(Req *rq, int status);
MUST_CHECK Err *reply_record(Req *rq, Ctx *cx, Record *rec, int status);
/** The stored record as reads give it: with links and live formulas. */
MUST_CHECK Err *reread(Ctx *cx, Record **rec);
void reply_empty(Req *rq, int status);
void reply_header(Req *rq, Str name, Str value);
/** The reply is a file of that name, to be kept and never run by a browser. */
void reply_attachment(Req *rq, Str name);
/** ETag and 304 for metadata: `tag` without quotes. */
bool reply_if_none_match(Req *rq, Str tag);
/** A reference; null when `id` is 0. */
void json_ref(JsonWriter *w, const Meta *meta, const Labels *labels, uint16_t object, Id id);
void json_text_or_null(JsonWriter *w, Str s);
/** "max-age" of nothing: replies with records are not stored. */
Str text_of(const Req *rq, const char *key);

/** "warnings" beside what a write answers, when there are any: of what was done all the same. */
void warnings_to_json(const Req *rq, JsonWriter *w, const Err *warnings);
/** The problem document of rq->e. */
void problem_reply(Req *rq);
/** What an error says to the caller, in his language. */
Str problem_text(const Req *rq, const Err *e);
int problem_status(const Req *rq, const Err *e);

/** Handler of the HTTP server. */
void api_serve(HttpRequest *http, void *arg);
/** Hands the rest of the request to `where`; used by the spine only. */
void serve_next(Req *rq);

/* --- shared by routes ------------------------------------------------------------------------------------------------ */

typedef struct Fields {
    Field **list; /* NULL all */
    size_t n;
    uint8_t *only; /* by index, with the label field */
} Fields;
/** Parses a field mask: INVALID{error.field.unknown} for unknown and hidden ones. */
MUST_CHECK Err *fields_parse(Ctx *cx, const Object *obj, Str text, Fields *out);
/** Whether records answered so show many-to-many fields. */
bool wants_links(const Object *obj, const Fields *fields);
/** Writes {"data":[...],"next_page_token":..,"total":..} of a page. */
MUST_CHECK Err *page_to_json(JsonWriter *w, Ctx *cx, const Page *page, const Fields *fields, Labels *labels);
/** Records of one list question, read by texts: for pages put together from several lists. */
MUST_CHECK Err *list_of(Ctx *cx, const Object *obj, Str filter, Str order_by, size_t limit, Page *out);
/** The start of the actor's day as an instant; the first day of his week. */
Str day_start_text(Ctx *cx, int64_t days_ahead);
Str week_start_text(Ctx *cx);

/** Keeps the uploaded body: beside SQLite outside the unit, on PostgreSQL in it; nothing where `is_in_unit` is the other. */
MUST_CHECK Err *upload_keep(Req *rq, Ctx *cx, bool is_in_unit, Str *sha256);

/** What a module answers the report of that name with; NULL when none does. */
ReportFn report_find(const Store *store, const char *name);

/* One entry of history and timeline. */
struct Change;
void changes_to_json(JsonWriter *w, const Ctx *cx, const struct Change *change, const Labels *labels);
MUST_CHECK Err *changes_labels(Ctx *cx, const struct Change *changes, size_t n, Labels *labels);
const char *change_kind_name(const struct Change *change);
const char *channel_name(Channel channel);
