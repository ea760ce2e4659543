/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replies: JSON written straight into the request's arena, no tree between. */
#include "api/spine.h"

#include "base/limits.h"
#include "core/read.h"

JsonWriter *reply_begin(Req *rq, int status)
{
    rq->out = buf_new(rq->mem, LIMIT_REPLY);
    rq->w = json_writer(&rq->out);
    rq->rp = (HttpReply){.status = status, .type = S("application/json")};
    return &rq->w;
}

void reply_empty(Req *rq, int status)
{
    rq->out = (Buf){0};
    rq->rp = (HttpReply){.status = status};
}

void reply_header(Req *rq, Str name, Str value)
{
    http_add_header(&rq->rp, name, value);
}

static void add_escaped(Buf *b, Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        c == '.' || c == '-' || c == '_';
        if (is_plain)
            buf_add_c(b, (char)c);
        else
            buf_addf(b, "%%%02X", c);
    }
}

void reply_attachment(Req *rq, Str name)
{
    Buf b = buf_new(rq->mem, 4096);

    add_escaped(&b, name);
    reply_header(rq, S("Content-Disposition"),
                 str_fmt(rq->mem, "attachment; filename*=UTF-8''%.*s", SFMT(buf_str(&b))));
    reply_header(rq, S("Content-Security-Policy"), S("default-src 'none'; sandbox"));
}

bool reply_if_none_match(Req *rq, Str tag)
{
    Str quoted = str_fmt(rq->mem, "\"%.*s\"", SFMT(tag)), asked = http_header(rq->http, "If-None-Match");
    bool is_same = asked.n && str_find(asked, quoted) >= 0;

    if (is_same) reply_empty(rq, 304);
    reply_header(rq, S("ETag"), quoted);
    reply_header(rq, S("Cache-Control"), S("private, no-cache"));
    return is_same;
}

void json_text_or_null(JsonWriter *w, Str s)
{
    if (s.n)
        json_str(w, s);
    else
        json_null(w);
}

void json_ref(JsonWriter *w, const Meta *meta, const Labels *labels, uint16_t object, Id id)
{
    const Object *obj = object && object < 1024 ? meta->by_number[object] : NULL;

    if (!id || !obj) {
        json_null(w);
        return;
    }
    json_open_obj(w);
    json_pair_str(w, "object", obj->name);
    json_pair_val(w, "id", val_id(id));
    json_key_c(w, "label");
    json_text_or_null(w, labels_get(labels, object, id));
    json_close_obj(w);
}

static bool has_live_fields(const Object *obj)
{
    for (size_t i = 0; i < obj->n_fields; i++) {
        const Field *f = &obj->fields[i];
        if (f->type == FIELD_LINKS || (f->is_computed && !f->is_stored)) return true;
    }
    return false;
}

Err *reread(Ctx *cx, Record **rec)
{
    Record *read;

    if (!has_live_fields((*rec)->obj)) return NULL;
    Err *e = record_get(cx, (*rec)->obj, (*rec)->id, READ_LINKS, &read);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e; /* he may make what he may not read */
    *rec = read;
    return NULL;
}

Err *reply_record(Req *rq, Ctx *cx, Record *rec, int status)
{
    JsonWriter *w = reply_begin(rq, status);
    Labels *labels;

    TRY(labels_load(cx, &rec, 1, &labels));
    json_open_obj(w);
    record_members_to_json(w, cx, rec, labels, NULL, 0);
    warnings_to_json(rq, w, cx->warnings);
    json_close_obj(w);
    return NULL;
}

Str text_of(const Req *rq, const char *key)
{
    return lang_text(rq->mem, rq->lang, str_c(key), NULL, 0);
}
