/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forecast as the API gives it: a row for each period and each person, team or territory that has numbers in it, and the sum of all. */
#include "mod/sales/forecast.h"

#include "base/decimal.h"
#include "base/text.h"
#include "core/query_impl.h"
#include "core/rights.h"
#include "core/store.h"

Str forecast_arg(const Val *args, const char *name)
{
    const Val *v = val_get(args, str_c(name));

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

Err *forecast_allowed(Ctx *cx, const Object **deal)
{
    static const char *const FIELDS[] = {"amount",    "category", "close_date",
                                         "closed_on", "forecast", "stage"};
    Field *f;

    *deal = meta_object(cx->meta, S("deal"));
    if (!*deal || !rights_may(cx, *deal, VERB_READ))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to read deals");
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++)
        TRY(query_field(cx, *deal, str_c(FIELDS[i]), "period", &f));
    return NULL;
}

Err *forecast_periods(Ctx *cx, Str text, int64_t today, int first_month, Period *out, size_t *n)
{
    if (text.n) return periods_parse(cx->mem, text, first_month, out, n);
    out[0] = period_of(today, PERIOD_QUARTER, first_month);
    *n = 1;
    return NULL;
}

static const char *const BY[] = {
    [BY_OWNER] = "owner", [BY_TEAM] = "team", [BY_TERRITORY] = "territory", [BY_FAMILY] = "family"};
static const char *const BY_OBJECT[] = {
    [BY_OWNER] = "user", [BY_TEAM] = "team", [BY_TERRITORY] = "territory"};

static Err *parse(Forecast *fc, const Val *args)
{
    Ctx *cx = fc->cx;
    Str by = forecast_arg(args, "group_by");
    Period asked[PERIODS_MAX];
    size_t n = 0;

    TRY(forecast_allowed(cx, &fc->deal));
    TRY(moment_parse(cx, forecast_arg(args, "as_of"), "as_of", &fc->moment));
    TRY(fiscal_month(cx, &fc->first_month));
    TRY(forecast_periods(cx, forecast_arg(args, "period"), fc->moment.day, fc->first_month, asked, &n));
    fc->first = FORECAST_BACK;
    fc->n = FORECAST_BACK + n;
    for (size_t i = 0; i < n; i++) fc->periods[FORECAST_BACK + i] = asked[i];
    for (size_t i = FORECAST_BACK; i-- > 0;) fc->periods[i] = period_step(fc->periods[i + 1], -1);
    for (unsigned i = 0; i < sizeof BY / sizeof *BY; i++) {
        if (by.n ? !str_eq_c(by, BY[i]) : i != BY_OWNER) continue;
        fc->by = (ForecastBy)i;
        return NULL;
    }
    FAIL_FIELD(cx->mem, S("group_by"), "error.group", "%.*s", SFMT(by));
}

/* A family is read through the product of a deal. */
static Err *family_allowed(const Forecast *fc)
{
    const Object *product = meta_object(fc->cx->meta, S("product"));
    Field *f;

    if (fc->by != BY_FAMILY) return NULL;
    if (!product || rights_level(fc->cx, product, VERB_READ) != LEVEL_ALL)
        FAIL(fc->cx->mem, ERR_DENIED, "error.denied", "no right to read all products");
    TRY(query_field(fc->cx, fc->deal, S("product"), "group_by", &f));
    return query_field(fc->cx, product, S("family"), "group_by", &f);
}

/* --- values ---------------------------------------------------------------------------------------------------------- */

typedef VEC(ValPair) Pairs;

static void put(Ctx *cx, Pairs *pairs, const char *key, Val v)
{
    *vec_push(cx->mem, pairs) = (ValPair){val_text(str_c(key)), v};
}

static Val done(const Pairs *pairs)
{
    return val_map(pairs->p, pairs->n);
}

Val forecast_money(const Ctx *cx, int64_t amount)
{
    const Company *company = cx->store->company;
    int places = currency_places(company->currency);
    uint8_t to = places < 0 || places > 4 ? 2 : (uint8_t)places;
    int64_t out = amount;

    (void)decimal_rescale(amount, 4, to, &out); /* places shrink: it fits */
    return val_money(out, to, company->currency_code);
}

/* What part of the quota is closed, in percent with one place. */
static Val attainment(const Cell *cell)
{
    Val ratio = {0}, percent = {0};
    int64_t out = 0;

    if (!cell->has_quota || cell->quota <= 0) return val_null();
    if (!decimal_div(val_decimal(cell->closed, 4), val_decimal(cell->quota, 4), &ratio) ||
        !decimal_mul(ratio, val_decimal(100, 0), &percent) ||
        !decimal_rescale(percent.i, percent.places, 1, &out))
        return val_null();
    return val_decimal(out, 1);
}

static void put_cell(Ctx *cx, Pairs *pairs, const Cell *cell)
{
    put(cx, pairs, "pipeline", forecast_money(cx, cell->pipeline));
    put(cx, pairs, "best_case", forecast_money(cx, cell->best_case));
    put(cx, pairs, "commit", forecast_money(cx, cell->commit));
    put(cx, pairs, "closed", forecast_money(cx, cell->closed));
    put(cx, pairs, "quota", cell->has_quota ? forecast_money(cx, cell->quota) : val_null());
    put(cx, pairs, "attainment", attainment(cell));
    put(cx, pairs, "weighted", forecast_money(cx, cell->weighted));
    put(cx, pairs, "historical", forecast_money(cx, cell->historical));
    put(cx, pairs, "trend", cell->has_trend ? forecast_money(cx, cell->trend) : val_null());
    put(cx, pairs, "forecast", forecast_money(cx, cell->forecast));
}

static Val ref_or_null(uint16_t object, Id id)
{
    return id ? val_ref(object, id) : val_null();
}

static Val adjusted(Ctx *cx, const Adjustment *a)
{
    const Object *user = meta_object(cx->meta, S("user"));
    Pairs pairs = {0};

    if (!a) return val_null();
    put(cx, &pairs, "amount", forecast_money(cx, a->amount));
    put(cx, &pairs, "note", a->note.n ? val_text(a->note) : val_null());
    put(cx, &pairs, "by", ref_or_null(user->number, a->by));
    put(cx, &pairs, "at", val_from_ms(a->at));
    return done(&pairs);
}

/* --- rows ------------------------------------------------------------------------------------------------------------ */

static bool is_empty(const Cell *c)
{
    return !c->has_quota && !c->adjusted && !c->has_trend &&
           !(c->pipeline | c->best_case | c->commit | c->closed | c->weighted | c->historical);
}

static Val row_of(const Forecast *fc, const Bearer *b, size_t i)
{
    Ctx *cx = fc->cx;
    Pairs pairs = {0}, below = {0};
    Cell own = b->own[i];

    if (!b->is_parent) own.forecast = b->below[i].forecast;
    put(cx, &pairs, "period", val_text(period_text(cx->mem, fc->periods[i], fc->first_month)));
    if (fc->by == BY_FAMILY) {
        put(cx, &pairs, "family", b->id ? val_text(fc->families.p[b->id - 1]) : val_null());
        put(cx, &pairs, "parent", val_null());
    } else {
        uint16_t object = meta_object(cx->meta, str_c(BY_OBJECT[fc->by]))->number;
        put(cx, &pairs, BY[fc->by], ref_or_null(object, b->id));
        put(cx, &pairs, "parent", ref_or_null(object, b->parent));
    }
    put_cell(cx, &pairs, &own);
    put(cx, &pairs, "adjusted", adjusted(cx, b->own[i].adjusted));
    if (b->is_parent) put_cell(cx, &below, &b->below[i]);
    put(cx, &pairs, "below", b->is_parent ? done(&below) : val_null());
    return done(&pairs);
}

static Val rows_of(const Forecast *fc)
{
    VEC(Val) rows = {0};

    for (size_t i = fc->first; i < fc->n; i++)
        for (size_t b = 0; b < fc->bearers.n; b++) {
            const Bearer *bearer = &fc->bearers.p[b];
            if (is_empty(&bearer->own[i]) && is_empty(&bearer->below[i])) continue;
            *vec_push(fc->cx->mem, &rows) = row_of(fc, bearer, i);
        }
    return val_list(rows.p, rows.n);
}

static Val total_of(const Forecast *fc)
{
    VEC(Val) rows = {0};

    for (size_t i = fc->first; i < fc->n; i++) {
        Pairs pairs = {0};
        put(fc->cx, &pairs, "period", val_text(period_text(fc->cx->mem, fc->periods[i], fc->first_month)));
        put_cell(fc->cx, &pairs, &fc->total[i]);
        *vec_push(fc->cx->mem, &rows) = done(&pairs);
    }
    return val_list(rows.p, rows.n);
}

Val forecast_period(Ctx *cx, Period p, int first_month)
{
    Pairs pairs = {0};

    put(cx, &pairs, "period", val_text(period_text(cx->mem, p, first_month)));
    put(cx, &pairs, "start", val_date(p.start));
    put(cx, &pairs, "end", val_date(p.end - 1));
    return done(&pairs);
}

static Val periods_of(const Forecast *fc)
{
    VEC(Val) rows = {0};

    for (size_t i = fc->first; i < fc->n; i++)
        *vec_push(fc->cx->mem, &rows) = forecast_period(fc->cx, fc->periods[i], fc->first_month);
    return val_list(rows.p, rows.n);
}

Err *forecast_report(Ctx *cx, const Val *args, Val *out)
{
    Forecast *fc = NEW(cx->mem, Forecast);
    Pairs pairs = {0};

    fc->cx = cx;
    TRY(parse(fc, args));
    TRY(family_allowed(fc));
    TRY(forecast_scan(fc));
    TRY(forecast_plans(fc));
    TRY(forecast_roll_up(fc));
    put(cx, &pairs, "as_of", fc->moment.at ? val_from_ms(fc->moment.at) : val_null());
    put(cx, &pairs, "by_dates", val_bool(fc->is_by_dates));
    put(cx, &pairs, "currency", val_text(cx->store->company->currency));
    put(cx, &pairs, "periods", periods_of(fc));
    put(cx, &pairs, "data", rows_of(fc));
    put(cx, &pairs, "total", total_of(fc));
    *out = done(&pairs);
    return NULL;
}
