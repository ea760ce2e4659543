/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"
#include "mod/sales/buying.h"

/* Inside signals: what finding them and working on them share. */

typedef struct SignalRule {
    Id id;
    Str kind, sign, object, reason, next_step;
    CelNode *condition;
    int64_t days, percent; /* percent of 4 places */
} SignalRule;

/* What a rule has found, or what somebody says himself. */
typedef struct Finding {
    const SignalRule *rule;
    Id account, owner, about;
    uint16_t about_object;
    Str family;
    const Buyer *buyer; /* NULL: not by purchases */
    int64_t value;      /* money of 4 places in the company's currency */
    Str record;         /* label of the record */
    int64_t day;        /* a day that matters: due, end */
} Finding;

/** Rules that are switched on, in order; with `kind` those of that kind, whether on or off. */
MUST_CHECK Err *signal_rules(Ctx *cx, Str kind, SignalRule **out, size_t *n);
/** A record of object signal, not stored yet. */
Record *signal_made(Ctx *cx, const Finding *f);
