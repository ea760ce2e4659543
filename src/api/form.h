/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/spine.h"
#include "core/form.h"

/* Inside api: web forms as pages. */

#define FORM_BODY (64u << 10) /* bytes of an answer */

/* What a page shows besides the form: values that were sent, what is wrong with them, and where the visitor came from. */
typedef struct FormPage {
    const Form *form;
    Str stamp, landing, referrer;
    const FormValue *values, *marks;
    size_t n_values, n_marks;
    const Err *problems;
} FormPage;

/** Replies with the page of the form, in its language, which works without scripts and loads nothing. */
void form_page(Req *rq, const FormPage *page, int status);
/** Replies with a page of one text: thanks, or what is wrong.  `form` may be NULL: in the visitor's language then. */
void form_message(Req *rq, const Form *form, Str title, Str words, int status);
/** The form as HTML for somebody else's page: no styles, no stamp. */
Str form_snippet(Req *rq, const Form *form);
/** What `e` says, in the form's language, with the label of its field. */
Str form_problem(Arena *mem, const Form *form, const Err *e);
/** Whether `name` says where a visitor came from. */
bool form_is_mark(Str name);
