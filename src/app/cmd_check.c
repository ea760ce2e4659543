/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kith check: proves a database.  Six claims: the file is whole, references lead somewhere, the search index is that of the
   records, roll-ups equal what they add up, replaying the log gives the rows, and gives the past rows.  Read only. */
#include "app/command.h"
#include "base/map.h"
#include "core/change.h"
#include "core/read.h"
#include "core/search.h"
#include "core/snapshot.h"
#include "core/value.h"
#include "core/write.h"
#include "json/json.h"

#include <string.h>

#define CHUNK    300
#define EXAMPLES 10

typedef struct Claim {
    const char *name;
    int64_t checked, wrong;
    Str examples[EXAMPLES];
} Claim;

typedef enum ClaimName {
    CLAIM_INTEGRITY,
    CLAIM_REFERENCES,
    CLAIM_SEARCH,
    CLAIM_ROLLUPS,
    CLAIM_LOG,
    CLAIM_PAST,
    CLAIM_COUNT
} ClaimName;

typedef struct Check {
    Run *run;
    Claim claims[CLAIM_COUNT];
} Check;

static void wrong(Check *c, ClaimName name, Str example)
{
    Claim *claim = &c->claims[name];

    if (claim->wrong < EXAMPLES) claim->examples[claim->wrong] = str_copy(c->run->mem, example);
    claim->wrong++;
}

/* --- integrity ------------------------------------------------------------------------------------------------------- */

static Err *check_file(Check *c, Ctx *cx)
{
    DbRows *rows;
    bool has;

    c->claims[CLAIM_INTEGRITY].checked = 1;
    if (db_conn_can(cx->db, DB_CAP_SHARED)) return NULL; /* PostgreSQL checks pages and keys itself */
    TRY(db_query(cx->mem, cx->db, S("PRAGMA integrity_check"), NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        if (!str_eq(db_str(rows, 0), S("ok"))) wrong(c, CLAIM_INTEGRITY, db_str(rows, 0));
    }
    TRY(db_query(cx->mem, cx->db, S("PRAGMA foreign_key_check"), NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        wrong(c, CLAIM_REFERENCES,
              str_fmt(cx->mem, "%.*s row %lld", SFMT(db_str(rows, 0)), (long long)db_i64(rows, 1)));
    }
}

/* Live records whose reference leads to a deleted or missing one. */
static Err *check_reference(Check *c, Ctx *cx, const Field *f)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT a.id FROM ");
    sql_ident(&q, f->object->table);
    sql_text(&q, " a LEFT JOIN ");
    sql_ident(&q, f->target->table);
    sql_text(&q, " b ON b.id = a.");
    sql_ident(&q, f->column);
    sql_text(&q, " WHERE a.deleted_at IS NULL AND a.");
    sql_ident(&q, f->column);
    sql_text(&q, " IS NOT NULL AND b.id IS NULL");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    c->claims[CLAIM_REFERENCES].checked++;
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        wrong(c, CLAIM_REFERENCES,
              str_fmt(cx->mem, "%.*s %.*s: %.*s", SFMT(f->object->name),
                      SFMT(id_text(cx->mem, db_i64(rows, 0))), SFMT(f->name)));
    }
}

static Err *check_references(Check *c, Ctx *cx, const Object *obj)
{
    for (size_t i = 0; i < obj->n_fields; i++) {
        const Field *f = &obj->fields[i];
        if ((f->type == FIELD_REFERENCE || f->type == FIELD_USER || f->type == FIELD_FILE) && f->target)
            TRY(check_reference(c, cx, f));
    }
    return NULL;
}

/* --- one record ------------------------------------------------------------------------------------------------------ */

static Str name_of(Arena *mem, const Record *rec)
{
    return str_fmt(mem, "%.*s %.*s", SFMT(rec->obj->name), SFMT(id_text(mem, rec->id)));
}

static Err *check_search(Check *c, Ctx *cx, const Record *rec)
{
    bool is_fts5 = db_conn_can(cx->db, DB_CAP_FTS5);
    bool is_live = val_is_null(rec->vals[SYS_DELETED_AT]);
    Str tokens = {0};
    Val v;

    if (is_live) TRY(search_tokens(cx, rec, &tokens));
    Val binds[] = {val_int(rec->id), val_text(tokens)};
    Str sql =
        is_fts5
            ? S("SELECT CASE WHEN tokens = ?2 THEN 1 ELSE 0 END FROM search WHERE rowid = ?1")
            : S("SELECT CASE WHEN tokens = CAST(?2 AS tsvector) THEN 1 ELSE 0 END FROM search WHERE rowid = ?1");
    TRY(db_one(cx->mem, cx->db, sql, binds, 2, &v));
    c->claims[CLAIM_SEARCH].checked++;
    bool has_entry = v.kind == VAL_INT;
    bool wants_entry = is_live && tokens.n > 0;
    if (has_entry != wants_entry || (has_entry && v.i != 1)) wrong(c, CLAIM_SEARCH, name_of(cx->mem, rec));
    return NULL;
}

static Err *check_rollups(Check *c, Ctx *cx, const Record *rec)
{
    for (size_t i = 0; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        Val fresh;
        if (f->type != FIELD_ROLLUP) continue;
        TRY(rollup_value(cx, f, rec->id, &fresh));
        c->claims[CLAIM_ROLLUPS].checked++;
        Val kept = rec->vals[i];
        bool is_zero = val_is_null(kept) &&
                       (fresh.kind == VAL_INT || fresh.kind == VAL_MONEY || fresh.kind == VAL_DECIMAL) &&
                       fresh.i == 0;
        if (!is_zero && !val_same(kept, fresh))
            wrong(c, CLAIM_ROLLUPS,
                  str_fmt(cx->mem, "%.*s: %.*s", SFMT(name_of(cx->mem, rec)), SFMT(f->name)));
    }
    return NULL;
}

/* --- replay ---------------------------------------------------------------------------------------------------------- */

/* When somebody was last seen is noted at each sign-in and is no change. */
static bool is_replayed(const Field *f)
{
    if (str_eq(f->object->name, S("user")) && str_eq(f->name, S("last_seen_at"))) return false;
    return !f->is_secret && f->type != FIELD_LINKS && !(f->is_computed && !f->is_stored) &&
           f->index >= SYS_OWNER;
}

/* Compares fields; `only_past` those that past tables hold. */
static const Field *first_difference(const Record *a, const Record *b, bool only_past)
{
    for (size_t i = SYS_OWNER; i < a->obj->n_fields; i++) {
        const Field *f = &a->obj->fields[i];
        if (is_replayed(f) && (!only_past || field_in_past(f)) && !val_same(a->vals[i], b->vals[i])) return f;
    }
    return NULL;
}

static Err *read_past(Ctx *cx, const Object *obj, Id id, Record ***out, int64_t **from, size_t *n)
{
    Sql q = sql_new(cx->mem);
    Ctx past = *cx;
    Select sel = {.obj = obj};
    VEC(Record *) recs = {0};
    VEC(int64_t) starts = {0};
    DbRows *rows;
    bool has;

    past.as_of = 1; /* columns of the past table only */
    sql_text(&q, "SELECT t0.valid_from, ");
    read_select(&past, &q, 0, &sel);
    sql_text(&q, " FROM ");
    sql_ident(&q, str_cat(cx->mem, obj->table, S("_past")));
    sql_text(&q, " t0 WHERE t0.id = ");
    sql_bind(&q, val_int(id));
    sql_text(&q, " ORDER BY t0.valid_from");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &starts) = db_i64(rows, 0);
        *vec_push(cx->mem, &recs) = read_row(&past, rows, 1, &sel);
    }
    *out = recs.p;
    *from = starts.p;
    *n = recs.n;
    return NULL;
}

/* Plays the record's changes oldest first; when time moves on the state is compared with the past row that began there. */
static Err *check_replay(Check *c, Ctx *cx, const Record *rec)
{
    Record *state = record_new(cx->mem, rec->obj), **past = NULL;
    int64_t *from = NULL, at = 0;
    size_t n, n_past = 0, next = 0;
    Change *changes;
    const Field *f;

    TRY(change_history(cx, rec->obj, rec->id, NULL, 100000, &changes, &n));
    TRY(read_past(cx, rec->obj, rec->id, &past, &from, &n_past));
    for (size_t i = n + 1; i-- > 0;) { /* newest stands first */
        int64_t now = i ? changes[i - 1].at : INT64_MAX;
        if (now > at) {
            for (; next < n_past && from[next] <= at; next++) {
                c->claims[CLAIM_PAST].checked++;
                if (from[next] == at && (f = first_difference(state, past[next], true)))
                    wrong(c, CLAIM_PAST,
                          str_fmt(cx->mem, "%.*s: %.*s at %lld", SFMT(name_of(cx->mem, rec)), SFMT(f->name),
                                  (long long)at));
            }
            at = now;
        }
        for (size_t k = 0; i && k < changes[i - 1].n; k++)
            state->vals[changes[i - 1].fields[k].field->index] = changes[i - 1].fields[k].after;
    }
    c->claims[CLAIM_LOG].checked++;
    if ((f = first_difference(state, rec, false)))
        wrong(c, CLAIM_LOG, str_fmt(cx->mem, "%.*s: %.*s", SFMT(name_of(cx->mem, rec)), SFMT(f->name)));
    return NULL;
}

/* --- all ------------------------------------------------------------------------------------------------------------- */

typedef struct Part {
    Check *check;
    const Object *obj;
    Id after;
    size_t n;
} Part;

static Err *check_chunk(DbConn *conn, void *arg)
{
    Part *part = arg;
    Check *c = part->check;
    Arena *tmp = arena_new(0);
    Ctx cx = ctx_system(c->run->store, tmp, conn);
    Sql q = sql_new(tmp);
    Id ids[CHUNK];
    DbRows *rows;
    bool has = true;

    sql_text(&q, "SELECT id FROM ");
    sql_ident(&q, part->obj->table);
    sql_text(&q, " WHERE id > ");
    sql_bind(&q, val_int(part->after));
    sql_text(&q, " ORDER BY id LIMIT ");
    sql_i64(&q, CHUNK);
    Err *e = sql_query(tmp, conn, &q, &rows);
    for (part->n = 0; !e && has;) {
        e = db_next(rows, &has);
        if (!e && has) ids[part->n++] = db_i64(rows, 0);
    }
    for (size_t i = 0; !e && i < part->n; i++) {
        Record *rec;
        e = record_get(&cx, part->obj, ids[i], READ_DELETED, &rec);
        if (!e) e = check_search(c, &cx, rec);
        if (!e) e = check_rollups(c, &cx, rec);
        if (!e) e = check_replay(c, &cx, rec);
    }
    if (part->n) part->after = ids[part->n - 1];
    if (e) e = err_new(c->run->mem, e->code, "error.check", "%.*s", SFMT(err_text(tmp, e)));
    arena_free(tmp);
    return e;
}

static Err *check_tables(Ctx *cx, void *arg)
{
    Check *c = arg;

    db_set_budget(cx->db, 0);
    TRY(check_file(c, cx));
    for (size_t i = 0; i < cx->meta->n_objects; i++) TRY(check_references(c, cx, cx->meta->objects[i]));
    return NULL;
}

static void show(Run *run, const Check *c)
{
    JsonWriter w = json_writer(&run->out);

    if (run->is_json) json_open_list(&w);
    for (int i = 0; i < CLAIM_COUNT; i++) {
        const Claim *claim = &c->claims[i];
        if (claim->wrong) run->code = EXIT_FAILED;
        if (run->is_json) {
            json_open_obj(&w);
            json_pair_str(&w, "check", str_c(claim->name));
            json_pair_i64(&w, "checked", claim->checked);
            json_pair_i64(&w, "wrong", claim->wrong);
            json_close_obj(&w);
            continue;
        }
        buf_addf(&run->out, "%-8s %-44s %lld checked\n", claim->wrong ? "NOT OK" : "ok", claim->name,
                 (long long)claim->checked);
        for (int64_t k = 0; k < claim->wrong && k < EXAMPLES; k++)
            buf_addf(&run->out, "         %.*s\n", SFMT(claim->examples[k]));
        if (claim->wrong > EXAMPLES)
            buf_addf(&run->out, "         ... %lld in all\n", (long long)claim->wrong);
    }
    if (run->is_json) {
        json_close_list(&w);
        buf_add_c(&run->out, '\n');
    }
}

Err *cmd_check(Run *run)
{
    Check c = {.run = run,
               .claims = {[CLAIM_INTEGRITY] = {.name = "integrity of the file"},
                          [CLAIM_REFERENCES] = {.name = "references lead somewhere"},
                          [CLAIM_SEARCH] = {.name = "search index equals the records"},
                          [CLAIM_ROLLUPS] = {.name = "roll-ups equal recomputation"},
                          [CLAIM_LOG] = {.name = "the log's replay equals the rows"},
                          [CLAIM_PAST] = {.name = "past tables equal the log's replay"}}};
    const Meta *meta = meta_now(run->store, run->mem);

    TRY(run_no_more(run));
    TRY(run_read(run, check_tables, &c));
    for (size_t i = 0; i < meta->n_objects; i++) {
        Part part = {.check = &c, .obj = meta->objects[i], .n = 1};
        while (part.n) TRY(db_read(run->store->db, run->mem, check_chunk, &part));
        if (run->progress) run->progress(run, (int64_t)i + 1, (int64_t)meta->n_objects);
    }
    show(run, &c);
    return NULL;
}
