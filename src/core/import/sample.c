/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a preview shows: fifty rows of each kind with what would change, why rows are refused and how often, and the keys that
   rows before will have made by then. */
#include "base/text.h"
#include "core/import/impl.h"

#define SAMPLES     50
#define REASONS_MAX 200
#define COMING_MAX  500000

static const char *const OUTCOMES[] = {"new",     "changed", "unchanged", "conflict",
                                       "refused", "deleted", "duplicate", NULL};

/* --- what is coming -------------------------------------------------------------------------------------------------------- */

struct ImportComing {
    Arena *mem;
    StrMap keys;
};

ImportComing *import_coming(Arena *mem)
{
    ImportComing *coming = NEW(mem, ImportComing);

    coming->mem = mem;
    return coming;
}

static Str key_of(Arena *mem, const Object *obj, Str text)
{
    return str_fmt(mem, "%u:%.*s", (unsigned)obj->number, SFMT(text_fold(mem, text)));
}

static void add_key(ImportComing *coming, const Object *obj, Str text)
{
    if (text.n && coming->keys.n < COMING_MAX)
        strmap_put(coming->mem, &coming->keys, key_of(coming->mem, obj, text), coming);
}

void coming_add(ImportComing *coming, const Object *obj, const Record *rec)
{
    const Field *label = obj->label_field, *outside = object_field(obj, S("outside_id"));

    if (!coming) return;
    if (label && !val_is_null(rec->vals[label->index]))
        for (int lang = 0; lang < (label->result == FIELD_PERSON_NAME ? 2 : 1); lang++)
            add_key(coming, obj, value_text(coming->mem, label, rec->vals[label->index], (Lang)lang));
    if (outside && rec->vals[outside->index].kind == VAL_TEXT)
        add_key(coming, obj, val_str(rec->vals[outside->index]));
}

bool coming_has(const ImportComing *coming, Arena *tmp, const Object *obj, Str text)
{
    return coming && strmap_get(&coming->keys, key_of(tmp, obj, text)) != NULL;
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

static Val changes_of(RowWork *rw)
{
    Work *w = rw->w;
    const Object *obj = w->plan->obj;
    Val *list = NEW_N(w->tmp, Val, obj->n_fields);
    uint32_t n = 0;

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
