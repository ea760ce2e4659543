/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"
#include "meta/yaml.h"

/* Bringing rows in through the ordinary write path: as channel `import`, quiet (nothing automated fires), as one batch that can
   be undone whole.  A row that is refused is named with its reasons and the others go on. */

typedef enum ImportMode { IMPORT_CREATE, IMPORT_UPDATE, IMPORT_UPSERT } ImportMode;

/* One column of the file and where it goes. */
typedef struct ImportColumn {
    Str heading;
    Field *field;
    Str by;             /* of references: the field of the target it is found by; empty: its label */
    Str part;           /* of a person name: family given middle */
    int64_t scale;      /* numbers are multiplied by it; 0: not */
    const Yaml *values; /* replacements: what stands in the file -> what it means */
} ImportColumn;

typedef struct ImportSpec {
    const Object *obj;
    ImportColumn *columns;
    size_t n_columns;
    const Yaml *defaults; /* field: text; {heading} stands for the row's cell */
    Field *match;         /* rows that agree in it are updated */
    ImportMode mode;
    Str date_order; /* "dmy" "mdy" "ymd" or empty: found from each column's values */
    bool is_dry;
} ImportSpec;

typedef struct
    ImportNote { /* what was done to the data: "product: GTXPro -> GTX Pro (spaces)" and how often */
    Str text;
    int64_t n;
} ImportNote;

typedef struct ImportRefusal {
    size_t line;
    Str reason;
} ImportRefusal;

typedef struct ImportReport {
    int64_t created, updated, unchanged, refused, total;
    Id run; /* the batch: undo it to take the import back */
    ImportNote *notes;
    size_t n_notes;
    ImportRefusal *refusals;
    size_t n_refusals;
} ImportReport;

/** Fills `spec` from a map file (columns, defaults, match, values, dates) or, with `map` NULL, by headings that are names or
    labels of fields; INVALID{error.import.columns} lists the headings nobody knows. */
MUST_CHECK Err *import_spec(Arena *mem, const Object *obj, const Yaml *map, const Str *heads, size_t n,
                            ImportSpec *out);

/** Imports the rows of `csv`.  `progress` may be NULL. */
struct Csv;
MUST_CHECK Err *import_run(Store *store, Arena *mem, const ImportSpec *spec, const struct Csv *csv,
                           ImportReport *out, void (*progress)(void *arg, int64_t done, int64_t total),
                           void *arg);

/* How the dates of one column are written, decided from all its values. */
typedef enum DateOrder { DATE_ISO = 1, DATE_DMY, DATE_MDY } DateOrder;
/** INVALID{error.import.dates} when the values contradict each other or leave the order open; `wanted` ("dmy", "mdy", "ymd")
    decides what is open. */
MUST_CHECK Err *date_order_of(Arena *mem, const Str *values, size_t n, Str wanted, DateOrder *out);
bool date_read(Str text, DateOrder order, int64_t *days);
