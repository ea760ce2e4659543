/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels of references: what a reader is told of the records another one points to.  All that one reply needs come by one
   statement under the actor's rights.  On SQLite those of objects that everybody may read whole stay with the connection
   and hold as long as it sees the same state of the database (db_snapshot): any commit makes them void. */
#include "core/plan.h"
#include "core/rights.h"

#include <stdlib.h>
#include <string.h>

typedef struct LabelSet {
    const Object *obj;
    Id *ids;
    Str *texts;
    Str *types; /* of files: MIME type and size */
    int64_t *sizes;
    size_t n, cap, done;
    uint64_t snapshot; /* under which they may be kept; 0 not at all */
    struct LabelSet *next;
} LabelSet;

struct Labels {
    Arena *mem;
    LabelSet *sets; /* one an object that is referred to: a handful */
};

static LabelSet *find_set(const Labels *labels, uint16_t number)
{
    LabelSet *set = labels ? labels->sets : NULL;

    while (set && set->obj->number != number) set = set->next;
    return set;
}

static LabelSet *set_of(Labels *labels, const Meta *meta, uint16_t number)
{
    LabelSet *set = find_set(labels, number);

    if (set || number >= sizeof meta->by_number / sizeof *meta->by_number || !meta->by_number[number])
        return set;
    set = NEW(labels->mem, LabelSet);
    *set = (LabelSet){.obj = meta->by_number[number], .next = labels->sets};
    return labels->sets = set;
}

static void want(Labels *labels, const Meta *meta, Val ref)
{
    LabelSet *set;

    if (ref.kind != VAL_REF || ref.i == 0 || !(set = set_of(labels, meta, ref.aux))) return;
    for (size_t i = set->n; i > 0 && set->n - i < 64; i--)
        if (set->ids[i - 1] == ref.i) return;
    if (set->n == set->cap) vec_grow_(labels->mem, (void **)&set->ids, &set->cap, sizeof *set->ids);
    set->ids[set->n++] = ref.i;
}

static void want_all(Labels *labels, const Meta *meta, Val v)
{
    if (v.kind == VAL_REF) want(labels, meta, v);
    if (v.kind == VAL_LIST)
        for (uint32_t i = 0; i < v.n; i++) want_all(labels, meta, v.list[i]);
    if (v.kind == VAL_MAP)
        for (uint32_t i = 0; i < v.n; i++) want_all(labels, meta, v.map[i].val);
}

static bool is_file(const Object *obj)
{
    return str_eq(obj->name, S("file"));
}

/* --- kept with the connection ---------------------------------------------------------------------------------------- */

#define KEPT_PLACES 8192
#define KEPT_BYTES  76

typedef struct KeptLabel {
    uint64_t snapshot; /* under which it was read */
    Id id;
    uint16_t object;
    uint8_t n;
    char text[KEPT_BYTES];
} KeptLabel;

static void *kept_new(void)
{
    KeptLabel *kept = calloc(KEPT_PLACES, sizeof *kept);

    REQUIRE(kept != NULL);
    return kept;
}

static KeptLabel *place_of(Ctx *cx, const LabelSet *set, Id id)
{
    KeptLabel *kept = db_conn_keep(cx->db, kept_new);
    uint64_t h = ((uint64_t)id ^ (uint64_t)set->obj->number << 48) * 0x9e3779b97f4a7c15u;

    return &kept[(h >> 40) % KEPT_PLACES];
}

/* Whether who asks makes no difference to the labels of the set. */
static bool is_for_all(const Ctx *cx, const LabelSet *set)
{
    const Field *f = set->obj->label_field;

    return !is_file(set->obj) && rights_are_open(cx, set->obj, VERB_READ) &&
           !(f && rights_field(cx, f) == FIELD_HIDDEN);
}

/* Answers from what is kept those that can be, and moves them before the others. */
static void take_kept(Ctx *cx, LabelSet *set)
{
    for (size_t i = set->done; i < set->n; i++) {
        Id id = set->ids[i];
        const KeptLabel *kept = place_of(cx, set, id);
        if (kept->snapshot != set->snapshot || kept->id != id || kept->object != set->obj->number) continue;
        set->ids[i] = set->ids[set->done];
        set->ids[set->done] = id;
        set->texts[set->done++] = kept->n ? str_copy(cx->mem, (Str){kept->text, kept->n})
                                          : label_in(&set->obj->label, cx->actor->lang);
    }
}

static void keep(Ctx *cx, const LabelSet *set, Id id, Str text)
{
    KeptLabel *kept = place_of(cx, set, id);

    if (text.n > KEPT_BYTES) return;
    *kept =
        (KeptLabel){.snapshot = set->snapshot, .id = id, .object = set->obj->number, .n = (uint8_t)text.n};
    if (text.n) memcpy(kept->text, text.p, text.n);
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

static Err *add_set(Ctx *cx, Sql *q, LabelSet *set, bool is_first)
{
    const Plan *plan = plan_of(cx, set->obj);
    const Field *f = set->obj->label_field;
    bool is_hidden = f && rights_field(cx, f) == FIELD_HIDDEN;

    if (!is_first) sql_text(q, " UNION ALL ");
    sql_append(q, is_hidden ? &plan->unnamed_label : &plan->label);
    sql_ids(q, set->ids + set->done, set->n - set->done);
    return rights_where(cx, q, set->obj, 0, VERB_READ);
}

static void put_label(Ctx *cx, Labels *labels, const DbRows *rows)
{
    LabelSet *set = find_set(labels, (uint16_t)db_i64(rows, 0));
    Str text = db_str(rows, 2);

    if (set->snapshot) keep(cx, set, db_i64(rows, 1), text);
    if (text.n == 0) text = label_in(&set->obj->label, cx->actor->lang);
    for (size_t i = set->done; i < set->n; i++) {
        if (set->ids[i] != db_i64(rows, 1)) continue;
        set->texts[i] = text;
        if (!set->types) continue;
        set->sizes[i] = db_i64(rows, 3);
        set->types[i] = db_str(rows, 4);
    }
}

/* Room for what is still to be read; what was read before is kept. */
static void grow_set(Arena *mem, LabelSet *set)
{
    bool has_files = is_file(set->obj);
    Str *texts = NEW_N(mem, Str, set->n), *types = has_files ? NEW_N(mem, Str, set->n) : NULL;
    int64_t *sizes = has_files ? NEW_N(mem, int64_t, set->n) : NULL;

    if (set->done) memcpy(texts, set->texts, set->done * sizeof *texts);
    if (set->done && has_files) {
        memcpy(types, set->types, set->done * sizeof *types);
        memcpy(sizes, set->sizes, set->done * sizeof *sizes);
    }
    set->texts = texts;
    set->types = types;
    set->sizes = sizes;
}

static Err *fetch_labels(Ctx *cx, Labels *labels)
{
    Sql q = sql_new(cx->mem);
    bool has, is_first = true;
    uint64_t snapshot = db_snapshot(cx->db);
    DbRows *rows;

    for (LabelSet *set = labels->sets; set; set = set->next) {
        if (set->n == set->done) continue;
        grow_set(cx->mem, set);
        if (!rights_may(cx, set->obj, VERB_READ)) continue;
        set->snapshot = is_for_all(cx, set) ? snapshot : 0;
        if (set->snapshot) take_kept(cx, set);
        if (set->n == set->done) continue;
        TRY(add_set(cx, &q, set, is_first));
        is_first = false;
    }
    if (!is_first) {
        TRY(sql_query(cx->mem, cx->db, &q, &rows));
        TRY(db_next(rows, &has));
        while (has) {
            put_label(cx, labels, rows);
            TRY(db_next(rows, &has));
        }
    }
    for (LabelSet *set = labels->sets; set; set = set->next) set->done = set->n;
    return NULL;
}

Err *labels_load(Ctx *cx, Record *const *recs, size_t n, Labels **out)
{
    Labels *labels = NEW(cx->mem, Labels);

    labels->mem = cx->mem;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < recs[i]->obj->n_fields; k++) {
            const Val *v = &recs[i]->vals[k];
            if (v->kind == VAL_REF || v->kind == VAL_LIST || v->kind == VAL_MAP)
                want_all(labels, cx->meta, *v);
        }
    *out = labels;
    return fetch_labels(cx, labels);
}

Err *labels_add(Ctx *cx, Labels *labels, const Val *refs, size_t n)
{
    for (size_t i = 0; i < n; i++) want_all(labels, cx->meta, refs[i]);
    return fetch_labels(cx, labels);
}

Str labels_get(const Labels *labels, uint16_t object, Id id)
{
    const LabelSet *set = find_set(labels, object);

    for (size_t i = 0; set && i < set->done; i++)
        if (set->ids[i] == id) return set->texts[i];
    return (Str){0};
}

bool labels_file(const Labels *labels, uint16_t object, Id id, int64_t *size, Str *type)
{
    const LabelSet *set = find_set(labels, object);

    for (size_t i = 0; set && set->types && i < set->done; i++) {
        if (set->ids[i] != id || set->texts[i].n == 0) continue;
        *size = set->sizes[i];
        *type = set->types[i];
        return true;
    }
    return false;
}
