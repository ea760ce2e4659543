/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums along the hierarchy: persons by their managers, teams and territories by what they are part of.  What a person forecasts is the amount
   he or she was adjusted to, else what is closed and committed, with the forecasts of all who report.  A quota set for somebody counts for all below;
   where none is set it is the sum of theirs.  A circle is cut where it is met. */
#include "mod/sales/forecast.h"

#include "core/rights.h"

#include <math.h>
#include <stdlib.h>

#define DEPTH_MAX 64

static const char *parents_sql(ForecastBy by)
{
    switch (by) {
    case BY_TEAM: return "SELECT id, parent FROM \"team\" WHERE deleted_at IS NULL AND parent IS NOT NULL";
    case BY_TERRITORY:
        return "SELECT id, parent FROM \"territory\" WHERE deleted_at IS NULL AND parent IS NOT NULL";
    default: return "SELECT id, manager FROM \"user\" WHERE deleted_at IS NULL AND manager IS NOT NULL";
    }
}

static Err *load_parents(Forecast *fc, StrMap *out)
{
    Ctx *cx = fc->cx;
    DbRows *rows;
    bool has;

    TRY(db_query(cx->mem, cx->db, str_c(parents_sql(fc->by)), NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Id *pair = NEW_N(cx->mem, Id, 2);
        pair[0] = db_i64(rows, 0);
        pair[1] = db_i64(rows, 1);
        strmap_put(cx->mem, out, (Str){(const char *)pair, sizeof *pair}, pair + 1);
    }
}

/* Sums of people one sees only in part would be taken for whole: the tree ends at oneself unless all is seen. */
static bool is_shown(const Forecast *fc, Id id)
{
    const Rights *rights = fc->cx->actor->rights;

    if (rights_level(fc->cx, fc->deal, VERB_READ) == LEVEL_ALL) return true;
    const Id *list = fc->by == BY_OWNER ? rights->people : rights->teams;
    size_t n = fc->by == BY_OWNER ? rights->n_people : fc->by == BY_TEAM ? rights->n_teams : 0;
    for (size_t i = 0; i < n; i++)
        if (list[i] == id) return true;
    return false;
}

static Id parent_of(const StrMap *parents, Id id)
{
    const Id *parent = strmap_get(parents, (Str){(const char *)&id, sizeof id});

    return parent ? *parent : 0;
}

/* Steps from the top; DEPTH_MAX in a circle. */
static unsigned depth_of(const StrMap *parents, Id id)
{
    unsigned n = 0;

    while (n < DEPTH_MAX && (id = parent_of(parents, id)) != 0) n++;
    return n;
}

static Err *find_parents(Forecast *fc)
{
    StrMap parents = {0};

    if (fc->by == BY_FAMILY) return NULL;
    TRY(load_parents(fc, &parents));
    for (size_t i = 0; i < fc->bearers.n; i++) { /* grows */
        Id id = fc->bearers.p[i].id, parent = parent_of(&parents, id);
        unsigned depth = depth_of(&parents, id);
        fc->bearers.p[i].depth = depth;
        if (!parent || depth == DEPTH_MAX || !is_shown(fc, parent)) continue;
        fc->bearers.p[i].parent = parent;
        bearer_of(fc, parent)->is_parent = true;
    }
    return NULL;
}

/* --- trend ----------------------------------------------------------------------------------------------------------- */

/* The line of least squares through what was closed in the last whole periods, at period `at`.  Periods before the first that closed
   anything are not counted; fewer than three are no trend. */
static void set_trend(const Forecast *fc, Cell *cells, size_t at)
{
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    size_t last = at;
    bool is_begun = false;

    while (last > 0 && fc->periods[last - 1].end > fc->moment.day) last--;
    for (size_t i = last > FORECAST_BACK ? last - FORECAST_BACK : 0; i < last; i++) {
        double closed = (double)cells[i].closed;
        is_begun = is_begun || cells[i].closed;
        if (!is_begun) continue;
        n++;
        x += (double)i;
        y += closed;
        xx += (double)i * (double)i;
        xy += (double)i * closed;
    }
    if (n < 3) return;
    double slope = (n * xy - x * y) / (n * xx - x * x), value = (y - slope * x) / n + slope * (double)at;
    cells[at].has_trend = true;
    cells[at].trend = value > 0 ? llround(value) : 0;
}

/* --- sums ------------------------------------------------------------------------------------------------------------ */

static Err *add_cell(Ctx *cx, Cell *to, const Cell *from)
{
    TRY(money_add(cx, &to->pipeline, from->pipeline));
    TRY(money_add(cx, &to->best_case, from->best_case));
    TRY(money_add(cx, &to->commit, from->commit));
    TRY(money_add(cx, &to->closed, from->closed));
    TRY(money_add(cx, &to->weighted, from->weighted));
    TRY(money_add(cx, &to->historical, from->historical));
    return money_add(cx, &to->forecast, from->forecast);
}

static Err *add_quota(Ctx *cx, Cell *to, const Cell *from)
{
    if (!from->has_quota) return NULL;
    to->has_quota = true;
    return money_add(cx, &to->quota, from->quota);
}

/* One bearer whose subordinates have all been added to `below`. */
static Err *settle(Forecast *fc, Bearer *b)
{
    Ctx *cx = fc->cx;

    for (size_t i = 0; i < fc->n; i++) {
        Cell *own = &b->own[i], *below = &b->below[i];
        own->forecast = own->closed;
        TRY(money_add(cx, &own->forecast, own->commit));
        TRY(add_cell(cx, below, own));
        if (own->adjusted) below->forecast = own->adjusted->amount;
        if (own->has_quota) {
            below->has_quota = true;
            below->quota = own->quota;
        }
    }
    for (size_t i = fc->first; i < fc->n; i++) {
        set_trend(fc, b->own, i);
        set_trend(fc, b->below, i);
    }
    return NULL;
}

static int deepest_first(const void *a, const void *b)
{
    const Bearer *x = a, *y = b;

    if (x->depth != y->depth) return x->depth < y->depth ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

static Err *add_below(Forecast *fc, Cell *to, const Bearer *b)
{
    for (size_t i = 0; i < fc->n; i++) {
        TRY(add_cell(fc->cx, &to[i], &b->below[i]));
        TRY(add_quota(fc->cx, &to[i], &b->below[i]));
    }
    return NULL;
}

Err *forecast_roll_up(Forecast *fc)
{
    TRY(find_parents(fc));
    if (fc->bearers.n) qsort(fc->bearers.p, fc->bearers.n, sizeof *fc->bearers.p, deepest_first);
    fc->index = (StrMap){0};
    for (size_t i = 0; i < fc->bearers.n; i++) {
        Bearer *b = &fc->bearers.p[i];
        strmap_put(fc->cx->mem, &fc->index, (Str){(const char *)&b->id, sizeof b->id},
                   (void *)(uintptr_t)(i + 1));
    }
    for (size_t i = 0; i < fc->bearers.n; i++) {
        Bearer *b = &fc->bearers.p[i];
        TRY(settle(fc, b));
        if (b->parent) TRY(add_below(fc, bearer_of(fc, b->parent)->below, b));
    }
    fc->total = NEW_N(fc->cx->mem, Cell, fc->n);
    for (size_t i = 0; i < fc->bearers.n; i++)
        if (!fc->bearers.p[i].parent) TRY(add_below(fc, fc->total, &fc->bearers.p[i]));
    for (size_t i = fc->first; i < fc->n; i++) set_trend(fc, fc->total, i);
    return NULL;
}
