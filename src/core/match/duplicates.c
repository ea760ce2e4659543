/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pairs of records that are likely the same: found at each write through the index of items, kept in a table, shown under the
 * rights of who looks. */

#include "core/match/match_impl.h"

#include "core/item.h"
#include "core/seen.h"

#include <stdlib.h>

#define CANDIDATES_MAX 40
#define COMMON         20 /* holders from which a value is common */
#define MILLION        1000000

/* --- weights --------------------------------------------------------------------------------------------------------- */

/* The prior, then m and u of each feature, in hexadecimal so that no digit is lost. */
Err *weights_load(Ctx *cx, const Features *fs, Weights *out)
{
    Str text, name = str_fmt(cx->mem, "match.%.*s", SFMT(fs->obj->name));

    weights_default(out, fs->kinds, fs->n);
    TRY(setting_get(cx, name, &text));
    const char *p = text.n ? str_to_c(cx->mem, text) : "";
    char *end;
    Weights w = *out;
    w.prior = strtod(p, &end);
    for (size_t i = 0; i < 2 * LIKE_COUNT * fs->n; i++) {
        size_t feature = i / (2 * LIKE_COUNT), k = i % LIKE_COUNT;
        double *at = i % (2 * LIKE_COUNT) < LIKE_COUNT ? &w.m[feature][k] : &w.u[feature][k];
        p = end;
        *at = strtod(p, &end);
        if (end == p || *at <= 0 || *at > 1) return NULL; /* of other features: what one begins with */
    }
    if (*end == 0 && w.prior > 0 && w.prior < 1) *out = w;
    return NULL;
}

Err *weights_save(Ctx *cx, const Features *fs, const Weights *w)
{
    Buf b = buf_new(cx->mem, 64u << 10);

    buf_addf(&b, "%a", w->prior);
    for (size_t i = 0; i < fs->n; i++) {
        for (size_t k = 0; k < LIKE_COUNT; k++) buf_addf(&b, " %a", w->m[i][k]);
        for (size_t k = 0; k < LIKE_COUNT; k++) buf_addf(&b, " %a", w->u[i][k]);
    }
    return setting_set(cx, str_fmt(cx->mem, "match.%.*s", SFMT(fs->obj->name)), buf_str(&b));
}

/* --- one record ------------------------------------------------------------------------------------------------------ */

typedef struct Candidates {
    VEC(Id) ids;
} Candidates;

static bool has_id(const Candidates *list, Id id)
{
    for (size_t i = 0; i < list->ids.n; i++)
        if (list->ids.p[i] == id) return true;
    return false;
}

/* A value that many hold (a common name, the phone of a hotel) says nothing, and looking at all of them would take long. */
static Err *holders_of(Ctx *cx, const Record *rec, Str norm, Candidates *out)
{
    Val binds[] = {val_text(norm), val_int(rec->obj->number), val_int(rec->id), val_int(COMMON)};
    Candidates found = {0};
    DbRows *rows;
    bool has;

    TRY(db_query(cx->mem, cx->db,
                 S("SELECT record FROM item WHERE norm = ?1 AND object = ?2 AND record <> ?3 LIMIT ?4"),
                 binds, 4, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(cx->mem, &found.ids) = db_i64(rows, 0);
    }
    for (size_t i = 0; found.ids.n < COMMON && i < found.ids.n; i++)
        if (!has_id(out, found.ids.p[i])) *vec_push(cx->mem, &out->ids) = found.ids.p[i];
    return NULL;
}

static Err *candidates(Ctx *cx, const Record *rec, Candidates *out)
{
    Str *norms;
    size_t n;

    items_norms(cx->mem, rec, &norms, &n);
    for (size_t i = 0; i < n && out->ids.n < CANDIDATES_MAX; i++) TRY(holders_of(cx, rec, norms[i], out));
    return NULL;
}

/* What is looked at in records of an object, and what it weighs. */
typedef struct LikelyRules {
    Features fs;
    Weights w;
} LikelyRules;

typedef struct Looking {
    const LikelyRules *rules;
    Str mine[FEATURES_MAX];
    VEC(Likely) found;
} Looking;

static void note_fields(Ctx *cx, const Features *fs, const Likeness *alike, Likely *out)
{
    out->fields = NEW_N(cx->mem, const Field *, fs->n);
    for (size_t i = 0; i < fs->n; i++) {
        bool is_new = out->n_fields == 0 || out->fields[out->n_fields - 1] != fs->of[i].field;
        if (alike[i] >= LIKE_CLOSELY && is_new) out->fields[out->n_fields++] = fs->of[i].field;
    }
}

static Err *look_at(Ctx *cx, Looking *k, Id id)
{
    Likeness alike[FEATURES_MAX];
    Str theirs[FEATURES_MAX];
    Record *rec;

    Err *e = record_get(cx, k->rules->fs.obj, id, 0, &rec);
    if (e && e->code == ERR_NOT_FOUND) return NULL;
    if (e) return e;
    features_values(cx->mem, &k->rules->fs, rec, theirs);
    rows_compare(&k->rules->w, k->mine, theirs, alike);
    double score = weights_score(&k->rules->w, alike, NULL);
    if (score < DUPLICATE_LEAST) return NULL;
    Likely *found = vec_push(cx->mem, &k->found);
    found->rec = rec;
    found->score = score;
    note_fields(cx, &k->rules->fs, alike, found);
    return NULL;
}

static int by_score(const void *a, const void *b)
{
    const Likely *x = a, *y = b;

    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return x->rec->id < y->rec->id ? -1 : x->rec->id > y->rec->id;
}

/* Read once for all records of a unit of many. */
static Err *rules_load(Ctx *cx, const Object *obj, const LikelyRules **out)
{
    LikelyRules *rules = cx->seen && cx->seen->rules_of == obj ? cx->seen->rules : NULL;

    *out = rules;
    if (rules) return NULL;
    *out = rules = NEW(cx->mem, LikelyRules);
    features_of(cx->mem, obj, &rules->fs);
    TRY(weights_load(cx, &rules->fs, &rules->w));
    if (!cx->seen) return NULL;
    cx->seen->rules_of = obj;
    cx->seen->rules = rules;
    return NULL;
}

Err *duplicates_like(Ctx *cx, const Record *rec, size_t limit, Likely **out, size_t *n)
{
    Looking k = {0};
    Candidates list = {0};

    *out = NULL;
    *n = 0;
    if (!features_wanted(rec->obj)) return NULL;
    TRY(candidates(cx, rec, &list));
    if (list.ids.n == 0) return NULL;
    TRY(rules_load(cx, rec->obj, &k.rules));
    features_values(cx->mem, &k.rules->fs, rec, k.mine);
    for (size_t i = 0; i < list.ids.n; i++) TRY(look_at(cx, &k, list.ids.p[i]));
    if (k.found.n) qsort(k.found.p, k.found.n, sizeof *k.found.p, by_score);
    *out = k.found.p;
    *n = k.found.n < limit ? k.found.n : limit;
    return NULL;
}

Err *duplicates_met(Ctx *cx, Record *const *recs, size_t n, uint8_t *is_met)
{
    VEC(Str) all = {0};
    VEC(size_t) of = {0};
    StrMap there = {0};

    if (!n || !features_wanted(recs[0]->obj)) return NULL;
    for (size_t i = 0; i < n; i++) {
        Str *norms;
        size_t count;
        items_norms(cx->mem, recs[i], &norms, &count);
        for (size_t k = 0; k < count; k++) {
            *vec_push(cx->mem, &all) = norms[k];
            *vec_push(cx->mem, &of) = i;
        }
    }
    TRY(items_there(cx, recs[0]->obj, all.p, all.n, &there));
    for (size_t i = 0; i < all.n; i++)
        if (strmap_get(&there, all.p[i])) is_met[of.p[i]] = 1;
    return NULL;
}

/* --- the table ------------------------------------------------------------------------------------------------------- */

Err *duplicates_add(Ctx *cx, const Object *obj, Id a, Id b, double score)
{
    Val binds[] = {val_int(obj->number),    val_int(a < b ? a : b),
                   val_int(a < b ? b : a),  val_int((int64_t)(score * MILLION)),
                   val_int(DUPLICATE_OPEN), val_int(cx->now)};

    return db_exec(cx->mem, cx->db,
                   S("INSERT INTO duplicate (object, a, b, score, state, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
                     "ON CONFLICT (object, a, b) DO UPDATE SET score = excluded.score, state = "
                     "CASE WHEN duplicate.state = 3 THEN 1 ELSE duplicate.state END"),
                   binds, sizeof binds / sizeof *binds, NULL);
}

/* The plus keeps SQLite from the index of states, which holds every open pair of the object. */
Err *duplicates_remove(Ctx *cx, const Record *rec)
{
    Val binds[] = {val_int(rec->obj->number), val_int(rec->id), val_int(DUPLICATE_OPEN)};

    if (!features_wanted(rec->obj)) return NULL;
    TRY(db_exec(cx->mem, cx->db, S("DELETE FROM duplicate WHERE object = ?1 AND a = ?2 AND +state = ?3"),
                binds, 3, NULL));
    return db_exec(cx->mem, cx->db, S("DELETE FROM duplicate WHERE object = ?1 AND b = ?2 AND +state = ?3"),
                   binds, 3, NULL);
}

static bool is_compared_anew(const Record *rec, const Record *before)
{
    Str *now, *then;
    size_t n, m;
    Arena *mem = arena_new(0);
    bool differs;

    items_norms(mem, rec, &now, &n);
    items_norms(mem, before, &then, &m);
    differs = n != m;
    for (size_t i = 0; i < n && !differs; i++) differs = !str_eq(now[i], then[i]);
    arena_free(mem);
    return differs;
}

Err *duplicates_put(Ctx *cx, const Record *rec, const Record *before)
{
    Ctx system = ctx_as_system(cx);
    Likely *found;
    size_t n;

    if (!features_wanted(rec->obj)) return NULL;
    if (before && !is_compared_anew(rec, before)) return NULL;
    if (before) TRY(duplicates_remove(cx, rec));
    TRY(duplicates_like(&system, rec, CANDIDATES_MAX, &found, &n));
    for (size_t i = 0; i < n; i++)
        TRY(duplicates_add(cx, rec->obj, rec->id, found[i].rec->id, found[i].score));
    return NULL;
}
