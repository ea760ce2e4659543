/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an import stands.  The place is written in the unit that writes the rows, so that a run that was cut off goes on after
   the last row that is really there, and none comes twice. */
#include "core/export/guard.h"
#include "core/import/impl.h"

#define PAUSE_PART (-1) /* the row that asks for a pause */

/* --- place and counts -------------------------------------------------------------------------------------------------- */

static Str notes_json(Work *w)
{
    Buf b = buf_new(w->tmp, 1u << 20);
    JsonWriter out = json_writer(&b);

    json_open_list(&out);
    for (size_t i = 0; i < w->notes.n; i++) {
        const ImportNote *base = w->notes.entries[i].val, *more = strmap_get(&w->chunk_notes, base->text);
        json_open_list(&out);
        json_str(&out, base->text);
        json_i64(&out, base->n + (more ? more->n : 0));
        json_close_list(&out);
    }
    for (size_t i = 0; i < w->chunk_notes.n; i++) {
        const ImportNote *note = w->chunk_notes.entries[i].val;
        if (strmap_get(&w->notes, note->text)) continue;
        json_open_list(&out);
        json_str(&out, note->text);
        json_i64(&out, note->n);
        json_close_list(&out);
    }
    json_close_list(&out);
    return buf_str(&b);
}

static Err *take_notes(Arena *mem, Str json, StrMap *notes)
{
    Val list;

    TRY(json_parse(mem, json, &list));
    for (uint32_t i = 0; list.kind == VAL_LIST && i < list.n; i++) {
        ImportNote *note, *known = strmap_get(notes, val_str(list.list[i].list[0]));
        int64_t n = list.list[i].list[1].i;
        if (known) {
            known->n += n;
            continue;
        }
        note = NEW(mem, ImportNote);
        *note = (ImportNote){val_str(list.list[i].list[0]), n};
        strmap_put(mem, notes, note->text, note);
    }
    return NULL;
}

#define STATE_COLUMNS "position, created, updated, unchanged, refused, restored, notes"

static void add_counts(const DbRows *rows, ImportReport *sum)
{
    sum->created += db_i64(rows, 1);
    sum->updated += db_i64(rows, 2);
    sum->unchanged += db_i64(rows, 3);
    sum->refused += db_i64(rows, 4);
    sum->restored += db_i64(rows, 5);
}

Err *state_load(Ctx *cx, Work *w)
{
    Val binds[] = {val_int(w->job->run), val_int(w->job->part)};
    DbRows *rows;
    bool has;

    w->position = 0;
    w->sum = (ImportReport){0};
    w->notes = (StrMap){0};
    TRY(db_query(w->mem, cx->db, S("SELECT " STATE_COLUMNS " FROM import_state WHERE run = ?1 AND part = ?2"),
                 binds, 2, &rows));
    TRY(db_next(rows, &has));
    if (!has) return NULL;
    w->position = db_i64(rows, 0);
    add_counts(rows, &w->sum);
    TRY(take_notes(w->mem, db_str(rows, 6), &w->notes));
    return db_next(rows, &has);
}

Err *state_save(Work *w, int64_t position)
{
    const ImportReport *a = &w->sum, *b = &w->chunk;
    Val binds[] = {val_int(w->job->run),
                   val_int(w->job->part),
                   val_int(position),
                   val_int(a->created + b->created),
                   val_int(a->updated + b->updated),
                   val_int(a->unchanged + b->unchanged),
                   val_int(a->refused + b->refused),
                   val_int(a->restored + b->restored),
                   val_text(notes_json(w)),
                   val_int(w->position)};
    int64_t changed = 0;

    TRY(db_exec(
        w->tmp, w->cx->db,
        S("INSERT INTO import_state (run, part, " STATE_COLUMNS
          ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
          "ON CONFLICT (run, part) DO UPDATE SET position = ?3, created = ?4, updated = ?5, unchanged = ?6, "
          "refused = ?7, restored = ?8, notes = ?9 WHERE import_state.position = ?10"),
        binds, 10, &changed));
    if (!changed) FAIL(w->tmp, ERR_CONFLICT, "error.import.moved", "another has gone on with this import");
    return NULL;
}

Err *import_progress(Ctx *cx, Id run, ImportReport *out)
{
    Val bind = val_int(run);
    StrMap notes = {0};
    DbRows *rows;
    bool has;

    *out = (ImportReport){0};
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT " STATE_COLUMNS " FROM import_state WHERE run = ?1 AND part >= 0 ORDER BY part"),
                 &bind, 1, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        add_counts(rows, out);
        if (db_i64(rows, 0) > 0) out->total += db_i64(rows, 0);
        TRY(take_notes(cx->mem, db_str(rows, 6), &notes));
    }
    out->notes = NEW_N(cx->mem, ImportNote, notes.n + 1);
    for (size_t i = 0; i < notes.n; i++) out->notes[out->n_notes++] = *(ImportNote *)notes.entries[i].val;
    return NULL;
}

Err *import_forget(Ctx *cx, Id run)
{
    Val bind = val_int(run);

    TRY(db_exec(cx->mem, cx->db, S("DELETE FROM import_state WHERE run = ?1"), &bind, 1, NULL));
    TRY(db_exec(cx->mem, cx->db, S("DELETE FROM import_pending WHERE run = ?1"), &bind, 1, NULL));
    return db_exec(cx->mem, cx->db, S("DELETE FROM import_refusal WHERE run = ?1"), &bind, 1, NULL);
}

/* --- pauses ------------------------------------------------------------------------------------------------------------- */

Err *import_ask_pause(Ctx *cx, Id run, bool is_wanted)
{
    Val binds[] = {val_int(run), val_int(PAUSE_PART), val_int(is_wanted)};

    return db_exec(cx->mem, cx->db,
                   S("INSERT INTO import_state (run, part, " STATE_COLUMNS
                     ") VALUES (?1, ?2, ?3, 0, 0, 0, 0, 0, '[]') "
                     "ON CONFLICT (run, part) DO UPDATE SET position = ?3"),
                   binds, 3, NULL);
}

Err *state_is_pausing(Ctx *cx, Id run, bool *out)
{
    Val binds[] = {val_int(run), val_int(PAUSE_PART)}, v;

    TRY(db_one(cx->mem, cx->db, S("SELECT position FROM import_state WHERE run = ?1 AND part = ?2"), binds, 2,
               &v));
    *out = v.kind == VAL_INT && v.i == 1;
    return NULL;
}

/* --- refused rows --------------------------------------------------------------------------------------------------------- */

static Str cells_json(Arena *mem, const Row *row)
{
    Val *cells = NEW_N(mem, Val, row->n + 1);

    for (size_t i = 0; i < row->n; i++) cells[i] = val_text(row->cells[i]);
    return json_text(mem, val_list(cells, row->n));
}

Err *state_refuse(Work *w, const Row *row, Str reason)
{
    Val binds[] = {val_int(w->job->run), val_int(w->job->part), val_int(row->line), val_text(reason),
                   val_text(cells_json(w->tmp, row))};

    return db_exec(
        w->tmp, w->cx->db,
        S("INSERT INTO import_refusal (run, part, line, reason, cells) VALUES (?1, ?2, ?3, ?4, ?5) "
          "ON CONFLICT (run, part, line) DO UPDATE SET reason = import_refusal.reason || '; ' || ?4"),
        binds, 5, NULL);
}

Err *import_refusals(Ctx *cx, Id run, int64_t part, int64_t line, size_t max, ImportRefusal **out, size_t *n)
{
    Val binds[] = {val_int(run), val_int(part), val_int(line), val_int((int64_t)max)};
    VEC(ImportRefusal) list = {0};
    DbRows *rows;
    bool has;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT part, line, reason, cells FROM import_refusal WHERE run = ?1 AND (part > ?2 OR (part = ?2 AND "
          "line > ?3)) ORDER BY part, line LIMIT ?4"),
        binds, 4, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        ImportRefusal *one = vec_push(cx->mem, &list);
        *one = (ImportRefusal){db_i64(rows, 0), db_i64(rows, 1), db_str(rows, 2), val_null()};
        TRY(json_parse(cx->mem, db_str(rows, 3), &one->cells));
    }
    *out = list.p;
    *n = list.n;
    return NULL;
}

static void csv_cell(Arena *mem, Buf *b, Str s, bool is_first)
{
    bool is_quoted = false;

    s = csv_guard(mem, s);
    for (size_t i = 0; i < s.n && !is_quoted; i++) is_quoted = str_find_char(S(",\"\n\r;'"), s.p[i]) >= 0;
    if (!is_first) buf_add_c(b, ',');
    if (is_quoted) buf_add_c(b, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"') buf_add_c(b, '"');
        buf_add_c(b, s.p[i]);
    }
    if (is_quoted) buf_add_c(b, '"');
}

Err *import_refused_csv(Ctx *cx, Id run, int64_t part, const Str *heads, size_t n, Str reason, Buf *out)
{
    ImportRefusal *list;
    int64_t line = -1;
    size_t count = 1;

    for (size_t i = 0; i < n; i++)
        if (!str_eq(heads[i], reason)) csv_cell(cx->mem, out, heads[i], i == 0);
    csv_cell(cx->mem, out, reason, false);
    buf_add(out, S("\r\n"));
    while (count) {
        TRY(import_refusals(cx, run, part, line, 500, &list, &count));
        for (size_t i = 0; i < count; i++) {
            if (list[i].part != part) return NULL;
            line = list[i].line;
            for (uint32_t k = 0; k < list[i].cells.n && k < n; k++)
                if (!str_eq(heads[k], reason)) csv_cell(cx->mem, out, val_str(list[i].cells.list[k]), k == 0);
            for (size_t k = list[i].cells.n; k < n; k++) buf_add_c(out, ',');
            csv_cell(cx->mem, out, list[i].reason, false);
            buf_add(out, S("\r\n"));
        }
    }
    return NULL;
}

/* --- references to rows that come later ------------------------------------------------------------------------------------ */

Err *state_pend(Work *w, const Row *row, Id record, const PendingRef *ref)
{
    Val binds[] = {val_int(w->job->run),
                   val_int(w->job->part),
                   val_int(row->line),
                   val_text(ref->target->path),
                   val_int(record),
                   val_text(ref->text),
                   val_text(cells_json(w->tmp, row))};

    return db_exec(w->tmp, w->cx->db,
                   S("INSERT INTO import_pending (run, part, line, path, record, text, cells) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (run, part, line, path) DO NOTHING"),
                   binds, 7, NULL);
}

static Err *row_of(Arena *mem, Str json, int64_t line, Row *out)
{
    Val cells;

    TRY(json_parse(mem, json, &cells));
    Str *texts = NEW_N(mem, Str, cells.n + 1);
    for (uint32_t i = 0; i < cells.n; i++) texts[i] = val_str(cells.list[i]);
    *out = (Row){.line = line, .cells = texts, .n = cells.n};
    return NULL;
}

Err *state_pending(Work *w, size_t max, PendingRow **out, size_t *n)
{
    Val binds[] = {val_int(w->job->run), val_int(w->job->part), val_int((int64_t)max)};
    VEC(PendingRow) list = {0};
    DbRows *rows;
    bool has;

    TRY(db_query(w->tmp, w->cx->db,
                 S("SELECT line, record, path, text, cells FROM import_pending WHERE run = ?1 AND part = ?2 "
                   "ORDER BY line, path LIMIT ?3"),
                 binds, 3, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        PendingRow *one = vec_push(w->tmp, &list);
        *one = (PendingRow){db_i64(rows, 0), db_i64(rows, 1), db_str(rows, 2), db_str(rows, 3), {0}};
        TRY(row_of(w->tmp, db_str(rows, 4), one->line, &one->row));
    }
    *out = list.p;
    *n = list.n;
    return NULL;
}

Err *state_settle(Work *w, const PendingRow *row)
{
    Val binds[] = {val_int(w->job->run), val_int(w->job->part), val_int(row->line), val_text(row->path)};

    return db_exec(w->tmp, w->cx->db,
                   S("DELETE FROM import_pending WHERE run = ?1 AND part = ?2 AND line = ?3 AND path = ?4"),
                   binds, 4, NULL);
}
