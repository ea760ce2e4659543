/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statement that takes work.  Where processes share the database they pass over each other's rows instead of waiting for
   them; where there is one writer there is nobody to pass over. */
#include "core/lease.h"

#include "base/buf.h"

#define SQL_MAX 4096

Err *lease_take(Arena *mem, DbConn *c, const Lease *lease, const Val *binds, size_t n, DbRows **out)
{
    Buf sql = buf_new(mem, SQL_MAX);

    buf_addf(&sql, "UPDATE %s SET %s, attempts = attempts + 1 WHERE id IN (SELECT id FROM %s WHERE %s ",
             lease->table, lease->taken, lease->table, lease->due);
    buf_addf(&sql, "ORDER BY due, id LIMIT %s%s) RETURNING %s", lease->most,
             db_conn_can(c, DB_CAP_SHARED) ? " FOR UPDATE SKIP LOCKED" : "", lease->columns);
    REQUIRE(!sql.is_over);
    return db_query(mem, c, buf_str(&sql), binds, n, out);
}
