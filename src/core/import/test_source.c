/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files in memory have a path too, so the readers are tested through the one door they have. */
#include "core/import/test_source.h"

#include "base/map.h"
#include "base/tap.h"

#include <sys/mman.h>
#include <unistd.h>

static void close_file(void *arg)
{
    const int *fd = arg;

    close(*fd);
}

const char *test_file(Arena *mem, Str bytes)
{
    int *fd = NEW(mem, int);
    size_t n = 0;

    *fd = memfd_create("test", MFD_CLOEXEC);
    REQUIRE(*fd >= 0);
    arena_defer(mem, close_file, fd);
    while (n < bytes.n) {
        ssize_t got = write(*fd, bytes.p + n, bytes.n - n);
        REQUIRE(got > 0);
        n += (size_t)got;
    }
    return str_to_c(mem, str_fmt(mem, "/proc/self/fd/%d", *fd));
}

Source *test_source(Arena *mem, const char *name, Str bytes, const SourceOptions *options)
{
    Source *src = NULL;

    CHECK_OK(source_open(mem, test_file(mem, bytes), str_c(name), options, &src));
    return src;
}

Err *test_refused(Arena *mem, const char *name, Str bytes, const SourceOptions *options)
{
    Source *src = NULL;
    Err *e = source_open(mem, test_file(mem, bytes), str_c(name), options, &src);

    NEED(e != NULL);
    return e;
}

Rows test_rows(Arena *mem, Source *src, size_t table)
{
    VEC(Row) rows = {0};
    bool has = true;
    size_t n;

    NEED(source_tables(src, &n) != NULL && table < n);
    CHECK_OK(source_rewind(src, table));
    for (Row row; has;) {
        CHECK_OK(source_next(src, mem, &row, &has));
        if (has) *vec_push(mem, &rows) = row;
        NEED(!has || row.problem || row.n == source_tables(src, &n)[table].n_heads);
    }
    return (Rows){rows.p, rows.n};
}

Str test_cell(const Source *src, size_t table, const Row *row, const char *heading)
{
    size_t n;
    const Table *t = &source_tables(src, &n)[table];

    for (size_t i = 0; i < t->n_heads; i++)
        if (str_eq_c(t->heads[i], heading)) return i < row->n ? row->cells[i] : S("(no cell)");
    return S("(no heading)");
}

const char *test_data(Arena *mem, const char *path)
{
    const char *full = str_to_c(mem, str_fmt(mem, "%s/%s", SHARED_DATA, path));

    if (access(full, R_OK) == 0) return full;
    tap_skip("no data folder beside the project");
}
