/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How large a body may be, said when its headers have come: files go to disk up to a setting, all else to memory.  More than a
   body of memory is taken only from who is signed in: of anybody else it is read and forgotten, and he is told why. */
#include "api/state.h"

#include "base/limits.h"
#include "core/session.h"

static uint64_t limit_of(const Store *store, const HttpRequest *http)
{
    if (!str_eq(http->method, S("POST"))) return 0;
    if (str_eq(http->path, S("/api/v1/import_runs:upload"))) return store->limit_import;
    return str_eq(http->path, S("/api/v1/files")) ? store->limit_file : 0;
}

typedef struct Caller {
    Store *store;
    const HttpRequest *http;
    Arena *mem;
} Caller;

static Err *find_caller(DbConn *c, void *arg)
{
    const Caller *caller = arg;
    Str header = http_header(caller->http, "Authorization"),
        token = http_cookie(caller->http, "kith_session");
    Ctx cx = ctx_system(caller->store, caller->mem, c);
    Actor *actor;

    if (str_starts(header, S("Bearer "))) return actor_of_key(&cx, str_trim(str_from(header, 7)), &actor);
    return actor_of_session(&cx, token, &actor);
}

static bool is_known(Store *store, const HttpRequest *http)
{
    Caller caller = {store, http, arena_new(1u << 20)};
    bool is_here = db_can(store->db, DB_CAP_INLINE_READ);
    Err *e = is_here ? db_read_inline(store->db, caller.mem, find_caller, &caller)
                     : db_read(store->db, caller.mem, find_caller, &caller);
    bool is_good = e == NULL;

    arena_free(caller.mem);
    return is_good;
}

void api_room(const HttpRequest *http, void *arg, HttpRoom *out)
{
    const Api *api = arg;
    uint64_t limit = limit_of(api->store, http);
    Str said = http_header(http, "Content-Length");
    int64_t length;

    if (!limit) return;
    bool is_small = said.n && str_to_i64(said, &length) && length >= 0 && length <= (int64_t)LIMIT_BODY;
    out->max = limit;
    out->is_file = true;
    out->is_dropped = !is_small && !is_known(api->store, http);
}
