/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Finds a file carried inside the binary.  The table is written at build time by tools/embed, sorted by
 * path in bytes, so a look-up is a binary search. */

#include "base/embed.h"

const Embed *embed_find(Str path)
{
    size_t low = 0, high = embed_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(path, str_c(embed_table[middle].path));

        if (order == 0) return &embed_table[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const Embed *embed_all(size_t *n)
{
    *n = embed_count;
    return embed_table;
}
