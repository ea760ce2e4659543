/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Prints the JSON Schema of object files; tests/meta/object_schema.py keeps docs/object-schema.json equal to it. */

#include "meta/meta.h"

#include <stdio.h>

#define SCHEMA_MAX (1u << 20)

int main(void)
{
    Arena *mem = arena_new(0);
    Buf b = buf_new(mem, SCHEMA_MAX);
    bool is_written = false;

    meta_json_schema(&b);
    is_written = !b.is_over && fwrite(b.p, 1, b.n, stdout) == b.n && putchar('\n') == '\n';
    arena_free(mem);
    return is_written ? 0 : 1;
}
