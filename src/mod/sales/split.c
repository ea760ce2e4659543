/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The team of a deal: revenue shares that come to 100 % at the end of a unit, however many records it wrote, and what each
   share is of the amount.  Whoever stands in the team may read the deal by what his role says (core/rights.c, `also`). */
#include "mod/sales/split.h"

#include "base/decimal.h"
#include "base/text.h"
#include "core/write.h"
#include "mod/sales/sales_impl.h"

#define TEAM_MAX 100

__extension__ typedef __int128 Wide;

int64_t split_percents(const SplitPart *parts, size_t n)
{
    int64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        if (parts[i].is_revenue) sum += parts[i].percent;
    return sum;
}

static int64_t overlay_of(int64_t amount, int64_t unit, int64_t percent)
{
    Wide whole = (Wide)SPLIT_WHOLE * unit, product = (Wide)amount * percent;
    Wide half = product < 0 ? -whole / 2 : whole / 2;

    return (int64_t)((product + half) / whole) * unit;
}

void split_amounts(Arena *mem, int64_t amount, int64_t unit, SplitPart *parts, size_t n)
{
    int64_t *weights = NEW_N(mem, int64_t, n + 1), *orders = NEW_N(mem, int64_t, n + 1),
            *shares = NEW_N(mem, int64_t, n + 1);
    size_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (!parts[i].is_revenue) parts[i].amount = overlay_of(amount, unit, parts[i].percent);
        if (!parts[i].is_revenue) continue;
        orders[k] = parts[i].order;
        weights[k++] = parts[i].percent;
    }
    if (!split_percents(parts, n)) return;
    amount_split(mem, amount, unit, weights, orders, k, shares);
    k = 0;
    for (size_t i = 0; i < n; i++)
        if (parts[i].is_revenue) parts[i].amount = shares[k++];
}

/* --- settling -------------------------------------------------------------------------------------------------------- */

/* "33.3333", "50" */
static Str percent_text(Arena *mem, int64_t percent)
{
    Str s = decimal_text(mem, percent, 4);

    while (s.n && s.p[s.n - 1] == '0') s.n--;
    if (s.n && s.p[s.n - 1] == '.') s.n--;
    return s;
}

static Err *team_of(Ctx *cx, Id deal, Record ***out, size_t *n)
{
    Ctx system = ctx_as_system(cx);
    Query q = {0};
    Page page = {0};
    Str filter = str_fmt(cx->mem, "deal == '%.*s'", SFMT(id_text(cx->mem, deal)));

    system.as_of = 0;
    TRY(query_parse(&system, meta_object(cx->meta, S("deal_split")), filter, S("id"), &q));
    q.limit = TEAM_MAX;
    TRY(record_list(&system, &q, &page));
    if (page.next_token.n) FAIL(cx->mem, ERR_LIMIT, "error.split.many", "more than %d shares", TEAM_MAX);
    *out = page.recs;
    *n = page.n;
    return NULL;
}

static bool is_revenue(const Record *share)
{
    return str_eq(text_in(share, "kind"), S("revenue"));
}

static int64_t percent_of(const Record *share)
{
    Val v = record_get_val(share, "percent");

    return val_is_null(v) ? 0 : v.i;
}

static SplitPart *parts_of(Arena *mem, Record *const *team, size_t n)
{
    SplitPart *parts = NEW_N(mem, SplitPart, n + 1);

    for (size_t i = 0; i < n; i++)
        parts[i] = (SplitPart){
            .percent = percent_of(team[i]), .is_revenue = is_revenue(team[i]), .order = team[i]->id};
    return parts;
}

static bool has_revenue(Record *const *team, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_revenue(team[i])) return true;
    return false;
}

static int64_t unit_of(uint16_t currency)
{
    static const int64_t UNITS[] = {10000, 1000, 100, 10, 1};
    char code[4];

    currency_unpack(currency, code);
    int places = currency_places(str_c(code));
    return UNITS[places < 0 || places > 4 ? 2 : places];
}

Err *deal_settle_team(Ctx *cx, const Record *deal)
{
    Val amount = record_get_val(deal, "amount");
    bool has_amount = amount.kind == VAL_MONEY;
    Record **team = NULL;
    size_t n = 0;

    TRY(team_of(cx, deal->id, &team, &n));
    SplitPart *parts = parts_of(cx->mem, team, n);
    int64_t sum = split_percents(parts, n);
    if (!cx->is_quiet && has_revenue(team, n) && sum != SPLIT_WHOLE)
        return err_arg(err_field(err_new(cx->mem, ERR_INVALID, "error.split.whole", "shares come to %lld",
                                         (long long)sum),
                                 S("percent")),
                       0, percent_text(cx->mem, sum));
    if (has_amount) split_amounts(cx->mem, amount.i, unit_of(amount.aux), parts, n);
    for (size_t i = 0; i < n; i++) {
        Record *after = record_copy(cx->mem, team[i]);
        record_set(after, "amount", has_amount ? val_money(parts[i].amount, 4, amount.aux) : val_null());
        TRY(record_settle(cx, team[i], after));
    }
    return NULL;
}

/* --- sharing by one action ------------------------------------------------------------------------------------------- */

static Record *share_of(Record *const *team, size_t n, Id person)
{
    for (size_t i = 0; i < n; i++)
        if (is_revenue(team[i]) && record_get_val(team[i], "person").i == person) return team[i];
    return NULL;
}

/* Gives `person` a share of `percent`, in place of `had`; one of nothing is none. */
static Err *give(Ctx *cx, const Record *deal, const Record *had, Id person, int64_t percent)
{
    const Object *obj = meta_object(cx->meta, S("deal_split"));
    Record *rec = record_new(cx->mem, obj);

    if (percent == 0) return had ? record_delete(cx, obj, had->id, NULL) : NULL;
    record_set(rec, "percent", val_decimal(percent, 4));
    if (had) {
        rec->id = had->id;
        return record_update(cx, rec, NULL);
    }
    record_set(rec, "deal", val_ref(deal->obj->number, deal->id));
    record_set(rec, "person", val_ref(meta_object(cx->meta, S("user"))->number, person));
    record_set(rec, "kind", val_text(S("revenue")));
    return record_create(cx, rec, NULL);
}

/* The responsible person has what the others leave; alone he needs no share. */
Err *deal_share(Ctx *cx, Record *deal, const Val *params, Val *out)
{
    Val owner = deal->vals[SYS_OWNER];
    Id person = params[0].i;
    int64_t percent = 0, others = 0;
    Record **team = NULL;
    size_t n = 0;

    if (val_is_null(owner)) FAIL(cx->mem, ERR_CONFLICT, "error.split.owner", "nobody is responsible");
    if (owner.i == person)
        FAIL_FIELD(cx->mem, S("person"), "error.split.rest", "the responsible person has the rest");
    if (!decimal_rescale(params[1].i, params[1].places, 4, &percent) || percent < 0 || percent > SPLIT_WHOLE)
        FAIL_FIELD(cx->mem, S("percent"), "error.split.range", "not between 0 and 100");
    TRY(team_of(cx, deal->id, &team, &n));
    for (size_t i = 0; i < n; i++) {
        Id whose = record_get_val(team[i], "person").i;
        if (is_revenue(team[i]) && whose != person && whose != owner.i) others += percent_of(team[i]);
    }
    int64_t rest = SPLIT_WHOLE - others - percent;
    if (rest < 0)
        return err_arg(
            err_field(err_new(cx->mem, ERR_INVALID, "error.split.left", "more than is left"), S("percent")),
            0, percent_text(cx->mem, SPLIT_WHOLE - others));
    cx->hold++; /* whole again when both are written */
    TRY(give(cx, deal, share_of(team, n, person), person, percent));
    TRY(give(cx, deal, share_of(team, n, owner.i), owner.i, rest == SPLIT_WHOLE ? 0 : rest));
    cx->hold--;
    *out = val_map(NULL, 0);
    return rollup_flush(cx);
}
