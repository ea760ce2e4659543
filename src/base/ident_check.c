/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check digits of national and international identifiers.  Weights and remainders are those the registers publish; the
   test holds a real number of each. */
#include "base/ident_check.h"

#include "base/time.h"

int check_digit(Str s, size_t i)
{
    return s.p[i] - '0';
}

int check_sum(Str s, size_t from, const signed char *weights, size_t n)
{
    int sum = 0;

    for (size_t i = 0; i < n; i++) sum += check_digit(s, from + i) * weights[i];
    return sum;
}

int check_mod97(Str s)
{
    int r = 0;

    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        r = c >= 'A' ? (r * 100 + c - 'A' + 10) % 97 : (r * 10 + c - '0') % 97;
    }
    return r;
}

int check_modulo(Str s, int m)
{
    int r = 0;

    for (size_t i = 0; i < s.n; i++) r = (r * 10 + check_digit(s, i)) % m;
    return r;
}

bool check_mod11_10(Str s)
{
    int check = 5;

    for (size_t i = 0; i < s.n; i++) check = ((check ? check : 10) * 2 % 11 + check_digit(s, i)) % 10;
    return check == 1;
}

bool check_luhn(Str s)
{
    int sum = 0;

    for (size_t i = 0; i < s.n; i++) {
        int d = check_digit(s, s.n - 1 - i);
        sum += i % 2 ? d * 2 - (d > 4 ? 9 : 0) : d;
    }
    return sum % 10 == 0;
}

bool pattern_fits(const char *pattern, Str s)
{
    Str rest = str_c(pattern);

    while (rest.p) {
        Str one = str_cut(&rest, '|');
        bool fits = one.n == s.n;
        for (size_t i = 0; fits && i < s.n; i++) {
            bool is_digit = s.p[i] >= '0' && s.p[i] <= '9', is_letter = s.p[i] >= 'A' && s.p[i] <= 'Z';
            char want = one.p[i];
            fits = want == 'd'   ? is_digit
                   : want == 'A' ? is_letter
                   : want == 'X' ? is_digit || is_letter
                                 : s.p[i] == want;
        }
        if (fits) return true;
    }
    return false;
}

/* Russia. */

bool check_ru_inn(Str s)
{
    if (s.p[0] == '0' && s.p[1] == '0') return false;
    if (s.n == 10) return CHECK_SUM(s, 0, 2, 4, 10, 3, 5, 9, 4, 6, 8) % 11 % 10 == check_digit(s, 9);
    return CHECK_SUM(s, 0, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8) % 11 % 10 == check_digit(s, 10) &&
           CHECK_SUM(s, 0, 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8) % 11 % 10 == check_digit(s, 11);
}

bool check_ru_ogrn(Str s)
{
    return s.p[0] != '0' && check_modulo(str_sub(s, 0, 12), 11) % 10 == check_digit(s, 12);
}

bool check_ru_ogrnip(Str s)
{
    return s.p[0] != '0' && check_modulo(str_sub(s, 0, 14), 13) % 10 == check_digit(s, 14);
}

bool check_ru_snils(Str s)
{
    int r = CHECK_SUM(s, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1) % 101;

    return r % 100 == check_digit(s, 9) * 10 + check_digit(s, 10);
}

/* Weights 1, 2, ... and, when the remainder is 10, the same from 3 on (OK 007-93). */
bool check_ru_okpo(Str s)
{
    int first = 0, second = 0;

    for (int i = 0; i < (int)s.n - 1; i++) {
        first += check_digit(s, (size_t)i) * (i % 10 + 1);
        second += check_digit(s, (size_t)i) * ((i + 2) % 10 + 1);
    }
    int r = first % 11 < 10 ? first % 11 : second % 11 % 10;
    return r == check_digit(s, s.n - 1);
}

/* Banks begin with 04; the treasury and branches of the central bank with 00, 01, 02. */
bool check_ru_bik(Str s)
{
    return s.p[0] == '0' && (s.p[1] == '4' || s.p[1] <= '2');
}

/* Poland. */

bool check_pl_nip(Str s)
{
    if (s.p[0] == '0' || (s.p[1] == '0' && s.p[2] == '0')) return false;
    return CHECK_SUM(s, 0, 6, 5, 7, 2, 3, 4, 5, 6, 7) % 11 == check_digit(s, 9);
}

bool check_pl_regon(Str s)
{
    if (CHECK_SUM(s, 0, 8, 9, 2, 3, 4, 5, 6, 7) % 11 % 10 != check_digit(s, 8)) return false;
    return s.n == 9 || CHECK_SUM(s, 0, 2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8) % 11 % 10 == check_digit(s, 13);
}

/* The month carries the century: +80 for 18.., 0, +20, +40, +60. */
bool check_pl_pesel(Str s)
{
    static const int centuries[] = {1900, 2000, 2100, 2200, 1800};
    int year = check_modulo(str_sub(s, 0, 2), 100), month = check_modulo(str_sub(s, 2, 2), 100);
    int day = check_modulo(str_sub(s, 4, 2), 100);

    if (!date_is_valid(centuries[month / 20] + year, month % 20, day)) return false;
    return (10 - CHECK_SUM(s, 0, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3) % 10) % 10 == check_digit(s, 10);
}

/* Other countries. */

bool check_ua_edrpou(Str s)
{
    bool is_middle = s.p[0] >= '3' && s.p[0] <= '5';
    int r = is_middle ? CHECK_SUM(s, 0, 7, 1, 2, 3, 4, 5, 6) % 11 : CHECK_SUM(s, 0, 1, 2, 3, 4, 5, 6, 7) % 11;

    if (r == 10)
        r = is_middle ? CHECK_SUM(s, 0, 9, 3, 4, 5, 6, 7, 8) % 11 : CHECK_SUM(s, 0, 3, 4, 5, 6, 7, 8, 9) % 11;
    return r % 10 == check_digit(s, 7);
}

bool check_ua_rntrc(Str s)
{
    int r = CHECK_SUM(s, 0, -1, 5, 7, 9, 4, 6, 10, 5, 7) % 11;

    return (r < 0 ? r + 11 : r) % 10 == check_digit(s, 9);
}

/* Persons have two letters first: the first counts as in base 36, the second by its place in ABCEHKMOPT. */
bool check_by_unp(Str s)
{
    int sum = CHECK_SUM(s, 2, 19, 17, 13, 7, 5, 3);

    if (s.p[0] >= 'A') {
        ptrdiff_t second = str_find_char(S("ABCEHKMOPT"), s.p[1]);
        if (second < 0) return false;
        sum += 29 * (s.p[0] - 'A' + 10) + 23 * (int)second;
    } else {
        sum += 29 * check_digit(s, 0) + 23 * check_digit(s, 1);
    }
    return sum % 11 == check_digit(s, 8);
}

bool check_kz_bin(Str s)
{
    int r = CHECK_SUM(s, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) % 11;

    if (r == 10) r = CHECK_SUM(s, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2) % 11;
    return r == check_digit(s, 11);
}

bool check_cz_ico(Str s)
{
    int r = (11 - CHECK_SUM(s, 0, 8, 7, 6, 5, 4, 3, 2) % 11) % 11;

    return (r ? r : 1) % 10 == check_digit(s, 7);
}

bool check_tr_vkn(Str s)
{
    int sum = 0;

    for (int i = 1; i <= 9; i++) {
        int c = (check_digit(s, (size_t)(9 - i)) + i) % 10;
        int power = c * (1 << i) % 9;
        if (c) sum += power ? power : 9;
    }
    return (10 - sum % 10) % 10 == check_digit(s, 9);
}

bool check_ch_uid(Str s)
{
    int r = (11 - CHECK_SUM(s, 3, 5, 4, 3, 2, 7, 6, 5, 4) % 11) % 11;

    return r == check_digit(s, 11);
}

bool check_no_orgnr(Str s)
{
    return (11 - CHECK_SUM(s, 0, 3, 2, 7, 6, 5, 4, 3, 2) % 11) % 11 == check_digit(s, 8);
}

bool check_fr_siren(Str s)
{
    return check_luhn(s);
}

/* La Poste's own establishments (356 000 000) have a digit sum divisible by 5 instead. */
bool check_fr_siret(Str s)
{
    int sum = 0;

    for (size_t i = 0; i < s.n; i++) sum += check_digit(s, i);
    return check_luhn(s) || (str_starts(s, S("356000000")) && sum % 5 == 0);
}

/* International. */

/* Lengths of the SWIFT IBAN registry. */
static const char iban_lengths[] =
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 "
    "ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 "
    "LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 "
    "QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

static size_t iban_length(Str country)
{
    for (Str rest = str_c(iban_lengths); rest.p;) {
        Str one = str_cut(&rest, ' ');
        if (str_starts(one, country)) return (size_t)check_modulo(str_from(one, 2), 1000);
    }
    return 0;
}

bool check_iban(Str s)
{
    char turned[40];
    size_t n = iban_length(str_sub(s, 0, 2));

    if (n != s.n || n > sizeof turned) return false;
    for (size_t i = 0; i < n; i++) turned[i] = s.p[(i + 4) % n];
    return check_mod97((Str){turned, n}) == 1;
}

bool check_lei(Str s)
{
    return check_mod97(s) == 1;
}
