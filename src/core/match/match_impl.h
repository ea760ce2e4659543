/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/match/duplicates.h"

/* Shared by the files of core/match. */

/** The weights learnt last, else those to begin with. */
MUST_CHECK Err *weights_load(Ctx *cx, const Features *fs, Weights *out);
MUST_CHECK Err *weights_save(Ctx *cx, const Features *fs, const Weights *w);
/** Stores an open pair of live records; one that was dismissed stays so, one that was merged is looked at again. */
MUST_CHECK Err *duplicates_add(Ctx *cx, const Object *obj, Id a, Id b, double score);
