/* SPDX-License-Identifier: GPL-3.0-or-later */

/* References and links from JSON: an id as text, or the object a read gave ({object,id,label}).  Whether the record is
 * there and may be seen is the write path's question. */

#include "core/value_impl.h"

#include "base/limits.h"

static const char *const ID_KEYS[] = {"object", "id", "label", "name", "size", "type", NULL};

static Err *wrong_ref(Ctx *cx, const Field *f, const char *what)
{
    FAIL_FIELD(cx->mem, f->name, "error.reference", "%s", what);
}

/* What `in` says of the object and id; `*obj` stays as it is when nothing is said. */
static Err *ref_parts(Ctx *cx, const Field *f, Val in, const Object **obj, Id *id)
{
    Val object = in.kind == VAL_MAP ? pair_get(in, "object") : val_null();
    Val text = in.kind == VAL_MAP ? pair_get(in, "id") : in;

    if (in.kind == VAL_REF) {
        *id = in.i;
        if (in.aux && in.aux < 1024) *obj = cx->meta->by_number[in.aux];
        return NULL;
    }
    if (text.kind == VAL_ID)
        *id = text.i;
    else if (text.kind != VAL_TEXT || !id_parse(str_trim(val_str(text)), id))
        return wrong_ref(cx, f, "not an id");
    if (val_is_null(object)) return NULL;
    if (object.kind != VAL_TEXT) return wrong_ref(cx, f, "object is no text");
    *obj = meta_object(cx->meta, val_str(object));
    return *obj ? NULL : wrong_ref(cx, f, "unknown object");
}

static bool may_refer(const Field *f, const Object *obj)
{
    if (f->result != FIELD_ANY_REFERENCE) return obj == f->target;
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i] == obj) return true;
    return f->n_targets == 0;
}

Err *reference_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    const Object *obj = f->result == FIELD_ANY_REFERENCE ? NULL : f->target;
    Id id = 0;

    *out = val_null();
    if (in.kind == VAL_TEXT && !str_trim(val_str(in)).n) return NULL;
    if (in.kind == VAL_MAP) TRY(check_keys(cx, f, in, ID_KEYS));
    TRY(ref_parts(cx, f, in, &obj, &id));
    if (!obj) return wrong_ref(cx, f, "object and id expected");
    if (!may_refer(f, obj)) {
        return err_arg(
            err_field(err_new(cx->mem, ERR_INVALID, "error.reference.object", "refers to another object"),
                      f->name),
            0, obj->name);
    }
    *out = val_ref(obj->number, id);
    return NULL;
}

/* --- links --------------------------------------------------------------------------------------------------------------- */

/* Columns of the link: values of the link object's own fields by name. */
static Err *link_columns(Ctx *cx, const Field *f, Val in, Val *out)
{
    *out = val_map(NULL, 0);
    if (val_is_null(in)) return NULL;
    if (in.kind != VAL_MAP) FAIL_FIELD(cx->mem, f->name, "error.link", "columns of the link expected");
    ValPair *pairs = NEW_N(cx->mem, ValPair, in.n + 1);

    for (uint32_t i = 0; i < in.n; i++) {
        Str key = val_str(in.map[i].key);
        const Field *column = object_field(f->through, key);

        if (!column || column == f->near || column == f->far || column->is_system || column->is_computed) {
            return err_arg(
                err_field(err_new(cx->mem, ERR_INVALID, "error.value.key", "no column of the link"), f->name),
                0, key);
        }
        pairs[i].key = val_text(column->name);
        Err *e = value_from_json(cx, column, in.map[i].val, &pairs[i].val);

        if (e) return err_field(e, f->name);
    }
    *out = val_map(pairs, in.n);
    return NULL;
}

static Err *link_item(Ctx *cx, const Field *f, Val in, Val *out)
{
    static const char *const KEYS[] = {"object", "id", "link", "label", NULL};
    const Object *obj = f->far->target;
    Val vals[3] = {0};
    Id id = 0;

    if (in.kind == VAL_MAP) TRY(check_keys(cx, f, in, KEYS));
    TRY(ref_parts(cx, f, in, &obj, &id));
    if (obj != f->far->target) {
        return err_arg(
            err_field(err_new(cx->mem, ERR_INVALID, "error.reference.object", "refers to another object"),
                      f->name),
            0, obj ? obj->name : (Str){0});
    }
    vals[0] = val_text(obj->name);
    vals[1] = val_ref(obj->number, id);
    TRY(link_columns(cx, f, in.kind == VAL_MAP ? pair_get(in, "link") : val_null(), &vals[2]));
    *out = pairs_val(cx->mem, KEYS, vals, 3);
    return NULL;
}

Err *links_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    if (in.kind != VAL_LIST) FAIL_FIELD(cx->mem, f->name, "error.list", "list expected");
    if (in.n > LIMIT_BATCH) {
        return err_arg(err_field(err_new(cx->mem, ERR_INVALID, "error.list.long", "%u links", in.n), f->name),
                       0, str_fmt(cx->mem, "%d", LIMIT_BATCH));
    }
    Val *items = NEW_N(cx->mem, Val, in.n + 1);
    size_t n = 0;

    for (uint32_t i = 0; i < in.n; i++) {
        Val item = {0};
        bool is_new = true;

        TRY(link_item(cx, f, in.list[i], &item));
        for (size_t j = 0; j < n; j++) is_new = is_new && items[j].map[1].val.i != item.map[1].val.i;
        if (is_new) items[n++] = item;
    }
    *out = val_list(items, n);
    return NULL;
}
