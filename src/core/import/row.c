/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row to one record.  Several columns may make one field: parts of a name, phones of several kinds, two marks by which a
   referred record is told from another of the same name.  On a record that is there already, items are added to its lists, and
   a cell that says what stands there changes nothing. */
#include "base/text.h"
#include "core/import/parts.h"
#include "core/item.h"

#include <string.h>

#define CELLS_MAX 200

typedef struct Said { /* what a row says of a field */
    const Target *t;
    Str cell;
} Said;

/* On the stack and not cleared: of five kilobytes a row fills a few words. */
typedef struct Says {
    size_t n;
    Said p[CELLS_MAX];
} Says;

static void keep(RowWork *rw, Str heading, Str cell)
{
    buf_addf(&rw->kept, "%.*s: %.*s\n", SFMT(heading), SFMT(plain_text(rw->w->tmp, cell)));
}

/* What its field does not take goes to the note, where the mapping says so: one odd phone is no reason to refuse a person. */
static void keep_unread(RowWork *rw, const Target *t, Str cell)
{
    Err *e = err_new(rw->w->tmp, ERR_INVALID, "import.note.unread", "%.*s: \"%.*s\" went to the note",
                     SFMT(t->heading), SFMT(cell));

    keep(rw, t->heading, cell);
    work_note(rw->w, err_arg(err_arg(e, 0, t->heading), 1, cell));
}

/* "{product} for {account}" with the row's cells. */
static Str filled(RowWork *rw, Str text)
{
    Work *w = rw->w;
    Buf b = buf_new(w->tmp, 64u << 10);

    while (text.p && text.n) {
        buf_add(&b, str_cut(&text, '{'));
        if (!text.p) break;
        Str name = str_cut(&text, '}');
        for (size_t i = 0; i < w->plan->table->n_heads && i < rw->row->n; i++)
            if (str_eq(w->plan->table->heads[i], name)) buf_add(&b, str_trim(rw->row->cells[i]));
    }
    return str_trim(buf_str(&b));
}

static void collect(RowWork *rw, const FieldGroup *g, bool with_defaults, Says *out)
{
    for (size_t i = 0; i < g->n && out->n < CELLS_MAX; i++) {
        const Target *t = g->targets[i];
        Str cell = (size_t)t->cell < rw->row->n ? str_trim(rw->row->cells[t->cell]) : (Str){0};
        if (t->field && cell.n) cell = str_trim(cell_meaning(rw->w, t, cell));
        if (cell.n) out->p[out->n++] = (Said){t, cell};
    }
    for (size_t i = 0; i < g->n_defaults && with_defaults && out->n < CELLS_MAX && !g->n; i++)
        out->p[out->n++] = (Said){g->defaults[i], filled(rw, g->defaults[i]->text)};
    if (out->n || !with_defaults) return;
    for (size_t i = 0; i < g->n_defaults && out->n < CELLS_MAX; i++)
        out->p[out->n++] = (Said){g->defaults[i], filled(rw, g->defaults[i]->text)};
}

/* --- references -------------------------------------------------------------------------------------------------------- */

Str note_candidates(RowWork *rw, const Object *to, const Found *found)
{
    Work *w = rw->w;
    Buf b = buf_new(w->tmp, 4096);
    Val *matches = NEW_N(w->tmp, Val, found->n + 1);
    uint32_t n = 0;

    for (size_t i = 0; i < found->n && i < 5; i++) {
        Record *rec;
        if (record_get(w->cx, to, found->ids[i], 0, &rec)) continue; /* what he may not see is not named */
        Str id = id_text(w->tmp, rec->id), label = record_text(w->tmp, rec);
        ValPair *pairs = NEW_N(w->tmp, ValPair, 3);
        pairs[0] = (ValPair){val_text(S("object")), val_text(to->name)};
        pairs[1] = (ValPair){val_text(S("id")), val_text(id)};
        pairs[2] = (ValPair){val_text(S("label")), val_text(label)};
        matches[n++] = val_map(pairs, 3);
        buf_addf(&b, "%s%.*s (%.*s)", b.n ? ", " : "", SFMT(label), SFMT(id));
    }
    rw->matches = val_list(matches, n);
    return buf_str(&b);
}

static Err *ambiguous(RowWork *rw, const Target *t, const Object *to, Str cell, const Found *found)
{
    Str who = note_candidates(rw, to, found);
    Err *e = err_new(rw->w->tmp, ERR_INVALID, "error.import.ambiguous", "%.*s: \"%.*s\" may be %.*s",
                     SFMT(t->heading), SFMT(cell), SFMT(who));

    return err_arg(err_arg(err_field(e, t->field->name), 0, cell), 1, who);
}

static void set_text(Record *rec, const Field *f, Val v)
{
    if (!f) return;
    rec->vals[f->index] = v;
    rec->is_set[f->index] = 1;
}

void note_made(Work *w, const Target *t, Str cell)
{
    work_note(w, err_arg(err_arg(err_new(w->tmp, ERR_INVALID, "import.note.made", "%.*s: made \"%.*s\"",
                                         SFMT(t->heading), SFMT(cell)),
                                 0, t->heading),
                         1, cell));
}

/* A user nobody can sign in as: the author of old records who has left. */
static void fill_user(Record *made, Str cell)
{
    if (str_find_char(cell, '@') > 0) set_text(made, object_field(made->obj, S("email")), val_text(cell));
    set_text(made, object_field(made->obj, S("may_sign_in")), val_bool(false));
    set_text(made, object_field(made->obj, S("is_active")), val_bool(false));
}

/* The pipeline the row names: found, or made when the row may; 0 when it names none or there is none of that name. */
static Err *named_pipeline(RowWork *rw, const Says *says, bool is_made, Id *out)
{
    Work *w = rw->w;
    const Object *pipeline = meta_object(w->plan->meta, S("pipeline"));
    Found found = {0};

    *out = 0;
    for (size_t i = 0; i < says->n; i++) {
        const Target *t = says->p[i].t;
        if (!t->by || t->by->target != pipeline) continue;
        TRY(find_records(w, pipeline, t->by2, says->p[i].cell, &found));
        *out = found.n ? found.ids[0] : 0;
        if (found.n || !is_made) continue;
        Record *made = record_new(w->tmp, pipeline);
        set_text(made, pipeline->label_field, val_text(says->p[i].cell));
        set_text(made, object_field(pipeline, S("position")), val_int(99));
        TRY(record_create(w->cx, made, NULL));
        finder_made(w, made);
        note_made(w, t, says->p[i].cell);
        *out = made->id;
    }
    return NULL;
}

/* A stage of the pipeline the row names, behind the others. */
static Err *fill_stage(RowWork *rw, Record *made, Str cell, const Says *says)
{
    Work *w = rw->w;
    const Object *pipeline = meta_object(w->plan->meta, S("pipeline"));
    Id id = 0;
    Val first;

    TRY(named_pipeline(rw, says, true, &id));
    if (!id) {
        TRY(db_one(
            w->tmp, w->cx->db,
            S("SELECT id FROM \"pipeline\" WHERE deleted_at IS NULL ORDER BY is_default DESC, position, id LIMIT 1"),
            NULL, 0, &first));
        if (first.kind == VAL_INT) id = first.i;
    }
    if (id) set_text(made, object_field(made->obj, S("pipeline")), val_ref(pipeline->number, id));
    set_text(made, object_field(made->obj, S("position")), val_int(99));
    set_text(made, object_field(made->obj, S("category")), val_text(stage_category(w->tmp, cell)));
    return NULL;
}

/* What is referred to and not there is made, under the name the cell has. */
static Err *make_target(RowWork *rw, const Target *t, Str cell, const Says *says, Id *out)
{
    Work *w = rw->w;
    Record *made = record_new(w->tmp, t->to);
    Field *label = t->to->label_field, *outside = object_field(t->to, S("outside_id"));
    Val v;

    if (!label) return bad_cell(w, t, "error.import.reference", cell);
    TRY(value_from_json(w->cx, label, val_text(cell), &v));
    set_text(made, label, v);
    if (t->by && t->by != label && t->by == outside) set_text(made, outside, val_text(cell));
    if (str_eq(t->to->name, S("user"))) fill_user(made, cell);
    if (str_eq(t->to->name, S("stage"))) TRY(fill_stage(rw, made, cell, says));
    TRY(record_create(w->cx, made, NULL));
    finder_made(w, made);
    note_made(w, t, cell);
    *out = made->id;
    return NULL;
}

/* Which of the cells names the record best: the others only tell it from its namesakes. */
static const Said *leader(const Says *says)
{
    const Said *best = &says->p[0];

    for (size_t i = 0; i < says->n; i++) {
        const Target *t = says->p[i].t;
        bool is_key = t->by && str_eq(t->by->name, S("outside_id")), is_reference = t->by && t->by->target;
        bool is_best_reference = best->t->by && best->t->by->target;
        if (is_key || (is_best_reference && !is_reference)) best = &says->p[i];
    }
    return best;
}

static bool is_self(const Work *w, const Target *t)
{
    return t->to == w->plan->obj && t->field->result != FIELD_LINKS;
}

/* Not there (yet): made, expected from a row to come, or refused. */
static Err *missing(RowWork *rw, const Said *said, const Says *says, Id *out)
{
    Work *w = rw->w;
    const Target *t = said->t;

    *out = 0;
    if (t->is_new && !w->is_preview) return make_target(rw, t, said->cell, says, out);
    bool is_coming = t->is_new || coming_has(w->job->coming, w->tmp, t->to, said->cell);
    if (w->is_preview && is_coming) {
        rw->is_coming[t->field->index] = 1;
        return NULL;
    }
    if (is_self(w, t) && t->cell >= 0 && says->n == 1 && !t->field->is_required) {
        *vec_push(w->tmp, &rw->pending) = (PendingRef){t, said->cell};
        return NULL;
    }
    return bad_cell(w, t, "error.import.reference", said->cell);
}

static Id standing(const RowWork *rw, const Field *f, const Found *found)
{
    Val v = rw->before ? rw->before->vals[f->index] : val_null();

    for (size_t i = 0; v.kind == VAL_REF && i < found->n; i++)
        if (found->ids[i] == v.i) return v.i;
    return 0;
}

/* "Nowak [01abcdefghjkm]": our own exports tell namesakes apart so. */
static const Field *named_by_id(const Target *t, Str *cell)
{
    size_t n = cell->n;
    Id id;

    if (n < ID_TEXT + 2 || cell->p[n - 1] != ']' || cell->p[n - ID_TEXT - 2] != '[' ||
        !id_parse(str_sub(*cell, n - ID_TEXT - 1, ID_TEXT), &id))
        return t->by;
    *cell = str_sub(*cell, n - ID_TEXT - 1, ID_TEXT);
    return &t->to->fields[SYS_ID];
}

static Err *find_target(RowWork *rw, const Says *says, Id *out)
{
    Work *w = rw->w;
    const Said *said = leader(says);
    const Target *t = said->t;
    Found found;

    *out = 0;
    if (t->by && t->by->target)
        return bad_cell(w, t, "error.import.reference", said->cell); /* the pipeline without the stage */
    Str cell = said->cell;
    const Field *by = named_by_id(t, &cell);
    TRY(find_records(w, t->to, by, cell, &found));
    for (size_t i = 0; i < says->n && found.n; i++)
        if (&says->p[i] != said)
            TRY(narrow(w, t->to, says->p[i].t->by, says->p[i].t->by2, says->p[i].cell, &found));
    if (!found.n && str_eq(t->to->name, S("stage"))) {
        Id pipeline = 0;
        TRY(named_pipeline(rw, says, false, &pipeline));
        if (pipeline || says->n == 1) TRY(stage_meant(w, t, cell, pipeline, out));
        if (*out) return NULL;
    }
    if (!found.n) return missing(rw, said, says, out);
    *out = found.n == 1 ? found.ids[0] : standing(rw, t->field, &found);
    if (!*out) return ambiguous(rw, t, t->to, said->cell, &found);
    if (found.how) note_taken(w, t, said->cell, &found);
    return NULL;
}

static Err *reference_value(RowWork *rw, const FieldGroup *g, const Says *says, Val *out)
{
    Id id;

    Err *e = find_target(rw, says, &id);
    if (e && g->field->result == FIELD_USER && g->n_defaults && says->p[0].t->cell >= 0 &&
        str_eq(e->key, S("error.import.reference"))) {
        Says other;
        other.n = 1;
        other.p[0] = (Said){g->defaults[0], filled(rw, g->defaults[0]->text)};
        keep(rw, says->p[0].t->heading, says->p[0].cell);
        e = find_target(rw, &other, &id);
    }
    *out = id ? val_ref(says->p[0].t->to->number, id) : val_null();
    return e;
}

/* --- lists ------------------------------------------------------------------------------------------------------------- */

static ValPair pair(const char *key, Val v)
{
    return (ValPair){val_text(str_c(key)), v};
}

/* Parts of a cell that holds several: by lines, semicolons, and commas where an item has none. */
size_t split_cell(Str cell, const char *marks, Str *out, size_t max)
{
    size_t n = 0, from = 0;

    for (size_t i = 0; i <= cell.n; i++) {
        if (i < cell.n && str_find_char(str_c(marks), cell.p[i]) < 0) continue;
        Str part = str_trim(str_sub(cell, from, i - from));
        if (part.n && n < max) out[n++] = part;
        from = i + 1;
    }
    return n;
}

const char *marks_of(const Field *f)
{
    return f->result == FIELD_EMAILS                                   ? ";,\n\r \t"
           : f->result == FIELD_PHONES                                 ? ";,\n\r"
           : f->result == FIELD_HANDLES                                ? ";,\n\r"
           : f->result == FIELD_MULTICHOICE || f->result == FIELD_TAGS ? ";,|\n\r"
                                                                       : ";\n\r";
}

static Val labelled(Arena *mem, Str value, Str label)
{
    ValPair *pairs = NEW_N(mem, ValPair, 2);

    pairs[0] = pair("value", val_text(value));
    pairs[1] = pair("label", label.n ? val_text(label) : val_null());
    return val_map(pairs, 2);
}

static Val identifier(Arena *mem, const Target *t, Str value)
{
    ValPair *pairs = NEW_N(mem, ValPair, 3);
    bool has_country = t->part2.n > 0;

    pairs[0] = pair("country", has_country ? val_text(t->part) : val_null());
    pairs[1] = pair("kind", has_country ? val_text(t->part2) : t->part.n ? val_text(t->part) : val_null());
    pairs[2] = pair("value", val_text(value));
    return val_map(pairs, 3);
}

static Err *items_of_part(RowWork *rw, const Said *said, Str part, Val *out)
{
    Arena *mem = rw->w->tmp;
    const Field *f = said->t->field;
    bool is_ident = f->result == FIELD_IDENTIFIER;

    if (is_ident && !said->t->part.n) { /* "PL NIP 5260250274" */
        Target told = *said->t;
        Str rest = part, country = str_cut(&rest, ' '), kind = str_cut(&rest, ' ');
        told.part = country;
        told.part2 = kind;
        if (rest.n && country.n == 2 &&
            !value_from_json(rw->w->cx, f, identifier(mem, &told, str_trim(rest)), out))
            return NULL;
    }
    return value_from_json(
        rw->w->cx, f, is_ident ? identifier(mem, said->t, part) : labelled(mem, part, said->t->part), out);
}

/* Each part of the cell apart, or the whole where the parts are nothing. */
static Err *add_items(RowWork *rw, const Said *said, Val *items, size_t *n)
{
    Work *w = rw->w;
    Str parts[50];
    size_t n_parts = split_cell(said->cell, marks_of(said->t->field), parts, 50), at = *n;

    for (size_t i = 0; i < n_parts; i++) {
        Val v = val_null();
        Err *e = items_of_part(rw, said, parts[i], &v);
        if (e && n_parts > 1 && !items_of_part(rw, said, said->cell, &v)) {
            *n = at;
            n_parts = 0;
            e = NULL;
        }
        if (e && w->plan->keeps_unread) {
            keep_unread(rw, said->t, parts[i]);
            continue;
        }
        if (e) return bad_cell(w, said->t, str_to_c(w->tmp, e->key), said->cell);
        for (uint32_t k = 0; v.kind == VAL_LIST && k < v.n && *n < CELLS_MAX; k++) items[(*n)++] = v.list[k];
    }
    return NULL;
}

static Str address_label(const Target *t)
{
    return t->part2.n ? t->part : (Str){0};
}

/* Two cells of one part are joined: the two lines of a street. */
static void add_address_part(RowWork *rw, const Said *said, ValPair *parts, size_t *n)
{
    Work *w = rw->w;
    Str part = said->t->part2.n ? said->t->part2 : said->t->part.n ? said->t->part : S("street");
    bool is_country = str_eq(part, S("country"));
    Str cell = is_country ? country_code(w, said->cell) : one_line(w->tmp, said->cell);
    if (is_country && cell.n != 2 && w->plan->keeps_unread) {
        keep_unread(rw, said->t, said->cell);
        return;
    }

    for (size_t j = 0; j < *n; j++)
        if (str_eq(val_str(parts[j].key), part)) {
            parts[j].val = val_text(str_fmt(w->tmp, "%.*s, %.*s", SFMT(val_str(parts[j].val)), SFMT(cell)));
            return;
        }
    parts[(*n)++] = (ValPair){val_text(part), val_text(cell)};
}

/* Each set of address parts with one label is one address. */
static void add_addresses(RowWork *rw, const Says *says, Val *items, size_t *n)
{
    Arena *mem = rw->w->tmp;
    bool *is_done = NEW_N(mem, bool, says->n);

    for (size_t i = 0; i < says->n; i++) {
        Str label = address_label(says->p[i].t);
        ValPair *parts = NEW_N(mem, ValPair, says->n), *item = NEW_N(mem, ValPair, 2);
        size_t n_parts = 0;
        if (is_done[i]) continue;
        for (size_t k = i; k < says->n; k++) {
            if (is_done[k] || !str_eq(address_label(says->p[k].t), label)) continue;
            is_done[k] = true;
            add_address_part(rw, &says->p[k], parts, &n_parts);
        }
        item[0] = pair("value", val_map(parts, n_parts));
        item[1] = pair("label", label.n ? val_text(label) : val_null());
        items[(*n)++] = val_map(item, 2);
    }
}

static Err *words_value(RowWork *rw, const Said *said, Val *items, size_t *n)
{
    Work *w = rw->w;
    const Field *f = said->t->field;
    bool is_choice = f->result == FIELD_MULTICHOICE;
    const Option *whole = is_choice ? option_of(w->tmp, f, said->cell) : NULL;
    Str parts[50];
    size_t n_parts = whole ? 1 : split_cell(said->cell, marks_of(f), parts, 50);

    for (size_t i = 0; i < n_parts && *n < CELLS_MAX; i++) {
        Str meant = whole ? said->cell : cell_meaning(w, said->t, parts[i]);
        const Option *option = whole ? whole : is_choice ? option_of(w->tmp, f, meant) : NULL;
        if (is_choice && !option) return bad_cell(w, said->t, "error.import.choice", parts[i]);
        items[(*n)++] = val_text(option ? option->key : meant);
    }
    return NULL;
}

/* People of a deal, accounts of a person: names with semicolons or commas between. */
static Err *links_value(RowWork *rw, const Said *said, Val *items, size_t *n)
{
    Work *w = rw->w;
    Str parts[50];
    Found whole;
    Id id;

    TRY(find_records(w, said->t->to, said->t->by, said->cell, &whole));
    size_t n_parts = whole.n ? 1 : split_cell(said->cell, ";\n", parts, 50);
    if (whole.n) parts[0] = said->cell;
    for (size_t i = 0; i < n_parts && *n < CELLS_MAX; i++) {
        Says one;
        one.n = 1;
        one.p[0] = (Said){said->t, parts[i]};
        TRY(find_target(rw, &one, &id));
        if (id) items[(*n)++] = val_text(id_text(w->tmp, id));
    }
    return NULL;
}

static Err *list_value(RowWork *rw, const FieldGroup *g, const Says *says, Val *out)
{
    Val items[CELLS_MAX + 1];
    size_t n = 0;

    if (g->field->result == FIELD_ADDRESSES)
        add_addresses(rw, says, items, &n);
    else
        for (size_t i = 0; i < says->n; i++) {
            if (g->field->result == FIELD_LINKS)
                TRY(links_value(rw, &says->p[i], items, &n));
            else if (g->field->result == FIELD_MULTICHOICE || g->field->result == FIELD_TAGS)
                TRY(words_value(rw, &says->p[i], items, &n));
            else
                TRY(add_items(rw, &says->p[i], items, &n));
        }
    *out = val_null();
    if (!n) return NULL;
    Val *kept = NEW_N(rw->w->tmp, Val, n);
    memcpy(kept, items, n * sizeof *kept);
    *out = val_list(kept, n);
    return NULL;
}

/* --- names, money, texts ------------------------------------------------------------------------------------------------- */

static Err *person_value(RowWork *rw, const Says *says, Val *out)
{
    ValPair *pairs = NEW_N(rw->w->tmp, ValPair, says->n + 1);
    size_t n = 0;

    for (size_t i = 0; i < says->n; i++) {
        Str part = says->p[i].t->part;
        if (!part.n && says->n > 1) continue; /* the parts say it better */
        if (!part.n) {
            *out = val_text(says->p[i].cell);
            return NULL;
        }
        bool is_twice = false;
        for (size_t k = 0; k < n; k++) is_twice = is_twice || str_eq(val_str(pairs[k].key), part);
        if (!is_twice) pairs[n++] = (ValPair){val_text(part), val_text(says->p[i].cell)};
    }
    *out = n ? val_map(pairs, n) : val_text(says->p[0].cell);
    return NULL;
}

static Err *money_value(RowWork *rw, const Says *says, Val *out)
{
    ValPair *pairs = NEW_N(rw->w->tmp, ValPair, 2);
    Str currency = {0};
    Val amount = val_null();

    for (size_t i = 0; i < says->n; i++) {
        if (str_eq(says->p[i].t->part, S("currency")))
            currency = says->p[i].cell;
        else
            TRY(read_cell(rw->w, says->p[i].t, says->p[i].cell, &amount));
    }
    *out = amount;
    if (!currency.n || val_is_null(amount)) return NULL;
    if (amount.kind == VAL_MAP) amount = pair_get(amount, "amount");
    Str code = currency_in(currency);
    pairs[0] = pair("amount", amount);
    pairs[1] = pair("currency", val_text(code.n ? code : currency));
    *out = val_map(pairs, 2);
    return NULL;
}

static Err *text_value(RowWork *rw, const FieldGroup *g, const Says *says, Val *out)
{
    bool is_long = g->field->result == FIELD_LONGTEXT;
    Buf b = buf_new(rw->w->tmp, 4u << 20);
    Val one;

    for (size_t i = 0; i < says->n; i++) {
        TRY(read_cell(rw->w, says->p[i].t, says->p[i].cell, &one));
        buf_addf(&b, "%s%.*s", b.n ? is_long ? "\n" : " " : "", SFMT(val_str(one)));
    }
    *out = val_text(buf_str(&b));
    return NULL;
}

static Err *group_value(RowWork *rw, const FieldGroup *g, const Says *says, Val *out)
{
    switch (g->field->result) {
    case FIELD_REFERENCE:
    case FIELD_USER:
    case FIELD_ANY_REFERENCE: return reference_value(rw, g, says, out);
    case FIELD_FILE: return photo_value(rw, says->p[0].t, says->p[0].cell, out);
    case FIELD_PERSON_NAME: return person_value(rw, says, out);
    case FIELD_MONEY: return money_value(rw, says, out);
    case FIELD_TEXT:
    case FIELD_LONGTEXT: return text_value(rw, g, says, out);
    case FIELD_EMAILS:
    case FIELD_PHONES:
    case FIELD_HANDLES:
    case FIELD_ADDRESSES:
    case FIELD_IDENTIFIER:
    case FIELD_LINKS:
    case FIELD_TAGS:
    case FIELD_MULTICHOICE: return list_value(rw, g, says, out);
    default: return read_cell(rw->w, says->p[0].t, says->p[0].cell, out);
    }
}

/* --- the record -------------------------------------------------------------------------------------------------------- */

/* As an export writes it: several with semicolons between. */
static Str standing_text(Arena *mem, const Field *f, Val v, Lang lang)
{
    Buf b = buf_new(mem, 1u << 20);

    if (v.kind != VAL_LIST || f->result == FIELD_JSON) return value_text(mem, f, v, lang);
    for (uint32_t i = 0; i < v.n; i++) {
        Str text = value_text(mem, f, val_list(&v.list[i], 1), lang);
        buf_addf(&b, "%s%.*s", i ? "; " : "", SFMT(text));
    }
    return buf_str(&b);
}

/* The cell says what already stands there. */
static bool says_standing(RowWork *rw, const FieldGroup *g, const Says *says)
{
    const Field *f = g->field;

    if (!rw->before || says->n != 1 || says->p[0].t->part.n || val_is_null(rw->before->vals[f->index]))
        return false;
    for (int lang = 0; lang < LANG_COUNT; lang++)
        if (str_eq(standing_text(rw->w->tmp, f, rw->before->vals[f->index], (Lang)lang), says->p[0].cell))
            return true;
    return false;
}

static bool is_list(const Field *f)
{
    return f->result == FIELD_EMAILS || f->result == FIELD_PHONES || f->result == FIELD_HANDLES ||
           f->result == FIELD_ADDRESSES || f->result == FIELD_IDENTIFIER || f->result == FIELD_TAGS ||
           f->result == FIELD_LINKS;
}

static bool is_same_item(Val a, Val b)
{
    const char *key = val_get(&a, S("value")) ? "value" : "id";

    if (a.kind != VAL_MAP || b.kind != VAL_MAP) return val_same(a, b);
    return val_same(pair_get(a, key), pair_get(b, key));
}

/* Items that stand there stay, new ones follow. */
static Val merged(Arena *mem, Val before, Val v)
{
    if (before.kind != VAL_LIST || v.kind != VAL_LIST) return v;
    Val *items = NEW_N(mem, Val, before.n + v.n);
    uint32_t n = before.n;

    for (uint32_t i = 0; i < before.n; i++) items[i] = before.list[i];
    for (uint32_t i = 0; i < v.n; i++) {
        bool is_there = false;
        for (uint32_t k = 0; k < before.n; k++)
            is_there = is_there || is_same_item(before.list[k], v.list[i]);
        if (!is_there) items[n++] = v.list[i];
    }
    return n == before.n ? before : val_list(items, n);
}

/* One item that has been through value_from_json, which was told of no other. */
static bool is_whole(const Field *f, Val v)
{
    return has_items(f) && v.kind == VAL_LIST && v.n == 1;
}

static Err *set_group(RowWork *rw, const FieldGroup *g, Val json)
{
    const Field *f = g->field;
    Val v = json;

    if (!is_whole(f, json)) TRY(value_from_json(rw->w->cx, f, json, &v));
    if (rw->before && is_list(f)) {
        v = merged(rw->w->tmp, rw->before->vals[f->index], v);
        if (f->result != FIELD_TAGS && f->result != FIELD_LINKS) /* one main item, whatever was added */
            TRY(value_from_json(rw->w->cx, f, v, &v));
    }
    rw->rec->vals[f->index] = v;
    rw->rec->is_set[f->index] = 1;
    return NULL;
}

static Err *id_value(RowWork *rw, const Says *says)
{
    if (!says->n) return NULL;
    if (!id_parse(says->p[0].cell, &rw->id))
        return bad_cell(rw->w, says->p[0].t, "error.import.id", says->p[0].cell);
    rw->rec->id = rw->id;
    return NULL;
}

static Err *set_from_row(RowWork *rw, const FieldGroup *g, bool with_defaults)
{
    const Field *f = g->field;
    Val json = val_null();
    Says says;

    says.n = 0;
    collect(rw, g, with_defaults, &says);
    if (!f) {
        for (size_t i = 0; i < says.n; i++) {
            if (says.p[i].t->consent != CONSENT_NONE)
                TRY(consent_said(rw, says.p[i].t, says.p[i].cell));
            else
                keep(rw, says.p[i].t->heading, says.p[i].cell);
        }
        return NULL;
    }
    if (f->is_system && f->index == SYS_ID) return id_value(rw, &says);
    if (says.n == 0) {
        if (!rw->w->plan->clears || !g->n || !rw->before) return NULL;
        rw->rec->vals[f->index] = val_null();
        rw->rec->is_set[f->index] = 1;
        return NULL;
    }
    if (says_standing(rw, g, &says)) return NULL;
    TRY(group_value(rw, g, &says, &json));
    return val_is_null(json) ? NULL : set_group(rw, g, json);
}

Err *row_group(RowWork *rw, const FieldGroup *g, bool with_defaults)
{
    Err *e = set_from_row(rw, g, with_defaults);

    if (!e || e->code != ERR_INVALID || !rw->w->plan->keeps_unread || !g->field || g->field->is_required)
        return e;
    for (size_t i = 0; i < g->n; i++) {
        const Target *t = g->targets[i];
        Str cell = (size_t)t->cell < rw->row->n ? str_trim(rw->row->cells[t->cell]) : (Str){0};
        if (cell.n) keep_unread(rw, t, cell);
    }
    return NULL;
}

Err *row_is_wanted(RowWork *rw)
{
    const ImportPlan *plan = rw->w->plan;

    for (size_t i = 0; i < plan->n_skips; i++) {
        const Skip *s = &plan->skips[i];
        Str cell = s->cell < rw->row->n ? str_trim(rw->row->cells[s->cell]) : (Str){0};
        for (uint32_t k = 0; cell.n && k < s->words->n; k++)
            if (s->words->list[k].kind == VAL_TEXT && same_word(rw->w->tmp, val_str(s->words->list[k]), cell))
                return err_arg(err_arg(err_new(rw->w->tmp, ERR_INVALID, "import.note.skipped",
                                               "%.*s: \"%.*s\", left out", SFMT(s->heading), SFMT(cell)),
                                       0, s->heading),
                               1, cell);
    }
    return NULL;
}

/* What no column takes, for the note. */
void row_rest(RowWork *rw)
{
    const ImportPlan *plan = rw->w->plan;

    for (size_t i = 0; plan->keeps_rest && i < plan->n_left; i++)
        for (size_t k = 0; k < plan->table->n_heads && k < rw->row->n; k++)
            if (str_eq(plan->table->heads[k], plan->left[i]) && str_trim(rw->row->cells[k]).n)
                keep(rw, plan->left[i], str_trim(rw->row->cells[k]));
}
