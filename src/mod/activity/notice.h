/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* What people are told: object notice. */

/** Tells `to` of `about`, called `subject`, by the ways he has chosen for that kind; nothing when he is nobody, works here no
    longer or does it himself and `kind` is something one need not be told of one's own doing.  Of one batch a person is told
    once of a kind; that there were others is noted. */
MUST_CHECK Err *notice_make(Ctx *cx, Id to, const char *kind, Val about, Str subject, Str note);

/** Who stands above `user`: his manager, else the head of his team; 0 nobody. */
MUST_CHECK Err *manager_of(Ctx *cx, Id user, Id *out);

Err *notice_after(Ctx *cx, Record *rec, const Record *before);
Err *notice_of_approval(Ctx *cx, Record *rec, const Record *before);
Err *notice_of_import(Ctx *cx, Record *rec, const Record *before);
Err *user_notices_before(Ctx *cx, Record *rec, const Record *before);
Err *user_notices_after(Ctx *cx, Record *rec, const Record *before);
