/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server process: store, jobs, HTTP, socket; ends on SIGTERM. */
#include "app/serve.h"

#include "api/api.h"
#include "app/backup.h"
#include "app/socket.h"
#include "base/decimal.h"
#include "base/log.h"
#include "core/export/export.h"
#include "core/job.h"
#include "core/secret.h"
#include "core/session.h"
#include "db/lock.h"
#include "mod/activity/activity.h"
#include "svc/webhook.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RENEW_SECONDS 60
#define SWEEP_MINUTES 60
#define DAY_MS        (24 * 60 * 60 * INT64_C(1000))

typedef struct Parts {
    Store *store;
    JobRunner *jobs;
    Api *api;
    SocketServer *socket;
    Webhooks *webhooks;
} Parts;

static Err *open_or_make(Arena *mem, const StoreOptions *opt, Store **out)
{
    Err *e = store_open(mem, opt, out);

    if (e && e->code == ERR_NOT_FOUND && str_eq(e->key, S("error.store.empty")))
        return store_init(mem, opt, NULL, out);
    return e;
}

typedef struct Setup {
    Store *store;
    Arena *mem;
    Str token;
} Setup;

/* The first administrator is made by whoever has this link. */
static Err *setup_link(DbConn *c, void *arg)
{
    Setup *setup = arg;
    Ctx cx = ctx_system(setup->store, setup->mem, c);
    Val users;

    TRY(db_one(cx.mem, c, S("SELECT count(*) FROM \"user\" WHERE deleted_at IS NULL AND may_sign_in = 1"),
               NULL, 0, &users));
    return users.i ? NULL : link_add(&cx, S("setup"), 0, 24, &setup->token);
}

/* SQLite's folder is locked with its database.  Over PostgreSQL the folder still holds a socket and the site's files: one
   server a folder there too.  The lock ends with the process. */
static Err *own_folder(Arena *mem, const StoreOptions *opt)
{
    int fd;

    return opt->db.url.n ? lock_folder(mem, opt->db.dir, &fd) : NULL;
}

static Err *drop_settings(Store *store, Arena *mem, const Config *config)
{
    uint8_t places = 0;
    int64_t seconds = 0;

    store->drop_root = config->value[CONFIG_DROP_ROOT];
    bool is_good = decimal_parse(config->value[CONFIG_DROP_EVERY], &seconds, &places) &&
                   decimal_rescale(seconds, places, 3, &store->drop_every);
    if (!is_good || store->drop_every < 100 || store->drop_every > DAY_MS)
        FAIL(mem, ERR_INVALID, "error.usage", "--drop-every is a number of seconds, at least 0.1");
    return drop_schedule(store, mem);
}

static Err *read_hours(Arena *mem, Str text, int64_t *out)
{
    if (str_to_i64(text, out) && *out >= 1 && *out <= 8760) return NULL;
    FAIL(mem, ERR_INVALID, "error.config.hours", "session.hours: %.*s is no number from 1 to 8760",
         SFMT(text));
}

static Err *start_webhooks(Arena *mem, const Config *config, Parts *p)
{
    WebhookOptions opt = {.schedule = config->value[CONFIG_TEST_WEBHOOKS]};

#if !KITH_TEST_HOOKS
    if (opt.schedule.n) FAIL(mem, ERR_INVALID, "error.usage", "--test-webhooks is not part of a release");
#endif
    return webhooks_start(p->store, mem, &opt, &p->webhooks);
}

static Err *start_parts(Arena *mem, const StoreOptions *opt, const Config *config, Parts *p)
{
    HttpOptions http = {.listen = config->value[CONFIG_LISTEN],
                        .trust_proxy = config->value[CONFIG_TRUST_PROXY],
                        .tls_cert = config->value[CONFIG_TLS_CERT],
                        .tls_key = config->value[CONFIG_TLS_KEY]};

    if (!http.tls_cert.n != !http.tls_key.n)
        FAIL(mem, ERR_INVALID, "error.usage", "--tls-cert and --tls-key go together");
    TRY(own_folder(mem, opt));
    TRY(open_or_make(mem, opt, &p->store));
    TRY(secrets_start(p->store, mem));
    p->store->public_url = config->value[CONFIG_PUBLIC_URL];
    TRY(read_hours(mem, config->value[CONFIG_SESSION_HOURS], &p->store->session_hours));
    TRY(config_size(mem, config, CONFIG_LIMIT_IMPORT, &p->store->limit_import));
    TRY(config_size(mem, config, CONFIG_LIMIT_FILE, &p->store->limit_file));
    TRY(backup_schedule(p->store, mem, config));
    TRY(drop_settings(p->store, mem, config));
    TRY(activity_schedule(p->store, mem));
    TRY(config_switch(mem, config, CONFIG_WEBHOOKS_PRIVATE, &p->store->webhooks_private));
    TRY(job_runner_start(p->store, &p->jobs));
    TRY(start_webhooks(mem, config, p));
    TRY(api_start(mem, p->store, &http, &p->api));
    return socket_serve(mem, p->store, opt->db.dir, &p->socket);
}

static void stop_parts(Parts *p)
{
    socket_stop(p->socket);
    if (p->api) api_stop(p->api);
    if (p->jobs) job_runner_stop(p->jobs);
    webhooks_stop(p->webhooks);
    if (!p->store) return;
    session_cache_drop(p->store);
    store_close(p->store);
}

static void complain(Arena *mem, const char *what, const Err *e)
{
    if (e) log_line(LOG_ERROR, what, "error=%.*s", SFMT(log_quote(mem, err_text(mem, e))));
}

static void announce(Arena *mem, const Parts *p, const Config *config)
{
    Setup setup = {p->store, mem, {0}};
    Str listen = config->value[CONFIG_LISTEN];
    size_t colon = listen.n;

    while (colon > 0 && listen.p[colon - 1] != ':') colon--;
    const char *scheme = config->value[CONFIG_TLS_CERT].n ? "https" : "http";
    Str host = colon ? str_sub(listen, 0, colon - 1) : S("127.0.0.1");
    printf("listening on %s://%.*s:%u\n", scheme, SFMT(host), api_port(p->api));
    fflush(stdout);
    Err *e = db_write(p->store->db, mem, setup_link, &setup);
    complain(mem, "no setup link", e);
    if (e || setup.token.n == 0) return;
    fprintf(stderr, "\n  Open  %s://%.*s:%u/setup?token=%.*s  to begin.\n\n", scheme, SFMT(host),
            api_port(p->api), SFMT(setup.token));
}

/* Sessions, links, counted failures and kept replies whose time is over. */
static Err *sweep(DbConn *c, void *arg)
{
    Setup *in = arg;
    Ctx cx = ctx_system(in->store, in->mem, c);
    Val day_ago = val_int(cx.now - DAY_MS);

    TRY(session_sweep(&cx));
    TRY(export_sweep(&cx));
    return db_exec(cx.mem, c, S("DELETE FROM idempotency WHERE at < ?1"), &day_ago, 1, NULL);
}

/* SIGHUP: a renewed certificate. */
static void reload(Api *api)
{
    Arena *mem = arena_new(0);
    Err *e = api_reload(api, mem);

    complain(mem, "the old certificate stays", e);
    if (!e) log_line(LOG_INFO, "certificate read again", NULL);
    arena_free(mem);
}

static void wait_for_end(Store *store, Api *api, const sigset_t *signals)
{
    struct timespec minute = {.tv_sec = RENEW_SECONDS};

    for (int minutes = 1, got; (got = sigtimedwait(signals, NULL, &minute)) < 0 || got == SIGHUP; minutes++) {
        if (got == SIGHUP) {
            reload(api);
            continue;
        }
        Arena *mem = arena_new(0);
        Setup in = {.store = store, .mem = mem};
        complain(mem, "node lease", store_renew(store, mem));
        if (minutes % SWEEP_MINUTES == 0) complain(mem, "sweep", db_write(store->db, mem, sweep, &in));
        arena_free(mem);
    }
}

Err *serve(Arena *mem, StoreOptions *opt, const Config *config)
{
    Parts parts = {0};
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* threads inherit it: only this one waits for the end */
    signal(SIGPIPE, SIG_IGN);
    Err *e = start_parts(mem, opt, config, &parts);
    if (!e) {
        announce(mem, &parts, config);
        wait_for_end(parts.store, parts.api, &signals);
    }
    stop_parts(&parts);
    return e;
}
