/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in words.  A number is spelled group by group of three digits; in Russian and Polish the name of the group takes
   one of three forms after its count, and thousands are feminine in Russian.  Names of currencies are the forms after 1, 2
   and 5. */
#include "base/words.h"

#include "base/buf.h"
#include "base/decimal.h"
#include "base/text.h"

typedef enum Gender { MASCULINE, FEMININE, NEUTER, GENDERS } Gender;

typedef struct Noun {
    Gender gender;
    const char *forms[3];
} Noun;

typedef struct Words {
    const char *minus, *zero;
    const char *ones[20][GENDERS]; /* empty: as the masculine */
    const char *tens[10], *hundreds[10];
    Noun groups[7];
    bool has_hyphen; /* twenty-one */
    bool skips_one;  /* "tysiąc", not "jeden tysiąc" */
} Words;

static const Words RU = {
    "минус",
    "ноль",
    {{""},
     {"один", "одна", "одно"},
     {"два", "две", "два"},
     {"три"},
     {"четыре"},
     {"пять"},
     {"шесть"},
     {"семь"},
     {"восемь"},
     {"девять"},
     {"десять"},
     {"одиннадцать"},
     {"двенадцать"},
     {"тринадцать"},
     {"четырнадцать"},
     {"пятнадцать"},
     {"шестнадцать"},
     {"семнадцать"},
     {"восемнадцать"},
     {"девятнадцать"}},
    {"", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят",
     "девяносто"},
    {"", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"},
    {{0},
     {FEMININE, {"тысяча", "тысячи", "тысяч"}},
     {MASCULINE, {"миллион", "миллиона", "миллионов"}},
     {MASCULINE, {"миллиард", "миллиарда", "миллиардов"}},
     {MASCULINE, {"триллион", "триллиона", "триллионов"}},
     {MASCULINE, {"квадриллион", "квадриллиона", "квадриллионов"}},
     {MASCULINE, {"квинтиллион", "квинтиллиона", "квинтиллионов"}}},
    false,
    false,
};

static const Words PL = {
    "minus",
    "zero",
    {{""},
     {"jeden", "jedna", "jedno"},
     {"dwa", "dwie", "dwa"},
     {"trzy"},
     {"cztery"},
     {"pięć"},
     {"sześć"},
     {"siedem"},
     {"osiem"},
     {"dziewięć"},
     {"dziesięć"},
     {"jedenaście"},
     {"dwanaście"},
     {"trzynaście"},
     {"czternaście"},
     {"piętnaście"},
     {"szesnaście"},
     {"siedemnaście"},
     {"osiemnaście"},
     {"dziewiętnaście"}},
    {"", "", "dwadzieścia", "trzydzieści", "czterdzieści", "pięćdziesiąt", "sześćdziesiąt", "siedemdziesiąt",
     "osiemdziesiąt", "dziewięćdziesiąt"},
    {"", "sto", "dwieście", "trzysta", "czterysta", "pięćset", "sześćset", "siedemset", "osiemset",
     "dziewięćset"},
    {{0},
     {MASCULINE, {"tysiąc", "tysiące", "tysięcy"}},
     {MASCULINE, {"milion", "miliony", "milionów"}},
     {MASCULINE, {"miliard", "miliardy", "miliardów"}},
     {MASCULINE, {"bilion", "biliony", "bilionów"}},
     {MASCULINE, {"biliard", "biliardy", "biliardów"}},
     {MASCULINE, {"trylion", "tryliony", "trylionów"}}},
    false,
    true,
};

static const Words EN = {
    "minus",
    "zero",
    {{""},         {"one"},     {"two"},     {"three"},     {"four"},     {"five"},    {"six"},
     {"seven"},    {"eight"},   {"nine"},    {"ten"},       {"eleven"},   {"twelve"},  {"thirteen"},
     {"fourteen"}, {"fifteen"}, {"sixteen"}, {"seventeen"}, {"eighteen"}, {"nineteen"}},
    {"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"},
    {"", "one hundred", "two hundred", "three hundred", "four hundred", "five hundred", "six hundred",
     "seven hundred", "eight hundred", "nine hundred"},
    {{0},
     {MASCULINE, {"thousand", "thousand", "thousand"}},
     {MASCULINE, {"million", "million", "million"}},
     {MASCULINE, {"billion", "billion", "billion"}},
     {MASCULINE, {"trillion", "trillion", "trillion"}},
     {MASCULINE, {"quadrillion", "quadrillion", "quadrillion"}},
     {MASCULINE, {"quintillion", "quintillion", "quintillion"}}},
    true,
    false,
};

typedef struct CurrencyWords {
    const char *code;
    Noun ru, pl, en;
    const char *ru_parts[3]; /* forms of the hundredth part */
} CurrencyWords;

#define COPECKS                              \
    {                                        \
        "копейка", "копейки", "копеек" \
    }
#define CENTS                           \
    {                                   \
        "цент", "цента", "центов" \
    }

static const CurrencyWords CURRENCIES[] = {
    {"RUB",
     {MASCULINE, {"рубль", "рубля", "рублей"}},
     {MASCULINE, {"rubel", "ruble", "rubli"}},
     {MASCULINE, {"rouble", "", "roubles"}},
     COPECKS},
    {"PLN",
     {MASCULINE, {"злотый", "злотых", "злотых"}},
     {MASCULINE, {"złoty", "złote", "złotych"}},
     {MASCULINE, {"zloty", "", "zlotys"}},
     {"грош", "гроша", "грошей"}},
    {"EUR",
     {NEUTER, {"евро", "евро", "евро"}},
     {NEUTER, {"euro", "euro", "euro"}},
     {MASCULINE, {"euro", "", "euros"}},
     CENTS},
    {"USD",
     {MASCULINE, {"доллар США", "доллара США", "долларов США"}},
     {MASCULINE, {"dolar amerykański", "dolary amerykańskie", "dolarów amerykańskich"}},
     {MASCULINE, {"dollar", "", "dollars"}},
     CENTS},
    {"GBP",
     {MASCULINE, {"фунт стерлингов", "фунта стерлингов", "фунтов стерлингов"}},
     {MASCULINE, {"funt szterling", "funty szterlingi", "funtów szterlingów"}},
     {MASCULINE, {"pound sterling", "", "pounds sterling"}},
     {"пенс", "пенса", "пенсов"}},
    {"CHF",
     {MASCULINE, {"швейцарский франк", "швейцарских франка", "швейцарских франков"}},
     {MASCULINE, {"frank szwajcarski", "franki szwajcarskie", "franków szwajcarskich"}},
     {MASCULINE, {"Swiss franc", "", "Swiss francs"}},
     {"сантим", "сантима", "сантимов"}},
    {"CZK",
     {FEMININE, {"чешская крона", "чешские кроны", "чешских крон"}},
     {FEMININE, {"korona czeska", "korony czeskie", "koron czeskich"}},
     {MASCULINE, {"Czech koruna", "", "Czech korunas"}},
     {"геллер", "геллера", "геллеров"}},
    {"UAH",
     {FEMININE, {"гривна", "гривны", "гривен"}},
     {FEMININE, {"hrywna", "hrywny", "hrywien"}},
     {MASCULINE, {"hryvnia", "", "hryvnias"}},
     COPECKS},
    {"BYN",
     {MASCULINE, {"белорусский рубль", "белорусских рубля", "белорусских рублей"}},
     {MASCULINE, {"rubel białoruski", "ruble białoruskie", "rubli białoruskich"}},
     {MASCULINE, {"Belarusian rouble", "", "Belarusian roubles"}},
     COPECKS},
    {"KZT",
     {MASCULINE, {"тенге", "тенге", "тенге"}},
     {NEUTER, {"tenge", "tenge", "tenge"}},
     {MASCULINE, {"tenge", "", "tenge"}},
     {"тиын", "тиына", "тиынов"}},
    {"CNY",
     {MASCULINE, {"юань", "юаня", "юаней"}},
     {MASCULINE, {"juan", "juany", "juanów"}},
     {MASCULINE, {"yuan", "", "yuan"}},
     {"фэнь", "фэня", "фэней"}},
};

static bool is_russian(Str lang)
{
    return str_eq(lang, S("ru"));
}

static bool is_polish(Str lang)
{
    return str_eq(lang, S("pl"));
}

static const Words *words_of(Str lang)
{
    return is_russian(lang) ? &RU : is_polish(lang) ? &PL : &EN;
}

int words_plural(uint64_t n, Str lang)
{
    uint64_t last = n % 10, two = n % 100;
    bool is_few = last >= 2 && last <= 4 && !(two >= 12 && two <= 14);

    if (is_russian(lang)) return last == 1 && two != 11 ? 0 : is_few ? 1 : 2;
    if (n == 1) return 0;
    return is_polish(lang) && is_few ? 1 : 2;
}

static void add_word(Buf *b, const char *word)
{
    if (!word || !*word) return;
    if (b->n) buf_add_c(b, ' ');
    buf_add(b, str_c(word));
}

/* One to 999. */
static void spell_group(Buf *b, const Words *w, unsigned n, Gender gender)
{
    unsigned rest = n % 100;

    add_word(b, w->hundreds[n / 100]);
    if (rest >= 20) {
        add_word(b, w->tens[rest / 10]);
        rest %= 10;
        if (rest && w->has_hyphen) {
            buf_add_c(b, '-');
            buf_add(b, str_c(w->ones[rest][0]));
            return;
        }
    }
    const char *word = w->ones[rest][gender];
    add_word(b, word && *word ? word : w->ones[rest][MASCULINE]);
}

/* Polish says "dwadzieścia jeden", never "jedna", once there is more than the one. */
static Gender last_gender(const Words *w, uint64_t n, Gender gender)
{
    return w == &PL && n % 10 == 1 && n > 1 ? MASCULINE : gender;
}

static void spell(Buf *b, const Words *w, uint64_t n, Gender gender, Str lang)
{
    unsigned groups[7];
    int top = 0;

    if (!n) add_word(b, w->zero);
    for (uint64_t rest = n; rest; rest /= 1000) groups[top++] = (unsigned)(rest % 1000);
    for (int i = top - 1; i >= 0; i--) {
        const Noun *name = &w->groups[i];
        if (!groups[i]) continue;
        if (i == 0) {
            spell_group(b, w, groups[0], last_gender(w, n, gender));
            continue;
        }
        if (groups[i] != 1 || !w->skips_one)
            spell_group(b, w, groups[i], last_gender(w, groups[i], name->gender));
        add_word(b, name->forms[words_plural(groups[i], lang)]);
    }
}

static uint64_t magnitude(int64_t n)
{
    return n < 0 ? UINT64_C(0) - (uint64_t)n : (uint64_t)n;
}

#define WORDS_MAX 1024

Str words_number(Arena *mem, int64_t n, Str lang)
{
    Buf b = buf_new(mem, WORDS_MAX);
    const Words *w = words_of(lang);

    if (n < 0) add_word(&b, w->minus);
    spell(&b, w, magnitude(n), MASCULINE, lang);
    return buf_str(&b);
}

/* The first letter as a capital. */
static Str capital(Arena *mem, Str s)
{
    char out[4];
    size_t at = 0;
    uint32_t cp = s.n ? utf8_next(s, &at) : 0;

    if (cp >= 'a' && cp <= 'z') cp -= 'a' - 'A';
    if (cp >= 0x430 && cp <= 0x44F) cp -= 0x20; /* а..я */
    if (cp == 0x15B) cp = 0x15A;                /* ś */
    return s.n ? str_cat(mem, (Str){out, utf8_put(out, cp)}, str_from(s, at)) : s;
}

static const CurrencyWords *currency_words(const char *code)
{
    for (size_t i = 0; i < sizeof CURRENCIES / sizeof *CURRENCIES; i++)
        if (str_eq_c(str_c(code), CURRENCIES[i].code)) return &CURRENCIES[i];
    return NULL;
}

static void add_parts(Buf *b, const CurrencyWords *c, uint64_t parts, int places, Str lang)
{
    uint64_t whole = 1;

    for (int i = 0; i < places; i++) whole *= 10;
    if (places == 0) return;
    if (c && is_russian(lang) && places == 2)
        buf_addf(b, " %02d %s", (int)parts, c->ru_parts[words_plural(parts, lang)]);
    else
        buf_addf(b, "%s %0*llu/%llu", !is_russian(lang) && !is_polish(lang) ? " and" : "", places,
                 (unsigned long long)parts, (unsigned long long)whole);
}

Str words_money(Arena *mem, Val money, Str lang)
{
    Buf b = buf_new(mem, WORDS_MAX);
    const Words *w = words_of(lang);
    char code[4] = "";
    int64_t scaled = money.i;
    uint64_t whole = 1;

    if (money.aux) currency_unpack(money.aux, code);
    int places = money.aux ? currency_places(str_c(code)) : 2;
    if (places < 0 || places > 6) places = 2;
    if (!decimal_rescale(money.i, money.places, (uint8_t)places, &scaled)) places = money.places;
    for (int i = 0; i < places; i++) whole *= 10;
    uint64_t n = magnitude(scaled) / whole, parts = magnitude(scaled) % whole;
    const CurrencyWords *c = currency_words(code);
    const Noun *noun = !c ? NULL : is_russian(lang) ? &c->ru : is_polish(lang) ? &c->pl : &c->en;
    if (scaled < 0) add_word(&b, w->minus);
    spell(&b, w, n, noun ? noun->gender : MASCULINE, lang);
    add_word(&b, noun ? noun->forms[words_plural(n, lang)] : code);
    add_parts(&b, c, parts, places, lang);
    return capital(mem, buf_str(&b));
}
