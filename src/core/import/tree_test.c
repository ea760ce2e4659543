/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Object trees: references, children, plans, and what is no tree. */
#include "base/map.h"
#include "base/tap.h"
#include "core/import/test_source.h"

#define CELL(t, i, heading) test_cell(src, t, &rows.p[i], heading)

TEST(children_and_references)
{
    Source *src = test_source(
        mem, "Accounts.json",
        S("{\"records\":[{\"attributes\":{\"type\":\"Account\",\"referenceId\":\"A1\"},\"Name\":\"Łódź\",\"Big\":12345678901234,"
          "\"Rate\":0.10,\"On\":true,\"No\":null,\"Owner\":{\"attributes\":{\"type\":\"User\"},\"Name\":\"Ann\"},"
          "\"Contacts\":{\"records\":[{\"attributes\":{\"type\":\"Contact\",\"referenceId\":\"C1\"},\"LastName\":\"Doe\"},"
          "{\"LastName\":\"Roe\",\"Boss\":\"@C1\",\"attributes\":{\"type\":\"Contact\"}}]}},"
          "{\"attributes\":{\"type\":\"Account\"},\"Later\":\"x\"}]}"),
        NULL);
    size_t n;
    const Table *t = source_tables(src, &n);

    CHECK_STR(source_kind(src), "tree");
    NEED(n == 2);
    CHECK_STR(t[0].name, "Account");
    CHECK_STR(t[0].heads[0], "referenceId");
    CHECK_EQ_INT(t[0].rows, 2);
    Rows rows = test_rows(mem, src, 0);
    CHECK_STR(CELL(0, 0, "Name"), "Łódź");
    CHECK_STR(CELL(0, 0, "Big"), "12345678901234");
    CHECK_STR(CELL(0, 0, "Rate"), "0.10");
    CHECK_STR(CELL(0, 0, "On"), "true");
    CHECK_STR(CELL(0, 0, "No"), "");
    CHECK_STR(CELL(0, 0, "Owner.Name"), "Ann");
    CHECK_STR(CELL(0, 0, "Contacts"), "(no heading)");
    CHECK_STR(CELL(0, 1, "referenceId"), "Account#2");
    CHECK_STR(CELL(0, 1, "Later"), "x");
    rows = test_rows(mem, src, 1);
    NEED(rows.n == 2);
    CHECK_STR(CELL(1, 0, "referenceId"), "C1");
    CHECK_STR(CELL(1, 0, "Account.referenceId"), "@A1");
    CHECK_STR(CELL(1, 1, "Account.referenceId"), "@A1");
    CHECK_STR(CELL(1, 1, "Boss"), "@C1");
}

TEST(what_is_no_tree)
{
    CHECK_STR(test_refused(mem, "x.json", S("{\"name\":\"package\"}"), NULL)->key, "error.source.kind");
    CHECK_STR(test_refused(mem, "x.json", S("{\"records\":"), NULL)->key, "error.source.json");
    CHECK_STR(
        test_refused(mem, "x.json", S("[{\"sobject\":\"A\",\"files\":[\"../etc/passwd.json\"]}]"), NULL)->key,
        "error.source.plan");
    CHECK_STR(test_refused(mem, "x.json", S("[{\"sobject\":\"A\",\"files\":[\"none.json\"]}]"), NULL)->key,
              "error.source.read");
}

/* Every reference of a table's cells names a record of the tree. */
static size_t count_references(Arena *mem, Source *src)
{
    size_t n, found = 0;
    StrMap names = {0};
    const Table *t = source_tables(src, &n);

    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < n; k++) {
            Rows rows = test_rows(mem, src, k);
            CHECK_EQ_INT(rows.n, t[k].rows);
            for (size_t i = 0; i < rows.n; i++) {
                if (pass == 0) strmap_put(mem, &names, rows.p[i].cells[0], src);
                for (size_t c = 1; pass && c < rows.p[i].n; c++) {
                    Str cell = rows.p[i].cells[c];
                    if (!cell.n || cell.p[0] != '@') continue;
                    found++;
                    CHECK(strmap_get(&names, str_from(cell, 1)) != NULL);
                }
            }
        }
    return found;
}

static void check_tree(Arena *mem, const char *path, const char *const *kinds, const int *rows,
                       size_t n_kinds, size_t references)
{
    Source *src = NULL;
    size_t n;

    CHECK_OK(source_open(mem, test_data(mem, path), S(""), NULL, &src));
    CHECK_STR(source_kind(src), "tree");
    const Table *t = source_tables(src, &n);
    NEED(n == n_kinds);
    for (size_t i = 0; i < n_kinds; i++) {
        CHECK_STR(t[i].name, kinds[i]);
        CHECK_EQ_INT(t[i].rows, rows[i]);
    }
    CHECK_EQ_INT(count_references(mem, src), references);
}

TEST(real_trees)
{
    static const char *const DREAM[] = {"Broker__c", "Property__c", "Contact"}, *const BIKES[] = {
                                                                                    "Account",
                                                                                    "Product_Family__c",
                                                                                    "Product__c"};

    check_tree(mem, "dreamhouse", DREAM, (const int[]){8, 12, 5}, 3, 12);
    check_tree(mem, "dreamhouse/sample-data-plan.json", DREAM, (const int[]){8, 12, 5}, 3, 12);
    check_tree(mem, "ebikes", BIKES, (const int[]){3, 4, 16}, 3, 16);
    check_tree(mem, "ebikes/sample-data-plan.json", BIKES, (const int[]){3, 4, 16}, 3, 16);
    check_tree(mem, "ebikes/Accounts.json", BIKES, (const int[]){3}, 1, 0);
}
