/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/map.h"
#include "core/compile.h"
#include "core/module.h"

/* Inside territories: the rules and who uses them. */
typedef struct Claim {
    Id id;
    Str source;
    CelNode *tree; /* checked, BOOL over account */
    int64_t priority, depth, effective_on;
    bool has_day;
} Claim;

typedef struct Claims {
    Claim *p;
    size_t n, cap;
    bool is_waiting; /* some rule counts from a later day only */
} Claims;

/** The rules that count on `day`, strongest first.  INVALID{rule} when one is no condition over accounts any more. */
MUST_CHECK Err *territory_rules(Ctx *cx, int64_t day, Claims *rules);
/** Appends "CASE WHEN rule THEN id ... END" over accounts at alias t0. */
MUST_CHECK Err *territory_case(Ctx *cx, Sql *q, const Claims *rules);

/** Hooks: core/module.h. */
Err *tree_before(Ctx *cx, Record *rec, const Record *before);
Err *territory_before(Ctx *cx, Record *rec, const Record *before);
Err *territory_after(Ctx *cx, Record *rec, const Record *before);
Err *territory_of_account(Ctx *cx, Record *rec, const Record *before);
Err *territory_to_deals(Ctx *cx, Record *rec, const Record *before);
Err *territory_of_deal(Ctx *cx, Record *rec, const Record *before);

/** Reports {day}: which accounts would move by the rules of a day; and the job that moves them, undone as one batch. */
Err *territory_preview(Ctx *cx, const Val *args, Val *out);
Err *territory_apply(Ctx *cx, const Val *args, Val *out);
/** Report {id}: an account with all that belong to it. */
Err *account_hierarchy(Ctx *cx, const Val *args, Val *out);
/** Job "territory.assign". */
Err *territory_assign(Store *store, Arena *mem, Id job, const Val *arg);
