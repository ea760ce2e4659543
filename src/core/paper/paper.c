/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Setting a document: once to count its pages, once to draw it.  Text is set by Pango, so every alphabet comes out.  Rows of
   a table and text in columns are not broken; paragraphs are, between lines.  The head of a table stands on each of its
   pages. */
#include "core/paper/paper.h"

#include "base/buf.h"
#include "base/time.h"
#include "core/paper/markup.h"
#include "core/paper/picture.h"

#include <cairo-pdf.h>
#include <math.h>
#include <pango/pangocairo.h>

#define MM      (72.0 / 25.4)
#define WIDTH   595.28
#define HEIGHT  841.89
#define SIDE    (18 * MM)
#define TOP     (15 * MM)
#define BOTTOM  (20 * MM)
#define ROOM    (WIDTH - 2 * SIDE)
#define FAMILY  "Inter, Noto Sans, DejaVu Sans, Sans"
#define PAD     4.0
#define INDENT  12.0
#define LEADING 1.6 /* between the lines of a paragraph */
#define PDF_MAX ((size_t)64 << 20)

enum { FONT_TEXT, FONT_SMALL, FONT_H1, FONT_H2, FONT_H3, FONTS };

static const struct {
    double size, gap;
    bool is_bold;
} LOOKS[FONTS] = {{9.5, 6, false}, {7.5, 4, false}, {17, 8, true}, {11.5, 5, true}, {10, 4, true}};

typedef struct Paper {
    Arena *mem;
    const PaperIn *in;
    cairo_surface_t *surface;
    Logo *logo;
    cairo_t *cr;
    PangoContext *context;
    PangoLayout *layout, *foot, *cells[MARKUP_COLUMNS];
    PangoFontDescription *fonts[FONTS];
    Buf out;
    Str footer;
    double y;
    int page, pages; /* pages: 0 while they are counted */
} Paper;

static void drop(void *arg)
{
    Paper *p = arg;

    if (p->layout) g_object_unref(p->layout);
    if (p->foot) g_object_unref(p->foot);
    for (size_t i = 0; i < MARKUP_COLUMNS; i++)
        if (p->cells[i]) g_object_unref(p->cells[i]);
    for (size_t i = 0; i < FONTS; i++)
        if (p->fonts[i]) pango_font_description_free(p->fonts[i]);
    if (p->context) g_object_unref(p->context);
    if (p->cr) cairo_destroy(p->cr);
    if (p->surface) cairo_surface_destroy(p->surface);
    *p = (Paper){0};
}

static cairo_status_t put_bytes(void *arg, const unsigned char *data, unsigned n)
{
    Paper *p = arg;

    if (p->mem) buf_add_n(&p->out, data, n); /* not while it is dropped */
    return p->out.is_over ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static bool is_drawn(const Paper *p)
{
    return p->pages > 0;
}

static void ink(Paper *p, double grey)
{
    cairo_set_source_rgb(p->cr, grey, grey, grey + 0.02);
}

/* --- text ------------------------------------------------------------------------------------------------------------ */

static void add_attribute(PangoAttrList *list, PangoAttribute *a, size_t from, size_t to)
{
    a->start_index = (guint)from;
    a->end_index = (guint)to;
    pango_attr_list_insert(list, a);
}

static void set_text(Paper *p, PangoLayout *layout, const Piece *piece, int font, double width, bool is_bold)
{
    static const PangoAlignment ALIGNS[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_RIGHT, PANGO_ALIGN_CENTER};
    PangoAttrList *list = pango_attr_list_new();
    Plain plain;

    markup_plain(p->mem, piece->text, &plain);
    add_attribute(list, pango_attr_insert_hyphens_new(FALSE), 0, plain.text.n);
    add_attribute(list, pango_attr_font_features_new("tnum=1"), 0, plain.text.n);
    for (size_t i = 0; i < plain.n; i++)
        add_attribute(list, pango_attr_weight_new(PANGO_WEIGHT_SEMIBOLD), plain.bold[i][0], plain.bold[i][1]);
    if (is_bold) add_attribute(list, pango_attr_weight_new(PANGO_WEIGHT_SEMIBOLD), 0, plain.text.n);
    pango_layout_set_attributes(layout, list);
    pango_attr_list_unref(list);
    pango_layout_set_font_description(layout, p->fonts[piece->is_small ? FONT_SMALL : font]);
    pango_layout_set_alignment(layout, ALIGNS[piece->align]);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_line_spacing(layout, 1.15F);
    pango_layout_set_text(layout, plain.text.n ? plain.text.p : "", (int)plain.text.n);
}

static double height_of(PangoLayout *layout)
{
    int w, h;

    pango_layout_get_size(layout, &w, &h);
    return (double)h / PANGO_SCALE;
}

/* --- pages ----------------------------------------------------------------------------------------------------------- */

static Str page_words(const Paper *p)
{
    static const char *const OF[LANG_COUNT] = {"of", "из", "z"};

    return str_fmt(p->mem, "%d %s %d", p->page, OF[p->in->lang], p->pages);
}

static void draw_foot_text(Paper *p, Str text, Align align, double width)
{
    Piece piece = {.text = text, .align = align, .is_small = true};

    set_text(p, p->foot, &piece, FONT_SMALL, width, false);
    ink(p, 0.42);
    cairo_move_to(p->cr, align == ALIGN_RIGHT ? WIDTH - SIDE - width : SIDE, HEIGHT - BOTTOM + 6 * MM);
    pango_cairo_show_layout(p->cr, p->foot);
}

static void end_page(Paper *p)
{
    if (!is_drawn(p)) return;
    if (p->footer.n) draw_foot_text(p, p->footer, ALIGN_LEFT, ROOM - 60);
    if (p->pages > 1) draw_foot_text(p, page_words(p), ALIGN_RIGHT, 60);
    cairo_show_page(p->cr);
}

static void begin_page(Paper *p)
{
    p->page++;
    p->y = TOP;
}

static double space_left(const Paper *p)
{
    return HEIGHT - BOTTOM - p->y;
}

/* A new page unless `height` more points fit; true when there is one. */
static bool need(Paper *p, double height)
{
    if (height <= space_left(p) || p->y <= TOP) return false;
    end_page(p);
    begin_page(p);
    return true;
}

/* --- pictures -------------------------------------------------------------------------------------------------------- */

static double picture_width(const Paper *p, const Piece *piece)
{
    double height = piece->mm * MM;

    if (piece->picture == PICTURE_QR) return p->in->qr.n ? height : 0;
    if (!p->logo) return 0;
    return height * picture_ratio(p->logo);
}

/* Height a picture takes in a column of `room`; `width` shrinks with it. */
static double fit_picture(const Paper *p, const Piece *piece, double room, double *width)
{
    double height = piece->mm * MM;

    *width = picture_width(p, piece);
    if (*width <= 0) return 0;
    if (*width > room) {
        height *= room / *width;
        *width = room;
    }
    return height;
}

static void draw_picture(Paper *p, const Piece *piece, double x, double y, double room)
{
    double width, height = fit_picture(p, piece, room, &width);

    if (height <= 0 || !is_drawn(p)) return;
    if (piece->align == ALIGN_RIGHT) x += room - width;
    if (piece->align == ALIGN_CENTER) x += (room - width) / 2;
    if (piece->picture == PICTURE_QR)
        picture_qr(p->cr, p->in->qr, x, y, height);
    else
        picture_draw(p->logo, p->cr, x, y, width);
}

/* --- paragraphs ------------------------------------------------------------------------------------------------------ */

static void draw_line(Paper *p, PangoLayoutIter *iter, double x, double top, double baseline)
{
    PangoRectangle place;

    pango_layout_iter_get_line_extents(iter, NULL, &place);
    cairo_move_to(p->cr, x + (double)place.x / PANGO_SCALE, p->y + baseline - top);
    pango_cairo_show_layout_line(p->cr, pango_layout_iter_get_line_readonly(iter));
}

/* The lines of p->layout, each on the page where it fits. */
static void draw_lines(Paper *p, double x)
{
    PangoLayoutIter *iter = pango_layout_get_iter(p->layout);

    do {
        int y0, y1;
        pango_layout_iter_get_line_yrange(iter, &y0, &y1);
        double height = (double)(y1 - y0) / PANGO_SCALE;
        (void)need(p, height);
        if (is_drawn(p))
            draw_line(p, iter, x, (double)y0 / PANGO_SCALE,
                      (double)pango_layout_iter_get_baseline(iter) / PANGO_SCALE);
        p->y += height + LEADING;
    } while (pango_layout_iter_next_line(iter));
    pango_layout_iter_free(iter);
}

static void set_paragraph(Paper *p, const Block *b)
{
    static const int HEADS[] = {FONT_TEXT, FONT_H1, FONT_H2, FONT_H3};
    const Piece *piece = &b->piece;
    int font = HEADS[b->kind == BLOCK_HEADING ? b->level : 0];
    double indent = b->kind == BLOCK_ITEM ? INDENT : 0, width;

    if (piece->picture) {
        double height = fit_picture(p, piece, ROOM, &width);
        (void)need(p, height);
        draw_picture(p, piece, SIDE, p->y, ROOM);
        p->y += height > 0 ? height + PAD : 0;
        if (!piece->text.n) return;
    }
    if (b->kind == BLOCK_HEADING && p->y > TOP) p->y += LOOKS[font].gap;
    set_text(p, p->layout, piece, font, ROOM - indent, b->kind == BLOCK_HEADING);
    (void)need(p, b->kind == BLOCK_HEADING ? height_of(p->layout) + 36 : 0);
    ink(p, piece->is_small ? 0.36 : 0.1);
    if (indent > 0 && is_drawn(p)) {
        cairo_new_path(p->cr);
        cairo_arc(p->cr, SIDE + 4, p->y + 6.5, 1.5, 0, 2 * M_PI);
        cairo_fill(p->cr);
    }
    draw_lines(p, SIDE + indent);
    p->y += LOOKS[piece->is_small ? FONT_SMALL : font].gap;
}

/* --- tables ---------------------------------------------------------------------------------------------------------- */

typedef struct Columns {
    double x[MARKUP_COLUMNS], width[MARKUP_COLUMNS];
} Columns;

static Columns columns_of(const Table *t)
{
    Columns c = {0};
    double sum = 0, x = SIDE;

    for (size_t i = 0; i < t->n_columns; i++) sum += t->widths[i];
    for (size_t i = 0; i < t->n_columns; i++) {
        c.x[i] = x;
        c.width[i] = ROOM * t->widths[i] / sum;
        x += c.width[i];
    }
    return c;
}

/* Text in columns begins and ends with the text around it. */
static double pad_of(const Table *t, size_t column, bool is_left)
{
    bool is_edge = is_left ? column == 0 : column + 1 == t->n_columns;

    return t->has_head || !is_edge ? PAD : 0;
}

static double room_of(const Table *t, const Columns *c, size_t i)
{
    double room = c->width[i] - pad_of(t, i, true) - pad_of(t, i, false);

    return room > 4 ? room : 4;
}

/* Sets the cells of row `row` into p->cells and says how high it is. */
static double set_row(Paper *p, const Table *t, const Columns *c, size_t row)
{
    const Piece *cells = &t->cells[row * t->n_columns];
    double height = 0, most = HEIGHT - TOP - BOTTOM - 40, width;
    bool is_head = t->has_head && row == 0;

    for (size_t i = 0; i < t->n_columns; i++) {
        Piece piece = cells[i];
        double h = piece.picture ? fit_picture(p, &piece, room_of(t, c, i), &width) : 0;
        piece.is_small = piece.is_small || is_head;
        set_text(p, p->cells[i], &piece, FONT_TEXT, room_of(t, c, i), is_head);
        pango_layout_set_height(p->cells[i], (int)(most * PANGO_SCALE));
        pango_layout_set_ellipsize(p->cells[i], PANGO_ELLIPSIZE_END);
        if (piece.text.n) h += height_of(p->cells[i]);
        if (h > height) height = h;
    }
    return height + (t->has_head ? 1.5 * PAD : 0.5 * PAD);
}

static void draw_row(Paper *p, const Table *t, const Columns *c, size_t row, double height)
{
    const Piece *cells = &t->cells[row * t->n_columns];
    bool is_head = t->has_head && row == 0;

    if (is_drawn(p) && is_head) {
        cairo_set_source_rgb(p->cr, 0.945, 0.953, 0.965);
        cairo_rectangle(p->cr, SIDE, p->y, ROOM, height);
        cairo_fill(p->cr);
    }
    for (size_t i = 0; i < t->n_columns && is_drawn(p); i++) {
        double x = c->x[i] + pad_of(t, i, true), y = p->y + (t->has_head ? 0.75 * PAD : 0), width;
        double drawn = cells[i].picture ? fit_picture(p, &cells[i], room_of(t, c, i), &width) : 0;
        draw_picture(p, &cells[i], x, y, room_of(t, c, i));
        if (!cells[i].text.n) continue;
        ink(p, cells[i].is_small ? 0.36 : 0.1);
        cairo_move_to(p->cr, x, y + drawn);
        pango_cairo_show_layout(p->cr, p->cells[i]);
    }
    p->y += height;
    if (!is_drawn(p) || !t->has_head) return;
    cairo_set_source_rgb(p->cr, 0.84, 0.86, 0.89);
    cairo_set_line_width(p->cr, 0.5);
    cairo_move_to(p->cr, SIDE, p->y);
    cairo_line_to(p->cr, SIDE + ROOM, p->y);
    cairo_stroke(p->cr);
}

static void set_table(Paper *p, const Table *t)
{
    Columns c = columns_of(t);
    double all = 0;

    for (size_t row = 0; !t->has_head && row < t->n_rows; row++) all += set_row(p, t, &c, row);
    if (all < HEIGHT - TOP - BOTTOM) (void)need(p, all);
    for (size_t row = 0; row < t->n_rows; row++) {
        double height = set_row(p, t, &c, row), head = row == 0 && t->has_head ? 30 : 0;
        if (need(p, height + head) && t->has_head && row) {
            double again = set_row(p, t, &c, 0);
            draw_row(p, t, &c, 0, again);
            height = set_row(p, t, &c, row);
        }
        draw_row(p, t, &c, row, height);
        if (p->page > PAPER_PAGES) return;
    }
    p->y += 6;
}

/* --- the document ---------------------------------------------------------------------------------------------------- */

static void set_rule(Paper *p)
{
    p->y += 2;
    if (is_drawn(p)) {
        cairo_set_source_rgb(p->cr, 0.72, 0.75, 0.8);
        cairo_set_line_width(p->cr, 0.7);
        cairo_move_to(p->cr, SIDE, p->y);
        cairo_line_to(p->cr, SIDE + ROOM, p->y);
        cairo_stroke(p->cr);
    }
    p->y += 6;
}

static void set_block(Paper *p, const Block *b)
{
    switch (b->kind) {
    case BLOCK_TABLE: set_table(p, b->table); break;
    case BLOCK_LINE: set_rule(p); break;
    case BLOCK_SPACE: p->y += b->mm * MM; break;
    case BLOCK_PAGE:
        end_page(p);
        begin_page(p);
        break;
    default: set_paragraph(p, b);
    }
}

static void set_all(Paper *p, const Markup *m)
{
    p->page = 0;
    begin_page(p);
    for (size_t i = 0; i < m->n && p->page <= PAPER_PAGES; i++) set_block(p, &m->blocks[i]);
    end_page(p);
}

static PangoLayout *layout_new(Paper *p)
{
    return pango_layout_new(p->context);
}

static void open_fonts(Paper *p)
{
    cairo_font_options_t *options = cairo_font_options_create();

    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    p->context = pango_font_map_create_context(pango_cairo_font_map_get_default());
    pango_cairo_context_set_font_options(p->context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(p->context, FALSE);
    pango_context_set_language(p->context,
                               pango_language_from_string(str_to_c(p->mem, lang_code(p->in->lang))));
    p->layout = layout_new(p);
    p->foot = layout_new(p);
    for (size_t i = 0; i < MARKUP_COLUMNS; i++) p->cells[i] = layout_new(p);
    for (size_t i = 0; i < FONTS; i++) {
        p->fonts[i] = pango_font_description_from_string(FAMILY);
        pango_font_description_set_absolute_size(p->fonts[i], LOOKS[i].size * PANGO_SCALE);
    }
}

static void open_paper(Paper *p)
{
    Str made = timestamp_text(p->mem, val_from_ms(p->in->now / 1000 * 1000));

    p->surface = cairo_pdf_surface_create_for_stream(put_bytes, p, WIDTH, HEIGHT);
    p->cr = cairo_create(p->surface);
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_TITLE, str_to_c(p->mem, p->in->title));
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATOR, "Kith");
    cairo_pdf_surface_set_metadata(p->surface, CAIRO_PDF_METADATA_CREATE_DATE, str_to_c(p->mem, made));
    p->logo = picture_load(p->mem, p->in->logo);
    open_fonts(p);
}

Err *paper_pdf(Arena *mem, Str markup, const PaperIn *in, Str *out)
{
    Paper *p = NEW(mem, Paper);
    Markup m;

    *p = (Paper){.mem = mem, .in = in, .out = buf_new(mem, PDF_MAX)};
    arena_defer(mem, drop, p);
    markup_parse(mem, markup, &m);
    p->footer = m.footer;
    open_paper(p);
    set_all(p, &m);
    if (p->page > PAPER_PAGES)
        return err_arg(err_new(mem, ERR_LIMIT, "error.paper.pages", "more than %d pages", PAPER_PAGES), 0,
                       str_fmt(mem, "%d", PAPER_PAGES));
    p->pages = p->page;
    set_all(p, &m);
    cairo_surface_finish(p->surface);
    bool is_bad = cairo_surface_status(p->surface) != CAIRO_STATUS_SUCCESS || p->out.is_over;
    *out = buf_str(&p->out);
    if (is_bad)
        FAIL(mem, ERR_INTERNAL, "error.internal", "no PDF: %s",
             cairo_status_to_string(cairo_surface_status(p->surface)));
    return NULL;
}
