/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/spine.h"

/** Answers with the caller's own user record, settings, rights and company. */
MUST_CHECK Err *reply_me(Req *rq, Ctx *cx, int status);
/** The context in which the caller changes what is his own: the rights of the system, his name in the log. */
Ctx ctx_own(const Ctx *cx, Actor *room);
