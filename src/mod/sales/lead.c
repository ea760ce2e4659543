/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leads: when they came, were first answered by a person and were processed, in working time too; why one is rejected, and
   when one that was put off comes again.  Whose calendar counts is core/calendar.c. */
#include "mod/sales/sales_impl.h"

#include "base/text.h"
#include "base/time.h"
#include "core/calendar.h"
#include "core/job.h"
#include "core/store.h"

static bool is_status(const Record *rec, const char *status)
{
    Val v = record_get_val(rec, "status");

    return v.kind == VAL_TEXT && str_eq_c(val_str(v), status);
}

/* A person at work, not a form, an import or the system. */
static bool is_person(const Ctx *cx)
{
    return cx->actor->user && !cx->is_quiet && cx->channel != CHANNEL_FORM && cx->channel != CHANNEL_IMPORT;
}

static Val actor_ref(const Ctx *cx)
{
    return val_ref(meta_object(cx->meta, S("user"))->number, cx->actor->user);
}

static Err *needed(Ctx *cx, const Record *rec, const char *field)
{
    const Field *f = object_field(rec->obj, str_c(field));

    if (!val_is_null(rec->vals[f->index])) return NULL;
    return err_arg(err_field(err_new(cx->mem, ERR_INVALID, "error.required", "%s", field), f->name), 0,
                   label_in(&f->label, cx->actor->lang));
}

/* --- what a change of status brings ---------------------------------------------------------------------------------- */

static void stamp_answer(Ctx *cx, Record *rec, const Record *before)
{
    bool is_taken = is_status(rec, "working") || is_status(rec, "qualified");

    if (before && is_taken && is_status(before, "new") && is_person(cx) &&
        val_is_null(record_get_val(rec, "answered_at")))
        record_set(rec, "answered_at", val_from_ms(cx->now));
}

static void stamp_processed(Ctx *cx, Record *rec, const Record *before)
{
    bool is_over = is_status(rec, "qualified") || is_status(rec, "unqualified");

    if (!is_over)
        record_set(rec, "processed_at", val_null());
    else if (before && !cx->is_quiet && val_is_null(record_get_val(rec, "processed_at")))
        record_set(rec, "processed_at", val_from_ms(cx->now));
}

static void come_again(Record *rec, const Record *before)
{
    Val times = record_get_val(rec, "recycled");

    if (!before || !is_status(before, "nurture") || is_status(rec, "nurture")) return;
    record_set(rec, "recycle_on", val_null());
    if (is_status(rec, "new")) record_set(rec, "recycled", val_int(val_is_null(times) ? 1 : times.i + 1));
}

static Err *status_changed(Ctx *cx, Record *rec, const Record *before)
{
    stamp_answer(cx, rec, before);
    stamp_processed(cx, rec, before);
    come_again(rec, before);
    if (cx->is_quiet) return NULL;
    if (is_status(rec, "unqualified")) return needed(cx, rec, "unqualified_reason");
    return is_status(rec, "nurture") ? needed(cx, rec, "recycle_on") : NULL;
}

/* --- working time ---------------------------------------------------------------------------------------------------- */

/* From when it came to `until`, by the calendar of `who`, else of the responsible person. */
static Err *work_until(Ctx *cx, Record *rec, const char *until, const char *duration, Val who)
{
    Val from = record_get_val(rec, "received_at"), to = record_get_val(rec, until),
        owner = rec->vals[SYS_OWNER];
    WorkCalendar cal = {0};

    if (val_is_null(from) || val_is_null(to)) {
        record_set(rec, duration, val_null());
        return NULL;
    }
    TRY(calendar_of_user(cx, !val_is_null(who) ? who.i : !val_is_null(owner) ? owner.i : 0, &cal));
    record_set(rec, duration, val_duration(work_between(&cal, val_ms(from), val_ms(to)) / 1000, 0));
    return NULL;
}

static Err *measure(Ctx *cx, Record *rec, const Record *before)
{
    bool is_moved = sales_changed(rec, before, "received_at");

    if (sales_changed(rec, before, "answered_at") && !val_is_null(record_get_val(rec, "answered_at")) &&
        val_is_null(record_get_val(rec, "answered_by")) && is_person(cx))
        record_set(rec, "answered_by", actor_ref(cx));
    if (is_moved || sales_changed(rec, before, "answered_at"))
        TRY(work_until(cx, rec, "answered_at", "answer_work", record_get_val(rec, "answered_by")));
    if (is_moved || sales_changed(rec, before, "processed_at"))
        TRY(work_until(cx, rec, "processed_at", "processing_work", val_null()));
    return NULL;
}

Err *lead_before(Ctx *cx, Record *rec, const Record *before)
{
    if (val_is_null(record_get_val(rec, "received_at"))) record_set(rec, "received_at", val_from_ms(cx->now));
    if (!before && val_is_null(record_get_val(rec, "first_touch_at")))
        record_set(rec, "first_touch_at", record_get_val(rec, "received_at"));
    if (!before) TRY(lead_assign(cx, rec));
    if (sales_changed(rec, before, "status")) TRY(status_changed(cx, rec, before));
    TRY(measure(cx, rec, before));
    return lead_score(cx, rec);
}

/* --- recycling ------------------------------------------------------------------------------------------------------- */

#define RECYCLE_MAX 500 /* in one unit */

typedef struct Recycle {
    Store *store;
    Arena *mem;
    size_t n;
} Recycle;

static Err *remind_owner(Ctx *cx, const Record *lead)
{
    const Object *obj = meta_object(cx->meta, S("activity"));

    if (val_is_null(lead->vals[SYS_OWNER])) return NULL;
    Record *task = record_new(cx->mem, obj);
    record_set(task, "kind", val_text(S("task")));
    record_set(task, "subject", record_get_val(lead, "title"));
    record_set(task, "about", val_ref(lead->obj->number, lead->id));
    record_set(task, "due_at", val_from_ms(cx->now));
    record_set(task, "owner", lead->vals[SYS_OWNER]);
    return record_create(cx, task, NULL);
}

static Err *recycle_one(Ctx *cx, Record *stored)
{
    Record *rec = record_new(cx->mem, stored->obj);

    rec->id = stored->id;
    record_set(rec, "status", val_text(S("new")));
    TRY(record_update(cx, rec, NULL));
    return remind_owner(cx, rec);
}

static Err *recycle_due(DbConn *c, void *arg)
{
    Recycle *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);
    Query q = {.limit = RECYCLE_MAX};
    Page page = {0};
    Str today = date_text(run->mem, zone_date(run->store->company->zone, cx.now));

    TRY(query_parse(&cx, meta_object(cx.meta, S("lead")),
                    str_fmt(run->mem, "status == 'nurture' && recycle_on <= date('%.*s')", SFMT(today)),
                    S("recycle_on"), &q));
    TRY(record_list(&cx, &q, &page));
    for (size_t i = 0; i < page.n; i++) TRY(recycle_one(&cx, page.recs[i]));
    run->n = page.n;
    return NULL;
}

Err *lead_recycle(Store *store, Arena *mem, Id job, const Val *arg)
{
    Recycle run = {.store = store, .mem = mem};

    (void)job;
    (void)arg;
    do TRY(job_unit(store, mem, recycle_due, &run));
    while (run.n == RECYCLE_MAX);
    return NULL;
}

/* The day it comes again has a job of its own: nothing looks through the leads every morning. */
Err *lead_after(Ctx *cx, Record *rec, const Record *before)
{
    Val day = record_get_val(rec, "recycle_on");

    TRY(lead_watch(cx, rec, before));
    if (val_is_null(day) || !is_status(rec, "nurture")) return NULL;
    if (!sales_changed(rec, before, "recycle_on") && !sales_changed(rec, before, "status")) return NULL;
    return job_add(cx, S("sales.recycle"), val_map(NULL, 0), zone_day_start(cx->store->company->zone, day.i),
                   NULL);
}
