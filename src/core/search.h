/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

/** Writes the search entry and the items (phones, e-mails, identifiers ...) of a stored record; `before` NULL on create. */
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
/** Rebuilds all entries of one object in chunks; for `kith check --fix` and schema changes. */
MUST_CHECK Err *search_tokens(Ctx *cx, const Record *rec, Str *out);
