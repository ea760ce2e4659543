/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/store.h"

/** What a new company starts with, in its language: currencies, own company, roles, a pipeline, industries. */
MUST_CHECK Err *seed_all(Ctx *cx, const InitOptions *init);
/** The rules it starts with: life of customers, signals. */
MUST_CHECK Err *seed_rules(Ctx *cx, Lang lang);
/** Gives what came with the company its names in `lang`: currencies, roles, pipeline, stages, industries.  What people have
    named otherwise is left alone.  `only`: nothing but what batch `only` has changed; 0 everything. */
MUST_CHECK Err *seed_rename(Ctx *cx, Lang lang, Id only);

/** The dashboard of sales every company starts with (seed_dashboard.c). */
MUST_CHECK Err *seed_dashboard(Ctx *cx, Lang lang);
/** The names of it (i == 0) or of tile `i` in all languages; NULL after the last. */
const char *const *seed_dashboard_names(bool is_tile, size_t i);
