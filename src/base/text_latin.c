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

/* After folding: no capitals, no ё ї ў ґ. */
static const Letter letters[] = {
    {"а", "a"},  {"б", "b"},  {"в", "v"},  {"г", "g"}, {"д", "d"},  {"е", "e"},  {"ж", "zh"}, {"з", "z"},
    {"и", "i"},  {"й", "y"},  {"к", "k"},  {"л", "l"}, {"м", "m"},  {"н", "n"},  {"о", "o"},  {"п", "p"},
    {"р", "r"},  {"с", "s"},  {"т", "t"},  {"у", "u"}, {"ф", "f"},  {"х", "kh"}, {"ц", "ts"}, {"ч", "ch"},
    {"ш", "sh"}, {"щ", "sh"}, {"ъ", ""},   {"ы", "y"}, {"ь", ""},   {"э", "e"},  {"ю", "yu"}, {"я", "ya"},
    {"і", "i"},  {"є", "ye"}, {"ђ", "dj"}, {"ј", "j"}, {"љ", "lj"}, {"њ", "nj"}, {"ћ", "ch"}, {"џ", "dzh"},
    {"ѕ", "dz"}, {"ә", "a"},  {"ғ", "g"},  {"қ", "k"}, {"ң", "n"},  {"ө", "o"},  {"ұ", "u"},  {"ү", "u"},
    {"һ", "h"},  {"җ", "j"},
};

/* Spelling rules, the first that fits wins; what they write is final, but for doubles. */
static const Letter rules[] = {
    {"shch", "sh"}, {"szcz", "sh"}, {"sch", "sh"}, {"sz", "sh"}, {"sh", "sh"}, {"tch", "ch"}, {"tsch", "ch"},
    {"cz", "ch"},   {"ch", "ch"},   {"ck", "k"},   {"ts", "c"},  {"tz", "c"},  {"kh", "h"},   {"gh", "g"},
    {"ph", "f"},    {"th", "t"},    {"zh", "zh"},  {"x", "ks"},  {"qu", "kv"}, {"q", "k"},    {"w", "v"},
    {"yo", NULL},   {"c", NULL},    {"y", "i"},    {"j", "i"},   {"'", ""},
};

static const char *letter_latin(Str one)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (str_eq_c(one, letters[i].from)) return letters[i].to;
    return NULL;
}

/* Cyrillic letters of folded text written in Latin ones. */
static Str spell(Arena *mem, Str s)
{
    Buf b = buf_new(mem, s.n * 2 + 8);

    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        uint32_t c = utf8_next(s, &i);
        Str one = str_sub(s, at, i - at);
        const char *latin = c >= 0x400 && c < 0x530 ? letter_latin(one) : NULL;
        buf_add(&b, latin ? str_c(latin) : one);
    }
    return buf_str(&b);
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
    Str text = spell(mem, text_fold(mem, s));
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
