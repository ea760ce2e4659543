/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VAT numbers of the European Union, Northern Ireland and Great Britain: the forms and the national check digits.  What
   VIES knows of a number is another question, asked on line. */
#include "base/ident_check.h"

#include <string.h>

#define LETTERS_ES "TRWAGMYFPDXBNJZSQVHLCKE"
#define LETTERS_IE "WABCDEFGHIJKLMNOPQRSTUV"
#define LETTERS_FR "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"

static bool vat_at(Str s)
{
    int sum = 4;

    for (size_t i = 1; i < 8; i++) {
        int d = check_digit(s, i);
        sum += i % 2 ? d : d * 2 - (d > 4 ? 9 : 0);
    }
    return (10 - sum % 10) % 10 == check_digit(s, 8);
}

static bool vat_be(Str s)
{
    return 97 - check_modulo(str_sub(s, 0, 8), 97) == check_modulo(str_from(s, 8), 100);
}

/* Nine digits are a company; ten a person (EGN), a foreigner (PNF) or another. */
static bool vat_bg(Str s)
{
    if (s.n == 9) {
        int r = CHECK_SUM(s, 0, 1, 2, 3, 4, 5, 6, 7, 8) % 11;
        if (r == 10) r = CHECK_SUM(s, 0, 3, 4, 5, 6, 7, 8, 9, 10) % 11;
        return r % 10 == check_digit(s, 8);
    }
    int last = check_digit(s, 9);
    return CHECK_SUM(s, 0, 2, 4, 8, 5, 10, 9, 7, 3, 6) % 11 % 10 == last ||
           CHECK_SUM(s, 0, 21, 19, 17, 13, 11, 9, 7, 3, 1) % 10 == last ||
           (11 - CHECK_SUM(s, 0, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11) % 11 == last;
}

static bool vat_cy(Str s)
{
    static const signed char odd[] = {1, 0, 5, 7, 9, 13, 15, 17, 19, 21};
    int sum = 0;

    for (size_t i = 0; i < 8; i++) sum += i % 2 ? check_digit(s, i) : odd[check_digit(s, i)];
    return !str_starts(s, S("12")) && s.p[8] == 'A' + sum % 26;
}

/* Eight digits are a company, nine or ten a birth number; nine of them with a 6 first a special one. */
static bool vat_cz(Str s)
{
    if (s.n == 8) return s.p[0] != '9' && check_cz_ico(s);
    if (s.n == 10)
        return check_modulo(s, 11) == 0 || (check_modulo(str_sub(s, 0, 9), 11) == 10 && s.p[9] == '0');
    if (s.p[0] != '6') return true;
    int r = CHECK_SUM(s, 1, 8, 7, 6, 5, 4, 3, 2) % 11;
    return (8 - (10 - r + 11) % 11 + 10) % 10 == check_digit(s, 8);
}

static bool vat_de(Str s)
{
    return s.p[0] != '0' && check_mod11_10(s);
}

static bool vat_dk(Str s)
{
    return s.p[0] != '0' && CHECK_SUM(s, 0, 2, 7, 6, 5, 4, 3, 2, 1) % 11 == 0;
}

static bool vat_ee(Str s)
{
    return CHECK_SUM(s, 0, 3, 7, 1, 3, 7, 1, 3, 7, 1) % 10 == 0;
}

static bool vat_el(Str s)
{
    int r = 0;

    for (size_t i = 0; i < 8; i++) r = r * 2 + check_digit(s, i);
    return r * 2 % 11 % 10 == check_digit(s, 8);
}

/* Company: Luhn over the seven digits, written as a digit or as a letter of JABCDEFGHI. */
static bool vat_es_company(Str s)
{
    int sum = 0;

    for (size_t i = 1; i < 8; i++) {
        int d = check_digit(s, i);
        sum += i % 2 ? d * 2 - (d > 4 ? 9 : 0) : d;
    }
    int check = (10 - sum % 10) % 10;
    bool is_digit = s.p[8] == '0' + check, is_letter = s.p[8] == "JABCDEFGHI"[check];
    if (strchr("ABEH", s.p[0])) return is_digit;
    return strchr("NPQRSW", s.p[0]) ? is_letter : is_digit || is_letter;
}

static bool vat_es(Str s)
{
    char first = s.p[0];

    if (first >= 'A' && !strchr("KLMXYZ", first))
        return strchr("ABCDEFGHJNPQRSUVW", first) && vat_es_company(s);
    int number = check_modulo(str_sub(s, first >= 'A', first >= 'A' ? 7 : 8), 23);
    if (first == 'Y' || first == 'Z') number = (number + (first - 'X') * 10000000) % 23;
    return s.p[8] == LETTERS_ES[number];
}

static bool vat_fi(Str s)
{
    return CHECK_SUM(s, 0, 7, 9, 10, 5, 8, 4, 2, 1) % 11 == 0;
}

static bool vat_fr(Str s)
{
    Str siren = str_from(s, 2);

    if (!str_starts(siren, S("000")) && !check_luhn(siren)) return false;
    if (s.p[0] <= '9' && s.p[1] <= '9')
        return (check_modulo(siren, 97) * 100 + 12) % 97 == check_modulo(str_sub(s, 0, 2), 100);
    ptrdiff_t a = str_find_char(S(LETTERS_FR), s.p[0]), b = str_find_char(S(LETTERS_FR), s.p[1]);
    if (a < 0 || b < 0) return false;
    int check = (int)(s.p[0] <= '9' ? a * 24 + b - 10 : a * 34 + b - 100);
    return (check_modulo(siren, 11) + 1 + check / 11) % 11 == check % 11;
}

/* Nine digits, or these and three of a branch; government departments (GD) and health authorities (HA) have a range. */
static bool vat_gb(Str s)
{
    if (s.p[0] == 'G') return check_modulo(str_from(s, 2), 1000) < 500;
    if (s.p[0] == 'H') return check_modulo(str_from(s, 2), 1000) >= 500;
    int r = CHECK_SUM(s, 0, 8, 7, 6, 5, 4, 3, 2, 10, 1) % 97;
    return r == 0 || (check_modulo(str_sub(s, 0, 3), 1000) >= 100 && (r == 42 || r == 55));
}

static bool vat_hu(Str s)
{
    return CHECK_SUM(s, 0, 9, 7, 3, 1, 9, 7, 3, 1) % 10 == 0;
}

/* Seven digits, a check letter and perhaps a second letter; or, of old, with a sign in the second place. */
static bool vat_ie(Str s)
{
    char turned[7];
    int sum = 0;

    for (size_t i = 0; i < 7; i++) turned[i] = s.p[i];
    if (s.p[1] > '9') {
        turned[0] = '0';
        for (size_t i = 1; i < 6; i++) turned[i] = s.p[i + 1];
        turned[6] = s.p[0];
    } else if (s.n == 9) {
        sum = s.p[8] == 'W' ? 0 : 9 * (s.p[8] - 'A' + 1);
    }
    sum += CHECK_SUM(((Str){turned, 7}), 0, 8, 7, 6, 5, 4, 3, 2);
    return s.p[7] == LETTERS_IE[sum % 23];
}

static bool vat_lt(Str s)
{
    int first = 0, second = 0, n = (int)s.n - 1;

    if (s.p[n - 1] != '1') return false;
    for (int i = 0; i < n; i++) {
        first += check_digit(s, (size_t)i) * (1 + i % 9);
        second += check_digit(s, (size_t)i) * (1 + (i + 2) % 9);
    }
    return (first % 11 == 10 ? second % 11 % 10 : first % 11) == check_digit(s, s.n - 1);
}

static bool vat_lu(Str s)
{
    return check_modulo(str_sub(s, 0, 6), 89) == check_modulo(str_from(s, 6), 100);
}

/* A company begins with 4 or more; a person with the day of birth, or 32 in new numbers, which have no check. */
static bool vat_lv(Str s)
{
    if (s.p[0] > '3') return CHECK_SUM(s, 0, 9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1) % 11 == 3;
    if (str_starts(s, S("32"))) return true;
    return (1 + CHECK_SUM(s, 0, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9)) % 11 % 10 == check_digit(s, 10);
}

static bool vat_mt(Str s)
{
    return s.p[0] != '0' && CHECK_SUM(s, 0, 3, 4, 6, 7, 8, 9, 10, 1) % 37 == 0;
}

/* Companies keep the check of their RSIN; sole traders since 2020 have one over the whole number. */
static bool vat_nl(Str s)
{
    char whole[14] = "NL";

    if (CHECK_SUM(s, 0, 9, 8, 7, 6, 5, 4, 3, 2, -1) % 11 == 0) return true;
    memcpy(whole + 2, s.p, 12);
    return check_mod97((Str){whole, 14}) == 1;
}

static bool vat_pt(Str s)
{
    return s.p[0] != '0' &&
           (11 - CHECK_SUM(s, 0, 9, 8, 7, 6, 5, 4, 3, 2) % 11) % 11 % 10 == check_digit(s, 8);
}

static bool vat_ro(Str s)
{
    char padded[10] = "0000000000";

    memcpy(padded + 10 - s.n, s.p, s.n);
    int sum = CHECK_SUM(((Str){padded, 10}), 0, 7, 5, 3, 2, 1, 7, 5, 3, 2);
    return s.p[0] != '0' && sum * 10 % 11 % 10 == check_digit(s, s.n - 1);
}

static bool vat_se(Str s)
{
    return check_luhn(str_sub(s, 0, 10));
}

static bool vat_si(Str s)
{
    int r = 11 - CHECK_SUM(s, 0, 8, 7, 6, 5, 4, 3, 2) % 11;

    return s.p[0] != '0' && (r == 10 ? 0 : r) == check_digit(s, 7);
}

static bool vat_sk(Str s)
{
    return s.p[0] != '0' && strchr("234789", s.p[2]) && check_modulo(s, 11) == 0;
}

typedef struct VatRule {
    const char *country, *pattern;
    IdentCheck *check;
} VatRule;

static const VatRule rules[] = {
    {"AT", "Udddddddd", vat_at},
    {"BE", "0ddddddddd|1ddddddddd", vat_be},
    {"BG", "ddddddddd|dddddddddd", vat_bg},
    {"CY", "ddddddddA", vat_cy},
    {"CZ", "dddddddd|ddddddddd|dddddddddd", vat_cz},
    {"DE", "ddddddddd", vat_de},
    {"DK", "dddddddd", vat_dk},
    {"EE", "ddddddddd", vat_ee},
    {"EL", "ddddddddd", vat_el},
    {"GR", "ddddddddd", vat_el},
    {"ES", "XdddddddA|AdddddddX", vat_es},
    {"FI", "dddddddd", vat_fi},
    {"FR", "XXddddddddd", vat_fr},
    {"GB", "ddddddddd|dddddddddddd|GDddd|HAddd", vat_gb},
    {"XI", "ddddddddd|dddddddddddd|GDddd|HAddd", vat_gb},
    {"HR", "ddddddddddd", check_mod11_10},
    {"HU", "dddddddd", vat_hu},
    {"IE", "dddddddA|dddddddAA|dAdddddA", vat_ie},
    {"IT", "ddddddddddd", check_luhn},
    {"LT", "ddddddddd|dddddddddddd", vat_lt},
    {"LU", "dddddddd", vat_lu},
    {"LV", "ddddddddddd", vat_lv},
    {"MT", "dddddddd", vat_mt},
    {"NL", "dddddddddBdd", vat_nl},
    {"PL", "dddddddddd", check_pl_nip},
    {"PT", "ddddddddd", vat_pt},
    {"RO", "dd|ddd|dddd|ddddd|dddddd|ddddddd|dddddddd|ddddddddd|dddddddddd", vat_ro},
    {"SE", "dddddddddd01", vat_se},
    {"SI", "dddddddd", vat_si},
    {"SK", "dddddddddd", vat_sk},
};

static const VatRule *rule_of(Str country)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (str_eq_c(country, rules[i].country)) return &rules[i];
    return NULL;
}

bool vat_country_is_known(Str country)
{
    return rule_of(country) != NULL;
}

bool vat_form_fits(Str country, Str s)
{
    const VatRule *rule = rule_of(country);

    return rule && pattern_fits(rule->pattern, s);
}

bool vat_check_holds(Str country, Str s)
{
    return rule_of(country)->check(s);
}
