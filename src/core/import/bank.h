/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/map.h"
#include "core/import/source_impl.h"

/* What readers of bank statements share.  A statement arrives as a table of one row a payment, whatever format it had. */

#define BANK_FILE_MAX (64 << 20)
#define BANK_TEXT_MAX (64 << 10) /* bytes of one value */

/* A payment as the bank tells it; what it does not tell is empty. */
typedef struct BankEntry {
    int64_t line;   /* of the file, or the number of the entry */
    int64_t day;    /* when it was booked */
    bool is_in;     /* money came */
    int64_t amount; /* above zero, in hundredths */
    Str own_account, currency;
    Str number, reference;                    /* of the order; the bank's own */
    Str name, identifier, kpp, account, bank; /* of the other side */
    Str purpose;
} BankEntry;

typedef struct BankFile {
    Arena *mem, *errs;
    VEC(BankEntry) entries;
} BankFile;

/** `text` is UTF-8.  INVALID{error.source.bank_*}: truncated, sums that do not add up, numbers and dates that are none. */
MUST_CHECK Err *bank_read_1c(BankFile *f, Str text);
MUST_CHECK Err *bank_read_mt940(BankFile *f, Str text);
MUST_CHECK Err *bank_read_camt(BankFile *f, Str bytes); /* XML in the encoding it declares */

/** "1234.5", "1234,50" in hundredths; false for anything else, for more than two places that are not zero, below zero. */
bool bank_amount(Str s, int64_t *out);
/** "/VAT/…/IDC/5265877635/INV/FV 1/TXT/…" of Polish split payment, and names with "ИНН 7707083893 КПП … " before them, give
    identifier and number where they are missing. */
void bank_tell_more(BankEntry *e);
Err *bank_problem(Arena *errs, const char *key, Str value);
