/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of cells as text.  A workbook holds numbers as the shortest decimals of doubles and dates as numbers of days; what the
   user saw is fifteen digits and a date, and that is what arrives. */
#include "core/import/xlsx_impl.h"

#include "base/buf.h"
#include "base/time.h"

#include <math.h>

#define DAY_1970    25569 /* of 1970-01-01, counted as if 1900 were a leap year, as all programs do */
#define DAYS_1904   1462
#define DAYS_MAX    2958465 /* 9999-12-31 */
#define DAY_SECONDS 86400

/* --- formats ---------------------------------------------------------------------------------------------------------- */

/* Letters of a format that stand for parts of a moment, others left out: quoted text, escapes, colours, fill. */
static void scan_code(Str code, bool *has_day, bool *has_clock)
{
    bool has_m = false;

    for (size_t i = 0; i < code.n; i++) {
        char c = code.p[i] | 0x20;
        if (code.p[i] == ';') break; /* the format of negative numbers */
        if (code.p[i] == '"')
            while (i + 1 < code.n && code.p[++i] != '"') {}
        else if (code.p[i] == '\\' || code.p[i] == '_' || code.p[i] == '*')
            i++;
        else if (code.p[i] == '[') {
            *has_clock =
                *has_clock || (i + 2 < code.n && strchr("hms", code.p[i + 1] | 0x20) != NULL &&
                               (code.p[i + 2] == ']' || (code.p[i + 2] | 0x20) == (code.p[i + 1] | 0x20)));
            while (i < code.n && code.p[i] != ']') i++;
        } else if (c == 'y' || c == 'd')
            *has_day = true;
        else if (c == 'h' || c == 's')
            *has_clock = true;
        else if (c == 'm')
            has_m = true;
    }
    if (has_m && !*has_clock) *has_day = true;
}

NumberKind number_kind(int64_t id, Str code)
{
    bool has_day = false, has_clock = false;

    if ((id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) ||
        id == 57 || id == 58)
        return KIND_DATE;
    if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) || id == 55 || id == 56)
        return KIND_TIME;
    if (str_eq_nocase(code, S("General"))) return KIND_NUMBER;
    scan_code(code, &has_day, &has_clock);
    bool is_exact = has_day && (str_find(code, S("ss.0")) >= 0 || str_ends(code, S("ss\"\"")));
    return is_exact ? KIND_EXACT : has_day ? KIND_DATE : has_clock ? KIND_TIME : KIND_NUMBER;
}

uint16_t number_currency(Str code)
{
    for (size_t i = 0; i + 5 < code.n; i++) {
        bool is_named =
            code.p[i] == '[' && code.p[i + 1] == '$' && (code.p[i + 5] == ']' || code.p[i + 5] == '-');
        if (is_named) return currency_pack(str_sub(code, i + 2, 3));
    }
    return 0;
}

/* --- numbers ---------------------------------------------------------------------------------------------------------- */

static bool is_whole(Str s)
{
    size_t i = s.n && s.p[0] == '-';

    if (i == s.n || s.n > 40) return false;
    for (; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9') return false;
    return true;
}

static bool read_double(Str s, double *out)
{
    char text[64], *end;

    if (!s.n || s.n >= sizeof text) return false;
    for (size_t i = 0; i < s.n; i++)
        if (!strchr("0123456789+-.eE", s.p[i])) return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    *out = strtod(text, &end);
    return *end == 0 && isfinite(*out);
}

/* "-1.23e-05" of printf in plain notation. */
static Str plain(Arena *mem, const char *text)
{
    Str s = str_c(text);
    ptrdiff_t e = str_find_char(s, 'e');
    int64_t exponent = 0;
    Buf b = buf_new(mem, 512);

    if (e < 0) return str_copy(mem, s);
    Str mantissa = str_sub(s, 0, (size_t)e);
    Str power = str_from(s, (size_t)e + 1);
    if (power.p[0] == '+') power = str_from(power, 1);
    str_to_i64(power, &exponent);
    if (mantissa.p[0] == '-') {
        buf_add_c(&b, '-');
        mantissa = str_from(mantissa, 1);
    }
    Str digits = str_cat(mem, str_sub(mantissa, 0, 1), str_from(mantissa, 2));
    if (exponent < 0) {
        buf_add(&b, S("0."));
        for (int64_t i = -1; i > exponent; i--) buf_add_c(&b, '0');
        buf_add(&b, digits);
    } else {
        for (int64_t i = 0; i <= exponent || (size_t)i < digits.n; i++) {
            if (i == exponent + 1) buf_add_c(&b, '.');
            buf_add_c(&b, (size_t)i < digits.n ? digits.p[i] : '0');
        }
    }
    return buf_str(&b);
}

static Str moment_text(Arena *mem, double days, bool is_1904)
{
    double whole = floor(days);
    int64_t day = (int64_t)whole, second = (int64_t)round((days - whole) * DAY_SECONDS);

    if (second == DAY_SECONDS) {
        day++;
        second = 0;
    }
    if (is_1904)
        day += DAYS_1904;
    else if (day < 60)
        day++; /* before the 29th of February 1900 that never was */
    Str date = date_text(mem, day - DAY_1970);
    return second ? str_fmt(mem, "%.*sT%02d:%02d:%02d", SFMT(date), (int)(second / 3600),
                            (int)(second / 60 % 60), (int)(second % 60))
                  : date;
}

/* To the millisecond. */
static Str exact_text(Arena *mem, double days, bool is_1904)
{
    int64_t ms = (int64_t)round(days * DAY_SECONDS * 1000), second = ms / 1000;

    if (ms % 1000 == 0) return moment_text(mem, (double)second / DAY_SECONDS, is_1904);
    int64_t day = second / DAY_SECONDS;
    Str base = moment_text(mem, (double)day, is_1904);
    second %= DAY_SECONDS;
    return str_fmt(mem, "%.*sT%02d:%02d:%02d.%03d", SFMT(base), (int)(second / 3600), (int)(second / 60 % 60),
                   (int)(second % 60), (int)(ms % 1000));
}

static Str clock_text(Arena *mem, double days)
{
    int64_t second = (int64_t)round(days * DAY_SECONDS);

    return str_fmt(mem, "%02lld:%02lld:%02lld", (long long)(second / 3600), (long long)(second / 60 % 60),
                   (long long)(second % 60));
}

Str number_text(Arena *mem, Str written, NumberKind kind, bool is_1904)
{
    char text[64];
    double v;
    Str s = str_trim(written);

    if (!read_double(s, &v)) return is_whole(s) ? str_copy(mem, s) : str_copy(mem, written);
    if (kind == KIND_EXACT && v >= 61 && v <= DAYS_MAX) return exact_text(mem, v, is_1904);
    if (kind == KIND_EXACT) kind = KIND_DATE;
    if (kind != KIND_NUMBER && v >= 0 && v <= DAYS_MAX)
        return kind == KIND_DATE && v >= 1 ? moment_text(mem, v, is_1904) : clock_text(mem, v);
    if (is_whole(s)) return str_copy(mem, s);
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        if (v != floor(v) || strtod(text, NULL) == v) break; /* of whole numbers all digits there are */
    }
    return plain(mem, text);
}

/* Code unit of `_xHHHH_` at the start of `s`, -1 when it is none. */
static int escape_at(Str s)
{
    int v = 0;

    if (s.n < 7 || s.p[0] != '_' || s.p[1] != 'x' || s.p[6] != '_') return -1;
    for (size_t i = 2; i < 6; i++) {
        if (hex_digit(s.p[i]) < 0) return -1;
        v = v * 16 + hex_digit(s.p[i]);
    }
    return v == 0 || (v >= 0xD800 && v < 0xE000) ? -1 : v;
}

Str string_text(Arena *mem, Str s)
{
    if (str_find(s, S("_x")) < 0) return s;
    Buf b = buf_new(mem, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        int code = escape_at(str_from(s, i));
        char out[4];
        if (code == '\r' && i + 7 < s.n && s.p[i + 7] == '\n') {
            i += 6;
        } else if (code >= 0) {
            buf_add_n(&b, out, utf8_put(out, (uint32_t)code));
            i += 6;
        } else {
            buf_add_c(&b, s.p[i]);
        }
    }
    return buf_str(&b);
}
