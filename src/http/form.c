/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of HTML forms, of both kinds a browser sends.  They come from strangers, so the reader is strict: what a browser
   would not have written is refused whole, and nothing is taken that is not text. */
#include "http/form.h"

#include "http/http_impl.h"

#include <string.h>

#define BOUNDARY_MAX 70 /* RFC 2046 section 5.1.1 */

typedef struct Pairs {
    Arena *mem;
    HttpPair *p;
    size_t n;
} Pairs;

static Err *broken(Arena *mem, const char *why)
{
    FAIL(mem, ERR_INVALID, "error.form.body", "%s", why);
}

static Err *add(Pairs *a, Str name, Str value)
{
    if (a->n == FORM_PAIRS_MAX) return broken(a->mem, "too many values");
    a->p[a->n++] = (HttpPair){name, value};
    return NULL;
}

/* --- urlencoded ------------------------------------------------------------------------------------------------------ */

static bool decode(Arena *mem, Str raw, Str *out)
{
    char *p = arena_alloc(mem, raw.n + 1);

    for (size_t i = 0; i < raw.n; i++) p[i] = raw.p[i];
    for (size_t i = 0; i < raw.n; i++)
        if (p[i] == '+') p[i] = ' ';
    return door_decode(mem, (Str){p, raw.n}, out) && !memchr(out->p, 0, out->n) && utf8_is_valid(*out);
}

static Err *read_urlencoded(Pairs *a, Str body)
{
    while (body.n) {
        Str value = str_cut(&body, '&'), name = str_cut(&value, '=');
        Str pair[2] = {0};
        if (!name.n && !value.n) continue;
        if (!decode(a->mem, name, &pair[0]) || !decode(a->mem, value, &pair[1]))
            return broken(a->mem, "escapes, NUL or not UTF-8");
        TRY(add(a, pair[0], pair[1]));
    }
    return NULL;
}

/* --- multipart ------------------------------------------------------------------------------------------------------- */

/* Parameter `want` of a header such as `form-data; name="a;b"`; p NULL when absent. */
static Str parameter(Str header, Str want)
{
    (void)str_cut(&header, ';');
    while (header.p) {
        header = str_trim(header);
        ptrdiff_t equals = str_find_char(header, '=');
        if (equals <= 0) break;
        Str name = str_trim(str_sub(header, 0, (size_t)equals)), value;
        header = str_from(header, (size_t)equals + 1);
        bool is_quoted = header.n && header.p[0] == '"';
        if (is_quoted) header = str_from(header, 1);
        value = str_cut(&header, is_quoted ? '"' : ';');
        if (is_quoted && header.p) (void)str_cut(&header, ';');
        if (str_eq_nocase(name, want)) return is_quoted ? value : str_trim(value);
    }
    return (Str){0};
}

static Str disposition(Str heads)
{
    while (heads.n) {
        Str line = str_cut(&heads, '\n'), name = str_cut(&line, ':');
        if (str_eq_nocase(str_trim(name), S("Content-Disposition"))) return str_trim(line);
    }
    return (Str){0};
}

static Err *read_part(Pairs *a, Str part)
{
    ptrdiff_t end = str_find(part, S("\r\n\r\n"));
    Str name = {0};

    if (end < 0) return broken(a->mem, "a part without an end of its headers");
    Str about = disposition(str_sub(part, 0, (size_t)end)), value = str_from(part, (size_t)end + 4);
    Str raw = parameter(about, S("name"));
    if (!str_starts(about, S("form-data")) || !raw.p) return broken(a->mem, "a part without a name");
    if (parameter(about, S("filename")).p) return value.n ? broken(a->mem, "a file") : NULL;
    if (!door_decode(a->mem, raw, &name) || !utf8_is_valid(name) || memchr(name.p, 0, name.n))
        return broken(a->mem, "a name that is no text");
    if (!utf8_is_valid(value) || (value.n && memchr(value.p, 0, value.n)))
        return broken(a->mem, "a value that is no text");
    return add(a, name, value.p ? value : S(""));
}

static Err *read_multipart(Pairs *a, Str type, Str body)
{
    Str boundary = parameter(type, S("boundary"));

    if (!boundary.n || boundary.n > BOUNDARY_MAX) return broken(a->mem, "no boundary");
    Str mark = str_cat(a->mem, S("\r\n--"), boundary);
    Str rest = str_from(mark, 2);
    if (!str_starts(body, rest)) return broken(a->mem, "it does not begin with its boundary");
    body = str_from(body, rest.n);
    while (!str_starts(body, S("--"))) {
        ptrdiff_t end = str_find(body, mark);
        if (!str_starts(body, S("\r\n")) || end < 2) return broken(a->mem, "it ends early");
        TRY(read_part(a, str_sub(body, 2, (size_t)end - 2)));
        body = str_from(body, (size_t)end + mark.n);
    }
    return NULL;
}

/* --- both ------------------------------------------------------------------------------------------------------------ */

Err *form_read(Arena *mem, Str type, Str body, HttpPair **out, size_t *n)
{
    Pairs a = {.mem = mem, .p = NEW_N(mem, HttpPair, FORM_PAIRS_MAX)};
    Str rest = type, kind = str_trim(str_cut(&rest, ';'));
    Err *e;

    *out = a.p;
    *n = 0;
    if (str_eq_nocase(kind, S("application/x-www-form-urlencoded"))) {
        e = read_urlencoded(&a, body);
    } else if (str_eq_nocase(kind, S("multipart/form-data"))) {
        e = read_multipart(&a, type, body);
    } else {
        e = err_new(mem, ERR_INVALID, "error.form.type", "not a form");
        e->status = 415;
    }
    if (!e) *n = a.n;
    return e;
}

void form_query_of(Arena *mem, Str address, HttpPair **out, size_t *n)
{
    Str rest = str_cut(&address, '#');

    (void)str_cut(&rest, '?');
    if (form_read(mem, S("application/x-www-form-urlencoded"), rest, out, n)) *n = 0;
}
