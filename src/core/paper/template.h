/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/buf.h"
#include "cel/cel.h"

/* Texts with merge fields: {{ expression }} or {{ expression | form }}, {{for x in list}} ... {{end}} (within it `index` counts
   from 1), {{if expression}} ... {{else}} ... {{end}}.  A line that holds nothing but one of the latter leaves no line. */

#define TEMPLATE_SOURCE_MAX 200000 /* bytes */
#define TEMPLATE_DEPTH      12     /* loops and conditions within each other */
#define TEMPLATE_PARTS      10000
#define TEMPLATE_STEPS      200000 /* parts filled in */

typedef struct Template Template;

/** INVALID{error.template.tag | open | end | large} with the line in argument 0, or the error of the expression after
    {error.template.line}. */
MUST_CHECK Err *template_parse(Arena *mem, Str source, Template **out);

/** Looks up the names in all expressions; a form that `is_form` does not know is refused ({error.template.form}). */
MUST_CHECK Err *template_check(Arena *mem, Template *t, const CelEnv *env, bool (*is_form)(Str form));

/* How it is filled. */
typedef struct TemplateFill {
    const CelScope *scope;
    void *arg;
    /** Appends value `v` of the checked expression `node`, in `form` when that is not empty. */
    Err *(*put)(void *arg, Buf *out, const CelNode *node, Val v, Str form);
    size_t max; /* bytes of the result */
} TemplateFill;

/** An expression without a value puts nothing.  LIMIT{error.template.long} when it becomes too much. */
MUST_CHECK Err *template_fill(Arena *mem, const Template *t, const TemplateFill *how, Str *out);
