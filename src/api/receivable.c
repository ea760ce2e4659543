/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who owes how much, by age: sums of the open amounts of invoices, in company currency, each age a range of the index over
   what is open (invoice.open_due).  Under the caller's rights, as of any day. */
#include "api/spine.h"

#include "base/decimal.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "core/store.h"

#include <stdlib.h>

#define SALES_DAYS 90 /* sales that days sales outstanding are counted by */
#define GROUPS_MAX 10000

enum { AGES = 5 };

/* Days overdue: not yet, 1 to 30, 31 to 60, 61 to 90, more. */
static const struct {
    const char *key;
    int from, to; /* of the due day, counted back from the day asked for; `to` of the oldest has no end */
} AGE[AGES] = {{"not_due", INT32_MIN, 0},
               {"age_0", 1, 30},
               {"age_30", 31, 60},
               {"age_60", 61, 90},
               {"age_90", 91, INT32_MAX}};

typedef struct ReceivableIn {
    Str group_by, filter;
    int64_t day, as_of;
} ReceivableIn;

typedef struct Debtor {
    Val group;
    int64_t ages[AGES], total;
} Debtor;

typedef struct Debtors {
    VEC(Debtor *) list;
    StrMap by_group;
    Debtor all;
    Field *field;
} Debtors;

/* A day means its end; a day to come is today. */
static Err *parse_day(Req *rq, Ctx *cx, ReceivableIn *in)
{
    Str zone = cx->store->company->zone, text = rq_arg(rq, "as_of");
    int64_t today = zone_date(zone, cx->now);

    in->day = today;
    if (date_parse(text, &in->day)) {
        if (in->day < today) in->as_of = zone_day_start(zone, in->day + 1) - 1;
        return NULL;
    }
    TRY(rq_as_of(rq, cx));
    in->as_of = cx->as_of;
    cx->as_of = 0;
    if (in->as_of) in->day = zone_date(zone, in->as_of);
    return NULL;
}

static Err *parse_receivables(Req *rq, Ctx *cx)
{
    ReceivableIn *in = NEW(rq->mem, ReceivableIn);

    rq->in = in;
    in->group_by = rq_arg(rq, "group_by");
    if (!in->group_by.n) in->group_by = S("account");
    in->filter = str_trim(rq_arg(rq, "filter"));
    return parse_day(rq, cx, in);
}

static Err *ask(Ctx *cx, const Object *invoice, Str filter, Str own, Str group_by, Str measure, Aggregate *a,
                AggregateRow **rows, size_t *n)
{
    Str whole = own.n ? str_fmt(cx->mem, "(%.*s) && (%.*s)", SFMT(own), SFMT(filter)) : filter;

    *a = (Aggregate){.is_narrow = true};
    TRY(query_parse(cx, invoice, whole, (Str){0}, &a->query));
    TRY(aggregate_parse(cx, a, group_by, measure));
    return record_aggregate(cx, a, rows, n);
}

static Str age_filter(Arena *mem, size_t age, int64_t day)
{
    Str from = date_text(mem, day - AGE[age].from),
        to = AGE[age].to == INT32_MAX ? S("") : date_text(mem, day - AGE[age].to);

    if (age == 0) return str_fmt(mem, "open_due >= date('%.*s')", SFMT(to));
    if (!to.n) return str_fmt(mem, "open_due <= date('%.*s')", SFMT(from));
    return str_fmt(mem, "open_due <= date('%.*s') && open_due >= date('%.*s')", SFMT(from), SFMT(to));
}

static Debtor *debtor_of(Arena *mem, Debtors *all, Val group)
{
    Str key =
        group.kind == VAL_TEXT ? val_str(group) : str_fmt(mem, "%d:%lld", group.kind, (long long)group.i);
    Debtor *d = strmap_get(&all->by_group, key);

    if (d) return d;
    d = NEW(mem, Debtor);
    d->group = group;
    strmap_put(mem, &all->by_group, key, d);
    *vec_push(mem, &all->list) = d;
    return d;
}

static bool add_to(Debtor *d, size_t age, int64_t v)
{
    return !__builtin_add_overflow(d->ages[age], v, &d->ages[age]) &&
           !__builtin_add_overflow(d->total, v, &d->total) && d->total <= DECIMAL_MAX;
}

static Err *read_ages(Ctx *cx, const Object *invoice, const ReceivableIn *in, Debtors *all)
{
    for (size_t age = 0; age < AGES; age++) {
        AggregateRow *rows = NULL;
        Aggregate a = {0};
        size_t n = 0;

        TRY(ask(cx, invoice, age_filter(cx->mem, age, in->day), in->filter, in->group_by, S("sum(open)"), &a,
                &rows, &n));
        if (a.n_groups != 1 || a.groups[0].bucket != BUCKET_NONE)
            FAIL_FIELD(cx->mem, S("group_by"), "error.group", "one field");
        all->field = a.groups[0].field;
        for (size_t i = 0; i < n; i++) {
            Val sum = rows[i].measures[0];
            if (sum.kind != VAL_MONEY) continue;
            if (!add_to(debtor_of(cx->mem, all, rows[i].groups[0]), age, sum.i) ||
                !add_to(&all->all, age, sum.i))
                FAIL(cx->mem, ERR_INVALID, "error.money.large", "the sum does not fit");
        }
        if (all->list.n > GROUPS_MAX)
            FAIL(cx->mem, ERR_LIMIT, "error.group.buckets", "%zu groups", all->list.n);
    }
    return NULL;
}

/* How many days of sales are unpaid; null without sales. */
static Err *read_dso(Ctx *cx, const Object *invoice, const ReceivableIn *in, int64_t owed, Val *out)
{
    Str from = date_text(cx->mem, in->day - SALES_DAYS + 1), to = date_text(cx->mem, in->day);
    Str filter = str_fmt(cx->mem, "date >= date('%.*s') && date <= date('%.*s')", SFMT(from), SFMT(to));
    AggregateRow *rows = NULL;
    Aggregate a = {0};
    size_t n = 0;
    Val days = {0};

    *out = val_null();
    TRY(ask(cx, invoice, filter, in->filter, (Str){0}, S("sum(counted)"), &a, &rows, &n));
    Val sold = n ? rows[0].measures[0] : val_null();
    if (sold.kind != VAL_MONEY || sold.i <= 0) return NULL;
    if (!decimal_div(val_decimal(owed, 4), val_decimal(sold.i, 4), &days)) return NULL;
    if (!decimal_mul(days, val_decimal(SALES_DAYS, 0), &days)) return NULL;
    int64_t tenth = 0;
    if (decimal_rescale(days.i, days.places, 1, &tenth)) *out = val_text(decimal_text(cx->mem, tenth, 1));
    return NULL;
}

static void write_money(JsonWriter *w, const Ctx *cx, const char *key, int64_t v)
{
    char code[4];

    currency_unpack(cx->store->company->currency_code, code);
    json_key(w, str_c(key));
    json_open_obj(w);
    json_pair_str(w, "amount", decimal_text(cx->mem, v / 100, 2));
    json_pair_str(w, "currency", str_copy(cx->mem, str_c(code)));
    json_close_obj(w);
}

static void write_debtor(JsonWriter *w, const Ctx *cx, const Debtor *d)
{
    for (size_t age = 0; age < AGES; age++) write_money(w, cx, AGE[age].key, d->ages[age]);
    write_money(w, cx, "overdue", d->total - d->ages[0]);
    write_money(w, cx, "total", d->total);
}

static int by_total(const void *a, const void *b)
{
    const Debtor *x = *(Debtor *const *)a, *y = *(Debtor *const *)b;

    if (x->total != y->total) return x->total > y->total ? -1 : 1;
    return (x->group.i > y->group.i) - (x->group.i < y->group.i);
}

static Err *write_reply(Req *rq, Ctx *cx, const ReceivableIn *in, Debtors *all, Val dso)
{
    Val *refs = NEW_N(cx->mem, Val, all->list.n + 1);
    JsonWriter *w = NULL;
    Labels *labels = NULL;

    if (all->list.n) qsort(all->list.p, all->list.n, sizeof *all->list.p, by_total);
    for (size_t i = 0; i < all->list.n; i++) refs[i] = all->list.p[i]->group;
    TRY(labels_load(cx, NULL, 0, &labels));
    TRY(labels_add(cx, labels, refs, all->list.n));
    w = reply_begin(rq, 200);
    json_open_obj(w);
    json_pair_str(w, "as_of", date_text(cx->mem, in->day));
    json_key_c(w, "data");
    json_open_list(w);
    for (size_t i = 0; i < all->list.n; i++) {
        json_open_obj(w);
        json_key(w, in->group_by);
        value_to_json(w, all->field, all->list.p[i]->group, labels, cx->meta);
        write_debtor(w, cx, all->list.p[i]);
        json_close_obj(w);
    }
    json_close_list(w);
    json_key_c(w, "all");
    json_open_obj(w);
    write_debtor(w, cx, &all->all);
    json_close_obj(w);
    json_key_c(w, "days_sales_outstanding");
    json_val(w, dso);
    json_close_obj(w);
    return NULL;
}

static Err *run_receivables(Req *rq, Ctx *cx)
{
    const ReceivableIn *in = rq->in;
    const Object *invoice = meta_object(cx->meta, S("invoice"));
    Debtors all = {0};
    Val dso = {0};

    cx->as_of = in->as_of;
    TRY(read_ages(cx, invoice, in, &all));
    TRY(read_dso(cx, invoice, in, all.all.total, &dso));
    return write_reply(rq, cx, in, &all, dso);
}

const Route receivable_routes[] = {
    {.method = "GET",
     .pattern = "/receivables",
     .name = "receivables",
     .right = RIGHT_USER,
     .params = "group_by filter as_of",
     .parse = parse_receivables,
     .steps = {{WHERE_READ, run_receivables}}},
    {0},
};
