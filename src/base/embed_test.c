/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The embedded files: every one is found by its path, the table is sorted, text ends with a zero byte. */

#include "base/embed.h"
#include "base/tap.h"

TEST(finds_every_file)
{
    size_t n = 0;
    const Embed *all = embed_all(&n);

    for (size_t i = 0; i < n; i++) CHECK(embed_find(str_c(all[i].path)) == &all[i]);
}

TEST(is_sorted_and_terminated)
{
    size_t n = 0;
    const Embed *all = embed_all(&n);

    for (size_t i = 0; i < n; i++) {
        if (i > 0) CHECK(strcmp(all[i - 1].path, all[i].path) < 0);
        if (!all[i].is_gzip) CHECK_EQ_INT(all[i].data[all[i].size], 0);
        CHECK(all[i].etag[0] == '"');
    }
}

TEST(misses_what_is_absent)
{
    CHECK(embed_find((Str){0}) == NULL);
    CHECK(embed_find(S("zz/none")) == NULL);
}
