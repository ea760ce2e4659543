/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue and the log of webhooks, which are one table.  A delivery is made in the unit that moves the cursor over the change it
   tells, so none is lost and none is made twice; it is claimed until a moment, so one whose process died comes back; the
   number of the attempt is the fence against a process that comes too late. */
#include "svc/delivery.h"

#include "core/lease.h"
#include "core/store.h"
#include "svc/webhook.h"
#include "json/json.h"

#include <sodium.h>

#define DAY_MS       INT64_C(86400000)
#define OUTAGE_MS    INT64_C(300000) /* failing longer than that is an outage of the receiver */
#define ASK_MAX_S    INT64_C(86400)
#define JITTER_PARTS 10 /* up to a tenth is added to a wait */

/* --- queueing -------------------------------------------------------------------------------------------------------- */

Err *delivery_begin(Ctx *cx, Id webhook)
{
    Cursor end;

    TRY(change_last(cx, &end));
    Val binds[] = {val_int(webhook), val_int(end.epoch), val_int(end.tx), val_int(end.seq)};
    return db_exec(cx->mem, cx->db,
                   S("INSERT INTO webhook_state (webhook, epoch, tx, seq, hold) VALUES (?1, ?2, ?3, ?4, 0) "
                     "ON CONFLICT (webhook) DO NOTHING"),
                   binds, 4, NULL);
}

static Err *insert(Ctx *cx, const Delivery *d, bool is_asked)
{
    Val binds[] = {val_int(d->id),
                   val_int(d->webhook),
                   val_text(d->message),
                   val_text(d->event),
                   d->obj ? val_int(d->obj->number) : val_null(),
                   d->record ? val_int(d->record) : val_null(),
                   val_int(d->at),
                   val_text(d->body),
                   val_int(cx->now),
                   val_int(is_asked)};

    return db_exec(
        cx->mem, cx->db,
        S("INSERT INTO webhook_delivery (id, webhook, message, event, object, record, at, body, state, due, attempts, is_asked) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'waiting', ?9, 0, ?10) ON CONFLICT (webhook, message) DO NOTHING"),
        binds, sizeof binds / sizeof *binds, NULL);
}

Err *delivery_add(Ctx *cx, Id webhook, Cursor from, Cursor to, const Delivery *found, size_t n,
                  bool *is_taken)
{
    Val binds[] = {val_int(webhook),  val_int(from.epoch), val_int(from.tx), val_int(from.seq),
                   val_int(to.epoch), val_int(to.tx),      val_int(to.seq)};
    int64_t moved = 0;

    TRY(db_exec(
        cx->mem, cx->db,
        S("UPDATE webhook_state SET epoch = ?5, tx = ?6, seq = ?7 WHERE webhook = ?1 AND epoch = ?2 AND "
          "tx = ?3 AND seq = ?4"),
        binds, 7, &moved));
    *is_taken = moved > 0;
    for (size_t i = 0; *is_taken && i < n; i++) {
        Delivery d = found[i];
        d.id = id_new(cx->now);
        TRY(insert(cx, &d, false));
    }
    return NULL;
}

Err *delivery_retry_now(Ctx *cx, Id webhook)
{
    Val binds[] = {val_int(webhook), val_int(cx->now)};

    TRY(db_exec(cx->mem, cx->db,
                S("UPDATE webhook_state SET hold = 0, failing_since = NULL WHERE webhook = ?1"), binds, 1,
                NULL));
    return db_exec(cx->mem, cx->db,
                   S("UPDATE webhook_delivery SET due = ?2 WHERE webhook = ?1 AND state = 'waiting'"), binds,
                   2, NULL);
}

Err *delivery_test(Ctx *cx, Id webhook, Str name, Id *out)
{
    Delivery d = {.id = id_new(cx->now), .webhook = webhook, .event = S(DELIVERY_TEST), .at = cx->now};
    Buf b = buf_new(cx->mem, 1u << 16);
    JsonWriter w = json_writer(&b);

    d.message = str_cat(cx->mem, S("test_"), id_text(cx->mem, d.id));
    json_open_obj(&w);
    json_pair_str(&w, "type", d.event);
    json_pair_val(&w, "timestamp", val_from_ms(cx->now));
    json_key_c(&w, "data");
    json_open_obj(&w);
    json_pair_str(&w, "webhook", name);
    json_close_obj(&w);
    json_close_obj(&w);
    d.body = buf_str(&b);
    *out = d.id;
    return insert(cx, &d, true);
}

Err *delivery_replay(Ctx *cx, Id webhook, Id id, int64_t since_ms, int64_t *n)
{
    Val binds[] = {val_int(webhook), val_int(cx->now), val_int(id ? id : since_ms)};

    return db_exec(
        cx->mem, cx->db,
        id ? S("UPDATE webhook_delivery SET state = 'waiting', due = ?2, attempts = 0, is_asked = 1 "
               "WHERE webhook = ?1 AND id = ?3")
           : S("UPDATE webhook_delivery SET state = 'waiting', due = ?2, attempts = 0, is_asked = 1 "
               "WHERE webhook = ?1 AND state = 'failed' AND at >= ?3"),
        binds, 3, n);
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

#define COLUMNS \
    "id, webhook, message, event, object, record, at, state, due, attempts, tried_at, status, ms, reply, error, is_asked"

static Delivery from_row(const Ctx *cx, const DbRows *rows)
{
    int64_t number = db_i64(rows, 4);

    return (Delivery){.id = db_i64(rows, 0),
                      .webhook = db_i64(rows, 1),
                      .message = db_str(rows, 2),
                      .event = db_str(rows, 3),
                      .obj = number > 0 && number < 1024 ? cx->meta->by_number[number] : NULL,
                      .record = db_i64(rows, 5),
                      .at = db_i64(rows, 6),
                      .state = db_str(rows, 7),
                      .due = db_i64(rows, 8),
                      .attempts = db_i64(rows, 9),
                      .tried_at = db_i64(rows, 10),
                      .status = db_i64(rows, 11),
                      .ms = db_i64(rows, 12),
                      .reply = db_str(rows, 13),
                      .error = db_str(rows, 14),
                      .is_asked = db_i64(rows, 15) != 0};
}

/* What is left of `rows`; `has_body`: one column more. */
static Err *take_rows(Ctx *cx, DbRows *rows, bool has_body, Delivery **out, size_t *n)
{
    VEC(Delivery) found = {0};
    bool has = true;

    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        Delivery d = from_row(cx, rows);
        if (has_body) d.body = db_str(rows, 16);
        *vec_push(cx->mem, &found) = d;
    }
    *out = found.p;
    *n = found.n;
    return NULL;
}

static Err *collect(Ctx *cx, Str sql, const Val *binds, size_t n_binds, bool has_body, Delivery **out,
                    size_t *n)
{
    DbRows *rows = NULL;

    TRY(db_query(cx->mem, cx->db, sql, binds, n_binds, &rows));
    return take_rows(cx, rows, has_body, out, n);
}

Err *delivery_list(Ctx *cx, Id webhook, Str state, Id before, size_t limit, Delivery **out, size_t *n)
{
    Val binds[] = {val_int(webhook), val_int(before ? before : INT64_MAX), val_int((int64_t)limit),
                   val_text(state)};

    return state.n ? collect(cx,
                             S("SELECT " COLUMNS " FROM webhook_delivery WHERE webhook = ?1 AND id < ?2 AND "
                               "state = ?4 ORDER BY id DESC LIMIT ?3"),
                             binds, 4, false, out, n)
                   : collect(cx,
                             S("SELECT " COLUMNS " FROM webhook_delivery WHERE webhook = ?1 AND id < ?2 "
                               "ORDER BY id DESC LIMIT ?3"),
                             binds, 3, false, out, n);
}

Err *delivery_get(Ctx *cx, Id id, Delivery *out)
{
    Val bind = val_int(id);
    Delivery *found = NULL;
    size_t n = 0;

    TRY(collect(cx, S("SELECT " COLUMNS ", body FROM webhook_delivery WHERE id = ?1"), &bind, 1, true, &found,
                &n));
    if (n == 0) FAIL(cx->mem, ERR_NOT_FOUND, "error.webhook.delivery", "no such delivery");
    *out = *found;
    return NULL;
}

static Err *last_attempt(Ctx *cx, DeliveryTotals *t)
{
    Val bind = val_int(t->webhook);
    Delivery *last = NULL;
    size_t n = 0;

    TRY(collect(cx,
                S("SELECT " COLUMNS " FROM webhook_delivery WHERE webhook = ?1 AND tried_at IS NOT NULL "
                  "ORDER BY tried_at DESC, id DESC LIMIT 1"),
                &bind, 1, false, &last, &n));
    if (n) t->last = *last;
    return NULL;
}

Err *delivery_totals(Ctx *cx, DeliveryTotals **out, size_t *n)
{
    VEC(DeliveryTotals) all = {0};
    DbRows *rows = NULL;
    bool has = true;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT w.id, (SELECT count(*) FROM webhook_delivery d WHERE d.webhook = w.id AND d.state IN "
          "('waiting', 'sending')), (SELECT count(*) FROM webhook_delivery d WHERE d.webhook = w.id AND "
          "d.state = 'failed' AND d.at >= COALESCE(s.sent_at, 0)) FROM webhook w "
          "LEFT JOIN webhook_state s ON s.webhook = w.id WHERE w.deleted_at IS NULL ORDER BY w.id"),
        NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &all) = (DeliveryTotals){db_i64(rows, 0), db_i64(rows, 1), db_i64(rows, 2), {0}};
    }
    for (size_t i = 0; i < all.n; i++) TRY(last_attempt(cx, &all.p[i]));
    *out = all.p;
    *n = all.n;
    return NULL;
}

/* --- claiming -------------------------------------------------------------------------------------------------------- */

static const Lease DUE = {
    .table = "webhook_delivery",
    .taken = "state = 'sending', due = ?4, tried_at = ?2",
    .due = "webhook = ?1 AND state IN ('waiting', 'sending') AND due <= ?2 AND is_asked >= ?5",
    .most = "?3",
    .columns = COLUMNS ", body",
};

Err *delivery_claim(Ctx *cx, Id webhook, bool only_asked, size_t max, int64_t until, Delivery **out,
                    size_t *n)
{
    Val binds[] = {val_int(webhook), val_int(cx->now), val_int((int64_t)max), val_int(until),
                   val_int(only_asked)};
    DbRows *rows = NULL;

    TRY(lease_take(cx->mem, cx->db, &DUE, binds, 5, &rows));
    return take_rows(cx, rows, true, out, n);
}

Err *delivery_release(Ctx *cx, Id id, int64_t attempts)
{
    Val binds[] = {val_int(id), val_int(attempts), val_int(cx->now)};

    return db_exec(
        cx->mem, cx->db,
        S("UPDATE webhook_delivery SET state = 'waiting', due = ?3, attempts = attempts - 1 WHERE id = ?1 "
          "AND attempts = ?2 AND state = 'sending'"),
        binds, 3, NULL);
}

Err *delivery_release_all(Ctx *cx)
{
    Val now = val_int(cx->now);

    return db_exec(cx->mem, cx->db,
                   S("UPDATE webhook_delivery SET state = 'waiting', due = ?1 WHERE state = 'sending'"), &now,
                   1, NULL);
}

/* --- outcomes -------------------------------------------------------------------------------------------------------- */

static int64_t wait_after(const Attempt *a, const Schedule *schedule)
{
    int64_t wait = schedule->waits[a->attempts - 1];
    int64_t asked = 1000 * (a->retry_after < ASK_MAX_S ? a->retry_after : ASK_MAX_S);

    wait += (int64_t)randombytes_uniform((uint32_t)(wait / JITTER_PARTS) + 1);
    return asked > wait ? asked : wait;
}

static Err *write_outcome(Ctx *cx, const Attempt *a, const char *state, int64_t due, int64_t *is_ours)
{
    Val binds[] = {val_int(a->id),
                   val_int(a->attempts),
                   val_text(str_c(state)),
                   val_int(due),
                   a->status ? val_int(a->status) : val_null(),
                   val_int(a->ms),
                   a->reply.n ? val_text(a->reply) : val_null(),
                   a->error ? val_text(str_c(a->error)) : val_null()};

    return db_exec(
        cx->mem, cx->db,
        S("UPDATE webhook_delivery SET state = ?3, due = ?4, status = ?5, ms = ?6, reply = ?7, error = ?8 "
          "WHERE id = ?1 AND attempts = ?2 AND state = 'sending'"),
        binds, 8, is_ours);
}

/* A receiver that answers again after an outage is sent at once what waits for it. */
static Err *note_success(Ctx *cx, const Attempt *a)
{
    Val binds[] = {val_int(a->webhook), val_int(cx->now)}, since;

    TRY(db_one(cx->mem, cx->db, S("SELECT failing_since FROM webhook_state WHERE webhook = ?1"), binds, 1,
               &since));
    TRY(db_exec(cx->mem, cx->db,
                S("UPDATE webhook_state SET failing_since = NULL, sent_at = ?2 WHERE webhook = ?1"), binds, 2,
                NULL));
    if (since.kind != VAL_INT || since.i > cx->now - OUTAGE_MS) return NULL;
    return delivery_retry_now(cx, a->webhook);
}

static Err *note_failure(Ctx *cx, const Attempt *a)
{
    int64_t hold = a->retry_after < ASK_MAX_S ? a->retry_after : ASK_MAX_S;
    Val binds[] = {val_int(a->webhook), val_int(cx->now), val_int(cx->now + 1000 * hold)};

    TRY(db_exec(cx->mem, cx->db,
                S("UPDATE webhook_state SET failing_since = COALESCE(failing_since, ?2) WHERE webhook = ?1"),
                binds, 2, NULL));
    if (!hold) return NULL;
    return db_exec(cx->mem, cx->db, S("UPDATE webhook_state SET hold = ?2 WHERE webhook = ?1 AND hold < ?2"),
                   (Val[]){binds[0], binds[2]}, 2, NULL);
}

/* Nothing has got through since this delivery was made: the receiver is gone, not the delivery wrong. */
static Err *is_dead(Ctx *cx, const Attempt *a, bool *out)
{
    Val bind = val_int(a->webhook), sent;

    TRY(db_one(cx->mem, cx->db, S("SELECT sent_at FROM webhook_state WHERE webhook = ?1"), &bind, 1, &sent));
    *out = sent.kind != VAL_INT || sent.i < a->at;
    return NULL;
}

Err *delivery_end(Ctx *cx, const Attempt *a, const Schedule *schedule, const char **pause)
{
    bool is_gone = a->status == 410, is_last = a->is_test || is_gone || a->attempts > (int64_t)schedule->n;
    int64_t is_ours = 0;
    bool dead = false;

    *pause = NULL;
    if (!a->error) {
        TRY(write_outcome(cx, a, "sent", cx->now, &is_ours));
        return is_ours ? note_success(cx, a) : NULL;
    }
    TRY(write_outcome(cx, a, is_last ? "failed" : "waiting",
                      is_last ? cx->now : cx->now + wait_after(a, schedule), &is_ours));
    if (!is_ours || a->is_test) return NULL;
    TRY(note_failure(cx, a));
    if (is_last && !is_gone) TRY(is_dead(cx, a, &dead));
    *pause = is_gone ? "gone" : dead ? "failing" : NULL;
    return NULL;
}

/* --- sweeping -------------------------------------------------------------------------------------------------------- */

Err *delivery_sweep(Ctx *cx)
{
    Val old = val_int(cx->now - DELIVERY_DAYS * DAY_MS), over = val_int(cx->now - WEBHOOK_OVERLAP_MS);

    TRY(db_exec(cx->mem, cx->db, S("DELETE FROM webhook_delivery WHERE at < ?1 AND state <> 'sending'"), &old,
                1, NULL));
    return db_exec(cx->mem, cx->db,
                   S("UPDATE webhook SET old_secret = NULL WHERE old_secret IS NOT NULL AND rotated_at < ?1"),
                   &over, 1, NULL);
}
