/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"
#include "core/store.h"
#include "http/http.h"

/* Where HTTP meets CRM: the request spine, the routes, the live feed, the pages of the browser application. */
typedef struct Api Api;

/** Checks the routes, opens a reader for each server thread, starts the feed and listens; `http` without handler.  With
    store->public_url requests for another Host are refused. */
MUST_CHECK Err *api_start(Arena *mem, Store *store, const HttpOptions *http, Api **out);
unsigned api_port(const Api *api);
/** Reads the certificate again (http_reload_tls). */
MUST_CHECK Err *api_reload(Api *api, Arena *mem);
/** Lets running requests finish, ends the streams, stops the threads. */
void api_stop(Api *api);

/** The work this layer leaves to jobs: mass changes of more than LIMIT_BATCH records. */
extern const Module mod_api;

/** Plans the next look into the drop folders; none without store->drop_root. */
MUST_CHECK Err *drop_schedule(Store *store, Arena *mem);

/** Writes the OpenAPI 3.1 document of this installation as `cx`'s actor may use it. */
void openapi_write(Ctx *cx, Buf *out);

/** The message `key` in `lang`, its {0} {1} filled from `args`; the key itself when there is none. */
Str lang_text(Arena *mem, Lang lang, Str key, const Str *args, size_t n);
