/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Letters that wait are sent by one job, over one connection.  What became of each is written before the next goes, so that a
   crash repeats one letter at most (it keeps its Message-ID).  A letter the server does not take now is tried again with
   growing waits; one it refuses is given up; when the server is not to be had the others wait with the first. */
#include "svc/mail.h"

#include "core/job.h"
#include "core/store.h"
#include "svc/smtp.h"

#define AT_ONCE      20
#define ATTEMPTS_MAX 8
#define WAIT_FIRST   INT64_C(30000)
#define WAIT_LAST    INT64_C(7200000)
#define SAID_MAX     500

typedef struct Run {
    Store *store;
    Arena *mem;
    MailServer server;
    Letter letters[AT_ONCE];
    int64_t attempts[AT_ONCE];
    size_t n, at;
    SmtpOutcome outcome;
    int64_t again; /* when what still waits is due */
} Run;

static Err *read_due(DbConn *c, void *arg)
{
    Run *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);
    Val binds[] = {val_int(cx.now), val_int(AT_ONCE)};
    DbRows *rows = NULL;
    bool has = false;

    run->n = 0;
    TRY(mail_server_get(&cx, &run->server));
    TRY(db_query(
        run->mem, c,
        S("SELECT id, recipient, subject, body, attempts, created_at FROM \"mail\" WHERE state = 'waiting' AND "
          "next_at <= ?1 AND deleted_at IS NULL ORDER BY next_at, id LIMIT ?2"),
        binds, 2, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        run->letters[run->n] = (Letter){.id = db_i64(rows, 0),
                                        .at = db_i64(rows, 5),
                                        .to = str_copy(run->mem, db_str(rows, 1)),
                                        .subject = str_copy(run->mem, db_str(rows, 2)),
                                        .body = str_copy(run->mem, db_str(rows, 3))};
        run->attempts[run->n++] = db_i64(rows, 4) + 1;
    }
}

static int64_t wait_ms(int64_t attempts)
{
    int64_t wait = WAIT_FIRST;

    for (int64_t i = 1; i < attempts && wait < WAIT_LAST; i++) wait *= 3;
    return wait < WAIT_LAST ? wait : WAIT_LAST;
}

static Str beginning(Str s)
{
    size_t at = 0;

    if (!utf8_is_valid(s)) return S("?");
    for (size_t n = 0; at < s.n && n < SAID_MAX; n++) utf8_next(s, &at);
    return str_sub(s, 0, at);
}

static Err *note_outcome(DbConn *c, void *arg)
{
    Run *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);
    const SmtpOutcome *o = &run->outcome;
    int64_t attempts = run->attempts[run->at];
    bool is_over = o->is_final || attempts >= ATTEMPTS_MAX;
    Record *rec = record_new(run->mem, meta_object(cx.meta, S("mail")));

    rec->id = run->letters[run->at].id;
    record_set(rec, "attempts", val_int(attempts));
    record_set(rec, "state", val_text(o->is_sent ? S("sent") : is_over ? S("failed") : S("waiting")));
    record_set(rec, "error", o->is_sent ? val_null() : val_text(beginning(o->said)));
    if (o->is_sent) record_set(rec, "sent_at", val_from_ms(cx.now));
    record_set(rec, "next_at", o->is_sent || is_over ? val_null() : val_from_ms(cx.now + wait_ms(attempts)));
    Err *e = record_update(&cx, rec, NULL);
    return e && e->code == ERR_NOT_FOUND ? NULL : e;
}

/* The next look: when the first of those that wait is due, or soon when the server was away. */
static Err *plan(DbConn *c, void *arg)
{
    Run *run = arg;
    Ctx cx = ctx_system(run->store, run->mem, c);
    Val next = {0};

    TRY(db_one(
        run->mem, c,
        S("SELECT min(next_at) FROM \"mail\" WHERE state = 'waiting' AND next_at IS NOT NULL AND deleted_at IS NULL"),
        NULL, 0, &next));
    if (next.kind != VAL_INT) return NULL;
    return job_add_once(&cx, S("mail.send"), val_map(NULL, 0), next.i > run->again ? next.i : run->again);
}

static Err *send_all(Run *run, Id job, Smtp *smtp)
{
    for (run->at = 0; run->at < run->n; run->at++) {
        TRY(job_progress(run->store, run->mem, job, (int64_t)run->at, (int64_t)run->n));
        run->outcome = smtp_send(smtp, run->mem, &run->letters[run->at]);
        TRY(job_unit(run->store, run->mem, note_outcome, run));
        if (!run->outcome.is_offline) continue;
        run->again = store_now(run->store) + WAIT_FIRST;
        return NULL;
    }
    return NULL;
}

static Err *run_send(Store *store, Arena *mem, Id job, const Val *arg)
{
    Run *run = NEW(mem, Run);
    Smtp *smtp = NULL;

    (void)arg;
    run->store = store;
    run->mem = mem;
    TRY(job_read(store, mem, read_due, run));
    if (!run->n || !run->server.host.n) return NULL;
    TRY(smtp_open(mem, &run->server, &smtp));
    TRY(send_all(run, job, smtp));
    return job_unit(store, mem, plan, run);
}

/* --- trying it ------------------------------------------------------------------------------------------------------- */

static Str text_arg(const Val *arg, Str name)
{
    const Val *v = val_get(arg, name);

    return v && v->kind == VAL_TEXT ? val_str(*v) : (Str){0};
}

/* The answer is for who waits before the screen: nothing is tried again. */
static Err *run_test(Store *store, Arena *mem, Id job, const Val *arg)
{
    Run *run = NEW(mem, Run);
    Smtp *smtp = NULL;

    run->store = store;
    run->mem = mem;
    TRY(job_read(store, mem, read_due, run));
    if (!run->server.host.n) FAIL(mem, ERR_INVALID, "error.mail.none", "no relay is set");
    TRY(smtp_open(mem, &run->server, &smtp));
    Letter letter = {.id = job,
                     .at = store_now(store),
                     .to = text_arg(arg, S("to")),
                     .subject = text_arg(arg, S("subject")),
                     .body = text_arg(arg, S("body"))};
    SmtpOutcome out = smtp_send(smtp, mem, &letter);
    if (out.is_sent) return NULL;
    ValPair said = {val_text(S("said")), val_text(beginning(out.said))};
    TRY(job_result(store, mem, job, val_map(&said, 1)));
    FAIL(mem, ERR_INVALID, "error.mail.refused", "%.*s", SFMT(out.said));
}

static const JobKind JOBS[] = {
    {.name = "mail.send", .run = run_send, .is_outgoing = true},
    {.name = "mail.test", .run = run_test},
};

const Module svc_mail = {.name = "mail", .jobs = JOBS, .n_jobs = sizeof JOBS / sizeof *JOBS};
