/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/import/source.h"

/* How one kind of file is read. */
typedef struct SourceKind {
    const char *name;
    Err *(*rewind)(Source *src, size_t table);
    Err *(*next)(Source *src, Arena *tmp, Row *out, bool *has);
    int64_t (*position)(const Source *src);
} SourceKind;

struct Source {
    Arena *mem;  /* its own: everything of the source */
    Arena *errs; /* where an error of the call at work is told */
    const SourceKind *kind;
    void *reader; /* of the kind */
    const char *path;
    Str file_name;
    SourceOptions options;
    Table *tables, *shown; /* all of the file, and those of them that were asked for */
    size_t n_tables, n_shown;
    Str encoding, separator;
    int64_t size;
};

/* Each fills kind, reader, tables and what is known of the file; handles are deferred on `src->mem`. */
MUST_CHECK Err *csv_open(Source *src);
MUST_CHECK Err *vcard_open(Source *src);
MUST_CHECK Err *bank_open(Source *src);
struct Archive;
MUST_CHECK Err *xlsx_open(Source *src, struct Archive *zip);
MUST_CHECK Err *tree_open(Source *src, struct Archive *zip); /* NULL: a file or folder */

/** Makes headings of what stands in the first row: trimmed, unique, none empty. */
const Str *source_heads(Arena *mem, const Str *names, size_t n);

/** The name of the file without folder and ending: what its only table is called. */
Str source_stem(const Source *src);

/** INVALID{key} with the place in the first argument. */
Err *source_problem(Arena *mem, const char *key, int64_t line, const char *detail);

/** `s` with every byte that is no UTF-8, and every NUL, as U+FFFD. */
Str source_clean(Arena *mem, Str s);
