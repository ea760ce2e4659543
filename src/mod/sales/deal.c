/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deals: what a deal takes from its stage, and what winning it does to the account. */
#include "mod/sales/sales_impl.h"

#include "base/text.h"
#include "core/change.h"
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

/* Each move of the close date to a later day while the deal is open. */
static void count_pushes(Ctx *cx, Record *rec, const Record *before)
{
    Val was = record_get_val(before, "close_date"), is = record_get_val(rec, "close_date");
    Val n = record_get_val(before, "pushed");

    if (cx->channel == CHANNEL_UNDO || !is_open(before) || !is_open(rec) || val_is_null(was) ||
        val_is_null(is))
        return;
    if (is.i > was.i) record_set(rec, "pushed", val_int(n.kind == VAL_INT ? n.i + 1 : 1));
}

/* A deal that is lost no longer has no reason to be. */
static void drop_loss(Record *rec, const Record *before)
{
    static const char *const SAID[] = {"lost_reason", "lost_note"};
    Val was = record_get_val(before, "category"), is = record_get_val(rec, "category");

    if (was.kind != VAL_TEXT || !str_eq(val_str(was), S("lost")) || val_same(was, is)) return;
    for (size_t i = 0; i < sizeof SAID / sizeof *SAID; i++)
        if (!sales_changed(rec, before, SAID[i])) record_set(rec, SAID[i], val_null());
}

/* A new deal came to its stage now; one brought in when it was closed or begun. */
static void set_since(Ctx *cx, Record *rec)
{
    Val closed = record_get_val(rec, "closed_at"), opened = record_get_val(rec, "opened_on");

    if (!val_is_null(record_get_val(rec, "stage_since"))) return;
    if (cx->is_quiet && !val_is_null(closed))
        record_set(rec, "stage_since", closed);
    else
        record_set(rec, "stage_since", cx->is_quiet ? moment_of(cx, opened) : val_from_ms(cx->now));
}

Err *deal_before(Ctx *cx, Record *rec, const Record *before)
{
    if (val_is_null(record_get_val(rec, "stage"))) TRY(default_stage(cx, rec));
    if (!before) set_opened(cx, rec);
    TRY(stage_follow(cx, rec, before));
    set_closing(cx, rec, before);
    if (before) {
        count_pushes(cx, rec, before);
        drop_loss(rec, before);
    } else {
        set_since(cx, rec);
    }
    return gate_check(cx, rec, before);
}

/* The time in the stage that was left. */
static Err *note_visit(Ctx *cx, const Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    Actor who = *system.actor;
    Record *visit = record_new(cx->mem, meta_object(cx->meta, S("stage_visit")));
    Val since = before ? record_get_val(before, "stage_since") : val_null();

    if (!before || cx->channel == CHANNEL_UNDO || val_is_null(since) || !sales_changed(rec, before, "stage"))
        return NULL;
    who.user = cx->actor->user;
    system.actor = &who;
    record_set(visit, "deal", val_ref(rec->obj->number, rec->id));
    record_set(visit, "stage", record_get_val(before, "stage"));
    record_set(visit, "entered_at", since);
    record_set(visit, "left_at", record_get_val(rec, "stage_since"));
    Err *e = record_create(&system, visit, NULL);
    ctx_join(cx, &system);
    return e;
}

/* The first won deal makes a prospect a customer. */
static Err *make_customer(Ctx *cx, Record *rec, const Record *before)
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

Err *deal_after(Ctx *cx, Record *rec, const Record *before)
{
    TRY(note_visit(cx, rec, before));
    return make_customer(cx, rec, before);
}

/* --- older versions -------------------------------------------------------------------------------------------------- */

#define CHANGES_MAX 1000

/* Field `name` in a change, or NULL. */
static const FieldChange *in_change(const Change *change, Str name)
{
    for (size_t i = 0; i < change->n; i++)
        if (str_eq(change->fields[i].field->name, name)) return &change->fields[i];
    return NULL;
}

/* When a deal of an older version came to its stage, and how often it was put off: from its changes. */
Err *deal_fill(Ctx *cx, Record *rec, const Record *before)
{
    Change *changes = NULL;
    size_t n = 0;
    int64_t pushed = 0;
    Val since = record_get_val(rec, "created_at"), day = val_null();
    bool was_open = true;

    (void)before;
    if (!val_is_null(record_get_val(rec, "stage_since"))) return NULL;
    TRY(change_history(cx, rec->obj, rec->id, NULL, CHANGES_MAX, &changes, &n));
    for (size_t i = n; i-- > 0;) {
        const FieldChange *category = in_change(&changes[i], S("category")),
                          *date = in_change(&changes[i], S("close_date"));
        bool is_now_open =
            category ? category->after.kind == VAL_TEXT && str_eq(val_str(category->after), S("open"))
                     : was_open;
        if (date && was_open && is_now_open && changes[i].channel != CHANNEL_UNDO && !val_is_null(day) &&
            !val_is_null(date->after) && date->after.i > day.i)
            pushed++;
        if (date) day = date->after;
        if (in_change(&changes[i], S("stage"))) since = val_from_ms(changes[i].at);
        was_open = is_now_open;
    }
    record_set(rec, "stage_since", since);
    record_set(rec, "pushed", val_int(pushed));
    return NULL;
}

/* --- actions --------------------------------------------------------------------------------------------------------- */

static Err *stage_of(Ctx *cx, const Record *deal, Str category, Val *out)
{
    Val pipeline = record_get_val(deal, "pipeline"), id = {0};
    Val binds[] = {val_int(pipeline.kind == VAL_REF ? pipeline.i : 0), val_text(category)};

    TRY(db_one(cx->mem, cx->db,
               S("SELECT id FROM \"stage\" WHERE pipeline = ?1 AND category = ?2 AND deleted_at IS NULL "
                 "ORDER BY position, id LIMIT 1"),
               binds, 2, &id));
    if (id.kind != VAL_INT)
        FAIL(cx->mem, ERR_CONFLICT, "error.deal.stage", "no %.*s stage in the pipeline", SFMT(category));
    *out = val_ref(meta_object(cx->meta, S("stage"))->number, id.i);
    return NULL;
}

static Err *answer_stage(Ctx *cx, Val stage, Val *out)
{
    ValPair *pair = NEW(cx->mem, ValPair);

    *pair = (ValPair){val_text(S("stage")), stage};
    *out = val_map(pair, 1);
    return NULL;
}

static Err *must_be_open(Ctx *cx, const Record *deal)
{
    if (is_open(deal)) return NULL;
    FAIL(cx->mem, ERR_CONFLICT, "error.deal.closed", "the deal is closed");
}

/* Parameters that were given, onto the fields of the same place. */
static void set_given(Record *next, const char *const *fields, const Val *params, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!val_is_null(params[i])) record_set(next, fields[i], params[i]);
}

static Err *close_as(Ctx *cx, Record *deal, Str category, const char *const *fields, const Val *params,
                     size_t n, Val *out)
{
    Record *next = record_new(cx->mem, deal->obj);
    Val stage = {0};

    TRY(must_be_open(cx, deal));
    TRY(stage_of(cx, deal, category, &stage));
    next->id = deal->id;
    record_set(next, "stage", stage);
    set_given(next, fields, params, n);
    TRY(record_update(cx, next, NULL));
    return answer_stage(cx, stage, out);
}

Err *deal_win(Ctx *cx, Record *deal, const Val *params, Val *out)
{
    static const char *const FIELDS[] = {"close_date", "won_note"};

    return close_as(cx, deal, S("won"), FIELDS, params, 2, out);
}

Err *deal_lose(Ctx *cx, Record *deal, const Val *params, Val *out)
{
    static const char *const FIELDS[] = {"lost_reason", "lost_note", "competitor"};

    return close_as(cx, deal, S("lost"), FIELDS, params, 3, out);
}

/* The open stage it was in last, while there still is one; else the first of its pipeline. */
static Err *last_open(Ctx *cx, const Record *deal, Val *out)
{
    Val binds[] = {val_int(deal->id), val_int(record_get_val(deal, "pipeline").i)}, id = {0};

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT s.id FROM \"stage_visit\" v JOIN \"stage\" s ON s.id = v.stage WHERE v.deal = ?1 AND "
          "s.pipeline = ?2 AND s.category = 'open' AND s.deleted_at IS NULL AND v.deleted_at IS NULL "
          "ORDER BY v.left_at DESC, v.id DESC LIMIT 1"),
        binds, 2, &id));
    if (id.kind != VAL_INT) return stage_of(cx, deal, S("open"), out);
    *out = val_ref(meta_object(cx->meta, S("stage"))->number, id.i);
    return NULL;
}

Err *deal_reopen(Ctx *cx, Record *deal, const Val *params, Val *out)
{
    Record *next = record_new(cx->mem, deal->obj);
    Val stage = params[0];

    if (is_open(deal)) FAIL(cx->mem, ERR_CONFLICT, "error.deal.open", "the deal is open");
    if (val_is_null(stage)) TRY(last_open(cx, deal, &stage));
    next->id = deal->id;
    record_set(next, "stage", stage);
    if (!val_is_null(params[1])) record_set(next, "close_date", params[1]);
    TRY(record_update(cx, next, NULL));
    return answer_stage(cx, stage, out);
}

Err *deal_check(Ctx *cx, Record *deal, const Val *params, Val *out)
{
    Record *next = record_new(cx->mem, deal->obj);
    Val had = record_get_val(deal, "checked"), *list = NEW_N(cx->mem, Val, had.n + 1);
    bool is_done = params[1].kind != VAL_BOOL || params[1].b;
    uint32_t n = 0;

    for (uint32_t i = 0; had.kind == VAL_LIST && i < had.n; i++)
        if (!str_eq(val_str(had.list[i]), val_str(params[0]))) list[n++] = had.list[i];
    if (is_done) list[n++] = params[0];
    next->id = deal->id;
    record_set(next, "checked", val_list(list, n));
    cx->may_write_readonly = true;
    *out = val_map(NULL, 0);
    return record_update(cx, next, NULL);
}
