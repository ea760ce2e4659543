/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/command.h"
#include "app/config.h"
#include "core/backup.h"
#include "core/module.h"

/** kith backup: makes one through whoever owns the folder, or proves one (--verify).  Gives the exit status. */
int cmd_backup_main(Arena *mem, const Config *config, const StoreOptions *opt, Str *args, size_t n);
/** kith restore. */
int cmd_restore_main(Arena *mem, const Config *config, Str *args, size_t n);

/** Proves the backup in `dir`: its hashes, a restore into a place of trial (on PostgreSQL a new database beside `url`, when
    there is one), and kith check there.  `report` gets what kith check says. */
MUST_CHECK Err *backup_prove(Arena *mem, Str dir, Str url, Backup *out, Str *report, bool *is_checked);

/* The jobs: backup.now, backup.nightly, backup.verify. */
extern const Module app_backup_module;

/** The schedule of the settings: the next nightly backup is due at the time of day `at` of the company. */
MUST_CHECK Err *backup_schedule(Store *store, Arena *mem, const Config *config);
