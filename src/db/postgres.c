/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One PostgreSQL connection and the statements on it.  SQL text is prepared once per connection; the types of its
 * binds come from the values, and a statement whose binds turn out to be of other types is prepared anew.  Results
 * arrive whole and in text; their memory is libpq's, freed with the arena, and texts point into it.  Which error is
 * which SQLSTATE is decided here; what to do about it is not (pg_unit.c). */

#include "db/pg.h"

enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_OID = 26,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_NUMERIC = 1700,
    OID_XID8 = 5069
};

#define PG_BINDS_MAX 65535

typedef struct PgRows {
    DbRows base;
    PGresult *result;
    int at;
} PgRows;

/* What a cache entry holds. */
typedef struct Prepared {
    char name[24];
    size_t n;
    Oid types[];
} Prepared;

/* --- errors */

static bool is_state(const char *state, const char *const *list)
{
    for (; *list; list++)
        if (strncmp(state, *list, strlen(*list)) == 0) return true;
    return false;
}

/* Serialization, deadlock, lock timeout; a plan or statement that the server no longer has. */
static const char *const replay_states[] = {"40001", "40P01", "55P03", NULL};
static const char *const forget_states[] = {"0A000", "26000", NULL};
static const char *const lost_states[] = {"08000", "08001", "08003", "08004", "08006", "57P", "53300", NULL};

static void note_state(Pg *c, const char *state)
{
    if (is_state(state, lost_states) || !c->link || PQstatus(c->link) == CONNECTION_BAD) c->is_lost = true;
    if (is_state(state, forget_states)) c->must_forget = true;
    if (is_state(state, replay_states) || c->must_forget || c->is_lost) c->must_replay = true;
}

static const char *field_of(const PGresult *r, int field)
{
    const char *s = r ? PQresultErrorField(r, field) : NULL;

    return s ? s : "";
}

Err *pg_fail(Arena *mem, Pg *c, const PGresult *r, Str sql)
{
    const char *state = field_of(r, PG_DIAG_SQLSTATE);
    Str message = str_c(field_of(r, PG_DIAG_MESSAGE_PRIMARY)), start = str_sub(sql, 0, 300);

    note_state(c, state);
    if (!message.n) message = str_trim(str_c(PQerrorMessage(c->link)));
    if (strncmp(state, "22", 2) == 0) message = S("bad value"); /* the server's text quotes it */
#define DETAIL "postgres %s: %.*s: %.*s", state, SFMT(message), SFMT(start)
    if (strcmp(state, "23505") == 0)
        return err_field(err_new(mem, ERR_CONFLICT, "error.db.unique", DETAIL),
                         str_copy(mem, str_c(field_of(r, PG_DIAG_CONSTRAINT_NAME))));
    if (strcmp(state, "23503") == 0) FAIL(mem, ERR_CONFLICT, "error.db.reference", DETAIL);
    if (strcmp(state, "57014") == 0) FAIL(mem, ERR_LIMIT, "error.db.budget", DETAIL);
    if (strcmp(state, "53100") == 0) FAIL(mem, ERR_LIMIT, "error.db.full", DETAIL);
    if (c->is_lost) FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", DETAIL);
    if (c->must_replay) FAIL(mem, ERR_CONFLICT, "error.db.serialization", DETAIL);
    FAIL(mem, ERR_INTERNAL, "error.db", DETAIL);
#undef DETAIL
}

/* --- values */

static void clear_result(void *r)
{
    PQclear(r);
}

/* Text form of bytea: \x and two digits a byte (bytea_output is hex). */
static Val bytes_of(Arena *mem, Str s)
{
    size_t n = s.n / 2 - 1;
    char *p = arena_alloc(mem, n + 1);

    REQUIRE(str_starts(s, S("\\x")));
    for (size_t i = 0; i < n; i++) {
        int high = hex_digit(s.p[2 * i + 2]), low = hex_digit(s.p[2 * i + 3]);

        REQUIRE(high >= 0 && low >= 0);
        p[i] = (char)(high << 4 | low);
    }
    return val_bytes((Str){p, n});
}

/* An integer when it is one and fits, else as written. */
static Val numeric_of(Str s)
{
    ptrdiff_t dot = str_find_char(s, '.');
    Str whole = dot < 0 ? s : str_sub(s, 0, (size_t)dot);
    int64_t i;

    for (size_t at = whole.n + 1; dot >= 0 && at < s.n; at++)
        if (s.p[at] != '0') return val_text(s);
    return str_to_i64(whole, &i) ? val_int(i) : val_text(s);
}

static Val integer_of(Str s)
{
    int64_t i = 0;

    return str_to_i64(s, &i) ? val_int(i) : val_text(s);
}

static Val value_of(Arena *mem, const PGresult *r, int row, int col)
{
    Str s = {PQgetvalue(r, row, col), (size_t)PQgetlength(r, row, col)};

    if (PQgetisnull(r, row, col)) return val_null();
    switch (PQftype(r, col)) {
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_OID:
    case OID_XID8: return integer_of(s);
    case OID_BOOL: return val_bool(s.p[0] == 't');
    case OID_NUMERIC: return numeric_of(s);
    case OID_FLOAT4:
    case OID_FLOAT8: return val_double(strtod(s.p, NULL));
    case OID_BYTEA: return bytes_of(mem, s);
    default: return val_text(s);
    }
}

static Oid oid_of(Val v)
{
    switch ((ValKind)v.kind) {
    case VAL_NULL: return 0;
    case VAL_BOOL: return OID_BOOL;
    case VAL_DOUBLE: return OID_FLOAT8;
    case VAL_TEXT: return OID_TEXT;
    case VAL_BYTES: return OID_BYTEA;
    default: return OID_INT8;
    }
}

/* The binds as libpq wants them; texts are terminated copies, bytes go in binary. */
typedef struct Binds {
    const char **values;
    int *lengths, *formats;
} Binds;

static const char *bind_text(Arena *mem, Val v)
{
    int64_t i;

    if (v.kind == VAL_TEXT) return str_to_c(mem, val_str(v));
    if (v.kind == VAL_BYTES) return v.n ? v.p : "";
    if (v.kind == VAL_BOOL) return v.b ? "t" : "f";
    if (v.kind == VAL_DOUBLE) return str_to_c(mem, str_fmt(mem, "%.17g", v.d));
    REQUIRE(db_val_i64(v, &i));
    return str_to_c(mem, str_fmt(mem, "%lld", (long long)i));
}

static Binds binds_of(Arena *mem, const Val *vals, size_t n)
{
    Binds b = {NEW_N(mem, const char *, n), NEW_N(mem, int, n), NEW_N(mem, int, n)};

    for (size_t i = 0; i < n; i++) {
        if (val_is_null(vals[i])) continue;
        b.values[i] = bind_text(mem, vals[i]);
        b.lengths[i] = vals[i].kind == VAL_BYTES ? (int)vals[i].n : 0;
        b.formats[i] = vals[i].kind == VAL_BYTES;
    }
    return b;
}

/* --- statements */

static void drop_stmt(void *ctx, Stmt *s)
{
    Pg *c = ctx;
    Prepared *p = s->handle;
    char sql[64];

    if (c->link && PQstatus(c->link) == CONNECTION_OK && PQtransactionStatus(c->link) != PQTRANS_INERROR) {
        snprintf(sql, sizeof sql, "DEALLOCATE %s", p->name);
        PQclear(PQexec(c->link, sql));
    }
    free(p);
}

void pg_init(Pg *c, PgDb *db)
{
    c->db = db;
    c->base.driver = db->base.driver;
    c->base.db = &db->base;
    stmts_open(&c->stmts, DB_CACHED_STATEMENTS, drop_stmt, c);
}

void pg_forget(Pg *c)
{
    PGconn *link = c->link;

    if (link) PQclear(PQexec(link, "DEALLOCATE ALL"));
    c->link = NULL; /* not once more one by one */
    stmts_close(&c->stmts);
    c->link = link;
    stmts_open(&c->stmts, DB_CACHED_STATEMENTS, drop_stmt, c);
    c->must_forget = false;
}

static bool fits(const Prepared *p, const Val *binds, size_t n)
{
    if (p->n != n) return false;
    for (size_t i = 0; i < n; i++)
        if (!val_is_null(binds[i]) && oid_of(binds[i]) != p->types[i]) return false;
    return true;
}

static Err *prepare_as(Arena *mem, Pg *c, Str sql, const Prepared *p)
{
    Buf text = buf_new(mem, sql.n * 2 + 4096);
    PGresult *r;
    Err *e = NULL;

    sql_renumber(&text, sql, '$', 0);
    buf_add_c(&text, '\0');
    r = PQprepare(c->link, p->name, text.p, (int)p->n, p->types);
    if (PQresultStatus(r) != PGRES_COMMAND_OK) e = pg_fail(mem, c, r, sql);
    PQclear(r);
    return e;
}

/* A null tells no type: the one known from an earlier call is kept, so that types are learnt once. */
static Err *prepare(Arena *mem, Pg *c, Str sql, const Val *binds, size_t n, const Prepared *old,
                    Prepared **out)
{
    Prepared *p = db_alloc(sizeof *p + n * sizeof(Oid));
    Err *e;

    snprintf(p->name, sizeof p->name, "k%lld", (long long)++c->stmts.made);
    p->n = n;
    for (size_t i = 0; i < n; i++) {
        p->types[i] = oid_of(binds[i]);
        if (val_is_null(binds[i]) && old && i < old->n) p->types[i] = old->types[i];
    }
    e = prepare_as(mem, c, sql, p);
    if (e) {
        free(p);
        return e;
    }
    *out = p;
    return NULL;
}

static Err *find(Arena *mem, Pg *c, Str sql, const Val *binds, size_t n, const Prepared **out)
{
    Stmt *s = stmts_get(&c->stmts, sql);
    Prepared *made = NULL;
    Err *e = NULL;

    if (!s) {
        TRY(prepare(mem, c, sql, binds, n, NULL, &made));
        s = stmts_add(&c->stmts, sql, made);
    } else if (!fits(s->handle, binds, n)) {
        e = prepare(mem, c, sql, binds, n, s->handle, &made);
        if (!e) {
            drop_stmt(c, s);
            s->handle = made;
        }
    }
    *out = s->handle;
    stmts_release(&c->stmts, s);
    return e;
}

static Err *send_budget(Arena *mem, Pg *c)
{
    char sql[64];

    if (c->server_budget == c->base.budget_ms) return NULL;
    snprintf(sql, sizeof sql, "SET LOCAL statement_timeout = %d", c->base.budget_ms);
    TRY(pg_run(mem, c, sql, NULL));
    c->server_budget = c->base.budget_ms;
    return NULL;
}

static Err *perform(Arena *mem, Pg *c, Str sql, const Val *binds, size_t n, PGresult **out)
{
    const Prepared *p = NULL;
    ExecStatusType status;
    Binds b;
    Err *e;

    if (!c->link) FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", "no connection");
    if (n > PG_BINDS_MAX) FAIL(mem, ERR_INTERNAL, "error.db", "%zu binds", n);
    TRY(send_budget(mem, c));
    TRY(find(mem, c, sql, binds, n, &p));
    b = binds_of(mem, binds, n);
    *out = PQexecPrepared(c->link, p->name, (int)n, b.values, b.lengths, b.formats, 0);
    status = PQresultStatus(*out);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return NULL;
    e = pg_fail(mem, c, *out, sql);
    PQclear(*out);
    return e;
}

Err *pg_exec(Arena *mem, DbConn *base, Str sql, const Val *binds, size_t n, int64_t *changed)
{
    PGresult *r = NULL;

    TRY(perform(mem, (Pg *)base, sql, binds, n, &r));
    *changed = 0;
    if (PQresultStatus(r) == PGRES_COMMAND_OK) (void)str_to_i64(str_c(PQcmdTuples(r)), changed);
    PQclear(r);
    return NULL;
}

Err *pg_query(Arena *mem, DbConn *base, Str sql, const Val *binds, size_t n, DbRows **out)
{
    PgRows *rows = NEW(mem, PgRows);

    TRY(perform(mem, (Pg *)base, sql, binds, n, &rows->result));
    arena_defer(mem, clear_result, rows->result);
    rows->base.n = (size_t)PQnfields(rows->result);
    rows->base.vals = NEW_N(mem, Val, rows->base.n);
    *out = &rows->base;
    return NULL;
}

Err *pg_next(DbRows *base, bool *has_row)
{
    PgRows *rows = (PgRows *)base;

    *has_row = rows->at < PQntuples(rows->result);
    if (!*has_row) return NULL;
    for (size_t i = 0; i < base->n; i++) base->vals[i] = value_of(base->mem, rows->result, rows->at, (int)i);
    rows->at++;
    return NULL;
}

Err *pg_end(DbRows *rows)
{
    (void)rows;
    return NULL;
}

Err *pg_run(Arena *mem, Pg *c, const char *sql, Val *value)
{
    PGresult *r = PQexec(c->link, sql);
    ExecStatusType status = PQresultStatus(r);
    Err *e = NULL;

    if (value) *value = val_null();
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        e = pg_fail(mem, c, r, str_c(sql));
    else if (value && PQntuples(r) > 0 && PQnfields(r) > 0)
        *value = val_copy(mem, value_of(mem, r, 0, 0));
    PQclear(r);
    return e;
}

Err *pg_script(Arena *mem, DbConn *base, Str sql)
{
    Pg *c = (Pg *)base;

    if (!c->link) FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", "no connection");
    TRY(send_budget(mem, c));
    return pg_run(mem, c, str_to_c(mem, sql), NULL);
}

/* A budget set since the savepoint is undone with it. */
Err *pg_back(Arena *mem, DbConn *base)
{
    Pg *c = (Pg *)base;

    if (!c->link) FAIL(mem, ERR_UNAVAILABLE, "error.db.unreachable", "no connection");
    c->server_budget = -1;
    return pg_run(mem, c, "ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt", NULL);
}

/* --- the connection */

static const char *const keywords[] = {"connect_timeout",  "keepalives_idle",  "keepalives_interval",
                                       "keepalives_count", "tcp_user_timeout", "fallback_application_name",
                                       "dbname",           "client_encoding",  NULL};

static Err *set_up(Arena *mem, Pg *c)
{
    char sql[256];

    if (PQserverVersion(c->link) < 150000)
        FAIL(mem, ERR_UNAVAILABLE, "error.db.old", "PostgreSQL 15 or newer is needed, not %d",
             PQserverVersion(c->link) / 10000);
    snprintf(sql, sizeof sql,
             "SET statement_timeout = %d; SET idle_in_transaction_session_timeout = 120000; "
             "SET bytea_output = hex; SET timezone = 'UTC'; SET standard_conforming_strings = on; "
             "SET client_min_messages = error",
             c->base.db->budget_ms);
    return pg_run(mem, c, sql, NULL);
}

/* Notices go nowhere: they may quote values. */
static void on_notice(void *arg, const PGresult *r)
{
    (void)arg, (void)r;
}

Err *pg_connect(Arena *mem, Pg *c)
{
    const char *values[] = {"5", "10", "5", "3", "15000", "kith", c->db->url, "UTF8", NULL};
    Err *e = NULL;

    c->is_lost = c->must_replay = false;
    if (c->link && PQstatus(c->link) == CONNECTION_OK) return NULL;
    pg_disconnect(c);
    c->link = PQconnectdbParams(keywords, values, 1);
    if (PQstatus(c->link) != CONNECTION_OK)
        e = err_new(mem, ERR_UNAVAILABLE, "error.db.unreachable", "%s",
                    str_to_c(mem, str_trim(str_c(PQerrorMessage(c->link)))));
    else
        PQsetNoticeReceiver(c->link, on_notice, NULL);
    if (!e) e = set_up(mem, c);
    if (e) pg_disconnect(c);
    return e;
}

void pg_disconnect(Pg *c)
{
    if (c->link) PQfinish(c->link);
    c->link = NULL;
    pg_forget(c);
}
