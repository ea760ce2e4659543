/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The queue of units and the threads that work it off.  People's units go before background ones, and background
 * work never holds more than a part of the workers, so that a person always finds one.  Knows nothing of databases:
 * a worker's state and what it does with a unit are the driver's. */

#include "db/driver.h"

#include <signal.h>

void *db_alloc(size_t size)
{
    void *p = calloc(1, size);

    if (!p) out_of_memory();
    return p;
}

int64_t db_mono_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void queue_open(Queue *q, Db *db, unsigned background_max)
{
    *q = (Queue){.background_max = background_max, .db = db};
    pthread_mutex_init(&q->lock, NULL);
    pthread_cond_init(&q->come, NULL);
}

void queue_free(Queue *q)
{
    pthread_cond_destroy(&q->come);
    pthread_mutex_destroy(&q->lock);
}

static void list_put(UnitList *l, DbUnit *u)
{
    u->next = NULL;
    if (l->last)
        l->last->next = u;
    else
        l->first = u;
    l->last = u;
}

static DbUnit *list_take(UnitList *l)
{
    DbUnit *u = l->first;

    l->first = u->next;
    if (!l->first) l->last = NULL;
    u->next = NULL;
    return u;
}

void queue_put(Queue *q, DbUnit *u)
{
    u->wait_us = db_mono_us();
    atomic_fetch_add(&q->db->queued, 1);
    pthread_mutex_lock(&q->lock);
    REQUIRE(!q->is_closed);
    list_put(u->is_background ? &q->background : &q->people, u);
    pthread_cond_signal(&q->come);
    pthread_mutex_unlock(&q->lock);
}

static bool may_take_background(const Queue *q)
{
    return q->background.first && q->background_running < q->background_max;
}

static DbUnit *take_locked(Queue *q, bool wait)
{
    for (;;) {
        if (q->people.first) return list_take(&q->people);
        if (may_take_background(q)) {
            q->background_running++;
            return list_take(&q->background);
        }
        if (!wait || (q->is_closed && !q->background.first)) return NULL;
        pthread_cond_wait(&q->come, &q->lock);
    }
}

DbUnit *queue_take(Queue *q, bool wait)
{
    DbUnit *u;

    pthread_mutex_lock(&q->lock);
    u = take_locked(q, wait);
    pthread_mutex_unlock(&q->lock);
    if (!u) return NULL;
    u->wait_us = db_mono_us() - u->wait_us;
    atomic_fetch_sub(&q->db->queued, 1);
    return u;
}

void queue_background_ended(Queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->background_running--;
    pthread_cond_broadcast(&q->come);
    pthread_mutex_unlock(&q->lock);
}

void queue_close(Queue *q)
{
    pthread_mutex_lock(&q->lock);
    q->is_closed = true;
    pthread_cond_broadcast(&q->come);
    pthread_mutex_unlock(&q->lock);
}

bool db_thread_start(pthread_t *thread, void *(*main)(void *), void *arg)
{
    sigset_t all, old;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    rc = pthread_create(thread, NULL, main, arg);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return rc == 0;
}

typedef struct Worker {
    Pool *pool;
    pthread_t thread;
    void *state;
    char name[16];
} Worker;

struct Pool {
    Queue queue;
    PoolRun run;
    unsigned n;
    Worker workers[];
};

static void *worker_main(void *arg)
{
    Worker *w = arg;
    DbUnit *u;

    pthread_setname_np(pthread_self(), w->name);
    while ((u = queue_take(&w->pool->queue, true))) {
        bool is_background = u->is_background;

        w->pool->run(w->state, u);
        if (is_background) queue_background_ended(&w->pool->queue);
    }
    return NULL;
}

Err *pool_open(Arena *mem, Db *db, const char *name, void *const *workers, unsigned n, PoolRun run,
               Pool **out)
{
    Pool *pool = db_alloc(sizeof *pool + n * sizeof(Worker));

    pool->run = run;
    queue_open(&pool->queue, db, n > 1 ? n / 2 : 1);
    for (unsigned i = 0; i < n; i++) {
        Worker *w = &pool->workers[i];

        *w = (Worker){.pool = pool, .state = workers[i]};
        snprintf(w->name, sizeof w->name, "%.10s-%u", name, (i + 1) % 1000);
        if (!db_thread_start(&w->thread, worker_main, w)) {
            pool_close(pool);
            FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", "cannot start thread %s", w->name);
        }
        pool->n++;
    }
    *out = pool;
    return NULL;
}

void pool_put(Pool *pool, DbUnit *u)
{
    queue_put(&pool->queue, u);
}

void pool_close(Pool *pool)
{
    if (!pool) return;
    queue_close(&pool->queue);
    for (unsigned i = 0; i < pool->n; i++) pthread_join(pool->workers[i].thread, NULL);
    queue_free(&pool->queue);
    free(pool);
}
