/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/spine.h"

#include <pthread.h>
#include <stdatomic.h>

/* Inside api: what lives as long as the server. */

typedef struct Feed Feed;

struct Api {
    Arena *mem;
    Store *store;
    HttpServer *http;
    Feed *feed;
    Str public_host; /* "crm.example.com:8443" of --public-url; empty: any */
    bool is_public_secure, is_loopback;
    _Atomic int64_t by_status[6]; /* replies by hundreds of their status */
    _Atomic int64_t busy_us;
};

/** What HttpOptions.room asks; `arg` is the Api. */
void api_room(const HttpRequest *http, void *arg, HttpRoom *out);

/** Loads the texts for people; once. */
void lang_load(void);
/** The language of an Accept-Language header, or `otherwise`. */
Lang lang_accepted(Str header, Lang otherwise);

/** A file of the browser application, or its index page for any path of it. */
void web_reply(Req *rq);

MUST_CHECK Err *feed_start(Api *api, Feed **out);
void feed_stop(Feed *feed);
