/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What time it is for a client, asked before a call; and how much working time lies between two moments. */
#include "api/spine.h"

#include "base/text.h"
#include "base/time.h"
#include "core/calendar.h"

static void text_or_null(JsonWriter *w, const char *key, Str s)
{
    json_key(w, str_c(key));
    json_text_or_null(w, s);
}

static void moment_or_null(JsonWriter *w, const char *key, int64_t ms)
{
    json_key(w, str_c(key));
    if (ms < 0)
        json_null(w);
    else
        json_val(w, val_from_ms(ms));
}

static Err *run_local_time(Req *rq, Ctx *cx)
{
    ClientTime client = {0};
    Record *rec = NULL;

    TRY(record_get(cx, rq->obj, rq->id, 0, &rec));
    TRY(calendar_of_client(cx, rec, &client));
    WorkCalendar *cal = &client.work;
    int64_t opens = work_opens(cal, cx->now), today = zone_date(cal->zone, cx->now);
    WorkDay day = work_day(cal, today);
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    text_or_null(w, "zone", client.has_zone ? cal->zone : (Str){0});
    text_or_null(w, "country", cal->country);
    json_key_c(w, "is_guessed");
    json_bool(w, client.is_guessed);
    json_pair_str(w, "date", date_text(rq->mem, today));
    text_or_null(w, "time",
                 client.has_zone
                     ? str_sub(time_of_day_text(rq->mem, zone_time_of_day(cal->zone, cx->now)), 0, 5)
                     : (Str){0});
    json_key_c(w, "is_working");
    if (client.has_zone)
        json_bool(w, opens == cx->now);
    else
        json_null(w);
    text_or_null(w, "holiday", day.is_holiday ? holiday_name(day.holiday, lang_code(rq->lang)) : (Str){0});
    json_key_c(w, "is_holiday");
    json_bool(w, day.is_holiday);
    moment_or_null(w, "opens_at", client.has_zone ? opens : -1);
    json_close_obj(w);
    return NULL;
}

/* --- working time ---------------------------------------------------------------------------------------------------- */

static Err *moment_arg(const Req *rq, const char *name, bool is_required, int64_t *out)
{
    Str text = rq_arg(rq, name);
    Val v = {0};

    if (!text.n && !is_required) return NULL;
    if (!timestamp_parse(text, &v))
        return err_arg(err_field(err_new(rq->mem, ERR_INVALID, text.n ? "error.timestamp" : "error.required",
                                         "%s", name),
                                 str_c(name)),
                       0, str_c(name));
    *out = val_ms(v);
    return NULL;
}

static Err *run_working_time(Req *rq, Ctx *cx)
{
    int64_t from = 0, to = -1, minutes = -1;
    Str user = rq_arg(rq, "user");
    WorkCalendar cal = {0};
    Record *rec = NULL;
    Id id = cx->actor->user;

    TRY(moment_arg(rq, "from", true, &from));
    TRY(moment_arg(rq, "to", false, &to));
    TRY(rq_number(rq, "minutes", 0, 1000000, &minutes));
    if (user.n && !id_parse(user, &id)) FAIL_FIELD(rq->mem, S("user"), "error.record.none", "user");
    if (user.n) TRY(record_get(cx, meta_object(cx->meta, S("user")), id, 0, &rec));
    TRY(calendar_of_user(cx, id, &cal));
    JsonWriter *w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_str(w, "zone", cal.zone);
    text_or_null(w, "country", cal.country);
    if (to >= 0) {
        json_pair_i64(w, "seconds", work_between(&cal, from, to) / 1000);
        json_pair_i64(w, "days", work_days(&cal, zone_date(cal.zone, from), zone_date(cal.zone, to)));
    }
    if (minutes >= 0) moment_or_null(w, "at", work_after(&cal, from, minutes * 60000));
    json_close_obj(w);
    return NULL;
}

const Route clock_routes[] = {
    {.method = "GET",
     .pattern = "/{plural}/{id}/local_time",
     .name = "getLocalTime",
     .right = RIGHT_USER,
     .steps = {{WHERE_READ, run_local_time}}},
    {.method = "GET",
     .pattern = "/working_time",
     .name = "getWorkingTime",
     .right = RIGHT_USER,
     .params = "from to minutes user",
     .steps = {{WHERE_READ, run_working_time}}},
    {0},
};
