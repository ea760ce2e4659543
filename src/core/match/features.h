/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/match/linkage.h"
#include "core/record.h"

/* What records of an object are compared by: parts of their name, phones, e-mails, identifiers, the main address, dates and
   short texts.  The key of another system (outside_id) and marks of campaigns say nothing of who somebody is. */
typedef struct FeatureOf {
    const Field *field;
    const char *part; /* of a name or address; NULL the whole value */
} FeatureOf;

typedef struct Features {
    const Object *obj;
    size_t n;
    FeatureKind kinds[FEATURES_MAX];
    FeatureOf of[FEATURES_MAX];
    uint8_t *only; /* the fields to read, by index */
} Features;

void features_of(Arena *mem, const Object *obj, Features *out);
/** Whether duplicates of the object are looked for: its file has rules for them. */
bool features_wanted(const Object *obj);
/** `out[fs->n]`: each feature of `rec` as it is compared: folded, Latin, without legal form; empty when there is none. */
void features_values(Arena *mem, const Features *fs, const Record *rec, Str *out);
