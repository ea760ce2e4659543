/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chance, words and numbers of the demo company.  Everything is drawn from a generator that starts anew for each thing made, so
   that a unit of work can be replayed and gives the same again. */
#include "app/demo_words.h"

#include "base/buf.h"
#include "base/embed.h"
#include "base/ident.h"
#include "base/ident_check.h"
#include "base/limits.h"

#include <string.h>

/* --- chance ---------------------------------------------------------------------------------------------------------- */

Rng rng_new(uint64_t seed, const char *kind, size_t i)
{
    Rng rng = {seed ^ str_hash(str_c(kind)) ^ ((uint64_t)i + 1) * UINT64_C(0x9e3779b97f4a7c15)};

    rng_next(&rng);
    return rng;
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t rng_next(Rng *rng)
{
    rng->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = rng->state;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

size_t rng_below(Rng *rng, size_t n)
{
    return n ? (size_t)(rng_next(rng) % n) : 0;
}

int64_t rng_between(Rng *rng, int64_t low, int64_t high)
{
    return high <= low ? low : low + (int64_t)rng_below(rng, (size_t)(high - low + 1));
}

bool rng_chance(Rng *rng, unsigned percent)
{
    return rng_below(rng, 100) < percent;
}

/* --- words ----------------------------------------------------------------------------------------------------------- */

Err *words_load(Arena *mem, Str locale, const Yaml **out)
{
    Str name = str_fmt(mem, "app/demo/%.*s.yaml", SFMT(locale));
    const Embed *file = embed_find(name);
    Yaml *root;

    if (!file)
        return err_arg(
            err_new(mem, ERR_INVALID, "error.demo.locale", "no demo company in '%.*s'", SFMT(locale)), 0,
            locale);
    TRY(yaml_read(mem, name, (Str){(const char *)file->data, file->size}, &root));
    *out = root;
    return NULL;
}

Str words_text(const Yaml *words, const char *key)
{
    const Yaml *node = yaml_get(words, str_c(key));

    return node ? node->text : (Str){0};
}

const Yaml *words_list(const Yaml *words, const char *key)
{
    const Yaml *node = yaml_get(words, str_c(key));

    REQUIRE(node != NULL && node->n > 0);
    return node;
}

Str words_pick(const Yaml *words, const char *key, Rng *rng)
{
    const Yaml *list = words_list(words, key);

    return list->items[rng_below(rng, list->n)]->text;
}

Str words_part(Str line, unsigned i)
{
    while (i--) (void)str_cut(&line, '|');
    return str_cut(&line, '|');
}

int64_t demo_words_number(Str line, unsigned i)
{
    int64_t n = 0;

    return str_to_i64(words_part(line, i), &n) ? n : 0;
}

size_t words_weighted(const Yaml *words, const char *key, unsigned weight_part, Rng *rng)
{
    const Yaml *list = words_list(words, key);
    int64_t total = 0;

    for (size_t i = 0; i < list->n; i++) total += demo_words_number(list->items[i]->text, weight_part);
    int64_t at = rng_between(rng, 0, total - 1);
    for (size_t i = 0; i < list->n; i++) {
        at -= demo_words_number(list->items[i]->text, weight_part);
        if (at < 0) return i;
    }
    return 0;
}

Str words_put(Arena *mem, Str form, const char *name, Str value)
{
    Str mark = str_fmt(mem, "{%s}", name);
    ptrdiff_t at = str_find(form, mark);

    if (at < 0) return form;
    Str end = str_cat(mem, value, str_from(form, (size_t)at + mark.n));
    return str_cat(mem, str_sub(form, 0, (size_t)at), end);
}

static const char *latin_of(uint32_t cp)
{
    static const char *const CYRILLIC[] = {"a",  "b",  "v",  "g",   "d", "e", "zh", "z", "i",  "y", "k",
                                           "l",  "m",  "n",  "o",   "p", "r", "s",  "t", "u",  "f", "kh",
                                           "ts", "ch", "sh", "sch", "",  "y", "",   "e", "yu", "ya"};
    static const struct {
        uint32_t cp;
        const char *latin;
    } OTHERS[] = {{0x451, "e"}, {0x401, "e"}, {0x105, "a"}, {0x107, "c"}, {0x119, "e"}, {0x142, "l"},
                  {0x144, "n"}, {0xf3, "o"},  {0x15b, "s"}, {0x17a, "z"}, {0x17c, "z"}, {0x106, "c"},
                  {0x141, "l"}, {0xd3, "o"},  {0x15a, "s"}, {0x179, "z"}, {0x17b, "z"}};

    if (cp >= 0x410 && cp < 0x430) cp += 0x20;
    if (cp >= 0x430 && cp < 0x450) return CYRILLIC[cp - 0x430];
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (OTHERS[i].cp == cp) return OTHERS[i].latin;
    return NULL;
}

Str words_latin(Arena *mem, Str text, char gap)
{
    Buf b = buf_new(mem, LIMIT_REQUEST_MEM);

    for (size_t at = 0; at < text.n;) {
        uint32_t cp = utf8_next(text, &at);
        const char *latin = latin_of(cp);
        bool is_plain = (cp >= 'a' && cp <= 'z') || (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z');
        if (latin)
            buf_add(&b, str_c(latin));
        else if (is_plain)
            buf_add_c(&b, (char)(cp >= 'A' && cp <= 'Z' ? cp + 32 : cp));
        else if (gap && b.n && b.p[b.n - 1] != gap)
            buf_add_c(&b, gap);
    }
    Str s = buf_str(&b);
    return gap && s.n && s.p[s.n - 1] == gap ? str_sub(s, 0, s.n - 1) : s;
}

Str words_digits(Arena *mem, Rng *rng, size_t n)
{
    char *p = NEW_N(mem, char, n + 1);

    for (size_t i = 0; i < n; i++) p[i] = (char)('0' + rng_below(rng, 10));
    return (Str){p, n};
}

/* --- identifiers ----------------------------------------------------------------------------------------------------- */

/* `start`, random digits up to `n`, of which the last `n_check` are such that `holds`. */
static Str checked(Arena *mem, Rng *rng, Str start, size_t n, size_t n_check, IdentCheck *holds)
{
    for (;;) {
        Str s = str_cat(mem, start, words_digits(mem, rng, n - start.n));
        char *p = (char *)(uintptr_t)s.p;
        for (int check = 0; check < (n_check == 2 ? 100 : 10); check++) {
            if (n_check == 2) p[n - 2] = (char)('0' + check / 10);
            p[n - 1] = (char)('0' + check % 10);
            if (holds(s)) return s;
        }
    }
}

Str ident_inn(Arena *mem, Rng *rng, Str region, bool is_person)
{
    Str start = str_cat(mem, region, str_fmt(mem, "%02d", 1 + (int)rng_below(rng, 40)));

    return is_person ? checked(mem, rng, start, 12, 2, check_ru_inn)
                     : checked(mem, rng, start, 10, 1, check_ru_inn);
}

Str ident_ogrn(Arena *mem, Rng *rng, Str region, bool is_person)
{
    Str start = str_fmt(mem, "%d%02d%.*s", is_person ? 3 : 1, 3 + (int)rng_below(rng, 20), SFMT(region));

    return is_person ? checked(mem, rng, start, 15, 1, check_ru_ogrnip)
                     : checked(mem, rng, start, 13, 1, check_ru_ogrn);
}

Str ident_kpp(Arena *mem, Rng *rng, Str region)
{
    return str_fmt(mem, "%.*s%02d01001", SFMT(region), 1 + (int)rng_below(rng, 40));
}

Str ident_nip(Arena *mem, Rng *rng)
{
    return checked(mem, rng,
                   str_fmt(mem, "%d%d%d", 5 + (int)rng_below(rng, 5), (int)rng_below(rng, 10),
                           1 + (int)rng_below(rng, 9)),
                   10, 1, check_pl_nip);
}

Str ident_regon(Arena *mem, Rng *rng)
{
    return checked(mem, rng, S("3"), 9, 1, check_pl_regon);
}

Str ident_krs(Arena *mem, Rng *rng)
{
    return str_cat(mem, S("0000"), words_digits(mem, rng, 6));
}

Str ident_ein(Arena *mem, Rng *rng)
{
    return str_fmt(mem, "%02d%.*s", 20 + (int)rng_below(rng, 60), SFMT(words_digits(mem, rng, 7)));
}

Str ident_account(Arena *mem, Rng *rng, Str bik)
{
    for (;;) {
        Str s = str_cat(mem, S("40702810"), words_digits(mem, rng, 12));
        if (ident_account_fits(bik, s)) return s;
    }
}

Str ident_iban(Arena *mem, Rng *rng, Str bank)
{
    Str number = str_cat(mem, bank, words_digits(mem, rng, 20));
    int rest = check_mod97(str_cat(mem, number, S("PL00")));

    return str_fmt(mem, "PL%02d%.*s", 98 - rest, SFMT(number));
}

/* --- phones ---------------------------------------------------------------------------------------------------------- */

Phone words_phone(Arena *mem, Rng *rng, Str country, Str area)
{
    static const int POLISH[] = {50, 51, 53, 57, 60, 66, 69, 72, 73, 78, 79, 88};
    static const int RUSSIAN[] = {903, 905, 909, 910, 912, 915, 916, 917, 920, 921,
                                  925, 926, 929, 937, 950, 961, 965, 977, 981, 987};
    Phone phone;

    if (str_eq(country, S("RU"))) {
        phone.mobile = str_fmt(mem, "+7%d%.*s", RUSSIAN[rng_below(rng, 20)], SFMT(words_digits(mem, rng, 7)));
        phone.fixed = str_fmt(mem, "+7%.*s2%.*s", SFMT(area), SFMT(words_digits(mem, rng, 6)));
    } else if (str_eq(country, S("PL"))) {
        phone.mobile = str_fmt(mem, "+48%d%.*s", POLISH[rng_below(rng, 12)], SFMT(words_digits(mem, rng, 7)));
        phone.fixed = str_fmt(mem, "+48%.*s%.*s", SFMT(area), SFMT(words_digits(mem, rng, 7)));
    } else {
        phone.mobile = str_fmt(mem, "+1%.*s555%.*s", SFMT(area), SFMT(words_digits(mem, rng, 4)));
        phone.fixed = str_fmt(mem, "+1%.*s555%.*s", SFMT(area), SFMT(words_digits(mem, rng, 4)));
    }
    return phone;
}
