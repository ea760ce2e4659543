/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/err.h"
#include "base/val.h"

/* What the square code of an invoice says to a banking application. */
typedef struct PaymentQr {
    Str name;                  /* of who is paid */
    Str account;               /* 20 digits in Russia, IBAN or its 26 digits in Poland, IBAN elsewhere */
    Str bank_name, bank_code;  /* BIK in Russia, BIC elsewhere, which may be empty */
    Str correspondent_account; /* Russia */
    Str tax_id, kpp;           /* of who is paid; may be empty */
    Str purpose;
    Val amount; /* MONEY, not below zero; its currency chooses the form */
} PaymentQr;

/** The text of the code: for RUB GOST R 56042-2014 in UTF-8, for PLN the recommendation of the Polish Bank Association, for EUR
    EPC069-12 version 2.  INVALID{error.qr.field} names what is missing, too long or of another form;
    INVALID{error.qr.currency} when there is no code for the currency. */
MUST_CHECK Err *payment_qr(Arena *mem, const PaymentQr *q, Str *out);
