/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Start and stop of the server: routes checked, readers opened, feed running, then the port. */
#include "api/state.h"

#include "base/limits.h"

#include <unistd.h>

static Str host_of(Str url)
{
    ptrdiff_t at = str_find(url, S("://"));
    Str rest = at >= 0 ? str_from(url, (size_t)at + 3) : url;

    return str_cut(&rest, '/');
}

static bool is_loopback(Str listen)
{
    return str_starts(listen, S("127.")) || str_starts(listen, S("localhost")) ||
           str_starts(listen, S("[::1]"));
}

static Err *open_readers(Arena *mem, Store *store, unsigned loops)
{
    if (!db_can(store->db, DB_CAP_INLINE_READ)) return NULL;
    for (unsigned i = 0; i < loops; i++) TRY(db_thread_open(store->db, mem));
    return NULL;
}

Err *api_start(Arena *mem, Store *store, const HttpOptions *options, Api **out)
{
    Api *api = NEW(mem, Api);
    HttpOptions http = *options;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    api->mem = mem;
    api->store = store;
    api->public_host = store->public_url.n ? host_of(store->public_url) : (Str){0};
    api->is_public_secure = str_starts(store->public_url, S("https://"));
    api->is_loopback = is_loopback(http.listen);
    if (!http.loops) http.loops = cores > 0 ? (unsigned)cores : 1;
    http.handler = api_serve;
    http.room = api_room;
    http.arg = api;
    http.folder = store->dir;
    lang_load();
    TRY(routes_check(mem, store));
    TRY(open_readers(mem, store, http.loops));
    TRY(feed_start(api, &api->feed));
    Err *e = http_start(mem, &http, &api->http);
    if (e) feed_stop(api->feed);
    *out = e ? NULL : api;
    return e;
}

unsigned api_port(const Api *api)
{
    return http_port(api->http);
}

Err *api_reload(Api *api, Arena *mem)
{
    return http_reload_tls(api->http, mem);
}

void api_stop(Api *api)
{
    http_stop(api->http, 10000);
    feed_stop(api->feed);
}
