/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees of records of one object: nobody stands below himself, and what accounts come to with all that belong to them.  A circle is refused with
   the path that would make it.  Sums over a subtree are computed when they are read, in one statement, of what the reader may see. */
#include "mod/sales/forecast.h"
#include "mod/sales/sales_impl.h"
#include "mod/sales/territory.h"

#include "core/rights.h"

#define TREE_MAX  64
#define NODES_MAX 1000

static const char *up_field(const Object *obj)
{
    return str_eq(obj->name, S("user")) ? "manager" : "parent";
}

static Err *read_step(Ctx *cx, const Object *obj, Id id, Str *name, Id *up)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT name, ");
    sql_ident(&q, str_c(up_field(obj)));
    sql_text(&q, " FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " WHERE id = ");
    sql_bind(&q, val_int(id));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    TRY(db_next(rows, &has));
    *name = has ? str_copy(cx->mem, db_str(rows, 0)) : (Str){0};
    *up = has ? db_i64(rows, 1) : 0;
    return has ? db_next(rows, &has) : NULL;
}

Err *tree_before(Ctx *cx, Record *rec, const Record *before)
{
    Val up = record_get_val(rec, up_field(rec->obj));
    Buf path = buf_new(cx->mem, 1u << 16);
    Id id = up.i, next = 0;
    Str name;

    if (!before || val_is_null(up) || !sales_changed(rec, before, up_field(rec->obj))) return NULL;
    buf_add(&path, val_str(record_get_val(rec, "name")));
    for (int i = 0; id; i++, id = next) {
        if (i == TREE_MAX)
            FAIL_FIELD(cx->mem, str_c(up_field(rec->obj)), "error.tree.deep", "deeper than %d", TREE_MAX);
        TRY(read_step(cx, rec->obj, id, &name, &next));
        buf_addf(&path, " → %.*s", SFMT(id == rec->id ? val_str(record_get_val(rec, "name")) : name));
        if (id != rec->id) continue;
        Err *e = err_new(cx->mem, ERR_INVALID, "error.tree.circle", "%.*s", SFMT(buf_str(&path)));
        return err_field(err_arg(e, 0, buf_str(&path)), str_c(up_field(rec->obj)));
    }
    return NULL;
}

/* --- accounts with all below ----------------------------------------------------------------------------------------- */

typedef struct Sums {
    int64_t open, won, n;
} Sums;

static Err *subtree(Ctx *cx, Id root, DbRows **rows)
{
    const Object *account = meta_object(cx->meta, S("account"));
    Sql q = sql_new(cx->mem);

    sql_text(&q, "WITH RECURSIVE r(id, depth) AS (SELECT id, 0 FROM \"account\" WHERE id = ");
    sql_bind(&q, val_int(root));
    sql_text(
        &q,
        " UNION ALL SELECT a.id, r.depth + 1 FROM \"account\" a JOIN r ON a.parent = r.id WHERE a.deleted_at IS NULL AND "
        "r.depth < ");
    sql_i64(&q, TREE_MAX);
    sql_text(
        &q,
        ") SELECT t0.id, t0.parent, r.depth, t0.open_amount_base, t0.won_amount_base FROM r JOIN \"account\" t0 ON t0.id = r.id "
        "WHERE t0.deleted_at IS NULL");
    TRY(rights_where(cx, &q, account, 0, VERB_READ));
    sql_text(&q, " ORDER BY r.depth, t0.won_amount_base IS NULL, t0.won_amount_base DESC, t0.id");
    return sql_query(cx->mem, cx->db, &q, rows);
}

static Val node(Ctx *cx, const DbRows *rows)
{
    uint16_t account = meta_object(cx->meta, S("account"))->number;
    ValPair *pairs = NEW_N(cx->mem, ValPair, 5);
    Id parent = db_i64(rows, 1);

    pairs[0] = (ValPair){val_text(S("account")), val_ref(account, db_i64(rows, 0))};
    pairs[1] = (ValPair){val_text(S("parent")), parent ? val_ref(account, parent) : val_null()};
    pairs[2] = (ValPair){val_text(S("depth")), val_int(db_i64(rows, 2))};
    pairs[3] = (ValPair){val_text(S("open_amount")), forecast_money(cx, db_i64(rows, 3))};
    pairs[4] = (ValPair){val_text(S("won_amount")), forecast_money(cx, db_i64(rows, 4))};
    return val_map(pairs, 5);
}

static Err *readable(Ctx *cx, const Val *args, Id *root)
{
    static const char *const FIELDS[] = {"parent", "open_amount", "won_amount"};
    const Object *account = meta_object(cx->meta, S("account"));
    const Val *id = val_get(args, S("id"));
    Record *rec = NULL;

    *root = id ? id->i : 0;
    TRY(record_get(cx, account, *root, 0, &rec));
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++)
        if (rights_field(cx, object_field(account, str_c(FIELDS[i]))) == FIELD_HIDDEN)
            FAIL(cx->mem, ERR_DENIED, "error.denied", "%s is hidden", FIELDS[i]);
    return NULL;
}

Err *account_hierarchy(Ctx *cx, const Val *args, Val *out)
{
    ValPair *pairs = NEW_N(cx->mem, ValPair, 4);
    VEC(Val) nodes = {0};
    Sums sums = {0};
    DbRows *rows;
    Id root = 0;
    bool has;

    TRY(readable(cx, args, &root));
    TRY(subtree(cx, root, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        sums.n++;
        TRY(money_add(cx, &sums.open, db_i64(rows, 3)));
        TRY(money_add(cx, &sums.won, db_i64(rows, 4)));
        if (nodes.n < NODES_MAX) *vec_push(cx->mem, &nodes) = node(cx, rows);
    }
    pairs[0] = (ValPair){val_text(S("accounts")), val_int(sums.n)};
    pairs[1] = (ValPair){val_text(S("open_amount")), forecast_money(cx, sums.open)};
    pairs[2] = (ValPair){val_text(S("won_amount")), forecast_money(cx, sums.won)};
    pairs[3] = (ValPair){val_text(S("data")), val_list(nodes.p, nodes.n)};
    *out = val_map(pairs, 4);
    return NULL;
}
