/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a webhook may be, whoever writes it: an address that may be reached, events that exist, a condition over the one object
   they are of.  Only administrators write them, because a webhook carries data out under the rights of its responsible
   person.  The secret stays outside the record's values: it is written beside them and shown once. */
#include "svc/webhook.h"

#include "core/change.h"
#include "core/rights.h"
#include "core/secret.h"
#include "core/store.h"
#include "svc/address.h"
#include "svc/delivery.h"
#include "svc/sign.h"

/* --- events ---------------------------------------------------------------------------------------------------------- */

static const char *const KINDS[] = {
    [CHANGE_CREATE] = "created",
    [CHANGE_UPDATE] = "updated",
    [CHANGE_DELETE] = "deleted",
    [CHANGE_RESTORE] = "restored",
};

Str webhook_kind(int change_kind)
{
    return str_c(KINDS[change_kind]);
}

static bool is_kind(Str s)
{
    for (size_t i = CHANGE_CREATE; i <= CHANGE_RESTORE; i++)
        if (str_eq_c(s, KINDS[i])) return true;
    return str_eq(s, S("*"));
}

bool webhook_wants(Val events, Str object, Str kind)
{
    for (uint32_t i = 0; i < events.n && events.kind == VAL_LIST; i++) {
        Str rest = val_str(events.list[i]);
        if (str_eq(rest, S("*"))) return true;
        if (str_eq(str_cut(&rest, '.'), object) && (str_eq(rest, kind) || str_eq(rest, S("*")))) return true;
    }
    return false;
}

static const Object *object_of(const Meta *meta, Str event)
{
    const Object *obj = meta_object(meta, str_cut(&event, '.'));

    return obj && !obj->is_internal && !obj->is_private ? obj : NULL;
}

const Object *webhook_only_object(const Meta *meta, Val events)
{
    const Object *only = NULL;

    for (uint32_t i = 0; i < events.n && events.kind == VAL_LIST; i++) {
        const Object *obj = object_of(meta, val_str(events.list[i]));
        if (!obj || (only && only != obj)) return NULL;
        only = obj;
    }
    return only;
}

/* --- rules ----------------------------------------------------------------------------------------------------------- */

static Err *check_events(Ctx *cx, Val events)
{
    for (uint32_t i = 0; i < events.n && events.kind == VAL_LIST; i++) {
        Str event = val_str(events.list[i]), rest = event;
        if (str_eq(event, S("*"))) continue;
        (void)str_cut(&rest, '.');
        if (object_of(cx->meta, event) && is_kind(rest)) continue;
        return err_arg(
            err_field(err_new(cx->mem, ERR_INVALID, "error.webhook.event", "no event %.*s", SFMT(event)),
                      S("events")),
            0, event);
    }
    return NULL;
}

static Err *check_filter(Ctx *cx, const Record *rec)
{
    const Object *obj = webhook_only_object(cx->meta, record_get_val(rec, "events"));
    Val filter = record_get_val(rec, "filter");
    CelNode *tree = NULL;

    if (val_is_null(filter)) return NULL;
    if (!obj) FAIL_FIELD(cx->mem, S("filter"), "error.webhook.filter", "a condition over several objects");
    CelEnv env = object_cel_env(obj);
    Err *e = cel_parse(cx->mem, val_str(filter), &tree);
    if (!e) e = cel_check(cx->mem, &env, tree, &cel_bool);
    return e ? err_field(e, S("filter")) : NULL;
}

static Err *check_count(Ctx *cx)
{
    Val n;

    TRY(db_one(cx->mem, cx->db, S("SELECT count(*) FROM webhook WHERE deleted_at IS NULL"), NULL, 0, &n));
    if (n.i < WEBHOOKS_MAX) return NULL;
    return err_arg(err_new(cx->mem, ERR_LIMIT, "error.webhook.many", "%d webhooks", WEBHOOKS_MAX), 0,
                   str_fmt(cx->mem, "%d", WEBHOOKS_MAX));
}

static bool is_true(const Record *rec, const char *field)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_BOOL && v.b;
}

static bool is_paused(const Record *rec)
{
    Val state = record_get_val(rec, "state");

    return state.kind == VAL_TEXT && str_eq(val_str(state), S("paused"));
}

/* A pause without a reason is a person's. */
static void set_reason(Ctx *cx, Record *rec, const Record *before)
{
    bool was_paused = before && is_paused(before);

    if (is_paused(rec) && !was_paused) {
        record_set(rec, "paused_at", val_from_ms(cx->now));
        if (val_is_null(record_get_val(rec, "reason"))) record_set(rec, "reason", val_text(S("person")));
    }
    if (!is_paused(rec)) {
        record_set(rec, "paused_at", val_null());
        record_set(rec, "reason", val_null());
    }
}

/* An address that was good when it was saved is not asked again when something else changes. */
static Err *check_url(Ctx *cx, const Record *rec, const Record *before)
{
    Val url = record_get_val(rec, "url");
    bool is_same = before && val_same(url, record_get_val(before, "url")) &&
                   is_true(rec, "plain_http") == is_true(before, "plain_http");

    if (is_same || url.kind != VAL_TEXT) return NULL;
    return webhook_url_check(cx->mem, val_str(url), is_true(rec, "plain_http"), cx->store->webhooks_private);
}

static Err *webhook_before(Ctx *cx, Record *rec, const Record *before)
{
    Err *problems = NULL, *e = NULL;

    if (!cx->actor->is_system && !cx->actor->rights->is_administrator)
        FAIL(cx->mem, ERR_DENIED, "error.denied", "webhooks are for administrators");
    if (!before) TRY(check_count(cx));
    set_reason(cx, rec, before);
    e = check_url(cx, rec, before);
    if (e) err_add(&problems, e);
    e = check_events(cx, record_get_val(rec, "events"));
    if (!e) e = check_filter(cx, rec);
    if (e) err_add(&problems, e);
    return problems;
}

static Err *set_secret(Ctx *cx, Id id, bool keeps_old)
{
    Str sealed;

    TRY(secret_seal(cx, S("webhook"), id, webhook_secret_new(cx->mem), &sealed));
    Val binds[] = {val_int(id), val_text(sealed)};
    return db_exec(cx->mem, cx->db,
                   keeps_old ? S("UPDATE webhook SET old_secret = secret, secret = ?2 WHERE id = ?1")
                             : S("UPDATE webhook SET secret = ?2 WHERE id = ?1"),
                   binds, 2, NULL);
}

static Err *webhook_after(Ctx *cx, Record *rec, const Record *before)
{
    if (!before) {
        TRY(set_secret(cx, rec->id, false));
        return delivery_begin(cx, rec->id);
    }
    return is_paused(before) && !is_paused(rec) ? delivery_retry_now(cx, rec->id) : NULL;
}

Err *webhook_secret(Ctx *cx, Id webhook, Str *out)
{
    Val bind = val_int(webhook), v;

    TRY(db_one(cx->mem, cx->db, S("SELECT secret FROM webhook WHERE id = ?1"), &bind, 1, &v));
    return secret_open(cx, S("webhook"), webhook, v.kind == VAL_TEXT ? val_str(v) : (Str){0}, out);
}

Err *webhook_rotate(Ctx *cx, Id webhook, Str *out)
{
    Ctx own = *cx;
    Record *rec = NULL;

    TRY(record_get(cx, meta_object(cx->meta, S("webhook")), webhook, 0, &rec));
    TRY(set_secret(cx, webhook, true));
    own.may_write_readonly = true;
    rec = record_copy(cx->mem, rec);
    record_set(rec, "rotated_at", val_from_ms(cx->now));
    TRY(record_update(&own, rec, NULL));
    ctx_join(cx, &own);
    return webhook_secret(cx, webhook, out);
}

/* --- actions --------------------------------------------------------------------------------------------------------- */

static Err *need_administrator(Ctx *cx)
{
    if (cx->actor->is_system || cx->actor->rights->is_administrator) return NULL;
    FAIL(cx->mem, ERR_DENIED, "error.denied", "webhooks are for administrators");
}

static Err *one_result(Ctx *cx, Str key, Val v, Val *out)
{
    ValPair *pair = NEW(cx->mem, ValPair);

    *pair = (ValPair){val_text(key), v};
    *out = val_map(pair, 1);
    return NULL;
}

static Err *run_test(Ctx *cx, Record *rec, const Val *params, Val *out)
{
    Id id = 0;

    (void)params;
    TRY(need_administrator(cx));
    TRY(delivery_test(cx, rec->id, val_str(record_get_val(rec, "name")), &id));
    return one_result(cx, S("delivery"), val_id(id), out);
}

static Err *run_replay(Ctx *cx, Record *rec, const Val *params, Val *out)
{
    bool is_one = params[0].kind == VAL_TEXT, is_since = params[1].kind == VAL_TIMESTAMP;
    int64_t n = 0;
    Id id = 0;

    TRY(need_administrator(cx));
    if (is_one == is_since) FAIL_FIELD(cx->mem, S("delivery"), "error.webhook.replay", "either one or since");
    if (is_one && !id_parse(val_str(params[0]), &id))
        FAIL(cx->mem, ERR_NOT_FOUND, "error.webhook.delivery", "no such delivery");
    TRY(delivery_replay(cx, rec->id, id, is_since ? val_ms(params[1]) : 0, &n));
    if (is_one && n == 0) FAIL(cx->mem, ERR_NOT_FOUND, "error.webhook.delivery", "no such delivery");
    return one_result(cx, S("count"), val_int(n), out);
}

static const ActionParam REPLAY[] = {
    {.name = "delivery", .type = FIELD_TEXT, .label = {"Delivery", "Доставка", "Dostarczenie"}},
    {.name = "since",
     .type = FIELD_TIMESTAMP,
     .label = {"Failed since", "Неудачные начиная с", "Nieudane od"}},
};

static const Action ACTIONS[] = {
    {.object = "webhook",
     .name = "test",
     .icon = "send",
     .label = {"Send a test", "Отправить проверку", "Wyślij próbę"},
     .right = "update",
     .run = run_test},
    {.object = "webhook",
     .name = "replay",
     .icon = "repeat",
     .label = {"Send again", "Отправить ещё раз", "Wyślij ponownie"},
     .right = "update",
     .params = REPLAY,
     .n_params = sizeof REPLAY / sizeof *REPLAY,
     .run = run_replay},
};

static const Hook HOOKS[] = {
    {.object = "webhook", .before_write = webhook_before, .after_write = webhook_after},
};

const Module svc_webhooks = {
    .name = "webhooks",
    .actions = ACTIONS,
    .n_actions = sizeof ACTIONS / sizeof *ACTIONS,
    .hooks = HOOKS,
    .n_hooks = sizeof HOOKS / sizeof *HOOKS,
};
