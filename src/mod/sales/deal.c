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

static Val today(const Ctx *cx)
{
    return val_date(zone_date(cx->store->company->zone, cx->now));
}

/* The moment of a day: now of today, the beginning of another. */
static Val moment_of(const Ctx *cx, Val day)
{
    if (val_is_null(day) || day.i == today(cx).i) return val_from_ms(cx->now);
    return val_from_ms(zone_day_start(cx->store->company->zone, day.i));
}

static bool is_open(const Record *rec)
{
    Val category = record_get_val(rec, "category");

    return category.kind != VAL_TEXT || str_eq(val_str(category), S("open"));
}

/* Closing: the close date, unless this write says it, is today.  The moment follows the date, now and later, so that both
   name one day; only data brought in says the moment itself. */
static void set_closing(Ctx *cx, Record *rec, const Record *before)
{
    bool was_closed = before && !is_open(before), is_given = sales_changed(rec, before, "close_date");

    if (is_open(rec)) {
        record_set(rec, "closed_at", val_null());
        return;
    }
    if (!was_closed && !cx->is_quiet && (!is_given || val_is_null(record_get_val(rec, "close_date"))))
        record_set(rec, "close_date", today(cx));
    bool is_said = !val_is_null(record_get_val(rec, "closed_at")) && sales_changed(rec, before, "closed_at");
    if (is_said || (was_closed && !is_given)) return;
    record_set(rec, "closed_at", moment_of(cx, record_get_val(rec, "close_date")));
}

/* A deal written down today began today, unless it should have been closed before. */
static void set_opened(Ctx *cx, Record *rec)
{
    Val day = record_get_val(rec, "close_date");

    if (cx->is_quiet || !val_is_null(record_get_val(rec, "opened_on"))) return;
    if (val_is_null(day) || day.i >= today(cx).i) record_set(rec, "opened_on", today(cx));
}

static Err *follow_stage(Ctx *cx, Record *rec, const Record *before, Val ref)
{
    Ctx system = ctx_as_system(cx);
    Record *stage = NULL;

    Err *e = record_get(&system, meta_object(cx->meta, S("stage")), ref.i, 0, &stage);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e; /* validation names the missing stage */
    record_set(rec, "pipeline", record_get_val(stage, "pipeline"));
    bool is_given = !before ? !val_is_null(record_get_val(rec, "probability"))
                            : sales_changed(rec, before, "probability");
    if (!is_given) record_set(rec, "probability", record_get_val(stage, "probability"));
    record_set(rec, "category", record_get_val(stage, "category"));
    return NULL;
}

Err *deal_before(Ctx *cx, Record *rec, const Record *before)
{
    if (val_is_null(record_get_val(rec, "stage"))) TRY(default_stage(cx, rec));
    Val ref = record_get_val(rec, "stage");
    if (!before) set_opened(cx, rec);
    if (!val_is_null(ref) && sales_changed(rec, before, "stage")) TRY(follow_stage(cx, rec, before, ref));
    set_closing(cx, rec, before);
    return NULL;
}

/* The first won deal makes a prospect a customer. */
Err *deal_after(Ctx *cx, Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    Actor who = *system.actor;
    Val ref = record_get_val(rec, "account"), category = record_get_val(rec, "category");
    Record *account;

    if (val_is_null(ref) || !str_eq(val_str(category), S("won")) || !sales_changed(rec, before, "category"))
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
