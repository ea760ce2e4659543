/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Separated text as a source: what spreadsheets write, and what is broken. */
#include "base/buf.h"
#include "base/tap.h"
#include "core/import/test_source.h"

#include <sys/resource.h>
#include <unistd.h>

static Str key_of(const Err *e)
{
    return e ? e->key : S("(no error)");
}

TEST(reads_what_spreadsheets_write)
{
    Source *src = test_source(
        mem, "My list.csv",
        S("\xEF\xBB\xBFname;note\r\n\"A;B\";\"says \"\"hi\"\"\nand more\"\r\n\r\n;\r\nC;;\r\n\"\"\"\";\" d\" "),
        NULL);
    Rows rows = test_rows(mem, src, 0);
    size_t n;

    CHECK_STR(source_kind(src), "csv");
    CHECK_STR(source_encoding(src), "utf-8");
    CHECK_STR(source_separator(src), ";");
    CHECK_STR(source_tables(src, &n)[0].name, "My list");
    NEED(rows.n == 3);
    CHECK_STR(rows.p[0].cells[0], "A;B");
    CHECK_STR(rows.p[0].cells[1], "says \"hi\"\nand more");
    CHECK_EQ_INT(rows.p[0].line, 2);
    CHECK_STR(rows.p[1].cells[0], "C");
    CHECK_STR(rows.p[1].cells[1], "");
    CHECK_EQ_INT(rows.p[1].line, 6);
    CHECK_STR(rows.p[2].cells[0], "\"");
    CHECK_STR(rows.p[2].cells[1], " d");
}

TEST(rows_are_refused_one_by_one)
{
    Source *src =
        test_source(mem, "x.csv", S("a,b\n1,2,3\n4\n\"x\"y,2\n5,\xff\n6,a\0b\n7,8\n\"9,10\n11,12\n13,14"),
                    &(SourceOptions){.encoding = S("UTF-8")});
    Rows rows = test_rows(mem, src, 0);
    static const char *const KEYS[] = {"error.source.width",
                                       "error.source.width",
                                       "error.source.after_quote",
                                       "error.source.bytes",
                                       "error.source.nul",
                                       "",
                                       "error.source.quote",
                                       "",
                                       ""};

    NEED(rows.n == 9);
    for (size_t i = 0; i < 9; i++) {
        CHECK_STR(rows.p[i].problem ? rows.p[i].problem->key : S(""), KEYS[i]);
        CHECK_EQ_INT(rows.p[i].line, (intmax_t)i + 2);
    }
    CHECK_STR(rows.p[0].problem->args[0], "2");
    CHECK_STR(rows.p[0].problem->args[1], "3");
    CHECK_STR(rows.p[3].cells[1], "\xEF\xBF\xBD");
    CHECK_STR(rows.p[6].cells[0], "\"9,10");
    CHECK_STR(rows.p[8].cells[1], "14");
}

TEST(headings_are_unique_and_not_empty)
{
    Source *src = test_source(mem, "x.csv", S("E-mail, E-mail ,,E-mail (2),\n1,2,3,4,5\n"), NULL);
    size_t n;
    const Table *t = source_tables(src, &n);

    NEED(t->n_heads == 5);
    CHECK_STR(t->heads[0], "E-mail");
    CHECK_STR(t->heads[1], "E-mail (2)");
    CHECK_STR(t->heads[2], "Column 3");
    CHECK_STR(t->heads[3], "E-mail (2) (2)");
    CHECK_STR(t->heads[4], "Column 5");
    src = test_source(mem, "x.csv", S("1,2\n3,4\n"), &(SourceOptions){.has_no_heads = true});
    CHECK_STR(source_tables(src, &n)->heads[1], "Column 2");
    CHECK_EQ_INT(test_rows(mem, src, 0).n, 2);
}

TEST(separators_are_found)
{
    static const struct {
        const char *text, *sep;
    } CASES[] = {
        {"a,b,c\n1,2,3\n", ","},
        {"name;price\nx;1,5\ny;2,25\n", ";"},
        {"a\tb\n1,2\t3\n", "\t"},
        {"a|b\n1|2\n", "|"},
        {"a^b^c\n1^2^3\n", "^"},
        {"a||b||c\n1||2||3\n||||\n", "||"},
        {"a::b\n1::10:30\n", "::"},
        {"a|~|b\n1|~|2\n", "|~|"},
        {"sep=|\na;x|b;y\n1|2\n", "|"},
        {"\"sep=;\"\na,1;b\n1;2\n", ";"},
        {"name,\"x;y;z;w\",note\n1,2,\"a;b;c\"\n", ","},
        {"city, country;n\nRome, Italy;1\nParis;2\n", ";"},
        {"one\ntwo\n", ","},
    };

    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        Source *src = test_source(mem, "x.csv", str_c(CASES[i].text), NULL);
        CHECK_STR(source_separator(src), CASES[i].sep);
        Rows rows = test_rows(mem, src, 0);
        CHECK(rows.n > 0);
        for (size_t k = 0; k < rows.n; k++) CHECK(rows.p[k].problem == NULL);
    }
    Source *src = test_source(mem, "x.csv", S("a,b;c\n1,2;3\n"), &(SourceOptions){.separator = S(";")});
    CHECK_STR(test_rows(mem, src, 0).p[0].cells[0], "1,2");
    CHECK_STR(key_of(test_refused(mem, "x", S("a"), &(SourceOptions){.separator = S("\"")})),
              "error.source.separator");
}

TEST(too_many_columns_are_refused_with_their_number)
{
    Buf b = buf_new(mem, 1 << 20);

    for (int i = 0; i < 2500; i++) buf_addf(&b, "%sc%d", i ? "," : "", i);
    Err *e = test_refused(mem, "x.csv", buf_str(&b), NULL);
    CHECK_STR(e->key, "error.source.columns");
    CHECK_STR(e->args[1], "2500");
}

/* A quote that is never closed in a large file costs its line, not the rows after it, and no more memory than a cell. */
TEST(open_quotes_do_not_swallow_the_file)
{
    Buf b = buf_new(mem, 64 << 20);

    buf_add(&b, S("a,b\n1,\"2\n"));
    for (int i = 0; i < 160000; i++) buf_addf(&b, "%d,x\n", i);
    Source *src = test_source(mem, "x.csv", buf_str(&b), NULL);
    Row row;
    bool has;
    int64_t n = 0, refused = 0;
    for (Arena *tmp = arena_new(32 << 20);; arena_reset(tmp)) {
        CHECK_OK(source_next(src, tmp, &row, &has));
        if (has && row.problem) {
            CHECK_STR(row.problem->key, "error.source.cell");
            CHECK_EQ_INT(row.line, 2);
            refused++;
        }
        n += has;
        if (has) continue;
        arena_free(tmp);
        break;
    }
    CHECK_EQ_INT(n, 160001);
    CHECK_EQ_INT(refused, 1);
}

TEST(a_file_of_open_quotes_ends_with_an_error)
{
    Buf b = buf_new(mem, 64 << 20);
    Row row;
    bool has = true;
    Err *e = NULL;
    int n = 0;

    buf_add(&b, S("a,b\n"));
    for (int i = 0; i < 24000; i++) buf_add(&b, S("x\"y,\"z\n"));
    Source *src = test_source(mem, "x.csv", buf_str(&b), NULL);
    for (; has && !e; n++) e = source_next(src, mem, &row, &has);
    NEED(e != NULL);
    CHECK(n <= 110);
}

TEST(the_largest_cell_and_row)
{
    Buf b = buf_new(mem, 64 << 20);
    char *big = arena_alloc(mem, SOURCE_CELL_MAX + 1);

    memset(big, 'x', SOURCE_CELL_MAX + 1);
    buf_add(&b, S("a,b\n1,"));
    buf_add_n(&b, big, SOURCE_CELL_MAX);
    buf_add(&b, S("\n2,"));
    buf_add_n(&b, big, SOURCE_CELL_MAX + 1);
    buf_add(&b, S("y\n3,4\n"));
    Rows rows = test_rows(mem, test_source(mem, "x.csv", buf_str(&b), NULL), 0);
    NEED(rows.n == 3);
    CHECK(rows.p[0].problem == NULL);
    CHECK_EQ_INT(rows.p[0].cells[1].n, SOURCE_CELL_MAX);
    CHECK_STR(key_of(rows.p[1].problem), "error.source.cell");
    CHECK_STR(rows.p[2].cells[1], "4");
}

TEST(lines_end_as_they_like)
{
    Source *src = test_source(mem, "x.csv", S("a,b\r1,2\r\"3\r4\",5\r"), NULL);
    Rows rows = test_rows(mem, src, 0);

    NEED(rows.n == 2);
    CHECK_STR(rows.p[1].cells[0], "3\r4");
    CHECK_EQ_INT(rows.p[1].line, 3);
    CHECK_EQ_INT(source_position(src), source_size(src));
    CHECK_EQ_INT(test_rows(mem, src, 0).n, 2); /* as often as wanted */
}

TEST(nothing_is_told)
{
    CHECK_STR(key_of(test_refused(mem, "x.csv", S(""), NULL)), "error.source.empty");
    CHECK_STR(key_of(test_refused(mem, "x.csv", S("\n\n,,\n"), NULL)), "error.source.empty");
    CHECK_STR(key_of(test_refused(mem, "x.csv", S("a,b\n"), &(SourceOptions){.table = S("y")})),
              "error.source.table");
    CHECK_STR(key_of(test_refused(mem, "x.csv", S("a,b\n"), &(SourceOptions){.encoding = S("klingon-8")})),
              "error.source.encoding");
    Source *src;
    Err *e = source_open(mem, "/nowhere/x.csv", S(""), NULL, &src);
    NEED(e != NULL);
    CHECK_STR(e->key, "error.source.read");
}

/* Writes `blocks` megabytes of rows under a heading into an unnamed file. */
static int large_file(Arena *mem, int blocks, int64_t *rows)
{
    char path[] = "/tmp/kith-csv-XXXXXX", *block = arena_alloc(mem, 1 << 20);
    int fd = mkstemp(path);
    static const char ROW[] = "1234567,\"Łódź, \"\"PL\"\"\",plain text of some length,2024-01-31\n";
    size_t n = 0, line = sizeof ROW - 1;

    NEED(fd >= 0);
    unlink(path);
    for (; n + line <= 1 << 20; n += line) memcpy(block + n, ROW, line);
    NEED(write(fd, "a,b,c,d\n", 8) == 8);
    for (int i = 0; i < blocks; i++) NEED(write(fd, block, n) == (ssize_t)n);
    *rows = (int64_t)(n / line) * blocks;
    return fd;
}

static long peak_kb(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* 2 GB in make test-long, 32 MB otherwise: memory does not depend on it. */
TEST(a_large_file_takes_constant_memory)
{
    int64_t rows, n = 0, at = 0;
    int fd = large_file(mem, getenv("KITH_TEST_LONG") ? 2048 : 32, &rows);
    Arena *tmp = arena_new(1 << 20);
    long before = peak_kb();
    Source *src;
    bool has = true;
    Row row;

    CHECK_OK(source_open(mem, str_to_c(mem, str_fmt(mem, "/proc/self/fd/%d", fd)), S("x.csv"), NULL, &src));
    for (;; n++) {
        arena_reset(tmp);
        CHECK_OK(source_next(src, tmp, &row, &has));
        if (!has) break;
        if (row.problem || row.n != 4 || !str_eq(row.cells[1], S("Łódź, \"PL\""))) break;
        at = source_position(src);
    }
    CHECK(!has);
    CHECK_EQ_INT(n, rows);
    CHECK_EQ_INT(at, source_size(src));
    CHECK(peak_kb() - before < 16 << 10);
    arena_free(tmp);
    close(fd);
}

TEST(real_files)
{
    static const struct {
        const char *path, *encoding, *sep;
        int rows, heads, refused;
    } FILES[] = {
        {"crm-sales/accounts.csv", "utf-8", ",", 85, 7, 0},
        {"crm-sales/products.csv", "utf-8", ",", 7, 3, 0},
        {"crm-sales/sales_pipeline.csv", "utf-8", ",", 8800, 8, 0},
        {"crm-sales/sales_teams.csv", "utf-8", ",", 35, 3, 0},
        {"csv-spectrum/csvs/location_coordinates.csv", "utf-8", ",", 1, 4, 0},
        {"dedupe/RLdata500.csv", "utf-8", ",", 500, 8, 0},
        {"dedupe/febrl1.csv", "utf-8", ",", 1000, 11, 0},
        {"foodmart/store.csv", "utf-8", ",", 25, 24, 0},
        {"mcdonalds/mcdonalds.csv", "utf-8", ",", 1453, 15, 0},
        {"northwind/Customers.csv", "utf-8", ",", 93, 11, 0},
        {"northwind/Employees.csv", "utf-8", ",", 9, 17, 0},
        {"northwind/OrderDetails.csv", "utf-8", ",", 2155, 5, 0},
        {"northwind/Orders.csv", "utf-8", ",", 830, 14, 0},
    };

    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        Source *src = NULL;
        size_t n;
        int refused = 0;
        CHECK_OK(source_open(mem, test_data(mem, FILES[i].path), S(""), NULL, &src));
        Rows rows = test_rows(mem, src, 0);
        for (size_t k = 0; k < rows.n; k++) refused += rows.p[k].problem != NULL;
        CHECK_STR(source_encoding(src), FILES[i].encoding);
        CHECK_STR(source_separator(src), FILES[i].sep);
        bool has_heads = CHECK_EQ_INT(source_tables(src, &n)->n_heads, FILES[i].heads),
             has_rows = CHECK_EQ_INT(rows.n, FILES[i].rows),
             has_refused = CHECK_EQ_INT(refused, FILES[i].refused);
        if (!has_heads || !has_rows || !has_refused) printf("# %s\n", FILES[i].path);
    }
}

/* csv-spectrum: corner cases beside the JSON they must give. */
TEST(spectrum)
{
    static const char *const NAMES[] = {"comma_in_quotes",
                                        "empty",
                                        "empty_crlf",
                                        "escaped_quotes",
                                        "json",
                                        "newlines",
                                        "newlines_crlf",
                                        "quotes_and_newlines",
                                        "simple",
                                        "simple_crlf",
                                        "utf8"};

    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        Source *src = NULL, *want = NULL;
        size_t n, m;
        const char *csv = test_data(mem, str_to_c(mem, str_fmt(mem, "csv-spectrum/csvs/%s.csv", NAMES[i])));
        const char *json = test_data(mem, str_to_c(mem, str_fmt(mem, "csv-spectrum/json/%s.json", NAMES[i])));
        CHECK_OK(source_open(mem, csv, S(""), NULL, &src));
        CHECK_OK(source_open(mem, json, S(""), NULL, &want)); /* a list of records reads as a tree */
        Rows rows = test_rows(mem, src, 0), other = test_rows(mem, want, 0);
        const Table *t = source_tables(src, &n), *u = source_tables(want, &m);
        if (!CHECK_EQ_INT(rows.n, other.n) || !CHECK_EQ_INT(t->n_heads + 1, u->n_heads)) continue;
        for (size_t k = 0; k < rows.n; k++)
            for (size_t c = 0; c < t->n_heads; c++)
                CHECK(
                    str_eq(rows.p[k].cells[c], test_cell(want, 0, &other.p[k], str_to_c(mem, t->heads[c]))));
    }
}
