/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata as the browser and scripts see it: objects and fields the caller may read, in his language, with what he
   may do.  Sent with an ETag: it changes when the schema or his rights do. */
#include "api/state.h"

#include "core/match/features.h"
#include "core/option.h"
#include "core/rights.h"

typedef struct MetaOut {
    JsonWriter *w;
    const Ctx *cx;
    Lang lang;
    bool may_add; /* options to choices */
} MetaOut;

static void label(const MetaOut *o, const char *key, const Label *text)
{
    json_key(o->w, str_c(key));
    json_text_or_null(o->w, label_in(text, o->lang));
}

static void source(const MetaOut *o, const char *key, const Expr *expr)
{
    json_key(o->w, str_c(key));
    json_text_or_null(o->w, expr->source);
}

static void text(const MetaOut *o, const char *key, Str s)
{
    json_key(o->w, str_c(key));
    json_text_or_null(o->w, s);
}

static bool is_shown(const MetaOut *o, const Field *f)
{
    return f && rights_field(o->cx, f) != FIELD_HIDDEN;
}

static void names(const MetaOut *o, const char *key, Field *const *fields, size_t n)
{
    json_key(o->w, str_c(key));
    json_open_list(o->w);
    for (size_t i = 0; i < n; i++)
        if (is_shown(o, fields[i])) json_str(o->w, fields[i]->name);
    json_close_list(o->w);
}

/* --- fields ---------------------------------------------------------------------------------------------------------- */

static void write_options(const MetaOut *o, const Field *f)
{
    json_key_c(o->w, "options");
    if (!f->n_options) {
        json_null(o->w);
        return;
    }
    json_open_list(o->w);
    for (size_t i = 0; i < f->n_options; i++) {
        json_open_obj(o->w);
        json_pair_str(o->w, "value", f->options[i].key);
        label(o, "label", &f->options[i].label);
        text(o, "color", f->options[i].color);
        json_pair_bool(o->w, "closed", f->options[i].is_closed);
        json_pair_bool(o->w, "won", f->options[i].is_won);
        json_pair_bool(o->w, "hidden", f->options[i].is_hidden);
        json_close_obj(o->w);
    }
    json_close_list(o->w);
}

static void write_targets(const MetaOut *o, const Field *f)
{
    text(o, "target", f->target ? f->target->name : (Str){0});
    if (f->type == FIELD_ANY_REFERENCE) {
        json_key_c(o->w, "targets");
        json_open_list(o->w);
        for (size_t i = 0; i < f->n_targets; i++) json_str(o->w, f->targets[i]->name);
        json_close_list(o->w);
    }
    if (f->type == FIELD_LINKS && f->through) text(o, "through", f->through->name);
}

static bool may_write(const MetaOut *o, const Field *f)
{
    bool is_kept = f->is_computed || f->is_readonly || f->type == FIELD_AUTONUMBER ||
                   (f->is_system && f->index != SYS_OWNER && f->index != SYS_TEAM);

    return !is_kept && rights_field(o->cx, f) == FIELD_WRITE;
}

/* A default that is a plain literal is told, so that a form can begin with it. */
static void write_default(const MetaOut *o, const Field *f)
{
    const CelNode *tree = f->default_value.tree;

    json_key_c(o->w, "default");
    if (tree && tree->op == CEL_LITERAL)
        json_val(o->w, tree->lit);
    else
        json_null(o->w);
}

static void write_field(const MetaOut *o, const Field *f)
{
    json_open_obj(o->w);
    json_pair_str(o->w, "name", f->name);
    label(o, "label", &f->label);
    label(o, "help", &f->help);
    json_pair_str(o->w, "type", str_c(field_type_name(f->type)));
    text(o, "result", f->type == f->result ? (Str){0} : str_c(field_type_name(f->result)));
    json_pair_bool(o->w, "required", f->is_required);
    json_pair_bool(o->w, "readonly", f->is_readonly || f->type == FIELD_AUTONUMBER);
    json_pair_bool(o->w, "computed", f->is_computed);
    json_pair_bool(o->w, "system", f->is_system);
    json_pair_i64(o->w, "places", f->places);
    if (f->is_plain) json_pair_bool(o->w, "plain", true);
    write_options(o, f);
    if (f->n_options) json_pair_bool(o->w, "new_options", o->may_add && options_may_grow(f));
    write_targets(o, f);
    json_pair_bool(o->w, "write", may_write(o, f));
    source(o, "visible", &f->visible);
    source(o, "required_if", &f->required_if);
    json_pair_bool(o->w, "searchable", f->is_searchable);
    json_pair_bool(o->w, "sortable", f->is_sortable || f->is_system || f == f->object->label_field);
    json_pair_bool(o->w, "filterable", f->is_filterable);
    json_pair_bool(o->w, "groupable", f->is_groupable);
    json_pair_bool(o->w, "unique", f->is_unique);
    json_pair_bool(o->w, "masked", f->is_masked && !o->cx->actor->rights->may_see_masked);
    write_default(o, f);
    json_key_c(o->w, "max");
    if (f->max)
        json_i64(o->w, f->max);
    else
        json_null(o->w);
    json_close_obj(o->w);
}

/* --- objects --------------------------------------------------------------------------------------------------------- */

static void write_rights(const MetaOut *o, const Object *obj)
{
    const struct ObjectRights *rights = o->cx->actor->rights->objects[obj->number];

    json_key_c(o->w, "rights");
    json_open_obj(o->w);
    json_pair_bool(o->w, "create", rights_may(o->cx, obj, VERB_CREATE));
    json_pair_bool(o->w, "read", rights_may(o->cx, obj, VERB_READ));
    json_pair_bool(o->w, "update", rights_may(o->cx, obj, VERB_UPDATE));
    json_pair_bool(o->w, "delete", rights_may(o->cx, obj, VERB_DELETE));
    json_pair_bool(o->w, "mass", rights && rights->may_mass);
    json_pair_bool(o->w, "export", rights && rights->may_export);
    json_close_obj(o->w);
}

static void write_path(const MetaOut *o, const Object *obj)
{
    json_key_c(o->w, "path");
    if (!is_shown(o, obj->path)) {
        json_null(o->w);
        return;
    }
    json_open_obj(o->w);
    json_pair_str(o->w, "field", obj->path->name);
    json_pair_str(o->w, "kind", obj->path->type == FIELD_REFERENCE ? S("reference") : S("choice"));
    json_close_obj(o->w);
}

static void write_state(const MetaOut *o, const Object *obj)
{
    json_key_c(o->w, "state");
    if (!is_shown(o, obj->state)) {
        json_null(o->w);
        return;
    }
    json_open_obj(o->w);
    json_pair_str(o->w, "field", obj->state->name);
    json_key_c(o->w, "transitions");
    json_open_list(o->w);
    for (size_t i = 0; i < obj->n_transitions; i++) {
        const Transition *t = &obj->transitions[i];
        json_open_obj(o->w);
        json_pair_str(o->w, "name", t->name);
        json_key_c(o->w, "from");
        json_open_list(o->w);
        for (size_t k = 0; k < t->n_from; k++) json_str(o->w, t->from[k]);
        json_close_list(o->w);
        json_pair_str(o->w, "to", t->to);
        label(o, "label", &t->label);
        json_close_obj(o->w);
    }
    json_close_list(o->w);
    json_close_obj(o->w);
}

static void write_related(const MetaOut *o, const Object *obj)
{
    json_key_c(o->w, "related");
    json_open_list(o->w);
    for (size_t i = 0; i < obj->n_related; i++) {
        const Related *r = &obj->related[i];
        if (!r->object || !rights_may(o->cx, r->object, VERB_READ) || !is_shown(o, r->field)) continue;
        json_open_obj(o->w);
        json_pair_str(o->w, "object", r->object->name);
        json_pair_str(o->w, "field", r->field->name);
        label(o, "label", label_in(&r->label, o->lang).n ? &r->label : &r->object->label_plural);
        names(o, "columns", r->columns, r->n);
        json_close_obj(o->w);
    }
    json_close_list(o->w);
}

static void write_layout(const MetaOut *o, const Object *obj)
{
    json_key_c(o->w, "layout");
    json_open_obj(o->w);
    names(o, "highlights", obj->highlights, obj->n_highlights);
    json_key_c(o->w, "sections");
    json_open_list(o->w);
    for (size_t i = 0; i < obj->n_sections; i++) {
        json_open_obj(o->w);
        text(o, "name", obj->sections[i].name);
        json_pair_str(o->w, "label", label_in(&obj->sections[i].label, o->lang));
        source(o, "visible", &obj->sections[i].visible);
        names(o, "fields", obj->sections[i].fields, obj->sections[i].n);
        json_close_obj(o->w);
    }
    json_close_list(o->w);
    write_related(o, obj);
    json_close_obj(o->w);
}

static void write_board(const MetaOut *o, const Object *obj)
{
    json_key_c(o->w, "board");
    if (!is_shown(o, obj->board_by)) {
        json_null(o->w);
        return;
    }
    json_open_obj(o->w);
    json_pair_str(o->w, "by", obj->board_by->name);
    names(o, "card", obj->card, obj->n_card);
    text(o, "sum", is_shown(o, obj->board_sum) ? obj->board_sum->name : (Str){0});
    text(o, "weighted", is_shown(o, obj->board_weighted) ? obj->board_weighted->name : (Str){0});
    text(o, "mark", is_shown(o, obj->board_mark) ? obj->board_mark->name : (Str){0});
    json_close_obj(o->w);
}

static void write_views(const MetaOut *o, const Object *obj)
{
    json_key_c(o->w, "views");
    json_open_list(o->w);
    for (size_t i = 0; i < obj->n_views; i++) {
        const ViewDef *v = &obj->views[i];
        json_open_obj(o->w);
        json_pair_str(o->w, "key", v->key);
        label(o, "label", &v->label);
        source(o, "filter", &v->filter);
        text(o, "order_by", v->order_by);
        names(o, "columns", v->columns, v->n);
        json_close_obj(o->w);
    }
    json_close_list(o->w);
}

/* --- actions --------------------------------------------------------------------------------------------------------- */

static void write_params(const MetaOut *o, const Action *a)
{
    json_key_c(o->w, "params");
    json_open_list(o->w);
    for (size_t i = 0; i < a->n_params; i++) {
        const ActionParam *p = &a->params[i];
        const Field *f = action_field(o->cx, a, p);
        json_open_obj(o->w);
        json_pair_str(o->w, "name", str_c(p->name));
        json_pair_str(o->w, "label", str_c(p->label[o->lang] ? p->label[o->lang] : p->name));
        json_pair_str(o->w, "type", str_c(field_type_name(f->type)));
        write_targets(o, f);
        write_options(o, f);
        json_pair_bool(o->w, "required", p->is_required);
        json_pair_bool(o->w, "write", true);
        json_close_obj(o->w);
    }
    json_close_list(o->w);
}

static bool may_act(const MetaOut *o, const Object *obj, const Action *a)
{
    const Rights *rights = o->cx->actor->rights;
    Str full = str_fmt(o->cx->mem, "%s:%s", a->object, a->name);

    if (rights->is_administrator) return true;
    if (str_eq_c(S("update"), a->right)) return rights_may(o->cx, obj, VERB_UPDATE);
    if (str_eq_c(S("delete"), a->right)) return rights_may(o->cx, obj, VERB_DELETE);
    if (str_eq_c(S("read"), a->right)) return rights_may(o->cx, obj, VERB_READ);
    for (size_t i = 0; i < rights->n_actions; i++)
        if (str_eq(rights->actions[i], full)) return true;
    return false;
}

static void write_action(const MetaOut *o, const Action *a)
{
    json_open_obj(o->w);
    json_pair_str(o->w, "name", str_c(a->name));
    json_pair_str(o->w, "label", str_c(a->label[o->lang] ? a->label[o->lang] : a->name));
    text(o, "icon", str_c(a->icon));
    write_params(o, a);
    json_pair_bool(o->w, "danger", a->is_danger);
    text(o, "confirm", str_c(a->confirm[o->lang]));
    text(o, "visible", str_c(a->visible));
    json_close_obj(o->w);
}

static void write_actions(const MetaOut *o, const Object *obj)
{
    const Store *store = o->cx->store;

    json_key_c(o->w, "actions");
    json_open_list(o->w);
    for (size_t m = 0; m < store->n_modules; m++)
        for (size_t i = 0; i < store->modules[m]->n_actions; i++) {
            const Action *a = &store->modules[m]->actions[i];
            if (action_is_of(a, obj) && may_act(o, obj, a)) write_action(o, a);
        }
    json_close_list(o->w);
}

/* --- the whole ------------------------------------------------------------------------------------------------------- */

static void write_object(const MetaOut *o, const Object *obj)
{
    json_open_obj(o->w);
    json_pair_str(o->w, "name", obj->name);
    json_pair_str(o->w, "plural", obj->plural);
    label(o, "label", &obj->label);
    label(o, "label_plural", &obj->label_plural);
    label(o, "help", &obj->help);
    text(o, "icon", obj->icon);
    text(o, "color", obj->color);
    text(o, "group", obj->group);
    json_pair_bool(o->w, "nav", obj->in_nav);
    if (obj->nav_order) json_pair_i64(o->w, "nav_order", obj->nav_order);
    json_pair_bool(o->w, "link", obj->is_link);
    text(o, "label_field", is_shown(o, obj->label_field) ? obj->label_field->name : (Str){0});
    json_pair_bool(o->w, "timeline", obj->has_timeline);
    json_pair_bool(o->w, "owned", obj->has_owner);
    json_pair_bool(o->w, "duplicates", features_wanted(obj));
    text(o, "order_by", obj->order_by);
    write_rights(o, obj);
    json_key_c(o->w, "fields");
    json_open_list(o->w);
    for (size_t i = 0; i < obj->n_fields; i++)
        if (is_shown(o, &obj->fields[i])) write_field(o, &obj->fields[i]);
    json_close_list(o->w);
    write_path(o, obj);
    write_state(o, obj);
    write_layout(o, obj);
    names(o, "columns", obj->columns, obj->n_columns);
    write_board(o, obj);
    write_views(o, obj);
    write_actions(o, obj);
    json_close_obj(o->w);
}

static Err *run_meta(Req *rq, Ctx *cx)
{
    Str lang = rq_arg(rq, "lang");
    JsonWriter *w = reply_begin(rq, 200);
    MetaOut o = {.w = w, .cx = cx, .lang = lang.n ? lang_from(lang) : rq->lang};

    o.may_add = rights_may(cx, meta_object(cx->meta, S("choice_option")), VERB_CREATE);

    json_open_obj(w);
    json_pair_i64(w, "generation", cx->meta->generation);
    json_pair_str(w, "language", lang_code(o.lang));
    json_key_c(w, "company");
    json_open_obj(w);
    json_pair_str(w, "name", cx->store->company->name);
    json_pair_str(w, "currency", cx->store->company->currency);
    json_close_obj(w);
    json_key_c(w, "objects");
    json_open_list(w);
    for (size_t i = 0; i < cx->meta->n_objects; i++) {
        const Object *obj = cx->meta->objects[i];
        if (!obj->is_internal && rights_may(cx, obj, VERB_READ)) write_object(&o, obj);
    }
    json_close_list(w);
    json_close_obj(w);
    reply_if_none_match(rq, str_fmt(rq->mem, "%016llx", (unsigned long long)str_hash(buf_str(&rq->out))));
    return NULL;
}

const Route meta_routes[] = {
    {.method = "GET",
     .pattern = "/meta",
     .name = "getMeta",
     .right = RIGHT_USER,
     .params = "lang",
     .steps = {{WHERE_HERE, run_meta}}},
    {0},
};
