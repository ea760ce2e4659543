/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stages: what those of older versions mean.  Once a stage had two marks, closed and won, in place of `category`; where the
   schema has hidden their columns each stage is told from them, once, as a derived change. */
#include "mod/sales/sales_impl.h"

#include "core/store.h"

static Err *has_marks(Ctx *cx, bool *out)
{
    Val n;

    if (db_conn_can(cx->db, DB_CAP_STRICT_TABLES))
        TRY(db_one(
            cx->mem, cx->db,
            S("SELECT count(*) FROM pragma_table_info('stage') WHERE name IN ('hidden_is_closed', 'hidden_is_won')"),
            NULL, 0, &n));
    else
        TRY(db_one(
            cx->mem, cx->db,
            S("SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND "
              "table_name = 'stage' AND column_name IN ('hidden_is_closed', 'hidden_is_won')"),
            NULL, 0, &n));
    *out = n.i == 2;
    return NULL;
}

Err *stage_fill(Ctx *cx, Record *rec, const Record *before)
{
    Val id = val_int(rec->id), word;
    bool has = false;

    (void)before;
    if (!val_is_null(record_get_val(rec, "category"))) return NULL;
    TRY(has_marks(cx, &has));
    if (!has) {
        record_set(rec, "category", val_text(S("open")));
        return NULL;
    }
    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT CASE WHEN hidden_is_won = 1 THEN 'won' WHEN hidden_is_closed = 1 THEN 'lost' ELSE 'open' END "
          "FROM \"stage\" WHERE id = ?1"),
        &id, 1, &word));
    record_set(rec, "category", word);
    return NULL;
}
