/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The one thread that writes to SQLite.  A batch is a transaction: whoever came while the last one was syncing, one commit,
 * and only then the answers.  Units check first and write last, so the batch goes without savepoints, each of which would
 * copy the pages it touches and make the full-text index write out.  When a unit fails after it has written, the whole
 * batch runs again with a savepoint each, so that only that unit is undone.  When that transaction is lost too (a full
 * disk, an interrupted statement) or a commit fails, the units that had not failed by themselves run again, each in its
 * own transaction and with its own answer.  A batch is bounded in units and in time, so that nobody waits long. */

#include "db/driver.h"

#include "base/log.h"

#define BATCH_UNITS 256
#define BATCH_US    20000

typedef struct Slot {
    DbUnit *unit;
    Err *e;
} Slot;

struct Writer {
    Queue queue;
    Db *db;
    DbConn *conn;
    const WriterOps *ops;
    pthread_t thread;
    size_t n;
    Slot batch[BATCH_UNITS];
};

static Err *run_unit(Writer *w, DbUnit *u, bool is_guarded)
{
    Err *e;

    db_unit_begin(w->conn, u->is_background);
    w->conn->is_light = !is_guarded;
    e = w->ops->unit_begin(u->mem, w->conn, is_guarded);
    if (!e) e = db_unit_work(w->conn, u->mem, u->work, u->arg);
    return w->ops->unit_end(u->mem, w->conn, e);
}

static void fill_batch(Writer *w, DbUnit *first)
{
    int64_t end = db_mono_us() + BATCH_US;
    DbUnit *u = first;

    w->n = 0;
    while (u) {
        Slot *s = &w->batch[w->n++];

        s->unit = u;
        s->e = run_unit(w, u, false);
        if (u->is_background) queue_background_ended(&w->queue);
        if (w->ops->is_lost(w->conn) || w->n == BATCH_UNITS || db_mono_us() > end) return;
        u = queue_take(&w->queue, false);
    }
}

static Err *run_alone(Writer *w, DbUnit *u)
{
    Err *e;

    TRY(w->ops->begin(u->mem, w->conn));
    e = run_unit(w, u, true);
    if (!e && !w->ops->is_lost(w->conn)) e = w->ops->commit(u->mem, w->conn);
    if (e) w->ops->rollback(w->conn);
    return e;
}

/* The batch once more, each unit in a savepoint; false when even so it cannot be had as a whole. */
static bool run_guarded(Writer *w)
{
    Arena *mem = w->batch[0].unit->mem;

    w->ops->rollback(w->conn);
    if (w->ops->begin(mem, w->conn)) return false;
    for (size_t i = 0; i < w->n; i++) {
        Slot *s = &w->batch[i];

        atomic_fetch_add(&w->db->replays, 1);
        s->e = run_unit(w, s->unit, true);
        if (!w->ops->is_lost(w->conn)) continue;
        while (++i < w->n) w->batch[i].e = NULL;
        return false;
    }
    return !w->ops->commit(mem, w->conn);
}

/* Commits what `fill_batch` has done, if all of it stands. */
static bool has_committed(Writer *w)
{
    if (w->ops->is_lost(w->conn)) return run_guarded(w);
    return !w->ops->commit(w->batch[0].unit->mem, w->conn);
}

static void run_again(Writer *w)
{
    log_line(LOG_WARN, "batch lost, its units run again", "units=%zu", w->n);
    w->ops->rollback(w->conn);
    for (size_t i = 0; i < w->n; i++) {
        Slot *s = &w->batch[i];

        if (s->e) continue;
        atomic_fetch_add(&w->db->replays, 1);
        s->e = run_alone(w, s->unit);
    }
}

static void answer(Writer *w)
{
    for (size_t i = 0; i < w->n; i++) db_unit_answer(w->db, w->batch[i].unit, w->batch[i].e);
}

static void run_batch(Writer *w, DbUnit *first)
{
    Err *e = w->ops->begin(first->mem, w->conn);

    if (e) {
        if (first->is_background) queue_background_ended(&w->queue);
        db_unit_answer(w->db, first, e);
        return;
    }
    fill_batch(w, first);
    if (!has_committed(w)) run_again(w);
    atomic_fetch_add(&w->db->batches, 1);
    answer(w);
    w->ops->tidy(w->conn);
}

static void *writer_main(void *arg)
{
    Writer *w = arg;
    DbUnit *u;

    pthread_setname_np(pthread_self(), "kith-writer");
    while ((u = queue_take(&w->queue, true))) run_batch(w, u);
    return NULL;
}

Err *writer_open(Arena *mem, Db *db, DbConn *c, const WriterOps *ops, Writer **out)
{
    Writer *w = db_alloc(sizeof *w);

    w->db = db;
    w->conn = c;
    w->ops = ops;
    queue_open(&w->queue, db, BATCH_UNITS);
    if (!db_thread_start(&w->thread, writer_main, w)) {
        queue_free(&w->queue);
        free(w);
        FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", "cannot start the writer thread");
    }
    *out = w;
    return NULL;
}

void writer_put(Writer *w, DbUnit *u)
{
    queue_put(&w->queue, u);
}

void writer_close(Writer *w)
{
    if (!w) return;
    queue_close(&w->queue);
    pthread_join(w->thread, NULL);
    queue_free(&w->queue);
    free(w);
}
