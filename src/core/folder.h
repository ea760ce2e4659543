/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* Files and folders of a backup: copied with their SHA-256, synced, removed.  Paths are absolute or of the working
   folder.  Errors: LIMIT{error.db.full} for a full disk, UNAVAILABLE{error.backup.disk} for anything else. */

/** An error of the disk, from errno. */
Err *folder_error(Arena *mem, const char *what, Str path);
bool folder_has(Arena *mem, Str path);
/** Makes one folder (0700) unless it is there. */
MUST_CHECK Err *folder_make(Arena *mem, Str path);
/** Syncs a file, or the names in a folder. */
MUST_CHECK Err *folder_sync(Arena *mem, Str path);
/** Syncs all that was written to the disk that `path` is on. */
MUST_CHECK Err *folder_sync_all(Arena *mem, Str path);
/** Removes `path` with everything in it; it need not be there. */
MUST_CHECK Err *folder_remove(Arena *mem, Str path);
MUST_CHECK Err *folder_rename(Arena *mem, Str from, Str to);
/** Names in a folder, sorted, without . and ..; none when there is no such folder. */
MUST_CHECK Err *folder_names(Arena *mem, Str path, Str **out, size_t *n);
/** Paths of the files below `path`, relative to it, sorted. */
MUST_CHECK Err *folder_files(Arena *mem, Str path, Str **out, size_t *n);

/** Writes a small file, synced. */
MUST_CHECK Err *folder_write(Arena *mem, Str path, Str text);
/** Reads a file of at most `max` bytes; NOT_FOUND{error.backup.missing}. */
MUST_CHECK Err *folder_read(Arena *mem, Str path, size_t max, Str *out);

typedef struct FileSum {
    int64_t size;
    Str sha256; /* 64 hexadecimal digits */
} FileSum;

/** Told the bytes read so far; an error ends the work. */
typedef Err *(*FolderProgress)(void *arg, int64_t more);

/** Copies `from` to the new file `to` (empty: only reads) and gives its size and hash.  Not synced.
    NOT_FOUND{error.backup.missing} when `from` is not there. */
MUST_CHECK Err *folder_copy(Arena *mem, Str from, Str to, FileSum *out, FolderProgress progress, void *arg);
