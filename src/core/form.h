/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* Web forms: what strangers are asked and what becomes of their answers.  A stranger learns nothing of what is stored, writes
   the fields the form asks and no others, and overwrites nothing. */

#define FORM_ASKS_MAX 50

typedef struct FormAsk {
    const Field *field;
    Str label, hint;
    bool is_required;
} FormAsk;

typedef struct Form {
    Record *rec;
    const Object *obj; /* what its answers become */
    Lang lang;
    FormAsk asks[FORM_ASKS_MAX];
    size_t n;
} Form;

typedef struct FormValue {
    Str name, value;
} FormValue;

/* What came: values may repeat a name (several choices), unknown names are passed over.  `marks` say where they came from
   (utm_source ... landing_page, referrer), the first of a name counts. */
typedef struct FormIn {
    const FormValue *values, *marks;
    size_t n_values, n_marks;
    Str peer;
    bool is_agreed; /* to the text of consent */
    bool is_bot;
} FormIn;

/** The active form of that token, read as the system: NOT_FOUND{error.form.none}. */
MUST_CHECK Err *form_find(Ctx *cx, Str token, Form *out);
/** The form of a record of object web_form; INVALID{error.form.*} with field "fields" or "object" when it asks what cannot be
    asked. */
MUST_CHECK Err *form_of(Ctx *cx, Record *rec, Form *out);
/** A text of the form; empty when it has none. */
Str form_text(const Form *form, const char *name);
bool form_flag(const Form *form, const char *name);
/** Whether a page of `origin` ("https://example.com") may send answers. */
bool form_allows(const Form *form, Str origin);

/** LIMIT{error.signin.throttled} when too much came from the address, or to the form. */
MUST_CHECK Err *form_may_come(Ctx *cx, const Form *form, Str peer);
/** Takes an answer within the caller's unit, which must commit: counts it and, unless a machine sent it, writes the record as
    the system, channel `form`.  `*problems` gets what the sender has to mend, each with its field ("_consent" for the consent),
    or one without a field when the form itself is at fault; nothing is written then. */
MUST_CHECK Err *form_take(Ctx *cx, const Form *form, const FormIn *in, Err **problems);

/** A mark of this moment for a page of the form, and the milliseconds since a mark was made: -1 for a forged one. */
MUST_CHECK Err *form_stamp(Ctx *cx, const Form *form, Str *out);
MUST_CHECK Err *form_stamp_age(Ctx *cx, const Form *form, Str stamp, int64_t *out);

typedef struct FormCount {
    Id form;
    int64_t taken, bots, last; /* ms */
} FormCount;
/** What has come to each form. */
MUST_CHECK Err *form_counts(Ctx *cx, FormCount **out, size_t *n);

/** Gives a form its token, and refuses one that could not work. */
extern const Module mod_form;
