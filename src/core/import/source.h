/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* A file from outside read as tables of text cells, row by row, in constant memory, as often as wanted: comma-separated text
   of any encoding, a workbook (.xlsx), an address book (.vcf), an object tree of Salesforce, a statement of a bank. */
typedef struct Source Source;

#define SOURCE_COLUMNS_MAX 2000
#define SOURCE_CELL_MAX    (1u << 20)  /* bytes of a cell */
#define SOURCE_ROW_MAX     (16u << 20) /* bytes of a row */
#define SOURCE_BLOB_MAX    (4u << 20)  /* bytes of a photo */

/* What the user knows better; zero: found from the content. */
typedef struct SourceOptions {
    Str encoding;  /* an IANA name, "utf-8", "windows-1251" ... */
    Str separator; /* of text: one or several characters */
    Str table;     /* only the table of this name */
    bool has_no_heads;
} SourceOptions;

/* A sheet, a kind of record in a tree, "contacts" of an address book.  Headings are unique and not empty: a repeated one got
   " (2)", an empty one is "Column 7" by its position. */
typedef struct Table {
    Str name;
    const Str *heads;
    size_t n_heads;
    int64_t rows; /* without the heading; -1: not known before reading */
} Table;

typedef struct SourceBlob {
    Str column, mime, data; /* the heading it stands under; its cell holds a file name */
    Err *problem;           /* why there are no data: the row comes in without */
} SourceBlob;

typedef struct Row {
    int64_t line;     /* where it begins, from 1: line of a text, row of a sheet, number of a record */
    const Str *cells; /* `n` is the table's n_heads; with `problem` it may be any number */
    size_t n;
    const SourceBlob *blobs;
    size_t n_blobs;
    Err *problem; /* ragged, bad bytes, too large ...: this row is refused, the others go on */
} Row;

/** Opens `path` (for a tree also a folder); the kind is told by content, then by `file_name` (what the user calls it; empty:
    the end of `path`).  Headings of all tables are read here.  INVALID{error.source.*} says why it cannot be read; nothing of
    it stays open then.  The source is closed with `mem` at the latest. */
MUST_CHECK Err *source_open(Arena *mem, const char *path, Str file_name, const SourceOptions *options,
                            Source **out);
void source_close(Source *src);

const Table *source_tables(const Source *src, size_t *n);
Str source_kind(const Source *src);      /* "csv" "xlsx" "vcard" "tree" "bank" */
Str source_encoding(const Source *src);  /* "utf-8" ...; empty where it has no meaning */
Str source_separator(const Source *src); /* the same */

/** Goes to the first row of table `table`. */
MUST_CHECK Err *source_rewind(Source *src, size_t table);
/** The next row, in `tmp`; `*has` is false after the last.  An error ends the reading: the file is broken from there on. */
MUST_CHECK Err *source_next(Source *src, Arena *tmp, Row *out, bool *has);

/** How far the reading of the table is, in bytes of `source_size`. */
int64_t source_position(const Source *src);
int64_t source_size(const Source *src);
