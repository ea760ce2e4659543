/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/import/source.h"

#include <sys/mman.h>
#include <unistd.h>

/* Any bytes as a file to import: whatever opens is read twice.  Both readings agree, cells are text, and a row without a
   problem is as wide as its headings. */

static inline uint64_t read_source(Source *src, size_t table)
{
    Arena *tmp = arena_new(256 << 20);
    uint64_t hash = 0;
    size_t n;
    const Table *t = &source_tables(src, &n)[table];
    bool has = source_rewind(src, table) == NULL;

    for (int64_t rows = 0; has && rows < 20000; rows++) {
        Row row;
        arena_reset(tmp);
        if (source_next(src, tmp, &row, &has) != NULL || !has) break;
        REQUIRE(row.problem || row.n == t->n_heads);
        for (size_t i = 0; i < row.n; i++) {
            REQUIRE(utf8_is_valid(row.cells[i]) &&
                    (!row.cells[i].n || !memchr(row.cells[i].p, 0, row.cells[i].n)));
            hash = hash * 31 + str_hash(row.cells[i]);
        }
        for (size_t i = 0; i < row.n_blobs; i++) REQUIRE(row.blobs[i].data.n <= SOURCE_BLOB_MAX);
        hash = hash * 31 + (uint64_t)row.line + (row.problem != NULL);
        REQUIRE(source_position(src) >= 0);
    }
    arena_free(tmp);
    return hash;
}

static inline void fuzz_source(const void *data, size_t size, const char *name)
{
    Arena *mem = arena_new(0);
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    Source *src;
    size_t n;

    REQUIRE(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    if (source_open(mem, str_to_c(mem, str_fmt(mem, "/proc/self/fd/%d", fd)), str_c(name), NULL, &src) ==
        NULL) {
        const Table *tables = source_tables(src, &n);
        for (size_t i = 0; i < n; i++) {
            REQUIRE(tables[i].n_heads <= SOURCE_COLUMNS_MAX);
            for (size_t k = 0; k < tables[i].n_heads; k++) REQUIRE(tables[i].heads[k].n > 0);
            uint64_t first = read_source(src, i);
            REQUIRE(read_source(src, i) == first);
        }
        source_close(src);
    }
    arena_free(mem);
    close(fd);
}
