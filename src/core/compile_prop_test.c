/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQL and the evaluator must agree: random conditions over random records keep the same ids on SQLite, on PostgreSQL and in
   memory, and random scalars have the same value.  What SQL cannot say may be refused, but not often; a database error or a
   disagreement fails and is printed with its expression. */
#include "core/compile.h"
#include "core/query.h"
#include "core/test_prop.h"

#include "base/buf.h"
#include "base/decimal.h"
#include "base/time.h"
#include "core/snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define RECORDS   40
#define BATCH     25
#define MILLIS    35000 /* how long one run asks */
#define SHOWN_MAX 12

static const char *const OBJECTS[] = {"account", "contact", "deal", "deal_line", "lead", "activity"};

typedef struct World {
    Arena *mem;
    Store *stores[2];
    PropPool pool; /* of SQLite: of what tests make the ids are the same in both */
    Record **recs[1024];
} World;

typedef struct Fill {
    World *world;
    Prop p;
    bool keeps;
} Fill;

static Err *fill(Ctx *cx, void *arg)
{
    Fill *f = arg;
    Prop p = f->p; /* a unit may be replayed */
    PropPool *pool = NEW(cx->mem, PropPool);

    TRY(prop_world(cx, &p, pool, RECORDS));
    if (f->keeps) f->world->pool = *pool;
    return NULL;
}

static Err *read_all(Ctx *cx, void *arg)
{
    World *world = arg;

    for (size_t i = 0; i < sizeof OBJECTS / sizeof *OBJECTS; i++) {
        const Object *obj = meta_object(cx->meta, str_c(OBJECTS[i]));
        world->recs[obj->number] = NEW_N(cx->mem, Record *, RECORDS);
        for (size_t k = 0; k < RECORDS; k++)
            TRY(record_get(cx, obj, world->pool.ids[obj->number].p[k], READ_LINKS,
                           &world->recs[obj->number][k]));
    }
    return NULL;
}

static World *world_open(Arena *mem, Prop *p)
{
    World *world = NEW(mem, World);

    world->mem = mem;
    for (int i = 0; i < 2; i++) {
        Fill f = {.world = world, .p = *p, .keeps = i == 0};
        world->stores[i] = test_store(mem, i == 1, NULL, 0);
        world->stores[i]->clock_ms = PROP_NOW;
        CHECK_OK(test_write(world->stores[i], mem, fill, &f));
    }
    CHECK_OK(test_read(world->stores[0], mem, read_all, world));
    return world;
}

/* --- conditions ------------------------------------------------------------------------------------------------------ */

typedef struct Case {
    const Object *obj;
    const World *world;
    Str source;
    uint8_t kept[3][RECORDS]; /* by SQLite, PostgreSQL, evaluator */
    bool is_ill_typed;
    Err *errs[2];
} Case;

typedef struct Count {
    unsigned asked, ill_typed, refused, failed, kept;
} Count;

static size_t place_of(const Case *c, Id id)
{
    const struct PropIds *ids = &c->world->pool.ids[c->obj->number];

    for (size_t i = 0; i < ids->n; i++)
        if (ids->p[i] == id) return i;
    return RECORDS;
}

typedef struct Ask {
    Case *c;
    int side;
} Ask;

static Err *ask_sql(Ctx *cx, void *arg)
{
    Ask *ask = arg;
    Query q = {0};
    Id *ids;
    size_t n;

    TRY(query_parse(cx, ask->c->obj, ask->c->source, S(""), &q));
    TRY(record_ids(cx, &q, 0, &ids, &n));
    for (size_t i = 0; i < n; i++) {
        size_t at = place_of(ask->c, ids[i]);
        if (at < RECORDS) ask->c->kept[ask->side][at] = 1;
    }
    return NULL;
}

typedef struct Batch {
    Case *cases;
    size_t n;
} Batch;

static Err *ask_memory(Ctx *cx, void *arg)
{
    Batch *batch = arg;

    for (size_t i = 0; i < batch->n; i++) {
        Case *c = &batch->cases[i];
        Query q = {0};
        if (c->errs[0]) continue;
        TRY(query_parse(cx, c->obj, c->source, S(""), &q));
        for (size_t k = 0; k < RECORDS; k++) {
            RecordScope scope = {cx, c->world->recs[c->obj->number][k]};
            CelScope s = record_scope(&scope);
            Val v;
            c->kept[2][k] = !cel_eval(cx->mem, q.filter, &s, &v) && v.kind == VAL_BOOL && v.b;
        }
    }
    return NULL;
}

static bool is_refusal(const Err *e)
{
    return e && e->code == ERR_INVALID && str_eq(e->key, S("error.cel.sql"));
}

static bool is_ill_typed(const Err *e)
{
    return e && e->code == ERR_INVALID &&
           (str_eq(e->key, S("error.cel.type")) || str_eq(e->key, S("error.cel.unknown")));
}

static void show(Count *n, const Case *c, const char *what, Str detail)
{
    if (n->failed++ < SHOWN_MAX)
        printf("# %s: %.*s where %.*s\n#     %.*s\n", what, SFMT(c->obj->name), SFMT(c->source),
               SFMT(detail));
}

static Str difference(Arena *mem, const Case *c)
{
    Buf b = buf_new(mem, 4096);

    for (size_t i = 0; i < RECORDS; i++)
        if (c->kept[0][i] != c->kept[1][i] || c->kept[0][i] != c->kept[2][i])
            buf_add(&b, str_fmt(mem, "#%zu sqlite %d postgres %d memory %d; ", i, c->kept[0][i],
                                c->kept[1][i], c->kept[2][i]));
    return buf_str(&b);
}

static void judge(Arena *mem, Count *n, const Case *c)
{
    n->asked++;
    if (is_ill_typed(c->errs[0])) {
        if (getenv("KITH_PROP_SHOW"))
            printf("# ill-typed: %.*s: %.*s\n", SFMT(c->source), SFMT(c->errs[0]->detail));
        n->ill_typed++;
        return;
    }
    if (is_refusal(c->errs[0]) && is_refusal(c->errs[1])) {
        if (getenv("KITH_PROP_SHOW"))
            printf("# refused: %.*s: %.*s\n", SFMT(c->source), SFMT(c->errs[0]->detail));
        n->refused++;
        return;
    }
    for (int side = 0; side < 2; side++)
        if (c->errs[side] && !(side == 1 && is_refusal(c->errs[1]))) {
            show(n, c, side ? "postgres" : "sqlite", err_text(mem, c->errs[side]));
            return;
        }
    if (c->errs[1]) { /* one database can say less than the other */
        n->refused++;
        return;
    }
    Str diff = difference(mem, c);
    if (diff.n) show(n, c, "differs", diff);
    for (size_t i = 0; i < RECORDS; i++) n->kept += c->kept[2][i];
}

static void ask_batch(Arena *mem, World *world, Prop *p, Count *n)
{
    Case *cases = NEW_N(mem, Case, BATCH);
    Batch batch = {cases, BATCH};

    for (size_t i = 0; i < BATCH; i++) {
        Case *c = &cases[i];
        c->obj = meta_object(store_meta(world->stores[0]),
                             str_c(OBJECTS[prop_below(p, sizeof OBJECTS / sizeof *OBJECTS)]));
        c->world = world;
        c->source = prop_condition(mem, p, c->obj, 1 + prop_below(p, 3));
        for (int side = 0; side < 2; side++) {
            Ask ask = {c, side};
            c->errs[side] = test_read(world->stores[side], mem, ask_sql, &ask);
        }
    }
    CHECK_OK(test_read(world->stores[0], mem, ask_memory, &batch));
    for (size_t i = 0; i < BATCH; i++) judge(mem, n, &cases[i]);
}

static int64_t run_millis(void)
{
    const char *given = getenv("KITH_PROP_MS");

    return given ? strtoll(given, NULL, 10) : MILLIS;
}

TEST(conditions_agree)
{
    Prop p = prop_start();
    World *world = world_open(mem, &p);
    Count n = {0};
    int64_t until = clock_now_ms() + run_millis();

    while (clock_now_ms() < until && n.failed < 40) {
        Arena *scratch = arena_new(0);
        ask_batch(scratch, world, &p, &n);
        arena_free(scratch);
    }
    printf("# %u conditions, %u ill-typed, %u refused, %u failed, %u records kept\n", n.asked, n.ill_typed,
           n.refused, n.failed, n.kept);
    CHECK_EQ_INT(n.failed, 0);
    CHECK(n.asked > n.ill_typed * 10);
    CHECK(n.asked > n.refused * 4);
    CHECK(n.kept > n.asked);
}

/* --- scalars --------------------------------------------------------------------------------------------------------- */

typedef struct ScalarCase {
    Case base;
    Val vals[3][RECORDS];
    uint8_t places[2];
} ScalarCase;

static Err *check_scalar(Ctx *cx, ScalarCase *c, CelNode **out)
{
    CelEnv env = object_cel_env(c->base.obj);

    TRY(cel_parse(cx->mem, c->base.source, out));
    return cel_check(cx->mem, &env, *out, NULL);
}

typedef struct AskScalar {
    ScalarCase *c;
    int side;
    Arena *mem;
} AskScalar;

static Err *scalar_sql(Ctx *cx, void *arg)
{
    AskScalar *ask = arg;
    ScalarCase *c = ask->c;
    Sql q = sql_new(cx->mem);
    CelNode *tree;
    DbRows *rows;
    bool has;

    TRY(check_scalar(cx, c, &tree));
    sql_text(&q, "SELECT t0.id, ");
    TRY(compile_value(cx, &q, c->base.obj, 0, tree, &c->places[ask->side]));
    sql_text(&q, " FROM ");
    sql_ident(&q, c->base.obj->table);
    sql_text(&q, " t0");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        size_t at = place_of(&c->base, db_i64(rows, 0));
        if (at < RECORDS) c->vals[ask->side][at] = db_val(rows, 1);
    }
}

/* The evaluator's value as its column would hold it. */
static Val as_column(Val v, uint8_t places)
{
    int64_t fit;

    switch (v.kind) {
    case VAL_INT: return places == 0 ? v : decimal_rescale(v.i, 0, places, &fit) ? val_int(fit) : val_null();
    case VAL_BOOL: return val_int(v.b);
    case VAL_DECIMAL:
    case VAL_MONEY: return decimal_rescale(v.i, v.places, places, &fit) ? val_int(fit) : val_null();
    case VAL_TIMESTAMP: return val_int(val_ms(v));
    case VAL_DURATION: return val_int(places == 3 ? val_ms(v) : v.i);
    case VAL_DATE: return val_int(v.i);
    default: return v;
    }
}

static Err *scalar_memory(Ctx *cx, void *arg)
{
    ScalarCase *c = arg;
    CelNode *tree;

    TRY(check_scalar(cx, c, &tree));
    for (size_t k = 0; k < RECORDS; k++) {
        RecordScope scope = {cx, c->base.world->recs[c->base.obj->number][k]};
        CelScope s = record_scope(&scope);
        Val v = val_null();
        if (cel_eval(cx->mem, tree, &s, &v)) v = val_null();
        c->vals[2][k] = as_column(v, c->places[0]);
    }
    return NULL;
}

static Str value_shown(Arena *mem, Val v)
{
    if (v.kind == VAL_TEXT) return str_fmt(mem, "'%.*s'", SFMT(val_str(v)));
    return v.kind == VAL_INT ? str_fmt(mem, "%" PRId64, v.i) : str_c(val_kind_name((ValKind)v.kind));
}

static void judge_scalar(Arena *mem, Count *n, ScalarCase *c)
{
    for (size_t i = 0; i < RECORDS; i++) {
        if (val_same(c->vals[0][i], c->vals[2][i]) && val_same(c->vals[1][i], c->vals[2][i])) {
            n->kept += !val_is_null(c->vals[2][i]);
            continue;
        }
        show(n, &c->base, "scalar differs",
             str_fmt(mem, "#%zu sqlite %.*s postgres %.*s memory %.*s places %d", i,
                     SFMT(value_shown(mem, c->vals[0][i])), SFMT(value_shown(mem, c->vals[1][i])),
                     SFMT(value_shown(mem, c->vals[2][i])), c->places[0]));
        return;
    }
}

static void ask_source(Arena *mem, World *world, const Object *obj, Str source, Count *n)
{
    ScalarCase *c = NEW(mem, ScalarCase);

    c->base.world = world;
    c->base.obj = obj;
    c->base.source = source;
    n->asked++;
    for (int side = 0; side < 2; side++) {
        AskScalar ask = {c, side, mem};
        Err *e = test_read(world->stores[side], mem, scalar_sql, &ask);
        if (is_ill_typed(e)) {
            if (getenv("KITH_PROP_SHOW")) printf("# ill-typed: %.*s\n", SFMT(c->base.source));
            n->ill_typed++;
            return;
        }
        if (is_refusal(e)) {
            if (getenv("KITH_PROP_SHOW")) printf("# refused: %.*s\n", SFMT(c->base.source));
            n->refused++;
            return;
        }
        if (e) {
            show(n, &c->base, side ? "postgres" : "sqlite", err_text(mem, e));
            return;
        }
    }
    CHECK_OK(test_read(world->stores[0], mem, scalar_memory, c));
    judge_scalar(mem, n, c);
}

static void ask_scalar(Arena *mem, World *world, Prop *p, Count *n)
{
    static const CelKind KINDS[] = {CEL_T_INT,  CEL_T_DECIMAL,   CEL_T_MONEY,    CEL_T_STRING,
                                    CEL_T_DATE, CEL_T_TIMESTAMP, CEL_T_DURATION, CEL_T_BOOL};
    const Object *obj = meta_object(store_meta(world->stores[0]),
                                    str_c(OBJECTS[prop_below(p, sizeof OBJECTS / sizeof *OBJECTS)]));
    CelKind kind = KINDS[prop_below(p, sizeof KINDS / sizeof *KINDS)];

    ask_source(mem, world, obj, prop_scalar(mem, p, obj, kind, 1 + prop_below(p, 3)), n);
}

/* A decimal has 18 digits: a longer whole number beside it is an error everywhere, also where the result would fit. */
TEST(integers_longer_than_decimals)
{
    static const char *const LONG[] = {"(quantity - quantity) * (position * 0 + 1000000000000000000)",
                                       "quantity / (position * 0 + 1000000000000000001)",
                                       "(position * 0 - 1000000000000000000) / (quantity * quantity + 1)",
                                       "(quantity / 1 - quantity) + (position * 0 - 1000000000000000000)",
                                       "price * (position * 0 + 9223372036854775807)"};
    static const char *const FIT[] = {"(quantity - quantity) * (position * 0 + 999999999999999999)",
                                      "(quantity - quantity) / 999999999999999999"};
    Prop p = prop_start();
    World *world = world_open(mem, &p);
    const Object *obj = meta_object(store_meta(world->stores[0]), S("deal_line"));
    Count n = {0};

    for (size_t i = 0; i < sizeof LONG / sizeof *LONG; i++) ask_source(mem, world, obj, str_c(LONG[i]), &n);
    CHECK_EQ_INT(n.failed + n.refused + n.ill_typed + n.kept, 0);
    for (size_t i = 0; i < sizeof FIT / sizeof *FIT; i++) ask_source(mem, world, obj, str_c(FIT[i]), &n);
    CHECK_EQ_INT(n.failed + n.refused + n.ill_typed, 0);
    CHECK(n.kept > RECORDS / 4);
}

TEST(scalars_agree)
{
    Prop p = prop_start();
    World *world = world_open(mem, &p);
    Count n = {0};
    int64_t until = clock_now_ms() + run_millis() / 3;

    while (clock_now_ms() < until && n.failed < 40) {
        Arena *scratch = arena_new(0);
        for (int i = 0; i < BATCH; i++) ask_scalar(scratch, world, &p, &n);
        arena_free(scratch);
    }
    printf("# %u scalars, %u ill-typed, %u refused, %u failed, %u values\n", n.asked, n.ill_typed, n.refused,
           n.failed, n.kept);
    CHECK_EQ_INT(n.failed, 0);
    CHECK(n.asked > n.ill_typed * 10);
    CHECK(n.asked > n.refused * 4);
}
