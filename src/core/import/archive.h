/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* A zip file whose parts are read as streams and never unpacked.  What claims too much is refused: more parts than
   ARCHIVE_PARTS_MAX, a part that grows out of all proportion to its packed bytes or past ARCHIVE_PART_MAX. */
#define ARCHIVE_PARTS_MAX 10000
#define ARCHIVE_PART_MAX  (INT64_C(8) << 30)
#define ARCHIVE_RATIO_MAX 250
#define ARCHIVE_RATIO_MIN (16 << 20) /* bytes from which on the ratio counts */

typedef struct Archive Archive;

/** Opens a zip; INVALID{error.source.zip} or {error.source.bomb}.  Closes with `mem`. */
MUST_CHECK Err *archive_open(Arena *mem, Arena *errs, const char *path, Archive **out);
size_t archive_count(const Archive *a);
/** Name of part `i`, as stored; empty when it is no text. */
Str archive_name(const Archive *a, size_t i);
/** The part of that name, whatever its case; -1 when there is none. */
ptrdiff_t archive_find(const Archive *a, Str name);

typedef struct Part Part;
/** A part for reading from its start; closes with `mem`. */
MUST_CHECK Err *part_open(Archive *a, Arena *mem, Arena *errs, size_t i, Part **out);
/** Up to `room` bytes; `*n` is 0 at the end. */
MUST_CHECK Err *part_read(Part *p, Arena *errs, void *into, size_t room, size_t *n);
/** Bytes read, and those the part says it has. */
int64_t part_position(const Part *p);
int64_t part_size(const Part *p);
/** The whole part; INVALID when it has more than `max` bytes. */
MUST_CHECK Err *part_text(Archive *a, Arena *mem, Arena *errs, size_t i, size_t max, Str *out);
