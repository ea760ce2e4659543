/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activities: whom a task, call, meeting or note concerns follows from the record it was made on, so that an account sees
   what happened to its contacts and deals; done is done at a time. */
#include "mod/activity/activity.h"

#include "core/store.h"
#include "mod/activity/letter.h"
#include "mod/activity/notice.h"
#include "mod/activity/remind.h"
#include "mod/activity/work.h"

#define SUBJECT_CHARS 120

static bool has_text(Val v, Str text)
{
    return v.kind == VAL_TEXT && str_eq(val_str(v), text);
}

static void fill(Record *rec, const char *field, Val v)
{
    if (v.kind == VAL_REF && val_is_null(record_get_val(rec, field))) record_set(rec, field, v);
}

/* `field` of the record `ref` points to. */
static Err *step(Ctx *cx, Val ref, const char *field, Val *out)
{
    Ctx system = ctx_as_system(cx);
    Record *rec;

    *out = val_null();
    if (ref.kind != VAL_REF || !cx->meta->by_number[ref.aux]) return NULL;
    Err *e = record_get(&system, cx->meta->by_number[ref.aux], ref.i, READ_DELETED, &rec);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    *out = record_get_val(rec, field);
    return NULL;
}

/* about -> deal, contact, lead, account; deal -> its account and contact; contact -> its account. */
static Err *fill_related(Ctx *cx, Record *rec)
{
    static const char *const DIRECT[] = {"account", "contact", "lead", "deal"};
    Val about = record_get_val(rec, "about"), found;

    for (size_t i = 0; about.kind == VAL_REF && i < 4; i++) {
        const Object *obj = meta_object(cx->meta, str_c(DIRECT[i]));
        if (obj && obj->number == about.aux) fill(rec, DIRECT[i], about);
    }
    Val deal = record_get_val(rec, "deal");
    if (!val_is_null(deal)) {
        TRY(step(cx, deal, "account", &found));
        fill(rec, "account", found);
        TRY(step(cx, deal, "contact", &found));
        fill(rec, "contact", found);
    }
    TRY(step(cx, record_get_val(rec, "contact"), "account", &found));
    fill(rec, "account", found);
    for (size_t i = 4; i-- > 0 && val_is_null(record_get_val(rec, "about"));)
        fill(rec, "about", record_get_val(rec, DIRECT[i]));
    return NULL;
}

static void set_done(Ctx *cx, Record *rec)
{
    bool is_done = has_text(record_get_val(rec, "status"), S("done"));

    if (is_done && val_is_null(record_get_val(rec, "done_at")))
        record_set(rec, "done_at", val_from_ms(cx->now));
    if (!is_done) record_set(rec, "done_at", val_null());
}

/* A note without a subject is called by its first words. */
static void name_note(Record *rec)
{
    Val body = record_get_val(rec, "body");
    size_t at = 0, count = 0;

    if (!val_is_null(record_get_val(rec, "subject")) || body.kind != VAL_TEXT) return;
    Str rest = str_trim(val_str(body)), line = str_trim(str_cut(&rest, '\n'));
    while (at < line.n && count++ < SUBJECT_CHARS) utf8_next(line, &at);
    if (at) record_set(rec, "subject", val_text(str_sub(line, 0, at)));
}

static Err *activity_before(Ctx *cx, Record *rec, const Record *before)
{
    bool is_note = has_text(record_get_val(rec, "kind"), S("note"));

    if (is_note) name_note(rec);
    if (!before && is_note) record_set(rec, "status", val_text(S("done")));
    if (!before && !val_is_null(record_get_val(rec, "done_at")))
        record_set(rec, "status", val_text(S("done")));
    set_done(cx, rec);
    TRY(repeat_check(cx, rec));
    remind_default(cx, rec, before);
    return before ? NULL : fill_related(cx, rec);
}

/* Somebody of ours did something towards the client: not what came from him, nor what a program wrote. */
static bool is_answer(const Ctx *cx, const Record *rec)
{
    bool is_program = cx->channel == CHANNEL_FORM || cx->channel == CHANNEL_IMPORT;

    return cx->actor->user && !is_program && !cx->is_quiet &&
           !has_text(record_get_val(rec, "kind"), S("note")) &&
           !has_text(record_get_val(rec, "direction"), S("incoming"));
}

/* A call, meeting or finished task on a lead is its first answer; one written down before the lead is, at once. */
static Err *answer_lead(Ctx *cx, const Record *rec)
{
    Ctx system = ctx_as_system(cx);
    Actor who = *system.actor;
    Val ref = record_get_val(rec, "lead");
    Record *lead;

    Err *e = record_get(&system, meta_object(cx->meta, S("lead")), ref.i, 0, &lead);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    if (!val_is_null(record_get_val(lead, "answered_at"))) return NULL;
    Record *next = record_new(cx->mem, lead->obj);
    who.user = cx->actor->user;
    system.actor = &who;
    next->id = lead->id;
    Val done = record_get_val(rec, "done_at"), received = record_get_val(lead, "received_at");
    bool is_before = !val_is_null(received) && val_ms(done) < val_ms(received);
    record_set(next, "answered_at", is_before ? received : done);
    if (has_text(record_get_val(lead, "status"), S("new")))
        record_set(next, "status", val_text(S("working")));
    e = record_update(&system, next, NULL);
    ctx_join(cx, &system);
    return e;
}

static Err *activity_after(Ctx *cx, Record *rec, const Record *before)
{
    bool was_done = before && !val_is_null(record_get_val(before, "done_at"));

    TRY(remind_plan(cx, rec, before));
    TRY(repeat_next(cx, rec, before));
    if (was_done || !is_answer(cx, rec) || val_is_null(record_get_val(rec, "done_at")) ||
        val_is_null(record_get_val(rec, "lead")))
        return NULL;
    return answer_lead(cx, rec);
}

static const Hook HOOKS[] = {
    {.object = "activity", .before_write = activity_before, .after_write = activity_after},
    {.object = "activity_attendee", .after_write = attendee_after},
    {.object = "account", .before_write = rhythm_of_account, .fill = rhythm_of_account},
    {.object = "contact_rhythm", .after_write = rhythm_after},
    {.object = "escalation_rule", .before_write = escalation_rule_before},
    {.object = "*", .after_write = notice_after},
    {.object = "approval", .after_write = notice_of_approval},
    {.object = "import_run", .after_write = notice_of_import},
    {.object = "user", .before_write = user_notices_before, .after_write = user_notices_after},
};

static const JobKind JOBS[] = {
    {.name = "activity.remind", .run = remind_job},
    {.name = "notice.digest", .run = digest_job},
    {.name = "rhythm.spread", .run = rhythm_job},
    {.name = "escalation.round", .run = escalation_job},
};

const Module mod_activity = {.name = "activity",
                             .hooks = HOOKS,
                             .n_hooks = sizeof HOOKS / sizeof *HOOKS,
                             .jobs = JOBS,
                             .n_jobs = sizeof JOBS / sizeof *JOBS};

Err *activity_schedule(Store *store, Arena *mem)
{
    TRY(escalation_plan(store, mem));
    return digests_plan(store, mem);
}
