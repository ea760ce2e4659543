/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

/* Inside core: what the files that make first records share. */

#define SEED_COLUMNS 16

/** A new record of `object`. */
Record *seed_start(Ctx *cx, const char *object);
/** A line of our own file, split at commas, quoted where a cell holds one: at most SEED_COLUMNS cells. */
size_t seed_split(Arena *mem, Str line, Str *cells);

/** Names of playbook `i`; NULL after the last. */
const char *const *seed_playbook_names(size_t i);
/** The playbooks a new installation has. */
MUST_CHECK Err *seed_playbooks(Ctx *cx, Lang lang);
