/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact decimal arithmetic on scaled 64-bit integers, through 128 bits.  Rounding is half away from zero everywhere. */
#include "base/decimal.h"

#include <string.h>

__extension__ typedef __int128 I128;

static I128 pow10_128(unsigned n)
{
    I128 p = 1;

    while (n--) p *= 10;
    return p;
}

static I128 div_round(I128 a, I128 b)
{
    I128 q = a / b, r = a % b, half = b < 0 ? -b : b;

    if (r < 0) r = -r;
    if (r >= half - r) q += (a < 0) == (b < 0) ? 1 : -1;
    return q;
}

static bool fits(I128 v, int64_t *out)
{
    if (v > DECIMAL_MAX || v < -DECIMAL_MAX) return false;
    *out = (int64_t)v;
    return true;
}

/* Digits of `s` from `*at` on, appended to *v; false past 18 significant digits. */
static bool take_digits(Str s, size_t *at, int64_t *v, unsigned *count)
{
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++, (*count)++) {
        if (*v > (DECIMAL_MAX - (s.p[*at] - '0')) / 10) return false;
        *v = *v * 10 + (s.p[*at] - '0');
    }
    return true;
}

static bool take_exponent(Str s, size_t *at, int *exponent)
{
    int sign = 1, v = 0;
    size_t from;

    if (*at >= s.n || (s.p[*at] != 'e' && s.p[*at] != 'E')) return true;
    (*at)++;
    if (*at < s.n && (s.p[*at] == '+' || s.p[*at] == '-')) sign = s.p[(*at)++] == '-' ? -1 : 1;
    from = *at;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9' && v < 1000; (*at)++)
        v = v * 10 + (s.p[*at] - '0');
    *exponent = sign * v;
    return *at > from;
}

static bool apply_exponent(int64_t *v, int places, int exponent, uint8_t *out_places)
{
    places -= exponent;
    for (; places < 0; places++) {
        if (*v > DECIMAL_MAX / 10) return false;
        *v *= 10;
    }
    for (; places > DECIMAL_PLACES_MAX && *v % 10 == 0; places--) *v /= 10;
    if (places > DECIMAL_PLACES_MAX) return false;
    *out_places = (uint8_t)places;
    return true;
}

bool decimal_parse(Str s, int64_t *scaled, uint8_t *places)
{
    size_t at = 0;
    unsigned whole = 0, part = 0;
    int64_t v = 0;
    int exponent = 0;
    bool is_negative = s.n && s.p[0] == '-';

    if (is_negative) at++;
    if (!take_digits(s, &at, &v, &whole) || whole == 0) return false;
    if (at < s.n && s.p[at] == '.') {
        at++;
        if (!take_digits(s, &at, &v, &part) || part == 0) return false;
    }
    if (!take_exponent(s, &at, &exponent) || at != s.n || part > 30) return false;
    if (v == 0) exponent = exponent > 0 ? 0 : exponent < -DECIMAL_PLACES_MAX ? -DECIMAL_PLACES_MAX : exponent;
    if (v == 0 && (int)part - exponent > DECIMAL_PLACES_MAX) exponent = (int)part - DECIMAL_PLACES_MAX;
    if (!apply_exponent(&v, (int)part, exponent, places)) return false;
    *scaled = is_negative ? -v : v;
    return true;
}

size_t decimal_format(int64_t scaled, uint8_t places, char out[32])
{
    char digits[24];
    size_t n = 0, at = 0;
    uint64_t u = scaled < 0 ? 0 - (uint64_t)scaled : (uint64_t)scaled;

    do digits[n++] = (char)('0' + u % 10);
    while (u /= 10);
    while (n <= places) digits[n++] = '0';
    if (scaled < 0) out[at++] = '-';
    while (n) {
        if (n == places) out[at++] = '.';
        out[at++] = digits[--n];
    }
    out[at] = '\0';
    return at;
}

Str decimal_text(Arena *mem, int64_t scaled, uint8_t places)
{
    char out[32];
    size_t n = decimal_format(scaled, places, out);

    return str_copy(mem, (Str){out, n});
}

bool decimal_rescale(int64_t scaled, uint8_t from, uint8_t to, int64_t *out)
{
    if (to >= from) return to - from <= DECIMAL_PLACES_MAX + 1 && fits(scaled * pow10_128(to - from), out);
    return fits(div_round(scaled, pow10_128(from - to)), out);
}

bool decimal_times(int64_t scaled, int64_t factor, uint8_t factor_places, int64_t *out)
{
    return fits(div_round((I128)scaled * factor, pow10_128(factor_places)), out);
}

int decimal_cmp(int64_t a, uint8_t pa, int64_t b, uint8_t pb)
{
    I128 x = (I128)a * pow10_128(pb > pa ? pb - pa : 0), y = (I128)b * pow10_128(pa > pb ? pa - pb : 0);

    return x < y ? -1 : x > y;
}

static bool add(Val a, Val b, int sign, Val *out)
{
    uint8_t places = a.places > b.places ? a.places : b.places;
    I128 x = (I128)a.i * pow10_128(places - a.places), y = (I128)b.i * pow10_128(places - b.places);
    int64_t v;

    if (!fits(x + sign * y, &v)) return false;
    *out = a;
    out->places = places;
    out->i = v;
    return true;
}

bool decimal_add(Val a, Val b, Val *out)
{
    return add(a, b, 1, out);
}

bool decimal_sub(Val a, Val b, Val *out)
{
    return add(a, b, -1, out);
}

uint8_t decimal_mul_places(uint8_t a, uint8_t b)
{
    uint8_t larger = a > b ? a : b, sum = (uint8_t)(a + b);

    if (sum <= DECIMAL_WORK_PLACES) return sum;
    return larger > DECIMAL_WORK_PLACES ? larger : DECIMAL_WORK_PLACES;
}

uint8_t decimal_div_places(uint8_t a)
{
    return a > DECIMAL_WORK_PLACES ? a : DECIMAL_WORK_PLACES;
}

bool decimal_mul(Val a, Val b, Val *out)
{
    uint8_t places = decimal_mul_places(a.places, b.places);
    int64_t v;

    if (!fits(div_round((I128)a.i * b.i, pow10_128((unsigned)(a.places + b.places - places))), &v))
        return false;
    *out = a;
    out->i = v;
    out->places = places;
    return true;
}

bool decimal_div(Val a, Val b, Val *out)
{
    uint8_t places = decimal_div_places(a.places);
    I128 top = (I128)a.i;
    int64_t v;

    if (b.i == 0) return false;
    for (unsigned shift = (unsigned)(places + b.places - a.places); shift > 0; shift--)
        if (__builtin_mul_overflow(top, (I128)10, &top)) return false;
    if (!fits(div_round(top, b.i), &v)) return false;
    *out = a;
    out->i = v;
    out->places = places;
    return true;
}
