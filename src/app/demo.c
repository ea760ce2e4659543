/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading the demo company: phases of things made in small units of work, so that people are not kept waiting and memory stays
   bounded.  What was made is known by its batch in the log of changes; the setting "demo" says which, and how far it came. */
#include "app/demo_impl.h"

#include "app/command.h"
#include "base/text.h"
#include "base/time.h"
#include "core/job.h"
#include "core/write.h"

#include <stdatomic.h>

static atomic_flag is_busy = ATOMIC_FLAG_INIT;

/* --- the mark -------------------------------------------------------------------------------------------------------- */

Err *demo_mark_get(Ctx *cx, DemoMark *out)
{
    Str text, part;
    Id *const ids[] = {&out->batch, &out->removal, &out->job};

    *out = (DemoMark){0};
    TRY(setting_get(cx, S("demo"), &text));
    if (!text.n) return NULL;
    part = str_cut(&text, ' ');
    for (size_t i = 0; i < 3; i++)
        if (!str_to_i64(str_cut(&text, ' '), ids[i])) return NULL;
    out->state = part.p[0];
    return NULL;
}

Err *demo_mark_set(Ctx *cx, const DemoMark *mark)
{
    if (!mark->state) return setting_set(cx, S("demo"), S(""));
    return setting_set(cx, S("demo"),
                       str_fmt(cx->mem, "%c %lld %lld %lld", mark->state, (long long)mark->batch,
                               (long long)mark->removal, (long long)mark->job));
}

typedef struct Marking {
    Store *store;
    Arena *mem;
    DemoMark *mark;
} Marking;

static Err *read_mark(DbConn *c, void *arg)
{
    Marking *m = arg;
    Ctx cx = ctx_system(m->store, m->mem, c);

    return demo_mark_get(&cx, m->mark);
}

static Err *write_mark(DbConn *c, void *arg)
{
    Marking *m = arg;
    Ctx cx = ctx_system(m->store, m->mem, c);

    return demo_mark_set(&cx, m->mark);
}

/* --- units of work --------------------------------------------------------------------------------------------------- */

typedef struct Phase {
    Err *(*make)(Demo *d, Ctx *cx, size_t i);
    size_t n, step; /* `step` things a unit */
} Phase;

typedef struct Unit {
    Demo *d;
    const Phase *phase;
    size_t from, to;
    Arena *mem;
} Unit;

static Err *run_unit(DbConn *c, void *arg)
{
    Unit *unit = arg;
    Ctx cx = ctx_system(unit->d->store, unit->mem, c);

    cx.channel = CHANNEL_IMPORT; /* nobody outside is told of it */
    cx.is_quiet = true;
    cx.batch = unit->d->batch;
    cx.hold++;
    for (size_t i = unit->from; i < unit->to; i++) TRY(unit->phase->make(unit->d, &cx, i));
    cx.hold--;
    Ctx end = ctx_as_system(&cx);
    end.now = unit->d->now;
    return rollup_flush(&end);
}

static Err *run_phases(Demo *d, Arena *mem, const Phase *phases, size_t n, const DemoOptions *opt)
{
    Unit unit = {.d = d, .mem = mem};
    int64_t done = 0, total = 0;

    for (size_t p = 0; p < n; p++) total += (int64_t)phases[p].n;
    for (size_t p = 0; p < n; p++) {
        unit.phase = &phases[p];
        for (unit.from = 0; unit.from < phases[p].n; unit.from = unit.to) {
            unit.to = unit.from + phases[p].step < phases[p].n ? unit.from + phases[p].step : phases[p].n;
            TRY(db_write(d->store->db, mem, run_unit, &unit));
            done += (int64_t)(unit.to - unit.from);
            store_committed(d->store);
            if (opt->progress) TRY(opt->progress(opt->arg, done, total));
            arena_reset(mem);
        }
    }
    return NULL;
}

/* --- what stands already --------------------------------------------------------------------------------------------- */

static Err *find_stages(Demo *d, Ctx *cx)
{
    DbRows *rows;
    bool has;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT s.id, s.category FROM \"stage\" s WHERE s.deleted_at IS NULL AND s.pipeline = (SELECT p.id FROM "
          "\"pipeline\" p WHERE p.deleted_at IS NULL ORDER BY p.is_default DESC, p.position, p.id LIMIT 1) ORDER BY s.position, s.id"),
        NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        Str category = db_str(rows, 1);
        if (str_eq(category, S("won")) && !d->won) d->won = db_i64(rows, 0);
        if (str_eq(category, S("lost")) && !d->lost) d->lost = db_i64(rows, 0);
        if (str_eq(category, S("open")) && d->n_stages < DEMO_STAGES_MAX)
            d->stages[d->n_stages++] = db_i64(rows, 0);
    }
    if (!d->n_stages) FAIL(cx->mem, ERR_CONFLICT, "error.demo.stages", "no open stage in the pipeline");
    return NULL;
}

/* The first administrator gets some of the work, so that his lists are not empty. */
static Err *find_administrator(Demo *d, Ctx *cx)
{
    Val id;

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT u.id FROM \"user\" u JOIN \"role\" r ON r.id = u.role WHERE r.key = 'administrator' AND u.deleted_at IS NULL "
          "ORDER BY u.id LIMIT 1"),
        NULL, 0, &id));
    d->n_users = DEMO_USERS;
    if (id.kind == VAL_INT) d->users[d->n_users++] = (DemoUser){id.i, 0};
    return NULL;
}

static Err *look_around(DbConn *c, void *arg)
{
    Demo *d = arg;
    Ctx cx = ctx_system(d->store, d->mem, c);

    d->n_stages = 0;
    d->won = d->lost = 0;
    TRY(find_stages(d, &cx));
    return find_administrator(d, &cx);
}

/* --- loading --------------------------------------------------------------------------------------------------------- */

static const size_t TIMES[] = {1, 10, 100};

static void set_out(Demo *d, const DemoOptions *opt)
{
    size_t times = TIMES[opt->size];

    d->country = words_text(d->words, "country");
    d->zone = d->store->company->zone.n ? d->store->company->zone : words_text(d->words, "zone");
    d->seed = opt->seed;
    d->now = store_now(d->store);
    d->today = zone_date(d->zone, d->now);
    d->start = zone_day_start(d->zone, d->today - 400) + 9 * HOUR_MS;
    d->batch = id_new(d->now);
    d->n_products = words_list(d->words, "products")->n;
    d->n_accounts = 60 * times;
    d->n_deals = 150 * times;
    d->n_leads = 80 * times;
    d->n_activities = 600 * times;
    d->products = NEW_N(d->mem, DemoProduct, d->n_products);
    d->accounts = NEW_N(d->mem, DemoAccount, d->n_accounts);
    d->deals = NEW_N(d->mem, DemoDeal, d->n_deals);
    d->leads = NEW_N(d->mem, DemoLead, d->n_leads);
}

/* Phases of life and signals follow from what was made: they are looked for at once. */
static Err *look_for_signals(DbConn *c, void *arg)
{
    Demo *d = arg;
    Ctx cx = ctx_system(d->store, d->mem, c);

    TRY(job_add(&cx, S("sales.life"), val_map(NULL, 0), cx.now, NULL));
    return job_add(&cx, S("sales.signals"), val_map(NULL, 0), cx.now, NULL);
}

static Err *load(Demo *d, const DemoOptions *opt)
{
    const Phase phases[] = {
        {demo_make_names, 1, 1},
        {demo_make_basics, 1, 1},
        {demo_make_account, d->n_accounts, 10},
        {demo_make_deal, d->n_deals, 10},
        {demo_make_details, d->n_deals, 20},
        {demo_make_papers, d->n_deals, 20},
        {demo_make_payment, d->n_deals, 20},
        {demo_make_habit, d->n_accounts, 10},
        {demo_make_quotas, 4, 4},
        {demo_make_lead, d->n_leads, 40},
        {demo_make_activity, d->n_activities, 50},
    };
    DemoMark mark = {'l', d->batch, id_new(d->now), opt->job};
    Arena *tmp = arena_new(0);

    arena_defer(d->mem, (void (*)(void *))arena_free, tmp);
    TRY(db_read(d->store->db, d->mem, look_around, d));
    TRY(db_write(d->store->db, d->mem, write_mark, &(Marking){d->store, d->mem, &mark}));
    TRY(run_phases(d, tmp, phases, sizeof phases / sizeof *phases, opt));
    mark.state = 'r';
    TRY(db_write(d->store->db, d->mem, write_mark, &(Marking){d->store, d->mem, &mark}));
    return db_write(d->store->db, d->mem, look_for_signals, d);
}

static Err *load_unless_loaded(Store *store, Arena *mem, const DemoOptions *opt, DemoReport *out)
{
    Demo d = {.store = store, .mem = mem};
    DemoMark mark;
    DemoOptions quiet = {0};
    Lang lang = lang_from(store->company->locale);

    TRY(db_read(store->db, mem, read_mark, &(Marking){store, mem, &mark}));
    if (mark.state == 'r' && opt->job && mark.job == opt->job) return NULL; /* a job run twice */
    if (mark.state == 'r')
        FAIL(mem, ERR_CONFLICT, "error.demo.loaded", "the demo company is here already; remove it first");
    TRY(words_load(mem, opt->locale.n ? opt->locale : lang_code(lang), &d.words));
    if (mark.state) TRY(demo_take_away(store, mem, mark, &quiet, &(DemoReport){0}));
    set_out(&d, opt);
    TRY(load(&d, opt));
    out->created = (int64_t)(d.n_accounts + d.n_deals + d.n_leads + d.n_activities);
    return NULL;
}

static Err *busy(Arena *mem)
{
    FAIL(mem, ERR_CONFLICT, "error.demo.busy", "the demo company is being loaded or removed");
}

Err *demo_load(Store *store, Arena *mem, const DemoOptions *opt, DemoReport *out)
{
    *out = (DemoReport){0};
    if (atomic_flag_test_and_set(&is_busy)) return busy(mem);
    Err *e = load_unless_loaded(store, mem, opt, out);
    atomic_flag_clear(&is_busy);
    return e;
}

static Err *remove_if_loaded(Store *store, Arena *mem, const DemoOptions *opt, DemoReport *out)
{
    DemoMark mark;

    TRY(db_read(store->db, mem, read_mark, &(Marking){store, mem, &mark}));
    if (!mark.state) FAIL(mem, ERR_NOT_FOUND, "error.demo.none", "there is no demo company");
    return demo_take_away(store, mem, mark, opt, out);
}

Err *demo_remove(Store *store, Arena *mem, const DemoOptions *opt, DemoReport *out)
{
    *out = (DemoReport){0};
    if (atomic_flag_test_and_set(&is_busy)) return busy(mem);
    Err *e = remove_if_loaded(store, mem, opt, out);
    atomic_flag_clear(&is_busy);
    return e;
}

bool demo_size(Str name, DemoSize *out)
{
    static const char *const NAMES[] = {"small", "medium", "large"};

    for (int i = 0; i < 3; i++)
        if (str_eq_c(name, NAMES[i])) {
            *out = (DemoSize)i;
            return true;
        }
    return false;
}

/* --- command --------------------------------------------------------------------------------------------------------- */

static Err *show_progress(void *arg, int64_t done, int64_t total)
{
    Run *run = arg;

    if (run->progress) run->progress(run, done, total);
    return NULL;
}

static Err *run_load(Run *run, Str size, Str seed, DemoOptions *opt)
{
    DemoReport report;
    int64_t n = 1;

    if (size.p && !demo_size(size, &opt->size))
        FAIL(run->mem, ERR_INVALID, "error.usage", "--size is small, medium or large");
    if (seed.p && (!str_to_i64(seed, &n) || n < 0))
        FAIL(run->mem, ERR_INVALID, "error.usage", "--seed is a number");
    opt->seed = (uint64_t)n;
    TRY(demo_load(run->store, run->mem, opt, &report));
    if (run->is_json)
        buf_addf(&run->out, "{\"created\":%lld}\n", (long long)report.created);
    else
        buf_addf(&run->out, "demo company loaded: %lld records and what belongs to them\n",
                 (long long)report.created);
    return NULL;
}

static Err *run_remove(Run *run, DemoOptions *opt)
{
    DemoReport report;

    TRY(demo_remove(run->store, run->mem, opt, &report));
    if (run->is_json)
        buf_addf(&run->out, "{\"removed\":%lld,\"kept\":%lld}\n", (long long)report.removed,
                 (long long)report.kept);
    else
        buf_addf(&run->out, "removed: %lld, kept: %lld\n", (long long)report.removed, (long long)report.kept);
    return NULL;
}

Err *cmd_demo(Run *run)
{
    DemoOptions opt = {.progress = show_progress, .arg = run};
    bool is_removal = run_flag(run, "remove");
    Str locale = run_option(run, "locale"), size = run_option(run, "size"), seed = run_option(run, "seed");

    TRY(run_no_more(run));
    opt.locale = locale;
    if (is_removal && (locale.p || size.p || seed.p))
        FAIL(run->mem, ERR_INVALID, "error.usage", "--remove stands alone");
    return is_removal ? run_remove(run, &opt) : run_load(run, size, seed, &opt);
}

/* --- jobs ------------------------------------------------------------------------------------------------------------ */

typedef struct Working {
    Store *store;
    Arena *mem;
    Id job;
    int64_t told;
} Working;

static Err *tell_job(void *arg, int64_t done, int64_t total)
{
    Working *w = arg;
    int64_t now = clock_now_ms();

    if (done < total && now - w->told < 400) return NULL;
    w->told = now;
    return job_progress(w->store, w->mem, w->job, done, total);
}

static Str text_of(const Val *arg, Str key)
{
    const Val *v = arg ? val_get(arg, key) : NULL;

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

static Err *job_load(Store *store, Arena *mem, Id job, const Val *arg)
{
    Working w = {store, mem, job, 0};
    DemoOptions opt = {
        .locale = text_of(arg, S("locale")), .seed = 1, .job = job, .progress = tell_job, .arg = &w};
    const Val *seed = val_get(arg, S("seed"));
    DemoReport report;

    if (seed && seed->kind == VAL_INT) opt.seed = (uint64_t)seed->i;
    if (text_of(arg, S("size")).n && !demo_size(text_of(arg, S("size")), &opt.size))
        FAIL(mem, ERR_INVALID, "error.demo.size", "unknown size");
    TRY(demo_load(store, mem, &opt, &report));
    ValPair pair = {val_text(S("created")), val_int(report.created)};
    return job_result(store, mem, job, val_map(&pair, 1));
}

static Err *job_remove(Store *store, Arena *mem, Id job, const Val *arg)
{
    Working w = {store, mem, job, 0};
    DemoOptions opt = {.job = job, .progress = tell_job, .arg = &w};
    DemoReport report;

    (void)arg;
    Err *e = demo_remove(store, mem, &opt, &report);
    if (e && e->code != ERR_NOT_FOUND) return e; /* none: a job run twice */
    ValPair pairs[] = {{val_text(S("removed")), val_int(report.removed)},
                       {val_text(S("kept")), val_int(report.kept)}};
    return job_result(store, mem, job, val_map(pairs, 2));
}

static const JobKind JOBS[] = {{"demo.load", job_load}, {"demo.remove", job_remove}};

const Module app_demo_module = {.name = "demo", .jobs = JOBS, .n_jobs = sizeof JOBS / sizeof *JOBS};
