/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Any text through everything that reads what people type: folding, words, keys, phones, identifiers.  Folding twice
 * changes nothing; what comes out is valid text; a phone that was read is read the same again as it is shown. */

#include "base/ident.h"
#include "base/phone.h"
#include "base/text.h"

static void try_text(Arena *mem, Str s)
{
    Str folded = text_fold(mem, s);

    REQUIRE(utf8_is_valid(folded));
    REQUIRE(str_eq(text_fold(mem, folded), folded));
    REQUIRE(utf8_is_valid(text_other_layout(mem, folded)));
    REQUIRE(utf8_is_valid(text_latin(mem, s)));
    REQUIRE(utf8_is_valid(text_name_key(mem, s)));
    StrList words = text_words(mem, s);
    for (size_t i = 0; i < words.n; i++) REQUIRE(words.p[i].n > 0 && utf8_is_valid(words.p[i]));
    text_sort_key(mem, s, S("pl"));
}

static void try_phone(Arena *mem, Str s, Str country)
{
    Str e164, ext, again;

    if (!phone_parse(mem, s, country, &e164, &ext)) return;
    REQUIRE(e164.n >= 6 && e164.n <= 16 && e164.p[0] == '+');
    REQUIRE(phone_parse(mem, phone_format(mem, e164), country, &again, &ext));
    REQUIRE(str_eq(again, e164));
    phone_country(e164);
}

static void try_ident(Arena *mem, Str s)
{
    size_t n;
    const IdentKind *kinds = ident_kinds(&n), *kind;
    Str normal, again;

    for (size_t i = 0; i < n; i++) {
        Str country = str_c(kinds[i].country), name = str_c(kinds[i].kind);
        if (ident_normalize(mem, country, name, s, &normal) != NULL) continue;
        REQUIRE(ident_normalize(mem, country, name, normal, &again) == NULL);
        REQUIRE(str_eq(again, normal));
    }
    ident_guess(mem, s, S("RU"), &kind, &normal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str s = {(const char *)data, size};

    if (size > 4096 || !utf8_is_valid(s)) return 0;
    Arena *mem = arena_new(0);
    try_text(mem, s);
    try_phone(mem, s, S("RU"));
    try_phone(mem, s, S("DE"));
    try_phone(mem, s, S(""));
    try_ident(mem, s);
    arena_free(mem);
    return 0;
}
