/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Person names: read from their parts, or split from one line as people write it, and put together again in the order
 * of the language.  A Cyrillic line is read family first unless its endings say otherwise ("Иван Иванович Иванов"), a
 * Latin one given name first unless a comma stands in it. */

#include "core/value_impl.h"

#include "base/limits.h"
#include "base/text.h"

enum { FAMILY, GIVEN, MIDDLE, PREFIX, PARTS };
static const char *const KEYS[] = {"family", "given", "middle", "prefix", NULL};

#define WORDS_MAX 8

typedef struct Words {
    Str p[WORDS_MAX];
    size_t n;
} Words;

/* At most WORDS_MAX; what follows stays in the last. */
static Words words_of(Str line)
{
    Words w = {0};

    for (Str rest = line; rest.p && w.n < WORDS_MAX;) {
        Str before = rest;
        Str word = str_cut(&rest, ' ');

        if (!word.n) continue;
        w.p[w.n] = w.n + 1 == WORDS_MAX ? str_trim(before) : word;
        w.n++;
    }
    return w;
}

static Str join(Arena *mem, const Str *words, size_t n)
{
    return str_join(mem, words, n, S(" "));
}

static bool is_cyrillic(Str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c >= 0xD0 && c <= 0xD3) return true;
    }
    return false;
}

static bool ends_with_any(Arena *mem, Str word, const char *const *ends)
{
    Str folded = text_fold(mem, word);

    for (; *ends; ends++)
        if (str_ends(folded, str_c(*ends)) && folded.n > strlen(*ends)) return true;
    return false;
}

static bool is_patronymic(Arena *mem, Str word)
{
    static const char *const ENDS[] = {"вич", "вна", "ична", "инична", "ыч", "оглы", "кызы", NULL};

    return ends_with_any(mem, word, ENDS);
}

static bool is_russian_family(Arena *mem, Str word)
{
    static const char *const ENDS[] = {"ов",   "ова",  "ев",   "ева",  "ин",    "ина", "ын", "ына",
                                       "ский", "ская", "цкий", "цкая", "ко",    "ук",  "юк", "их",
                                       "ых",   "ец",   "ян",   "дзе",  "швили", NULL};

    return ends_with_any(mem, word, ENDS);
}

static bool is_prefix(Arena *mem, Str word)
{
    static const char *const PREFIXES[] = {"mr",   "mrs",      "ms",      "miss", "dr",  "prof", "sir",
                                           "pan",  "pani",     "mgr",     "inz",  "lek", "hab",  "г-н",
                                           "г-жа", "господин", "госпожа", "д-р",  "проф"};
    Str folded = text_fold(mem, word);

    if (folded.n && folded.p[folded.n - 1] == '.') folded.n--;
    for (size_t i = 0; i < sizeof PREFIXES / sizeof *PREFIXES; i++)
        if (str_eq_c(folded, PREFIXES[i])) return true;
    return false;
}

static void split_cyrillic(Arena *mem, const Words *w, size_t from, Str *parts)
{
    const Str *p = w->p + from;
    size_t n = w->n - from;

    if (n >= 3 && is_patronymic(mem, p[1]) && !is_patronymic(mem, p[2])) {
        parts[GIVEN] = p[0];
        parts[MIDDLE] = p[1];
        parts[FAMILY] = join(mem, p + 2, n - 2);
    } else if (n >= 3) {
        parts[FAMILY] = p[0];
        parts[GIVEN] = p[1];
        parts[MIDDLE] = join(mem, p + 2, n - 2);
    } else if (is_patronymic(mem, p[1])) {
        parts[GIVEN] = p[0];
        parts[MIDDLE] = p[1];
    } else {
        bool is_given_first = is_russian_family(mem, p[1]) && !is_russian_family(mem, p[0]);

        parts[FAMILY] = p[is_given_first];
        parts[GIVEN] = p[!is_given_first];
    }
}

static void split_latin(Arena *mem, const Words *w, size_t from, Str *parts)
{
    const Str *p = w->p + from;
    size_t n = w->n - from;

    if (str_ends(p[0], S(","))) {
        parts[FAMILY] = str_sub(p[0], 0, p[0].n - 1);
        parts[GIVEN] = p[1];
        parts[MIDDLE] = join(mem, p + 2, n - 2);
        return;
    }
    parts[GIVEN] = p[0];
    parts[FAMILY] = p[n - 1];
    parts[MIDDLE] = join(mem, p + 1, n - 2);
}

static void split_line(Arena *mem, Str line, Str *parts)
{
    Words w = words_of(line);
    size_t from = 0;

    while (from + 1 < w.n && is_prefix(mem, w.p[from])) from++;
    parts[PREFIX] = join(mem, w.p, from);
    if (w.n - from == 1)
        parts[FAMILY] = w.p[from];
    else if (is_cyrillic(line) && !str_ends(w.p[from], S(",")))
        split_cyrillic(mem, &w, from, parts);
    else
        split_latin(mem, &w, from, parts);
}

Err *person_from_json(Ctx *cx, const Field *f, Val in, Val *out)
{
    static const char *const ACCEPTED[] = {"family", "given", "middle", "prefix", "full", NULL};
    Val vals[PARTS] = {0}, line = {0};
    Str parts[PARTS] = {0};

    *out = val_null();
    if (in.kind == VAL_TEXT) {
        TRY(line_from_json(cx, f, in, LIMIT_TEXT, &line));
        if (val_is_null(line)) return NULL;
        split_line(cx->mem, val_str(line), parts);
        for (size_t i = 0; i < PARTS; i++) vals[i] = text_or_null(parts[i]);
        *out = pairs_val(cx->mem, KEYS, vals, PARTS);
        return NULL;
    }
    if (in.kind != VAL_MAP) FAIL_FIELD(cx->mem, f->name, "error.person_name", "parts of a name expected");
    TRY(check_keys(cx, f, in, ACCEPTED));
    bool is_empty = true;

    for (size_t i = 0; i < PARTS; i++) {
        TRY(line_from_json(cx, f, pair_get(in, KEYS[i]), LIMIT_TEXT, &vals[i]));
        is_empty = is_empty && val_is_null(vals[i]);
    }
    if (!is_empty) *out = pairs_val(cx->mem, KEYS, vals, PARTS);
    return NULL;
}

Str person_name_text(Arena *mem, Val name, Lang lang)
{
    Str family = val_str(pair_get(name, "family")), given = val_str(pair_get(name, "given"));
    Str middle = val_str(pair_get(name, "middle")), prefix = val_str(pair_get(name, "prefix"));
    Str parts[3];
    size_t n = 0;

    if (lang == LANG_RU && family.n) parts[n++] = family;
    if (given.n) parts[n++] = given;
    if (middle.n && (lang == LANG_RU || !given.n)) parts[n++] = middle;
    if (lang != LANG_RU && family.n) parts[n++] = family;
    if (!n && prefix.n) parts[n++] = prefix;
    return join(mem, parts, n);
}
