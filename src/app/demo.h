/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"
#include "core/store.h"

/* The demo company: made-up customers, people and sales in the language asked for, written through the ordinary write path
   and taken away again as a whole. */

typedef enum DemoSize { DEMO_SMALL, DEMO_MEDIUM, DEMO_LARGE } DemoSize;

typedef struct DemoOptions {
    Str locale;    /* ru pl en; empty: the company's language */
    DemoSize size; /* about 60, 600, 6,000 accounts */
    uint64_t seed; /* the same seed gives the same company, days counted from today */
    Id job;        /* the job that asks, 0: none */
    Err *(*progress)(void *arg, int64_t done, int64_t total); /* may be NULL; an error stops the work */
    void *arg;
} DemoOptions;

typedef struct DemoReport {
    int64_t created, removed, kept;
} DemoReport;

bool demo_size(Str name, DemoSize *out);
/** Loads the demo company.  CONFLICT{error.demo.loaded} when there is one, CONFLICT{error.demo.busy} while another is
    being loaded or removed, INVALID{error.demo.locale}.  What an earlier attempt left unfinished is removed first. */
MUST_CHECK Err *demo_load(Store *store, Arena *mem, const DemoOptions *opt, DemoReport *out);
/** Deletes what demo_load made, but for records that people have changed since or refer to from their own: those are kept
    and counted.  NOT_FOUND{error.demo.none} when there is no demo company. */
MUST_CHECK Err *demo_remove(Store *store, Arena *mem, const DemoOptions *opt, DemoReport *out);

/** Jobs "demo.load" {"locale","size","seed"} and "demo.remove". */
extern const Module app_demo_module;
