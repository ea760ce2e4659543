/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/spine.h"

/** Adds the session cookie; an empty token takes it away. */
void reply_cookie(Req *rq, Str token);
/** Answers as GET /me does for `user`, who has just signed in with `token`. */
MUST_CHECK Err *reply_signed_in(Req *rq, Ctx *cx, Id user, Str token);
/** The session's token in the cookie; empty when there is none.  Over HTTPS only a cookie that no other host and no plain
    HTTP can have set (`__Host-`) counts. */
Str session_cookie(const HttpRequest *http);
/** A line of the log about signing in, rights or secrets, with who, whom and from where; to be called after the commit. */
void security_event(const Req *rq, const char *event, Id about);
