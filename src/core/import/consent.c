/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom one may write to.  A column of people may say that somebody allowed or forbade it: that becomes a record of consent.  What has
   been withdrawn here stays withdrawn whatever a file says; only people give it back. */
#include "core/import/parts.h"

/* What stands here of that purpose and channel. */
typedef struct Standing {
    Id id;
    bool is_withdrawn;
} Standing;

static const Field *near_field(const Object *consent, const Object *obj)
{
    for (size_t i = SYS_COUNT; i < consent->n_fields; i++)
        if (consent->fields[i].target == obj) return &consent->fields[i];
    return NULL;
}

static bool has_option(const Object *consent, const char *field, Str key)
{
    const Field *f = object_field(consent, str_c(field));

    for (size_t i = 0; f && i < f->n_options; i++)
        if (str_eq(f->options[i].key, key)) return true;
    return false;
}

bool consent_path(const Meta *meta, const Object *obj, Target *t, Str rest)
{
    const Object *consent = meta_object(meta, S("consent"));

    if (!consent || !near_field(consent, obj)) return false;
    t->part = str_cut(&rest, '.');
    t->part2 = str_cut(&rest, '.');
    t->consent = str_eq_c(rest, "not") ? CONSENT_REFUSAL : CONSENT_GIVEN;
    return has_option(consent, "purpose", t->part) && has_option(consent, "channel", t->part2) &&
           (!rest.n || t->consent == CONSENT_REFUSAL);
}

Err *consent_said(RowWork *rw, const Target *t, Str cell)
{
    Arena *mem = rw->w->tmp;
    Str meant = cell_meaning(rw->w, t, cell);
    int word = boolean_word(mem, meant);

    if (!meant.n) return NULL;
    if (word < 0)
        return err_arg(err_new(mem, ERR_INVALID, "error.import.boolean",
                               "%.*s: \"%.*s\" is neither yes nor no", SFMT(t->heading), SFMT(cell)),
                       0, cell);
    if (t->consent == CONSENT_REFUSAL && !word) return NULL; /* who has not refused has not agreed */
    bool is_given = word && t->consent == CONSENT_GIVEN;
    *vec_push(mem, &rw->consents) = (ConsentSaid){t, cell, is_given};
    return NULL;
}

static Err *standing_consent(RowWork *rw, const Object *consent, const Target *t, Standing *out)
{
    Sql q = sql_new(rw->w->tmp);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT id, withdrawn_at FROM \"consent\" WHERE deleted_at IS NULL AND ");
    sql_ident(&q, near_field(consent, rw->rec->obj)->column);
    sql_text(&q, " = ");
    sql_i64(&q, rw->rec->id);
    sql_text(&q, " AND purpose = ");
    sql_bind(&q, val_text(t->part));
    sql_text(&q, " AND channel = ");
    sql_bind(&q, val_text(t->part2));
    sql_text(&q, " ORDER BY given_at DESC, id DESC LIMIT 1");
    TRY(sql_query(rw->w->tmp, rw->w->cx->db, &q, &rows));
    TRY(db_next(rows, &has));
    *out = (Standing){0};
    if (!has) return NULL;
    *out = (Standing){db_i64(rows, 0), !val_is_null(db_val(rows, 1))};
    return db_next(rows, &has);
}

static Err *make_consent(RowWork *rw, const Object *consent, const ConsentSaid *said)
{
    Work *w = rw->w;
    Record *made = record_new(w->tmp, consent);
    Val at = rw->rec->vals[SYS_CREATED_AT];

    if (val_is_null(at)) at = val_from_ms(w->cx->now);
    record_set(made, str_to_c(w->tmp, near_field(consent, rw->rec->obj)->name),
               val_ref(rw->rec->obj->number, rw->rec->id));
    record_set(made, "purpose", val_text(said->target->part));
    record_set(made, "channel", val_text(said->target->part2));
    record_set(made, "given_at", at);
    if (!said->is_given) record_set(made, "withdrawn_at", at);
    record_set(made, "proof", val_text(S("import")));
    record_set(made, "proof_note",
               val_text(str_fmt(w->tmp, "%.*s: %.*s", SFMT(said->target->heading), SFMT(said->cell))));
    return record_create(w->cx, made, NULL);
}

static Err *withdraw(RowWork *rw, const Object *consent, Id id)
{
    Record *rec = record_new(rw->w->tmp, consent);

    rec->id = id;
    record_set(rec, "withdrawn_at", val_from_ms(rw->w->cx->now));
    return record_update(rw->w->cx, rec, NULL);
}

Err *consents_write(RowWork *rw)
{
    Work *w = rw->w;
    const Object *consent = meta_object(w->plan->meta, S("consent"));

    for (size_t i = 0; i < rw->consents.n; i++) {
        const ConsentSaid *said = &rw->consents.p[i];
        Standing there;
        TRY(standing_consent(rw, consent, said->target, &there));
        if (!there.id) TRY(make_consent(rw, consent, said));
        if (there.id && !there.is_withdrawn && !said->is_given) TRY(withdraw(rw, consent, there.id));
        if (there.id && there.is_withdrawn && said->is_given)
            work_note(w, err_arg(err_new(w->tmp, ERR_INVALID, "import.note.withdrawn",
                                         "%.*s: withdrawn here, stays so", SFMT(said->target->heading)),
                                 0, said->target->heading));
    }
    return NULL;
}
