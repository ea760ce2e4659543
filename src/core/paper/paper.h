/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/ctx.h"

/* A document set on A4 from marked text (core/paper/markup.h). */
typedef struct PaperIn {
    Str title;
    Lang lang;
    int64_t now; /* ms: the time of making that the file tells */
    Str logo;    /* bytes of a PNG or JPEG; empty: none.  What cannot be read as a picture is left out */
    Str qr;      /* text of the square code; empty: none */
} PaperIn;

#define PAPER_PAGES 500

/** The bytes of the PDF.  LIMIT{error.paper.pages} past PAPER_PAGES. */
MUST_CHECK Err *paper_pdf(Arena *mem, Str markup, const PaperIn *in, Str *out);
