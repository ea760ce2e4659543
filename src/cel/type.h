/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cel/cel.h"

/* The one constant of the well-known types. */
#define CEL_NULL_VALUE "google.protobuf.NullValue.NULL_VALUE"

/** The type of a kind alone: lists, maps and optionals hold dyn. */
const CelType *cel_plain(CelKind kind);
/** Its name in CEL: "int", "list", "google.protobuf.Timestamp". */
Str cel_kind_name(CelKind kind);
/** The kind a type name in an expression means (`type(x) == int`); false when it is none. */
bool cel_kind_named(Str name, CelKind *out);
const CelType *cel_optional_of(Arena *mem, const CelType *elem);
