/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/str.h"

/* Check digits.  Each function is given digits and capitals of a form already checked, and tells whether they hold. */
typedef bool IdentCheck(Str s);

/** Sum of digit * weight over the weights, from digit `from` on. */
int check_sum(Str s, size_t from, const signed char *weights, size_t n);
#define CHECK_SUM(s, from, ...) \
    check_sum((s), (from), (const signed char[]){__VA_ARGS__}, sizeof((const signed char[]){__VA_ARGS__}))
int check_digit(Str s, size_t i);
/** ISO 7064 MOD 97-10 over digits and letters (A = 10): the remainder. */
int check_mod97(Str s);
/** ISO 7064 MOD 11,10 holds. */
bool check_mod11_10(Str s);
/** Luhn holds. */
bool check_luhn(Str s);
/** The number the digits make, modulo `m`. */
int check_modulo(Str s, int m);

IdentCheck check_ru_inn, check_ru_ogrn, check_ru_ogrnip, check_ru_snils, check_ru_okpo, check_ru_bik;
IdentCheck check_pl_nip, check_pl_regon, check_pl_pesel;
IdentCheck check_ua_edrpou, check_ua_rntrc, check_by_unp, check_kz_bin, check_cz_ico, check_tr_vkn,
    check_ch_uid, check_no_orgnr, check_fr_siren, check_fr_siret, check_iban, check_lei;

/** National part `s` (without prefix) of a VAT number of `country` (EL or GR for Greece, XI as GB) has a form that exists. */
bool vat_form_fits(Str country, Str s);
/** Its check digits hold. */
bool vat_check_holds(Str country, Str s);
/** VAT numbers of that country are known. */
bool vat_country_is_known(Str country);
/** `s` is one of the forms of `pattern`: alternatives by '|'; d digit, A letter, X either, others themselves. */
bool pattern_fits(const char *pattern, Str s);
