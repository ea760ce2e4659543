/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The sessions of one user, as he sees and ends them.  A session is named by the first 60 bits of the digest the database holds:
 * enough to point at one, nothing to sign in with. */

#include "core/session_impl.h"

#define NAME_DIGITS 15

static Id name_of(Str hash)
{
    uint64_t v = 0;

    for (size_t i = 0; i < NAME_DIGITS && i < hash.n; i++) v = v << 4 | (uint64_t)(hex_digit(hash.p[i]) & 15);
    return (Id)v;
}

Err *session_list(Ctx *cx, Id user, Str token, OwnSession **out, size_t *n)
{
    Val binds[] = {val_int(user), val_int(cx->now)};
    Str current = token_hash(cx->mem, token);
    VEC(OwnSession) all = {0};
    DbRows *rows = NULL;
    bool has = false;

    TRY(db_query(cx->mem, cx->db,
                 S("SELECT hash, created, expires, peer FROM session WHERE user_id = ?1 AND expires > ?2 "
                   "ORDER BY created DESC, hash LIMIT 200"),
                 binds, 2, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        Str hash = db_str(rows, 0);
        *vec_push(cx->mem, &all) = (OwnSession){.name = name_of(hash),
                                                .created = db_i64(rows, 1),
                                                .expires = db_i64(rows, 2),
                                                .peer = db_str(rows, 3),
                                                .is_current = str_eq(hash, current)};
    }
    *out = all.p;
    *n = all.n;
    return NULL;
}

Err *session_end_named(Ctx *cx, Id user, Id name)
{
    Val binds[] = {val_int(user),
                   val_text(str_fmt(cx->mem, "%0*llx", NAME_DIGITS, (unsigned long long)name))};
    int64_t ended = 0;

    TRY(db_exec(cx->mem, cx->db, S("DELETE FROM session WHERE user_id = ?1 AND substr(hash, 1, 15) = ?2"),
                binds, 2, &ended));
    if (!ended) FAIL(cx->mem, ERR_NOT_FOUND, "error.record.none", "no such session of his");
    return NULL;
}

Err *session_end_others(Ctx *cx, Id user, Str token, int64_t *ended)
{
    Val binds[] = {val_int(user), val_text(token_hash(cx->mem, token))};

    return db_exec(cx->mem, cx->db, S("DELETE FROM session WHERE user_id = ?1 AND hash <> ?2"), binds, 2,
                   ended);
}
