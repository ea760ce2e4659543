/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any text through the CEL parser, checker and evaluator; what parses must parse again from its own text. */

#include "cel/cel.h"

static bool no_value(void *arg, Arena *mem, Str name, Val *out)
{
    (void)arg, (void)mem, (void)name, (void)out;
    return false;
}

static bool no_field(void *arg, Arena *mem, Val object, Str name, Val *out)
{
    (void)arg, (void)mem, (void)object, (void)name, (void)out;
    return false;
}

static void run(Arena *mem, CelNode *root)
{
    const CelEnv env = {.is_dynamic = true};
    const CelScope scope = {.ident = no_value, .field = no_field};
    Val value;

    if (cel_check(mem, &env, root, NULL) != NULL) return;
    if (cel_eval(mem, root, &scope, &value) != NULL) return;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *mem = arena_new(0);
    Str source = {.p = (const char *)data, .n = size};
    CelNode *root = NULL, *again = NULL;

    if (utf8_is_valid(source) && cel_parse(mem, source, &root) == NULL) {
        REQUIRE(cel_parse(mem, cel_text(mem, root), &again) == NULL);
        run(mem, root);
    }
    arena_free(mem);
    return 0;
}
