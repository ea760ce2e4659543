/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which encoding a text is in.  UTF-8 and UTF-16 prove themselves; of the others each pair of encoding and language is given
   the likelihood of the letters it would read: how often a letter is used, what stands beside it, and where capitals are.
   Only bytes past ASCII and their neighbours are looked at, so a sample of words is enough. */
#include "core/import/feed.h"

#include <math.h>
#include <pthread.h>

#define HEAD_MAX   (16u << 10) /* the start of the file, for UTF-16 */
#define MODELS_MAX 32
#define WORDS_MAX  (32u << 10) /* words with bytes past ASCII */

struct Guess {
    char head[HEAD_MAX], words[WORDS_MAX];
    size_t n_head, n_words;
    char kept[64]; /* the word at work */
    size_t n_kept;
    bool has_high, has_c1; /* the word holds a byte past ASCII; the text one of 80..9F */
    int64_t good, bad;     /* sequences of UTF-8, and bytes that are in none */
    int wants;             /* bytes the sequence at work still wants */
};

typedef struct Language {
    bool is_cyrillic;
    struct {
        const char *letter;
        int weight;
    } letters[36];
} Language;

/* Letters past ASCII by how often they are used; weights matter relative to each other only. */
static const Language POLISH = {
    false,
    {{"ł", 264}, {"ę", 160}, {"ą", 143}, {"ó", 123}, {"ż", 120}, {"ś", 96}, {"ć", 58}, {"ń", 40}, {"ź", 9}}};
static const Language CZECH = {false,
                               {{"á", 140},
                                {"í", 120},
                                {"ě", 100},
                                {"é", 90},
                                {"ř", 80},
                                {"ž", 70},
                                {"č", 65},
                                {"ý", 65},
                                {"š", 55},
                                {"ů", 40},
                                {"ú", 10},
                                {"ť", 3},
                                {"ď", 3},
                                {"ň", 3}}};
static const Language SLOVAK = {false,
                                {{"á", 180},
                                 {"í", 130},
                                 {"é", 110},
                                 {"č", 110},
                                 {"ž", 110},
                                 {"ý", 100},
                                 {"š", 100},
                                 {"ú", 90},
                                 {"ľ", 40},
                                 {"ť", 40},
                                 {"ô", 20},
                                 {"ň", 20},
                                 {"ď", 20},
                                 {"ä", 10},
                                 {"ŕ", 2},
                                 {"ĺ", 2}}};
static const Language HUNGARIAN = {
    false,
    {{"á", 330}, {"é", 330}, {"ö", 90}, {"ő", 90}, {"ó", 90}, {"í", 55}, {"ü", 55}, {"ú", 25}, {"ű", 15}}};
static const Language ROMANIAN = {false, {{"ă", 350}, {"î", 200}, {"ş", 200}, {"ţ", 180}, {"â", 130}}};
static const Language CROATIAN = {false, {{"č", 300}, {"š", 280}, {"ž", 200}, {"ć", 180}, {"đ", 60}}};
static const Language GERMAN = {false, {{"ü", 350}, {"ä", 300}, {"ö", 200}, {"ß", 150}}};
static const Language FRENCH = {false,
                                {{"é", 600},
                                 {"à", 150},
                                 {"è", 90},
                                 {"ê", 70},
                                 {"ç", 25},
                                 {"ù", 15},
                                 {"î", 15},
                                 {"ô", 15},
                                 {"û", 15},
                                 {"â", 12},
                                 {"ë", 8},
                                 {"ï", 5},
                                 {"œ", 5}}};
static const Language SPANISH = {
    false, {{"ó", 260}, {"í", 230}, {"á", 210}, {"é", 150}, {"ñ", 90}, {"ú", 60}, {"ü", 5}}};
static const Language PORTUGUESE = {false,
                                    {{"ã", 220},
                                     {"ç", 140},
                                     {"é", 140},
                                     {"á", 130},
                                     {"í", 110},
                                     {"ó", 70},
                                     {"ê", 60},
                                     {"õ", 60},
                                     {"ú", 30},
                                     {"à", 20},
                                     {"â", 20},
                                     {"ô", 10}}};
static const Language NORDIC = {false,
                                {{"ä", 350}, {"å", 250}, {"ö", 200}, {"ø", 120}, {"æ", 80}, {"é", 10}}};
static const Language ITALIAN = {false,
                                 {{"è", 400}, {"à", 300}, {"ù", 120}, {"ò", 120}, {"é", 60}, {"ì", 60}}};
static const Language RUSSIAN = {
    true, {{"о", 110}, {"е", 85}, {"а", 80}, {"и", 74}, {"н", 67}, {"т", 63}, {"с", 55}, {"р", 47}, {"в", 45},
           {"л", 44},  {"к", 35}, {"м", 32}, {"д", 30}, {"п", 28}, {"у", 26}, {"я", 20}, {"ы", 19}, {"ь", 17},
           {"г", 17},  {"з", 16}, {"б", 16}, {"ч", 14}, {"й", 12}, {"х", 10}, {"ж", 9},  {"ш", 7},  {"ю", 6},
           {"ц", 5},   {"щ", 4},  {"э", 3},  {"ф", 3},  {"ъ", 1},  {"ё", 1}}};
static const Language UKRAINIAN = {
    true, {{"о", 94}, {"а", 83}, {"н", 69}, {"и", 61}, {"в", 56}, {"і", 55}, {"т", 55}, {"е", 48}, {"р", 46},
           {"с", 42}, {"л", 38}, {"к", 37}, {"д", 34}, {"м", 31}, {"у", 31}, {"п", 29}, {"я", 25}, {"з", 22},
           {"ь", 18}, {"б", 17}, {"г", 16}, {"ч", 12}, {"й", 12}, {"х", 11}, {"ц", 10}, {"ю", 8},  {"ж", 8},
           {"ш", 7},  {"ї", 6},  {"є", 5},  {"щ", 5},  {"ф", 3},  {"ґ", 1}}};

typedef struct Candidate {
    const char *encoding;
    const Language *languages[8];
} Candidate;

/* The first of equals wins: German reads the same in three of them. */
static const Candidate CANDIDATES[] = {
    {"windows-1252", {&GERMAN, &FRENCH, &SPANISH, &PORTUGUESE, &NORDIC, &ITALIAN}},
    {"windows-1250", {&POLISH, &CZECH, &SLOVAK, &HUNGARIAN, &ROMANIAN, &CROATIAN, &GERMAN}},
    {"windows-1251", {&RUSSIAN, &UKRAINIAN}},
    {"iso-8859-2", {&POLISH, &CZECH, &SLOVAK, &HUNGARIAN, &ROMANIAN, &CROATIAN, &GERMAN}},
    {"koi8-r", {&RUSSIAN}},
};

/* --- gathering -------------------------------------------------------------------------------------------------------- */

Guess *guess_new(Arena *mem)
{
    return NEW(mem, Guess);
}

static bool is_letter(unsigned char c)
{
    return c >= 0x80 || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void end_word(Guess *g)
{
    if (g->has_high && g->n_words + g->n_kept + 1 <= WORDS_MAX) {
        memcpy(g->words + g->n_words, g->kept, g->n_kept);
        g->n_words += g->n_kept;
        g->words[g->n_words++] = ' ';
    }
    g->n_kept = 0;
    g->has_high = false;
}

/* Words reach over what may be the second byte of a Japanese character. */
static void add_to_word(Guess *g, unsigned char c)
{
    bool may_follow = c >= 0x40 && g->n_kept && (unsigned char)g->kept[g->n_kept - 1] >= 0x80;

    if (!is_letter(c) && !may_follow) {
        end_word(g);
        return;
    }
    if (g->n_kept == sizeof g->kept) end_word(g);
    g->kept[g->n_kept++] = (char)c;
    g->has_high = g->has_high || c >= 0x80;
}

/* The state of UTF-8: continuation bytes that were promised come, others do not. */
static void check_utf8(Guess *g, unsigned char c)
{
    if (g->wants > 0 && (c & 0xC0) == 0x80) {
        g->good += --g->wants == 0;
        return;
    }
    g->bad += g->wants > 0;
    g->wants = c >= 0xF5 ? 0 : c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC2 ? 1 : 0;
    g->bad += c >= 0x80 && !g->wants;
}

static bool is_ascii(Str s)
{
    unsigned char all = 0;

    for (size_t i = 0; i < s.n; i++) all |= (unsigned char)s.p[i];
    return all < 0x80;
}

void guess_add(Guess *g, Str bytes)
{
    size_t n = bytes.n < HEAD_MAX - g->n_head ? bytes.n : HEAD_MAX - g->n_head;

    if (n) memcpy(g->head + g->n_head, bytes.p, n);
    g->n_head += n;
    if (!g->wants && is_ascii(bytes)) {
        end_word(g);
        return;
    }
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        if (c >= 0x80 || g->wants) check_utf8(g, c);
        g->has_c1 = g->has_c1 || (c >= 0x80 && c <= 0x9F);
        if (g->n_words < WORDS_MAX) add_to_word(g, c);
    }
}

/* --- UTF-16 without a mark -------------------------------------------------------------------------------------------- */

/* Units that are text of Europe, and among them those of ASCII. */
static bool is_utf16(const Guess *g, size_t high)
{
    size_t n = g->n_head / 2, text = 0, ascii = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned hi = (unsigned char)g->head[2 * i + high], lo = (unsigned char)g->head[2 * i + 1 - high];
        unsigned c = hi << 8 | lo;
        bool is_ascii = (c >= 0x20 && c < 0x7F) || c == '\t' || c == '\r' || c == '\n';
        ascii += is_ascii;
        text +=
            is_ascii || (c >= 0xA0 && c < 0x180) || (c >= 0x400 && c < 0x500) || (c >= 0x2010 && c < 0x2040);
    }
    return n >= 4 && text * 100 >= n * 95 && ascii * 20 >= n;
}

/* --- likelihood ------------------------------------------------------------------------------------------------------- */

static uint32_t lower(uint32_t c)
{
    if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x410 && c <= 0x42F)) return c + 0x20;
    if (c >= 0x400 && c <= 0x40F) return c + 0x50;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c % 2 ? c + 1 : c;
    if ((c >= 0x100 && c <= 0x177) || c == 0x490) return c % 2 ? c : c + 1;
    return c;
}

static bool is_alphabetic(uint32_t c)
{
    return (c >= 0xC0 && c <= 0x17F && c != 0xD7 && c != 0xF7) || (c >= 0x400 && c <= 0x4FF);
}

/* What stands between words in any language. */
static bool is_mark(uint32_t c)
{
    return c == 0xA0 || c == 0xA7 || c == 0xAB || c == 0xBB || c == 0xB0 || c == 0x20AC || c == 0x2116 ||
           (c >= 0x2013 && c <= 0x2026);
}

typedef struct Model {
    uint32_t of[256];   /* code points of the encoding */
    double weight[256]; /* logarithm of how likely the byte is past ASCII, in the language */
    bool is_upper[256], is_cyrillic;
} Model;

static void read_table(Arena *mem, const char *encoding, uint32_t of[256])
{
    Charset *cs = charset_open(mem, str_c(encoding));

    REQUIRE(cs != NULL);
    for (unsigned i = 0; i < 256; i++) {
        char byte = (char)i, out[16];
        Str in = {&byte, 1};
        size_t at = 0;
        charset_reset(cs);
        of[i] = charset_decode(cs, &in, true, out, sizeof out) ? utf8_next((Str){out, 4}, &at) : 0xFFFD;
    }
}

static double letter_weight(const Language *lang, uint32_t c)
{
    double total = 0, found = 0;
    size_t at = 0;

    for (size_t i = 0; i < sizeof lang->letters / sizeof *lang->letters && lang->letters[i].letter; i++) {
        total += lang->letters[i].weight;
        at = 0;
        if (utf8_next(str_c(lang->letters[i].letter), &at) == c) found = lang->letters[i].weight;
    }
    return found / total;
}

static void fill_model(Model *m, const Language *lang)
{
    m->is_cyrillic = lang->is_cyrillic;
    for (unsigned i = 0x80; i < 256; i++) {
        uint32_t c = m->of[i], low = lower(c);
        double w = letter_weight(lang, low);
        m->is_upper[i] = low != c;
        m->weight[i] = log(w > 0 ? w : is_mark(c) ? 0.01 : is_alphabetic(c) ? 5e-4 : c < 0xA0 ? 1e-7 : 1e-4);
    }
}

static bool is_vowel(unsigned char c)
{
    return c && strchr("aeiouyAEIOUY", c) != NULL;
}

/* How unlikely the neighbours make a letter of the language. */
static double context_weight(const Model *m, Str s, size_t i)
{
    unsigned char c = (unsigned char)s.p[i], prev = i ? (unsigned char)s.p[i - 1] : ' ',
                  next = i + 1 < s.n ? (unsigned char)s.p[i + 1] : ' ';
    uint32_t cp = m->of[c];
    bool after_high = prev >= 0x80, after_ascii = is_letter(prev) && !after_high;
    double w = 0;

    if (!is_alphabetic(cp))
        return (after_ascii || after_high) && is_letter(next) && cp != 0xA0 ? log(0.05) : 0;
    if (m->is_cyrillic && (after_ascii || (is_letter(next) && next < 0x80))) w += log(0.01);
    if (!m->is_cyrillic && after_high && is_alphabetic(m->of[prev])) w += log(0.05);
    bool prev_is_low =
        (prev >= 'a' && prev <= 'z') || (after_high && is_alphabetic(m->of[prev]) && !m->is_upper[prev]);
    if (m->is_upper[c] && prev_is_low) w += log(0.02);
    if (cp == 0xF1 && !is_vowel(next)) w += log(0.02);
    if (cp == 0x144 && is_vowel(next)) w += log(0.02);
    return w;
}

static double likelihood(const Model *m, Str words)
{
    double sum = 0;

    for (size_t i = 0; i < words.n; i++)
        if ((unsigned char)words.p[i] >= 0x80)
            sum += m->weight[(unsigned char)words.p[i]] + context_weight(m, words, i);
    return sum;
}

/* One character of Shift-JIS at `p`; its bytes in `*n`. */
static double japanese_weight(const unsigned char *p, size_t left, size_t *n)
{
    unsigned a = p[0], b = left > 1 ? p[1] : 0;

    *n = 1;
    if (a >= 0xA1 && a <= 0xDF) return log(0.05 / 63);
    bool is_lead = (a >= 0x81 && a <= 0x9F) || (a >= 0xE0 && a <= 0xFC);
    if (!is_lead || b < 0x40 || b == 0x7F || b > 0xFC) return log(1e-8);
    *n = 2;
    if ((a == 0x82 && b >= 0x9F && b <= 0xF1) || (a == 0x83 && b <= 0x96)) return log(0.5 / 160);
    if (a == 0x81) return log(0.1 / 100);
    if (a >= 0x88 && a <= 0x97) return log(0.38 / 3000);
    return log((a <= 0xEA ? 0.02 : 0.001) / 3400);
}

static double japanese_likelihood(Str words)
{
    double sum = 0;

    for (size_t i = 0, n = 1; i < words.n; i += n) {
        n = 1;
        if ((unsigned char)words.p[i] >= 0x80)
            sum += japanese_weight((const unsigned char *)words.p + i, words.n - i, &n);
    }
    return sum;
}

/* All models, filled once. */
typedef struct Models {
    const char *encodings[MODELS_MAX];
    Model models[MODELS_MAX];
    size_t n;
} Models;

static Models all;
static pthread_once_t all_once = PTHREAD_ONCE_INIT;

static void fill_all(void)
{
    Arena *tmp = arena_new(0);
    Model *m = NEW(tmp, Model);

    for (size_t i = 0; i < sizeof CANDIDATES / sizeof *CANDIDATES; i++) {
        read_table(tmp, CANDIDATES[i].encoding, m->of);
        for (const Language *const *lang = CANDIDATES[i].languages; *lang; lang++) {
            REQUIRE(all.n < MODELS_MAX);
            fill_model(m, *lang);
            all.encodings[all.n] = CANDIDATES[i].encoding;
            all.models[all.n++] = *m;
        }
    }
    arena_free(tmp);
}

static const char *most_likely(const Guess *g)
{
    Str words = {g->words, g->n_words};
    const char *best = "shift-jis";
    double most = japanese_likelihood(words);

    pthread_once(&all_once, fill_all);
    for (size_t i = 0; i < all.n; i++) {
        double found = likelihood(&all.models[i], words);
        if (found <= most) continue;
        most = found;
        best = all.encodings[i];
    }
    return best;
}

Str guess_result(const Guess *g)
{
    Guess whole = *g;

    if (is_utf16(g, 1)) return S("utf-16le");
    if (is_utf16(g, 0)) return S("utf-16be");
    if (g->good >= 20 * g->bad) return S("utf-8");
    end_word(&whole);
    const char *best = most_likely(&whole);
    if (str_eq_c(S("windows-1252"), best) && !g->has_c1) return S("iso-8859-1");
    return str_c(best);
}
