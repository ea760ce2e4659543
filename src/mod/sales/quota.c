/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quotas and adjustments of the forecast: periods begin on their first day, a person's numbers are that person's record, and who may say them is
   who leads that person.  A seller does not set his own quota, but may say what he forecasts. */
#include "mod/sales/forecast.h"
#include "mod/sales/sales_impl.h"

#include "core/rights.h"
#include "core/write.h"

/* Any day of a period stands for it. */
static Err *first_day(Ctx *cx, Record *rec)
{
    Val kind = record_get_val(rec, "period_kind"), start = record_get_val(rec, "period_start");
    PeriodKind k = PERIOD_MONTH;
    int first_month = 1;

    if (kind.kind != VAL_TEXT || start.kind != VAL_DATE || !period_kind_parse(val_str(kind), &k)) return NULL;
    TRY(fiscal_month(cx, &first_month));
    record_set(rec, "period_start", val_date(period_of(start.i, k, first_month).start));
    return NULL;
}

Err *advertising_cost_before(Ctx *cx, Record *rec, const Record *before)
{
    Val month = record_get_val(rec, "month");

    (void)cx, (void)before;
    if (month.kind == VAL_DATE) record_set(rec, "month", val_date(period_of(month.i, PERIOD_MONTH, 1).start));
    return NULL;
}

/* What is said of a person is seen by whoever sees that person's records. */
static Err *give_to(Ctx *cx, Record *rec, const Record *before, Val person)
{
    if (val_is_null(person) || !sales_changed(rec, before, "person")) return NULL;
    record_set(rec, "owner", person);
    return compute_team(cx, rec);
}

static bool leads(const Ctx *cx, Id person)
{
    const Rights *rights = cx->actor->rights;

    for (size_t i = 0; i < rights->n_people; i++)
        if (rights->people[i] == person) return true;
    return false;
}

static bool is_free(const Ctx *cx)
{
    return cx->actor->is_system || cx->actor->rights->is_administrator;
}

Err *quota_before(Ctx *cx, Record *rec, const Record *before)
{
    Val person = record_get_val(rec, "person");

    TRY(first_day(cx, rec));
    TRY(give_to(cx, rec, before, person));
    if (is_free(cx)) return NULL;
    bool is_own = !val_is_null(person) && person.i == cx->actor->user;
    bool may = val_is_null(person) ? rights_level(cx, rec->obj, VERB_UPDATE) == LEVEL_ALL
                                   : !is_own && leads(cx, person.i);
    if (!may) FAIL_FIELD(cx->mem, S("person"), "error.quota.person", "not for the actor to set");
    return NULL;
}

Err *forecast_change_before(Ctx *cx, Record *rec, const Record *before)
{
    Val person = record_get_val(rec, "person");

    TRY(first_day(cx, rec));
    TRY(give_to(cx, rec, before, person));
    if (is_free(cx) || val_is_null(person) || leads(cx, person.i)) return NULL;
    FAIL_FIELD(cx->mem, S("person"), "error.forecast.person", "not for the actor to say");
}
