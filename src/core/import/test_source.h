/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/import/source.h"

/* Files for the tests of the readers: made in memory, or of the data folder beside the project. */

typedef struct Rows {
    Row *p;
    size_t n;
} Rows;

/** The path of an unnamed file with these bytes; it goes with `mem`. */
const char *test_file(Arena *mem, Str bytes);
/** Opens such a file, which must succeed. */
Source *test_source(Arena *mem, const char *name, Str bytes, const SourceOptions *options);
/** The error of opening it, which must fail. */
Err *test_refused(Arena *mem, const char *name, Str bytes, const SourceOptions *options);
/** All rows of a table, refused ones too. */
Rows test_rows(Arena *mem, Source *src, size_t table);
/** The cell under a heading, "(no heading)" or "(no cell)". */
Str test_cell(const Source *src, size_t table, const Row *row, const char *heading);
/** ../shared/data/PATH; skips the test where it is absent. */
const char *test_data(Arena *mem, const char *path);
