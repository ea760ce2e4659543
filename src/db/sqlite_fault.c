/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What SQLite does to files and with memory, failing where a test asks for it (base/fault.h).  A file is the system's own
 * with three of its methods replaced; what was there before stands behind it.  Memory is SQLite's own allocator.  Nothing is
 * installed unless a test has asked, and nothing of it is in a release build. */

#include "db/driver.h"

#if KITH_TEST_HOOKS
#include "base/fault.h"
#include "base/log.h"

#include <sqlite3.h>

/* Lies behind the system's own file structure. */
typedef struct Behind {
    sqlite3_io_methods methods;
    const sqlite3_io_methods *real;
} Behind;

static sqlite3_vfs *real_vfs, our_vfs;
static sqlite3_mem_methods real_memory;

static Behind *behind(sqlite3_file *f)
{
    return (Behind *)((char *)f + ((real_vfs->szOsFile + 15) & ~15));
}

static int on_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    if (fault_now(FAULT_FULL)) return SQLITE_FULL;
    if (fault_now(FAULT_WRITE)) return SQLITE_IOERR_WRITE;
    return behind(f)->real->xWrite(f, p, n, at);
}

static int on_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    if (fault_now(FAULT_WRITE)) return SQLITE_IOERR_TRUNCATE;
    return behind(f)->real->xTruncate(f, size);
}

static int on_sync(sqlite3_file *f, int flags)
{
    if (fault_now(FAULT_SYNC)) return SQLITE_IOERR_FSYNC;
    return behind(f)->real->xSync(f, flags);
}

static int on_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *f, int flags, int *out_flags)
{
    int rc = real_vfs->xOpen(real_vfs, name, f, flags, out_flags);

    (void)vfs;
    if (rc != SQLITE_OK || !f->pMethods) return rc;
    Behind *b = behind(f);
    b->real = f->pMethods;
    b->methods = *f->pMethods;
    b->methods.xWrite = on_write;
    b->methods.xTruncate = on_truncate;
    b->methods.xSync = on_sync;
    f->pMethods = &b->methods;
    return rc;
}

static void *on_malloc(int n)
{
    return fault_now(FAULT_MALLOC) ? NULL : real_memory.xMalloc(n);
}

static void *on_realloc(void *p, int n)
{
    return fault_now(FAULT_MALLOC) ? NULL : real_memory.xRealloc(p, n);
}

void sqlite_fault_memory(void)
{
    sqlite3_mem_methods ours;

    if (!fault_is_on() || sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) != SQLITE_OK) return;
    ours = real_memory;
    ours.xMalloc = on_malloc;
    ours.xRealloc = on_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK)
        log_line(LOG_WARN, "sqlite was started before", NULL);
}

void sqlite_fault_files(void)
{
    real_vfs = fault_is_on() ? sqlite3_vfs_find(NULL) : NULL;
    if (!real_vfs) return;
    our_vfs = *real_vfs;
    our_vfs.zName = "faults";
    our_vfs.pNext = NULL;
    our_vfs.szOsFile = ((real_vfs->szOsFile + 15) & ~15) + (int)sizeof(Behind);
    our_vfs.xOpen = on_open;
    if (sqlite3_vfs_register(&our_vfs, 1) != SQLITE_OK) log_line(LOG_WARN, "no faults in files", NULL);
}
#endif
