/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is closed stays closed.  Other programs keep won and lost beside the stage; here they are stages.  A row that says so goes to
   the stage of its pipeline that means it, and the stage it had stands in the note. */
#include "core/import/impl.h"

static Err *pipeline_of(Work *w, const Record *deal, const Field *stage, Id *out)
{
    const Object *object = meta_object(w->plan->meta, S("stage"));
    Record *rec = NULL;
    Val id = deal->vals[stage->index];

    *out = 0;
    if (id.kind == VAL_REF) {
        TRY(record_get(w->cx, object, id.i, 0, &rec));
        id = record_get_val(rec, "pipeline");
        *out = id.kind == VAL_REF ? id.i : 0;
        return NULL;
    }
    TRY(db_one(
        w->tmp, w->cx->db,
        S("SELECT id FROM \"pipeline\" WHERE deleted_at IS NULL ORDER BY is_default DESC, position, id LIMIT 1"),
        NULL, 0, &id));
    *out = id.kind == VAL_INT ? id.i : 0;
    return NULL;
}

/* The stage that `deal` has ends it in that way already. */
static Err *is_ended(Work *w, const Record *deal, const Field *stage, Str said, bool *out)
{
    Record *rec = NULL;
    Val id = deal->vals[stage->index];

    *out = false;
    if (id.kind != VAL_REF) return NULL;
    TRY(record_get(w->cx, meta_object(w->plan->meta, S("stage")), id.i, 0, &rec));
    id = record_get_val(rec, "category");
    *out = id.kind == VAL_TEXT && str_eq(val_str(id), said);
    return NULL;
}

Err *row_close(RowWork *rw)
{
    Work *w = rw->w;
    Record *deal = rw->rec;
    const Field *category = object_field(deal->obj, S("category")),
                *stage = object_field(deal->obj, S("stage"));
    Val said = category ? deal->vals[category->index] : val_null(), id;
    bool is_there = false;
    Id pipeline = 0;

    if (!str_eq(deal->obj->name, S("deal")) || !stage || !deal->is_set[category->index] ||
        said.kind != VAL_TEXT || str_eq(val_str(said), S("open")))
        return NULL;
    TRY(is_ended(w, deal, stage, val_str(said), &is_there));
    if (is_there) return NULL;
    TRY(pipeline_of(w, deal, stage, &pipeline));
    Val binds[] = {val_int(pipeline), said};
    TRY(db_one(w->tmp, w->cx->db,
               S("SELECT id FROM \"stage\" WHERE pipeline = ?1 AND category = ?2 "
                 "AND deleted_at IS NULL ORDER BY position, id LIMIT 1"),
               binds, 2, &id));
    if (id.kind != VAL_INT) return NULL;
    for (size_t i = 0; i < w->plan->n_targets && !rw->before; i++) {
        const Target *t = &w->plan->targets[i];
        bool is_stage = t->field == stage && t->cell >= 0 && !t->by && (size_t)t->cell < rw->row->n;
        if (is_stage && rw->row->cells[t->cell].n)
            buf_addf(&rw->kept, "%.*s: %.*s\n", SFMT(t->heading), SFMT(rw->row->cells[t->cell]));
    }
    deal->vals[stage->index] = val_ref(stage->target->number, id.i);
    deal->is_set[stage->index] = 1;
    return NULL;
}
