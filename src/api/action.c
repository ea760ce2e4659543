/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Actions: a named verb on one record, from the tables of the modules.  Parameters are checked here by their declared
   type; the business function gets them as values in declared order. */
#include "api/mass.h"

#include "base/limits.h"
#include "core/file.h"
#include "core/read.h"
#include "core/rights.h"

typedef struct ActionIn {
    const Action *action;
    Val *params;
    Prepared prepared;
} ActionIn;

static const Action *find_action(const Store *store, const Object *obj, Str name)
{
    for (size_t m = 0; m < store->n_modules; m++)
        for (size_t i = 0; i < store->modules[m]->n_actions; i++) {
            const Action *a = &store->modules[m]->actions[i];
            if (action_is_of(a, obj) && str_eq_c(name, a->name)) return a;
        }
    return NULL;
}

static const Field *field_like(const Ctx *cx, const Action *a, const ActionParam *p)
{
    Str rest = str_c(p->of ? p->of : ""), first = str_cut(&rest, '.');
    const Object *obj = meta_object(cx->meta, rest.n ? first : str_c(a->object));

    return p->of ? object_field(obj, rest.n ? rest : first) : NULL;
}

static void keep_options(Arena *mem, Field *f, const char *among)
{
    Option *kept = NEW_N(mem, Option, f->n_options + 1);
    size_t n = 0;

    for (size_t i = 0; i < f->n_options; i++)
        for (Str rest = str_c(among); rest.n;)
            if (str_eq(str_cut(&rest, ' '), f->options[i].key)) kept[n++] = f->options[i];
    f->options = kept;
    f->n_options = n;
}

/* So that values are read by the one conversion, and forms show what a field would show. */
Field *action_field(const Ctx *cx, const Action *a, const ActionParam *p)
{
    Field *f = NEW(cx->mem, Field);
    const Object *obj = meta_object(cx->meta, str_c(a->object));
    const Field *same = field_like(cx, a, p);

    if (same) {
        *f = *same;
        f->name = str_c(p->name);
        f->is_required = p->is_required;
        if (p->among) keep_options(cx->mem, f, p->among);
        return f;
    }
    f->object = (Object *)(uintptr_t)obj;
    f->index = SYS_COUNT;
    f->name = str_c(p->name);
    f->type = f->result = p->type;
    f->is_required = p->is_required;
    f->places = p->type == FIELD_MONEY || p->type == FIELD_PERCENT || p->type == FIELD_DECIMAL ? 4 : 0;
    f->target_name = str_c(p->target);
    f->target = p->target ? meta_object(cx->meta, f->target_name) : NULL;
    if (p->type == FIELD_USER) f->target = meta_object(cx->meta, S("user"));
    return f;
}

static Err *read_param(Ctx *cx, const Action *a, const ActionParam *p, const Val *json, Val *out)
{
    if (json && json->kind != VAL_NULL) return value_from_json(cx, action_field(cx, a, p), *json, out);
    if (p->is_required)
        return err_arg(
            err_field(err_new(cx->mem, ERR_INVALID, "error.required", "%s", p->name), str_c(p->name)), 0,
            str_c(p->name));
    return NULL;
}

static Err *read_params(Ctx *cx, const Action *a, Val given, Val *out)
{
    Err *problems = NULL;

    for (uint32_t i = 0; given.kind == VAL_MAP && i < given.n; i++) {
        Str key = val_str(given.map[i].key);
        bool is_known = false;
        for (size_t k = 0; k < a->n_params; k++) is_known = is_known || str_eq_c(key, a->params[k].name);
        if (!is_known)
            err_add(&problems,
                    err_arg(err_field(err_new(cx->mem, ERR_INVALID, "error.param.unknown", "%.*s", SFMT(key)),
                                      key),
                            0, key));
    }
    for (size_t k = 0; k < a->n_params; k++) {
        Err *e = read_param(cx, a, &a->params[k], val_get(&given, str_c(a->params[k].name)), &out[k]);
        if (e) err_add(&problems, e);
    }
    return problems;
}

static Err *parse_action(Req *rq, Ctx *cx)
{
    ActionIn *in = NEW(rq->mem, ActionIn);

    rq->in = in;
    in->action = find_action(cx->store, rq->obj, rq->name);
    if (!in->action) FAIL(rq->mem, ERR_NOT_FOUND, "error.route", "no action %.*s", SFMT(rq->name));
    rq->is_secret = in->action->is_secret || in->action->answers_file;
    in->params = NEW_N(rq->mem, Val, in->action->n_params + 1);
    return read_params(cx, in->action, rq->body, in->params);
}

static bool has_named_right(const Ctx *cx, const Action *a)
{
    const Rights *rights = cx->actor->rights;
    Str full = str_fmt(cx->mem, "%s:%s", a->object, a->name);

    for (size_t i = 0; i < rights->n_actions; i++)
        if (str_eq(rights->actions[i], full)) return true;
    return rights->is_administrator;
}

static Err *record_for(Ctx *cx, const Object *obj, Id id, const Action *a, Record **out)
{
    if (str_eq_c(S("update"), a->right)) return read_for(cx, obj, id, READ_LINKS, VERB_UPDATE, out);
    if (str_eq_c(S("delete"), a->right)) return read_for(cx, obj, id, READ_LINKS, VERB_DELETE, out);
    TRY(record_get(cx, obj, id, READ_LINKS, out));
    if (!str_eq_c(S("read"), a->right) && !has_named_right(cx, a))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to %s", a->name);
    return NULL;
}

/* References become {object, id, label}. */
static Err *write_result(const Req *rq, JsonWriter *w, Ctx *cx, Val v, const Err *warnings)
{
    Labels *labels;

    TRY(labels_load(cx, NULL, 0, &labels));
    TRY(labels_add(cx, labels, &v, 1));
    json_open_obj(w);
    for (uint32_t i = 0; v.kind == VAL_MAP && i < v.n; i++) {
        json_key(w, val_str(v.map[i].key));
        if (v.map[i].val.kind == VAL_REF)
            json_ref(w, cx->meta, labels, v.map[i].val.aux, v.map[i].val.i);
        else if (str_eq(val_str(v.map[i].key), S("url"))) /* one of our pages, where people reach it */
            json_str(w, str_cat(cx->mem, rq_own_origin(rq), val_str(v.map[i].val)));
        else
            json_val(w, v.map[i].val);
    }
    warnings_to_json(rq, w, warnings);
    json_close_obj(w);
    return NULL;
}

/* Most actions prepare nothing: their next step is the one that writes. */
static Err *plan(Req *rq, Ctx *cx)
{
    const ActionIn *in = rq->in;

    (void)cx;
    if (!in->action->prepare) rq->step += 2;
    return NULL;
}

static Err *prepare_action(Req *rq, Ctx *cx)
{
    ActionIn *in = rq->in;
    Record *rec = NULL;

    TRY(record_for(cx, rq->obj, rq->id, in->action, &rec));
    return in->action->prepare(cx, rec, in->params, &in->prepared);
}

/* Beside SQLite a file is synced before the unit of its row; on PostgreSQL it is rows of that unit. */
static Err *keep_prepared(Req *rq, Ctx *cx)
{
    const ActionIn *in = rq->in;
    Str sha256 = {0};

    if (!in->prepared.sha256.n || db_can(cx->store->db, DB_CAP_SHARED)) return NULL;
    return file_put(cx, in->prepared.bytes, &sha256);
}

static bool wants_json(const Req *rq)
{
    return str_find(http_header(rq->http, "Accept"), S("application/json")) >= 0;
}

static void answer_file(Req *rq, const Prepared *file)
{
    reply_empty(rq, 200);
    rq->rp.type = file->type;
    rq->rp.body = file->bytes;
    reply_attachment(rq, file->name);
}

static Err *run_action(Req *rq, Ctx *cx)
{
    ActionIn *in = rq->in;
    Record *rec;
    Val out = {0};
    Str sha256 = {0};

    TRY(record_for(cx, rq->obj, rq->id, in->action, &rec));
    cx->batch = id_new(cx->now); /* all it does is taken back together */
    if (in->prepared.own) cx->prepared = &in->prepared;
    if (in->prepared.sha256.n && db_can(cx->store->db, DB_CAP_SHARED))
        TRY(file_put(cx, in->prepared.bytes, &sha256));
    TRY(in->action->run(cx, record_copy(cx->mem, rec), in->params, &out));
    if (in->action->answers_file && !wants_json(rq)) {
        answer_file(rq, &in->prepared);
        return NULL;
    }
    return write_result(rq, reply_begin(rq, 200), cx, out, cx->warnings);
}

/* --- on many records -------------------------------------------------------------------------------------------------- */

#define ACT_MAX 100 /* in one unit */

typedef struct ManyIn {
    const Action *action;
    Val *params;
    Id *ids;
    size_t n;
} ManyIn;

typedef struct ActOne {
    Ctx *cx, own;
    const ManyIn *in;
    const Object *obj;
    Id id;
    Val out;
} ActOne;

static Err *parse_many(Req *rq, Ctx *cx)
{
    ManyIn *in = NEW(rq->mem, ManyIn);
    const Val *params = val_get(&rq->body, S("params"));
    Str name;

    rq->in = in;
    TRY(rq_text(rq, "action", true, &name));
    in->action = find_action(cx->store, rq->obj, name);
    if (!in->action) FAIL_FIELD(rq->mem, S("action"), "error.route", "no action %.*s", SFMT(name));
    TRY(rq_ids(rq, "ids", &in->ids, &in->n));
    if (in->n == 0 || in->n > ACT_MAX)
        return err_arg(err_field(err_new(rq->mem, ERR_INVALID, "error.batch.many", "ids"), S("ids")), 0,
                       str_fmt(rq->mem, "%d", ACT_MAX));
    TRY(mass_allowed(cx, rq->obj, VERB_UPDATE, in->n));
    in->params = NEW_N(rq->mem, Val, in->action->n_params + 1);
    return read_params(cx, in->action, params ? *params : val_null(), in->params);
}

static Err *act_one(DbConn *c, void *arg)
{
    ActOne *one = arg;
    Record *rec = NULL;

    one->own = *one->cx;
    one->own.db = c;
    TRY(record_for(&one->own, one->obj, one->id, one->in->action, &rec));
    return one->in->action->run(&one->own, record_copy(one->own.mem, rec), one->in->params, &one->out);
}

/* The record's own error; those of the unit end it. */
static bool is_of_row(const Err *e)
{
    return (e->code == ERR_INVALID || e->code == ERR_NOT_FOUND || e->code == ERR_DENIED ||
            e->code == ERR_CONFLICT) &&
           !str_starts(e->key, S("error.db."));
}

static void row_error(const Req *rq, JsonWriter *w, const Err *e)
{
    json_key_c(w, "error");
    if (!e) {
        json_null(w);
        return;
    }
    json_open_obj(w);
    json_pair_str(w, "code", str_c(err_code_name(e->code)));
    json_key_c(w, "field");
    json_text_or_null(w, e->field);
    json_pair_str(w, "message", problem_text(rq, e));
    json_close_obj(w);
}

static Err *write_row(Req *rq, JsonWriter *w, Ctx *cx, const ActOne *one, const Err *e)
{
    json_open_obj(w);
    json_pair_val(w, "id", val_id(one->id));
    json_key_c(w, "result");
    if (e)
        json_null(w);
    else
        TRY(write_result(rq, w, cx, one->out, NULL));
    row_error(rq, w, e);
    json_close_obj(w);
    return NULL;
}

/* Each record by itself: one that is refused says why and holds up none of the others.  All is one batch. */
static Err *run_many(Req *rq, Ctx *cx)
{
    const ManyIn *in = rq->in;
    Buf rows = buf_new(cx->mem, LIMIT_REPLY);
    JsonWriter inner = json_writer(&rows);
    int64_t done = 0;

    cx->batch = id_new(cx->now);
    json_open_list(&inner);
    for (size_t i = 0; i < in->n; i++) {
        ActOne one = {.cx = cx, .in = in, .obj = rq->obj, .id = in->ids[i]};
        Err *e = db_attempt(cx->mem, cx->db, act_one, &one);
        if (e && !is_of_row(e)) return e;
        if (!e) ctx_join(cx, &one.own);
        done += !e;
        TRY(write_row(rq, &inner, cx, &one, e));
    }
    json_close_list(&inner);
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "data");
    json_raw(w, buf_str(&rows));
    json_pair_i64(w, "done", done);
    json_pair_val(w, "batch", val_id(cx->batch));
    json_close_obj(w);
    return NULL;
}

const Route action_routes[] = {
    {.method = "POST",
     .pattern = "/{plural}:batchAct",
     .name = "batchAct",
     .right = RIGHT_USER,
     .keys = "action ids params",
     .parse = parse_many,
     .steps = {{WHERE_WRITE, run_many}}},
    {.method = "POST",
     .pattern = "/{plural}/{id}:{name}",
     .name = "act",
     .right = RIGHT_USER,
     .keys = "*",
     .parse = parse_action,
     .is_record_write = true,
     .steps = {{WHERE_HERE, plan},
               {WHERE_READ, prepare_action},
               {WHERE_PLAIN, keep_prepared},
               {WHERE_WRITE, run_action}}},
    {0},
};
