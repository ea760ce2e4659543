/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* National numbering plans, as far as a CRM needs them: what can be a number, and how people write it.
 *
 * `numbers` is a list of "prefix:length" or "prefix:min-max" of the national number; `groups` a list of "prefix=groups",
 * the first that fits wins, "3 3-2-2" being digits and what stands between them and "*" the rest.  In a prefix Z is 1-9,
 * N 2-9 and X any digit; an empty one fits all. */
typedef struct PhonePlan {
    const char *country;
    const char *code;   /* without "+" */
    const char *trunk;  /* what stands before a national number at home, alternatives by '|' */
    const char *abroad; /* what is dialled for "+", beside 00 */
    const char *numbers;
    const char *groups; /* NULL: by threes */
} PhonePlan;

/** Several countries may share a code; the narrower plan comes first. */
const PhonePlan *phone_plans(size_t *n);
/** `digits` begins with `prefix`. */
bool phone_prefix_fits(Str prefix, Str digits);
/** `national` can be a number of the plan. */
bool phone_plan_holds(const PhonePlan *plan, Str national);
/** Country among those of +1 by its area code. */
const char *phone_nanp_country(Str national);
