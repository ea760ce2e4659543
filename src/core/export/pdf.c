/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table on paper: A4, upright or across when it is wide, the heading on every page, pages numbered.  Widths are measured on the
   first chunk.  Text is set by Pango, so every alphabet comes out; control characters and marks that turn the direction of text are
   left out, and a cell has at most three lines. */
#include "core/export/impl.h"

#include "base/text.h"
#include "base/time.h"
#include "core/shown.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#define A4_SHORT   595.28
#define A4_LONG    841.89
#define MARGIN     36.0
#define FOOT       18.0
#define PAD        4.0
#define NARROWEST  34.0
#define WIDEST     190.0
#define CELL_BYTES 600
#define CELL_LINES 3
#define SAMPLE     200
#define FONT       "Inter, Noto Sans, DejaVu Sans, Sans 8"
#define FONT_BOLD  "Inter, Noto Sans, DejaVu Sans, Sans Bold 8"
#define FONT_TITLE "Inter, Noto Sans, DejaVu Sans, Sans Bold 13"

typedef struct Paper {
    Export *x;
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoFontMap *fonts;
    PangoContext *context;
    PangoLayout *layout;
    PangoFontDescription *plain, *bold, *title;
    double width, height, y, *widths;
    bool is_measured, has_broken;
    int page;
} Paper;

static void drop(void *arg)
{
    Paper *p = arg;

    if (p->layout) g_object_unref(p->layout);
    if (p->context) g_object_unref(p->context);
    if (p->fonts) g_object_unref(p->fonts);
    if (p->plain) pango_font_description_free(p->plain);
    if (p->bold) pango_font_description_free(p->bold);
    if (p->title) pango_font_description_free(p->title);
    if (p->cr) cairo_destroy(p->cr);
    if (p->surface) cairo_surface_destroy(p->surface);
    *p = (Paper){0};
}

static cairo_status_t put_bytes(void *arg, const unsigned char *data, unsigned n)
{
    Paper *p = arg;

    if (!p->x) return CAIRO_STATUS_SUCCESS; /* dropped after an error */
    if (export_put(p->x, (Str){(const char *)data, n})) p->has_broken = true;
    return p->has_broken ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

/* --- text -------------------------------------------------------------------------------------------------------------- */

static Str clean(Arena *mem, Str s)
{
    Buf b = buf_new(mem, CELL_BYTES + 8);

    for (size_t at = 0; at < s.n && b.n < CELL_BYTES;) {
        size_t from = at;
        uint32_t cp = utf8_next(s, &at);
        if (shown_is_harmless(cp))
            buf_add(&b, str_sub(s, from, at - from));
        else if (cp == '\n' || cp == '\t')
            buf_add_c(&b, ' ');
    }
    return buf_str(&b);
}

static bool is_right(const Field *f)
{
    return f->result == FIELD_INTEGER || f->result == FIELD_DECIMAL || f->result == FIELD_MONEY ||
           f->result == FIELD_PERCENT;
}

static void set_text(Paper *p, Str s, const PangoFontDescription *font, double width, int lines, bool right)
{
    pango_layout_set_font_description(p->layout, font);
    pango_layout_set_alignment(p->layout, right ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    pango_layout_set_wrap(p->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_ellipsize(p->layout, lines ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
    pango_layout_set_width(p->layout, width > 0 ? (int)(width * PANGO_SCALE) : -1);
    pango_layout_set_height(p->layout, -lines);
    pango_layout_set_text(p->layout, s.n ? s.p : "", (int)s.n);
}

static double text_height(Paper *p)
{
    int w, h;

    pango_layout_get_size(p->layout, &w, &h);
    return (double)h / PANGO_SCALE;
}

static double text_width(Paper *p, Str s, const PangoFontDescription *font)
{
    int w, h;

    set_text(p, s, font, 0, 0, false);
    pango_layout_get_size(p->layout, &w, &h);
    return (double)w / PANGO_SCALE;
}

/* --- pages ------------------------------------------------------------------------------------------------------------- */

static void draw_row(Paper *p, const Str *cells, const PangoFontDescription *font, double height)
{
    double left = MARGIN;

    for (size_t i = 0; i < p->x->n; i++) {
        set_text(p, cells[i], font, p->widths[i] - 2 * PAD, CELL_LINES, is_right(p->x->columns[i]));
        cairo_move_to(p->cr, left + PAD, p->y + PAD / 2);
        pango_cairo_show_layout(p->cr, p->layout);
        left += p->widths[i];
    }
    p->y += height;
    cairo_set_source_rgb(p->cr, 0.85, 0.87, 0.9);
    cairo_set_line_width(p->cr, 0.4);
    cairo_move_to(p->cr, MARGIN, p->y);
    cairo_line_to(p->cr, p->width - MARGIN, p->y);
    cairo_stroke(p->cr);
    cairo_set_source_rgb(p->cr, 0.1, 0.12, 0.16);
}

static double row_height(Paper *p, const Str *cells, const PangoFontDescription *font)
{
    double height = 0;

    for (size_t i = 0; i < p->x->n; i++) {
        set_text(p, cells[i], font, p->widths[i] - 2 * PAD, CELL_LINES, false);
        double h = text_height(p);
        if (h > height) height = h;
    }
    return height + PAD;
}

static void draw_heads(Paper *p)
{
    double height = row_height(p, p->x->heads, p->bold);

    cairo_set_source_rgb(p->cr, 0.93, 0.945, 0.965);
    cairo_rectangle(p->cr, MARGIN, p->y, p->width - 2 * MARGIN, height);
    cairo_fill(p->cr);
    cairo_set_source_rgb(p->cr, 0.1, 0.12, 0.16);
    draw_row(p, p->x->heads, p->bold, height);
}

static void draw_foot(Paper *p)
{
    Arena *mem = p->x->mem;
    Str day = date_text(mem, zone_date(p->x->spec->zone, p->x->now));

    cairo_set_source_rgb(p->cr, 0.4, 0.43, 0.48);
    set_text(p, day, p->plain, p->width - 2 * MARGIN, 1, false);
    cairo_move_to(p->cr, MARGIN, p->height - MARGIN - FOOT / 2);
    pango_cairo_show_layout(p->cr, p->layout);
    set_text(p, str_fmt(mem, "%d", p->page), p->plain, p->width - 2 * MARGIN, 1, true);
    cairo_move_to(p->cr, MARGIN, p->height - MARGIN - FOOT / 2);
    pango_cairo_show_layout(p->cr, p->layout);
}

static void begin_page(Paper *p)
{
    p->page++;
    p->y = MARGIN;
    cairo_set_source_rgb(p->cr, 0.1, 0.12, 0.16);
    if (p->page == 1) {
        set_text(p, clean(p->x->mem, label_in(&p->x->spec->obj->label_plural, p->x->spec->lang)), p->title,
                 p->width - 2 * MARGIN, 1, false);
        cairo_move_to(p->cr, MARGIN, p->y);
        pango_cairo_show_layout(p->cr, p->layout);
        p->y += text_height(p) + 2 * PAD;
    }
    draw_heads(p);
}

static void end_page(Paper *p)
{
    draw_foot(p);
    cairo_show_page(p->cr);
}

/* --- widths ------------------------------------------------------------------------------------------------------------ */

static void fit_widths(Paper *p)
{
    double sum = 0, room;

    for (size_t i = 0; i < p->x->n; i++) sum += p->widths[i];
    bool is_across = sum > A4_SHORT - 2 * MARGIN;
    p->width = is_across ? A4_LONG : A4_SHORT;
    p->height = is_across ? A4_SHORT : A4_LONG;
    room = p->width - 2 * MARGIN;
    for (size_t i = 0; sum > 0 && i < p->x->n; i++) p->widths[i] *= room / sum;
    cairo_pdf_surface_set_size(p->surface, p->width, p->height);
}

static void measure(Paper *p, const Chunk *c)
{
    p->widths = NEW_N(p->x->mem, double, p->x->n + 1);
    for (size_t i = 0; i < p->x->n; i++) {
        double widest = text_width(p, p->x->heads[i], p->bold) + 2 * PAD + 1;
        for (size_t k = 0; c && k < c->page.n && k < SAMPLE; k++) {
            Val v = cell_value(p->x, c, c->page.recs[k], i);
            double w = text_width(p, clean(c->mem, cell_shown(p->x, c, p->x->columns[i], v)), p->plain) +
                       2 * PAD + 1;
            if (w > widest) widest = w;
        }
        p->widths[i] = widest < NARROWEST ? NARROWEST : widest > WIDEST ? WIDEST : widest;
    }
    fit_widths(p);
    p->is_measured = true;
    begin_page(p);
}

/* --- the writer -------------------------------------------------------------------------------------------------------- */

static Err *begin(Export *x)
{
    Paper *p = NEW(x->mem, Paper);

    x->own = p;
    x->has_id = false;
    p->x = x;
    arena_defer(x->mem, drop, p);
    p->surface = cairo_pdf_surface_create_for_stream(put_bytes, p, A4_SHORT, A4_LONG);
    p->cr = cairo_create(p->surface);
    p->fonts = pango_cairo_font_map_new();
    p->context = pango_font_map_create_context(p->fonts);
    p->layout = pango_layout_new(p->context);
    PangoAttrList *attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    pango_layout_set_attributes(p->layout, attributes);
    pango_attr_list_unref(attributes);
    p->plain = pango_font_description_from_string(FONT);
    p->bold = pango_font_description_from_string(FONT_BOLD);
    p->title = pango_font_description_from_string(FONT_TITLE);
    for (size_t i = 0; i < x->n; i++) x->heads[i] = clean(x->mem, x->heads[i]);
    Str title = label_in(&x->spec->obj->label_plural, x->spec->lang);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, str_to_c(x->mem, title));
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATOR, "Kith");
    return NULL;
}

static void add_row(Paper *p, const Chunk *c, const Record *rec)
{
    Str *cells = NEW_N(c->mem, Str, p->x->n + 1);

    for (size_t i = 0; i < p->x->n; i++) {
        Val v = cell_value(p->x, c, rec, i);
        cells[i] = clean(c->mem, cell_shown(p->x, c, p->x->columns[i], v));
    }
    double height = row_height(p, cells, p->plain);
    if (p->y + height > p->height - MARGIN - FOOT) {
        end_page(p);
        begin_page(p);
    }
    draw_row(p, cells, p->plain, height);
}

static Err *rows(Export *x, const Chunk *c)
{
    Paper *p = x->own;

    if (!p->is_measured) measure(p, c);
    for (size_t i = 0; !p->has_broken && i < c->page.n; i++) add_row(p, c, c->page.recs[i]);
    return p->has_broken ? export_broken(x->mem, x->path) : NULL;
}

static Err *end(Export *x)
{
    Paper *p = x->own;

    end_page(p);
    cairo_surface_finish(p->surface);
    bool is_bad = p->has_broken || cairo_surface_status(p->surface) != CAIRO_STATUS_SUCCESS;

    return is_bad ? export_broken(x->mem, x->path) : NULL;
}

const Writer pdf_writer = {begin, rows, end};
