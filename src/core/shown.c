/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and days for people: exports that are read, documents that are sent. */
#include "core/shown.h"

#include "base/buf.h"
#include "base/decimal.h"
#include "base/time.h"

#define NBSP "\xc2\xa0"

/* fontconfig keeps a little of what it read for ever; the leak checker of developer builds is told so. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define IS_CHECKED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(IS_CHECKED)
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
#endif

Str shown_plain(Arena *mem, int64_t scaled, uint8_t places, uint8_t least)
{
    while (places > least && scaled % 10 == 0) {
        scaled /= 10;
        places--;
    }
    char *p = arena_alloc(mem, 32);

    return (Str){p, decimal_format(scaled, places, p)};
}

Str shown_number(Arena *mem, int64_t scaled, uint8_t places, uint8_t least, Lang lang)
{
    Buf b = buf_new(mem, 128);
    Str s = shown_plain(mem, scaled, places, least);
    ptrdiff_t point = str_find_char(s, '.');
    size_t whole = point < 0 ? s.n : (size_t)point;

    for (size_t i = 0; i < s.n; i++) {
        bool is_between = i > 0 && i < whole && (whole - i) % 3 == 0 && s.p[i - 1] != '-';
        if (is_between) buf_add(&b, lang == LANG_EN ? S(",") : S(NBSP));
        buf_add_c(&b, s.p[i] == '.' && lang != LANG_EN ? ',' : s.p[i]);
    }
    return buf_str(&b);
}

Str shown_day(Arena *mem, int64_t days, Lang lang)
{
    CivilDate d = date_to_civil(days);

    if (lang == LANG_EN) return date_text(mem, days);
    return str_fmt(mem, "%02d.%02d.%04d", d.day, d.month, d.year);
}

Str shown_day_long(Arena *mem, int64_t days, Lang lang)
{
    static const char *const MONTHS[LANG_COUNT][12] = {
        {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
         "November", "December"},
        {"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября",
         "ноября", "декабря"},
        {"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września",
         "października", "listopada", "grudnia"}};
    CivilDate d = date_to_civil(days);
    const char *month = MONTHS[lang][d.month - 1];

    if (lang == LANG_EN) return str_fmt(mem, "%s" NBSP "%d, %d", month, d.day, d.year);
    return str_fmt(mem, "%d" NBSP "%s" NBSP "%d" NBSP "%s", d.day, month, d.year,
                   lang == LANG_RU ? "г." : "r.");
}

bool shown_is_harmless(uint32_t cp)
{
    bool is_turn =
        (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0x200E || cp == 0x200F;

    return cp >= ' ' && !(cp >= 0x7F && cp < 0xA0) && !is_turn && cp != 0x2028 && cp != 0x2029 &&
           cp != 0xFEFF;
}
