/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"

/* Identifiers of companies and persons: normal form and checksum. */
typedef struct IdentKind {
    const char *country; /* ISO 3166 alpha-2, "" for international */
    const char *kind;    /* INN KPP OGRN OGRNIP BIK ACCOUNT SNILS NIP REGON KRS PESEL IBAN VAT LEI ... */
    bool is_personal;    /* PESEL, SNILS: personal data */
} IdentKind;

const IdentKind *ident_kinds(size_t *n);
/** Normal form of `raw` (no spaces, dashes, labels; capitals) of `kind` in `country`, else of the international kind:
    digits for NIP (no PL), the whole with its country for VAT and IBAN, where `country` stands in for a missing prefix.
    INVALID{error.ident.format} or INVALID{error.ident.checksum}; unknown kinds: INVALID{error.ident.kind}. */
MUST_CHECK Err *ident_normalize(Arena *mem, Str country, Str kind, Str raw, Str *out);
/** Guesses country and kind of `raw` by label, form and checksum, `home` first, then international kinds; a kind without
    a checksum only at home or labelled ("КПП 770101001").  False when nothing fits. */
bool ident_guess(Arena *mem, Str raw, Str home, const IdentKind **kind, Str *normal);
/** Russian account number checked against its bank's BIK (weights 7 1 3). */
bool ident_account_fits(Str bik, Str account);
