/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reminders: each moment of an open activity has a job of its own, so that nothing looks through the activities every minute.
   A job that finds its moment moved, or the work done, does nothing: the move has arranged another. */
#include "mod/activity/remind.h"

#include "base/id.h"
#include "core/job.h"
#include "core/store.h"
#include "mod/activity/notice.h"

#define MINUTE      INT64_C(60000)
#define BEFORE_TASK (60 * MINUTE) /* a task wants time to be done in, a call or meeting to be gone to */
#define BEFORE_CALL (15 * MINUTE)

static bool has_text(const Record *rec, const char *field, const char *text)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_TEXT && str_eq_c(val_str(v), text);
}

/* When it is: its beginning, else when it is due; -1 never. */
static int64_t moment_of(const Record *rec)
{
    Val start = record_get_val(rec, "start_at"), due = record_get_val(rec, "due_at");

    return !val_is_null(start) ? val_ms(start) : !val_is_null(due) ? val_ms(due) : -1;
}

static int64_t ms_or(Val v, int64_t otherwise)
{
    return val_is_null(v) ? otherwise : val_ms(v);
}

void remind_default(const Ctx *cx, Record *rec, const Record *before)
{
    int64_t at = moment_of(rec), was = before ? moment_of(before) : -1;
    int64_t remind = ms_or(record_get_val(rec, "remind_at"), -1),
            had = before ? ms_or(record_get_val(before, "remind_at"), -1) : -1;
    int64_t ahead = has_text(rec, "kind", "task") ? BEFORE_TASK : BEFORE_CALL;

    if (cx->is_quiet || has_text(rec, "kind", "note") || !has_text(rec, "status", "open")) return;
    if (at < 0 || at == was || remind != had) return;
    if (was >= 0 && had >= 0)
        remind = had + at - was;
    else if (was < 0)
        remind = at - ahead;
    if (remind > cx->now) record_set(rec, "remind_at", val_from_ms(remind));
}

/* --- arranging ------------------------------------------------------------------------------------------------------- */

static Err *arrange(Ctx *cx, const Record *rec, const Record *before, const char *field)
{
    int64_t at = ms_or(record_get_val(rec, field), -1),
            was = before ? ms_or(record_get_val(before, field), -1) : -1;
    bool was_open = before && has_text(before, "status", "open");
    ValPair pairs[] = {{val_text(S("activity")), val_text(id_text(cx->mem, rec->id))},
                       {val_text(S("field")), val_text(str_c(field))},
                       {val_text(S("at")), val_int(at)}};

    if (at <= store_now(cx->store) || (at == was && was_open))
        return NULL; /* cx->now may be long ago: the demo */
    return job_add_once(cx, S("activity.remind"), val_map(pairs, 3), at);
}

Err *remind_plan(Ctx *cx, const Record *rec, const Record *before)
{
    if (!has_text(rec, "status", "open") || has_text(rec, "kind", "note")) return NULL;
    TRY(arrange(cx, rec, before, "remind_at"));
    return arrange(cx, rec, before, "due_at");
}

/* --- the job --------------------------------------------------------------------------------------------------------- */

typedef struct Remind {
    Store *store;
    Arena *mem;
    Id activity;
    int64_t at;
    Str field;
} Remind;

static Err *tell(DbConn *c, void *arg)
{
    Remind *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);
    const char *field = str_eq(run->field, S("due_at")) ? "due_at" : "remind_at";
    Record *rec = NULL;

    Err *e = record_get(&cx, meta_object(cx.meta, S("activity")), run->activity, 0, &rec);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    if (!has_text(rec, "status", "open") || ms_or(record_get_val(rec, field), -1) != run->at) return NULL;
    return notice_make(&cx, rec->vals[SYS_OWNER].kind == VAL_REF ? rec->vals[SYS_OWNER].i : 0,
                       str_eq_c(run->field, "due_at") ? "due" : "reminder",
                       val_ref(rec->obj->number, rec->id), record_text(run->mem, rec), (Str){0});
}

Err *remind_job(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *id = val_get(arg, S("activity")), *field = val_get(arg, S("field")),
              *at = val_get(arg, S("at"));
    Remind run = {.store = store, .mem = mem};

    (void)job;
    if (!id || id->kind != VAL_TEXT || !id_parse(val_str(*id), &run.activity) || !field ||
        field->kind != VAL_TEXT || !at || at->kind != VAL_INT)
        return NULL;
    run.field = val_str(*field);
    run.at = at->i;
    return job_unit(store, mem, tell, &run);
}
