/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which shipped segments may go.  A segment is of use only after a backup that is older: each finished backup leaves an empty file
 * `<number>.base` in its chain, and of those older than the days asked for the newest is where a chain may begin.  So every
 * moment of these days stays within reach of a backup made before them, and nothing goes while there is none.  Other chains
 * are left alone: they may be another installation's. */
#include "db/ship.h"

#include "base/log.h"
#include "base/time.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_S 86400

/* "00000017.seg" is 17; 0 when the name does not end so. */
static uint64_t number_in(Str name, Str ending)
{
    int64_t n = 0;
    bool is_one = name.n == SHIP_NUMBER + ending.n && str_ends(name, ending) &&
                  str_to_i64(str_sub(name, 0, SHIP_NUMBER), &n);

    return is_one && n > 0 ? (uint64_t)n : 0;
}

typedef struct Chain {
    Str path;
    uint64_t first, last; /* numbers of its segments, 0 none; the last one says where the chain goes on */
    uint64_t begin;       /* where it may begin; 0: nothing may go */
} Chain;

static bool is_older(Arena *mem, Str path, int64_t days)
{
    struct stat st;

    return stat(str_to_c(mem, path), &st) == 0 && st.st_mtime <= clock_now_ms() / 1000 - days * DAY_S;
}

static void look_at(Arena *mem, Chain *chain, Str name, int64_t days)
{
    uint64_t segment = number_in(name, S(".seg")), base = number_in(name, S(".base"));

    if (segment && (!chain->first || segment < chain->first)) chain->first = segment;
    if (segment > chain->last) chain->last = segment;
    if (days > 0 && base > chain->begin &&
        is_older(mem, str_fmt(mem, "%.*s/%.*s", SFMT(chain->path), SFMT(name)), days))
        chain->begin = base;
}

static bool read_chain(Arena *mem, Str folder, Str id, int64_t days, Chain *out)
{
    *out = (Chain){.path = str_fmt(mem, "%.*s/%.*s", SFMT(folder), SFMT(id))};
    DIR *dir = opendir(str_to_c(mem, out->path));

    if (!dir) return false;
    for (const struct dirent *d; (d = readdir(dir));) look_at(mem, out, str_c(d->d_name), days);
    closedir(dir);
    return true;
}

uint64_t ship_first(Arena *mem, Str folder, Str chain)
{
    Chain c;

    return read_chain(mem, folder, chain, 0, &c) && c.first ? c.first : 1;
}

void ship_note_base(Arena *mem, Str folder, Str position)
{
    Str number = position, chain = str_cut(&number, '/');
    int64_t n = 0;

    if (!chain.n || !str_to_i64(number, &n)) return;
    Str path = str_fmt(mem, "%.*s/%.*s/%0*" PRId64 ".base", SFMT(folder), SFMT(chain), SHIP_NUMBER, n);
    int fd = open(str_to_c(mem, path), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || fsync(fd))
        log_line(LOG_WARN, "shipped segments stay: the backup cannot be noted beside them",
                 "path=%.*s error=%s", SFMT(path), strerrordesc_np(errno));
    if (fd >= 0) close(fd);
}

/* From the oldest on, so that a chain that was cut short in the middle of this has no gap. */
uint64_t ship_prune(Arena *mem, Str folder, Str chain, int64_t days)
{
    uint64_t removed = 0;
    Chain c;

    if (days <= 0 || !read_chain(mem, folder, chain, days, &c) || !c.first) return 0;
    for (uint64_t n = c.first; n < c.begin && n < c.last; n++) {
        Str path = str_fmt(mem, "%.*s/%0*" PRIu64, SFMT(c.path), SHIP_NUMBER, n);
        (void)unlink(str_to_c(mem, str_cat(mem, path, S(".base"))));
        if (unlink(str_to_c(mem, str_cat(mem, path, S(".seg")))) && errno != ENOENT) break;
        removed++;
    }
    if (removed)
        log_line(LOG_INFO, "old segments removed", "chain=%.*s segments=%" PRIu64, SFMT(chain), removed);
    return removed;
}
