/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any bytes through the JSON reader; what it takes must be read the same again after being written. */

#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *mem = arena_new(0);
    Val first, second;

    if (json_parse(mem, (Str){.p = (const char *)data, .n = size}, &first) == NULL) {
        Str text = json_text(mem, first);

        REQUIRE(json_parse(mem, text, &second) == NULL);
        REQUIRE(str_eq(json_text(mem, second), text));
    }
    arena_free(mem);
    return 0;
}
