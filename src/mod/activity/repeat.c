/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activities that repeat: only the present one exists; doing it makes the next, in the same batch, so that taking back the one
   takes back the other.  Whoever is put down for a meeting is told. */
#include "base/rrule.h"
#include "base/text.h"
#include "core/query.h"
#include "core/store.h"
#include "mod/activity/notice.h"
#include "mod/activity/work.h"

#define ROUNDS_MAX 4000 /* occurrences passed over: ten years of days */

static bool has_text(const Record *rec, const char *field, const char *text)
{
    Val v = record_get_val(rec, field);

    return v.kind == VAL_TEXT && str_eq_c(val_str(v), text);
}

static Err *wrong(Ctx *cx, const char *key)
{
    return err_field(err_new(cx->mem, ERR_INVALID, key, "repeats"), S("repeats"));
}

/* The moment that repeats: the beginning, else when it is due. */
static Val moment_of(const Record *rec)
{
    Val start = record_get_val(rec, "start_at");

    return val_is_null(start) ? record_get_val(rec, "due_at") : start;
}

Err *repeat_check(Ctx *cx, Record *rec)
{
    Val text = record_get_val(rec, "repeats");
    Rrule rule = {0};

    if (text.kind != VAL_TEXT) return NULL;
    if (!rrule_parse(val_str(text), &rule)) return wrong(cx, "error.activity.repeats");
    if (val_is_null(moment_of(rec))) return wrong(cx, "error.activity.repeats_when");
    record_set(rec, "repeats", val_text(rrule_text(cx->mem, &rule)));
    return NULL;
}

/* --- the next one ---------------------------------------------------------------------------------------------------- */

static Err *zone_of(Ctx *cx, Val owner, Str *out)
{
    Val zone = {0}, bind = val_int(owner.kind == VAL_REF ? owner.i : 0);

    TRY(db_one(cx->mem, cx->db, S("SELECT zone FROM \"user\" WHERE id = ?1"), &bind, 1, &zone));
    *out = zone.kind == VAL_TEXT && zone_is_valid(val_str(zone)) ? val_str(zone) : cx->store->company->zone;
    return NULL;
}

static Err *has_follower(Ctx *cx, Id id, bool *out)
{
    Val bind = val_int(id), n = {0};

    TRY(db_one(cx->mem, cx->db,
               S("SELECT count(*) FROM \"activity\" WHERE follows = ?1 AND deleted_at IS NULL"), &bind, 1,
               &n));
    *out = n.i > 0;
    return NULL;
}

static void shift(Record *next, const Record *rec, const char *field, int64_t by)
{
    Val v = record_get_val(rec, field);

    if (!val_is_null(v)) record_set(next, field, val_from_ms(val_ms(v) + by));
}

static Record *copy_moved(Ctx *cx, const Record *rec, int64_t by)
{
    static const char *const SAME[] = {"kind",  "subject",   "body",    "priority", "location",
                                       "about", "account",   "contact", "lead",     "deal",
                                       "owner", "direction", "phone"};
    static const char *const TIMES[] = {"due_at", "start_at", "end_at", "remind_at"};
    Record *next = record_new(cx->mem, rec->obj);

    for (size_t i = 0; i < sizeof SAME / sizeof *SAME; i++) {
        Val v = record_get_val(rec, SAME[i]);
        if (!val_is_null(v)) record_set(next, SAME[i], v);
    }
    for (size_t i = 0; i < sizeof TIMES / sizeof *TIMES; i++) shift(next, rec, TIMES[i], by);
    record_set(next, "follows", val_ref(rec->obj->number, rec->id));
    return next;
}

/* The first occurrence that is still to come; -1 when there is none.  `rule->count` is brought down to what is left then. */
static int64_t first_ahead(Rrule *rule, Str zone, int64_t at, int64_t now)
{
    int64_t next = at;

    for (int i = 0; i < ROUNDS_MAX && next >= 0; i++) {
        next = rrule_next(rule, zone, next);
        if (rule->count) rule->count--;
        if (next > now) return next;
    }
    return -1;
}

static Err *copy_attendees(Ctx *cx, Id from, const Record *next)
{
    const Object *obj = meta_object(cx->meta, S("activity_attendee"));
    Query q = {.limit = 200};
    Page page = {0};

    TRY(query_parse(cx, obj, str_fmt(cx->mem, "activity.id == '%.*s'", SFMT(id_text(cx->mem, from))),
                    (Str){0}, &q));
    TRY(record_list(cx, &q, &page));
    for (size_t i = 0; i < page.n; i++) {
        Record *rec = record_new(cx->mem, obj);
        record_set(rec, "activity", val_ref(next->obj->number, next->id));
        record_set(rec, "person", record_get_val(page.recs[i], "person"));
        TRY(record_create(cx, rec, NULL));
    }
    return NULL;
}

Err *repeat_next(Ctx *cx, const Record *rec, const Record *before)
{
    Val text = record_get_val(rec, "repeats"), at = moment_of(rec);
    bool is_done = before && has_text(rec, "status", "done") && has_text(before, "status", "open"),
         has = false;
    Rrule rule = {0};
    Str zone = {0};

    if (!is_done || cx->is_quiet || text.kind != VAL_TEXT || val_is_null(at) ||
        !rrule_parse(val_str(text), &rule))
        return NULL;
    TRY(has_follower(cx, rec->id, &has));
    if (has) return NULL;
    TRY(zone_of(cx, rec->vals[SYS_OWNER], &zone));
    int64_t next_at = first_ahead(&rule, zone, val_ms(at), cx->now);
    if (next_at < 0) return NULL;
    Ctx system = ctx_as_system(cx);
    Actor who = *system.actor;
    who.user = cx->actor->user;
    system.actor = &who;
    Record *next = copy_moved(cx, rec, next_at - val_ms(at));
    record_set(next, "repeats", val_text(rrule_text(cx->mem, &rule)));
    Err *e = record_create(&system, next, NULL);
    if (!e) e = copy_attendees(&system, rec->id, next);
    ctx_join(cx, &system);
    return e;
}

/* --- attendees ------------------------------------------------------------------------------------------------------- */

Err *attendee_after(Ctx *cx, Record *rec, const Record *before)
{
    Val person = record_get_val(rec, "person"), of = record_get_val(rec, "activity");
    const Object *user = meta_object(cx->meta, S("user"));
    Ctx system = ctx_as_system(cx);
    Record *meeting = NULL;

    if (before || cx->is_quiet || person.kind != VAL_REF || person.aux != user->number ||
        person.i == cx->actor->user || of.kind != VAL_REF)
        return NULL;
    TRY(record_get(&system, meta_object(cx->meta, S("activity")), of.i, 0, &meeting));
    Val place = record_get_val(meeting, "location");
    return notice_make(cx, person.i, "invited", val_ref(meeting->obj->number, meeting->id),
                       record_text(cx->mem, meeting), place.kind == VAL_TEXT ? val_str(place) : (Str){0});
}
