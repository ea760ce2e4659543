/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filling what a change of the metadata makes of existing records: a field that becomes sortable needs its keys, one that
   becomes searchable its entries, a new or changed formula its values.  What each object's derived columns and entries
   follow from is kept as a signature in `setting`; where it differs when a store is opened all its records are gone over, in
   chunks, before anything is served, so no query ever meets a column that is not filled.  Begun again after a crash. */
#include "core/fill.h"

#include "base/log.h"
#include "base/text.h"
#include "core/read.h"
#include "core/search.h"
#include "core/search_impl.h"
#include "core/snapshot.h"
#include "core/store.h"
#include "core/value.h"
#include "core/write.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK        300
#define SEARCH_CHUNK 2000
#define FORM_SETTING S("search.form")

/* --- signatures ------------------------------------------------------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
    return str_cmp(*(const Str *)a, *(const Str *)b);
}

static Str field_line(Arena *mem, const Field *f)
{
    Column columns[FIELD_COLUMNS_MAX];
    size_t n = field_columns(f, columns);
    Buf b = buf_new(mem, 65536);

    buf_addf(&b, "%.*s %d %d %d", SFMT(f->column), f->type, f->result, field_is_searched(f));
    for (size_t i = 0; i < n; i++) buf_addf(&b, " %d", columns[i].role);
    if (f->type == FIELD_FORMULA && f->is_stored)
        buf_addf(&b, " =%.*s %d", SFMT(f->formula.source), f->places);
    if (f->type == FIELD_ROLLUP)
        buf_addf(&b, " %d %.*s %.*s %.*s %.*s", f->rollup, SFMT(f->rollup_object_name),
                 SFMT(f->rollup_via_name), SFMT(f->rollup_value_name), SFMT(f->rollup_filter.source));
    buf_add_c(&b, '\n');
    return buf_str(&b);
}

/* The order of fields does not count; the language of sorting and its version do. */
static Str signature(Ctx *cx, const Object *obj)
{
    Str *lines = NEW_N(cx->mem, Str, obj->n_fields), locale = cx->store->company->locale;
    unsigned char hash[16];
    char hex[2 * sizeof hash + 1];
    crypto_generichash_state state;

    for (size_t i = 0; i < obj->n_fields; i++) lines[i] = field_line(cx->mem, &obj->fields[i]);
    qsort(lines, obj->n_fields, sizeof *lines, by_text);
    crypto_generichash_init(&state, NULL, 0, sizeof hash);
    for (size_t i = 0; i < obj->n_fields; i++)
        crypto_generichash_update(&state, (const unsigned char *)lines[i].p, lines[i].n);
    Str sorting = str_fmt(cx->mem, "%.*s %.*s", SFMT(locale), SFMT(text_collator_version(cx->mem, locale)));
    crypto_generichash_update(&state, (const unsigned char *)sorting.p, sorting.n);
    crypto_generichash_final(&state, hash, sizeof hash);
    return str_copy(cx->mem, str_c(sodium_bin2hex(hex, sizeof hex, hash, sizeof hash)));
}

static Str setting_name(Arena *mem, const Object *obj)
{
    return str_fmt(mem, "fill.%.*s", SFMT(obj->name));
}

Err *fill_mark(Ctx *cx)
{
    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        const Object *obj = cx->meta->objects[i];
        TRY(setting_set(cx, setting_name(cx->mem, obj), signature(cx, obj)));
    }
    return setting_set(cx, FORM_SETTING, S(SEARCH_FORM));
}

/* --- one row --------------------------------------------------------------------------------------------------------- */

static bool is_text_role(ColumnRole role)
{
    return role == COLUMN_FOLD || role == COLUMN_KEY;
}

/* "UPDATE table SET fold = ..., key = ..."; false when the table has no such column. */
static bool set_texts(Ctx *cx, Sql *q, const Record *rec, bool is_past)
{
    Column columns[FIELD_COLUMNS_MAX];
    Val binds[FIELD_COLUMNS_MAX];
    bool is_any = false;

    sql_text(q, "UPDATE ");
    sql_ident(q, is_past ? str_cat(cx->mem, rec->obj->table, S("_past")) : rec->obj->table);
    for (size_t i = 0; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        size_t n = f->is_secret || (is_past && !field_in_past(f)) ? 0 : field_columns(f, columns);
        if (n) n = value_binds(cx, f, rec->vals[i], val_null(), binds);
        for (size_t k = 0; k < n; k++) {
            if (!is_text_role(columns[k].role)) continue;
            if (is_any) sql_text(q, ", ");
            if (!is_any) sql_text(q, " SET ");
            is_any = true;
            sql_ident(q, columns[k].name);
            sql_text(q, " = ");
            sql_bind(q, binds[k]);
        }
    }
    sql_text(q, " WHERE id = ");
    sql_bind(q, val_int(rec->id));
    return is_any;
}

typedef struct PastRow {
    int64_t until, version;
    Record *rec;
} PastRow;

static Err *fill_past(Ctx *cx, const Object *obj, Id id)
{
    Select sel = {.obj = obj};
    VEC(PastRow) found = {0};
    Sql q = sql_new(cx->mem);
    Ctx past = *cx;
    DbRows *rows;
    bool has;

    past.as_of = 1; /* columns of the past table only */
    sql_text(&q, "SELECT t0.valid_until, t0.version, ");
    read_select(&past, &q, 0, &sel);
    sql_text(&q, " FROM ");
    sql_ident(&q, str_cat(cx->mem, obj->table, S("_past")));
    sql_text(&q, " t0 WHERE t0.id = ");
    sql_bind(&q, val_int(id));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &found) =
            (PastRow){db_i64(rows, 0), db_i64(rows, 1), read_row(&past, rows, 2, &sel)};
    }
    for (size_t i = 0; i < found.n; i++) {
        Sql update = sql_new(cx->mem);
        if (!set_texts(cx, &update, found.p[i].rec, true)) return NULL;
        sql_text(&update, " AND valid_until = ");
        sql_bind(&update, val_int(found.p[i].until));
        sql_text(&update, " AND version = ");
        sql_bind(&update, val_int(found.p[i].version));
        TRY(sql_exec(cx->mem, cx->db, &update, NULL));
    }
    return NULL;
}

static Err *fill_row(Ctx *cx, const Object *obj, Id id)
{
    Record *before, *rec;
    Sql q = sql_new(cx->mem);

    TRY(record_get(cx, obj, id, READ_DELETED | READ_LOCK, &before));
    rec = record_copy(cx->mem, before);
    for (size_t i = 0; i < obj->n_fields; i++)
        if (obj->fields[i].type == FIELD_ROLLUP) TRY(rollup_value(cx, &obj->fields[i], id, &rec->vals[i]));
    TRY(hooks_fill(cx, rec, before));
    TRY(write_derived(cx, before, rec));
    if (set_texts(cx, &q, rec, false)) TRY(sql_exec(cx->mem, cx->db, &q, NULL));
    return fill_past(cx, obj, id);
}

/* --- one object ------------------------------------------------------------------------------------------------------ */

typedef struct Fill {
    Store *store;
    Arena *mem;
    const Object *obj;
    uint8_t *is_stale; /* by object */
    Id after, batch;
    size_t n;
    int64_t rows;
    bool is_old_form; /* of search entries */
} Fill;

static Err *next_ids(Ctx *cx, const Fill *fill, Id *ids, size_t *n)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT id FROM ");
    sql_ident(&q, fill->obj->table);
    sql_text(&q, " WHERE id > ");
    sql_bind(&q, val_int(fill->after));
    sql_text(&q, " ORDER BY id LIMIT ");
    sql_i64(&q, CHUNK);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (*n = 0;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        ids[(*n)++] = db_i64(rows, 0);
    }
}

static Err *fill_chunk(DbConn *c, void *arg)
{
    Fill *fill = arg;
    Ctx cx = ctx_system(fill->store, fill->mem, c);
    Id ids[CHUNK], last = fill->after;
    size_t n;

    cx.batch = fill->batch;
    cx.hold++;
    TRY(next_ids(&cx, fill, ids, &n));
    for (size_t i = 0; i < n; i++) TRY(fill_row(&cx, fill->obj, last = ids[i]));
    cx.hold--;
    TRY(rollup_flush(&cx));
    fill->n = n;
    fill->after = last;
    return NULL;
}

static Err *search_chunk(DbConn *c, void *arg)
{
    Fill *fill = arg;
    Ctx cx = ctx_system(fill->store, fill->mem, c);
    Id last;

    db_set_budget(c, 0);
    TRY(search_rebuild(&cx, fill->obj, fill->after, SEARCH_CHUNK, &last));
    fill->after = last;
    return NULL;
}

static Err *mark_one(DbConn *c, void *arg)
{
    Fill *fill = arg;
    Ctx cx = ctx_system(fill->store, fill->mem, c);

    return setting_set(&cx, setting_name(cx.mem, fill->obj), signature(&cx, fill->obj));
}

/* One unit in memory of its own. */
static Err *in_unit(Fill *fill, DbWork work)
{
    fill->mem = arena_new(0);
    Err *e = db_write(fill->store->db, fill->mem, work, fill);
    if (e) e = err_copy(fill->store->mem, e);
    arena_free(fill->mem);
    return e;
}

static Err *fill_object(Fill *fill)
{
    fill->after = 0;
    fill->batch = id_new(store_now(fill->store));
    for (fill->n = CHUNK; fill->n == CHUNK; fill->rows += (int64_t)fill->n) TRY(in_unit(fill, fill_chunk));
    fill->after = 0;
    do {
        TRY(in_unit(fill, search_chunk));
    } while (fill->after);
    return in_unit(fill, mark_one);
}

/* --- search entries of another form ---------------------------------------------------------------------------------- */

static Err *mark_form(DbConn *c, void *arg)
{
    Fill *fill = arg;
    Ctx cx = ctx_system(fill->store, fill->mem, c);

    return setting_set(&cx, FORM_SETTING, S(SEARCH_FORM));
}

static Err *read_form(DbConn *c, void *arg)
{
    Fill *fill = arg;
    Ctx cx = ctx_system(fill->store, fill->mem, c);
    Str form;

    TRY(setting_get(&cx, FORM_SETTING, &form));
    fill->is_old_form = !str_eq(form, S(SEARCH_FORM));
    return NULL;
}

static Err *fill_entries(Fill *fill)
{
    for (size_t i = 0; i < store_meta(fill->store)->n_objects; i++) {
        fill->obj = store_meta(fill->store)->objects[i];
        if (!object_is_searched(fill->obj)) continue;
        fill->after = 0;
        do {
            TRY(in_unit(fill, search_chunk));
        } while (fill->after);
    }
    log_line(LOG_INFO, "search entries written anew", "form=%s", SEARCH_FORM);
    return in_unit(fill, mark_form);
}

/* --- all ------------------------------------------------------------------------------------------------------------- */

static Err *find_stale(DbConn *c, void *arg)
{
    Fill *fill = arg;
    Ctx cx = ctx_system(fill->store, fill->mem, c);
    StrMap kept = {0};
    DbRows *rows;
    bool has;

    TRY(db_query(fill->mem, c, S("SELECT name, value FROM setting WHERE name > 'fill.' AND name < 'fill/'"),
                 NULL, 0, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        Str *value = NEW(fill->mem, Str);
        *value = db_str(rows, 1);
        strmap_put(fill->mem, &kept, db_str(rows, 0), value);
    }
    for (size_t i = 0; i < cx.meta->n_objects; i++) {
        const Str *value = strmap_get(&kept, setting_name(fill->mem, cx.meta->objects[i]));
        fill->is_stale[i] = !value || !str_eq(*value, signature(&cx, cx.meta->objects[i]));
    }
    return NULL;
}

Err *fill_all(Store *store)
{
    Arena *mem = arena_new(0);
    Fill fill = {.store = store, .mem = mem, .is_stale = NEW_N(mem, uint8_t, store_meta(store)->n_objects)};
    Err *e = db_read(store->db, mem, find_stale, &fill);

    if (!e) e = db_read(store->db, mem, read_form, &fill);
    if (e) e = err_copy(store->mem, e);
    for (size_t i = 0; !e && i < store_meta(store)->n_objects; i++) {
        fill.obj = store_meta(store)->objects[i];
        fill.rows = 0;
        if (fill.is_stale[i]) e = fill_object(&fill);
        if (!e && fill.rows)
            log_line(LOG_INFO, "records brought up to changed fields", "object=%.*s rows=%lld",
                     SFMT(fill.obj->name), (long long)fill.rows);
    }
    if (!e && fill.is_old_form) e = fill_entries(&fill);
    arena_free(mem);
    return e;
}
