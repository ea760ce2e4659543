/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often deals are won from each stage, learnt from how they have moved: every stay in a stage that has ended is one move, to another
   stage, to won or to lost.  A stay that goes on says nothing yet, so that open deals are no losses.  Few moves are drawn to what the stage
   declares (markov_estimate, m = 10): a stage nobody has left has the probability it declares.  Of a deal known only by its dates the stage
   is not known: its probability is the share of deals won among those closed until then, drawn to the mean of the stages.

   It is the company's own experience, whoever asks: no deal can be told from it.  Counting reads the newest moves only, and what was counted for
   now is kept a while, the longer the more there was to count. */
#include "mod/sales/forecast.h"

#include "base/decimal.h"
#include "core/store.h"
#include "mod/sales/markov.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#define MOVES_MAX  100000
#define SHRINK     10.0
#define STAGES_MAX 400
#define PLACES     8

struct Chain {
    Id *stages;
    double *declared; /* 0 to 1 */
    size_t n;
    int64_t *counts; /* n rows of n + MARKOV_ENDS */
    int64_t moves;
    double *won, unknown;
    int64_t n_won, n_lost; /* closed until the moment */
};

/* --- stages ---------------------------------------------------------------------------------------------------------- */

static Err *load_stages(Ctx *cx, Chain *chain)
{
    DbRows *rows;
    bool has;

    chain->stages = NEW_N(cx->mem, Id, STAGES_MAX);
    chain->declared = NEW_N(cx->mem, double, STAGES_MAX);
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT id, probability FROM \"stage\" WHERE category = 'open' ORDER BY id LIMIT 400"),
                 NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        chain->stages[chain->n] = db_i64(rows, 0);
        Val p = db_val(rows, 1);
        chain->declared[chain->n++] = val_is_null(p) ? NAN : (double)p.i / 1e6;
    }
}

/* A stage that declares nothing is taken for the mean of those that do. */
static double mean_declared(const Chain *chain)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < chain->n; i++)
        if (!isnan(chain->declared[i])) {
            sum += chain->declared[i];
            n++;
        }
    return n ? sum / (double)n : 0.5;
}

static size_t stage_index(const Chain *chain, Id id)
{
    size_t low = 0, high = chain->n;

    while (low < high) {
        size_t mid = (low + high) / 2;
        if (chain->stages[mid] < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < chain->n && chain->stages[low] == id ? low : chain->n;
}

/* --- counting -------------------------------------------------------------------------------------------------------- */

/* The newest stays that have ended until the moment, each with the row that followed in `next`. */
static void moves_from(Sql *q, Moment m, Str next)
{
    sql_text(
        q,
        "SELECT p.stage, n.stage, n.status, count(*) FROM (SELECT id, stage, valid_until FROM \"deal_past\" "
        "WHERE status = 'open'");
    if (m.at) {
        sql_text(q, " AND valid_until <= ");
        sql_bind(q, val_int(m.at));
    }
    sql_text(q, " ORDER BY valid_until DESC LIMIT ");
    sql_i64(q, MOVES_MAX);
    sql_text(q, ") p JOIN ");
    sql_ident(q, next);
    sql_text(
        q,
        " n ON n.id = p.id AND n.valid_from = p.valid_until WHERE n.deleted_at IS NULL AND (n.stage <> p.stage "
        "OR n.status <> 'open') GROUP BY 1, 2, 3");
}

static void count_move(Chain *chain, Id from, Id to, Str category, int64_t n)
{
    size_t width = chain->n + MARKOV_ENDS, i = stage_index(chain, from);
    size_t j = str_eq(category, S("won"))    ? chain->n
               : str_eq(category, S("lost")) ? chain->n + 1
                                             : stage_index(chain, to);

    chain->moves += n;
    if (i == chain->n || (j == chain->n && !str_eq(category, S("won")))) return; /* a stage that is gone */
    chain->counts[i * width + j] += n;
}

static Err *count_moves(Ctx *cx, Chain *chain, Moment m, Str next)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    moves_from(&q, m, next);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        count_move(chain, db_i64(rows, 0), db_i64(rows, 1), db_str(rows, 2), db_i64(rows, 3));
    }
}

/* What was closed until the moment: for deals of which only the dates are known. */
static Err *count_closed(Ctx *cx, Chain *chain, Moment m)
{
    Val binds[] = {val_int(m.day)};
    DbRows *rows;
    bool has;

    if (!m.at) return NULL;
    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT status, count(*) FROM \"deal\" WHERE deleted_at IS NULL AND status IN ('won', 'lost') AND "
          "closed_on <= ?1 GROUP BY 1"),
        binds, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        *(str_eq(db_str(rows, 0), S("won")) ? &chain->n_won : &chain->n_lost) = db_i64(rows, 1);
    }
}

/* --- what was found, kept a while ------------------------------------------------------------------------------------ */

static struct {
    pthread_mutex_t lock;
    const Store *store;
    int64_t epoch, until;
    size_t n;
    Id stages[STAGES_MAX];
    double won[STAGES_MAX];
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

#define KEPT_PER_MS \
    100 /* moves counted for each millisecond the outcome is kept: up to some seventeen minutes */

static bool take_kept(const Ctx *cx, Chain *chain)
{
    pthread_mutex_lock(&kept.lock);
    bool is_good = kept.store == cx->store && kept.epoch == cx->store->epoch && cx->now < kept.until &&
                   kept.n == chain->n && memcmp(kept.stages, chain->stages, chain->n * sizeof(Id)) == 0;
    if (is_good) memcpy(chain->won, kept.won, chain->n * sizeof *chain->won);
    pthread_mutex_unlock(&kept.lock);
    return is_good;
}

static void keep(const Ctx *cx, const Chain *chain)
{
    pthread_mutex_lock(&kept.lock);
    kept.store = cx->store;
    kept.epoch = cx->store->epoch;
    kept.until = cx->now + chain->moves / KEPT_PER_MS;
    kept.n = chain->n;
    memcpy(kept.stages, chain->stages, chain->n * sizeof(Id));
    memcpy(kept.won, chain->won, chain->n * sizeof *chain->won);
    pthread_mutex_unlock(&kept.lock);
}

/* --- solving --------------------------------------------------------------------------------------------------------- */

static Err *solve(Arena *mem, Chain *chain, double mean)
{
    size_t width = chain->n + MARKOV_ENDS;
    double *prior = NEW_N(mem, double, chain->n *width + 1), *moves = NEW_N(mem, double, chain->n *width + 1);

    for (size_t i = 0; i < chain->n; i++) {
        prior[i * width + chain->n] = isnan(chain->declared[i]) ? mean : chain->declared[i];
        prior[i * width + chain->n + 1] = 1 - prior[i * width + chain->n];
    }
    markov_estimate(chain->n, chain->counts, prior, SHRINK, moves);
    return markov_solve(mem, chain->n, moves, chain->won, NEW_N(mem, double, chain->n));
}

Err *chain_load(Ctx *cx, Moment m, Chain **out)
{
    Chain *chain = NEW(cx->mem, Chain);

    *out = chain;
    TRY(load_stages(cx, chain));
    TRY(count_closed(cx, chain, m));
    double mean = mean_declared(chain);
    chain->unknown =
        ((double)chain->n_won + SHRINK * mean) / ((double)(chain->n_won + chain->n_lost) + SHRINK);
    chain->counts = NEW_N(cx->mem, int64_t, chain->n * (chain->n + MARKOV_ENDS) + 1);
    chain->won = NEW_N(cx->mem, double, chain->n + 1);
    if (!chain->n || (!m.at && take_kept(cx, chain))) return NULL;
    TRY(count_moves(cx, chain, m, S("deal_past")));
    TRY(count_moves(cx, chain, m, S("deal")));
    TRY(solve(cx->mem, chain, mean));
    if (!m.at) keep(cx, chain);
    return NULL;
}

size_t chain_stage(const Chain *chain, Id stage)
{
    return stage_index(chain, stage);
}

int64_t chain_expected(const Chain *chain, size_t stage, int64_t amount)
{
    double p = stage < chain->n ? chain->won[stage] : chain->unknown;
    int64_t out = 0;

    if (!decimal_times(amount, llround(p * 1e8), PLACES, &out)) return 0; /* never more than the amount */
    return out;
}
