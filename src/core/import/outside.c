/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same outside id is written in several ways: trees refer to "Ref1" as "@Ref1", and Salesforce has ids of 15 characters, in which
   the case of letters matters, and of 18, which are the same and three more that say which letters are capitals, for programs
   that do not tell them apart. */
#include "core/import/parts.h"

#include <string.h>

#define SHORT 15
#define LONG  18

static bool is_plain(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) return false;
    }
    return true;
}

/* Each of the last three tells of five letters, the first of them in its lowest bit. */
static Str lengthened(Arena *mem, Str id)
{
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    char *out = arena_alloc(mem, LONG + 1);

    memcpy(out, id.p, SHORT);
    for (size_t part = 0; part < 3; part++) {
        unsigned bits = 0;
        for (size_t i = 0; i < 5; i++) {
            char c = id.p[part * 5 + i];
            if (c >= 'A' && c <= 'Z') bits |= 1u << i;
        }
        out[SHORT + part] = LETTERS[bits];
    }
    return (Str){out, LONG};
}

size_t outside_forms(Arena *mem, Str text, Str out[2])
{
    size_t n = 0;

    if (text.n > 1 && text.p[0] == '@') out[n++] = str_from(text, 1);
    if (text.n == SHORT && is_plain(text)) out[n++] = lengthened(mem, text);
    if (text.n == LONG && is_plain(text) && str_eq(lengthened(mem, text), text))
        out[n++] = str_sub(text, 0, SHORT);
    return n;
}
