/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comma-separated values (RFC 4180) as spreadsheets of the language read them.  Text that would be run as a formula is guarded. */
#include "core/export/guard.h"
#include "core/export/impl.h"

static bool needs_quotes(Str s, char separator)
{
    if (s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' ')) return true;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == separator) return true;
    return false;
}

static void add_cell(Buf *b, Str s, char separator)
{
    s = csv_guard(b->mem, s);
    if (!needs_quotes(s, separator)) {
        buf_add(b, s);
        return;
    }
    buf_add_c(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"') buf_add_c(b, '"');
        buf_add_c(b, s.p[i]);
    }
    buf_add_c(b, '"');
}

static Err *begin(Export *x)
{
    Buf b = buf_new(x->mem, 16u << 20);
    char separator = csv_separator(x);

    if (x->spec->has_bom) buf_add(&b, S("\xef\xbb\xbf"));
    if (x->has_id) add_cell(&b, x->id_head, separator);
    for (size_t i = 0; i < x->n; i++) {
        if (i || x->has_id) buf_add_c(&b, separator);
        add_cell(&b, x->heads[i], separator);
    }
    buf_add(&b, S("\r\n"));
    return export_put(x, buf_str(&b));
}

static Err *add_row(Export *x, const Chunk *c, const Record *rec, Buf *b)
{
    char separator = csv_separator(x);

    b->n = 0;
    if (x->has_id) buf_add(b, id_text(c->mem, rec->id));
    for (size_t i = 0; i < x->n; i++) {
        if (i || x->has_id) buf_add_c(b, separator);
        add_cell(b, cell_text(x, c, x->columns[i], cell_value(x, c, rec, i)), separator);
    }
    buf_add(b, S("\r\n"));
    if (b->is_over) FAIL(x->mem, ERR_LIMIT, "error.export.write", "a row is too long");
    return export_put(x, buf_str(b));
}

static Err *rows(Export *x, const Chunk *c)
{
    Buf b = buf_new(c->mem, 64u << 20);

    for (size_t i = 0; i < c->page.n; i++) TRY(add_row(x, c, c->page.recs[i], &b));
    return NULL;
}

static Err *end(Export *x)
{
    (void)x;
    return NULL;
}

const Writer csv_writer = {begin, rows, end};
