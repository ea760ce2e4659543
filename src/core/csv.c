/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV reader: quotes double inside quotes, cells keep their line ends, a short last line may lack its end. */
#include "core/csv.h"

#include "base/buf.h"
#include "base/map.h"

typedef struct Reader {
    Arena *mem;
    Str text;
    size_t at, line;
    char separator;
} Reader;

typedef VEC(Str) Cells;

static Err *fail(const Reader *r, const char *key, const char *what)
{
    Err *e = err_new(r->mem, ERR_INVALID, key, "line %zu: %s", r->line, what);

    return err_arg(e, 0, str_fmt(r->mem, "%zu", r->line));
}

static char find_separator(Str text)
{
    static const char SEPARATORS[] = ",;\t|";
    size_t counts[4] = {0}, best = 0;
    bool in_quotes = false;

    for (size_t i = 0; i < text.n && (in_quotes || (text.p[i] != '\n' && text.p[i] != '\r')); i++) {
        if (text.p[i] == '"') in_quotes = !in_quotes;
        for (size_t k = 0; k < 4 && !in_quotes; k++) counts[k] += text.p[i] == SEPARATORS[k];
    }
    for (size_t k = 1; k < 4; k++)
        if (counts[k] > counts[best]) best = k;
    return SEPARATORS[best];
}

static Err *read_quoted(Reader *r, Str *out)
{
    Buf b = buf_new(r->mem, r->text.n + 1);

    for (r->at++;; r->at++) {
        if (r->at >= r->text.n) return fail(r, "error.csv.quote", "a quote is never closed");
        char c = r->text.p[r->at];
        if (c == '\n') r->line++;
        if (c == '"' && (r->at + 1 >= r->text.n || r->text.p[r->at + 1] != '"')) break;
        if (c == '"') r->at++;
        buf_add_c(&b, c);
    }
    r->at++;
    *out = buf_str(&b);
    return NULL;
}

static bool at_end(const Reader *r)
{
    return r->at >= r->text.n || r->text.p[r->at] == '\n' || r->text.p[r->at] == '\r';
}

static Err *read_cell(Reader *r, Str *out)
{
    size_t from = r->at;

    if (r->at < r->text.n && r->text.p[r->at] == '"') return read_quoted(r, out);
    while (!at_end(r) && r->text.p[r->at] != r->separator) r->at++;
    *out = str_sub(r->text, from, r->at - from);
    return NULL;
}

static Err *read_row(Reader *r, Cells *out)
{
    for (;;) {
        Str cell;
        TRY(read_cell(r, &cell));
        if (out->n == CSV_COLUMNS_MAX) return fail(r, "error.csv.columns", "more than 2000 columns");
        *vec_push(r->mem, out) = cell;
        if (r->at < r->text.n && r->text.p[r->at] == r->separator)
            r->at++;
        else if (at_end(r))
            break;
        else
            return fail(r, "error.csv.quote", "text after a closing quote");
    }
    if (r->at < r->text.n && r->text.p[r->at] == '\r') r->at++;
    if (r->at < r->text.n && r->text.p[r->at] == '\n') r->at++;
    r->line++;
    return NULL;
}

static Err *check_heads(Reader *r, const Cells *heads)
{
    StrMap seen = {0};

    for (size_t i = 0; i < heads->n; i++) {
        Str name = str_trim(heads->p[i]);
        heads->p[i] = name;
        if (name.n && strmap_get(&seen, name))
            return err_arg(fail(r, "error.csv.heading", "a heading is repeated"), 1, name);
        strmap_put(r->mem, &seen, name, r);
    }
    return NULL;
}

Err *csv_read(Arena *mem, Str text, Csv *out)
{
    if (str_starts(text, S("\xEF\xBB\xBF"))) text = str_from(text, 3);
    Reader r = {.mem = mem, .text = text, .line = 1, .separator = find_separator(text)};
    VEC(Str *) rows = {0};
    VEC(size_t) lines = {0};
    Cells heads = {0};

    if (!utf8_is_valid(text)) return fail(&r, "error.csv.utf8", "the file is not UTF-8");
    TRY(read_row(&r, &heads));
    TRY(check_heads(&r, &heads));
    while (r.at < text.n) {
        Cells cells = {0};
        size_t line = r.line;
        TRY(read_row(&r, &cells));
        if (cells.n == 1 && cells.p[0].n == 0) continue; /* an empty line */
        if (cells.n != heads.n) {
            r.line = line;
            return err_arg(
                fail(&r, "error.csv.width",
                     str_to_c(mem, str_fmt(mem, "%zu cells under %zu headings", cells.n, heads.n))),
                1, str_fmt(mem, "%zu", cells.n));
        }
        *vec_push(mem, &rows) = cells.p;
        *vec_push(mem, &lines) = line;
    }
    *out = (Csv){heads.p, heads.n, rows.p, rows.n, lines.p, r.separator};
    return NULL;
}
