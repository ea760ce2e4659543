/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Duplicates: groups of records that are likely the same, those like one that is being typed, and making one of several. */
#include "api/mass.h"

#include "base/decimal.h"
#include "core/job.h"
#include "core/match/duplicates.h"
#include "core/match/merge.h"

#define LIKE_MAX 10

/* --- groups ---------------------------------------------------------------------------------------------------------- */

typedef struct ListIn {
    const Object *obj;
    DuplicateState state;
    int64_t size, skip;
} ListIn;

static Err *object_arg(const Req *rq, const Ctx *cx, Str name, const Object **out)
{
    const Object *obj = meta_object(cx->meta, name);

    if (!obj || !features_wanted(obj) || !rights_may(cx, obj, VERB_READ))
        return err_arg(
            err_field(err_new(rq->mem, ERR_INVALID, "error.duplicates.object", "object %.*s", SFMT(name)),
                      S("object")),
            0, name);
    *out = obj;
    return NULL;
}

static Err *state_arg(const Req *rq, DuplicateState *out)
{
    static const char *const STATES[] = {"open", "dismissed", "merged"};
    Str name = rq_arg(rq, "state");

    *out = DUPLICATE_OPEN;
    for (int i = 0; i < 3; i++)
        if (str_eq_c(name, STATES[i])) *out = (DuplicateState)(i + 1);
    if (!name.n || *out != DUPLICATE_OPEN || str_eq_c(name, STATES[0])) return NULL;
    return err_arg(err_field(err_new(rq->mem, ERR_INVALID, "error.choice", "state"), S("state")), 0, name);
}

static Err *parse_list(Req *rq, Ctx *cx)
{
    ListIn *in = NEW(rq->mem, ListIn);
    Str token = rq_arg(rq, "page_token");

    rq->in = in;
    in->size = 20;
    TRY(object_arg(rq, cx, rq_arg(rq, "object"), &in->obj));
    TRY(state_arg(rq, &in->state));
    TRY(rq_number(rq, "page_size", 1, 100, &in->size));
    if (token.n && (!str_to_i64(token, &in->skip) || in->skip < 0 || in->skip > DUPLICATE_SHOWN))
        FAIL_FIELD(rq->mem, S("page_token"), "error.page_token", "page_token");
    return NULL;
}

static Err *group_to_json(JsonWriter *w, Ctx *cx, const DuplicateGroup *g)
{
    Labels *labels;

    TRY(labels_load(cx, g->recs, g->n, &labels));
    json_open_obj(w);
    json_pair_str(w, "score", str_fmt(cx->mem, "%.4f", g->score));
    json_key_c(w, "batch");
    if (g->batch)
        json_val(w, val_id(g->batch));
    else
        json_null(w);
    json_key_c(w, "records");
    json_open_list(w);
    for (size_t i = 0; i < g->n; i++) record_to_json(w, cx, g->recs[i], labels, NULL, 0);
    json_close_list(w);
    json_close_obj(w);
    return NULL;
}

static Err *scanned_to_json(JsonWriter *w, Ctx *cx, const Object *obj)
{
    Str at;
    int64_t ms;

    TRY(setting_get(cx, str_fmt(cx->mem, "match.%.*s.at", SFMT(obj->name)), &at));
    json_key_c(w, "scanned_at");
    if (str_to_i64(at, &ms))
        json_val(w, val_from_ms(ms));
    else
        json_null(w);
    return NULL;
}

static Err *run_list(Req *rq, Ctx *cx)
{
    const ListIn *in = rq->in;
    DuplicateGroup *groups;
    size_t n, total, next = (size_t)(in->skip + in->size);

    TRY(duplicates_list(cx, in->obj, in->state, (size_t)in->skip, (size_t)in->size, &groups, &n, &total));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < n; i++) TRY(group_to_json(w, cx, &groups[i]));
    json_close_list(w);
    json_key_c(w, "next_page_token");
    json_text_or_null(w, next < total ? str_fmt(rq->mem, "%zu", next) : (Str){0});
    json_pair_i64(w, "total", (int64_t)total);
    TRY(scanned_to_json(w, cx, in->obj));
    json_close_obj(w);
    return NULL;
}

/* --- a record being typed -------------------------------------------------------------------------------------------- */

static Err *parse_match(Req *rq, Ctx *cx)
{
    Record *rec = record_new(rq->mem, rq->obj);
    ValPair *pairs = NEW_N(rq->mem, ValPair, rq->body.n);
    uint32_t n = 0;

    rq->in = rec;
    for (uint32_t i = 0; i < rq->body.n; i++)
        if (str_eq(val_str(rq->body.map[i].key), S("id")) && rq->body.map[i].val.kind == VAL_TEXT)
            rq->name = val_str(rq->body.map[i].val);
        else
            pairs[n++] = rq->body.map[i];
    if (rq->name.n && !id_parse(rq->name, &rec->id)) FAIL_FIELD(rq->mem, S("id"), "error.record.none", "id");
    Val json = val_map(pairs, n);
    return record_from_json(cx, rq->obj, &json, rec);
}

static Err *run_match(Req *rq, Ctx *cx)
{
    Labels *labels;
    Likely *found;
    size_t n;

    TRY(duplicates_like(cx, rq->in, LIKE_MAX, &found, &n));
    Record **recs = NEW_N(cx->mem, Record *, n);
    for (size_t i = 0; i < n; i++) recs[i] = found[i].rec;
    TRY(labels_load(cx, recs, n, &labels));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < n; i++) {
        json_open_obj(w);
        json_pair_str(w, "score", str_fmt(cx->mem, "%.4f", found[i].score));
        json_key_c(w, "fields");
        json_open_list(w);
        for (size_t k = 0; k < found[i].n_fields; k++) json_str(w, found[i].fields[k]->name);
        json_close_list(w);
        json_key_c(w, "record");
        record_to_json(w, cx, recs[i], labels, NULL, 0);
        json_close_obj(w);
    }
    json_close_list(w);
    json_close_obj(w);
    return NULL;
}

/* --- merging --------------------------------------------------------------------------------------------------------- */

static Err *choice_from(Req *rq, Ctx *cx, const Merge *m, ValPair pair, MergeChoice *out)
{
    Field *f = object_field(rq->obj, val_str(pair.key));
    bool is_known =
        pair.val.kind == VAL_TEXT && id_parse(val_str(pair.val), &out->from) && out->from == rq->id;

    for (size_t i = 0; i < m->n; i++) is_known = is_known || out->from == m->ids[i];
    if (!f || f->is_system || rights_field(cx, f) == FIELD_HIDDEN)
        return err_arg(err_field(err_new(rq->mem, ERR_INVALID, "error.field.unknown", "choose"), S("choose")),
                       0, val_str(pair.key));
    if (!is_known)
        FAIL_FIELD(rq->mem, val_str(pair.key), "error.merge.choice", "%.*s", SFMT(val_str(pair.key)));
    out->field = f;
    return NULL;
}

static Err *parse_merge(Req *rq, Ctx *cx)
{
    Merge *m = NEW(rq->mem, Merge);
    const Val *choose = val_get(&rq->body, S("choose"));
    Id *ids;

    m->obj = rq->obj;
    m->into = rq->id;
    TRY(rq_ids(rq, "ids", &ids, &m->n));
    m->ids = ids;
    rq->in = m;
    if (!choose || choose->kind != VAL_MAP) return NULL;
    MergeChoice *choices = NEW_N(rq->mem, MergeChoice, choose->n);
    for (uint32_t i = 0; i < choose->n; i++) TRY(choice_from(rq, cx, m, choose->map[i], &choices[i]));
    m->choices = choices;
    m->n_choices = choose->n;
    return NULL;
}

static Err *run_merge(Req *rq, Ctx *cx)
{
    Labels *labels;
    Record *rec;
    size_t children;
    Id job;

    TRY(merge_check(cx, rq->in));
    TRY(merge_count(cx, rq->in, MERGE_CHILDREN_MAX, &children));
    cx->batch = id_new(cx->now);
    if (children == MERGE_CHILDREN_MAX) {
        TRY(merge_queue(cx, rq->in, cx->batch, &job));
        return operation_to_json(rq, cx, job, 202);
    }
    TRY(record_merge(cx, rq->in, &rec));
    TRY(labels_load(cx, &rec, 1, &labels));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "record");
    record_to_json(w, cx, rec, labels, NULL, 0);
    json_pair_val(w, "batch", val_id(cx->batch));
    json_close_obj(w);
    return NULL;
}

/* --- marks and jobs -------------------------------------------------------------------------------------------------- */

typedef struct MarkIn {
    const Object *obj;
    Id *ids;
    size_t n;
} MarkIn;

static Err *parse_mark(Req *rq, Ctx *cx)
{
    MarkIn *in = NEW(rq->mem, MarkIn);
    Str name;

    rq->in = in;
    TRY(rq_text(rq, "object", true, &name));
    TRY(object_arg(rq, cx, name, &in->obj));
    if (!rights_may(cx, in->obj, VERB_UPDATE))
        FAIL(rq->mem, ERR_DENIED, "error.denied", "to settle duplicates is to change records");
    TRY(rq_ids(rq, "ids", &in->ids, &in->n));
    if (in->n > 1 && in->n <= 100) return NULL;
    FAIL_FIELD(rq->mem, S("ids"), "error.duplicates.ids", "ids");
}

/* Only about records he may see. */
static Err *mark(Req *rq, Ctx *cx, DuplicateState state)
{
    const MarkIn *in = rq->in;
    Record *rec;

    for (size_t i = 0; i < in->n; i++) TRY(record_get(cx, in->obj, in->ids[i], 0, &rec));
    TRY(duplicates_mark(cx, in->obj, in->ids, in->n, state));
    reply_empty(rq, 204);
    return NULL;
}

static Err *run_dismiss(Req *rq, Ctx *cx)
{
    return mark(rq, cx, DUPLICATE_DISMISSED);
}

static Err *run_reopen(Req *rq, Ctx *cx)
{
    return mark(rq, cx, DUPLICATE_OPEN);
}

static Err *mass_object(Req *rq, Ctx *cx, const Object **out)
{
    Str name;

    TRY(rq_text(rq, "object", true, &name));
    TRY(object_arg(rq, cx, name, out));
    return mass_allowed(cx, *out, VERB_UPDATE, 2);
}

static Err *queue(Req *rq, Ctx *cx, const char *kind, const Object *obj, int64_t least)
{
    ValPair pairs[] = {{val_text(S("object")), val_text(obj->name)},
                       {val_text(S("least")), val_int(least)},
                       {val_text(S("user")), val_id(cx->actor->user)}};
    Id id;

    TRY(job_add(cx, str_c(kind), val_map(pairs, 3), cx->now, &id));
    return operation_to_json(rq, cx, id, 202);
}

static Err *run_scan(Req *rq, Ctx *cx)
{
    const Object *obj = NULL;

    TRY(mass_object(rq, cx, &obj));
    return queue(rq, cx, "duplicates.scan", obj, 0);
}

static Err *run_merge_all(Req *rq, Ctx *cx)
{
    const Val *least = val_get(&rq->body, S("least"));
    const Object *obj = NULL;
    uint8_t places = 0;
    int64_t v = 0;

    TRY(mass_object(rq, cx, &obj));
    if (!least || least->kind != VAL_TEXT || !decimal_parse(val_str(*least), &v, &places) ||
        !decimal_rescale(v, places, 6, &v) || v < 500000 || v > 1000000)
        FAIL_FIELD(rq->mem, S("least"), "error.duplicates.least", "least");
    return queue(rq, cx, "duplicates.merge", obj, v);
}

const Route duplicate_routes[] = {
    {.method = "GET",
     .pattern = "/duplicates",
     .name = "listDuplicates",
     .right = RIGHT_USER,
     .params = "object state page_size page_token",
     .parse = parse_list,
     .steps = {{WHERE_READ, run_list}}},
    {.method = "POST",
     .pattern = "/duplicates:scan",
     .name = "scanDuplicates",
     .right = RIGHT_USER,
     .keys = "object",
     .steps = {{WHERE_WRITE, run_scan}}},
    {.method = "POST",
     .pattern = "/duplicates:merge",
     .name = "mergeDuplicates",
     .right = RIGHT_USER,
     .keys = "object least",
     .steps = {{WHERE_WRITE, run_merge_all}}},
    {.method = "POST",
     .pattern = "/duplicates:dismiss",
     .name = "dismissDuplicates",
     .right = RIGHT_USER,
     .keys = "object ids",
     .parse = parse_mark,
     .steps = {{WHERE_WRITE, run_dismiss}}},
    {.method = "POST",
     .pattern = "/duplicates:reopen",
     .name = "reopenDuplicates",
     .right = RIGHT_USER,
     .keys = "object ids",
     .parse = parse_mark,
     .steps = {{WHERE_WRITE, run_reopen}}},
    {.method = "POST",
     .pattern = "/{plural}:match",
     .name = "match",
     .right = RIGHT_USER,
     .keys = "*",
     .parse = parse_match,
     .is_record_write = true,
     .steps = {{WHERE_READ, run_match}}},
    {.method = "POST",
     .pattern = "/{plural}/{id}:merge",
     .name = "merge",
     .right = RIGHT_USER,
     .keys = "ids choose",
     .parse = parse_merge,
     .steps = {{WHERE_WRITE, run_merge}}},
    {0},
};
