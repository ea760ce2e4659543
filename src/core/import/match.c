/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding records by what stands in a cell: exactly, else the same but for letters, spaces or legal form.  All of a small table
   are kept in memory; a large one is asked by its indexes, so that memory does not grow with it.  Several that fit are all
   answered: which one is meant is never decided here. */
#include "base/phone.h"
#include "base/text.h"
#include "core/import/parts.h"
#include "core/item.h"
#include "core/store.h"

#define SMALL     20000
#define CACHE_MAX 20000
#define GONE_MAX  5000 /* deleted records that are recognised */

static Str squeeze(Arena *mem, Str s)
{
    Str folded = text_fold(mem, s);
    char *p = str_to_c(mem, folded);
    size_t n = 0;

    for (size_t i = 0; i < folded.n; i++)
        if ((unsigned char)p[i] > ' ' && p[i] != '-' && p[i] != '.' && p[i] != '_') p[n++] = p[i];
    return (Str){p, n};
}

static void found_add(Found *found, Id id, Str text)
{
    for (size_t i = 0; i < found->n; i++)
        if (found->ids[i] == id) return;
    if (found->n == FOUND_MAX) return;
    if (!found->n) found->text = text;
    found->ids[found->n++] = id;
}

/* --- keys in memory -------------------------------------------------------------------------------------------------- */

static void key_put(Arena *mem, StrMap *map, Str key, Id id, Str text)
{
    Entry *first = strmap_get(map, key), *own;

    for (Entry *e = first; e; e = e->same)
        if (e->id == id) return;
    own = NEW(mem, Entry);
    *own = (Entry){id, text, NULL};
    if (!first) {
        strmap_put(mem, map, key, own);
        return;
    }
    own->same = first->same;
    first->same = own;
}

static void keys_put(Arena *mem, Keys *keys, bool is_key, Str text, Id id)
{
    Str kept = str_copy(mem, text);

    key_put(mem, &keys->exact, kept, id, kept);
    if (is_key) return;
    Str name = text_name_key(mem, text);
    key_put(mem, &keys->fold, text_fold(mem, text), id, kept);
    key_put(mem, &keys->squeezed, squeeze(mem, text), id, kept);
    if (name.n) key_put(mem, &keys->name, name, id, kept);
}

static void take(const StrMap *map, Str key, Found *out)
{
    for (const Entry *e = strmap_get(map, key); e; e = e->same) found_add(out, e->id, e->text);
}

static void keys_find(Work *w, const Finder *f, Str text, Found *out)
{
    const Keys *both[] = {&f->all, &f->fresh};
    static const char *const HOW[] = {NULL, "letters", "spaces", "legal form"};

    for (size_t step = 0; step < (f->is_key ? 1 : 4) && !out->n; step++) {
        Str key = step == 0   ? text
                  : step == 1 ? text_fold(w->tmp, text)
                  : step == 2 ? squeeze(w->tmp, text)
                              : text_name_key(w->tmp, text);
        for (size_t k = 0; k < 2 && key.n; k++)
            take(step == 0   ? &both[k]->exact
                 : step == 1 ? &both[k]->fold
                 : step == 2 ? &both[k]->squeezed
                             : &both[k]->name,
                 key, out);
        out->how = HOW[step];
    }
}

/* --- loading --------------------------------------------------------------------------------------------------------- */

static bool is_textual(const Field *by)
{
    return by->result == FIELD_TEXT || by->result == FIELD_URL || by->result == FIELD_PERSON_NAME ||
           by->result == FIELD_CHOICE;
}

static Err *count_rows(Work *w, const Object *obj, int64_t *out)
{
    Sql q = sql_new(w->tmp);
    Val v;

    sql_text(&q, "SELECT count(*) FROM (SELECT 1 FROM ");
    sql_ident(&q, obj->table);
    sql_text(&q, " WHERE deleted_at IS NULL LIMIT ");
    sql_i64(&q, SMALL + 1);
    sql_text(&q, ") s");
    TRY(db_one(w->tmp, w->cx->db, buf_str(&q.text), q.binds, q.n, &v));
    *out = v.i;
    return NULL;
}

/* A person is found under both orders of his names. */
static void put_person(Work *w, Finder *f, const DbRows *rows)
{
    Str family = db_str(rows, 2), given = db_str(rows, 3);

    if (!family.n || !given.n) return;
    keys_put(w->mem, &f->all, f->is_key, str_fmt(w->tmp, "%.*s %.*s", SFMT(family), SFMT(given)),
             db_i64(rows, 0));
    keys_put(w->mem, &f->all, f->is_key, str_fmt(w->tmp, "%.*s %.*s", SFMT(given), SFMT(family)),
             db_i64(rows, 0));
}

static Err *load_all(Work *w, Finder *f)
{
    bool is_person = f->by->result == FIELD_PERSON_NAME, has = true;
    Sql q = sql_new(w->tmp);
    DbRows *rows;

    sql_text(&q, "SELECT id, ");
    sql_ident(&q, f->by->column);
    if (is_person) {
        sql_text(&q, ", ");
        sql_ident(&q, f->by->role_columns[COLUMN_FAMILY]);
        sql_text(&q, ", ");
        sql_ident(&q, f->by->role_columns[COLUMN_GIVEN]);
    }
    sql_text(&q, " FROM ");
    sql_ident(&q, f->obj->table);
    sql_text(&q, " WHERE deleted_at IS NULL AND ");
    sql_ident(&q, f->by->column);
    sql_text(&q, " IS NOT NULL ORDER BY id");
    TRY(sql_query(w->tmp, w->cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        keys_put(w->mem, &f->all, f->is_key, db_str(rows, 1), db_i64(rows, 0));
        if (is_person) put_person(w, f, rows);
    }
}

static Err *finder_for(Work *w, const Object *obj, const Field *by, Finder **out)
{
    int64_t n = 0;

    for (size_t i = 0; i < w->finders.n; i++)
        if (w->finders.p[i]->obj == obj && w->finders.p[i]->by == by) {
            *out = w->finders.p[i];
            return NULL;
        }
    Finder *f = NEW(w->mem, Finder);
    f->obj = obj;
    f->by = by;
    f->is_key = str_eq(by->name, S("outside_id"));
    if (is_textual(by)) {
        TRY(count_rows(w, obj, &n));
        f->is_small = n <= SMALL;
        if (f->is_small) TRY(load_all(w, f));
    }
    *vec_push(w->mem, &w->finders) = f;
    *out = f;
    return NULL;
}

void finders_begin(Work *w)
{
    w->finders.n = w->n_finders; /* those made in a unit that was rolled back may hold what never was */
    for (size_t i = 0; i < w->finders.n; i++) {
        w->finders.p[i]->fresh = (Keys){0};
        w->finders.p[i]->added.n = w->finders.p[i]->added.cap = 0;
        w->finders.p[i]->added.p = NULL;
    }
}

void finders_commit(Work *w)
{
    for (size_t i = 0; i < w->finders.n; i++) {
        Finder *f = w->finders.p[i];
        if (f->all.exact.n > 2 * SMALL) { /* the table has grown: from now on the database is asked */
            f->is_small = false;
            f->all = (Keys){0};
            continue;
        }
        for (size_t k = 0; k < f->added.n; k++)
            keys_put(w->mem, &f->all, f->is_key, f->added.p[k].text, f->added.p[k].id);
    }
    w->n_finders = w->finders.n;
    finders_begin(w);
}

static void made_text(Work *w, Finder *f, Str text, Id id)
{
    Entry *e = vec_push(w->tmp, &f->added);

    *e = (Entry){id, str_copy(w->tmp, text), NULL};
    keys_put(w->tmp, &f->fresh, f->is_key, text, id);
}

void finder_made(Work *w, const Record *rec)
{
    for (size_t i = 0; i < w->finders.n; i++) {
        Finder *f = w->finders.p[i];
        if (f->obj != rec->obj || !f->is_small || val_is_null(rec->vals[f->by->index])) continue;
        Val v = rec->vals[f->by->index];
        if (f->by->result != FIELD_PERSON_NAME) {
            made_text(w, f, val_str(v), rec->id);
            continue;
        }
        made_text(w, f, person_name_text(w->tmp, v, LANG_EN), rec->id);
        made_text(w, f, person_name_text(w->tmp, v, LANG_RU), rec->id);
    }
}

/* --- asking the database ----------------------------------------------------------------------------------------------- */

static void begin_select(Sql *q, const Object *obj, bool is_deleted)
{
    sql_text(q, "SELECT t0.id FROM ");
    sql_ident(q, obj->table);
    sql_text(q, " t0 WHERE ");
    if (is_deleted)
        sql_text(q, "t0.deleted_at IS NOT NULL");
    else
        sql_text(q, "t0.deleted_at IS NULL");
}

static Err *read_ids(Work *w, Sql *q, Found *out)
{
    DbRows *rows;
    bool has;

    sql_text(q, " ORDER BY t0.id LIMIT ");
    sql_i64(q, FOUND_MAX);
    TRY(sql_query(w->tmp, w->cx->db, q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) return NULL;
        found_add(out, db_i64(rows, 0), (Str){0});
    }
}

static bool has_role(const Field *f, ColumnRole role)
{
    Column columns[FIELD_COLUMNS_MAX];
    size_t n = field_columns(f, columns);

    for (size_t i = 0; i < n; i++)
        if (columns[i].role == role) return true;
    return false;
}

/* Exactly `text`, by the index of the field's order. */
static void add_exact(Work *w, Sql *q, const Field *f, Str text)
{
    if (has_role(f, COLUMN_KEY)) {
        sql_text(q, " AND t0.");
        sql_ident(q, f->role_columns[COLUMN_KEY]);
        sql_text(q, " = ");
        sql_bind(q, val_bytes(text_sort_key(w->tmp, text, w->cx->store->company->locale)));
    }
    sql_text(q, " AND t0.");
    sql_ident(q, f->column);
    sql_text(q, " = ");
    sql_bind(q, val_text(text));
}

static bool is_by_name(const Field *f)
{
    const Object *obj = f->object;

    for (size_t i = 0; i < obj->n_duplicates; i++)
        for (size_t k = 0; str_eq(obj->duplicates[i].how, S("name")) && k < obj->duplicates[i].n; k++)
            if (obj->duplicates[i].fields[k] == f) return true;
    return f == obj->label_field && str_eq(obj->name, S("account"));
}

static void add_item(Sql *q, const Field *f, Str norm)
{
    sql_text(q, " AND t0.id IN (SELECT i.record FROM item i WHERE i.norm = ");
    sql_bind(q, val_text(norm));
    sql_text(q, " AND i.object = ");
    sql_i64(q, f->object->number);
    sql_text(q, " AND i.field = ");
    sql_bind(q, val_text(f->column));
    sql_text(q, ")");
}

static Err *ask_text(Work *w, const Field *by, Str text, Found *out)
{
    Sql q = sql_new(w->tmp);

    begin_select(&q, by->object, false);
    add_exact(w, &q, by, text);
    TRY(read_ids(w, &q, out));
    out->how = NULL;
    if (out->n) return NULL;
    if (by->object->label_field == by && has_role(by, COLUMN_FOLD)) {
        q = sql_new(w->tmp);
        begin_select(&q, by->object, false);
        sql_text(&q, " AND t0.");
        sql_ident(&q, by->role_columns[COLUMN_FOLD]);
        sql_text(&q, " = ");
        sql_bind(&q, val_text(text_fold(w->tmp, text)));
        TRY(read_ids(w, &q, out));
        out->how = "letters";
    }
    Str name = text_name_key(w->tmp, text);
    if (out->n || !is_by_name(by) || !name.n) return NULL;
    q = sql_new(w->tmp);
    begin_select(&q, by->object, false);
    add_item(&q, by, name);
    out->how = "legal form";
    return read_ids(w, &q, out);
}

/* The form in which items are compared; empty when `v` is no such item. */
static Str norm_of(Arena *mem, const Field *f, Val item)
{
    Val value = item.kind == VAL_MAP ? pair_get(item, "value") : item;

    return value.kind == VAL_TEXT ? item_norm(mem, f, val_str(value)) : (Str){0};
}

/* A value that equals the field's column, or one of its items. */
static void add_value(Work *w, Sql *q, const Field *f, Val v)
{
    Val binds[FIELD_COLUMNS_MAX];

    if (has_items(f)) {
        add_item(q, f, v.kind == VAL_LIST && v.n ? norm_of(w->tmp, f, v.list[0]) : (Str){0});
        return;
    }
    if (f->is_system && f->index == SYS_ID) {
        sql_text(q, " AND t0.id = ");
        sql_bind(q, val_int(v.i));
        return;
    }
    if (is_textual(f) && v.kind == VAL_TEXT) {
        add_exact(w, q, f, val_str(v));
        return;
    }
    (void)value_binds(w->cx, f, v, val_null(), binds);
    sql_text(q, " AND t0.");
    sql_ident(q, f->column);
    sql_text(q, " = ");
    sql_bind(q, binds[0]);
}

/* The items of a value apart: any of them is enough. */
static Err *ask_value(Work *w, const Field *by, Val v, bool is_deleted, Found *out)
{
    bool is_list = has_items(by) && v.kind == VAL_LIST;

    for (uint32_t i = 0; i < (is_list ? v.n : 1); i++) {
        Sql q = sql_new(w->tmp);
        Val one = is_list ? val_list(&v.list[i], 1) : v;
        if (is_list && !is_deleted && by == w->standing_by &&
            !strmap_get(&w->standing, norm_of(w->tmp, by, v.list[i])))
            continue;
        begin_select(&q, by->object, is_deleted);
        add_value(w, &q, by, one);
        TRY(read_ids(w, &q, out));
    }
    return NULL;
}

static Err *ask_cell(Work *w, const Field *by, Str text, Found *out)
{
    Val v;
    Id id;

    out->how = NULL;
    if (by->is_system && by->index == SYS_ID) {
        if (!id_parse(text, &id)) return NULL;
        return ask_value(w, by, val_int(id), false, out);
    }
    if (is_textual(by)) return ask_text(w, by, text, out);
    if (by->result == FIELD_AUTONUMBER)
        while (text.n && (text.p[0] < '0' || text.p[0] > '9')) text = str_from(text, 1);
    Err *e = value_from_json(w->cx, by, val_text(text), &v);
    return e || val_is_null(v) ? NULL : ask_value(w, by, v, false, out);
}

/* --- by the words of a cell ---------------------------------------------------------------------------------------------- */

static bool is_written(const Work *w, const Object *obj)
{
    return obj == w->plan->obj || !w->plan->n_groups;
}

static bool is_made_here(const Work *w, const Object *obj)
{
    for (size_t i = 0; i < w->plan->n_targets; i++)
        if (w->plan->targets[i].is_new && w->plan->targets[i].to == obj) return true;
    return is_written(w, obj);
}

static Err *find_once(Work *w, const Object *obj, const Field *by, Str text, Found *out)
{
    Finder *f;

    *out = (Found){0};
    TRY(finder_for(w, obj, by, &f));
    if (f->is_small) {
        keys_find(w, f, text, out);
        return NULL;
    }
    bool is_kept = !is_made_here(w, obj);
    const Found *known = is_kept ? strmap_get(&f->cache, text) : NULL;
    if (known) {
        *out = *known;
        return NULL;
    }
    TRY(ask_cell(w, by, text, out));
    if (!is_kept || f->n_cached >= CACHE_MAX) return NULL;
    Found *kept = NEW(w->mem, Found);
    *kept = *out;
    f->n_cached++;
    strmap_put(w->mem, &f->cache, str_copy(w->mem, text), kept);
    return NULL;
}

static Err *find_by(Work *w, const Object *obj, const Field *by, Str text, Found *out)
{
    Str forms[2];
    size_t n = str_eq(by->name, S("outside_id")) ? outside_forms(w->tmp, text, forms) : 0;

    TRY(find_once(w, obj, by, text, out));
    for (size_t i = 0; i < n && !out->n; i++) TRY(find_once(w, obj, by, forms[i], out));
    return NULL;
}

static const Field *first_of(const Object *obj, FieldType type)
{
    for (size_t i = SYS_COUNT; i < obj->n_fields; i++)
        if (obj->fields[i].result == type) return &obj->fields[i];
    return NULL;
}

static bool looks_like_phone(Work *w, Str text)
{
    Str e164, ext;

    return phone_parse(w->tmp, text, w->cx->store->company->country, &e164, &ext);
}

/* "Nowak [0sa5d60sm00cp]", as exports tell namesakes apart: the id; empty when there is none. */
static Str id_told(Str text)
{
    bool is_told = text.n > 16 && text.p[text.n - 1] == ']' && text.p[text.n - 15] == '[';
    Str told = is_told ? str_sub(text, text.n - 14, 13) : (Str){0};
    Id id;

    return id_parse(told, &id) ? told : (Str){0};
}

/* As people name it, in the order of how sure that is. */
Err *find_records(Work *w, const Object *obj, const Field *by, Str text, Found *out)
{
    bool is_email = str_find_char(text, '@') > 0;
    const Field *email = first_of(obj, FIELD_EMAILS);

    *out = (Found){0};
    if (by) return find_by(w, obj, by, text, out);
    Str told = id_told(text);
    if (told.n) TRY(find_by(w, obj, &obj->fields[SYS_ID], told, out));
    if (out->n) return NULL;
    if (is_email && !email) email = object_field(obj, S("email"));
    if (is_email && email) TRY(find_by(w, obj, email, text, out));
    if (!out->n && obj->label_field) TRY(find_by(w, obj, obj->label_field, text, out));
    const Field *outside = object_field(obj, S("outside_id"));
    if (!out->n && outside) {
        TRY(find_by(w, obj, outside, text, out));
        if (out->how) out->n = 0; /* a key is a key: letter for letter */
    }
    const Field *phone = first_of(obj, FIELD_PHONES), *ident = first_of(obj, FIELD_IDENTIFIER);
    if (!out->n && phone && looks_like_phone(w, text)) TRY(find_by(w, obj, phone, text, out));
    if (!out->n && ident) TRY(find_by(w, obj, ident, text, out));
    Id id;
    if (!out->n && id_parse(text, &id)) TRY(find_by(w, obj, &obj->fields[SYS_ID], text, out));
    return NULL;
}

Err *narrow(Work *w, const Object *obj, const Field *by, const Field *by2, Str text, Found *found)
{
    Found all = {0}, kept = {0};
    const Field *f = by ? by : obj->label_field;

    if (!f) return NULL;
    if (f->result == FIELD_REFERENCE || f->result == FIELD_USER) {
        Found inner;
        TRY(find_records(w, f->target, by2, text, &inner));
        for (size_t i = 0; i < inner.n; i++)
            TRY(ask_value(w, f, val_ref(f->target->number, inner.ids[i]), false, &all));
    } else {
        TRY(find_records(w, obj, by, text, &all));
    }
    for (size_t i = 0; i < found->n; i++)
        for (size_t k = 0; k < all.n; k++)
            if (found->ids[i] == all.ids[k]) found_add(&kept, found->ids[i], found->text);
    kept.how = found->how;
    *found = kept;
    return NULL;
}

/* --- the record a row is about ----------------------------------------------------------------------------------------- */

static bool is_key(const Field *f)
{
    return str_eq(f->name, S("outside_id")) || f->is_unique;
}

static bool is_empty(Val v)
{
    return val_is_null(v) || (v.kind == VAL_LIST && v.n == 0);
}

static Err *match_field(Work *w, const Field *f, Val v, Found *out)
{
    Finder *finder;

    *out = (Found){0};
    if (f->result == FIELD_PERSON_NAME || (is_textual(f) && !is_key(f))) {
        Str text = f->result == FIELD_PERSON_NAME ? person_name_text(w->tmp, v, LANG_EN) : val_str(v);
        TRY(find_by(w, f->object, f, text, out));
        if (out->how && str_eq_c(str_c(out->how), "spaces")) out->n = 0;
        return NULL;
    }
    if (!is_textual(f)) return ask_value(w, f, v, false, out);
    TRY(finder_for(w, f->object, f, &finder));
    if (!finder->is_small) return ask_value(w, f, v, false, out);
    take(&finder->all.exact, val_str(v), out);
    take(&finder->fresh.exact, val_str(v), out);
    return NULL;
}

Err *ask_standing(Work *w, Record *const *recs, size_t n)
{
    const Field *f = w->plan->n_match == 1 ? w->plan->match[0] : NULL;
    VEC(Str) norms = {0};

    if (!f || !has_items(f)) return NULL;
    for (size_t i = 0; i < n; i++) {
        Val v = recs[i]->vals[f->index];
        for (uint32_t k = 0; v.kind == VAL_LIST && k < v.n; k++)
            *vec_push(w->tmp, &norms) = norm_of(w->tmp, f, v.list[k]);
    }
    w->standing = (StrMap){0};
    w->standing_by = f;
    return items_there(w->cx, f->object, norms.p, norms.n, &w->standing);
}

Err *find_match(Work *w, const Record *rec, Found *out)
{
    bool is_first = true;

    *out = (Found){0};
    for (size_t i = 0; i < w->plan->n_match; i++) {
        const Field *f = w->plan->match[i];
        Found one, both = {0};
        Val v = rec->vals[f->index];
        if (f->is_system && f->index == SYS_ID) v = rec->id ? val_int(rec->id) : val_null();
        if (is_empty(v)) continue;
        TRY(match_field(w, f, v, &one));
        Str forms[2];
        size_t n_forms = !one.n && str_eq(f->name, S("outside_id")) && v.kind == VAL_TEXT
                             ? outside_forms(w->tmp, val_str(v), forms)
                             : 0;
        for (size_t k = 0; k < n_forms && !one.n; k++) TRY(match_field(w, f, val_text(forms[k]), &one));
        for (size_t k = 0; !is_first && k < one.n; k++)
            for (size_t j = 0; j < out->n; j++)
                if (one.ids[k] == out->ids[j]) found_add(&both, one.ids[k], one.text);
        *out = is_first ? one : both;
        is_first = false;
    }
    return NULL;
}

/* What a record is matched by, as one text; empty when it has none of it.  Of several items the one numbered `item`. */
Str match_key(Work *w, Arena *mem, const Record *rec, uint32_t item)
{
    Buf b = buf_new(mem, 1u << 20);

    for (size_t i = 0; i < w->plan->n_match; i++) {
        const Field *f = w->plan->match[i];
        bool is_id = f->is_system && f->index == SYS_ID;
        Val v = is_id ? (rec->id ? val_int(rec->id) : val_null()) : rec->vals[f->index];
        if (is_empty(v)) continue;
        Str text = has_items(f) && v.kind == VAL_LIST ? norm_of(mem, f, v.list[item < v.n ? item : 0])
                   : is_id                            ? str_fmt(mem, "%lld", (long long)v.i)
                                                      : value_text(mem, f, v, LANG_EN);
        buf_addf(&b, "%zu=%.*s;", i, SFMT(is_key(f) ? text : text_fold(mem, text)));
    }
    return buf_str(&b);
}

static void keep_gone(Work *w, const Record *rec)
{
    for (uint32_t item = 0; item < 5; item++) {
        Str key = match_key(w, w->mem, rec, item);
        Id *id = NEW(w->mem, Id);
        if (!key.n || (item && strmap_get(&w->gone, key))) return;
        *id = rec->id;
        strmap_put(w->mem, &w->gone, key, id);
    }
}

static Err *load_gone(Work *w)
{
    Sql q = sql_new(w->tmp);
    Ctx system = ctx_as_system(w->cx);
    VEC(Id) ids = {0};
    DbRows *rows;
    bool has = true;

    w->has_gone = true;
    begin_select(&q, w->plan->obj, true);
    sql_text(&q, " ORDER BY t0.deleted_at DESC LIMIT ");
    sql_i64(&q, GONE_MAX);
    TRY(sql_query(w->tmp, w->cx->db, &q, &rows));
    for (;;) {
        TRY(db_next(rows, &has));
        if (!has) break;
        *vec_push(w->tmp, &ids) = db_i64(rows, 0);
    }
    for (size_t i = ids.n; i-- > 0;) { /* the newest last, so that it stands */
        Record *rec;
        TRY(record_get(&system, w->plan->obj, ids.p[i], READ_DELETED, &rec));
        keep_gone(w, rec);
    }
    return NULL;
}

Err *find_deleted(Work *w, const Record *rec, Id *out)
{
    *out = 0;
    if (!w->plan->n_match) return NULL;
    if (!w->has_gone) TRY(load_gone(w));
    if (!w->gone.n) return NULL;
    for (uint32_t item = 0; item < 5 && !*out; item++) {
        Str key = match_key(w, w->tmp, rec, item);
        const Id *id = key.n ? strmap_get(&w->gone, key) : NULL;
        if (id) *out = *id;
    }
    return NULL;
}
