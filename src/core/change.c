/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The change log: one row a change, in the transaction of the write, in one order for every reader.  On SQLite the order
   is the writer's: `tx` is a fresh id, which only grows.  On PostgreSQL `tx` is the transaction's number and a reader takes
   only rows below the oldest one still running, so that nothing can appear behind its cursor. */
#include "core/change.h"

#include "base/limits.h"

#include "core/layer.h"
#include "core/read.h"
#include "core/value.h"

/* --- writing --------------------------------------------------------------------------------------------------------- */

static Err *place(Ctx *cx)
{
    Val tx;

    if (cx->tx) {
        cx->seq++;
        return NULL;
    }
    if (db_conn_can(cx->db, DB_CAP_TX_ID)) {
        TRY(db_one(cx->mem, cx->db, S("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)"), NULL, 0,
                   &tx));
        cx->tx = tx.i;
    } else {
        cx->tx = id_new(cx->now);
    }
    cx->seq = 1;
    return NULL;
}

static Val id_or_null(Id id)
{
    return id ? val_int(id) : val_null();
}

static Err *batch_row(Ctx *cx)
{
    if (!cx->batch) cx->batch = id_new(cx->now);
    if (cx->has_batch_row) return NULL;
    cx->has_batch_row = true;
    Val binds[] = {val_int(cx->batch), id_or_null(cx->actor->user), val_int(cx->now), val_int(cx->channel)};
    return db_exec(
        cx->mem, cx->db,
        S("INSERT INTO batch (id, actor, at, channel) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING"),
        binds, 4, NULL);
}

static bool is_logged(const Field *f)
{
    return !f->is_secret && f->type != FIELD_LINKS && !(f->is_computed && !f->is_stored) &&
           f->index != SYS_ID && f->index != SYS_VERSION && f->index != SYS_UPDATED_AT &&
           f->index != SYS_UPDATED_BY;
}

/* [[column, before, after], ...]; a creation's entries are [column, after]. */
static size_t write_body(Ctx *cx, Buf *b, const Record *before, const Record *after)
{
    JsonWriter w = json_writer(b);
    size_t n = 0;

    json_open_list(&w);
    for (size_t i = 0; i < after->obj->n_fields; i++) {
        const Field *f = &after->obj->fields[i];
        if (!is_logged(f)) continue;
        if (before ? val_same(before->vals[i], after->vals[i]) : val_is_null(after->vals[i])) continue;
        json_open_list(&w);
        json_str(&w, f->column);
        if (before) json_val(&w, value_to_log(cx->mem, f, before->vals[i]));
        json_val(&w, value_to_log(cx->mem, f, after->vals[i]));
        json_close_list(&w);
        n++;
    }
    json_close_list(&w);
    return n;
}

static Err *add_row(Ctx *cx, const Record *rec, ChangeKind kind, bool is_derived, Str body)
{
    TRY(batch_row(cx));
    TRY(place(cx));
    if (str_eq(rec->obj->name, S("choice_option"))) TRY(layer_changed(cx)); /* a part of the metadata */
    Val binds[] = {
        val_int(cx->store->epoch),
        val_int(cx->tx),
        val_int(cx->seq),
        val_int(cx->now),
        val_int(cx->batch),
        id_or_null(cx->cause),
        cx->request_id.n ? val_text(cx->request_id) : val_null(),
        val_int(rec->obj->number),
        val_int(rec->id),
        val_int(rec->version),
        val_int(kind),
        id_or_null(cx->actor->user),
        val_int(cx->channel),
        val_int(cx->meta->generation),
        val_int(is_derived),
        val_text(body),
    };
    return db_exec(
        cx->mem, cx->db,
        S("INSERT INTO change (epoch, tx, seq, at, batch, cause, request, object, record, version, kind, actor, channel, "
          "schema, derived, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"),
        binds, sizeof binds / sizeof *binds, NULL);
}

Err *change_add(Ctx *cx, const Record *before, const Record *after, ChangeKind kind, bool is_derived)
{
    Buf b = buf_new(cx->mem, LIMIT_REPLY);

    if (write_body(cx, &b, before, after) == 0 && kind == CHANGE_UPDATE) return NULL;
    return add_row(cx, after, kind, is_derived, buf_str(&b));
}

Err *change_add_columns(Ctx *cx, const Record *rec, const ColumnChange *columns, size_t n)
{
    Buf b = buf_new(cx->mem, LIMIT_REPLY);
    JsonWriter w = json_writer(&b);

    json_open_list(&w);
    for (size_t i = 0; i < n; i++) {
        json_open_list(&w);
        json_str(&w, columns[i].column);
        json_val(&w, columns[i].before);
        json_val(&w, columns[i].after);
        json_close_list(&w);
    }
    json_close_list(&w);
    return add_row(cx, rec, CHANGE_UPDATE, true, buf_str(&b));
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

#define CHANGE_COLUMNS \
    "epoch, tx, seq, at, batch, cause, record, actor, request, object, version, kind, channel, derived, body"

static const Field *field_of_column(const Object *obj, Str column)
{
    for (size_t i = 0; i < obj->n_fields; i++)
        if (str_eq(obj->fields[i].column, column)) return &obj->fields[i];
    return NULL;
}

static Err *read_body(Ctx *cx, Str text, Change *out)
{
    Val body;

    TRY(json_parse(cx->mem, text, &body));
    out->fields = NEW_N(cx->mem, FieldChange, body.n);
    for (uint32_t i = 0; i < body.n && body.kind == VAL_LIST; i++) {
        Val entry = body.list[i];
        if (entry.kind != VAL_LIST || entry.n < 2) continue;
        const Field *f = field_of_column(out->obj, val_str(entry.list[0]));
        if (!f) continue; /* a field dropped since */
        FieldChange *fc = &out->fields[out->n++];
        fc->field = f;
        if (entry.n > 2) fc->before = value_from_log(cx->mem, f, entry.list[1]);
        fc->after = value_from_log(cx->mem, f, entry.list[entry.n - 1]);
    }
    return NULL;
}

static Err *read_change(Ctx *cx, const DbRows *rows, Change *out)
{
    *out = (Change){
        .cursor = {db_i64(rows, 0), db_i64(rows, 1), db_i64(rows, 2)},
        .at = db_i64(rows, 3),
        .batch = db_i64(rows, 4),
        .cause = db_i64(rows, 5),
        .record = db_i64(rows, 6),
        .actor = db_i64(rows, 7),
        .request = db_str(rows, 8),
        .version = db_i64(rows, 10),
        .kind = (ChangeKind)db_i64(rows, 11),
        .channel = (Channel)db_i64(rows, 12),
        .is_derived = db_i64(rows, 13) != 0,
    };
    int64_t number = db_i64(rows, 9);
    out->obj = number > 0 && number < 1024 ? cx->meta->by_number[number] : NULL;
    return out->obj ? read_body(cx, db_str(rows, 14), out) : NULL;
}

/* Leaves out what the actor may not read. */
static void hide_fields(const Ctx *cx, Change *change)
{
    size_t n = 0;

    for (size_t i = 0; i < change->n; i++)
        if (rights_field(cx, change->fields[i].field) != FIELD_HIDDEN)
            change->fields[n++] = change->fields[i];
    change->n = n;
}

typedef VEC(Change) Changes;

static Err *collect(Ctx *cx, const Sql *q, Changes *out)
{
    DbRows *rows;
    bool has;

    TRY(sql_query(cx->mem, cx->db, q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Change *change = vec_push(cx->mem, out);
        TRY(read_change(cx, rows, change));
        if (!change->obj)
            out->n--;
        else
            hide_fields(cx, change);
    }
}

static void add_after(Sql *q, Cursor c, const char *op)
{
    buf_addf(&q->text, "(epoch, tx, seq) %s (", op);
    sql_bind(q, val_int(c.epoch));
    sql_text(q, ", ");
    sql_bind(q, val_int(c.tx));
    sql_text(q, ", ");
    sql_bind(q, val_int(c.seq));
    sql_text(q, ")");
}

/* A row that a unit still running may come before is not told of yet: who follows would pass that unit's rows by.  Numbers
   of an earlier epoch are another cluster's, and all of its units have ended. */
static void add_settled(const Ctx *cx, Sql *q)
{
    if (!db_conn_can(cx->db, DB_CAP_TX_ID)) {
        sql_text(q, "1 = 1");
        return;
    }
    sql_text(q, "(epoch < ");
    sql_bind(q, val_int(cx->store->epoch));
    sql_text(q, " OR tx < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint))");
}

void change_next(const Ctx *cx, Sql *q, Cursor after, size_t limit)
{
    sql_text(q, " FROM change WHERE ");
    add_settled(cx, q);
    sql_text(q, " AND ");
    add_after(q, after, ">");
    sql_text(q, " ORDER BY epoch, tx, seq LIMIT ");
    sql_i64(q, (int64_t)limit);
}

Err *change_history(Ctx *cx, const Object *obj, Id id, const Cursor *before, size_t limit, Change **out,
                    size_t *n)
{
    Changes changes = {0};
    Sql q = sql_new(cx->mem);
    Record *rec;

    TRY(record_get(cx, obj, id, READ_DELETED, &rec));
    sql_text(&q, "SELECT " CHANGE_COLUMNS " FROM change WHERE record = ");
    sql_bind(&q, val_int(id));
    if (before) {
        sql_text(&q, " AND ");
        add_after(&q, *before, "<");
    }
    sql_text(&q, " ORDER BY epoch DESC, tx DESC, seq DESC LIMIT ");
    sql_i64(&q, (int64_t)limit);
    TRY(collect(cx, &q, &changes));
    *out = changes.p;
    *n = changes.n;
    return NULL;
}

Err *change_of(Ctx *cx, const Id *ids, size_t n_ids, const Cursor *before, size_t limit, Change **out,
               size_t *n)
{
    Changes changes = {0};
    Sql q = sql_new(cx->mem);

    *out = NULL;
    *n = 0;
    if (n_ids == 0) return NULL;
    sql_text(&q, "SELECT " CHANGE_COLUMNS " FROM change WHERE derived = 0 AND record");
    sql_ids(&q, ids, n_ids);
    if (before) {
        sql_text(&q, " AND ");
        add_after(&q, *before, "<");
    }
    sql_text(&q, " ORDER BY epoch DESC, tx DESC, seq DESC LIMIT ");
    sql_i64(&q, (int64_t)limit);
    TRY(collect(cx, &q, &changes));
    *out = changes.p;
    *n = changes.n;
    return NULL;
}

/* Of `changes`, those of records the actor may see: one statement an object. */
static Err *mark_visible(Ctx *cx, const Object *obj, Changes *changes, uint8_t *is_seen)
{
    Sql q = sql_new(cx->mem);
    VEC(Id) ids = {0};
    DbRows *rows;
    bool has;

    for (size_t i = 0; i < changes->n; i++)
        if (changes->p[i].obj == obj) *vec_push(cx->mem, &ids) = changes->p[i].record;
    if (ids.n == 0 || !rights_may(cx, obj, VERB_READ)) return NULL;
    sql_text(&q, "SELECT t0.id FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " t0 WHERE t0.id");
    sql_ids(&q, ids.p, ids.n);
    TRY(rights_where(cx, &q, obj, 0, VERB_READ));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        for (size_t i = 0; i < changes->n; i++)
            if (changes->p[i].record == db_i64(rows, 0)) is_seen[i] = 1;
    }
}

Err *change_feed(Ctx *cx, Cursor after, size_t limit, Change **out, size_t *n, Cursor *last)
{
    Changes changes = {0};
    Sql q = sql_new(cx->mem);
    size_t kept = 0;

    sql_text(&q, "SELECT " CHANGE_COLUMNS);
    change_next(cx, &q, after, limit);
    TRY(collect(cx, &q, &changes));
    *last = changes.n ? changes.p[changes.n - 1].cursor : after;
    uint8_t *is_seen = NEW_N(cx->mem, uint8_t, changes.n);
    for (size_t i = 0; i < cx->meta->n_objects; i++)
        TRY(mark_visible(cx, cx->meta->objects[i], &changes, is_seen));
    for (size_t i = 0; i < changes.n; i++)
        if (is_seen[i]) changes.p[kept++] = changes.p[i];
    *out = changes.p;
    *n = kept;
    return NULL;
}

/* Rows of no interest are read without their body, so that an import of a million is passed in seconds. */
static void select_news(Ctx *cx, Sql *q, Cursor after, const uint16_t *numbers, size_t n, size_t limit)
{
    sql_text(
        q,
        "SELECT epoch, tx, seq, at, batch, cause, record, actor, request, object, version, kind, channel, derived, "
        "CASE WHEN derived = 0 AND channel <> ");
    sql_i64(q, CHANNEL_IMPORT);
    if (n) sql_text(q, " AND object IN (");
    for (size_t i = 0; i < n; i++) {
        if (i) sql_text(q, ", ");
        sql_i64(q, numbers[i]);
    }
    if (n) sql_text(q, ")");
    sql_text(q, " THEN body END");
    change_next(cx, q, after, limit);
}

/* Whether `batch` takes back an import, or puts back what was taken back, and so on. */
static Err *is_of_import(Ctx *cx, Id batch, bool *out)
{
    DbRows *rows = NULL;
    bool has = batch != 0;

    *out = false;
    while (has && !*out) {
        Val bind = val_int(batch);
        TRY(db_query(cx->mem, cx->db, S("SELECT channel, undo_of FROM batch WHERE id = ?1"), &bind, 1,
                     &rows));
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        *out = db_i64(rows, 0) == CHANNEL_IMPORT;
        batch = db_i64(rows, 1);
        bool more = false;
        TRY(db_next(rows, &more));
        has = batch != 0;
    }
    return NULL;
}

/* Leaves out the taking back of imports. */
static Err *drop_imports(Ctx *cx, Changes *changes)
{
    Id known = 0;
    bool is_import = false;
    size_t kept = 0;

    for (size_t i = 0; i < changes->n; i++) {
        const Change *change = &changes->p[i];
        if (change->channel == CHANNEL_UNDO && change->batch != known) {
            known = change->batch;
            TRY(is_of_import(cx, known, &is_import));
        }
        if (change->channel != CHANNEL_UNDO || !is_import) changes->p[kept++] = *change;
    }
    changes->n = kept;
    return NULL;
}

Err *change_news(Ctx *cx, Cursor after, const uint16_t *numbers, size_t n_numbers, size_t limit, Change **out,
                 size_t *n, Cursor *last, bool *is_end)
{
    Changes changes = {0};
    Sql q = sql_new(cx->mem);
    DbRows *rows = NULL;
    size_t seen = 0;

    select_news(cx, &q, after, numbers, n_numbers, limit);
    *last = after;
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (bool has = true;; seen++) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *last = (Cursor){db_i64(rows, 0), db_i64(rows, 1), db_i64(rows, 2)};
        if (val_is_null(db_val(rows, 14))) continue;
        TRY(read_change(cx, rows, vec_push(cx->mem, &changes)));
        if (!changes.p[changes.n - 1].obj) changes.n--;
    }
    TRY(drop_imports(cx, &changes));
    *out = changes.p;
    *n = changes.n;
    *is_end = seen < limit;
    return NULL;
}

Err *change_last(Ctx *cx, Cursor *out)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    *out = (Cursor){0};
    sql_text(&q, "SELECT epoch, tx, seq FROM change WHERE ");
    add_settled(cx, &q);
    sql_text(&q, " ORDER BY epoch DESC, tx DESC, seq DESC LIMIT 1");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    TRY(db_next(rows, &has));
    if (has) *out = (Cursor){db_i64(rows, 0), db_i64(rows, 1), db_i64(rows, 2)};
    return has ? db_next(rows, &has) : NULL;
}

Str cursor_text(Arena *mem, Cursor c)
{
    return str_fmt(mem, "%lld.%lld.%lld", (long long)c.epoch, (long long)c.tx, (long long)c.seq);
}

bool cursor_parse(Str s, Cursor *out)
{
    Str rest = s, a = str_cut(&rest, '.'), b = str_cut(&rest, '.');

    return str_to_i64(a, &out->epoch) && str_to_i64(b, &out->tx) && str_to_i64(rest, &out->seq) &&
           out->seq >= 0;
}

/* --- one record at a moment ------------------------------------------------------------------------------------------ */

/* Takes `rec` back over every change after moment `at`, or after `place` in the log, newest first. */
static Err *take_back(Ctx *cx, Record *rec, int64_t at, const Cursor *place, bool *existed)
{
    Changes changes = {0};
    Sql q = sql_new(cx->mem);

    sql_text(&q, "SELECT " CHANGE_COLUMNS " FROM change WHERE record = ");
    sql_bind(&q, val_int(rec->id));
    if (place) {
        sql_text(&q, " AND ");
        add_after(&q, *place, ">");
    } else {
        sql_text(&q, " AND at > ");
        sql_bind(&q, val_int(at));
    }
    sql_text(&q, " ORDER BY epoch DESC, tx DESC, seq DESC");
    TRY(collect(cx, &q, &changes));
    for (size_t i = 0; i < changes.n; i++) {
        const Change *change = &changes.p[i];
        if (change->kind == CHANGE_CREATE) *existed = false;
        for (size_t k = 0; k < change->n; k++)
            rec->vals[change->fields[k].field->index] = change->fields[k].before;
        if (!change->is_derived && change->version > 0) rec->version = change->version - 1;
    }
    return NULL;
}

/* Who wrote `rec` last before `at`, and when: not in the bodies of changes, because every change has them. */
static Err *last_touch(Ctx *cx, Record *rec, int64_t at)
{
    const Object *user = meta_object(cx->meta, S("user"));
    Val binds[] = {val_int(rec->id), val_int(at)};
    DbRows *rows;
    bool has;

    TRY(db_query(
        cx->mem, cx->db,
        S("SELECT at, actor FROM change WHERE record = ?1 AND at <= ?2 AND derived = 0 AND kind <> 1 "
          "ORDER BY epoch DESC, tx DESC, seq DESC LIMIT 1"),
        binds, 2, &rows));
    TRY(db_next(rows, &has));
    Id actor = has ? db_i64(rows, 1) : 0;
    if (has)
        rec->vals[SYS_UPDATED_AT] = val_from_ms(db_i64(rows, 0));
    else
        rec->vals[SYS_UPDATED_AT] = rec->vals[SYS_CREATED_AT];
    if (has)
        rec->vals[SYS_UPDATED_BY] = actor && user ? val_ref(user->number, actor) : val_null();
    else
        rec->vals[SYS_UPDATED_BY] = rec->vals[SYS_CREATED_BY];
    return has ? db_next(rows, &has) : NULL;
}

Err *record_at(Ctx *cx, const Object *obj, Id id, int64_t at, Record **out)
{
    bool existed = true;
    Ctx live = *cx;
    Record *rec;

    live.as_of = 0;
    TRY(record_get(&live, obj, id, READ_DELETED, &rec));
    rec = record_copy(cx->mem, rec);
    TRY(take_back(&live, rec, at, NULL, &existed));
    TRY(last_touch(&live, rec, at));
    if (!existed || !val_is_null(rec->vals[SYS_DELETED_AT]))
        FAIL(cx->mem, ERR_NOT_FOUND, "error.record.none", "record did not exist at that moment");
    rec->vals[SYS_VERSION] = val_int(rec->version);
    rec->label = (Str){0};
    rec->label = record_text(cx->mem, rec);
    *out = rec;
    return NULL;
}

Err *record_after(Ctx *cx, const Change *change, Record **out)
{
    const Object *user = meta_object(cx->meta, S("user"));
    bool existed = true;
    Record *rec = NULL;

    TRY(record_get(cx, change->obj, change->record, READ_DELETED | READ_LINKS, &rec));
    *out = rec;
    if (rec->version == change->version) return NULL;
    *out = rec = record_copy(cx->mem, rec);
    TRY(take_back(cx, rec, 0, &change->cursor, &existed));
    rec->version = change->version;
    rec->vals[SYS_VERSION] = val_int(rec->version);
    rec->vals[SYS_UPDATED_AT] = val_from_ms(change->at);
    rec->vals[SYS_UPDATED_BY] = change->actor && user ? val_ref(user->number, change->actor) : val_null();
    rec->label = (Str){0};
    rec->label = record_text(cx->mem, rec);
    return NULL;
}
