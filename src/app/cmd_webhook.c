/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith webhook: how they are doing, pausing, resuming, a test, sending again what failed. */
#include "app/command.h"
#include "base/time.h"
#include "core/record.h"
#include "svc/delivery.h"
#include "json/json.h"

typedef struct WebhookArgs {
    Run *run;
    Str verb, name;
    int64_t since, count;
} WebhookArgs;

static Err *find_webhook(Ctx *cx, Str name, Record **out)
{
    Val bind = val_text(name), v;
    Id id = 0;

    if (!id_parse(name, &id)) {
        TRY(db_one(cx->mem, cx->db, S("SELECT id FROM webhook WHERE name = ?1 AND deleted_at IS NULL"), &bind,
                   1, &v));
        id = v.kind == VAL_INT ? v.i : 0;
    }
    if (!id)
        return err_arg(err_new(cx->mem, ERR_NOT_FOUND, "error.cli.none", "no webhook %.*s", SFMT(name)), 0,
                       name);
    return record_get(cx, meta_object(cx->meta, S("webhook")), id, 0, out);
}

static void show_one(Run *run, const Record *rec, const DeliveryTotals *t)
{
    JsonWriter w = json_writer(&run->out);
    Val reason = record_get_val(rec, "reason");
    Str state = val_str(record_get_val(rec, "state")), name = val_str(record_get_val(rec, "name"));
    Str why = reason.kind == VAL_TEXT ? val_str(reason) : (Str){0};

    if (!run->is_json) {
        buf_addf(&run->out, "%.*s  %.*s%s%.*s  waiting %lld, failed %lld  %.*s\n",
                 SFMT(id_text(run->mem, rec->id)), SFMT(state), why.n ? ": " : "", SFMT(why),
                 (long long)t->waiting, (long long)t->failed, SFMT(name));
        return;
    }
    json_open_obj(&w);
    json_pair_str(&w, "id", id_text(run->mem, rec->id));
    json_pair_str(&w, "name", name);
    json_pair_val(&w, "url", record_get_val(rec, "url"));
    json_pair_str(&w, "state", state);
    json_pair_val(&w, "reason", reason);
    json_pair_i64(&w, "waiting", t->waiting);
    json_pair_i64(&w, "failed", t->failed);
    json_close_obj(&w);
    buf_add_c(&run->out, '\n');
}

static Err *list(Ctx *cx, void *arg)
{
    const WebhookArgs *in = arg;
    DeliveryTotals *all = NULL;
    Record *rec = NULL;
    size_t n = 0;

    TRY(delivery_totals(cx, &all, &n));
    for (size_t i = 0; i < n; i++) {
        TRY(record_get(cx, meta_object(cx->meta, S("webhook")), all[i].webhook, 0, &rec));
        show_one(in->run, rec, &all[i]);
    }
    return NULL;
}

static Err *act(Ctx *cx, void *arg)
{
    WebhookArgs *in = arg;
    Record *stored = NULL;
    Id id = 0;

    TRY(find_webhook(cx, in->name, &stored));
    if (str_eq(in->verb, S("test")))
        return delivery_test(cx, stored->id, val_str(record_get_val(stored, "name")), &id);
    if (str_eq(in->verb, S("replay"))) return delivery_replay(cx, stored->id, 0, in->since, &in->count);
    Record *rec = record_copy(cx->mem, stored);
    record_set(rec, "state", val_text(str_eq(in->verb, S("pause")) ? S("paused") : S("active")));
    return record_update(cx, rec, NULL);
}

static bool is_verb(Str s)
{
    return str_eq(s, S("pause")) || str_eq(s, S("resume")) || str_eq(s, S("test")) || str_eq(s, S("replay"));
}

static Err *read_since(Run *run, const WebhookArgs *in, int64_t *out)
{
    Str text = run_option(run, "since");
    Val at;

    if (str_eq(in->verb, S("replay")) != (text.n > 0))
        FAIL(run->mem, ERR_INVALID, "error.usage", "replay needs --since, and nothing else takes it");
    if (!text.n) return NULL;
    if (!timestamp_parse(text, &at))
        FAIL(run->mem, ERR_INVALID, "error.usage", "--since is a moment such as 2026-11-22T07:00:00Z");
    *out = val_ms(at);
    return NULL;
}

Err *cmd_webhook(Run *run)
{
    WebhookArgs in = {.run = run, .verb = run_positional(run)};

    if (str_eq(in.verb, S("list"))) {
        TRY(run_no_more(run));
        return run_read(run, list, &in);
    }
    in.name = run_positional(run);
    if (!is_verb(in.verb) || !in.name.n)
        FAIL(run->mem, ERR_INVALID, "error.usage", "webhook list, or pause, resume, test, replay and a name");
    TRY(read_since(run, &in, &in.since));
    TRY(run_no_more(run));
    TRY(run_write(run, act, &in));
    if (run->is_json)
        buf_addf(&run->out, "{\"count\":%lld}\n", (long long)in.count);
    else if (str_eq(in.verb, S("replay")))
        buf_addf(&run->out, "%lld sent again\n", (long long)in.count);
    return NULL;
}
