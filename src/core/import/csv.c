/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Separated text: RFC 4180 and what spreadsheets write instead.  A row is found in the window of the feed first, as places
   of cells, and copied out when it is whole.  A quote that is never closed costs its own line only: the row is refused and
   reading goes on behind the first line of it, a bounded number of times. */
#include "base/buf.h"
#include "core/import/feed.h"
#include "core/import/source_impl.h"

#define SAMPLE         (256u << 10) /* bytes the separator is told from */
#define RECOVERIES_MAX 100
#define COUNTED_MAX    20000       /* columns that are counted, to be told */
#define SHOWN_MAX      (64u << 10) /* of a line that could not be cut into cells */

/* Those behind AFTER leave no end of the row to go to. */
typedef enum Fault { FAULT_NONE, FAULT_AFTER, FAULT_OPEN, FAULT_CELL, FAULT_ROW, FAULT_COLUMNS } Fault;

typedef struct Place {
    size_t from, n;
    bool is_quoted, has_quotes; /* it held doubled quotes */
} Place;

typedef struct Reader {
    Source *src;
    Feed feed;
    Str sep;
    bool has_sep_line;
    int64_t line; /* of the row at work */
    int recoveries;
    Err *io;   /* what the feed said */
    size_t at; /* in the window, from the start of the row */
    Fault fault;
    size_t n_cells; /* also those past the maximum, which have no place */
    Place cells[SOURCE_COLUMNS_MAX];
} Reader;

/* --- one row in the window -------------------------------------------------------------------------------------------- */

/* Byte `i` from where we are is in the window. */
static bool has(Reader *r, size_t i)
{
    bool more = true;

    while (r->at + i >= feed_left(&r->feed)) {
        if (!r->io) r->io = feed_more(&r->feed, r->src->errs, &more);
        if (r->io || !more) return false;
    }
    return true;
}

static char at(const Reader *r, size_t i)
{
    return feed_at(&r->feed)[r->at + i];
}

static bool is_at_sep(Reader *r)
{
    for (size_t i = 0; i < r->sep.n; i++)
        if (!has(r, i) || at(r, i) != r->sep.p[i]) return false;
    return true;
}

static bool is_at_end(Reader *r)
{
    return !has(r, 0) || at(r, 0) == '\n' || at(r, 0) == '\r';
}

static bool is_too_large(Reader *r, size_t from)
{
    if (r->at - from > SOURCE_CELL_MAX)
        r->fault = FAULT_CELL;
    else if (r->at > SOURCE_ROW_MAX)
        r->fault = FAULT_ROW;
    return r->fault >= FAULT_CELL;
}

/* To the separator or the end of the line. */
static void scan_plain(Reader *r, size_t from)
{
    char first = r->sep.p[0];

    while (has(r, 0)) {
        const char *p = feed_at(&r->feed) + r->at, *end = feed_at(&r->feed) + feed_left(&r->feed), *q = p;
        while (q < end && *q != first && *q != '\n' && *q != '\r') q++;
        r->at += (size_t)(q - p);
        if (is_too_large(r, from)) return;
        if (q == end) continue;
        if (*q != first || is_at_sep(r)) return;
        r->at++;
    }
}

static void scan_quoted(Reader *r, Place *out)
{
    size_t from = ++r->at;

    out->is_quoted = true;
    out->from = from;
    for (;;) {
        if (!has(r, 0)) {
            r->fault = FAULT_OPEN;
            return;
        }
        const char *p = feed_at(&r->feed) + r->at, *q = memchr(p, '"', feed_left(&r->feed) - r->at);
        r->at += q ? (size_t)(q - p) : feed_left(&r->feed) - r->at;
        if (is_too_large(r, from)) return;
        if (!q) continue;
        if (!has(r, 1) || at(r, 1) != '"') break;
        out->has_quotes = true;
        r->at += 2;
    }
    out->n = r->at++ - from;
    while (has(r, 0) && at(r, 0) == ' ' && !is_at_sep(r)) r->at++;
    if (is_at_end(r) || is_at_sep(r)) return;
    r->fault = FAULT_AFTER;
    scan_plain(r, from);
}

static void scan_cell(Reader *r)
{
    Place place = {.from = r->at};

    if (has(r, 0) && at(r, 0) == '"') {
        scan_quoted(r, &place);
    } else {
        scan_plain(r, r->at);
        place.n = r->at - place.from;
    }
    if (r->n_cells < SOURCE_COLUMNS_MAX) r->cells[r->n_cells] = place;
    if (++r->n_cells > COUNTED_MAX) r->fault = FAULT_COLUMNS;
}

static bool is_broken(const Reader *r)
{
    return r->fault > FAULT_AFTER;
}

static void scan_line_end(Reader *r)
{
    if (has(r, 0) && at(r, 0) == '\r') r->at++;
    if (has(r, 0) && at(r, 0) == '\n') r->at++;
}

/* Finds the cells of the row the window begins with; false at the end of the file. */
static bool scan_row(Reader *r)
{
    r->at = r->n_cells = 0;
    r->fault = FAULT_NONE;
    if (!has(r, 0)) return false;
    for (;;) {
        scan_cell(r);
        if (is_broken(r)) return true;
        if (!is_at_sep(r)) break;
        r->at += r->sep.n;
    }
    scan_line_end(r);
    return true;
}

static int64_t count_lines(Str s)
{
    int64_t n = 0;

    for (const char *p = s.p, *end = s.p + s.n; (p = memchr(p, '\n', (size_t)(end - p))); p++) n++;
    if (!s.n || !memchr(s.p, '\r', s.n)) return n;
    for (size_t i = 0; i < s.n; i++) n += s.p[i] == '\r' && (i + 1 == s.n || s.p[i + 1] != '\n');
    return n;
}

/* Gives the row up and goes behind it. */
static void leave_row(Reader *r)
{
    Str text = {feed_at(&r->feed), r->at};

    r->line += count_lines(text);
    r->feed.from += r->at;
    r->at = 0;
}

/* Behind the first line of the row, however long it is. */
static void leave_line(Reader *r)
{
    r->at = 0;
    while (!is_at_end(r)) {
        r->at++;
        if (r->at < SOURCE_CELL_MAX) continue;
        r->feed.from += r->at;
        r->at = 0;
    }
    scan_line_end(r);
    r->feed.from += r->at;
    r->at = 0;
    r->line++;
}

/* Nothing in it: an empty line, or one of separators only as spreadsheets write below their data. */
static bool is_blank(const Reader *r)
{
    size_t stored = r->n_cells < SOURCE_COLUMNS_MAX ? r->n_cells : SOURCE_COLUMNS_MAX;

    if (r->fault || stored < r->n_cells) return false;
    for (size_t i = 0; i < stored; i++)
        if (r->cells[i].n) return false;
    return true;
}

static bool scan_filled_row(Reader *r)
{
    bool is_there;

    while ((is_there = scan_row(r)) && is_blank(r)) leave_row(r);
    return is_there && !r->io;
}

/* --- out of the window ------------------------------------------------------------------------------------------------ */

static Str copy_place(const Reader *r, const Place *p, char *into)
{
    const char *from = feed_at(&r->feed) + p->from;
    size_t n = 0;

    if (!p->has_quotes) {
        if (p->n) memcpy(into, from, p->n);
        return (Str){into, p->n};
    }
    for (size_t i = 0; i < p->n; i++) {
        into[n++] = from[i];
        i += from[i] == '"';
    }
    return (Str){into, n};
}

static Str *copy_cells(const Reader *r, Arena *mem, size_t n)
{
    Str *cells = NEW_N(mem, Str, n);
    char *text = arena_alloc(mem, r->at);

    for (size_t i = 0; i < n; i++) {
        cells[i] = copy_place(r, &r->cells[i], text);
        text += cells[i].n;
    }
    return cells;
}

static Err *columns_problem(const Reader *r, Arena *mem)
{
    Err *e = source_problem(mem, "error.source.columns", r->line, "too many columns");

    return err_arg(err_arg(e, 1, str_fmt(mem, "%zu", r->n_cells)), 2, str_fmt(mem, "%d", SOURCE_COLUMNS_MAX));
}

static Err *fault_problem(const Reader *r, Arena *mem)
{
    switch (r->fault) {
    case FAULT_AFTER:
        return source_problem(mem, "error.source.after_quote", r->line, "text stands after a closing quote");
    case FAULT_OPEN: return source_problem(mem, "error.source.quote", r->line, "a quote is never closed");
    case FAULT_CELL:
        return source_problem(mem, "error.source.cell", r->line,
                              "a cell is over 1 MB: perhaps a quote is never closed");
    case FAULT_ROW: return source_problem(mem, "error.source.row", r->line, "the row is over 16 MB");
    case FAULT_COLUMNS: return columns_problem(r, mem);
    case FAULT_NONE: break;
    }
    return NULL;
}

static Err *width_problem(const Reader *r, Arena *mem, size_t n_heads)
{
    if (r->n_cells > SOURCE_COLUMNS_MAX) return columns_problem(r, mem);
    if (!n_heads || r->n_cells == n_heads) return NULL;
    Err *e = err_new(mem, ERR_INVALID, "error.source.width", "line %lld: %zu cells under %zu headings",
                     (long long)r->line, r->n_cells, n_heads);
    err_arg(e, 0, str_fmt(mem, "%lld", (long long)r->line));
    return err_arg(err_arg(e, 1, str_fmt(mem, "%zu", r->n_cells)), 2, str_fmt(mem, "%zu", n_heads));
}

/* What cannot be text: bytes of another encoding, NUL. */
static Err *text_problem(const Reader *r, Arena *mem, Str *cells, size_t n)
{
    Str all = {feed_at(&r->feed), r->at};
    bool is_text = utf8_is_valid(all) && !(r->feed.charset && str_find(all, S("\xEF\xBF\xBD")) >= 0);
    bool has_nul = memchr(all.p, 0, all.n);

    if (is_text && !has_nul) return NULL;
    for (size_t i = 0; i < n; i++) cells[i] = source_clean(mem, cells[i]);
    if (has_nul) return source_problem(mem, "error.source.nul", r->line, "a NUL byte");
    return err_arg(source_problem(mem, "error.source.bytes", r->line, "bytes that are no text"), 1,
                   r->feed.encoding);
}

/* Cells that stand past the headings and are empty are nothing. */
static void cut_empty(Reader *r, size_t n_heads)
{
    size_t n = r->n_cells;

    if (!n_heads || n > SOURCE_COLUMNS_MAX) return;
    while (n > n_heads && r->cells[n - 1].n == 0) n--;
    if (n == n_heads) r->n_cells = n;
}

static void take_row(Reader *r, Arena *mem, size_t n_heads, Row *out)
{
    cut_empty(r, n_heads);
    size_t n = r->n_cells < SOURCE_COLUMNS_MAX ? r->n_cells : SOURCE_COLUMNS_MAX;
    Str *cells = copy_cells(r, mem, n);

    *out = (Row){.line = r->line, .cells = cells, .n = n};
    out->problem = fault_problem(r, mem);
    if (!out->problem) out->problem = width_problem(r, mem, n_heads);
    Err *e = text_problem(r, mem, cells, n);
    if (!out->problem) out->problem = e;
    leave_row(r);
}

/* The first line of a row that has no end, as one cell. */
static Err *take_broken(Reader *r, Arena *mem, Row *out)
{
    Str *cell = NEW(mem, Str);
    size_t n = 0, most = feed_left(&r->feed) < SHOWN_MAX ? feed_left(&r->feed) : SHOWN_MAX;
    const char *p = feed_at(&r->feed);

    while (n < most && p[n] != '\n' && p[n] != '\r') n++;
    *cell = source_clean(mem, (Str){p, n});
    *out = (Row){.line = r->line, .cells = cell, .n = 1, .problem = fault_problem(r, mem)};
    if (++r->recoveries > RECOVERIES_MAX) return out->problem;
    leave_line(r);
    return NULL;
}

/* --- the separator ---------------------------------------------------------------------------------------------------- */

typedef struct Width {
    size_t first, rows, same; /* cells of the first row; rows seen, and those as wide */
} Width;

/* Cells a row of the sample has with a separator; `*at` moves behind it. */
static size_t row_width(Str sample, Str sep, size_t *at, size_t *filled)
{
    size_t n = 1, i = *at;
    bool is_quoted = false, in_quotes = false, at_start = true;

    for (*filled = 0; i < sample.n; i++) {
        char c = sample.p[i];
        if (!in_quotes && (c == '\n' || c == '\r')) break;
        bool is_sep = !in_quotes && str_starts(str_from(sample, i), sep);
        is_quoted = !is_sep && (is_quoted || (at_start && c == '"'));
        if (is_quoted && c == '"') in_quotes = !in_quotes;
        at_start = is_sep;
        *filled += !is_sep;
        n += is_sep;
        if (is_sep) i += sep.n - 1;
    }
    *at = i + 1;
    return n;
}

static Width measure(Str sample, Str sep, bool is_whole)
{
    Width w = {0};

    for (size_t at = 0, n, filled; at < sample.n;) {
        n = row_width(sample, sep, &at, &filled);
        if (!filled || (at >= sample.n && !is_whole && w.rows)) continue;
        if (!w.rows) w.first = n;
        w.rows++;
        w.same += n == w.first;
    }
    return w;
}

/* The separator most rows agree on with the first one; of several the one that makes more cells, and of one that is another
   twice ("||") the longer. */
static Str find_separator(Str sample, bool is_whole)
{
    static const Str CANDIDATES[] = {S_INIT("|~|"), S_INIT("||"), S_INIT("::"), S_INIT(","), S_INIT(";"),
                                     S_INIT("\t"),  S_INIT("|"),  S_INIT("^"),  S_INIT("~")};
    Str best = S(",");
    double most = 0;

    for (size_t i = 0; i < sizeof CANDIDATES / sizeof *CANDIDATES; i++) {
        Str sep = CANDIDATES[i];
        Width w = measure(sample, sep, is_whole), alone = {0};
        if (w.first < 2) continue;
        if (sep.n > 1) alone = measure(sample, str_sub(sep, 0, 1), is_whole);
        if (sep.n > 1 && alone.first != 2 * w.first - 1) continue;
        double share = (double)w.same / (double)w.rows + 0.002 * (double)(w.first < 50 ? w.first : 50);
        if (sep.n > 1) share += 0.2;
        if (share <= most) continue;
        most = share;
        best = sep;
    }
    return best;
}

/* A first line `sep=;` is for the program that reads the file. */
static Str sep_line(Str sample)
{
    Str line = sample;

    for (size_t i = 0; i < sample.n && i < 64; i++)
        if (sample.p[i] == '\n' || sample.p[i] == '\r') {
            line = str_sub(sample, 0, i);
            break;
        }
    if (line.n >= 2 && line.p[0] == '"' && line.p[line.n - 1] == '"') line = str_sub(line, 1, line.n - 2);
    if (line.n < 5 || line.n > 12 || !str_eq_nocase(str_sub(line, 0, 4), S("sep="))) return (Str){0};
    return str_from(line, 4);
}

static Err *check_separator(const Reader *r)
{
    Str bad = S("\"\r\n"), sep = r->sep;

    for (size_t i = 0; i < bad.n; i++)
        if (str_find_char(sep, bad.p[i]) >= 0 || sep.n > 8)
            return err_arg(err_new(r->src->errs, ERR_INVALID, "error.source.separator",
                                   "no separator can be %.*s", SFMT(sep)),
                           0, str_copy(r->src->errs, sep));
    return NULL;
}

static Err *choose_separator(Reader *r)
{
    Source *src = r->src;
    bool more = true;

    while (more && feed_left(&r->feed) < SAMPLE) TRY(feed_more(&r->feed, src->errs, &more));
    Str sample = {feed_at(&r->feed), feed_left(&r->feed)}, named = sep_line(sample);
    if (memchr(sample.p ? sample.p : "", 0, sample.n) && str_find(sample, S("\n")) < 0)
        FAIL(src->errs, ERR_INVALID, "error.source.kind", "bytes that are no table");
    r->has_sep_line = named.n > 0;
    r->sep = src->options.separator.n ? src->options.separator
             : named.n                ? named
                                      : find_separator(sample, r->feed.is_over);
    r->sep = str_copy(src->mem, r->sep);
    TRY(check_separator(r));
    return feed_rewind(&r->feed, src->errs);
}

/* --- the source ------------------------------------------------------------------------------------------------------- */

/* To the first row, which may be the headings. */
static Err *go_to_start(Reader *r)
{
    TRY(feed_rewind(&r->feed, r->src->errs));
    r->line = 1;
    r->recoveries = 0;
    r->io = NULL;
    r->at = 0;
    if (r->has_sep_line) leave_line(r);
    return NULL;
}

static Err *read_heads(Reader *r, Table *table)
{
    Source *src = r->src;
    Row row;

    TRY(go_to_start(r));
    if (!scan_filled_row(r))
        return r->io ? r->io : err_new(src->errs, ERR_INVALID, "error.source.empty", "the file is empty");
    if (is_broken(r)) return fault_problem(r, src->errs);
    take_row(r, src->errs, 0, &row);
    if (row.problem && !src->options.has_no_heads) return row.problem;
    if (row.n >= SOURCE_COLUMNS_MAX && row.problem) return row.problem;
    if (src->options.has_no_heads) row.cells = NEW_N(src->errs, Str, row.n);
    table->heads = source_heads(src->mem, row.cells, row.n);
    table->n_heads = row.n;
    return NULL;
}

static Err *csv_rewind(Source *src, size_t table)
{
    Reader *r = src->reader;

    (void)table;
    TRY(go_to_start(r));
    if (!src->options.has_no_heads && scan_filled_row(r)) leave_row(r);
    return r->io;
}

static Err *csv_next(Source *src, Arena *tmp, Row *out, bool *has_row)
{
    Reader *r = src->reader;

    *has_row = scan_filled_row(r);
    if (r->io || !*has_row) return r->io;
    if (is_broken(r)) return take_broken(r, tmp, out);
    take_row(r, tmp, src->tables[0].n_heads, out);
    return NULL;
}

static int64_t csv_position(const Source *src)
{
    const Reader *r = src->reader;

    return feed_position(&r->feed);
}

Err *csv_open(Source *src)
{
    static const SourceKind KIND = {"csv", csv_rewind, csv_next, csv_position};
    Reader *r = NEW(src->mem, Reader);

    r->src = src;
    src->kind = &KIND;
    src->reader = r;
    TRY(feed_open(src->mem, src->errs, src->path, src->options.encoding, &r->feed));
    TRY(choose_separator(r));
    src->encoding = r->feed.encoding;
    src->separator = r->sep;
    src->size = r->feed.size;
    src->tables = NEW(src->mem, Table);
    src->n_tables = 1;
    src->tables[0] = (Table){.name = source_stem(src), .rows = -1};
    TRY(read_heads(r, &src->tables[0]));
    return csv_rewind(src, 0);
}
