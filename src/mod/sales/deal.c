/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deals: what a deal takes from its stage, and what winning it does to the account. */
#include "mod/sales/sales_impl.h"

#include "base/text.h"
#include "core/store.h"

/* The first stage of the default pipeline, for a deal made without one. */
static Err *default_stage(Ctx *cx, Record *rec)
{
    const Object *stage = meta_object(cx->meta, S("stage"));
    Val id;

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT s.id FROM \"stage\" s JOIN \"pipeline\" p ON p.id = s.pipeline WHERE s.deleted_at IS NULL "
          "AND p.deleted_at IS NULL ORDER BY p.is_default DESC, p.position, p.id, s.position LIMIT 1"),
        NULL, 0, &id));
    if (id.kind == VAL_INT) record_set(rec, "stage", val_ref(stage->number, id.i));
    return NULL;
}

/* Now; of old data brought in, the day it says. */
static Val closing_time(Ctx *cx, const Record *rec)
{
    Val day = record_get_val(rec, "close_date");

    if (!cx->is_quiet || val_is_null(day)) return val_from_ms(cx->now);
    return val_from_ms(zone_day_start(cx->store->company->zone, day.i));
}

static void set_status(Ctx *cx, Record *rec, const Record *before, const Record *stage)
{
    Val closed = record_get_val(stage, "is_closed"), won = record_get_val(stage, "is_won");
    bool is_closed = closed.kind == VAL_BOOL && closed.b, is_won = won.kind == VAL_BOOL && won.b;
    bool was_closed = before && !val_is_null(record_get_val(before, "closed_at"));

    record_set(rec, "status", val_text(is_won ? S("won") : is_closed ? S("lost") : S("open")));
    if (!is_closed)
        record_set(rec, "closed_at", val_null());
    else if (!was_closed && val_is_null(record_get_val(rec, "closed_at")))
        record_set(rec, "closed_at", closing_time(cx, rec));
    if (is_closed && !was_closed && !cx->is_quiet && !sales_changed(rec, before, "close_date"))
        record_set(rec, "close_date", val_date(zone_date(cx->store->company->zone, cx->now)));
}

Err *deal_before(Ctx *cx, Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    Record *stage;

    if (val_is_null(record_get_val(rec, "stage"))) TRY(default_stage(cx, rec));
    Val ref = record_get_val(rec, "stage");
    if (val_is_null(ref) || !sales_changed(rec, before, "stage")) return NULL;
    Err *e = record_get(&system, meta_object(cx->meta, S("stage")), ref.i, 0, &stage);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e; /* validation names the missing stage */
    record_set(rec, "pipeline", record_get_val(stage, "pipeline"));
    bool is_given = !before ? !val_is_null(record_get_val(rec, "probability"))
                            : sales_changed(rec, before, "probability");
    if (!is_given) record_set(rec, "probability", record_get_val(stage, "probability"));
    set_status(cx, rec, before, stage);
    return NULL;
}

/* The first won deal makes a prospect a customer. */
Err *deal_after(Ctx *cx, Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    Actor who = *system.actor;
    Val ref = record_get_val(rec, "account"), status = record_get_val(rec, "status");
    Record *account;

    if (val_is_null(ref) || !str_eq(val_str(status), S("won")) || !sales_changed(rec, before, "status"))
        return NULL;
    TRY(record_get(&system, meta_object(cx->meta, S("account")), ref.i, READ_DELETED, &account));
    if (!val_is_null(record_get_val(account, "customer_since"))) return NULL;
    who.user = cx->actor->user;
    system.actor = &who;
    Record *next = record_new(cx->mem, account->obj);
    Val roles[] = {val_text(S("customer"))};
    next->id = account->id;
    Val day = record_get_val(rec, "close_date");
    record_set(next, "customer_since",
               val_is_null(day) ? val_date(zone_date(cx->store->company->zone, cx->now)) : day);
    record_set(next, "roles", val_list(roles, 1));
    Err *e = record_update(&system, next, NULL);
    ctx_join(cx, &system);
    return e;
}
