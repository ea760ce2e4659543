/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* What keeps work from being forgotten: repetition, the rhythm of contacts, escalation. */

/** Checks and shortens the rule of recurrence.  INVALID{repeats} for one that is not understood, or without a time. */
MUST_CHECK Err *repeat_check(Ctx *cx, Record *rec);
/** When a repeating activity is done, makes the next one, once, with its attendees; a time that is past already is passed over. */
MUST_CHECK Err *repeat_next(Ctx *cx, const Record *rec, const Record *before);
/** Invites a colleague who is put down for a meeting. */
Err *attendee_after(Ctx *cx, Record *rec, const Record *before);

/** How many days may pass between two touches of an account: by its class. */
Err *rhythm_of_account(Ctx *cx, Record *rec, const Record *before);
Err *rhythm_after(Ctx *cx, Record *rec, const Record *before);
/** Job: accounts of a class follow its rhythm. */
Err *rhythm_job(Store *store, Arena *mem, Id job, const Val *arg);

Err *escalation_rule_before(Ctx *cx, Record *rec, const Record *before);
/** Arranges the next round of escalation. */
MUST_CHECK Err *escalation_plan(Store *store, Arena *mem);
/** Job: all rules that are on, then the next round. */
Err *escalation_job(Store *store, Arena *mem, Id job, const Val *arg);
