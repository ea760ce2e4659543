/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

struct sqlite3;

/* SQL functions with one meaning on both databases.  Numbers are 64-bit integers (a decimal is scaled by the caller).
   All give NULL on a NULL argument, on division by zero and when the result does not fit.

   Decimals; the result fits 18 digits (|x| <= 999999999999999999); rounding is half away from zero:
     kith_add(a, b)  kith_sub(a, b)  kith_neg(a)
     kith_mul(a, b, drop)     a * b / 10^drop
     kith_div(a, b, shift)    a * 10^shift / b
     kith_rescale(a, by)      a * 10^by; by may be negative
     kith_mod(a, b)           sign of the dividend
     kith_sum(x)              aggregate over what is not null; NULL of nothing
     kith_avg(x, shift)       aggregate, sum * 10^shift / count
   `drop`, `shift` and `by` are 0..38 (`by` also negative), else NULL.

   Integers of 64 bits (CEL int):
     kith_iadd(a, b)  kith_isub(a, b)  kith_imul(a, b)  kith_ineg(a)
     kith_idiv(a, b)  truncates    kith_imod(a, b)  sign of the dividend

   Text, by code points; truth is 1 or 0, so a condition says `= 1`:
     kith_starts(s, p)  kith_ends(s, p)  kith_contains(s, p)   kith_len(s)   kith_lower(s): ASCII letters only
     kith_fold(s): SQLite only; PostgreSQL has fold columns

   Added to one database because the other has it: instr(text, text) on PostgreSQL; char_length(s), strpos(s, p),
   greatest(a, ...) and least(a, ...) (without nulls, as PostgreSQL's) on SQLite. */

/** Registers all on a connection; the SQLite result code. */
int functions_add_sqlite(struct sqlite3 *db);

/** Number of PostgreSQL's script of functions (pg_functions.c): grows with every change to it. */
#define FUNCTIONS_POSTGRES_VERSION 2
