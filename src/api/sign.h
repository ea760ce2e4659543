/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/spine.h"

/** Adds the session cookie; an empty token takes it away. */
void reply_cookie(Req *rq, Str token);
/** Answers as GET /me does for `user`, who has just signed in with `token`. */
MUST_CHECK Err *reply_signed_in(Req *rq, Ctx *cx, Id user, Str token);
