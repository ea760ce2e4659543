/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dates and numbers of a column, and rows brought in through the write path. */
#include "base/tap.h"
#include "base/time.h"
#include "core/change.h"
#include "core/import/impl.h"
#include "core/snapshot.h"
#include "core/test_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static DateOrder order(Arena *mem, const char *const *texts, size_t n, Str wanted)
{
    DateEvidence evidence = {0};
    DateOrder out = 0;

    for (size_t i = 0; i < n; i++) date_learn(mem, &evidence, str_c(texts[i]));
    return date_decide(mem, &evidence, wanted, &out) ? 0 : out;
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
    CHECK_EQ_INT(ORDER("", "45291", "45292"), DATE_SERIAL);
    CHECK_EQ_INT(ORDER("", "1735689600000"), DATE_EPOCH);
    CHECK_EQ_INT(ORDER("", "12 января 2026", "Jan 3, 2026"), DATE_ISO);
    CHECK(date_read(S("1/2/2017"), DATE_MDY, &a, NULL, NULL) &&
          date_read(S("2017-01-02"), DATE_ISO, &b, NULL, NULL) && a == b);
    CHECK(date_read(S("12 января 2026 г."), DATE_ISO, &a, NULL, NULL) && a == date_from_civil(2026, 1, 12));
    CHECK(date_read(S("45291.5"), DATE_SERIAL, &a, &b, NULL) && a == date_from_civil(2023, 12, 31) &&
          b == 43200);
    CHECK(!date_read(S("yesterday"), DATE_ISO, &a, NULL, NULL));
    CHECK(!date_read(S("31/2/2017"), DATE_DMY, &a, NULL, NULL));
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

typedef struct Bringing {
    const Object *obj;
    ImportRows rows;
    Val mapping;
    ImportGuess *guesses;
    int64_t n;
} Bringing;

static Err *guess(Ctx *cx, void *arg)
{
    Bringing *b = arg;

    TRY(import_guess(cx, cx->mem, b->obj, &b->rows, &b->guesses, &b->n));
    return import_guess_mapping(cx->mem, b->obj, b->guesses, b->rows.table->n_heads, &b->mapping);
}

static Source *source_of(Arena *mem, Str text)
{
    char path[] = "/tmp/kith-import-XXXXXX";
    int fd = mkstemp(path);
    Source *src = NULL;

    NEED(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n);
    close(fd);
    CHECK_OK(source_open(mem, path, S("rows.csv"), &(SourceOptions){0}, &src));
    unlink(path);
    return src;
}

static ImportReport bring(Arena *mem, Store *store, const char *object, Str text, Str match)
{
    Bringing b = {.obj = meta_object(store_meta(store), str_c(object)),
                  .rows = rows_of(source_of(mem, text), 0)};
    ImportReport report = {0};
    ImportPlan *plan;
    ImportJob job = {.store = store, .feed = &b.rows, .run = id_new(store_now(store))};

    job.batch = job.run;
    CHECK_OK(test_read(store, mem, guess, &b));
    CHECK_OK(import_plan(mem, store_meta(store), b.obj, &b.mapping, b.rows.table, &plan));
    if (match.n) CHECK_OK(import_plan_match(mem, plan, match));
    CHECK_OK(import_scan(mem, plan, &b.rows, (Str){0}, &b.n));
    job.plan = plan;
    CHECK_OK(import_apply(&job, mem, &report));
    for (size_t i = 0; i < report.n_notes; i++) printf("# %.*s\n", SFMT(report.notes[i].text));
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
