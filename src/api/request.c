/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a request says: its arguments, whether they came in the query or in a JSON body, checked one by one. */
#include "api/spine.h"

#include "base/limits.h"
#include "base/time.h"
#include "core/rights.h"

static Str joined(Arena *mem, const Val *list)
{
    Buf b = buf_new(mem, 1u << 20);

    for (uint32_t i = 0; i < list->n; i++) {
        if (i) buf_add_c(&b, ',');
        if (list->list[i].kind == VAL_TEXT) buf_add(&b, val_str(list->list[i]));
    }
    return b.n ? buf_str(&b) : S("");
}

static Str as_text(Arena *mem, const Val *v)
{
    switch (v->kind) {
    case VAL_TEXT: return v->n ? val_str(*v) : S("");
    case VAL_INT: return str_fmt(mem, "%lld", (long long)v->i);
    case VAL_BOOL: return v->b ? S("true") : S("false");
    case VAL_LIST: return joined(mem, v);
    default: return (Str){0};
    }
}

Str rq_arg(const Req *rq, const char *name)
{
    Str text = http_query(rq->http, name);
    const Val *v = !text.p && rq->body.kind == VAL_MAP ? val_get(&rq->body, str_c(name)) : NULL;

    return v ? as_text(rq->mem, v) : text;
}

static Err *bad_argument(const Req *rq, const char *name, const char *key)
{
    Str field = str_c(name);
    Err *e = err_field(err_new(rq->mem, ERR_INVALID, key, "parameter %.*s", SFMT(field)), field);

    e->status = 400;
    return err_arg(e, 0, field);
}

Err *rq_flag(const Req *rq, const char *name, bool *out)
{
    Str text = rq_arg(rq, name);

    *out = str_eq(text, S("true"));
    if (!text.p || *out || str_eq(text, S("false"))) return NULL;
    return bad_argument(rq, name, "error.param.flag");
}

Err *rq_number(const Req *rq, const char *name, int64_t low, int64_t high, int64_t *out)
{
    Str text = rq_arg(rq, name);

    if (!text.p) return NULL;
    if (str_to_i64(text, out) && *out >= low && *out <= high) return NULL;
    Err *e = bad_argument(rq, name, "error.param.number");
    return err_arg(err_arg(e, 1, str_fmt(rq->mem, "%lld", (long long)low)), 2,
                   str_fmt(rq->mem, "%lld", (long long)high));
}

Err *rq_text(const Req *rq, const char *name, bool is_required, Str *out)
{
    const Val *v = rq->body.kind == VAL_MAP ? val_get(&rq->body, str_c(name)) : NULL;

    *out = (Str){0};
    if (v && v->kind == VAL_TEXT)
        *out = val_str(*v);
    else if (v && v->kind != VAL_NULL)
        return bad_argument(rq, name, "error.param.text");
    if (is_required && !out->n)
        return err_arg(err_field(err_new(rq->mem, ERR_INVALID, "error.required", "%s", name), str_c(name)), 0,
                       str_c(name));
    return NULL;
}

Err *rq_ids(const Req *rq, const char *name, Id **out, size_t *n)
{
    const Val *v = val_get(&rq->body, str_c(name));

    *n = 0;
    if (!v || v->kind != VAL_LIST) return bad_argument(rq, name, "error.list");
    *out = NEW_N(rq->mem, Id, v->n);
    for (uint32_t i = 0; i < v->n; i++) {
        Val item = v->list[i];
        if (item.kind != VAL_TEXT || !id_parse(val_str(item), &(*out)[*n]))
            return bad_argument(rq, name, "error.reference");
        (*n)++;
    }
    return NULL;
}

Err *rq_as_of(const Req *rq, Ctx *cx)
{
    Str text = rq_arg(rq, "as_of");
    Val at;

    if (!text.n) return NULL;
    if (!timestamp_parse(text, &at)) return bad_argument(rq, "as_of", "error.timestamp");
    if (val_ms(at) < cx->now) cx->as_of = val_ms(at);
    return NULL;
}

bool rq_is_administrator(const Req *rq)
{
    const Actor *actor = rq->cx.actor;

    return actor && actor->rights && actor->rights->is_administrator;
}
