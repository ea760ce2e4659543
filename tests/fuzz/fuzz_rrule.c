/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any text as a rule of recurrence: what is read is written and read back the same, and time goes forward. */

#include "base/err.h"
#include "base/rrule.h"
#include "base/val.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Rrule rule, again;
    int64_t at = 1773043200000;

    if (!rrule_parse((Str){(const char *)data, size}, &rule)) return 0;
    Arena *mem = arena_new(0);
    REQUIRE(rrule_parse(rrule_text(mem, &rule), &again) && memcmp(&rule, &again, sizeof rule) == 0);
    for (int i = 0; i < 20; i++) {
        int64_t next = rrule_next(&rule, S("Europe/Warsaw"), at);
        REQUIRE(next < 0 || next > at);
        if (next < 0) break;
        at = next;
    }
    arena_free(mem);
    return 0;
}
