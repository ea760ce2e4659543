/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* The options of choices as the site changes them: records of object choice_option (core/layer). */

/** Most options of one choice. */
#define OPTIONS_MAX 500

/** Whether people may add options to `f`: a choice they fill in, of business objects. */
bool options_may_grow(const Field *f);

/* A change of one option; what is not given stays. */
typedef struct OptionEdit {
    Str key;     /* empty: a new one, its key is made of the label */
    Label label; /* languages that are given */
    Str color;
    int64_t position; /* 0: not given */
    int8_t hidden;    /* 0 not given, 1 hidden, -1 shown */
    bool is_reset;    /* back to what was declared; an added option goes */
} OptionEdit;
/** Writes what `edit` says of an option of `f`, in the caller's rights: `*key` gets its key.  INVALID{error.option.*}. */
MUST_CHECK Err *option_edit(Ctx *cx, const Field *f, const OptionEdit *edit, Str *key);

/** The key an option called `label` would get: small Latin letters, digits, _; one `f` has not, nor any of `taken`. */
Str option_key(Arena *mem, const Field *f, Str label, const StrMap *taken);

/** Checks whatever is written to choice_option, whoever writes it. */
extern const Module mod_option;
