/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures of documents: a logo from outside, whose size is looked at before it is opened, and square codes as squares of ink,
   so that they stay sharp. */
#include "core/paper/picture.h"

#include <cairo.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

typedef struct Source {
    Str rest;
} Source;

static cairo_status_t read_bytes(void *arg, unsigned char *data, unsigned n)
{
    Source *from = arg;

    if (from->rest.n < n) return CAIRO_STATUS_READ_ERROR;
    memcpy(data, from->rest.p, n);
    from->rest = str_from(from->rest, n);
    return CAIRO_STATUS_SUCCESS;
}

static unsigned byte_at(Str s, size_t at)
{
    return at < s.n ? (unsigned char)s.p[at] : 0;
}

static unsigned word_at(Str s, size_t at)
{
    return byte_at(s, at) << 8 | byte_at(s, at + 1);
}

static bool is_size_good(unsigned width, unsigned height)
{
    return width > 0 && height > 0 && width <= PICTURE_SIDE && height <= PICTURE_SIDE;
}

static cairo_surface_t *checked(cairo_surface_t *surface)
{
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) return surface;
    cairo_surface_destroy(surface);
    return NULL;
}

static cairo_surface_t *load_png(Str bytes)
{
    Source from = {bytes};
    unsigned width = word_at(bytes, 16) << 16 | word_at(bytes, 18);
    unsigned height = word_at(bytes, 20) << 16 | word_at(bytes, 22);

    if (!is_size_good(width, height)) return NULL;
    return checked(cairo_image_surface_create_from_png_stream(read_bytes, &from));
}

/* Size from the frame header (ITU T.81, B.2.2); false when there is none. */
static bool jpeg_size(Str s, unsigned *width, unsigned *height)
{
    size_t at = 2;

    while (at + 9 < s.n && byte_at(s, at) == 0xFF) {
        unsigned mark = byte_at(s, at + 1), size = word_at(s, at + 2);
        bool is_frame = mark >= 0xC0 && mark <= 0xCF && mark != 0xC4 && mark != 0xC8 && mark != 0xCC;
        if (is_frame) {
            *height = word_at(s, at + 5);
            *width = word_at(s, at + 7);
            return true;
        }
        if (size < 2) return false;
        at += 2 + size;
    }
    return false;
}

/* The bytes stand in the PDF untouched; the surface only says how large it is. */
static cairo_surface_t *load_jpeg(Str bytes)
{
    unsigned width = 0, height = 0;

    if (!jpeg_size(bytes, &width, &height) || !is_size_good(width, height)) return NULL;
    cairo_surface_t *surface = checked(cairo_image_surface_create(CAIRO_FORMAT_A1, (int)width, (int)height));
    unsigned char *copy = surface ? malloc(bytes.n) : NULL;
    if (!copy) return surface;
    memcpy(copy, bytes.p, bytes.n);
    if (cairo_surface_set_mime_data(surface, CAIRO_MIME_TYPE_JPEG, copy, bytes.n, free, copy)) free(copy);
    return surface;
}

struct Logo {
    cairo_surface_t *surface;
};

static void drop(void *arg)
{
    const Logo *logo = arg;

    cairo_surface_destroy(logo->surface);
}

Logo *picture_load(Arena *mem, Str bytes)
{
    Logo logo = {NULL}, *out = NULL;

    if (bytes.n > 32 && str_starts(bytes, S("\x89PNG\r\n\x1a\n"))) logo.surface = load_png(bytes);
    if (bytes.n > 32 && str_starts(bytes, S("\xff\xd8"))) logo.surface = load_jpeg(bytes);
    if (!logo.surface) return NULL;
    out = NEW(mem, Logo);
    *out = logo;
    arena_defer(mem, drop, out);
    return out;
}

double picture_ratio(const Logo *logo)
{
    return (double)cairo_image_surface_get_width(logo->surface) /
           cairo_image_surface_get_height(logo->surface);
}

void picture_draw(const Logo *logo, void *cairo, double x, double y, double width)
{
    double scale = width / cairo_image_surface_get_width(logo->surface);
    cairo_t *cr = cairo;

    cairo_save(cr);
    cairo_rectangle(cr, x, y, width, width / picture_ratio(logo));
    cairo_clip(cr);
    cairo_translate(cr, x, y);
    cairo_scale(cr, scale, scale);
    cairo_set_source_surface(cr, logo->surface, 0, 0);
    cairo_paint(cr);
    cairo_restore(cr);
}

void picture_qr(void *cairo, Str text, double x, double y, double side)
{
    cairo_t *cr = cairo;
    QRcode *code = QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_M);

    if (!code) return;
    double step = side / code->width;
    for (int row = 0; row < code->width; row++)
        for (int i = 0; i < code->width; i++)
            if (code->data[row * code->width + i] & 1)
                cairo_rectangle(cr, x + i * step, y + row * step, step, step);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_fill(cr);
    QRcode_free(code);
}
