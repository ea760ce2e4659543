/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Idempotency-Key: the same request sent twice is done once.  Key, hash of the request and reply are a row of the same
   transaction as the write, so that either all of them stand or none. */
#include "api/idempotent.h"

#define KEEP_MS INT64_C(86400000)
#define KEY_MAX 255

static Str key_of(const Req *rq)
{
    return rq->route->is_secret || rq->is_secret ? (Str){0} : http_header(rq->http, "Idempotency-Key");
}

static Str hash_of(const Req *rq)
{
    Str parts[] = {rq->http->method, rq->http->path,
                   rq->http->has_file ? rq->http->file_sha256 : rq->http->body};

    return str_fmt(rq->mem, "%016llx", (unsigned long long)str_hash(str_join(rq->mem, parts, 3, S("\n"))));
}

static Err *answer_again(Req *rq, const DbRows *rows)
{
    if (!str_eq(db_str(rows, 0), hash_of(rq))) {
        Err *e = err_new(rq->mem, ERR_INVALID, "error.idempotency", "the key was used for another request");
        e->status = 422;
        return e;
    }
    JsonWriter *w = reply_begin(rq, (int)db_i64(rows, 1));
    if (db_str(rows, 2).n)
        json_raw(w, db_str(rows, 2));
    else
        reply_empty(rq, (int)db_i64(rows, 1));
    rq->is_answered = true;
    return NULL;
}

Err *idempotent_begin(Req *rq, Ctx *cx)
{
    Str key = key_of(rq);
    int64_t changed;
    DbRows *rows;
    bool has;

    rq->is_answered = false;
    if (!key.n) return NULL;
    if (key.n > KEY_MAX)
        FAIL_FIELD(rq->mem, S("Idempotency-Key"), "error.idempotency.long", "%zu bytes", key.n);
    Val binds[] = {val_int(cx->actor->user), val_text(key), val_text(hash_of(rq)), val_int(cx->now),
                   val_int(cx->now - KEEP_MS)};
    TRY(db_exec(
        cx->mem, cx->db,
        S("INSERT INTO idempotency (user_id, key, hash, status, body, at) VALUES (?1, ?2, ?3, 0, '', ?4) "
          "ON CONFLICT (user_id, key) DO UPDATE SET hash = ?3, status = 0, body = '', at = ?4 WHERE idempotency.at < ?5"),
        binds, 5, &changed));
    if (changed) return NULL;
    TRY(db_query(cx->mem, cx->db,
                 S("SELECT hash, status, body FROM idempotency WHERE user_id = ?1 AND key = ?2"), binds, 2,
                 &rows));
    TRY(db_next(rows, &has));
    if (!has) FAIL(cx->mem, ERR_CONFLICT, "error.db.serialization", "the key went while it was looked for");
    TRY(answer_again(rq, rows));
    return db_next(rows, &has);
}

Err *idempotent_end(Req *rq, Ctx *cx)
{
    Str key = key_of(rq);

    if (!key.n) return NULL;
    Val binds[] = {val_int(cx->actor->user), val_text(key), val_int(rq->rp.status),
                   val_text(buf_str(&rq->out))};
    if (!rq->out.n) binds[3] = val_text(S(""));
    return db_exec(cx->mem, cx->db,
                   S("UPDATE idempotency SET status = ?3, body = ?4 WHERE user_id = ?1 AND key = ?2"), binds,
                   4, NULL);
}
