/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workbooks: written by openpyxl and by hand (test_workbooks.py), and zips that mean harm. */
#include "base/tap.h"
#include "core/import/test_source.h"
#include "core/import/xlsx_impl.h"

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *folder;

static void remove_folder(void)
{
    Arena *mem = arena_new(0);
    char *const args[] = {"rm", "-rf", str_to_c(mem, str_c(folder)), NULL};
    pid_t pid;

    if (posix_spawnp(&pid, "rm", NULL, NULL, args, environ) == 0) waitpid(pid, NULL, 0);
    arena_free(mem);
}

/* The path of one of the workbooks; all are written at the first call. */
static const char *workbook(Arena *mem, const char *name)
{
    static char path[] = "/tmp/kith-workbooks-XXXXXX";
    int status = 0;
    pid_t pid;

    if (!folder) {
        folder = mkdtemp(path);
        REQUIRE(folder != NULL);
        atexit(remove_folder);
        char *const args[] = {"python3", WORKBOOKS, path, NULL};
        REQUIRE(posix_spawn(&pid, "/usr/bin/python3", NULL, NULL, args, environ) == 0);
        waitpid(pid, &status, 0);
    }
    const char *out = str_to_c(mem, str_fmt(mem, "%s/%s.xlsx", folder, name));
    if (status || access(out, R_OK) < 0) tap_skip("python3-openpyxl is not installed");
    return out;
}

static Source *open_workbook(Arena *mem, const char *name)
{
    Source *src = NULL;

    CHECK_OK(source_open(mem, workbook(mem, name), S(""), NULL, &src));
    return src;
}

TEST(a_workbook_of_openpyxl)
{
    Source *src = open_workbook(mem, "ordinary");
    size_t n;
    const Table *t = source_tables(src, &n);

    CHECK_STR(source_kind(src), "xlsx");
    NEED(n == 2);
    CHECK_STR(t[0].name, "Люди");
    CHECK_STR(t[1].name, "Deals");
    CHECK_EQ_INT(t[0].n_heads, 12);
    Rows rows = test_rows(mem, src, 0);
    NEED(rows.n == 2);
    static const char *const CELLS[][3] = {
        {"Name", "Łukasz & <Żaneta>", "Second\nline"},
        {"E-mail (2)", "d@e.f", ""},
        {"Column 4", "x", ""},
        {"Born", "1980-02-29", "1900-01-01"},
        {"Seen", "2024-12-31T23:59:59", ""},
        {"At", "07:05:00", ""},
        {"Sum", "1234.56", "0.3"},
        {"Id", "123456789012345700", "1000000000000000000000"},
        {"VIP", "true", "false"},
        {"Share", "0.25", "0.0000001"},
        {"Column 12", "", "no heading"},
    };
    for (size_t i = 0; i < sizeof CELLS / sizeof *CELLS; i++) {
        CHECK_STR(test_cell(src, 0, &rows.p[0], CELLS[i][0]), CELLS[i][1]);
        CHECK_STR(test_cell(src, 0, &rows.p[1], CELLS[i][0]), CELLS[i][2]);
    }
    CHECK_EQ_INT(rows.p[0].line, 3);
    CHECK_EQ_INT(rows.p[1].line, 5);
    rows = test_rows(mem, src, 1);
    NEED(rows.n == 3000);
    CHECK_STR(rows.p[2999].cells[0], "Deal 2999");
    CHECK_EQ_INT(source_position(src), source_size(src));
    CHECK_EQ_INT(test_rows(mem, src, 0).n, 2);
}

TEST(days_count_from_1904_on_old_macs)
{
    Source *src = open_workbook(mem, "mac");

    CHECK_STR(test_rows(mem, src, 0).p[0].cells[0], "2020-02-29");
}

TEST(one_sheet_of_several)
{
    Source *src = NULL;
    size_t n;

    CHECK_OK(source_open(mem, workbook(mem, "ordinary"), S(""), &(SourceOptions){.table = S("Deals")}, &src));
    NEED(source_tables(src, &n) && n == 1);
    CHECK_EQ_INT(test_rows(mem, src, 0).n, 3000);
}

static Err *refusal(Arena *mem, const char *name)
{
    Source *src = NULL;
    bool has = true;
    Row row;
    Err *e = source_open(mem, workbook(mem, name), S(""), NULL, &src);

    while (!e && has) e = source_next(src, mem, &row, &has);
    return e;
}

TEST(zips_that_mean_harm)
{
    static const char *const FILES[][2] = {
        {"plain", ""},
        {"absolute", ""},
        {"bomb_sheet", "error.source.bomb"},
        {"bomb_strings", "error.source.bomb"},
        {"entities", "error.source.xml"},
        {"external", "error.source.xml"},
        {"many", "error.source.bomb"},
        {"outside", "error.source.empty"},
        {"nested", "error.source.kind"},
        {"deep", "error.source.xml"},
        {"long_token", "error.source.xml"},
        {"broken_xml", "error.source.xml"},
        {"columns", "error.source.columns"},
        {"cut", "error.source.zip"},
        {"sizes", "error.source.zip"},
        {"checksum", "error.source.zip"},
        {"empty", "error.source.empty"},
        {"index", ""},
    };
    struct rusage before, after;

    getrusage(RUSAGE_SELF, &before);
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        Err *e = refusal(mem, FILES[i][0]);
        if (!CHECK_STR(e ? e->key : S(""), FILES[i][1])) printf("# %s\n", FILES[i][0]);
    }
    getrusage(RUSAGE_SELF, &after);
    CHECK(after.ru_maxrss - before.ru_maxrss < 300 << 10); /* KB, with the sanitizers' share */
    Err *e = refusal(mem, "columns");
    CHECK_STR(e->args[1], "2345");
}

TEST(rows_past_all_columns_are_refused_alone)
{
    Source *src = open_workbook(mem, "far");
    Rows rows = test_rows(mem, src, 0);

    NEED(rows.n == 3);
    CHECK(rows.p[1].problem != NULL && rows.p[2].problem == NULL);
    src = open_workbook(mem, "cells");
    rows = test_rows(mem, src, 0);
    NEED(rows.n == 2);
    CHECK_STR(rows.p[1].problem ? rows.p[1].problem->key : S(""), "error.source.row");
}

TEST(numbers_as_people_saw_them)
{
    static const struct {
        const char *written;
        NumberKind kind;
        const char *text;
    } CASES[] = {
        {"1234.5600000000001", KIND_NUMBER, "1234.56"},
        {"4.5000000000000003E-2", KIND_NUMBER, "0.045"},
        {"1E+3", KIND_NUMBER, "1000"},
        {"-1.5E-7", KIND_NUMBER, "-0.00000015"},
        {"1.25E+20", KIND_NUMBER, "125000000000000000000"},
        {"12345678901234567", KIND_NUMBER, "12345678901234567"},
        {"007", KIND_NUMBER, "007"},
        {"x", KIND_NUMBER, "x"},
        {"1e999", KIND_NUMBER, "1e999"},
        {"0", KIND_DATE, "00:00:00"},
        {"1", KIND_DATE, "1900-01-01"},
        {"59", KIND_DATE, "1900-02-28"},
        {"61", KIND_DATE, "1900-03-01"},
        {"45292", KIND_DATE, "2024-01-01"},
        {"45292.999999", KIND_DATE, "2024-01-02"},
        {"45292.5", KIND_DATE, "2024-01-01T12:00:00"},
        {"45292.5", KIND_EXACT, "2024-01-01T12:00:00"},
        {"45292.50000628472", KIND_EXACT, "2024-01-01T12:00:00.543"},
        {"1.5", KIND_TIME, "36:00:00"},
        {"2958466", KIND_DATE, "2958466"},
        {"-1", KIND_DATE, "-1"},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        CHECK_STR(number_text(mem, str_c(CASES[i].written), CASES[i].kind, false), CASES[i].text);
}

TEST(formats_that_are_dates)
{
    static const struct {
        const char *code;
        NumberKind kind;
    } CASES[] = {
        {"yyyy\\-mm\\-dd", KIND_DATE},
        {"d.m.yy", KIND_DATE},
        {"[$-415]d mmmm yyyy;@", KIND_DATE},
        {"mmm", KIND_DATE},
        {"yyyy-mm-dd hh:mm:ss.000", KIND_EXACT},
        {"[h]:mm:ss", KIND_TIME},
        {"h:mm AM/PM", KIND_TIME},
        {"mm:ss.0", KIND_TIME},
        {"0.00", KIND_NUMBER},
        {"#,##0.00\\ \"zd\"", KIND_NUMBER},
        {"[Red]0;[Blue]-0", KIND_NUMBER},
        {"0.00E+00", KIND_NUMBER},
        {"General", KIND_NUMBER},
        {"_-* #,##0\\ _d_-", KIND_NUMBER},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        if (!CHECK_EQ_INT(number_kind(-1, str_c(CASES[i].code)), CASES[i].kind))
            printf("# %s\n", CASES[i].code);
    CHECK_EQ_INT(number_kind(14, S("")), KIND_DATE);
    CHECK_STR(string_text(mem, S("a_x000D_\nb_x0041__x005F_x_xZZZZ_")), "a\nbA_x_xZZZZ_");
}
