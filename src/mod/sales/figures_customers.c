/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Customers come and gone: accounts by what they bought in a period and in the one before of the same length.  New: their first purchase
   ever; regained: none in the period before, but earlier; lost: some before, none now; grown, kept, shrunk: both, compared. */
#include "mod/sales/figures.h"

#include "base/time.h"
#include "core/query_impl.h"
#include "core/rights.h"
#include "core/store.h"
#include "mod/sales/forecast.h"

#define ACCOUNTS_MOST 1000

typedef struct Purchase { /* what counts as bought */
    const char *key, *object, *filter, *day, *amount;
} Purchase;

static const Purchase PURCHASES[] = {
    {"deals", "deal", "category == 'won'", "closed_on", "amount"},
    {"orders", "order", "status != 'draft' && status != 'cancelled'", "date", "net"},
    {"invoices", "invoice", "counted != null", "date", "counted"},
};

static const char *const KINDS[] = {"new", "regained", "grown", "kept", "shrunk", "lost"};
#define KINDS_N (sizeof KINDS / sizeof *KINDS)

typedef struct Bought {
    Ctx *cx;
    const Purchase *of;
    const Object *obj;
    Period period, before;
    Query query;
} Bought;

static void add_sum(Sql *q, const Bought *b, Period p)
{
    sql_text(q, "kith_sum(CASE WHEN t0.");
    sql_ident(q, str_c(b->of->day));
    sql_text(q, " >= ");
    sql_i64(q, p.start);
    sql_text(q, " AND t0.");
    sql_ident(q, str_c(b->of->day));
    sql_text(q, " < ");
    sql_i64(q, p.end);
    sql_text(q, " THEN t0.");
    sql_ident(q, str_fmt(b->cx->mem, "%s_base", b->of->amount));
    sql_text(q, " END)");
}

/* FROM (account, what was bought before and now, which kind that makes of it) */
static Err *from_accounts(const Bought *b, Sql *q)
{
    sql_text(q, " FROM (SELECT y.account, y.was, y.now, CASE WHEN y.was IS NULL THEN CASE WHEN y.begun >= ");
    sql_i64(q, b->period.start);
    sql_text(
        q,
        " THEN 'new' ELSE 'regained' END WHEN y.now IS NULL THEN 'lost' WHEN y.now > y.was THEN 'grown' WHEN "
        "y.now < y.was THEN 'shrunk' ELSE 'kept' END AS kind FROM (SELECT t0.account, ");
    add_sum(q, b, b->before);
    sql_text(q, " AS was, ");
    add_sum(q, b, b->period);
    sql_text(q, " AS now, min(t0.");
    sql_ident(q, str_c(b->of->day));
    sql_text(q, ") AS begun FROM ");
    sql_ident(q, b->obj->table);
    sql_text(q, " t0");
    TRY(query_where(b->cx, q, &b->query));
    sql_text(q, " GROUP BY 1) y WHERE y.was IS NOT NULL OR y.now IS NOT NULL) x");
    return NULL;
}

static Val money_or_none(const Ctx *cx, Val v)
{
    return forecast_money(cx, val_is_null(v) ? 0 : v.i);
}

static void put_amounts(Ctx *cx, Pairs *pairs, Val was, Val now)
{
    int64_t a = val_is_null(was) ? 0 : was.i, b = val_is_null(now) ? 0 : now.i;

    pairs_put(cx, pairs, "was", money_or_none(cx, was));
    pairs_put(cx, pairs, "now", money_or_none(cx, now));
    pairs_put(cx, pairs, "change", forecast_money(cx, b - a));
}

typedef struct KindSum {
    Val count, was, now;
} KindSum;

static Err *by_kind(const Bought *b, Val *out)
{
    Ctx *cx = b->cx;
    Sql q = sql_new(cx->mem);
    KindSum sums[KINDS_N] = {0};
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT x.kind, count(*), kith_sum(x.was), kith_sum(x.now)");
    TRY(from_accounts(b, &q));
    sql_text(&q, " GROUP BY 1");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        for (size_t i = 0; i < KINDS_N; i++)
            if (str_eq_c(db_str(rows, 0), KINDS[i]))
                sums[i] = (KindSum){db_val(rows, 1), db_val(rows, 2), db_val(rows, 3)};
    }
    Val *list = NEW_N(cx->mem, Val, KINDS_N);
    for (size_t i = 0; i < KINDS_N; i++) {
        Pairs pairs = {0};
        pairs_put(cx, &pairs, "kind", val_text(str_c(KINDS[i])));
        pairs_put(cx, &pairs, "accounts", val_is_null(sums[i].count) ? val_int(0) : sums[i].count);
        put_amounts(cx, &pairs, sums[i].was, sums[i].now);
        list[i] = pairs_map(&pairs);
    }
    *out = val_list(list, KINDS_N);
    return NULL;
}

/* The accounts of one kind, the largest change first. */
static Err *of_kind(const Bought *b, Str kind, Val *out)
{
    Ctx *cx = b->cx;
    const Object *account = meta_object(cx->meta, S("account"));
    Sql q = sql_new(cx->mem);
    VEC(Val) list = {0};
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT x.account, x.was, x.now");
    TRY(from_accounts(b, &q));
    sql_text(&q, " WHERE x.kind = ");
    sql_bind(&q, val_text(kind));
    sql_text(&q, " ORDER BY abs(COALESCE(x.now, 0) - COALESCE(x.was, 0)) DESC, x.account LIMIT ");
    sql_i64(&q, ACCOUNTS_MOST);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        Pairs pairs = {0};
        pairs_put(cx, &pairs, "account", val_ref(account->number, db_i64(rows, 0)));
        put_amounts(cx, &pairs, db_val(rows, 1), db_val(rows, 2));
        *vec_push(cx->mem, &list) = pairs_map(&pairs);
    }
    *out = val_list(list.p, list.n);
    return NULL;
}

static Err *parse(Bought *b, const Val *args)
{
    Ctx *cx = b->cx;
    Str of = forecast_arg(args, "of");
    Field *f = NULL;

    b->of = NULL;
    for (size_t i = 0; i < sizeof PURCHASES / sizeof *PURCHASES; i++)
        if (of.n ? str_eq_c(of, PURCHASES[i].key) : i == 0) b->of = &PURCHASES[i];
    if (!b->of)
        return err_field(err_arg(err_new(cx->mem, ERR_INVALID, "error.choice", "%.*s", SFMT(of)), 0, of),
                         S("of"));
    b->obj = meta_object(cx->meta, str_c(b->of->object));
    if (!rights_may(cx, b->obj, VERB_READ))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to read %s", b->of->object);
    TRY(query_field(cx, b->obj, str_c(b->of->amount), "of", &f));
    TRY(query_field(cx, b->obj, str_c(b->of->day), "of", &f));
    Str filter = str_fmt(cx->mem, "%s && account != null && %s <= date('%.*s')", b->of->filter, b->of->day,
                         SFMT(date_text(cx->mem, b->period.end - 1)));
    return query_parse(cx, b->obj, filter, (Str){0}, &b->query);
}

static Val columns_of(Ctx *cx, bool is_one_kind)
{
    static const char *const COLUMNS[][2] = {
        {"accounts", "integer"}, {"was", "money"}, {"now", "money"}, {"change", "money"}};
    size_t n = sizeof COLUMNS / sizeof *COLUMNS;
    Val *out = NEW_N(cx->mem, Val, n);

    for (size_t i = 0; i < n; i++) {
        Pairs pairs = {0};
        pairs_put(cx, &pairs, "key", val_text(str_c(COLUMNS[i][0])));
        pairs_put(cx, &pairs, "kind", val_text(str_c(COLUMNS[i][1])));
        out[i] = pairs_map(&pairs);
    }
    return is_one_kind ? val_list(out + 1, n - 1) : val_list(out, n);
}

Err *customers_report(Ctx *cx, const Val *args, Val *out)
{
    Bought *b = NEW(cx->mem, Bought);
    Str kind = forecast_arg(args, "kind");
    Val period, data = {0};
    Pairs pairs = {0};
    Val *group = NEW(cx->mem, Val);

    b->cx = cx;
    TRY(report_period(cx, args, &b->period, &b->before, &period));
    TRY(parse(b, args));
    if (kind.n)
        TRY(of_kind(b, kind, &data));
    else
        TRY(by_kind(b, &data));
    *group = val_text(kind.n ? S("account") : S("kind"));
    pairs_put(cx, &pairs, "period", period);
    pairs_put(cx, &pairs, "currency", val_text(cx->store->company->currency));
    pairs_put(cx, &pairs, "object", val_text(str_c(b->of->object)));
    pairs_put(cx, &pairs, "groups", val_list(group, 1));
    pairs_put(cx, &pairs, "columns", columns_of(cx, kind.n > 0));
    pairs_put(cx, &pairs, "data", data);
    pairs_put(cx, &pairs, "total", val_null());
    *out = pairs_map(&pairs);
    return NULL;
}
