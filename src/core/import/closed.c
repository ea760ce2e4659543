/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is closed stays closed.  Other programs keep won and lost beside the stage; here they are stages.  A row that says so goes to
   the stage of its pipeline that means it, and the stage it had stands in the note.  Stages by which they end a deal have names of
   their own: those are taken for ours that mean the same, and the report says so. */
#include "base/text.h"
#include "core/import/parts.h"

/* Names of the ends, folded: amoCRM, Bitrix24, Pipedrive, HubSpot, Salesforce, Livespace. */
static const char *const WON[] =
    {"успешно реализовано", "сделка успешна", "успешная сделка", "выиграна", "won",
     "closed won",          "wygrana",        "wygrane"},
                         *const LOST[] = {"закрыто и не реализовано",
                                          "сделка провалена",
                                          "сделка проиграна",
                                          "проиграна",
                                          "провал",
                                          "lost",
                                          "closed lost",
                                          "przegrana",
                                          "przegrane"};

static bool is_among(const char *const *list, size_t n, Str folded)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_c(folded, list[i])) return true;
    return false;
}

static Err *first_pipeline(Work *w, Id *out)
{
    Val id = val_null();

    TRY(db_one(
        w->tmp, w->cx->db,
        S("SELECT id FROM \"pipeline\" WHERE deleted_at IS NULL ORDER BY is_default DESC, position, id LIMIT 1"),
        NULL, 0, &id));
    *out = id.kind == VAL_INT ? id.i : 0;
    return NULL;
}

static Err *end_of(Work *w, Id pipeline, Str category, Id *out)
{
    Val binds[] = {val_int(pipeline), val_text(category)}, id = val_null();

    TRY(db_one(w->tmp, w->cx->db,
               S("SELECT id FROM \"stage\" WHERE pipeline = ?1 AND category = ?2 "
                 "AND deleted_at IS NULL ORDER BY position, id LIMIT 1"),
               binds, 2, &id));
    *out = id.kind == VAL_INT ? id.i : 0;
    return NULL;
}

Str stage_category(Arena *tmp, Str cell)
{
    Str folded = text_fold(tmp, cell);

    return is_among(WON, sizeof WON / sizeof *WON, folded)      ? S("won")
           : is_among(LOST, sizeof LOST / sizeof *LOST, folded) ? S("lost")
                                                                : S("open");
}

Err *stage_meant(Work *w, const Target *t, Str cell, Id pipeline, Id *out)
{
    Record *stage = NULL;
    Str category = stage_category(w->tmp, cell);

    *out = 0;
    if (str_eq(category, S("open"))) return NULL;
    if (!pipeline) TRY(first_pipeline(w, &pipeline));
    TRY(end_of(w, pipeline, category, out));
    if (!*out) return NULL;
    TRY(record_get(w->cx, t->to, *out, 0, &stage));
    work_note(w, err_arg(err_arg(err_arg(err_new(w->tmp, ERR_INVALID, "import.note.stage",
                                                 "%.*s: \"%.*s\" taken for the stage that means it",
                                                 SFMT(t->heading), SFMT(cell)),
                                         0, t->heading),
                                 1, cell),
                         2, record_text(w->tmp, stage)));
    return NULL;
}

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
    return first_pipeline(w, out);
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

static const Target *stage_target(const Work *w, const Field *stage)
{
    for (size_t i = 0; i < w->plan->n_targets; i++) {
        const Target *t = &w->plan->targets[i];
        if (t->field == stage && t->cell >= 0 && !t->by) return t;
    }
    return NULL;
}

/* A pipeline made by this import has no ends yet: one is made under the name of the category. */
static Err *make_end(RowWork *rw, const Field *category, const Field *stage, Id pipeline, Id *out)
{
    Work *w = rw->w;
    const Target *t = stage_target(w, stage);
    Val said = rw->rec->vals[category->index];
    Str name = value_text(w->tmp, category, said, w->job->lang);

    if (!t || !t->is_new)
        return err_arg(err_field(err_new(w->tmp, ERR_INVALID, "error.import.end",
                                         "the pipeline has no stage that means %.*s", SFMT(name)),
                                 stage->name),
                       0, name);
    if (w->is_preview) return NULL;
    Record *made = record_new(w->tmp, stage->target);
    record_set(made, "name", val_text(name));
    record_set(made, "pipeline", val_ref(meta_object(w->plan->meta, S("pipeline"))->number, pipeline));
    record_set(made, "position", val_int(100));
    record_set(made, "category", said);
    TRY(record_create(w->cx, made, NULL));
    finder_made(w, made);
    note_made(w, t, name);
    *out = made->id;
    return NULL;
}

Err *row_close(RowWork *rw)
{
    Work *w = rw->w;
    Record *deal = rw->rec;
    const Field *category = object_field(deal->obj, S("category")),
                *stage = object_field(deal->obj, S("stage"));
    Val said = category ? deal->vals[category->index] : val_null();
    bool is_there = false;
    Id pipeline = 0, end = 0;

    if (!str_eq(deal->obj->name, S("deal")) || !stage || !deal->is_set[category->index] ||
        said.kind != VAL_TEXT || str_eq(val_str(said), S("open")))
        return NULL;
    TRY(is_ended(w, deal, stage, val_str(said), &is_there));
    if (is_there || (w->is_preview && rw->is_coming[stage->index])) return NULL;
    TRY(pipeline_of(w, deal, stage, &pipeline));
    TRY(end_of(w, pipeline, val_str(said), &end));
    if (!end) TRY(make_end(rw, category, stage, pipeline, &end));
    if (!end) return NULL;
    for (size_t i = 0; i < w->plan->n_targets && !rw->before; i++) {
        const Target *t = &w->plan->targets[i];
        bool is_stage = t->field == stage && t->cell >= 0 && !t->by && (size_t)t->cell < rw->row->n;
        if (is_stage && rw->row->cells[t->cell].n)
            buf_addf(&rw->kept, "%.*s: %.*s\n", SFMT(t->heading), SFMT(rw->row->cells[t->cell]));
    }
    deal->vals[stage->index] = val_ref(stage->target->number, end);
    deal->is_set[stage->index] = 1;
    return NULL;
}
