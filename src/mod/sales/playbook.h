/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/query.h"

/* Playbooks in memory: a tree of steps as data. */

#define PLAY_END "end" /* where an answer leads that ends the playbook */

typedef struct PlayAnswer {
    Str label[LANG_COUNT];
    Str to; /* key of a step, PLAY_END, or empty: the step that follows */
} PlayAnswer;

typedef struct PlayStep {
    Id id;
    Str key, kind;
    Str text[LANG_COUNT];
    PlayAnswer *answers;
    size_t n_answers;
    bool is_required;
    Str task; /* empty: makes none */
    int64_t task_days;
} PlayStep;

typedef struct Playbook {
    Id id;
    Str name, goal;
    bool is_active;
    PlayStep *steps; /* in order */
    size_t n;
} Playbook;

/** Reads "Yes / Да / Tak -> budget", one a line.  INVALID{error.play.answer} for a line without a label. */
MUST_CHECK Err *play_answers(Arena *mem, Str lines, PlayAnswer **out, size_t *n);
/** The steps of `playbook`. */
MUST_CHECK Err *playbook_load(Ctx *cx, const Record *playbook, Playbook *out);
/** Index of step `key`; -1 when there is none. */
int play_find(const Playbook *book, Str key);
/** Index of the step after `step` when `answer` is given (NULL: none); -1 at the end. */
int play_next(const Playbook *book, int step, const PlayAnswer *answer);
