/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "db/db.h"

/* Work in rows that several threads and processes take from: what is taken belongs to one until a moment, and the number of
   the attempt is the fence against one that comes too late.  The table has id, due and attempts. */

/* Parts of one statement, over its binds; literals. */
typedef struct Lease {
    const char *table;
    const char *taken;   /* what becomes of a row: "state = 'running', lease = ?2" */
    const char *due;     /* which may be taken */
    const char *most;    /* how many: "1", "?3" */
    const char *columns; /* read back of those taken */
} Lease;

/** Takes rows, those due longest first, each once counted in `attempts`; rows another is just taking are passed over. */
MUST_CHECK Err *lease_take(Arena *mem, DbConn *c, const Lease *lease, const Val *binds, size_t n,
                           DbRows **out);
