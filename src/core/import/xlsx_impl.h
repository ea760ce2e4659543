/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/map.h"
#include "core/import/xml.h"

/* What a number in a cell stands for, by the format it is shown in. */
/* EXACT: a date to the millisecond, where the format shows parts of a second or is that of our own exports. */
typedef enum NumberKind { KIND_NUMBER, KIND_DATE, KIND_TIME, KIND_EXACT } NumberKind;

typedef struct Sheet {
    Str name, rel; /* as the user sees it; the key of its part */
    size_t part;   /* in the archive */
    bool is_hidden;
} Sheet;

/* What all sheets of a workbook share. */
typedef struct Book {
    Archive *zip;
    VEC(Sheet) sheets;        /* those of rows and columns, in order */
    VEC(uint8_t) kinds;       /* NumberKind of a cell's style */
    VEC(uint16_t) currencies; /* its currency, packed; 0 none */
    VEC(Str) strings;
    bool is_1904; /* days count from 1904 */
} Book;

#define BOOK_STRINGS_MAX (256u << 20) /* bytes of all shared texts */

/** Reads everything but the sheets. */
MUST_CHECK Err *book_open(Arena *mem, Arena *errs, Archive *zip, Book *out);

/** The kind of a format: built in (ECMA-376 part 1, 18.8.30) by `id`, or told by its code. */
NumberKind number_kind(int64_t id, Str code);
/** The currency a format names: "#,##0.00 [$PLN]"; 0 when none. */
uint16_t number_currency(Str code);
/** A cell's number as text: whole digits as they stand, others in plain notation of at most 15 digits, dates as
    YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS, times as HH:MM:SS.  What is no number stays as it is. */
Str number_text(Arena *mem, Str written, NumberKind kind, bool is_1904);
/** `_x000D_` and the like undone. */
Str string_text(Arena *mem, Str s);
