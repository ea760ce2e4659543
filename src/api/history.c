/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who changed what: the history of one record, and the whole log by cursor, both under the caller's rights. */
#include "api/spine.h"

#include "base/limits.h"
#include "base/time.h"
#include "core/change.h"
#include "core/rights.h"

const char *change_kind_name(const Change *change)
{
    switch (change->kind) {
    case CHANGE_CREATE: return "create";
    case CHANGE_DELETE: return "delete";
    case CHANGE_RESTORE: return "restore";
    default: return "update";
    }
}

const char *channel_name(Channel channel)
{
    static const char *const NAMES[] = {"system", "web", "api", "import", "cli", "system", "undo", "form"};

    return channel <= CHANNEL_FORM ? NAMES[channel] : "system";
}

/* System fields that say nothing beside the entry itself. */
static bool is_told(const FieldChange *fc)
{
    return !fc->field->is_system || fc->field->index == SYS_OWNER || fc->field->index == SYS_TEAM;
}

void changes_to_json(JsonWriter *w, const Ctx *cx, const Change *change, const Labels *labels)
{
    json_key_c(w, "changes");
    json_open_list(w);
    for (size_t i = 0; i < change->n; i++) {
        const FieldChange *fc = &change->fields[i];
        if (!is_told(fc)) continue;
        json_open_obj(w);
        json_pair_str(w, "field", fc->field->name);
        json_pair_str(w, "label", label_in(&fc->field->label, cx->actor->lang));
        json_key_c(w, "before");
        value_to_json(w, fc->field, value_masked(cx, fc->field, fc->before), labels, cx->meta);
        json_key_c(w, "after");
        value_to_json(w, fc->field, value_masked(cx, fc->field, fc->after), labels, cx->meta);
        json_close_obj(w);
    }
    json_close_list(w);
}

Err *changes_labels(Ctx *cx, const Change *changes, size_t n, Labels *labels)
{
    uint16_t user = meta_object(cx->meta, S("user"))->number;
    VEC(Val) refs = {0};

    for (size_t i = 0; i < n; i++) {
        if (changes[i].actor) *vec_push(cx->mem, &refs) = val_ref(user, changes[i].actor);
        *vec_push(cx->mem, &refs) = val_ref(changes[i].obj->number, changes[i].record);
        for (size_t k = 0; k < changes[i].n; k++) {
            *vec_push(cx->mem, &refs) = changes[i].fields[k].before;
            *vec_push(cx->mem, &refs) = changes[i].fields[k].after;
        }
    }
    return labels_add(cx, labels, refs.p, refs.n);
}

static void write_entry(JsonWriter *w, const Ctx *cx, const Change *change, const Labels *labels)
{
    json_pair_val(w, "at", val_from_ms(change->at));
    json_key_c(w, "actor");
    json_ref(w, cx->meta, labels, meta_object(cx->meta, S("user"))->number, change->actor);
    json_pair_str(w, "channel", str_c(channel_name(change->channel)));
    json_pair_str(w, "kind", str_c(change_kind_name(change)));
    json_pair_i64(w, "version", change->version);
    json_pair_val(w, "batch", change->batch ? val_id(change->batch) : val_null());
    changes_to_json(w, cx, change, labels);
}

/* --- one record ------------------------------------------------------------------------------------------------------ */

static bool is_shown(const Change *change)
{
    return !change->is_derived && (change->n > 0 || change->kind != CHANGE_UPDATE);
}

static Err *bad_token(Arena *mem, Str field)
{
    FAIL_FIELD(mem, field, "error.page_token", "token of another question");
}

static Err *run_history(Req *rq, Ctx *cx)
{
    Str token = rq_arg(rq, "page_token");
    int64_t size = LIMIT_PAGE_DEFAULT;
    Cursor before;
    Change *changes;
    Labels *labels;
    size_t n;

    TRY(rq_number(rq, "page_size", 1, LIMIT_PAGE, &size));
    if (token.n && !cursor_parse(token, &before)) return bad_token(rq->mem, S("page_token"));
    TRY(change_history(cx, rq->obj, rq->id, token.n ? &before : NULL, (size_t)size + 1, &changes, &n));
    bool has_more = n > (size_t)size;
    if (has_more) n--;
    TRY(labels_load(cx, NULL, 0, &labels));
    TRY(changes_labels(cx, changes, n, labels));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < n; i++) {
        if (!is_shown(&changes[i])) continue;
        json_open_obj(w);
        write_entry(w, cx, &changes[i], labels);
        json_close_obj(w);
    }
    json_close_list(w);
    json_key_c(w, "next_page_token");
    json_text_or_null(w, has_more ? cursor_text(rq->mem, changes[n - 1].cursor) : (Str){0});
    json_close_obj(w);
    return NULL;
}

/* --- the log --------------------------------------------------------------------------------------------------------- */

static Err *run_changes(Req *rq, Ctx *cx)
{
    Str token = rq_arg(rq, "after");
    Cursor after = {0}, last;
    int64_t limit = 100;
    Change *changes;
    Labels *labels;
    size_t n;

    TRY(rq_number(rq, "limit", 1, 1000, &limit));
    if (token.n && !cursor_parse(token, &after)) return bad_token(rq->mem, S("after"));
    TRY(change_feed(cx, after, (size_t)limit, &changes, &n, &last));
    TRY(labels_load(cx, NULL, 0, &labels));
    TRY(changes_labels(cx, changes, n, labels));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < n; i++) {
        if (changes[i].obj->is_internal) continue;
        json_open_obj(w);
        json_pair_str(w, "cursor", cursor_text(rq->mem, changes[i].cursor));
        json_pair_str(w, "object", changes[i].obj->name);
        json_pair_val(w, "id", val_id(changes[i].record));
        write_entry(w, cx, &changes[i], labels);
        json_pair_bool(w, "derived", changes[i].is_derived);
        json_key_c(w, "request_id");
        json_text_or_null(w, changes[i].request);
        json_close_obj(w);
    }
    json_close_list(w);
    json_pair_str(w, "cursor", cursor_text(rq->mem, last));
    json_close_obj(w);
    return NULL;
}

const Route history_routes[] = {
    {.method = "GET",
     .pattern = "/changes",
     .name = "listChanges",
     .right = RIGHT_USER,
     .params = "after limit",
     .steps = {{WHERE_READ, run_changes}}},
    {.method = "GET",
     .pattern = "/{plural}/{id}/history",
     .name = "getHistory",
     .right = RIGHT_USER,
     .params = "page_token page_size",
     .steps = {{WHERE_READ, run_history}}},
    {0},
};
