/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "db/db.h"

/* Point-in-time restore of SQLite: the committed frames of its log (WAL), copied to numbered files before the log begins
   anew.  A segment is `<folder>/<chain>/<number>.seg`; a chain has no gaps.  A copy of the database (db_copy) says at
   which segment its future begins.  Which chain a data folder goes on with is in its file `ship.chain`. */

typedef struct Ship Ship;

/** Goes on with the folder's chain, or begins one where that is not whole: `folder` is made.  Starts a thread that copies
    once a second, and every hour removes what no restore within `days` needs (0: nothing).  `path` is that of kith.db. */
MUST_CHECK Err *ship_open(Arena *mem, Str path, Str folder, int64_t days, Ship **out);
/** Copies the rest and notes that nothing is left, so that the chain goes on after SQLite has emptied its log. */
void ship_close(Ship *s);
/** A commit has made the log `frames` long; on the writer's thread. */
void ship_note_commit(Ship *s, int frames);
/** Copies and syncs whatever is committed; false when that cannot be done now: the log must not begin anew. */
bool ship_flush(Ship *s);
/** Gives the chain up, since the log can wait no longer; the next flush begins another, of no use before a backup. */
void ship_break(Ship *s);
/** Flushes and tells where the future begins: "chain/number". */
Str ship_position(Arena *mem, Ship *s);
/** A data folder is used without shipping: its chain ends. */
void ship_forget(Arena *mem, Str path);

/** A backup whose future begins at `position` is whole on the disk: a chain may begin there when that is long ago. */
void ship_note_base(Arena *mem, Str folder, Str position);
/** The number of the first segment of the chain, 1 when it has none. */
uint64_t ship_first(Arena *mem, Str folder, Str chain);
/** Removes the segments before the newest backup that is older than `days`; how many. */
uint64_t ship_prune(Arena *mem, Str folder, Str chain, int64_t days);

/** Applies to the database file `file` the segments that follow `start` ("chain/number", of a copy that is of the moment
    `from`, ms), as far as commits until `until` ms; `*reached` is the time of the last one, 0 when there was none.
    INVALID{error.ship.none} when the copy has no chain here, INVALID{error.ship.gap} when a segment is missing or damaged
    before `until`, INVALID{error.ship.early} when `until` lies before the copy. */
MUST_CHECK Err *ship_apply(Arena *mem, Str folder, Str start, Str file, int64_t from, int64_t until,
                           int64_t *reached);

/* --- the file format, shared by both ends ------------------------------------------------------------------------------ */

#define SHIP_MAGIC  "KITHSEG1"
#define SHIP_END    "KITHEND1"
#define WAL_HEADER  32
#define WAL_FRAME   24
#define SHIP_NUMBER 8 /* digits */

/* In the machine's byte order.  Frames as SQLite wrote them follow, then the commits, then the end. */
typedef struct ShipHead {
    char magic[8];
    uint64_t number;
    unsigned char wal[WAL_HEADER];
    uint32_t first, page_size; /* number of the first frame in its log */
    uint32_t sum[2];           /* SQLite's running checksum before the first frame */
} ShipHead;

typedef struct ShipCommit {
    uint32_t frames; /* of this segment, up to and with this commit */
    uint32_t unused;
    int64_t time; /* ms, when it was durable; 0: before the program started, between its neighbours */
} ShipCommit;

typedef struct ShipEnd {
    uint32_t frames, commits;
    uint32_t sum[2]; /* of the head and the commits */
    char magic[8];
} ShipEnd;

/** SQLite's checksum of WAL headers and frames; `n` is a multiple of 8. */
void ship_sum(bool is_big, const void *p, size_t n, uint32_t sum[2]);
/** A big-endian number of a WAL header. */
uint32_t ship_u32(const unsigned char *p);
