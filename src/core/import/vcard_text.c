/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of a card into properties, and their values into text: vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), and what programs
   write instead.  Knows nothing of what a property means. */
#include "core/import/vcard_impl.h"

#include "base/buf.h"
#include "core/import/feed.h"

#define HEAD_MAX (8u << 10) /* bytes before the colon */

/* --- lines ------------------------------------------------------------------------------------------------------------ */

/* The next line of `*rest`, without its end. */
static Str cut_line(Str *rest)
{
    size_t n = 0;

    while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r') n++;
    Str line = str_sub(*rest, 0, n);
    if (n + 1 < rest->n && rest->p[n] == '\r' && rest->p[n + 1] == '\n') n++;
    *rest = str_from(*rest, n < rest->n ? n + 1 : n);
    return line;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_base64_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=' || is_blank(c);
}

/* Some programs do not indent the lines of base64. */
static bool is_base64_line(Str s)
{
    size_t n = 0;

    while (n < s.n && is_base64_char(s.p[n])) n++;
    return n && (n == s.n || s.p[n] == '\n' || s.p[n] == '\r');
}

/* Where the value begins: behind the first colon that is in no quotes; -1 when there is none. */
static ptrdiff_t find_colon(Str line)
{
    bool in_quotes = false;

    for (size_t i = 0; i < line.n; i++) {
        if (line.p[i] == '"') in_quotes = !in_quotes;
        if (line.p[i] == ':' && !in_quotes) return (ptrdiff_t)i;
    }
    return str_find_char(line, ':');
}

static Str upper(Arena *mem, Str s)
{
    char *out = arena_alloc(mem, s.n);

    for (size_t i = 0; i < s.n; i++)
        out[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 'a' + 'A') : s.p[i];
    return (Str){out, s.n};
}

static void read_head(Arena *mem, Str head, CardProp *out)
{
    ptrdiff_t semicolon = str_find_char(head, ';');
    Str name = semicolon < 0 ? head : str_sub(head, 0, (size_t)semicolon);
    ptrdiff_t dot = str_find_char(name, '.');

    if (semicolon >= 0) out->params = str_from(head, (size_t)semicolon);
    out->name = upper(mem, str_trim(dot < 0 ? name : str_from(name, (size_t)dot + 1)));
    Str encoding = card_param(out, S("ENCODING"));
    out->is_qp = str_eq_nocase(encoding, S("QUOTED-PRINTABLE")) || card_has_type(out, S("QUOTED-PRINTABLE"));
    out->is_base64 = str_eq_nocase(encoding, S("BASE64")) || str_eq_nocase(encoding, S("b")) ||
                     card_has_type(out, S("BASE64"));
}

/* Joins the lines that belong to the one in `b`.  The head may itself be folded, so it is read as soon as it is whole. */
static void join_lines(Arena *mem, Str *rest, Buf *b, CardProp *out)
{
    ptrdiff_t colon = -1;

    for (bool has_more = true; has_more;) {
        if (colon < 0 && (colon = find_colon(buf_str(b))) >= 0)
            read_head(mem, str_copy(mem, str_sub(buf_str(b), 0, (size_t)colon)), out);
        bool is_soft = out->is_qp && b->n && b->p[b->n - 1] == '=';
        has_more = rest->n && (colon >= 0 || b->n < HEAD_MAX) &&
                   (is_soft || is_blank(rest->p[0]) || (out->is_base64 && is_base64_line(*rest)));
        if (!has_more) break;
        Str line = cut_line(rest);
        if (is_soft) b->n--;
        buf_add(b, is_soft || out->is_base64 || !is_blank(line.p[0]) ? line : str_from(line, 1));
    }
    out->value = colon < 0 ? (Str){0} : str_from(buf_str(b), (size_t)colon + 1);
}

static bool is_name(Str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '#') return false;
    return s.n > 0;
}

bool card_prop(Arena *mem, Str *rest, CardProp *out)
{
    while (rest->n) {
        Buf b = buf_new(mem, rest->n + 1);
        buf_add(&b, cut_line(rest));
        *out = (CardProp){0};
        if (str_trim(buf_str(&b)).n == 0) continue;
        join_lines(mem, rest, &b, out);
        if (is_name(out->name)) return true;
    }
    return false;
}

/* --- parameters ------------------------------------------------------------------------------------------------------- */

/* The next ";NAME=value" of `*rest`; a bare word has no name. */
static bool cut_param(Str *rest, Str *name, Str *value)
{
    bool in_quotes = false;
    size_t n = 1, equals = 0;

    if (!rest->n) return false;
    for (; n < rest->n && (in_quotes || rest->p[n] != ';'); n++) {
        if (rest->p[n] == '"') in_quotes = !in_quotes;
        if (rest->p[n] == '=' && !equals && !in_quotes) equals = n;
    }
    *name = equals ? str_trim(str_sub(*rest, 1, equals - 1)) : (Str){0};
    *value = str_trim(str_sub(*rest, equals + 1, n - equals - 1));
    if (value->n >= 2 && value->p[0] == '"' && value->p[value->n - 1] == '"')
        *value = str_sub(*value, 1, value->n - 2);
    *rest = str_from(*rest, n);
    return true;
}

bool card_has_type(const CardProp *prop, Str word)
{
    Str rest = prop->params, name, value;

    while (cut_param(&rest, &name, &value)) {
        if (name.n && !str_eq_nocase(name, S("TYPE"))) continue;
        for (Str part; value.p && (part = str_cut(&value, ','), true);)
            if (str_eq_nocase(str_trim(part), word)) return true;
    }
    return false;
}

Str card_param(const CardProp *prop, Str wanted)
{
    Str rest = prop->params, name, value;

    while (cut_param(&rest, &name, &value))
        if (str_eq_nocase(name, wanted)) return value;
    return (Str){0};
}

/* --- values ----------------------------------------------------------------------------------------------------------- */

static Str undo_qp(Arena *mem, Str s)
{
    Buf b = buf_new(mem, s.n + 1);

    for (size_t i = 0; i < s.n; i++) {
        int hi = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1, lo = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
        bool is_code = s.p[i] == '=' && hi >= 0 && lo >= 0;
        buf_add_c(&b, is_code ? (char)(hi * 16 + lo) : s.p[i]);
        if (is_code) i += 2;
    }
    return buf_str(&b);
}

static Str decode(Arena *mem, Str bytes, Str encoding)
{
    Charset *cs = charset_open(mem, encoding);
    Buf b = buf_new(mem, 4 * bytes.n + 1024);

    if (!cs) return bytes;
    do {
        char *room = buf_room(&b, 256);
        if (!room) break;
        b.n -= 256;
        b.n += charset_decode(cs, &bytes, true, room, 256);
    } while (bytes.n);
    return buf_str(&b);
}

Str card_text(Arena *mem, const CardProp *prop)
{
    Str s = prop->is_qp ? undo_qp(mem, prop->value) : prop->value, charset = card_param(prop, S("CHARSET"));
    bool is_ours = !charset.n || str_eq_nocase(charset, S("UTF-8")) || str_eq_nocase(charset, S("US-ASCII"));

    if (prop->is_qp && !is_ours) return decode(mem, s, charset);
    if (utf8_is_valid(s)) return s;
    if (!is_ours) return decode(mem, s, charset);
    Guess *guess = guess_new(mem);
    guess_add(guess, s);
    return decode(mem, s, guess_result(guess));
}

static void add_unescaped(Buf *b, char c)
{
    buf_add_c(b, c == 'n' || c == 'N' ? '\n' : c);
}

StrList card_parts(Arena *mem, Str text)
{
    size_t n = 1, at = 0;

    for (size_t i = 0; i < text.n; i++) n += text.p[i] == ';';
    StrList out = {NEW_N(mem, Str, n), 0};
    Buf b = buf_new(mem, text.n + 1);
    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && text.p[i] == '\\' && i + 1 < text.n) {
            add_unescaped(&b, text.p[++i]);
        } else if (i < text.n && text.p[i] != ';') {
            buf_add_c(&b, text.p[i]);
        } else {
            out.p[out.n++] = str_trim(str_copy(mem, str_from(buf_str(&b), at)));
            at = b.n;
        }
    }
    return out;
}

Str card_unescape(Arena *mem, Str text)
{
    Buf b = buf_new(mem, text.n + 1);

    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\\' && i + 1 < text.n)
            add_unescaped(&b, text.p[++i]);
        else
            buf_add_c(&b, text.p[i]);
    return str_trim(buf_str(&b));
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

bool card_base64(Arena *mem, Str text, Str *out)
{
    Buf b = buf_new(mem, text.n + 1);
    uint32_t bits = 0;
    int n = 0;

    for (size_t i = 0; i < text.n && text.p[i] != '='; i++) {
        int v = base64_value(text.p[i]);
        if (v < 0 && str_trim(str_sub(text, i, 1)).n == 0) continue;
        if (v < 0) return false;
        bits = bits << 6 | (uint32_t)v;
        if ((n += 6) < 8) continue;
        n -= 8;
        buf_add_c(&b, (char)(bits >> n & 0xFF));
    }
    *out = buf_str(&b);
    return b.n > 0;
}
