/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing to files as it has to be done: a write may take a part only or be interrupted, and a file nobody is to find again
   must not have a name even for the moment in which the program is killed.  Knows nothing of errors of ours: those who call
   say what the file was for. */
#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

bool fd_write(int fd, Str bytes)
{
    while (bytes.n) {
        ssize_t done = write(fd, bytes.p, bytes.n);
        if (done < 0 && errno == EINTR) continue;
        if (done == 0) errno = EIO;
        if (done <= 0) return false;
        bytes = str_from(bytes, (size_t)done);
    }
    return true;
}

/* Where the file system knows no nameless files, one whose name is taken away at once. */
int fd_nameless(Arena *mem, Str folder)
{
    int fd = open(str_to_c(mem, folder), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    char *path = str_to_c(mem, str_cat(mem, folder, S("/nameless-XXXXXX")));

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return fd;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) (void)unlink(path);
    return fd;
}
