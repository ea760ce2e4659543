/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is alike, who is the same, and making one of two: likenesses, learnt weights, clusters, pairs kept by writes, merging and
   parting again. */
#include "core/change.h"
#include "core/match/duplicates.h"
#include "core/match/merge.h"
#include "core/test_store.h"
#include "core/value.h"

/* --- likeness -------------------------------------------------------------------------------------------------------- */

TEST(texts_with_slips)
{
    CHECK_EQ_INT(similar_texts(S("kowalski"), S("kowalski")), LIKE_SAME);
    CHECK_EQ_INT(similar_texts(S("kowalski"), S("kowlaski")), LIKE_CLOSELY);
    CHECK_EQ_INT(similar_texts(S("j"), S("john")), LIKE_CLOSELY);
    CHECK_EQ_INT(similar_texts(S("giblin street"), S("street giblin")), LIKE_CLOSELY);
    CHECK_EQ_INT(similar_texts(S("the toulouse"), S("toulouse")), LIKE_SOMEWHAT);
    CHECK_EQ_INT(similar_texts(S("kowalski"), S("nowak")), LIKE_NOT);
    CHECK_EQ_INT(similar_texts(S(""), S("nowak")), LIKE_UNKNOWN);
    CHECK_EQ_INT(similar_jaro_winkler(S("martha"), S("marhta")), 961);
    CHECK_EQ_INT(similar_jaro_winkler(S("dixon"), S("dicksonx")), 813);
}

TEST(codes_with_slips)
{
    CHECK_EQ_INT(similar_codes(S("1990-02-19"), S("1990-02-19")), LIKE_SAME);
    CHECK_EQ_INT(similar_codes(S("1990-02-19"), S("1990-02-91")), LIKE_CLOSELY);
    CHECK_EQ_INT(similar_codes(S("1990-02-19"), S("1985-11-30")), LIKE_NOT);
    CHECK_EQ_INT(similar_lists(S("+48500100200\n+48500100201"), S("+48500100201")), LIKE_SAME);
    CHECK_EQ_INT(similar_edits(S("abcd"), S("wxyz"), 2), 3);
}

/* --- learning -------------------------------------------------------------------------------------------------------- */

static const char *const GIVEN[] = {"anna",  "boris", "clara",  "dmitrii", "elena",
                                    "filip", "greta", "henrik", "irina"};
static const char *const FAMILY[] = {"nowak",  "kowalski", "ivanov",    "smirnov",
                                     "petrov", "mazur",    "wisniewski"};

/* 600 persons of whom the first hundred are there twice, the second time with a slip in one field. */
static Linkage *make_people(Arena *mem)
{
    static const FeatureKind KINDS[] = {FEATURE_NAME, FEATURE_NAME, FEATURE_CODE, FEATURE_TEXT};
    Linkage *l = linkage_new(mem, KINDS, 4);

    for (unsigned i = 0; i < 700; i++) {
        unsigned who = i < 600 ? i : i - 600, draw = (who + 1) * 2654435761u;
        Str values[] = {str_c(FAMILY[draw % 7]), str_c(GIVEN[draw / 7 % 9]),
                        str_fmt(mem, "19%02u-%02u-%02u", draw / 64 % 90 + 10, draw / 8192 % 12 + 1,
                                draw / 131072 % 28 + 1),
                        str_fmt(mem, "%c%c%c%c street", 'a' + draw / 3 % 26, 'a' + draw / 97 % 26,
                                'a' + draw / 5171 % 26, 'a' + draw / 300007 % 26)};
        if (i >= 600) values[who % 4] = who % 4 == 2 ? str_fmt(mem, "%.9s0", values[2].p) : S("");
        linkage_add(l, 1000 + i, values);
    }
    return l;
}

TEST(learns_who_is_there_twice)
{
    Linkage *l = make_people(mem);
    Weights w;
    Pair *pairs;
    Cluster *clusters;
    size_t n_pairs, n, right = 0;

    linkage_learn(l, &w);
    CHECK_OK(linkage_pairs(l, &w, 0.5, &pairs, &n_pairs));
    linkage_clusters(l, pairs, n_pairs, &clusters, &n);
    for (size_t i = 0; i < n; i++) {
        Id a = clusters[i].ids[0], b = clusters[i].ids[clusters[i].n - 1];
        right += clusters[i].n == 2 && (a - b == 600 || b - a == 600);
    }
    CHECK(n <= right + 3);
    CHECK(right >= 95);
    CHECK(w.prior > 100.0 / (700 * 699) && w.prior < 400.0 / (700 * 699));
}

static double score_of(const char *one[4], const char *other[4])
{
    static const FeatureKind KINDS[] = {FEATURE_TITLE, FEATURE_LIST, FEATURE_PLACE, FEATURE_POST};
    Str a[4], b[4];
    Likeness alike[4];
    Weights w;

    for (size_t i = 0; i < 4; i++) {
        a[i] = str_c(one[i]);
        b[i] = str_c(other[i]);
    }
    weights_default(&w, KINDS, 4);
    w.prior = 0.01;
    rows_compare(&w, a, b, alike);
    return weights_score(&w, alike, NULL);
}

TEST(neighbours_are_not_the_same)
{
    const char *cafe[] = {"coyote cafe", "+17028917349", "3799 las vegas boulevard", "89109"};
    const char *same[] = {"coyote cafe bar", "", "3799 las vegas boulevard", "89109"};
    const char *next[] = {"villa rosa", "", "3799 las vegas boulevard", "89109"};
    const char *renamed[] = {"villa rosa", "+17028917349", "3799 las vegas boulevard", "89109"};

    CHECK(score_of(cafe, same) > 0.9);
    CHECK(score_of(cafe, next) < 0.1);
    CHECK(score_of(cafe, renamed) > score_of(cafe, next));
}

/* --- in the database ------------------------------------------------------------------------------------------------- */

typedef struct World {
    Arena *mem;
    Id ids[8];
    Id batch, into, gone;
    size_t n, total;
    DuplicateGroup *groups;
    Record *merged, *child;
} World;

static Err *add(Ctx *cx, const char *object, Str json, Id *id)
{
    const Object *obj = meta_object(cx->meta, str_c(object));
    Record *rec = record_new(cx->mem, obj);
    Val v = {0};

    TRY(json_parse(cx->mem, json, &v));
    TRY(record_from_json(cx, obj, &v, rec));
    TRY(record_create(cx, rec, NULL));
    *id = rec->id;
    return NULL;
}

static Err *add_contacts(Ctx *cx, void *arg)
{
    World *w = arg;

    TRY(add(cx, "contact", S("{\"name\":\"Анна Ковальская\",\"phones\":\"+7 916 123-45-67\"}"), &w->ids[0]));
    TRY(add(
        cx, "contact",
        S("{\"name\":\"Anna Kovalskaia\",\"phones\":\"8 (916) 1234567\",\"emails\":\"anna@example.com\"}"),
        &w->ids[1]));
    TRY(add(cx, "contact", S("{\"name\":\"Борис Петров\",\"phones\":\"+7 916 765-43-21\"}"), &w->ids[2]));
    TRY(add(cx, "account", S("{\"name\":\"ООО «Ромашка»\"}"), &w->ids[3]));
    TRY(add(cx, "account", S("{\"name\":\"Romashka\"}"), &w->ids[4]));
    return add(cx, "activity",
               str_fmt(cx->mem, "{\"kind\":\"task\",\"subject\":\"Call\",\"contact\":\"%.*s\"}",
                       SFMT(id_text(cx->mem, w->ids[1]))),
               &w->ids[5]);
}

static Err *list_groups(Ctx *cx, void *arg)
{
    World *w = arg;

    TRY(duplicates_list(cx, meta_object(cx->meta, S("contact")), DUPLICATE_OPEN, 0, 10, &w->groups, &w->n,
                        &w->total));
    return NULL;
}

static Err *list_accounts(Ctx *cx, void *arg)
{
    World *w = arg;

    return duplicates_list(cx, meta_object(cx->meta, S("account")), DUPLICATE_OPEN, 0, 10, &w->groups, &w->n,
                           &w->total);
}

static Err *merge_two(Ctx *cx, void *arg)
{
    World *w = arg;
    Merge m = {.obj = meta_object(cx->meta, S("contact")), .into = w->ids[0], .ids = &w->ids[1], .n = 1};

    cx->batch = 0;
    TRY(record_merge(cx, &m, &w->merged));
    w->batch = cx->batch;
    return record_get(cx, meta_object(cx->meta, S("activity")), w->ids[5], 0, &w->child);
}

static Err *part_again(Ctx *cx, void *arg)
{
    World *w = arg;
    UndoResult undo;

    TRY(batch_undo(cx, w->batch, &undo));
    CHECK_EQ_INT(undo.n_skipped, 0);
    TRY(record_get(cx, meta_object(cx->meta, S("contact")), w->ids[0], 0, &w->merged));
    return record_get(cx, meta_object(cx->meta, S("activity")), w->ids[5], 0, &w->child);
}

static Err *dismiss(Ctx *cx, void *arg)
{
    World *w = arg;

    return duplicates_mark(cx, meta_object(cx->meta, S("contact")), w->ids, 2, DUPLICATE_DISMISSED);
}

TEST_STORE(merged_and_parted_again)
{
    World w = {.mem = mem};

    CHECK_OK(test_write(store, mem, add_contacts, &w));
    CHECK_OK(test_read(store, mem, list_accounts, &w));
    CHECK_EQ_INT(w.n, 1);
    CHECK_OK(test_read(store, mem, list_groups, &w));
    CHECK_EQ_INT(w.n, 1);
    CHECK_EQ_INT(w.groups[0].n, 2);
    CHECK_OK(test_write(store, mem, merge_two, &w));
    CHECK_EQ_INT(record_get_val(w.merged, "emails").n, 1);
    CHECK_EQ_INT(record_get_val(w.merged, "phones").n, 1);
    CHECK_EQ_INT(record_get_val(w.child, "contact").i, w.ids[0]);
    CHECK_OK(test_read(store, mem, list_groups, &w));
    CHECK_EQ_INT(w.n, 0);
    CHECK_OK(test_write(store, mem, part_again, &w));
    CHECK_EQ_INT(record_get_val(w.child, "contact").i, w.ids[1]);
    CHECK(val_is_null(record_get_val(w.merged, "emails")));
    CHECK_OK(test_read(store, mem, list_groups, &w));
    CHECK_EQ_INT(w.n, 1);
    CHECK_OK(test_write(store, mem, dismiss, &w));
    CHECK_OK(test_read(store, mem, list_groups, &w));
    CHECK_EQ_INT(w.n, 0);
}

static Err *merge_with_itself(Ctx *cx, void *arg)
{
    World *w = arg;
    Merge m = {.obj = meta_object(cx->meta, S("contact")), .into = w->ids[0], .ids = &w->ids[0], .n = 1};

    return record_merge(cx, &m, &w->merged);
}

TEST_STORE(not_merged_with_itself)
{
    World w = {.mem = mem};

    CHECK_OK(test_write(store, mem, add_contacts, &w));
    CHECK_ERR(test_write(store, mem, merge_with_itself, &w), ERR_INVALID);
}
