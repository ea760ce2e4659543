/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The live feed: server-sent events that say what to ask again and hold no record data.  One thread reads the change log
   after its cursor, once for all streams, when a commit has told it to (on a database shared with other processes also
   several times a second).  A watched record gets its event at once; a listed object at most four ticks a second. */
#include "api/state.h"

#include "base/log.h"
#include "base/map.h"
#include "core/change.h"
#include "core/layer.h"
#include "core/read.h"
#include "core/rights.h"
#include "core/session.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICK_MS   250 /* between two rounds of ticks, and a millisecond more for each three streams, up to */
#define TICK_MAX  600
#define PAUSE_NS  10000000
#define SLICE_MIN 32 /* streams told in one go, */
#define SLICES    20 /* or this part of all: with the pause in between a round takes a fifth of a second */
#define READ_MAX  2000
#define WATCH_MAX 500
#define CHECK_MS  2000
#define N_OBJECTS 1024

typedef struct Sub {
    Feed *feed;
    HttpStream *stream;
    Id *ids;
    size_t n_ids; /* sorted */
    uint8_t objects[N_OBJECTS / 8];
    char *credential; /* key or session token: looked at again as long as the stream lives */
    bool is_key;
    Id user, role;
    bool is_closed, is_owed;
    uint8_t owed[N_OBJECTS / 8]; /* objects whose tick is still to be sent */
    struct Sub *next;
} Sub;

struct Feed {
    Store *store;
    pthread_t thread;
    pthread_mutex_t lock; /* subs and the flags */
    pthread_cond_t woken;
    bool is_woken, is_stopping;
    bool is_owing; /* ticks of a round are still to be sent */
    Sub *subs;
    size_t n_subs;
    Cursor cursor;
    bool is_meta_stale;           /* the log says that the metadata has changed */
    int64_t generation;           /* of the metadata, as the streams were told */
    bool is_behind;               /* nobody listened: the log after `cursor` was not read */
    uint8_t dirty[N_OBJECTS / 8]; /* objects that owe a tick */
    int64_t ticked_ms, checked_ms;
};

static bool bit_has(const uint8_t *bits, unsigned i)
{
    return i < N_OBJECTS && (bits[i / 8] >> (i % 8) & 1);
}

static void bit_set(uint8_t *bits, unsigned i)
{
    if (i < N_OBJECTS) bits[i / 8] = (uint8_t)(bits[i / 8] | 1u << (i % 8));
}

static int64_t mono_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int cmp_ids(const void *a, const void *b)
{
    Id x = *(const Id *)a, y = *(const Id *)b;

    return x < y ? -1 : x > y;
}

/* --- reading the log ------------------------------------------------------------------------------------------------- */

typedef struct Seen {
    int64_t object, version;
    Id record, owner; /* owner: of a private object, whom alone its tick concerns */
    bool is_derived;
} Seen;

typedef struct LogRead {
    Feed *feed;
    Arena *mem;
    Cursor cursor;
    Seen *rows;
    size_t n;
} LogRead;

/* Whom records of private objects belong to; null for others. */
static void select_owners(const Ctx *cx, Sql *q)
{
    sql_text(q, ", CASE object WHEN 0 THEN 0");
    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        const Object *obj = cx->meta->objects[i];
        if (!obj->is_private) continue;
        sql_text(q, " WHEN ");
        sql_i64(q, obj->number);
        sql_text(q, " THEN (SELECT owner_id FROM ");
        sql_ident(q, obj->table);
        sql_text(q, " WHERE id = record)");
    }
    sql_text(q, " ELSE NULL END");
}

static Err *read_log(DbConn *c, void *arg)
{
    LogRead *r = arg;
    Ctx cx = ctx_system(r->feed->store, r->mem, c);
    Sql q = sql_new(r->mem);
    DbRows *rows = NULL;
    bool has;

    r->n = 0;
    r->rows = NEW_N(r->mem, Seen, READ_MAX);
    sql_text(&q, "SELECT epoch, tx, seq, object, record, version, derived");
    select_owners(&cx, &q);
    change_next(&cx, &q, r->cursor, READ_MAX);
    TRY(sql_query(r->mem, c, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        r->cursor = (Cursor){db_i64(rows, 0), db_i64(rows, 1), db_i64(rows, 2)};
        r->rows[r->n++] = (Seen){.object = db_i64(rows, 3),
                                 .version = db_i64(rows, 5),
                                 .record = db_i64(rows, 4),
                                 .owner = db_i64(rows, 7),
                                 .is_derived = db_i64(rows, 6) != 0};
    }
}

static Err *read_end(DbConn *c, void *arg)
{
    LogRead *r = arg;
    Ctx cx = ctx_system(r->feed->store, r->mem, c);

    return change_last(&cx, &r->cursor);
}

/* --- telling --------------------------------------------------------------------------------------------------------- */

static void send_change(Sub *sub, Arena *mem, const Meta *meta, const Seen *row, Str cursor)
{
    const Object *obj = row->object > 0 && row->object < N_OBJECTS ? meta->by_number[row->object] : NULL;
    char id[ID_TEXT + 1];

    if (!obj || sub->is_closed || !bsearch(&row->record, sub->ids, sub->n_ids, sizeof *sub->ids, cmp_ids))
        return;
    id_format(row->record, id);
    http_stream_send(
        sub->stream,
        str_fmt(mem,
                "id: %.*s\nevent: change\ndata: {\"object\":\"%.*s\",\"id\":\"%s\",\"version\":%lld}\n\n",
                SFMT(cursor), SFMT(obj->name), id, (long long)row->version));
}

/* A round begins: who is to be told of what. */
static void owe_ticks(Feed *feed)
{
    for (Sub *s = feed->subs; s; s = s->next)
        for (size_t i = 0; i < sizeof s->owed; i++) {
            s->owed[i] |= feed->dirty[i] & s->objects[i];
            s->is_owed = s->is_owed || s->owed[i];
        }
    memset(feed->dirty, 0, sizeof feed->dirty);
    feed->is_owing = true;
}

static void pay_ticks(const Feed *feed, Sub *s, Arena *mem, Str cursor)
{
    const Meta *meta = meta_now(feed->store, mem);

    for (size_t i = 0; i < meta->n_objects && !s->is_closed; i++) {
        const Object *obj = meta->objects[i];
        if (bit_has(s->owed, obj->number))
            http_stream_send(s->stream, str_fmt(mem, "id: %.*s\nevent: tick\ndata: {\"object\":\"%.*s\"}\n\n",
                                                SFMT(cursor), SFMT(obj->name)));
    }
    memset(s->owed, 0, sizeof s->owed);
    s->is_owed = false;
}

/* A part of the round: a thousand streams woken at once would keep everybody's requests waiting. */
static void send_ticks(Feed *feed, Arena *mem, Str cursor)
{
    size_t most = feed->n_subs / SLICES, n = 0;
    Sub *s = feed->subs;

    if (most < SLICE_MIN) most = SLICE_MIN;
    for (; s && n < most; s = s->next) {
        if (!s->is_owed) continue;
        pay_ticks(feed, s, mem, cursor);
        n++;
    }
    feed->is_owing = s != NULL;
}

static bool is_any(const uint8_t *bits)
{
    for (size_t i = 0; i < N_OBJECTS / 8; i++)
        if (bits[i]) return true;
    return false;
}

static bool changes_people(const Meta *meta, int64_t number)
{
    static const char *const NAMES[] = {"user", "role", "team", "api_key"};
    const Object *obj = number > 0 && number < N_OBJECTS ? meta->by_number[number] : NULL;

    for (size_t i = 0; obj && i < sizeof NAMES / sizeof *NAMES; i++)
        if (str_eq_c(obj->name, NAMES[i])) return true;
    return false;
}

/* What one may see was settled when his stream began: when he or his role changes he has to come again. */
static void end_changed(Feed *feed, const Meta *meta, const Seen *row)
{
    if (!changes_people(meta, row->object)) return;
    for (Sub *s = feed->subs; s; s = s->next)
        if (!s->is_closed && (s->user == row->record || s->role == row->record)) http_stream_end(s->stream);
}

/* A tick is owed to all who list the object, of a private one to its owner alone. */
static void note_tick(Feed *feed, const Meta *meta, const Seen *row)
{
    unsigned number = (unsigned)row->object;
    const Object *obj = number < N_OBJECTS ? meta->by_number[number] : NULL;

    if (!obj || !obj->is_private) {
        bit_set(feed->dirty, number);
        return;
    }
    for (Sub *s = feed->subs; s; s = s->next) {
        if (s->user != row->owner || !bit_has(s->objects, number)) continue;
        bit_set(s->owed, number);
        s->is_owed = feed->is_owing = true;
    }
}

static void tell(Feed *feed, const LogRead *r)
{
    Str cursor = cursor_text(r->mem, r->cursor);
    const Meta *meta = meta_now(feed->store, r->mem);
    uint16_t own = meta_object(meta, S("own_company"))->number,
             option = meta_object(meta, S("choice_option"))->number;
    bool drops = false;

    pthread_mutex_lock(&feed->lock);
    feed->cursor = r->cursor;
    for (size_t i = 0; i < r->n; i++) {
        drops = drops || changes_people(meta, r->rows[i].object);
        if (r->rows[i].object == own) feed->store->company_is_stale = true;
        if (r->rows[i].object == option) feed->is_meta_stale = true;
        note_tick(feed, meta, &r->rows[i]);
        for (Sub *s = feed->subs; s; s = s->next) send_change(s, r->mem, meta, &r->rows[i], cursor);
        end_changed(feed, meta, &r->rows[i]);
    }
    pthread_mutex_unlock(&feed->lock);
    if (drops) session_cache_drop(feed->store); /* another process may have changed who may do what */
}

static void tick(Feed *feed, Arena *mem)
{
    int64_t now = mono_ms(), pause = TICK_MS;

    pthread_mutex_lock(&feed->lock);
    pause += (int64_t)feed->n_subs / 3;
    if (is_any(feed->dirty) && now - feed->ticked_ms >= (pause < TICK_MAX ? pause : TICK_MAX)) {
        owe_ticks(feed);
        feed->ticked_ms = now;
    }
    if (feed->is_owing) send_ticks(feed, mem, cursor_text(mem, feed->cursor));
    pthread_mutex_unlock(&feed->lock);
}

/* --- who listens --------------------------------------------------------------------------------------------------- */

typedef struct Caller {
    const Sub *sub;
    Str credential;
    bool is_key, is_gone;
} Caller;

typedef struct Callers {
    Store *store;
    Arena *mem;
    Caller *p;
    size_t n;
} Callers;

static Err *check_callers(DbConn *c, void *arg)
{
    Callers *all = arg;
    Ctx cx = ctx_system(all->store, all->mem, c);
    Actor *actor;

    for (size_t i = 0; i < all->n; i++) {
        Caller *caller = &all->p[i];
        Err *e = caller->is_key ? actor_of_key(&cx, caller->credential, &actor)
                                : actor_of_session(&cx, caller->credential, &actor);
        if (e && e->code != ERR_DENIED) return e;
        caller->is_gone = e != NULL;
    }
    return NULL;
}

static void list_callers(Feed *feed, Callers *all)
{
    size_t n = 0;

    pthread_mutex_lock(&feed->lock);
    for (const Sub *s = feed->subs; s; s = s->next) n++;
    all->p = NEW_N(all->mem, Caller, n + 1);
    for (const Sub *s = feed->subs; s; s = s->next)
        all->p[all->n++] = (Caller){s, str_copy(all->mem, str_c(s->credential)), s->is_key, false};
    pthread_mutex_unlock(&feed->lock);
}

static void end_gone(Feed *feed, const Callers *all)
{
    pthread_mutex_lock(&feed->lock);
    for (Sub *s = feed->subs; s; s = s->next)
        for (size_t i = 0; i < all->n; i++)
            if (all->p[i].sub == s && all->p[i].is_gone && str_eq_c(all->p[i].credential, s->credential))
                http_stream_end(s->stream);
    pthread_mutex_unlock(&feed->lock);
}

/* Every two seconds: the stream of one who has signed out, or may not sign in any more, ends. */
static void check_listeners(Feed *feed)
{
    int64_t now = mono_ms();
    Callers all = {.store = feed->store};

    if (now - feed->checked_ms < CHECK_MS) return;
    feed->checked_ms = now;
    all.mem = arena_new(0);
    list_callers(feed, &all);
    Err *e = all.n ? db_read(feed->store->db, all.mem, check_callers, &all) : NULL;
    if (e)
        log_line(LOG_WARN, "feed", "error=%.*s", SFMT(log_quote(all.mem, err_text(all.mem, e))));
    else
        end_gone(feed, &all);
    arena_free(all.mem);
}

/* --- the thread ------------------------------------------------------------------------------------------------------ */

/* Waits for a commit, for owed ticks, or (on a shared database) a little; false at the end. */
static bool wait_for_news(Feed *feed)
{
    bool is_shared = db_can(feed->store->db, DB_CAP_SHARED);

    pthread_mutex_lock(&feed->lock);
    bool is_timed = is_any(feed->dirty) || is_shared;
    if (!feed->is_woken && !feed->is_stopping && !feed->is_owing) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        int64_t ms = is_timed ? TICK_MS : feed->subs ? CHECK_MS : 60000;
        until.tv_sec += ms / 1000;
        until.tv_nsec += ms % 1000 * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        pthread_cond_timedwait(&feed->woken, &feed->lock, &until);
    }
    bool goes_on = !feed->is_stopping;
    feed->is_woken = false;
    pthread_mutex_unlock(&feed->lock);
    return goes_on;
}

/* Where to read on; false while nobody listens and nobody else writes. */
static bool begin_read(Feed *feed, LogRead *r)
{
    pthread_mutex_lock(&feed->lock);
    bool is_wanted = feed->subs || db_can(feed->store->db, DB_CAP_SHARED);
    if (!is_wanted) feed->is_behind = true;
    r->cursor = feed->cursor;
    pthread_mutex_unlock(&feed->lock);
    return is_wanted;
}

/* The company has changed, here or in another process. */
static void reload_company(Feed *feed)
{
    if (!atomic_exchange(&feed->store->company_is_stale, false)) return;
    Arena *mem = arena_new(1u << 20);
    Err *e = store_reload(feed->store, mem);
    if (e) {
        feed->store->company_is_stale = true;
        log_line(LOG_WARN, "feed", "error=%.*s", SFMT(log_quote(mem, err_text(mem, e))));
    }
    arena_free(mem);
    session_cache_drop(feed->store); /* people without a zone of their own have the company's */
}

static Str meta_event(Arena *mem, int64_t generation)
{
    return str_fmt(mem, "event: meta\ndata: {\"generation\":%lld}\n\n", (long long)generation);
}

static void tell_generation(Feed *feed, Arena *mem)
{
    int64_t generation = atomic_load(&feed->store->generation);

    if (generation == feed->generation) return;
    feed->generation = generation;
    pthread_mutex_lock(&feed->lock);
    for (Sub *s = feed->subs; s; s = s->next)
        if (!s->is_closed) http_stream_send(s->stream, meta_event(mem, generation));
    pthread_mutex_unlock(&feed->lock);
}

/* The metadata has changed, here or in another process. */
static void reload_meta(Feed *feed)
{
    Arena *mem = arena_new(0);
    Err *e = layer_refresh(feed->store, mem, feed->is_meta_stale);

    feed->is_meta_stale = e && feed->is_meta_stale;
    if (e) log_line(LOG_WARN, "feed", "error=%.*s", SFMT(log_quote(mem, err_text(mem, e))));
    tell_generation(feed, mem);
    arena_free(mem);
}

static void pump(Feed *feed)
{
    LogRead r = {.feed = feed};

    reload_company(feed);
    reload_meta(feed);
    if (!begin_read(feed, &r)) return;
    Arena *mem = r.mem = arena_new(64u << 20);
    do {
        Err *e = db_read(feed->store->db, mem, read_log, &r);
        if (e) {
            log_line(LOG_WARN, "feed", "error=%.*s", SFMT(log_quote(mem, err_text(mem, e))));
            break;
        }
        if (r.n) tell(feed, &r);
    } while (r.n == READ_MAX);
    tick(feed, mem);
    arena_free(mem);
    reload_company(feed);
    reload_meta(feed);
}

static void *feed_main(void *arg)
{
    Feed *feed = arg;

    pthread_setname_np(pthread_self(), "kith-feed");
    while (wait_for_news(feed)) {
        pump(feed);
        check_listeners(feed);
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS},
                  NULL); /* commits that come together are read together */
    }
    return NULL;
}

static void on_commit(void *arg)
{
    Feed *feed = arg;

    pthread_mutex_lock(&feed->lock);
    feed->is_woken = true;
    pthread_cond_signal(&feed->woken);
    pthread_mutex_unlock(&feed->lock);
}

Err *feed_start(Api *api, Feed **out)
{
    Feed *feed = NEW(api->mem, Feed);
    LogRead r = {.feed = feed, .mem = api->mem};
    pthread_condattr_t attr;

    feed->store = api->store;
    TRY(db_read(api->store->db, api->mem, read_end, &r));
    feed->cursor = r.cursor;
    feed->generation = atomic_load(&feed->store->generation);
    pthread_mutex_init(&feed->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&feed->woken, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&feed->thread, NULL, feed_main, feed))
        FAIL(api->mem, ERR_UNAVAILABLE, "error.http.start", "no thread for the feed");
    store_listen(api->store, on_commit, feed);
    *out = feed;
    return NULL;
}

void feed_stop(Feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    feed->is_stopping = true;
    pthread_cond_signal(&feed->woken);
    pthread_mutex_unlock(&feed->lock);
    pthread_join(feed->thread, NULL); /* a job may still tell of its commit: lock and condition stay */
}

/* --- subscribing ----------------------------------------------------------------------------------------------------- */

typedef struct Watch {
    const Object *obj;
    Id id;
    int64_t version;
    bool is_visible;
} Watch;

typedef struct FeedIn {
    Watch *watches;
    size_t n;
    Cursor end; /* of the log when the versions were read */
    uint8_t objects[N_OBJECTS / 8];
    bool has_seen; /* the tab says up to where it knows the log */
    Cursor seen;
    uint8_t news[N_OBJECTS / 8]; /* objects that have changed since */
} FeedIn;

static Err *bad_watch(Arena *mem, Str text, const char *param)
{
    return err_arg(
        err_field(err_new(mem, ERR_INVALID, "error.object.unknown", "%.*s", SFMT(text)), str_c(param)), 0,
        text);
}

static Err *parse_watch(Req *rq, FeedIn *in)
{
    Str rest = rq_arg(rq, "watch");

    in->watches = NEW_N(rq->mem, Watch, WATCH_MAX);
    while (rest.n) {
        Str pair = str_trim(str_cut(&rest, ',')), id = pair;
        Watch *w = &in->watches[in->n];
        w->obj = meta_object(rq->cx.meta, str_cut(&id, ':'));
        if (!w->obj || w->obj->is_internal || !id_parse(id, &w->id)) return bad_watch(rq->mem, pair, "watch");
        if (++in->n == WATCH_MAX) break;
    }
    return NULL;
}

static Err *parse_feed(Req *rq, Ctx *cx)
{
    FeedIn *in = NEW(rq->mem, FeedIn);
    Str rest = rq_arg(rq, "objects");

    rq->in = in;
    TRY(parse_watch(rq, in));
    in->has_seen = cursor_parse(http_header(rq->http, "Last-Event-ID"), &in->seen) ||
                   cursor_parse(rq_arg(rq, "after"), &in->seen);
    while (rest.n) {
        Str name = str_trim(str_cut(&rest, ','));
        const Object *obj = meta_object(cx->meta, name);
        if (!obj || obj->is_internal) return bad_watch(rq->mem, name, "objects");
        if (rights_may(cx, obj, VERB_READ)) bit_set(in->objects, obj->number);
    }
    return NULL;
}

/* Which of the watched records he may see, and their versions: one statement an object. */
static Err *find_visible(Ctx *cx, const Object *obj, FeedIn *in)
{
    Id *ids = NEW_N(cx->mem, Id, in->n);
    size_t *places = NEW_N(cx->mem, size_t, in->n), n = 0;
    int64_t *versions = NEW_N(cx->mem, int64_t, in->n);

    for (size_t i = 0; i < in->n; i++) {
        if (in->watches[i].obj != obj) continue;
        places[n] = i;
        ids[n++] = in->watches[i].id;
    }
    if (!n) return NULL;
    TRY(record_versions(cx, obj, ids, n, versions));
    for (size_t i = 0; i < n; i++) {
        in->watches[places[i]].is_visible = versions[i] != 0;
        in->watches[places[i]].version = versions[i];
    }
    return NULL;
}

/* Of more than is read at once, or of another life of the database, everything may have changed. */
static Err *find_news(Ctx *cx, FeedIn *in)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows = NULL;
    size_t n = 0;

    if (!in->has_seen) return NULL;
    sql_text(&q, "SELECT object");
    change_next(cx, &q, in->seen, READ_MAX);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (bool has = true;; n++) {
        TRY(db_next(rows, &has));
        if (!has) break;
        bit_set(in->news, (unsigned)db_i64(rows, 0));
    }
    if (n == READ_MAX || in->seen.epoch != in->end.epoch) memset(in->news, 0xff, sizeof in->news);
    return NULL;
}

static Err *run_find(Req *rq, Ctx *cx)
{
    TRY(change_last(cx, &((FeedIn *)rq->in)->end));
    TRY(find_news(cx, rq->in));
    for (size_t i = 0; i < cx->meta->n_objects; i++) TRY(find_visible(cx, cx->meta->objects[i], rq->in));
    return NULL;
}

static void sub_closed(void *arg)
{
    Sub *sub = arg;
    Feed *feed = sub->feed;

    pthread_mutex_lock(&feed->lock);
    for (Sub **at = &feed->subs; *at; at = &(*at)->next)
        if (*at == sub) {
            *at = sub->next;
            feed->n_subs--;
            break;
        }
    sub->is_closed = true;
    HttpStream *stream = sub->stream;
    pthread_mutex_unlock(&feed->lock);
    http_stream_close(stream);
    free(sub->ids);
    free(sub->credential);
    free(sub);
}

static Sub *sub_new(Feed *feed, const Req *rq, const FeedIn *in)
{
    Sub *sub = calloc(1, sizeof *sub);

    REQUIRE(sub != NULL);
    sub->feed = feed;
    sub->is_key = !rq->token.n;
    Str credential = sub->is_key ? rq_bearer(rq) : rq->token;
    sub->credential = strndup(credential.n ? credential.p : "", credential.n);
    REQUIRE(sub->credential != NULL);
    sub->user = rq->cx.actor->user;
    sub->role = rq->cx.actor->role;
    sub->ids = calloc(in->n + 1, sizeof *sub->ids);
    REQUIRE(sub->ids != NULL);
    for (size_t i = 0; i < in->n; i++)
        if (in->watches[i].is_visible) sub->ids[sub->n_ids++] = in->watches[i].id;
    qsort(sub->ids, sub->n_ids, sizeof *sub->ids, cmp_ids);
    memcpy(sub->objects, in->objects, sizeof sub->objects);
    return sub;
}

/* What changed between the answers a tab shows and the opening of its stream, or while it was broken. */
static Str catch_up(Req *rq, const FeedIn *in)
{
    Buf b = buf_new(rq->mem, 60000);
    char id[ID_TEXT + 1];

    buf_addf(&b, "id: %.*s\n", SFMT(cursor_text(rq->mem, in->end)));
    buf_add(&b, meta_event(rq->mem, rq->cx.meta->generation));
    for (size_t i = 0; i < in->n; i++) {
        if (!in->watches[i].is_visible) continue;
        id_format(in->watches[i].id, id);
        buf_addf(&b, "event: change\ndata: {\"object\":\"%.*s\",\"id\":\"%s\",\"version\":%lld}\n\n",
                 SFMT(in->watches[i].obj->name), id, (long long)in->watches[i].version);
    }
    for (size_t i = 0; i < rq->cx.meta->n_objects; i++) {
        const Object *obj = rq->cx.meta->objects[i];
        if (bit_has(in->objects, obj->number) && bit_has(in->news, obj->number))
            buf_addf(&b, "event: tick\ndata: {\"object\":\"%.*s\"}\n\n", SFMT(obj->name));
    }
    return buf_str(&b);
}

static void add_sub(Feed *feed, Sub *sub, Cursor end)
{
    pthread_mutex_lock(&feed->lock);
    if (!feed->subs && feed->is_behind) {
        feed->cursor = end;
        feed->is_behind = false;
    }
    sub->next = feed->subs;
    feed->subs = sub;
    feed->n_subs++;
    pthread_mutex_unlock(&feed->lock);
    on_commit(feed); /* what was committed meanwhile */
}

/* The request may be gone as soon as its stream is open, and with it the arena. */
static Err *run_open(Req *rq, Ctx *cx)
{
    Feed *feed = rq->api->feed;
    const FeedIn *in = rq->in;
    Sub *sub = sub_new(feed, rq, in);
    Cursor end = in->end;
    Str news = in->has_seen ? catch_up(rq, in) : (Str){0};
    char *copy = news.n ? strndup(news.p, news.n) : NULL;

    (void)cx;
    HttpStream *stream = sub->stream = http_stream_open(rq->http);
    if (copy) http_stream_send(stream, (Str){copy, news.n});
    free(copy);
    add_sub(feed, sub, end);
    http_stream_on_close(stream, sub_closed, sub);
    return NULL;
}

const Route feed_routes[] = {
    {.method = "GET",
     .pattern = "/feed",
     .name = "getFeed",
     .right = RIGHT_USER,
     .params = "watch objects after",
     .parse = parse_feed,
     .is_stream = true,
     .steps = {{WHERE_READ, run_find}, {WHERE_HERE, run_open}}},
    {0},
};
