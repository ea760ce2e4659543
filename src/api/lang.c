/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts for people, from the embedded lang/{en,ru,pl}.yaml: one flat mapping of key to text a language.  The files are
   ours and checked in CI, so the reader knows only what they use: plain, single and double quoted scalars on one line. */
#include "api/state.h"

#include "base/embed.h"

static StrMap texts[LANG_COUNT];
static Arena *texts_mem;

static Str unquote_double(Arena *mem, Str s)
{
    Buf b = buf_new(mem, 1u << 16);

    for (size_t i = 0; i < s.n; i++) {
        bool is_escape = s.p[i] == '\\' && i + 1 < s.n;
        if (is_escape) i++;
        buf_add_c(&b, is_escape && s.p[i] == 'n' ? '\n' : s.p[i]);
    }
    return buf_str(&b);
}

static Str unquote_single(Arena *mem, Str s)
{
    Buf b = buf_new(mem, 1u << 16);

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\'' && i + 1 < s.n && s.p[i + 1] == '\'') i++;
        buf_add_c(&b, s.p[i]);
    }
    return buf_str(&b);
}

static Str scalar(Arena *mem, Str s)
{
    s = str_trim(s);
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"') return unquote_double(mem, str_sub(s, 1, s.n - 2));
    if (s.n >= 2 && s.p[0] == '\'' && s.p[s.n - 1] == '\'')
        return unquote_single(mem, str_sub(s, 1, s.n - 2));
    return s;
}

static void load_file(Arena *mem, Str text, StrMap *out)
{
    while (text.n) {
        Str line = str_cut(&text, '\n');
        ptrdiff_t colon = str_find(line, S(": "));
        if (colon <= 0 || line.p[0] == '#') continue;
        Str *value = NEW(mem, Str);
        *value = scalar(mem, str_from(line, (size_t)colon + 2));
        strmap_put(mem, out, str_sub(line, 0, (size_t)colon), value);
    }
}

void lang_load(void)
{
    if (texts_mem) return;
    texts_mem = arena_new(0);
    for (int i = 0; i < LANG_COUNT; i++) {
        const Embed *file = embed_find(str_fmt(texts_mem, "lang/%.*s.yaml", SFMT(lang_code((Lang)i))));
        if (file) load_file(texts_mem, (Str){(const char *)file->data, file->size}, &texts[i]);
    }
}

static Str fill(Arena *mem, Str text, const Str *args, size_t n)
{
    Buf b = buf_new(mem, 1u << 16);

    for (size_t i = 0; i < text.n; i++) {
        bool is_place = text.p[i] == '{' && i + 2 < text.n && text.p[i + 2] == '}' && text.p[i + 1] >= '0' &&
                        text.p[i + 1] <= '9';
        if (!is_place) {
            buf_add_c(&b, text.p[i]);
            continue;
        }
        size_t k = (size_t)(text.p[i + 1] - '0');
        if (k < n) buf_add(&b, args[k]);
        i += 2;
    }
    return buf_str(&b);
}

Str lang_text(Arena *mem, Lang lang, Str key, const Str *args, size_t n)
{
    const Str *found = strmap_get(&texts[lang], key);

    if (!found) found = strmap_get(&texts[LANG_EN], key);
    return found ? fill(mem, *found, args, n) : key;
}

Lang lang_accepted(Str header, Lang otherwise)
{
    while (header.n) {
        Str part = str_trim(str_cut(&header, ','));
        Str tag = str_trim(str_cut(&part, ';'));
        if (str_starts(tag, S("ru")) || str_starts(tag, S("pl")) || str_starts(tag, S("en")))
            return lang_from(tag);
    }
    return otherwise;
}
