/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"
#include "core/rights.h"

/* Inside core: the pieces the read path is made of. */

/* What a select reads of an object: the fields marked in `only` (NULL all); is_live marks computed ones the query gives. */
typedef struct Select {
    const Object *obj;
    const uint8_t *only;
    uint8_t *is_live;
} Select;

/** Appends the select list of sel->obj at alias `tN`: id, version, then the fields. */
void read_select(Ctx *cx, Sql *q, unsigned alias, Select *sel);
/** The same, written anew; read_select takes it from the object's plan where it can. */
void select_write(Ctx *cx, Sql *q, unsigned alias, Select *sel);
/** The record of a row made by read_select that begins at column `col`. */
Record *read_row(Ctx *cx, const DbRows *rows, size_t col, const Select *sel);
/** record_get for a change: NOT_FOUND when he may not see it, DENIED when he may see but not `verb` it. */
MUST_CHECK Err *read_for(Ctx *cx, const Object *obj, Id id, unsigned flags, Verb verb, Record **out);
/** Versions of those of `ids` the actor may see, in the bin or not; the places of the others are left as they are. */
MUST_CHECK Err *record_versions(Ctx *cx, const Object *obj, const Id *ids, size_t n, int64_t *versions);
/** Fills the LINKS fields of records of one object, or only its field `f`. */
MUST_CHECK Err *links_load(Ctx *cx, Record *const *recs, size_t n);
MUST_CHECK Err *links_load_of(Ctx *cx, Record *const *recs, size_t n, const Field *f);
/** Appends " IN (...)" with the list filled up to a power of two, so that few statements are prepared. */
void sql_ids(Sql *q, const Id *ids, size_t n);
