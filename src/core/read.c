/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one read path: columns of an object's fields, a record by id, links, labels.  Lists are query.c's, built from the
   same select.  What the actor may not see is left out by rights_where in every statement. */
#include "core/read.h"

#include "core/asof.h"
#include "core/compile.h"
#include "core/plan.h"
#include "core/rights.h"
#include "core/store.h"
#include "core/value.h"

#include <string.h>

/* --- records in memory ----------------------------------------------------------------------------------------------- */

Record *record_new(Arena *mem, const Object *obj)
{
    Record *rec = NEW(mem, Record);

    rec->obj = obj;
    rec->vals = NEW_N(mem, Val, obj->n_fields);
    rec->is_set = NEW_N(mem, uint8_t, obj->n_fields);
    return rec;
}

Record *record_copy(Arena *mem, const Record *rec)
{
    Record *copy = record_new(mem, rec->obj);

    copy->id = rec->id;
    copy->version = rec->version;
    copy->label = rec->label;
    memcpy(copy->vals, rec->vals, rec->obj->n_fields * sizeof *rec->vals);
    memcpy(copy->is_set, rec->is_set, rec->obj->n_fields);
    return copy;
}

static const Field *field_named(const Record *rec, const char *name)
{
    const Field *f = object_field(rec->obj, str_c(name));

    REQUIRE(f != NULL);
    return f;
}

Val record_get_val(const Record *rec, const char *name)
{
    return rec->vals[field_named(rec, name)->index];
}

void record_set(Record *rec, const char *name, Val v)
{
    const Field *f = field_named(rec, name);

    rec->vals[f->index] = v;
    rec->is_set[f->index] = 1;
}

Str record_text(Arena *mem, const Record *rec)
{
    const Field *f = rec->obj->label_field;

    if (rec->label.n) return rec->label;
    if (!f || val_is_null(rec->vals[f->index])) return label_in(&rec->obj->label, LANG_EN);
    return value_text(mem, f, rec->vals[f->index], LANG_EN);
}

/* --- select ---------------------------------------------------------------------------------------------------------- */

static void add_columns(Ctx *cx, Sql *q, unsigned alias, const Field *f)
{
    Column columns[FIELD_COLUMNS_MAX];
    size_t n = field_read_columns(f, columns);

    for (size_t i = 0; i < n; i++) {
        sql_text(q, ", ");
        if (cx->as_of && !field_in_past(f)) {
            sql_text(q, "NULL");
            continue;
        }
        sql_text(q, "t");
        sql_i64(q, alias);
        sql_text(q, ".");
        sql_ident(q, columns[i].name);
    }
}

/* A formula over other records or the clock is computed by the query; one that SQL cannot say reads as null. */
static bool add_live(Ctx *cx, Sql *q, unsigned alias, const Field *f)
{
    Sql part = sql_new(cx->mem);
    Ctx system = ctx_as_system(cx);
    uint8_t places;

    if (!f->is_computed || f->is_stored || !f->formula.tree || f->result == FIELD_MONEY) return false;
    system.as_of = cx->as_of;
    if (compile_value(&system, &part, f->object, alias, f->formula.tree, &places)) return false;
    sql_text(q, ", ");
    if (f->result == FIELD_DECIMAL || f->result == FIELD_PERCENT || f->result == FIELD_DURATION) {
        sql_text(q, "kith_rescale(");
        sql_append(q, &part);
        sql_text(q, ", ");
        sql_i64(q, (f->result == FIELD_DURATION ? 0 : (int64_t)f->places) - places);
        sql_text(q, ")");
    } else {
        sql_append(q, &part);
    }
    return true;
}

static bool has_columns(const Field *f)
{
    return !f->is_secret && !(f->is_computed && !f->is_stored) && f->type != FIELD_LINKS;
}

static bool is_wanted(const Select *sel, const Field *f)
{
    return f->index != SYS_ID && f->index != SYS_VERSION && (!sel->only || sel->only[f->index]);
}

void read_select(Ctx *cx, Sql *q, unsigned alias, Select *sel)
{
    if (alias == 0 && !sel->only && !cx->as_of) {
        const Plan *plan = plan_of(cx, sel->obj);
        sel->is_live = plan->is_live;
        if (plan_columns(cx, q, plan)) return;
    }
    select_write(cx, q, alias, sel);
}

void select_write(Ctx *cx, Sql *q, unsigned alias, Select *sel)
{
    sel->is_live = NEW_N(cx->mem, uint8_t, sel->obj->n_fields);
    sql_text(q, "t");
    sql_i64(q, alias);
    sql_text(q, ".id, t");
    sql_i64(q, alias);
    sql_text(q, ".version");
    for (size_t i = 0; i < sel->obj->n_fields; i++) {
        const Field *f = &sel->obj->fields[i];
        if (!is_wanted(sel, f)) continue;
        if (has_columns(f))
            add_columns(cx, q, alias, f);
        else
            sel->is_live[i] = add_live(cx, q, alias, f);
    }
}

static Val live_value(const Field *f, Val v)
{
    if (val_is_null(v)) return v;
    switch (f->result) {
    case FIELD_DECIMAL:
    case FIELD_PERCENT: return val_decimal(v.i, f->places);
    case FIELD_BOOLEAN: return val_bool(v.i != 0);
    case FIELD_DATE: return val_date(v.i);
    case FIELD_TIMESTAMP: return val_from_ms(v.i);
    case FIELD_DURATION: return val_duration(v.i, 0);
    case FIELD_REFERENCE:
    case FIELD_USER: return val_ref(f->target ? f->target->number : 0, v.i);
    default: return v;
    }
}

Record *read_row(Ctx *cx, const DbRows *rows, size_t col, const Select *sel)
{
    const Object *obj = sel->obj;
    Record *rec = record_new(cx->mem, obj);

    rec->id = db_i64(rows, col++);
    rec->version = db_i64(rows, col++);
    rec->vals[SYS_ID] = val_id(rec->id);
    rec->vals[SYS_VERSION] = val_int(rec->version);
    for (size_t i = 0; i < obj->n_fields; i++) {
        const Field *f = &obj->fields[i];
        if (!is_wanted(sel, f)) continue;
        if (has_columns(f))
            rec->vals[i] = value_from_row(cx, f, rows, &col);
        else if (sel->is_live[i])
            rec->vals[i] = live_value(f, db_val(rows, col++));
    }
    const Field *label = obj->label_field;
    if (label && !val_is_null(rec->vals[label->index]) && rights_field(cx, label) != FIELD_HIDDEN)
        rec->label = value_text(cx->mem, label, rec->vals[label->index], cx->actor->lang);
    return rec;
}

/* --- one record ------------------------------------------------------------------------------------------------------ */

static Err *not_found(Ctx *cx, const Object *obj, Id id)
{
    return err_arg(err_new(cx->mem, ERR_NOT_FOUND, "error.record.none", "no %.*s %.*s", SFMT(obj->name),
                           SFMT(id_text(cx->mem, id))),
                   0, label_in(&obj->label, cx->actor->lang));
}

/* Which `id`s of `obj` the actor may apply `verb` to. */
static Err *select_one(Ctx *cx, const Object *obj, Id id, unsigned flags, Verb verb, Record **out)
{
    Sql q = sql_new(cx->mem);
    Select sel = {.obj = obj};
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT ");
    read_select(cx, &q, 0, &sel);
    sql_text(&q, " FROM ");
    TRY(asof_source(cx, &q, obj, 0));
    sql_text(&q, " WHERE t0.id = ");
    sql_bind(&q, val_int(id));
    if (!(flags & READ_DELETED)) sql_text(&q, " AND t0.deleted_at IS NULL");
    TRY(rights_where(cx, &q, obj, 0, verb));
    if ((flags & READ_LOCK) && db_conn_can(cx->db, DB_CAP_SHARED)) sql_text(&q, " FOR UPDATE OF t0");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    TRY(db_next(rows, &has));
    if (!has) return not_found(cx, obj, id);
    *out = read_row(cx, rows, 0, &sel);
    return db_next(rows, &has);
}

Err *record_get(Ctx *cx, const Object *obj, Id id, unsigned flags, Record **out)
{
    if (!rights_may(cx, obj, VERB_READ)) return not_found(cx, obj, id);
    TRY(select_one(cx, obj, id, flags, VERB_READ, out));
    if (flags & READ_LINKS) TRY(links_load(cx, out, 1));
    return NULL;
}

Err *read_for(Ctx *cx, const Object *obj, Id id, unsigned flags, Verb verb, Record **out)
{
    Record *seen;

    if (cx->actor->is_system || cx->actor->rights->is_administrator)
        return record_get(cx, obj, id, flags, out); /* he may do with it whatever he sees */
    TRY(record_get(cx, obj, id, flags & ~(unsigned)READ_LOCK, &seen));
    if (!rights_may(cx, obj, verb))
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to change %.*s", SFMT(obj->name));
    Err *e = select_one(cx, obj, id, flags, verb, out);
    if (e && e->code == ERR_NOT_FOUND)
        FAIL(cx->mem, ERR_DENIED, "error.denied", "no right to change this %.*s", SFMT(obj->name));
    return e;
}

/* --- links ----------------------------------------------------------------------------------------------------------- */

static Val text_key(const char *s)
{
    return val_text(str_c(s));
}

/* {object, id, link: {the link's own fields}} */
static Val link_item(Ctx *cx, const Field *f, const Record *link)
{
    ValPair *pairs = NEW_N(cx->mem, ValPair, 3), *own = NEW_N(cx->mem, ValPair, link->obj->n_fields);
    size_t n = 0;

    for (size_t i = SYS_COUNT; i < link->obj->n_fields; i++) {
        const Field *lf = &link->obj->fields[i];
        if (lf == f->near || lf == f->far || lf->is_secret || lf->type == FIELD_LINKS) continue;
        own[n++] = (ValPair){val_text(lf->name), link->vals[i]};
    }
    pairs[0] = (ValPair){text_key("object"), val_text(f->target->name)};
    pairs[1] = (ValPair){text_key("id"), val_ref(f->target->number, link->vals[f->far->index].i)};
    pairs[2] = (ValPair){text_key("link"), val_map(own, n)};
    return val_map(pairs, 3);
}

static void add_item(Ctx *cx, Record *const *recs, size_t n, const Field *f, const Record *link)
{
    for (size_t i = 0; i < n; i++) {
        if (recs[i]->id != link->vals[f->near->index].i) continue;
        Val *list = &recs[i]->vals[f->index];
        Val *items = NEW_N(cx->mem, Val, list->n + 1u);
        if (list->n) memcpy(items, list->list, list->n * sizeof *items);
        items[list->n] = link_item(cx, f, link);
        *list = val_list(items, list->n + 1u);
    }
}

void sql_ids(Sql *q, const Id *ids, size_t n)
{
    size_t size = 1;

    while (size < n) size *= 2;
    sql_text(q, " IN (");
    for (size_t i = 0; i < size; i++) {
        if (i) sql_text(q, ", ");
        sql_bind(q, val_int(ids[i < n ? i : n - 1]));
    }
    sql_text(q, ")");
}

/* Links whose far record the actor may see. */
static Err *load_links(Ctx *cx, Record *const *recs, size_t n, const Field *f)
{
    Sql q = sql_new(cx->mem);
    Select sel = {.obj = f->through};
    Id *ids = NEW_N(cx->mem, Id, n);
    DbRows *rows;
    bool has;

    for (size_t i = 0; i < n; i++) {
        ids[i] = recs[i]->id;
        recs[i]->vals[f->index] = val_list(NULL, 0);
    }
    sql_text(&q, "SELECT ");
    read_select(cx, &q, 0, &sel);
    sql_text(&q, " FROM ");
    TRY(asof_source(cx, &q, f->through, 0));
    /* From the few links to their targets: SQLite would begin with all targets he may see. */
    if (db_conn_can(cx->db, DB_CAP_INLINE_READ))
        sql_text(&q, " CROSS JOIN ");
    else
        sql_text(&q, " JOIN ");
    TRY(asof_source(cx, &q, f->target, 1));
    sql_text(&q, " ON t1.id = ");
    sql_text(&q, "t0.");
    sql_ident(&q, f->far->column);
    sql_text(&q, " AND t1.deleted_at IS NULL");
    TRY(rights_where(cx, &q, f->target, 1, VERB_READ));
    sql_text(&q, " WHERE t0.deleted_at IS NULL AND t0.");
    sql_ident(&q, f->near->column);
    sql_ids(&q, ids, n);
    sql_text(&q, " ORDER BY t0.id");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        add_item(cx, recs, n, f, read_row(cx, rows, 0, &sel));
    }
}

Err *links_load_of(Ctx *cx, Record *const *recs, size_t n, const Field *f)
{
    if (n == 0 || rights_field(cx, f) == FIELD_HIDDEN || !rights_may(cx, f->target, VERB_READ)) return NULL;
    return load_links(cx, recs, n, f);
}

Err *links_load(Ctx *cx, Record *const *recs, size_t n)
{
    if (n == 0) return NULL;
    const Object *obj = recs[0]->obj;
    for (size_t i = 0; i < obj->n_fields; i++)
        if (obj->fields[i].type == FIELD_LINKS) TRY(links_load_of(cx, recs, n, &obj->fields[i]));
    return NULL;
}

Err *record_versions(Ctx *cx, const Object *obj, const Id *ids, size_t n, int64_t *versions)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    if (!rights_may(cx, obj, VERB_READ)) return NULL;
    sql_text(&q, "SELECT t0.id, t0.version FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " t0 WHERE t0.id");
    sql_ids(&q, ids, n);
    TRY(rights_where(cx, &q, obj, 0, VERB_READ));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        for (size_t i = 0; i < n; i++)
            if (ids[i] == db_i64(rows, 0)) versions[i] = db_i64(rows, 1);
    }
}
