/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/calendar.h"

/* Inside sales: who gets a lead.  The same steps decide a new lead, pass on one that nobody has answered, and replay the leads
   of a month. */

typedef enum AssignHow { ASSIGN_USER, ASSIGN_ROUND_ROBIN, ASSIGN_WEIGHTED, ASSIGN_LEAST_OPEN } AssignHow;
typedef enum AssignOut {
    OUT_NOT,
    OUT_INACTIVE,
    OUT_NO_WEIGHT,
    OUT_EXCLUDED,
    OUT_ABSENT,
    OUT_CLOSED
} AssignOut;

typedef struct AssignMember {
    Id user;
    Str name;
    bool is_active;
    int64_t weight;
    int64_t turn; /* smooth weighted round robin: the highest is next */
    int64_t open; /* leads in work */
    int64_t got;  /* in a simulation */
    AssignOut out;
    WorkCalendar calendar;
    bool has_calendar;
} AssignMember;

typedef struct AssignRule {
    Id id;
    Str name;
    CelNode *condition; /* NULL: all leads */
    AssignHow how;
    bool only_working;
    AssignMember *members;
    size_t n;
    AssignMember fallback; /* user 0: none */
    int64_t reassign_after, reassign_max;
    int64_t matched; /* in a simulation */
} AssignRule;

typedef struct AssignChoice {
    AssignRule *rule;
    AssignMember *member; /* NULL: nobody */
    bool is_fallback;
} AssignChoice;

/** Active rules in order, and rule `also` (0: none) whether active or not; `only` that rule alone. */
MUST_CHECK Err *assign_rules(Ctx *cx, Id also, Id only, AssignRule **out, size_t *n);
MUST_CHECK Err *assign_meets(Ctx *cx, const AssignRule *rule, const Record *lead, bool *out);
/** Whose turn it is at `at` (ms) among who may, but for `excluded` (0: nobody), and gives him the turn. */
MUST_CHECK Err *assign_choose(Ctx *cx, AssignRule *rule, int64_t at, Id excluded, AssignChoice *out);
/** Chooses by `rule` for good and gives `next`, a change of a lead that knows its `assignments`, to whom it chose; false:
    there is nobody. */
MUST_CHECK Err *assign_give(Ctx *cx, AssignRule *rule, Id excluded, Record *next, bool *out);
/** Why, for people. */
Str assign_why(Ctx *cx, const AssignChoice *choice, Lang lang);
