/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/export/export.h"

#include <stdio.h>

/* Inside export: columns, chunks, the writers of each format. */

/* Records of a target that share their label with another: the cell says their id too. */
typedef struct Doubles {
    const Object *obj;
    Id *ids; /* in order */
    size_t n;
} Doubles;

typedef struct Photo {
    Id file;
    Str type, bytes;
} Photo;

/* What one unit has read. */
typedef struct Chunk {
    Arena *mem;
    Ctx cx;
    Page page;
    Labels *labels;
    Photo *photos;
    size_t n_photos;
} Chunk;

typedef struct Export Export;

/* A format: called outside units, in order begin, rows (many times), end. */
typedef struct Writer {
    Err *(*begin)(Export *x);
    Err *(*rows)(Export *x, const Chunk *c);
    Err *(*end)(Export *x);
} Writer;
extern const Writer csv_writer, xlsx_writer, json_writer_of_list, lines_writer, vcard_writer, pdf_writer;

struct Export {
    Arena *mem;
    const ExportSpec *spec;
    const Writer *writer;
    const char *path;
    FILE *file;      /* of formats that are streams of bytes */
    Field **columns; /* without the id */
    Str *heads;
    size_t n;
    bool has_id;
    Str id_head;
    uint8_t *only; /* what is read */
    bool has_links;
    Doubles *doubles;
    size_t n_doubles;
    size_t chunk; /* records a unit */
    int64_t rows, now;
    Str token; /* where to go on; empty after the last chunk */
    void *own; /* of the writer */
};

/** UNAVAILABLE{error.export.write} with what the system says. */
Err *export_broken(Arena *mem, const char *path);
MUST_CHECK Err *export_put(Export *x, Str s);

/** What stands in a cell of CSV or XLSX text: words of the language, references by label, times in UTC as ISO. */
Str cell_text(const Export *x, const Chunk *c, const Field *f, Val v);
/** The same for people to read: days, times and amounts as the language writes them. */
Str cell_shown(const Export *x, const Chunk *c, const Field *f, Val v);
/** Value of column `i` as the actor may see it. */
Val cell_value(const Export *x, const Chunk *c, const Record *rec, size_t i);
char decimal_mark(const Export *x);
char csv_separator(const Export *x);
