/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"
#include "core/paper/template.h"
#include "mod/sales/document.h"

/* Inside sales: documents on paper.  A template is filled as the system, whoever asks: a customer's document does not depend on
   who pressed the button.  So only administrators write templates. */

/* A record with all that its document may name. */
typedef struct Paper {
    Ctx *cx; /* of the system */
    const Record *rec;
    Lang lang;
    Str kind; /* of document_template */
    const Object *line_obj;
    Record **lines;
    size_t n_lines, hint;
    Record *own, *account, *contact, *own_bank, *account_bank;
    Val names[24]; /* by place in the table of names */
} Paper;

/** What may be named in templates of documents of `obj`, for checking. */
typedef struct PaperEnv {
    const Meta *meta;
    const Object *obj;
} PaperEnv;
CelEnv paper_env(PaperEnv *env);
/** Reads what the document of `rec` may name; `cx` is of the system and lives as long as `out`. */
MUST_CHECK Err *paper_open(Ctx *cx, const Record *rec, Str kind, Lang lang, Paper *out);
CelScope paper_scope(Paper *p);

/** How values are written: TemplateFill.put for marked text, and what forms there are. */
Err *paper_put(void *paper, Buf *out, const CelNode *node, Val v, Str form);
bool paper_is_form(Str form);
Str paper_value(Paper *p, const CelNode *node, Val v, Str form);
/** "ИНН 7707083893, КПП 773601001" */
Str paper_identifiers(Arena *mem, Val list, Lang lang);
/** An address on one line as the language writes it, with the country when it is not `home`. */
Str paper_address(Arena *mem, Val address, Lang lang, Str home);
/** "Dear Ms Smith,", "Уважаемая Анна Сергеевна!", "Szanowna Pani,"; of NULL: to nobody in particular. */
Str paper_greeting(Arena *mem, const Record *contact, Lang lang);
/** Text of the payment code of an invoice; empty when there is none for it. */
Str paper_payment(Paper *p);

/** The template in use for a kind, language and own company: its record (NULL: ours) and text, in another language where there is
    none in this one. */
MUST_CHECK Err *paper_template(Ctx *cx, Str kind, Lang *lang, Id company, Record **rec, Str *body);
/** The document of `rec` as it is now, made unless it is there.  `language` null: the customer's. */
MUST_CHECK Err *paper_make(Ctx *cx, Record *rec, Str kind, Val language, Record **out);
/** Object whose documents are of that kind. */
const char *paper_object(Str kind);
