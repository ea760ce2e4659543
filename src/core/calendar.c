/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Working calendars as they are kept: found for a person (himself, his team and those above, the company), with his absences
   before the calendar's own days; and the guess of where a client is.  Counting is base/worktime.c. */
#include "core/calendar.h"

#include "base/phone.h"
#include "base/text.h"
#include "core/store.h"

#define TEAMS_MAX 16 /* how far up a team's calendar is looked for */

const char *const CALENDAR_DAYS[7] = {"sunday",   "monday", "tuesday", "wednesday",
                                      "thursday", "friday", "saturday"};

/* --- which ----------------------------------------------------------------------------------------------------------- */

/* Two numbers of the row, 0 for null and when there is none. */
static Err *two(Ctx *cx, Str sql, Id id, Id *a, Id *b)
{
    Val bind = val_int(id);
    DbRows *rows = NULL;
    bool has = false;

    *a = *b = 0;
    TRY(db_query(cx->mem, cx->db, sql, &bind, 1, &rows));
    TRY(db_next(rows, &has));
    if (!has) return NULL;
    *a = db_i64(rows, 0);
    *b = db_i64(rows, 1);
    return db_next(rows, &has);
}

static Err *find_calendar(Ctx *cx, Id user, Id *out)
{
    Id team = 0, up = 0;
    Val v = {0};

    *out = 0;
    if (user) TRY(two(cx, S("SELECT calendar, team_id FROM \"user\" WHERE id = ?1"), user, out, &team));
    for (int i = 0; i < TEAMS_MAX && team && !*out; i++) {
        TRY(two(cx, S("SELECT calendar, parent FROM \"team\" WHERE id = ?1"), team, out, &up));
        team = up;
    }
    if (*out) return NULL;
    TRY(db_one(cx->mem, cx->db,
               S("SELECT id FROM \"calendar\" WHERE is_default = 1 AND deleted_at IS NULL LIMIT 1"), NULL, 0,
               &v));
    if (v.kind == VAL_INT) *out = v.i;
    return NULL;
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static Err *read_week(Ctx *cx, Id id, WorkCalendar *cal)
{
    Val bind = val_int(id);
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(cx->mem, cx->db,
                 S("SELECT zone, country, sunday, monday, tuesday, wednesday, thursday, friday, saturday "
                   "FROM \"calendar\" WHERE id = ?1 AND deleted_at IS NULL"),
                 &bind, 1, &rows));
    TRY(db_next(rows, &has));
    if (!has) return NULL;
    if (db_str(rows, 0).n) cal->zone = str_copy(cx->mem, db_str(rows, 0));
    cal->country = str_copy(cx->mem, db_str(rows, 1));
    for (size_t i = 0; i < 7; i++)
        if (!work_hours_parse(db_str(rows, 2 + i), &cal->week[i])) cal->week[i] = (WorkHours){0};
    return db_next(rows, &has);
}

static HolidayKind kind_of(Str s)
{
    return str_eq(s, S("off")) ? HOLIDAY_OFF : str_eq(s, S("short")) ? HOLIDAY_SHORT : HOLIDAY_WORK;
}

/* The person's days come first: they say more than the calendar's. */
static Err *read_days(Ctx *cx, Id calendar, Id user, WorkCalendar *cal)
{
    Val binds[] = {val_int(user), val_int(calendar)};
    VEC(WorkException) days = {0};
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT date, until, kind, hours, name, CASE WHEN person = ?1 THEN 1 ELSE 0 END FROM \"calendar_day\" WHERE deleted_at IS NULL AND "
          "(person = ?1 OR calendar = ?2) ORDER BY CASE WHEN person = ?1 THEN 0 ELSE 1 END, id"),
        binds, 2, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        WorkException *x = vec_push(cx->mem, &days);
        x->from = db_i64(rows, 0);
        x->until = val_is_null(db_val(rows, 1)) ? x->from : db_i64(rows, 1);
        x->kind = kind_of(db_str(rows, 2));
        if (!work_hours_parse(db_str(rows, 3), &x->hours)) x->hours = (WorkHours){0};
        x->name = str_copy(cx->mem, db_str(rows, 4));
        x->is_personal = db_i64(rows, 5) == 1;
    }
    cal->days = days.p;
    cal->n_days = days.n;
    return NULL;
}

Err *calendar_of_user(Ctx *cx, Id user, WorkCalendar *out)
{
    const Company *company = cx->store->company;
    Id id = 0;

    *out = work_calendar(cx->mem, company->zone, company->country);
    TRY(find_calendar(cx, user, &id));
    if (id) TRY(read_week(cx, id, out));
    return id || user ? read_days(cx, id, user, out) : NULL;
}

/* --- clients --------------------------------------------------------------------------------------------------------- */

static Val value_of(const Record *rec, const char *name, FieldType type)
{
    const Field *f = object_field(rec->obj, str_c(name));

    return f && f->type == type ? rec->vals[f->index] : val_null();
}

static void take_from(Ctx *cx, const Record *rec, Str *zone, Str *country)
{
    Val z = value_of(rec, "zone", FIELD_TEXT), c = value_of(rec, "country", FIELD_TEXT),
        phones = value_of(rec, "phones", FIELD_PHONES);

    if (!zone->n && z.kind == VAL_TEXT && zone_is_valid(val_str(z))) *zone = val_str(z);
    if (!country->n && c.kind == VAL_TEXT) *country = val_str(c);
    for (uint32_t i = 0; !country->n && phones.kind == VAL_LIST && i < phones.n; i++) {
        const Val *value = val_get(&phones.list[i], S("value"));
        if (value && value->kind == VAL_TEXT) *country = str_copy(cx->mem, phone_country(val_str(*value)));
    }
}

/* Whom the record is about: the person first, then the company he acts for. */
static Err *take_related(Ctx *cx, const Record *rec, Str *zone, Str *country)
{
    static const char *const STEPS[] = {"contact", "account"};

    for (size_t i = 0; i < 2 && !zone->n; i++) {
        Val ref = value_of(rec, STEPS[i], FIELD_REFERENCE);
        Record *other = NULL;
        if (val_is_null(ref)) continue;
        Err *e = record_get(cx, meta_object(cx->meta, str_c(STEPS[i])), ref.i, 0, &other);
        if (e && e->code != ERR_NOT_FOUND) return e;
        if (!e) take_from(cx, other, zone, country);
    }
    return NULL;
}

Err *calendar_of_client(Ctx *cx, const Record *rec, ClientTime *out)
{
    Str zone = {0}, country = {0};

    *out = (ClientTime){0};
    take_from(cx, rec, &zone, &country);
    TRY(take_related(cx, rec, &zone, &country));
    out->has_zone = zone.n > 0;
    if (!zone.n && country.n) {
        zone = zone_of_country(cx->mem, country);
        out->has_zone = out->is_guessed = zone.n > 0;
    }
    out->work = work_calendar(cx->mem, zone.n ? zone : cx->store->company->zone, country);
    return NULL;
}
