/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pairs as people look at them: in groups of records that hang together, under the rights of who looks. */

#include "core/match/match_impl.h"

#include <stdlib.h>

typedef struct StoredPair {
    Id a, b, batch;
    double score;
} StoredPair;

typedef struct Groups {
    Ctx *cx;
    const Object *obj;
    VEC(StoredPair) pairs;
    VEC(Id) ids;
    size_t *name; /* of each id: the place of the first of its group */
} Groups;

static Err *read_pairs(Groups *g, DuplicateState state)
{
    Val binds[] = {val_int(g->obj->number), val_int(state), val_int(DUPLICATE_SHOWN)};
    DbRows *rows;
    bool has;

    TRY(db_query(
        g->cx->mem, g->cx->db,
        S("SELECT d.a, d.b, coalesce(d.batch, 0), d.score FROM duplicate d LEFT JOIN batch t ON t.id = d.batch "
          "WHERE d.object = ?1 AND d.state = ?2 AND t.undone_by IS NULL ORDER BY d.score DESC, d.a, d.b "
          "LIMIT ?3"),
        binds, 3, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        *vec_push(g->cx->mem, &g->pairs) =
            (StoredPair){db_i64(rows, 0), db_i64(rows, 1), db_i64(rows, 2), (double)db_i64(rows, 3) / 1e6};
    }
}

static size_t place(Groups *g, Id id)
{
    for (size_t i = 0; i < g->ids.n; i++)
        if (g->ids.p[i] == id) return i;
    *vec_push(g->cx->mem, &g->ids) = id;
    return g->ids.n - 1;
}

/* Of pairs that were merged, those of one batch hang together; of others, those with a record in common. */
static void join_all(Groups *g)
{
    size_t *at = NEW_N(g->cx->mem, size_t, g->pairs.n * 2);

    for (size_t i = 0; i < g->pairs.n; i++) {
        at[2 * i] = place(g, g->pairs.p[i].a);
        at[2 * i + 1] = place(g, g->pairs.p[i].b);
    }
    g->name = NEW_N(g->cx->mem, size_t, g->ids.n);
    for (size_t i = 0; i < g->ids.n; i++) g->name[i] = i;
    for (size_t i = 0; i < g->pairs.n; i++) {
        size_t to = g->name[at[2 * i]], from = g->name[at[2 * i + 1]];
        for (size_t k = 0; k < g->ids.n; k++)
            if (g->name[k] == from) g->name[k] = to;
    }
}

static Err *load_group(Groups *g, size_t name, unsigned flags, DuplicateGroup *out)
{
    VEC(Record *) recs = {0};

    for (size_t k = 0; k < g->ids.n; k++) {
        Record *rec;
        if (g->name[k] != name) continue;
        Err *e = record_get(g->cx, g->obj, g->ids.p[k], flags, &rec);
        if (e && e->code != ERR_NOT_FOUND) return e;
        if (!e) *vec_push(g->cx->mem, &recs) = rec;
    }
    out->recs = recs.p;
    out->n = recs.n;
    return NULL;
}

Err *duplicates_list(Ctx *cx, const Object *obj, DuplicateState state, size_t skip, size_t limit,
                     DuplicateGroup **out, size_t *n, size_t *total)
{
    Groups g = {.cx = cx, .obj = obj};
    unsigned flags = state == DUPLICATE_MERGED ? READ_DELETED | READ_LINKS : READ_LINKS;

    *n = *total = 0;
    *out = NEW_N(cx->mem, DuplicateGroup, limit);
    TRY(read_pairs(&g, state));
    join_all(&g);
    bool *is_seen = NEW_N(cx->mem, bool, g.ids.n + 1);
    for (size_t i = 0; i < g.pairs.n; i++) {
        size_t name = g.name[place(&g, g.pairs.p[i].a)];
        DuplicateGroup group = {.score = g.pairs.p[i].score, .batch = g.pairs.p[i].batch};
        if (is_seen[name]) continue;
        is_seen[name] = true;
        TRY(load_group(&g, name, flags, &group));
        if (group.n < 2) continue;
        if (*total >= skip && *n < limit) (*out)[(*n)++] = group;
        (*total)++;
    }
    return NULL;
}

Err *duplicates_mark(Ctx *cx, const Object *obj, const Id *ids, size_t n, DuplicateState state)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            Val binds[] = {val_int(obj->number),
                           val_int(ids[i]),
                           val_int(ids[k]),
                           val_int(state),
                           state == DUPLICATE_MERGED ? val_int(cx->batch) : val_null(),
                           val_int(cx->actor->user),
                           val_int(cx->now)};
            if (ids[i] >= ids[k]) continue;
            TRY(db_exec(
                cx->mem, cx->db,
                S("INSERT INTO duplicate (object, a, b, score, state, batch, actor, at) VALUES "
                  "(?1, ?2, ?3, 1000000, ?4, ?5, ?6, ?7) ON CONFLICT (object, a, b) DO UPDATE SET state = ?4, "
                  "batch = ?5, actor = ?6, at = ?7"),
                binds, sizeof binds / sizeof *binds, NULL));
        }
    return NULL;
}
