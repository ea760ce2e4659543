/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of a run: what people see of an import, and by which it is taken back.  It is written by the system in batches of
   its own, so that taking back an import leaves its record alone. */
#include "core/import/impl.h"
#include "core/store.h"

#define UNDO_DAYS 30

static Ctx own_context(const Ctx *cx)
{
    Ctx own = ctx_as_system(cx);

    own.batch = 0;
    own.has_batch_row = false;
    own.may_write_readonly = true;
    return own;
}

static void fill(Record *rec, const RunField *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) record_set(rec, fields[i].name, fields[i].value);
}

Err *import_run_new(Ctx *cx, Id user, const RunField *fields, size_t n, Id *out)
{
    Ctx own = own_context(cx);
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("import_run")));
    const Object *people = meta_object(cx->meta, S("user"));

    fill(rec, fields, n);
    if (user) {
        record_set(rec, "owner", val_ref(people->number, user));
        rec->vals[SYS_CREATED_BY] = val_ref(people->number, user);
    }
    Err *e = record_create(&own, rec, &(WriteOptions){.keep_times = true});
    ctx_join(cx, &own);
    cx->batch = 0;
    cx->has_batch_row = false;
    *out = rec->id;
    return e;
}

Err *import_run_set(Ctx *cx, Id run, const RunField *fields, size_t n)
{
    Ctx own = own_context(cx);
    Record *rec = record_new(cx->mem, meta_object(cx->meta, S("import_run")));

    rec->id = run;
    fill(rec, fields, n);
    Err *e = record_update(&own, rec, NULL);
    ctx_join(cx, &own);
    cx->batch = 0;
    cx->has_batch_row = false;
    return e;
}

static Val notes_val(Arena *mem, const ImportReport *r)
{
    Val *list = NEW_N(mem, Val, r->n_notes + 1);
    size_t n = r->n_notes < 200 ? r->n_notes : 200;

    for (size_t i = 0; i < n; i++) {
        ValPair *pairs = NEW_N(mem, ValPair, 2);
        pairs[0] = (ValPair){val_text(S("text")), val_text(r->notes[i].text)};
        pairs[1] = (ValPair){val_text(S("rows")), val_int(r->notes[i].n)};
        list[i] = val_map(pairs, 2);
    }
    return val_list(list, n);
}

Err *import_run_done(Ctx *cx, Id run, const ImportReport *r, Str state)
{
    const RunField fields[] = {
        {"state", val_text(state)},
        {"created", val_int(r->created)},
        {"updated", val_int(r->updated)},
        {"unchanged", val_int(r->unchanged)},
        {"refused", val_int(r->refused)},
        {"notes", notes_val(cx->mem, r)},
        {"finished_at", val_from_ms(cx->now)},
    };

    return import_run_set(cx, run, fields, sizeof fields / sizeof *fields);
}

static Str text_in(const Record *rec, const char *name)
{
    Val v = record_get_val(rec, name);

    return v.kind == VAL_TEXT ? val_str(v) : (Str){0};
}

Err *import_run_batch(Ctx *cx, Id run, bool is_redo, Id *batch, Id *number)
{
    Record *rec;

    TRY(record_get(cx, meta_object(cx->meta, S("import_run")), run, 0, &rec));
    Str state = text_in(rec, "state"), from = text_in(rec, is_redo ? "undo_batch" : "batch");
    Val ended = record_get_val(rec, "finished_at");
    bool goes_on = str_eq(state, is_redo ? S("redoing") : S("undoing"));
    bool fits = goes_on || (is_redo ? str_eq(state, S("undone"))
                                    : str_eq(state, S("done")) || str_eq(state, S("paused")) ||
                                          str_eq(state, S("failed")));

    if (!fits || !id_parse(from, batch))
        return err_arg(err_new(cx->mem, ERR_CONFLICT, "error.import.undo", "the import is %.*s", SFMT(state)),
                       0, state);
    if (!val_is_null(ended) && cx->now - val_ms(ended) > UNDO_DAYS * INT64_C(86400000))
        FAIL(cx->mem, ERR_CONFLICT, "error.import.late", "it ended more than %d days ago", UNDO_DAYS);
    if (!goes_on || !id_parse(text_in(rec, is_redo ? "batch" : "undo_batch"), number))
        *number = id_new(cx->now);
    return NULL;
}
