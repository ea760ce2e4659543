/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/map.h"
#include "core/record.h"

/* Rows of table `item`: what of a record is looked up exactly. */

/** Phones, e-mails, handles, identifiers: several values, each an item. */
bool has_items(const Field *f);
/** Whether the field is also an item by its name key: text_name_key. */
bool is_matched_by_name(const Field *f);
/** The form under which two writings of one item of `f` agree. */
Str item_norm(Arena *mem, const Field *f, Str value);
/** Writes the items of `rec` when they differ from those of `before` (NULL: it has none yet). */
MUST_CHECK Err *items_put(Ctx *cx, const Record *rec, const Record *before);
MUST_CHECK Err *items_remove(Ctx *cx, Id id);
/** Puts those of the forms that a stored record of `obj` holds into `out` as keys. */
MUST_CHECK Err *items_there(Ctx *cx, const Object *obj, const Str *norms, size_t n, StrMap *out);
/** Forms of all items of `rec`, under which the same of another record is found in item.norm. */
void items_norms(Arena *mem, const Record *rec, Str **out, size_t *n);
