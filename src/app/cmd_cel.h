/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

#include <stdio.h>

/** `kith cel`: one JSON object a line on `in` with `expr` and, all optional, `bindings` (name to typed value), `check`
    (false: no type checking), `container`, `strict` (types as in a filter), `now`, `zone`, `me`; one line each on `out`:
    {"value": typed value} or {"error": text with the position}.  Typed values: {"int": "1"}, {"uint"}, {"double": "1.5"},
    {"bool"}, {"string"}, {"bytes": hex}, {"null"}, {"list": [..]}, {"map": [[key, value]..]}, {"timestamp"}, {"duration"},
    {"type"}, {"decimal"}, {"money": {"amount", "currency"}}, {"date"}, {"time"}, {"id"}, {"optional": value or null}.
    UNAVAILABLE{error.io} when `out` cannot be written. */
MUST_CHECK Err *cmd_cel(Arena *mem, FILE *in, FILE *out);
