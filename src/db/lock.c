/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One process a data folder: a lock on a file in it, which ends with the process however that ends.  The number in the file
 * is for the message only. */

#include "db/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

static Str owner(Arena *mem, int fd)
{
    char text[24];
    ssize_t n = pread(fd, text, sizeof text, 0);
    int64_t pid;

    if (n <= 0 || !str_to_i64(str_trim((Str){text, (size_t)n}), &pid)) return (Str){0};
    return str_fmt(mem, " (process %lld)", (long long)pid);
}

/* Nothing depends on it: a full disk is no reason not to start. */
static void sign(int fd)
{
    if (ftruncate(fd, 0) == 0) dprintf(fd, "%d\n", (int)getpid());
}

Err *lock_folder(Arena *mem, Str dir, int *out)
{
    char *path = str_to_c(mem, str_cat(mem, dir, S("/kith.lock")));

    *out = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*out < 0)
        FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", "cannot open %s: %s", path,
             strerrordesc_np(errno));
    if (flock(*out, LOCK_EX | LOCK_NB) == 0) {
        sign(*out);
        return NULL;
    }
    Str who = errno == EWOULDBLOCK ? owner(mem, *out) : str_c(strerrordesc_np(errno));
    FAIL(mem, ERR_CONFLICT, "error.db.locked", "%.*s%.*s", SFMT(dir), SFMT(who));
}
