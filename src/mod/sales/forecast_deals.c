/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deals as they stood at a moment.  A deal is as the log has it then: the live row when it has stood since, else the replaced row
   whose interval holds the moment.  Where the log begins later than the moment (deals brought in from elsewhere), its own dates speak:
   it was there from the day it was opened (made, when it has none), and open until the day it was closed; the stage and the forecast category
   it had then are not known.  Each of the three is a pass over one table, under the rights of the caller.

   In SQL the category of a deal is the column `status`: the field was called so once, and a column keeps its name. */
#include "mod/sales/forecast.h"

#include "base/text.h"
#include "base/time.h"
#include "core/rights.h"
#include "core/store.h"

Err *moment_parse(Ctx *cx, Str text, const char *param, Moment *out)
{
    Str zone = cx->store->company->zone;
    int64_t day = 0;
    Val at = val_null();

    *out = (Moment){0, zone_date(zone, cx->now)};
    if (!text.n) return NULL;
    if (date_parse(text, &day))
        at = val_from_ms(zone_day_start(zone, day + 1) - 1);
    else if (!timestamp_parse(text, &at))
        FAIL_FIELD(cx->mem, str_c(param), "error.timestamp", "%.*s", SFMT(text));
    if (val_ms(at) >= cx->now) return NULL;
    *out = (Moment){val_ms(at), zone_date(zone, val_ms(at))};
    return NULL;
}

Err *fiscal_month(Ctx *cx, int *out)
{
    Val v;

    TRY(db_one(cx->mem, cx->db,
               S("SELECT fiscal_year_month FROM \"own_company\" WHERE deleted_at IS NULL "
                 "ORDER BY is_main DESC, id LIMIT 1"),
               NULL, 0, &v));
    *out = v.kind == VAL_INT && v.i >= 1 && v.i <= 12 ? (int)v.i : 1;
    return NULL;
}

unsigned moment_sources(Moment m)
{
    return m.at ? SOURCE_COUNT : SOURCE_ROWS + 1;
}

/* Where the log begins after the moment. */
static void add_dates(Sql *q, Moment m)
{
    sql_text(q, " AND t0.valid_from > ");
    sql_bind(q, val_int(m.at));
    sql_text(q, " AND (t0.opened_on <= ");
    sql_bind(q, val_int(m.day));
    sql_text(q, " OR (t0.opened_on IS NULL AND t0.created_at <= ");
    sql_bind(q, val_int(m.at));
    sql_text(q, ")) AND NOT EXISTS (SELECT 1 FROM \"deal_past\" p WHERE p.id = t0.id AND p.valid_from <= ");
    sql_bind(q, val_int(m.at));
    sql_text(q, ")");
}

Err *deals_from(Ctx *cx, Sql *q, const Object *deal, Moment m, Source source)
{
    Ctx then = *cx;

    sql_text(q, " FROM ");
    sql_ident(q, source == SOURCE_PAST ? S("deal_past") : S("deal"));
    sql_text(q, " t0 WHERE t0.deleted_at IS NULL");
    if (m.at && source != SOURCE_DATES) {
        sql_text(q, " AND t0.valid_from <= ");
        sql_bind(q, val_int(m.at));
    }
    if (source == SOURCE_PAST) {
        sql_text(q, " AND t0.valid_until > ");
        sql_bind(q, val_int(m.at));
    }
    if (source == SOURCE_DATES) add_dates(q, m);
    then.as_of = source == SOURCE_DATES ? 0 : m.at;
    return rights_where(&then, q, deal, 0, VERB_READ);
}
