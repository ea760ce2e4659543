/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of a choice, as those who set up the system see and change them: in all languages, the hidden ones too.  What is
   changed holds for everybody from the reply on. */
#include "api/state.h"

#include "core/option.h"
#include "core/rights.h"

#define EDITS_MAX 500

typedef struct OptionsIn {
    OptionEdit *edits;
    size_t n;
    Id batch;
} OptionsIn;

/* --- reading the body ---------------------------------------------------------------------------------------------------- */

static Err *bad(Req *rq, Str key)
{
    Err *e = err_arg(err_field(err_new(rq->mem, ERR_INVALID, "error.param.unknown", "%.*s", SFMT(key)), key),
                     0, key);

    e->status = 400;
    return e;
}

/* A text is in the caller's language; a map has languages. */
static Err *read_label(Req *rq, const Val *v, Label *out)
{
    if (v->kind == VAL_TEXT) {
        out->text[rq->lang] = val_str(*v);
        return NULL;
    }
    if (v->kind != VAL_MAP) return bad(rq, S("label"));
    for (uint32_t i = 0; i < v->n; i++) {
        Str code = val_str(v->map[i].key);
        Lang lang = lang_from(code);
        if (!str_eq(lang_code(lang), code) || v->map[i].val.kind != VAL_TEXT) return bad(rq, S("label"));
        out->text[lang] = val_str(v->map[i].val);
    }
    return NULL;
}

static Err *read_edit(Req *rq, const Val *item, OptionEdit *out)
{
    if (item->kind != VAL_MAP) return bad(rq, S("options"));
    for (uint32_t i = 0; i < item->n; i++) {
        Str key = val_str(item->map[i].key);
        const Val *v = &item->map[i].val;
        bool is_text = v->kind == VAL_TEXT, is_flag = v->kind == VAL_BOOL;
        if (str_eq(key, S("value")) && is_text)
            out->key = val_str(*v);
        else if (str_eq(key, S("label")))
            TRY(read_label(rq, v, &out->label));
        else if (str_eq(key, S("color")) && is_text)
            out->color = val_str(*v);
        else if (str_eq(key, S("hidden")) && is_flag)
            out->hidden = v->b ? 1 : -1;
        else if (str_eq(key, S("reset")) && is_flag)
            out->is_reset = v->b;
        else
            return bad(rq, key);
    }
    return NULL;
}

static Err *read_edits(Req *rq, OptionsIn *in)
{
    const Val *options = val_get(&rq->body, S("options")), *order = val_get(&rq->body, S("order"));
    bool is_list = (!options || options->kind == VAL_LIST) && (!order || order->kind == VAL_LIST);

    if (!is_list) return bad(rq, options && options->kind != VAL_LIST ? S("options") : S("order"));
    uint32_t n_options = options ? options->n : 0, n_order = order ? order->n : 0;
    if (n_options > EDITS_MAX || n_order > EDITS_MAX)
        FAIL_FIELD(rq->mem, S("options"), "error.option.many", "more than %d", EDITS_MAX);
    in->edits = NEW_N(rq->mem, OptionEdit, n_options + n_order + 1);
    for (uint32_t i = 0; i < n_options; i++) TRY(read_edit(rq, &options->list[i], &in->edits[in->n++]));
    for (uint32_t i = 0; i < n_order; i++) {
        if (order->list[i].kind != VAL_TEXT) return bad(rq, S("order"));
        in->edits[in->n++] =
            (OptionEdit){.key = val_str(order->list[i]), .position = (i + 1) * INT64_C(1000)};
    }
    return NULL;
}

static Err *parse_options(Req *rq, Ctx *cx)
{
    OptionsIn *in = NEW(rq->mem, OptionsIn);

    (void)cx;
    rq->in = in;
    return read_edits(rq, in);
}

/* --- writing -------------------------------------------------------------------------------------------------------------- */

/* What he may not see is not there. */
static Err *find_choice(Req *rq, const Ctx *cx, const Field **out)
{
    const Object *obj = meta_object(cx->meta, rq->obj->name);
    const Field *f = obj && rights_may(cx, obj, VERB_READ) ? object_field(obj, rq->name) : NULL;

    if (!f || !f->n_options || rights_field(cx, f) == FIELD_HIDDEN)
        FAIL(rq->mem, ERR_NOT_FOUND, "error.route", "no choice %.*s", SFMT(rq->name));
    *out = f;
    return NULL;
}

static Err *run_change(Req *rq, Ctx *cx)
{
    OptionsIn *in = rq->in;
    const Field *f = NULL;
    Str key = {0};

    TRY(find_choice(rq, cx, &f));
    cx->batch = in->batch = id_new(cx->now);
    for (size_t i = 0; i < in->n; i++) TRY(option_edit(cx, f, &in->edits[i], &key));
    return NULL;
}

static void write_option(JsonWriter *w, const Option *o, Lang lang)
{
    json_open_obj(w);
    json_pair_str(w, "value", o->key);
    json_pair_str(w, "label", label_in(&o->label, lang));
    json_key_c(w, "labels");
    json_open_obj(w);
    for (int i = 0; i < LANG_COUNT; i++) {
        json_key(w, lang_code((Lang)i));
        json_str(w, o->label.text[i]);
    }
    json_close_obj(w);
    json_key_c(w, "color");
    json_text_or_null(w, o->color);
    json_pair_bool(w, "hidden", o->is_hidden);
    json_pair_bool(w, "own", o->is_own);
    json_close_obj(w);
}

static Err *run_show(Req *rq, Ctx *cx)
{
    const OptionsIn *in = rq->in;
    const Object *changes = meta_object(cx->meta, S("choice_option"));
    const Field *f = NULL;

    TRY(find_choice(rq, cx, &f));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_str(w, "object", f->object->name);
    json_pair_str(w, "field", f->name);
    json_pair_str(w, "label", label_in(&f->label, rq->lang));
    json_pair_i64(w, "generation", cx->meta->generation);
    json_pair_bool(w, "write", rights_may(cx, changes, VERB_CREATE) && rights_may(cx, changes, VERB_UPDATE));
    json_pair_bool(w, "add", options_may_grow(f));
    json_key_c(w, "options");
    json_open_list(w);
    for (size_t i = 0; i < f->n_options; i++) write_option(w, &f->options[i], rq->lang);
    json_close_list(w);
    json_key_c(w, "batch");
    json_text_or_null(w, in ? id_text(rq->mem, in->batch) : (Str){0});
    json_close_obj(w);
    return NULL;
}

const Route option_routes[] = {
    {.method = "GET",
     .pattern = "/meta/{object}/{field}",
     .name = "getOptions",
     .right = RIGHT_USER,
     .steps = {{WHERE_HERE, run_show}}},
    {.method = "PATCH",
     .pattern = "/meta/{object}/{field}",
     .name = "updateOptions",
     .right = RIGHT_USER,
     .keys = "options order",
     .parse = parse_options,
     .is_record_write = true,
     .steps = {{WHERE_WRITE, run_change}, {WHERE_HERE, run_show}}},
    {0},
};
