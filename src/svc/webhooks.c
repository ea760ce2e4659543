/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The service: one thread that, when the log has grown, an attempt has ended or one is due, looks at all webhooks: makes messages
   of what is new, claims what is due and hands it to the sender.  It shares no thread with jobs, so neither delays the
   other; each webhook has its own few places on the way, so a slow receiver delays only itself.  Where several processes
   serve one database each does all this, and rows decide: the cursor moves once, a delivery is claimed once. */
#include "svc/webhook.h"

#include "base/log.h"
#include "base/time.h"
#include "core/job.h"
#include "core/session.h"
#include "core/store.h"
#include "svc/outbox.h"
#include "svc/send.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define PLACES         4 /* attempts of one webhook at a time */
#define TIMEOUT_MS     15000
#define TEST_TIMEOUT   2000
#define LEASE_MORE_MS  30000 /* over the deadline of an attempt */
#define TEST_MORE      1000
#define SHARED_LOOK_MS 500 /* other processes do not tell us of their commits */
#define IDLE_LOOK_MS   60000
#define SWEEP_MS       INT64_C(3600000)
#define PERSIST_MS     INT64_C(30000) /* a cursor that only passes what is not wanted is written so often */
#define PAUSE_NS       10000000       /* commits that come together are read together */

/* The specification's: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h. */
static const Schedule STANDARD = {
    {5000, 300000, 1800000, 7200000, 18000000, 36000000, 50400000, 72000000, 86400000}, 9};

/* How far the log has been read for a webhook: ahead of the stored cursor by what it did not want. */
typedef struct Known {
    Id webhook;
    Cursor stored, read;
    int64_t stored_at;
} Known;

struct Webhooks {
    Arena *mem;
    Store *store;
    Sender *sender;
    Schedule schedule;
    int64_t timeout_ms, lease_ms;
    pthread_t thread;
    atomic_bool is_woken, is_stopping;
    Known known[WEBHOOKS_MAX];
    size_t n_known;
    int64_t next_look, swept_at;
};

/* One look around. */
typedef struct Look {
    Webhooks *service;
    Arena *mem;
    Outlet *outlets;
    size_t n;
    bool is_untidy;
    int64_t paused_at, now;
    /* of the unit at hand */
    const Outlet *outlet;
    Known *known;
    Cursor to;
    Delivery *found;
    size_t n_found;
    bool is_end, is_taken;
    Str reason;
    Attempt *attempts;
    size_t n_attempts, max;
    int64_t lease;
} Look;

static void complain(Arena *mem, const char *what, const Err *e)
{
    if (e) log_line(LOG_WARN, what, "error=%.*s", SFMT(log_quote(mem, err_text(mem, e))));
}

static Err *read_unit(Look *l, DbWork work)
{
    return db_read(l->service->store->db, l->mem, work, l);
}

static Err *write_unit(Look *l, DbWork work)
{
    return db_write(l->service->store->db, l->mem, work, l);
}

static Ctx unit_cx(const Look *l, DbConn *c)
{
    return ctx_system(l->service->store, l->mem, c);
}

/* --- what there is --------------------------------------------------------------------------------------------------- */

static Err *load(DbConn *c, void *arg)
{
    Look *l = arg;
    Ctx cx = unit_cx(l, c);

    l->now = cx.now;
    TRY(jobs_paused_at(&cx, &l->paused_at));
    return outlets_load(&cx, &l->outlets, &l->n, &l->is_untidy);
}

static Err *tidy(DbConn *c, void *arg)
{
    Look *l = arg;
    Ctx cx = unit_cx(l, c);

    TRY(outlets_tidy(&cx));
    return outlets_load(&cx, &l->outlets, &l->n, &l->is_untidy);
}

static Err *sweep(DbConn *c, void *arg)
{
    Ctx cx = unit_cx(arg, c);

    return delivery_sweep(&cx);
}

static const Outlet *outlet_of(const Look *l, Id webhook)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->outlets[i].id == webhook) return &l->outlets[i];
    return NULL;
}

/* Its webhook has gone, or everything waits after a restore. */
static bool is_unwanted(const void *arg, const Attempt *a)
{
    const Look *l = arg;
    const Outlet *o = outlet_of(l, a->webhook);

    return !o || l->paused_at || (o->is_paused && !a->is_asked);
}

static Err *release(DbConn *c, void *arg)
{
    Look *l = arg;
    Ctx cx = unit_cx(l, c);

    return delivery_release(&cx, l->attempts->id, l->attempts->attempts);
}

static void break_off(Look *l, bool (*which)(const void *arg, const Attempt *a))
{
    Attempt a;

    while (sender_break(l->service->sender, which, l, &a)) {
        l->attempts = &a;
        complain(l->mem, "webhook release", write_unit(l, release));
    }
    l->attempts = NULL;
}

/* --- from the log ---------------------------------------------------------------------------------------------------- */

static bool is_same(Cursor a, Cursor b)
{
    return a.epoch == b.epoch && a.tx == b.tx && a.seq == b.seq;
}

/* What we know of `o`; its cursor when that was moved by somebody else. */
static Known *known_of(Look *l, const Outlet *o)
{
    Webhooks *s = l->service;
    Known *k = NULL;

    for (size_t i = 0; i < s->n_known; i++)
        if (s->known[i].webhook == o->id) k = &s->known[i];
    for (size_t i = 0; !k && i < s->n_known; i++)
        if (!outlet_of(l, s->known[i].webhook)) k = &s->known[i];
    if (!k && s->n_known == WEBHOOKS_MAX) return NULL;
    if (!k) k = &s->known[s->n_known++];
    if (k->webhook != o->id || !is_same(k->stored, o->cursor))
        *k = (Known){o->id, o->cursor, o->cursor, l->now};
    return k;
}

static Err *read_log(DbConn *c, void *arg)
{
    Look *l = arg;
    Ctx cx = unit_cx(l, c);

    return outbox_read(&cx, l->outlet, l->known->read, &l->found, &l->n_found, &l->to, &l->is_end);
}

static Err *add_found(DbConn *c, void *arg)
{
    Look *l = arg;
    Ctx cx = unit_cx(l, c);

    return delivery_add(&cx, l->outlet->id, l->known->stored, l->to, l->found, l->n_found, &l->is_taken);
}

static Err *pause_outlet(DbConn *c, void *arg)
{
    Look *l = arg;
    Ctx cx = unit_cx(l, c);

    return outlet_pause(&cx, l->outlet->id, l->reason);
}

static void pause_orphan(Look *l)
{
    l->reason = S("owner");
    Err *e = write_unit(l, pause_outlet);
    complain(l->mem, "webhook pause", e);
    if (!e) store_committed(l->service->store);
}

/* The next stretch of the log for one webhook; true when more of it waits. */
static bool collect(Look *l, Outlet *o)
{
    l->outlet = o;
    l->known = known_of(l, o);
    if (!l->known) return false;
    Err *e = read_unit(l, read_log);
    if (e && e->code == ERR_DENIED) {
        pause_orphan(l);
        return false;
    }
    bool is_moved = !e && !is_same(l->to, l->known->read);
    if (is_moved && (l->n_found || l->now - l->known->stored_at >= PERSIST_MS)) {
        e = write_unit(l, add_found);
        if (!e && !l->is_taken) return true; /* another process was there first: its cursor is read again */
        if (!e) *l->known = (Known){o->id, l->to, l->to, l->now};
        if (!e && l->n_found) o->next_due = l->now;
    } else if (is_moved) {
        l->known->read = l->to;
    }
    complain(l->mem, "webhook log", e);
    return !e && !l->is_end;
}

/* --- to the receivers ------------------------------------------------------------------------------------------------ */

static Err *claim(DbConn *c, void *arg)
{
    Look *l = arg;
    Ctx cx = unit_cx(l, c);

    return delivery_claim(&cx, l->outlet->id, l->outlet->is_paused, l->max, cx.now + l->lease, &l->found,
                          &l->n_found);
}

static void send_due(Look *l, const Outlet *o)
{
    Webhooks *s = l->service;
    size_t busy = sender_busy(s->sender, o->id);

    if (busy >= PLACES || o->next_due > l->now || o->hold > l->now) return;
    l->outlet = o;
    l->max = PLACES - busy;
    l->lease = s->lease_ms;
    Err *e = write_unit(l, claim);
    for (size_t i = 0; !e && i < l->n_found; i++)
        e = sender_add(s->sender, l->mem, &l->found[i], o->url, o->secrets, store_now(s->store));
    complain(l->mem, "webhook claim", e);
}

static Err *end_attempts(DbConn *c, void *arg)
{
    Look *l = arg;
    Ctx cx = unit_cx(l, c);

    for (size_t i = 0; i < l->n_attempts; i++) {
        const char *pause = NULL;
        TRY(delivery_end(&cx, &l->attempts[i], &l->service->schedule, &pause));
        if (pause) TRY(outlet_pause(&cx, l->attempts[i].webhook, str_c(pause)));
    }
    return NULL;
}

/* Keeps the outcomes of what has ended; true when there were any. */
static bool keep_outcomes(Webhooks *s)
{
    Look l = {.service = s, .mem = arena_new(0)};
    VEC(Attempt) ended = {0};
    Attempt a;

    while (sender_take(s->sender, l.mem, &a)) {
        *vec_push(l.mem, &ended) = a;
        log_line(LOG_DEBUG, "webhook attempt", "delivery=%.*s attempt=%lld status=%lld ms=%lld error=%s",
                 SFMT(id_text(l.mem, a.id)), (long long)a.attempts, (long long)a.status, (long long)a.ms,
                 a.error ? a.error : "-");
    }
    l.attempts = ended.p;
    l.n_attempts = ended.n;
    Err *e = ended.n ? write_unit(&l, end_attempts) : NULL;
    complain(l.mem, "webhook outcome", e); /* the lease gives it back: sent again rather than lost */
    arena_free(l.mem);
    if (ended.n) store_committed(s->store);
    return ended.n > 0;
}

/* --- the thread ------------------------------------------------------------------------------------------------------ */

static int64_t earliest(const Look *l, bool is_behind)
{
    bool is_shared = db_can(l->service->store->db, DB_CAP_SHARED);
    int64_t next = l->now + (is_shared ? SHARED_LOOK_MS : IDLE_LOOK_MS);

    if (is_behind) return l->now;
    for (size_t i = 0; i < l->n && !l->paused_at; i++) {
        const Outlet *o = &l->outlets[i];
        int64_t due = o->next_due > o->hold ? o->next_due : o->hold;
        if (o->next_due != INT64_MAX && due > l->now && due < next) next = due;
    }
    return next;
}

static void serve_outlets(Look *l)
{
    bool is_behind = false;

    for (size_t i = 0; i < l->n; i++) {
        Outlet *o = &l->outlets[i];
        if (!o->is_paused && o->n_waiting < DELIVERY_QUEUE) is_behind = collect(l, o) || is_behind;
        send_due(l, o);
    }
    l->service->next_look = earliest(l, is_behind);
}

static void look_around(Webhooks *s)
{
    Look l = {.service = s, .mem = arena_new(0)};

    atomic_store(&s->is_woken, false);
    Err *e = read_unit(&l, load);
    if (!e && l.now - s->swept_at >= SWEEP_MS) {
        s->swept_at = l.now;
        e = write_unit(&l, sweep);
    }
    if (!e && l.is_untidy) e = write_unit(&l, tidy);
    complain(l.mem, "webhooks", e);
    s->next_look = store_now(s->store) + SHARED_LOOK_MS;
    if (!e) break_off(&l, is_unwanted);
    if (!e && !l.paused_at) serve_outlets(&l);
    if (!e && l.paused_at) s->next_look = earliest(&l, false);
    arena_free(l.mem);
}

static int wait_ms(const Webhooks *s)
{
    int64_t ms = s->next_look - store_now(s->store);

    if (atomic_load(&s->is_woken) || ms < 0) return 0;
    return ms > IDLE_LOOK_MS ? IDLE_LOOK_MS : (int)ms;
}

static void *run_thread(void *arg)
{
    Webhooks *s = arg;
    Look l = {.service = s};

    pthread_setname_np(pthread_self(), "kith-webhooks");
    while (!atomic_load(&s->is_stopping)) {
        bool has_ended = keep_outcomes(s);
        if (has_ended || atomic_load(&s->is_woken) || store_now(s->store) >= s->next_look) look_around(s);
        sender_run(s->sender, wait_ms(s));
        if (atomic_load(&s->is_woken)) nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    keep_outcomes(s);
    l.mem = arena_new(0);
    break_off(&l, NULL);
    arena_free(l.mem);
    return NULL;
}

static void wake(void *arg)
{
    Webhooks *s = arg;

    if (!atomic_exchange(&s->is_woken, true)) sender_wake(s->sender);
}

/* --- beginning and end ----------------------------------------------------------------------------------------------- */

static Err *read_schedule(Arena *mem, Str text, Schedule *out)
{
    *out = STANDARD;
    if (!text.n) return NULL;
    for (out->n = 0; text.n; out->n++)
        if (out->n == sizeof out->waits / sizeof *out->waits ||
            !str_to_i64(str_cut(&text, ' '), &out->waits[out->n]) || out->waits[out->n] < 0)
            FAIL(mem, ERR_INVALID, "error.usage", "a schedule is up to 16 numbers of milliseconds");
    return NULL;
}

static Err *take_back(DbConn *c, void *arg)
{
    Ctx cx = unit_cx(arg, c);

    return delivery_release_all(&cx);
}

Err *webhooks_start(Store *store, Arena *mem, const WebhookOptions *opt, Webhooks **out)
{
    bool is_test = opt->schedule.n > 0;
    Webhooks *s = NEW(mem, Webhooks);
    Look l = {.service = s, .mem = mem};

    *out = NULL;
    s->mem = mem;
    s->store = store;
    s->timeout_ms = is_test ? TEST_TIMEOUT : TIMEOUT_MS;
    s->lease_ms = s->timeout_ms + (is_test ? TEST_MORE : LEASE_MORE_MS);
    TRY(read_schedule(mem, opt->schedule, &s->schedule));
    if (!db_can(store->db, DB_CAP_SHARED)) TRY(write_unit(&l, take_back));
    TRY(sender_new(mem, store->webhooks_private, s->timeout_ms, &s->sender));
    store_listen(store, wake, s);
    REQUIRE(pthread_create(&s->thread, NULL, run_thread, s) == 0);
    *out = s;
    return NULL;
}

void webhooks_stop(Webhooks *s)
{
    if (!s) return;
    atomic_store(&s->is_stopping, true);
    sender_wake(s->sender);
    pthread_join(s->thread, NULL);
    sender_free(s->sender);
}
