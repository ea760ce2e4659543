/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/val.h"

/* Exact numbers: a 64-bit integer scaled by a power of ten, at most 18 digits.  Rounding is half away from zero. */
#define DECIMAL_MAX        INT64_C(999999999999999999)
#define DECIMAL_PLACES_MAX 18

/** Reads "-12.50", "1e3" (RFC 8259 number syntax).  False when it is no number or does not fit 18 digits.
    The places are those written. */
bool decimal_parse(Str s, int64_t *scaled, uint8_t *places);
/** Plain notation with exactly `places` digits after the point; `out` has room for 32. */
size_t decimal_format(int64_t scaled, uint8_t places, char out[32]);
Str decimal_text(Arena *mem, int64_t scaled, uint8_t places);
/** The same number at other places, rounded when places shrink.  False when it does not fit. */
bool decimal_rescale(int64_t scaled, uint8_t from, uint8_t to, int64_t *out);
/** `scaled` times the decimal `factor`, at the places of `scaled`: an amount at a rate.  Only the result must fit. */
bool decimal_times(int64_t scaled, int64_t factor, uint8_t factor_places, int64_t *out);
/** -1, 0, 1; never overflows. */
int decimal_cmp(int64_t a, uint8_t pa, int64_t b, uint8_t pb);
/** Arithmetic with places that follow from the operands' places alone, so that SQL can do the same: add and sub the
    larger, mul the sum but at most DECIMAL_WORK_PLACES (or the larger operand's), div the dividend's but at least
    DECIMAL_WORK_PLACES; rounded half away from zero.  False beyond 18 digits or on division by zero. */
#define DECIMAL_WORK_PLACES 6
uint8_t decimal_mul_places(uint8_t a, uint8_t b);
uint8_t decimal_div_places(uint8_t a);
bool decimal_add(Val a, Val b, Val *out);
bool decimal_sub(Val a, Val b, Val *out);
bool decimal_mul(Val a, Val b, Val *out);
bool decimal_div(Val a, Val b, Val *out);
