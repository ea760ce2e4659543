/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes of other programs are pages of HTML.  What people read of them is kept as plain text: tags go, lines and points of lists stay,
   a link keeps its address.  Nothing of it is ever shown as HTML, so that what is not understood here is ugly at worst. */
#include "core/import/parts.h"

#define OUT_MAX (4u << 20)

static const char *const BLOCKS[] = {"p",  "div", "br", "li", "ul", "ol", "tr",  "table", "blockquote",
                                     "h1", "h2",  "h3", "h4", "h5", "h6", "pre", "hr"};
static const char *const INLINES[] = {"a",    "b",    "i",  "u",  "em",    "strong", "span", "font",
                                      "html", "body", "td", "th", "tbody", "img",    "s"};
static const char *const HIDDEN[] = {"script", "style", "head", "title"};

static const struct {
    const char *name, *text;
} ENTITIES[] = {{"amp", "&"},    {"lt", "<"},    {"gt", ">"},    {"quot", "\""},
                {"apos", "'"},   {"nbsp", " "},  {"mdash", "—"}, {"ndash", "–"},
                {"hellip", "…"}, {"laquo", "«"}, {"raquo", "»"}, {"bull", "•"}};

typedef struct Tag {
    Str name, all; /* in small letters; from "<" to ">" */
    bool is_end;
} Tag;

static bool is_in(const char *const *list, size_t n, Str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(name, list[i])) return true;
    return false;
}

#define IS_IN(list, name) is_in(list, sizeof(list) / sizeof *(list), name)

/* The tag at the start of `s`; false when there is none we know. */
static bool tag_at(Arena *mem, Str s, Tag *out)
{
    size_t at = 1, from;

    if (s.n < 3 || s.p[0] != '<') return false;
    out->is_end = s.p[1] == '/';
    at += out->is_end;
    from = at;
    while (at < s.n && ((s.p[at] >= 'a' && s.p[at] <= 'z') || (s.p[at] >= 'A' && s.p[at] <= 'Z') ||
                        (s.p[at] >= '0' && s.p[at] <= '9')))
        at++;
    out->name = str_lower_ascii(mem, str_sub(s, from, at - from));
    while (at < s.n && s.p[at] != '>' && s.p[at] != '<') at++;
    if (at == s.n || s.p[at] != '>') return false;
    out->all = str_sub(s, 0, at + 1);
    return IS_IN(BLOCKS, out->name) || IS_IN(INLINES, out->name) || IS_IN(HIDDEN, out->name);
}

static bool is_html(Arena *mem, Str s)
{
    Tag tag;

    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '<' && tag_at(mem, str_from(s, i), &tag)) return true;
    return false;
}

/* How many bytes of `s` an entity takes, written to `b`; 0: a plain ampersand. */
static size_t add_entity(Buf *b, Str s)
{
    ptrdiff_t end = str_find_char(str_sub(s, 0, 12), ';');
    Str name = end > 1 ? str_sub(s, 1, (size_t)end - 1) : (Str){0};
    int64_t code = 0;

    for (size_t i = 0; i < sizeof ENTITIES / sizeof *ENTITIES; i++)
        if (str_eq_c(name, ENTITIES[i].name)) {
            buf_add(b, str_c(ENTITIES[i].text));
            return (size_t)end + 1;
        }
    if (name.n < 2 || name.p[0] != '#' || !str_to_i64(str_from(name, 1), &code) || code < 32 ||
        code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    char letter[4];
    buf_add_n(b, letter, utf8_put(letter, (uint32_t)code));
    return (size_t)end + 1;
}

/* Past what is between a hidden tag and its end. */
static size_t hidden_size(Arena *mem, Str s, Str name)
{
    Tag tag;

    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] == '<' && tag_at(mem, str_from(s, i), &tag) && tag.is_end && str_eq(tag.name, name))
            return i + tag.all.n;
    return s.n;
}

static Str address_of(Str tag)
{
    ptrdiff_t at = str_find(tag, S("href=\""));
    Str rest = at >= 0 ? str_from(tag, (size_t)at + 6) : (Str){0};
    Str address = str_cut(&rest, '"');

    return str_starts(address, S("http")) ? address : (Str){0};
}

static void add_tag(Buf *b, const Tag *tag, Str *link)
{
    if (str_eq_c(tag->name, "a") && !tag->is_end) *link = address_of(tag->all);
    if (str_eq_c(tag->name, "a") && tag->is_end && link->n && !str_ends(buf_str(b), *link))
        buf_addf(b, " (%.*s)", SFMT(*link));
    if (IS_IN(BLOCKS, tag->name)) buf_add_c(b, '\n');
    if (str_eq_c(tag->name, "li") && !tag->is_end) buf_add(b, S("• "));
}

Str tidy_lines(Arena *mem, Str s)
{
    Buf b = buf_new(mem, OUT_MAX);
    int empty = 2;

    while (s.p && s.n) {
        Str line = str_trim(str_cut(&s, '\n'));
        empty = line.n ? 0 : empty + 1;
        if (empty < 2) buf_addf(&b, "%.*s\n", SFMT(line));
    }
    return str_trim(buf_str(&b));
}

Str plain_text(Arena *mem, Str s)
{
    Buf b = buf_new(mem, OUT_MAX);
    Str link = {0};

    if (!is_html(mem, s)) return plain_codes(mem, s);
    for (size_t i = 0; i < s.n;) {
        Str rest = str_from(s, i);
        Tag tag;
        size_t taken = 0;
        if (rest.p[0] == '<' && tag_at(mem, rest, &tag)) {
            bool is_hidden = IS_IN(HIDDEN, tag.name) && !tag.is_end;
            taken = is_hidden ? hidden_size(mem, rest, tag.name) : tag.all.n;
            if (!is_hidden) add_tag(&b, &tag, &link);
        } else if (rest.p[0] == '&') {
            taken = add_entity(&b, rest);
        }
        if (!taken) buf_add_c(&b, rest.p[0] == '\n' || rest.p[0] == '\r' ? ' ' : rest.p[0]);
        i += taken ? taken : 1;
    }
    return plain_codes(mem, tidy_lines(mem, buf_str(&b)));
}
