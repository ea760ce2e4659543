/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/import/import.h"
#include "core/value_impl.h"

/* Inside core/import: how a mapping is held, and one import at work. */

/* How the dates of a column are written, decided from all its values. */
typedef enum DateOrder { DATE_ISO = 1, DATE_DMY, DATE_MDY, DATE_SERIAL, DATE_EPOCH } DateOrder;

typedef struct DateEvidence {
    bool iso, dmy, mdy, dots, other, serial, epoch;
    int64_t n, n_bad;
    Str example, bad;
} DateEvidence;

/** Takes one more value into account; `mem` keeps the example. */
void date_learn(Arena *mem, DateEvidence *e, Str value);
/** INVALID{error.import.dates} when the order is open and `wanted` does not say it, {error.import.dates_mixed} when the values
    contradict each other. */
MUST_CHECK Err *date_decide(Arena *mem, const DateEvidence *e, Str wanted, DateOrder *out);
/** `seconds` of the day, -1 without a time; `offset` in seconds, INT32_MIN without one.  Either may be NULL. */
bool date_read(Str text, DateOrder order, int64_t *days, int64_t *seconds, int32_t *offset);

/* Whether a comma, or a point, only ever parts thousands. */
typedef struct NumberEvidence {
    bool has[2], is_broken[2];
} NumberEvidence;
void number_learn(NumberEvidence *e, Str value);
/** The mark that parts thousands; 0: told by each number itself. */
char number_grouping(const NumberEvidence *e, bool is_whole);
bool is_number_like(Str s);
/** "1 234,56" as "1234.56". */
Str plain_number(Arena *mem, Str s, char grouping);

/* One place a column goes to; a default has `cell` -1 and its text. */
typedef struct Target {
    Str heading, path, text;
    ptrdiff_t cell;
    const Field *field; /* NULL: kept as a note */
    Str part, part2;
    const Object *to;      /* of references and links */
    const Field *by, *by2; /* the field the target is found by; of that one's target */
    int64_t scale;
    const Val *values, *only; /* only: values of a choice that become options, NULL all */
    DateOrder order;
    char grouping;
    DateEvidence dates;
    NumberEvidence numbers;
    bool is_new; /* what is not found is made */
    enum {
        CONSENT_NONE,
        CONSENT_GIVEN,
        CONSENT_REFUSAL
    } consent; /* a yes says so; purpose and channel are the parts */
} Target;

typedef struct FieldGroup { /* all that goes to one field */
    const Field *field;
    Target **targets, **defaults;
    size_t n, n_defaults;
} FieldGroup;

/* Rows whose cell says one of the words are left out: what is deleted there. */
typedef struct Skip {
    Str heading;
    size_t cell;
    const Val *words; /* list of texts */
} Skip;

struct ImportPlan {
    const Meta *meta;
    const Object *obj;
    const Table *table;
    Target *targets;
    size_t n_targets;
    FieldGroup *groups;
    size_t n_groups;
    const Field **match;
    size_t n_match;
    ImportMode mode;
    Str dates, zone;
    const Val *dates_by; /* heading: order */
    bool restores, clears, keeps_rest, keeps_unread;
    Str *left;
    size_t *left_cells; /* their places */
    bool *left_says;    /* some row has something there */
    struct Skip *skips;
    size_t n_left, n_skips;
    StrMap new_options; /* "field folded value" -> NewOption *, in order of the file */
};

#define FOUND_MAX 50
typedef struct Found {
    Id ids[FOUND_MAX];
    size_t n;
    Str text;
    const char *how; /* NULL exactly, else "letters" "spaces" "legal form" */
} Found;

typedef struct Entry {
    Id id;
    Str text;
    struct Entry *same; /* another one under the key */
} Entry;
typedef struct Keys {
    StrMap exact, fold, squeezed, name;
} Keys;

/* Finds records of one object by one field. */
typedef struct Finder {
    const Object *obj;
    const Field *by;
    bool is_small;   /* all are in memory */
    bool is_key;     /* found letter for letter only */
    Keys all, fresh; /* fresh: made in the unit at work */
    VEC(Entry) added;
    StrMap cache; /* text -> Found *, of large tables this import does not write */
    size_t n_cached;
} Finder;

typedef struct Reason {
    Str text;
    int64_t n;
} Reason;

typedef struct Later { /* of a preview: a reference to what may come with a later row */
    const Target *target;
    Str text;
    int64_t line;
} Later;

/* One import at work. */
typedef struct Work {
    const ImportJob *job;
    const ImportPlan *plan;
    Arena *mem, *tmp; /* of the import; of the unit at work */
    Ctx *cx;
    bool is_preview;
    VEC(Finder *) finders;
    size_t n_finders;          /* of units that are kept */
    StrMap notes, chunk_notes; /* text -> ImportNote * */
    ImportReport sum, chunk;
    Row *rows;
    size_t n_rows;
    int64_t position;         /* rows done before this unit */
    bool is_asked;            /* to pause */
    StrMap standing;          /* forms of the match's items in these rows that some record holds, */
    const Field *standing_by; /* when that has been asked for all of them at once; else NULL */
    StrMap gone;              /* of a preview or restore: match key -> Id * of a deleted record */
    bool has_gone;
    StrMap touched;   /* of a preview: match keys of rows before */
    StrMap countries; /* folded name -> code */
    StrMap reasons;   /* of a preview: text -> Reason * */
    VEC(Val) samples;
    VEC(Later) later;
    size_t n_sampled[8];
    struct Looked *looked; /* rows of a preview, not yet told of */
} Work;

/** Counts what was done to the data; the text is the error's, in the language of the job. */
void work_note(Work *w, const Err *what);
/** That what a cell names was not there and has been made. */
void note_made(Work *w, const Target *t, Str cell);
/** That a record was taken though its name is not quite what the cell says. */
void note_taken(Work *w, const Target *t, Str cell, const Found *found);

/* match.c */
/** What stands in `text` as records of `obj`: by field `by`, or as people name it (label, outside id, e-mail, phone, registry
    number). */
MUST_CHECK Err *find_records(Work *w, const Object *obj, const Field *by, Str text, Found *out);
/** Leaves of `found` those whose field `by` (and of its target `by2`) agrees with `text`. */
MUST_CHECK Err *narrow(Work *w, const Object *obj, const Field *by, const Field *by2, Str text, Found *found);
/** Of a preview: asks for the match of many rows at once, so that for most find_match need not ask. */
MUST_CHECK Err *ask_standing(Work *w, Record *const *recs, size_t n);
/** Live records that agree with `rec` in all fields of the match. */
MUST_CHECK Err *find_match(Work *w, const Record *rec, Found *out);
/** The newest deleted record that agrees, 0 none. */
MUST_CHECK Err *find_deleted(Work *w, const Record *rec, Id *out);
/** What the match compares, as one text. */
Str match_key(Work *w, Arena *mem, const Record *rec, uint32_t item);
/** A record was made in this unit. */
void finder_made(Work *w, const Record *rec);
void finders_begin(Work *w);  /* a unit begins */
void finders_commit(Work *w); /* and is kept */

/* cell.c */
typedef struct PendingRef { /* a reference to a row that may come later */
    const Target *target;
    Str text;
} PendingRef;

typedef struct ConsentSaid {
    const Target *target;
    Str cell;
    bool is_given;
} ConsentSaid;

typedef struct RowWork {
    Work *w;
    const Row *row;
    Record *rec, *before; /* before: the record found; NULL */
    Err *refusal;         /* of what it is found by */
    Buf kept;             /* lines for the note */
    uint8_t *is_coming;   /* by field: refers to what is not there yet */
    VEC(PendingRef) pending;
    VEC(ConsentSaid) consents;
    Id gone;     /* the deleted record it agrees with */
    Val matches; /* of an ambiguous reference or match */
    int outcome;
    Id id;          /* of column id */
    bool has_photo; /* a picture the record has not; of a preview: it is not made */
} RowWork;

Err *bad_cell(Work *w, const Target *t, const char *key, Str cell);
bool same_word(Arena *mem, Str a, Str b);
int boolean_word(Arena *mem, Str cell); /* 1 yes, 0 no, -1 neither */
Str cell_meaning(Work *w, const Target *t, Str cell);
/** The value as JSON gives it. */
MUST_CHECK Err *read_cell(Work *w, const Target *t, Str cell, Val *out);
Str currency_in(Str cell);
const Option *option_of(Arena *mem, const Field *f, Str cell);
Str country_code(Work *w, Str text);
Str one_line(Arena *mem, Str s);

/* state.c */
MUST_CHECK Err *state_load(Ctx *cx, Work *w);
/** Writes the place and the counts; CONFLICT{error.import.moved} when another has gone on meanwhile. */
MUST_CHECK Err *state_save(Work *w, int64_t position);
MUST_CHECK Err *state_refuse(Work *w, const Row *row, Str reason);
MUST_CHECK Err *state_pend(Work *w, const Row *row, Id record, const PendingRef *ref);
typedef struct PendingRow {
    int64_t line;
    Id record;
    Str path, text;
    Row row;
} PendingRow;
MUST_CHECK Err *state_pending(Work *w, size_t max, PendingRow **out, size_t *n);
MUST_CHECK Err *state_settle(Work *w, const PendingRow *row);
MUST_CHECK Err *state_is_pausing(Ctx *cx, Id run, bool *out);

/* run.c */
Str reasons_text(const Work *w, const Err *e);

/* sample.c */
/** Counts the row of a preview and keeps it when its kind has few. */
void sample_row(RowWork *rw, const char *outcome, const Err *e);
void coming_add(ImportComing *coming, Arena *tmp, const Object *obj, const Record *rec);
bool coming_has(const ImportComing *coming, Arena *tmp, const Object *obj, Str text);
