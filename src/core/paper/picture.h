/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

#include <cairo.h>

/* Inside paper: pictures. */

#define PICTURE_SIDE 4000 /* pixels */

/** A PNG or JPEG as a surface the caller destroys; NULL when it is neither, broken or too large.  A JPEG goes into a PDF as it is. */
cairo_surface_t *picture_load(Str bytes);
/** Draws `text` as a QR code (ISO/IEC 18004, level M) of `side` points at (x, y); nothing when it is too long for one. */
void picture_qr(cairo_t *cr, Str text, double x, double y, double side);
