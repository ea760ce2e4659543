/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/job.h"
#include "core/query.h"
#include "mod/sales/sales.h"

/* What the files of this module share: hooks (core/module.h says when they run) and functions of actions, which
   sales.c puts into its tables. */

/** Whether a write gives `field` another value than it had; a creation changes every field. */
bool sales_changed(const Record *rec, const Record *before, const char *field);

Err *stage_fill(Ctx *cx, Record *rec, const Record *before);
Err *deal_before(Ctx *cx, Record *rec, const Record *before);
Err *deal_after(Ctx *cx, Record *rec, const Record *before);
Err *line_before(Ctx *cx, Record *rec, const Record *before);
Err *lead_before(Ctx *cx, Record *rec, const Record *before);
Err *quota_before(Ctx *cx, Record *rec, const Record *before);
Err *forecast_change_before(Ctx *cx, Record *rec, const Record *before);
Err *lead_after(Ctx *cx, Record *rec, const Record *before);

/** Parameters: account, create_deal, deal_name, amount, contact, as_person. */
Err *lead_convert(Ctx *cx, Record *lead, const Val *params, Val *out);
/** What conversion might attach to, the surest first: {accounts, contacts}, each a list of {object, id, label, score, fields}.
    Parameters: as_person. */
Err *lead_matches(Ctx *cx, Record *lead, const Val *params, Val *out);
/** Gives a new lead without a responsible person to whom the rules say. */
MUST_CHECK Err *lead_assign(Ctx *cx, Record *rec);
/** After a write: notes when an assigned lead is to be passed on unless it is answered. */
MUST_CHECK Err *lead_watch(Ctx *cx, const Record *rec, const Record *before);
/** Job of it. */
Err *lead_reassign(Store *store, Arena *mem, Id job, const Val *arg);
Err *assignment_rule_before(Ctx *cx, Record *rec, const Record *before);
/** Parses and checks a condition over leads; NULL for an empty one.  INVALID of cel. */
MUST_CHECK Err *assign_condition(Ctx *cx, Str text, CelNode **out);
/** Replays the leads of a time by a job: {operation}.  Parameters: from, to (days, both counted; the last thirty days). */
Err *assignment_rule_simulate(Ctx *cx, Record *rule, const Val *params, Val *out);
Err *assignment_simulate(Store *store, Arena *mem, Id job, const Val *arg);
/** Job: leads that were put off and whose day has come are new again, with a task for their responsible person. */
Err *lead_recycle(Store *store, Arena *mem, Id job, const Val *arg);
