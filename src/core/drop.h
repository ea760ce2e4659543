/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/module.h"

/* Folders whose files are imported, below the one folder the operator of the server has named: store->drop_root.  Nothing of
   another place is read or written, whatever a path or a link says. */

typedef struct DropDirs {
    int top, working, done, refused;
} DropDirs;

typedef struct DropFile {
    Str name;
    int64_t size, changed; /* bytes; nanoseconds of its last change */
} DropFile;

/** Whether `path` ("leads/from the shop") stays below the root: parts without dots in front, control characters or NUL. */
bool drop_path_is_good(Str path);
/** Opens root/path and its folders working, done, refused, made when they are not there; closed with `mem`.  No part may be
    a link.  UNAVAILABLE{error.drop.*} with the path in arg 0. */
MUST_CHECK Err *drop_open(Arena *mem, Str root, Str path, DropDirs *out);
/** Files that may be imported, by name; `*odd` (may be NULL) counts what is passed over: links, hidden and unfinished files,
    names that are no text or of another kind. */
MUST_CHECK Err *drop_list(Arena *mem, int dir, DropFile **out, size_t *n, size_t *odd);
/** A name in `dir` that nothing has: `name`, else with a number before its ending. */
Str drop_free_name(Arena *mem, int dir, Str name);
/** Moves a file; `*moved` is false when it was not there, or another has it.  Never replaces one. */
MUST_CHECK Err *drop_move(Arena *mem, int from, Str name, int to, Str as, bool *moved);
/** A nameless copy in `folder` of a file, which changes no more: open at its start, closed with `mem`.  INVALID{error.drop.*} for
    what is no plain file of one name, or is larger than `max`; NOT_FOUND when it is not there. */
MUST_CHECK Err *drop_copy(Arena *mem, int dir, Str name, Str folder, uint64_t max, int *fd, uint64_t *size,
                          Str *sha256);
MUST_CHECK Err *drop_write(Arena *mem, int dir, Str name, Str text);

/** Refuses a folder that leads out of the root, or that is no administrator's. */
extern const Module mod_drop;
