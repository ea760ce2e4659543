/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

/** Writes the search entry and the items of a stored record; `before` NULL when it has none yet (create, restore).
    Items are rows for matching: phones (norm E.164), e-mails and handles (lower case), identifiers (normal form), and the
    name key of fields a duplicate rule takes by name; item.field is the field's column. */
MUST_CHECK Err *search_put(Ctx *cx, const Record *rec, const Record *before);
MUST_CHECK Err *search_remove(Ctx *cx, const Record *rec);

typedef struct Hit {
    const Object *obj;
    Id id;
    Str label, detail;
} Hit;
/** Records the actor may see that match `text` (as typed, in the other keyboard layout, transliterated, as digits),
    newest first; `only` NULL for every object. */
MUST_CHECK Err *search_find(Ctx *cx, Str text, const Object *only, size_t limit, Hit **out, size_t *n);
/** Appends " AND t<alias>.id IN (...)" for the quick search of a list. */
MUST_CHECK Err *search_where(Ctx *cx, Sql *q, const Object *obj, unsigned alias, Str text);
/** What the index should hold of `rec`, words with spaces between; empty when its object is not searched. */
MUST_CHECK Err *search_tokens(Ctx *cx, const Record *rec, Str *out);
/** Writes anew the entries of at most `limit` live records of `obj` with ids above `after`; `*last` is where to go on,
    0 at the end.  For `kith check --fix` and schema changes: one unit a chunk. */
MUST_CHECK Err *search_rebuild(Ctx *cx, const Object *obj, Id after, size_t limit, Id *last);
