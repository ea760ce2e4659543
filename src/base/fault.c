/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words that a test shares with the program it torments (base/fault.h).  The test may write them at any moment, from
   another process: it takes `first` away, then sets the count, then `last`, then `first`. */
#include "base/fault.h"

#if KITH_TEST_HOOKS
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct Words {
    _Atomic int64_t first, last, seen;
} Words;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static Words *words;

static void map_words(void)
{
    const char *path = getenv("KITH_TEST_FAULTS");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

    if (fd < 0) return;
    void *p = mmap(NULL, FAULT_COUNT * sizeof(Words), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p != MAP_FAILED) words = p;
    close(fd);
}

bool fault_is_on(void)
{
    pthread_once(&once, map_words);
    return words != NULL;
}

bool fault_now(Fault f)
{
    if (!fault_is_on()) return false;
    int64_t n = atomic_fetch_add(&words[f].seen, 1) + 1, first = atomic_load(&words[f].first);
    int64_t last = atomic_load(&words[f].last);
    if (first > 0 && n >= first && last == FAULT_DIES) raise(SIGKILL);
    return first > 0 && n >= first && n <= last;
}
#endif
