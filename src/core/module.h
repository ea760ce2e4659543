/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/record.h"

/* What a business module adds beyond its object files.  One const literal a module; the list is in app/modules.c. */

typedef struct ActionParam {
    const char *name;
    FieldType type;
    const char *
        of; /* a field it stands for, of the object or of another ("payment.method"): its type, target, options */
    const char *among;  /* of a choice: only these of its options, "a b"; NULL all */
    const char *target; /* of a reference */
    bool is_required;
    const char *label[LANG_COUNT];
} ActionParam;

/* What an action makes before it writes: in a unit that reads, so that no other write waits for it. */
typedef struct Prepared {
    Str bytes;      /* to be kept under `sha256`, and answered by an action that answers a file */
    Str sha256;     /* empty: nothing to keep */
    Str type, name; /* media type and name of the file */
    void *own;      /* the action's */
} Prepared;

/** A named verb on one record (`rec`) with checked `params` in declared order; `*out` is the reply. */
typedef Err *(*ActionFn)(Ctx *cx, Record *rec, const Val *params, Val *out);

typedef struct Action {
    const char *object, *name, *icon;
    const char *path; /* also of every object whose path leads to records of this one; NULL of none */
    const char *label[LANG_COUNT];
    const char *confirm[LANG_COUNT]; /* question asked first; NULL none */
    const char *visible; /* condition of the record; NULL always.  Offered while it is true, no right */
    const char *right;   /* "update", "delete", or its own name in the role's actions */
    const ActionParam *params;
    size_t n_params;
    bool is_danger;
    bool answers_file; /* what was prepared, unless JSON is asked for */
    bool is_secret;    /* what it answers is shown once */
    /* May be NULL.  What it fills stands in cx->prepared while `run` works; a caller in a hurry runs `run` without it. */
    Err *(*prepare)(Ctx *cx, Record *rec, const Val *params, Prepared *out);
    ActionFn run;
} Action;

static inline bool action_is_of(const Action *a, const Object *obj)
{
    if (str_eq_c(obj->name, a->object)) return true;
    return a->path && obj->path && str_eq_c(obj->path->target_name, a->path);
}

/** Called inside the write of `rec` before validation: may set fields (also read-only ones) or refuse. */
typedef Err *(*HookFn)(Ctx *cx, Record *rec, const Record *before);

#define HOOK_SETTLES 3

typedef struct Hook {
    const char *object;  /* "*" is every object */
    HookFn before_write; /* create and update; `before` NULL on create */
    HookFn before_store; /* the record is valid and about to be written: numbers are counted here */
    HookFn after_write;  /* the row is written; same transaction */
    HookFn fill; /* the object's fields are others than when the row was written: may set what is new */
    HookFn before_delete; /* may refuse; `before` is NULL */
    /* Brings `rec`, a copy of what is stored (`before`), up to date with what it is made of; what it changes is a derived
       change.  Runs at the end of a unit, once for each record that was written itself or is named by `settles` below.
       Reads as the system: ctx_as_system. */
    HookFn settle;
    /* References of this object: the records they lead to are settled when one of its own is written, comes or goes. */
    const char *settles[HOOK_SETTLES];
} Hook;

/** Has record `id` settled at the end of this unit. */
void settle_add(Ctx *cx, const Object *obj, Id id);
/** In a settle hook: stores a derived change of a part of the record that is settled. */
MUST_CHECK Err *record_settle(Ctx *cx, const Record *before, Record *rec);

/** A question over many records whose answer is no list: `args` a map of texts as asked (only those given), `*out` a map.
    References in it become {object, id, label}; texts of a period or a day are the report's to read. */
typedef Err *(*ReportFn)(Ctx *cx, const Val *args, Val *out);

typedef struct Report {
    const char *name; /* of its route: the operation in the API */
    ReportFn run;
} Report;

typedef struct JobKind {
    const char *name;
    /** Runs one job; may be run twice.  `arg` is its JSON. */
    Err *(*run)(Store *store, Arena *mem, Id job, const Val *arg);
    bool is_outgoing; /* reaches somebody outside: waits after a restore until jobs_resume */
} JobKind;

typedef struct Module {
    const char *name;
    const Action *actions;
    size_t n_actions;
    const Hook *hooks;
    size_t n_hooks;
    const JobKind *jobs;
    size_t n_jobs;
    const Report *reports;
    size_t n_reports;
} Module;
