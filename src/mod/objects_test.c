/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the object files declare works on both databases: every view, order, board and formula can be asked for. */
#include "core/query.h"
#include "core/test_store.h"

typedef struct Question {
    const Object *obj;
    Str what, filter, order_by;
} Question;

typedef struct Questions {
    VEC(Question) list;
    Question *now;
} Questions;

static void note(Ctx *cx, Questions *qs, Question question)
{
    *vec_push(cx->mem, &qs->list) = question;
}

static Err *note_views(Ctx *cx, void *arg)
{
    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        const Object *obj = cx->meta->objects[i];

        note(cx, arg, (Question){.obj = obj, .what = S("order"), .order_by = obj->order_by});
        for (size_t j = 0; j < obj->n_views; j++) {
            const ViewDef *view = &obj->views[j];

            note(cx, arg, (Question){obj, view->key, view->filter.source, view->order_by});
        }
    }
    return NULL;
}

static Err *note_fields(Ctx *cx, void *arg)
{
    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        const Object *obj = cx->meta->objects[i];

        for (size_t j = 0; j < obj->n_fields; j++) {
            const Field *f = &obj->fields[j];
            Column columns[FIELD_COLUMNS_MAX];
            bool is_ordered = f->is_sortable && field_columns(f, columns) > 0;
            Str filter = str_fmt(cx->mem, "%.*s != null", SFMT(f->name));

            if (is_ordered) {
                note(cx, arg,
                     (Question){.obj = obj, .what = f->name, .order_by = str_cat(cx->mem, S("-"), f->name)});
            }
            if (f->is_filterable && f->type != FIELD_LINKS) {
                note(cx, arg, (Question){.obj = obj, .what = f->name, .filter = filter});
            }
        }
    }
    return NULL;
}

static Err *ask(Ctx *cx, void *arg)
{
    const Question *question = ((Questions *)arg)->now;
    Query q = {.obj = question->obj, .limit = 5};
    Page page = {0};

    TRY(query_parse(cx, question->obj, question->filter, question->order_by, &q));
    return record_list(cx, &q, &page);
}

/* Asks each question in a unit of its own; returns how many failed. */
static unsigned ask_all(Store *store, Arena *mem, Questions *qs)
{
    unsigned n_failed = 0;

    for (size_t i = 0; i < qs->list.n; i++) {
        qs->now = &qs->list.p[i];
        const Err *e = test_read(store, mem, ask, qs);

        if (!e) continue;
        n_failed++;
        printf("# %.*s %.*s: %.*s\n", SFMT(qs->now->obj->name), SFMT(qs->now->what), SFMT(err_text(mem, e)));
    }
    return n_failed;
}

TEST_STORE(every_view_can_be_listed)
{
    Questions qs = {0};

    CHECK_OK(test_read(store, mem, note_views, &qs));
    CHECK(qs.list.n > 50);
    CHECK_EQ_INT(ask_all(store, mem, &qs), 0);
}

TEST_STORE(every_field_can_be_ordered_and_filtered_by)
{
    Questions qs = {0};

    CHECK_OK(test_read(store, mem, note_fields, &qs));
    CHECK(qs.list.n > 500);
    CHECK_EQ_INT(ask_all(store, mem, &qs), 0);
}

static Err *count_industries(Ctx *cx, void *arg)
{
    Query q = {.obj = meta_object(cx->meta, S("industry"))};

    TRY(query_parse(cx, q.obj, S("level == 'division' && path.startsWith('C/') && name == name_ru"), (Str){0},
                    &q));
    return record_count(cx, &q, 0, arg);
}

TEST_STORE(industries_are_a_tree_in_the_companys_language)
{
    int64_t n = 0;

    CHECK_OK(test_read(store, mem, count_industries, &n));
    CHECK_EQ_INT(n, 24);
}
