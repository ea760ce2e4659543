/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* Comma-separated text (RFC 4180, and what spreadsheets write instead): rows of cells. */
typedef struct Csv Csv;
struct Csv {
    Str *heads;
    size_t n_heads;
    Str **rows;
    size_t n_rows; /* each with n_heads cells */
    size_t *lines; /* where each row began, from 1 */
    char separator;
};

#define CSV_COLUMNS_MAX 2000

/** Reads `text` (UTF-8, with or without BOM); the separator (comma, semicolon, tab, pipe) is the one the first line has most
    of outside quotes.  A row of another width, a quote never closed, a repeated heading, more than CSV_COLUMNS_MAX columns:
    INVALID{error.csv.*} with the line. */
MUST_CHECK Err *csv_read(Arena *mem, Str text, Csv *out);
