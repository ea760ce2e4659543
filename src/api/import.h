/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/import/import.h"
#include "core/store.h"
#include "json/json.h"

/* Inside api: the files of a run, opened. */

#define IMPORT_FILES_MAX  20
#define IMPORT_TABLES_MAX 100

typedef struct ImportTable {
    Str name, file; /* the name is unique in the run */
    ImportRows rows;
} ImportTable;

typedef struct ImportSet {
    Record *run;
    Source *sources[IMPORT_FILES_MAX];
    size_t n_sources;
    ImportTable tables[IMPORT_TABLES_MAX];
    size_t n;
} ImportSet;

/** Opens the files of run `id`, as the actor may see it; they are closed with `mem`. */
MUST_CHECK Err *import_open(Ctx *cx, Arena *mem, Id id, ImportSet *out);
/** The mappings of the run, each with its table and object, those before that others refer to: INVALID{error.import.map} when something of it is not there. */
typedef struct ImportStep {
    ImportTable *table;
    const Object *obj;
    const Val *mapping;
} ImportStep;
MUST_CHECK Err *import_steps(Ctx *cx, Arena *mem, ImportSet *set, ImportStep **out, size_t *n);
/** What an error says, with the label of its field before it. */
Str import_reason(Arena *mem, const Object *obj, const Err *e, Lang lang);

/** Adds the refused rows of a run as CSV, last their reasons under the heading `reason`. */
MUST_CHECK Err *import_refused_text(Ctx *cx, Arena *mem, Id run, Str reason, Buf *out);

/** The job "import.run" of the module mod_api. */
Err *import_job(Store *store, Arena *mem, Id job, const Val *arg);
