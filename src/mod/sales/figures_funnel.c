/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The funnel: of the deals opened in a period, how many have stood in each stage (where they are, and every stage_visit), and how many
   came at least as far: a won deal came through all stages, a lost one as far as the last open stage it was in, the first when
   nothing is known.  So what reached a stage never grows along the funnel. */
#include "mod/sales/figures.h"

#include "core/query_impl.h"
#include "core/rights.h"
#include "core/store.h"
#include "mod/sales/forecast.h"

#define GROUPS_MOST 200

typedef struct Passage { /* one stage of one group */
    int64_t entered, reached, amount;
} Passage;

typedef struct Branch {
    Val group;
    Passage *levels;
} Branch;

typedef struct Funnel {
    Ctx *cx;
    Aggregate cohort;  /* the deals, and the group when one is asked for */
    Str base;          /* their condition */
    StageRanks stages; /* of the pipeline, without those that mean a loss; the last one won */
    VEC(Branch) branches;
} Funnel;

/* The stages of the pipeline asked for, or of the one new deals come to. */
static Err *load_stages(Funnel *f, Str asked)
{
    Ctx *cx = f->cx;
    StageRanks all = {0};
    Id pipeline = 0;

    if (asked.n && !id_parse(asked, &pipeline))
        FAIL_FIELD(cx->mem, S("pipeline"), "error.reference", "%.*s", SFMT(asked));
    TRY(stage_ranks(cx, &all));
    for (size_t i = 0; i < all.n; i++) {
        if (!pipeline) pipeline = all.p[i].pipeline;
        bool is_of_it = all.p[i].pipeline == pipeline && (all.p[i].is_open || all.p[i].is_won);
        if (is_of_it) *vec_push(cx->mem, &f->stages) = all.p[i];
    }
    if (!f->stages.n)
        FAIL_FIELD(cx->mem, S("pipeline"), "error.reference", "%.*s has no stages", SFMT(asked));
    return NULL;
}

static Branch *branch_of(Funnel *f, Val group)
{
    for (size_t i = 0; i < f->branches.n; i++)
        if (val_same(f->branches.p[i].group, group)) return &f->branches.p[i];
    Branch *b = vec_push(f->cx->mem, &f->branches);
    *b = (Branch){group, NEW_N(f->cx->mem, Passage, f->stages.n)};
    return b;
}

/* WITH c AS (the deals and their group) */
static Err *with_cohort(Funnel *f, Sql *q)
{
    Ctx *cx = f->cx;

    sql_text(q, "WITH c AS (SELECT t0.id, t0.stage, t0.status, t0.amount_base, ");
    if (f->cohort.n_groups)
        TRY(aggregate_group(cx, q, &f->cohort, &f->cohort.groups[0]));
    else
        sql_text(q, "CAST(NULL AS BIGINT)");
    sql_text(q, " AS g FROM \"deal\" t0");
    TRY(query_where(cx, q, &f->cohort.query));
    sql_text(q, ") ");
    return NULL;
}

static Val group_at(const Funnel *f, const DbRows *rows)
{
    Val v = db_val(rows, 0);

    if (v.kind == VAL_TEXT) v = val_text(str_copy(f->cx->mem, val_str(v)));
    return f->cohort.n_groups ? aggregate_group_value(&f->cohort.groups[0], v) : val_null();
}

static Err *count_entered(Funnel *f)
{
    Ctx *cx = f->cx;
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    TRY(with_cohort(f, &q));
    sql_text(
        &q,
        "SELECT x.g, x.stage, count(*) FROM (SELECT c.id, c.stage, c.g FROM c UNION SELECT c.id, v.stage, c.g "
        "FROM c JOIN \"stage_visit\" v ON v.deal = c.id AND v.deleted_at IS NULL) x GROUP BY 1, 2 ORDER BY 1, 2");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Branch *b = branch_of(f, group_at(f, rows));
        if (f->branches.n > GROUPS_MOST)
            FAIL(cx->mem, ERR_LIMIT, "error.group.buckets", "%zu groups", f->branches.n);
        for (size_t i = 0; i < f->stages.n; i++)
            if (f->stages.p[i].id == db_i64(rows, 1)) b->levels[i].entered += db_i64(rows, 2);
    }
}

/* What came to position `at` came through all stages before it. */
static Err *add_reached(Funnel *f, Branch *b, bool is_won, Val at, int64_t count, int64_t amount)
{
    for (size_t i = 0; i < f->stages.n; i++) {
        const StageRank *s = &f->stages.p[i];
        bool is_there = is_won || i == 0 || (s->is_open && !val_is_null(at) && s->position <= at.i);
        if (!is_there) continue;
        b->levels[i].reached += count;
        TRY(money_add(f->cx, &b->levels[i].amount, amount));
    }
    return NULL;
}

static Err *count_reached(Funnel *f)
{
    Ctx *cx = f->cx;
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    TRY(with_cohort(f, &q));
    sql_text(
        &q,
        "SELECT x.g, x.won, x.r, count(*), kith_sum(x.amount_base) FROM (SELECT c.g, c.amount_base, CASE WHEN "
        "c.status = 'won' THEN 1 ELSE 0 END AS won, CASE WHEN c.status <> 'won' THEN (SELECT max(s.position) FROM "
        "\"stage\" s WHERE s.category = 'open' AND (s.id = c.stage OR s.id IN (SELECT v.stage FROM \"stage_visit\" v "
        "WHERE v.deal = c.id AND v.deleted_at IS NULL))) END AS r FROM c) x GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Val sum = db_val(rows, 4);
        TRY(add_reached(f, branch_of(f, group_at(f, rows)), db_i64(rows, 1) != 0, db_val(rows, 2),
                        db_i64(rows, 3), val_is_null(sum) ? 0 : sum.i));
    }
}

/* --- reply ----------------------------------------------------------------------------------------------------------- */

/* The lists behind the numbers of stage `at`. */
static Val filters_of(const Funnel *f, size_t at)
{
    Ctx *cx = f->cx;
    Str own = id_text(cx->mem, f->stages.p[at].id), list = {0}, reached = {0};
    Pairs pairs = {0};

    for (size_t i = at; i < f->stages.n; i++) {
        Str id = id_text(cx->mem, f->stages.p[i].id);
        list = i > at ? str_fmt(cx->mem, "%.*s, '%.*s'", SFMT(list), SFMT(id))
                      : str_fmt(cx->mem, "'%.*s'", SFMT(id));
    }
    if (f->stages.p[at].is_won)
        reached = S("category == 'won'");
    else if (at)
        reached =
            str_fmt(cx->mem, "category == 'won' || stage in [%.*s] || visits.exists(v, v.stage in [%.*s])",
                    SFMT(list), SFMT(list));
    pairs_put(
        cx, &pairs, "entered",
        val_text(both_conditions(cx->mem, f->base,
                                 str_fmt(cx->mem, "stage == '%.*s' || visits.exists(v, v.stage == '%.*s')",
                                         SFMT(own), SFMT(own)))));
    pairs_put(cx, &pairs, "reached", val_text(both_conditions(cx->mem, f->base, reached)));
    return pairs_map(&pairs);
}

static Val level_map(const Funnel *f, const Branch *b, size_t i)
{
    Ctx *cx = f->cx;
    const Passage *l = &b->levels[i];
    Pairs pairs = {0};

    if (f->cohort.n_groups)
        *vec_push(cx->mem, &pairs) = (ValPair){val_text(f->cohort.groups[0].text), b->group};
    pairs_put(cx, &pairs, "stage", val_ref(meta_object(cx->meta, S("stage"))->number, f->stages.p[i].id));
    pairs_put(cx, &pairs, "entered", val_int(l->entered));
    pairs_put(cx, &pairs, "reached", val_int(l->reached));
    pairs_put(cx, &pairs, "of_previous",
              i ? divided((Wide)l->reached * 100, b->levels[i - 1].reached, 2) : val_null());
    pairs_put(cx, &pairs, "of_all", divided((Wide)l->reached * 100, b->levels[0].reached, 2));
    pairs_put(cx, &pairs, "reached_amount", forecast_money(cx, l->amount));
    pairs_put(cx, &pairs, "filters", filters_of(f, i));
    return pairs_map(&pairs);
}

static Val columns_of(const Funnel *f)
{
    static const char *const COLUMNS[][2] = {{"entered", "integer"},
                                             {"reached", "integer"},
                                             {"of_previous", "percent"},
                                             {"of_all", "percent"},
                                             {"reached_amount", "money"}};
    size_t n = sizeof COLUMNS / sizeof *COLUMNS;
    Val *out = NEW_N(f->cx->mem, Val, n);

    for (size_t i = 0; i < n; i++) {
        Pairs pairs = {0};
        pairs_put(f->cx, &pairs, "key", val_text(str_c(COLUMNS[i][0])));
        pairs_put(f->cx, &pairs, "kind", val_text(str_c(COLUMNS[i][1])));
        if (i < 2) pairs_put(f->cx, &pairs, "object", val_text(S("deal")));
        if (i < 2 && f->cohort.n_groups)
            pairs_put(f->cx, &pairs, "groups", val_text(f->cohort.groups[0].text));
        out[i] = pairs_map(&pairs);
    }
    return val_list(out, n);
}

static Val reply_of(const Funnel *f, Val period)
{
    Ctx *cx = f->cx;
    VEC(Val) rows = {0};
    Val groups[2];
    size_t n = 0;
    Pairs pairs = {0};

    if (f->cohort.n_groups) groups[n++] = val_text(f->cohort.groups[0].text);
    groups[n++] = val_text(S("stage"));
    for (size_t b = 0; b < f->branches.n; b++)
        for (size_t i = 0; i < f->stages.n; i++)
            *vec_push(cx->mem, &rows) = level_map(f, &f->branches.p[b], i);
    pairs_put(cx, &pairs, "period", period);
    pairs_put(cx, &pairs, "currency", val_text(cx->store->company->currency));
    pairs_put(cx, &pairs, "object", val_text(S("deal")));
    Val *list = NEW_N(cx->mem, Val, 2);
    for (size_t i = 0; i < n; i++) list[i] = groups[i];
    pairs_put(cx, &pairs, "groups", val_list(list, n));
    pairs_put(cx, &pairs, "columns", columns_of(f));
    pairs_put(cx, &pairs, "data", val_list(rows.p, rows.n));
    pairs_put(cx, &pairs, "total", val_null());
    return pairs_map(&pairs);
}

Err *funnel_report(Ctx *cx, const Val *args, Val *out)
{
    Funnel *f = NEW(cx->mem, Funnel);
    const Object *deal = meta_object(cx->meta, S("deal"));
    Period period, before;
    Val told;

    f->cx = cx;
    if (!rights_may(cx, deal, VERB_READ)) FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to read deals");
    TRY(report_period(cx, args, &period, &before, &told));
    TRY(load_stages(f, forecast_arg(args, "pipeline")));
    Str own = str_fmt(cx->mem, "pipeline == '%.*s' && %.*s", SFMT(id_text(cx->mem, f->stages.p[0].pipeline)),
                      SFMT(period_condition(cx, deal, "opened_on", period)));
    f->base = both_conditions(cx->mem, str_trim(forecast_arg(args, "filter")), own);
    TRY(query_parse(cx, deal, f->base, (Str){0}, &f->cohort.query));
    TRY(aggregate_parse(cx, &f->cohort, forecast_arg(args, "group_by"), (Str){0}));
    if (f->cohort.n_groups > 1) FAIL_FIELD(cx->mem, S("group_by"), "error.group.many", "at most one");
    TRY(count_entered(f));
    TRY(count_reached(f));
    if (!f->branches.n && !f->cohort.n_groups) (void)branch_of(f, val_null());
    *out = reply_of(f, told);
    return NULL;
}
