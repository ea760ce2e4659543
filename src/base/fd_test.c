/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A nameless file leaves nothing in its folder, and all is written: through a pipe that takes little at a time too. */

#include "base/fd.h"
#include "base/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MUCH ((size_t)1 << 20)

TEST(a_nameless_file_is_of_no_folder)
{
    const char *base = getenv("TMPDIR");
    char *dir = str_to_c(mem, str_fmt(mem, "%s/kith-fd-XXXXXX", base ? base : "/tmp")), got[8] = {0};

    NEED(mkdtemp(dir) != NULL);
    int fd = fd_nameless(mem, str_c(dir));
    NEED(fd >= 0);
    CHECK(fd_write(fd, S("kept")));
    CHECK_EQ_INT(pread(fd, got, sizeof got, 0), 4);
    CHECK(str_eq(str_c(got), S("kept")));
    CHECK_EQ_INT(rmdir(dir), 0); /* empty */
    close(fd);
}

TEST(no_folder_is_said)
{
    CHECK_EQ_INT(fd_nameless(mem, S("/no/such/folder")), -1);
    CHECK_EQ_INT(errno, ENOENT);
}

TEST(a_full_device_is_said)
{
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

    NEED(fd >= 0);
    CHECK(fd_write(fd, (Str){0}));
    CHECK(!fd_write(fd, S("x")));
    CHECK_EQ_INT(errno, ENOSPC);
    close(fd);
}

static void *read_slowly(void *arg)
{
    const int *from = arg;
    static char part[777];
    static size_t total;

    for (ssize_t n; (n = read(*from, part, sizeof part)) > 0;) total += (size_t)n;
    return &total;
}

TEST(all_goes_through_a_pipe)
{
    char *much = arena_alloc(mem, MUCH);
    pthread_t reader;
    void *total = NULL;
    int ends[2];

    memset(much, 'x', MUCH);
    NEED(pipe2(ends, O_CLOEXEC) == 0);
    NEED(pthread_create(&reader, NULL, read_slowly, &ends[0]) == 0);
    CHECK(fd_write(ends[1], (Str){much, MUCH}));
    close(ends[1]);
    pthread_join(reader, &total);
    CHECK_EQ_INT((int64_t) * (size_t *)total, (int64_t)MUCH);
    close(ends[0]);
}
