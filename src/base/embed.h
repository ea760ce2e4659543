/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/** A file carried inside the binary.  `path` is relative: "mod/party/account.yaml", "core/search.sql" (as under
 *  src/), "lang/en.yaml", "web/index.html" (as under web/dist/).  `data` is gzip when `is_gzip`; otherwise
 *  a zero byte that `size` does not count follows it.  `etag` is in quotes, as the header wants it. */
typedef struct Embed {
    const char *path;
    const unsigned char *data;
    size_t size;
    bool is_gzip;
    const char *etag;
    const char *mime;
} Embed;

/** The file of that path, or NULL. */
const Embed *embed_find(Str path);

/** All files, sorted by path; `*n` is how many. */
const Embed *embed_all(size_t *n);

/* The generated table (tools/embed). */
extern const Embed embed_table[];
extern const size_t embed_count;
