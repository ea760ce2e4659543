/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Looks up the names outside the fields: indexes, rules, path, state machine, page, columns, board and views. */

#include "meta/decl.h"
#include "meta/field.h"
#include "meta/index.h"
#include "meta/link.h"

static Field *maybe_field(Load *ld, const Object *obj, const Yaml *name)
{
    return name ? find_field(ld, obj, name) : NULL;
}

static void want(Load *ld, bool holds, const Yaml *at, const char *what)
{
    if (!holds) PROBLEM(ld, at, "error.meta.value", "\"%.*s\" %s", SFMT(at->text), what);
}

/* "-amount,name": every field known and sortable. */
static void check_order(Load *ld, const Object *obj, const Yaml *order)
{
    Str rest = order ? order->text : (Str){0};

    while (rest.p) {
        Yaml part = *order;
        Field *f = NULL;

        part.text = str_trim(str_cut(&rest, ','));
        if (str_starts(part.text, S("-"))) part.text = str_from(part.text, 1);
        f = find_field(ld, obj, &part);
        if (f) want(ld, f->is_sortable || f == obj->label_field, &part, "is not sortable");
    }
}

static void link_indexes(Load *ld, const ObjectDecl *d, Object *obj)
{
    const IndexDecl *plain = d->indexes.p, *unique = d->unique.p;
    size_t n = 0, most = d->indexes.n + d->unique.n + obj->n_fields;

    obj->indexes = NEW_N(ld->mem, Index, most);
    for (size_t i = 0; i < d->indexes.n; i++) {
        Index *ix = &obj->indexes[n++];

        ix->fields = find_fields(ld, obj, &plain[i].fields, &ix->n);
    }
    for (size_t i = 0; i < d->unique.n; i++) {
        Index *ix = &obj->indexes[n++];

        ix->name = unique[i].name ? unique[i].name->text : (Str){0};
        ix->is_unique = true;
        ix->fields = find_fields(ld, obj, &unique[i].fields, &ix->n);
        ix->filter.source = unique[i].filter ? unique[i].filter->text : (Str){0};
    }
    for (size_t i = 0; i < obj->n_fields; i++) {
        if (!obj->fields[i].is_unique) continue;
        Index *ix = &obj->indexes[n++];

        ix->name = obj->fields[i].name;
        ix->is_unique = true;
        ix->fields = NEW(ld->mem, Field *);
        ix->fields[ix->n++] = &obj->fields[i];
    }
    obj->n_indexes = n;
    for (size_t i = 0; i < n; i++) obj->indexes[i].db_name = index_db_name(ld->mem, obj, &obj->indexes[i]);
}

static void link_duplicates(Load *ld, const ObjectDecl *d, Object *obj)
{
    static const Str HOW[] = {[DUPLICATE_EXACT] = S_INIT("exact"),
                              [DUPLICATE_FOLD] = S_INIT("fold"),
                              [DUPLICATE_NAME] = S_INIT("name"),
                              [DUPLICATE_LOOKUP] = S_INIT("lookup")};
    const DuplicateDecl *list = d->duplicates.p;

    obj->duplicates = NEW_N(ld->mem, Duplicate, d->duplicates.n ? d->duplicates.n : 1);
    obj->n_duplicates = d->duplicates.n;
    for (size_t i = 0; i < d->duplicates.n; i++) {
        obj->duplicates[i].how = HOW[list[i].how];
        obj->duplicates[i].fields = find_fields(ld, obj, &list[i].fields, &obj->duplicates[i].n);
    }
}

static void link_rules(Load *ld, const ObjectDecl *d, Object *obj)
{
    const RuleDecl *list = d->rules.p;

    obj->rules = NEW_N(ld->mem, Rule, d->rules.n ? d->rules.n : 1);
    obj->n_rules = d->rules.n;
    for (size_t i = 0; i < d->rules.n; i++) {
        obj->rules[i].name = list[i].name ? list[i].name->text : (Str){0};
        obj->rules[i].message = list[i].message;
        obj->rules[i].field = maybe_field(ld, obj, list[i].field);
    }
}

static void want_option(Load *ld, const Field *f, const Yaml *key)
{
    VEC(Str) all = {0};

    if (field_option(f, key->text)) return;
    for (size_t i = 0; i < f->n_options; i++) *vec_push(ld->mem, &all) = f->options[i].key;
    Str hint = nearest_hint(ld->mem, key->text, all.p, all.n);

    PROBLEM(ld, key, "error.meta.reference", "\"%.*s\" has no option \"%.*s\"%.*s", SFMT(f->name),
            SFMT(key->text), SFMT(hint));
}

static void link_transition(Load *ld, const Object *obj, const TransitionDecl *d, Transition *out)
{
    out->to = d->to ? d->to->text : (Str){0};
    out->name = d->name ? d->name->text : out->to;
    out->label = d->label;
    out->from = NEW_N(ld->mem, Str, d->from.n ? d->from.n : 1);
    for (size_t i = 0; i < d->from.n; i++) {
        want_option(ld, obj->state, decl_name(&d->from, i));
        out->from[out->n_from++] = decl_name(&d->from, i)->text;
    }
    if (d->to) want_option(ld, obj->state, d->to);
}

static void link_state(Load *ld, const ObjectDecl *d, Object *obj)
{
    const TransitionDecl *list = NULL;

    if (!d->state || !d->state->field) return;
    obj->state = find_field(ld, obj, d->state->field);
    if (!obj->state) return;
    want(ld, obj->state->type == FIELD_CHOICE, d->state->field, "is no choice");
    list = d->state->transitions.p;
    obj->transitions = NEW_N(ld->mem, Transition, d->state->transitions.n + 1);
    obj->n_transitions = d->state->transitions.n;
    for (size_t i = 0; i < obj->n_transitions; i++) link_transition(ld, obj, &list[i], &obj->transitions[i]);
}

static void link_related(Load *ld, const Object *obj, const RelatedDecl *d, Related *out)
{
    out->object = d->object ? find_object(ld, d->object) : NULL;
    if (!out->object) return;
    out->object_name = out->object->name;
    out->field = maybe_field(ld, out->object, d->field);
    out->label = d->label.text[0].n ? d->label : out->object->label_plural;
    out->columns = find_fields(ld, out->object, &d->columns, &out->n);
    if (!out->field) return;
    out->field_name = out->field->name;
    want(ld, out->field->target == obj || out->field->type == FIELD_ANY_REFERENCE, d->field,
         "does not refer to this object");
}

static void link_layout(Load *ld, const ObjectDecl *d, Object *obj)
{
    const LayoutDecl *layout = d->layout;
    const SectionDecl *sections = layout ? layout->sections.p : NULL;
    const RelatedDecl *related = layout ? layout->related.p : NULL;

    if (!layout) return;
    obj->highlights = find_fields(ld, obj, &layout->highlights, &obj->n_highlights);
    obj->sections = NEW_N(ld->mem, Section, layout->sections.n + 1);
    obj->n_sections = layout->sections.n;
    for (size_t i = 0; i < obj->n_sections; i++) {
        obj->sections[i].name = sections[i].name ? sections[i].name->text : (Str){0};
        obj->sections[i].label = sections[i].label;
        obj->sections[i].fields = find_fields(ld, obj, &sections[i].fields, &obj->sections[i].n);
    }
    obj->related = NEW_N(ld->mem, Related, layout->related.n + 1);
    obj->n_related = layout->related.n;
    for (size_t i = 0; i < obj->n_related; i++) link_related(ld, obj, &related[i], &obj->related[i]);
}

static void link_board(Load *ld, const ObjectDecl *d, Object *obj)
{
    const BoardDecl *board = d->board;

    if (!board) return;
    obj->board_by = maybe_field(ld, obj, board->by);
    obj->board_sum = maybe_field(ld, obj, board->sum);
    obj->board_weighted = maybe_field(ld, obj, board->weighted);
    obj->board_mark = maybe_field(ld, obj, board->mark);
    obj->card = find_fields(ld, obj, &board->card, &obj->n_card);
    if (obj->board_by) {
        want(ld, obj->board_by->type == FIELD_CHOICE || obj->board_by->type == FIELD_REFERENCE, board->by,
             "is neither choice nor reference");
    }
    if (obj->board_mark)
        want(ld, obj->board_mark->result == FIELD_BOOLEAN, board->mark, "is neither true nor false");
    if (obj->board_weighted)
        want(ld, type_info(obj->board_weighted->result)->is_number, board->weighted, "is no number");
    if (obj->board_sum) want(ld, type_info(obj->board_sum->result)->is_number, board->sum, "is no number");
}

static void link_views(Load *ld, const ObjectDecl *d, Object *obj)
{
    const ViewDecl *list = d->views.p;

    obj->views = NEW_N(ld->mem, ViewDef, d->views.n ? d->views.n : 1);
    obj->n_views = d->views.n;
    for (size_t i = 0; i < d->views.n; i++) {
        ViewDef *view = &obj->views[i];

        view->key = list[i].key ? list[i].key->text : (Str){0};
        view->label = list[i].label;
        view->order_by = list[i].order_by ? list[i].order_by->text : obj->order_by;
        view->columns = find_fields(ld, obj, &list[i].columns, &view->n);
        if (!view->n) {
            view->columns = obj->columns;
            view->n = obj->n_columns;
        }
        check_order(ld, obj, list[i].order_by);
    }
}

static bool can_label(const Field *f)
{
    return f->result == FIELD_TEXT || f->result == FIELD_PERSON_NAME || f->result == FIELD_URL ||
           f->result == FIELD_CHOICE || f->result == FIELD_AUTONUMBER;
}

static void link_head(Load *ld, const ObjectDecl *d, Object *obj)
{
    obj->label_field = maybe_field(ld, obj, d->label_field);
    if (obj->label_field) {
        want(ld, can_label(obj->label_field), d->label_field, "cannot name a record: it must be text");
        obj->label_field->is_sortable = true;
    }
    obj->rate_date = maybe_field(ld, obj, d->rate_date);
    if (obj->rate_date) {
        want(ld, obj->rate_date->type == FIELD_DATE || obj->rate_date->type == FIELD_TIMESTAMP, d->rate_date,
             "is no date");
    }
    obj->parent = maybe_field(ld, obj, d->parent);
    if (obj->parent) want(ld, obj->parent->type == FIELD_REFERENCE, d->parent, "is no reference");
    obj->path = maybe_field(ld, obj, d->path);
    if (obj->path) {
        want(ld, obj->path->type == FIELD_CHOICE || obj->path->type == FIELD_REFERENCE, d->path,
             "is neither choice nor reference");
    }
    obj->columns = find_fields(ld, obj, &d->columns, &obj->n_columns);
}

/* No two fields may want one column: money `amount` has amount_currency. */
static void check_columns(Load *ld, const Object *obj)
{
    StrMap seen = {0};

    for (size_t i = 0; i < obj->n_fields; i++) {
        Column columns[FIELD_COLUMNS_MAX];
        size_t n = field_columns(&obj->fields[i], columns);

        for (size_t j = 0; j < n; j++) {
            const Field *other = strmap_get(&seen, columns[j].name);

            if (other) {
                load_problem(ld, yaml_problem_at(ld->mem, obj->fields[i].file, obj->fields[i].line,
                                                 "error.meta.duplicate",
                                                 "column \"%.*s\" already belongs to \"%.*s\"",
                                                 SFMT(columns[j].name), SFMT(other->name)));
            }
            strmap_put(ld->mem, &seen, columns[j].name, &obj->fields[i]);
        }
    }
}

void link_names(Load *ld)
{
    link_fields(ld);
    for (size_t i = 0; i < ld->decls.n; i++) link_head(ld, ld->decls.p[i], ld->decls.p[i]->obj);
    for (size_t i = 0; i < ld->decls.n; i++) {
        ObjectDecl *d = ld->decls.p[i];

        check_order(ld, d->obj, d->order_by);
        link_indexes(ld, d, d->obj);
        link_duplicates(ld, d, d->obj);
        link_rules(ld, d, d->obj);
        link_state(ld, d, d->obj);
        link_layout(ld, d, d->obj);
        link_board(ld, d, d->obj);
        link_views(ld, d, d->obj);
    }
}

void link_columns(Load *ld)
{
    for (size_t i = 0; i < ld->meta->n_objects; i++) check_columns(ld, ld->meta->objects[i]);
}
