/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What depends on a language or a country: sort keys, country names, currencies. */
#include "base/text.h"

#include "base/text_kept.h"

#include <unicode/ucol.h>
#include <unicode/ucurr.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

static bool c_text(Str s, char *out, size_t size)
{
    if (s.n >= size) return false;
    if (s.n) memcpy(out, s.p, s.n);
    out[s.n] = 0;
    return true;
}

static void *open_collator(Str locale)
{
    char name[48];
    UErrorCode ec = U_ZERO_ERROR;

    if (!c_text(locale, name, sizeof name)) return NULL;
    UCollator *col = ucol_open(name, &ec);
    REQUIRE(U_SUCCESS(ec));
    return col;
}

static void close_collator(void *col)
{
    ucol_close(col);
}

/* The collator of `locale`, of the root locale for one that is not known. */
static UCollator *collator_get(Str locale)
{
    UCollator *col = text_kept(KEPT_COLLATOR, locale, open_collator, close_collator);

    return col ? col : text_kept(KEPT_COLLATOR, S(""), open_collator, close_collator);
}

static UChar *to_utf16(Arena *mem, Str s, UChar *small, size_t n_small, int32_t *n)
{
    UErrorCode ec = U_ZERO_ERROR;
    UChar *out = s.n <= n_small ? small : NEW_N(mem, UChar, s.n);

    u_strFromUTF8WithSub(out, (int32_t)(s.n <= n_small ? n_small : s.n), n, s.n ? s.p : "", (int32_t)s.n,
                         0xfffd, NULL, &ec);
    REQUIRE(U_SUCCESS(ec));
    return out;
}

Str text_sort_key(Arena *mem, Str s, Str locale)
{
    UChar small[256];
    uint8_t bytes[1024];
    int32_t n;
    const UCollator *col = collator_get(locale);
    const UChar *wide = to_utf16(mem, s, small, sizeof small / sizeof *small, &n);
    int32_t size = ucol_getSortKey(col, wide, n, bytes, (int32_t)sizeof bytes);

    if (!s.n || size <= 1) return S(""); /* the key ends with a zero byte, which we leave out */
    uint8_t *out = arena_alloc(mem, (size_t)size);
    if ((size_t)size <= sizeof bytes)
        memcpy(out, bytes, (size_t)size);
    else
        ucol_getSortKey(col, wide, n, out, size);
    return (Str){(const char *)out, (size_t)size - 1};
}

Str text_collator_version(Arena *mem, Str locale)
{
    UVersionInfo rules, uca;
    const UCollator *col = collator_get(locale);

    ucol_getVersion(col, rules);
    ucol_getUCAVersion(col, uca);
    return str_fmt(mem, "%d.%d.%d.%d-%d.%d", rules[0], rules[1], rules[2], rules[3], uca[0], uca[1]);
}

Str text_country_name(Arena *mem, Str code, Str lang)
{
    char locale[4] = "_", language[16];
    UChar wide[128];
    UErrorCode ec = U_ZERO_ERROR;

    if (code.n != 2 || !c_text(lang, language, sizeof language)) return (Str){0};
    memcpy(locale + 1, code.p, 2);
    int32_t n = uloc_getDisplayCountry(locale, language, wide, 128, &ec);
    if (U_FAILURE(ec) || n <= 2) return (Str){0};
    char *out = arena_alloc(mem, (size_t)n * 3 + 1);
    u_strToUTF8(out, n * 3 + 1, &n, wide, n, &ec);
    return U_FAILURE(ec) ? (Str){0} : (Str){out, (size_t)n};
}

static bool is_in(const char *list, Str code)
{
    return str_find(str_c(list), code) >= 0;
}

/* ICU knows which codes there are; the places are those of ISO 4217 (its own differ: no kopecks for some). */
static int look_up_places(Str code)
{
    UChar wide[4] = {(UChar)code.p[0], (UChar)code.p[1], (UChar)code.p[2]};
    UErrorCode ec = U_ZERO_ERROR;

    if (!ucurr_isAvailable(wide, -1e15, 1e15, &ec) || U_FAILURE(ec)) return -1;
    if (is_in("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", code)) return 0;
    if (is_in("BHD IQD JOD KWD LYD OMR TND", code)) return 3;
    return is_in("CLF UYW", code) ? 4 : 2;
}

/* Asked for every amount that is written, so what was found is kept: places + 2, 0 not asked yet. */
int currency_places(Str code)
{
    static _Atomic signed char known[26 * 26 * 26];
    int at = 0;

    if (code.n != 3) return -1;
    for (int i = 0; i < 3; i++) {
        if (code.p[i] < 'A' || code.p[i] > 'Z') return -1;
        at = at * 26 + code.p[i] - 'A';
    }
    int places = known[at] - 2;
    if (places == -2) {
        places = look_up_places(code);
        known[at] = (signed char)(places + 2);
    }
    return places;
}
