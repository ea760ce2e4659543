/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bare programs of `make bench`: what the same library and the same database do when a person writes the one thing by
   hand, without rights, metadata or checks.
     bare const PORT FILE          answers every request with the contents of FILE
     bare select PORT DB FILE      answers GET with the rows of the statement in FILE as JSON; ?1 is the id in the address
     bare insert PORT DB MAX FILE  each POST inserts one record by the statements of FILE: a group-commit writer that takes at
                                   most MAX requests a transaction (1: one transaction at a time)
     bare bulk DB SOURCE UNIT FILE  inserts the rows the statements of FILE give in SOURCE, UNIT records a transaction, and prints
                                   what the inserting took; the first line of FILE gives the numbers of the records, the
                                   statements of the others those of records ?1 to ?2
   FILE of `insert` holds pairs of lines, a SELECT that gives sample rows and the table they go to: rows are read at the start
   and inserted with new numbers where the column is id, record, batch, tx or rowid.
   Names of columns of `select` say how they are written: x$ money with its currency next, x@object reference with its label
   next, x! time, x% date, x~ text that is JSON already. */
#include <microhttpd.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS_MAX   2000
#define TABLES_MAX 8
#define OUT_MAX    (1u << 20)

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "bare: %s\n", what);
    exit(1);
}

static char *read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "r");
    char *text = malloc(OUT_MAX);

    if (!f || !text) die(path);
    *n = fread(text, 1, OUT_MAX - 1, f);
    text[*n] = 0;
    fclose(f);
    return text;
}

static sqlite3 *open_db(const char *path, int is_writer)
{
    sqlite3 *db;

    if (sqlite3_open_v2(path, &db,
                        SQLITE_OPEN_NOMUTEX | (is_writer ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY),
                        NULL))
        die(sqlite3_errmsg(db));
    sqlite3_exec(
        db,
        is_writer
            ? "PRAGMA synchronous = FULL; PRAGMA cache_size = -16000; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000"
            : "PRAGMA cache_size = -2000; PRAGMA mmap_size = 268435456",
        NULL, NULL, NULL);
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st;

    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL)) die(sqlite3_errmsg(db));
    return st;
}

static enum MHD_Result send_text(struct MHD_Connection *conn, unsigned status, const char *text, size_t n)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(n, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);

    MHD_add_response_header(r, "Content-Type", "application/json");
    enum MHD_Result rc = MHD_queue_response(conn, status, r);
    MHD_destroy_response(r);
    return rc;
}

/* --- const ----------------------------------------------------------------------------------------------------------- */

typedef struct Const {
    char *text;
    size_t n;
} Const;

static enum MHD_Result on_const(void *cls, struct MHD_Connection *conn, const char *url, const char *method,
                                const char *version, const char *upload, size_t *n_upload, void **slot)
{
    static int seen;
    const Const *c = cls;

    (void)url, (void)method, (void)version, (void)upload, (void)n_upload;
    if (!*slot) {
        *slot = &seen;
        return MHD_YES;
    }
    return send_text(conn, 200, c->text, c->n);
}

/* --- JSON ------------------------------------------------------------------------------------------------------------ */

typedef struct Out {
    char p[OUT_MAX];
    size_t n;
} Out;

static void put(Out *o, const char *p, size_t n)
{
    if (o->n + n >= OUT_MAX) die("reply too long");
    memcpy(o->p + o->n, p, n);
    o->n += n;
}

static void put_c(Out *o, const char *p)
{
    put(o, p, strlen(p));
}

static void put_string(Out *o, const char *p)
{
    put(o, "\"", 1);
    for (; *p; p++) {
        char code[8];
        if (*p == '"' || *p == '\\') put(o, "\\", 1);
        if ((unsigned char)*p >= ' ')
            put(o, p, 1);
        else
            put(o, code, (size_t)snprintf(code, sizeof code, "\\u%04x", *p));
    }
    put(o, "\"", 1);
}

static void put_id(Out *o, int64_t id)
{
    char text[16] = "\"............\"";

    for (int i = 13; i > 0; i--, id >>= 5) text[i] = "0123456789abcdefghjkmnpqrstvwxyz"[id & 31];
    text[14] = '"';
    put(o, text, 15);
}

static void put_time(Out *o, int64_t ms, int is_date)
{
    char text[40];
    time_t s = (time_t)(ms / 1000);
    struct tm tm;

    gmtime_r(&s, &tm);
    put(o, text,
        is_date ? strftime(text, sizeof text, "\"%Y-%m-%d\"", &tm)
                : strftime(text, sizeof text, "\"%Y-%m-%dT%H:%M:%SZ\"", &tm));
}

static int64_t id_from(const char *p)
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    int64_t id = 0;

    for (; *p && strchr(digits, *p); p++) id = id << 5 | (strchr(digits, *p) - digits);
    return id;
}

/* --- select ---------------------------------------------------------------------------------------------------------- */

typedef struct Select {
    const char *db, *sql;
} Select;

static _Thread_local sqlite3_stmt *select_stmt;
static _Thread_local Out *select_out;

static void put_money(Out *o, sqlite3_stmt *st, int at)
{
    char text[60];
    long long v = sqlite3_column_int64(st, at);

    put(o, text,
        (size_t)snprintf(text, sizeof text, "{\"amount\":\"%lld.%02lld\",\"currency\":\"", v / 10000,
                         v % 10000 / 100));
    put_c(o, (const char *)sqlite3_column_text(st, at + 1));
    put(o, "\"}", 2);
}

static void put_reference(Out *o, sqlite3_stmt *st, int at, const char *object)
{
    const char *label = (const char *)sqlite3_column_text(st, at + 1);

    put_c(o, "{\"object\":\"");
    put_c(o, object);
    put_c(o, "\",\"id\":");
    put_id(o, sqlite3_column_int64(st, at));
    put_c(o, ",\"label\":");
    if (label)
        put_string(o, label);
    else
        put_c(o, "null");
    put(o, "}", 1);
}

static void put_plain(Out *o, sqlite3_stmt *st, int at)
{
    char text[24];

    if (sqlite3_column_type(st, at) == SQLITE_INTEGER)
        put(o, text, (size_t)snprintf(text, sizeof text, "%lld", sqlite3_column_int64(st, at)));
    else
        put_string(o, (const char *)sqlite3_column_text(st, at));
}

/* Returns how many columns it took. */
static int put_column(Out *o, sqlite3_stmt *st, int at)
{
    const char *name = sqlite3_column_name(st, at);
    size_t n = strcspn(name, "$@!%~#");
    int took = name[n] == '$' || name[n] == '@' ? 2 : 1;

    put(o, "\"", 1);
    put(o, name, n);
    put(o, "\":", 2);
    if (sqlite3_column_type(st, at) == SQLITE_NULL) {
        put_c(o, "null");
        return took;
    }
    switch (name[n]) {
    case '$': put_money(o, st, at); break;
    case '@': put_reference(o, st, at, name + n + 1); break;
    case '!': put_time(o, sqlite3_column_int64(st, at), 0); break;
    case '%': put_time(o, sqlite3_column_int64(st, at) * 86400000, 1); break;
    case '~': put_c(o, (const char *)sqlite3_column_text(st, at)); break;
    case '#': put_id(o, sqlite3_column_int64(st, at)); break;
    default: put_plain(o, st, at); break;
    }
    return took;
}

static size_t put_rows(Out *o, sqlite3_stmt *st)
{
    int n = sqlite3_column_count(st), rc;
    size_t rows = 0;

    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        if (rows++) put(o, ",", 1);
        put(o, "{", 1);
        for (int i = 0; i < n;) {
            if (i) put(o, ",", 1);
            i += put_column(o, st, i);
        }
        put(o, "}", 1);
    }
    if (rc != SQLITE_DONE) die(sqlite3_errmsg(sqlite3_db_handle(st)));
    sqlite3_reset(st);
    return rows;
}

static enum MHD_Result on_select(void *cls, struct MHD_Connection *conn, const char *url, const char *method,
                                 const char *version, const char *upload, size_t *n_upload, void **slot)
{
    static int seen;
    const Select *s = cls;
    const char *id = strrchr(url, '/');

    (void)method, (void)version, (void)upload, (void)n_upload;
    if (!*slot) {
        *slot = &seen;
        return MHD_YES;
    }
    if (!select_stmt) {
        select_stmt = prepare(open_db(s->db, 0), s->sql);
        select_out = malloc(sizeof *select_out);
        if (!select_out) die("memory");
    }
    select_out->n = 0;
    if (sqlite3_bind_parameter_count(select_stmt))
        sqlite3_bind_int64(select_stmt, 1, id_from(id + 1));
    else
        put_c(select_out, "{\"data\":[");
    size_t rows = put_rows(select_out, select_stmt);
    if (!sqlite3_bind_parameter_count(select_stmt)) put_c(select_out, "],\"next_page_token\":null}");
    return send_text(conn, rows ? 200 : 404, select_out->p, select_out->n);
}

/* --- insert ---------------------------------------------------------------------------------------------------------- */

typedef struct Table {
    sqlite3_stmt *insert;
    sqlite3_value **cells; /* sample rows, one after another */
    char **names;
    int n_cols, n_rows;
} Table;

typedef struct Post {
    struct MHD_Connection *conn;
    int is_done;
    int64_t id;
    struct Post *next;
} Post;

typedef struct Insert {
    Table tables[TABLES_MAX];
    int n_tables;
    long max;
    int64_t next_id;
    sqlite3 *db;
    Post *queue;
    pthread_mutex_t lock;
    pthread_cond_t some;
} Insert;

static void load_table(Insert *in, const char *select, const char *name)
{
    Table *t = &in->tables[in->n_tables++];
    sqlite3_stmt *st = prepare(in->db, select);
    char sql[8000];
    int at = snprintf(sql, sizeof sql, "INSERT INTO %s (", name);

    t->n_cols = sqlite3_column_count(st);
    t->cells = calloc((size_t)t->n_cols * ROWS_MAX, sizeof *t->cells);
    t->names = calloc((size_t)t->n_cols, sizeof *t->names);
    if (!t->cells || !t->names) die("memory");
    for (int i = 0; i < t->n_cols; i++) {
        t->names[i] = strdup(sqlite3_column_name(st, i));
        at += snprintf(sql + at, sizeof sql - (size_t)at, "%s\"%s\"", i ? ", " : "", t->names[i]);
    }
    at += snprintf(sql + at, sizeof sql - (size_t)at, ") VALUES (?");
    for (int i = 1; i < t->n_cols; i++) at += snprintf(sql + at, sizeof sql - (size_t)at, ", ?");
    snprintf(sql + at, sizeof sql - (size_t)at, ")");
    t->insert = prepare(in->db, sql);
    while (t->n_rows < ROWS_MAX && sqlite3_step(st) == SQLITE_ROW) {
        for (int i = 0; i < t->n_cols; i++)
            t->cells[t->n_rows * t->n_cols + i] = sqlite3_value_dup(sqlite3_column_value(st, i));
        t->n_rows++;
    }
    sqlite3_finalize(st);
    if (!t->n_rows) die(select);
}

static int is_number(const char *name)
{
    static const char *const names[] = {"id", "record", "batch", "tx", "rowid"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return 1;
    return 0;
}

static void insert_one(Insert *in, int64_t id)
{
    for (int k = 0; k < in->n_tables; k++) {
        Table *t = &in->tables[k];
        int row = (int)(id % t->n_rows) * t->n_cols;
        for (int i = 0; i < t->n_cols; i++) {
            if (is_number(t->names[i]))
                sqlite3_bind_int64(t->insert, i + 1, id);
            else
                sqlite3_bind_value(t->insert, i + 1, t->cells[row + i]);
        }
        if (sqlite3_step(t->insert) != SQLITE_DONE) die(sqlite3_errmsg(in->db));
        sqlite3_reset(t->insert);
    }
}

static Post *take_some(Insert *in)
{
    pthread_mutex_lock(&in->lock);
    while (!in->queue) pthread_cond_wait(&in->some, &in->lock);
    Post *all = in->queue, **rest = &all;
    for (long i = 0; i < in->max && *rest; i++) rest = &(*rest)->next;
    in->queue = *rest;
    *rest = NULL;
    pthread_mutex_unlock(&in->lock);
    return all;
}

static void *writer(void *arg)
{
    Insert *in = arg;

    for (;;) {
        Post *all = take_some(in);
        sqlite3_exec(in->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        for (Post *p = all; p; p = p->next) insert_one(in, p->id = ++in->next_id);
        if (sqlite3_exec(in->db, "COMMIT", NULL, NULL, NULL)) die(sqlite3_errmsg(in->db));
        for (Post *p = all, *next; p; p = next) {
            next = p->next;
            p->is_done = 1;
            MHD_resume_connection(p->conn);
        }
    }
    return NULL;
}

static enum MHD_Result on_insert(void *cls, struct MHD_Connection *conn, const char *url, const char *method,
                                 const char *version, const char *upload, size_t *n_upload, void **slot)
{
    Insert *in = cls;
    Post *p = *slot;
    char text[60];

    (void)url, (void)method, (void)version, (void)upload;
    if (!p) {
        *slot = calloc(1, sizeof *p);
        return *slot ? MHD_YES : MHD_NO;
    }
    if (*n_upload) {
        *n_upload = 0;
        return MHD_YES;
    }
    if (p->is_done)
        return send_text(
            conn, 201, text,
            (size_t)snprintf(text, sizeof text, "{\"id\":%lld,\"version\":1}", (long long)p->id));
    p->conn = conn;
    MHD_suspend_connection(conn);
    pthread_mutex_lock(&in->lock);
    p->next = in->queue;
    in->queue = p;
    pthread_cond_signal(&in->some);
    pthread_mutex_unlock(&in->lock);
    return MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **slot,
                         enum MHD_RequestTerminationCode why)
{
    (void)cls, (void)conn, (void)why;
    free(*slot);
    *slot = NULL;
}

static Insert *insert_open(const char *path, long max, char *file)
{
    Insert *in = calloc(1, sizeof *in);
    pthread_t thread;

    if (!in) die("memory");
    in->db = open_db(path, 1);
    in->max = max;
    sqlite3_stmt *st = prepare(in->db, "SELECT max(4611686018427387904, max(rowid)) FROM contact");
    if (sqlite3_step(st) == SQLITE_ROW) in->next_id = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    pthread_mutex_init(&in->lock, NULL);
    pthread_cond_init(&in->some, NULL);
    for (char *select; (select = strsep(&file, "\n")) && *select;)
        load_table(in, select, strsep(&file, "\n"));
    pthread_create(&thread, NULL, writer, in);
    return in;
}

/* --- bulk ------------------------------------------------------------------------------------------------------------ */

typedef struct Copy {
    sqlite3_stmt *select, *insert;
    sqlite3_value **cells;
    int n_cols, n, cap;
} Copy;

typedef struct Bulk {
    sqlite3 *db, *from;
    Copy copies[TABLES_MAX];
    int n_copies;
    double cpu, seconds;
} Bulk;

static double clock_of(clockid_t clock)
{
    struct timespec ts;

    clock_gettime(clock, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void copy_open(Bulk *b, const char *select, const char *table)
{
    Copy *c = &b->copies[b->n_copies++];
    char sql[8000];
    int at = snprintf(sql, sizeof sql, "INSERT INTO %s (", table);

    c->select = prepare(b->from, select);
    c->n_cols = sqlite3_column_count(c->select);
    for (int i = 0; i < c->n_cols; i++)
        at += snprintf(sql + at, sizeof sql - (size_t)at, "%s\"%s\"", i ? ", " : "",
                       sqlite3_column_name(c->select, i));
    at += snprintf(sql + at, sizeof sql - (size_t)at, ") VALUES (?");
    for (int i = 1; i < c->n_cols; i++) at += snprintf(sql + at, sizeof sql - (size_t)at, ", ?");
    snprintf(sql + at, sizeof sql - (size_t)at, ")");
    c->insert = prepare(b->db, sql);
}

static void copy_load(Copy *c, int64_t first, int64_t last)
{
    for (int i = 0; i < c->n * c->n_cols; i++) sqlite3_value_free(c->cells[i]);
    c->n = 0;
    sqlite3_bind_int64(c->select, 1, first);
    sqlite3_bind_int64(c->select, 2, last);
    while (sqlite3_step(c->select) == SQLITE_ROW) {
        if (c->n == c->cap) {
            c->cap = c->cap ? 2 * c->cap : 1024;
            c->cells = realloc(c->cells, (size_t)(c->cap * c->n_cols) * sizeof(sqlite3_value *));
            if (!c->cells) die("memory");
        }
        for (int i = 0; i < c->n_cols; i++)
            c->cells[c->n * c->n_cols + i] = sqlite3_value_dup(sqlite3_column_value(c->select, i));
        c->n++;
    }
    sqlite3_reset(c->select);
}

static void copy_insert(Bulk *b, Copy *c)
{
    for (int row = 0; row < c->n; row++) {
        for (int i = 0; i < c->n_cols; i++)
            sqlite3_bind_value(c->insert, i + 1, c->cells[row * c->n_cols + i]);
        if (sqlite3_step(c->insert) != SQLITE_DONE) die(sqlite3_errmsg(b->db));
        sqlite3_reset(c->insert);
    }
}

/* Only what a program that has the rows already would do is counted. */
static void bulk_unit(Bulk *b, int64_t first, int64_t last)
{
    for (int i = 0; i < b->n_copies; i++) copy_load(&b->copies[i], first, last);
    double cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID), now = clock_of(CLOCK_MONOTONIC);
    sqlite3_exec(b->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (int i = 0; i < b->n_copies; i++) copy_insert(b, &b->copies[i]);
    if (sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL)) die(sqlite3_errmsg(b->db));
    b->cpu += clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    b->seconds += clock_of(CLOCK_MONOTONIC) - now;
}

static int bulk(const char *path, const char *from, long unit, char *file)
{
    Bulk b = {.db = open_db(path, 1), .from = open_db(from, 0)};
    sqlite3_stmt *ids = prepare(b.from, strsep(&file, "\n"));
    int64_t first = 0, last = 0;
    long n = 0;

    for (char *select; (select = strsep(&file, "\n")) && *select;) copy_open(&b, select, strsep(&file, "\n"));
    while (sqlite3_step(ids) == SQLITE_ROW) {
        last = sqlite3_column_int64(ids, 0);
        if (n++ % unit == 0) first = last;
        if (n % unit == 0) bulk_unit(&b, first, last);
    }
    if (n % unit) bulk_unit(&b, first, last);
    printf("{\"rows\": %ld, \"cpu\": %.3f, \"seconds\": %.3f}\n", n, b.cpu, b.seconds);
    return 0;
}

/* --- main ------------------------------------------------------------------------------------------------------------ */

int main(int argc, char **argv)
{
    size_t n = 0;
    MHD_AccessHandlerCallback fn = on_const;
    void *arg = NULL;

    if (argc < 4) die("usage: bare const|select|insert PORT ...");
    char *text = read_file(argv[argc - 1], &n);
    if (strcmp(argv[1], "bulk") == 0) {
        if (argc < 6) die("usage: bare bulk DB SOURCE UNIT FILE");
        return bulk(argv[2], argv[3], strtol(argv[4], NULL, 10), text);
    }
    Const constant = {text, n};
    Select select = {argv[3], text};
    if (strcmp(argv[1], "const") == 0) {
        arg = &constant;
    } else if (strcmp(argv[1], "select") == 0) {
        fn = on_select;
        arg = &select;
    } else if (argc > 5) {
        fn = on_insert;
        arg = insert_open(argv[3], strtol(argv[4], NULL, 10), text);
    }
    struct MHD_Daemon *d = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | (fn == on_insert ? MHD_ALLOW_SUSPEND_RESUME : 0),
        (uint16_t)strtoul(argv[2], NULL, 10), NULL, NULL, fn, arg, MHD_OPTION_THREAD_POOL_SIZE, 2u,
        MHD_OPTION_NOTIFY_COMPLETED, fn == on_insert ? on_completed : NULL, NULL, MHD_OPTION_END);
    if (!d) die("cannot listen");
    printf("listening on http://127.0.0.1:%u\n", MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    for (;;) nanosleep(&(struct timespec){.tv_sec = 3600}, NULL);
}
