/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs the tests of one executable and prints the Test Anything Protocol, which Meson reads.  Every test
 * has a fresh arena; leaks are found by AddressSanitizer at exit.  State is global because a test program
 * has one thread and one list; nothing outside tests may include this. */

#include "base/tap.h"

#include <inttypes.h>
#include <setjmp.h>

static TapTest *first, **last = &first;
static jmp_buf test_end;
static bool is_failed;
static const char *skipped;

void tap_add(TapTest *test)
{
    *last = test;
    last = &test->next;
}

_Noreturn void tap_end(void)
{
    longjmp(test_end, 1);
}

_Noreturn void tap_skip(const char *why)
{
    skipped = why;
    tap_end();
}

bool tap_check(bool holds, const char *file, int line, const char *text)
{
    if (holds) return true;
    is_failed = true;
    printf("# %s:%d: not true: %s\n", file, line, text);
    return false;
}

bool tap_check_int(intmax_t a, intmax_t b, const char *file, int line, const char *text)
{
    if (tap_check(a == b, file, line, text)) return true;
    printf("#   got %" PRIdMAX ", expected %" PRIdMAX "\n", a, b);
    return false;
}

/* Line ends are shown as \n, so that the output stays one comment line. */
static void print_str(const char *what, Str s)
{
    printf("#   %s \"", what);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\n')
            fputs("\\n", stdout);
        else
            putchar(s.p[i]);
    }
    puts("\"");
}

bool tap_check_str(Str a, Str b, const char *file, int line, const char *text)
{
    if (tap_check(str_eq(a, b), file, line, text)) return true;
    print_str("got     ", a);
    print_str("expected", b);
    return false;
}

static void print_err(const Err *e)
{
    Arena *mem = arena_new(0);

    print_str("error   ", err_text(mem, e));
    arena_free(mem);
}

void tap_check_ok(const Err *e, const char *file, int line, const char *text)
{
    if (tap_check(e == NULL, file, line, text)) return;
    print_err(e);
    tap_end();
}

bool tap_check_err(const Err *e, ErrCode code, const char *file, int line, const char *text)
{
    if (tap_check(e != NULL && e->code == code, file, line, text)) return true;
    if (e == NULL)
        puts("#   no error");
    else
        print_err(e);
    return false;
}

static bool run(const TapTest *test, int number)
{
    Arena *mem = arena_new((size_t)256 << 20);

    is_failed = false;
    skipped = NULL;
    if (setjmp(test_end) == 0) test->run(mem);
    arena_free(mem);
    printf("%s %d - %s%s%s\n", is_failed ? "not ok" : "ok", number, test->name, skipped ? " # SKIP " : "",
           skipped ? skipped : "");
    return !is_failed;
}

static bool is_wanted(const TapTest *test, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strstr(test->name, argv[i])) return true;
    return argc < 2;
}

int main(int argc, char **argv)
{
    int count = 0, failed = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (const TapTest *t = first; t; t = t->next)
        if (is_wanted(t, argc, argv) && !run(t, ++count)) failed++;
    printf("1..%d\n", count);
    if (failed) printf("# %d of %d failed\n", failed, count);
    return failed || count == 0;
}
