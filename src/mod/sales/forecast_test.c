/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deals that come, change and go by chance over a quarter: the forecast of every past day is what was noted down on that day, and the bridge
   between any two days adds up, also with deals of which only the dates are known. */
#include "mod/sales/forecast.h"
#include "mod/sales/sales_impl.h"

#include "base/time.h"
#include "core/test_prop.h"

#define DAY_MS INT64_C(86400000)
#define ROUNDS 40
#define DEALS  60
#define PERIOD "2026-Q4"

typedef struct Noted { /* of one day, by hand */
    int64_t open, closed;
} Noted;

typedef struct Chance {
    Prop prop;
    Store *store;
    Period period;
    Id stages[3], deals[DEALS]; /* open, won, lost */
    size_t n_deals;
    int64_t at[ROUNDS];
    Noted noted[ROUNDS];
    size_t round;
} Chance;

static Err *load_stages(Ctx *cx, void *arg)
{
    static const char *const SQL[] = {
        "SELECT id FROM \"stage\" WHERE category = 'open' ORDER BY position LIMIT 1",
        "SELECT id FROM \"stage\" WHERE category = 'won' LIMIT 1",
        "SELECT id FROM \"stage\" WHERE category = 'lost' LIMIT 1",
    };
    Chance *chance = arg;

    for (size_t i = 0; i < 3; i++) {
        Val id;
        TRY(db_one(cx->mem, cx->db, str_c(SQL[i]), NULL, 0, &id));
        chance->stages[i] = id.i;
    }
    return NULL;
}

static Val some_money(Chance *chance)
{
    return val_money((int64_t)prop_below(&chance->prop, 1000) * 10000 + 100, 4, currency_pack(S("RUB")));
}

static Val some_day(Chance *chance)
{
    if (prop_one_in(&chance->prop, 6)) return val_null();
    return val_date(chance->period.start - 30 + prop_below(&chance->prop, 150));
}

static Val stage_ref(const Ctx *cx, const Chance *chance, size_t i)
{
    return val_ref(meta_object(cx->meta, S("stage"))->number, chance->stages[i]);
}

static Err *come(Ctx *cx, Chance *chance, Record *rec)
{
    record_set(rec, "name", val_text(S("By chance")));
    record_set(rec, "amount", some_money(chance));
    record_set(rec, "close_date", some_day(chance));
    record_set(rec, "stage", stage_ref(cx, chance, 0));
    TRY(record_create(cx, rec, NULL));
    chance->deals[chance->n_deals++] = rec->id;
    return NULL;
}

static Err *change(Ctx *cx, Chance *chance, Record *rec)
{
    static const char *const FORECASTS[] = {"pipeline", "best_case", "commit", "omitted"};
    Id id = chance->deals[prop_below(&chance->prop, (unsigned)chance->n_deals)];

    rec->id = id;
    switch (prop_below(&chance->prop, 6)) {
    case 0: record_set(rec, "amount", some_money(chance)); break;
    case 1: record_set(rec, "close_date", some_day(chance)); break;
    case 2: record_set(rec, "forecast", val_text(str_c(FORECASTS[prop_below(&chance->prop, 4)]))); break;
    case 3:
    case 4: record_set(rec, "stage", stage_ref(cx, chance, prop_below(&chance->prop, 3))); break;
    default: return record_delete(cx, rec->obj, id, NULL);
    }
    return record_update(cx, rec, NULL);
}

static Err *happen(Ctx *cx, void *arg)
{
    Chance *chance = arg;
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("deal")));
    bool is_new = chance->n_deals < 5 || (chance->n_deals < DEALS && prop_one_in(&chance->prop, 3));

    if (is_new) return come(cx, chance, rec);
    Err *e = change(cx, chance, rec);
    return e && (e->code == ERR_NOT_FOUND || e->code == ERR_INVALID) ? NULL
                                                                     : e; /* gone, or refused by a rule */
}

/* By hand: record by record, without the statements under test. */
static Err *note(Ctx *cx, void *arg)
{
    Chance *chance = arg;
    Noted *noted = &chance->noted[chance->round];

    for (size_t i = 0; i < chance->n_deals; i++) {
        Record *rec = NULL;
        Err *e = record_get(cx, meta_object(cx->meta, S("deal")), chance->deals[i], 0, &rec);
        if (e && e->code == ERR_NOT_FOUND) continue;
        TRY(e);
        Str category = val_str(record_get_val(rec, "category"));
        bool is_open = str_eq(category, S("open")), is_won = str_eq(category, S("won"));
        Val forecast = record_get_val(rec, "forecast"),
            day = record_get_val(rec, is_open ? "close_date" : "closed_on");
        if (val_is_null(day) || day.i < chance->period.start || day.i >= chance->period.end) continue;
        if (is_open && !(forecast.kind == VAL_TEXT && str_eq(val_str(forecast), S("omitted"))))
            noted->open += record_get_val(rec, "amount").i;
        if (is_won) noted->closed += record_get_val(rec, "amount").i;
    }
    return NULL;
}

static void live(Chance *chance, Arena *mem, int64_t start)
{
    for (chance->round = 0; chance->round < ROUNDS; chance->round++) {
        chance->store->clock_ms = start + (int64_t)chance->round * 2 * DAY_MS;
        unsigned n = 1 + prop_below(&chance->prop, 5);
        for (unsigned i = 0; i < n; i++) {
            chance->store->clock_ms += 60000;
            CHECK_OK(test_write(chance->store, mem, happen, chance));
        }
        chance->at[chance->round] = chance->store->clock_ms + 1000;
        CHECK_OK(test_read(chance->store, mem, note, chance));
    }
    chance->store->clock_ms += DAY_MS;
    CHECK(chance->noted[ROUNDS - 1].open > 0 && chance->noted[ROUNDS - 1].closed > 0);
}

static Val args_of(Arena *mem, const Chance *chance, const char *a, size_t from, const char *b, size_t to)
{
    ValPair *pairs = NEW_N(mem, ValPair, 3);

    pairs[0] = (ValPair){val_text(S("period")), val_text(S(PERIOD))};
    pairs[1] = (ValPair){val_text(str_c(a)), val_text(timestamp_text(mem, val_from_ms(chance->at[from])))};
    if (b)
        pairs[2] = (ValPair){val_text(str_c(b)), val_text(timestamp_text(mem, val_from_ms(chance->at[to])))};
    return val_map(pairs, b ? 3 : 2);
}

static int64_t cents(const Val *map, const char *key)
{
    const Val *v = val_get(map, str_c(key));

    NEED(v && v->kind == VAL_MONEY);
    return v->i * 100; /* two places to four */
}

static Err *check_days(Ctx *cx, void *arg)
{
    Chance *chance = arg;

    for (size_t i = 0; i < ROUNDS; i++) {
        Val args = args_of(cx->mem, chance, "as_of", i, NULL, 0), out = {0};
        TRY(forecast_report(cx, &args, &out));
        const Val *total = &val_get(&out, S("total"))->list[0];
        int64_t open = cents(total, "pipeline") + cents(total, "best_case") + cents(total, "commit");
        NEED(open == chance->noted[i].open);
        NEED(cents(total, "closed") == chance->noted[i].closed);
    }
    return NULL;
}

static Err *check_bridges(Ctx *cx, void *arg)
{
    Chance *chance = arg;

    for (size_t i = 0; i < ROUNDS; i++) {
        size_t from = prop_below(&chance->prop, ROUNDS),
               to = from + prop_below(&chance->prop, (unsigned)(ROUNDS - from));
        Val args = args_of(cx->mem, chance, "from", from, "to", to), out = {0};
        TRY(bridge_report(cx, &args, &out));
        const Val *parts = val_get(&out, S("parts"));
        int64_t level = 0;
        for (uint32_t k = 0; k + 1 < parts->n; k++) level += cents(&parts->list[k], "amount");
        NEED(level == cents(&parts->list[parts->n - 1], "amount"));
        if (chance->round == ROUNDS) {
            NEED(cents(&parts->list[0], "amount") == chance->noted[from].open);
            NEED(level == chance->noted[to].open);
        }
    }
    return NULL;
}

/* Brought in at the end: the log knows nothing of the days before. */
static Err *bring_in(Ctx *cx, void *arg)
{
    Chance *chance = arg;

    cx->is_quiet = true;
    for (int i = 0; i < 30; i++) {
        Record *rec = record_new(cx->mem, meta_object(cx->meta, S("deal")));
        int64_t opened = chance->period.start - 40 + prop_below(&chance->prop, 100),
                days = prop_below(&chance->prop, 90);
        record_set(rec, "name", val_text(S("Brought in")));
        record_set(rec, "amount", some_money(chance));
        record_set(rec, "opened_on", val_date(opened));
        record_set(rec, "close_date", val_date(opened + days));
        record_set(rec, "stage", stage_ref(cx, chance, prop_below(&chance->prop, 3)));
        TRY(record_create(cx, rec, NULL));
    }
    return NULL;
}

static void body(Arena *mem, bool is_postgres)
{
    static const Module *const MODULES[] = {&mod_sales};
    Chance *chance = NEW(mem, Chance);

    chance->prop = prop_start();
    chance->store = test_store(mem, is_postgres, MODULES, 1);
    NEED(period_parse(S(PERIOD), 1, &chance->period));
    CHECK_OK(test_read(chance->store, mem, load_stages, chance));
    live(chance, mem, chance->period.start * DAY_MS - 5 * DAY_MS);
    CHECK_OK(test_read(chance->store, mem, check_days, chance));
    CHECK_OK(test_read(chance->store, mem, check_bridges, chance));
    chance->round++; /* from here the days hold more than was noted */
    CHECK_OK(test_write(chance->store, mem, bring_in, chance));
    CHECK_OK(test_read(chance->store, mem, check_bridges, chance));
}

TEST(every_day_was_as_noted_and_bridges_add_up_sqlite)
{
    body(mem, false);
}

TEST(every_day_was_as_noted_and_bridges_add_up_postgres)
{
    body(mem, true);
}
