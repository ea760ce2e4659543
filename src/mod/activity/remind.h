/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* Reminders of activities. */

/** When somebody gives a time but no reminder, one before it; when the time moves and the reminder is left, both move. */
void remind_default(const Ctx *cx, Record *rec, const Record *before);
/** Arranges the notices at the reminder and when it is due, where these have come or changed. */
MUST_CHECK Err *remind_plan(Ctx *cx, const Record *rec, const Record *before);
/** Job of it: tells who is responsible then, unless it is done, or has been moved. */
Err *remind_job(Store *store, Arena *mem, Id job, const Val *arg);
