/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Named blocks of the modules' .sql files.  A block goes from its `-- name: NAME` line to the next one; parameters
 * `:a` become numbered binds.  Pure text: knows no database. */

#include "db/driver.h"

#define NAMED_MAX    (1u << 20)
#define NAMED_PARAMS 64

static bool is_name_line(Str line, Str *name)
{
    Str t = str_trim(line);

    if (!str_starts(t, S("-- name:"))) return false;
    *name = str_trim(str_from(t, 8));
    return true;
}

static Str find_block(Str text, Str name)
{
    const char *from = NULL;
    Str rest = text, line, found;

    while (rest.n) {
        line = str_cut(&rest, '\n');
        if (!is_name_line(line, &found)) continue;
        if (from) return str_trim((Str){from, (size_t)(line.p - from)});
        if (str_eq(found, name)) from = line.p + line.n;
    }
    REQUIRE(from);
    return str_trim((Str){from, (size_t)(text.p + text.n - from)});
}

static size_t param_length(Str text, size_t at)
{
    size_t n = 0;
    char c = at < text.n ? text.p[at] : '\0';

    if (!((c >= 'a' && c <= 'z') || c == '_')) return 0;
    while ((c >= 'a' && c <= 'z') || c == '_' || (n && c >= '0' && c <= '9')) {
        n++;
        c = at + n < text.n ? text.p[at + n] : '\0';
    }
    return n;
}

static size_t param_number(Str *params, size_t *n, Str name)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq(params[i], name)) return i + 1;
    REQUIRE(*n < NAMED_PARAMS);
    params[(*n)++] = name;
    return *n;
}

Str sql_named(Arena *mem, Str file_text, Str name)
{
    Str block = find_block(file_text, name), params[NAMED_PARAMS];
    Buf out = buf_new(mem, NAMED_MAX);
    size_t n = 0;

    for (size_t at = 0; at < block.n;) {
        size_t skip = sql_skip(block, at), length = 0;

        if (!skip && block.p[at] == ':') length = param_length(block, at + 1);
        if (!skip && !length) skip = str_starts(str_from(block, at), S("::")) ? 2 : 1;
        if (length) {
            buf_add_c(&out, '?');
            buf_add_i64(&out, (int64_t)param_number(params, &n, str_sub(block, at + 1, length)));
            skip = length + 1;
        } else {
            buf_add(&out, str_sub(block, at, skip));
        }
        at += skip;
    }
    return buf_str(&out);
}
