/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

/* One record in memory: a value for each field of its object, in field order.  REFERENCE, USER, FILE: REF; MULTICHOICE,
   TAGS: list of text; PERSON_NAME: map of family given middle prefix; EMAILS PHONES HANDLES ADDRESSES: list of
   {value,label,main}; IDENTIFIER: list of {country,kind,value}; LINKS: list of {object,id,link:{...}} or null when not
   loaded. */
typedef struct Record {
    const Object *obj;
    Id id; /* 0: not yet stored */
    int64_t version;
    Val *vals;       /* obj->n_fields */
    uint8_t *is_set; /* fields given by the caller of a write */
    Str label;       /* of the label field; filled by reads */
} Record;

/* Places of the system fields in every object's `fields`. */
typedef enum SystemField {
    SYS_ID,
    SYS_VERSION,
    SYS_CREATED_AT,
    SYS_CREATED_BY,
    SYS_UPDATED_AT,
    SYS_UPDATED_BY,
    SYS_OWNER,
    SYS_TEAM,
    SYS_DELETED_AT,
    SYS_COUNT,
} SystemField;

Record *record_new(Arena *mem, const Object *obj);
Record *record_copy(Arena *mem, const Record *rec);
/** Value of field `name`; the field must exist. */
Val record_get_val(const Record *rec, const char *name);
/** Sets field `name` as a caller of a write would; the value must fit the field's type. */
void record_set(Record *rec, const char *name, Val v);
Str record_text(Arena *mem, const Record *rec); /* its label */

typedef enum ReadFlags { READ_DELETED = 1, READ_LOCK = 2, READ_LINKS = 4 } ReadFlags;

/** Record `id` of `obj` as the actor may see it (hidden fields null).  NOT_FOUND when there is none he may see. */
MUST_CHECK Err *record_get(Ctx *cx, const Object *obj, Id id, unsigned flags, Record **out);

/** Labels of the references held by `recs`, as the actor may see them: fills a table used by the JSON writer. */
typedef struct Labels Labels;
MUST_CHECK Err *labels_load(Ctx *cx, Record *const *recs, size_t n, Labels **out);
/** Empty when he may not see it. */
Str labels_get(const Labels *labels, uint16_t object, Id id);
/** Size and media type of file `id`; false when it is no file or he may not see it. */
bool labels_file(const Labels *labels, uint16_t object, Id id, int64_t *size, Str *type);
/** Adds references that stand outside records (actors of changes). */
MUST_CHECK Err *labels_add(Ctx *cx, Labels *labels, const Val *refs, size_t n);

typedef struct WriteOptions {
    int64_t if_version;   /* strict: another one is CONFLICT with status 412; 0 none */
    int64_t base_version; /* merge: changes to other fields merge, the same field is CONFLICT (409); 0 none */
    bool check_only;      /* validate, write nothing (dry run) */
    bool keep_times;      /* created_at ... given by the caller are kept: import, demo */
    bool is_alone;        /* of a deletion: the caller has seen that nothing refers to the record */
} WriteOptions;

/** Stores `rec` (is_set marks what was given).  Checks the right, defaults, hooks, references, validation (all problems
    chained in one error), formulas; writes row, past row, items, search entry, roll-ups and change, all in the caller's
    transaction.  On return `rec` is the stored record. */
MUST_CHECK Err *record_create(Ctx *cx, Record *rec, const WriteOptions *opt);
MUST_CHECK Err *record_update(Ctx *cx, Record *rec, const WriteOptions *opt);
MUST_CHECK Err *record_delete(Ctx *cx, const Object *obj, Id id, const WriteOptions *opt);
MUST_CHECK Err *record_restore(Ctx *cx, const Object *obj, Id id);
/** Creates or updates `rec` as the system and in a batch of its own: who takes back what he has done leaves it as it is. */
MUST_CHECK Err *record_save_apart(Ctx *cx, Record *rec);
