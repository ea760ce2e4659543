/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Working calendars: what people type as hours is understood, or refused at its field.  Counting by them is base/worktime.c;
   finding whose calendar is whose is core/calendar.c. */
#include "core/calendar.h"
#include "base/text.h"
#include "base/worktime.h"
#include "mod/system/system_impl.h"

/* "9:00-18:00" is kept as "09:00-18:00". */
static void check_hours(Ctx *cx, Record *rec, const char *field, Err **problems)
{
    Val v = record_get_val(rec, field);
    WorkHours hours;

    if (v.kind != VAL_TEXT) return;
    if (!work_hours_parse(val_str(v), &hours)) {
        err_add(problems, err_field(err_new(cx->mem, ERR_INVALID, "error.calendar.hours", "hours %.*s",
                                            SFMT(val_str(v))),
                                    str_c(field)));
        return;
    }
    Str text = work_hours_text(cx->mem, &hours);
    if (!str_eq(text, val_str(v))) record_set(rec, field, val_text(text));
}

Err *calendar_before(Ctx *cx, Record *rec, const Record *before)
{
    Val zone = record_get_val(rec, "zone"), country = record_get_val(rec, "country");
    Err *problems = NULL;

    (void)before;
    for (int i = 0; i < 7; i++) check_hours(cx, rec, CALENDAR_DAYS[i], &problems);
    if (zone.kind == VAL_TEXT && !zone_is_valid(val_str(zone)))
        err_add(&problems, err_field(err_new(cx->mem, ERR_INVALID, "error.zone", "zone"), S("zone")));
    if (country.kind == VAL_TEXT && !holidays_are_known(val_str(country)))
        err_add(&problems,
                err_field(err_new(cx->mem, ERR_INVALID, "error.calendar.country", "country"), S("country")));
    return problems;
}

Err *calendar_day_before(Ctx *cx, Record *rec, const Record *before)
{
    Err *problems = NULL;

    (void)before;
    check_hours(cx, rec, "hours", &problems);
    return problems;
}
