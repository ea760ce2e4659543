/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the log to messages.  A message holds the record as it was after the change, read as the webhook's responsible person
   reads it: rights, hidden and masked fields are his.  Its id is the change's place in the log, so it is the same however
   often it is made.  Derived changes and imports are no news (core/change.h). */
#include "svc/outbox.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/compile.h"
#include "core/rights.h"
#include "core/secret.h"
#include "core/session.h"
#include "core/store.h"
#include "core/value.h"
#include "svc/webhook.h"

#define READ_ROWS    1000 /* of the log in one unit */
#define MESSAGES_MAX 50   /* made in one unit */

/* --- webhooks -------------------------------------------------------------------------------------------------------- */

static Val split_keys(Arena *mem, Str text)
{
    VEC(Val) keys = {0};

    while (text.n) {
        Str key = str_cut(&text, '|');
        if (key.n) *vec_push(mem, &keys) = val_text(key);
    }
    return val_list(keys.p, keys.n);
}

static Outlet from_row(const Ctx *cx, const DbRows *rows)
{
    bool has_old = db_i64(rows, 8) > cx->now - WEBHOOK_OVERLAP_MS;

    return (Outlet){.id = db_i64(rows, 0),
                    .url = db_str(rows, 1),
                    .secrets = {db_str(rows, 2), has_old ? db_str(rows, 3) : (Str){0}},
                    .owner = db_i64(rows, 4),
                    .events = split_keys(cx->mem, db_str(rows, 5)),
                    .filter = db_str(rows, 6),
                    .is_paused = str_eq(db_str(rows, 7), S("paused")),
                    .has_cursor = !val_is_null(db_val(rows, 9)),
                    .cursor = {db_i64(rows, 9), db_i64(rows, 10), db_i64(rows, 11)},
                    .hold = db_i64(rows, 12),
                    .next_due = val_is_null(db_val(rows, 13)) ? INT64_MAX : db_i64(rows, 13),
                    .n_waiting = db_i64(rows, 14)};
}

/* What does not open signs nothing: that webhook's messages fail, the others go on. */
static void open_secrets(Ctx *cx, Outlet *o)
{
    for (size_t i = 0; i < 2; i++) {
        Err *e = secret_open(cx, S("webhook"), o->id, o->secrets[i], &o->secrets[i]);
        if (e)
            log_line(LOG_ERROR, "secret of a webhook", "error=%.*s",
                     SFMT(log_quote(cx->mem, err_text(cx->mem, e))));
    }
}

static Err *has_stray_cursors(Ctx *cx, bool *out)
{
    Val id;

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT webhook FROM webhook_state WHERE webhook NOT IN (SELECT id FROM webhook WHERE deleted_at IS "
          "NULL) LIMIT 1"),
        NULL, 0, &id));
    *out = *out || id.kind == VAL_INT;
    return NULL;
}

Err *outlets_load(Ctx *cx, Outlet **out, size_t *n, bool *is_untidy)
{
    VEC(Outlet) all = {0};
    DbRows *rows = NULL;
    bool has = true;

    *is_untidy = false;
    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT w.id, w.url, w.secret, w.old_secret, w.owner_id, w.events, w.filter, w.state, w.rotated_at, "
          "s.epoch, s.tx, s.seq, s.hold, "
          "(SELECT min(d.due) FROM webhook_delivery d WHERE d.webhook = w.id AND d.state IN ('waiting', 'sending') "
          "AND (w.state = 'active' OR d.is_asked = 1)), "
          "(SELECT count(*) FROM webhook_delivery d WHERE d.webhook = w.id AND d.state IN ('waiting', 'sending')) "
          "FROM webhook w LEFT JOIN webhook_state s ON s.webhook = w.id WHERE w.deleted_at IS NULL ORDER BY w.id"),
        NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        Outlet o = from_row(cx, rows);
        *vec_push(cx->mem, &all) = o;
        *is_untidy = *is_untidy || !o.has_cursor;
    }
    for (size_t i = 0; i < all.n; i++) open_secrets(cx, &all.p[i]);
    *out = all.p;
    *n = all.n;
    return has_stray_cursors(cx, is_untidy);
}

Err *outlets_tidy(Ctx *cx)
{
    Outlet *all = NULL;
    size_t n = 0;
    bool is_untidy = false;

    TRY(db_script(
        cx->mem, cx->db,
        S("UPDATE webhook_delivery SET state = 'failed', error = 'deleted' WHERE state IN ('waiting', "
          "'sending') AND webhook NOT IN (SELECT id FROM webhook WHERE deleted_at IS NULL); "
          "DELETE FROM webhook_state WHERE webhook NOT IN (SELECT id FROM webhook WHERE deleted_at IS NULL)")));
    TRY(outlets_load(cx, &all, &n, &is_untidy));
    for (size_t i = 0; i < n; i++)
        if (!all[i].has_cursor) TRY(delivery_begin(cx, all[i].id));
    return NULL;
}

Err *outlet_pause(Ctx *cx, Id webhook, Str reason)
{
    Record *stored = NULL;

    Err *e = record_get(cx, meta_object(cx->meta, S("webhook")), webhook, READ_LOCK, &stored);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e; /* it has gone meanwhile */
    Record *rec = record_copy(cx->mem, stored);
    if (str_eq(val_str(record_get_val(rec, "state")), S("paused"))) return NULL;
    cx->may_write_readonly = true;
    record_set(rec, "state", val_text(S("paused")));
    record_set(rec, "reason", val_text(reason));
    return record_update(cx, rec, NULL);
}

/* --- messages -------------------------------------------------------------------------------------------------------- */

typedef struct Making {
    Ctx *cx; /* as the responsible person */
    const Outlet *o;
    CelNode *filter;
    bool is_checked; /* the filter has been read */
} Making;

static Err *wanted_objects(Ctx *cx, Val events, uint16_t **out, size_t *n)
{
    uint16_t *numbers = NEW_N(cx->mem, uint16_t, events.n + 1);

    *n = 0;
    for (uint32_t i = 0; i < events.n; i++) {
        Str rest = val_str(events.list[i]);
        if (str_eq(rest, S("*"))) {
            *n = 0;
            return NULL;
        }
        const Object *obj = meta_object(cx->meta, str_cut(&rest, '.'));
        if (obj) numbers[(*n)++] = obj->number;
    }
    if (*n == 0) numbers[(*n)++] = 0; /* the number of no object */
    *out = numbers;
    return NULL;
}

/* A condition that is none any more, because a field has gone, fits nothing. */
static bool fits(Making *m, const Record *rec)
{
    RecordScope inner = {m->cx, rec};
    CelScope scope = record_scope(&inner);
    CelEnv env = object_cel_env(rec->obj);
    Val v = {0};
    Err *e = NULL;

    if (!m->o->filter.n) return true;
    if (!m->is_checked) {
        m->is_checked = true;
        e = cel_parse(m->cx->mem, m->o->filter, &m->filter);
        if (!e) e = cel_check(m->cx->mem, &env, m->filter, &cel_bool);
        if (e) {
            m->filter = NULL;
            log_line(LOG_WARN, "webhook condition", "webhook=%.*s error=%.*s",
                     SFMT(id_text(m->cx->mem, m->o->id)),
                     SFMT(log_quote(m->cx->mem, err_text(m->cx->mem, e))));
        }
    }
    return m->filter && !cel_eval(m->cx->mem, m->filter, &scope, &v) && v.kind == VAL_BOOL && v.b;
}

/* {"type","timestamp","data":{record...,"changed":[fields]}} */
static Err *write_body(Ctx *cx, const Change *change, Str event, Record *rec, Str *out)
{
    Buf b = buf_new(cx->mem, LIMIT_REPLY), inner = buf_new(cx->mem, LIMIT_REPLY);
    JsonWriter w = json_writer(&b), data = json_writer(&inner);
    Labels *labels = NULL;

    TRY(labels_load(cx, &rec, 1, &labels));
    record_to_json(&data, cx, rec, labels, NULL, 0);
    json_open_obj(&w);
    json_pair_str(&w, "type", event);
    json_pair_val(&w, "timestamp", val_from_ms(change->at));
    json_key_c(&w, "data");
    json_raw(&w, str_sub(buf_str(&inner), 0, inner.n - 1)); /* without its last brace */
    buf_add(&b, S(",\"changed\":"));
    JsonWriter names = json_writer(&b);
    json_open_list(&names);
    for (size_t i = 0; i < change->n; i++) {
        const Field *f = change->fields[i].field;
        if (rights_field(cx, f) != FIELD_HIDDEN) json_str(&names, f->name);
    }
    json_close_list(&names);
    buf_add(&b, S("}}"));
    *out = buf_str(&b);
    return NULL;
}

/* `out->body` stays empty when the change is none of the webhook's. */
static Err *make(Making *m, const Change *change, Delivery *out)
{
    Str kind = webhook_kind((int)change->kind);
    Record *rec = NULL;

    *out = (Delivery){0};
    if (change->obj->is_internal || change->obj->is_private ||
        !webhook_wants(m->o->events, change->obj->name, kind))
        return NULL;
    Err *e = record_after(m->cx, change, &rec);
    if (e && e->code == ERR_NOT_FOUND) return NULL; /* not for his eyes */
    if (e) return e;
    if (!fits(m, rec)) return NULL;
    Str event = str_fmt(m->cx->mem, "%.*s.%.*s", SFMT(change->obj->name), SFMT(kind));
    *out = (Delivery){.webhook = m->o->id,
                      .event = event,
                      .obj = change->obj,
                      .record = change->record,
                      .at = m->cx->now,
                      .message = str_fmt(m->cx->mem, "chg_%lld_%lld_%lld", (long long)change->cursor.epoch,
                                         (long long)change->cursor.tx, (long long)change->cursor.seq)};
    return write_body(m->cx, change, event, rec, &out->body);
}

Err *outbox_read(Ctx *cx, const Outlet *o, Cursor from, Delivery **out, size_t *n, Cursor *to, bool *is_end)
{
    Ctx own = *cx;
    Making m = {.cx = &own, .o = o};
    Change *changes = NULL;
    uint16_t *numbers = NULL;
    Actor *actor = NULL;
    size_t n_numbers = 0, n_changes = 0;

    *n = 0;
    if (!o->owner) FAIL(cx->mem, ERR_DENIED, "error.signin.needed", "a webhook without responsible person");
    TRY(actor_of_user(cx, o->owner, &actor));
    own.actor = actor;
    TRY(wanted_objects(cx, o->events, &numbers, &n_numbers));
    TRY(change_news(cx, from, numbers, n_numbers, READ_ROWS, &changes, &n_changes, to, is_end));
    *out = NEW_N(cx->mem, Delivery, MESSAGES_MAX);
    for (size_t i = 0; i < n_changes; i++) {
        if (*n == MESSAGES_MAX) {
            *to = changes[i - 1].cursor;
            *is_end = false;
            return NULL;
        }
        TRY(make(&m, &changes[i], &(*out)[*n]));
        if ((*out)[*n].body.n) (*n)++;
    }
    return NULL;
}
