/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "meta/decl.h"

/* Looking up names while loading; an unknown one is a problem at its line with the nearest known name.  Internal. */

Object *find_object(Load *ld, const Yaml *name);                                    /* NULL when unknown */
Field *find_field(Load *ld, const Object *obj, const Yaml *name);                   /* NULL when unknown */
Field **find_fields(Load *ld, const Object *obj, const DeclList *names, size_t *n); /* those that are known */

/** What the type gives unless the field says otherwise; called again when a roll-up's result becomes known. */
void field_settle(const FieldDecl *d, Field *f);
/** Targets of references, sides of links, sources of roll-ups. */
void link_fields(Load *ld);
