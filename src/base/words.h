/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/val.h"

/* Amounts as documents spell them, in Russian, Polish or (any other language) English. */

/** The whole number `n` in words, masculine and in lower case: 21 is "двадцать один", "dwadzieścia jeden", "twenty-one".
    Every 64-bit number has words; below zero it begins with "минус", "minus". */
Str words_number(Arena *mem, int64_t n, Str lang);

/** A MONEY in words, its first letter a capital, parts of a unit in digits as the custom of the language is:
    "Сто двадцать один рубль 05 копеек", "Sto dwadzieścia jeden złotych 05/100", "One hundred twenty-one dollars and 05/100".
    The amount is rounded to the places of its currency first; one without a currency, or whose currency has no words here,
    ends with its code. */
Str words_money(Arena *mem, Val money, Str lang);

/** Which of three forms a count takes: 0 for 1 рубль, 1 złoty, 1 dollar; 1 for 2 рубля, 2 złote; 2 for 5 рублей, 5 złotych,
    2 dollars (English has no form 1).  Rules as in Unicode CLDR "plurals" for ru, pl and en. */
int words_plural(uint64_t n, Str lang);
