/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* Inside paper: pictures, drawn on a cairo_t. */

#define PICTURE_SIDE 4000 /* pixels */

typedef struct Logo Logo;

/** A PNG or JPEG, held as long as `mem`; NULL when it is neither, broken or too large.  A JPEG goes into a PDF as it is. */
Logo *picture_load(Arena *mem, Str bytes);
/** Width over height. */
double picture_ratio(const Logo *logo);
/** Draws it `width` wide with its upper left corner at (x, y). */
void picture_draw(const Logo *logo, void *cairo, double x, double y, double width);
/** Draws `text` as a QR code (ISO/IEC 18004, level M) of `side` points at (x, y); nothing when it is too long for one. */
void picture_qr(void *cairo, Str text, double x, double y, double side);
