/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV, dates of a column, and rows brought in through the write path. */
#include "base/tap.h"
#include "core/change.h"
#include "core/csv.h"
#include "core/import.h"
#include "core/query.h"
#include "core/store.h"

#include <stdio.h>
#include <stdlib.h>

TEST(csv_reads_what_spreadsheets_write)
{
    Csv csv;

    CHECK_OK(
        csv_read(mem, S("\xEF\xBB\xBFname;note\r\n\"A;B\";\"says \"\"hi\"\"\nand more\"\r\n\r\nC;"), &csv));
    CHECK_EQ_INT(csv.separator, ';');
    CHECK_EQ_INT(csv.n_heads, 2);
    if (!CHECK_EQ_INT(csv.n_rows, 2)) return;
    CHECK_STR(csv.rows[0][0], "A;B");
    CHECK_STR(csv.rows[0][1], "says \"hi\"\nand more");
    CHECK_STR(csv.rows[1][0], "C");
    CHECK_STR(csv.rows[1][1], "");
    CHECK_EQ_INT(csv.lines[1], 5);
}

TEST(csv_refusals)
{
    Csv csv;
    Err *e;

    CHECK_ERR(e = csv_read(mem, S("a,b\n1,2,3\n"), &csv), ERR_INVALID);
    CHECK_STR(e->key, "error.csv.width");
    CHECK_ERR(e = csv_read(mem, S("a,b\n\"1,2\n"), &csv), ERR_INVALID);
    CHECK_STR(e->key, "error.csv.quote");
    CHECK_ERR(e = csv_read(mem, S("a,a\n1,2\n"), &csv), ERR_INVALID);
    CHECK_STR(e->key, "error.csv.heading");
    CHECK_ERR(csv_read(mem, S("a\n\xff\n"), &csv), ERR_INVALID);
}

static DateOrder order(Arena *mem, const char *const *texts, size_t n, Str wanted)
{
    Str values[8];
    DateOrder out = 0;

    for (size_t i = 0; i < n; i++) values[i] = str_c(texts[i]);
    return date_order_of(mem, values, n, wanted, &out) ? 0 : out;
}

#define ORDER(wanted, ...)                         \
    order(mem, (const char *const[]){__VA_ARGS__}, \
          sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), S(wanted))

TEST(dates_are_decided_by_the_whole_column)
{
    int64_t a, b;

    CHECK_EQ_INT(ORDER("", "2016-10-20", "", "2017-01-02"), DATE_ISO);
    CHECK_EQ_INT(ORDER("", "1.2.2017", "13.02.2017"), DATE_DMY);
    CHECK_EQ_INT(ORDER("", "1.2.2017", "3.4.2017"), DATE_DMY);
    CHECK_EQ_INT(ORDER("", "1/2/2017", "12/31/2017"), DATE_MDY);
    CHECK_EQ_INT(ORDER("", "1/2/2017", "31/12/2017"), DATE_DMY);
    CHECK_EQ_INT(ORDER("", "1/2/2017", "3/4/2017"), 0);
    CHECK_EQ_INT(ORDER("mdy", "1/2/2017", "3/4/2017"), DATE_MDY);
    CHECK_EQ_INT(ORDER("dmy", "1/2/2017", "12/31/2017"), 0);
    CHECK_EQ_INT(ORDER("", "31/12/2017", "12/31/2017"), 0);
    CHECK_EQ_INT(ORDER("", "2017-01-01", "1.2.2017"), 0);
    CHECK_EQ_INT(ORDER("", "yesterday"), 0);
    CHECK(date_read(S("1/2/2017"), DATE_MDY, &a) && date_read(S("2017-01-02"), DATE_ISO, &b) && a == b);
    CHECK(!date_read(S("31/2/2017"), DATE_DMY, &a));
}

static Store *open_new(Arena *mem)
{
    char dir[] = "/tmp/kith-import-XXXXXX";
    NEED(mkdtemp(dir) != NULL);
    StoreOptions opt = {.db = {.dir = str_copy(mem, str_c(dir))}};
    InitOptions init = {.currency = S("USD"), .country = S("US"), .language = S("en"), .company = S("Test")};
    Store *store;
    CHECK_OK(store_init(mem, &opt, &init, &store));
    return store;
}

static ImportReport bring(Arena *mem, Store *store, const char *object, Str text, Str match)
{
    const Object *obj = meta_object(store->meta, str_c(object));
    ImportReport report = {0};
    ImportSpec spec;
    Csv csv;

    CHECK_OK(csv_read(mem, text, &csv));
    CHECK_OK(import_spec(mem, obj, NULL, csv.heads, csv.n_heads, &spec));
    if (match.n) {
        spec.match = object_field(obj, match);
        spec.mode = IMPORT_UPSERT;
    }
    CHECK_OK(import_run(store, mem, &spec, &csv, &report, NULL, NULL));
    for (size_t i = 0; i < report.n_refusals; i++)
        printf("# line %zu: %.*s\n", report.refusals[i].line, SFMT(report.refusals[i].reason));
    return report;
}

TEST(rows_become_records_and_dirt_is_told)
{
    Store *store = open_new(mem);

    ImportReport r =
        bring(mem, store, "product", S("Name,Price\nGTX Pro,\"4 821,00\"\nGTX Basic,550\n"), (Str){0});
    CHECK_EQ_INT(r.created, 2);
    r = bring(
        mem, store, "account",
        S("Название;Parent company;Employees;Class\nBranch;Head Office;7;a\nHead office;;12;B\nBad;;many;B\n"),
        (Str){0});
    CHECK_EQ_INT(r.created, 2);
    CHECK_EQ_INT(r.refused, 1);
    if (CHECK_EQ_INT(r.n_refusals, 1)) CHECK_EQ_INT(r.refusals[0].line, 4);
    r = bring(
        mem, store, "deal",
        S("name,product,account,amount,stage\nOne,GTXPro,branch,10,New\nTwo,GTX Pro,,,won\nThree,Nothing,,,New\n"),
        (Str){0});
    CHECK_EQ_INT(r.created, 2);
    CHECK_EQ_INT(r.refused, 1);
    CHECK_EQ_INT(r.n_notes, 3);
    store_close(store);
}

TEST(the_same_file_twice_changes_nothing)
{
    Store *store = open_new(mem);
    Str text = S("outside_id,name,employees\nx1,First,5\nx2,Second,6\n");

    ImportReport r = bring(mem, store, "account", text, S("outside_id"));
    CHECK_EQ_INT(r.created, 2);
    r = bring(mem, store, "account", text, S("outside_id"));
    CHECK_EQ_INT(r.created, 0);
    CHECK_EQ_INT(r.unchanged, 2);
    r = bring(mem, store, "account", S("outside_id,name,employees\nx1,First,7\nx2,Second,6\n"),
              S("outside_id"));
    CHECK_EQ_INT(r.updated, 1);
    CHECK_EQ_INT(r.unchanged, 1);
    store_close(store);
}
