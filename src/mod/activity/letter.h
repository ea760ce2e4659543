/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* What people are told by e-mail: a notice at once, and the digest of a day. */

/** Sends `notice` to `person` (a user) in his language. */
MUST_CHECK Err *letter_of_notice(Ctx *cx, const Record *person, const Record *notice);

/** Whether `person` wants the daily digest: of what kinds of notices, or of his work alone. */
bool digest_is_wanted(const Record *person);
/** Arranges the next digest of `user`: at his next working morning. */
MUST_CHECK Err *digest_plan(Ctx *cx, Id user);
/** The same for everybody: when the program starts. */
MUST_CHECK Err *digests_plan(Store *store, Arena *mem);
Err *digest_job(Store *store, Arena *mem, Id job, const Val *arg);
