/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a caller says about an export: a body of JSON, or the argument of a job, which is that body and who asked. */
#include "core/export/impl.h"

#include "base/time.h"

static Err *wrong(Ctx *cx, const char *key, const char *message)
{
    return err_arg(err_field(err_new(cx->mem, ERR_INVALID, message, "%s", key), str_c(key)), 0, str_c(key));
}

static Err *text_key(Ctx *cx, const Val *in, const char *key, Str *out)
{
    const Val *v = val_get(in, str_c(key));

    *out = (Str){0};
    if (!v || v->kind == VAL_NULL) return NULL;
    if (v->kind != VAL_TEXT) return wrong(cx, key, "error.param.text");
    *out = str_trim(val_str(*v));
    return NULL;
}

static Err *flag_key(Ctx *cx, const Val *in, const char *key, bool *out)
{
    const Val *v = val_get(in, str_c(key));

    *out = false;
    if (!v || v->kind == VAL_NULL) return NULL;
    if (v->kind != VAL_BOOL) return wrong(cx, key, "error.param.flag");
    *out = v->b;
    return NULL;
}

/* A list of names, or one text with commas. */
static Err *columns_key(Ctx *cx, const Val *in, Str *out)
{
    const Val *v = val_get(in, S("columns"));
    Str *names;

    if (!v || v->kind != VAL_LIST) return text_key(cx, in, "columns", out);
    names = NEW_N(cx->mem, Str, v->n + 1);
    for (uint32_t i = 0; i < v->n; i++) {
        if (v->list[i].kind != VAL_TEXT) return wrong(cx, "columns", "error.param.text");
        names[i] = val_str(v->list[i]);
    }
    *out = str_join(cx->mem, names, v->n, S(","));
    return NULL;
}

static Err *ids_key(Ctx *cx, const Val *in, ExportSpec *out)
{
    const Val *v = val_get(in, S("ids"));
    Id *ids;

    if (!v || v->kind == VAL_NULL) return NULL;
    if (v->kind != VAL_LIST) return wrong(cx, "ids", "error.list");
    if (v->n > EXPORT_IDS_MAX)
        return err_arg(err_field(err_new(cx->mem, ERR_INVALID, "error.list.long", "%u ids", v->n), S("ids")),
                       0, str_fmt(cx->mem, "%d", EXPORT_IDS_MAX));
    out->ids = ids = NEW_N(cx->mem, Id, v->n + 1);
    for (uint32_t i = 0; i < v->n; i++) {
        Val item = v->list[i];
        if (item.kind != VAL_TEXT || !id_parse(val_str(item), &ids[i]))
            return wrong(cx, "ids", "error.reference");
    }
    out->n_ids = v->n;
    return NULL;
}

static Err *as_of_key(Ctx *cx, const Val *in, ExportSpec *out)
{
    Str text;
    Val at;

    TRY(text_key(cx, in, "as_of", &text));
    if (!text.n) return NULL;
    if (!timestamp_parse(text, &at)) return wrong(cx, "as_of", "error.timestamp");
    if (val_ms(at) < cx->now) out->as_of = val_ms(at);
    return NULL;
}

static Err *csv_keys(Ctx *cx, const Val *in, ExportSpec *out)
{
    Str separator;

    TRY(flag_key(cx, in, "bom", &out->has_bom));
    TRY(text_key(cx, in, "separator", &separator));
    if (str_eq(separator, S("tab"))) separator = S("\t");
    if (separator.n > 1 || (separator.n && str_find_char(S(",;|\t"), separator.p[0]) < 0))
        return wrong(cx, "separator", "error.export.separator");
    if (separator.n) out->separator = separator.p[0];
    return NULL;
}

static Err *vcard_keys(Ctx *cx, const Val *in, ExportSpec *out)
{
    Str version;

    TRY(text_key(cx, in, "vcard_version", &version));
    out->is_vcard3 = str_eq(version, S("3.0"));
    if (version.n && !out->is_vcard3 && !str_eq(version, S("4.0")))
        return wrong(cx, "vcard_version", "error.export.vcard_version");
    return NULL;
}

Err *export_parse(Ctx *cx, const Object *obj, const Val *in, ExportSpec *out)
{
    Str format;

    *out = (ExportSpec){.obj = obj, .lang = cx->actor->lang, .zone = cx->actor->zone};
    TRY(text_key(cx, in, "format", &format));
    TRY(export_format(cx->mem, format.n ? format : S("csv"), &out->format));
    TRY(text_key(cx, in, "filter", &out->filter));
    TRY(text_key(cx, in, "order_by", &out->order_by));
    TRY(text_key(cx, in, "q", &out->search));
    TRY(columns_key(cx, in, &out->columns));
    TRY(ids_key(cx, in, out));
    TRY(as_of_key(cx, in, out));
    TRY(flag_key(cx, in, "deleted", &out->is_deleted));
    TRY(flag_key(cx, in, "names", &out->has_names));
    TRY(flag_key(cx, in, "no_id", &out->has_no_id));
    TRY(csv_keys(cx, in, out));
    TRY(vcard_keys(cx, in, out));
    return export_check(cx, out);
}
