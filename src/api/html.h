/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/spine.h"

/* Inside api: pages for strangers, as HTML that works without scripts and loads nothing. */

void html_raw(Buf *b, const char *s);
/** Text with nothing left in it that HTML would read as its own. */
void html_text(Buf *b, Str s);
void html_attribute(Buf *b, const char *name, Str value);
/** "sha256-..." of an inline style or script, for the policy of the page. */
Str html_hash(Arena *mem, Str inlined);
/** The style of all these pages, in its element. */
Str html_style(void);
/** From the doctype to the heading; `extra`: one more style, may be empty. */
void html_begin(Buf *b, Lang lang, Str title, Str extra);
void html_end(Buf *b);
