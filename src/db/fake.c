/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The scripted database of unit tests: a list of expected statements with their answers.  It has one connection and
 * no threads, so a test is a straight line. */

#include "db/fake.h"

#include "base/map.h"
#include "db/driver.h"

typedef struct Step {
    const char *part;
    const Val *vals;
    size_t n_rows, n_columns;
    int64_t changed;
    ErrCode code; /* 0: it works */
    const char *key, *field;
} Step;

typedef struct Ran {
    Str sql;
    Val *binds;
    size_t n;
} Ran;

typedef struct Fake {
    Db base;
    DbDriver driver;
    DbConn conn;
    Arena *mem;
    VEC(Step) script;
    VEC(Ran) ran;
    size_t at; /* next step */
    Str unexpected;
    ErrCode commit_code;
    const char *commit_key;
} Fake;

typedef struct FakeRows {
    DbRows base;
    const Step *step;
    size_t at;
} FakeRows;

static Fake *fake_of(DbConn *c)
{
    return (Fake *)c->db;
}

static void keep(Fake *f, Str sql, const Val *binds, size_t n)
{
    Ran *r = vec_push(f->mem, &f->ran);

    *r = (Ran){.sql = str_copy(f->mem, sql), .binds = NEW_N(f->mem, Val, n), .n = n};
    for (size_t i = 0; i < n; i++) r->binds[i] = val_copy(f->mem, binds[i]);
}

static Err *take(Arena *mem, Fake *f, Str sql, const Val *binds, size_t n, const Step **out)
{
    const Step *s = f->at < f->script.n ? &f->script.p[f->at] : NULL;

    keep(f, sql, binds, n);
    if (!s || str_find(sql, str_c(s->part)) < 0) {
        if (!f->unexpected.n) f->unexpected = str_copy(f->mem, sql);
        FAIL(mem, ERR_INTERNAL, "error.db", "fake: unexpected: %.*s", SFMT(sql));
    }
    f->at++;
    *out = s;
    if (!s->code) return NULL;
    return err_field(err_new(mem, s->code, s->key, "fake: %s", s->part), str_c(s->field));
}

static Err *fake_exec(Arena *mem, DbConn *c, Str sql, const Val *binds, size_t n, int64_t *changed)
{
    const Step *s = NULL;

    TRY(take(mem, fake_of(c), sql, binds, n, &s));
    *changed = s->changed;
    return NULL;
}

static Err *fake_query(Arena *mem, DbConn *c, Str sql, const Val *binds, size_t n, DbRows **out)
{
    FakeRows *r = NEW(mem, FakeRows);

    TRY(take(mem, fake_of(c), sql, binds, n, &r->step));
    r->base.n = r->step->n_columns;
    r->base.vals = NEW_N(mem, Val, r->base.n);
    *out = &r->base;
    return NULL;
}

static Err *fake_next(DbRows *base, bool *has_row)
{
    FakeRows *r = (FakeRows *)base;

    *has_row = r->at < r->step->n_rows;
    if (!*has_row) return NULL;
    for (size_t i = 0; i < base->n; i++)
        base->vals[i] = val_copy(base->mem, r->step->vals[r->at * base->n + i]);
    r->at++;
    return NULL;
}

static Err *fake_end(DbRows *rows)
{
    (void)rows;
    return NULL;
}

static Err *fake_script(Arena *mem, DbConn *c, Str sql)
{
    const Step *s = NULL;

    return take(mem, fake_of(c), sql, NULL, 0, &s);
}

static Err *fake_back(Arena *mem, DbConn *c)
{
    return fake_script(mem, c, S("ROLLBACK TO SAVEPOINT attempt"));
}

static Err *run_unit(Fake *f, Arena *mem, DbWork work, void *arg, bool is_background)
{
    Err *e;
    ErrCode code = f->commit_code;

    db_unit_begin(&f->conn, is_background);
    e = db_unit_work(&f->conn, mem, work, arg);
    if (e || !code) return e;
    f->commit_code = (ErrCode)0;
    FAIL(mem, code, f->commit_key, "fake: commit");
}

static void fake_submit(Db *db, DbUnit *u)
{
    Fake *f = (Fake *)db;

    if (u->is_plain)
        db_unit_answer(db, u, db_unit_work(NULL, u->mem, u->work, u->arg));
    else
        db_unit_answer(db, u, run_unit(f, u->mem, u->work, u->arg, u->is_background));
}

static Err *fake_read_inline(Db *db, Arena *mem, DbWork work, void *arg)
{
    return run_unit((Fake *)db, mem, work, arg, false);
}

static void fake_close(Db *db)
{
    (void)db;
}

Db *fake_open(Arena *mem, unsigned caps)
{
    Fake *f = NEW(mem, Fake);

    f->mem = mem;
    f->driver = (DbDriver){
        .name = "fake",
        .caps = caps,
        .exec = fake_exec,
        .query = fake_query,
        .next = fake_next,
        .end = fake_end,
        .script = fake_script,
        .back = fake_back,
        .submit = fake_submit,
        .read_inline = fake_read_inline,
        .close = fake_close,
    };
    f->base.driver = f->conn.driver = &f->driver;
    f->base.budget_ms = DB_BUDGET_MS;
    f->conn.db = &f->base;
    return &f->base;
}

void fake_expect(Db *db, const char *part, const Val *vals, size_t n_rows, size_t n_columns, int64_t changed)
{
    Fake *f = (Fake *)db;

    *vec_push(f->mem, &f->script) =
        (Step){.part = part, .vals = vals, .n_rows = n_rows, .n_columns = n_columns, .changed = changed};
}

void fake_fail(Db *db, const char *part, ErrCode code, const char *key, const char *field)
{
    Fake *f = (Fake *)db;

    *vec_push(f->mem, &f->script) = (Step){.part = part, .code = code, .key = key, .field = field};
}

void fake_fail_commit(Db *db, ErrCode code, const char *key)
{
    ((Fake *)db)->commit_code = code;
    ((Fake *)db)->commit_key = key;
}

Str fake_complaint(Arena *mem, const Db *db)
{
    const Fake *f = (const Fake *)db;

    if (f->unexpected.n) return str_cat(mem, S("unexpected: "), f->unexpected);
    if (f->at < f->script.n) return str_cat(mem, S("never came: "), str_c(f->script.p[f->at].part));
    return (Str){0};
}

size_t fake_count(const Db *db)
{
    return ((const Fake *)db)->ran.n;
}

Val fake_bind(const Db *db, size_t nth, size_t i)
{
    const Fake *f = (const Fake *)db;

    REQUIRE(nth < f->ran.n && i < f->ran.p[nth].n);
    return f->ran.p[nth].binds[i];
}
