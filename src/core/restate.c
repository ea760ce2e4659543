/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A new, changed or deleted exchange rate restates, by a job, the amounts in company currency of the rows whose day it covers:
   from its own date to the next rate's.  A row's day is that of core/row.c, so a row without a date, or with one still to
   come, follows the rate of today; a rate of a day to come waits for that day.  What is written is derived: row, past row,
   log and roll-ups, but no version and no time.  Running twice changes nothing the second time. */
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "core/asof.h"
#include "core/change.h"
#include "core/job.h"
#include "core/store.h"
#include "core/write.h"

#define CHUNK 200

/* On a shared database a write may still be under way that read the old rate. */
#define SETTLE_MS 2000

/* --- queueing -------------------------------------------------------------------------------------------------------- */

static bool is_in_force(const Record *rate)
{
    return rate && val_is_null(rate->vals[SYS_DELETED_AT]);
}

static Err *queue(Ctx *cx, const Record *rate)
{
    Val currency = val_int(record_get_val(rate, "currency").i), date = record_get_val(rate, "date"), code;
    int64_t due = zone_day_start(cx->store->company->zone, date.i);
    int64_t settled = cx->now + (db_conn_can(cx->db, DB_CAP_SHARED) ? SETTLE_MS : 0);

    TRY(db_one(cx->mem, cx->db, S("SELECT code FROM \"currency\" WHERE id = ?1"), &currency, 1, &code));
    if (code.kind != VAL_TEXT) return NULL;
    ValPair pairs[] = {
        {val_text(S("currency")), code},
        {val_text(S("date")), val_int(date.i)},
        {val_text(S("cause")), val_id(cx->batch)},
    };
    return job_add(cx, S("core.restate"), val_map(pairs, sizeof pairs / sizeof *pairs),
                   due > settled ? due : settled, NULL);
}

static bool is_same_rate(const Record *a, const Record *b)
{
    return val_same(record_get_val(a, "currency"), record_get_val(b, "currency")) &&
           val_same(record_get_val(a, "date"), record_get_val(b, "date")) &&
           val_same(record_get_val(a, "rate"), record_get_val(b, "rate"));
}

Err *restate_note(Ctx *cx, const Record *before, const Record *after)
{
    if (!str_eq(after->obj->name, S("rate"))) return NULL;
    bool was = is_in_force(before), is = is_in_force(after);

    if (was && is && is_same_rate(before, after)) return NULL;
    bool is_moved = was && is &&
                    !(val_same(record_get_val(before, "date"), record_get_val(after, "date")) &&
                      val_same(record_get_val(before, "currency"), record_get_val(after, "currency")));
    if (is_moved || (was && !is)) TRY(queue(cx, before));
    return is ? queue(cx, after) : NULL;
}

/* --- which rows ------------------------------------------------------------------------------------------------------ */

typedef struct Part {
    const Object *obj;
    Id *ids;
    size_t n;
} Part;

typedef struct Restate {
    Store *store;
    Arena *mem, *chunk_mem;
    Str code;
    uint16_t currency;
    int64_t from, until, today; /* days; until: the next rate's, exclusive */
    Id cause;
    VEC(Part) parts;
    size_t total, kept; /* kept: rows no rate or number fits any more */
    const Object *obj;  /* of the chunk */
    const Id *ids;
    size_t n;
} Restate;

static bool is_money(const Field *f)
{
    return f->result == FIELD_MONEY && !f->is_secret && (!f->is_computed || f->is_stored);
}

static Str role_column(const Field *f, ColumnRole role)
{
    Column columns[FIELD_COLUMNS_MAX];
    size_t n = field_columns(f, columns);

    for (size_t i = 0; i < n; i++)
        if (columns[i].role == role) return columns[i].name;
    return (Str){0};
}

static Err *next_rate(Ctx *cx, Restate *run)
{
    Val binds[] = {val_text(run->code), val_int(run->from)}, next;

    TRY(db_one(
        cx->mem, cx->db,
        S("SELECT min(r.date) FROM \"rate\" r JOIN \"currency\" c ON c.id = r.currency WHERE c.code = ?1 "
          "AND r.date > ?2 AND r.deleted_at IS NULL"),
        binds, 2, &next));
    run->until = next.kind == VAL_INT ? next.i : INT64_MAX;
    return NULL;
}

/* The rate in force today covers also rows without a date and those of days to come. */
static bool covers_today(const Restate *run)
{
    return run->from <= run->today && run->today < run->until;
}

static void add_days(Sql *q, const Restate *run, const Field *day)
{
    if (!day) return;
    sql_text(q, " AND (");
    sql_ident(q, day->column);
    sql_text(q, " >= ");
    sql_bind(q, val_int(run->from));
    if (covers_today(run)) {
        sql_text(q, " OR ");
        sql_ident(q, day->column);
        sql_text(q, " IS NULL");
    } else {
        sql_text(q, " AND ");
        sql_ident(q, day->column);
        sql_text(q, " < ");
        sql_bind(q, val_int(run->until));
    }
    sql_text(q, ")");
}

static Err *find_rows(Ctx *cx, Restate *run, const Object *obj)
{
    Sql q = sql_new(cx->mem);
    VEC(Id) ids = {0};
    DbRows *rows;
    bool has, is_first = true;

    if (!obj->rate_date && !covers_today(run)) return NULL;
    sql_text(&q, "SELECT id FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " WHERE (");
    for (size_t i = 0; i < obj->n_fields; i++) {
        if (!is_money(&obj->fields[i])) continue;
        if (!is_first) sql_text(&q, " OR ");
        is_first = false;
        sql_ident(&q, role_column(&obj->fields[i], COLUMN_CURRENCY));
        sql_text(&q, " = ");
        sql_bind(&q, val_text(run->code));
    }
    sql_text(&q, ")");
    if (is_first) return NULL;
    add_days(&q, run, obj->rate_date);
    sql_text(&q, " ORDER BY id");
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(run->mem, &ids) = db_i64(rows, 0);
    }
    if (ids.n) *vec_push(run->mem, &run->parts) = (Part){obj, ids.p, ids.n};
    run->total += ids.n;
    return NULL;
}

static Err *find(DbConn *c, void *arg)
{
    Restate *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);

    db_set_budget(c, 60000);
    run->parts.n = run->total = 0;
    run->today = zone_date(run->store->company->zone, cx.now);
    TRY(next_rate(&cx, run));
    if (run->from > run->today) return NULL;
    for (size_t i = 0; i < cx.meta->n_objects; i++) TRY(find_rows(&cx, run, cx.meta->objects[i]));
    return NULL;
}

/* --- one row --------------------------------------------------------------------------------------------------------- */

/* The amount at the rate as it now is; false when there is none or it does not fit: then what stands is left. */
static Err *fresh_base(Ctx *cx, Restate *run, const Record *rec, const Field *f, Val *out, bool *has)
{
    Err *e = money_base(cx, rec->vals[f->index], money_day(cx, rec), out);

    *has = !e;
    if (!e || e->code != ERR_INVALID) return e;
    run->kept++;
    return NULL;
}

static Err *stored_base(Ctx *cx, const Record *rec, Str column, Val *out)
{
    Sql q = sql_new(cx->mem);
    DbRows *rows;
    bool has;

    sql_text(&q, "SELECT ");
    sql_ident(&q, column);
    sql_text(&q, " FROM ");
    sql_ident(&q, rec->obj->table);
    sql_text(&q, " WHERE id = ");
    sql_bind(&q, val_int(rec->id));
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    TRY(db_next(rows, &has));
    *out = has ? db_val(rows, 0) : val_null();
    return has ? db_next(rows, &has) : NULL;
}

static Err *write_row(Ctx *cx, const Record *rec, const ColumnChange *changes, size_t n)
{
    Sql q = sql_new(cx->mem);

    TRY(asof_keep(cx, rec->obj, rec->id));
    sql_text(&q, "UPDATE ");
    sql_ident(&q, rec->obj->table);
    sql_text(&q, " SET valid_from = ");
    sql_bind(&q, val_int(cx->now));
    for (size_t i = 0; i < n; i++) {
        sql_text(&q, ", ");
        sql_ident(&q, changes[i].column);
        sql_text(&q, " = ");
        sql_bind(&q, changes[i].after);
    }
    sql_text(&q, " WHERE id = ");
    sql_bind(&q, val_int(rec->id));
    TRY(sql_exec(cx->mem, cx->db, &q, NULL));
    return change_add_columns(cx, rec, changes, n);
}

static Err *restate_row(Ctx *cx, Restate *run, Id id)
{
    VEC(ColumnChange) changes = {0};
    Record *rec;

    Err *e = record_get(cx, run->obj, id, READ_DELETED | READ_LOCK, &rec);
    if (e) return e->code == ERR_NOT_FOUND ? NULL : e;
    for (size_t i = 0; i < rec->obj->n_fields; i++) {
        const Field *f = &rec->obj->fields[i];
        Str column = role_column(f, COLUMN_BASE);
        Val before, after;
        bool has;
        if (!is_money(f) || rec->vals[i].kind != VAL_MONEY || rec->vals[i].aux != run->currency) continue;
        TRY(fresh_base(cx, run, rec, f, &after, &has));
        TRY(stored_base(cx, rec, column, &before));
        if (!has || val_same(before, after)) continue;
        *vec_push(cx->mem, &changes) = (ColumnChange){column, before, after};
        rollup_note_base(cx, rec, f);
    }
    return changes.n ? write_row(cx, rec, changes.p, changes.n) : NULL;
}

static Err *restate_rows(DbConn *c, void *arg)
{
    Restate *run = arg;
    Ctx cx = ctx_system(run->store, run->chunk_mem, c);

    cx.cause = run->cause;
    cx.batch = id_new(cx.now);
    cx.hold++;
    for (size_t i = 0; i < run->n; i++) TRY(restate_row(&cx, run, run->ids[i]));
    cx.hold--;
    return rollup_flush(&cx);
}

/* --- the job --------------------------------------------------------------------------------------------------------- */

static Err *run_part(Restate *run, const Part *part, Id job, size_t *done)
{
    run->obj = part->obj;
    for (size_t i = 0; i < part->n; i += CHUNK) {
        run->ids = part->ids + i;
        run->n = part->n - i < CHUNK ? part->n - i : CHUNK;
        run->chunk_mem = arena_new(LIMIT_REQUEST_MEM);
        Err *e = job_unit(run->store, run->chunk_mem, restate_rows, run);
        if (e) e = err_copy(run->mem, e);
        arena_free(run->chunk_mem);
        if (e) return e;
        *done += run->n;
        TRY(job_progress(run->store, run->mem, job, (int64_t)*done, (int64_t)run->total));
    }
    return NULL;
}

static Err *restate_run(Store *store, Arena *mem, Id job, const Val *arg)
{
    const Val *currency = val_get(arg, S("currency")), *date = val_get(arg, S("date")),
              *cause = val_get(arg, S("cause"));
    Restate run = {.store = store, .mem = mem};
    size_t done = 0;

    if (!currency || currency->kind != VAL_TEXT || !date || date->kind != VAL_INT)
        FAIL(mem, ERR_INVALID, "error.job.run", "argument of a restatement");
    run.code = val_str(*currency);
    run.currency = currency_pack(run.code);
    run.from = date->i;
    if (cause && cause->kind == VAL_TEXT && !id_parse(val_str(*cause), &run.cause)) run.cause = 0;
    TRY(db_read(store->db, mem, find, &run));
    TRY(job_progress(store, mem, job, 0, (int64_t)run.total));
    for (size_t i = 0; i < run.parts.n; i++) TRY(run_part(&run, &run.parts.p[i], job, &done));
    if (run.kept)
        log_line(LOG_WARN, "amounts without a rate that fits were left", "currency=%.*s rows=%zu",
                 SFMT(run.code), run.kept);
    return NULL;
}

static const JobKind JOBS[] = {{.name = "core.restate", .run = restate_run}};

const Module core_jobs = {.name = "core", .jobs = JOBS, .n_jobs = sizeof JOBS / sizeof *JOBS};
