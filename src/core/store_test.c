/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole core over a real database: records written, read, listed, counted, undone, seen as they were. */
#include "base/tap.h"
#include "core/change.h"
#include "core/query.h"
#include "core/store.h"
#include "core/write.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct Step {
    Store *store;
    Arena *mem;
    Err *(*run)(Ctx *cx, void *arg);
    void *arg;
} Step;

static Err *run_step(DbConn *c, void *arg)
{
    Step *step = arg;
    Ctx cx = ctx_system(step->store, step->mem, c);

    return step->run(&cx, step->arg);
}

static Err *in_unit(Store *store, Arena *mem, Err *(*run)(Ctx *cx, void *arg), void *arg)
{
    Step step = {store, mem, run, arg};

    return db_write(store->db, mem, run_step, &step);
}

static Store *open_new(Arena *mem)
{
    char dir[] = "/tmp/kith-core-XXXXXX";
    NEED(mkdtemp(dir) != NULL);
    StoreOptions opt = {.db = {.dir = str_copy(mem, str_c(dir))}};
    InitOptions init = {.currency = S("USD"),
                        .country = S("US"),
                        .language = S("en"),
                        .company = S("Test"),
                        .zone = S("UTC")};
    Store *store;
    CHECK_OK(store_init(mem, &opt, &init, &store));
    return store;
}

static Record *make(Ctx *cx, const char *object)
{
    return record_new(cx->mem, meta_object(cx->meta, str_c(object)));
}

typedef struct Made {
    Id account, deal, batch;
    int64_t before_rename;
} Made;

static Err *make_both(Ctx *cx, void *arg)
{
    Made *made = arg;
    Record *account = make(cx, "account"), *deal = make(cx, "deal");
    Val stage;

    record_set(account, "name", val_text(S("Łódź Trading")));
    TRY(record_create(cx, account, NULL));
    TRY(db_one(cx->mem, cx->db, S("SELECT min(id) FROM stage"), NULL, 0, &stage));
    record_set(deal, "name", val_text(S("First")));
    record_set(deal, "account", val_ref(account->obj->number, account->id));
    record_set(deal, "stage", val_ref(meta_object(cx->meta, S("stage"))->number, stage.i));
    record_set(deal, "amount", val_money(12500000, 4, currency_pack(S("USD"))));
    record_set(deal, "probability", val_decimal(500000, 4));
    TRY(record_create(cx, deal, NULL));
    made->account = account->id;
    made->deal = deal->id;
    return NULL;
}

static Err *check_account(Ctx *cx, void *arg)
{
    Made *made = arg;
    Record *account, *deal;

    TRY(record_get(cx, meta_object(cx->meta, S("account")), made->account, 0, &account));
    TRY(record_get(cx, meta_object(cx->meta, S("deal")), made->deal, 0, &deal));
    CHECK_STR(account->label, "Łódź Trading");
    CHECK_EQ_INT(record_get_val(account, "open_deals").i, 1);
    CHECK_EQ_INT(record_get_val(account, "open_amount").i, 12500000);
    CHECK_EQ_INT(record_get_val(deal, "weighted").i, 6250000);
    CHECK_EQ_INT(account->version, 1);
    return NULL;
}

TEST(create_rolls_up_and_computes)
{
    Store *store = open_new(mem);
    Made made = {0};

    CHECK_OK(in_unit(store, mem, make_both, &made));
    CHECK_OK(in_unit(store, mem, check_account, &made));
    store_close(store);
}

static Err *rename_account(Ctx *cx, void *arg)
{
    Made *made = arg;
    Record *rec = make(cx, "account");

    rec->id = made->account;
    record_set(rec, "name", val_text(S("Gdańsk Trading")));
    TRY(record_update(cx, rec, NULL));
    CHECK_EQ_INT(rec->version, 2);
    made->batch = cx->batch;
    return NULL;
}

static Err *list_names(Ctx *cx, void *arg)
{
    const char **expected = arg;
    Query q = {0};
    Page page;

    TRY(query_parse(cx, meta_object(cx->meta, S("account")),
                    S("fold(name).contains('trading') && open_deals > 0"), S("-name"), &q));
    TRY(record_list(cx, &q, &page));
    if (CHECK_EQ_INT(page.n, 1)) CHECK_STR(page.recs[0]->label, *expected);
    return NULL;
}

static Err *list_before(Ctx *cx, void *arg)
{
    Made *made = arg;
    const char *name = "Łódź Trading";
    Record *rec;

    TRY(record_at(cx, meta_object(cx->meta, S("account")), made->account, made->before_rename, &rec));
    CHECK_STR(rec->label, name);
    cx->as_of = made->before_rename;
    return list_names(cx, &name);
}

static Err *undo_it(Ctx *cx, void *arg)
{
    Made *made = arg;
    UndoResult out;

    TRY(batch_undo(cx, made->batch, &out));
    CHECK_EQ_INT(out.undone, 1);
    CHECK_EQ_INT(out.n_skipped, 0);
    return NULL;
}

TEST(update_past_and_undo)
{
    Store *store = open_new(mem);
    const char *name = "Gdańsk Trading", *old = "Łódź Trading";
    Made made = {0};

    store->clock_ms = 1800000000000;
    CHECK_OK(in_unit(store, mem, make_both, &made));
    made.before_rename = store->clock_ms + 500;
    store->clock_ms += 1000;
    CHECK_OK(in_unit(store, mem, rename_account, &made));
    CHECK_OK(in_unit(store, mem, list_names, &name));
    CHECK_OK(in_unit(store, mem, list_before, &made));
    store->clock_ms += 1000;
    CHECK_OK(in_unit(store, mem, undo_it, &made));
    CHECK_OK(in_unit(store, mem, list_names, &old));
    store_close(store);
}

static Err *refuse_all(Ctx *cx, void *arg)
{
    (void)arg;
    return record_create(cx, make(cx, "deal"), NULL);
}

TEST(all_problems_come_at_once)
{
    Store *store = open_new(mem);
    Err *e = in_unit(store, mem, refuse_all, NULL);

    if (CHECK_ERR(e, ERR_INVALID)) CHECK(e->next != NULL);
    store_close(store);
}

static Err *delete_used(Ctx *cx, void *arg)
{
    Made *made = arg;

    return record_delete(cx, meta_object(cx->meta, S("account")), made->account, NULL);
}

TEST(delete_is_forbidden_while_used)
{
    Store *store = open_new(mem);
    Made made = {0};

    CHECK_OK(in_unit(store, mem, make_both, &made));
    CHECK_ERR(in_unit(store, mem, delete_used, &made), ERR_CONFLICT);
    store_close(store);
}
