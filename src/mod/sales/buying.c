/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has stopped buying, who is due, and which families a customer gave up: one pass over the orders of the last years in the order
   of customer and day, in constant memory but for what comes out.  The rules stand in buying.h; jobs ask the same function, so that
   a reminder never says anything else than the page. */
#include "mod/sales/buying.h"

#include "base/map.h"
#include "base/text.h"
#include "base/time.h"
#include "core/query_impl.h"
#include "core/record.h"
#include "core/rights.h"
#include "core/store.h"
#include "mod/sales/forecast.h"

#include <stdlib.h>

#define ROWS_MAX 1000

typedef VEC(int64_t) Days;
typedef VEC(Buyer) Buyers;

/* --- habit ----------------------------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

int64_t buy_interval_twice(const int64_t *days, size_t n, int64_t *gaps)
{
    size_t count = n ? n - 1 : 0;

    if (n < BUY_LEAST) return 0;
    for (size_t i = 0; i < count; i++) gaps[i] = days[i + 1] - days[i];
    qsort(gaps, count, sizeof *gaps, ascending);
    return gaps[(count - 1) / 2] + gaps[count / 2];
}

static void judge(Buyer *b, int64_t day)
{
    b->silent = day - b->last;
    if (b->purchases < BUY_LEAST) return;
    b->expected = b->last + (b->usual_twice + 1) / 2;
    b->state = 2 * b->silent > BUY_FACTOR * b->usual_twice ? BUY_LOST : day >= b->expected ? BUY_DUE : BUY_ON;
}

const char *buy_state_name(BuyState state)
{
    static const char *const NAMES[BUY_STATES] = {"new", "buying", "due", "lost"};

    return NAMES[state];
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static Err *check_fields(Ctx *cx, const Object *order)
{
    static const char *const FIELDS[] = {"account", "date", "status", "net"};
    const Object *product = meta_object(cx->meta, S("product"));
    Field *f;

    if (!rights_may(cx, order, VERB_READ) || !rights_may(cx, product, VERB_READ) ||
        !rights_may(cx, meta_object(cx->meta, S("account")), VERB_READ))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to read orders");
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++)
        TRY(query_field(cx, order, str_c(FIELDS[i]), "group_by", &f));
    return query_field(cx, product, S("family"), "group_by", &f);
}

static Err *select_days(Ctx *cx, Sql *q, const BuyAsk *ask)
{
    const Object *order = meta_object(cx->meta, S("order"));

    if (ask->by_family)
        sql_text(q, "SELECT t0.account, t1.owner_id, t0.date, COALESCE(p.family, ''), kith_sum(l.net_base)");
    else
        sql_text(q, "SELECT t0.account, t1.owner_id, t0.date, '', kith_sum(t0.net_base)");
    sql_text(q, " FROM \"order\" t0 JOIN \"account\" t1 ON t1.id = t0.account");
    if (ask->by_family)
        sql_text(q, " JOIN \"order_line\" l ON l.\"order\" = t0.id AND l.deleted_at IS NULL "
                    "JOIN \"product\" p ON p.id = l.product");
    sql_text(q, " WHERE t0.deleted_at IS NULL AND t1.deleted_at IS NULL AND "
                "t0.status IN ('confirmed', 'delivered', 'closed') AND t0.date <= ");
    sql_bind(q, val_int(ask->day));
    sql_text(q, " AND t0.date > ");
    sql_bind(q, val_int(ask->day - BUY_HISTORY));
    if (ask->account) {
        sql_text(q, " AND t0.account = ");
        sql_bind(q, val_int(ask->account));
    }
    TRY(rights_where(cx, q, order, 0, VERB_READ));
    TRY(rights_where(cx, q, meta_object(cx->meta, S("account")), 1, VERB_READ));
    sql_text(q, " GROUP BY 1, 2, 3, 4 ORDER BY 1, 4, 3");
    return NULL;
}

/* The rows of one customer (and family), ended by another or by the last row. */
typedef struct Reader {
    Ctx *cx;
    const BuyAsk *ask;
    Buyers all;
    Buyer at;
    Days days, gaps;
} Reader;

static void end_buyer(Reader *r)
{
    if (!r->days.n) return;
    while (r->gaps.n < r->days.n) (void)vec_push(r->cx->mem, &r->gaps);
    r->at.purchases = (int64_t)r->days.n;
    r->at.first = r->days.p[0];
    r->at.last = r->days.p[r->days.n - 1];
    r->at.usual_twice = buy_interval_twice(r->days.p, r->days.n, r->gaps.p);
    judge(&r->at, r->ask->day);
    *vec_push(r->cx->mem, &r->all) = r->at;
    r->days.n = 0;
}

static Err *add_day(Reader *r, const DbRows *rows)
{
    int64_t window = r->ask->window ? r->ask->window : 180, day = db_i64(rows, 2), net = db_i64(rows, 4);
    int64_t age = r->ask->day - day;
    Id account = db_i64(rows, 0);
    Str family = db_str(rows, 3);

    if (account != r->at.account || !str_eq(family, r->at.family)) {
        end_buyer(r);
        r->at = (Buyer){.account = account, .owner = db_i64(rows, 1), .family = str_copy(r->cx->mem, family)};
    }
    *vec_push(r->cx->mem, &r->days) = day;
    TRY(money_add(r->cx, &r->at.net, net));
    if (age < window) return money_add(r->cx, &r->at.recent, net);
    return age < 2 * window ? money_add(r->cx, &r->at.earlier, net) : NULL;
}

Err *buyers_read(Ctx *cx, const BuyAsk *ask, Buyer **out, size_t *n)
{
    Sql q = sql_new(cx->mem);
    Reader r = {.cx = cx, .ask = ask};
    DbRows *rows = NULL;
    bool has = false;

    TRY(check_fields(cx, meta_object(cx->meta, S("order"))));
    TRY(select_days(cx, &q, ask));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        TRY(add_day(&r, rows));
    }
    end_buyer(&r);
    *out = r.all.p;
    *n = r.all.n;
    return NULL;
}

/* --- the report ------------------------------------------------------------------------------------------------------ */

static Err *parse(Ctx *cx, const Val *args, BuyAsk *ask, Str *state)
{
    Str by = forecast_arg(args, "group_by"), day = forecast_arg(args, "as_of"),
        account = forecast_arg(args, "account");
    bool is_state = false;

    *state = forecast_arg(args, "state");
    *ask =
        (BuyAsk){.day = zone_date(cx->store->company->zone, cx->now), .by_family = str_eq(by, S("family"))};
    if (by.n && !ask->by_family && !str_eq(by, S("account")))
        FAIL_FIELD(cx->mem, S("group_by"), "error.group", "%.*s", SFMT(by));
    if (day.n && !date_parse(day, &ask->day))
        FAIL_FIELD(cx->mem, S("as_of"), "error.date", "%.*s", SFMT(day));
    for (int i = 0; i < BUY_STATES; i++) is_state = is_state || str_eq_c(*state, buy_state_name((BuyState)i));
    if (state->n && !is_state) FAIL_FIELD(cx->mem, S("state"), "error.buying.state", "%.*s", SFMT(*state));
    if (!account.n) return NULL;
    if (!id_parse(account, &ask->account))
        FAIL(cx->mem, ERR_NOT_FOUND, "error.record.none", "%.*s", SFMT(account));
    return record_get(cx, meta_object(cx->meta, S("account")), ask->account, 0, &(Record *){NULL});
}

static int by_worth(const void *a, const void *b)
{
    const Buyer *const *x = a, *const *y = b;

    if ((*x)->net != (*y)->net) return (*x)->net < (*y)->net ? 1 : -1;
    return ((*x)->account > (*y)->account) - ((*x)->account < (*y)->account);
}

static Val buyer_val(Ctx *cx, const Buyer *b, bool by_family)
{
    Val account = val_ref(meta_object(cx->meta, S("account"))->number, b->account);
    Val owner = b->owner ? val_ref(meta_object(cx->meta, S("user"))->number, b->owner) : val_null();
    bool has_habit = b->purchases >= BUY_LEAST;
    const ValPair all[] = {
        {val_text(S("account")), account},
        {val_text(S("family")), b->family.n ? val_text(b->family) : val_null()},
        {val_text(S("owner")), owner},
        {val_text(S("state")), val_text(str_c(buy_state_name(b->state)))},
        {val_text(S("purchases")), val_int(b->purchases)},
        {val_text(S("first")), val_date(b->first)},
        {val_text(S("last")), val_date(b->last)},
        {val_text(S("usual_days")), has_habit ? val_decimal(b->usual_twice * 5, 1) : val_null()},
        {val_text(S("expected")), has_habit ? val_date(b->expected) : val_null()},
        {val_text(S("silent_days")), val_int(b->silent)},
        {val_text(S("net")), forecast_money(cx, b->net)},
    };
    size_t n = sizeof all / sizeof *all;
    ValPair *pairs = NEW_N(cx->mem, ValPair, n);
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (by_family || i != 1) pairs[k++] = all[i];
    return val_map(pairs, k);
}

static Val counts_val(Ctx *cx, const Buyer *all, size_t n)
{
    ValPair *pairs = NEW_N(cx->mem, ValPair, BUY_STATES);
    int64_t counts[BUY_STATES] = {0};

    for (size_t i = 0; i < n; i++) counts[all[i].state]++;
    for (int i = 0; i < BUY_STATES; i++)
        pairs[i] = (ValPair){val_text(str_c(buy_state_name((BuyState)i))), val_int(counts[i])};
    return val_map(pairs, BUY_STATES);
}

/* A family is given up by a customer who goes on buying; of one who is gone it is no news. */
static Err *leave_gone(Ctx *cx, const BuyAsk *ask, Buyer *families, size_t *n)
{
    BuyAsk whole = *ask;
    Buyer *customers = NULL;
    size_t n_customers = 0, at = 0, kept = 0;

    whole.by_family = false;
    TRY(buyers_read(cx, &whole, &customers, &n_customers));
    for (size_t i = 0; i < *n; i++) {
        while (at < n_customers && customers[at].account < families[i].account) at++;
        bool is_gone = at < n_customers && customers[at].account == families[i].account &&
                       customers[at].state == BUY_LOST;
        if (!is_gone) families[kept++] = families[i];
    }
    *n = kept;
    return NULL;
}

Err *families_read(Ctx *cx, const BuyAsk *ask, Buyer **out, size_t *n)
{
    TRY(buyers_read(cx, ask, out, n));
    return leave_gone(cx, ask, *out, n);
}

Err *buying_report(Ctx *cx, const Val *args, Val *out)
{
    BuyAsk ask = {0};
    Str state = {0};
    Buyer *all = NULL;
    size_t n = 0, shown = 0;

    TRY(parse(cx, args, &ask, &state));
    TRY(ask.by_family ? families_read(cx, &ask, &all, &n) : buyers_read(cx, &ask, &all, &n));
    const Buyer **sorted = NEW_N(cx->mem, const Buyer *, n + 1);
    for (size_t i = 0; i < n; i++)
        if (!state.n || str_eq_c(state, buy_state_name(all[i].state))) sorted[shown++] = &all[i];
    qsort(sorted, shown, sizeof *sorted, by_worth);
    if (shown > ROWS_MAX) shown = ROWS_MAX;
    Val *rows = NEW_N(cx->mem, Val, shown + 1);
    for (size_t i = 0; i < shown; i++) rows[i] = buyer_val(cx, sorted[i], ask.by_family);
    const ValPair reply[] = {
        {val_text(S("as_of")), val_date(ask.day)},
        {val_text(S("group_by")), val_text(ask.by_family ? S("family") : S("account"))},
        {val_text(S("counts")), counts_val(cx, all, n)},
        {val_text(S("data")), val_list(rows, shown)},
    };
    ValPair *pairs = NEW_N(cx->mem, ValPair, 4);
    for (size_t i = 0; i < 4; i++) pairs[i] = reply[i];
    *out = val_map(pairs, 4);
    return NULL;
}
