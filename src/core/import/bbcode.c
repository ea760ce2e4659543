/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comments of Bitrix24 are written in BB codes.  What people read of them is kept: bold and colours go, points of lists and lines stay,
   a link keeps its address, a mention keeps the name.  A text counts as such only when one of its codes is closed, so that brackets
   people type stay as they are. */
#include "core/import/parts.h"

#include <string.h>

#define OUT_MAX  (4u << 20)
#define NAME_MAX 12

static const char *const CODES[] = {"b",       "i",      "u",     "s",     "p",       "br",        "url",
                                    "user",    "img",    "list",  "quote", "code",    "size",      "font",
                                    "color",   "table",  "tr",    "td",    "th",      "left",      "right",
                                    "justify", "center", "video", "disk",  "mention", "department"};
static const char *const LINES[] = {"p",     "br", "list",   "quote", "code",
                                    "table", "tr", "center", "left",  "right"};

typedef struct Code {
    char name[NAME_MAX + 1];
    Str value; /* of [url=...] */
    size_t size;
    bool is_end, is_point;
} Code;

static bool is_of(const char *const *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], name) == 0) return true;
    return false;
}

/* The code at the start of `s`; false when there is none we know. */
static bool code_at(Str s, Code *out)
{
    size_t at = 1, n = 0;

    *out = (Code){0};
    if (s.n < 3 || s.p[0] != '[') return false;
    out->is_point = s.p[1] == '*' && s.p[2] == ']';
    out->size = 3;
    if (out->is_point) return true;
    out->is_end = s.p[1] == '/';
    at += out->is_end;
    for (; at < s.n && n < NAME_MAX; at++, n++) {
        char c = s.p[at];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if (c < 'a' || c > 'z') break;
        out->name[n] = c;
    }
    Str rest = str_from(s, at);
    ptrdiff_t end = str_find_char(rest, ']');
    bool is_plain = end == 0, has_value = end > 0 && rest.p[0] == '=' && !out->is_end;
    if (has_value) out->value = str_sub(rest, 1, (size_t)end - 1);
    out->size = at + (size_t)(end < 0 ? 0 : end) + 1;
    return (is_plain || has_value) && is_of(CODES, sizeof CODES / sizeof *CODES, out->name);
}

static bool has_codes(Str s)
{
    Code code;

    for (size_t i = 0; i + 3 < s.n; i++)
        if (s.p[i] == '[' && code_at(str_from(s, i), &code) && code.is_end) return true;
    return false;
}

static void add_code(Buf *b, const Code *code, Str *link)
{
    bool is_link = strcmp(code->name, "url") == 0;

    if (code->is_point) {
        buf_add(b, S("\n• "));
        return;
    }
    if (is_link && !code->is_end) *link = code->value;
    if (is_link && code->is_end && link->n && !str_ends(buf_str(b), *link))
        buf_addf(b, " (%.*s)", SFMT(*link));
    if (is_of(LINES, sizeof LINES / sizeof *LINES, code->name)) buf_add_c(b, '\n');
}

Str plain_codes(Arena *mem, Str s)
{
    Buf b = buf_new(mem, OUT_MAX);
    Str link = {0};
    Code code;

    if (!has_codes(s)) return s;
    for (size_t i = 0; i < s.n;) {
        bool is_code = s.p[i] == '[' && code_at(str_from(s, i), &code);
        if (is_code)
            add_code(&b, &code, &link);
        else
            buf_add_c(&b, s.p[i]);
        i += is_code ? code.size : 1;
    }
    return tidy_lines(mem, buf_str(&b));
}
