/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a preview shows: fifty rows of each kind with what would change, why rows are refused and how often, and the keys that
   rows before will have made by then. */
#include "base/text.h"
#include "core/import/parts.h"

#define SAMPLES     50
#define REASONS_MAX 200
#define COMING_MAX  500000

static const char *const OUTCOMES[] = {"new",     "changed", "unchanged", "conflict",
                                       "refused", "deleted", "duplicate", NULL};

/* --- what is coming -------------------------------------------------------------------------------------------------------- */

/* Hashes of the keys: of half a million texts two agree by chance once in a hundred million previews. */
struct ImportComing {
    Arena *mem;
    uint64_t *slots; /* 0: free */
    size_t n, n_slots;
};

ImportComing *import_coming(Arena *mem)
{
    ImportComing *coming = NEW(mem, ImportComing);

    coming->mem = mem;
    return coming;
}

static uint64_t key_of(Arena *tmp, const Object *obj, Str text)
{
    uint64_t key = (str_hash(text_fold(tmp, text)) + obj->number) * UINT64_C(0x9E3779B97F4A7C15);

    return key ? key : 1;
}

static uint64_t *slot_of(const ImportComing *coming, uint64_t key)
{
    size_t i = (size_t)(key >> 32) & (coming->n_slots - 1);

    while (coming->slots[i] && coming->slots[i] != key) i = (i + 1) & (coming->n_slots - 1);
    return &coming->slots[i];
}

static void grow(ImportComing *coming)
{
    ImportComing old = *coming;

    coming->n_slots = old.n_slots ? old.n_slots * 2 : 1024;
    coming->slots = NEW_N(coming->mem, uint64_t, coming->n_slots);
    for (size_t i = 0; i < old.n_slots; i++)
        if (old.slots[i]) *slot_of(coming, old.slots[i]) = old.slots[i];
}

static void add_key(ImportComing *coming, Arena *tmp, const Object *obj, Str text)
{
    if (!text.n || coming->n >= COMING_MAX) return;
    if (2 * coming->n >= coming->n_slots) grow(coming);
    uint64_t key = key_of(tmp, obj, text), *slot = slot_of(coming, key);
    coming->n += *slot == 0;
    *slot = key;
}

void coming_add(ImportComing *coming, Arena *tmp, const Object *obj, const Record *rec)
{
    const Field *label = obj->label_field, *outside = object_field(obj, S("outside_id"));

    if (!coming) return;
    if (label && !val_is_null(rec->vals[label->index]))
        for (int lang = 0; lang < (label->result == FIELD_PERSON_NAME ? 2 : 1); lang++)
            add_key(coming, tmp, obj, value_text(tmp, label, rec->vals[label->index], (Lang)lang));
    if (outside && rec->vals[outside->index].kind == VAL_TEXT)
        add_key(coming, tmp, obj, val_str(rec->vals[outside->index]));
}

bool coming_has(const ImportComing *coming, Arena *tmp, const Object *obj, Str text)
{
    Str forms[2];
    bool has = coming && coming->n && *slot_of(coming, key_of(tmp, obj, text)) != 0;
    size_t n = coming && coming->n && !has ? outside_forms(tmp, text, forms) : 0;

    for (size_t i = 0; i < n && !has; i++) has = *slot_of(coming, key_of(tmp, obj, forms[i])) != 0;
    return has;
}

/* --- samples --------------------------------------------------------------------------------------------------------------- */

static ValPair pair(const char *key, Val v)
{
    return (ValPair){val_text(str_c(key)), v};
}

static Val ref_of(Arena *mem, const Record *rec)
{
    ValPair *pairs = NEW_N(mem, ValPair, 3);

    if (!rec) return val_null();
    pairs[0] = pair("object", val_text(rec->obj->name));
    pairs[1] = pair("id", val_text(id_text(mem, rec->id)));
    pairs[2] = pair("label", val_text(record_text(mem, rec)));
    return val_map(pairs, 3);
}

static Str shown(RowWork *rw, const Field *f, Val v)
{
    Work *w = rw->w;
    const Object *obj = v.kind == VAL_REF && v.aux < 1024 ? w->plan->meta->by_number[v.aux] : NULL;
    Record *rec;

    if (!obj || record_get(w->cx, obj, v.i, READ_DELETED, &rec))
        return value_text(w->tmp, f, v, w->job->lang);
    return record_text(w->tmp, rec);
}

/* The picture is made when the row is written: until then it has no number. */
static Val photo_change(RowWork *rw)
{
    const Field *f = object_field(rw->w->plan->obj, S("photo"));
    ValPair *pairs = NEW_N(rw->w->tmp, ValPair, 4);
    Val before = rw->before && f ? rw->before->vals[f->index] : val_null();

    pairs[0] = pair("field", val_text(S("photo")));
    pairs[1] = pair("label", val_text(f ? label_in(&f->label, rw->w->job->lang) : S("photo")));
    pairs[2] = pair("before", val_is_null(before) ? before : val_text(shown(rw, f, before)));
    pairs[3] = pair("after", val_text(rw->row->blobs[0].mime));
    return val_map(pairs, 4);
}

static Val changes_of(RowWork *rw)
{
    Work *w = rw->w;
    const Object *obj = w->plan->obj;
    Val *list = NEW_N(w->tmp, Val, obj->n_fields + 1);
    uint32_t n = 0;

    if (rw->has_photo) list[n++] = photo_change(rw);
    for (size_t i = SYS_OWNER; i < obj->n_fields; i++) {
        const Field *f = &obj->fields[i];
        Val before = rw->before ? rw->before->vals[i] : val_null(), after = rw->rec->vals[i];
        if (!rw->rec->is_set[i] || val_same(before, after)) continue;
        ValPair *pairs = NEW_N(w->tmp, ValPair, 4);
        pairs[0] = pair("field", val_text(f->name));
        pairs[1] = pair("label", val_text(label_in(&f->label, w->job->lang)));
        pairs[2] = pair("before", val_is_null(before) ? before : val_text(shown(rw, f, before)));
        pairs[3] = pair("after", val_is_null(after) ? after : val_text(shown(rw, f, after)));
        list[n++] = val_map(pairs, 4);
    }
    return val_list(list, n);
}

static void count_reason(Work *w, Str text)
{
    Reason *known = strmap_get(&w->reasons, text);

    if (!known && w->reasons.n >= REASONS_MAX) return;
    if (!known) {
        known = NEW(w->mem, Reason);
        known->text = str_copy(w->mem, text);
        strmap_put(w->mem, &w->reasons, known->text, known);
    }
    known->n++;
}

static Val reasons_of(RowWork *rw, const Err *e)
{
    Work *w = rw->w;
    Val list[20];
    size_t n = 0;

    for (const Err *p = e; p && n < 20; p = p->next) {
        Str text = w->job->reason ? w->job->reason(w->tmp, w->plan->obj, p, w->job->lang)
                   : p->detail.n  ? p->detail
                                  : p->key;
        count_reason(w, text);
        list[n++] = val_text(text);
    }
    return val_copy(w->tmp, val_list(list, n));
}

static Str label_of(RowWork *rw)
{
    const Field *f = rw->rec->obj->label_field;
    Val v = f ? rw->rec->vals[f->index] : val_null();

    if (!val_is_null(v)) return value_text(rw->w->tmp, f, v, rw->w->job->lang);
    return rw->before ? record_text(rw->w->tmp, rw->before) : (Str){0};
}

void sample_row(RowWork *rw, const char *outcome, const Err *e)
{
    Work *w = rw->w;
    Arena *mem = w->tmp;
    ValPair *pairs = NEW_N(mem, ValPair, 7);
    size_t kind = 0;
    Val reasons = reasons_of(rw, e);

    while (OUTCOMES[kind] && !str_eq_c(str_c(outcome), OUTCOMES[kind])) kind++;
    if (w->n_sampled[kind]++ >= SAMPLES) return;
    pairs[0] = pair("line", val_int(rw->row->line));
    pairs[1] = pair("outcome", val_text(str_c(outcome)));
    pairs[2] = pair("label", val_text(label_of(rw)));
    pairs[3] = pair("record", ref_of(mem, rw->before));
    pairs[4] = pair("changes", changes_of(rw));
    pairs[5] = pair("reasons", reasons);
    pairs[6] = pair("matches", rw->matches.kind == VAL_LIST ? rw->matches : val_list(NULL, 0));
    *vec_push(w->mem, &w->samples) = val_copy(w->mem, val_map(pairs, 7));
}
