/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records in the form the API gives them: one array, or a record a line. */
#include "core/export/impl.h"
#include "core/value.h"

static Err *put_record(Export *x, const Chunk *c, const Record *rec, Buf *b)
{
    JsonWriter w = json_writer(b);

    b->n = 0;
    record_to_json(&w, &c->cx, rec, c->labels, x->columns, x->n);
    if (b->is_over) FAIL(x->mem, ERR_LIMIT, "error.export.write", "a record is too long");
    return export_put(x, buf_str(b));
}

static Err *begin_list(Export *x)
{
    return export_put(x, S("["));
}

static Err *rows_of_list(Export *x, const Chunk *c)
{
    Buf b = buf_new(c->mem, 64u << 20);

    for (size_t i = 0; i < c->page.n; i++) {
        TRY(export_put(x, i || x->rows ? S(",\n") : S("\n")));
        TRY(put_record(x, c, c->page.recs[i], &b));
    }
    return NULL;
}

static Err *end_list(Export *x)
{
    return export_put(x, S("\n]\n"));
}

static Err *begin_lines(Export *x)
{
    (void)x;
    return NULL;
}

static Err *rows_of_lines(Export *x, const Chunk *c)
{
    Buf b = buf_new(c->mem, 64u << 20);

    for (size_t i = 0; i < c->page.n; i++) {
        TRY(put_record(x, c, c->page.recs[i], &b));
        TRY(export_put(x, S("\n")));
    }
    return NULL;
}

static Err *end_lines(Export *x)
{
    (void)x;
    return NULL;
}

const Writer json_writer_of_list = {begin_list, rows_of_list, end_list};
const Writer lines_writer = {begin_lines, rows_of_lines, end_lines};
