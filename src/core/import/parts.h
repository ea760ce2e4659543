/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/import/impl.h"

/* Inside core/import: what a row asks of the files beside it. */

/* outside.c */
/** Other ways the outside id `text` is written; how many. */
size_t outside_forms(Arena *mem, Str text, Str out[2]);

/* html.c */
/** What people read of a page of HTML or of BB codes, as plain text; other text as it is. */
Str plain_text(Arena *mem, Str s);
/** Lines without spaces around them, one empty line at most. */
Str tidy_lines(Arena *mem, Str s);

/* bbcode.c */
/** The same of BB codes alone. */
Str plain_codes(Arena *mem, Str s);

/* closed.c */
/** A deal that the row calls won or lost goes to the stage that means it. */
MUST_CHECK Err *row_close(RowWork *rw);

/** What a stage of that name means in other programs: won, lost, else open. */
Str stage_category(Arena *tmp, Str cell);
/** `*out` is the stage of `pipeline` (0: the default one) that means what the other program's end of a deal `cell` means, 0 when it
    is no such end.  Told in the report. */
MUST_CHECK Err *stage_meant(Work *w, const Target *t, Str cell, Id pipeline, Id *out);

/* consent.c */
/** The path "consent.PURPOSE.CHANNEL", with ".not" where a yes forbids: false when there is no such. */
bool consent_path(const Meta *meta, const Object *obj, Target *t, Str rest);
/** Keeps for consents_write what a cell says. */
MUST_CHECK Err *consent_said(RowWork *rw, const Target *t, Str cell);
/** Records of consent of the row's record, which stands. */
MUST_CHECK Err *consents_write(RowWork *rw);

/* photo.c */
/** The id of the file made of the picture that came with the row; null when it stands already or cannot be kept (noted). */
MUST_CHECK Err *photo_value(RowWork *rw, const Target *t, Str cell, Val *out);

/* row.c */
/** An error with the key import.note.skipped when the mapping leaves the row out. */
MUST_CHECK Err *row_is_wanted(RowWork *rw);
/** Sets the field of the group from the row's cells. */
MUST_CHECK Err *row_group(RowWork *rw, const FieldGroup *g, bool with_defaults);
/** Keeps for the note what no column takes. */
void row_rest(RowWork *rw);
/** Keeps in the row which records of `to` were found, the first five; their names with ids, for a reason. */
Str note_candidates(RowWork *rw, const Object *to, const Found *found);

/* options.c */
typedef struct NewOption { /* a value of a choice nobody knows, to be added */
    const Field *field;
    Str text;
    int64_t rows;
} NewOption;
/** Looks for values of a choice that are to become options in one cell; `tmp` ends with the row. */
void options_learn(Arena *mem, Arena *tmp, ImportPlan *plan, const Target *t, Str cell);
/** INVALID{error.import.options_many} for a column that is no choice. */
MUST_CHECK Err *options_check(Arena *mem, const ImportPlan *plan);

/* row.c */
/** Parts of a cell that holds several values, and what stands between those of `f`. */
size_t split_cell(Str cell, const char *marks, Str *out, size_t max);
const char *marks_of(const Field *f);
