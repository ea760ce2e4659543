/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

#include <sys/socket.h>

/* Where a webhook may reach: never, unless the server allows it, what is near the server instead of in the internet. */

/** Whether `address` is not one of the public internet: private, loopback, link-local (where clouds keep their metadata),
    shared (CGNAT), multicast, reserved, for documentation, or an IPv6 form of such an IPv4 address. */
bool address_is_private(const struct sockaddr *address);

/** Whether `url` may be saved: https (http too with `allow_http`), a host, nobody's name and password in it, and, without
    `allow_private`, no private address written out and no localhost.  INVALID with field `url`: {error.webhook.url},
    {error.webhook.http}, {error.webhook.login}, {error.webhook.private}. */
MUST_CHECK Err *webhook_url_check(Arena *mem, Str url, bool allow_http, bool allow_private);
