/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A board in one request: the columns (options of a choice, or the live records a reference leads to), what each holds,
   and its first page.  Each column tells the filter its page was read with, so that a list can go on from its token. */
#include "api/spine.h"

#include "base/limits.h"
#include "core/read.h"
#include "core/rights.h"

#define COLUMNS_MAX 200

typedef struct BoardIn {
    Field *by;
    Str filter, order_by, search;
    Fields fields;
    int64_t per, as_of;
} BoardIn;

typedef struct BoardColumn {
    Val value; /* REF, TEXT or null */
    Str label, color;
    Id shared; /* the pipeline of a stage */
    int64_t count;
    Val sum, weighted;
    Page page;
    Str filter;
    bool is_dropped;
} BoardColumn;

typedef struct Board {
    Ctx *cx;
    const BoardIn *in;
    const Object *obj;
    BoardColumn *columns;
    size_t n;
} Board;

/* --- columns --------------------------------------------------------------------------------------------------------- */

/* The reference both the record and its column have: deal.pipeline and stage.pipeline. */
static const Field *shared_field(const Object *obj, const Object *target)
{
    for (size_t i = SYS_COUNT; i < target->n_fields; i++) {
        const Field *f = &target->fields[i], *same = object_field(obj, f->name);
        if (f->type == FIELD_REFERENCE && same && same->type == FIELD_REFERENCE && same->target == f->target)
            return f;
    }
    return NULL;
}

static Err *reference_columns(Board *b)
{
    const Object *target = b->in->by->target;
    const Field *shared = shared_field(b->obj, target), *color = object_field(target, S("color"));
    Ctx live = *b->cx;
    Page page;

    live.as_of = 0;
    TRY(list_of(&live, target, (Str){0}, (Str){0}, COLUMNS_MAX, &page));
    b->columns = NEW_N(b->cx->mem, BoardColumn, page.n + 1);
    for (; b->n < page.n; b->n++) {
        Record *rec = page.recs[b->n];
        BoardColumn *c = &b->columns[b->n];
        c->value = val_ref(target->number, rec->id);
        c->label = record_text(b->cx->mem, rec);
        if (shared && rec->vals[shared->index].kind == VAL_REF) c->shared = rec->vals[shared->index].i;
        if (color && rec->vals[color->index].kind == VAL_TEXT) c->color = val_str(rec->vals[color->index]);
    }
    return NULL;
}

static void choice_columns(Board *b)
{
    const Field *by = b->in->by;

    b->columns = NEW_N(b->cx->mem, BoardColumn, by->n_options + 1);
    for (; b->n < by->n_options; b->n++) {
        BoardColumn *c = &b->columns[b->n];
        c->value = val_text(by->options[b->n].key);
        c->label = label_in(&by->options[b->n].label, b->cx->actor->lang);
        c->color = by->options[b->n].color;
    }
}

static bool is_value(Val a, Val b)
{
    if (val_is_null(a) || val_is_null(b)) return val_is_null(a) && val_is_null(b);
    return a.kind == VAL_TEXT ? str_eq(val_str(a), val_str(b)) : a.i == b.i;
}

/* --- counts ---------------------------------------------------------------------------------------------------------- */

static const Field *readable(const Board *b, const Field *f)
{
    return f && rights_field(b->cx, f) != FIELD_HIDDEN ? f : NULL;
}

static void take_counts(BoardColumn *c, const AggregateRow *row, bool has_sum, bool has_weighted)
{
    c->count = row->measures[0].i;
    if (has_sum) c->sum = row->measures[1];
    if (has_weighted) c->weighted = row->measures[has_sum ? 2 : 1];
}

static BoardColumn *column_of(Board *b, Val value)
{
    for (size_t k = 0; k < b->n; k++)
        if (is_value(b->columns[k].value, value)) return &b->columns[k];
    return val_is_null(value) ? &b->columns[b->n++] : NULL; /* records without one; there was room for it */
}

static Err *read_counts(Board *b)
{
    const Field *sum = readable(b, b->obj->board_sum), *weighted = readable(b, b->obj->board_weighted);
    Buf measures = buf_new(b->cx->mem, 1024);
    Aggregate a = {0};
    AggregateRow *rows = NULL;
    size_t n = 0;

    buf_add(&measures, S("count()"));
    if (sum) buf_addf(&measures, ",sum(%.*s)", SFMT(sum->name));
    if (weighted) buf_addf(&measures, ",sum(%.*s)", SFMT(weighted->name));
    TRY(query_parse(b->cx, b->obj, b->in->filter, (Str){0}, &a.query));
    a.query.search = b->in->search;
    TRY(aggregate_parse(b->cx, &a, b->in->by->name, buf_str(&measures)));
    TRY(record_aggregate(b->cx, &a, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        BoardColumn *c = column_of(b, rows[i].groups[0]);
        if (c) take_counts(c, &rows[i], sum != NULL, weighted != NULL);
    }
    return NULL;
}

static bool is_pipeline_used(const Board *b, Id shared)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->columns[i].shared == shared && b->columns[i].count) return true;
    return false;
}

/* Stages of pipelines none of the shown deals is in are left out, unless nothing is shown at all. */
static void drop_unused(Board *b)
{
    bool has_any = false;

    for (size_t i = 0; i < b->n; i++) has_any = has_any || (b->columns[i].count && b->columns[i].shared);
    for (size_t i = 0; i < b->n && has_any; i++) {
        BoardColumn *c = &b->columns[i];
        c->is_dropped = c->shared && !is_pipeline_used(b, c->shared);
    }
}

/* --- pages ----------------------------------------------------------------------------------------------------------- */

static Str filter_of(const Board *b, const BoardColumn *c)
{
    Arena *mem = b->cx->mem;
    Str name = b->in->by->name, value = S("null");

    if (c->value.kind == VAL_REF) value = str_fmt(mem, "'%.*s'", SFMT(id_text(mem, c->value.i)));
    if (c->value.kind == VAL_TEXT) value = str_fmt(mem, "'%.*s'", SFMT(val_str(c->value)));
    if (!str_trim(b->in->filter).n) return str_fmt(mem, "%.*s == %.*s", SFMT(name), SFMT(value));
    return str_fmt(mem, "(%.*s) && %.*s == %.*s", SFMT(b->in->filter), SFMT(name), SFMT(value));
}

static Err *read_page(Board *b, BoardColumn *c)
{
    Query q = {.limit = (size_t)b->in->per, .search = b->in->search};

    c->filter = filter_of(b, c);
    if (c->count == 0 || c->is_dropped) return NULL;
    TRY(query_parse(b->cx, b->obj, c->filter, b->in->order_by, &q));
    q.only = b->in->fields.only;
    return record_list(b->cx, &q, &c->page);
}

static void write_sum(JsonWriter *w, const Board *b, const char *key, const Field *f, Val v,
                      const Labels *labels)
{
    json_key(w, str_c(key));
    if (v.kind == VAL_MONEY)
        value_to_json(w, f, v, labels, b->cx->meta);
    else
        json_val(w, v);
}

static void write_column(JsonWriter *w, const Board *b, const BoardColumn *c, const Labels *labels)
{
    json_open_obj(w);
    json_key_c(w, "value");
    if (c->value.kind == VAL_REF) {
        json_open_obj(w);
        json_pair_str(w, "object", b->in->by->target->name);
        json_pair_val(w, "id", val_id(c->value.i));
        json_pair_str(w, "label", c->label);
        json_close_obj(w);
    } else {
        json_val(w, c->value);
    }
    json_pair_str(w, "label", c->label.n ? c->label : S("—"));
    json_key_c(w, "color");
    json_text_or_null(w, c->color);
    json_pair_i64(w, "count", c->count);
    write_sum(w, b, "sum", b->obj->board_sum, c->sum, labels);
    write_sum(w, b, "weighted", b->obj->board_weighted, c->weighted, labels);
    json_pair_str(w, "filter", c->filter);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < c->page.n; i++)
        record_to_json(w, b->cx, c->page.recs[i], labels, b->in->fields.list, b->in->fields.n);
    json_close_list(w);
    json_key_c(w, "next_page_token");
    json_text_or_null(w, c->page.next_token);
    json_close_obj(w);
}

/* Links and labels of all columns at once. */
static Err *gather(Board *b, Labels **labels)
{
    VEC(Record *) all = {0};

    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < b->columns[i].page.n; k++)
            *vec_push(b->cx->mem, &all) = b->columns[i].page.recs[k];
    if (wants_links(b->obj, &b->in->fields)) TRY(links_load(b->cx, all.p, all.n));
    return labels_load(b->cx, all.p, all.n, labels);
}

/* --- the route ------------------------------------------------------------------------------------------------------- */

static Err *parse_board(Req *rq, Ctx *cx)
{
    BoardIn *in = NEW(rq->mem, BoardIn);
    Str by = rq_arg(rq, "by");

    in->per = LIMIT_PAGE_DEFAULT;
    in->filter = rq_arg(rq, "filter");
    in->order_by = rq_arg(rq, "order_by");
    in->search = str_trim(rq_arg(rq, "q"));
    TRY(rq_number(rq, "per", 1, LIMIT_PAGE, &in->per));
    TRY(fields_parse(cx, rq->obj, rq_arg(rq, "fields"), &in->fields));
    TRY(rq_as_of(rq, cx));
    in->as_of = cx->as_of;
    in->by = by.n ? object_field(rq->obj, by) : rq->obj->board_by;
    if (!in->by || rights_field(cx, in->by) == FIELD_HIDDEN)
        return err_arg(
            err_field(err_new(rq->mem, ERR_INVALID, "error.field.unknown", "%.*s", SFMT(by)), S("by")), 0,
            by);
    bool fits = in->by->type == FIELD_CHOICE ||
                ((in->by->type == FIELD_REFERENCE || in->by->type == FIELD_USER) && in->by->target);
    if (!fits)
        return err_arg(
            err_field(err_new(rq->mem, ERR_INVALID, "error.group.field", "%.*s", SFMT(by)), S("by")), 0, by);
    rq->in = in;
    return NULL;
}

static Err *run_board(Req *rq, Ctx *cx)
{
    Board b = {.cx = cx, .in = rq->in, .obj = rq->obj};
    Labels *labels;

    cx->as_of = b.in->as_of;
    if (b.in->by->type == FIELD_CHOICE)
        choice_columns(&b);
    else
        TRY(reference_columns(&b));
    TRY(read_counts(&b));
    drop_unused(&b);
    for (size_t i = 0; i < b.n; i++) TRY(read_page(&b, &b.columns[i]));
    TRY(gather(&b, &labels));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "columns");
    json_open_list(w);
    for (size_t i = 0; i < b.n; i++)
        if (!b.columns[i].is_dropped) write_column(w, &b, &b.columns[i], labels);
    json_close_list(w);
    json_close_obj(w);
    return NULL;
}

const Route board_routes[] = {
    {.method = "GET",
     .pattern = "/{plural}:board",
     .name = "board",
     .right = RIGHT_USER,
     .params = "by filter order_by per fields q as_of",
     .parse = parse_board,
     .steps = {{WHERE_READ, run_board}}},
    {0},
};
