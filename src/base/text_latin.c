/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One Latin form for the spellings of a name.  Cyrillic is written in Latin letters first; then every text, whatever its
   alphabet was, goes through the same rules, which merge what transliteration tables (GOST, ICAO, ISO 9, Polish, German,
   everyday) write differently: Щербаков, Shcherbakov, Scherbakov and Szczerbakow agree, and so do Юлия, Yuliya, Iuliia
   and Julia.  The result is for matching, never for people. */
#include "base/buf.h"
#include "base/text.h"

typedef struct Letter {
    const char *from, *to;
} Letter;

/* Cyrillic letters after folding: no capitals, no ё ї ў ґ.  NULL stays as it is. */
#define CYRILLIC 0x400u
static const char *const letters[0x130] = {
    [u'а' - CYRILLIC] = "a",  [u'б' - CYRILLIC] = "b",  [u'в' - CYRILLIC] = "v",  [u'г' - CYRILLIC] = "g",
    [u'д' - CYRILLIC] = "d",  [u'е' - CYRILLIC] = "e",  [u'ж' - CYRILLIC] = "zh", [u'з' - CYRILLIC] = "z",
    [u'и' - CYRILLIC] = "i",  [u'й' - CYRILLIC] = "y",  [u'к' - CYRILLIC] = "k",  [u'л' - CYRILLIC] = "l",
    [u'м' - CYRILLIC] = "m",  [u'н' - CYRILLIC] = "n",  [u'о' - CYRILLIC] = "o",  [u'п' - CYRILLIC] = "p",
    [u'р' - CYRILLIC] = "r",  [u'с' - CYRILLIC] = "s",  [u'т' - CYRILLIC] = "t",  [u'у' - CYRILLIC] = "u",
    [u'ф' - CYRILLIC] = "f",  [u'х' - CYRILLIC] = "kh", [u'ц' - CYRILLIC] = "ts", [u'ч' - CYRILLIC] = "ch",
    [u'ш' - CYRILLIC] = "sh", [u'щ' - CYRILLIC] = "sh", [u'ъ' - CYRILLIC] = "",   [u'ы' - CYRILLIC] = "y",
    [u'ь' - CYRILLIC] = "",   [u'э' - CYRILLIC] = "e",  [u'ю' - CYRILLIC] = "yu", [u'я' - CYRILLIC] = "ya",
    [u'і' - CYRILLIC] = "i",  [u'є' - CYRILLIC] = "ye", [u'ђ' - CYRILLIC] = "dj", [u'ј' - CYRILLIC] = "j",
    [u'љ' - CYRILLIC] = "lj", [u'њ' - CYRILLIC] = "nj", [u'ћ' - CYRILLIC] = "ch", [u'џ' - CYRILLIC] = "dzh",
    [u'ѕ' - CYRILLIC] = "dz", [u'ә' - CYRILLIC] = "a",  [u'ғ' - CYRILLIC] = "g",  [u'қ' - CYRILLIC] = "k",
    [u'ң' - CYRILLIC] = "n",  [u'ө' - CYRILLIC] = "o",  [u'ұ' - CYRILLIC] = "u",  [u'ү' - CYRILLIC] = "u",
    [u'һ' - CYRILLIC] = "h",  [u'җ' - CYRILLIC] = "j",
};

/* Spelling rules, the first that fits wins; what they write is final, but for doubles. */
static const Letter rules[] = {
    {"shch", "sh"}, {"szcz", "sh"}, {"sch", "sh"}, {"sz", "sh"}, {"sh", "sh"}, {"tch", "ch"}, {"tsch", "ch"},
    {"cz", "ch"},   {"ch", "ch"},   {"ck", "k"},   {"ts", "c"},  {"tz", "c"},  {"kh", "h"},   {"gh", "g"},
    {"ph", "f"},    {"th", "t"},    {"zh", "zh"},  {"x", "ks"},  {"qu", "kv"}, {"q", "k"},    {"w", "v"},
    {"yo", NULL},   {"c", NULL},    {"y", "i"},    {"j", "i"},   {"'", ""},
};

/* Cyrillic letters of folded text written in Latin ones. */
static Str spell(Arena *mem, Str s)
{
    Buf b = buf_new(mem, s.n * 2 + 8);

    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        uint32_t c = utf8_next(s, &i);
        const char *latin = c - CYRILLIC < sizeof letters / sizeof *letters ? letters[c - CYRILLIC] : NULL;
        buf_add(&b, latin ? str_c(latin) : str_sub(s, at, i - at));
    }
    return buf_str(&b);
}

static bool is_ascii(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80) return false;
    return true;
}

static bool is_vowel(char c)
{
    return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y' || c == 'j';
}

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static char char_at(Str s, size_t i)
{
    return i < s.n ? s.p[i] : 0;
}

/* `c` is ц before e, i, y and in -cov, -cow (Kuznecov); elsewhere it is к. */
static const char *spell_c(Str rest)
{
    char next = char_at(rest, 1), third = char_at(rest, 2);

    if (next == 'e' || next == 'i' || next == 'y') return "c";
    return next == 'o' && (third == 'v' || third == 'w') ? "c" : "k";
}

/* `yo` is ё, which people write as e, except after a vowel (Toyota). */
static const char *spell_yo(Str s, size_t at)
{
    return at > 0 && is_vowel(s.p[at - 1]) ? "io" : "e";
}

static const Letter *rule_at(Str s, size_t at)
{
    Str rest = str_from(s, at);

    if (!rest.p[0] || !strchr("stckgpzxqwyj'", rest.p[0])) return NULL;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].from[0] == rest.p[0] && str_starts(rest, str_c(rules[i].from))) return &rules[i];
    return NULL;
}

/* Doubled letters are one; i before e is not heard (Kiev, Alekseyev, Vasilyev, Yelena). */
static void put(Buf *b, char c)
{
    char last = b->n ? b->p[b->n - 1] : 0;

    if (c == last && is_letter(c)) return;
    if (c == 'e' && last == 'i') {
        b->n--;
        if (b->n && b->p[b->n - 1] == 'e') return;
    }
    buf_add_c(b, c);
}

Str text_latin(Arena *mem, Str s)
{
    Str folded = text_fold(mem, s), text = is_ascii(folded) ? folded : spell(mem, folded);
    Buf b = buf_new(mem, text.n * 2 + 8);

    for (size_t i = 0; i < text.n;) {
        const Letter *rule = rule_at(text, i);
        const char *to = rule ? rule->to : NULL;
        if (rule && !to) to = rule->from[0] == 'c' ? spell_c(str_from(text, i)) : spell_yo(text, i);
        if (!rule)
            put(&b, text.p[i]);
        else
            for (; *to; to++) put(&b, *to);
        i += rule ? strlen(rule->from) : 1;
    }
    return buf_str(&b);
}
