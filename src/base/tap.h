/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The unit-test harness: a file x_test.c is tests and nothing else, main() is in tap.c.
 *
 *     TEST(adds_money)
 *     {
 *         CHECK_EQ_INT(1 + 1, 2);     (`mem` is a fresh arena)
 *     }
 *
 * A failed CHECK is noted and the test goes on; a failed NEED or CHECK_OK ends the test.  CHECKs are
 * expressions that are true when they hold.  `x_test PART` runs the tests whose name contains PART. */

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct TapTest {
    const char *name, *file;
    void (*run)(Arena *mem);
    struct TapTest *next;
} TapTest;

/** Puts a test at the end of the list; TEST does it before main. */
void tap_add(TapTest *test);

/** Notes one check.  Prints the place and the text when it does not hold; returns `holds`. */
bool tap_check(bool holds, const char *file, int line, const char *text);
bool tap_check_int(intmax_t a, intmax_t b, const char *file, int line, const char *text);
bool tap_check_str(Str a, Str b, const char *file, int line, const char *text);

/** Ends the test when `e` is an error, and prints it. */
void tap_check_ok(const Err *e, const char *file, int line, const char *text);
bool tap_check_err(const Err *e, ErrCode code, const char *file, int line, const char *text);

/** Ends the running test at once. */
_Noreturn void tap_end(void);

/** Marks the running test as skipped and ends it; `why` is printed. */
_Noreturn void tap_skip(const char *why);

#define TEST(name_)                                                                 \
    static void test_##name_(Arena *mem);                                           \
    __attribute__((constructor)) static void add_##name_(void)                      \
    {                                                                               \
        static TapTest t = {.name = #name_, .file = __FILE__, .run = test_##name_}; \
        tap_add(&t);                                                                \
    }                                                                               \
    static void test_##name_(__attribute__((unused)) Arena *mem)

#define CHECK(cond_)          tap_check((cond_), __FILE__, __LINE__, #cond_)
#define CHECK_EQ_INT(a_, b_)  tap_check_int((intmax_t)(a_), (intmax_t)(b_), __FILE__, __LINE__, #a_ " == " #b_)
#define CHECK_STR(str_, lit_) tap_check_str((str_), str_c(lit_), __FILE__, __LINE__, #str_ " == " #lit_)
#define CHECK_OK(e_)          tap_check_ok((e_), __FILE__, __LINE__, #e_)
#define CHECK_ERR(e_, code_)  tap_check_err((e_), (code_), __FILE__, __LINE__, #e_ " is " #code_)
#define NEED(cond_)                   \
    do {                              \
        if (!CHECK(cond_)) tap_end(); \
    } while (0)
