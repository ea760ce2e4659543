/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/query.h"
#include "mod/sales/period.h"

/* Inside the reports of sales: what their files share.  A report answers {period, currency, groups, columns, data, total}.
   Each column says how its numbers were counted: {key, kind, object, filter, groups}; joined with what a row is grouped by
   that filter is the list behind the number. */

__extension__ typedef __int128 Wide;

typedef VEC(ValPair) Pairs;
void pairs_put(Ctx *cx, Pairs *pairs, const char *key, Val v);
Val pairs_map(const Pairs *pairs);

/** A condition that `field` of `obj`, a date or a time, lies in the days from `p.start` until before `p.end`. */
Str period_condition(Ctx *cx, const Object *obj, const char *field, Period p);
/** Conditions that both hold; either may be empty. */
Str both_conditions(Arena *mem, Str a, Str b);
/** `num` / `den` of `places`, half away from zero; null when it cannot be said. */
Val divided(Wide num, Wide den, uint8_t places);
/** The span of the periods that `args` name, and the one before of the same length; {period, start, end} of it for the reply. */
MUST_CHECK Err *report_period(Ctx *cx, const Val *args, Period *out, Period *before, Val *told);
/** Ids of stages in the order of pipelines and positions, with what they mean. */
typedef struct StageRank {
    Id id, pipeline;
    int64_t position;
    bool is_open, is_won;
} StageRank;
typedef VEC(StageRank) StageRanks;
MUST_CHECK Err *stage_ranks(Ctx *cx, StageRanks *out);

/** Reports: core/module.h. */
Err *period_report(Ctx *cx, const Val *args, Val *out);
Err *sales_report(Ctx *cx, const Val *args, Val *out);
Err *stages_report(Ctx *cx, const Val *args, Val *out);
Err *activity_report(Ctx *cx, const Val *args, Val *out);
Err *lead_costs_report(Ctx *cx, const Val *args, Val *out);
Err *funnel_report(Ctx *cx, const Val *args, Val *out);
Err *customers_report(Ctx *cx, const Val *args, Val *out);
