/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan of an account: how far its goals are, and the white space, which is what its companies do not buy of what we sell. */
#include "mod/sales/sales_impl.h"

#include "base/decimal.h"
#include "core/compile.h"
#include "core/rights.h"
#include "core/store.h"
#include "core/write.h"
#include "mod/sales/buying.h"
#include "mod/sales/forecast.h"

#define TREE_MAX     50
#define FAMILIES_MAX 60
#define GOALS_MAX    100

/* --- goals ----------------------------------------------------------------------------------------------------------- */

static Err *parse_measure(Ctx *cx, Str text, CelNode **out)
{
    CelEnv env = object_cel_env(meta_object(cx->meta, S("account")));

    TRY(cel_parse(cx->mem, text, out));
    TRY(cel_check(cx->mem, &env, *out, NULL));
    CelKind kind = (*out)->type ? (*out)->type->kind : CEL_T_DYN;
    if (kind == CEL_T_INT || kind == CEL_T_DECIMAL || kind == CEL_T_MONEY) return NULL;
    FAIL(cx->mem, ERR_INVALID, "error.goal.measure", "a measure is a number");
}

static Val number_of(Val v)
{
    int64_t out = 0;
    uint8_t places = v.kind == VAL_INT ? 0 : v.places;
    bool is_number = v.kind == VAL_INT || v.kind == VAL_DECIMAL || v.kind == VAL_MONEY;

    return is_number && decimal_rescale(v.i, places, 2, &out) ? val_decimal(out, 2) : val_null();
}

static Err *measure(Ctx *cx, const Record *account, Str text, Val *out)
{
    Ctx system = ctx_as_system(cx);
    RecordScope inner = {&system, account};
    CelScope scope = record_scope(&inner);
    CelNode *tree = NULL;
    Val v = {0};

    *out = val_null();
    TRY(parse_measure(cx, text, &tree));
    Err *e = cel_eval(cx->mem, tree, &scope, &v);
    if (!e) *out = number_of(v); /* what errs is not known */
    return NULL;
}

Err *goal_before(Ctx *cx, Record *rec, const Record *before)
{
    Record *account = NULL;
    Val actual = {0};

    (void)before;
    TRY(sales_read(cx, rec, "account", &account));
    if (!account || !text_in(rec, "measure").n) return NULL;
    Err *e = measure(cx, account, text_in(rec, "measure"), &actual);
    if (e) return err_field(e, S("measure"));
    record_set(rec, "actual", actual);
    return NULL;
}

Err *goals_refresh(Ctx *cx, const Record *account)
{
    Query q = {0};
    Page page = {0};

    TRY(query_parse(cx, meta_object(cx->meta, S("account_goal")),
                    str_fmt(cx->mem, "account == '%.*s'", SFMT(id_text(cx->mem, account->id))), (Str){0},
                    &q));
    q.limit = GOALS_MAX;
    TRY(record_list(cx, &q, &page));
    for (size_t i = 0; i < page.n; i++) {
        Record *next = record_copy(cx->mem, page.recs[i]);
        Val actual = {0};
        Err *e = measure(cx, account, text_in(next, "measure"), &actual);
        if (e || val_same(actual, record_get_val(next, "actual"))) continue;
        record_set(next, "actual", actual);
        TRY(write_derived(cx, page.recs[i], next));
    }
    return NULL;
}

/* --- white space ----------------------------------------------------------------------------------------------------- */

typedef VEC(Val) Vals;

typedef struct Space {
    Ctx *cx;
    int64_t day;
    Vals accounts, cells, families;
} Space;

static void add_family(Space *s, Str family)
{
    for (size_t i = 0; i < s->families.n; i++)
        if (str_eq(val_str(s->families.p[i]), family)) return;
    if (s->families.n < FAMILIES_MAX)
        *vec_push(s->cx->mem, &s->families) = val_text(str_copy(s->cx->mem, family));
}

static Err *read_families(Space *s)
{
    Ctx *cx = s->cx;
    Sql q = sql_new(cx->mem);
    DbRows *rows = NULL;
    bool has = false;

    sql_text(
        &q,
        "SELECT DISTINCT t0.family FROM \"product\" t0 WHERE t0.deleted_at IS NULL AND t0.is_active = 1 AND "
        "t0.family IS NOT NULL");
    TRY(rights_where(cx, &q, meta_object(cx->meta, S("product")), 0, VERB_READ));
    sql_text(&q, " ORDER BY 1");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        add_family(s, db_str(rows, 0));
    }
}

static Err *add_account(Space *s, Id id)
{
    uint16_t account = meta_object(s->cx->meta, S("account"))->number;
    BuyAsk ask = {.day = s->day, .account = id, .by_family = true};
    Buyer *bought = NULL;
    size_t n = 0;

    TRY(buyers_read(s->cx, &ask, &bought, &n));
    *vec_push(s->cx->mem, &s->accounts) = val_ref(account, id);
    for (size_t i = 0; i < n; i++) {
        ValPair *pairs = NEW_N(s->cx->mem, ValPair, 5);
        if (!bought[i].family.n) continue;
        add_family(s, bought[i].family);
        pairs[0] = (ValPair){val_text(S("account")), val_ref(account, id)};
        pairs[1] = (ValPair){val_text(S("family")), val_text(bought[i].family)};
        pairs[2] = (ValPair){val_text(S("net")), forecast_money(s->cx, bought[i].net)};
        pairs[3] = (ValPair){val_text(S("last")), val_date(bought[i].last)};
        pairs[4] = (ValPair){val_text(S("state")), val_text(str_c(buy_state_name(bought[i].state)))};
        *vec_push(s->cx->mem, &s->cells) = val_map(pairs, 5);
    }
    return NULL;
}

Err *white_space(Ctx *cx, const Val *args, Val *out)
{
    const Object *account = meta_object(cx->meta, S("account"));
    const Val *id = val_get(args, S("id"));
    Space s = {.cx = cx, .day = sales_today(cx)};
    Record *rec = NULL;
    Sql q = sql_new(cx->mem);
    DbRows *rows = NULL;
    bool has = false;

    REQUIRE(id);
    TRY(record_get(cx, account, id->i, 0, &rec));
    TRY(read_families(&s));
    sql_text(&q, "WITH RECURSIVE r(id, depth) AS (SELECT id, 0 FROM \"account\" WHERE id = ");
    sql_bind(&q, val_int(rec->id));
    sql_text(
        &q,
        " UNION ALL SELECT a.id, r.depth + 1 FROM \"account\" a JOIN r ON a.parent = r.id WHERE r.depth < 16 AND "
        "a.deleted_at IS NULL) SELECT t0.id FROM r JOIN \"account\" t0 ON t0.id = r.id WHERE 1 = 1");
    TRY(rights_where(cx, &q, account, 0, VERB_READ));
    sql_text(&q, " ORDER BY r.depth, t0.id LIMIT ");
    sql_i64(&q, TREE_MAX);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    VEC(Id) ids = {0};
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &ids) = db_i64(rows, 0);
    }
    for (size_t i = 0; i < ids.n; i++) TRY(add_account(&s, ids.p[i]));
    ValPair *pairs = NEW_N(cx->mem, ValPair, 3);
    pairs[0] = (ValPair){val_text(S("families")), val_list(s.families.p, s.families.n)};
    pairs[1] = (ValPair){val_text(S("accounts")), val_list(s.accounts.p, s.accounts.n)};
    pairs[2] = (ValPair){val_text(S("data")), val_list(s.cells.p, s.cells.n)};
    *out = val_map(pairs, 3);
    return NULL;
}
