/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing the search index and finding in it.  Hits come newest first from the full-text table, without rights; what the
 * actor may see of them, with labels, is one statement over the objects they belong to.  Only where there are few hits
 * are they ranked: a rank over a broad prefix would read a million rows to show twenty. */

#include "core/search_impl.h"

#include "base/text.h"
#include "core/item.h"
#include "core/pending.h"
#include "core/read.h"
#include "core/rights.h"
#include "core/value_impl.h"

#include <stdlib.h>
#include <string.h>

#define RANKED         1000 /* hits below which all are looked at */
#define CHUNK          100
#define CHUNKS_MAX     12
#define BROAD          5000
#define INDEXED_PREFIX 4 /* prefix='2 3 4' in system.sql */

/* --- writing -------------------------------------------------------------------------------------------------------------- */

/* The last word about each record, in order of ids: the full-text index writes out what it holds whenever an id is not
   above the last one. */
static int by_id(const void *a, const void *b)
{
    const SearchDoc *x = a, *y = b;

    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static size_t merge_docs(SearchDoc *docs, size_t n)
{
    size_t kept = 0;

    if (n) qsort(docs, n, sizeof *docs, by_id);
    for (size_t i = 0; i < n; i++) {
        bool is_same = kept && docs[kept - 1].id == docs[i].id, was_new = is_same && docs[kept - 1].is_new;

        if (!is_same) kept++;
        docs[kept - 1] = docs[i];
        if (is_same) docs[kept - 1].is_new = was_new;
    }
    return kept;
}

static Err *put_doc(Ctx *cx, const SearchDoc *doc)
{
    Val binds[] = {val_int(doc->id), val_text(doc->tokens), val_int(doc->object)};
    bool is_fts5 = db_conn_can(cx->db, DB_CAP_FTS5);
    int64_t changed = 0;
    Str update = is_fts5 ? S("UPDATE search SET tokens = ?2 WHERE rowid = ?1")
                         : S("UPDATE search SET tokens = CAST(?2 AS tsvector) WHERE rowid = ?1");
    Str insert = is_fts5
                     ? S("INSERT INTO search (rowid, tokens, object) VALUES (?1, ?2, ?3)")
                     : S("INSERT INTO search (rowid, tokens, object) VALUES (?1, CAST(?2 AS tsvector), ?3)");

    if (!doc->tokens.n)
        return doc->is_new
                   ? NULL
                   : db_exec(cx->mem, cx->db, S("DELETE FROM search WHERE rowid = ?1"), binds, 1, NULL);
    if (!doc->is_new) TRY(db_exec(cx->mem, cx->db, update, binds, 2, &changed));
    return changed ? NULL : db_exec(cx->mem, cx->db, insert, binds, 3, NULL);
}

Err *search_flush(Ctx *cx, Pending *pending)
{
    size_t n = merge_docs(pending->docs.p, pending->docs.n);

    for (size_t i = 0; i < n; i++) TRY(put_doc(cx, &pending->docs.p[i]));
    memset(&pending->docs, 0, sizeof pending->docs);
    return NULL;
}

static void add_doc(Ctx *cx, const Record *rec, Str tokens, bool is_new)
{
    Pending *pending = pending_of(cx);

    *vec_push(cx->mem, &pending->docs) = (SearchDoc){.id = rec->id,
                                                     .order = pending->docs.n,
                                                     .object = rec->obj->number,
                                                     .is_new = is_new,
                                                     .tokens = tokens};
}

Err *search_put(Ctx *cx, const Record *rec, const Record *before)
{
    Str tokens = {0}, old = {0};

    TRY(items_put(cx, rec, before));
    TRY(search_tokens(cx, rec, &tokens));
    if (before) TRY(search_tokens(cx, before, &old));
    if (tokens.n && !(before && str_eq(tokens, old))) add_doc(cx, rec, tokens, !before);
    return NULL;
}

Err *search_remove(Ctx *cx, const Record *rec)
{
    TRY(items_remove(cx, rec->id));
    if (object_is_searched(rec->obj)) add_doc(cx, rec, (Str){0}, false);
    return NULL;
}

static Err *rebuild_one(Ctx *cx, const Record *rec)
{
    TRY(search_remove(cx, rec));
    return search_put(cx, rec, NULL);
}

Err *search_rebuild(Ctx *cx, const Object *obj, Id after, size_t limit, Id *last)
{
    Ctx system = ctx_as_system(cx);
    Sql q = sql_new(cx->mem);
    Select sel = {.obj = obj};
    VEC(Record *) recs = {0};
    DbRows *rows = NULL;
    bool has = false;

    *last = 0;
    sql_text(&q, "SELECT ");
    read_select(&system, &q, 0, &sel);
    sql_text(&q, " FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " t0 WHERE t0.deleted_at IS NULL AND t0.id > ");
    sql_bind(&q, val_int(after));
    sql_text(&q, " ORDER BY t0.id LIMIT ");
    sql_i64(&q, (int64_t)limit);
    TRY(sql_query(cx->mem, cx->db, &q, &rows));
    TRY(db_next(rows, &has));
    while (has) {
        *vec_push(cx->mem, &recs) = read_row(&system, rows, 0, &sel);
        TRY(db_next(rows, &has));
    }
    for (size_t i = 0; i < recs.n; i++) TRY(rebuild_one(&system, recs.p[i]));
    if (system.pending) TRY(search_flush(&system, system.pending));
    if (recs.n == limit && limit) *last = recs.p[recs.n - 1]->id;
    return NULL;
}

/* --- finding: candidates ----------------------------------------------------------------------------------------------------- */

typedef struct Candidate {
    Id id;
    uint16_t object;
    int score;
    bool is_seen; /* he may see it */
    Str label, detail;
} Candidate;

typedef struct Search {
    Ctx *cx;
    Variants variants;
    Scope scope;
    Str match, folded, name_key;
    Candidate *c;
    size_t n;
} Search;

/* Ids only, newest first: what else an entry holds is read for those that are looked at. */
static Err *fetch_candidates(Search *s, Id below, size_t limit)
{
    Arena *mem = s->cx->mem;
    Val binds[] = {val_text(s->match), val_int(below), val_int((int64_t)limit)};
    DbRows *rows = NULL;
    bool has = false;
    Str sql =
        db_conn_can(s->cx->db, DB_CAP_FTS5)
            ? S("SELECT rowid FROM search WHERE search MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3")
            : S("SELECT rowid FROM search WHERE tokens @@ CAST(?1 AS tsquery) AND rowid < ?2 "
                "ORDER BY rowid DESC LIMIT ?3");

    s->c = NEW_N(mem, Candidate, limit + 1);
    s->n = 0;
    TRY(db_query(mem, s->cx->db, sql, binds, 3, &rows));
    TRY(db_next(rows, &has));
    while (has && s->n < limit) {
        s->c[s->n++] = (Candidate){.id = db_i64(rows, 0)};
        TRY(db_next(rows, &has));
    }
    return NULL;
}

/* Candidates are in falling order of id. */
static Candidate *candidate_of(Search *s, Id id)
{
    size_t low = 0, high = s->n;

    while (low < high) {
        size_t mid = (low + high) / 2;

        if (s->c[mid].id == id) return &s->c[mid];
        if (s->c[mid].id > id)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

/* What kind of record each candidate is. */
static Err *fetch_objects(Search *s)
{
    Id *ids = NEW_N(s->cx->mem, Id, s->n + 1);
    Sql q = sql_new(s->cx->mem);
    DbRows *rows = NULL;
    bool has = false;

    for (size_t i = 0; i < s->n; i++) ids[i] = s->c[i].id;
    sql_text(&q, "SELECT rowid, object FROM search WHERE rowid");
    sql_ids(&q, ids, s->n);
    TRY(sql_query(s->cx->mem, s->cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        Candidate *c = candidate_of(s, db_i64(rows, 0));
        if (c) c->object = (uint16_t)db_i64(rows, 1);
    }
}

/* --- finding: what may be seen of them ------------------------------------------------------------------------------------------ */

static bool is_text_column(const Field *f)
{
    switch (f->result) {
    case FIELD_TEXT:
    case FIELD_LONGTEXT:
    case FIELD_PERSON_NAME:
    case FIELD_URL:
    case FIELD_CHOICE:
    case FIELD_EMAILS:
    case FIELD_PHONES:
    case FIELD_IDENTIFIER:
    case FIELD_AUTONUMBER:
    case FIELD_DATE: return !f->is_secret && f->type != FIELD_LINKS && (!f->is_computed || f->is_stored);
    default: return false;
    }
}

static const Field *label_of(const Ctx *cx, const Object *obj)
{
    const Field *f = obj->label_field;

    return f && is_text_column(f) && rights_field(cx, f) != FIELD_HIDDEN ? f : NULL;
}

/* A second line for people: the first highlight that is one column and not the label. */
static const Field *detail_of(const Ctx *cx, const Object *obj)
{
    for (size_t i = 0; i < obj->n_highlights; i++) {
        const Field *f = obj->highlights[i];

        if (f != obj->label_field && is_text_column(f) && rights_field(cx, f) != FIELD_HIDDEN) return f;
    }
    return NULL;
}

static void add_column(Sql *q, const Field *f)
{
    if (!f) {
        sql_text(q, ", NULL");
        return;
    }
    sql_text(q, ", CAST(t0.");
    sql_ident(q, f->column);
    sql_text(q, " AS TEXT)");
}

static Str shown(Ctx *cx, const Field *f, Str column)
{
    int64_t number = 0;
    Val v = val_text(column);

    if (!f || !column.n) return (Str){0};
    if (f->result == FIELD_DATE || f->result == FIELD_AUTONUMBER) {
        if (!str_to_i64(column, &number)) return (Str){0};
        v = f->result == FIELD_DATE ? val_date(number) : val_int(number);
    } else if (f->result == FIELD_EMAILS || f->result == FIELD_PHONES || f->result == FIELD_IDENTIFIER) {
        if (json_parse(cx->mem, column, &v) || v.kind != VAL_LIST || !v.n) return (Str){0};
        v.n = 1;
        v = value_masked(cx, f, v);
    } else if (f->result == FIELD_PERSON_NAME) {
        return column;
    }
    return value_text(cx->mem, f, v, cx->actor->lang);
}

static Err *add_object(Search *s, Sql *q, const Object *obj)
{
    Id *ids = NEW_N(s->cx->mem, Id, s->n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++)
        if (s->c[i].object == obj->number) ids[n++] = s->c[i].id;
    if (!n || !rights_may(s->cx, obj, VERB_READ)) return NULL;
    if (q->text.n) sql_text(q, " UNION ALL ");
    sql_text(q, "SELECT t0.id, ");
    sql_i64(q, obj->number);
    add_column(q, label_of(s->cx, obj));
    add_column(q, detail_of(s->cx, obj));
    sql_text(q, " FROM ");
    sql_ident(q, obj->table);
    sql_text(q, " t0 WHERE t0.deleted_at IS NULL AND t0.id");
    sql_ids(q, ids, n);
    return rights_where(s->cx, q, obj, 0, VERB_READ);
}

static Err *read_seen(Search *s, const Sql *q)
{
    Ctx *cx = s->cx;
    DbRows *rows = NULL;
    bool has = false;

    TRY(sql_query(cx->mem, cx->db, q, &rows));
    TRY(db_next(rows, &has));
    while (has) {
        const Object *obj = cx->meta->by_number[db_i64(rows, 1)];
        Candidate *c = candidate_of(s, db_i64(rows, 0));

        if (c) {
            c->is_seen = true;
            c->label = shown(cx, label_of(cx, obj), db_str(rows, 2));
            c->detail = shown(cx, detail_of(cx, obj), db_str(rows, 3));
            if (!c->label.n) c->label = label_in(&obj->label, cx->actor->lang);
        }
        TRY(db_next(rows, &has));
    }
    return NULL;
}

static bool has_hidden(const Ctx *cx, const Object *obj)
{
    for (size_t i = 0; i < obj->n_fields; i++)
        if (field_is_searched(&obj->fields[i]) && rights_field(cx, &obj->fields[i]) == FIELD_HIDDEN)
            return true;
    return false;
}

/* A record found by a field he may not read is not found: its words are matched again without those fields. */
static Err *drop_hidden(Search *s)
{
    Ctx system = ctx_as_system(s->cx);

    for (size_t i = 0; i < s->n; i++) {
        const Object *obj = s->cx->meta->by_number[s->c[i].object];
        Tokens tokens = {0};
        Record *rec = NULL;

        if (!s->c[i].is_seen || !has_hidden(s->cx, obj)) continue;
        TRY(record_get(&system, obj, s->c[i].id, 0, &rec));
        record_tokens(s->cx, rec, true, &tokens);
        s->c[i].is_seen = variants_fit(&s->variants, &tokens);
    }
    return NULL;
}

static Err *see_candidates(Search *s, const Object *only)
{
    const Meta *meta = s->cx->meta;
    Sql q = sql_new(s->cx->mem);

    if (s->n == 0) return NULL;
    TRY(fetch_objects(s));
    for (size_t i = 0; i < meta->n_objects; i++) {
        const Object *obj = meta->objects[i];
        bool is_asked = only ? obj == only : !str_eq(obj->group, S("settings"));

        if (is_asked && object_is_searched(obj)) TRY(add_object(s, &q, obj));
    }
    if (!q.text.n) return NULL;
    TRY(read_seen(s, &q));
    return drop_hidden(s);
}

/* --- finding: order ---------------------------------------------------------------------------------------------------------------- */

static int score_of(const Search *s, const Object *obj, Str label)
{
    Str folded = text_fold(s->cx->mem, label);

    if (str_eq(folded, s->folded)) return 4;
    bool has_key = obj->label_field && is_matched_by_name(obj->label_field) && s->name_key.n;

    if (has_key && str_eq(text_name_key(s->cx->mem, label), s->name_key)) return 3;
    if (str_starts(folded, s->folded)) return 2;
    return str_find(folded, s->folded) > 0 ? 1 : 0;
}

static int by_score(const void *a, const void *b)
{
    const Candidate *x = a, *y = b;

    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return x->id == y->id ? 0 : x->id > y->id ? -1 : 1;
}

static void rank(Search *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->c[i].is_seen)
            s->c[i].score = score_of(s, s->cx->meta->by_number[s->c[i].object], s->c[i].label);
    }
    qsort(s->c, s->n, sizeof *s->c, by_score);
}

static void take(const Search *s, size_t limit, Hit *hits, size_t *n)
{
    for (size_t i = 0; i < s->n && *n < limit; i++) {
        const Candidate *c = &s->c[i];

        if (!c->is_seen) continue;
        hits[(*n)++] = (Hit){
            .obj = s->cx->meta->by_number[c->object], .id = c->id, .label = c->label, .detail = c->detail};
    }
}

/* Many hits, of which the first RANKED are there: newest first in growing chunks until enough of them may be seen. */
static Err *take_newest(Search *s, const Object *only, size_t limit, Hit *hits, size_t *n)
{
    size_t chunk = limit < CHUNK ? CHUNK : limit > RANKED ? RANKED : limit;
    Id below = 0;

    for (int i = 0; i < CHUNKS_MAX && *n < limit; i++, chunk = chunk < RANKED ? chunk * 2 : chunk) {
        if (i) TRY(fetch_candidates(s, below, chunk));
        s->n = s->n < chunk ? s->n : chunk;
        if (!s->n) return NULL;
        below = s->c[s->n - 1].id;
        TRY(see_candidates(s, only));
        take(s, limit, hits, n);
        if (s->n < chunk) return NULL;
    }
    return NULL;
}

/* Beginnings so short that the index has them ready; longer ones are merged from every word that begins so. */
static bool is_short(const Variant *v)
{
    for (size_t i = 0; i < v->n; i++)
        if (utf8_count(v->terms[i]) > INDEXED_PREFIX) return false;
    return true;
}

static Err *fetch_with(Search *s, const Variants *vs, const Object *only)
{
    s->match = variants_match(s->cx, vs, only, &s->scope);
    return fetch_candidates(s, INT64_MAX, RANKED);
}

/* The cheapest reading that already gives more than can be ranked will do: whole words, short beginnings as typed, and
   only then every reading at once.  `s->match` is left as the one that was taken. */
static Err *fetch_staged(Search *s, const Object *only)
{
    Variants exact = s->variants, typed = {.n = 1};

    for (size_t i = 0; i < exact.n; i++) exact.v[i].is_exact = true;
    TRY(fetch_with(s, &exact, only));
    if (s->n == RANKED) return NULL;
    typed.v[0] = s->variants.v[0];
    if (is_short(&typed.v[0]) && !typed.v[0].is_exact) TRY(fetch_with(s, &typed, only));
    return s->n == RANKED ? NULL : fetch_with(s, &s->variants, only);
}

Err *search_find(Ctx *cx, Str text, const Object *only, size_t limit, Hit **out, size_t *n)
{
    Search s = {.cx = cx, .variants = query_variants(cx, text), .scope = search_scope(cx, only)};

    *n = 0;
    *out = NEW_N(cx->mem, Hit, limit + 1);
    if (!s.variants.n || !limit) return NULL;
    s.folded = text_fold(cx->mem, text);
    s.name_key = text_name_key(cx->mem, text);
    TRY(fetch_staged(&s, only));
    if (s.n == RANKED) return take_newest(&s, only, limit, *out, n);
    TRY(see_candidates(&s, only));
    rank(&s);
    take(&s, limit, *out, n);
    return NULL;
}

/* --- lists ------------------------------------------------------------------------------------------------------------------------- */

static void add_alias(Sql *q, unsigned alias)
{
    sql_text(q, "t");
    sql_i64(q, alias);
    sql_text(q, ".");
}

/* One word in the fields he may read. */
static void visible_word(Ctx *cx, Sql *q, const Object *obj, unsigned alias, Str word)
{
    Column columns[FIELD_COLUMNS_MAX];

    sql_text(q, "(0 = 1");
    for (size_t i = 0; i < obj->n_fields; i++) {
        const Field *f = &obj->fields[i];
        size_t n =
            field_is_searched(f) && rights_field(cx, f) != FIELD_HIDDEN ? field_columns(f, columns) : 0;

        for (size_t j = 0; j < n; j++) {
            bool is_item = columns[j].role == COLUMN_VALUE && has_items(f);

            if (columns[j].role != COLUMN_FOLD && !is_item) continue;
            sql_text(q, " OR kith_contains(");
            add_alias(q, alias);
            sql_ident(q, columns[j].name);
            sql_text(q, ", ");
            sql_bind(q, val_text(word));
            sql_text(q, ") = 1");
        }
    }
    sql_text(q, ")");
}

/* For one who may not read every searched field: slower, and exact about what he may. */
static void visible_where(Ctx *cx, Sql *q, const Object *obj, unsigned alias, const Variants *vs)
{
    sql_text(q, " AND (0 = 1");
    for (size_t i = 0; i < vs->n; i++) {
        sql_text(q, " OR (1 = 1");
        for (size_t j = 0; j < vs->v[i].n; j++) {
            sql_text(q, " AND ");
            visible_word(cx, q, obj, alias, vs->v[i].terms[j]);
        }
        sql_text(q, ")");
    }
    sql_text(q, ")");
}

static Err *count_broad(Ctx *cx, const Variants *vs, const Object *obj, bool *out)
{
    Val binds[] = {val_text(variants_match(cx, vs, obj, NULL)), val_int(BROAD + 1)}, n = {0};

    TRY(db_one(cx->mem, cx->db,
               S("SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ?1 LIMIT ?2)"), binds, 2,
               &n));
    *out = n.i > BROAD;
    return NULL;
}

/* Whether more than BROAD records of `obj` match; whole words are tried first, which is cheap. */
static Err *is_broad(Ctx *cx, const Variants *vs, const Object *obj, bool *out)
{
    Variants exact = *vs;

    for (size_t i = 0; i < exact.n; i++) exact.v[i].is_exact = true;
    TRY(count_broad(cx, &exact, obj, out));
    return *out ? NULL : count_broad(cx, vs, obj, out);
}

/* " term" stands in the tokens of the row: every token has a space before it. */
static void token_condition(Ctx *cx, Sql *q, const Variant *v)
{
    sql_text(q, " OR (1 = 1");
    for (size_t i = 0; i < v->n; i++) {
        Str term = str_fmt(cx->mem, v->is_exact ? " %.*s " : " %.*s", SFMT(v->terms[i]));

        sql_text(q, " AND kith_contains(s.tokens || ' ', ");
        sql_bind(q, val_text(term));
        sql_text(q, ") = 1");
    }
    sql_text(q, ")");
}

/* Few hits: the list is looked up among them.  Many: the list is walked in its own order and each row asked, which soon
   fills a page. */
static Err *fts5_where(Ctx *cx, Sql *q, const Object *obj, unsigned alias, const Variants *vs)
{
    bool is_many = false;

    TRY(is_broad(cx, vs, obj, &is_many));
    sql_text(q, " AND ");
    if (!is_many) {
        add_alias(q, alias);
        sql_text(q, "id IN (SELECT rowid FROM search WHERE search MATCH ");
        sql_bind(q, val_text(variants_match(cx, vs, obj, NULL)));
        sql_text(q, ")");
        return NULL;
    }
    sql_text(q, "EXISTS (SELECT 1 FROM search s WHERE s.rowid = ");
    add_alias(q, alias);
    sql_text(q, "id AND (0 = 1");
    for (size_t i = 0; i < vs->n; i++) token_condition(cx, q, &vs->v[i]);
    sql_text(q, "))");
    return NULL;
}

Err *search_where(Ctx *cx, Sql *q, const Object *obj, unsigned alias, Str text)
{
    Variants vs = query_variants(cx, text);

    if (!str_trim(text).n) return NULL;
    if (!vs.n || !object_is_searched(obj)) {
        sql_text(q, " AND 0 = 1");
        return NULL;
    }
    if (has_hidden(cx, obj)) {
        visible_where(cx, q, obj, alias, &vs);
        return NULL;
    }
    if (db_conn_can(cx->db, DB_CAP_FTS5)) return fts5_where(cx, q, obj, alias, &vs);
    sql_text(q, " AND ");
    add_alias(q, alias);
    sql_text(q, "id IN (SELECT rowid FROM search WHERE tokens @@ CAST(");
    sql_bind(q, val_text(variants_match(cx, &vs, obj, NULL)));
    sql_text(q, " AS tsquery))");
    return NULL;
}
