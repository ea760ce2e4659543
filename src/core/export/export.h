/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"
#include "core/query.h"

/* Taking records out: a list as it looks, under the caller's rights, written to a file chunk by chunk in constant memory, and the
   whole database in open formats. */

typedef enum ExportFormat {
    EXPORT_CSV = 1,
    EXPORT_XLSX,
    EXPORT_JSON,
    EXPORT_VCARD,
    EXPORT_PDF,
    EXPORT_LINES, /* JSON, one record a line: the full export */
} ExportFormat;

#define EXPORT_IDS_MAX 900 /* what fits into one condition */

typedef struct ExportSpec {
    const Object *obj;
    ExportFormat format;
    Str filter, order_by, search;
    Str columns;   /* names with commas; empty: the list's own, "*": all that may be read */
    const Id *ids; /* only these; NULL all */
    size_t n_ids;
    int64_t as_of;   /* ms, 0 live */
    bool is_deleted; /* the bin */
    bool has_names;  /* headings are names of fields, not labels */
    bool has_no_id;  /* CSV, XLSX and JSON without the column of ids */
    bool has_bom;    /* CSV */
    bool is_vcard3;  /* 3.0 instead of 4.0 */
    char separator; /* CSV; 0: by language, a semicolon in Russian and Polish, whose spreadsheets expect it */
    Lang lang;
    Str zone; /* of times in XLSX and PDF */
} ExportSpec;

/** "csv" "xlsx" "json" "vcard" "pdf"; INVALID{error.export.format}. */
MUST_CHECK Err *export_format(Arena *mem, Str name, ExportFormat *out);
/** Media type and ending of the file's name. */
Str export_type(ExportFormat format);
Str export_ending(ExportFormat format);
/** "Deals 2026-11-22.xlsx" in the language of `spec`. */
Str export_file_name(Arena *mem, const ExportSpec *spec, int64_t now);

/** Fills what a caller says by text.  Keys of `in` (a JSON object): filter order_by columns q as_of deleted names no_id bom
    vcard_version separator ids.  Checked against what the actor may read: DENIED{error.export.denied} without the right to export. */
MUST_CHECK Err *export_parse(Ctx *cx, const Object *obj, const Val *in, ExportSpec *out);

/** Asks what the list would ask, so that a mistake is answered before anything is written: the right, filter, order, columns. */
MUST_CHECK Err *export_check(Ctx *cx, const ExportSpec *spec);
/** How many records it would write; above `max` (0: no bound) it stops counting. */
MUST_CHECK Err *export_count(Ctx *cx, const ExportSpec *spec, int64_t max, int64_t *out);

/** Writes the records to the file `path` (made anew, 0600) inside this unit: for what fits into a page. */
MUST_CHECK Err *export_here(Ctx *cx, const ExportSpec *spec, const char *path, int64_t *rows);

/* Who exports, outside any unit. */
typedef struct ExportJob {
    Store *store;
    Id user; /* 0: the system */
    ExportSpec spec;
    void (*progress)(void *arg, int64_t done, int64_t total); /* may be NULL */
    Err *(*check)(void *arg, int64_t done, int64_t total);    /* the same, may stop the work; may be NULL */
    void *arg;
} ExportJob;
/** The same in units of one chunk each, by key set, none longer than a chunk takes. */
MUST_CHECK Err *export_to_file(const ExportJob *job, Arena *mem, const char *path, int64_t *rows);

/** Everything in open formats into the folder `dir` (made when absent; CONFLICT{error.export.folder} when it holds something): for each
    object JSON lines and CSV, `files/`, `changes.jsonl`, `schema.json`, `README.md`. */
MUST_CHECK Err *export_all(const ExportJob *job, Arena *mem, Str dir, int64_t *rows);

/** The same as one zip archive `path`, by a folder beside it that is taken away again. */
MUST_CHECK Err *export_all_packed(const ExportJob *job, Arena *mem, const char *path, int64_t *rows);
Str export_all_name(Arena *mem, const Store *store);

/* --- stored results -------------------------------------------------------------------------------------------------- */

#define EXPORT_KEPT_MS (24 * 60 * 60 * INT64_C(1000))

/** Path in the data folder of the file of operation `id`, in a folder only we read (made). */
MUST_CHECK Err *export_path(Arena *mem, const Store *store, Id id, char **out);
/** Where processes share the database the bytes of `path` become its rows, in this unit or (apart) a unit for each chunk, and the file
    goes; elsewhere the file stays where it is. */
MUST_CHECK Err *export_keep(Ctx *cx, Id id, const char *path);
MUST_CHECK Err *export_keep_apart(Store *store, Arena *mem, Id id, const char *path);
/** What operation `id` answers: {"file":{"id","name","size","type","url","expires_at"},"rows"}; `spec` NULL: the full export. */
MUST_CHECK Err *export_result(Ctx *cx, const ExportSpec *spec, Id id, Str name, int64_t size, int64_t rows,
                              Val *out);
/** Opens the file of operation `id`: NOT_FOUND{error.export.gone}. */
MUST_CHECK Err *export_open(Ctx *cx, Id id, int *fd, int64_t *size);
/** Removes files whose day is over. */
MUST_CHECK Err *export_sweep(Ctx *cx);

/** Records who takes what, where administrators see it (object export_run), whatever he may write; rows -1: not known yet. */
MUST_CHECK Err *export_note(Ctx *cx, const ExportSpec *spec, Str name, int64_t rows, Id *out);
MUST_CHECK Err *export_note_rows(Ctx *cx, Id note, int64_t rows);

/** Job kinds "export.list" and "export.all". */
extern const Module mod_export;
/** The argument of job "export.list": what the caller said, checked by export_parse before, and who he is; of "export.all" with `obj`
    and `in` NULL. */
Val export_job_arg(Ctx *cx, const Object *obj, const Val *in, Id note);
