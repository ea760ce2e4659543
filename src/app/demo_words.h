/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "meta/yaml.h"

/* Chance and words of the demo company. */

typedef struct Rng {
    uint64_t state;
} Rng;

/** Chance of one thing: the same for the same seed, kind and number, whatever else was made before. */
Rng rng_new(uint64_t seed, const char *kind, size_t i);
uint64_t rng_next(Rng *rng);
size_t rng_below(Rng *rng, size_t n);                     /* 0 .. n - 1 */
int64_t rng_between(Rng *rng, int64_t low, int64_t high); /* both may come */
bool rng_chance(Rng *rng, unsigned percent);

/** The words of `locale` (ru pl en); INVALID{error.demo.locale}. */
MUST_CHECK Err *words_load(Arena *mem, Str locale, const Yaml **out);
Str words_text(const Yaml *words, const char *key);
const Yaml *words_list(const Yaml *words, const char *key);
Str words_pick(const Yaml *words, const char *key, Rng *rng);
/** By the weight in the last part of each line. */
size_t words_weighted(const Yaml *words, const char *key, unsigned weight_part, Rng *rng);
/** Part `i` of a line divided by "|". */
Str words_part(Str line, unsigned i);
int64_t demo_words_number(Str line, unsigned i);

/** `form` with {name} replaced. */
Str words_put(Arena *mem, Str form, const char *name, Str value);
/** Latin letters, digits and `gap` for anything else: for e-mail and domain names. */
Str words_latin(Arena *mem, Str text, char gap);
/** `n` random digits. */
Str words_digits(Arena *mem, Rng *rng, size_t n);

/* Identifiers with true check digits, of nobody we know. */
Str ident_inn(Arena *mem, Rng *rng, Str region, bool is_person);
Str ident_ogrn(Arena *mem, Rng *rng, Str region, bool is_person);
Str ident_kpp(Arena *mem, Rng *rng, Str region);
Str ident_nip(Arena *mem, Rng *rng);
Str ident_regon(Arena *mem, Rng *rng);
Str ident_krs(Arena *mem, Rng *rng);
Str ident_ein(Arena *mem, Rng *rng);
/** Account number that fits the bank: 20 digits for its BIK, IBAN with the Polish bank's first digits. */
Str ident_account(Arena *mem, Rng *rng, Str bik);
Str ident_iban(Arena *mem, Rng *rng, Str bank);

typedef struct Phone {
    Str mobile, fixed;
} Phone;
/** Numbers in E.164 in the plan of `country`; `area` is the dialling code of the city. */
Phone words_phone(Arena *mem, Rng *rng, Str country, Str area);
