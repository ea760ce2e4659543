/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

/* Inside core: the steps of a write. */

/** Default values of fields not given; owner and team. */
MUST_CHECK Err *compute_defaults(Ctx *cx, Record *rec);
/** The sequence an autonumber field counts by on PostgreSQL; made with the tables. */
Str number_sequence(Arena *mem, const Field *f);
/** Sets the team to the responsible person's. */
MUST_CHECK Err *compute_team(Ctx *cx, Record *rec);
/** Numbers of a new record, once it is valid: counting is the first thing a creation writes. */
MUST_CHECK Err *compute_numbers(Ctx *cx, Record *rec);
/** Stored formulas of `rec` in dependency order; an error in a formula is null. */
MUST_CHECK Err *compute_formulas(Ctx *cx, Record *rec);
/** Value `v` brought to the stored form of field `f` (places, currency); null when it does not fit. */
Val compute_fit(Ctx *cx, const Field *f, Val v);
/** Amount of `money` in company currency on day `days`; null for null. INVALID{error.rate.missing} without a rate. */
MUST_CHECK Err *money_base(Ctx *cx, Val money, int64_t days, Val *out);
/** Day whose rate converts the money of `rec`: its declared date, not later than today; today when it has none. */
int64_t money_day(Ctx *cx, const Record *rec);
/** Queues a job that restates amounts when what was written is an exchange rate; either may be NULL. */
MUST_CHECK Err *restate_note(Ctx *cx, const Record *before, const Record *after);

/** All problems of `rec` at once: required, limits, options, references, rules, state machine.  `before` NULL on create. */
MUST_CHECK Err *validate_record(Ctx *cx, const Record *rec, const Record *before);

MUST_CHECK Err *row_insert(Ctx *cx, const Record *rec);
/** Writes the columns of fields that differ; the row's `valid_from` becomes now. */
MUST_CHECK Err *row_update(Ctx *cx, const Record *before, const Record *rec);

/** Notes that a record came, changed or went, for the roll-ups it feeds; one of the two may be NULL. */
MUST_CHECK Err *rollup_note(Ctx *cx, const Record *before, const Record *after);
/** Notes what is to be settled when a record came, changed or went: rollup_note asks it. */
void settle_note(Ctx *cx, const Record *before, const Record *after);
/** Notes that `rec` itself was written. */
void settle_self(Ctx *cx, const Record *rec);
/** Notes that the amount of `f` of `rec` in company currency has changed, and nothing else. */
void rollup_note_base(Ctx *cx, const Record *rec, const Field *f);
/** Brings all noted parents up to date, in id order, and what depends on them. */
MUST_CHECK Err *rollup_flush(Ctx *cx);
/** What is noted so far, to be put back when an attempt is rolled back: cx->pending = saved. */
struct Pending *rollup_save(const Ctx *cx);
/** Value of roll-up `f` over no records: counts and sums are zero, others null. */
Val rollup_of_none(Ctx *cx, const Field *f);
/** Value of roll-up `f` of record `id` computed afresh: for checks and rebuilding. */
MUST_CHECK Err *rollup_value(Ctx *cx, const Field *f, Id id, Val *out);

/** Writes the link records of LINKS fields given in `rec`. */
MUST_CHECK Err *links_save(Ctx *cx, const Record *rec, const Record *before);

/** How many live records would follow when `ids` go (their reference cleared, or going along); stops counting at `max`. */
MUST_CHECK Err *delete_followers(Ctx *cx, const Object *obj, const Id *ids, size_t n, int64_t max,
                                 int64_t *out);
/** Sets is_referred[i] where a live record refers to ids[i]: for deletions of many, most of which stand alone. */
MUST_CHECK Err *delete_referred(Ctx *cx, const Object *obj, const Id *ids, size_t n, uint8_t *is_referred);
/** At most `max` of the records that follow `id` follow it now, before it goes: `*done` how many, 0 when none is left.
    Errors of record_delete. */
MUST_CHECK Err *delete_follow(Ctx *cx, const Object *obj, Id id, size_t max, size_t *done);

/** A derived change of `rec` (roll-ups, formulas): row, past, log; no version, no time. */
MUST_CHECK Err *write_derived(Ctx *cx, const Record *before, Record *rec);

/** What `module` hooks say about a write. */
MUST_CHECK Err *hooks_before(Ctx *cx, Record *rec, const Record *before);
MUST_CHECK Err *hooks_after(Ctx *cx, Record *rec, const Record *before);
MUST_CHECK Err *hooks_fill(Ctx *cx, Record *rec, const Record *before);
MUST_CHECK Err *hooks_store(Ctx *cx, Record *rec, const Record *before);
MUST_CHECK Err *hooks_delete(Ctx *cx, Record *rec);
