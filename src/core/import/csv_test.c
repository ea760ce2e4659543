/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Separated text as a source: what spreadsheets write, and what is broken. */
#include "base/buf.h"
#include "base/tap.h"
#include "core/import/test_source.h"

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
