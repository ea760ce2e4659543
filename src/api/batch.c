/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many records in one unit, all or nothing, undone as one batch.  Roll-ups wait until the end, so that each parent is
   touched once.  What is more than LIMIT_BATCH records, or draws so many after it, becomes a job (mass.c) of many units with
   the same batch number. */
#include "api/mass.h"
#include "api/spine.h"

#include "base/limits.h"
#include "core/rights.h"
#include "core/write.h"

typedef struct BatchIn {
    Id batch;
    Record **recs;
    size_t n;   /* creates */
    Val *items; /* updates one by one: {"id", ...} */
    Mass mass;  /* one change to all of them */
} BatchIn;

static Err *too_many(Arena *mem)
{
    return err_arg(err_new(mem, ERR_LIMIT, "error.batch.many", "more than %u records", LIMIT_BATCH), 0,
                   str_fmt(mem, "%u", LIMIT_BATCH));
}

/* Problems of record `i` say where they are: "3.name". */
static Err *place(Arena *mem, Err *problems, size_t i)
{
    for (Err *e = problems; e; e = e->next)
        e->field = str_fmt(mem, e->field.n ? "%zu.%.*s" : "%zu", i, SFMT(e->field));
    return problems;
}

static Err *data_of(Req *rq, const Val **out)
{
    *out = val_get(&rq->body, S("data"));
    if (!*out || (*out)->kind != VAL_LIST)
        FAIL_FIELD(rq->mem, S("data"), "error.list", "data must be a list");
    return (*out)->n > LIMIT_BATCH ? too_many(rq->mem) : NULL;
}

Err *mass_allowed(Ctx *cx, const Object *obj, Verb verb, size_t n)
{
    const Rights *rights = cx->actor->rights;

    if (!rights_may(cx, obj, verb))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right over %.*s", SFMT(obj->name));
    if (n <= 1 || (rights->objects[obj->number] && rights->objects[obj->number]->may_mass)) return NULL;
    FAIL(cx->mem, ERR_DENIED, "error.denied.mass", "no right to change many %.*s", SFMT(obj->name));
}

static Err *reply_batch(Req *rq, Ctx *cx, Record **recs, size_t n, const char *count_key)
{
    const BatchIn *in = rq->in;
    Page page = {.recs = recs, .n = n};
    JsonWriter *w = reply_begin(rq, 200);
    Labels *labels;

    TRY(labels_load(cx, recs, n, &labels));
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < page.n; i++) record_to_json(w, cx, recs[i], labels, NULL, 0);
    json_close_list(w);
    json_key(w, str_c(count_key));
    json_i64(w, (int64_t)n);
    json_pair_val(w, "batch", val_id(in->batch));
    json_close_obj(w);
    return NULL;
}

/* --- create ---------------------------------------------------------------------------------------------------------- */

static Err *parse_create(Req *rq, Ctx *cx)
{
    BatchIn *in = NEW(rq->mem, BatchIn);
    Err *problems = NULL;
    const Val *data;

    rq->in = in;
    in->batch = id_new(cx->now);
    TRY(data_of(rq, &data));
    if (!rights_may(cx, rq->obj, VERB_CREATE))
        FAIL(rq->mem, ERR_DENIED, "error.denied", "no right to create");
    in->recs = NEW_N(rq->mem, Record *, data->n);
    for (; in->n < data->n; in->n++) {
        in->recs[in->n] = record_new(rq->mem, rq->obj);
        Err *e = record_from_json(cx, rq->obj, &data->list[in->n], in->recs[in->n]);
        if (e) err_add(&problems, place(rq->mem, e, in->n));
    }
    return problems;
}

static Err *run_create(Req *rq, Ctx *cx)
{
    const BatchIn *in = rq->in;
    Record **recs = NEW_N(rq->mem, Record *, in->n);

    cx->batch = in->batch;
    cx->hold++;
    for (size_t i = 0; i < in->n; i++) {
        recs[i] = record_copy(rq->mem, in->recs[i]);
        Err *e = record_create(cx, recs[i], NULL);
        if (e) return place(rq->mem, e, i);
    }
    cx->hold--;
    TRY(rollup_flush(cx));
    for (size_t i = 0; i < in->n; i++) TRY(reread(cx, &recs[i]));
    return reply_batch(rq, cx, recs, in->n, "created");
}

/* --- update ---------------------------------------------------------------------------------------------------------- */

static bool is_given(const Req *rq, Str key)
{
    const Val *v = val_get(&rq->body, key);

    return v && !val_is_null(*v);
}

/* An empty condition is all of them, and has to be said: null is none. */
static Err *parse_target(Req *rq, Ctx *cx, BatchIn *in)
{
    bool has_ids = is_given(rq, S("ids")), has_filter = is_given(rq, S("filter"));

    if (has_ids == has_filter) FAIL_FIELD(rq->mem, S("ids"), "error.batch.target", "either ids or filter");
    in->mass.obj = rq->obj;
    in->mass.batch = in->batch;
    if (has_ids) {
        TRY(rq_ids(rq, "ids", &in->mass.ids, &in->mass.n_ids));
        return in->mass.n_ids > LIMIT_BATCH ? too_many(rq->mem) : NULL;
    }
    in->mass.has_filter = true;
    TRY(rq_text(rq, "filter", false, &in->mass.filter));
    Query q = {0};
    return query_parse(cx, rq->obj, in->mass.filter, (Str){0}, &q);
}

static Err *parse_update(Req *rq, Ctx *cx)
{
    BatchIn *in = NEW(rq->mem, BatchIn);
    const Val *set = val_get(&rq->body, S("set")), *data;

    rq->in = in;
    in->batch = id_new(cx->now);
    if (val_get(&rq->body, S("data"))) {
        if (rq->body.n > 1) FAIL_FIELD(rq->mem, S("data"), "error.batch.target", "data stands alone");
        TRY(data_of(rq, &data));
        in->items = data->list;
        in->n = data->n;
        return NULL;
    }
    TRY(parse_target(rq, cx, in));
    if (!set || set->kind != VAL_MAP) FAIL_FIELD(rq->mem, S("set"), "error.record", "set must be an object");
    in->mass.set = *set;
    return NULL;
}

static Err *update_one(Ctx *cx, const Object *obj, Val item, Record **out)
{
    const Val *text = item.kind == VAL_MAP ? val_get(&item, S("id")) : NULL, *version = NULL;
    WriteOptions options = {0};
    Record *stored;
    Id id;

    if (!text || text->kind != VAL_TEXT || !id_parse(val_str(*text), &id))
        FAIL_FIELD(cx->mem, S("id"), "error.reference", "no id");
    version = val_get(&item, S("version"));
    if (version && version->kind == VAL_INT) options.base_version = version->i;
    TRY(record_get(cx, obj, id, READ_LINKS, &stored));
    *out = record_copy(cx->mem, stored);
    TRY(record_from_json(cx, obj, &item, *out));
    return record_update(cx, *out, &options);
}

static Err *run_items(Req *rq, Ctx *cx)
{
    const BatchIn *in = rq->in;
    Record **recs = NEW_N(rq->mem, Record *, in->n);

    TRY(mass_allowed(cx, rq->obj, VERB_UPDATE, in->n));
    cx->batch = in->batch;
    cx->hold++;
    for (size_t i = 0; i < in->n; i++) {
        Err *e = update_one(cx, rq->obj, in->items[i], &recs[i]);
        if (e) return place(rq->mem, e, i);
    }
    cx->hold--;
    TRY(rollup_flush(cx));
    for (size_t i = 0; i < in->n; i++) TRY(reread(cx, &recs[i]));
    return reply_batch(rq, cx, recs, in->n, "updated");
}

/* --- one change to many ---------------------------------------------------------------------------------------------- */

static Err *run_mass(Req *rq, Ctx *cx, Verb verb)
{
    const BatchIn *in = rq->in;
    Mass mass = in->mass;
    bool is_long;
    size_t n;

    TRY(mass_find(cx, &mass, LIMIT_BATCH + 1));
    TRY(mass_allowed(cx, rq->obj, verb, mass.n_ids));
    TRY(mass_is_long(cx, &mass, &is_long));
    if (is_long) return mass_queue(rq, cx, &mass);
    cx->batch = in->batch;
    TRY(mass_apply(cx, &mass, mass.ids, mass.n_ids, &n));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key(w, mass.is_delete ? S("deleted") : S("updated"));
    json_i64(w, (int64_t)n);
    json_pair_val(w, "batch", val_id(in->batch));
    json_close_obj(w);
    return NULL;
}

static Err *run_update(Req *rq, Ctx *cx)
{
    const BatchIn *in = rq->in;

    return in->items ? run_items(rq, cx) : run_mass(rq, cx, VERB_UPDATE);
}

static Err *parse_delete(Req *rq, Ctx *cx)
{
    BatchIn *in = NEW(rq->mem, BatchIn);

    rq->in = in;
    in->batch = id_new(cx->now);
    in->mass.is_delete = true;
    return parse_target(rq, cx, in);
}

static Err *run_delete(Req *rq, Ctx *cx)
{
    return run_mass(rq, cx, VERB_DELETE);
}

const Route batch_routes[] = {
    {.method = "POST",
     .pattern = "/{plural}:batchCreate",
     .name = "batchCreate",
     .right = RIGHT_USER,
     .keys = "data",
     .parse = parse_create,
     .is_record_write = true,
     .steps = {{WHERE_WRITE, run_create}}},
    {.method = "POST",
     .pattern = "/{plural}:batchUpdate",
     .name = "batchUpdate",
     .right = RIGHT_USER,
     .keys = "data ids filter set",
     .parse = parse_update,
     .is_record_write = true,
     .steps = {{WHERE_WRITE, run_update}}},
    {.method = "POST",
     .pattern = "/{plural}:batchDelete",
     .name = "batchDelete",
     .right = RIGHT_USER,
     .keys = "ids filter",
     .parse = parse_delete,
     .is_record_write = true,
     .steps = {{WHERE_WRITE, run_delete}}},
    {0},
};
