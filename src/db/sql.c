/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Building SQL: text from literals, names from metadata, values as numbered binds.  The scanner here knows what is no
 * SQL proper (literals, quoted names, comments), so that a `?1` inside one is left alone. */

#include "db/driver.h"

#define SQL_MAX (4u << 20)

Sql sql_new(Arena *mem)
{
    return (Sql){.mem = mem, .text = buf_new(mem, SQL_MAX)};
}

static void keep(Sql *q, Val v)
{
    if (q->n == q->cap) {
        size_t cap = q->cap ? 2 * q->cap : 8;

        q->binds = arena_grow(q->mem, q->binds, q->cap * sizeof(Val), cap * sizeof(Val));
        q->cap = cap;
    }
    q->binds[q->n++] = v;
}

void sql_bind(Sql *q, Val v)
{
    keep(q, v);
    buf_add_c(&q->text, '?');
    buf_add_i64(&q->text, (int64_t)q->n);
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

void sql_ident(Sql *q, Str name)
{
    REQUIRE(name.n > 0);
    for (size_t i = 0; i < name.n; i++) REQUIRE(is_name_char(name.p[i]));
    buf_add_c(&q->text, '"');
    buf_add(&q->text, name);
    buf_add_c(&q->text, '"');
}

void sql_ident2(Sql *q, Str table, Str col)
{
    sql_ident(q, table);
    buf_add_c(&q->text, '.');
    sql_ident(q, col);
}

void sql_i64(Sql *q, int64_t v)
{
    buf_add_i64(&q->text, v);
}

/* Up to and with the closing mark; a doubled one inside is two pieces in a row, which comes to the same. */
static size_t skip_to(Str text, size_t at, Str close)
{
    Str rest = str_from(text, at);
    ptrdiff_t end = close.n == 1 ? str_find_char(rest, *close.p) : str_find(rest, close);

    return end < 0 ? rest.n : (size_t)end + close.n;
}

size_t sql_skip(Str text, size_t at)
{
    char c = text.p[at], next;

    if (c > '/') return 0; /* all marks come before the digits */
    next = at + 1 < text.n ? text.p[at + 1] : '\0';
    if (c == '\'') return 1 + skip_to(text, at + 1, S("'"));
    if (c == '"') return 1 + skip_to(text, at + 1, S("\""));
    if (c == '-' && next == '-') return 2 + skip_to(text, at + 2, S("\n"));
    if (c == '/' && next == '*') return 2 + skip_to(text, at + 2, S("*/"));
    return 0;
}

static size_t digits_at(Str text, size_t at, size_t *number)
{
    size_t n = 0;

    for (*number = 0; at + n < text.n && n < 7 && text.p[at + n] >= '0' && text.p[at + n] <= '9'; n++)
        *number = *number * 10 + (size_t)(text.p[at + n] - '0');
    return n;
}

void sql_renumber(Buf *out, Str text, char mark, size_t shift)
{
    size_t from = 0; /* what has not been copied yet */

    for (size_t at = 0; at < text.n;) {
        size_t number, skip = 0, digits = 0;

        if (text.p[at] == '?')
            digits = digits_at(text, at + 1, &number);
        else
            skip = sql_skip(text, at);
        if (digits) {
            buf_add(out, str_sub(text, from, at - from));
            buf_add_c(out, mark);
            buf_add_i64(out, (int64_t)(number + shift));
            from = at + 1 + digits;
        }
        at += digits ? 1 + digits : skip ? skip : 1;
    }
    buf_add(out, str_from(text, from));
}

void sql_append(Sql *q, const Sql *part)
{
    if (part->n && q->n)
        sql_renumber(&q->text, buf_str(&part->text), '?', q->n);
    else
        buf_add(&q->text, buf_str(&part->text));
    for (size_t i = 0; i < part->n; i++) keep(q, part->binds[i]);
}

static Err *check_length(Arena *mem, const Sql *q)
{
    if (q->text.is_over) FAIL(mem, ERR_LIMIT, "error.db.long", "the statement is over %u bytes", SQL_MAX);
    return NULL;
}

Err *sql_exec(Arena *mem, DbConn *c, const Sql *q, int64_t *changed)
{
    TRY(check_length(mem, q));
    return db_exec(mem, c, buf_str(&q->text), q->binds, q->n, changed);
}

Err *sql_query(Arena *mem, DbConn *c, const Sql *q, DbRows **out)
{
    TRY(check_length(mem, q));
    return db_query(mem, c, buf_str(&q->text), q->binds, q->n, out);
}
