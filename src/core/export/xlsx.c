/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workbooks: rows go to a temporary file as they come (the library's constant-memory mode), so a million rows take no more than
   one.  Days, times, numbers and amounts are cells of their kind; everything else is text, which no spreadsheet runs.  An
   amount's currency stands in the cell's format, where import finds it again. */
#include "core/export/impl.h"

#include "base/decimal.h"
#include "base/text.h"
#include "base/time.h"

#include <string.h>
#include <xlsxwriter.h>

#define SHEET_ROWS  1048575 /* below the heading */
#define TEXT_MAX    32767
#define EXCEL_EPOCH 25569 /* 1970-01-01 */
#define FIRST_DAY   61    /* 1900-03-01: before it spreadsheets count a day that was none */
#define EXACT_MAX   INT64_C(999999999999999)

typedef struct Workbook {
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *head, *day, *moment, *whole, *percent, *decimals[DECIMAL_PLACES_MAX + 1];
    struct Currency {
        uint16_t code;
        lxw_format *format;
    } currencies[64];
    size_t n_currencies;
    lxw_row_t row;
    unsigned sheets;
} Workbook;

static void drop(void *arg)
{
    Workbook *wb = arg;

    if (wb->book) lxw_workbook_free(wb->book);
    wb->book = NULL;
}

/* --- formats ----------------------------------------------------------------------------------------------------------- */

static lxw_format *format_of(Workbook *wb, const char *text)
{
    lxw_format *format = workbook_add_format(wb->book);

    format_set_num_format(format, text);
    return format;
}

static void make_formats(Workbook *wb)
{
    wb->head = workbook_add_format(wb->book);
    format_set_bold(wb->head);
    format_set_bg_color(wb->head, 0xE8ECF2);
    format_set_bottom(wb->head, LXW_BORDER_THIN);
    format_set_bottom_color(wb->head, 0x9AA4B2);
    wb->day = format_of(wb, "yyyy-mm-dd");
    wb->moment =
        format_of(wb, "yyyy-mm-dd hh:mm:ss\"\""); /* the empty text: import reads it to the millisecond */
    wb->whole = format_of(wb, "0");
    wb->percent = format_of(wb, "0.####\"%\"");
}

static lxw_format *decimal_format_of(Export *x, Workbook *wb, uint8_t places)
{
    lxw_format **format = &wb->decimals[places <= DECIMAL_PLACES_MAX ? places : DECIMAL_PLACES_MAX];
    Str zeros = str_sub(S("000000000000000000"), 0, places);

    if (!*format)
        *format =
            format_of(wb, str_to_c(x->mem, str_fmt(x->mem, "#,##0%s%.*s", places ? "." : "", SFMT(zeros))));
    return *format;
}

static lxw_format *money_format(Export *x, Workbook *wb, uint16_t currency)
{
    char code[4];

    for (size_t i = 0; i < wb->n_currencies; i++)
        if (wb->currencies[i].code == currency) return wb->currencies[i].format;
    if (!currency || wb->n_currencies == sizeof wb->currencies / sizeof *wb->currencies) return NULL;
    currency_unpack(currency, code);
    bool is_whole = currency_places(str_c(code)) == 0;
    lxw_format *format = format_of(
        wb, str_to_c(x->mem, str_fmt(x->mem, is_whole ? "#,##0.####\\ [$%s]" : "#,##0.00##\\ [$%s]", code)));
    wb->currencies[wb->n_currencies].code = currency;
    wb->currencies[wb->n_currencies++].format = format;
    return format;
}

/* --- sheets ------------------------------------------------------------------------------------------------------------ */

static double width_of(const Field *f, Str head)
{
    double least = (double)utf8_count(head) + 3, usual;

    switch (f->result) {
    case FIELD_DATE: usual = 12; break;
    case FIELD_TIMESTAMP: usual = 20; break;
    case FIELD_BOOLEAN: usual = 8; break;
    case FIELD_INTEGER:
    case FIELD_PERCENT:
    case FIELD_AUTONUMBER: usual = 10; break;
    case FIELD_DECIMAL:
    case FIELD_MONEY: usual = 16; break;
    case FIELD_LONGTEXT:
    case FIELD_ADDRESSES: usual = 48; break;
    case FIELD_CHOICE: usual = 18; break;
    default: usual = 26; break;
    }
    return usual > least ? usual : least;
}

/* Cells of the library are numbered from 0; the column of ids, when there is one, comes first. */
static lxw_col_t column_of(const Export *x, size_t i)
{
    return (lxw_col_t)(i + x->has_id);
}

static void close_sheet(const Export *x, Workbook *wb)
{
    size_t n = x->n + x->has_id;

    if (wb->sheet && n) worksheet_autofilter(wb->sheet, 0, 0, wb->row, (lxw_col_t)(n - 1));
}

static Err *open_sheet(Export *x, Workbook *wb)
{
    close_sheet(x, wb);
    wb->sheet = workbook_add_worksheet(wb->book, NULL);
    wb->sheets++;
    wb->row = 0;
    if (!wb->sheet) FAIL(x->mem, ERR_UNAVAILABLE, "error.export.write", "a sheet could not be made");
    if (x->has_id) worksheet_set_column(wb->sheet, 0, 0, 17, NULL);
    for (size_t i = 0; i < x->n; i++)
        worksheet_set_column(wb->sheet, column_of(x, i), column_of(x, i),
                             width_of(x->columns[i], x->heads[i]), NULL);
    worksheet_freeze_panes(wb->sheet, 1, 0);
    if (x->has_id) worksheet_write_string(wb->sheet, 0, 0, str_to_c(x->mem, x->id_head), wb->head);
    for (size_t i = 0; i < x->n; i++)
        worksheet_write_string(wb->sheet, 0, column_of(x, i), str_to_c(x->mem, x->heads[i]), wb->head);
    return NULL;
}

static Err *begin(Export *x)
{
    Workbook *wb = NEW(x->mem, Workbook);
    char *folder = str_to_c(x->mem, str_c(x->path)), *slash = strrchr(folder, '/');
    lxw_workbook_options options = {.constant_memory = LXW_TRUE, .use_zip64 = LXW_FALSE};

    if (slash) {
        *slash = '\0';
        options.tmpdir = folder;
    }
    x->own = wb;
    wb->book = workbook_new_opt(x->path, &options);
    if (!wb->book) return export_broken(x->mem, x->path);
    arena_defer(x->mem, drop, wb);
    make_formats(wb);
    return open_sheet(x, wb);
}

/* --- cells ------------------------------------------------------------------------------------------------------------- */

static lxw_error put_text(Workbook *wb, Arena *mem, lxw_col_t col, Str s)
{
    size_t at = 0;

    if (!s.n) return LXW_NO_ERROR;
    for (size_t n = 0; s.n > TEXT_MAX && at < s.n && n < TEXT_MAX; n++) (void)utf8_next(s, &at);
    if (s.n > TEXT_MAX) s = str_sub(s, 0, at);
    return worksheet_write_string(wb->sheet, wb->row, col, str_to_c(mem, s), NULL);
}

static double scaled(int64_t i, uint8_t places)
{
    double power = 1;

    for (; places; places--) power *= 10;
    return (double)i / power;
}

static bool is_exact(int64_t i)
{
    return i <= EXACT_MAX && i >= -EXACT_MAX;
}

/* Shown with the places the field has, but no more of an amount than two unless they say something. */
static lxw_format *number_format(Export *x, Workbook *wb, const Field *f, Val v)
{
    if (v.kind == VAL_MONEY) return money_format(x, wb, v.aux);
    if (f->result == FIELD_PERCENT) return wb->percent;
    return decimal_format_of(x, wb, v.places);
}

/* Days and moments as serial numbers; false for what a spreadsheet has no number for. */
static bool serial_of(const Export *x, Val v, double *out)
{
    int64_t ms = v.kind == VAL_TIMESTAMP ? val_ms(v) : 0;

    if (v.kind == VAL_DATE)
        *out = (double)(v.i + EXCEL_EPOCH);
    else
        *out = (double)(ms + zone_offset(x->spec->zone, ms) * 1000) / 86400000.0 + EXCEL_EPOCH;
    return *out >= FIRST_DAY && *out < 2958466; /* year 10000 */
}

static lxw_error put_cell(Export *x, const Chunk *c, Workbook *wb, size_t i, Val v)
{
    const Field *f = x->columns[i];
    lxw_col_t col = column_of(x, i);
    bool is_number = (v.kind == VAL_DECIMAL || v.kind == VAL_MONEY) && is_exact(v.i);
    bool is_whole = v.kind == VAL_INT && !f->number_format.n && is_exact(v.i);
    double serial;

    if (v.kind == VAL_NULL) return LXW_NO_ERROR;
    if (is_number)
        return worksheet_write_number(wb->sheet, wb->row, col, scaled(v.i, v.places),
                                      number_format(x, wb, f, v));
    if (is_whole) return worksheet_write_number(wb->sheet, wb->row, col, (double)v.i, wb->whole);
    if ((v.kind == VAL_DATE || v.kind == VAL_TIMESTAMP) && serial_of(x, v, &serial))
        return worksheet_write_number(wb->sheet, wb->row, col, serial,
                                      v.kind == VAL_DATE ? wb->day : wb->moment);
    return put_text(wb, c->mem, col, cell_text(x, c, f, v));
}

static Err *put_row(Export *x, const Chunk *c, const Record *rec)
{
    Workbook *wb = x->own;
    lxw_error bad = LXW_NO_ERROR;

    if (wb->row >= SHEET_ROWS) TRY(open_sheet(x, wb));
    wb->row++;
    if (x->has_id) bad = put_text(wb, c->mem, 0, id_text(c->mem, rec->id));
    for (size_t i = 0; !bad && i < x->n; i++) bad = put_cell(x, c, wb, i, cell_value(x, c, rec, i));
    if (bad) FAIL(x->mem, ERR_UNAVAILABLE, "error.export.write", "%s", lxw_strerror(bad));
    return NULL;
}

static Err *rows(Export *x, const Chunk *c)
{
    for (size_t i = 0; i < c->page.n; i++) TRY(put_row(x, c, c->page.recs[i]));
    return NULL;
}

static Err *end(Export *x)
{
    Workbook *wb = x->own;
    lxw_workbook *book = wb->book;

    close_sheet(x, wb);
    wb->book = NULL;
    lxw_error bad = workbook_close(book);
    if (bad) FAIL(x->mem, ERR_UNAVAILABLE, "error.export.write", "%s: %s", x->path, lxw_strerror(bad));
    return NULL;
}

const Writer xlsx_writer = {begin, rows, end};
