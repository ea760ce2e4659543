/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of columns that is kept says at each moment what one written anew would say: by its clock, its day and its zone. */
#include "base/text.h"
#include "core/plan.h"
#include "core/test_store.h"

#define EVENING INT64_C(1900010400000) /* 2030-03-17 20:40 in UTC, 23:40 in Moscow, the 18th in Irkutsk */
#define HOUR    INT64_C(3600000)

typedef struct Ask {
    Id lead, account;
    int64_t waiting, overdue; /* s */
} Ask;

static Err *add(Ctx *cx, const char *object, const char *field, Val v, Id *out)
{
    const Object *obj = meta_object(cx->meta, str_c(object));
    Record *rec = record_new(cx->mem, obj);

    record_set(rec, obj->label_field->name.p, val_text(S("Somebody")));
    if (field) record_set(rec, field, v);
    TRY(record_create(cx, rec, NULL));
    *out = rec->id;
    return NULL;
}

static Err *fill(Ctx *cx, void *arg)
{
    Ask *ask = arg;
    Val binds[2] = {val_int(zone_date(S("UTC"), EVENING) - 1)};

    TRY(add(cx, "lead", "received_at", val_from_ms(EVENING - HOUR), &ask->lead));
    TRY(add(cx, "account", NULL, val_null(), &ask->account));
    binds[1] = val_int(ask->account);
    return db_exec(cx->mem, cx->db, S("UPDATE account SET owed_since = ?1 WHERE id = ?2"), binds, 2, NULL);
}

static Err *look(Ctx *cx, void *arg)
{
    Ask *ask = arg;
    const Object *account = meta_object(cx->meta, S("account"));
    Sql kept = sql_new(cx->mem), anew = sql_new(cx->mem);
    Select sel = {.obj = account};
    Record *rec = NULL;

    TRY(record_get(cx, meta_object(cx->meta, S("lead")), ask->lead, 0, &rec));
    ask->waiting = record_get_val(rec, "waiting").i;
    TRY(record_get(cx, account, ask->account, 0, &rec));
    ask->overdue = record_get_val(rec, "owed_overdue").i;
    select_write(cx, &anew, 0, &sel);
    CHECK_EQ_INT(plan_of(cx, account)->is_fixed, true);
    if (!plan_columns(cx, &kept, plan_of(cx, account))) return NULL; /* made for another zone */
    CHECK_STR(buf_str(&kept.text), str_to_c(cx->mem, buf_str(&anew.text)));
    CHECK_EQ_INT(kept.n, anew.n);
    for (size_t i = 0; i < kept.n; i++) CHECK(val_same(kept.binds[i], anew.binds[i]));
    return NULL;
}

static Err *move(Ctx *cx, void *arg)
{
    const Val zone = val_text(S("Asia/Irkutsk"));

    (void)arg;
    TRY(db_exec(cx->mem, cx->db, S("UPDATE own_company SET zone = ?1"), &zone, 1, NULL));
    return company_refresh(cx);
}

static void expect(Store *store, Arena *mem, Ask *ask, int64_t hours, int64_t days)
{
    CHECK_OK(test_read(store, mem, look, ask));
    CHECK_EQ_INT(ask->waiting, hours * 3600);
    CHECK_EQ_INT(ask->overdue, days * 86400);
}

TEST_STORE(kept_columns_follow_the_clock)
{
    Ask ask = {0};

    store->clock_ms = EVENING;
    CHECK_OK(test_write(store, mem, fill, &ask));
    expect(store, mem, &ask, 1, 1);
    store->clock_ms += HOUR; /* the next day in Moscow */
    expect(store, mem, &ask, 2, 2);
    store->clock_ms -= HOUR;
    expect(store, mem, &ask, 1, 1);
    CHECK_OK(test_write(store, mem, move, NULL));
    expect(store, mem, &ask, 1, 2);
}
