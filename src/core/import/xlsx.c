/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A workbook: each sheet that is shown and has a heading is a table.  Rows are read as they stream out of the zip; only the
   shared texts are held.  The first row with anything in it is the heading; where the rows after it are wider (the first
   WIDTH_ROWS are looked at) their columns get a heading by position. */
#include "base/buf.h"
#include "base/val.h"
#include "core/import/source_impl.h"
#include "core/import/xlsx_impl.h"

#define WIDTH_ROWS 200
#define CELLS_MAX  20000 /* of a row: the format has 16,384 columns */

typedef enum CellType { TYPE_NUMBER, TYPE_SHARED, TYPE_TEXT, TYPE_BOOL } CellType;

typedef struct SheetTable {
    size_t part;
    int64_t head_row;
} SheetTable;

typedef struct Cell {
    size_t column;
    Str text;
} Cell;

typedef struct Reader {
    Source *src;
    Book book;
    SheetTable *sheets; /* beside src->tables */
    /* the sheet at work */
    Arena *mem, *row_mem;
    Xml *xml;
    bool is_over;
    size_t table;
    /* the row at work */
    int64_t row;
    VEC(Cell) cells;
    size_t size, next_column;
    Err *problem;
    /* the cell at work */
    size_t column;
    CellType type;
    NumberKind kind;
    uint16_t currency;
    Buf text;
    bool is_in_value, is_in_phonetic, has_row;
} Reader;

/* --- cells ------------------------------------------------------------------------------------------------------------ */

/* Column of "AB12", from 0. */
static bool read_place(Str place, size_t *column)
{
    size_t n = 0, i = 0;

    for (; i < place.n && i < 4 && place.p[i] >= 'A' && place.p[i] <= 'Z'; i++)
        n = n * 26 + (size_t)(place.p[i] - 'A') + 1;
    *column = n - 1;
    return n > 0 && i < 4;
}

static void start_row(Reader *r, const char **attrs)
{
    int64_t n;

    arena_reset(r->row_mem);
    r->cells.p = NULL;
    r->cells.n = r->cells.cap = 0;
    r->size = r->next_column = 0;
    r->problem = NULL;
    r->row = str_to_i64(xml_attr(attrs, "r"), &n) && n > r->row && n < (1 << 24) ? n : r->row + 1;
}

static void start_cell(Reader *r, const char **attrs)
{
    Str type = xml_attr(attrs, "t");
    int64_t style = 0;

    if (!read_place(xml_attr(attrs, "r"), &r->column)) r->column = r->next_column;
    r->next_column = r->column + 1;
    r->text = buf_new(r->row_mem, SOURCE_CELL_MAX + 1);
    r->type = str_eq(type, S("s"))              ? TYPE_SHARED
              : str_eq(type, S("b"))            ? TYPE_BOOL
              : type.n && !str_eq(type, S("n")) ? TYPE_TEXT
                                                : TYPE_NUMBER;
    bool has_style =
        str_to_i64(xml_attr(attrs, "s"), &style) && style >= 0 && (size_t)style < r->book.kinds.n;
    r->kind = has_style ? (NumberKind)r->book.kinds.p[style] : KIND_NUMBER;
    r->currency = has_style ? r->book.currencies.p[style] : 0;
}

static void on_start(Xml *x, void *arg, Str name, const char **attrs)
{
    Reader *r = arg;

    (void)x;
    if (str_eq(name, S("row")))
        start_row(r, attrs);
    else if (str_eq(name, S("c")))
        start_cell(r, attrs);
    else if (str_eq(name, S("rPh")))
        r->is_in_phonetic = true;
    r->is_in_value = (str_eq(name, S("v")) || str_eq(name, S("t"))) && !r->is_in_phonetic;
}

static void on_text(Xml *x, void *arg, Str text)
{
    Reader *r = arg;

    (void)x;
    if (r->is_in_value && r->text.mem) buf_add(&r->text, text);
}

static Str cell_text(Reader *r)
{
    Str s = buf_str(&r->text);
    int64_t i;

    switch (r->type) {
    case TYPE_SHARED:
        return str_to_i64(str_trim(s), &i) && i >= 0 && (size_t)i < r->book.strings.n ? r->book.strings.p[i]
                                                                                      : S("");
    case TYPE_BOOL: return str_eq(s, S("1")) ? S("true") : str_eq(s, S("0")) ? S("false") : s;
    case TYPE_TEXT: return string_text(r->row_mem, s);
    case TYPE_NUMBER: break;
    }
    if (!s.n) return s;
    Str number = number_text(r->row_mem, s, r->kind, r->book.is_1904);
    char code[4];
    if (!r->currency) return number;
    currency_unpack(r->currency, code);
    return str_fmt(r->row_mem, "%.*s %s", SFMT(number), code);
}

static void refuse(Reader *r, const char *key, const char *detail)
{
    if (!r->problem) r->problem = source_problem(r->src->errs, key, r->row, detail);
}

static void end_cell(Reader *r)
{
    if (!r->text.mem) return;
    Str text = cell_text(r);

    if (r->text.is_over) refuse(r, "error.source.cell", "a cell is over 1 MB");
    r->text = (Buf){0};
    r->size += text.n;
    if (r->size > SOURCE_ROW_MAX || r->cells.n == CELLS_MAX)
        refuse(r, "error.source.row", "the row is over 16 MB");
    else if (text.n)
        *vec_push(r->row_mem, &r->cells) = (Cell){r->column, text};
}

static void on_end(Xml *x, void *arg, Str name)
{
    Reader *r = arg;

    r->is_in_value = false;
    if (str_eq(name, S("rPh"))) r->is_in_phonetic = false;
    if (str_eq(name, S("c"))) end_cell(r);
    if (!str_eq(name, S("row"))) return;
    r->has_row = true;
    xml_pause(x);
}

/* --- rows ------------------------------------------------------------------------------------------------------------- */

static void free_sheet(void *arg)
{
    Reader *r = arg;

    arena_free(r->mem);
    arena_free(r->row_mem);
    r->mem = r->row_mem = NULL;
}

static Err *open_sheet(Reader *r, size_t part)
{
    static const XmlHandler HANDLER = {on_start, on_end, on_text};

    free_sheet(r);
    r->mem = arena_new(0);
    r->row_mem = arena_new(0);
    r->cells.p = NULL;
    r->cells.n = r->cells.cap = 0;
    r->row = 0;
    r->text = (Buf){0};
    r->is_over = r->is_in_phonetic = false;
    return xml_open(r->book.zip, r->mem, r->src->errs, part, &HANDLER, r, &r->xml);
}

/* The next row with anything in it. */
static Err *read_row(Reader *r, bool *has)
{
    *has = false;
    while (!r->is_over) {
        r->has_row = false;
        Err *e = xml_run(r->xml, r->src->errs, &r->is_over);
        if (e) r->is_over = true;
        if (e) return e;
        if (!r->has_row || (!r->cells.n && !r->problem)) continue;
        *has = true;
        return NULL;
    }
    return NULL;
}

/* One past the last column with a value. */
static size_t width_of(const Reader *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->cells.n; i++) n = r->cells.p[i].column + 1 > n ? r->cells.p[i].column + 1 : n;
    return n;
}

static Str *copy_cells(const Reader *r, Arena *mem, size_t n)
{
    Str *cells = NEW_N(mem, Str, n);

    for (size_t i = 0; i < r->cells.n; i++)
        if (r->cells.p[i].column < n) cells[r->cells.p[i].column] = str_copy(mem, r->cells.p[i].text);
    return cells;
}

static Err *columns_problem(Reader *r, size_t n)
{
    Arena *errs = r->src->errs;
    Err *e = source_problem(errs, "error.source.columns", r->row, "too many columns");

    return err_arg(err_arg(e, 1, str_fmt(errs, "%zu", n)), 2, str_fmt(errs, "%d", SOURCE_COLUMNS_MAX));
}

static Err *xlsx_next(Source *src, Arena *tmp, Row *out, bool *has)
{
    Reader *r = src->reader;
    size_t n = src->tables[r->table].n_heads;

    TRY(read_row(r, has));
    if (!*has) return NULL;
    size_t width = width_of(r);
    if (width > n && !r->problem) {
        refuse(r, "error.source.width", "more cells than headings");
        err_arg(err_arg(r->problem, 1, str_fmt(tmp, "%zu", width)), 2, str_fmt(tmp, "%zu", n));
    }
    *out = (Row){.line = r->row, .cells = copy_cells(r, tmp, n), .n = n, .problem = r->problem};
    return NULL;
}

static Err *xlsx_rewind(Source *src, size_t table)
{
    Reader *r = src->reader;
    bool has = true;

    r->table = table;
    TRY(open_sheet(r, r->sheets[table].part));
    while (has && r->row < r->sheets[table].head_row) TRY(read_row(r, &has));
    return NULL;
}

static int64_t xlsx_position(const Source *src)
{
    const Reader *r = src->reader;
    const Part *part = r->mem ? xml_part(r->xml) : NULL;

    if (!part || part_size(part) <= 0) return 0;
    double share = (double)part_position(part) / (double)part_size(part);
    return r->is_over || share >= 1 ? src->size : (int64_t)(share * (double)src->size);
}

/* --- the source ------------------------------------------------------------------------------------------------------- */

/* Headings of a sheet; none when there is nothing in it. */
static Err *read_heads(Reader *r, const Sheet *sheet, Table *table, SheetTable *place)
{
    Source *src = r->src;
    bool has;

    *table = (Table){.name = sheet->name, .rows = -1};
    *place = (SheetTable){.part = sheet->part};
    TRY(open_sheet(r, sheet->part));
    TRY(read_row(r, &has));
    if (!has) return NULL;
    if (r->problem) return r->problem;
    size_t n = width_of(r);
    if (n > SOURCE_COLUMNS_MAX) return columns_problem(r, n);
    Str *names = NEW_N(src->mem, Str, SOURCE_COLUMNS_MAX);
    for (size_t i = 0; i < r->cells.n && !src->options.has_no_heads; i++)
        names[r->cells.p[i].column] = str_copy(src->mem, r->cells.p[i].text);
    if (!src->options.has_no_heads) place->head_row = r->row;
    for (int i = 0; i < WIDTH_ROWS && has; i++) {
        TRY(read_row(r, &has));
        size_t width = has ? width_of(r) : 0;
        if (width > n && width <= SOURCE_COLUMNS_MAX) n = width;
    }
    table->heads = source_heads(src->mem, names, n);
    table->n_heads = n;
    return NULL;
}

static Err *read_tables(Reader *r, bool with_hidden)
{
    Source *src = r->src;

    src->tables = NEW_N(src->mem, Table, r->book.sheets.n);
    r->sheets = NEW_N(src->mem, SheetTable, r->book.sheets.n);
    for (size_t i = 0; i < r->book.sheets.n; i++) {
        const Sheet *sheet = &r->book.sheets.p[i];
        if (sheet->is_hidden && !with_hidden) continue;
        TRY(read_heads(r, sheet, &src->tables[src->n_tables], &r->sheets[src->n_tables]));
        src->n_tables += src->tables[src->n_tables].n_heads > 0;
    }
    return NULL;
}

Err *xlsx_open(Source *src, struct Archive *zip)
{
    static const SourceKind KIND = {"xlsx", xlsx_rewind, xlsx_next, xlsx_position};
    Reader *r = NEW(src->mem, Reader);

    r->src = src;
    src->kind = &KIND;
    src->reader = r;
    arena_defer(src->mem, free_sheet, r);
    TRY(book_open(src->mem, src->errs, zip, &r->book));
    TRY(read_tables(r, false));
    if (!src->n_tables) TRY(read_tables(r, true));
    if (!src->n_tables) FAIL(src->errs, ERR_INVALID, "error.source.empty", "no sheet with anything in it");
    return xlsx_rewind(src, 0);
}
