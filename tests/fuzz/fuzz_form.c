/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes as the body of a form: the first line is its media type.  What is taken is text without a NUL, and no more than
 * was sent. */

#include "http/form.h"

#include <stdint.h>
#include <string.h>

static void check(const HttpPair *pairs, size_t n, size_t size)
{
    size_t total = 0;

    REQUIRE(n <= FORM_PAIRS_MAX);
    for (size_t i = 0; i < n; i++) {
        const Str texts[] = {pairs[i].name, pairs[i].value};
        for (size_t k = 0; k < 2; k++) {
            REQUIRE(utf8_is_valid(texts[k]) && (!texts[k].n || !memchr(texts[k].p, 0, texts[k].n)));
            total += texts[k].n;
        }
    }
    REQUIRE(total <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *mem = arena_new(0);
    Str body = {(const char *)data, size}, type = str_cut(&body, '\n');
    HttpPair *pairs = NULL;
    size_t n = 0;

    if (!form_read(mem, type, body, &pairs, &n)) check(pairs, n, size);
    form_query_of(mem, body, &pairs, &n);
    check(pairs, n, size);
    arena_free(mem);
    return 0;
}
