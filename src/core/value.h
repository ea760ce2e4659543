/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"
#include "json/json.h"

/* The one conversion of values, driven by the field's type: JSON <-> Val <-> columns. */

/** Val of field `f` from JSON value `in`, normalised (phones to E.164, identifiers without spaces) and checked by itself;
    the error carries the field.  Plain text is taken for the main phone or e-mail. */
MUST_CHECK Err *value_from_json(Ctx *cx, const Field *f, Val in, Val *out);
/** Writes the value of `f` as the API gives it. */
void value_to_json(JsonWriter *w, const Field *f, Val v, const Labels *labels, const Meta *meta);
/** What of `v` the actor may see: phones, e-mails and identifiers of masked fields lose all but their end
    ("+7•••••4567", "i•••••@mail.ru") without the right to see them. */
Val value_masked(const Ctx *cx, const Field *f, Val v);
/** A person name in the order of `lang`: family given patronymic in Russian, given family elsewhere. */
Str person_name_text(Arena *mem, Val name, Lang lang);
/** The value as people read it in `lang` (history, CSV, labels). */
Str value_text(Arena *mem, const Field *f, Val v, Lang lang);
/** JSON form for the change log: references as "object:id", decimals as text; read back by value_from_log. */
Val value_to_log(Arena *mem, const Field *f, Val v);
Val value_from_log(Arena *mem, const Field *f, Val v);
/** Fills `rec` (new, or a copy of what is stored) from a JSON object: unknown keys refused, system and computed ones
    accepted when equal to what is stored (on create: refused unless null); `version` is the caller's business.  All
    problems are chained. */
MUST_CHECK Err *record_from_json(Ctx *cx, const Object *obj, const Val *json, Record *rec);
/** The whole record: id, version, label, then `fields`; NULL means all readable ones. */
void record_to_json(JsonWriter *w, const Ctx *cx, const Record *rec, const Labels *labels,
                    Field *const *fields, size_t n);

/** The same without the braces, for more to stand beside. */
void record_members_to_json(JsonWriter *w, const Ctx *cx, const Record *rec, const Labels *labels,
                            Field *const *fields, size_t n);

/** Binds of the stored columns of `f`, in the order of field_columns; `base` is the amount in company currency. */
size_t value_binds(Ctx *cx, const Field *f, Val v, Val base, Val *out);
/** Columns a read selects for `f` (no fold, key, base), and the value from the row, `*col` moving on. */
size_t field_read_columns(const Field *f, Column *out);
Val value_from_row(Ctx *cx, const Field *f, const DbRows *rows, size_t *col);
