/* SPDX-License-Identifier: GPL-3.0-or-later */

/* PostgreSQL: units of work, and the database as a pool of as many workers as connections.  A unit is REPEATABLE READ
 * and is run again, boundedly and after a random wait, when the server could not order it among others, or when its
 * connection broke before COMMIT was sent.  A connection that breaks during COMMIT leaves the outcome open: the number
 * of the transaction, taken before, is asked about on a new connection.  While the server is away, units are refused
 * at once and the time between attempts grows. */

#include "db/pg.h"

#include "base/log.h"

#define CONNECTIONS    16
#define REPLAYS        12
#define GATE_MS        "20000"  /* how long one waits for it */
#define GATE_AFTER     3        /* replays at random moments; then the unit runs alone */
#define CONNECT_US     1500000  /* how long a unit tries to connect */
#define OUTCOME_US     10000000 /* how long one asks what became of a commit */
#define BACKOFF_MIN_US 250000
#define BACKOFF_MAX_US 5000000

/* --- waiting */

static uint64_t chance(uint64_t below)
{
    static _Thread_local uint64_t x;

    if (!x) x = (uint64_t)db_mono_us() * UINT64_C(0x9E3779B97F4A7C15) ^ (uint64_t)(uintptr_t)&x;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x % below;
}

static void sleep_us(int64_t us)
{
    struct timespec ts = {us / 1000000, us % 1000000 * 1000};

    nanosleep(&ts, NULL);
}

/* Between nothing and twice as much each time: those who collided come back apart. */
static void wait_before_replay(int attempt)
{
    int shift = attempt < 7 ? attempt : 7;

    sleep_us((int64_t)chance(UINT64_C(1000) << shift));
}

/* --- connecting */

static Err *try_to_connect(Arena *mem, Pg *c, int64_t until)
{
    Err *e;

    while ((e = pg_connect(mem, c)) && db_mono_us() < until) sleep_us(50000 + (int64_t)chance(150000));
    return e;
}

static void note_down(PgDb *db, const Err *e)
{
    int64_t us = atomic_load(&db->backoff_us) * 2;

    if (us < BACKOFF_MIN_US) {
        us = BACKOFF_MIN_US;
        log_line(LOG_ERROR, "database away", "code=%s", err_code_name(e->code));
    }
    if (us > BACKOFF_MAX_US) us = BACKOFF_MAX_US;
    atomic_store(&db->backoff_us, us);
    atomic_store(&db->down_until, db_mono_us() + us);
}

static Err *connect_for_unit(Arena *mem, Pg *c)
{
    PgDb *db = c->db;
    Err *e;

    if (!c->link && db_mono_us() < atomic_load(&db->down_until))
        FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", "the database is away");
    e = try_to_connect(mem, c, db_mono_us() + CONNECT_US);
    if (e)
        note_down(db, e);
    else if (atomic_exchange(&db->backoff_us, 0))
        log_line(LOG_INFO, "database back", NULL);
    return e;
}

/* --- the end of a unit */

static void rollback(Arena *mem, Pg *c)
{
    if (c->link && !c->is_lost && pg_run(mem, c, "ROLLBACK", NULL)) c->is_lost = true;
    if (c->is_lost)
        pg_disconnect(c);
    else if (c->must_forget)
        pg_forget(c);
}

typedef enum Outcome { OUTCOME_COMMITTED, OUTCOME_ABORTED, OUTCOME_UNKNOWN } Outcome;

static Outcome ask_once(Arena *mem, Pg *c, const char *sql)
{
    Val status;

    if (pg_connect(mem, c)) return OUTCOME_UNKNOWN;
    if (pg_run(mem, c, sql, &status)) {
        pg_disconnect(c);
        return OUTCOME_UNKNOWN;
    }
    if (status.kind != VAL_TEXT) return OUTCOME_UNKNOWN;
    if (str_eq_c(val_str(status), "committed")) return OUTCOME_COMMITTED;
    return str_eq_c(val_str(status), "aborted") ? OUTCOME_ABORTED : OUTCOME_UNKNOWN;
}

/* "in progress" is unknown too: the old session may still be ending. */
static Outcome ask_outcome(Arena *mem, Pg *c, int64_t xid)
{
    int64_t until = db_mono_us() + OUTCOME_US;
    char sql[96];
    Outcome o;

    snprintf(sql, sizeof sql, "SELECT pg_xact_status('%lld'::xid8)", (long long)xid);
    pg_disconnect(c);
    while ((o = ask_once(mem, c, sql)) == OUTCOME_UNKNOWN && db_mono_us() < until) sleep_us(100000);
    log_line(LOG_WARN, "connection lost during commit", "outcome=%d", (int)o);
    return o;
}

/* A COMMIT of a failed transaction answers "ROLLBACK" and no error: db_unit_work has refused such a unit before. */
static Err *commit(Arena *mem, Pg *c)
{
    Val xid;
    Err *e;

    TRY(db_step(mem, c->base.db));
    TRY(pg_run(mem, c, "SELECT pg_current_xact_id_if_assigned()", &xid));
    e = pg_run(mem, c, "COMMIT", NULL);
    if (!e || !c->is_lost || val_is_null(xid)) return e;
    switch (ask_outcome(mem, c, xid.i)) {
    case OUTCOME_COMMITTED: return NULL;
    case OUTCOME_ABORTED: c->is_lost = c->must_replay = true; return e;
    case OUTCOME_UNKNOWN: break;
    }
    c->must_replay = false;
    FAIL(mem, ERR_UNAVAILABLE, "error.db.outcome", "the connection broke during COMMIT of transaction %lld",
         (long long)xid.i);
}

/* --- one run of a unit */

/* A unit that keeps colliding gets the database for itself for a moment: it takes the gate whole, outside its
   transaction, so that the snapshot is younger than the work of whoever was before; every other writing unit, in all
   processes, takes a share of the gate as it begins, and waits when somebody has it or waits for it. */
#define GATE "5408214741205051"

#define BEGIN_READ  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
#define BEGIN_WRITE "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"
#define TRY_GATE    "; SELECT pg_try_advisory_xact_lock_shared(" GATE ")"

/* The time in the queue is not the unit's own: a statement's budget does not bound it. */
static Err *wait_at_gate(Arena *mem, Pg *c, const char *sql)
{
    char back[64];
    Err *e;

    snprintf(back, sizeof back, "SET statement_timeout = %d", c->base.db->budget_ms);
    TRY(pg_run(mem, c, "SET statement_timeout = " GATE_MS, NULL));
    e = pg_run(mem, c, sql, NULL);
    c->has_gate = !e;
    if (!c->is_lost) TRY(pg_run(mem, c, back, NULL));
    return e;
}

static Err *begin_write(Arena *mem, Pg *c)
{
    Val is_open;

    if (c->has_gate)
        return pg_run(mem, c, BEGIN_WRITE "; SELECT 1", NULL); /* the snapshot is taken here and now */
    TRY(pg_run(mem, c, BEGIN_WRITE TRY_GATE, &is_open));
    if (is_open.kind != VAL_BOOL || is_open.b) return NULL;
    TRY(pg_run(mem, c, "ROLLBACK", NULL));
    TRY(wait_at_gate(mem, c, "SELECT pg_advisory_lock_shared(" GATE ")"));
    return pg_run(mem, c, BEGIN_WRITE "; SELECT 1", NULL);
}

static Err *begin(Arena *mem, Pg *c, const DbUnit *u)
{
    if (u->is_read)
        TRY(pg_run(mem, c, BEGIN_READ, NULL));
    else
        TRY(begin_write(mem, c));
    c->server_budget = c->base.db->budget_ms;
    return NULL;
}

/* Without the gate the unit goes on all the same. */
static void take_gate(Arena *mem, Pg *c)
{
    if (c->link && wait_at_gate(mem, c, "SELECT pg_advisory_lock(" GATE ")")) c->has_gate = false;
}

static void leave_gate(Arena *mem, Pg *c)
{
    if (!c->has_gate) return;
    c->has_gate = false;
    if (c->link && pg_run(mem, c, "SELECT pg_advisory_unlock_all()", NULL)) pg_disconnect(c);
}

static Err *guarded_work(DbConn *conn, void *arg)
{
    const DbUnit *u = arg;

    if (!u->is_read && conn->db->guard) TRY(conn->db->guard(conn, u->mem, conn->db->guard_arg));
    return u->work(conn, u->arg);
}

static Err *run_once(Pg *c, DbUnit *u)
{
    Err *e = connect_for_unit(u->mem, c);

    if (e) {
        c->must_replay = false;
        return e;
    }
    db_unit_begin(&c->base, u->is_background);
    e = begin(u->mem, c, u);
    if (!e) e = db_unit_work(&c->base, u->mem, guarded_work, u);
    if (!e && u->is_read)
        e = pg_run(u->mem, c, "COMMIT", NULL);
    else if (!e)
        e = commit(u->mem, c);
    if (e) rollback(u->mem, c);
    return e;
}

/* Without a transaction there is nothing to replay, and no time limit: building an index may take hours. */
static Err *run_bare(Pg *c, DbUnit *u)
{
    char sql[64];
    Err *e = connect_for_unit(u->mem, c);

    if (e) return e;
    db_unit_begin(&c->base, u->is_background);
    c->base.budget_ms = c->server_budget = 0;
    e = pg_run(u->mem, c, "SET statement_timeout = 0", NULL);
    if (!e) e = db_unit_work(&c->base, u->mem, u->work, u->arg);
    snprintf(sql, sizeof sql, "SET statement_timeout = %d", c->base.db->budget_ms);
    if (c->is_lost || pg_run(u->mem, c, sql, NULL))
        pg_disconnect(c);
    else if (c->must_forget)
        pg_forget(c);
    return e;
}

static Err *run_unit(Pg *c, DbUnit *u)
{
    Err *e = NULL;

    if (u->is_plain) return db_unit_work(NULL, u->mem, u->work, u->arg);
    c->base.is_light = !u->is_read && !u->is_bare;
    c->base.is_too_light = false;
    if (u->is_bare) return run_bare(c, u);
    for (int attempt = 0; attempt <= REPLAYS; attempt++) {
        if (attempt) {
            atomic_fetch_add(&c->base.db->replays, 1);
            wait_before_replay(attempt);
            if (attempt > GATE_AFTER && !u->is_read) take_gate(u->mem, c);
        }
        e = run_once(c, u);
        leave_gate(u->mem, c);
        if (!e || !(c->must_replay || c->base.is_too_light)) break;
        c->base.is_light = c->base.is_light && !c->base.is_too_light;
    }
    return e;
}

static void run_on_worker(void *state, DbUnit *u)
{
    Pg *c = state;
    Err *e = run_unit(c, u);

    if (!u->is_plain && !u->is_read) atomic_fetch_add(&c->base.db->batches, 1);
    db_unit_answer(c->base.db, u, e);
}

/* --- the database */

static void pg_submit(Db *base, DbUnit *unit)
{
    pool_put(((PgDb *)base)->pool, unit);
}

static void pg_close(Db *base)
{
    PgDb *db = (PgDb *)base;

    pool_close(db->pool);
    for (unsigned i = 0; i < db->n; i++) {
        pg_disconnect(db->conns[i]);
        stmts_close(&db->conns[i]->stmts);
        free(db->conns[i]);
    }
    free(db->conns);
    free(db->url);
    free(db);
}

static const DbDriver postgres_driver = {
    .name = "postgres",
    .caps = 1u << DB_CAP_SHARED | 1u << DB_CAP_TSVECTOR | 1u << DB_CAP_CONCURRENT_INDEX | 1u << DB_CAP_TX_ID,
    .exec = pg_exec,
    .query = pg_query,
    .next = pg_next,
    .end = pg_end,
    .script = pg_script,
    .back = pg_back,
    .submit = pg_submit,
    .copy = pg_copy,
    .close = pg_close,
};

static PgDb *new_db(const DbOptions *opt)
{
    PgDb *db = db_alloc(sizeof *db);

    db->base.driver = &postgres_driver;
    db->base.budget_ms = opt->budget_ms;
    db->url = db_alloc(opt->url.n + 1);
    memcpy(db->url, opt->url.p, opt->url.n);
    db->n = opt->connections ? opt->connections : CONNECTIONS;
    db->conns = db_alloc(db->n * sizeof(Pg *));
    for (unsigned i = 0; i < db->n; i++) {
        db->conns[i] = db_alloc(sizeof(Pg));
        pg_init(db->conns[i], db);
    }
    return db;
}

/* The first connection is made here, so that a wrong address is told at once; the others when first needed. */
Err *postgres_open(Arena *mem, const DbOptions *opt, Db **out)
{
    PgDb *db = new_db(opt);
    Err *e = pg_connect(mem, db->conns[0]);

    if (!e) e = pg_functions_install(mem, db->conns[0]);
    if (!e)
        e = pool_open(mem, &db->base, "kith-db", (void *const *)db->conns, db->n, run_on_worker, &db->pool);
    if (e) {
        pg_close(&db->base);
        return e;
    }
    *out = &db->base;
    return NULL;
}
