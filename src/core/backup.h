/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/store.h"

/* Backups: one folder with the database at one moment, the contents of files, the site's object files, and manifest.json,
   which names each file with its size and SHA-256 and is written last.  The folder has another name until all of it is
   on the disk.  secret.key is never in it. */

#define BACKUP_MANIFEST "manifest.json"

typedef struct BackupFile {
    Str path, sha256;
    int64_t size;
} BackupFile;

typedef struct Backup {
    Str dir;      /* the folder */
    Str name;     /* its last part */
    Str version;  /* of the program whose database it is */
    Str database; /* "sqlite" or "postgres" */
    Str cursor;   /* "epoch.tx.seq" of the last change */
    Str ship;     /* where the shipped log goes on from it, or empty */
    int64_t generation;
    int64_t began, moment,
        at; /* ms: the database is that of a moment between `began` and `moment`; `at` is the end */
    int64_t bytes;
    int64_t verified; /* ms of the last good verification, 0 never */
    bool is_scheduled;
    bool is_damaged; /* its manifest cannot be read */
    BackupFile *files;
    size_t n_files;
    Str *damaged; /* contents whose hash was not their name already when they were copied */
    size_t n_damaged;
} Backup;

typedef Err *(*BackupProgress)(void *arg, int64_t done, int64_t total);

typedef struct BackupOptions {
    Db *db;
    Str data; /* folder with files/ and site/ */
    Str to;   /* must not exist, or be empty */
    Str ship; /* folder of shipped segments, which learns of it; or empty */
    bool is_scheduled;
    BackupProgress
        progress; /* called on this thread about twice a second; an error stops the backup; may be NULL */
    void *arg;
} BackupOptions;

/** Makes a backup on a thread of its own, in the background of everything else, and waits for it.
    CONFLICT{error.backup.exists} when `to` holds something. */
MUST_CHECK Err *backup_make(Arena *mem, const BackupOptions *opt, Backup *out);

/** Reads the manifest of `dir`.  NOT_FOUND{error.backup.missing}, INVALID{error.backup.damaged}. */
MUST_CHECK Err *backup_read(Arena *mem, Str dir, Backup *out);
/** Reads every file and compares it with the manifest: INVALID{error.backup.damaged} names the first that differs. */
MUST_CHECK Err *backup_hashes(Arena *mem, const Backup *b, BackupProgress progress, void *arg);
/** Notes beside the manifest that the backup has been proved now. */
MUST_CHECK Err *backup_mark_verified(Arena *mem, const Backup *b, int64_t now);

/** The backups in `folder`, newest first. */
MUST_CHECK Err *backup_list(Arena *mem, Str folder, Backup **out, size_t *n);
/** "kith-20261122T023000Z" in `folder`, of a name that is not there yet. */
Str backup_new_path(Arena *mem, Str folder, int64_t now);

typedef struct BackupKeep {
    int64_t daily, weekly, monthly;
} BackupKeep;
/** "7 4 12": INVALID{error.usage}. */
MUST_CHECK Err *backup_keep_parse(Arena *mem, Str text, BackupKeep *out);
/** Which of `all` (newest first) the rule lets go: only scheduled ones, never the newest. */
void backup_rotation(const Backup *all, size_t n, const BackupKeep *keep, bool *goes);
/** Removes those; gives their number. */
MUST_CHECK Err *backup_rotate(Arena *mem, Str folder, const BackupKeep *keep, size_t *removed);

typedef struct RestoreOptions {
    Str from;
    Str data; /* absent, or without a database and files */
    Str url;  /* PostgreSQL: an empty database */
    Str ship; /* folder of shipped segments (SQLite), or empty */
    int64_t until;
    bool is_trial; /* for a verification: the epoch stays */
    BackupProgress progress;
    void *arg;
} RestoreOptions;

typedef struct Restored {
    Backup backup;
    int64_t epoch;   /* the new one */
    int64_t reached; /* ms of the last change taken from shipped segments, 0 none */
} Restored;

/** Puts a backup into an empty place, proving each file on the way; then raises the epoch, ends sessions, takes back links
    and leases, and pauses outgoing jobs.  CONFLICT{error.restore.occupied}, CONFLICT{error.store.newer},
    INVALID{error.backup.damaged}, INVALID{error.restore.kind} for a backup of the other database. */
MUST_CHECK Err *backup_restore(Arena *mem, const RestoreOptions *opt, Restored *out);

/** The same for a PostgreSQL database that was put back by other means (its own point-in-time recovery): the new epoch, nobody
    signed in, nothing sent.  INVALID{error.usage} without `url`. */
MUST_CHECK Err *backup_restored(Arena *mem, const RestoreOptions *opt, int64_t *epoch);

/** True when version `a` ("0.10.2") is later than `b`. */
bool version_is_later(Str a, Str b);
