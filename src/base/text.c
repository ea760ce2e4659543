/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search form of text, its words, and the other keyboard layout.  A code point folds to at most a few others whatever
   stands around it, with one exception (a breve after `и`), so folding is a table for the alphabets of Europe, filled
   once from Unicode data, and the same routine without the table for the rest.

   Marks are stripped from Latin, Greek, Cyrillic, Hebrew and Arabic; elsewhere (Indic vowels, Japanese voicing) they make
   other words.  Of Cyrillic letters with a mark only `й` stays: every layout has it, and `мой` is not `мои`; `ё` is `е`,
   `ї` is `і`, `ў` is `у`, as people type them. */
#include "base/text.h"
#include "base/buf.h"
#include "base/map.h"

#include <pthread.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#define FAST_FROM 0x80u
#define FAST_END  0x530u
#define BREVE     0x306u

/* Folded bytes of a code point, at most 3; n is LONGER when they do not fit or the neighbour matters. */
typedef struct Fast {
    unsigned char n;
    char p[3];
} Fast;
#define LONGER 255

typedef struct Folder {
    Buf out;
    bool has_space; /* one is due before the next visible character */
} Folder;

static Fast fast_table[FAST_END - FAST_FROM];
static const UNormalizer2 *nfkd;
static pthread_once_t fold_once = PTHREAD_ONCE_INIT;

/* Letters Unicode does not decompose, and signs that people write in several ways. */
static const char *special(uint32_t c)
{
    switch (c) {
    case 0x142: return "l";
    case 0x111:
    case 0xf0:
    case 0x256: return "d";
    case 0xf8: return "o";
    case 0xe6: return "ae";
    case 0x153: return "oe";
    case 0xdf:
    case 0x1e9e: return "ss";
    case 0x131: return "i";
    case 0x127: return "h";
    case 0x167: return "t";
    case 0xfe: return "th";
    case 0x14b: return "n";
    case 0x138: return "k";
    case 0x259: return "e";
    case 0x491: return "г";
    case '`':
    case 0xb4:
    case 0x2bb:
    case 0x2bc:
    case 0x2018:
    case 0x2019:
    case 0x201a:
    case 0x2b9:
    case 0x2032: return "'";
    case 0xab:
    case 0xbb:
    case 0x201c:
    case 0x201d:
    case 0x201e:
    case 0x201f:
    case 0x2039:
    case 0x203a:
    case 0x2033: return "\"";
    case 0x2010:
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212: return "-";
    default: return NULL;
    }
}

static bool is_stripped_mark(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) || (c >= 0x591 && c <= 0x5c7) ||
           (c >= 0x610 && c <= 0x61a) || (c >= 0x64b && c <= 0x65f) || c == 0x670 || c == 0x640 ||
           (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) || (c >= 0x20d0 && c <= 0x20ff) ||
           (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xfe20 && c <= 0xfe2f);
}

static bool is_invisible(uint32_t c)
{
    return c == 0xad || c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static void emit(Folder *f, const char *p, size_t n)
{
    if (f->has_space) buf_add_c(&f->out, ' ');
    f->has_space = false;
    buf_add_n(&f->out, p, n);
}

static void emit_space(Folder *f)
{
    f->has_space = f->out.n > 0;
}

/* One code point of a decomposition. */
static void fold_part(Folder *f, uint32_t c)
{
    char out[4];

    if (c == BREVE && f->out.n >= 2 && !f->has_space && memcmp(f->out.p + f->out.n - 2, "и", 2) == 0) {
        f->out.p[f->out.n - 1] = "й"[1];
        return;
    }
    if (is_stripped_mark(c) || is_invisible(c)) return;
    if (c < 0x20 || c == 0x7f || u_isUWhiteSpace((UChar32)c)) {
        emit_space(f);
        return;
    }
    c = (uint32_t)u_foldCase((UChar32)c, U_FOLD_CASE_DEFAULT);
    const char *other = special(c);
    if (other)
        emit(f, other, strlen(other));
    else
        emit(f, out, utf8_put(out, c));
}

static void fold_slowly(Folder *f, uint32_t c)
{
    UChar parts[32];
    UErrorCode ec = U_ZERO_ERROR;
    bool is_hangul = c >= 0xac00 && c <= 0xd7a3;
    int32_t n = is_hangul ? -1 : unorm2_getDecomposition(nfkd, (UChar32)c, parts, 32, &ec);

    if (n < 0 || U_FAILURE(ec)) {
        fold_part(f, c);
        return;
    }
    for (int32_t i = 0; i < n; i++) {
        uint32_t part = parts[i];
        if (U16_IS_LEAD(part) && i + 1 < n) part = 0x10000 + ((part - 0xd800) << 10) + (parts[++i] - 0xdc00u);
        fold_part(f, part);
    }
}

static void fold_prepare(void)
{
    UErrorCode ec = U_ZERO_ERROR;
    Arena *mem = arena_new(0);

    nfkd = unorm2_getNFKDInstance(&ec);
    REQUIRE(U_SUCCESS(ec));
    for (uint32_t c = FAST_FROM; c < FAST_END; c++) {
        Fast *fast = &fast_table[c - FAST_FROM];
        Folder f = {.out = buf_new(mem, 64)};
        fold_slowly(&f, c);
        fast->n = f.out.n > 3 || c == BREVE || u_isUWhiteSpace((UChar32)c) || c == 0x85
                      ? LONGER
                      : (unsigned char)f.out.n;
        if (fast->n != LONGER && f.out.n) memcpy(fast->p, f.out.p, f.out.n);
    }
    arena_free(mem);
}

static void fold_code_point(Folder *f, uint32_t c)
{
    if (c >= FAST_FROM && c < FAST_END) {
        const Fast *fast = &fast_table[c - FAST_FROM];
        if (fast->n != LONGER) {
            if (fast->n) emit(f, fast->p, fast->n);
            return;
        }
    }
    fold_slowly(f, c);
}

static char fold_byte(char c)
{
    return c == '`' ? '\'' : c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void fold_ascii(Folder *f, char c)
{
    if (c <= ' ' || c == 0x7f) {
        emit_space(f);
        return;
    }
    c = fold_byte(c);
    emit(f, &c, 1);
}

/* The ASCII text at the start of `s`, most often all of it; returns how far it went. */
static size_t fold_ascii_run(Folder *f, Str s)
{
    char *out = f->out.p;
    size_t i = 0, n = 0;

    for (bool has_space = false; i < s.n && (signed char)s.p[i] >= 0; i++) {
        char c = s.p[i];
        bool is_space = c <= ' ' || c == 0x7f;
        if (!is_space && has_space) out[n++] = ' ';
        if (!is_space) out[n++] = fold_byte(c);
        has_space = n > 0 && is_space;
        f->has_space = has_space;
    }
    f->out.n = n;
    return i;
}

Str text_fold(Arena *mem, Str s)
{
    Folder f = {.out = buf_new(mem, s.n * 18 + 16)};

    pthread_once(&fold_once, fold_prepare);
    char *room = buf_room(&f.out, s.n + 1); /* enough but for the rarest; then it grows */
    REQUIRE(room != NULL);
    for (size_t i = fold_ascii_run(&f, s); i < s.n;) {
        if ((signed char)s.p[i] >= 0)
            fold_ascii(&f, s.p[i++]);
        else
            fold_code_point(&f, utf8_next(s, &i));
    }
    return buf_str(&f.out);
}

/* Words. */

static bool is_word_char(uint32_t c)
{
    if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return u_isalnum((UChar32)c) || (U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK);
}

static bool is_ideograph(uint32_t c)
{
    return c >= 0x2e80 && u_hasBinaryProperty((UChar32)c, UCHAR_IDEOGRAPHIC);
}

typedef struct Words {
    Arena *mem;
    VEC(Str) list;
    StrMap seen; /* once there are many */
} Words;

#define FEW_WORDS 24

static bool words_have(const Words *w, Str s)
{
    if (w->list.n > FEW_WORDS) return strmap_get(&w->seen, s) != NULL;
    for (size_t i = 0; i < w->list.n; i++)
        if (str_eq(w->list.p[i], s)) return true;
    return false;
}

static void words_add(Words *w, Str s)
{
    if (!s.n || words_have(w, s)) return;
    *vec_push(w->mem, &w->list) = s;
    if (w->list.n <= FEW_WORDS) return;
    size_t from = w->list.n == FEW_WORDS + 1 ? 0 : w->list.n - 1;
    for (size_t i = from; i < w->list.n; i++) strmap_put(w->mem, &w->seen, w->list.p[i], w);
}

/* Chinese and Japanese write no spaces: each ideograph is a word. */
StrList text_words(Arena *mem, Str s)
{
    Words w = {.mem = mem};
    Str folded = text_fold(mem, s);
    size_t from = 0;

    for (size_t i = 0; i < folded.n;) {
        size_t at = i;
        uint32_t c = utf8_next(folded, &i);
        bool is_alone = is_ideograph(c);
        if (!is_alone && is_word_char(c)) continue;
        words_add(&w, str_sub(folded, from, at - from));
        if (is_alone) words_add(&w, str_sub(folded, at, i - at));
        from = i;
    }
    words_add(&w, str_from(folded, from));
    return (StrList){w.list.p, w.list.n};
}

/* Keyboard layouts: the same key, letter by letter.  Shifted signs stand for the same letters. */
static const char latin_keys[] = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`{}:\"<>~";
static const char *const cyrillic_keys[] = {
    "й", "ц", "у", "к", "е", "н", "г", "ш", "щ", "з", "х", "ъ", "ф", "ы", "в", "а", "п", "р", "о", "л",
    "д", "ж", "э", "я", "ч", "с", "м", "и", "т", "ь", "б", "ю", "е", "х", "ъ", "ж", "э", "б", "ю", "е"};
_Static_assert(sizeof latin_keys - 1 == sizeof cyrillic_keys / sizeof *cyrillic_keys, "one letter a key");

static void add_cyrillic_key(Buf *b, char c)
{
    const char *at = c ? strchr(latin_keys, c) : NULL;

    if (at)
        buf_add(b, str_c(cyrillic_keys[at - latin_keys]));
    else
        buf_add_c(b, c);
}

static void add_latin_key(Buf *b, Str letter)
{
    if (str_eq(letter, S("і"))) letter = S("ы"); /* where Ukrainian and Belarusian have it */
    if (str_eq(letter, S("є"))) letter = S("э");
    for (size_t k = 0; k < sizeof cyrillic_keys / sizeof *cyrillic_keys; k++) {
        if (!str_eq_c(letter, cyrillic_keys[k])) continue;
        buf_add_c(b, latin_keys[k]);
        return;
    }
    buf_add(b, letter);
}

static bool has_cyrillic(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0xd0 && c <= 0xd2) return true;
    }
    return false;
}

Str text_other_layout(Arena *mem, Str s)
{
    Buf b = buf_new(mem, s.n * 2 + 8);
    bool to_latin = has_cyrillic(s);

    for (size_t i = 0; i < s.n;) {
        size_t at = i;
        utf8_next(s, &i);
        if (i - at > 1 && to_latin)
            add_latin_key(&b, str_sub(s, at, i - at));
        else if (i - at == 1 && !to_latin)
            add_cyrillic_key(&b, s.p[at]);
        else
            buf_add(&b, str_sub(s, at, i - at));
    }
    return buf_str(&b);
}
