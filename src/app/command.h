/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/buf.h"
#include "core/store.h"

/* Commands of the command line.  A command is a function over an open store that reads arguments and input and writes text:
   the same function runs in a process of its own or, when a server owns the data folder, inside the server, asked through
   its socket. */

typedef enum Exit { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_PARTLY = 3 } Exit;

typedef struct Run {
    Arena *mem;
    Store *store;    /* NULL for commands that need none */
    const Str *args; /* after the command's name, global options removed */
    size_t n;
    Str input;    /* standard input, read when the command says it needs it */
    Str cwd;      /* folder relative paths are read from */
    Buf out, err; /* what it prints */
    bool is_json; /* --json */
    void (*progress)(struct Run *run, int64_t done, int64_t total); /* of long work; may be NULL */
    void *progress_arg;
    Exit code;
} Run;

typedef Err *(*CommandFn)(Run *run);

typedef enum CommandNeeds { NEEDS_NOTHING, NEEDS_STORE, NEEDS_CONFIG } CommandNeeds;

typedef struct Command {
    const char *name, *usage, *help;
    CommandNeeds needs;
    CommandFn run;
    bool reads_input;
} Command;

extern const Command app_commands[];
extern const size_t app_commands_count;

/* Options of a command, taken out of its arguments: "--name value", "--name=value", "--flag". */
/** Value of `--name`; p NULL when absent.  Taken arguments become empty and are not positional any more. */
Str run_option(Run *run, const char *name);
bool run_flag(Run *run, const char *name);
/** The next positional argument; p NULL when there is none. */
Str run_positional(Run *run);
/** An object as people name it: its name or its plural.  INVALID{error.usage} when there is none. */
MUST_CHECK Err *run_object(Run *run, Str name, const Object **out);
/** INVALID{error.usage} when options or arguments are left over. */
MUST_CHECK Err *run_no_more(Run *run);
/** A path as the caller's folder sees it. */
Str run_path(Run *run, Str path);

/** Runs `fn` in a write or read unit as the system. */
MUST_CHECK Err *run_write(Run *run, Err *(*fn)(Ctx *cx, void *arg), void *arg);
MUST_CHECK Err *run_read(Run *run, Err *(*fn)(Ctx *cx, void *arg), void *arg);

/** Draws a bar on standard error when that is a terminal; a command's `progress` in a process of its own. */
void progress_draw(struct Run *run, int64_t done, int64_t total);
/** Takes the bar away again. */
void progress_clear(void);

/* --- commands by file ------------------------------------------------------------------------------------------------ */
Err *cmd_user(Run *run);
Err *cmd_key(Run *run);
Err *cmd_role(Run *run);
Err *cmd_schema(Run *run);
Err *cmd_version(Run *run);
Err *cmd_demo(Run *run);
Err *cmd_import(Run *run);
Err *cmd_export(Run *run);
Err *cmd_check(Run *run);
Err *cmd_duplicates(Run *run);
Err *cmd_webhook(Run *run);
Err *cmd_meta(Run *run);
Err *cmd_secrets(Run *run);
Err *cmd_backup(Run *run);
Err *cmd_resume_jobs(Run *run);
Err *cmd_bench(Run *run);
