/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/import/source.h"
#include "core/record.h"
#include "meta/yaml.h"

/* Bringing rows in through the ordinary write path: as channel `import`, quiet (nothing automated fires), as one batch that can
   be undone whole.  A row that is refused is kept with its reasons and the others go on.  Where each column goes is said by a
   mapping (JSON of the API, YAML of a map file or profile):
   {"table","object","columns":{heading: path | [paths] | null},"defaults":{path: text},"match":[fields],"mode":"create|update|
   upsert","values":{path:{theirs: ours}},"scale":{path: n},"dates":"dmy|mdy|ymd","new_options":[fields] | true (every choice) | {field: true | [values]},"restore":true,
   "rest":"note|drop","unread":"note|refuse","zone":IANA,"skip":{heading: [words]}}.
   Paths: field; name.family; phones.work; addresses.city, addresses.home.city; identifiers.INN; amount.currency; consent.marketing.email, consent.marketing.phone.not;
   account.outside_id (a reference found by that field; two columns of one reference must both hold), about.deal.name; note. */

struct UndoResult;

typedef enum ImportMode { IMPORT_CREATE, IMPORT_UPDATE, IMPORT_UPSERT } ImportMode;

/* Rows of one table: of a source, or given. */
typedef struct ImportRows {
    Source *src;
    size_t index;
    const Table *table;
    const Row *rows; /* without a source */
    size_t n_rows, at;
    int64_t most; /* rows_each stops after so many; 0: at the end */
} ImportRows;

ImportRows rows_of(Source *src, size_t table);
MUST_CHECK Err *rows_rewind(ImportRows *feed);
MUST_CHECK Err *rows_next(ImportRows *feed, Arena *tmp, Row *out, bool *has);
/** Calls `fn` for every row from the first, with memory that ends with the row, and counts them; the error is in `mem`. */
typedef void (*RowFn)(void *arg, Arena *tmp, const Row *row);
MUST_CHECK Err *rows_each(Arena *mem, ImportRows *feed, RowFn fn, void *arg, int64_t *rows);

/** The same tree as JSON values; a scalar is text. */
Val val_from_yaml(Arena *mem, const Yaml *node);

/* A mapping understood. */
typedef struct ImportPlan ImportPlan;

/** INVALID{error.import.heading} for a column the table has not, {error.import.field} for a path that leads nowhere,
    {error.import.map} for an unknown key; the detail says where. */
MUST_CHECK Err *import_plan(Arena *mem, const Meta *meta, const Object *obj, const Val *mapping,
                            const Table *table, ImportPlan **out);
/** Only the new records, only found ones, or both; fields to find them by.  Override what the mapping says. */
void import_plan_mode(ImportPlan *plan, ImportMode mode);
MUST_CHECK Err *import_plan_match(Arena *mem, ImportPlan *plan, Str fields);
/** Whether a column of the plan refers to records of `obj`. */
bool import_plan_refers(const ImportPlan *plan, const Object *obj);
/** Unknown values of every choice that people may add options to become options. */
void import_plan_options(ImportPlan *plan);
/** Headings that go nowhere. */
const Str *import_plan_left(const ImportPlan *plan, size_t *n);

/** Reads all rows once to learn how each column writes dates and numbers.  `order` ("dmy" "mdy" "ymd" or empty) decides
    what is open.  INVALID{error.import.dates}, {error.import.dates_mixed} with the heading in arg 1. */
MUST_CHECK Err *import_scan(Arena *mem, ImportPlan *plan, ImportRows *feed, Str order, int64_t *rows);

typedef struct
    ImportNote { /* what was done to the data: "product: GTXPro -> GTX Pro (spaces)" and how often */
    Str text;
    int64_t n;
} ImportNote;

typedef struct ImportReport {
    int64_t created, updated, unchanged, refused, restored, total;
    int64_t conflicts, deleted, duplicates; /* of a preview */
    ImportNote *notes;
    size_t n_notes;
    Val samples, reasons; /* of a preview: lists of maps */
    bool is_paused;
} ImportReport;

/* What a preview knows will be there: rows before it, of its own table and of others of the same run. */
typedef struct ImportComing ImportComing;
ImportComing *import_coming(Arena *mem);

typedef struct ImportJob {
    Store *store;
    const ImportPlan *plan;
    ImportRows *feed;
    Id run; /* of object import_run; its state is kept in the same units as the rows, so that a job run again goes on */
    int64_t part;
    Id user; /* in whose name and rights; 0: the system */
    Id batch;
    Lang lang;
    Str (*reason)(Arena *mem, const Object *obj, const Err *e, Lang lang); /* of one problem, for people */
    Err *(*progress)(void *arg, int64_t done,
                     int64_t total); /* after each unit; may be NULL; an error stops */
    void *arg;
    int64_t before, total; /* rows of the parts before, and of all, for progress */
    ImportComing *coming;  /* of a preview */
} ImportJob;

/** Adds the options the scanned plans ask for, in one unit and as a part of the job's batch, and turns the plans to the metadata
    that has them; of a preview nobody else sees them.  DENIED{error.import.options_right}. */
MUST_CHECK Err *import_grow(const ImportJob *job, Arena *mem, ImportPlan **plans, size_t n, bool is_preview);
/** What import_grow adds: a list of {field, label, value, rows}. */
Val import_options(Arena *mem, const ImportPlan *plan, Lang lang);

/** Writes the rows from where the run stands.  Stops with report.is_paused when somebody asked for a pause. */
MUST_CHECK Err *import_apply(const ImportJob *job, Arena *mem, ImportReport *out);
/** The same as a difference: nothing is written. */
MUST_CHECK Err *import_preview(const ImportJob *job, Arena *mem, ImportReport *out);

/* A refused row as it stood in the file. */
typedef struct ImportRefusal {
    int64_t part, line;
    Str reason;
    Val cells; /* list of texts */
} ImportRefusal;
/** At most `max` after (part, line), in order. */
MUST_CHECK Err *import_refusals(Ctx *cx, Id run, int64_t part, int64_t line, size_t max, ImportRefusal **out,
                                size_t *n);
/** Adds the refused rows of part `part` as CSV in the columns of `heads`, last the reason under the heading `reason`; what a
    spreadsheet would take for a formula is made harmless. */
MUST_CHECK Err *import_refused_csv(Ctx *cx, Id run, int64_t part, const Str *heads, size_t n, Str reason,
                                   Buf *out);

/** Asks a running run to stop after its unit at work, or takes that back. */
MUST_CHECK Err *import_ask_pause(Ctx *cx, Id run, bool is_wanted);
/** What the parts of a run have done so far. */
MUST_CHECK Err *import_progress(Ctx *cx, Id run, ImportReport *out);
/** Forgets the place of a run: it begins anew. */
MUST_CHECK Err *import_forget(Ctx *cx, Id run);

/* --- the record of a run ------------------------------------------------------------------------------------------------- */

typedef struct RunField {
    const char *name;
    Val value;
} RunField;
/** Makes a record of object import_run that belongs to `user`, or changes one: as the system, in batches of their own. */
MUST_CHECK Err *import_run_new(Ctx *cx, Id user, const RunField *fields, size_t n, Id *out);
MUST_CHECK Err *import_run_set(Ctx *cx, Id run, const RunField *fields, size_t n);
/** What a report leaves on the record. */
MUST_CHECK Err *import_run_done(Ctx *cx, Id run, const ImportReport *report, Str state);
/** The batch to take back, and the number its undo gets or has had: CONFLICT{error.import.undo} when the import is not done,
    {error.import.late} after thirty days. */
MUST_CHECK Err *import_run_batch(Ctx *cx, Id run, bool is_redo, Id *batch, Id *number);

typedef struct ImportBack {
    Store *store;
    Id run, user; /* user 0: the system */
    bool is_redo;
    Err *(*progress)(void *arg, int64_t done, int64_t total); /* may be NULL; an error stops */
    void *arg;
} ImportBack;
/** Takes the run back, or brings it in again, in units that yield; a run that was cut off goes on.  What has changed since is
    skipped and named. */
MUST_CHECK Err *import_take_back(const ImportBack *back, Arena *mem, struct UndoResult *out);

/* --- guessing -------------------------------------------------------------------------------------------------------- */

typedef struct ImportGuess {
    Str heading, path; /* empty: nobody knows */
    int confidence;    /* 0 to 100 */
    bool
        is_known; /* a column that cannot be written: a formula, the version; it is left out without asking */
    Str alternatives[5];
    size_t n_alternatives;
    Str kind; /* "date dmy", "number", "phone", "email", "identifier INN", "boolean", "text" */
    Str samples[5];
    size_t n_samples;
    Val unknown; /* of choices and references: list of {"value","rows"} */
} ImportGuess;

/** What each column of the table looks like and where it may belong in `obj`, by name and by content: of the first
    IMPORT_LOOKED rows; `*rows` is -1 when there may be more. */
#define IMPORT_LOOKED 100000
MUST_CHECK Err *import_guess(Ctx *cx, Arena *mem, const Object *obj, ImportRows *feed, ImportGuess **out,
                             int64_t *rows);
/** The object whose fields fit most of the headings; NULL when none does. */
const Object *import_guess_object(Arena *mem, const Meta *meta, const Table *table);
/** The mapping the guesses make.  INVALID{error.import.columns} naming the columns nobody knows. */
MUST_CHECK Err *import_guess_mapping(Arena *mem, const Object *obj, const ImportGuess *guesses, size_t n,
                                     Val *out);

typedef struct ImportProfile {
    Str name, label[LANG_COUNT];
    Val mappings; /* list of mappings, each with "object" */
} ImportProfile;
/** The ready profiles (core/import/profiles). */
MUST_CHECK Err *import_profiles(Arena *mem, ImportProfile **out, size_t *n);
/** The mapping that knows the headings of the table, and the profile it is of: of all, or of that with the name or label `name`;
    NULL when none does. */
MUST_CHECK Err *import_profile_for(Arena *mem, const Table *table, const Object *obj, Str name,
                                   const ImportProfile **profile, const Val **mapping);
